//! The counters of AT+ALIPAYACT, through the outbox.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::alipay::{Held, Open, ReportStatus};
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::flows::{Context, Flow, Input, Step, Synchronise};
use m26_pay::outbox::{
    Doubt, Outbox, OutboxError, OutboxPolicy, ReportAnswer, Resend, Usage, UsageReported,
    UsageUnknown,
};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem, ModemConfig};
use m26_pay::sim::script::Scripted;
use m26_pay::sim::virtual_port::VirtualPort;
use support::outbox_till::{BEGAN, Till, policy};

type Desk = Client<VirtualPort<Scripted<Faulty<Modem>>>>;

fn uses(broadcasts: u64, scans: u64) -> Usage {
    Usage { broadcasts, scans }
}

fn desk(script: &str, outbox: &Outbox) -> Desk {
    let settings = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        ..modem::ModemSettings::default()
    };
    let module = Scripted::new(Faulty::new(Modem::new(settings), 1), script.parse().unwrap());
    // Nobody was at the module before, so that each refusal is the command's own.
    let alone = Settings { earlier: EarlierProgram::Ended, ..Settings::default() };
    let mut desk = Client::connect(VirtualPort::new(module), alone);
    desk.run(Synchronise::default()).unwrap();
    outbox.module_opened(desk.send(&Open).unwrap()).unwrap();
    desk
}

/// What reached the module in all.
fn reached(desk: Desk) -> (u64, u64) {
    desk.into_port().device().inner().inner().usage()
}

/// Counts while a report is under way.
struct Meanwhile<'a, F>(F, &'a Outbox, Usage);

impl<F: Flow> Flow for Meanwhile<'_, F> {
    type Output = F::Output;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<F::Output> {
        let step = self.0.step(cx, input);
        if matches!(step, Step::Send(_)) {
            self.1.count_usage(self.2).unwrap();
        }
        step
    }
}

/// Fills the disk once a report was sent.
struct Filling<'a, F>(F, &'a Till);

impl<F: Flow> Flow for Filling<'_, F> {
    type Output = F::Output;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<F::Output> {
        let step = self.0.step(cx, input);
        self.1.set_full(true);
        step
    }
}

#[test]
fn they_are_reduced_by_what_was_reported() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.count_usage(uses(3, 5)).unwrap();
    outbox.count_usage(uses(1, 0)).unwrap();
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().usage.unreported, uses(4, 5));
    let mut desk = desk("", &outbox);
    // What is counted meanwhile stays.
    let report = Meanwhile(outbox.report_usage(), &outbox, uses(0, 2));
    let reported = desk.run(report).unwrap();
    assert_eq!(reported, UsageReported::Taken(uses(4, 5), Held::Stored));
    let usage = outbox.summary().usage;
    assert_eq!((usage.unreported, usage.sending), (uses(0, 2), None));
    assert_eq!(usage.last, Some((BEGAN, ReportAnswer::Result(ReportStatus::SUCCESS))));
    assert_eq!(
        desk.run(outbox.report_usage()).unwrap(),
        UsageReported::Taken(uses(0, 2), Held::Stored)
    );
    assert_eq!(desk.run(outbox.report_usage()).unwrap(), UsageReported::Nothing);
    drop(outbox);
    assert_eq!(till.open().summary().usage.unreported, uses(0, 0));
    assert_eq!(reached(desk), (4, 7));
}

#[test]
fn a_code_that_is_no_success_changes_nothing() {
    for code in [-1, 1, 2, 3, 4, 5, 6, 42] {
        let till = Till::new(policy());
        let outbox = till.open();
        outbox.count_usage(uses(3, 5)).unwrap();
        let mut desk = desk(&format!("on 1 AT+ALIPAYACT= result {code}"), &outbox);
        let answer = ReportAnswer::Result(ReportStatus(code));
        let reported = desk.run(outbox.report_usage()).unwrap();
        assert_eq!(reported, UsageReported::Failed(answer));
        let usage = outbox.summary().usage;
        assert_eq!((usage.unreported, usage.sending), (uses(3, 5), None), "{code}");
        assert_eq!(usage.last, Some((BEGAN, answer)));
        desk.run(outbox.report_usage()).unwrap();
        assert_eq!(reached(desk), (3, 5));
    }
}

#[test]
fn what_only_memory_held_comes_back_after_a_reset() {
    for (resend, back) in [
        (Resend::Nothing, uses(0, 0)),
        (Resend::RamOnly, uses(1, 1)),
        (Resend::ThisBoot, uses(3, 5)),
    ] {
        let till = Till::new(OutboxPolicy { resend, ..policy() });
        let outbox = till.open();
        outbox.count_usage(uses(2, 4)).unwrap();
        let mut desk = desk("on 2 AT+ALIPAYACT= result 7", &outbox);
        desk.run(outbox.report_usage()).unwrap();
        outbox.count_usage(uses(1, 1)).unwrap();
        let reported = desk.run(outbox.report_usage()).unwrap();
        assert_eq!(reported, UsageReported::Taken(uses(1, 1), Held::RamOnly));
        assert_eq!(outbox.summary().usage.unreported, uses(0, 0));
        drop(outbox);
        let outbox = till.open();
        outbox.module_restarted().unwrap();
        assert_eq!(outbox.summary().usage.unreported, back);
        // Once is enough.
        outbox.module_restarted().unwrap();
        assert_eq!(outbox.summary().usage.unreported, back);
    }
}

#[test]
fn what_was_shut_in_order_does_not_come_back() {
    let till = Till::new(OutboxPolicy { resend: Resend::ThisBoot, ..policy() });
    let outbox = till.open();
    outbox.count_usage(uses(2, 4)).unwrap();
    desk("on AT+ALIPAYACT= result 7", &outbox).run(outbox.report_usage()).unwrap();
    outbox.module_closed().unwrap();
    outbox.module_restarted().unwrap();
    assert_eq!(outbox.summary().usage.unreported, uses(0, 0));
}

