//! A module that was reset: which results may still come after it, and until when, by what told of
//! the reset.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{BOOT, SETTLE, Settings};
use support::bench::{Bench, profiles};
use support::requests;

const RDY: &[u8] = b"\r\nRDY\r\n";
const CFUN: &[u8] = b"\r\n+CFUN: 1\r\n";
const SIGNED: &[u8] = b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n";

/// How long before `RDY` a command may have been written that the module heard after it.
const HEARD: Duration = Duration::from_millis(500);

/// A signature may begin now, but for the fence.
#[track_caller]
fn expect_free(bench: &mut Bench, profile: &Profile) {
    bench.events();
    bench.submit(requests::sign(profile, "free"));
    assert_eq!(bench.events(), Vec::<String>::new(), "the slot is free");
    assert!(bench.transmit().starts_with("AT+CMEE?"), "{}", bench.transmit());
}

/// A signature is refused until one more result came, and may begin then.
#[track_caller]
fn expect_one_due(bench: &mut Bench, profile: &Profile, told: &str) {
    expect_refused(bench, profile);
    bench.receive(SIGNED);
    bench.expect(&[&format!("{told}: +ALIPAYSIGN: 0,1,\"1\"")]);
    expect_free(bench, profile);
}

#[track_caller]
fn expect_refused(bench: &mut Bench, profile: &Profile) {
    bench.events();
    bench.submit(requests::sign(profile, "refused"));
    let seen = bench.events();
    assert!(seen.len() == 1 && seen[0].contains("outstanding +ALIPAYSIGN"), "{seen:?}");
}

/// A signature on the wire, of which so many bytes were written, and so much time later.
fn signing(profile: &Profile, written: usize, later: Duration) -> Bench {
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(profile, "1"));
    bench.write(written);
    bench.pass(later);
    bench
}

#[test]
fn rdy_ends_what_was_due_before() {
    for profile in profiles() {
        // Missed before, and awaited.
        let mut bench = signing(&profile, 100, SETTLE);
        bench.receive(RDY);
        expect_free(&mut bench, &profile);
        let mut bench = signing(&profile, 100, Duration::from_secs(1));
        bench.receive(b"\r\nOK\r\n");
        bench.receive(RDY);
        expect_free(&mut bench, &profile);
    }
}

/// What is written just before `RDY` arrives may have been heard by the module that said it.
#[test]
fn rdy_just_after_a_command() {
    for profile in profiles() {
        let mut bench = signing(&profile, 100, HEARD - Duration::from_millis(1));
        bench.receive(RDY);
        expect_one_due(&mut bench, &profile, "late");
        // For ever it is not waited for.
        let mut bench = signing(&profile, 100, Duration::ZERO);
        bench.receive(RDY);
        bench.pass(SETTLE - Duration::from_millis(1));
        expect_refused(&mut bench, &profile);
        bench.pass(Duration::from_millis(1));
        expect_free(&mut bench, &profile);
        // The time counts from the last byte so far.
        let mut bench = signing(&profile, 1, HEARD);
        bench.write(1);
        bench.receive(RDY);
        bench.write(100);
        expect_one_due(&mut bench, &profile, "late");

        let mut bench = signing(&profile, 100, HEARD);
        bench.receive(RDY);
        expect_free(&mut bench, &profile);
        let mut bench = signing(&profile, 0, Duration::ZERO);
        bench.receive(RDY);
        expect_free(&mut bench, &profile);
        // Its result came before.
        let mut bench = signing(&profile, 100, Duration::ZERO);
        bench.receive(SIGNED);
        bench.receive(RDY);
        expect_free(&mut bench, &profile);
    }
}

/// Where `RDY` was lost, commands may have been answered since, so that all may still come.
#[test]
fn a_reset_of_which_the_first_word_was_lost() {
    for profile in profiles() {
        // Missed before.
        let mut bench = signing(&profile, 100, SETTLE);
        bench.receive(CFUN);
        expect_one_due(&mut bench, &profile, "late");
        // Awaited.
        let mut bench = signing(&profile, 100, Duration::from_secs(1));
        bench.receive(b"\r\nOK\r\n");
        bench.receive(CFUN);
        expect_one_due(&mut bench, &profile, "late");
        // On the wire, however long, and begun at least.
        for written in [1, 100] {
            let mut bench = signing(&profile, written, HEARD * 2);
            bench.receive(CFUN);
            bench.write(100);
            expect_one_due(&mut bench, &profile, "late");
        }
        let mut bench = signing(&profile, 0, Duration::ZERO);
        bench.receive(CFUN);
        expect_free(&mut bench, &profile);
        let mut bench = signing(&profile, 100, Duration::ZERO);
        bench.receive(SIGNED);
        bench.receive(CFUN);
        expect_free(&mut bench, &profile);
        // For ever it is not waited for.
        let mut bench = signing(&profile, 100, SETTLE);
        bench.receive(CFUN);
        bench.pass(SETTLE);
        expect_free(&mut bench, &profile);
    }
}

