//! The outbox as a duty of a session, against the simulated module, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::rc::Rc;
use std::time::Duration;

use m26_pay::alipay::{Environment, Report, ReportStatus};
use m26_pay::at::profile::Profile;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::outbox::{
    Id, ItemState, Outbox, OutboxPolicy, Parking, ReportAnswer, Resend, USAGE_EVERY, Usage,
};
use m26_pay::session::{Backoff, HeldReports, Plan, SessionEvent, ShutDown, State};
use m26_pay::sim::Order;
use m26_pay::sim::modem;
use support::outbox_till::{Till, numbers, policy, report, reports};
use support::session_line::{Desk, Line, config, configured, module, plan, session, sign};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const PENDING: &[ItemState] = &[ItemState::Pending];

type Session = m26_pay::blocking::Session<Desk>;

/// A session that drains the outbox, and its line.
fn start(settings: modem::ModemSettings, script: &str, outbox: &Outbox) -> (Session, Rc<Line>) {
    start_with(settings, script, outbox, plan())
}

fn start_with(
    settings: modem::ModemSettings,
    script: &str,
    outbox: &Outbox,
    plan: Plan,
) -> (Session, Rc<Line>) {
    let (mut session, line) = session(module(settings, script), plan, Profile::quectel());
    line.can_restart.set(true);
    session.attach(outbox.duty());
    (session, line)
}

fn roomy() -> modem::ModemSettings {
    modem::ModemSettings { queue_size: 1_000_000, ..configured(&Profile::quectel()) }
}

/// Works for so long; the wall clock goes along. The states that were entered, and what was told of
/// progress.
fn work(
    session: &mut Session,
    line: &Line,
    till: &Till,
    time: Duration,
) -> (Vec<State>, Vec<String>) {
    let until = line.passed() + time;
    let (mut states, mut told) = (Vec::new(), Vec::new());
    while line.passed() < until {
        let before = line.passed();
        match session.next_event(Some((until - before).min(MINUTE))) {
            Some(SessionEvent::Transition(transition)) => states.push(transition.to),
            Some(SessionEvent::Progress(progress)) => told.push(progress.to_string()),
            _ => {}
        }
        till.pass(line.passed() - before);
    }
    (states, told)
}

/// The numbers of the reports that are in the cloud or on their way to it, in order.
fn arrived(line: &Line) -> Vec<u32> {
    line.with(|modem| {
        let all = modem.delivered().iter().chain(modem.queued());
        all.map(|report| report.business_no.parse().unwrap()).collect()
    })
}

fn sent(line: &Line, verb: &str) -> usize {
    line.sent().matches(verb).count()
}

#[test]
fn a_session_that_becomes_ready_drains_by_itself() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let till = Till::new(policy());
        let outbox = till.open();
        outbox.append_all(&reports(0..8)).unwrap();
        let (mut session, line) = session(module(configured(&profile), ""), plan(), profile);
        session.attach(outbox.duty());
        session.wait_ready(MINUTE).unwrap();
        work(&mut session, &line, &till, MINUTE);
        assert_eq!(outbox.summary().reports.held, 8);
        // What is appended now goes with the next nudge.
        outbox.append(&report(8)).unwrap();
        work(&mut session, &line, &till, MINUTE);
        assert_eq!(numbers(&outbox, PENDING), [8]);
        session.nudge();
        work(&mut session, &line, &till, Duration::from_secs(2));
        assert_eq!(outbox.summary().reports.held, 9);
        assert_eq!(arrived(&line), (0..9).collect::<Vec<_>>());
        // A day without anything to do costs a look for each keep-alive, and no commit.
        till.commits();
        line.sent();
        work(&mut session, &line, &till, 24 * HOUR);
        assert_eq!((till.commits(), sent(&line, "ALIPAY")), (0, 0));
    }
}

