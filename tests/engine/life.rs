//! The life of a command: its beginning, its deadlines, its caller who leaves, a port that stalls
//! or goes away, a module that is reset or falls silent.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::at::result::FinalResult;
use m26_pay::engine::{
    BOOT, Certainty, ContradictionReason, Event, ExchangeError, FENCE, FENCE_TRIES,
    FINAL_AFTER_RESULT, PAYLOAD, QUEUE_LIMIT, Settings, SubmitError, TRANSMIT,
};
use m26_pay::flows::Synchronise;
use m26_pay::flows::{Context, Flow, Input, Step};
use support::bench::{Bench, profiles};
use support::requests::{self, FINAL, FINAL_WITH_RESULT, RESULT};

fn bench() -> Bench {
    Bench::ready(Profile::quectel())
}

#[test]
fn the_first_command_comes_after_a_fence() {
    let mut bench = Bench::new(Settings::default());
    assert!(bench.engine.is_idle());
    assert_eq!(bench.timer(), None);
    bench.expect_quiet();
    bench.submit(requests::at());
    assert!(!bench.engine.is_idle());
    bench.fence();
    bench.exchange("AT\r", b"AT\r\r\nOK\r\n");
    bench.expect(&["#0: OK"]);
    assert!(bench.engine.is_idle());
    assert_eq!(bench.timer(), None);
}

/// A module that finds the rate by itself listens to nothing but `AT`: the first one is sent before
/// the fence, and its `OK` closes nothing.
#[test]
fn a_probe_comes_before_the_fence() {
    let profile = Profile::quectel();
    let mut bench = Bench::new(Settings::default());
    let cx = Context { now: bench.now, profile: &profile };
    let mut flow = Synchronise::default();
    assert!(matches!(flow.step(&cx, Input::Begin), Step::Report(_)));
    let Step::Send(probe) = flow.step(&cx, Input::Resume) else { panic!("no probe") };
    bench.submit(probe);
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#0: OK"]);
    bench.submit(requests::csq());
    bench.fence();
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.expect(&["#1: +CSQ: 11,0 / OK"]);
}

#[test]
fn commands_come_in_order_and_need_no_fence_between_them() {
    let mut bench = bench();
    bench.submit(requests::at());
    bench.submit(requests::csq());
    bench.submit(requests::creg());
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.exchange("AT+CREG?\r", b"\r\n+CME ERROR: 10\r\n");
    bench.expect(&[
        "#1: OK",
        "#2: +CSQ: 30,0 / OK",
        "#3 refused: +CME ERROR: 10 (SIM not inserted)",
    ]);
}

#[test]
fn urcs_are_lifted_out_of_answers_in_order() {
    let mut bench = bench();
    bench.submit(requests::signal());
    bench.exchange(
        "AT+CREG?;+CGREG?;+CSQ\r",
        b"AT+CREG?;+CGREG?;+CSQ\r\r\n+CREG: 0,1\r\n\r\n+CREG: 2\r\n\r\n+CGREG: 0,1\r\n\
          \r\n+FOO: 1\r\n\r\n+CSQ: 11,0\r\n\r\nBAR\r\n\r\nOK\r\n",
    );
    bench.expect(&[
        "urc: +CREG: 2",
        "urc: +FOO: 1",
        "urc: BAR",
        "#1: +CREG: 0,1 / +CGREG: 0,1 / +CSQ: 11,0 / OK",
    ]);
}

