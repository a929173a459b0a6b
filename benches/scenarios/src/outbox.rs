//! An outbox on a disk: opening one in which reports wait, and bringing reports from it to a module.

use std::path::PathBuf;

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::at::command::{Command as _, Reply, Request};
use m26_pay::at::profile::Profile;
use m26_pay::flows::{Context, Flow as _, Input, Step};
use m26_pay::outbox::{End, Limits, Outbox, OutboxPolicy};
use tempfile::TempDir;

use crate::exchange::Exchange;
use crate::{Run, Seen, Unit, feed};

/// It is opened, and closed again.
pub fn opened() -> Run {
    let disk = Disk::new();
    let outbox = disk.outbox();
    let reports = reports(BATCH);
    (0..PENDING / BATCH).for_each(|_| {
        outbox.append_all(&reports).expect("they are appended");
    });
    drop(outbox);
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        seen.reports += disk.outbox().summary().reports.pending;
    }))
}

/// Reports that come from an outbox.
pub fn from_outbox() -> Run {
    let (mut exchange, reports) = (Exchange::new(), reports(BACKLOG));
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let disk = Disk::new();
        let outbox = disk.outbox();
        outbox.append_all(&reports).expect("they are appended");
        seen.reports += drain(&mut exchange, &outbox);
    }))
}

/// The same reports, without an outbox.
pub fn alone() -> Run {
    let (mut exchange, reports) = (Exchange::new(), reports(BACKLOG));
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        seen.reports += drain_alone(&mut exchange, &reports);
    }))
}

/// How many reports wait in an outbox that is opened.
pub const PENDING: usize = 100_000;

/// How many reports a drain begins with.
pub const BACKLOG: usize = 10_000;

/// Nothing is read here; so long that a round, which is a long one, is repeated four times only.
pub fn stream() -> Vec<u8> {
    vec![0; PENDING]
}

/// What `benches/budgets` counts of [`from_outbox`].
#[inline(never)]
fn drain(exchange: &mut Exchange, outbox: &Outbox) -> u64 {
    let profile = Profile::quectel();
    let mut flow = outbox.drain();
    let mut input = Input::Begin;
    loop {
        let cx = Context { now: exchange.now(), profile: &profile };
        input = match flow.step(&cx, input) {
            Step::Send(request) => Input::Reply(Ok(take(exchange, request))),
            Step::Done(drained) => {
                let drained = drained.expect("the store works");
                assert_eq!(drained.end, End::Empty);
                return drained.held;
            }
            _ => Input::Resume,
        };
    }
}

/// What `benches/budgets` counts of [`alone`].
#[inline(never)]
fn drain_alone(exchange: &mut Exchange, reports: &[Report]) -> u64 {
    let profile = Profile::quectel();
    let held = reports.iter().filter(|report| {
        let request = report.request(&profile).expect("the profile carries it");
        report.decode(&take(exchange, request)).is_ok()
    });
    held.count() as u64
}

/// The module takes a report.
fn take(exchange: &mut Exchange, request: Request) -> Reply {
    exchange.submit(request);
    exchange.answer(b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    exchange.reply().expect("it is answered")
}

/// A folder on the disk.
pub struct Disk(TempDir);

impl Disk {
    pub fn new() -> Self {
        Self(TempDir::new().expect("there is room for a folder"))
    }

    /// Of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn outbox(&self) -> Outbox {
        let limits = Limits { waiting: None, ..Limits::default() };
        let policy = OutboxPolicy { limits, ..OutboxPolicy::default() };
        Outbox::open(self.path("till.db"), policy).expect("it is opened")
    }
}

pub fn reports(count: usize) -> Vec<Report> {
    (0..count).map(report).collect()
}

fn report(number: usize) -> Report {
    Report::of("10.25".parse().expect("an amount"), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(format!("{number:028}")).expect("a number"))
        .time_consuming(2)
        .build()
        .expect("a report")
}

/// How many reports are appended in one commit.
const BATCH: usize = 1000;
