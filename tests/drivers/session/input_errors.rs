//! Bytes that were lost or damaged on the line: the driver's counters decide, and nothing else.

use std::rc::Rc;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::blocking::Session;
use m26_pay::engine::InputErrors;
use m26_pay::session::State;
use m26_pay::sim::Order;
use support::session_line::{Desk, Line, configured, module, plan, session, sign, story};

const MINUTE: Duration = Duration::from_secs(60);

fn errors(overrun: u32, frame: u32) -> InputErrors {
    InputErrors { overrun, frame, ..InputErrors::default() }
}

/// A session that is ready, at a port with these counters.
fn ready(counted: Option<InputErrors>) -> (Session<Desk>, Rc<Line>) {
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), ""), plan(), profile);
    line.input_errors.set(counted);
    session.wait_ready(MINUTE).unwrap();
    story(&mut session);
    line.sent();
    (session, line)
}

fn rest(session: &mut Session<Desk>, line: &Line, time: Duration) {
    let until = line.passed() + time;
    while line.passed() < until {
        let _ = session.next_event(Some(until - line.passed()));
    }
}

#[test]
fn what_was_lost_is_told_counted_and_asked_about_while_the_till_goes_on() {
    let (mut session, line) = ready(Some(errors(3, 0)));
    line.input_errors.set(Some(errors(4, 2)));
    line.order(Order::Urc("+CREG: 1".into()));
    let mut texts = Vec::new();
    let began = line.passed();
    while line.passed() < began + Duration::from_secs(2) {
        let event = session.next_event(Some(Duration::from_secs(1)));
        texts.extend(event.map(|event| event.to_string()));
    }
    assert_eq!(texts[0], "bytes from the module were lost or damaged: overrun 1, frame 2");
    assert!(texts[1].contains("+CREG"), "{texts:?}");
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(session.state(), State::Ready);
    assert_eq!(session.health().input_errors, errors(1, 2));
    assert_eq!(line.sent().matches("AT+CGREG?").count(), 1, "the module was asked once");
    assert!(session.send_within(&sign(), MINUTE).is_ok());
}

#[test]
fn under_noise_the_till_still_pays() {
    let (mut session, line) = ready(Some(errors(0, 0)));
    for frame in 1..=100 {
        line.input_errors.set(Some(errors(0, frame)));
        line.order(Order::Urc("+CREG: 1".into()));
        assert!(session.send_within(&sign(), MINUTE).is_ok(), "{frame}");
    }
    assert_eq!(session.health().input_errors, errors(0, 100));
    assert_eq!(session.health().counters.ready, 1);
}

#[test]
fn a_restart_that_was_lost_is_found_out_with_the_next_byte() {
    let (mut session, line) = ready(Some(errors(0, 0)));
    line.order(Order::Drop(1.0));
    line.order(Order::Reset);
    rest(&mut session, &line, Duration::from_secs(20));
    assert_eq!(session.state(), State::Ready, "nobody knows yet");
    line.order(Order::Calm);
    line.input_errors.set(Some(errors(94, 0)));
    line.order(Order::Urc("+CREG: 1".into()));
    rest(&mut session, &line, Duration::from_secs(1));
    assert_ne!(session.state(), State::Ready);
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(session.health().counters.ready, 2);
}

/// On an 8250, Linux keeps far more than the 4095 bytes that a terminal shows at once.
#[test]
fn unread_bytes_that_are_all_there_are_not_lost() {
    for counted in [None, Some(errors(0, 7))] {
        let (mut session, line) = ready(counted);
        for _ in 0..500 {
            line.order(Order::Urc("+CREG: 1".into()));
        }
        assert!(session.send_within(&sign(), MINUTE).is_ok());
        assert_eq!(session.state(), State::Ready);
        assert_eq!(session.health().counters.ready, 1);
        let (states, texts) = story(&mut session);
        assert!(states.is_empty(), "{states:?}");
        assert_eq!(texts.iter().filter(|text| text.contains("CREG")).count(), 500);
        assert_eq!(session.health().input_errors, errors(0, 0));
    }
}
