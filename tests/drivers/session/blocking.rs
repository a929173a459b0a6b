//! A session in the blocking client against the simulator, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::alipay::{
    DeviceId, Environment, Held, HumanVerify, Open, ProductInfo, ReadQueue, ReportUsage, SetConfig,
    Shut,
};
use m26_pay::at::command::Command;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Certainty, EarlierProgram};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::m26::{ClockCheck, PowerOff, Raw, ReadSignal};
use m26_pay::session::{HeldReports, Plan, Restart, ShutDown, State};
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::{CardState, NetworkState, Order};
use support::session_line::{
    self, config, configured, module, other_sign, plan, recording, report, session, sign, story,
};

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

/// Waits until the session is not ready any more. What happened meanwhile.
#[track_caller]
fn lose(session: &mut Session) -> String {
    let mut all = String::new();
    while session.state() == State::Ready {
        let event = session.next_event(Some(5 * MINUTE)).unwrap();
        all += &format!("{event:?}\n");
    }
    all
}

#[test]
fn from_nothing_to_ready_on_both_profiles() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let (mut session, line) =
            session(module(configured(&profile), ""), plan(), profile.clone());
        refused(&mut session, &ReadSignal, "recovering");
        session.wait_ready(MINUTE).unwrap();
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
        let signed = session.send(&sign()).unwrap();
        let expected = Modem::expected_signature(4, "1234567890", "10.25");
        assert!(signed.expose().contains(&expected));
        assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
        assert!(session.send(&DeviceId).unwrap().is_some());
        assert!(session.send(&ReadQueue).is_ok());
        session.send(&ReportUsage { broadcasts: 1, scans: 1 }).unwrap();
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
    session.wait_ready(MINUTE).unwrap();
    line.sent();
    refused(&mut session, &Open, "open already");
    refused(&mut session, &Shut, "call shut_down");
    refused(&mut session, &PowerOff::Normal, "call shut_down");
    refused(&mut session, &SetConfig(config(Environment::PRODUCTION)), "reconfigure");
    refused(&mut session, &Raw::new("AT+CSQ;+ALIPAYSHUT"), "call shut_down");
    assert_eq!(line.sent(), "");
    assert_eq!(session.health().counters.not_allowed, 5);
}

#[test]
fn a_restart_in_the_middle_of_a_signature_and_of_a_report() {
    let script = "on 1 AT+ALIPAYSIGN after 50ms reset\non 1 AT+ALIPAYREP after 50ms reset";
    let (mut session, _) = quectel(script, plan());
    session.wait_ready(MINUTE).unwrap();
    let error = session.send(&sign()).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Interrupted, Certainty::Unknown));
    refused(&mut session, &report("1"), "recovering");
    session.wait_ready(MINUTE).unwrap();
    assert!(session.send(&sign()).is_ok());
    let error = session.send(&report("1")).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Interrupted, Certainty::Unknown));
    session.wait_ready(MINUTE).unwrap();
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
        session.wait_ready(MINUTE).unwrap();
        let error = session.send(&sign()).unwrap_err();
        assert_eq!(
            (error.kind(), error.certainty()),
            (ErrorKind::Disconnected, Certainty::Unknown)
        );
        refused(&mut session, &report("1"), "disconnected");
        session.wait_ready(MINUTE).unwrap();
        let (states, texts) = story(&mut session);
        assert!(states.contains(&State::Disconnected), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("signature is outstanding")), "{texts:?}");
        assert!(session.send(&sign()).is_ok());
        let sent = line.sent();
        assert!(sent.contains("AT+ALIPAYSHUT\r"), "what the SDK holds is saved first");
        let error = session.send(&report("1")).unwrap_err();
        assert_eq!(
            (error.kind(), error.certainty()),
            (ErrorKind::Disconnected, Certainty::Unknown)
        );
        session.wait_ready(MINUTE).unwrap();
        assert!(!line.sent().contains("AT+ALIPAYSHUT\r"), "a customer can pay meanwhile");
        assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
        let counters = session.health().counters;
        assert_eq!((counters.disconnects, counters.connects, counters.restarts), (2, 3, 1));
    }
}

#[test]
fn unplugged_while_nothing_is_due_needs_no_restart() {
    let (mut session, line) = quectel("at 30s hang-up for 3s", plan());
    session.wait_ready(MINUTE).unwrap();
    lose(&mut session);
    line.sent();
    session.wait_ready(MINUTE).unwrap();
    let sent = line.sent();
    assert!(!sent.contains("CFUN") && !sent.contains("PINFO"), "{sent}");
    assert_eq!(session.health().counters.restarts, 0);
}