/// The outbox knows from its file what the last program had under way. Only then the reports of the next
/// one wait: what it sent is answered first.
#[test]
fn what_the_last_program_had_under_way_is_known() {
    for cut_off in [false, true] {
        let till = Till::new(policy());
        let outbox = till.open();
        let script = if cut_off { "on 1 AT+ALIPAYREP= missing-result +ALIPAYREP" } else { "" };
        let (mut first, line) = start(roomy(), script, &outbox);
        first.wait_ready(MINUTE).unwrap();
        outbox.append(&report(0)).unwrap();
        first.nudge();
        work(&mut first, &line, &till, Duration::from_secs(if cut_off { 1 } else { 60 }));
        assert_eq!(sent(&line, "ALIPAYREP="), 1);
        drop((first, outbox));

        let outbox = till.open();
        outbox.append(&report(1)).unwrap();
        let settings = Settings::new(Profile::quectel());
        let mut second = Session::new(Desk(Rc::clone(&line)), plan(), settings);
        second.attach(outbox.duty());
        second.wait_ready(MINUTE).unwrap();
        work(&mut second, &line, &till, MINUTE);
        let (waited, held) = (outbox.summary().reports.held, sent(&line, "ALIPAYREP="));
        assert_eq!((waited, held), if cut_off { (0, 0) } else { (2, 1) });
        work(&mut second, &line, &till, 5 * MINUTE);
        assert_eq!(outbox.summary().reports.held, 2);
        assert_eq!(arrived(&line), if cut_off { [0, 0, 1].to_vec() } else { [0, 1].to_vec() });
    }
}

#[test]
fn payments_go_before_a_backlog() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..500)).unwrap();
    let (mut session, line) = start(roomy(), "", &outbox);
    session.wait_ready(MINUTE).unwrap();
    work(&mut session, &line, &till, Duration::from_secs(5));
    let began = line.passed();
    session.send(&sign()).unwrap();
    assert!(line.passed() - began < Duration::from_secs(1));
    assert!(outbox.summary().reports.due() > 300);
    let (_, told) = work(&mut session, &line, &till, 5 * MINUTE);
    assert_eq!(outbox.summary().reports.held, 500);
    assert!(told.iter().any(|told| told.contains("reports were taken by the module")), "{told:?}");
}

#[test]
fn a_restart_sends_again_what_only_memory_held() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..4)).unwrap();
    let script = "on 2 AT+ALIPAYREP= result 7\non 4 AT+ALIPAYREP= result 7";
    let settings = modem::ModemSettings { drain_every: 24 * HOUR, ..roomy() };
    let (mut session, line) = start(settings, script, &outbox);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.ram_only, 2);
    line.order(Order::Reset);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(session.state(), State::Ready);
    let counts = outbox.summary().reports;
    assert_eq!((counts.held, counts.ram_only), (4, 0));
    // What the module lost is there again, behind what it kept.
    assert_eq!(arrived(&line), [0, 2, 1, 3]);
}

#[test]
fn a_restart_that_nobody_sees_is_told_by_the_next_open() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..2)).unwrap();
    let (mut session, line) = start(roomy(), "on 2 AT+ALIPAYREP= result 7", &outbox);
    work(&mut session, &line, &till, MINUTE);
    drop((session, outbox, line));
    // Another program, and a module that was off meanwhile.
    let outbox = till.open();
    assert_eq!(outbox.summary().reports.pending, 0);
    let (mut session, line) = start(roomy(), "", &outbox);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.held, 2);
    assert_eq!(arrived(&line), [1]);
}

