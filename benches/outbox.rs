//! What it costs to have a report on disk, and to bring it to the module from there.
//!
//! ```text
//! cargo bench -p m26-pay-benches --bench outbox
//! ```
//!
//! `append` sets one report, and a thousand of them in one commit, beside the least that any store
//! must do: to write the same bytes to a file on the same disk, and to wait until they are there.
//! `journal` begins and settles an order of the payment gateway, each with its report, beside the same.
//! `open` opens, reads and closes an outbox in which 100,000 reports wait. `drain` sets 10,000 reports
//! that come from the outbox beside the same commands without one, both by way of the engine to a
//! simulated module in memory, whose clock is a virtual one: what is left is what the processor and
//! the disk cost. What is compared takes turns, so that a machine which is busy for a while is so for
//! each.

#![allow(missing_docs, reason = "criterion's macros write functions that have none")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "what cannot be set up is not measured")]

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use m26_pay::alipay::{BusinessNo, Held, Open, Report, TradeResult};
use m26_pay::at::command::Command as _;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::Settings;
use m26_pay::flows::Synchronise;
use m26_pay::gateway::alipay::{AppId, GatewayUrl, Identity, OutTradeNo, TradeNo};
use m26_pay::gateway::journal::{
    Begun, Entry, EntryKind, Evidence, Journal as _, Paid, PaidBy, Settled, Stage,
};
use m26_pay::outbox::{End, Limits, Outbox, OutboxJournal, OutboxPolicy};
use m26_pay::sim::modem::{self, Modem, ModemConfig};
use m26_pay::sim::virtual_port::VirtualPort;
use m26_pay::unix_time::UnixMillis;
use tempfile::TempDir;

fn append(criterion: &mut Criterion) {
    let profile = Profile::quectel();
    let reports = reports(BATCH);
    let lines = reports.iter().map(|report| report.request(&profile).unwrap().line().to_vec());
    let lines = lines.collect::<Vec<_>>();
    let set_up = || {
        let disk = Disk::new();
        let (mut bare, outbox) = (disk.bare(), disk.outbox());
        let (reports, lines) = (&reports[..], &lines[..]);
        // One that has been in use: its log has its length, and is written from the front again.
        for _ in 0..USED {
            outbox.append_all(reports).unwrap();
        }
        let mut appended = outbox.summary().reports.pending;
        move |ways: &mut Ways| {
            for (count, alone, name) in [(1, BARE_ONE, ONE), (BATCH, BARE_MANY, MANY)] {
                let bytes = lines[..count].concat();
                ways.time(alone, || {
                    bare.write_all(black_box(&bytes)).unwrap();
                    bare.sync_data().unwrap();
                });
                ways.time(name, || match black_box(&reports[..count]) {
                    [report] => outbox.append(report).map(drop).unwrap(),
                    reports => outbox.append_all(reports).map(drop).unwrap(),
                });
                appended += count as u64;
                assert_eq!(outbox.summary().reports.pending, appended, "in {disk:?}");
            }
        }
    };
    if take_turns(criterion.benchmark_group("append").sample_size(50), set_up) {
        let ratios = [(ONE, BARE_ONE), (MANY, BARE_MANY), (MANY, ONE), (BARE_MANY, BARE_ONE)];
        side_by_side("append", &ratios, set_up());
    }
}

fn journal(criterion: &mut Criterion) {
    let set_up = || {
        let disk = Disk::new();
        let (mut bare, outbox) = (disk.bare(), disk.outbox());
        let journal = OutboxJournal::new(&outbox);
        let mut number = 0;
        // One that has been in use, as above.
        for _ in 0..ORDERS {
            number += 1;
            let order = begin(&journal, order(number));
            settle(&journal, order);
        }
        move |ways: &mut Ways| {
            number += 1;
            let order = order(number);
            let bytes = format!("{order:?}");
            ways.time(BARE_ORDER, || {
                bare.write_all(black_box(bytes.as_bytes())).unwrap();
                bare.sync_data().unwrap();
            });
            let order = ways.time(BEGUN, || begin(&journal, black_box(order)));
            ways.time(SETTLED, || settle(&journal, black_box(order)));
            assert_eq!(outbox.summary().orders.held, number as u64, "in {disk:?}");
        }
    };
    if take_turns(criterion.benchmark_group("journal").sample_size(50), set_up) {
        let ratios = [(BEGUN, BARE_ORDER), (SETTLED, BARE_ORDER)];
        side_by_side("journal", &ratios, set_up());
    }
}