#[test]
fn a_failed_open_asks_for_restarts_up_to_a_limit() {
    // Twice it fails, and then it does not.
    let script = "on 1 AT+ALIPAYOPEN result -1\non 2 AT+ALIPAYOPEN result -1";
    let (mut session, line) = quectel(script, plan());
    session.wait_ready(3 * MINUTE).unwrap();
    let (states, texts) = story(&mut session);
    for attempt in [1, 2] {
        assert!(states.contains(&State::Restarting { attempt }), "{texts:?}");
    }
    assert_eq!(line.sent().matches("AT+CFUN=1,1\r").count(), 2);

    let (mut session, line) = quectel("on AT+ALIPAYOPEN result -1", plan());
    let error = session.wait_ready(30 * MINUTE).unwrap_err();
    assert!(error.to_string().contains("the session is failed"), "{error}");
    assert!(error.to_string().contains("result -1"), "{error}");
    assert_eq!(session.state(), State::Failed);
    assert_eq!(session.health().counters.restarts, 5);
    // Its own commands still answer, for whoever looks after it.
    session.send(&ReadSignal).unwrap();
    line.sent();
    refused(&mut session, &sign(), "resume");
    refused(&mut session, &report("1"), "resume");
    assert_eq!(line.sent(), "");
    session.resume();
    assert_eq!(session.state(), State::Synchronising);
}

#[test]
fn who_may_restart_the_module() {
    let script = "on 1 AT+ALIPAYOPEN result -1";
    let (mut session, _) = quectel(script, Plan { restart: Restart::Never, ..plan() });
    let error = session.wait_ready(MINUTE).unwrap_err();
    assert_eq!(session.state(), State::Failed);
    assert!(error.to_string().contains("-1"), "{error}");
    let (_, texts) = story(&mut session);
    assert!(texts.iter().any(|text| text.contains("plan does not allow")), "{texts:?}");

    let (mut session, line) = quectel(script, Plan { restart: Restart::Host, ..plan() });
    line.can_restart.set(true);
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(line.restarts.get(), 1);
    // Also for a module that is silent.
    line.order(Order::PowerOff);
    lose(&mut session);
    session.wait_ready(2 * MINUTE).unwrap();
    assert_eq!(line.restarts.get(), 2);

    // A board that switches on again by itself.
    let script = "on 1 AT+ALIPAYOPEN result -1\non AT+QPOWD after 2s power-on";
    let (mut session, line) = quectel(script, Plan { restart: Restart::PowerOff, ..plan() });
    session.wait_ready(MINUTE).unwrap();
    assert!(line.sent().contains("AT+QPOWD=1\r"));

    let (mut session, _) =
        quectel("on 1 AT+ALIPAYOPEN result -1", Plan { restart: Restart::Host, ..plan() });
    session.wait_ready(MINUTE).unwrap_err();
    let (_, texts) = story(&mut session);
    assert!(texts.iter().any(|text| text.contains("cannot restart")), "{texts:?}");
}

#[test]
fn a_full_queue_does_not_leave_ready() {
    let (mut session, line) = quectel("", plan());
    session.wait_ready(MINUTE).unwrap();
    line.order(Order::QueueFull);
    let error = session.send(&report("1")).unwrap_err();
    assert_eq!(
        (error.kind(), error.certainty(), error.code()),
        (ErrorKind::Result, Certainty::Refused, Some(6))
    );
    assert_eq!(session.state(), State::Ready);
    assert!(session.send(&sign()).is_ok());
    line.order(Order::QueueFree);
    assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
    assert_eq!(session.health().counters.ready, 1);
}

#[test]
fn an_sdk_that_is_not_initialised_brings_the_session_back() {
    let plan = Plan { earlier: EarlierProgram::Ended, ..plan() };
    let (mut session, line) = quectel("", plan);
    session.wait_ready(MINUTE).unwrap();
    line.order(Order::Result { prefix: "+ALIPAYREP".into(), code: 2 });
    assert_eq!(session.send(&report("1")).unwrap_err().code(), Some(2));
    assert_eq!(session.state(), State::Synchronising);
    // It says that it is open already, and is not believed.
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(session.health().counters.restarts, 1);
    // The same number is an IO error of SIGN.
    line.order(Order::Result { prefix: "+ALIPAYSIGN".into(), code: 2 });
    assert_eq!(session.send(&sign()).unwrap_err().code(), Some(2));
    assert_eq!(session.state(), State::Ready);
}