#[test]
fn an_unknown_outcome_goes_the_way_that_was_chosen() {
    for (usage_unknown, left, count) in
        [(UsageUnknown::MayRepeat, uses(3, 5), 2), (UsageUnknown::MayLose, uses(0, 0), 1)]
    {
        let till = Till::new(OutboxPolicy { usage_unknown, ..policy() });
        let outbox = till.open();
        outbox.count_usage(uses(3, 5)).unwrap();
        let mut desk = desk("on 1 AT+ALIPAYACT= missing-result", &outbox);
        let reported = desk.run(outbox.report_usage()).unwrap();
        assert_eq!(reported, UsageReported::Failed(ReportAnswer::Unknown(Doubt::TimedOut)));
        assert_eq!(outbox.summary().usage.unreported, left);
        // A late answer could be taken for that of the next report, so that one is not sent yet.
        let reported = desk.run(outbox.report_usage()).unwrap();
        let repeats = usage_unknown == UsageUnknown::MayRepeat;
        assert_eq!(matches!(reported, UsageReported::NotSent(_)), repeats, "{reported:?}");
        assert_eq!(outbox.summary().usage.unreported, left);
        desk.next_event(Some(Duration::from_secs(130))).unwrap();
        desk.run(outbox.report_usage()).unwrap();
        assert_eq!(outbox.summary().usage.unreported, uses(0, 0));
        assert_eq!(reached(desk), (3 * count, 5 * count));
    }
}

#[test]
fn a_host_that_stops_in_the_middle_leaves_an_unknown_outcome() {
    for (usage_unknown, left) in
        [(UsageUnknown::MayRepeat, uses(3, 5)), (UsageUnknown::MayLose, uses(0, 0))]
    {
        let till = Till::new(OutboxPolicy { usage_unknown, ..policy() });
        let outbox = till.open();
        outbox.count_usage(uses(3, 5)).unwrap();
        let (profile, port) =
            (Profile::quectel(), VirtualPort::new(Modem::new(Default::default())));
        let now = m26_pay::blocking::Port::now(&port);
        let cx = Context { now, profile: &profile };
        let mut report = outbox.report_usage();
        assert!(matches!(report.step(&cx, Input::Begin), Step::Send(_)));
        assert_eq!(outbox.summary().usage.sending, Some(uses(3, 5)));
        let second = outbox.report_usage().step(&cx, Input::Begin);
        assert!(matches!(second, Step::Done(Err(OutboxError::Draining))));
        // The disk is as it is now when the power goes. What was chosen holds, whoever opens it next:
        // a tool that lists what is in it knows no better.
        let copy = Till::new(policy());
        for suffix in ["", "-wal"] {
            let from = format!("{}{suffix}", till.path().display());
            std::fs::copy(from, format!("{}{suffix}", copy.path().display())).unwrap();
        }
        let usage = copy.open().summary().usage;
        assert_eq!((usage.unreported, usage.sending), (left, None));
        // And the same if only the caller leaves.
        drop(report);
        let usage = outbox.summary().usage;
        assert_eq!((usage.unreported, usage.sending), (left, None));
        assert_eq!(usage.last.unwrap().1, ReportAnswer::Unknown(Doubt::Stopped));
    }
}

#[test]
fn an_answer_that_could_not_be_written_down_counts_later() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.count_usage(uses(3, 5)).unwrap();
    let mut desk = desk("", &outbox);
    let error = desk.run(Filling(outbox.report_usage(), &till)).unwrap_err();
    assert!(matches!(error, OutboxError::Store(_)), "{error}");
    assert!(desk.run(outbox.report_usage()).is_err());
    till.set_full(false);
    assert_eq!(desk.run(outbox.report_usage()).unwrap(), UsageReported::Nothing);
    assert_eq!(outbox.summary().usage.unreported, uses(0, 0));
    assert_eq!(reached(desk), (3, 5));
}

#[test]
fn an_answer_that_could_not_be_written_down_is_of_its_boot() {
    type Told = fn(&Outbox) -> Result<(), OutboxError>;
    let told: [(Told, u64, u64); 3] = [
        (|outbox| outbox.module_restarted().map(drop), 3, 5),
        (|outbox| outbox.cache_discarded().map(drop), 3, 5),
        (|outbox| outbox.module_closed(), 0, 0),
    ];
    for (tell, broadcasts, scans) in told {
        let till = Till::new(policy());
        let outbox = till.open();
        outbox.count_usage(uses(3, 5)).unwrap();
        let mut desk = desk("on AT+ALIPAYACT= result 7", &outbox);
        desk.run(Filling(outbox.report_usage(), &till)).unwrap_err();
        // Told again, it is the same.
        assert!(tell(&outbox).is_err());
        till.set_full(false);
        tell(&outbox).unwrap();
        let usage = outbox.summary().usage;
        assert_eq!((usage.unreported, usage.ram_only), (uses(broadcasts, scans), uses(0, 0)));
    }
}

#[test]
fn more_than_a_number_holds_goes_in_parts() {
    let till = Till::new(policy());
    let outbox = till.open();
    outbox.count_usage(uses(5_000_000_000, u64::MAX)).unwrap();
    outbox.count_usage(uses(0, 1)).unwrap();
    let mut desk = desk("", &outbox);
    let most = i32::MAX as u64;
    let reported = desk.run(outbox.report_usage()).unwrap();
    assert_eq!(reported, UsageReported::Taken(uses(most, most), Held::Stored));
    assert_eq!(outbox.summary().usage.unreported.broadcasts, 5_000_000_000 - most);
}