#[test]
fn what_was_shut_in_order_is_safe() {
    let till = Till::new(OutboxPolicy { resend: Resend::ThisBoot, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let (mut session, line) = start(roomy(), "on AT+ALIPAYREP= result 7", &outbox);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.ram_only, 3);
    session.shut_down(ShutDown::CloseSdk).unwrap();
    assert_eq!(outbox.summary().reports.held, 3);
    session.resume();
    work(&mut session, &line, &till, 2 * MINUTE);
    assert_eq!(session.state(), State::Ready);
    assert_eq!((outbox.summary().reports.held, arrived(&line).len()), (3, 3));
}

#[test]
fn a_change_of_the_configuration_counts_as_a_loss() {
    let till = Till::new(OutboxPolicy { module_queue: 2, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..5)).unwrap();
    let settings = modem::ModemSettings { drain_every: Duration::from_secs(1), ..roomy() };
    let (mut session, line) = start(settings, "", &outbox);
    work(&mut session, &line, &till, 5 * MINUTE);
    assert_eq!(arrived(&line), [0, 1, 2, 3, 4]);
    session.reconfigure(config(Environment::PRODUCTION), HeldReports::Discard).unwrap();
    work(&mut session, &line, &till, 5 * MINUTE);
    assert_eq!(outbox.summary().reports.held, 5);
    assert_eq!(arrived(&line), [0, 1, 2, 3, 4, 3, 4]);
}

#[test]
fn an_sdk_that_is_not_initialised_is_brought_back_first() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..4)).unwrap();
    // Nobody was at the module before, so that the refusal is the report's own.
    let plan = Plan { earlier: EarlierProgram::Ended, ..plan() };
    let (mut session, line) = start_with(roomy(), "on 3 AT+ALIPAYREP= result 2", &outbox, plan);
    let (states, _) = work(&mut session, &line, &till, 3 * MINUTE);
    assert_eq!(states.iter().filter(|state| **state == State::Ready).count(), 2, "{states:?}");
    assert_eq!(session.state(), State::Ready);
    assert_eq!(outbox.summary().reports.held, 4);
    assert_eq!(arrived(&line), [0, 1, 2, 3]);
    let record = outbox.get(Id::<Report>::new(3)).unwrap().unwrap();
    assert_eq!((record.attempts, record.failures), (2, 0));
}

#[test]
fn a_parameter_error_rejects_only_in_the_network() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let script = r#"on "AT+ALIPAYREP=\"1\"" result +ALIPAYREP 1"#;
    let (mut session, line) = start(roomy(), script, &outbox);
    session.wait_ready(MINUTE).unwrap();
    line.order(Order::Registration(m26_pay::sim::NetworkState::Searching));
    work(&mut session, &line, &till, HOUR);
    let counts = outbox.summary().reports;
    assert_eq!((counts.rejected, counts.parked), (0, 0), "{counts:?}");
    assert_eq!(numbers(&outbox, PENDING), [1, 2]);
    let record = outbox.get(Id::<Report>::new(2)).unwrap().unwrap();
    assert_eq!(record.last.unwrap().1, ReportAnswer::Result(ReportStatus::PARAMETER));
    line.order(Order::Registration(m26_pay::sim::NetworkState::Home));
    work(&mut session, &line, &till, HOUR);
    let counts = outbox.summary().reports;
    assert_eq!((counts.rejected, counts.held), (1, 2));
}

#[test]
fn an_answer_that_was_lost_costs_time_and_no_restart() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    let (mut session, line) =
        start(roomy(), "on 2 AT+ALIPAYREP= missing-result +ALIPAYREP", &outbox);
    // It was sent again and answered, and the lost answer may come still.
    work(&mut session, &line, &till, 2 * MINUTE);
    assert_eq!(outbox.summary().reports.held, 2);
    work(&mut session, &line, &till, 3 * MINUTE);
    assert_eq!(outbox.summary().reports.held, 3);
    assert_eq!((arrived(&line), session.health().counters.restarts), (vec![0, 1, 1, 2], 0));
}

#[test]
fn a_parameter_error_of_a_session_that_leaves_rejects_nothing() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append(&report(0)).unwrap();
    let (mut session, line) = start(roomy(), "on AT+ALIPAYREP= result 1", &outbox);
    // Until it is sent for the second time.
    let mut reports = 0;
    while reports < 2 {
        work(&mut session, &line, &till, Duration::from_millis(10));
        reports += sent(&line, "ALIPAYREP=");
    }
    session.shut_down(ShutDown::CloseSdk).unwrap();
    let counts = outbox.summary().reports;
    assert_eq!((counts.pending, counts.rejected), (1, 0));
    let last = outbox.get(Id::<Report>::new(1)).unwrap().unwrap().last;
    assert_eq!(last.unwrap().1, ReportAnswer::Result(ReportStatus::PARAMETER));
}

