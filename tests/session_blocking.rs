//! A session in the blocking client against the simulator, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod session_line;

use std::time::Duration;

use m26_pay::alipay::behaviour::Behaviour;
use m26_pay::alipay::config::{Environment, SetConfig};
use m26_pay::alipay::device_id::DeviceId;
use m26_pay::alipay::open::Open;
use m26_pay::alipay::product_info::{HumanVerify, ProductInfo};
use m26_pay::alipay::report::ReadQueue;
use m26_pay::alipay::shut::Shut;
use m26_pay::alipay::status::Held;
use m26_pay::at::command::Command;
use m26_pay::engine::Certainty;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::m26::power::PowerOff;
use m26_pay::m26::raw::Raw;
use m26_pay::m26::signal::ReadSignal;
use m26_pay::profile::Profile;
use m26_pay::session::{Plan, State};
use m26_pay::sim::modem::Modem;
use session_line::{config, configured, module, plan, report, session, sign, story};

const MINUTE: Duration = Duration::from_secs(60);

fn quectel(script: &str, plan: Plan) -> (Session, std::rc::Rc<session_line::Line>) {
    let profile = Profile::quectel();
    session(module(configured(&profile), script), plan, profile)
}

type Session = m26_pay::blocking::Session<session_line::Desk>;

#[track_caller]
fn refused<C: Command>(session: &mut Session, command: &C, because: &str)
where
    C::Response: std::fmt::Debug,
{
    let error = session.send(command).unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error:?}");
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    assert!(error.to_string().contains(because), "{error}");
}

#[test]
fn from_nothing_to_ready_on_both_profiles() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let (mut session, line) =
            session(module(configured(&profile), ""), plan(), profile.clone());
        refused(&mut session, &ReadSignal, "recovering");
        session.run_until_ready(MINUTE).unwrap();
        let (states, _) = story(&mut session);
        use State::*;
        assert_eq!(
            states,
            [Connecting, Synchronising, BringingUp, Configuring, Opening, Identifying, Ready]
        );
        let sent = line.sent();
        for once in ["AT+ALIPAYOPEN\r", "AT+ALIPAYPINFO=1\r", "AT+ALIPAYDID\r"] {
            assert_eq!(sent.matches(once).count(), 1, "{once:?} in {sent}");
        }
        let signed = session.sign(&sign()).unwrap();
        let expected = Modem::expected_signature(4, "1234567890", "10.25");
        assert!(signed.expose().contains(&expected));
        assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
        assert!(session.send(&DeviceId).unwrap().is_some());
        assert!(session.send(&ReadQueue).is_ok());
        session.send(&Behaviour { broadcasts: 1, scans: 1 }).unwrap();
        session.send(&ProductInfo::new(HumanVerify::NFC).unwrap()).unwrap();
        let health = session.health();
        assert_eq!((health.state, health.signal.dbm()), (Ready, Some(-91)));
        assert!(health.identified && health.may_hold_reports && health.gsm.status.is_registered());
        assert_eq!((health.counters.commands, health.counters.connects), (6, 1));
        assert_eq!(health.last_error, None);
    }
}

#[test]
fn what_is_the_sessions_own_is_not_sent() {
    let (mut session, line) = quectel("", plan());
    session.run_until_ready(MINUTE).unwrap();
    line.sent();
    refused(&mut session, &Open, "open already");
    refused(&mut session, &Shut, "shut down");
    refused(&mut session, &PowerOff::Normal, "shut down");
    refused(&mut session, &sign(), "bizTid");
    refused(&mut session, &SetConfig(config(Environment::PRODUCTION)), "reconfigure");
    refused(&mut session, &Raw::new("AT+CSQ;+ALIPAYSHUT"), "shut down");
    assert_eq!(line.sent(), "");
    assert_eq!(session.health().counters.not_allowed, 6);
}

#[test]
fn a_restart_in_the_middle_of_a_signature_and_of_a_report() {
    let script = "on 1 AT+ALIPAYSIGN after 50ms reset\non 1 AT+ALIPAYREP after 50ms reset";
    let (mut session, _) = quectel(script, plan());
    session.run_until_ready(MINUTE).unwrap();
    let error = session.sign(&sign()).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Interrupted, Certainty::Unknown));
    refused(&mut session, &report("1"), "recovering");
    session.run_until_ready(MINUTE).unwrap();
    assert!(session.sign(&sign()).is_ok());
    let error = session.send(&report("1")).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Interrupted, Certainty::Unknown));
    session.run_until_ready(MINUTE).unwrap();
    assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
    let counters = session.health().counters;
    assert_eq!((counters.resets, counters.restarts, counters.ready), (2, 0, 3));
}

#[test]
fn unplugged_during_a_signature_and_during_a_report() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let script = "on 1 AT+ALIPAYSIGN after 50ms hang-up for 5s\n\
            on 1 AT+ALIPAYREP after 5ms hang-up for 5s";
        let (mut session, line) =
            session(module(configured(&profile), script), plan(), profile.clone());
        session.run_until_ready(MINUTE).unwrap();
        let error = session.sign(&sign()).unwrap_err();
        assert_eq!(
            (error.kind(), error.certainty()),
            (ErrorKind::Disconnected, Certainty::Unknown)
        );
        refused(&mut session, &report("1"), "disconnected");
        session.run_until_ready(MINUTE).unwrap();
        let (states, texts) = story(&mut session);
        assert!(states.contains(&State::Disconnected), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("+ALIPAYSIGN of before")), "{texts:?}");
        assert!(session.sign(&sign()).is_ok());
        line.sent();
        let error = session.send(&report("1")).unwrap_err();
        assert_eq!(
            (error.kind(), error.certainty()),
            (ErrorKind::Disconnected, Certainty::Unknown)
        );
        session.run_until_ready(MINUTE).unwrap();
        assert!(line.sent().contains("AT+ALIPAYSHUT\r"), "what the SDK holds is saved first");
        assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
        let counters = session.health().counters;
        assert_eq!((counters.disconnects, counters.connects, counters.restarts), (2, 3, 2));
    }
}

#[test]
fn unplugged_while_nothing_is_due_needs_no_restart() {
    let (mut session, line) = quectel("at 30s hang-up for 3s", plan());
    session.run_until_ready(MINUTE).unwrap();
    while session.state() == State::Ready {
        session.next_event(Some(MINUTE));
    }
    line.sent();
    session.run_until_ready(MINUTE).unwrap();
    let sent = line.sent();
    assert!(!sent.contains("CFUN") && !sent.contains("PINFO"), "{sent}");
    assert_eq!(session.health().counters.restarts, 0);
}
