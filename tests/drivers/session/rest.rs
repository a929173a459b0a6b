//! What sessions cost: nothing while nothing happens, and 64 of them 64 times one. And what they
//! tell in the log.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use m26_pay::asynch::{self, Events};
use m26_pay::at::profile::Profile;
use m26_pay::engine::Settings;
use m26_pay::session::{Plan, SessionEvent, ShutDown, State};
use m26_pay::sim::Order;
use support::logged::logged_by;
use support::session_line::pipes::Pipes;
use support::session_line::{Module, configured, module, plan, report, session, sign};
use tracing::field::{Field, Visit};
use tracing::span;

const MINUTE: Duration = Duration::from_secs(60);

/// A session of the async client whose driver is counted whenever it is woken.
struct Counted {
    session: asynch::Session,
    _events: Events<SessionEvent>,
    polls: Arc<AtomicU64>,
    line: Pipes<Module>,
}

fn start(plan: Plan) -> Counted {
    let profile = Profile::quectel();
    let line = Pipes::new(module(configured(&profile), ""), false);
    let (session, events, mut driver) =
        asynch::Session::new(line.clone(), plan, Settings::new(profile));
    let polls = Arc::<AtomicU64>::default();
    let counted = Arc::clone(&polls);
    tokio::spawn(std::future::poll_fn(move |cx| {
        counted.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut driver).poll(cx)
    }));
    Counted { session, _events: events, polls, line }
}

impl Counted {
    fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    /// A day of a shop: twenty customers.
    async fn work(&self) {
        self.session.wait_ready(MINUTE).await.unwrap();
        for number in 0..20 {
            self.session.send(&sign()).await.unwrap();
            self.session.send(&report(&number.to_string())).await.unwrap();
            // The queue empties by itself.
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_wakes_the_driver_of_a_session_that_rests() {
    let counted = start(Plan { keep_alive: None, ..plan() });
    counted.session.wait_ready(MINUTE).await.unwrap();
    tokio::time::sleep(MINUTE).await;
    let before = counted.polls();
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    assert_eq!(counted.polls(), before);
    // It is awake at once when something happens.
    counted.line.order(Order::Urc("+PDP DEACT".into()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(counted.session.health().counters.urcs, 1);

    // The keep-alive is two exchanges a minute.
    let counted = start(plan());
    counted.session.wait_ready(MINUTE).await.unwrap();
    let (before, minutes) = (counted.polls(), 60);
    tokio::time::sleep(minutes * MINUTE).await;
    let each = (counted.polls() - before) as f64 / f64::from(minutes);
    assert!(each <= 12.0, "{each} wake-ups a minute");
}

#[test]
fn a_blocking_session_that_rests_waits_once() {
    let profile = Profile::quectel();
    let plan = Plan { keep_alive: None, ..plan() };
    let (mut session, line) = session(module(configured(&profile), ""), plan, profile);
    session.wait_ready(MINUTE).unwrap();
    while session.next_event(Some(MINUTE)).is_some() {}
    let before = line.waits.get();
    assert_eq!(session.next_event(Some(Duration::from_secs(1_000_000))), None);
    assert_eq!(line.waits.get() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn each_of_64_sessions_on_one_thread_costs_what_one_costs_alone() {
    let alone = start(plan());
    alone.work().await;
    let one = alone.polls();
    drop(alone);
    let all: Vec<_> = (0..64).map(|_| Arc::new(start(plan()))).collect();
    let began = tokio::time::Instant::now();
    let work = all.iter().map(|counted| {
        let counted = Arc::clone(counted);
        tokio::spawn(async move { counted.work().await })
    });
    for shop in work.collect::<Vec<_>>() {
        shop.await.unwrap();
    }
    // Side by side, and not one after the other.
    assert!(began.elapsed() < 4 * MINUTE, "{:?}", began.elapsed());
    let sum: u64 = all.iter().map(|counted| counted.polls()).sum();
    assert!(sum <= 64 * one, "{sum} wake-ups of 64, {one} of one alone");
}

/// Keeps what is logged about sessions.
struct Log(Mutex<Vec<String>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().contains("session")
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn every_transition_is_an_event_and_a_line_of_the_log_with_a_reason() {
    let log = Arc::new(Log(Mutex::default()));
    let transitions = logged_by(Arc::clone(&log), || {
        let profile = Profile::quectel();
        let script = "on 1 AT+ALIPAYSIGN after 50ms hang-up for 5s\non 1 AT+ALIPAYREP reset";
        let (mut session, _) = session(module(configured(&profile), script), plan(), profile);
        session.wait_ready(MINUTE).unwrap();
        session.send(&sign()).unwrap_err();
        session.wait_ready(MINUTE).unwrap();
        session.send(&report("1")).unwrap_err();
        session.wait_ready(MINUTE).unwrap();
        session.shut_down(ShutDown::PowerOff).unwrap();
        let mut transitions = Vec::new();
        while let Some(event) = session.next_event(Some(Duration::ZERO)) {
            if let SessionEvent::Transition(transition) = event {
                transitions.push(transition);
            }
        }
        transitions
    });
    let logged: Vec<String> =
        log.0.lock().unwrap().iter().filter(|line| line.contains(" from=")).cloned().collect();
    let told: Vec<String> = transitions
        .iter()
        .map(|told| {
            assert!(!told.reason.is_empty(), "{told:?}");
            format!("INFO message=state from={} to={} reason={} ", told.from, told.to, told.reason)
        })
        .collect();
    assert_eq!(logged, told);
    // One leads to the next.
    assert!(transitions.windows(2).all(|two| two[0].to == two[1].from));
    assert_eq!(transitions.last().map(|last| last.to), Some(State::Shut));
    assert!(transitions.len() > 25, "{}", transitions.len());
}
