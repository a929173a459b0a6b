//! Lines that are taken for something else: the two meanings of a prefix, lines typed by hand that
//! do several things, data that came apart.

use m26_pay::at::command::{Awaited, Deadline, Release, WhileClosed};
use m26_pay::at::field::Shape;
use m26_pay::at::profile::Profile;
use support::bench::{Bench, profiles};
use support::requests::{self, FINAL, RESULT};

const REPORT_1: &str = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";

/// The answer about the queue is not the result of a report that was typed by hand, so the next
/// report still waits for that.
#[test]
fn the_queue_is_no_result_of_a_line_typed_by_hand() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        for read in [requests::report_read(), requests::raw("AT+ALIPAYREP?")] {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::raw("AT+ALIPAYREP=,,1,,6,1"));
            bench.exchange("AT+ALIPAYREP=,,1,,6,1\r", b"\r\nOK\r\n");
            bench.submit(read);
            bench.exchange("AT+ALIPAYREP?\r", b"\r\n+ALIPAYREP: 0,20\r\n\r\nOK\r\n");
            bench.expect(&["#1: OK", "#2: +ALIPAYREP: 0,20 / OK"]);
            bench.submit(requests::report(&spec, "1"));
            bench.expect(&["#3 outstanding +ALIPAYREP"]);
            bench.receive(b"\r\n+ALIPAYREP: 6\r\n");
            bench.expect(&["urc: +ALIPAYREP: 6"]);
            bench.submit(requests::report(&spec, "1"));
            bench.exchange(REPORT_1, b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
            bench.expect(&["#4: +ALIPAYREP: 0 / OK"]);
        }
    }
}

/// Nor is it the result of a report that was missed, whatever was typed by hand before.
#[test]
fn the_queue_is_no_result_of_a_missed_report() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+ALIPAYREP=x"));
        bench.exchange("AT+ALIPAYREP=x\r", b"\r\nERROR\r\n");
        bench.expect(&["#1 refused: ERROR"]);
        bench.submit(requests::report(&spec, "1"));
        bench.exchange(REPORT_1, b"\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), ["#2 timed-out (unknown) result"]);
        bench.submit(requests::report_read());
        bench.exchange("AT+ALIPAYREP?\r", b"\r\n+ALIPAYREP: 0,20\r\n\r\nOK\r\n");
        bench.expect(&["#3: +ALIPAYREP: 0,20 / OK"]);
        bench.submit(requests::report(&spec, "2"));
        bench.expect(&["#4 outstanding +ALIPAYREP, or the same line"]);
    }
}

/// A line of several commands that ends with an error may have carried out the first of them.
#[test]
fn a_refused_line_of_several_commands_may_cause_a_result() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\";+BOGUS"));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\";+BOGUS\r", b"\r\nERROR\r\n");
        bench.submit(requests::sign(&profile, "1"));
        bench.expect(&["#1 refused: ERROR", "#2 outstanding +ALIPAYSIGN"]);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n");
        bench.expect(&["urc: +ALIPAYSIGN: 0,1,\"9\""]);
        bench.submit(requests::sign(&profile, "1"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    }
}

/// Data whose length was wrong come apart, and the rest of them may come after the next command
/// was written: what is in them ends nothing.
#[test]
fn the_rest_of_damaged_data_ends_no_later_command() {
    for profile in profiles() {
        for queued in [true, false] {
            let mut bench = Bench::ready(profile.clone());
            let spec = Profile { result_before_ok: false, ..profile.clone() };
            bench.submit(requests::sign(&spec, "1"));
            bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
            let next = requests::cfg_set("AT+ALIPAYCFG=1");
            if queued {
                bench.submit(next.clone());
                bench.expect_quiet();
            }
            bench.receive(b"\r\n+ALIPAYSIGN: 0,2,\"ab\r");
            let seen = bench.events();
            assert!(seen.len() == 1 && seen[0].starts_with("#1 contradicted"), "{seen:?}");
            if !queued {
                bench.submit(next);
            }
            // The past is open, so a fence comes first.
            bench.expect_transmit("AT+CMEE?\r");
            bench.receive(b"\nOK\r\ncd\"\r\n");
            bench.expect(&["late: OK", "urc: cd\""]);
            bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
            bench.exchange("AT+ALIPAYCFG=1\r", b"\r\nERROR\r\n");
            bench.expect(&["#2 refused: ERROR"]);
        }
    }
}