#[test]
fn a_full_queue_is_not_hammered_in_a_session() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..100)).unwrap();
    let (mut session, line) = start(roomy(), "queue-full", &outbox);
    work(&mut session, &line, &till, 12 * HOUR);
    let reports = sent(&line, "ALIPAYREP=");
    assert!((140..200).contains(&reports), "{reports} in 12 hours");
    // A nudge at every append does not make it more.
    for number in 100..160 {
        outbox.append(&report(number)).unwrap();
        session.nudge();
        work(&mut session, &line, &till, MINUTE);
    }
    let reports = sent(&line, "ALIPAYREP=");
    assert!((10..20).contains(&reports), "{reports} in an hour");
    line.order(Order::QueueFree);
    work(&mut session, &line, &till, 10 * MINUTE);
    assert_eq!(arrived(&line), (0..160).collect::<Vec<_>>());
}

#[test]
fn a_record_that_is_parked_lets_the_others_pass() {
    let parking = Some(Parking { failures: 3, after: 10 * MINUTE });
    let till = Till::new(OutboxPolicy { parking, ..policy() });
    let outbox = till.open();
    outbox.append_all(&reports(0..4)).unwrap();
    let script = r#"on "AT+ALIPAYREP=\"1\"" result +ALIPAYREP -1"#;
    let (mut session, line) = start(roomy(), script, &outbox);
    let (_, told) = work(&mut session, &line, &till, HOUR);
    let parked = "outbox: report 2 failed for too long and is parked: result -1 (failed)";
    assert!(told.iter().any(|told| told == parked), "{told:#?}");
    assert_eq!(arrived(&line), [0, 2, 3]);
    assert_eq!(outbox.summary().reports.parked, 1);
}

#[test]
fn counters_are_reported_three_times_a_day() {
    let till = Till::new(policy());
    let outbox = till.open();
    let (mut session, line) = start(roomy(), "", &outbox);
    session.wait_ready(MINUTE).unwrap();
    line.sent();
    for _ in 0..72 {
        outbox.count_usage(Usage { broadcasts: 1, scans: 2 }).unwrap();
        session.nudge();
        work(&mut session, &line, &till, HOUR);
    }
    let reported = sent(&line, "ALIPAYACT");
    assert!((8..=9).contains(&reported), "{reported} in three days");
    let (broadcasts, scans) = line.with(|modem| modem.usage());
    let left = outbox.summary().usage.unreported;
    assert_eq!((broadcasts + left.broadcasts, scans + left.scans), (72, 144));
    assert!(left.broadcasts <= 8);
    // Nothing is reported of a device that is not used.
    work(&mut session, &line, &till, USAGE_EVERY + HOUR);
    line.sent();
    work(&mut session, &line, &till, 48 * HOUR);
    assert_eq!(sent(&line, "ALIPAYACT"), 0);
}

#[test]
fn counters_that_were_begun_by_a_clock_that_was_wrong_are_reported() {
    let till = Till::new(policy());
    let outbox = till.open();
    let now = till.now();
    till.pass(10 * 365 * 24 * HOUR);
    outbox.count_usage(Usage { broadcasts: 1, scans: 2 }).unwrap();
    till.set_now(now);
    let (mut session, line) = start(roomy(), "", &outbox);
    work(&mut session, &line, &till, HOUR);
    assert_eq!(line.with(|modem| modem.usage()), (1, 2));
}

#[test]
fn counters_that_are_refused_wait_for_their_next_time() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.count_usage(Usage { broadcasts: 1, scans: 2 }).unwrap();
    let (mut session, line) = start(roomy(), "on AT+ALIPAYACT= result 1", &outbox);
    work(&mut session, &line, &till, 48 * HOUR);
    assert_eq!(sent(&line, "ALIPAYACT"), 5);
    assert_eq!(outbox.summary().usage.unreported, Usage { broadcasts: 1, scans: 2 });
    // A busy network is tried again sooner, and not hammered either.
    drop(session);
    let (mut session, line) = start(roomy(), "on AT+ALIPAYACT= result 5", &outbox);
    work(&mut session, &line, &till, HOUR);
    let reported = sent(&line, "ALIPAYACT");
    assert!((10..30).contains(&reported), "{reported} in an hour");
}

