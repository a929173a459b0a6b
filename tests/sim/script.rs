//! Each line of the script language, and what is wrong with the others.

#![allow(clippy::unwrap_used, reason = "these are tests, the helpers too")]

use std::time::Duration;

use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::Modem;
use m26_pay::sim::script::{Script, ScriptStep, Scripted, WORDS, When};
use m26_pay::sim::{CardState, Chunk, NetworkState, Order};
use support::sim_line::{Line, ms, quiet, secs};

const CSQ: &str = "\r\n+CSQ: 11,0\r\n\r\nOK\r\n";
const OK: &str = "\r\nOK\r\n";

fn scripted(script: &str) -> Line<Scripted<Faulty<Modem>>> {
    let script = script.parse::<Script>().unwrap();
    Line::new(Scripted::new(Faulty::new(Modem::new(quiet()), 0), script))
}

fn parsed(line: &str) -> ScriptStep {
    let mut steps = line.parse::<Script>().unwrap().steps;
    assert_eq!(steps.len(), 1, "{line}");
    steps.remove(0)
}

#[test]
fn every_order_has_its_words() {
    let prefix = || "+ALIPAYREP".to_owned();
    let answer =
        |command: &str, text: &str| Order::Answer { command: command.into(), text: text.into() };
    let orders = [
        (r#"answer AT+QTEMP? "+QTEMP: 24""#, answer("AT+QTEMP?", "+QTEMP: 24")),
        (r#"answer "AT+X=1,\"a b\"" """#, answer("AT+X=1,\"a b\"", "")),
        ("calm", Order::Calm),
        ("corrupt 0.01", Order::Corrupt(0.01)),
        ("corrupt-input 1", Order::CorruptInput(1.0)),
        ("delay 0.5 200ms", Order::Delay { chance: 0.5, up_to: ms(200) }),
        ("drop 0", Order::Drop(0.0)),
        ("drop-input 0.2", Order::DropInput(0.2)),
        ("duplicate 0.3", Order::Duplicate(0.3)),
        ("hang-up for 3s", Order::HangUp(secs(3))),
        ("late-ok 2m", Order::LateFinal(secs(120))),
        ("late-result +ALIPAYREP 1.5s", Order::LateResult { prefix: prefix(), by: ms(1500) }),
        ("missing-ok", Order::MissingFinal),
        ("missing-result +ALIPAYREP", Order::MissingResult(prefix())),
        ("power-off", Order::PowerOff),
        ("power-on", Order::PowerOn),
        ("queue-free", Order::QueueFree),
        ("queue-full", Order::QueueFull),
        (r#"raw "\r\n\x00\xff\"\\é""#, Order::Raw(b"\r\n\0\xff\"\\\xc3\xa9".to_vec())),
        ("refuse 302", Order::Refuse(302)),
        ("registration home", Order::Registration(NetworkState::Home)),
        ("registration roaming", Order::Registration(NetworkState::Roaming)),
        ("registration searching", Order::Registration(NetworkState::Searching)),
        ("registration denied", Order::Registration(NetworkState::Denied)),
        ("registration lost", Order::Registration(NetworkState::Lost)),
        ("registration unknown", Order::Registration(NetworkState::Unknown)),
        ("reset", Order::Reset),
        ("result +ALIPAYREP -1", Order::Result { prefix: prefix(), code: -1 }),
        ("signal 99", Order::Signal(99)),
        ("silent for 10s", Order::Silent(secs(10))),
        ("sim missing", Order::Sim(CardState::Missing)),
        ("sim pin", Order::Sim(CardState::Pin)),
        ("sim puk", Order::Sim(CardState::Puk)),
        ("sim ready", Order::Sim(CardState::Ready)),
        ("split 0.5", Order::Split(0.5)),
        (r#"urc "+CREG: 0""#, Order::Urc("+CREG: 0".into())),
        (r#"urcs 0.1 "Call Ready""#, Order::Urcs { chance: 0.1, text: "Call Ready".into() }),
    ];
    for (line, order) in orders {
        let at = |time| ScriptStep { when: When::At(time), order: order.clone() };
        assert_eq!(parsed(line), at(Duration::ZERO), "{line}");
        assert_eq!(parsed(&format!(" at  5s {line} # why")), at(secs(5)), "{line}");
        let word = line.split(' ').next().unwrap();
        let named = WORDS.split(|char: char| !char.is_ascii_alphabetic() && char != '-');
        assert!(named.into_iter().any(|named| named == word), "{word} is not in the help");
    }
}

#[test]
fn every_moment_has_its_words() {
    let on = |number, after| When::On { command: "AT+ALIPAYSIGN".into(), number, after };
    assert_eq!(parsed("every 1m reset").when, When::Every(secs(60)));
    assert_eq!(parsed("on AT+ALIPAYSIGN reset").when, on(None, Duration::ZERO));
    assert_eq!(parsed("on 2 AT+ALIPAYSIGN reset").when, on(Some(2), Duration::ZERO));
    assert_eq!(parsed("on \"AT+ALIPAYSIGN\" after 50ms reset").when, on(None, ms(50)));
    let late = Order::LateResult { prefix: "+ALIPAYSIGN".into(), by: secs(20) };
    assert_eq!(parsed("on at+alipaysign= late-result 20s").order, late);
    assert_eq!(parsed("on AT late-result +ALIPAYSIGN 20s").order, late);
    let missing = Order::MissingResult("+CREG".into());
    assert_eq!(parsed("on AT+CREG? missing-result").order, missing);
    let result = Order::Result { prefix: "+ALIPAYREP".into(), code: 6 };
    assert_eq!(parsed("on AT+ALIPAYREP result 6").order, result);
    assert_eq!("\n  # nothing\n\n".parse(), Ok(Script::default()));
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    let errors = [
        (
            "reset\nresett",
            "line 2: expected an order such as reset, urc or late-result, found `resett`",
        ),
        ("at 5 reset", "line 1: expected a time such as 20s, 1.5s, 300ms or 2m, found `5`"),
        ("at -5s reset", "line 1: expected a time such as 20s, 1.5s, 300ms or 2m, found `-5s`"),
        ("at 1e9s reset", "line 1: expected a time such as 20s, 1.5s, 300ms or 2m, found `1e9s`"),
        ("every 0s reset", "line 1: expected a time above zero, found `0s`"),
        (
            "at 5s",
            "line 1: expected an order such as reset, urc or late-result at the end of the line",
        ),
        ("reset now", "line 1: expected the end of the line, found `now`"),
        ("corrupt 1.5", "line 1: expected a chance from 0 to 1, found `1.5`"),
        ("hang-up 3s", "line 1: expected for, found `3s`"),
        ("signal 32", "line 1: expected a signal strength, 0 to 31 or 99, found `32`"),
        ("sim gone", "line 1: expected ready, missing, pin or puk, found `gone`"),
        (
            "registration 1",
            "line 1: expected home, roaming, searching, denied, lost or unknown, found `1`",
        ),
        ("urc \"open", "line 1: a quote is not closed"),
        (
            r#"urc "\q""#,
            r#"line 1: unknown escape `\q` in quotes; there are \r, \n, \", \\ and \x41"#,
        ),
        (
            r#"raw "\xg1""#,
            r#"line 1: unknown escape `\x` in quotes; there are \r, \n, \", \\ and \x41"#,
        ),
        (
            "late-result 20s",
            "line 1: expected a time such as 20s, 1.5s, 300ms or 2m at the end of the line",
        ),
        ("on", "line 1: expected a command at the end of the line"),
        ("answer CSQ x", "line 1: expected one command such as AT+QTEMP?, found `CSQ`"),
        ("answer AT+A;+B x", "line 1: expected one command such as AT+QTEMP?, found `AT+A;+B`"),
        ("answer AT+A", "line 1: expected text at the end of the line"),
        ("refuse much", "line 1: expected a CME error's number, found `much`"),
    ];
    for (script, message) in errors {
        assert_eq!(script.parse::<Script>().unwrap_err().to_string(), message, "{script}");
    }
}

#[test]
fn orders_at_their_time() {
    let mut line = scripted("at 1s urc \"one\"\nevery 3s urc \"three\"\nat 10s calm");
    line.run(secs(7));
    let times: Vec<_> = line.log.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [secs(1), secs(3), secs(6)]);
    assert_eq!(line.take(), "\r\none\r\n\r\nthree\r\n\r\nthree\r\n");
}

#[test]
fn orders_on_a_command() {
    let mut line = scripted("on 2 AT+CSQ missing-ok\non AT+CGMI late-result Quectel 2s");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
    assert_eq!(line.ask("at+csq"), "\r\n+CSQ: 11,0\r\n");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
    for _ in 0..2 {
        line.send("AT+CGMI\r");
        assert_eq!(line.hear(secs(1)), OK);
        assert_eq!(line.hear(secs(2)), "\r\nQuectel\r\n");
    }
}

#[test]
fn a_command_in_pieces_is_still_one() {
    let mut line = scripted("on AT+CSQ refuse 302");
    for byte in "AT+CSQ\r".bytes() {
        line.send([byte]);
        line.run(ms(1));
    }
    assert_eq!(line.hear(secs(1)), "\r\n+CME ERROR: 302\r\n");
    line.send("AT\rAT+CSQ\rAT\r");
    // The refusal is given when the command is there, and the module is still at the first one.
    assert_eq!(line.hear(secs(1)), format!("{OK}\r\n+CME ERROR: 302\r\n{OK}"));
}

#[test]
fn what_decides_a_command_comes_before_it_and_what_strikes_after_it() {
    let mut line =
        scripted("on AT+ALIPAYOPEN result -1\non AT+CSQ reset\non AT+CGMI hang-up for 2s");
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: -1\r\n");
    line.send("AT+CSQ\r");
    assert_eq!(line.hear(secs(2)).lines().nth(1), Some("RDY"));
    line.hear(secs(5));
    line.send("AT+CGMI\r");
    assert_eq!(line.hear(secs(3)), "");
    assert!(line.log.iter().any(|(_, chunk)| *chunk == Chunk::Restore));
}

#[test]
fn a_reset_some_time_after_a_command() {
    let mut line = scripted("on AT+ALIPAYSIGN after 100ms reset");
    line.ask("AT+ALIPAYOPEN");
    line.send("AT+ALIPAYSIGN=1,\"1\"\r");
    assert_eq!(line.hear(ms(500)), OK);
    assert!(line.hear(secs(10)).starts_with("\r\nRDY\r\n"));
}

#[test]
fn a_script_teaches_verbs() {
    let mut line = scripted(
        "answer AT+QTEMP? \"+QTEMP: 24\"\n\
         answer at+qtemp=? \"+QTEMP: (0-85)\"\n\
         answer AT+QTEMP \"one\\ntwo\"\n\
         answer AT+QTEMP=1 \"\"\n\
         answer AT+QTEMP=2 \"+CME ERROR: 4\"\n\
         answer AT+QTEMP=3 ERROR\n\
         answer AT+QTEMP=4 \"+CMS ERROR: 302\"\n\
         answer AT+CSQ \"+CSQ: 31,0\"\n\
         at 1m answer AT+CSQ \"+CSQ: 5,0\"",
    );
    for (command, answer) in [
        ("AT+QTEMP?", "\r\n+QTEMP: 24\r\n\r\nOK\r\n"),
        ("AT+QTEMP=?", "\r\n+QTEMP: (0-85)\r\n\r\nOK\r\n"),
        ("AT+QTEMP", "\r\none\r\ntwo\r\n\r\nOK\r\n"),
        ("AT+QTEMP=5,\"x\"", "\r\none\r\ntwo\r\n\r\nOK\r\n"),
        ("AT+QTEMP=1", OK),
        ("AT+QTEMP=2", "\r\n+CME ERROR: 4\r\n"),
        ("AT+QTEMP=3", "\r\nERROR\r\n"),
        ("AT+QTEMP=4", "\r\n+CMS ERROR: 302\r\n"),
        // It goes before what the module knows, but for the form it is for alone.
        ("AT+CSQ;+QTEMP?", "\r\n+CSQ: 31,0\r\n\r\n+QTEMP: 24\r\n\r\nOK\r\n"),
        ("AT+CSQ=?", "\r\n+CSQ: (0-31,99),(0-7,99)\r\n\r\nOK\r\n"),
    ] {
        assert_eq!(line.ask(command), answer, "{command}");
    }
    line.run(secs(60));
    assert_eq!(line.ask("AT+CSQ"), "\r\n+CSQ: 5,0\r\n\r\nOK\r\n");
}
