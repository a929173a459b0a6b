//! The module's echo as the tag that AT lacks: what comes before the echo of a line is no answer to
//! it, and an echo that differs from the line shows that the module heard something else.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{FENCE, SETTLE, Settings, TURN};
use support::bench::{Bench, profiles};
use support::requests::{self, FINAL, RESULT};

/// A module that was told to echo, and does.
fn echoing(profile: Profile) -> Bench {
    let mut bench =
        Bench::ready_with(Settings { fence_number: Some(6), ..Settings::new(profile.clone()) });
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"ATE1\r\r\nOK\r\n");
    bench.expect(&["#1: OK"]);
    bench
}

/// The line is due, is written, and the module echoes it and says this.
#[track_caller]
fn exchange(bench: &mut Bench, line: &str, answer: &str) {
    bench.exchange(line, format!("{line}{answer}").as_bytes());
}

/// The fences that follow a past that is open.
#[track_caller]
fn fences(bench: &mut Bench, number: u32) {
    exchange(bench, &format!("ATS{}?\r", 100_000_000 + number), "\r\nERROR\r\n");
    exchange(bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
}

#[test]
fn what_comes_before_the_echo_is_no_answer() {
    for profile in profiles() {
        let mut bench = echoing(profile.clone());
        bench.submit(requests::csq());
        bench.expect_transmit("AT+CSQ\r");
        bench.receive(b"\r\n+CSQ: 1,0\r\n\r\nOK\r\n\r\nERROR\r\n");
        bench.expect(&["urc: +CSQ: 1,0", "stray: OK", "stray: ERROR"]);
        bench.receive(b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        bench.expect(&["#2: +CSQ: 30,0 / OK"]);
        // A result that was said before the line was heard, and a line that ends a command.
        bench.submit(requests::sign(&profile, "2"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,3,\"old\"\r\n");
        bench.expect(&["stray: +ALIPAYSIGN: 0,3,\"old\""]);
        bench.receive(b"AT+ALIPAYSIGN=1,\"2\"\r\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n\r\nOK\r\n");
        bench.expect(&["#3: +ALIPAYSIGN: 0,3,\"new\" / OK"]);
        bench.submit(requests::shut());
        bench.expect_transmit("AT+ALIPAYSHUT\r");
        bench.receive(b"\r\n+ALIPAYSHUT OK\r\n");
        bench.expect(&["urc: +ALIPAYSHUT OK"]);
    }
}

/// `OK` on both sides of a result, and finals said twice: the second one is nobody's, and no fence is
/// needed.
#[test]
fn finals_said_twice() {
    let profile = Profile::quectel();
    let mut bench = echoing(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
    let signed = "\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n";
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", &format!("\r\nOK\r\n{signed}"));
    bench.expect_transmit("AT+ALIPAYCFG=1\r");
    bench.receive(b"\r\nOK\r\n");
    bench.receive(b"AT+ALIPAYCFG=1\r\r\nERROR\r\n\r\nERROR\r\n");
    bench.expect(&[
        "#2: +ALIPAYSIGN: 0,1,\"1\" / OK",
        "stray: OK",
        "#3 refused: ERROR",
        "stray: ERROR",
    ]);
    // After a command that timed out too, each of them twice.
    bench.submit(requests::at());
    bench.expect_transmit("AT\r");
    assert_eq!(bench.pass(FINAL), ["#4 timed-out (unknown) final"]);
    bench.submit(requests::at());
    exchange(&mut bench, "ATS100000007?\r", "\r\nERROR\r\n\r\nERROR\r\n");
    exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n\r\nOK\r\n");
    exchange(&mut bench, "AT\r", "\r\nERROR\r\n\r\nERROR\r\n");
    assert!(bench.events().contains(&"#5 refused: ERROR".to_string()));
}

/// A byte that was lost or changed on the way to the module, and one on the way back: which of the
/// two, is not known.
#[test]
fn an_echo_that_is_not_the_line() {
    let profile = Profile::quectel();
    let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
    for heard in [
        "AT+ALIPAYREP=\"1\",,,2,0,3\r",
        "AT+ALIPAYREP=\"1\",,1,2,0,\r",
        "T+ALIPAYREP=\"1\",,1,2,0,3\r",
        "AT+ALIPAYREP=\"1\",,1,2,0,33\r",
        "AT+ALIPAYREP=\"1\",,9,2,0,3\r",
        "+ALIPAYREP=\"1\",,1,2,0,3\r",
        "AT+ALIP\rYREP=\"1\",,1,2,0,3\r",
        "AT+ALIPAYREP=\"1\",,1,2,0,3\u{7f}\r",
    ] {
        let mut bench = echoing(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.expect_transmit(line);
        bench.receive(heard.as_bytes());
        bench.receive(b"\r\nOK\r\n");
        let seen = bench.events();
        let ended = seen.iter().find(|event| event.starts_with('#')).unwrap();
        assert!(ended.starts_with("#2 contradicted: the module heard another line"), "{seen:?}");
        assert!(!ended.contains("ALIPAYREP"), "nothing of it shows: {ended}");
        // Its result is still due, and may be that of another record.
        bench.submit(requests::report(&profile, "2"));
        bench.expect(&["#3 outstanding +ALIPAYREP"]);
        bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["late: +ALIPAYREP: 0"]);
        bench.submit(requests::report(&profile, "1"));
        exchange(&mut bench, line, "\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["#4: +ALIPAYREP: 0 / OK"]);
        // Refused, it has no result, unless the module heard two commands.
        bench.submit(requests::report(&profile, "3"));
        bench.expect_transmit("AT+ALIPAYREP=\"3\",,1,2,0,3\r");
        bench.receive(b"AT+ALIPAYREP=\"3,,1,2,0,3\r\r\nERROR\r\n");
        bench.submit(requests::report(&profile, "4"));
        bench.expect_transmit("AT+ALIPAYREP=\"4\",,1,2,0,3\r");
    }
}

/// A changed byte made two commands of one, of which the second was refused: the first may have been
/// carried out.
#[test]
fn a_line_that_was_heard_as_two_commands() {
    let profile = Profile::quectel();
    let mut bench = echoing(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
    bench.receive(b"AT+ALIPAYREP=\"1\",;1,2,0,3\r\r\nERROR\r\n");
    bench.events();
    bench.submit(requests::report(&profile, "2"));
    bench.expect(&["#3 outstanding +ALIPAYREP"]);
}

/// Sending a line again does not free the slot of a misheard one: its outstanding result belongs to
/// another command.
#[test]
fn the_line_again_after_it_was_misheard() {
    let profile = Profile::quectel();
    let mut bench = echoing(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
    bench.receive(b"AT+ALIPAYREP=\"1\",,2,0,3\r\r\nOK\r\n");
    bench.events();
    bench.submit(requests::report(&profile, "1"));
    bench.expect(&["#3 outstanding +ALIPAYREP"]);
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["late: +ALIPAYREP: 0"]);
    bench.submit(requests::report(&profile, "1"));
    exchange(&mut bench, "AT+ALIPAYREP=\"1\",,1,2,0,3\r", "\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n");
    bench.expect(&["#4: +ALIPAYREP: 6 / OK"]);
}

/// A line whose end was lost is heard with the fence behind it. Echoes are looked at again then.
#[test]
fn a_line_whose_end_was_lost() {
    let mut bench = echoing(Profile::quectel());
    bench.submit(requests::csq());
    bench.exchange("AT+CSQ\r", b"AT+CSQ");
    bench.pass(FINAL);
    bench.submit(requests::csq());
    bench.exchange("ATS100000007?\r", b"ATS100000007?\r\r\nERROR\r\n");
    // It answered both as one line, which says nothing of what was before.
    fences(&mut bench, 8);
    bench.exchange("AT+CSQ\r", b"AT+CS\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    let seen = bench.events();
    assert!(seen.last().unwrap().starts_with("#3 contradicted"), "{seen:?}");
}

/// The module took a signature's line only with the fence behind it, and says that it begins: its result
/// is due from then on, whatever proves that those from before are not.
#[test]
fn a_signature_whose_line_end_was_lost() {
    let profile = Profile::quectel();
    for (answer, is_due) in [("OK", true), ("ERROR", false)] {
        let mut bench = echoing(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"AT+ALIPAYSIGN=1,\"1\"");
        assert_eq!(bench.pass(FINAL), ["#2 timed-out (unknown) final"]);
        bench.submit(requests::at().frees(&["+ALIPAYSIGN"]));
        exchange(&mut bench, "ATS100000007?\r", &format!("\r\n{answer}\r\n"));
        fences(&mut bench, 8);
        exchange(&mut bench, "AT\r", "\r\nOK\r\n");
        assert_eq!(bench.events().last().unwrap(), "#3: OK");
        bench.submit(requests::sign(&profile, "2"));
        if is_due {
            bench.expect(&["#4 outstanding +ALIPAYSIGN, or the same line"]);
            bench.receive(b"\r\n+ALIPAYSIGN: 1\r\n");
            bench.expect(&["late: +ALIPAYSIGN: 1"]);
            bench.submit(requests::sign(&profile, "2"));
        }
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
    }
}

/// What the module heard is compared with what was sent also where nobody has switched echo on, and
/// where it is believed to be gone.
#[test]
fn a_line_that_was_misheard_where_echo_is_not_confirmed() {
    let profile = Profile::quectel();
    for is_lost in [false, true] {
        let mut bench = Bench::ready(profile.clone());
        if is_lost {
            bench.submit(requests::ate(true));
            bench.exchange("ATE1\r", b"\r\nOK\r\n");
            bench.submit(requests::at());
            bench.exchange("AT\r", b"\r\nOK\r\n");
            bench.events();
        }
        bench.submit(requests::report(&profile, "1"));
        bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
        bench.receive(b"AT+ALIPAYREP=\"1\",,2,0,3\r\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
        let seen = bench.events();
        assert!(seen[0].contains("contradicted: the module heard another line"), "{seen:?}");
        assert_eq!(seen[1], "late: +ALIPAYREP: 0");
    }
}

/// A signature that is said again after others is still not the next one's.
#[test]
fn a_signature_said_again_later() {
    let profile = Profile::quectel();
    let mut bench = echoing(profile.clone());
    for number in 1..9 {
        let line = format!("AT+ALIPAYSIGN=1,\"{number}\"\r");
        bench.submit(requests::sign(&profile, &number.to_string()));
        let own = format!("\r\n+ALIPAYSIGN: 0,1,\"{number}\"\r\n");
        let first = "\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n".repeat(usize::from(number > 1));
        exchange(&mut bench, &line, &format!("\r\nOK\r\n{first}{own}"));
        let seen = bench.events();
        assert_eq!(seen.last().unwrap(), &format!("#{}: {} / OK", number + 1, own.trim()));
    }
}

/// A result that comes before the OK of a line that was misheard is nobody's.
#[test]
fn a_result_of_a_line_that_was_misheard() {
    for profile in profiles() {
        let mut bench = echoing(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.receive(b"AT+ALIPAYSIGN=1,\"2\"\r\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n\r\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with("#2 contradicted"), "{seen:?}");
        bench.submit(requests::sign(&profile, "3"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"3\"\r");
    }
}

/// An echo that was lost whole costs its command, and no other; then an echo is not counted on.
#[test]
fn an_echo_that_stops() {
    let mut bench = echoing(Profile::quectel());
    bench.submit(requests::csq());
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    let seen = bench.pass(FINAL);
    assert_eq!(seen.last().unwrap(), "#2 timed-out (unknown) final");
    bench.submit(requests::csq());
    bench.exchange("ATS100000007?\r", b"\r\nERROR\r\n");
    bench.pass(Duration::from_secs(2));
    bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    assert_eq!(bench.events().last().unwrap(), "#3: +CSQ: 30,0 / OK");
}

/// Where an adapter echoes as well, the module's own echo is the second one: an answer before it is no
/// answer, and where it is not the line, the module heard another.
#[test]
fn an_adapter_that_echoes_too() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"ATE1\rATE1\r\r\nOK\r\n");
    bench.expect(&["#1: OK"]);
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.receive(b"AT+CSQ\r\r\n+CSQ: 1,0\r\n\r\nOK\r\n");
    bench.expect(&["urc: +CSQ: 1,0", "stray: OK"]);
    bench.receive(b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.expect(&["#2: +CSQ: 30,0 / OK"]);
    for (number, echo) in [(3, "AT+CSQ\rAT+SQ\r"), (4, "A+CSQ\rAT+CSQ\r")] {
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", format!("{echo}\r\n+CSQ: 30,0\r\n\r\nOK\r\n").as_bytes());
        let seen = bench.events();
        assert!(seen[0].starts_with(&format!("#{number} contradicted")), "{seen:?}");
    }
    // One that begins to, later.
    let mut bench = echoing(Profile::quectel());
    for number in 2..5 {
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"AT+CSQ\rAT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        bench.expect(&[&format!("#{number}: +CSQ: 30,0 / OK")]);
    }
    // And one that ends to: that costs a command, and then echoes are not counted any more.
    bench.submit(requests::csq());
    bench.exchange("AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    assert_eq!(bench.pass(FINAL).last().unwrap(), "#5 timed-out (unknown) final");
    bench.submit(requests::csq());
    bench.exchange("ATS100000007?\r", b"ATS100000007?\r\r\nERROR\r\n");
    bench.pass(FENCE);
    exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    exchange(&mut bench, "AT+CSQ\r", "\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    assert_eq!(bench.events().last().unwrap(), "#6: +CSQ: 30,0 / OK");
}

/// A module that agrees to echo and does not is answered without.
#[test]
fn a_module_that_does_not_echo() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"\r\nOK\r\n");
    for number in 2..4 {
        bench.submit(requests::at());
        bench.exchange("AT\r", b"\r\nOK\r\n");
        let _ = number;
    }
    bench.expect(&["#1: OK", "#2: OK", "#3: OK"]);
}

/// The line that switches echo on is misheard: it is asked for again, or no other would be looked at.
#[test]
fn the_echo_of_the_line_that_switches_it_on() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"ATE0\r\r\nOK\r\n");
    let seen = bench.events();
    assert!(seen.len() == 1 && seen[0].starts_with("#1 contradicted"), "{seen:?}");
}

/// A module that was saved without echo echoes from the next line on.
#[test]
fn a_module_that_did_not_echo() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"\r\nOK\r\n");
    bench.submit(requests::at());
    bench.exchange("AT\r", b"AT\r\r\nOK\r\n");
    bench.expect(&["#1: OK", "#2: OK"]);
    bench.submit(requests::at());
    bench.expect_transmit("AT\r");
    bench.receive(b"\r\nERROR\r\nAT\r\r\nOK\r\n");
    bench.expect(&["stray: ERROR", "#3: OK"]);
}

/// A module that hangs, and whose echo does not wait for its answers: neither the echo of the
/// number nor the answer to the query alone is enough.
#[test]
fn a_late_answer_behind_an_early_echo() {
    let mut bench = echoing(Profile::quectel());
    bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
    bench.exchange("AT+ALIPAYCFG=1\r", b"AT+ALIPAYCFG=1\r");
    assert_eq!(bench.pass(FINAL), ["#2 timed-out (unknown) final"]);
    bench.submit(requests::cfg_set("AT+ALIPAYCFG=2"));
    bench.exchange("ATS100000007?\r", b"ATS100000007?\r\r\nOK\r\n");
    bench.exchange("AT+CMEE?\r", b"AT+CMEE?\r\r\nERROR\r\n");
    // The answer to the number was taken for a refusal of the query, and another one is asked.
    bench.exchange("AT+IFC?\r", b"AT+IFC?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
    exchange(&mut bench, "AT+ALIPAYCFG=2\r", "\r\nERROR\r\n");
    assert_eq!(bench.events().last().unwrap(), "#3 refused: ERROR");
}

/// A duplicated signature is none of the next request, wherever it comes.
#[test]
fn a_signature_said_twice() {
    for profile in profiles() {
        for place in 0..3 {
            let mut bench = echoing(profile.clone());
            bench.submit(requests::sign(&profile, "1"));
            let one = "\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n";
            let two = "\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n";
            exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", &format!("{one}\r\nOK\r\n"));
            bench.submit(requests::sign(&profile, "2"));
            let line = "AT+ALIPAYSIGN=1,\"2\"\r";
            bench.expect_transmit(line);
            let said = |at| if at == place { one } else { "" };
            bench.receive(
                format!("{}{line}{}\r\nOK\r\n{}{two}", said(0), said(1), said(2)).as_bytes(),
            );
            bench.expect(&[
                "#2: +ALIPAYSIGN: 0,1,\"1\" / OK",
                "stray: +ALIPAYSIGN: 0,1,\"1\"",
                "#3: +ALIPAYSIGN: 0,1,\"2\" / OK",
            ]);
        }
    }
}

/// A report that waits for its result does not keep a customer waiting.
#[test]
fn a_signature_passes_a_report() {
    let profile = Profile::quectel();
    let mut bench = echoing(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    exchange(&mut bench, "AT+ALIPAYREP=\"1\",,1,2,0,3\r", "\r\nOK\r\n");
    bench.submit(requests::report(&profile, "2"));
    bench.expect_quiet();
    bench.submit(requests::sign(&profile, "1"));
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", "\r\nOK\r\n");
    bench.receive(b"\r\n+ALIPAYREP: 6\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    bench.expect(&["#2: +ALIPAYREP: 6 / OK", "#4: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
    bench.expect_transmit("AT+ALIPAYREP=\"2\",,1,2,0,3\r");
}

/// A read form that is refused by its code alone says nothing of a report that was missed.
#[test]
fn a_read_form_answered_by_its_code_alone() {
    for raw in [false, true] {
        let profile = Profile::quectel();
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
        bench.submit(if raw { requests::raw("AT+ALIPAYREP?") } else { requests::report_read() });
        bench.exchange("AT+ALIPAYREP?\r", b"\r\n+ALIPAYREP: 2\r\n\r\nOK\r\n");
        assert_eq!(bench.events()[0], "late: +ALIPAYREP: 2");
        bench.submit(requests::report(&profile, "2"));
        assert_eq!(bench.events(), ["#3 outstanding +ALIPAYREP, or the same line"]);
        bench.pass(SETTLE);
        bench.submit(requests::report(&profile, "2"));
        assert!(!bench.transmit().is_empty());
    }
}

/// With overlap too, a read form waits for the result under its prefix, however it was written.
#[test]
fn a_read_form_beside_a_waiting_report() {
    let profile = Profile { overlap: true, ..Profile::quectel() };
    for raw in [false, true] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
        bench.submit(if raw { requests::raw("at+alipayrep?") } else { requests::report_read() });
        bench.expect_quiet();
    }
}

/// A command that waits behind one that takes long does not wait for ever.
#[test]
fn a_turn_that_comes_too_late() {
    let mut bench = Bench::ready_with(Settings {
        turn: Duration::from_secs(5),
        ..Settings::new(Profile::quectel())
    });
    bench.submit(requests::at());
    bench.expect_transmit("AT\r");
    bench.submit(requests::csq());
    bench.pass(Duration::from_secs(4));
    bench.submit(requests::csq());
    assert_eq!(bench.pass(Duration::from_secs(1)), ["#2 timed-out (not-sent) turn to begin"]);
    assert_eq!(bench.pass(Duration::from_secs(4)), ["#3 timed-out (not-sent) turn to begin"]);
    bench.receive(b"\r\nOK\r\n");
    bench.expect(&["#1: OK"]);
    assert_eq!(bench.timer(), None);
    assert!(TURN > Duration::from_secs(180), "it is longer than a command and its result");
}

#[test]
fn fences_of_a_module_that_echoes() {
    let mut bench = echoing(Profile::quectel());
    for number in 0..3 {
        bench.submit(requests::at());
        bench.exchange("AT\r", b"AT\r");
        bench.pass(FINAL);
        bench.submit(requests::at());
        fences(&mut bench, 7 + number);
        exchange(&mut bench, "AT\r", "\r\nOK\r\n");
        bench.raw_events();
    }
}

/// Where a fence comes back damaged, the module echoes all the same: its query counts, its number does
/// not, and what follows is still looked for behind its own echo.
#[test]
fn a_fence_whose_echo_is_damaged() {
    let mut bench = echoing(Profile::quectel());
    bench.submit(requests::csq());
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    assert_eq!(bench.pass(FINAL).last().unwrap(), "#2 timed-out (unknown) final");
    bench.submit(requests::csq());
    bench.exchange("ATS100000007?\r", b"ATS10x000007?\r\r\nERROR\r\n");
    bench.exchange("AT+CMEE?\r", b"AT+CMxE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_transmit("AT+CSQ\r");
    bench.receive(b"\r\n+CSQ: 1,0\r\n\r\nOK\r\n");
    bench.receive(b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.expect(&["late: ERROR", "urc: +CSQ: 1,0", "stray: OK", "#3: +CSQ: 30,0 / OK"]);
}

/// A module that agreed to echo and does not, since the line that asked for it was damaged, is asked
/// again with the next number.
#[test]
fn an_echo_that_is_asked_for_again() {
    let mut bench = Bench::ready_with(Settings { fence_number: Some(6), ..Settings::default() });
    bench.submit(requests::ate(true));
    // What it heard was `ATE`.
    bench.exchange("ATE1\r", b"\r\nOK\r\n");
    bench.submit(requests::csq());
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nERROR\r\n");
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.pass(FINAL);
    bench.submit(requests::report(&Profile::quectel(), "1"));
    bench.exchange("ATE1S100000007?\r", b"\r\nERROR\r\n");
    bench.pass(ECHO);
    bench.exchange("AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
    // From now on a byte that is lost on the way is seen.
    bench.events();
    bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
    bench.receive(b"AT+ALIPAYREP=\"1\",,1,2,0,\r\r\nOK\r\n");
    let seen = bench.events();
    assert!(seen[0].starts_with("#4 contradicted: the module heard another line"), "{seen:?}");
}

/// Errors that are said while other lines come may belong to those: a module is not believed then to
/// refuse every query.
#[test]
fn refusals_among_other_lines_close_nothing() {
    for (between, is_closed) in [("", true), ("AT+CCLK?\r", false)] {
        let mut bench = echoing(Profile::quectel());
        bench.submit(requests::csq());
        bench.expect_transmit("AT+CSQ\r");
        bench.pass(FINAL);
        bench.submit(requests::csq());
        exchange(&mut bench, "ATS100000007?\r", "\r\nERROR\r\n");
        for _ in 0..4 {
            let line = bench.transmit();
            assert!(line.starts_with("AT+C") || line.starts_with("AT+IFC"), "{line}");
            bench.exchange(&line, format!("{line}{between}\r\nERROR\r\n").as_bytes());
        }
        assert_eq!(bench.transmit() == "AT+CSQ\r", is_closed, "{}", bench.transmit());
    }
}

/// As long as an echo may take.
const ECHO: Duration = Duration::from_millis(200);
