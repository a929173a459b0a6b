//! What it costs to have a report on disk, and to bring it to the module from there.
//!
//! ```text
//! cargo bench -p m26-pay-benches --bench outbox
//! ```
//!
//! `append` sets one report, and a thousand of them in one commit, beside the least that any store
//! must do: to write the same bytes to a file on the same disk, and to wait until they are there.
//! `drain` sets 10,000 reports that come from the outbox beside the same commands without one, both by
//! way of the engine to a simulated module in memory, whose clock is a virtual one: what is left is
//! what the processor and the disk cost. All take turns, so that a machine which is busy for a while
//! is so for each of them.

#![allow(missing_docs, reason = "criterion's macros write functions that have none")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up is not measured")]

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use m26_pay::alipay::open::Open;
use m26_pay::alipay::report::{BusinessNo, Report, TradeResult};
use m26_pay::alipay::status::Held;
use m26_pay::at::command::Command as _;
use m26_pay::blocking::Client;
use m26_pay::engine::Settings;
use m26_pay::outbox::{End, Limits, Outbox, Policy};
use m26_pay::profile::Profile;
use m26_pay::sim::modem::{self, Config, Modem};
use m26_pay::sim::virtual_port::VirtualPort;
use tempfile::TempDir;

fn append(criterion: &mut Criterion) {
    let disk = Disk::new();
    let (mut bare, outbox) = (disk.bare(), disk.outbox());
    let (one, many) = (report(0), reports(BATCH));
    let profile = Profile::quectel();
    let line = |report: &Report| report.request(&profile).unwrap().line().to_vec();
    let (bytes, many_bytes) = (line(&one), many.iter().flat_map(line).collect::<Vec<_>>());
    let (mut written, mut appended) = (0, 0);
    take_turns(criterion.benchmark_group("append").sample_size(100), |ways| {
        ways.time("one report, bare write and fdatasync", || {
            bare.write_all(black_box(&bytes)).unwrap();
            bare.sync_data().unwrap();
        });
        ways.time("one report", || outbox.append(black_box(&one)).unwrap());
        ways.time("1000 reports, bare write and fdatasync", || {
            bare.write_all(black_box(&many_bytes)).unwrap();
            bare.sync_data().unwrap();
        });
        ways.time("1000 reports in one commit", || outbox.append_all(black_box(&many)).unwrap());
        written += bytes.len() + many_bytes.len();
        appended += 1 + BATCH;
    });
    assert_eq!(bare.metadata().unwrap().len(), written as u64);
    assert_eq!(outbox.summary().counts.pending, appended as u64);
    drop(outbox);
    assert_eq!(disk.outbox().summary().counts.pending, appended as u64, "and after the end");
}

fn drain(criterion: &mut Criterion) {
    let disk = Disk::new();
    let reports = reports(BACKLOG);
    let mut group = criterion.benchmark_group("drain");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(BACKLOG as u64));
    take_turns(group.sample_size(10), |ways| {
        let mut alone = client();
        ways.time("10000 reports without an outbox", || {
            for report in &reports {
                assert_eq!(alone.send(report).unwrap(), Held::Stored);
            }
        });
        assert_eq!(taken(alone), BACKLOG);

        let (mut client, outbox) = (client(), disk.outbox());
        outbox.append_all(&reports).unwrap();
        let drained = ways.time("10000 reports from the outbox", || client.run(outbox.drain()));
        let drained = drained.unwrap();
        assert_eq!((drained.held, drained.end), (BACKLOG as u64, End::Empty));
        assert_eq!((outbox.summary().counts.due(), taken(client)), (0, BACKLOG));
    });
}

/// Benches that take turns: `turn` goes through all of them, and times what it is asked for.
fn take_turns(group: &mut BenchmarkGroup<'_, WallTime>, mut turn: impl FnMut(&mut Ways)) {
    let mut all = Ways::default();
    turn(&mut all);
    for name in all.names {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let mut ways = Ways { wanted: name, ..Ways::default() };
                (0..times).for_each(|_| turn(&mut ways));
                ways.took
            });
        });
    }
}

/// The ways that are gone in a turn, and how long the wanted one took.
#[derive(Default)]
struct Ways {
    names: Vec<&'static str>,
    wanted: &'static str,
    took: Duration,
}

impl Ways {
    fn time<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        let began = now();
        let done = run();
        match name == self.wanted {
            true => self.took += now() - began,
            false if self.wanted.is_empty() => self.names.push(name),
            false => {}
        }
        done
    }
}

criterion_group!(benches, append, drain);
criterion_main!(benches);

/// A folder on the disk on which cargo builds.
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
        Outbox::open(self.0.path().join("till.db"), Policy { limits, ..Policy::default() }).unwrap()
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

/// A client of a module that takes all there is, at once: with the pace of a real one, a tenth of a
/// second for a report, a batch would end by its time, and what is measured would be that of the
/// virtual clock.
fn client() -> Client<VirtualPort<Modem>> {
    let at_once = Duration::ZERO;
    let settings = modem::Settings {
        config: Some(Config::sample()),
        latencies: modem::Latencies { command: at_once, report: at_once, ..Default::default() },
        queue_size: usize::MAX,
        ..modem::Settings::default()
    };
    let mut client =
        Client::connect(VirtualPort::new(Modem::new(settings)), Settings::default()).unwrap();
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

/// How many reports are appended in one commit.
const BATCH: usize = 1000;

/// How many reports a drain begins with.
const BACKLOG: usize = 10_000;
