//! A session in the async client against the simulator, on paused time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::alipay::{Held, Open};
use m26_pay::asynch::{Events, Session};
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Certainty, EarlierProgram, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::Synchronise;
use m26_pay::m26::ReadSignal;
use m26_pay::session::{Plan, SessionEvent, ShutDown, State};
use m26_pay::sim::Order;
use support::outbox_till;
use support::session_line::pipes::Pipes;
use support::session_line::teller::Ledger;
use support::session_line::{
    Module, configured, module, other_sign, plan, recording, report, sign,
};

const MINUTE: Duration = Duration::from_secs(60);

fn start(profile: Profile, script: &str) -> (Session, Events<SessionEvent>, Pipes<Module>) {
    start_with(profile, script, plan())
}

fn start_with(
    profile: Profile,
    script: &str,
    plan: Plan,
) -> (Session, Events<SessionEvent>, Pipes<Module>) {
    let line = Pipes::new(module(configured(&profile), script), false);
    let (session, events, driver) = Session::new(line.clone(), plan, Settings::new(profile));
    tokio::spawn(driver);
    (session, events, line)
}

/// As [`start`], with a duty that has reports to send.
fn start_teller(
    script: &str,
    reports: u32,
) -> (Session, Events<SessionEvent>, Pipes<Module>, Ledger) {
    // No other program was there.
    let plan = Plan { earlier: EarlierProgram::Ended, ..plan() };
    let (session, events, line) = start_with(Profile::quectel(), script, plan);
    let ledger = Ledger::default();
    ledger.add(0..reports);
    session.attach(ledger.teller());
    (session, events, line, ledger)
}

#[tokio::test(start_paused = true)]
async fn from_nothing_to_ready_on_both_profiles() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let (session, mut events, _line) = start(profile, "");
        let error = session.send(&ReadSignal).await.unwrap_err();
        assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
        assert!(session.send_within(&ReadSignal, MINUTE).await.unwrap().dbm().is_some());
        assert!(session.send_within(&sign(), MINUTE).await.is_ok());
        assert_eq!(session.state(), State::Ready);
        assert_eq!(session.send(&report("1")).await.unwrap(), Held::Stored);
        assert!(matches!(session.send(&Open).await.unwrap_err(), Error::NotAllowed { .. }));
        session.shut_down(ShutDown::PowerOff).await.unwrap();
        assert_eq!(session.state(), State::Shut);
        drop(session);
        let mut last = None;
        while let Some(event) = events.next().await {
            if let SessionEvent::Transition(transition) = event {
                assert!(!transition.reason.is_empty());
                last = Some(transition.to);
            }
        }
        assert_eq!(last, Some(State::Shut), "the driver ends with its last handle");
    }
}

