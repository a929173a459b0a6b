//! No answer is ever credited to the wrong command: what was missed, doubled or damaged, what was
//! typed by hand, and what an earlier program left. What merely comes late is in `late`.

use std::time::Duration;

use m26_pay::alipay::{Open, Sign, SignData, SignMode};
use m26_pay::at::command::{Answer, Command};
use m26_pay::at::field::Shape;
use m26_pay::at::line::MIN_LIMIT;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{EarlierProgram, FENCE, FINAL_AFTER_RESULT, SETTLE, Settings};
use support::bench::{Bench, profiles};
use support::requests::{self, FINAL, FINAL_WITH_RESULT, RESULT};

/// With nothing asked, any answer shows that what is asked is not known: the next command waits
/// for a fence.
#[test]
fn finals_that_nobody_asked_for() {
    for profile in profiles() {
        for stray in ["OK", "ERROR", "+CME ERROR: 10", "+CMS ERROR: 500", "BUSY"] {
            let mut bench = Bench::ready(profile.clone());
            bench.receive(format!("\r\n{stray}\r\n").as_bytes());
            let told = bench.events();
            assert_eq!(told.len(), 1);
            assert!(told[0].starts_with("stray: "), "{told:?}");
            bench.submit(requests::at());
            bench.receive(b"\r\nOK\r\n");
            bench.expect(&["late: OK"]);
            bench.fence();
            bench.exchange("AT\r", b"\r\nERROR\r\n");
            bench.expect(&["#1 refused: ERROR"]);
        }
    }
}

/// Before the last byte of a line was written nothing that comes can be its answer.
#[test]
fn an_answer_before_the_question_was_written() {
    for profile in profiles() {
        for written in 0.."AT+CSQ\r".len() {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::csq());
            bench.write(written);
            bench.receive(b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n");
            bench.expect(&["urc: +CSQ: 5,0", "stray: OK"]);
            if written == 0 {
                // It was taken back: what else may come is not known.
                bench.fence();
            }
            let rest = bench.transmit();
            assert!("AT+CSQ\r".ends_with(&rest), "{rest:?}");
            bench.write(rest.len());
            bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#1: +CSQ: 30,0 / OK"]);
        }
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.receive(b"\r\n+ALIPAYSIGN: 0,3,\"old\"\r\n");
        bench.expect(&["stray: +ALIPAYSIGN: 0,3,\"old\""]);
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n\r\nOK\r\n");
        bench.expect(&["#1: +ALIPAYSIGN: 0,3,\"new\" / OK"]);
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::shut());
        bench.write(3);
        bench.receive(b"\r\n+ALIPAYSHUT OK\r\n");
        bench.expect(&["urc: +ALIPAYSHUT OK"]);
        bench.exchange("ALIPAYSHUT\r", b"\r\nERROR\r\n");
        bench.expect(&["#1 refused: ERROR"]);
    }
}

/// The fence too.
#[test]
fn an_answer_before_the_fence_was_written() {
    for written in 0.."AT+CMEE?\r".len() {
        let mut bench = Bench::new(Settings::default());
        bench.submit(requests::at());
        bench.write(written);
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        let rest = bench.transmit();
        assert_eq!(rest.len(), "AT+CMEE?\r".len() - written);
        bench.write(rest.len());
        bench.receive(b"\r\nOK\r\n");
        bench.expect_quiet();
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nERROR\r\n");
        let seen = bench.events();
        assert_eq!(seen, ["urc: +CMEE: 1", "late: OK", "late: OK", "#0 refused: ERROR"]);
    }
}

