//! Lines that are said twice, where no echo tells the copy from an answer.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{PAYLOAD, SETTLE, Settings};
use support::bench::{Bench, profiles};
use support::requests::{self, RESULT};

const OK: &[u8] = b"\r\nOK\r\n";

/// A query is answered by a module that says each final result twice.
#[track_caller]
fn query(bench: &mut Bench, name: &str) {
    bench.exchange(&format!("AT{name}?\r"), format!("\r\n{name}: 1\r\n\r\nOK\r\n").as_bytes());
}

/// An engine with numbered fences, at a module that does not echo and says each final result twice.
/// The copy is read after the next line was written. The command that this took is number 0.
fn doubling() -> Bench {
    let mut bench = Bench::new(Settings { fence_number: Some(6), ..Settings::default() });
    bench.submit(requests::at());
    bench.exchange("ATS100000006?\r", b"\r\nERROR\r\n\r\nERROR\r\n");
    assert_eq!(bench.pass(ECHO).last().unwrap(), "late: ERROR");
    query(&mut bench, "+CMEE");
    // The second query shows it, and its own copy is waited for.
    bench.expect_transmit("AT+IFC?\r");
    bench.receive(OK);
    bench.receive(b"\r\n+IFC: 1\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(OK);
    bench.exchange("AT\r", OK);
    assert_eq!(bench.events(), ["stray: OK", "stray: OK", "#0: OK"]);
    bench
}

/// The fences behind a command: its own copy is told apart from what follows.
#[track_caller]
fn fences(bench: &mut Bench, number: u32) {
    bench.expect_transmit(&format!("ATS{}?\r", 100_000_000 + number));
    bench.receive(OK);
    bench.receive(b"\r\nERROR\r\n");
    assert_eq!(bench.pass(ECHO).last().unwrap(), "late: ERROR");
    bench.expect_transmit("AT+CMEE?\r");
    bench.receive(b"\r\nERROR\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_quiet();
}

#[test]
fn no_copy_of_a_final_result_answers_the_next_command() {
    let mut bench = doubling();
    for number in 1..4 {
        bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
        fences(&mut bench, 6 + number);
        bench.receive(OK);
        bench.events();
        bench.exchange("AT+ALIPAYCFG=1\r", b"\r\nERROR\r\n");
        bench.expect(&[&format!("#{number} refused: ERROR")]);
    }
}

/// A copy that does not come is not waited for longer than an echo, and three of them that do not
/// come in a row show that there are none any more.
#[test]
fn copies_that_end() {
    let mut bench = doubling();
    for number in 1..4 {
        bench.submit(requests::at());
        fences(&mut bench, 6 + number);
        bench.pass(ECHO);
        bench.exchange("AT\r", OK);
        assert_eq!(bench.events().last().unwrap(), &format!("#{number}: OK"));
    }
    for number in 4..6 {
        bench.submit(requests::at());
        bench.exchange("AT\r", OK);
        bench.expect(&[&format!("#{number}: OK")]);
    }
}

/// Every final result comes twice, and nothing echoes: each command is answered.
#[test]
fn no_command_waits_for_ever() {
    let mut bench = Bench::new(Settings::default());
    for number in 0..20 {
        bench.submit(requests::at());
        for _ in 0..100 {
            let line = bench.transmit();
            if line.is_empty() {
                break;
            }
            bench.write(line.len());
            let name = line.trim_start_matches("AT").split('?').next().unwrap().to_string();
            let answers = match line.as_str() {
                "AT\r" => String::new(),
                line => format!("\r\n{name}: 1\r\n").repeat(line.matches('?').count()),
            };
            bench.receive(format!("{answers}\r\nOK\r\n\r\nOK\r\n").as_bytes());
        }
        assert!(bench.events().contains(&format!("#{number}: OK")));
    }
}

/// A result that was said behind its OK and comes again before the OK of the next command is not
/// that one's, even if it was damaged the first time.
#[test]
fn a_copy_before_the_ok() {
    for first in ["0,1,\"1\"", "0,1,\"?\""] {
        let profile = Profile::quectel();
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        let said = format!("\r\nOK\r\n\r\n+ALIPAYSIGN: {first}\r\n");
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", said.as_bytes());
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange(
            "AT+ALIPAYSIGN=1,\"2\"\r",
            b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n",
        );
        let seen = bench.events();
        assert_eq!(seen.last().unwrap(), "#2: +ALIPAYSIGN: 0,1,\"2\" / OK");
    }
}

/// A signature that was missed: the same line may ask for it again. Both answers are signatures of
/// that line, whichever comes first, and no other line gets either of them.
#[test]
fn the_line_of_a_missed_signature_may_be_sent_again() {
    let profile = Profile::quectel();
    for again in [false, true] {
        let mut bench = Bench::ready(profile.clone());
        let line = "AT+ALIPAYSIGN=1,\"1\"\r";
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange(line, OK);
        assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
        bench.submit(requests::sign(&profile, "2"));
        bench.expect(&["#2 outstanding +ALIPAYSIGN, or the same line"]);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"a\"\r\n");
        bench.expect(&["#3: +ALIPAYSIGN: 0,1,\"a\" / OK"]);
        if again {
            // The first one, said again, does not count as the second.
            bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"a\"\r\n");
            bench.expect(&["stray: +ALIPAYSIGN: 0,1,\"a\""]);
        }
        bench.submit(requests::sign(&profile, "2"));
        bench.expect(&["#4 outstanding +ALIPAYSIGN, or the same line"]);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"b\"\r\n");
        bench.expect(&["late: +ALIPAYSIGN: 0,1,\"b\""]);
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"c\"\r\n");
        bench.expect(&["#5: +ALIPAYSIGN: 0,1,\"c\" / OK"]);
    }
}

