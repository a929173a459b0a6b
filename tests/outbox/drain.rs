//! The outbox drained by a client, against the simulated module, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use m26_pay::alipay::{Open, Opened, Report, ReportStatus, Shut, TradeResult};
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::flows::Synchronise;
use m26_pay::flows::{Context, Flow, Input, Step};
use m26_pay::outbox::{
    Batch, Doubt, Drain, Drained, End, Id, ItemState, Limits, Outbox, OutboxError, OutboxPolicy,
    Parking, ReportAnswer, Resend,
};
use m26_pay::session::{Backoff, Duty, Notice};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem, ModemConfig};
use m26_pay::sim::script::{Script, Scripted};
use m26_pay::sim::virtual_port::VirtualPort;
use m26_pay::sim::{Chunk, Device, Order};
use proptest::prelude::*;
use support::outbox_till::{self, Till, number, numbers, policy, report, reports};

const PENDING: &[ItemState] = &[ItemState::Pending];
const HELD: &[ItemState] = &[ItemState::Held];
const RAM_ONLY: &[ItemState] = &[ItemState::RamOnly];
const PARKED: &[ItemState] = &[ItemState::Parked];
const REJECTED: &[ItemState] = &[ItemState::Rejected];
const HOUR: Duration = Duration::from_secs(3600);

/// A client, and what its module was sent.
struct Desk {
    client: Option<Client<VirtualPort<Tap>>>,
    log: Rc<RefCell<Vec<(Instant, String)>>>,
}

/// A module behind a line that may fail and a script, which keeps the commands and their times.
struct Tap {
    device: Scripted<Faulty<Modem>>,
    log: Rc<RefCell<Vec<(Instant, String)>>>,
}

impl Device for Tap {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.log.borrow_mut().push((now, String::from_utf8(bytes.to_vec()).unwrap()));
        self.device.receive(now, bytes);
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.device.poll_transmit(now)
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.device.next_deadline()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.device.command(now, order);
    }
}

/// Nobody was at the module before, so that each refusal is the command's own.
fn alone() -> Settings {
    Settings { earlier: EarlierProgram::Ended, ..Settings::default() }
}

impl Desk {
    /// A desk whose module has its SDK open, as the outbox knows.
    fn new(settings: modem::ModemSettings, script: &str, outbox: &Outbox) -> Self {
        let script: Script = script.parse().unwrap();
        let device = Scripted::new(Faulty::new(Modem::new(settings), 1), script);
        let log: Rc<RefCell<_>> = Rc::default();
        let port = VirtualPort::new(Tap { device, log: Rc::clone(&log) });
        let mut desk = Self { client: Some(Client::connect(port, alone())), log };
        desk.open(outbox);
        desk
    }

    /// Opens the SDK, as the outbox knows.
    fn open(&mut self, outbox: &Outbox) {
        let client = self.client();
        client.run(Synchronise::default()).unwrap();
        outbox.module_opened(client.send(&Open).unwrap()).unwrap();
    }

    fn client(&mut self) -> &mut Client<VirtualPort<Tap>> {
        self.client.as_mut().unwrap()
    }

    fn drain(&mut self, outbox: &Outbox) -> Drained {
        self.client().run(outbox.drain()).unwrap()
    }

    /// Gives an order to the module, and lets some time pass; the client begins anew.
    fn order(&mut self, order: &Order, time: Duration) {
        let mut port = self.client.take().unwrap().into_port();
        let now = port.now();
        port.device_mut().command(now, order);
        port.pass(time);
        self.client = Some(Client::connect(port, alone()));
    }

    /// The numbers of the reports that were sent, with the seconds since the first one.
    fn sent(&self) -> Vec<(u64, u32)> {
        let log = self.log.borrow();
        let reports = log.iter().filter_map(|(at, line)| {
            let rest = line.strip_prefix("AT+ALIPAYREP=\"")?;
            Some((*at, rest.split('"').next()?.parse().unwrap()))
        });
        let reports: Vec<_> = reports.collect();
        let began = reports.first().map(|(at, _)| *at);
        reports.into_iter().map(|(at, number)| ((at - began.unwrap()).as_secs(), number)).collect()
    }

    fn sent_numbers(&self) -> Vec<u32> {
        self.sent().into_iter().map(|(_, number)| number).collect()
    }

    /// The numbers of the reports that have reached the cloud, in order, once the module has
    /// delivered what it holds.
    fn delivered(mut self) -> Vec<u32> {
        self.order(&Order::Calm, 24 * HOUR);
        let port = self.client.take().unwrap().into_port();
        let modem = port.device().device.inner().inner();
        modem.delivered().iter().map(|report| report.business_no.parse().unwrap()).collect()
    }
}

fn module() -> modem::ModemSettings {
    modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() }
}

/// A module with room for many records.
fn roomy() -> modem::ModemSettings {
    modem::ModemSettings { queue_size: 1_000_000, ..module() }
}