/// A late answer to an earlier fence closes no later one, in whatever shape it comes.
#[test]
fn a_late_answer_of_a_fence() {
    let lates = [
        "\r\n+CMEE: 1\r\n\r\nOK\r\n",
        "\r\n+CMEE: 1\r\n",
        "\r\nOK\r\n",
        "\r\n+CME ERROR: 4\r\n",
        "\r\n+IFC: 0,0\r\n\r\nERROR\r\n",
    ];
    for profile in profiles() {
        for late in lates {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::csq());
            bench.expect_transmit("AT+CSQ\r");
            assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
            bench.submit(requests::csq());
            bench.expect_transmit("AT+CMEE?\r");
            assert!(bench.pass(Duration::from_secs(2)).is_empty());
            // The second fence waits when the answer to the first one comes, at last.
            bench.expect_transmit("AT+IFC?\r");
            bench.receive(late.as_bytes());
            bench.expect_quiet();
            let told = bench.events();
            assert!(!told.is_empty() && !told.iter().any(|event| event.starts_with('#')));
            bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
            bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#2: +CSQ: 30,0 / OK"]);
        }
    }
}

/// A query asked twice on one line is another fence.
#[test]
fn a_late_answer_of_the_first_round_of_fences() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
    bench.submit(requests::csq());
    for fence in ["AT+CMEE?\r", "AT+IFC?\r", "AT+CCLK?\r"] {
        bench.expect_transmit(fence);
        let seen = bench.pass(Duration::from_secs(2));
        assert!(fence != "AT+CCLK?\r" || seen == ["silent", "#2 silent"], "{seen:?}");
    }
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CMEE?;+CMEE?\r");
    // Everything comes at once: the command, three fences, and the first half of the fourth.
    bench.receive(
        b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+IFC: 0,0\r\n\r\nOK\r\n",
    );
    bench.receive(
        b"\r\n+CCLK: \"00/01/01,00:00:00+32\"\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\n+CMEE: 1\r\n",
    );
    bench.expect_quiet();
    bench.receive(b"\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    let seen = bench.events();
    assert_eq!(seen.iter().filter(|event| event.starts_with("late: OK")).count(), 4, "{seen:?}");
    assert_eq!(seen.last().unwrap(), "#3: +CSQ: 30,0 / OK");
    assert_eq!(seen.iter().filter(|event| event.starts_with('#')).count(), 1, "{seen:?}");
}

/// What the past asked itself is no fence against it.
#[test]
fn a_fence_asks_nothing_that_the_past_asked() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::raw("AT+CMEE?"));
    bench.expect_transmit("AT+CMEE?\r");
    assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
    bench.submit(requests::at());
    bench.expect_transmit("AT+IFC?\r");
    bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    assert_eq!(bench.events().last().unwrap(), "#2: OK");
}

/// The second of two equal results is a stray, and nobody's later.
#[test]
fn two_identical_results() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        let mut bench = Bench::ready(profile);
        bench.submit(requests::report(&spec, "1"));
        bench.exchange(
            "AT+ALIPAYREP=\"1\",,1,2,0,3\r",
            b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n\r\n+ALIPAYREP: 0\r\n",
        );
        bench.expect(&["#1: +ALIPAYREP: 0 / OK", "stray: +ALIPAYREP: 0"]);
        bench.submit(requests::report(&spec, "2"));
        // Before the line was written, before the OK, and after it.
        bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["stray: +ALIPAYREP: 0"]);
        bench.exchange("AT+ALIPAYREP=\"2\",,1,2,0,3\r", b"\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n");
        bench.expect(&["#2: +ALIPAYREP: 6 / OK"]);
        // The last one once more, before the OK: no result has come so early yet.
        bench.submit(requests::report(&spec, "3"));
        bench.exchange(
            "AT+ALIPAYREP=\"3\",,1,2,0,3\r",
            b"\r\n+ALIPAYREP: 6\r\n\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n",
        );
        bench.expect(&["stray: +ALIPAYREP: 6", "#3: +ALIPAYREP: 0 / OK"]);
        // Before the OK, twice: the first one decides.
        bench.pass(COPY);
        bench.submit(requests::report(&spec, "4"));
        bench.exchange(
            "AT+ALIPAYREP=\"4\",,1,2,0,3\r",
            b"\r\n+ALIPAYREP: 6\r\n\r\n+ALIPAYREP: 0\r\n\r\nOK\r\n",
        );
        bench.expect(&["stray: +ALIPAYREP: 0", "#4: +ALIPAYREP: 6 / OK"]);
    }
}