#[test]
fn declared_finals_end_a_command() {
    const ENDS: &[FinalResult<'static>] = &[FinalResult::Busy, FinalResult::NoCarrier];
    let mut bench = bench();
    bench.submit(requests::bare("ATD1;").finals(ENDS));
    bench.exchange("ATD1;\r", b"\r\nNO ANSWER\r\n\r\nBUSY\r\n");
    bench.expect(&["stray: NO ANSWER", "#1 refused: BUSY"]);
}

#[test]
fn a_command_of_which_no_byte_was_sent_is_taken_back() {
    for profile in profiles() {
        // On the wire already, waiting behind another one, and behind a fence.
        let mut bench = Bench::ready(profile);
        let first = bench.submit(requests::at());
        let second = bench.submit(requests::csq());
        let third = bench.submit(requests::creg());
        assert_eq!(bench.transmit(), "AT\r");
        assert_eq!(bench.cancel(first), Certainty::NotSent);
        assert_eq!(bench.transmit(), "AT+CSQ\r");
        assert_eq!(bench.cancel(third), Certainty::NotSent);
        assert_eq!(bench.cancel(second), Certainty::NotSent);
        bench.expect_quiet();
        assert!(bench.engine.is_idle());
        // Nothing went wrong, so that no fence is needed.
        bench.submit(requests::at());
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#4: OK"]);

        let mut bench = Bench::new(Settings::default());
        let first = bench.submit(requests::at());
        bench.expect_transmit("AT+CMEE?\r");
        assert_eq!(bench.cancel(first), Certainty::NotSent);
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.expect_quiet();
        bench.expect(&[]);
    }
}

#[test]
fn a_command_that_was_begun_is_finished_for_nobody() {
    for profile in profiles() {
        for sent in 1..="AT+CSQ\r".len() {
            let mut bench = Bench::ready(profile.clone());
            let left = bench.submit(requests::csq());
            bench.submit(requests::csq());
            bench.write(sent);
            assert_eq!(bench.cancel(left), Certainty::Unknown);
            assert_eq!(bench.transmit(), "AT+CSQ\r"[sent..]);
            bench.write(7);
            bench.expect_quiet();
            bench.receive(b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n");
            bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#2: +CSQ: 30,0 / OK"]);
        }
    }
}

#[test]
fn a_caller_who_left_a_command_that_times_out() {
    let mut bench = bench();
    let left = bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.cancel(left);
    assert_eq!(bench.pass(FINAL), Vec::<String>::new());
    assert!(bench.engine.is_idle());
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CMEE?\r");
}

#[test]
fn a_result_whose_caller_left_is_late() {
    for profile in profiles() {
        // Before the OK, after it, and with the OK in between.
        for (first, second) in [
            ("", "\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\nOK\r\n"),
            ("", "\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n"),
            ("\r\nOK\r\n", "\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n"),
            ("\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n", "\r\nOK\r\n"),
        ] {
            let mut bench = Bench::ready(profile.clone());
            let left = bench.submit(requests::sign(&profile, "1"));
            bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
            bench.receive(first.as_bytes());
            assert_eq!(bench.cancel(left), Certainty::Unknown);
            bench.receive(second.as_bytes());
            bench.expect(&["late: +ALIPAYSIGN: 0,1,\"1\""]);
            bench.submit(requests::sign(&profile, "2"));
            bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n");
            bench.expect(&["#2: +ALIPAYSIGN: 0,1,\"2\" / OK"]);
        }
    }
}

#[test]
fn cancelling_what_is_over_changes_nothing() {
    let mut bench = bench();
    let over = bench.submit(requests::at());
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#1: OK"]);
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.cancel(over);
    bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.expect(&["#2: +CSQ: 30,0 / OK"]);
}

#[test]
fn what_is_idle_and_what_is_pending() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let sign = bench.submit(requests::sign(&profile, "1"));
    let read = bench.submit(requests::csq());
    let held = bench.submit(requests::report(&profile, "1"));
    let pending = |bench: &Bench| [sign, read, held].map(|ticket| bench.engine.is_pending(ticket));
    // On the wire, and waiting to begin.
    assert_eq!(pending(&bench), [true, true, true]);
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    // One waits for its result, and one for that.
    bench.expect_quiet();
    assert_eq!(pending(&bench), [true, false, true]);
    assert_eq!(bench.cancel(held), Certainty::NotSent);
    assert_eq!(pending(&bench), [true, false, false]);
    assert!(!bench.engine.is_idle());
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    assert_eq!(pending(&bench), [false, false, false]);
    assert!(bench.engine.is_idle());
    // One that nobody waits for is carried out.
    let left = bench.submit(requests::csq());
    let next = bench.submit(requests::csq());
    bench.write(1);
    bench.cancel(left);
    assert_eq!([left, next].map(|ticket| bench.engine.is_pending(ticket)), [false, true]);
    assert!(!bench.engine.is_idle());
    bench.exchange("T+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    assert_eq!([left, next].map(|ticket| bench.engine.is_pending(ticket)), [false, true]);
}

#[test]
fn what_waits_behind_a_fence_is_pending() {
    let mut bench = Bench::behind_another(Settings::default());
    let first = bench.submit(requests::at());
    assert!(bench.engine.is_pending(first));
    bench.cancel(first);
    assert!(!bench.engine.is_pending(first) && !bench.engine.is_idle());
    bench.fence();
    assert!(bench.engine.is_idle());
    // Held back, with the wire free.
    let held = bench.submit(requests::sign(&Profile::quectel(), "1"));
    bench.expect_quiet();
    assert!(bench.engine.is_pending(held) && !bench.engine.is_idle());
}

#[test]
fn no_two_commands_have_one_ticket() {
    let tickets =
        [bench(), bench()].map(|mut bench| [(); 2].map(|()| bench.submit(requests::at())));
    let mut all = tickets.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn a_write_that_stalls_before_its_first_byte() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.submit(requests::at());
    bench.expect_deadline("line written", TRANSMIT);
    bench.expect(&["#1 timed-out (not-sent) line written"]);
    // It was not begun, so nothing of it is written any more, and no fence is needed.
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#2: OK"]);
    bench.submit(requests::csq());
    bench.expect_deadline("line written", TRANSMIT);
    bench.expect(&["#3 timed-out (not-sent) line written"]);
    bench.expect_quiet();
}

/// A line has one time to be written, however it is cut, and what was written cannot be written
/// again.
#[test]
fn a_write_in_pieces() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.pass(TRANSMIT / 2);
    bench.write(3);
    bench.expect_deadline("line written", TRANSMIT / 2);
    bench.expect(&["#1 timed-out (unknown) line written"]);
    // The rest in pieces too: nothing comes between them.
    bench.submit(requests::csq());
    bench.write(1);
    assert_eq!(bench.transmit(), "SQ\r");
    // Who comes later does not get more time.
    bench.pass(TRANSMIT / 2);
    bench.submit(requests::at());
    bench.expect_deadline("line written", TRANSMIT / 2);
    bench.expect(&["#2 timed-out (not-sent) line written", "#3 timed-out (not-sent) line written"]);
    bench.expect_transmit("SQ\r");
    bench.expect_quiet();

    let mut bench = self::bench();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.pass(FINAL / 2);
    bench.write(0);
    bench.write(7);
    bench.expect_deadline("final", FINAL / 2);
    bench.expect(&["#1 timed-out (unknown) final"]);
}

/// An `OK` that nobody asked for sends a command back, and those behind it stay behind it.
#[test]
fn commands_stay_in_order_when_one_steps_back() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.submit(requests::creg());
    bench.receive(b"\r\nOK\r\n");
    bench.fence();
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.exchange("AT+CREG?\r", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n");
    bench.expect(&["stray: OK", "#1: +CSQ: 11,0 / OK", "#2: +CREG: 0,1 / OK"]);
}

#[test]
fn a_write_that_stalls_in_the_middle_of_a_line() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.write(3);
    bench.expect_deadline("line written", TRANSMIT);
    bench.expect(&["#1 timed-out (unknown) line written"]);
    // The rest of the line holds the wire. Who comes behind it waits as long as for a line.
    assert_eq!(bench.timer(), None);
    bench.pass(Duration::from_secs(100));
    bench.submit(requests::at());
    assert_eq!(bench.transmit(), "CSQ\r");
    bench.expect_deadline("line written", TRANSMIT);
    bench.expect(&["#2 timed-out (not-sent) line written"]);
    bench.submit(requests::at());
    bench.pass(TRANSMIT / 2);
    bench.expect_transmit("CSQ\r");
    // The line is whole now, and may be answered.
    bench.expect_transmit("AT+CMEE?\r");
    bench.receive(b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["late: +CSQ: 5,0", "late: OK", "#3: OK"]);
}

