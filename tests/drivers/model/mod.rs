//! The model: a module of which the truth is known, behind a line with every kind of fault, asked
//! by clients and sessions with typed commands, on virtual time. A success that is handed out must
//! be that of this very command; a report that is called held must be held; a command that is
//! called refused or not sent must not have been carried out; every command must end; and a customer
//! can pay within five seconds from when the module could sign again, whatever the faults were.
//! [`Kind`] lists the faults, and which of them no driver can see.
//!
//! ```text
//! cargo test --test drivers model                                           10,000 seeds, in seconds
//! MODEL_COMMANDS=10000000 cargo test --release --test drivers model         the large run
//! MODEL_SEED=4711 cargo test --test drivers model::clients -- --nocapture   one seed, with all that passes
//! MODEL_SEEDS=100 cargo test --test drivers model                           fewer or more seeds
//! MODEL_FIRST=5000 cargo test --test drivers model                          from this seed on, for a run in parts
//! MODEL_KINDS=Hang,Dies cargo test --test drivers model                     these kinds in every seed
//! MODEL_KINDS=all cargo test --test drivers model                           those that are off as well
//! ```
//!
//! What no driver can know is not asked of it: a byte that turns a failure's code into 0 on its
//! way to the host, a command that the module heard changed while nothing that the module itself
//! echoes tells of it, and a result that is said again behind the `OK` of the next command.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "figures, and how a failing seed is run again")]

mod ask;
mod judge;
mod kind;
mod line;
mod run;
mod truth;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use kind::{Kind, Program};
use run::{Outcome, Planted};
use support::seeds::{Ran, number, run_all};

#[test]
fn clients() {
    model(Program::Client, SEEDS / 5 * 4);
}

#[test]
fn sessions() {
    model(Program::Session, SEEDS / 5);
}

/// A model that finds nothing proves nothing.
#[test]
fn what_is_planted_is_found() {
    let found = |program, planted, what: &str| {
        let wrong = |seed| run(program, seed, Some(&[]), planted, false).wrong;
        let found = (0..200).filter_map(wrong).filter(|wrong| wrong.starts_with(what)).count();
        assert!(found >= 5, "{planted:?} with {program:?}: {found} seeds tell of it");
    };
    for program in [Program::Client, Program::Session] {
        found(program, Planted::AnotherAnswer, "wrong credit");
        found(program, Planted::NotHeld, "not held");
    }
}

#[test]
fn without_faults_every_command_is_answered_or_refused() {
    for program in [Program::Client, Program::Session] {
        for seed in 0..200 {
            let outcome = run(program, seed, Some(&[]), Planted::No, false);
            assert_eq!((outcome.wrong, outcome.unknown), (None, 0), "seed {seed}, {program:?}");
        }
    }
}

/// From when the module could sign, the line did what it should and nothing of before was due any more,
/// to the next customer who could pay: whichever fault there was.
#[test]
fn after_each_fault_customers_can_pay_soon() {
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_off().is_none());
    let kinds: Vec<_> = kinds.collect();
    thread::scope(|scope| {
        for program in [Program::Client, Program::Session] {
            let kinds = &kinds;
            scope.spawn(move || {
                for kind in kinds {
                    for seed in 0..200 {
                        let outcome = run(program, seed, Some(&[*kind]), Planted::No, false);
                        assert_eq!(outcome.wrong, None, "seed {seed}, {kind:?}, {program:?}");
                    }
                }
            });
        }
    });
}

#[test]
fn the_same_seed_is_the_same_run() {
    for program in [Program::Client, Program::Session] {
        for seed in 0..20 {
            let [first, again] = [(); 2].map(|()| run(program, seed, None, Planted::No, true));
            assert!(first.story.len() > 20);
            assert_eq!(first.story, again.story, "seed {seed}, {program:?}");
        }
    }
}

