//! A session is ready whenever a customer can pay, and says so only then.

use std::rc::Rc;
use std::time::Duration;

use m26_pay::alipay::{Environment, Sign, SignData, SignMode};
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Session;
use m26_pay::engine::{Certainty, EarlierProgram, Settings};
use m26_pay::session::{HeldReports, Plan, Restart, State};
use m26_pay::sim::modem::{self, Modem, ModemConfig};
use m26_pay::sim::{NetworkState, Order};
use support::session_line::{
    Desk, Line, config, configured, module, plan, report, session, sign, story,
};

use crate::session::odd::{Odd, odd};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn till(module: Odd, plan: Plan) -> (Session<Desk<Odd>>, Rc<Line<Odd>>) {
    session(module, plan, Profile::quectel())
}

fn quectel(script: &str, plan: Plan) -> (Session<Desk>, Rc<Line>) {
    let profile = Profile::quectel();
    session(module(configured(&profile), script), plan, profile)
}

pub fn plan_of_all() -> Plan {
    Plan {
        access_point: Some(m26_pay::m26::SetAccessPoint::new("CMNET".parse().unwrap())),
        time_server: Some("ntp1.aliyun.com".parse().unwrap()),
        ..plan()
    }
}

/// Each line of the bring-up that no payment needs, refused, odd and unanswered.
#[test]
fn nothing_that_a_payment_does_not_need_keeps_a_till_from_it() {
    let (mut healthy, line) = quectel("", plan_of_all());
    healthy.wait_ready(MINUTE).unwrap();
    let needed = line.passed();
    let answers: [&[u8]; 4] =
        [b"\r\nERROR\r\n", b"\r\n+CME ERROR: 3\r\n", b"\r\n+ODD: \xff\"\r\n\r\nOK\r\n", b""];
    for asked in [
        "AT+CNMI=",
        "AT+CUSD=",
        "AT+QSCLK=",
        "ATI",
        "AT+CPIN?",
        "AT+CSQ",
        "AT+CREG?",
        "AT+CGREG=",
        "AT+CGREG?",
        "AT+QIFGCNT=",
        "AT+QICSGP=",
        "AT+QNT",
        "AT+CCLK?",
        "AT+IPR?",
        "AT+ALIPAYCFG?",
        "AT+ALIPAYPINFO=",
    ] {
        for answer in answers {
            let (mut session, line) = till(odd(asked, answer, None), plan_of_all());
            let case = format!("{asked} {:?}", String::from_utf8_lossy(answer));
            session.wait_ready(2 * MINUTE).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert!(session.send(&sign()).is_ok(), "{case}");
            let more = line.passed().saturating_sub(needed);
            assert!(more <= 5 * SECOND, "{case}: {more:?} more than a healthy one");
        }
    }
}

#[test]
fn a_time_server_that_was_down_is_asked_again() {
    let script = "on 1 AT+QNTTP refuse 3\non 1 AT+QNTP refuse 3";
    let (mut session, line) = quectel(script, plan_of_all());
    session.wait_ready(MINUTE).unwrap();
    let (_, texts) = story(&mut session);
    let told = texts.iter().filter(|text| text.starts_with("warning: clock: ")).count();
    assert_eq!(told, 1, "{texts:#?}");
    line.sent();
    while session.next_event(Some(2 * MINUTE)).is_some() {}
    let sent = line.sent();
    assert_eq!(sent.matches("AT+QNTTP=").count(), 1, "{sent}");
    assert_eq!(sent.matches("AT+CCLK?\r").count(), 1, "{sent}");
    assert_eq!(session.state(), State::Ready);
}

#[test]
fn a_sim_that_is_lost_until_the_next_start_is_found_by_a_restart() {
    let lost = || odd("AT+CPIN?", b"\r\n+CME ERROR: 10\r\n", Some("AT+CFUN=1,1"));
    let (mut session, line) = till(lost(), plan());
    session.wait_ready(3 * MINUTE).unwrap();
    assert_eq!(session.health().counters.restarts, 1);
    assert!(line.sent().matches("AT+CPIN?").count() < 40);
    let (mut session, _) = till(lost(), Plan { restart: Restart::Never, ..plan() });
    session.wait_ready(10 * MINUTE).unwrap_err();
    assert!(session.state().is_recovering() && session.health().counters.restarts == 0);
    // One that stays lost is not restarted for ever, and is waited for all the same.
    let (mut session, _) = till(odd("AT+CPIN?", b"\r\n+CME ERROR: 10\r\n", None), plan());
    session.wait_ready(24 * 60 * MINUTE).unwrap_err();
    assert!(session.state().is_recovering());
    assert_eq!(session.health().counters.restarts, 5);
}