fn all(numbers: std::ops::Range<u32>) -> Vec<u32> {
    numbers.collect()
}

/// What is on disk, as after a power cut: the outbox of another till.
fn after_power_cut(till: &Till) -> Till {
    let other = Till::new(till.policy.clone());
    other.set_now(till.now());
    for part in ["", "-wal"] {
        let name = |path: &std::path::Path| format!("{}{part}", path.display());
        if let Ok(bytes) = fs::read(name(&till.path())) {
            fs::write(name(&other.path()), bytes).unwrap();
        }
    }
    other
}

#[test]
fn what_is_pending_is_sent_in_order_and_settled() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..200)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    let drained = desk.drain(&outbox);
    assert_eq!((drained.held, drained.left, drained.end), (200, 0, End::Empty));
    assert_eq!(outbox.summary().reports.held, 200);
    assert_eq!(outbox.summary().reports.all(), 200);
    assert_eq!(desk.delivered(), all(0..200));
    let record = outbox.get(Id::<Report>::new(7)).unwrap().unwrap();
    assert_eq!((number(&record), record.attempts, record.failures), (6, 1, 0));
    assert_eq!(record.last.unwrap().1, ReportAnswer::Result(ReportStatus::SUCCESS));
    // And so it is on disk.
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().reports.held, 200);
    assert_eq!(outbox.get(Id::<Report>::new(7)).unwrap().unwrap(), record);
    assert_eq!(outbox.append(&report(200)).unwrap(), Id::<Report>::new(201));
}

#[test]
fn there_is_one_commit_to_a_batch() {
    let batch = Batch { reports: 50, time: HOUR };
    let till = Till::new(OutboxPolicy { batch, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..1000)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    till.commits();
    assert_eq!(desk.drain(&outbox).held, 1000);
    // One that begins each batch and settles the one before (16, 32, 50 …), and one at the end.
    assert_eq!(till.commits(), 2 + 20 + 1);
}

#[test]
fn a_batch_ends_when_its_first_answer_is_old() {
    // A report takes 130 ms.
    let batch = Batch { reports: 50, time: Duration::from_secs(1) };
    let till = Till::new(OutboxPolicy { batch, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..80)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    till.commits();
    assert_eq!(desk.drain(&outbox).held, 80);
    let commits = till.commits();
    assert!((9..=13).contains(&commits), "{commits} commits");
    assert_eq!(desk.delivered(), all(0..80));
}

#[test]
fn the_luat_dialect_drains_too() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..30)).unwrap();
    let luat = modem::ModemSettings::luat();
    let settings =
        modem::ModemSettings { config: Some(ModemConfig::sample()), queue_size: 100, ..luat };
    let port = VirtualPort::new(Modem::new(settings));
    let mut client = Client::connect(port, Settings::new(Profile::luat()));
    client.run(Synchronise::default()).unwrap();
    outbox.module_opened(client.send(&Open).unwrap()).unwrap();
    assert_eq!(client.run(outbox.drain()).unwrap().held, 30);
}

#[test]
fn codes_that_pass_are_tried_again_in_order() {
    for code in [-1, 3, 4, 5, 6, 42] {
        let till = Till::new(policy());
        let outbox = till.open();
        outbox.append_all(&reports(0..5)).unwrap();
        let script = format!("on 2 AT+ALIPAYREP= result {code}\non 3 AT+ALIPAYREP= result {code}");
        let mut desk = Desk::new(roomy(), &script, &outbox);
        assert_eq!(desk.drain(&outbox).held, 5);
        // The waits of the back-off, and nothing passes the one that waits.
        let expected = [(0, 0), (0, 1), (2, 1), (6, 1), (6, 2), (6, 3), (6, 4)];
        assert_eq!(desk.sent(), expected, "{code}");
        let record = outbox.get(Id::<Report>::new(2)).unwrap().unwrap();
        assert_eq!((record.attempts, record.failures, record.first_failed), (3, 0, None));
        assert_eq!(desk.delivered(), all(0..5));
    }
}

#[test]
fn none_passes_one_that_is_tried_again_at_once() {
    let backoff = Backoff { initial: Duration::ZERO, ..policy().backoff };
    let till = Till::new(OutboxPolicy { backoff, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..4)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= result 5", &outbox);
    assert_eq!(desk.drain(&outbox).held, 4);
    assert_eq!(desk.sent_numbers(), [0, 1, 1, 2, 3]);
}

#[test]
fn a_refused_command_is_tried_again() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append(&report(0)).unwrap();
    let mut desk = Desk::new(roomy(), "on 1 AT+ALIPAYREP= refuse 3", &outbox);
    let mut told = Vec::new();
    let drained = desk.client().run_with(outbox.drain(), |progress| told.push(progress));
    assert_eq!(drained.unwrap().held, 1);
    assert_eq!(told.len(), 1);
    let told = told[0].to_string();
    assert_eq!(
        told,
        "outbox: report 1 is tried again: the module answered error 3 (at most 2 s more)"
    );
}

