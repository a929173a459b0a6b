//! Requests as the commands make them, with the deadlines shortened to round numbers.

use std::time::Duration;

use m26_pay::at::command::{Answer, Awaited, CommandLine, Deadline, Release, Request, WhileClosed};
use m26_pay::at::field::Shape;
use m26_pay::at::profile::Profile;

pub const FINAL: Duration = Duration::from_secs(10);
pub const RESULT: Duration = Duration::from_secs(30);
pub const FINAL_WITH_RESULT: Duration = Duration::from_secs(40);

const PREFIXES: &[&str] = &[
    "+ALIPAYOPEN",
    "+ALIPAYPINFO",
    "+ALIPAYDID",
    "+ALIPAYSIGN",
    "+ALIPAYREP",
    "+ALIPAYACT",
    "+QNTTP",
    "+QNTP",
];

/// The profile, but for every result the line is awaited.
pub fn no_ok_alone(profile: &Profile) -> Profile {
    Profile { ok_alone: &[], ..profile.clone() }
}

/// A command of which only the line is known.
pub fn bare(line: &str) -> Request {
    let profile = Profile { line_limit: usize::MAX, ..Profile::quectel() };
    Request::new(CommandLine::raw(line, &profile).unwrap())
        .final_within(Deadline { name: "final", after: FINAL })
}

pub fn at() -> Request {
    bare("AT")
}

pub fn ate(on: bool) -> Request {
    if on { bare("ATE1").switches_echo_on() } else { bare("ATE0").switches_echo_off() }
}

/// A command typed by hand: whatever comes is its answer.
pub fn raw(line: &str) -> Request {
    let acts = |name: &&str| line.split_once(name).is_some_and(|(_, rest)| !rest.starts_with('?'));
    let shape = |prefix| if prefix == "+ALIPAYREP" { Shape::Fields(1) } else { Shape::Any };
    let results = PREFIXES.iter().copied().filter(acts).map(|prefix| (prefix, shape(prefix)));
    bare(line).answer(Answer::Any).may_cause(results.collect())
}

pub fn csq() -> Request {
    bare("AT+CSQ").answer(Answer::Prefixed(&[("+CSQ", Shape::Fields(2))]))
}

pub fn creg() -> Request {
    bare("AT+CREG?").answer(Answer::Prefixed(&[("+CREG", Shape::ReadForm)]))
}

pub fn signal() -> Request {
    bare("AT+CREG?;+CGREG?;+CSQ").answer(Answer::Prefixed(&[
        ("+CREG", Shape::ReadForm),
        ("+CGREG", Shape::ReadForm),
        ("+CSQ", Shape::Fields(2)),
    ]))
}

pub fn ati() -> Request {
    bare("ATI").answer(Answer::Text)
}

fn alipay(line: &str) -> Request {
    bare(line).group("ALIPAY")
}

fn awaited(profile: &Profile, prefix: &'static str, shape: Shape, release: Release) -> Awaited {
    Awaited {
        alias: None,
        prefix,
        shape,
        ok_alone: profile.is_ok_alone(prefix),
        deadline: Deadline { name: "result", after: RESULT },
        release,
        made_at: None,
        begins: None,
        while_closed: WhileClosed::Same,
    }
}

/// Where the result comes before OK, OK may take as long as the result.
fn slow_where_result_comes_first(request: Request, profile: &Profile) -> Request {
    if profile.result_before_ok {
        request.final_within(Deadline { name: "result and final", after: FINAL_WITH_RESULT })
    } else {
        request
    }
}

pub fn cfg_set(line: &str) -> Request {
    alipay(line)
}

pub fn cfg_read() -> Request {
    alipay("AT+ALIPAYCFG?").answer(Answer::Block("+ALIPAYCFG"))
}

pub fn open(profile: &Profile) -> Request {
    let result = awaited(profile, "+ALIPAYOPEN", Shape::Any, Release::Any);
    alipay("AT+ALIPAYOPEN").result(result)
}