#[test]
fn a_full_disk_holds_it_up_and_is_told() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.append_all(&reports(0..3)).unwrap();
    till.set_full(true);
    let (mut session, line) = start(roomy(), "", &outbox);
    let (_, told) = work(&mut session, &line, &till, MINUTE);
    assert_eq!((session.state(), arrived(&line).len()), (State::Ready, 0));
    assert!(told.iter().any(|told| told.contains("nothing is sent: ")), "{told:?}");
    // A restart of the module that could not be written down is, once there is room.
    till.set_full(false);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.held, 3);
    outbox.append(&report(3)).unwrap();
    line.order(Order::Result { prefix: "+ALIPAYREP".into(), code: 7 });
    session.nudge();
    work(&mut session, &line, &till, Duration::from_secs(5));
    assert_eq!(outbox.summary().reports.ram_only, 1);
    till.set_full(true);
    line.order(Order::Reset);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.ram_only, 1);
    till.set_full(false);
    work(&mut session, &line, &till, MINUTE);
    assert_eq!(outbox.summary().reports.held, 4);
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn time(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.roll(most * 1000))
    }

    fn fault(&mut self) -> Order {
        let prefix = "+ALIPAYREP".to_string();
        match self.roll(10) {
            0 => Order::HangUp(self.time(20)),
            1 => Order::Silent(self.time(20)),
            2 => Order::Reset,
            3 => Order::LateResult { prefix, by: self.time(60) },
            4 => Order::MissingResult(prefix),
            5 => Order::MissingFinal,
            6 => Order::QueueFull,
            7 => Order::QueueFree,
            8 => Order::Refuse(3),
            _ => Order::Result { prefix, code: [-1, 2, 3, 4, 5, 6, 7, 7][self.roll(8) as usize] },
        }
    }
}

/// Appends and faults, in any order: in the end all is in the cloud, or held.
fn storm(seed: u64) {
    let mut dice = Dice(seed);
    let till = Till::new(OutboxPolicy {
        parking: None,
        backoff: Backoff { cap: MINUTE, seed, ..OutboxPolicy::default().backoff },
        ..policy()
    });
    let outbox = till.open();
    let plan = Plan { restart_limit: 1000, ..plan() };
    let (mut session, line) = start_with(roomy(), "", &outbox, plan);
    let mut next = 0;
    for _ in 0..25 {
        match dice.roll(5) {
            0 | 1 => line.order(dice.fault()),
            2 | 3 => {
                let count = 1 + dice.roll(5) as u32;
                outbox.append_all(&reports(next..next + count)).unwrap();
                next += count;
                session.nudge();
            }
            _ => till.set_full(dice.roll(4) == 0),
        }
        work(&mut session, &line, &till, dice.time(40));
        till.set_full(false);
    }
    line.order(Order::Calm);
    line.order(Order::QueueFree);
    for _ in 0..60 {
        session.nudge();
        work(&mut session, &line, &till, MINUTE);
        if outbox.summary().reports.due() == 0 {
            break;
        }
    }
    let counts = outbox.summary().reports;
    assert_eq!((counts.due(), counts.all()), (0, next.into()), "seed {seed}: {counts:?}");
    let arrived = arrived(&line);
    let lost: Vec<_> = (0..next).filter(|number| !arrived.contains(number)).collect();
    assert!(lost.is_empty(), "seed {seed}: {lost:?} of {next} are lost");
    // What is on disk is what was known.
    drop((session, outbox));
    assert_eq!(till.open().summary().reports, counts);
}

#[test]
fn every_storm_passes() {
    let seeds = std::env::var("OUTBOX_STORM_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(40) {
        storm(seed);
    }
}