#[test]
fn a_full_queue_is_filled_as_it_gets_room() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..60)).unwrap();
    // It holds 12, and delivers one in 2 s.
    let mut desk = Desk::new(module(), "", &outbox);
    assert_eq!(desk.drain(&outbox).held, 60);
    let sent = desk.sent();
    // 48 of them have to wait for room, so it takes 96 s at least.
    assert!((94..300).contains(&sent.last().unwrap().0), "{sent:?}");
    assert!(sent.len() < 120, "{} commands for 60 reports", sent.len());
    let counted = outbox.list(HELD, Id::<Report>::START, 100).unwrap();
    assert!(counted.iter().all(|record| record.failures == 0));
    assert_eq!(desk.delivered(), all(0..60));
}

#[test]
fn a_queue_that_stays_full_is_not_hammered() {
    let backoff = Backoff { seed: 7, ..OutboxPolicy::default().backoff };
    let till = Till::new(OutboxPolicy { backoff: backoff.clone(), ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..500)).unwrap();
    let mut desk = Desk::new(module(), "queue-full", &outbox);
    let drained = desk.client().run(outbox.drain().patience(12 * HOUR)).unwrap();
    assert_eq!((drained.held, drained.left, drained.end), (0, 500, End::OutOfPatience));
    // Each attempt comes exactly when the seed says, give or take what the commands take.
    let sent = desk.sent();
    let mut expected = 0.0;
    for (number, (at, report)) in sent.iter().enumerate() {
        assert_eq!(*report, 0);
        let late = *at as f64 - expected;
        assert!((-1.0..1.5 + number as f64 * 0.2).contains(&late), "attempt {number} at {at} s");
        let step = u32::try_from(number).unwrap().min(8);
        expected += backoff.wait(step).as_secs_f64();
    }
    assert!((140..220).contains(&sent.len()), "{} commands in 12 hours", sent.len());
    let record = outbox.get(Id::<Report>::new(1)).unwrap().unwrap();
    assert_eq!((record.state, record.failures), (ItemState::Pending, 0));
    assert_eq!(record.attempts as usize, sent.len());
    assert_eq!(record.last.unwrap().1, ReportAnswer::Result(ReportStatus::QUEUE_FULL));
    assert_eq!(outbox.get(Id::<Report>::new(2)).unwrap().unwrap().attempts, 0);

    desk.order(&Order::QueueFree, Duration::from_secs(1));
    assert_eq!(desk.drain(&outbox).held, 500);
    assert_eq!(desk.delivered(), all(0..500));
}

#[test]
fn an_sdk_that_is_not_initialised_has_to_come_back() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= result 2", &outbox);
    let drained = desk.drain(&outbox);
    assert_eq!((drained.held, drained.left, drained.end), (1, 2, End::NotInitialised));
    assert_eq!(numbers(&outbox, PENDING), [1, 2]);
    let record = outbox.get(Id::<Report>::new(2)).unwrap().unwrap();
    assert_eq!((record.attempts, record.failures), (1, 0));
    assert_eq!(outbox.get(Id::<Report>::new(3)).unwrap().unwrap().attempts, 0);
    assert_eq!(desk.drain(&outbox).held, 2);
    assert_eq!(desk.delivered(), all(0..3));
}

#[test]
fn a_parameter_error_rejects_what_is_sent_twice_to_a_module_in_order() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let script = "on 2 AT+ALIPAYREP= result 1\non 3 AT+ALIPAYREP= result 1";
    let mut desk = Desk::new(roomy(), script, &outbox);
    let drained = desk.drain(&outbox);
    assert_eq!((drained.held, drained.rejected, drained.left), (2, 1, 0));
    assert_eq!(desk.sent_numbers(), [0, 1, 1, 2]);
    assert_eq!(outbox.summary().reports.rejected, 1);
    assert_eq!(numbers(&outbox, REJECTED), [1]);
    // It is kept, and goes again if somebody wants it.
    drop(outbox);
    let outbox = till.open();
    assert_eq!(numbers(&outbox, REJECTED), [1]);
    outbox.retry(Id::<Report>::new(2)).unwrap();
    assert_eq!(desk.drain(&outbox).held, 1);
    assert_eq!(desk.delivered(), [0, 2, 1]);
}

#[test]
fn a_parameter_error_of_a_module_out_of_the_network_rejects_nothing() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let script = "at 1s registration searching\non AT+ALIPAYREP= result 1";
    let mut desk = Desk::new(roomy(), script, &outbox);
    desk.order(&Order::Calm, Duration::from_secs(5));
    let drained = desk.client().run(outbox.drain().patience(HOUR)).unwrap();
    assert_eq!((drained.rejected, drained.parked, drained.left), (0, 0, 3));
    let record = outbox.get(Id::<Report>::new(1)).unwrap().unwrap();
    assert_eq!((record.state, record.failures), (ItemState::Pending, 0));
}