/// A signature that was missed: nothing else is signed until it came, or the module was reset, or it
/// has not come for long enough.
#[test]
fn a_missed_signature_holds_back_the_next() {
    for profile in profiles() {
        let missed = |bench: &mut Bench| {
            bench.submit(requests::sign(&profile, "1"));
            bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
            if profile.result_before_ok {
                assert_eq!(
                    bench.pass(FINAL_WITH_RESULT),
                    ["#1 timed-out (unknown) result and final"]
                );
            } else {
                bench.receive(b"\r\nOK\r\n");
                assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
            }
            for number in [2, 3] {
                bench.pass(SETTLE / 3);
                bench.submit(requests::sign(&profile, "2"));
                bench.expect_quiet();
                bench.expect(&[&format!("#{number} outstanding +ALIPAYSIGN, or the same line")]);
            }
        };
        let mut bench = Bench::ready(profile.clone());
        missed(&mut bench);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,3,\"old\"\r\n");
        bench.expect(&["late: +ALIPAYSIGN: 0,3,\"old\""]);
        bench.submit(requests::sign(&profile, "2"));
        if profile.result_before_ok {
            bench.fence();
        }
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,3,\"new\" / OK"]);

        let mut bench = Bench::ready(profile.clone());
        missed(&mut bench);
        bench.receive(b"\r\nRDY\r\n");
        bench.expect(&["urc: RDY", "reset"]);
        bench.submit(requests::sign(&profile, "2"));
        bench.fence();
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,3,\"new\" / OK"]);
    }
}

/// A report that was missed may be sent again; another one waits for both answers, or as long as
/// the second one may take.
#[test]
fn a_missed_report_may_be_sent_again() {
    for second_comes in [true, false] {
        let profile = Profile::quectel();
        let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.exchange(line, b"\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        bench.expect(&["#2 outstanding +ALIPAYREP, or the same line"]);
        bench.submit(requests::report(&profile, "1"));
        // Before the OK it cannot be the answer to this one.
        bench.expect_transmit(line);
        bench.receive(b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["#3: +ALIPAYREP: 0 / OK"]);
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        bench.expect(&["#4 outstanding +ALIPAYREP, or the same line"]);
        // At once it may be the first one, said again.
        bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["stray: +ALIPAYREP: 0"]);
        bench.submit(requests::report(&profile, "2"));
        bench.expect(&["#5 outstanding +ALIPAYREP, or the same line"]);
        bench.pass(COPY);
        if second_comes {
            bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
            bench.expect(&["late: +ALIPAYREP: 0"]);
        } else {
            bench.pass(SETTLE - COPY - Duration::from_nanos(1));
            bench.submit(requests::report(&profile, "2"));
            bench.expect(&["#6 outstanding +ALIPAYREP, or the same line"]);
            bench.pass(Duration::from_nanos(1));
        }
        let number = if second_comes { 6 } else { 7 };
        bench.submit(requests::report(&profile, "2"));
        bench.exchange("AT+ALIPAYREP=\"2\",,1,2,0,3\r", b"\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n");
        bench.expect(&[&format!("#{number}: +ALIPAYREP: 6 / OK")]);
    }
}

/// While a result is due it is not taken for that of the next command before its OK.
#[test]
fn a_due_result_before_the_ok_of_the_same_line_is_late() {
    let profile = Profile::quectel();
    let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\nOK\r\n");
    assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\n+ALIPAYREP: 6\r\n\r\nOK\r\n");
    bench.expect(&["late: +ALIPAYREP: 6"]);
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#2: +ALIPAYREP: 0 / OK"]);
    // Both came, so any other record may follow at once.
    bench.submit(requests::report(&profile, "2"));
    bench.expect_transmit("AT+ALIPAYREP=\"2\",,1,2,0,3\r");
}

