//! What a session does by itself, in the blocking client, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::rc::Rc;
use std::time::Duration;

use m26_pay::alipay::Environment;
use m26_pay::at::command::Command;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Host;
use m26_pay::engine::EarlierProgram;
use m26_pay::flows::Synchronise;
use m26_pay::m26::{PowerOff, Raw, ReadSignal};
use m26_pay::session::{Backoff, HeldReports, Plan, Restart, ShutDown, State};
use m26_pay::sim::modem::{self, Modem};
use support::session_line::teller::{Ledger, Stubborn};
use support::session_line::{self, Line, config, configured, module, plan, report, session, sign};

const MINUTE: Duration = Duration::from_secs(60);

type Session = m26_pay::blocking::Session<session_line::Desk>;

/// A session whose duty has so many reports to send.
fn teller(script: &str, plan: Plan, reports: u32) -> (Session, Rc<Line>, Ledger) {
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), script), plan, profile);
    let ledger = Ledger::default();
    ledger.add(0..reports);
    session.attach(ledger.teller());
    (session, line, ledger)
}

/// Works for so long. What happened meanwhile.
fn work(session: &mut Session, line: &Line, time: Duration) -> String {
    let until = line.passed() + time;
    let mut all = String::new();
    while line.passed() < until {
        if let Some(event) = session.next_event(Some(until - line.passed())) {
            all += &format!("{event:?}\n");
        }
    }
    all
}

fn delivered_or_held(modem: &Modem) -> usize {
    modem.delivered().len() + modem.queued().count()
}

#[test]
fn it_begins_by_itself_and_then_costs_nothing() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let (mut session, line) =
            session(module(configured(&profile), ""), Plan { keep_alive: None, ..plan() }, profile);
        let ledger = Ledger::default();
        ledger.add(0..3);
        session.attach(ledger.teller());
        let all = work(&mut session, &line, MINUTE);
        assert_eq!(ledger.story(), ["Opened { fresh: true }", "Ready", "taken", "taken", "taken"]);
        assert!(all.contains("all are sent"), "{all}");
        assert_eq!(line.with(delivered_or_held), 3);
        // Once at the beginning, after each reply, and after its report of progress.
        let steps = ledger.steps();
        assert_eq!(steps, 5);
        work(&mut session, &line, 60 * MINUTE);
        assert_eq!(ledger.steps(), steps, "nobody asked for anything");
        assert_eq!(session.health().counters.commands, 3);
        ledger.add(3..4);
        line.sent();
        session.nudge();
        let began = line.passed();
        let all = format!("{:?}", session.next_event(Some(MINUTE)));
        assert!(all.contains("all are sent"), "{all}");
        assert!(line.passed() - began < Duration::from_secs(5), "at once");
        assert!(line.sent().starts_with("AT+ALIPAYREP="), "and nothing before it");
    }
}

#[test]
fn a_restart_in_the_middle_of_it() {
    let (mut session, line, ledger) = teller("on 2 AT+ALIPAYREP after 50ms reset", plan(), 3);
    work(&mut session, &line, 3 * MINUTE);
    assert_eq!(
        ledger.story(),
        [
            "Opened { fresh: true }",
            "Ready",
            "taken",
            // Of the boot in which it was sent; and the next one, which it asked for, is not sent.
            "interrupted, unknown, ready",
            "Restarted",
            "Unready",
            "busy, not-sent, synchronising",
            "Opened { fresh: true }",
            "Ready",
            "taken",
            "taken",
        ]
    );
    assert_eq!(session.state(), State::Ready);
    let counters = session.health().counters;
    assert_eq!((counters.commands, counters.failures), (4, 1));
}

#[test]
fn a_lost_port_in_the_middle_of_it() {
    let (mut session, line, ledger) =
        teller("on 2 AT+ALIPAYREP after 5ms hang-up for 5s", plan(), 3);
    work(&mut session, &line, 3 * MINUTE);
    let mut story = ledger.story();
    story.dedup();
    assert_eq!(
        story,
        [
            "Opened { fresh: true }",
            "Ready",
            "taken",
            "disconnected, unknown, ready",
            "Unready",
            "busy, not-sent, disconnected",
            "Opened { fresh: false }",
            "Ready",
            "taken",
            // Its first result may still come and be taken for another's.
            KEPT_BACK,
            "taken",
        ]
    );
    assert_eq!(session.health().counters.restarts, 0, "no customer waits for a report");
}