#[test]
fn one_parameter_error_is_not_enough() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= result 1", &outbox);
    assert_eq!(desk.drain(&outbox).held, 3);
    assert_eq!(desk.delivered(), all(0..3));
}

#[test]
fn what_the_profile_cannot_carry_is_rejected_and_the_rest_goes_on() {
    let till = Till::new(policy());
    let outbox = till.open();
    let comma = Report::of("1".parse().unwrap(), TradeResult::Success, 1)
        .business_no("1,5".parse().unwrap())
        .time_consuming(0)
        .build()
        .unwrap();
    outbox.append(&comma).unwrap();
    outbox.append(&report(1)).unwrap();
    let luat = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        ..modem::ModemSettings::luat()
    };
    let port = VirtualPort::new(Modem::new(luat));
    let mut client = Client::connect(port, Settings::new(Profile::luat()));
    client.run(Synchronise::default()).unwrap();
    client.send(&Open).unwrap();
    let drained = client.run(outbox.drain()).unwrap();
    assert_eq!((drained.held, drained.rejected), (1, 1));
    let record = outbox.get(Id::<Report>::new(1)).unwrap().unwrap();
    assert_eq!(record.last.unwrap().1, ReportAnswer::InvalidCommand);
}

#[test]
fn what_fails_for_too_long_steps_aside() {
    let parking = Parking { failures: 3, after: Duration::from_secs(60) };
    let till = Till::new(OutboxPolicy { parking: Some(parking), ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let script = r#"on "AT+ALIPAYREP=\"1\"" result +ALIPAYREP -1"#;
    let mut desk = Desk::new(roomy(), script, &outbox);
    // Often enough, but not for long enough.
    let drained = desk.client().run(outbox.drain().patience(HOUR)).unwrap();
    assert_eq!((drained.held, drained.parked, drained.left), (1, 0, 2));
    till.pass(Duration::from_secs(61));
    let mut told = Vec::new();
    let drained = desk.client().run_with(outbox.drain(), |progress| told.push(progress.detail));
    assert_eq!(drained.map(|drained| (drained.held, drained.parked)).unwrap(), (1, 1));
    assert!(told[0].contains("report 2 failed for too long and is parked"), "{told:?}");
    assert_eq!((numbers(&outbox, PARKED), outbox.summary().reports.parked), (vec![1], 1));
    let record = outbox.get(Id::<Report>::new(2)).unwrap().unwrap();
    assert_eq!(record.last.unwrap().1, ReportAnswer::Result(ReportStatus::FAILED));
    assert!(record.failures >= 3 && record.first_failed == Some(outbox_till::BEGAN));

    // It goes back to its place, before what came after it.
    outbox.append(&report(3)).unwrap();
    outbox.retry(Id::<Report>::new(2)).unwrap();
    assert_eq!(numbers(&outbox, PENDING), [1, 3]);
    assert_eq!(outbox.get(Id::<Report>::new(2)).unwrap().unwrap().failures, 0);
    assert!(matches!(outbox.retry(Id::<Report>::new(2)), Err(OutboxError::State { .. })));
    assert!(matches!(outbox.retry(Id::<Report>::new(99)), Err(OutboxError::Missing { .. })));
}

#[test]
fn a_clock_that_was_wrong_keeps_none_from_stepping_aside() {
    let parking = Parking { failures: 3, after: Duration::from_secs(60) };
    let till = Till::new(OutboxPolicy { parking: Some(parking), ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..2)).unwrap();
    let script = r#"on "AT+ALIPAYREP=\"0\"" result +ALIPAYREP -1"#;
    let mut desk = Desk::new(roomy(), script, &outbox);
    let some_time = Duration::from_secs(20);
    till.set_now(outbox_till::BEGAN.plus(10 * 365 * 24 * HOUR));
    let drained = desk.client().run(outbox.drain().patience(some_time)).unwrap();
    assert_eq!((drained.held, drained.left), (0, 2));
    // It fails since now, and not since a time that is still to come.
    till.set_now(outbox_till::BEGAN);
    desk.client().run(outbox.drain().patience(some_time)).unwrap();
    let record = outbox.get(Id::<Report>::new(1)).unwrap().unwrap();
    assert_eq!(record.first_failed, Some(outbox_till::BEGAN));
    till.pass(Duration::from_secs(61));
    let drained = desk.client().run(outbox.drain()).unwrap();
    assert_eq!((drained.held, drained.parked, drained.left), (1, 1, 0));
}

#[test]
fn what_is_removed_is_gone_and_its_number_is_not_given_again() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append(&report(0)).unwrap();
    assert!(matches!(outbox.remove(Id::<Report>::new(1)), Err(OutboxError::State { .. })));
    let script = "on AT+ALIPAYREP= result 1";
    assert_eq!(Desk::new(roomy(), script, &outbox).drain(&outbox).rejected, 1);
    assert_eq!(number(&outbox.remove(Id::<Report>::new(1)).unwrap()), 0);
    drop(outbox);
    let outbox = till.open();
    assert_eq!((outbox.summary().reports.all(), outbox.summary().dropped), (0, 0));
    assert_eq!(outbox.append(&report(1)).unwrap(), Id::<Report>::new(2));
}

#[test]
fn an_unknown_outcome_is_sent_again_and_may_be_there_twice() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= missing-result", &outbox);
    let mut told = Vec::new();
    let drained = desk.client().run_with(outbox.drain(), |progress| told.push(progress.detail));
    assert_eq!(drained.unwrap().held, 3);
    assert_eq!(told[0], "report 2 is tried again: not known: no answer came in time");
    // The engine lets no other report pass until the second answer, if there is one, has come.
    assert!(told[1..].iter().all(|told| told.contains("still due")), "{told:?}");
    let sent = desk.sent();
    assert!(sent[2].0 < 60 && sent[3].0 > sent[2].0 + 100, "{sent:?}");
    assert_eq!(desk.delivered(), [0, 1, 1, 2]);
}