#[test]
fn a_network_that_is_lost_while_ready_is_told() {
    let (mut session, line) = quectel("", plan());
    session.wait_ready(MINUTE).unwrap();
    story(&mut session);
    line.order(Order::Registration(NetworkState::Searching));
    let told = session.next_event(Some(SECOND)).unwrap();
    let (_, mut texts) = story(&mut session);
    texts.push(told.to_string());
    assert!(texts.iter().any(|text| text.contains("let the module go")), "{texts:?}");
    assert_eq!(session.state(), State::Ready);
    assert!(!session.health().gprs.status.is_registered());
}

#[test]
fn a_module_without_a_configuration_is_told_and_not_restarted() {
    let settings = modem::ModemSettings::default();
    let (mut till, line) = session(module(settings, ""), plan(), Profile::quectel());
    let error = till.wait_ready(MINUTE).unwrap_err();
    assert!(error.to_string().contains("has no configuration"), "{error}");
    assert_eq!((till.state(), till.health().counters.restarts), (State::Failed, 0));
    let (_, texts) = story(&mut till);
    assert!(texts.iter().any(|text| text.contains("has no configuration")), "{texts:?}");
    assert!(!line.sent().contains("AT+ALIPAYOPEN"));
    // It never held a report that a configuration could discard.
    till.reconfigure(config(Environment::TEST), HeldReports::Keep).unwrap();
    till.wait_ready(MINUTE).unwrap();
    let config = Some(ModemConfig::sample());
    let settings = modem::ModemSettings { config, ..modem::ModemSettings::default() };
    let (mut till, _) = session(module(settings, ""), plan(), Profile::quectel());
    till.wait_ready(MINUTE).unwrap();
}

/// The module restarts, and its first lines are lost. It keeps from echoing.
#[test]
fn no_till_is_ready_with_a_closed_sdk() {
    for lost in [1_300, 10_000] {
        let settings = modem::ModemSettings { echo: false, ..configured(&Profile::quectel()) };
        let (mut session, line) = session(module(settings, ""), plan(), Profile::quectel());
        session.wait_ready(MINUTE).unwrap();
        session.next_event(Some(30 * SECOND));
        story(&mut session);
        line.order(Order::Silent(Duration::from_millis(lost)));
        line.order(Order::Reset);
        while line.passed() < MINUTE && session.state() == State::Ready {
            session.next_event(Some(12 * SECOND));
            if lost == 10_000 {
                break;
            }
        }
        if lost == 10_000 {
            // Nothing told of it but this.
            session.send(&sign()).unwrap_err();
        }
        session.send_within(&sign(), 30 * SECOND).unwrap();
        assert!(session.health().counters.ready >= 2, "after {lost} ms");
    }
}

/// One signature is lost. The next customer waits no longer than the module needs, and five seconds.
#[test]
fn a_lost_signature_costs_the_next_customer_nothing() {
    for restart in [Restart::Reset, Restart::Never] {
        let plan = || Plan { restart, ..plan() };
        let (mut session, line) = quectel("on 1 AT+ALIPAYSIGN missing-result", plan());
        session.wait_ready(MINUTE).unwrap();
        let since = line.passed();
        // The deadline is that of the whole call.
        let error = session.send_within(&sign(), 10 * SECOND).unwrap_err();
        assert_eq!(error.certainty(), Certainty::Unknown);
        assert!(error.to_string().contains("whole call within 10s"), "{error}");
        let took = line.passed() - since;
        assert!(took <= 10 * SECOND, "{took:?}");
        assert_ne!(session.state(), State::Ready, "a screen shows it");
        // The result may take 30 s, and the OK before it 10.
        session.send_within(&sign(), MINUTE).unwrap();
        let took = line.passed() - since;
        assert!(took <= 45 * SECOND, "{took:?}");
        assert_eq!(session.health().counters.restarts, 0);
    }
}

