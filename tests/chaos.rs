//! Chaos: seeded runs of commands, callers who leave, time that passes and everything that goes
//! wrong on a line, on virtual time, with both clients and both profiles. In every run no answer
//! is credited to the wrong command, every call ends in time, events keep their order, and when
//! the faults stop the next command succeeds. [`Class`] says how much may be asked of a driver on
//! which kind of line.
//!
//! ```text
//! cargo test --test chaos                                        some seeds, in seconds
//! CHAOS_RUNS=10000 cargo test --release --test chaos             the large run
//! CHAOS_SEED=4711 cargo test --test chaos -- --nocapture         one seed, with all that passes
//! ```
//!
//! A seed stands for one run of each client. One that fails prints what was wrong, what happened,
//! and a transcript (`m26_pay::transcript`, secrets masked).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a failing seed says how to go on")]

#[path = "chaos/ask.rs"]
mod ask;
#[path = "asynch_line/mod.rs"]
mod asynch_line;
#[path = "chaos/block.rs"]
mod block;
#[path = "chaos/module.rs"]
mod module;
#[path = "chaos/plan.rs"]
mod plan;
#[path = "chaos/task.rs"]
mod task;
#[path = "chaos/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use m26_pay::transcript::Transcript;
use module::{Ledger, Shared, Stack, lock, stack};
use plan::Plan;
use world::World;

/// Runs a plan with one of the clients.
type Client = for<'a> fn(&'a Plan, &mut World<'a>, Stack, Shared<Ledger>);

#[test]
fn blocking() {
    chaos("blocking", block::run);
}

#[test]
fn asynch() {
    chaos("asynch", task::run);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for client in [block::run as Client, task::run] {
        for seed in 0..10 {
            let [first, second] = [run(seed, client, true), run(seed, client, true)];
            assert!(!first.transcript.is_empty());
            assert_eq!(first.transcript, second.transcript);
            assert!(first.transcript.parse::<Transcript>().is_ok());
        }
    }
}

/// What came of a run.
struct Outcome {
    wrong: Option<String>,
    log: Vec<String>,
    transcript: String,
    answered: u64,
    asks: u64,
}

fn chaos(name: &str, client: Client) {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("CHAOS_SEED") {
        let outcome = run(seed, client, true);
        print!("{}", report(name, seed, &outcome));
        assert_eq!(outcome.wrong, None, "seed {seed}");
        return;
    }
    let runs = number("CHAOS_RUNS").unwrap_or(FEW);
    let next = AtomicU64::new(0);
    let failed = Mutex::new(Vec::new());
    let (answered, asks) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        break;
                    }
                    let outcome = run(seed, client, false);
                    answered.fetch_add(outcome.answered, Ordering::Relaxed);
                    asks.fetch_add(outcome.asks, Ordering::Relaxed);
                    if outcome.wrong.is_some() {
                        lock(&failed).push(seed);
                    }
                }
            });
        }
    });
    let (answered, asks) = (answered.into_inner(), asks.into_inner());
    println!("{name}: {runs} runs, {asks} commands, {answered} answered with success");
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    if let Some(seed) = failed.first() {
        eprint!("{}", report(name, *seed, &run(*seed, client, true)));
        let wrong: Vec<_> =
            failed.iter().take(20).map(|seed| (seed, run(*seed, client, false).wrong)).collect();
        panic!("{} of {runs} seeds failed: {wrong:#?}", failed.len());
    }
}

fn run(seed: u64, client: Client, record: bool) -> Outcome {
    let plan = Plan::new(seed);
    let ledger = Arc::default();
    let transcript = record.then(Shared::<Vec<u8>>::default);
    let stack = stack(&plan, &ledger, transcript.clone());
    let mut world = World::new(&plan, Arc::clone(&ledger));
    let ran = catch_unwind(AssertUnwindSafe(|| {
        client(&plan, &mut world, stack, ledger);
        world.close();
    }));
    if ran.is_err() {
        world.wrong = Some("a panic".into());
    }
    let bytes = transcript.map(|bytes| lock(&bytes).clone()).unwrap_or_default();
    Outcome {
        wrong: world.wrong,
        log: world.log,
        transcript: String::from_utf8(bytes).unwrap(),
        answered: world.answered,
        asks: world.asks,
    }
}

fn report(name: &str, seed: u64, outcome: &Outcome) -> String {
    let plan = Plan::new(seed);
    let Plan { class, profile, timeout, calm, .. } = &plan;
    let mut text = format!(
        "seed {seed}, {name}, {class:?}, {}, overlap {}, time-out {timeout:?}, calm after {calm:?}\n",
        profile.name, profile.overlap,
    );
    for step in &plan.script.steps {
        text.push_str(&format!("  {:?} {:?}\n", step.when, step.order));
    }
    for line in &outcome.log {
        text.push_str(&format!("{line}\n"));
    }
    let wrong = outcome.wrong.as_deref().unwrap_or("nothing");
    let transcript = &outcome.transcript;
    text + &format!(
        "transcript:\n{transcript}wrong: {wrong}\n\
         again: CHAOS_SEED={seed} cargo test --test chaos {name} -- --nocapture\n"
    )
}

/// Some seconds' worth.
const FEW: u64 = 300;