fn model(program: Program, seeds: u64) {
    let kinds = std::env::var("MODEL_KINDS").ok().filter(|kinds| kinds != "all");
    let kinds: Option<Vec<Kind>> = kinds.map(|kinds| {
        let named = |name: &str| Kind::named(name).unwrap_or_else(|| panic!("no kind {name}"));
        kinds.split(',').filter(|name| !name.is_empty()).map(named).collect()
    });
    if let Some(seed) = number("MODEL_SEED") {
        let outcome = run(program, seed, kinds.as_deref(), Planted::No, true);
        println!("{}", outcome.story.join("\n"));
        println!("kinds: {:?}\nwrong: {:?}", outcome.kinds, outcome.wrong);
        assert_eq!(outcome.wrong, None, "seed {seed}");
        return;
    }
    let seeds = number("MODEL_SEEDS").unwrap_or(seeds);
    let first = number("MODEL_FIRST").unwrap_or_default();
    let (slowest, furthest) = (Longest::default(), Longest::default());
    let one = |seed| {
        let outcome = run(program, seed, kinds.as_deref(), Planted::No, false);
        let Outcome { wrong, asks, answered, unknown, .. } = outcome;
        slowest.look(seed, outcome.slowest);
        furthest.look(seed, outcome.beyond);
        Ran { wrong, sums: vec![asks, answered, unknown] }
    };
    let (mut sums, mut failed) = run_all(first, seeds, one);
    let mut seeds = seeds;
    // Half of them each.
    let wanted = number("MODEL_COMMANDS").unwrap_or_default() / 2;
    while sums[0] < wanted {
        let (more, wrong) = run_all(first + seeds, BLOCK, one);
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        failed.extend(wrong);
        seeds += BLOCK;
        if seeds % (20 * BLOCK) == 0 {
            let (asks, failed) = (sums[0], failed.len());
            println!(
                "{program:?}: {seeds} seeds, {asks} of {wanted} commands, {failed} seeds failed"
            );
        }
    }
    let [asks, answered, unknown] = sums[..] else { return };
    println!(
        "{program:?}: {seeds} seeds, {asks} commands, {answered} answered with success, {unknown} \
         unknown; from \"the module could sign\" to \"a customer can pay\" at most {slowest}; \
         beyond what the fault itself takes, {furthest}"
    );
    if failed.is_empty() {
        return;
    }
    let mut stories: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for seed in failed.iter().take(200) {
        let outcome = run(program, *seed, kinds.as_deref(), Planted::No, false);
        let what = outcome.wrong.unwrap_or_default();
        let what = what.split_once(['(', ' ']).map_or(what.as_str(), |_| &what);
        let what: String =
            what.chars().filter(|letter| !letter.is_ascii_digit()).take(60).collect();
        stories.entry(format!("{:?}: {what}", outcome.kinds)).or_default().push(*seed);
    }
    let test = if program == Program::Client { "clients" } else { "sessions" };
    let seed = failed[0];
    println!("{stories:#?}");
    panic!(
        "{} of {seeds} seeds failed; again, with all that passes:\n\
         MODEL_SEED={seed} cargo test --test drivers model::{test} -- --exact --nocapture",
        failed.len()
    );
}

/// The longest of some times, and the seed that it is of.
#[derive(Default)]
struct Longest([AtomicU64; 2]);

impl Longest {
    fn look(&self, seed: u64, time: Duration) {
        let [longest, of] = &self.0;
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        if longest.fetch_max(millis, Ordering::Relaxed) < millis {
            of.store(seed, Ordering::Relaxed);
        }
    }
}

impl std::fmt::Display for Longest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [longest, of] = self.0.each_ref().map(|number| number.load(Ordering::Relaxed));
        write!(f, "{:?} (seed {of})", Duration::from_millis(longest))
    }
}

/// One run. A panic is its end, and who could not pay soon is told.
fn run(
    program: Program,
    seed: u64,
    kinds: Option<&[Kind]>,
    planted: Planted,
    told: bool,
) -> Outcome {
    let all = std::env::var("MODEL_KINDS").is_ok_and(|kinds| kinds == "all");
    let mut rng = fastrand::Rng::with_seed(seed);
    let kinds = kinds.map_or_else(|| kind::of_seed(&mut rng, all), <[Kind]>::to_vec);
    let ran = catch_unwind(AssertUnwindSafe(|| {
        run::run(program, seed, rng, kinds.clone(), planted, told)
    }));
    let in_time = |outcome: Outcome| {
        let late = (outcome.beyond > SOON).then(|| "late: nobody could pay for too long".into());
        Outcome { wrong: outcome.wrong.or(late), ..outcome }
    };
    ran.map(in_time).unwrap_or_else(|_| Outcome {
        wrong: Some("a panic, or no end of it".into()),
        kinds,
        ..Outcome::default()
    })
}

const SEEDS: u64 = 10_000;

/// More than what the module itself needs.
const SOON: Duration = Duration::from_secs(5);

/// So many seeds at a time until there were enough commands.
const BLOCK: u64 = 1_000;