/// A signature comes so late that it meets the next customer's. It says when it was made.
#[test]
fn a_late_signature_is_never_the_next_customers() {
    for restart in [Restart::Reset, Restart::Never] {
        let mut settings = configured(&Profile::quectel());
        settings.latencies.sign = 5 * SECOND;
        let module = module(settings, "on 1 AT+ALIPAYSIGN late-result 27s");
        let plan = Plan { restart, ..plan() };
        let (mut session, _) = session(module, plan, Profile::quectel());
        session.wait_ready(MINUTE).unwrap();
        session.send(&sign()).unwrap_err();
        let other = Sign::new(SignMode::Withholding, SignData::new("987").unwrap());
        let signed = session.send_within(&other, 40 * SECOND).unwrap();
        assert!(signed.expose().contains(&Modem::expected_signature(4, "987", "")));
        assert_eq!(session.health().counters.late, 1);
        let signed = session.send_within(&sign(), 40 * SECOND).unwrap();
        assert!(signed.expose().contains(&Modem::expected_signature(4, "1234567890", "10.25")));
        assert_eq!(session.health().counters.restarts, 0);
    }
}

/// A module that loses every signature has another trouble.
#[test]
fn an_sdk_that_signs_nothing_is_restarted() {
    let lost = |count| format!("on {count} AT+ALIPAYSIGN missing-result\n");
    let (mut session, _) = quectel(&[1, 2, 3].map(lost).concat(), plan());
    session.wait_ready(MINUTE).unwrap();
    for _ in 0..3 {
        session.send_within(&sign(), MINUTE).unwrap_err();
    }
    session.send_within(&sign(), MINUTE).unwrap();
    assert_eq!(session.health().counters.restarts, 1);
}

/// A program dies in mid-payment, and another one is started on the same module.
#[test]
fn a_new_program_takes_nothing_that_an_earlier_one_asked_for() {
    let mut settings = configured(&Profile::quectel());
    (settings.latencies.sign, settings.latencies.report) = (20 * SECOND, 8 * SECOND);
    let (mut first, line) = session(module(settings, ""), plan(), Profile::quectel());
    first.wait_ready(MINUTE).unwrap();
    first.send_within(&sign(), SECOND).unwrap_err();
    drop(first);
    let next = || {
        let plan = Plan { restart: Restart::Never, ..plan() };
        Session::new(Desk(Rc::clone(&line)), plan, Settings::new(Profile::quectel()))
    };
    let mut second = next();
    let other = Sign::new(SignMode::Withholding, SignData::new("987").unwrap());
    let signed = second.send_within(&other, 2 * MINUTE).unwrap();
    assert!(signed.expose().contains(&Modem::expected_signature(4, "987", "")));
    while second.next_event(Some(5 * MINUTE)).is_some() {}
    second.send_within(&report("1"), SECOND).unwrap_err();
    drop(second);
    let mut third = next();
    third.wait_ready(2 * MINUTE).unwrap();
    let since = line.passed();
    while third.send(&report("2")).is_err() {
        third.next_event(Some(SECOND));
        assert!(line.passed() - since < 3 * MINUTE);
    }
    assert_eq!(line.with(|modem| modem.queued().count() + modem.delivered().len()), 2);
    drop(third);
    // Who knows that nothing is due need not wait.
    let plan = Plan { earlier: EarlierProgram::Ended, ..plan() };
    let mut fourth = Session::new(Desk(Rc::clone(&line)), plan, Settings::new(Profile::quectel()));
    fourth.wait_ready(5 * SECOND).unwrap();
}

/// More lines in one read than a reader keeps: none of them says anything of a restart.
#[test]
fn many_short_lines_do_not_leave_ready() {
    let (mut session, line) = quectel("", plan());
    session.wait_ready(MINUTE).unwrap();
    line.order(Order::Raw(b"\r\nA\r\n".repeat(3_000)));
    while session.next_event(Some(SECOND)).is_some() {}
    assert_eq!((session.state(), session.health().counters.ready), (State::Ready, 1));
    assert!(session.send(&sign()).is_ok());
}