/// Where `OK` alone is success, no result is missed.
#[test]
fn a_report_that_needs_no_result() {
    let profile = Profile::luat();
    for boot in [RDY, CFUN] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        let line = bench.transmit();
        bench.expect_transmit(&line);
        bench.receive(boot);
        bench.events();
        bench.submit(requests::report(&profile, "2"));
        bench.expect(&[]);
    }
}

/// A line typed by hand causes its result once, by whichever sign the reset is known.
#[test]
fn a_line_typed_by_hand_before_a_reset() {
    let profile = Profile::quectel();
    let typed = |written, later| {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.write(written);
        bench.pass(later);
        bench
    };
    for boot in [RDY, CFUN] {
        let mut bench = typed(100, Duration::ZERO);
        bench.receive(boot);
        expect_one_due(&mut bench, &profile, "urc");
        let mut bench = typed(0, Duration::ZERO);
        bench.receive(boot);
        expect_free(&mut bench, &profile);
    }
    let mut bench = typed(100, HEARD);
    bench.receive(RDY);
    expect_free(&mut bench, &profile);
    let mut bench = typed(100, HEARD);
    bench.receive(CFUN);
    expect_one_due(&mut bench, &profile, "urc");
    // For ever it is not waited for.
    let mut bench = typed(100, Duration::ZERO);
    bench.receive(RDY);
    bench.pass(SETTLE - Duration::from_millis(1));
    expect_refused(&mut bench, &profile);
    bench.pass(Duration::from_millis(1));
    expect_free(&mut bench, &profile);
}

/// Half a command is not left in front of the next one.
#[test]
fn a_line_that_a_reset_interrupts_is_written_to_its_end() {
    for boot in [RDY, CFUN] {
        let mut bench = Bench::ready(Profile::quectel());
        bench.submit(requests::csq());
        bench.write(3);
        bench.receive(boot);
        bench.events();
        bench.submit(requests::at());
        bench.expect_transmit("CSQ\r");
        assert!(bench.transmit().starts_with("AT+CMEE?"), "{}", bench.transmit());
        // The same for a fence.
        bench.write(3);
        bench.receive(RDY);
        bench.events();
        bench.submit(requests::at());
        bench.expect_transmit("CMEE?\r");
        bench.expect_transmit("AT+IFC?\r");
    }
}

#[test]
fn a_reset_forgets_what_was_asked_before() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.pass(requests::FINAL);
    bench.receive(b"\r\n+CSQ: 11,0\r\n");
    bench.receive(RDY);
    bench.receive(b"\r\n+CSQ: 11,0\r\n");
    bench.expect(&["late: +CSQ: 11,0", "urc: RDY", "reset", "urc: +CSQ: 11,0"]);
}

/// A module that was reset echoes again, and that is no second reset.
#[test]
fn echo_after_a_reset_that_is_known() {
    for boot in [RDY, CFUN] {
        let mut bench = Bench::ready(Profile::quectel());
        bench.submit(requests::ate(false));
        bench.exchange("ATE0\r", b"ATE0\r\r\nOK\r\n");
        bench.submit(requests::at());
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.receive(boot);
        bench.events();
        bench.submit(requests::at());
        bench.exchange("AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"AT\r\r\nOK\r\n");
        bench.expect(&["#3: OK"]);
    }
}

/// Boot lines tell of one boot for a while after the first of them, also where that was before
/// anything was known of the module.
#[test]
fn the_rest_of_a_boot_before_the_first_fence() {
    let mut bench = Bench::new(Settings::default());
    bench.pass(Duration::from_secs(60));
    bench.receive(RDY);
    bench.submit(requests::at());
    bench.fence();
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.pass(BOOT - Duration::from_millis(1));
    bench.receive(CFUN);
    bench.expect(&["urc: +CFUN: 1"]);
    bench.pass(BOOT);
    bench.receive(CFUN);
    bench.expect(&["urc: +CFUN: 1", "reset"]);
}

/// A reset that the caller found out ends what was due, and its boot lines tell of no second one; no
/// result of an earlier program is due any more.
#[test]
fn a_reset_that_the_caller_found_out() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready_behind_another(Settings::new(profile.clone()));
    bench.submit(requests::sign(&profile, "held"));
    bench.expect_quiet();
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.engine.module_was_reset(bench.now);
    bench.receive(CFUN);
    bench.expect(&[
        "#2 interrupted (unknown)",
        "#1 interrupted (not-sent)",
        "reset",
        "urc: +CFUN: 1",
    ]);
    expect_free(&mut bench, &profile);
}