#[tokio::test(start_paused = true)]
async fn unplugged_during_a_signature_and_during_a_report() {
    let script = "on 1 AT+ALIPAYSIGN after 50ms hang-up for 5s\n\
        on 1 AT+ALIPAYREP after 5ms hang-up for 5s";
    for profile in [Profile::quectel(), Profile::luat()] {
        let (session, _events, line) = start(profile, script);
        session.wait_ready(MINUTE).await.unwrap();
        let error = session.send(&sign()).await.unwrap_err();
        let unknown = (ErrorKind::Disconnected, Certainty::Unknown);
        assert_eq!((error.kind(), error.certainty()), unknown);
        let error = session.send(&report("1")).await.unwrap_err();
        assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
        assert!(session.send_within(&sign(), MINUTE).await.is_ok());
        let error = session.send(&report("1")).await.unwrap_err();
        assert_eq!((error.kind(), error.certainty()), unknown);
        session.wait_ready(MINUTE).await.unwrap();
        assert_eq!(session.send(&report("1")).await.unwrap(), Held::Stored);
        let counters = session.health().counters;
        assert_eq!((counters.disconnects, counters.connects, counters.restarts), (2, 3, 1));
        assert!(line.sent().contains("AT+ALIPAYSHUT\r"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_during_a_signature_is_remembered() {
    let script = "on 1 AT+ALIPAYSIGN late-result 20s";
    let (session, _events, line) = start(Profile::quectel(), script);
    session.wait_ready(MINUTE).await.unwrap();
    let signature = session.send(&sign()).leave_after(Duration::from_millis(100)).await;
    assert!(signature.is_none());
    line.order(Order::HangUp(Duration::from_secs(1)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    session.wait_ready(MINUTE).await.unwrap();
    assert_eq!(session.health().counters.restarts, 1, "the late signature can be nobody's");
    assert!(session.send(&sign()).await.is_ok());
}

/// Leaves a future after some time.
trait Leave: Future + Sized {
    async fn leave_after(self, after: Duration) -> Option<Self::Output> {
        tokio::time::timeout(after, self).await.ok()
    }
}

impl<F: Future> Leave for F {}

#[tokio::test(start_paused = true)]
async fn a_restart_and_a_silent_module_bring_it_back() {
    let (session, mut events, line) = start(Profile::quectel(), "");
    session.wait_ready(MINUTE).await.unwrap();
    line.order(Order::Reset);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_ne!(session.state(), State::Ready);
    session.wait_ready(MINUTE).await.unwrap();
    line.order(Order::Silent(2 * MINUTE));
    tokio::time::sleep(MINUTE + Duration::from_secs(10)).await;
    assert_ne!(session.state(), State::Ready, "the keep-alive notices");
    session.wait_ready(5 * MINUTE).await.unwrap();
    drop(session);
    let mut reasons = Vec::new();
    while let Some(event) = events.next().await {
        if let SessionEvent::Transition(transition) = event {
            reasons.push(transition.to_string());
        }
    }
    let all = reasons.join("\n");
    assert!(all.contains("the module was restarted"), "{all}");
    assert!(all.contains("keep-alive"), "{all}");
}

#[tokio::test(start_paused = true)]
async fn sixty_four_modules_on_one_thread() {
    let began = tokio::time::Instant::now();
    let sessions: Vec<_> = (0..64)
        .map(|number| {
            let script = if number % 2 == 0 { "" } else { "at 20s reset" };
            start(Profile::quectel(), script)
        })
        .collect();
    let work = sessions.iter().map(|(session, _, _)| {
        let session = session.clone();
        tokio::spawn(async move {
            session.wait_ready(MINUTE).await.unwrap();
            for number in 0..20 {
                session.send_within(&sign(), MINUTE).await.unwrap();
                let report = report(&number.to_string());
                while session.send_within(&report, MINUTE).await.is_err() {
                    // A full queue empties by itself.
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            }
            session.health()
        })
    });
    for task in work.collect::<Vec<_>>() {
        assert!(task.await.unwrap().counters.commands >= 40);
    }
    // Side by side, and not one after the other.
    assert!(began.elapsed() < 3 * MINUTE, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_duty_begins_by_itself_and_then_costs_nothing() {
    let (session, mut events, line, ledger) = start_teller("", 3);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(ledger.story(), ["Opened { fresh: true }", "Ready", "taken", "taken", "taken"]);
    let steps = ledger.steps();
    assert_eq!(steps, 5);
    tokio::time::sleep(60 * MINUTE).await;
    assert_eq!(ledger.steps(), steps, "nobody asked for anything");
    ledger.add(3..4);
    line.sent();
    session.nudge();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(ledger.pending(), 0);
    assert!(line.sent().starts_with("AT+ALIPAYREP="), "and nothing before it");
    // From any thread, by what does not keep the session running.
    ledger.add(4..5);
    let nudger = session.nudger();
    let other = nudger.clone();
    assert!(std::thread::spawn(move || other.nudge()).join().unwrap());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(ledger.pending(), 0);
    drop(session);
    let mut told = 0;
    while let Some(event) = events.next().await {
        told += u32::from(format!("{event:?}").contains("all are sent"));
    }
    assert_eq!(told, 3);
    assert!(!nudger.nudge(), "there is nobody left");
}

#[tokio::test(start_paused = true)]
async fn a_duty_is_told_the_truth_of_what_is_cut_off() {
    let before = ["Opened { fresh: true }", "Ready", "taken"];
    let script = "on 2 AT+ALIPAYREP after 50ms reset";
    let (session, _events, _line, ledger) = start_teller(script, 3);
    tokio::time::sleep(3 * MINUTE).await;
    assert_eq!(session.state(), State::Ready);
    let reset = [
        "interrupted, unknown, ready",
        "Restarted",
        "Unready",
        "busy, not-sent, synchronising",
        "Opened { fresh: true }",
        "Ready",
        "taken",
        "taken",
    ];
    assert_eq!(ledger.story(), [&before[..], &reset].concat());

    let script = "on 2 AT+ALIPAYREP after 5ms hang-up for 5s";
    let (session, _events, _line, ledger) = start_teller(script, 3);
    tokio::time::sleep(3 * MINUTE).await;
    assert_eq!(session.state(), State::Ready);
    let lost = [
        "disconnected, unknown, ready",
        "Unready",
        "busy, not-sent, disconnected",
        "Opened { fresh: false }",
        "Ready",
        "taken",
    ];
    let mut story = ledger.story();
    // The next one waits until its result cannot be taken for that of the one before.
    assert!(story.iter().any(|told| told == KEPT_BACK), "{story:?}");
    story.retain(|told| told != KEPT_BACK);
    assert_eq!(story, [&before[..], &lost, &["taken"]].concat());

    let (_session, _events, _line, ledger) = start_teller("at 30s hang-up for 3s", 1);
    tokio::time::sleep(3 * MINUTE).await;
    assert_eq!(ledger.story()[3..], ["Unready", "Opened { fresh: false }", "Ready"]);

    let (session, _events, _line, ledger) = start_teller("on 1 AT+ALIPAYREP result 2", 1);
    tokio::time::sleep(3 * MINUTE).await;
    assert_eq!(session.health().counters.restarts, 1);
    assert_eq!(
        ledger.story()[2..],
        [
            "Unready",
            "result 2, refused, synchronising",
            "busy, not-sent, synchronising",
            "Closed",
            "Restarted",
            "Opened { fresh: true }",
            "Ready",
            "taken"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn callers_and_a_shut_down_go_before_the_backlog() {
    let (session, _events, line, ledger) = start_teller("", 200);
    session.wait_ready(MINUTE).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let before = ledger.pending();
        session.send(&sign()).await.unwrap();
        // The one under way, and the next one, which goes while the signature is waited for.
        assert!(before - ledger.pending() <= 2, "it waited for {}", before - ledger.pending());
    }
    session.run(Synchronise::default()).await.unwrap();
    ledger.story();
    line.sent();
    session.shut_down(ShutDown::CloseSdk).await.unwrap();
    let story = ledger.story();
    // The end of the one under way comes between them: taken, or not for the queue is full.
    let [unready, _, rest @ ..] = &story[story.len() - 4..] else { panic!("{story:?}") };
    assert_eq!(
        (unready.as_str(), rest),
        ("Unready", &["busy, not-sent, shutting down".to_string(), "Closed".to_string()][..])
    );
    let sent = line.sent();
    assert!(sent.ends_with("AT+ALIPAYSHUT\r"), "{sent}");
    let pending = ledger.pending();
    session.nudge();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(ledger.pending(), pending);
    let error = session.run(Synchronise::default()).await;
    assert!(error.is_ok(), "the module's own commands pass");
}

#[tokio::test(start_paused = true)]
async fn an_append_from_any_thread_is_drained_at_once() {
    let till = outbox_till::Till::new(outbox_till::policy());
    let outbox = till.open();
    outbox.append_all(&outbox_till::reports(0..3)).unwrap();
    let (session, _events, _line) = start(Profile::quectel(), "");
    session.attach(outbox.duty());
    let nudger = session.nudger();
    outbox.on_append(move || {
        nudger.nudge();
    });
    session.wait_ready(MINUTE).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(outbox.summary().reports.held, 3);
    let till = outbox.clone();
    let append = move || till.append(&outbox_till::report(3)).unwrap();
    tokio::task::spawn_blocking(append).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(outbox.summary().reports.held, 4);
    // The same flow serves a caller who wants to see it to its end.
    outbox.append(&outbox_till::report(4)).unwrap();
    let error = session.run(outbox.drain()).await.unwrap_err();
    assert!(matches!(error, m26_pay::outbox::OutboxError::Draining), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_recording_goes_on_at_the_next_port() {
    let (session, _events, line) = start(Profile::quectel(), "");
    let (record, recorded) = recording();
    session.record(record);
    session.wait_ready(MINUTE).await.unwrap();
    line.order(Order::HangUp(Duration::from_secs(3)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    session.wait_ready(MINUTE).await.unwrap();
    session.send(&sign()).await.unwrap();
    let text = recorded();
    assert_eq!(text.matches("> AT+ALIPAYDID\\r").count(), 2, "{text}");
    assert!(text.contains("> AT+ALIPAYSIGN=4,\"0000000000\",\"10.25\"\\r"), "{text}");
}

/// A caller leaves before a byte of the signature is sent. Nothing is due, so nothing is waited for.
#[tokio::test(start_paused = true)]
async fn a_signature_that_never_left_costs_nothing() {
    let (session, mut events, line) = start(Profile::quectel(), "");
    session.wait_ready(MINUTE).await.unwrap();
    line.sent();
    // The driver has no turn before the time is over.
    assert!(tokio::time::timeout(Duration::ZERO, session.send(&sign())).await.is_err());
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!((session.state(), line.sent().as_str()), (State::Ready, ""));
    assert!(session.send(&sign()).await.is_ok());
    // One that left is waited for, and no longer than it takes. It is another customer's: two of one
    // code in one second are equal, and the second would be taken for the first one said twice.
    let error = session.send_within(&other_sign(), Duration::from_millis(100)).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::TimedOut, Certainty::Unknown));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(session.state(), State::Identifying, "a screen shows it");
    let signed = session.send_within(&sign(), Duration::from_secs(2)).await;
    assert!(signed.is_ok(), "{signed:?} {}", line.sent());
    let told = tokio::time::timeout(10 * MINUTE, async {
        while let Some(event) = events.next().await {
            assert!(!matches!(event, SessionEvent::Warning(_)), "{event}");
        }
    });
    assert!(told.await.is_err());
    assert_eq!(session.health().counters.restarts, 0);
}

const KEPT_BACK: &str = "busy, not-sent, ready";