/// A command that was refused will have no result.
#[test]
fn a_refused_command_leaves_nothing_due() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nERROR\r\n");
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 99\r\n");
        bench.expect(&["#1 refused: ERROR", "#2: +ALIPAYSIGN: 99 / OK"]);
    }
}

/// A result that a line typed by hand may have caused is no result of the command that follows,
/// and a due result is no answer to a line typed by hand.
#[test]
fn lines_typed_by_hand() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\nOK\r\n");
        bench.expect(&["#1: OK"]);
        bench.submit(requests::sign(&profile, "1"));
        bench.expect_quiet();
        bench.expect(&["#2 outstanding +ALIPAYSIGN"]);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n");
        bench.expect(&["urc: +ALIPAYSIGN: 0,1,\"9\""]);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        bench.expect(&["#3: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
        // With its result before its OK it is part of the answer.
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n\r\nOK\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,1,\"9\" / OK"]);
        // Refused, it causes nothing.
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\nERROR\r\n");
        bench.expect(&["#5 refused: ERROR"]);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        bench.expect(&["#6: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
    }
}

/// Each line typed by hand causes one result, as long as it may take.
#[test]
fn two_lines_typed_by_hand() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
    bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#1: +ALIPAYREP: 0 / OK"]);
    let typed = "AT+ALIPAYREP=\"9\",,1,2,0,3";
    for (number, answer) in [(2, "OK"), (3, "ERROR")] {
        bench.submit(requests::raw(typed));
        bench.exchange(&format!("{typed}\r"), format!("\r\n{answer}\r\n").as_bytes());
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with(&format!("#{number}")), "{seen:?}");
    }
    bench.pass(SETTLE);
    bench.submit(requests::report(&profile, "1"));
    bench.expect(&["#4 outstanding +ALIPAYREP"]);
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["urc: +ALIPAYREP: 0"]);
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#5: +ALIPAYREP: 0 / OK"]);
    // Its result was lost: it is not waited for for ever.
    bench.submit(requests::raw(typed));
    bench.exchange(&format!("{typed}\r"), b"\r\nOK\r\n");
    bench.expect(&["#6: OK"]);
    bench.pass(SETTLE + FINAL);
    bench.submit(requests::report(&profile, "2"));
    bench.exchange("AT+ALIPAYREP=\"2\",,1,2,0,3\r", b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#7: +ALIPAYREP: 0 / OK"]);
}

/// Results that add up are waited for until they are taken for lost, and not longer.
#[test]
fn a_missed_result_that_time_frees() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let act = || requests::act(&profile, "AT+ALIPAYACT=1");
    bench.submit(act());
    bench.exchange("AT+ALIPAYACT=1\r", b"\r\nOK\r\n");
    bench.expect_deadline("result", RESULT);
    bench.expect(&["#1 timed-out (unknown) result"]);
    bench.pass(SETTLE - Duration::from_millis(1));
    bench.submit(act());
    bench.expect(&["#2 outstanding +ALIPAYACT"]);
    bench.pass(Duration::from_millis(1));
    bench.submit(act());
    bench.exchange("AT+ALIPAYACT=1\r", b"\r\nOK\r\n\r\n+ALIPAYACT: 0\r\n");
    bench.expect(&["#3: +ALIPAYACT: 0 / OK"]);
}

#[test]
fn a_due_signature_is_no_answer_to_a_line_typed_by_hand() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        let missed = bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        bench.cancel(missed);
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"9\"\r");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n\r\nOK\r\n");
        bench.expect(&["late: +ALIPAYSIGN: 0,1,\"1\"", "#2: +ALIPAYSIGN: 0,1,\"9\" / OK"]);
    }
}

