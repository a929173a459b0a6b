//! Random worlds: a till with a journal, a gateway with a customer, and between them a line that
//! loses, delays and disguises, power that goes away at any point, a cashier who stops, and
//! notifications that come when they like to a back office with the same journal. On virtual time.
//!
//! In every world: never "paid" unless the merchant has the money in the end; never "not paid"
//! while the merchant keeps it; never two charges; an order whose outcome is not known is open in
//! the journal; everything ends in bounded time; and once the faults stop, every order is settled.
//!
//! ```text
//! cargo test --test gateway chaos                                            10,000 worlds
//! GATEWAY_WORLDS=10000000 cargo test --release --test gateway chaos_stand_in -- --nocapture
//! GATEWAY_WORLD=4711 cargo test --test gateway chaos_stand_in -- --nocapture         one of them, told
//! ```
//!
//! `chaos_stand_in` has the words of the gateway in the place of signed bytes; `chaos_signed` has
//! the bytes, with real signatures. `the_worlds_find_the_demos_faults` runs what Alipay's demo of
//! 2016 does in the same worlds.

mod demo;
mod link;
mod notices;
mod plan;
mod till;
mod words;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use demo::Demo;
use link::{Link, Signed, Words};
use plan::Plan;
use support::seeds::{Ran, number, run_all};
use world::World;

#[test]
fn chaos_stand_in() {
    worlds::<Words>(number("GATEWAY_WORLDS").unwrap_or(9_000));
}

#[test]
fn chaos_signed() {
    worlds::<Signed>(number("GATEWAY_SIGNED").unwrap_or(1_000));
}

fn worlds<L: Link>(worlds: u64) {
    if let Some(seed) = number("GATEWAY_WORLD") {
        let world = World::<L>::new(Plan::new(seed), true).run();
        println!("{:?}", world.err());
        return;
    }
    let seen = Mutex::new(world::Seen::default());
    let (_, failed) = run_all(0, worlds, |seed| {
        let world = World::<L>::new(Plan::new(seed), false);
        let wrong = match catch_unwind(AssertUnwindSafe(|| world.run())) {
            Ok(Ok(world)) => {
                seen.lock().unwrap().add(&world);
                None
            }
            Ok(Err(wrong)) => Some(wrong.to_string()),
            Err(_) => Some("it panics".to_owned()),
        };
        if let Some(wrong) = &wrong {
            println!("world {seed}: {wrong}; GATEWAY_WORLD={seed} tells how");
        }
        Ran { wrong, sums: Vec::new() }
    });
    assert!(failed.is_empty(), "worlds {failed:?}");
    let seen = seen.into_inner().unwrap();
    println!("{worlds} worlds: {seen:?}");
    // Worlds in which nothing happens prove nothing.
    assert!(worlds < 1_000 || seen.is_rich(), "{seen:?}");
}

#[test]
fn the_worlds_find_the_demos_faults() {
    let worlds = number("GATEWAY_WORLDS").unwrap_or(9_000);
    let mut demo = Demo::default();
    for seed in 0..worlds {
        let plan = Plan::new(seed);
        if plan.is_barcode() {
            demo.run(&plan);
        }
    }
    println!("the demo in {worlds} worlds: {demo:?}");
    assert!(demo.cancelled_and_kept > 0, "{demo:?}");
    assert!(demo.failed_and_kept > 0, "{demo:?}");
}

#[test]
fn a_lie_is_found() {
    // The checks are no decoration: an outcome that is not the truth fails its world.
    let lies =
        (0..400).filter(|seed| World::<Words>::new(Plan::new(*seed), false).lying().run().is_err());
    assert!(lies.count() > 100);
}

/// The number of the order of every world.
const NUMBER: &str = "W1";

/// The deadline of an answer, that of the tool `pay`.
const ANSWER: Duration = Duration::from_secs(10);