#[test]
fn after_the_shut_down_nothing_is_sent() {
    for how in [ShutDown::CloseSdk, ShutDown::PowerOff] {
        let power_off = how == ShutDown::PowerOff;
        let (mut session, line) = quectel("", plan());
        session.wait_ready(MINUTE).unwrap();
        session.send(&report("1")).unwrap();
        line.sent();
        session.shut_down(how).unwrap();
        let sent = line.sent();
        assert!(sent.starts_with("AT+ALIPAYSHUT\r"), "{sent}");
        assert_eq!(sent.contains("AT+QPOWD=1\r"), power_off);
        refused(&mut session, &report("2"), "shut");
        refused(&mut session, &sign(), "shut");
        refused(&mut session, &DeviceId, "shut");
        refused(&mut session, &ReadQueue, "shut");
        refused(&mut session, &Open, "shut");
        assert!(session.send(&sign()).unwrap_err().to_string().contains("shut"));
        assert_eq!(line.sent(), "", "nothing is sent");
        assert!(session.shut_down(how).is_ok(), "it is shut already");
        if !power_off {
            session.send(&ReadSignal).unwrap();
            session.resume();
            session.wait_ready(MINUTE).unwrap();
            assert!(line.sent().contains("AT+CFUN=1,1\r"), "it opens only after a restart");
        }
    }
}

#[test]
fn a_shut_down_that_the_module_refuses_is_said() {
    let (mut session, line) = quectel("", plan());
    session.wait_ready(MINUTE).unwrap();
    line.order(Order::Refuse(3));
    line.sent();
    let error = session.shut_down(ShutDown::PowerOff).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some(3)));
    assert_eq!(session.state(), State::Shut);
    assert!(!line.sent().contains("QPOWD"), "the caller decides");
    session.send(&PowerOff::Normal).unwrap();
}

