//! Chaos: seeded runs of commands, callers who leave, time that passes and everything that goes
//! wrong on a line, on virtual time, with both clients and both profiles. In every run no answer
//! is credited to the wrong command, every call ends in time, events keep their order, and when
//! the faults stop the next command succeeds. [`Class`](plan::Class) says how much may be asked of
//! a driver on which kind of line. Sessions of both clients have storms of their own: see
//! [`storm`].
//!
//! ```text
//! cargo test --test drivers chaos                                  some seeds, in seconds
//! CHAOS_RUNS=10000 cargo test --release --test drivers chaos       the large run
//! CHAOS_SEED=4711 cargo test --test drivers chaos -- --nocapture   one seed, with all that passes
//! CHAOS_TRANSCRIPT=FILE cargo test --test drivers chaos::replay -- --nocapture
//! ```
//!
//! A seed stands for one run of each client. One that fails prints what was wrong, what happened,
//! and a transcript (`m26_pay::transcript`) which holds in comments what the caller did: see
//! [`tape`]. The last command plays all of that again, from a file with what was printed, to the
//! client alone: without the simulator, and whatever has become of what makes plans from seeds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a failing seed says how to go on")]

mod act;
mod ask;
mod block;
mod module;
mod plan;
mod storm;
mod tape;
mod task;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use act::Act;
use ask::Confusion;
use module::{Ledger, Shared, simulated};
use plan::{Plan, Terms};
use support::seeds::{Ran, number, run_all};
use tape::{Player, Recorded, Recording, Tape};
use world::World;

/// Runs a plan, or acts of before, with one of the clients.
type Client = for<'a> fn(Setup<'a>, &mut World<'a>);

/// What a run is made of.
pub(crate) struct Setup<'a> {
    /// A plan to make up acts from, or the acts.
    source: Result<&'a Plan, &'a [Act]>,
    terms: &'a Terms,
    far: Recorded,
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    confusion: Confusion,
}

/// A fault that the test must find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Planted {
    /// The client gives a caller another's answer.
    InClient,
    /// The module answers with another's number.
    InModule,
    #[default]
    No,
}

#[test]
fn blocking() {
    chaos("blocking");
}

#[test]
fn asynch() {
    chaos("asynch");
}

#[test]
fn blocking_session() {
    chaos("blocking-session");
}

#[test]
fn asynch_session() {
    chaos("asynch-session");
}