/// Goes all ways in the same turns, so that a disk which is slower for a while is so for each of
/// them, and says how many times one costs another.
fn side_by_side(
    what: &str,
    ratios: &[(&'static str, &'static str)],
    mut turn: impl FnMut(&mut Ways),
) {
    let mut ways = Ways::default();
    (0..TURNS).for_each(|_| turn(&mut ways));
    let ratios = ratios.iter().map(|(name, other)| {
        let ratio = ways.median(name).as_secs_f64() / ways.median(other).as_secs_f64();
        println!("{name}: {ratio:.2} times {other}");
        format!("[\"{name}\", \"{other}\", {ratio:.2}]")
    });
    let ratios = ratios.collect::<Vec<_>>();
    let figures = concat!(env!("CARGO_TARGET_TMPDIR"), "/../figures");
    std::fs::create_dir_all(figures).unwrap();
    std::fs::write(format!("{figures}/{what}.json"), format!("[{}]", ratios.join(", "))).unwrap();
}

fn open(criterion: &mut Criterion) {
    let (disk, reports) = (Disk::new(), reports(BATCH));
    let outbox = disk.outbox();
    (0..PENDING / BATCH).for_each(|_| drop(outbox.append_all(&reports).unwrap()));
    drop(outbox);
    criterion.benchmark_group("open").sample_size(20).bench_function("100000 pending", |bencher| {
        bencher.iter(|| assert_eq!(disk.outbox().summary().reports.pending, PENDING as u64));
    });
}

fn drain(criterion: &mut Criterion) {
    let reports = reports(BACKLOG);
    let mut group = criterion.benchmark_group("drain");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(BACKLOG as u64));
    take_turns(group.sample_size(10), || {
        |ways: &mut Ways| {
            let mut alone = client();
            ways.time("10000 reports without an outbox", || {
                for report in &reports {
                    assert_eq!(alone.send(report).unwrap(), Held::Stored);
                }
            });
            assert_eq!(taken(alone), BACKLOG);

            let disk = Disk::new();
            let (mut client, outbox) = (client(), disk.outbox());
            outbox.append_all(&reports).unwrap();
            let drained = ways.time("10000 reports from the outbox", || client.run(outbox.drain()));
            let drained = drained.unwrap();
            assert_eq!((drained.held, drained.end), (BACKLOG as u64, End::Empty));
            assert_eq!((outbox.summary().reports.due(), taken(client)), (0, BACKLOG));
        }
    });
}

/// Benches that take turns: what is set up goes through all of them in a turn, and times what it is
/// asked for. It is set up anew for each sample, so that what has become of the disk, and how full
/// it is, is the same for all. Whether any of them was wanted.
fn take_turns<Turn: FnMut(&mut Ways)>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    set_up: impl Fn() -> Turn,
) -> bool {
    let mut wanted = false;
    let mut all = Ways::default();
    set_up()(&mut all);
    for (name, _) in all.0 {
        group.bench_function(name, |bencher| {
            wanted = true;
            bencher.iter_custom(|times| {
                let mut ways = Ways::default();
                let mut turn = set_up();
                (0..times).for_each(|_| turn(&mut ways));
                ways.median(name) * u32::try_from(times).unwrap()
            });
        });
    }
    wanted
}

/// The ways that are gone in a turn, and how long each took.
#[derive(Default)]
struct Ways(Vec<(&'static str, Vec<Duration>)>);

impl Ways {
    fn time<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        let began = now();
        let done = run();
        let took = now() - began;
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, all)) => all.push(took),
            None => self.0.push((name, vec![took])),
        }
        done
    }

    /// What it took mostly: now and then a disk is busy, or the store tidies its log up.
    fn median(&self, name: &str) -> Duration {
        let (_, all) = self.0.iter().find(|(other, _)| *other == name).unwrap();
        let mut all = all.clone();
        all.sort_unstable();
        all[all.len() / 2]
    }
}