#[test]
fn a_fence_that_cannot_be_written() {
    let mut bench = Bench::new(Settings::default());
    bench.submit(requests::at());
    bench.write(2);
    bench.expect_deadline("fence", TRANSMIT);
    bench.expect(&[]);
    assert_eq!(bench.transmit(), "+CMEE?\r");
    bench.expect_deadline("line written", TRANSMIT);
    bench.expect(&["#0 timed-out (not-sent) line written"]);
    bench.submit(requests::at());
    bench.expect_transmit("+CMEE?\r");
    bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    // It was given up, so that its answer closes nothing.
    bench.exchange("AT+IFC?\r", b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["late: +CMEE: 1", "late: OK", "#1: OK"]);
}

#[test]
fn a_port_that_goes_away() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.submit(requests::csq());
    bench.submit(requests::at());
    bench.write(1);
    bench.engine.disconnected(bench.now);
    let mut seen = bench.events();
    seen.sort();
    assert_eq!(
        seen,
        ["#1 disconnected (unknown)", "#2 disconnected (unknown)", "#3 disconnected (not-sent)"]
    );
    bench.engine.disconnected(bench.now);
    bench.submit(requests::at());
    bench.expect(&["#4 disconnected (not-sent)"]);
    assert_eq!(bench.timer(), None);
    // Of a command that was not begun nothing is left to be written.
    let mut bench = self::bench();
    bench.submit(requests::csq());
    bench.engine.disconnected(bench.now);
    bench.expect(&["#1 disconnected (not-sent)"]);
    bench.expect_quiet();
}