/// As above, while the next command is being written when the data is damaged.
#[test]
fn the_rest_of_damaged_data_ends_no_command_that_was_being_written() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        let signed = bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        bench.cancel(signed);
        bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
        bench.write(4);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,2,\"ab\r");
        bench.expect(&["malformed: +ALIPAYSIGN: 0,2,\"ab"]);
        bench.expect_transmit("LIPAYCFG=1\r");
        bench.receive(b"\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with("#2 contradicted"), "{seen:?}");
        bench.submit(requests::at());
        bench.fence();
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#3: OK"]);
    }
}

/// What was asked before the module was reset may still be answered, if the module read it after
/// it had started: a fence that asks the same would be closed by that answer.
#[test]
fn the_fence_after_a_reset_asks_nothing_that_was_interrupted() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+CMEE?"));
        bench.expect_transmit("AT+CMEE?\r");
        bench.receive(b"\r\nRDY\r\n");
        bench.expect(&["urc: RDY", "#1 interrupted (unknown)", "reset"]);
        bench.submit(requests::at());
        bench.expect_transmit("AT+IFC?\r");
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.expect(&["late: +CMEE: 1", "late: OK"]);
        bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#2: OK"]);
    }
}

/// A command that had not begun goes behind the fence, and is believed.
#[test]
fn damaged_data_take_back_what_was_not_written() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::sign(&Profile::quectel(), "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.submit(requests::at());
    bench.receive(b"\r\n+ALIPAYSIGN: 0,2,\"ab\r");
    let seen = bench.events();
    assert!(seen.len() == 1 && seen[0].starts_with("#1 contradicted"), "{seen:?}");
    bench.fence();
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#2: OK"]);
}

/// A result among damaged data is none, also where the final result does not come.
#[test]
fn a_result_in_damaged_data() {
    let profile = Profile::luat();
    let mut bench = Bench::ready(profile.clone());
    let signed = bench.submit(requests::sign(&Profile::quectel(), "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.cancel(signed);
    bench.submit(requests::report(&profile, "1"));
    bench.expect_transmit(REPORT_1);
    bench.receive(b"\r\n+ALIPAYSIGN: 0,2,\"ab\r\n+ALIPAYREP: 0\r\ncd\"\r\n");
    bench.raw_events();
    assert_eq!(bench.pass(FINAL), ["#2 timed-out (unknown) final result after the result line"]);
}

/// The second of two lines that look like the echo is that of something on the way.
#[test]
fn one_line_has_one_echo() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::at());
    bench.exchange("AT\r", b"AT\rAT\r\r\nOK\r\n");
    bench.expect(&["#1: OK"]);
}

/// A command that may cause a result says less of it than one that waits for it.
#[test]
fn who_waits_for_a_result_knows_how_it_looks() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let prefixes = vec![("+ALIPAYREP", Shape::Any), ("+QNTTP", Shape::Any)];
    bench.submit(requests::bare("AT+X").may_cause(prefixes));
    bench.exchange("AT+X\r", b"\r\nERROR\r\n");
    bench.expect(&["#1 refused: ERROR"]);
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(REPORT_1, b"\r\nOK\r\n");
    bench.submit(requests::bare("AT+QNTTP").result(Awaited {
        prefix: "+QNTTP",
        alias: Some("+QNTP"),
        shape: Shape::Any,
        ok_alone: false,
        deadline: Deadline { name: "result", after: RESULT },
        release: Release::Any,
        made_at: None,
        begins: None,
        while_closed: WhileClosed::Same,
    }));
    bench.exchange("AT+QNTTP\r", b"\r\nOK\r\n");
    bench.pass(RESULT);
    bench.receive(b"\r\n+QNTP: 0\r\n\r\n+ALIPAYREP: 0,20\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["late: +QNTP: 0", "stray: +ALIPAYREP: 0,20", "late: +ALIPAYREP: 0"]);
}

/// A record may be sent again, but not while a line typed by hand has a result outstanding.
#[test]
fn the_same_line_waits_for_what_was_typed_by_hand() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(REPORT_1, b"\r\nOK\r\n");
    bench.pass(RESULT);
    bench.submit(requests::raw("AT+ALIPAYREP=,,1,,6,1"));
    bench.exchange("AT+ALIPAYREP=,,1,,6,1\r", b"\r\nOK\r\n");
    bench.submit(requests::report(&profile, "1"));
    bench.expect(&["#2: OK", "#3 outstanding +ALIPAYREP"]);
}

/// Nobody waits for the result of a command whose caller left before its OK, so the next one is
/// told at once.
#[test]
fn a_caller_who_left_keeps_nobody_waiting() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let left = bench.submit(requests::sign(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
    bench.cancel(left);
    bench.receive(b"\r\nOK\r\n");
    assert!(bench.engine.is_idle());
    bench.submit(requests::sign(&profile, "2"));
    bench.expect(&["#2 outstanding +ALIPAYSIGN, or the same line"]);
}