#[test]
fn a_lost_port_while_nothing_is_under_way() {
    let (mut session, line, ledger) = teller("at 30s hang-up for 3s", plan(), 1);
    work(&mut session, &line, MINUTE);
    assert_eq!(
        ledger.story(),
        ["Opened { fresh: true }", "Ready", "taken", "Unready", "Opened { fresh: false }", "Ready"]
    );
}

#[test]
fn an_sdk_that_is_not_initialised_is_brought_back() {
    let plan = Plan { earlier: EarlierProgram::Ended, ..plan() };
    let (mut session, line, ledger) = teller("on 1 AT+ALIPAYREP result 2", plan, 2);
    let all = work(&mut session, &line, 2 * MINUTE);
    assert_eq!(
        ledger.story(),
        [
            "Opened { fresh: true }",
            "Ready",
            "Unready",
            "result 2, refused, synchronising",
            "busy, not-sent, synchronising",
            "Closed",
            "Restarted",
            "Opened { fresh: true }",
            "Ready",
            "taken",
            "taken",
        ]
    );
    assert_eq!(session.health().counters.restarts, 1);
    assert!(all.contains("not initialised"), "{all}");
    assert_eq!(session.health().counters.failures, 1);
}

#[test]
fn a_shut_down_waits_for_what_is_under_way() {
    let (mut session, line, ledger) = teller("", plan(), 9);
    session.wait_ready(MINUTE).unwrap();
    // Until the second one is under way.
    while line.sent().is_empty() || ledger.pending() > 8 {
        work(&mut session, &line, Duration::from_millis(20));
    }
    ledger.story();
    session.shut_down(ShutDown::PowerOff).unwrap();
    assert_eq!(ledger.story(), ["Unready", "taken", "busy, not-sent, shutting down", "Closed"]);
    let sent = line.sent();
    let (shut, off) = (sent.find("SHUT").unwrap(), sent.find("QPOWD").unwrap());
    assert!(shut < off && !sent[shut..].contains("REP"), "{sent}");
    assert_eq!(ledger.pending(), 7);
    work(&mut session, &line, MINUTE);
    session.nudge();
    work(&mut session, &line, MINUTE);
    assert_eq!((ledger.pending(), line.sent()), (7, String::new()));
}

#[test]
fn a_caller_goes_before_the_backlog() {
    let (mut session, line, ledger) = teller("", plan(), 200);
    session.wait_ready(MINUTE).unwrap();
    for _ in 0..5 {
        work(&mut session, &line, Duration::from_millis(700));
        let before = ledger.pending();
        session.send(&sign()).unwrap();
        assert!(before - ledger.pending() <= 1, "it waited for {}", before - ledger.pending());
        session.send(&ReadSignal).unwrap();
    }
    // The answer comes while the till is elsewhere: nothing goes before the signature.
    work(&mut session, &line, Duration::from_millis(700));
    session.host_mut().wait(MINUTE / 2);
    line.sent();
    session.send(&sign()).unwrap();
    assert!(line.sent().starts_with("AT+ALIPAYSIGN="));
    let before = ledger.pending();
    work(&mut session, &line, 10 * MINUTE);
    assert!(ledger.pending() < before, "and the backlog goes on");
}

#[test]
fn what_cannot_be_sent_lets_time_pass() {
    let quectel = Profile::quectel();
    let (mut session, line) = session(module(configured(&quectel), ""), plan(), quectel.clone());
    let ledger = Ledger::default();
    session.attach(Stubborn(PowerOff::Normal.request(&quectel).unwrap(), ledger.clone()));
    work(&mut session, &line, 10 * MINUTE);
    assert_eq!(session.state(), State::Ready);
    let refused = ledger.story();
    assert!(refused.iter().all(|text| text == "busy, not-sent, ready"), "{refused:?}");
    // 1, 2, 4 … 60 s apart.
    assert!((12..=16).contains(&refused.len()), "{}", refused.len());
    assert!(!line.sent().contains("QPOWD"));
    assert_eq!(session.health().counters.not_allowed, refused.len() as u64);

    // Whatever the plan says.
    let hasty =
        Plan { backoff: Backoff { initial: Duration::ZERO, ..Backoff::default() }, ..plan() };
    let (mut session, line) =
        session_line::session(module(configured(&quectel), ""), hasty, quectel.clone());
    session.attach(Stubborn(PowerOff::Normal.request(&quectel).unwrap(), Ledger::default()));
    work(&mut session, &line, MINUTE);
    assert_eq!(session.state(), State::Ready);
}