/// A signature that came late, before the port was lost, is not the one that was cut off, which may
/// still come for as long as it may take.
#[test]
fn what_came_before_the_port_was_lost_is_not_what_was_cut_off() {
    let plan = Plan { restart: Restart::Never, ..plan() };
    let script = "on 1 AT+ALIPAYSIGN late-result 33s\n\
                  on 2 AT+ALIPAYSIGN late-result 20s\n\
                  on 2 AT+ALIPAYSIGN after 4s hang-up for 2s";
    let (mut session, line) = quectel(script, plan);
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(session.send(&sign()).unwrap_err().certainty(), Certainty::Unknown);
    let error = session.send_within(&other_sign(), MINUTE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    let lost = line.passed();
    session.send_within(&sign(), 2 * MINUTE).unwrap();
    let waited = line.passed() - lost;
    assert!(waited >= Duration::from_secs(40), "{waited:?}");
}

#[test]
fn a_configuration_that_differs_is_changed_only_by_force() {
    let other = config(Environment::PRODUCTION);
    let (mut session, line) = quectel("", Plan { config: Some(other.clone()), ..plan() });
    let error = session.wait_ready(MINUTE).unwrap_err();
    assert!(error.to_string().contains("configured otherwise (env)"), "{error}");
    assert_eq!(session.state(), State::Failed);
    assert!(!line.sent().contains("AT+ALIPAYCFG="));

    let held_reports = HeldReports::Discard;
    let plan_of = |config| Plan { config: Some(config), held_reports, ..plan() };
    let (mut session, line) = quectel("", plan_of(other.clone()));
    session.wait_ready(MINUTE).unwrap();
    assert!(line.sent().contains("AT+ALIPAYCFG="));
    let (_, texts) = story(&mut session);
    assert!(texts.iter().any(|text| text.contains("discarded")), "{texts:?}");
    let all = format!("{texts:?}{session:?}{:?}", session.health());
    assert!(!all.contains("ALIPAY_BOX"), "the product key is in no event: {all}");
    assert!(!session.health().may_hold_reports, "what it held is gone");
    session.send(&report("1")).unwrap();
    assert!(session.health().may_hold_reports);

    line.sent();
    let back = config(Environment::TEST);
    let error = session.reconfigure(back.clone(), HeldReports::Keep).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    assert_eq!((session.state(), line.sent().as_str()), (State::Ready, ""));
    session.reconfigure(other, HeldReports::Keep).unwrap(); // the one it has
    assert_eq!(session.state(), State::Ready);
    session.reconfigure(back, HeldReports::Discard).unwrap();
    session.wait_ready(MINUTE).unwrap();
    assert!(line.sent().contains("AT+ALIPAYCFG="));
}

#[test]
fn a_module_that_was_never_configured_is() {
    let settings = modem::ModemSettings::default();
    let plan = Plan { config: Some(config(Environment::TEST)), ..plan() };
    let (mut session, _) = session(module(settings, ""), plan, Profile::quectel());
    session.wait_ready(MINUTE).unwrap();
}

#[test]
fn the_keep_alive_notices_a_silent_module() {
    let (mut session, line) = quectel("", plan());
    session.wait_ready(MINUTE).unwrap();
    line.sent();
    assert_eq!(session.next_event(None).map(|_| ()), Some(()));
    while session.next_event(Some(Duration::ZERO)).is_some() {}
    assert!(session.next_event(Some(10 * MINUTE)).is_none(), "nothing to tell of");
    let checks = line.sent().matches("AT+CGREG?\r").count();
    assert!((8..=10).contains(&checks), "{checks} checks in ten minutes");
    line.order(Order::Silent(2 * MINUTE));
    let all = lose(&mut session);
    assert!(all.contains("keep-alive"), "{all}");
    refused(&mut session, &report("1"), "recovering");
    assert_eq!(session.send_within(&report("1"), 10 * MINUTE).unwrap(), Held::Stored);
}

#[test]
fn defaults_that_came_back_tell_of_a_restart() {
    // It keeps from echoing, and says nothing when it starts: only what it was set to tells.
    let settings =
        modem::ModemSettings { autobaud: true, echo: false, ..configured(&Profile::quectel()) };
    let (mut session, line) = session(module(settings, ""), plan(), Profile::quectel());
    session.wait_ready(MINUTE).unwrap();
    let (_, texts) = story(&mut session);
    assert!(texts.iter().any(|text| text.contains("AT+IPR=115200")), "{texts:?}");
    let sent = line.sent();
    assert!(!sent.contains("AT+IPR=") && !sent.contains("AT&W"), "it is said, not done: {sent}");
    line.order(Order::Reset);
    let all = lose(&mut session);
    assert!(all.contains("CGREG"), "{all}");
    session.wait_ready(MINUTE).unwrap();
}

#[test]
fn the_clocks_are_compared() {
    let sample = 1_546_890_790;
    for (unix_seconds, expected) in [(5, "before 2020"), (1_600_000_000, "set the host's clock")] {
        let (mut session, line) = quectel("", plan());
        line.unix_seconds.set(Some(unix_seconds));
        session.wait_ready(MINUTE).unwrap();
        let (_, texts) = story(&mut session);
        let said = texts.iter().any(|text| text.contains(expected));
        assert!(said, "{expected:?} in {texts:?}");
        assert!(session.health().clock.is_some_and(ClockCheck::is_warning));
    }
    let late = 1_600_000_000;
    let settings = modem::ModemSettings { clock: late, ..configured(&Profile::quectel()) };
    let (mut session, line) = session(module(settings, ""), plan(), Profile::quectel());
    line.unix_seconds.set(i64::try_from(late).ok().map(|seconds| seconds + 30));
    session.wait_ready(MINUTE).unwrap();
    let check = session.health().clock.unwrap();
    assert!(matches!(check, ClockCheck::Agree { module_ahead: -31..=-29 }), "{check:?}");
    assert!(late > sample);
}

#[test]
fn a_missing_sim_names_the_state_and_does_not_end_it() {
    let settings =
        modem::ModemSettings { sim: CardState::Missing, ..configured(&Profile::quectel()) };
    let (mut session, line) = session(module(settings, ""), plan(), Profile::quectel());
    let error = session.wait_ready(MINUTE).unwrap_err();
    assert!(error.to_string().contains("SIM not inserted"), "{error}");
    assert!(session.state().is_recovering());
    assert!(session.send(&sign()).unwrap_err().to_string().contains("SIM not inserted"));
    line.order(Order::Sim(CardState::Ready));
    session.wait_ready(5 * MINUTE).unwrap();
}

#[test]
fn a_screen_can_show_what_is_waited_for_and_how_long() {
    let settings = modem::ModemSettings {
        registration: NetworkState::Searching,
        biz_tid_after: MINUTE,
        ..configured(&Profile::quectel())
    };
    let script = "at 5s registration home\non 1 AT+ALIPAYSIGN hang-up for 2s";
    let (mut session, _) = session(module(settings, script), plan(), Profile::quectel());
    session.wait_ready(10 * MINUTE).unwrap();
    session.send(&sign()).unwrap_err();
    session.wait_ready(10 * MINUTE).unwrap();
    let (_, texts) = story(&mut session);
    for shown in [
        "synchronisation: calling the module (at most 10 s more)",
        "GPRS registration: 2 (searching), asking again (1 of 30) (at most 73 s more)",
        "SDK: opening it (at most 40 s more)",
        "bizTid: the module has no bizTid yet, asking again (at most 1 s more)",
        "bizTid: asking for it (at most 40 s more)",
        "session: the port is opened again after a while (at most 1 s more)",
        "session: the module is restarted after a while (at most 1 s more)",
        "session: the module is called after a while (at most 3 s more)",
    ] {
        assert!(texts.iter().any(|text| text == shown), "{shown:?} in {texts:#?}");
    }
}

#[test]
fn the_biz_tid_is_waited_for() {
    let settings =
        modem::ModemSettings { biz_tid_after: 2 * MINUTE, ..configured(&Profile::quectel()) };
    let (mut session, line) = session(module(settings, ""), plan(), Profile::quectel());
    session.wait_ready(MINUTE).unwrap_err();
    assert_eq!(session.state(), State::Identifying);
    refused(&mut session, &DeviceId, "bizTid");
    assert!(session.send(&sign()).unwrap_err().to_string().contains("bizTid"));
    assert_eq!(session.send(&report("1")).unwrap(), Held::Stored, "a report needs none");
    line.sent();
    session.wait_ready(5 * MINUTE).unwrap();
    let asked = line.sent().matches("AT+ALIPAYDID\r").count();
    assert!((1..=20).contains(&asked), "asked {asked} times");
    let took = line.passed();
    assert!(took < 2 * MINUTE + Duration::from_secs(6), "ready only after {took:?}");
}

#[test]
fn without_leave_to_restart_what_is_due_is_waited_for() {
    let script = "on 1 AT+ALIPAYSIGN after 50ms hang-up for 3s\n\
        on 1 AT+ALIPAYREP= after 5ms hang-up for 3s";
    let (mut session, line) = quectel(script, Plan { restart: Restart::Never, ..plan() });
    session.wait_ready(MINUTE).unwrap();
    session.send(&sign()).unwrap_err();
    let since = line.passed();
    session.wait_ready(MINUTE).unwrap();
    assert!(line.passed() - since < Duration::from_secs(45), "{:?}", line.passed() - since);
    assert!(session.send(&sign()).is_ok());
    session.send(&report("1")).unwrap_err();
    session.wait_ready(MINUTE).unwrap();
    // Its result may still come, which is the same for the same report and not for another.
    assert_eq!(session.send(&report("1")).unwrap(), Held::Stored);
    assert_eq!(session.send(&report("2")).unwrap_err().kind(), ErrorKind::Busy);
    while session.next_event(Some(5 * MINUTE)).is_some() {}
    assert_eq!(session.send(&report("2")).unwrap(), Held::Stored, "it is not kept back for ever");
    assert_eq!(session.health().counters.restarts, 0);
}

#[test]
fn a_result_that_never_comes_does_not_end_signing_and_reporting() {
    let script = "on 1 AT+ALIPAYSIGN missing-result\n\
        on 1 AT+ALIPAYREP= missing-result +ALIPAYREP";
    for restart in [Restart::Reset, Restart::Never] {
        let plan = Plan { keep_alive: None, restart, ..plan() };
        let (mut session, line) = quectel(script, plan);
        session.wait_ready(MINUTE).unwrap();
        let error = session.send(&sign()).unwrap_err();
        assert_eq!((error.kind(), error.certainty()), (ErrorKind::TimedOut, Certainty::Unknown));
        // It might be taken for this one, for a moment, and a screen shows it.
        assert_eq!(session.state(), State::Identifying);
        let next = session.send(&sign()).unwrap_err();
        assert_eq!((next.kind(), next.certainty()), (ErrorKind::Busy, Certainty::NotSent));
        let since = line.passed();
        assert!(session.send_within(&sign(), MINUTE).is_ok());
        assert!(line.passed() - since < Duration::from_secs(5), "{:?}", line.passed() - since);

        let error = session.send(&report("1")).unwrap_err();
        assert_eq!((error.kind(), error.certainty()), (ErrorKind::TimedOut, Certainty::Unknown));
        let next = session.send(&report("2")).unwrap_err();
        assert_eq!((next.kind(), next.certainty()), (ErrorKind::Busy, Certainty::NotSent));
        assert_eq!(session.state(), State::Ready, "a customer can pay");
        let since = line.passed();
        story(&mut session);
        let told = loop {
            let event = session.next_event(Some(10 * MINUTE)).unwrap();
            if event.to_string().contains("+ALIPAYREP") {
                break event.to_string();
            }
        };
        assert!(told.contains("taken for lost"), "{told}");
        assert!(line.passed() - since >= 2 * MINUTE, "it may be no later than that");
        assert_eq!(session.send(&report("2")).unwrap(), Held::Stored);
        assert_eq!(session.health().counters.restarts, 0);
    }
}

#[test]
fn a_result_that_comes_late_needs_no_restart() {
    for script in [
        "on 1 AT+ALIPAYSIGN late-result 1m",
        "on 1 AT+ALIPAYREP missing-result",
        "on 1 AT+ALIPAYACT missing-result",
    ] {
        let (mut session, _) = quectel(script, plan());
        session.wait_ready(MINUTE).unwrap();
        let counts = ReportUsage { broadcasts: 1, scans: 1 };
        drop((session.send(&sign()), session.send(&report("1")), session.send(&counts)));
        // The same record again is allowed, and says the same.
        session.send(&report("1")).unwrap();
        while session.next_event(Some(10 * MINUTE)).is_some() {}
        assert_eq!(session.state(), State::Ready, "{script}");
        assert_eq!(session.health().counters.restarts, 0, "{script}");
        // It is credited to nobody.
        let late = u64::from(script.contains("late"));
        assert_eq!(session.health().counters.late, late, "{script}");
        assert!(session.send(&sign()).is_ok(), "{script}");
        assert!(session.send(&counts).is_ok(), "{script}");
    }
}

#[test]
fn where_ok_alone_is_success_a_lost_one_needs_no_restart() {
    let script = "on 1 AT+ALIPAYREP missing-ok";
    let (mut session, _) =
        session(module(configured(&Profile::luat()), script), plan(), Profile::luat());
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(session.send(&report("1")).unwrap_err().certainty(), Certainty::Unknown);
    while session.next_event(Some(5 * MINUTE)).is_some() {}
    assert_eq!((session.state(), session.health().counters.restarts), (State::Ready, 0));
    assert_eq!(session.send(&report("2")).unwrap(), Held::Stored);
}

/// A signature is checked against the bizTid of the session, which may have been damaged itself.
#[test]
fn a_signature_of_another_device_is_refused_and_the_biz_tid_is_asked_for_again() {
    let script = "on 1 AT+ALIPAYDID missing-result\n\
        on 1 AT+ALIPAYDID after 500ms urc \"+ALIPAYDID: 0,\\\"010100F00B\\\"\"";
    let (mut session, _) = quectel(script, plan());
    session.wait_ready(MINUTE).unwrap();
    let error = session.send(&sign()).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Mismatch, Certainty::Unknown));
    assert_eq!(session.state(), State::Identifying);
    session.wait_ready(MINUTE).unwrap();
    assert!(session.send(&sign()).is_ok());
    let health = session.health();
    assert_eq!((health.counters.failures, health.counters.restarts), (1, 0));
}

#[test]
fn a_recording_goes_on_at_the_next_port() {
    let (mut session, _) = quectel("at 30s hang-up for 3s", plan());
    let (record, recorded) = recording();
    session.record(record);
    session.wait_ready(MINUTE).unwrap();
    lose(&mut session);
    session.wait_ready(MINUTE).unwrap();
    session.send(&sign()).unwrap();
    let text = recorded();
    assert_eq!(text.matches("> AT+ALIPAYDID\\r").count(), 2, "{text}");
    assert!(text.contains("> AT+ALIPAYSIGN=4,\"0000000000\",\"10.25\"\\r"), "{text}");
}