/// One in each state: waiting for its result, on the wire, and waiting to begin.
fn busy_bench(profile: &Profile) -> Bench {
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::did(profile));
    bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
    bench.submit(requests::csq());
    bench.submit(requests::at());
    bench.expect_transmit("AT+CSQ\r");
    bench.expect(&[]);
    bench
}

#[track_caller]
fn expect_interrupted(bench: &mut Bench, first: &str) {
    let mut seen = bench.events();
    assert_eq!(seen.pop().as_deref(), Some("reset"));
    assert_eq!(seen[0], first);
    let mut ended = seen.split_off(1);
    ended.sort();
    assert_eq!(
        ended,
        ["#1 interrupted (unknown)", "#2 interrupted (unknown)", "#3 interrupted (not-sent)"]
    );
    assert!(bench.engine.is_idle());
    // What the module answered before its reset is nobody's.
    bench.submit(requests::at());
    bench.expect_transmit("AT+CMEE?\r");
    bench.receive(b"\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["late: OK", "#4: OK"]);
}

#[test]
fn rdy_in_mid_session_is_a_reset() {
    for profile in profiles() {
        let mut bench = busy_bench(&profile);
        bench.receive(b"\r\nRDY\r\n");
        expect_interrupted(&mut bench, "urc: RDY");
        // The lines behind it tell of the same boot.
        let mut bench = busy_bench(&profile);
        bench.receive(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n");
        let seen = bench.events();
        assert_eq!(seen.iter().filter(|event| *event == "reset").count(), 1, "{seen:?}");
        assert_eq!(seen.last().map(String::as_str), Some("urc: +CFUN: 1"));
    }
}

#[test]
fn a_boot_whose_rdy_was_lost() {
    for profile in profiles() {
        let mut bench = busy_bench(&profile);
        bench.receive(b"\r\n+CFUN: 1\r\n");
        expect_interrupted(&mut bench, "urc: +CFUN: 1");
    }
}

/// Something on the way may echo as well, and damage what it echoes.
#[test]
fn echo_that_comes_back_is_no_reset() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::ate(false));
        bench.exchange("ATE0\r", b"ATE0\r\r\nOK\r\n");
        for damaged in ["", "A+\r\r\n", "TA\r\r\n"] {
            bench.submit(requests::at());
            bench.exchange("AT\r", format!("{damaged}\r\nOK\r\n").as_bytes());
        }
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        let seen = bench.events();
        assert!(!seen.iter().any(|event| event == "reset"), "{seen:?}");
        assert_eq!(seen.last().unwrap(), "#5: +CSQ: 30,0 / OK");
    }
}

#[test]
fn echo_that_was_switched_on_is_no_reset() {
    // With its OK, and with an OK that was lost.
    for answer in ["\r\nOK\r\n", ""] {
        let mut bench = bench();
        bench.submit(requests::ate(false));
        bench.exchange("ATE0\r", b"ATE0\r\r\nOK\r\n");
        bench.submit(requests::ate(true));
        bench.exchange("ATE1\r", answer.as_bytes());
        bench.pass(FINAL);
        bench.submit(requests::csq());
        if answer.is_empty() {
            bench.exchange("AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
        }
        bench.exchange("AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        assert_eq!(bench.events(), ["#3: +CSQ: 30,0 / OK"], "{answer:?}");
    }
}

/// An adapter on a line of one pair echoes whatever the module was told.
#[test]
fn a_line_that_always_echoes_tells_of_no_reset() {
    let mut bench = bench();
    bench.submit(requests::ate(false));
    bench.exchange("ATE0\r", b"ATE0\r\r\nOK\r\n");
    bench.events();
    for ticket in 2..5 {
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        bench.expect(&[&format!("#{ticket}: +CSQ: 30,0 / OK")]);
    }
}

#[test]
fn echo_on_or_off_works_without_being_told() {
    for profile in profiles() {
        for echo in ["", "AT+CSQ\r", "AT+CSQ\r\r\n", "AT+CSQ\r\n"] {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::csq());
            bench.expect_transmit("AT+CSQ\r");
            bench.receive(echo.as_bytes());
            bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#1: +CSQ: 30,0 / OK"]);
        }
        // A URC between echo and answer, and no line end of the answer's own.
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::ati());
        bench.exchange("ATI\r", b"ATI\r\n+CREG: 1\r\nQuectel_M26\r\nOK\r\n");
        bench.expect(&["urc: +CREG: 1", "#1: Quectel_M26 / OK"]);
    }
}