#[test]
fn a_lost_port_ends_it_and_leaves_nothing_in_the_air() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..5)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= hang-up for 5s", &outbox);
    let drained = desk.drain(&outbox);
    assert_eq!((drained.held, drained.left, drained.end), (1, 4, End::Disconnected));
    assert_eq!(
        (numbers(&outbox, PENDING), outbox.summary().reports.sending),
        (vec![1, 2, 3, 4], 0)
    );
    let record = outbox.get(Id::<Report>::new(2)).unwrap().unwrap();
    assert_eq!(record.last.unwrap().1, ReportAnswer::Unknown(Doubt::Disconnected));
}

#[test]
fn a_drain_that_is_dropped_leaves_nothing_in_the_air() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..5)).unwrap();
    let profile = Profile::quectel();
    let mut drain = outbox.drain();
    let port = VirtualPort::new(Modem::new(roomy()));
    let cx = Context { now: port.now(), profile: &profile };
    assert!(matches!(drain.step(&cx, Input::Begin), Step::Send(_)));
    // Another one at the same time is refused.
    let second = outbox.drain().step(&cx, Input::Begin);
    assert!(matches!(second, Step::Done(Err(OutboxError::Draining))));
    assert_eq!(outbox.summary().reports.sending, 5);
    drop(drain);
    assert_eq!(numbers(&outbox, PENDING), all(0..5));
    let attempts = |id| outbox.get(Id::<Report>::new(id)).unwrap().unwrap().attempts;
    assert_eq!((attempts(1), attempts(2)), (1, 0));
    let first = outbox.get(Id::<Report>::new(1)).unwrap().unwrap();
    assert_eq!(first.last.unwrap().1, ReportAnswer::Unknown(Doubt::Stopped));
    assert!(matches!(outbox.drain().step(&cx, Input::Begin), Step::Send(_)));
}

#[test]
fn what_was_on_its_way_at_a_power_cut_goes_again() {
    let till = Till::new(OutboxPolicy { batch: Batch { reports: 4, time: HOUR }, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..10)).unwrap();
    let mut desk = Desk::new(roomy(), "on 7 AT+ALIPAYREP= hang-up for 1s", &outbox);
    let mut cut = None;
    // The power goes while the sixth is answered: two of the second batch are not settled.
    let drain = outbox.drain();
    let watched = Watched { drain, count: 0, at: 7, cut: &mut cut, till: &till };
    desk.client().run(watched).unwrap();
    let other = cut.unwrap();
    let restarted = other.open();
    assert_eq!(restarted.summary().reports.held, 4);
    assert_eq!(restarted.summary().reports.pending, 6);
    let doubtful = restarted.get(Id::<Report>::new(5)).unwrap().unwrap();
    assert_eq!((doubtful.attempts, doubtful.failures), (1, 0));
    assert_eq!(doubtful.last.unwrap().1, ReportAnswer::Unknown(Doubt::Stopped));
    assert_eq!(numbers(&restarted, PENDING), all(4..10));
    assert_eq!(restarted.get(Id::<Report>::new(10)).unwrap().unwrap().attempts, 0);
    assert_eq!(restarted.append(&report(10)).unwrap(), Id::<Report>::new(11));
}

/// Copies what is on disk when so many commands were sent.
struct Watched<'a> {
    drain: Drain,
    count: u32,
    at: u32,
    cut: &'a mut Option<Till>,
    till: &'a Till,
}

impl Flow for Watched<'_> {
    type Output = Result<Drained, OutboxError>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        let step = self.drain.step(cx, input);
        if matches!(step, Step::Send(_)) {
            self.count += 1;
            if self.count == self.at {
                *self.cut = Some(after_power_cut(self.till));
            }
        }
        step
    }
}

