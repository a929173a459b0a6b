//! One scenario, so many times, for valgrind to count its instructions: see `benches/budgets`.
//!
//! ```text
//! budget <question>/<parser>/<how the bytes arrive> <times>
//! ```
//!
//! `budget seed-guard <path> <how many>` makes a guard on disk that holds codes.
//!
//! Without arguments it lists all of them, each with its units and its bytes.
#![allow(clippy::expect_used, reason = "a wrong argument ends it")]

use std::path::Path;

use m26_pay_scenarios::{scenarios, seed_guard};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [seed, path, held] = &args[..] {
        assert_eq!(seed, "seed-guard");
        return seed_guard(Path::new(path), held.parse().expect("how many is a number"));
    }
    let all = scenarios();
    let mut all = all
        .iter()
        .flat_map(|scenario| scenario.arrivals.iter().map(move |arrival| (scenario, *arrival)));
    let [wanted, times] = &args[..] else {
        for (scenario, arrival) in all {
            println!("{} {} {}", scenario.name(arrival), scenario.units, scenario.stream.len());
        }
        return;
    };
    let (scenario, arrival) = all
        .find(|(scenario, arrival)| scenario.name(*arrival) == *wanted)
        .expect("there is a scenario of this name");
    let times: u32 = times.parse().expect("how many times is a number");
    let mut run = scenario.set_up(arrival);
    for _ in 0..times {
        run();
    }
}