#[test]
fn boot_lines_before_the_first_fence_are_no_reset() {
    let mut bench = Bench::new(Settings::default());
    bench.receive(b"\0\0\xff\r\nRDY\r\n\r\n+CFUN: 1\r\n");
    bench.submit(requests::at());
    bench.expect_transmit("AT+CMEE?\r");
    bench.receive(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    let seen = bench.events();
    assert!(!seen.contains(&"reset".to_string()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("#0: OK"));
    // Nor is the rest of the same boot behind it, which comes within a time.
    bench.receive(b"\r\n+CFUN: 1\r\n");
    bench.expect(&["urc: +CFUN: 1"]);
    bench.pass(BOOT);
    bench.receive(b"\r\n+CFUN: 1\r\n");
    bench.expect(&["urc: +CFUN: 1", "reset"]);
}

#[test]
fn a_brown_out_loop() {
    let mut bench = bench();
    for number in 1..20 {
        bench.submit(requests::at());
        bench.pass(Duration::from_secs(1));
        let line = bench.transmit();
        bench.write(line.len());
        bench.receive(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n");
        // The first one was on the wire, the later ones behind a fence.
        let certainty = if number == 1 { "unknown" } else { "not-sent" };
        bench.expect(&[
            "urc: RDY",
            &format!("#{number} interrupted ({certainty})"),
            "reset",
            "urc: +CFUN: 1",
            "urc: +CPIN: READY",
        ]);
    }
}

#[test]
fn silence() {
    assert_eq!(FENCE_TRIES, 3);
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.expect_deadline("final", FINAL);
    bench.expect(&["#1 timed-out (unknown) final"]);
    bench.submit(requests::csq());
    bench.submit(requests::at());
    for fence in ["AT+CMEE?\r", "AT+IFC?\r", "AT+CCLK?\r"] {
        bench.expect(&[]);
        bench.expect_transmit(fence);
        bench.expect_deadline("fence", FENCE);
    }
    bench.expect(&["silent", "#2 silent", "#3 silent"]);
    assert!(bench.engine.is_idle());
    bench.expect_quiet();
    // A later command begins with a fence that none before it was like.
    bench.pass(Duration::from_secs(3600));
    bench.submit(requests::at());
    bench.expect_transmit("AT+CMEE?;+CMEE?\r");
    bench.receive(b"\r\n+CMEE: 1\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#4: OK"]);
}

/// It takes as many fences each time, and only those count that nothing was answered in between.
#[test]
fn as_many_fences_until_silence() {
    let mut bench = Bench::new(Settings::default());
    for time in 0..2 {
        bench.submit(requests::at());
        bench.receive(b"\r\n+FOO: 1\r\n");
        bench.expect(&["urc: +FOO: 1"]);
        for _ in 1..FENCE_TRIES {
            let line = bench.transmit();
            bench.expect_transmit(&line);
            bench.expect_deadline("fence", FENCE);
            bench.expect(&[]);
        }
        let line = bench.transmit();
        bench.expect_transmit(&line);
        bench.receive(b"\r\n+FOO: 1\r\n");
        bench.now += FENCE;
        bench.engine.handle_timeout(bench.now);
        bench.expect(&["urc: +FOO: 1", "silent", &format!("#{time} silent")]);
        bench.expect_quiet();
    }
    let mut bench = self::bench();
    for number in 1..10 {
        bench.submit(requests::csq());
        bench.expect_transmit("AT+CSQ\r");
        bench.expect_deadline("final", FINAL);
        bench.expect(&[&format!("#{} timed-out (unknown) final", 2 * number - 1)]);
        bench.submit(requests::at());
        bench.expect_transmit("AT+CMEE?\r");
        bench.expect_deadline("fence", FENCE);
        bench.exchange("AT+IFC?\r", b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&[&format!("#{}: OK", 2 * number)]);
    }
}

#[test]
fn without_a_fence_nothing_can_be_told_apart() {
    let mut bench = Bench::new(Settings::new(Profile { fences: &[], ..Profile::quectel() }));
    bench.submit(requests::at());
    bench.expect(&["silent", "#0 silent"]);
    bench.expect_quiet();
}

#[test]
fn the_queue_has_a_limit() {
    let mut bench = bench();
    // One is on the wire.
    for _ in 0..=QUEUE_LIMIT {
        bench.submit(requests::at());
    }
    let refused = bench.engine.submit(bench.now, requests::at());
    assert_eq!(refused, Err(SubmitError::Queue { waiting: QUEUE_LIMIT }));
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.submit(requests::at());
    let mut none = Bench::new(Settings { queue_limit: 0, ..Settings::default() });
    assert_eq!(
        none.engine.submit(none.now, requests::at()),
        Err(SubmitError::Queue { waiting: 0 })
    );
}

#[test]
fn one_of_a_group_at_a_time_while_others_pass() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::open(&profile));
    bench.submit(requests::did(&profile));
    bench.submit(requests::cfg_read());
    bench.submit(requests::csq());
    bench.exchange("AT+ALIPAYOPEN\r", b"\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+ALIPAYOPEN: 0\r\n");
    bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+ALIPAYDID: 0,\"1\"\r\n");
    bench.exchange("AT+ALIPAYCFG?\r", b"\r\n+ALIPAYCFG:\r\n\"env\": 4\r\n\r\nOK\r\n");
    bench.expect(&[
        "#4: +CSQ: 30,0 / OK",
        "#1: +ALIPAYOPEN: 0 / OK",
        "#2: +ALIPAYDID: 0,\"1\" / OK",
        "#3: +ALIPAYCFG: / \"env\": 4 / OK",
    ]);
}