#[test]
fn a_reset_sends_again_what_only_memory_held() {
    for (resend, again) in [
        (Resend::Nothing, vec![]),
        (Resend::RamOnly, vec![1, 3]),
        (Resend::ThisBoot, vec![0, 1, 2, 3]),
    ] {
        let till = Till::new(OutboxPolicy { resend, ..policy() });
        let outbox = till.open();
        outbox.append_all(&reports(0..4)).unwrap();
        let script = "on 2 AT+ALIPAYREP= result 7\non 4 AT+ALIPAYREP= result 7";
        let mut desk = Desk::new(roomy(), script, &outbox);
        let drained = desk.drain(&outbox);
        assert_eq!((drained.held, drained.ram_only), (2, 2));
        assert_eq!(numbers(&outbox, RAM_ONLY), [1, 3]);
        // Nothing is lost as long as the boot goes on, whoever asks.
        drop(outbox);
        let outbox = till.open();
        desk.open(&outbox);
        assert_eq!(outbox.summary().reports.pending, 0);

        desk.order(&Order::Reset, Duration::from_secs(10));
        desk.open(&outbox);
        assert_eq!(numbers(&outbox, PENDING), again, "{resend:?}");
        outbox.append(&report(4)).unwrap();
        desk.drain(&outbox);
        assert_eq!(desk.sent_numbers()[4..], [again, vec![4]].concat());
    }
}

#[test]
fn what_was_shut_in_order_is_not_sent_again() {
    for resend in [Resend::RamOnly, Resend::ThisBoot] {
        let till = Till::new(OutboxPolicy { resend, ..policy() });
        let outbox = till.open();
        outbox.append_all(&reports(0..2)).unwrap();
        let mut desk = Desk::new(roomy(), "on AT+ALIPAYREP= result 7", &outbox);
        assert_eq!(desk.drain(&outbox).ram_only, 2);
        desk.client().send(&Shut).unwrap();
        outbox.module_closed().unwrap();
        assert_eq!(numbers(&outbox, HELD), [0, 1]);
        drop(outbox);
        let outbox = till.open();
        desk.order(&Order::Reset, Duration::from_secs(10));
        desk.open(&outbox);
        assert_eq!(outbox.summary().reports.pending, 0);
        // The next boot has a shut-down of its own.
        outbox.append(&report(2)).unwrap();
        assert_eq!(desk.drain(&outbox).ram_only, 1);
        assert_eq!(outbox.module_restarted().unwrap(), 1);
        assert_eq!(numbers(&outbox, PENDING), [2]);
    }
}

/// One that was shut opens only after a restart, so somebody else has opened it since.
#[test]
fn an_sdk_that_is_open_after_it_was_shut_is_one_of_another_boot() {
    let till = Till::new(policy());
    let outbox = till.open();
    let mut desk = Desk::new(roomy(), "on AT+ALIPAYREP= result 7", &outbox);
    outbox.module_closed().unwrap();
    assert_eq!(outbox.module_opened(Opened::Already).unwrap(), 0);
    outbox.append(&report(0)).unwrap();
    assert_eq!(desk.drain(&outbox).ram_only, 1);
    assert_eq!(outbox.module_restarted().unwrap(), 1);
}

#[test]
fn a_reset_in_the_middle_of_a_drain_loses_nothing() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..4)).unwrap();
    let script = "on 2 AT+ALIPAYREP= result 7\non 3 AT+ALIPAYREP= reset";
    let mut desk = Desk::new(roomy(), script, &outbox);
    let drained = desk.drain(&outbox);
    assert_eq!((drained.left, drained.end), (3, End::NotInitialised));
    assert_eq!(numbers(&outbox, PENDING), [1, 2, 3]);
    let record = outbox.get(Id::<Report>::new(3)).unwrap().unwrap();
    assert_eq!(record.last.unwrap().1, ReportAnswer::Unknown(Doubt::Interrupted));
    desk.order(&Order::Calm, Duration::from_secs(10));
    desk.open(&outbox);
    assert_eq!(desk.drain(&outbox).held, 3);
    let delivered = desk.delivered();
    assert!((0..4).all(|number| delivered.contains(&number)), "{delivered:?}");
}