pub fn product_info(profile: &Profile) -> Request {
    let result = awaited(profile, "+ALIPAYPINFO", Shape::Any, Release::SameLine);
    alipay("AT+ALIPAYPINFO=1").result(result)
}

pub fn did(profile: &Profile) -> Request {
    let result = awaited(profile, "+ALIPAYDID", Shape::Any, Release::Any);
    slow_where_result_comes_first(alipay("AT+ALIPAYDID").result(result), profile)
}

pub fn sign(profile: &Profile, data: &str) -> Request {
    sign_line(profile, &format!("AT+ALIPAYSIGN=1,\"{data}\""))
}

pub fn sign_line(profile: &Profile, line: &str) -> Request {
    let result = awaited(profile, "+ALIPAYSIGN", Shape::Any, Release::SameLine);
    slow_where_result_comes_first(alipay(line).overlaps().result(result), profile)
}

/// A signature whose result says when it was made.
pub fn dated_sign(profile: &Profile, data: &str) -> Request {
    let result = awaited(profile, "+ALIPAYSIGN", Shape::Any, Release::SameLine);
    let result = Awaited { made_at: Some("\"time\""), ..result };
    alipay(&format!("AT+ALIPAYSIGN=1,\"{data}\"")).overlaps().result(result)
}

pub fn report(profile: &Profile, business_no: &str) -> Request {
    report_line(profile, &format!("AT+ALIPAYREP=\"{business_no}\",,1,2,0,3"))
}

pub fn report_line(profile: &Profile, line: &str) -> Request {
    let result = awaited(profile, "+ALIPAYREP", Shape::Fields(1), Release::SameLine);
    alipay(line).result(result)
}

pub fn report_read() -> Request {
    alipay("AT+ALIPAYREP?").answer(Answer::Prefixed(&[("+ALIPAYREP", Shape::Fields(2))]))
}

pub fn act(profile: &Profile, line: &str) -> Request {
    let result = awaited(profile, "+ALIPAYACT", Shape::Any, Release::Time);
    alipay(line).result(result)
}

pub fn shut() -> Request {
    alipay("AT+ALIPAYSHUT").ends_with("+ALIPAYSHUT OK")
}

pub fn ntp(line: &str, prefix: &'static str) -> Request {
    bare(line).result(Awaited {
        alias: None,
        prefix,
        shape: Shape::Any,
        ok_alone: false,
        deadline: Deadline { name: "result", after: Duration::from_secs(120) },
        release: Release::Any,
        made_at: None,
        begins: None,
        while_closed: WhileClosed::Same,
    })
}

pub fn power_down() -> Request {
    bare("AT+QPOWD=1").ends_with("NORMAL POWER DOWN")
}

/// The request that a transcript's line stands for.
pub fn for_line(profile: &Profile, line: &str) -> Request {
    let has = |prefix: &str| line.starts_with(prefix);
    match line {
        "ATE0" | "ATE1" => ate(line == "ATE1"),
        "ATI" => ati(),
        "AT+CSQ" => csq(),
        "AT+CREG?" => creg(),
        "AT+CREG?;+CGREG?;+CSQ" => signal(),
        "AT+CPIN?" => bare(line).answer(Answer::Prefixed(&[("+CPIN", Shape::Any)])),
        "AT+ALIPAYCFG?" => cfg_read(),
        "AT+ALIPAYOPEN" => open(profile),
        "AT+ALIPAYDID" => did(profile),
        "AT+ALIPAYREP?" => report_read(),
        "AT+ALIPAYSHUT" => shut(),
        "AT+QPOWD=1" => power_down(),
        _ if has("AT+ALIPAYPINFO=") => product_info(profile),
        _ if has("AT+ALIPAYSIGN=") => sign_line(profile, line),
        _ if has("AT+ALIPAYREP=") => report_line(profile, line),
        _ if has("AT+ALIPAYACT=") => act(profile, line),
        _ if has("AT+QNTTP=") => ntp(line, "+QNTTP"),
        _ => bare(line),
    }
}