/// A signature that does not fit its length is worthless, and it has come: the next one may be
/// asked for.
#[test]
fn a_damaged_signature() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,2,\"abc\"\r\n");
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with("#1 contradicted"), "{seen:?}");
        assert!(!seen[0].contains("abc"), "{seen:?}");
        bench.submit(requests::sign(&profile, "2"));
        // The rest of the data may come.
        bench.fence();
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n");
        bench.expect(&["#2: +ALIPAYSIGN: 0,3,\"abc\" / OK"]);
        // Late, it frees the prefix as any other would.
        let third = bench.submit(requests::sign(&profile, "3"));
        bench.exchange("AT+ALIPAYSIGN=1,\"3\"\r", b"\r\nOK\r\n");
        bench.cancel(third);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,2049,\"abc\"\r\n");
        bench.expect(&["malformed: +ALIPAYSIGN: 0,2049,\"abc\""]);
        bench.submit(requests::sign(&profile, "4"));
        bench.fence();
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"4\"\r");
    }
}

/// A line that is too long under an awaited prefix: it has come, and is worthless.
fn overlong(prefix: &str) -> Vec<u8> {
    format!("\r\n{prefix}: 0,{}\r\n", "1".repeat(MIN_LIMIT)).into_bytes()
}

#[test]
fn a_damaged_signature_before_its_ok() {
    for profile in profiles() {
        let sign = |data| requests::sign(&profile, data);
        let mut bench = Bench::ready(profile.clone());
        bench.submit(sign("1"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.expect(&[]);
        bench.receive(b"\r\nOK\r\n");
        bench.expect(&["#1 contradicted: a line was longer than 4096 bytes"]);
        // Its OK may be lost, and is not waited for longer than that of a good one.
        bench.submit(sign("2"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.expect_deadline("final result after the result line", FINAL_AFTER_RESULT);
        bench.expect(&["#2 contradicted: a line was longer than 4096 bytes"]);
        // None is due any more, so that the next one gets its own.
        bench.submit(sign("3"));
        bench.fence();
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"3\"\r");
        bench.receive(SIGNED);
        // One result has come: what else comes is nobody's.
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.receive(b"\r\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 2 && seen[0].starts_with("malformed: +ALIPAYSIGN"), "{seen:?}");
        assert_eq!(seen[1], "#3: +ALIPAYSIGN: 0,1,\"1\" / OK");
    }
}

/// How long after a result another one like it may be that one, said again.
const COPY: Duration = Duration::from_secs(20);

const SIGNED: &[u8] = b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n";

#[test]
fn a_damaged_line_of_another_prefix_is_no_result() {
    for profile in profiles() {
        for request in [requests::sign(&profile, "1"), requests::csq()] {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(request);
            let line = bench.transmit();
            bench.expect_transmit(&line);
            bench.receive(b"\r\n+FOO: 1\r\n");
            bench.receive(&overlong("+ALIPAYDID"));
            bench.receive(SIGNED);
            bench.receive(b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
            let seen = bench.events();
            assert!(seen[0] == "urc: +FOO: 1" && seen[1].starts_with("malformed: +ALIPAYDID"));
            assert!(seen.last().unwrap().starts_with("#1: +"), "{seen:?}");
        }
    }
}

/// A damaged line that was due is that of the command that missed it.
#[test]
fn a_late_damaged_result_before_the_ok_of_the_same_line() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let left = bench.submit(requests::report(&profile, "1"));
    bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
    bench.cancel(left);
    bench.submit(requests::report(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
    let damaged = format!("\r\n+ALIPAYREP: {}\r\n", "1".repeat(MIN_LIMIT));
    bench.receive(damaged.as_bytes());
    bench.receive(b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    let seen = bench.events();
    assert!(seen.len() == 2 && seen[0].starts_with("malformed: +ALIPAYREP"), "{seen:?}");
    assert_eq!(seen[1], "#2: +ALIPAYREP: 0 / OK");
}

/// Who is in doubt because of another line has not got its own result: it is still due.
#[test]
fn a_result_of_a_command_in_doubt_is_still_due() {
    let profile = Profile::quectel();
    for (result, due) in [("", true), ("\r\n+ALIPAYREP: 0\r\n", false)] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,2049,\"abc\"\r\n");
        bench.receive(result.as_bytes());
        bench.receive(b"\r\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 2 && seen[1].starts_with("#1 contradicted"), "{seen:?}");
        bench.submit(requests::report(&profile, "2"));
        if due {
            bench.expect(&["#2 outstanding +ALIPAYREP, or the same line"]);
            bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
            bench.expect(&["late: +ALIPAYREP: 0"]);
        } else {
            bench.expect(&[]);
        }
    }
}

/// A result stays outstanding too if the information text before it was missing.
#[test]
fn a_result_of_a_command_without_its_information_is_still_due() {
    let profile = Profile::quectel();
    let both = || requests::sign(&profile, "1").answer(Answer::Prefixed(&[("+X", Shape::Any)]));
    for (result, due) in [(&b""[..], true), (SIGNED, false)] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(both());
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.receive(result);
        bench.receive(b"\r\nOK\r\n");
        bench.expect(&["#1 contradicted: OK came without the +X line that was due"]);
        if due {
            bench.submit(requests::sign(&profile, "2"));
            bench.expect(&["#2 outstanding +ALIPAYSIGN, or the same line"]);
        } else {
            bench.submit(both());
            bench.expect(&[]);
            bench.fence();
            bench.exchange(
                "AT+ALIPAYSIGN=1,\"1\"\r",
                b"\r\n+X: 1\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n",
            );
            bench.expect(&["#2: +X: 1 / +ALIPAYSIGN: 0,1,\"1\" / OK"]);
        }
    }
}

/// An OK in the data of a signature ends nothing, even if the length is wrong and the data are
/// split again.
#[test]
fn an_ok_in_damaged_data() {
    let profile = Profile::quectel();
    for length in ["9", "2048"] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        bench.submit(requests::at());
        bench.expect_transmit("AT\r");
        bench.receive(format!("\r\n+ALIPAYSIGN: 0,{length},\"ab\r\nOK\r\ncd\"\r\n").as_bytes());
        let mut seen = bench.events();
        seen.extend(bench.pass(Duration::from_secs(3)));
        assert!(seen[0].starts_with("#1 contradicted"), "{seen:?}");
        assert!(!seen.iter().any(|event| event.starts_with("#2: OK")), "{seen:?}");
    }
}

/// A late information line is told for what it is, and boots nothing.
#[test]
fn late_information_is_told_as_late() {
    for (first, late) in [
        (requests::csq(), "+CSQ: 5,0"),
        (requests::creg(), "+CREG: 0,1"),
        (requests::raw("AT+CFUN?"), "+CFUN: 1"),
        (requests::raw("at+cgreg?;+cfun?"), "+CFUN: 1"),
        (requests::report_read(), "+ALIPAYREP: 0,12"),
        (requests::cfg_read(), "+ALIPAYCFG:"),
        (requests::cfg_read(), "\"product_key\": \"key\""),
        (requests::cfg_read(), "\"env\": 4"),
        (requests::raw("AT+X=1;+foo?"), "+FOO: 2"),
        (requests::shut(), "+ALIPAYSHUT OK"),
    ] {
        let mut bench = Bench::ready(Profile::quectel());
        bench.submit(first);
        let line = bench.transmit();
        bench.expect_transmit(&line);
        assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
        bench.submit(requests::at());
        bench.expect_transmit("AT+CMEE?\r");
        bench.receive(format!("\r\n{late}\r\n\r\n+CREG: 1\r\n").as_bytes());
        bench.expect(&[&format!("late: {late}"), "urc: +CREG: 1"]);
        bench.pass(Duration::from_secs(2));
        bench.expect_transmit("AT+IFC?\r");
        bench.receive(format!("\r\n+CMEE: 1\r\n\r\n{late}\r\n").as_bytes());
        bench.expect(&["late: +CMEE: 1", &format!("late: {late}")]);
        bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#2: OK"]);
        // Closed is closed: the same line is news again.
        bench.receive(b"\r\n+FOO: 1\r\n\r\n+CFUN: 1\r\n");
        assert_eq!(bench.events()[..2], ["urc: +FOO: 1", "urc: +CFUN: 1"]);
    }
}

/// What a line typed by hand sets it does not ask for.
#[test]
fn what_was_not_asked_for_is_not_late() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::raw("AT+FOO=1;+BAR?"));
    let line = bench.transmit();
    bench.expect_transmit(&line);
    bench.pass(FINAL);
    bench.receive(b"\r\n+FOO: 1\r\n\r\n+BAR: 1\r\n");
    bench.expect(&["urc: +FOO: 1", "late: +BAR: 1"]);
}

/// Eight questions are remembered, so that what a module that never answers leaves is bounded.
#[test]
fn so_many_questions_are_remembered() {
    const FENCES: &[&str] = &["+CMEE", "+IFC", "+CCLK", "+D", "+E", "+F", "+G", "+H", "+I", "+J"];
    let profile = Profile { fences: FENCES, ..Profile::quectel() };
    let mut bench = Bench::ready_with(Settings { fence_tries: 100, ..Settings::new(profile) });
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.pass(FINAL);
    bench.submit(requests::at());
    for _ in 0..2 * FENCES.len() {
        let line = bench.transmit();
        bench.expect_transmit(&line);
        bench.expect_deadline("fence", FENCE);
        bench.expect(&[]);
    }
    bench.receive(b"\r\n+CSQ: 11,0\r\n");
    bench.expect(&["late: +CSQ: 11,0"]);
    for (index, prefix) in FENCES.iter().enumerate() {
        bench.receive(format!("\r\n{prefix}: 1\r\n").as_bytes());
        let told = if index < 7 { "late" } else { "urc" };
        bench.expect(&[&format!("{told}: {prefix}: 1")]);
    }
}

/// A result that nobody waits for is a stray also where it is known as a URC.
#[test]
fn a_result_line_beside_its_command_is_a_stray() {
    let profile = Profile::luat();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#1: OK", "stray: +ALIPAYREP: 0"]);
}

/// It makes no difference where the input is cut, also where commands begin between two lines.
#[test]
fn no_split_lets_a_line_reach_the_next_command() {
    let profile = Profile::quectel();
    let input = b"\r\nOK\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\nBUSY\r\n\r\n+CSQ: 5,0\r\n";
    let mut all = Vec::new();
    for split in 0..=input.len() {
        let mut bench = Bench::ready(profile.clone());
        let left = bench.submit(requests::sign(&profile, "1"));
        bench.submit(requests::sign(&profile, "2"));
        bench.submit(requests::csq());
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.cancel(left);
        bench.receive(&input[..split]);
        bench.receive(&input[split..]);
        bench.fence();
        bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        all.push(bench.events());
    }
    assert_eq!(all[0].last().unwrap(), "#3: +CSQ: 30,0 / OK");
    all.dedup();
    assert_eq!(all.len(), 1, "{all:#?}");
}

/// A program that was started again at once must not take the signature that its forerunner asked
/// for.
#[test]
fn a_result_that_an_earlier_program_was_due_is_credited_to_nobody() {
    let quiet = Duration::from_secs(3);
    for profile in profiles() {
        let mut bench = Bench::behind_another(within(quiet, &profile));
        bench.submit(requests::at());
        bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.submit(requests::sign(&profile, "2"));
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        // What can be nobody else's passes it.
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        let urc = "urc: +ALIPAYSIGN: 0,1,\"1\"";
        bench.expect(&["#0: OK", "#3: +CSQ: 11,0 / OK", urc]);
        bench.pass(quiet);
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n");
        bench.expect(&["#1: +ALIPAYSIGN: 0,1,\"2\" / OK"]);
    }
}

/// They are held for as long as was said, whatever else is due in between, and the end of that is a
/// deadline as long as anybody waits for it.
#[test]
fn how_long_results_of_an_earlier_program_hold_others_back() {
    let quiet = Duration::from_secs(3);
    let profile = Profile::quectel();
    let mut bench = Bench::behind_another(within(quiet, &profile));
    bench.submit(requests::at());
    bench.fence();
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#0: OK"]);
    assert_eq!(bench.timer(), None);
    bench.engine.handle_timeout(bench.now + quiet / 2);
    bench.submit(requests::csq());
    bench.submit(requests::sign(&profile, "1"));
    bench.submit(requests::at());
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#1: +CSQ: 11,0 / OK", "#3: OK"]);
    let timer = bench.timer().unwrap();
    assert_eq!((timer.name, timer.at - bench.now), ("results of earlier commands", quiet));
    bench.pass(quiet - Duration::from_millis(1));
    bench.expect_quiet();
    // At that time it is over, also for who did not wait for the deadline.
    bench.now += Duration::from_millis(1);
    bench.submit(requests::at());
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
}

fn within(time: Duration, profile: &Profile) -> Settings {
    Settings { earlier: EarlierProgram::Within(time), ..Settings::new(profile.clone()) }
}

/// A module that was just switched on owes nobody a result.
#[test]
fn a_boot_ends_the_wait_for_results_of_an_earlier_program() {
    let mut bench = Bench::behind_another(Settings::default());
    bench.receive(b"\r\nRDY\r\n");
    bench.submit(requests::sign(&Profile::quectel(), "2"));
    bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
}

/// OPEN answered 0, so the SDK was closed when an earlier program asked for something. What a closed SDK
/// says may be late, and is not taken for the refusal of what was asked for since.
#[test]
fn a_refusal_behind_an_opening_may_be_an_earlier_one() {
    let profile = Profile::quectel();
    let sign = |data: &str| {
        let sign = Sign::new(SignMode::Withholding, SignData::new(data).unwrap());
        sign.request(&profile).unwrap()
    };
    let opened = |earlier| {
        let settings = Settings { earlier, ..Settings::new(profile.clone()) };
        let mut bench = Bench::behind_another(settings);
        bench.submit(Open.request(&profile).unwrap());
        bench.fence();
        bench.exchange("AT+ALIPAYOPEN\r", b"\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n");
        bench.expect(&["#0: +ALIPAYOPEN: 0 / OK"]);
        bench
    };
    let refused = |bench: &mut Bench| {
        bench.submit(sign("1"));
        bench.exchange("AT+ALIPAYSIGN=4,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: -1\r\n");
        bench.events().remove(0)
    };
    let mut bench = opened(EarlierProgram::Unknown);
    // Nobody waits where the SDK signs.
    bench.submit(sign("0"));
    bench.exchange("AT+ALIPAYSIGN=4,\"0\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"0\"\r\n");
    bench.expect(&["#1: +ALIPAYSIGN: 0,1,\"0\" / OK"]);
    let told = refused(&mut bench);
    assert!(told.starts_with("#2 contradicted: +ALIPAYSIGN: [2 bytes] may be"), "{told}");
    bench.submit(sign("3"));
    bench.expect(&["#3 outstanding +ALIPAYSIGN"]);
    for mut bench in [opened(EarlierProgram::Ended), {
        let mut late = opened(EarlierProgram::Unknown);
        late.pass(SETTLE);
        late
    }] {
        assert_eq!(refused(&mut bench), "#1: +ALIPAYSIGN: -1 / OK");
    }
}