/// If the second answer never comes, the next line waits until it is taken for lost.
#[test]
fn the_second_signature_that_does_not_come() {
    for profile in profiles() {
        let spec = Profile { result_before_ok: false, ..profile };
        let mut bench = Bench::ready(spec.clone());
        let line = "AT+ALIPAYSIGN=1,\"1\"\r";
        bench.submit(requests::sign(&spec, "1"));
        bench.exchange(line, OK);
        bench.pass(RESULT);
        bench.submit(requests::sign(&spec, "1"));
        bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYSIGN: 4\r\n");
        assert_eq!(bench.events().last().unwrap(), "#2: +ALIPAYSIGN: 4 / OK");
        bench.pass(SETTLE - Duration::from_nanos(1));
        bench.submit(requests::sign(&spec, "2"));
        bench.expect(&["#3 outstanding +ALIPAYSIGN, or the same line"]);
        bench.pass(Duration::from_nanos(1));
        bench.submit(requests::sign(&spec, "2"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
    }
}

/// How long an echo is waited for, and a copy.
const ECHO: Duration = Duration::from_millis(200);

/// A signature that is as long as a real one.
fn signed(signature: char) -> String {
    let data = format!("{{\"signature\":\"{}\"}}", signature.to_string().repeat(180));
    format!("+ALIPAYSIGN: 0,{},\"{data}\"", data.len())
}

/// Without an echo, a copy of the last signature that was damaged on its way is known all the same: the
/// next one differs from it in nearly all of its characters.
#[test]
fn a_damaged_copy_of_a_signature_is_nobodys() {
    type Damage = fn(String) -> String;
    let copies: [(&str, Damage); 3] = [
        ("stray", |line| line.replacen("aaaa", "aaba", 1)),
        ("malformed", |line| line.replacen("aaaa", "aaa", 1)),
        ("malformed", |line| line.replacen("\"signature", "signatre", 1).replacen("aa", "a", 1)),
    ];
    for (event, damaged) in copies {
        let profile = Profile::quectel();
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", OK);
        bench.receive(format!("\r\n{}\r\n", signed('a')).as_bytes());
        bench.expect(&[&format!("#1: {} / OK", signed('a'))]);
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", OK);
        let copy = damaged(signed('a'));
        bench.receive(format!("\r\n{copy}\r\n\r\n{}\r\n", signed('b')).as_bytes());
        bench.expect(&[&format!("{event}: {copy}"), &format!("#2: {} / OK", signed('b'))]);
    }
}

/// One of which nothing can be told may be the last one once more for some time. Then its own is still
/// due.
#[test]
fn a_damaged_signature_may_be_a_copy() {
    for (after, own_is_due) in [(Duration::from_secs(16), true), (Duration::from_secs(21), false)] {
        let profile = Profile::quectel();
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", OK);
        bench.receive(format!("\r\n{}\r\n", signed('a')).as_bytes());
        bench.expect(&[&format!("#1: {} / OK", signed('a'))]);
        bench.pass(after);
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", OK);
        let damaged = format!("+ALIPAYSIGN: 0,369,\"{}", "damaged".repeat(20));
        bench.receive(format!("\r\n{damaged}\r\n").as_bytes());
        let told = &bench.pass(PAYLOAD)[0];
        assert!(told.starts_with("#2 contradicted"), "{told}");
        assert_eq!(told.contains("may be the result of an earlier command"), own_is_due, "{told}");
        bench.submit(requests::sign(&profile, "3"));
        if own_is_due {
            bench.expect(&["#3 outstanding +ALIPAYSIGN"]);
        } else {
            bench.fence();
            bench.expect_transmit("AT+ALIPAYSIGN=1,\"3\"\r");
        }
    }
}

/// An `OK` behind a result that is said again does not end the command on the wire, where such an `OK`
/// was seen before and nothing echoes.
#[test]
fn an_ok_behind_a_copy_ends_nothing() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", OK);
    bench.receive(format!("\r\n{}\r\n\r\nOK\r\n", signed('a')).as_bytes());
    bench.expect(&[&format!("#1: {} / OK", signed('a')), "stray: OK"]);
    bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
    bench.fence();
    bench.expect_transmit("AT+ALIPAYCFG=1\r");
    bench.receive(format!("\r\n{}\r\n\r\nOK\r\n", signed('a')).as_bytes());
    bench.expect(&[&format!("stray: {}", signed('a')), "stray: OK"]);
    bench.receive(b"\r\nERROR\r\n");
    bench.expect(&["#2 refused: ERROR"]);
    // One that follows at once answers a line that was written behind the result.
    bench.submit(requests::sign(&profile, "3"));
    bench.exchange("AT+ALIPAYSIGN=1,\"3\"\r", OK);
    bench.receive(format!("\r\n{}\r\n", signed('b')).as_bytes());
    bench.submit(requests::at());
    bench.exchange("AT\r", OK);
    bench.expect(&[&format!("#3: {} / OK", signed('b')), "#4: OK"]);
}