#[test]
fn overlap_is_for_different_prefixes() {
    let profile = Profile { overlap: true, ..Profile::quectel() };
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.submit(requests::sign(&profile, "2"));
    bench.submit(requests::report(&profile, "1"));
    bench.submit(requests::report_read());
    bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
    bench.submit(requests::did(&profile));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
    bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
    // Never two on one prefix, the read form and a line typed by hand included.
    bench.expect_quiet();
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.exchange("AT+ALIPAYREP?\r", b"\r\n+ALIPAYREP: 0,12\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+ALIPAYDID: 0,\"1\"\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n");
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"9\"\r");
    bench.expect(&[
        "#3: +ALIPAYREP: 0 / OK",
        "#4: +ALIPAYREP: 0,12 / OK",
        "#6: +ALIPAYDID: 0,\"1\" / OK",
        "#1: +ALIPAYSIGN: 0,1,\"1\" / OK",
        "#2: +ALIPAYSIGN: 0,1,\"2\" / OK",
    ]);
}

/// Commands of no group are not a group.
#[test]
fn a_result_that_is_awaited_holds_back_only_its_group() {
    for overlap in [false, true] {
        let profile = Profile { overlap, ..Profile::quectel() };
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::ntp("AT+QNTTP=\"x\"", "+QNTTP"));
        bench.exchange("AT+QNTTP=\"x\"\r", b"\r\nOK\r\n");
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
        bench.submit(requests::did(&profile));
        bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
        bench.receive(b"\r\n+QNTTP: 0\r\n\r\n+ALIPAYDID: 0,\"1\"\r\n");
        bench.expect(&[
            "#2: +CSQ: 11,0 / OK",
            "#1: +QNTTP: 0 / OK",
            "#3: +ALIPAYDID: 0,\"1\" / OK",
        ]);
    }
}

/// Deadlines that passed at one time are told in the order in which the commands were begun.
#[test]
fn results_that_are_overdue_together() {
    let profile = Profile { overlap: true, ..Profile::quectel() };
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.submit(requests::did(&profile));
    bench.submit(requests::open(&profile));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
    bench.exchange("AT+ALIPAYOPEN\r", b"\r\nOK\r\n");
    bench.now += RESULT;
    bench.engine.handle_timeout(bench.now);
    bench.expect(
        &[1, 2, 3]
            .map(|number| format!("#{number} timed-out (unknown) result"))
            .each_ref()
            .map(String::as_str),
    );
}

#[test]
fn every_deadline_has_its_name_and_time() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.pass(TRANSMIT - Duration::from_secs(1));
    // Each begins where the one before it ended.
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    bench.pass(FINAL - Duration::from_secs(1));
    bench.receive(b"\r\nOK\r\n");
    bench.pass(RESULT - Duration::from_secs(1));
    bench.receive(b"\r\n+ALIPAYSIGN: 0,5,\"a\r\n");
    // The data have a deadline of their own, but that of the result comes first.
    bench.expect_deadline("result", Duration::from_secs(1));
    bench.expect(&["#1 timed-out (unknown) result"]);
    bench.expect_deadline("announced data", PAYLOAD - Duration::from_secs(1));
    bench.expect(&["malformed: +ALIPAYSIGN: 0,5,\"a"]);
    assert_eq!(bench.timer(), None);
}

#[test]
fn announced_data_that_do_not_come() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,50,\"abc\r\n");
        bench.pass(Duration::from_secs(1));
        bench.receive(b"\r\n+CREG: 1\r\n");
        bench.expect_deadline("announced data", PAYLOAD - Duration::from_secs(1));
        let events = bench.raw_events();
        let [Event::Done { outcome: Err(failure), .. }, Event::Urc(urc)] = &events[..] else {
            panic!("{events:?}")
        };
        let ExchangeError::Contradicted(ContradictionReason::Miscounted(line)) = failure else {
            panic!("{failure:?}")
        };
        assert_eq!(line.as_bytes(), b"+ALIPAYSIGN: 0,50,\"abc");
        assert!(!format!("{failure} {failure:?}").contains("abc"), "{failure} {failure:?}");
        assert_eq!(urc.as_bytes(), b"+CREG: 1");
        assert_eq!(bench.timer(), None);
    }
}