#[test]
fn a_discarded_cache_has_the_newest_sent_again() {
    let till = Till::new(OutboxPolicy { module_queue: 3, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..10)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= result 7", &outbox);
    assert_eq!(desk.drain(&outbox).held, 9);
    assert_eq!(outbox.cache_discarded().unwrap(), 4);
    assert_eq!(numbers(&outbox, PENDING), [1, 7, 8, 9]);
    assert_eq!(desk.drain(&outbox).held, 4);
}

#[test]
fn a_discarded_cache_has_nothing_sent_again_where_the_policy_says_so() {
    let till = Till::new(OutboxPolicy { resend: Resend::Nothing, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let mut desk = Desk::new(roomy(), "on 2 AT+ALIPAYREP= result 7", &outbox);
    assert_eq!(desk.drain(&outbox).ram_only, 1);
    assert_eq!(outbox.cache_discarded().unwrap(), 0);
    assert_eq!(outbox.summary().reports.pending, 0);
}

#[test]
fn a_discarded_cache_may_have_held_an_old_record_that_was_sent_again() {
    let till = Till::new(OutboxPolicy { module_queue: 3, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..1500)).unwrap();
    let script = "on 2 AT+ALIPAYREP= result 1\non 3 AT+ALIPAYREP= result 1";
    let mut desk = Desk::new(roomy(), script, &outbox);
    assert_eq!(desk.drain(&outbox).rejected, 1);
    till.pass(HOUR);
    outbox.retry(Id::<Report>::new(2)).unwrap();
    assert_eq!(desk.drain(&outbox).held, 1);
    // It is the last one that the module took, and was perhaps not delivered yet.
    assert_eq!(outbox.cache_discarded().unwrap(), 4);
    assert_eq!(numbers(&outbox, PENDING), [1, 1497, 1498, 1499]);
}

#[test]
fn what_could_not_be_written_down_at_the_time_comes_out_the_same() {
    use Notice::{CacheDiscarded, Closed, Opened, Restarted};
    let began = VirtualPort::new(Modem::new(module())).now();
    let fresh = Opened { fresh: true };
    for (mut notices, lost) in [
        (vec![Restarted, fresh, Closed], 2),
        (vec![fresh, Closed, Restarted], 2),
        (vec![Closed, Restarted, fresh], 0),
        (vec![Closed, CacheDiscarded, Opened { fresh: false }, Restarted], 2),
    ] {
        let till = Till::new(policy());
        let outbox = till.open();
        outbox.append_all(&reports(0..2)).unwrap();
        let mut desk = Desk::new(roomy(), "on AT+ALIPAYREP= result 7", &outbox);
        assert_eq!(desk.drain(&outbox).ram_only, 2);
        // The module starts, opens and shuts again and again while the disk is full.
        till.set_full(true);
        let mut duty = outbox.duty();
        notices = notices.repeat(50);
        notices.extend([Restarted, fresh]);
        for notice in notices {
            duty.notice(began, notice);
        }
        assert_eq!(outbox.summary().reports.ram_only, 2);
        till.set_full(false);
        duty.notice(began, Notice::Ready);
        assert_eq!(outbox.summary().reports.pending, lost);
        // In the end it was open, so what it takes now is lost by the next restart.
        outbox.append(&report(2)).unwrap();
        assert_eq!(desk.drain(&outbox).ram_only, lost + 1);
        assert_eq!(outbox.module_restarted().unwrap(), lost + 1);
    }
}

#[test]
fn nothing_is_sent_that_cannot_be_written_down() {
    let till = Till::new(OutboxPolicy { batch: Batch { reports: 3, time: HOUR }, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..6)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    till.set_full(true);
    let error = desk.client().run(outbox.drain()).unwrap_err();
    assert!(matches!(error, OutboxError::Store(_)), "{error}");
    assert_eq!((desk.sent_numbers(), outbox.summary().reports.pending), (vec![], 6));

    // The disk fills up in the middle: what was answered is remembered until there is room.
    till.set_full(false);
    let drain = outbox.drain();
    let error = desk.client().run(Filling { drain, till: &till }).unwrap_err();
    assert!(matches!(error, OutboxError::Store(_)), "{error}");
    assert_eq!(desk.sent_numbers(), [0, 1, 2]);
    till.set_full(false);
    assert_eq!(desk.drain(&outbox).held, 3);
    assert_eq!(desk.sent_numbers(), all(0..6));
    assert_eq!(outbox.summary().reports.held, 6);
}

/// Fills the disk once something was sent.
struct Filling<'a> {
    drain: Drain,
    till: &'a Till,
}

impl Flow for Filling<'_> {
    type Output = Result<Drained, OutboxError>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        let step = self.drain.step(cx, input);
        self.till.set_full(matches!(step, Step::Send(_)));
        step
    }
}

#[test]
fn patience_ends_it() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..1000)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    let drained = desk.client().run(outbox.drain().patience(Duration::from_secs(13))).unwrap();
    assert_eq!((drained.held + drained.left, drained.end), (1000, End::OutOfPatience));
    assert!((70..110).contains(&drained.held), "{} in 13 s", drained.held);
    let counts = outbox.summary().reports;
    assert_eq!((counts.held, counts.pending), (drained.held, drained.left));
}

