//! The host's clock is set while a session is ready.

use std::rc::Rc;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::blocking::Session;
use m26_pay::m26::ClockCheck;
use m26_pay::session::SessionEvent;
use m26_pay::sim::modem::ModemSettings;
use support::session_line::{Desk, Line, configured, module, plan, session, story};

const MINUTE: Duration = Duration::from_secs(60);

/// A time of 2023.
const TRUE: i64 = 1_700_000_000;

/// A session that is ready, whose module shows the true time and whose host shows this one.
fn ready(host: i64) -> (Session<Desk>, Rc<Line>) {
    let profile = Profile::quectel();
    let settings = ModemSettings { clock: TRUE as u64, ..configured(&profile) };
    let (mut session, line) = session(module(settings, ""), plan(), profile);
    line.unix_seconds.set(Some(host));
    session.wait_ready(MINUTE).unwrap();
    story(&mut session);
    (session, line)
}

/// The warnings of the next five minutes, in which it stays ready.
fn warnings(session: &mut Session<Desk>, line: &Line) -> Vec<String> {
    let until = line.passed() + 5 * MINUTE;
    let mut told = Vec::new();
    while line.passed() < until {
        match session.next_event(Some(until - line.passed())) {
            Some(SessionEvent::Warning(warning)) => told.push(warning.to_string()),
            Some(SessionEvent::Transition(transition)) => panic!("{transition}"),
            _ => {}
        }
    }
    told
}

#[test]
fn a_clock_that_is_set_right_is_seen() {
    let (mut session, line) = ready(80);
    assert!(matches!(session.health().clock, Some(ClockCheck::HostUnset { .. })));
    line.unix_seconds.set(Some(TRUE));
    assert!(warnings(&mut session, &line).is_empty());
    assert!(matches!(session.health().clock, Some(ClockCheck::Agree { .. })));
}

#[test]
fn a_clock_that_is_set_wrong_is_a_warning_once() {
    for (wrong, says) in [(TRUE + 446_000_000, "behind the host's"), (7, "before 2020")] {
        let (mut session, line) = ready(TRUE);
        line.unix_seconds.set(Some(wrong));
        let told = warnings(&mut session, &line);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(says), "{told:?}");
        assert!(warnings(&mut session, &line).is_empty());
    }
}

#[test]
fn a_clock_that_goes_costs_no_command() {
    let (mut session, line) = ready(TRUE);
    line.sent();
    assert!(warnings(&mut session, &line).is_empty());
    assert!(!line.sent().contains("AT+CCLK?"));
}