/// With `CHAOS_TRANSCRIPT`, the run in that file; else some seeds, which must be the same again.
#[test]
fn replay() {
    if let Ok(path) = std::env::var("CHAOS_TRANSCRIPT") {
        let text = std::fs::read_to_string(&path).unwrap();
        let recording: Recording = text.parse().unwrap();
        let outcome = play(&recording, Planted::No);
        print!("{}", report(&recording.client, recording.seed, &outcome));
        assert_eq!((outcome.wrong, outcome.parted), (None, None), "{path}");
        return;
    }
    let replays = number("CHAOS_RUNS").map_or(REPLAYS, |runs| runs / 20);
    for name in CLIENTS.into_iter().chain(SESSIONS) {
        for seed in 0..replays {
            let first = run(seed, name, true, Planted::No);
            let again = play(&first.tape.parse().unwrap(), Planted::No);
            assert_eq!(again.parted, None, "seed {seed}, {name}");
            assert_same(&report(name, seed, &again), &report(name, seed, &first));
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for name in CLIENTS.into_iter().chain(SESSIONS) {
        for seed in 0..10 {
            let [first, second] = [(); 2].map(|()| run(seed, name, true, Planted::No));
            assert!(first.tape.lines().count() > 20);
            assert_same(&first.tape, &second.tape);
        }
    }
}

#[test]
fn what_a_failing_seed_prints_shows_the_same_failure_again() {
    for name in CLIENTS {
        for planted in [Planted::InModule, Planted::InClient] {
            let crossed = |wrong: String| wrong.contains("got the answer of");
            let wrong = |seed: &u64| run(*seed, name, false, planted).wrong.is_some_and(crossed);
            let seeds: Vec<u64> = (0..100).filter(wrong).take(3).collect();
            assert_eq!(seeds.len(), 3, "{name} does not notice what is planted {planted:?}");
            for seed in seeds {
                let first = run(seed, name, true, planted);
                let wrong = first.wrong.clone().unwrap();
                let printed = report(name, seed, &first);
                let recording: Recording = printed.parse().unwrap();
                // What a client does wrong is not in the transcript, but in the client.
                let again = match planted {
                    Planted::InClient => planted,
                    Planted::InModule | Planted::No => Planted::No,
                };
                let again = play(&recording, again);
                assert_eq!(again.wrong, Some(wrong), "seed {seed}, {name}, {planted:?}");
                assert_same(&report(name, seed, &again), &printed);
                if planted == Planted::InClient {
                    assert_eq!(play(&recording, Planted::No).wrong, None);
                }
            }
        }
    }
}

#[test]
fn a_client_that_goes_another_way_than_the_recording_is_told_apart() {
    for name in CLIENTS {
        let mut recording: Recording = run(3, name, true, Planted::No).tape.parse().unwrap();
        recording.acts.insert(1, "batch: text 123456789 at 0".into());
        let parted = play(&recording, Planted::No);
        assert_eq!(parted.wrong, None);
        let parted = parted.parted.unwrap();
        assert!(parted.contains("the client sends \"AT+TEXT=123456789\\r\""), "{parted}");
    }
}

#[track_caller]
fn assert_same(text: &str, expected: &str) {
    // What was ordered has its effect in what passed.
    let passed = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("# order "));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let (text, expected) = (&passed(text), &passed(expected));
    let other = text.lines().zip(expected.lines()).position(|(one, other)| one != other);
    if text != expected {
        let from = other.unwrap_or_default();
        let part = |text: &str| text.lines().skip(from).take(5).collect::<Vec<_>>().join("\n");
        panic!("in line {from}:\n{}\n\ninstead of:\n{}", part(text), part(expected));
    }
}

/// What came of a run.
struct Outcome {
    wrong: Option<String>,
    /// Where a client left the way of its recording.
    parted: Option<String>,
    log: Vec<String>,
    tape: String,
    answered: u64,
    asks: u64,
}

fn chaos(name: &str) {
    if let Some(seed) = number("CHAOS_SEED") {
        let outcome = run(seed, name, true, Planted::No);
        print!("{}", report(name, seed, &outcome));
        assert_eq!(outcome.wrong, None, "seed {seed}");
        return;
    }
    let runs = number("CHAOS_RUNS").unwrap_or(if SESSIONS.contains(&name) { FEW / 3 } else { FEW });
    let (sums, failed) = run_all(0, runs, |seed| {
        let Outcome { wrong, answered, asks, .. } = run(seed, name, false, Planted::No);
        Ran { wrong, sums: vec![asks, answered] }
    });
    let (asks, answered) = (sums[0], sums[1]);
    println!("{name}: {runs} runs, {asks} commands, {answered} answered with success");
    if let Some(seed) = failed.first() {
        eprint!("{}", report(name, *seed, &run(*seed, name, true, Planted::No)));
        let wrong = |seed: &u64| (*seed, run(*seed, name, false, Planted::No).wrong);
        let wrong: Vec<_> = failed.iter().take(20).map(wrong).collect();
        panic!("{} of {runs} seeds failed: {wrong:#?}", failed.len());
    }
}

/// A run from its seed, against the simulator.
fn run(seed: u64, name: &str, record: bool, planted: Planted) -> Outcome {
    if SESSIONS.contains(&name) {
        return storm::run(seed, name, record);
    }
    let plan = Plan::new(seed);
    let ledger = Arc::default();
    let tape = if record { Tape::begin(name, seed, &plan.terms) } else { Tape::default() };
    let tape = Arc::new(Mutex::new(tape));
    let far = simulated(&plan, &ledger, &tape, planted == Planted::InModule);
    carry_out(name, Ok(&plan), &plan.terms, far, ledger, tape, planted)
}

/// A run from its transcript, with nothing but the client.
fn play(recording: &Recording, planted: Planted) -> Outcome {
    let Recording { client: name, seed, terms, acts, .. } = recording;
    if SESSIONS.contains(&name.as_str()) {
        return storm::play(recording);
    }
    let terms = &terms.parse().unwrap();
    let acts: Vec<Act> = acts.iter().map(|act| act.parse().unwrap()).collect();
    let ledger = Arc::default();
    let tape = Arc::new(Mutex::new(Tape::begin(name, *seed, terms)));
    let far = Recorded::new(Box::new(Player::new(recording, &ledger)), &ledger, &tape);
    carry_out(name, Err(&acts), terms, far, ledger, tape, planted)
}

fn carry_out<'a>(
    name: &str,
    source: Result<&'a Plan, &'a [Act]>,
    terms: &'a Terms,
    far: Recorded,
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    planted: Planted,
) -> Outcome {
    let client: Client = if name == CLIENTS[0] { block::run } else { task::run };
    let mut world = World::new(terms, Arc::clone(&ledger));
    let confusion = Confusion::new(planted == Planted::InClient);
    let (known, written) = (Arc::clone(&ledger), Arc::clone(&tape));
    let ran = catch_unwind(AssertUnwindSafe(|| {
        client(Setup { source, terms, far, ledger, tape, confusion }, &mut world);
        world.close();
    }));
    if ran.is_err() {
        world.wrong = Some("a panic".into());
    }
    let unpoisoned = |error: std::sync::PoisonError<_>| error.into_inner();
    let parted = known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).parted.take();
    let tape = std::mem::take(&mut *written.lock().unwrap_or_else(unpoisoned));
    Outcome {
        wrong: world.wrong,
        parted,
        log: world.log,
        tape: tape.into_text(),
        answered: world.answered,
        asks: world.asks,
    }
}

/// What a person wants to know, and as a whole a transcript.
fn report(name: &str, seed: u64, outcome: &Outcome) -> String {
    let mut text = outcome.tape.clone();
    for line in &outcome.log {
        text.push_str(&format!("#   {line}\n"));
    }
    let wrong = outcome.wrong.as_deref().unwrap_or("nothing");
    let test = name.replace('-', "_");
    if let Some(parted) = &outcome.parted {
        let other = "the client goes another way than the recording";
        text.push_str(&format!("#   {other}: {parted}\n"));
    }
    text + &format!(
        "#   wrong: {wrong}\n\
         #   again: CHAOS_SEED={seed} cargo test --test drivers chaos::{test} -- --exact --nocapture\n\
         #   or, with these lines in a file:\n\
         #   CHAOS_TRANSCRIPT=FILE cargo test --test drivers chaos::replay -- --nocapture\n"
    )
}

/// Runs what never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a blocking client waits"),
    }
}

const CLIENTS: [&str; 2] = ["blocking", "asynch"];
const SESSIONS: [&str; 2] = ["blocking-session", "asynch-session"];

/// Some seconds' worth.
const FEW: u64 = 300;
const REPLAYS: u64 = 40;