#[test]
fn a_large_backlog_tells_how_far_it_is() {
    let till = Till::new(OutboxPolicy { batch: Batch { reports: 10, time: HOUR }, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..25)).unwrap();
    let mut desk = Desk::new(roomy(), "", &outbox);
    let mut told = Vec::new();
    desk.client().run_with(outbox.drain(), |progress| told.push(progress.to_string())).unwrap();
    assert_eq!(
        told,
        [
            "outbox: 0 reports were taken by the module, 25 are to go",
            "outbox: 10 reports were taken by the module, 15 are to go",
        ]
    );
    // A till that reports one trade after the other is not told of each.
    told.clear();
    outbox.append(&report(25)).unwrap();
    desk.client().run_with(outbox.drain(), |progress| told.push(progress.to_string())).unwrap();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn of_what_the_module_holds_the_newest_are_kept() {
    for (resend, kept, ram_only) in
        [(Resend::Nothing, 0, 0), (Resend::RamOnly, 1, 1), (Resend::ThisBoot, 90, 1)]
    {
        let limits = Limits { history: Some(10), ..Limits::default() };
        let batch = Batch { reports: 8, time: HOUR };
        let policy = OutboxPolicy { resend, limits, batch, module_queue: 5, ..policy() };
        let till = Till::new(policy);
        let outbox = till.open();
        outbox.append_all(&reports(0..100)).unwrap();
        let mut desk = Desk::new(roomy(), "on 3 AT+ALIPAYREP= result 7", &outbox);
        desk.drain(&outbox);
        // One that may have to be sent again stays, however old it is.
        let held = numbers(&outbox, &[ItemState::Held, ItemState::RamOnly]);
        assert!(held.len() >= 10 + kept && held.len() < 10 + kept + 10, "{held:?}");
        assert!(held.ends_with(&all(90..100)), "{held:?}");
        assert_eq!(outbox.summary().reports.ram_only, ram_only, "{resend:?}");
        assert_eq!(outbox.summary().dropped, 0);
        drop(outbox);
        let outbox = till.open();
        assert_eq!(numbers(&outbox, &[ItemState::Held, ItemState::RamOnly]), held);
        assert_eq!(outbox.append(&report(100)).unwrap(), Id::<Report>::new(101));
    }
}

#[derive(Clone, Debug)]
enum Event {
    Append(u8),
    Drain,
    PowerCut,
    Reset,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1..6u8).prop_map(Event::Append),
        4 => Just(Event::Drain),
        1 => Just(Event::PowerCut),
        1 => Just(Event::Reset),
    ]
}

/// What the module answers to its reports, one after the other.
fn script() -> impl Strategy<Value = String> {
    let fault = prop_oneof![
        Just("result -1".to_string()),
        Just("result 5".to_string()),
        Just("result 6".to_string()),
        Just("result 7".to_string()),
        Just("missing-result".to_string()),
        Just("missing-ok".to_string()),
        Just("reset".to_string()),
        Just("refuse 3".to_string()),
    ];
    proptest::collection::vec((1..60u32, fault), 0..12).prop_map(|faults| {
        let lines = faults.iter().map(|(at, fault)| format!("on {at} AT+ALIPAYREP= {fault}\n"));
        lines.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever happens, in whatever order: what was appended reaches the cloud, in order but for
    /// what was sent again, and twice only if an outcome was unknown.
    #[test]
    fn everything_appended_is_delivered(
        script in script(),
        events in proptest::collection::vec(event(), 1..20),
    ) {
        let batch = Batch { reports: 4, time: HOUR };
        let mut till = Till::new(OutboxPolicy { batch, parking: None, ..policy() });
        let mut outbox = till.open();
        let mut desk = Desk::new(roomy(), &script, &outbox);
        let mut next = 0;
        for event in events {
            match event {
                Event::Append(count) => {
                    outbox.append_all(&reports(next..next + u32::from(count))).unwrap();
                    next += u32::from(count);
                }
                Event::Drain => {
                    let drain = outbox.drain().patience(Duration::from_secs(20));
                    if desk.client().run(drain).unwrap().end == End::NotInitialised {
                        desk.order(&Order::Calm, Duration::from_secs(10));
                        desk.open(&outbox);
                    }
                }
                Event::PowerCut => {
                    let mut cut = None;
                    let drain = outbox.drain().patience(Duration::from_secs(20));
                    let watched = Watched { drain, count: 0, at: 3, cut: &mut cut, till: &till };
                    desk.client().run(watched).unwrap();
                    till = cut.unwrap_or_else(|| after_power_cut(&till));
                    outbox = till.open();
                    desk.order(&Order::Calm, Duration::from_secs(10));
                    desk.open(&outbox);
                }
                Event::Reset => {
                    desk.order(&Order::Reset, Duration::from_secs(10));
                    desk.open(&outbox);
                }
            }
        }
        for _ in 0..20 {
            if desk.drain(&outbox).end == End::Empty {
                break;
            }
            desk.order(&Order::Calm, Duration::from_secs(10));
            desk.open(&outbox);
        }
        let counts = outbox.summary().reports;
        prop_assert_eq!((counts.due(), counts.all()), (0, u64::from(next)));
        let delivered = desk.delivered();
        // The first time that each comes is in order.
        let mut seen = Vec::new();
        for number in delivered {
            if !seen.contains(&number) {
                seen.push(number);
            }
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, all(0..next));
    }
}