#[test]
fn a_result_that_never_comes_does_not_keep_it_back_for_ever() {
    let script = "on 1 AT+ALIPAYREP missing-result +ALIPAYREP";
    let profile = Profile::quectel();
    for restart in [Restart::Reset, Restart::Never] {
        let plan = Plan { restart, ..plan() };
        let (mut session, line) =
            session(module(configured(&profile), script), plan, profile.clone());
        session.wait_ready(MINUTE).unwrap();
        session.send(&report("1")).unwrap_err();
        let ledger = Ledger::default();
        ledger.add(2..4);
        session.attach(ledger.teller());
        let all = work(&mut session, &line, 10 * MINUTE);
        assert_eq!(session.state(), State::Ready, "{all}");
        assert_eq!(session.health().counters.restarts, 0, "{all}");
        assert_eq!(ledger.pending(), 0, "{:?}", ledger.story());
    }
}

#[test]
fn nor_does_that_of_a_line_typed_by_hand() {
    let script = "on 1 AT+ALIPAYREP missing-result +ALIPAYREP";
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), script), plan(), profile);
    session.wait_ready(MINUTE).unwrap();
    session.send(&Raw::new("AT+ALIPAYREP=,,1025,,6,1548811777")).unwrap();
    let ledger = Ledger::default();
    ledger.add(2..4);
    session.attach(ledger.teller());
    let settle = Plan::default().settle;
    let all = work(&mut session, &line, settle);
    assert_eq!((ledger.pending(), session.health().counters.restarts), (2, 0), "{all}");
    let all = work(&mut session, &line, settle);
    assert_eq!((ledger.pending(), session.health().counters.restarts), (0, 0), "{all}");
    assert!(all.contains("Outstanding { results: [\"+ALIPAYREP\"] }"), "{all}");
}

#[test]
fn a_change_of_the_configuration_is_told_before_it_is_made() {
    let (mut session, line, ledger) = teller("", plan(), 1);
    session.wait_ready(MINUTE).unwrap();
    work(&mut session, &line, MINUTE);
    ledger.story();
    line.sent();
    session.reconfigure(config(Environment::PRODUCTION), HeldReports::Discard).unwrap();
    while !line.sent().contains("AT+ALIPAYCFG=") {
        assert!(line.passed() < 10 * MINUTE);
        session.next_event(Some(Duration::from_millis(1)));
    }
    assert_eq!(ledger.story(), ["Unready", "CacheDiscarded"]);
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(ledger.story(), ["Opened { fresh: false }", "Ready"]);
    // The one that it has.
    session.reconfigure(config(Environment::PRODUCTION), HeldReports::Discard).unwrap();
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(ledger.story(), Vec::<String>::new());
}

#[test]
fn several_duties_take_turns() {
    let (mut session, line, first) = teller("", plan(), 5);
    let second = Ledger::default();
    second.add(100..105);
    session.attach(second.teller());
    session.wait_ready(MINUTE).unwrap();
    while first.pending() + second.pending() > 0 {
        work(&mut session, &line, Duration::from_millis(10));
        assert!(first.pending().abs_diff(second.pending()) <= 1);
        assert!(line.passed() < 10 * MINUTE);
    }
    // One that comes late is told how things stand.
    let late = Ledger::default();
    late.add(200..201);
    session.attach(late.teller());
    work(&mut session, &line, MINUTE);
    assert_eq!(late.story(), ["Ready", "taken"]);
}

#[test]
fn a_flow_passes_as_its_commands_do() {
    let quectel = Profile::quectel();
    let settings = modem::ModemSettings { biz_tid_after: 2 * MINUTE, ..configured(&quectel) };
    let (mut session, _) = session(module(settings, ""), plan(), quectel);
    let error = session.run(Synchronise::default()).unwrap_err();
    assert!(error.to_string().contains("does not let it through"), "{error}");
    assert_eq!(session.health().counters.commands, 0);
    session.wait_ready(10 * MINUTE).unwrap();
    session.run(Synchronise::default()).unwrap();
    assert!(session.health().counters.commands > 0);
}

const KEPT_BACK: &str = "busy, not-sent, ready";