/// Data that are announced have their own time each, and what goes on as a line has none.
#[test]
fn one_announcement_after_another() {
    let mut bench = bench();
    bench.receive(b"\r\n+ALIPAYSIGN: 0,5,\"a\r\n");
    bench.pass(PAYLOAD / 2);
    bench.receive(b"bc\"\r\n+ALIPAYSIGN: 0,5,\"d\r\n");
    bench.expect(&["urc: +ALIPAYSIGN: 0,5,\"a\r\nbc\""]);
    bench.expect_deadline("announced data", PAYLOAD);
    bench.expect(&["malformed: +ALIPAYSIGN: 0,5,\"d"]);
    assert_eq!(bench.timer(), None);
    // The page wrap behind the colon is waited for, the line behind it is not.
    bench.receive(b"+ALIPAYSIGN:\r\n");
    assert_eq!(bench.timer().map(|timer| timer.at - bench.now), Some(PAYLOAD));
    bench.receive(b"9");
    assert_eq!(bench.timer(), None);
}

#[test]
fn a_result_before_its_ok_shortens_the_wait() {
    let profile = Profile::luat();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    bench.pass(Duration::from_secs(20));
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    bench.expect_deadline("final result after the result line", FINAL_AFTER_RESULT);
    bench.expect(&["#1: +ALIPAYSIGN: 0,1,\"1\" / no final"]);
    bench.submit(requests::at());
    bench.fence();
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#2: OK"]);
    // It does not make it longer than it was.
    bench.submit(requests::sign(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    bench.pass(FINAL_WITH_RESULT - Duration::from_secs(1));
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    bench.expect_deadline("final result after the result line", Duration::from_secs(1));
    bench.expect(&["#3: +ALIPAYSIGN: 0,1,\"1\" / no final"]);
}

#[test]
fn a_timeout_takes_the_place_of_all_deadlines() {
    let profile = Profile::quectel();
    let timeout = Duration::from_secs(7);
    let request = |timeout| requests::sign(&profile, "1").timeout(timeout);
    // It counts from the first byte, whatever comes in between.
    let mut bench = Bench::ready(profile.clone());
    bench.submit(request(Some(timeout)));
    bench.pass(Duration::from_secs(3));
    bench.write(1);
    bench.pass(Duration::from_secs(3));
    bench.expect_transmit("T+ALIPAYSIGN=1,\"1\"\r");
    bench.pass(Duration::from_secs(1));
    bench.receive(b"\r\nOK\r\n");
    bench.pass(Duration::from_secs(1));
    bench.expect_deadline("result", Duration::from_secs(2));
    bench.expect(&["#1 timed-out (unknown) result"]);
    // Longer than the deadlines, it lets them pass.
    let mut bench = Bench::ready(profile.clone());
    bench.submit(request(Some(Duration::from_secs(1000))));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    assert!(bench.pass(Duration::from_secs(500)).is_empty());
    bench.receive(b"\r\nOK\r\n");
    assert!(bench.pass(Duration::from_secs(499)).is_empty());
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
    bench.expect(&["#1: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
    // Without one, the deadlines hold.
    let mut bench = Bench::ready(profile.clone());
    bench.submit(request(None));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    if profile.result_before_ok {
        bench.expect_deadline("result and final", FINAL_WITH_RESULT);
    } else {
        bench.expect_deadline("final", FINAL);
    }
}

/// A timeout may be as long as the caller likes. One of decades is kept to the second.
#[test]
fn a_timeout_that_nobody_lives_to_see() {
    let years = |count: u64| Duration::from_secs(count * 365 * 24 * 60 * 60);
    let mut bench = bench();
    bench.submit(requests::csq().timeout(Some(years(29))));
    bench.expect_transmit("AT+CSQ\r");
    bench.expect_deadline("final", years(29));
    bench.expect(&["#1 timed-out (unknown) final"]);
    // What no clock can show is longer than that, and fails no sooner.
    let mut bench = self::bench();
    bench.submit(requests::csq().timeout(Some(Duration::MAX)));
    bench.expect_transmit("AT+CSQ\r");
    assert!(bench.timer().is_some_and(|timer| timer.at - bench.now >= years(30)));
    assert!(bench.pass(years(29)).is_empty());
    bench.receive(b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.expect(&["#1: +CSQ: 11,0 / OK"]);
}

#[test]
fn what_has_arrived_counts_before_the_deadline() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.now += FINAL + Duration::from_secs(5);
    bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    bench.engine.handle_timeout(bench.now);
    bench.expect(&["#1: +CSQ: 30,0 / OK"]);
}

#[test]
fn nothing_fires_early() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    for _ in 0..100 {
        bench.engine.handle_timeout(bench.now);
    }
    bench.expect(&[]);
    bench.expect_deadline("final", FINAL);
}

/// What the engine keeps of an answer is bounded, and nothing of the rest is lost.
#[test]
fn an_answer_without_end() {
    let mut bench = bench();
    bench.submit(requests::ati());
    bench.expect_transmit("ATI\r");
    for _ in 0..1000 {
        bench.receive(b"\r\nline\r\n");
    }
    bench.receive(b"\r\nOK\r\n");
    let events = bench.raw_events();
    let kept: usize = events
        .iter()
        .filter_map(|event| match event {
            Event::Done { outcome: Ok(reply), .. } => Some(reply.lines.len()),
            _ => None,
        })
        .sum();
    assert_eq!(kept, 64);
    assert_eq!(events.len(), 1000 - kept + 1);
}

#[test]
fn an_overlong_line_is_told_once() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.receive(&vec![b'x'; 64 * 1024]);
    bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    let events = bench.raw_events();
    let [Event::Malformed(line), Event::Done { outcome: Ok(_), .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(line.as_bytes().len(), 4096);
}

/// What is printed of an engine holds nothing of what passes through it.
#[test]
fn an_engine_prints_no_secret() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "281234567890123456"));
    bench.submit(requests::sign(&profile, "281234567890123456"));
    bench.write(5);
    assert!(!format!("{:?}", bench.engine).contains("2812345"), "{:?}", bench.engine);
    bench.write(100);
    bench.receive(b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,7,\"2812345");
    assert!(!format!("{:?}", bench.engine).contains("2812345"), "{:?}", bench.engine);
    bench.receive(b"\"\r\n281234567890\r\nAT+ALIPAYSIGN=1,\"281234567");
    bench.receive(b"\r\n");
    assert!(!format!("{:?}", bench.raw_events()).contains("2812345"));
    bench.submit(requests::bare("ATD13812345678;"));
    bench.write(5);
    assert!(!format!("{:?}", bench.engine).contains("1381"), "{:?}", bench.engine);
}

#[test]
fn an_engine_prints_what_it_does() {
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.submit(requests::at());
    bench.write(3);
    let shown = format!("{:?}", bench.engine);
    for part in [
        "quectel",
        "AT+CSQ",
        "sent: 3",
        "line written",
        "waiting: 0",
        "queue: 1",
        "past_open: false",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn failures_say_whether_the_command_was_carried_out() {
    let unknown = ", and whether the command was carried out is not known";
    let mut bench = bench();
    bench.submit(requests::csq());
    bench.submit(requests::at());
    bench.write(3);
    bench.engine.disconnected(bench.now);
    let events = bench.raw_events();
    let messages: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Done { outcome: Err(failure), .. } => Some(failure.to_string()),
            _ => None,
        })
        .collect();
    let advice = "check the cable and the module's power, then connect again";
    assert_eq!(
        messages,
        [
            format!("the port was disconnected{unknown}: {advice}"),
            format!("the port was disconnected: {advice}"),
        ]
    );
}

/// What a line typed by hand took for its answer may have been a URC that nobody knows: it is not
/// lost when the answer goes to nobody.
#[test]
fn lines_of_an_answer_that_nobody_gets() {
    let mut bench = bench();
    bench.submit(requests::raw("AT+X"));
    bench.exchange("AT+X\r", b"\r\n+QIURC: \"closed\"\r\n\r\nERROR\r\n");
    bench.expect(&["late: +QIURC: \"closed\"", "#1 refused: ERROR"]);
    let left = bench.submit(requests::raw("AT+X"));
    bench.expect_transmit("AT+X\r");
    bench.cancel(left);
    bench.receive(b"\r\n+QIURC: \"closed\"\r\n\r\nOK\r\n");
    bench.expect(&["late: +QIURC: \"closed\""]);
    bench.submit(requests::raw("AT+X"));
    bench.exchange("AT+X\r", b"\r\n+QIURC: \"closed\"\r\n");
    assert_eq!(bench.pass(FINAL), ["late: +QIURC: \"closed\"", "#3 timed-out (unknown) final"]);
}