criterion_group!(benches, append, journal, open, drain);
criterion_main!(benches);

/// A folder on the disk on which cargo builds.
#[derive(Debug)]
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn bare(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.0.path().join("bare")).unwrap()
    }

    fn outbox(&self) -> Outbox {
        let limits = Limits { waiting: None, ..Limits::default() };
        Outbox::open(
            self.0.path().join("till.db"),
            OutboxPolicy { limits, ..OutboxPolicy::default() },
        )
        .unwrap()
    }
}

fn report(number: usize) -> Report {
    Report::of("10.25".parse().unwrap(), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(format!("{:028}", number)).unwrap())
        .time_consuming(2)
        .build()
        .unwrap()
}

fn reports(count: usize) -> Vec<Report> {
    (0..count).map(report).collect()
}

/// An order that is about to begin.
fn order(number: usize) -> Entry {
    let app_id = AppId::new("2014072300007148").unwrap();
    Entry {
        identity: Arc::new(Identity { gateway: GatewayUrl::live(), app_id, seller_id: None }),
        out_trade_no: OutTradeNo::new(format!("T1-{number:08}_0")).unwrap(),
        kind: EntryKind::Barcode,
        amount: "10.25".parse().unwrap(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: UnixMillis(1_548_811_777_000),
        changed: UnixMillis(1_548_811_777_000),
        owner: None,
        version: 0,
        outcome: None,
    }
}

fn begin(journal: &OutboxJournal, order: Entry) -> Entry {
    let Begun::New(version) = journal.begin(&order).unwrap() else { panic!("it is there") };
    Entry { version, ..order }
}

fn settle(journal: &OutboxJournal, order: Entry) {
    let trade_no = TradeNo::new("2013112011001004330000121536").unwrap();
    let (trade_no, amount) = (Some(trade_no), order.amount);
    let paid = Settled::Paid(Paid { trade_no, amount, proof: PaidBy::Pay });
    journal.update(&Entry { outcome: Some(paid), ..order }).unwrap();
}

/// A client of a module that takes all there is, at once: with the pace of a real one, a tenth of a
/// second for a report, a batch would end by its time, and what is measured would be that of the
/// virtual clock.
fn client() -> Client<VirtualPort<Modem>> {
    let at_once = Duration::ZERO;
    let settings = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        latencies: modem::Latencies { command: at_once, report: at_once, ..Default::default() },
        queue_size: usize::MAX,
        ..modem::ModemSettings::default()
    };
    let mut client = Client::connect(VirtualPort::new(Modem::new(settings)), Settings::default());
    client.run(Synchronise::default()).unwrap();
    client.send(&Open).unwrap();
    client
}

/// How many reports the module has.
fn taken(client: Client<VirtualPort<Modem>>) -> usize {
    let port = client.into_port();
    let modem = port.device();
    modem.delivered().len() + modem.queued().count()
}

#[allow(clippy::disallowed_methods, reason = "it is the time of the wall that is measured")]
fn now() -> Instant {
    Instant::now()
}

const BARE_ONE: &str = "one report, bare write and fdatasync";
const ONE: &str = "one report";
const BARE_MANY: &str = "1000 reports, bare write and fdatasync";
const MANY: &str = "1000 reports in one commit";

const BARE_ORDER: &str = "one order, bare write and fdatasync";
const BEGUN: &str = "one order begun";
const SETTLED: &str = "one order settled";

/// How many turns are compared.
const TURNS: usize = 300;

/// How many reports are appended in one commit.
const BATCH: usize = 1000;

/// How many such commits fill the log once.
const USED: usize = 50;

/// How many orders fill the log once.
const ORDERS: usize = 500;

/// How many reports wait in an outbox that is opened.
const PENDING: usize = 100_000;

/// How many reports a drain begins with.
const BACKLOG: usize = 10_000;
