//! Runs by seed, on all cores, and the way back to one that failed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What came of one run.
#[derive(Debug, Default)]
pub struct Ran {
    /// The first thing that was wrong.
    pub wrong: Option<String>,
    /// Figures that are added up over all runs, each always in the same place.
    pub sums: Vec<u64>,
}

/// Runs the seeds from `first` to below `first + count`, and adds up what they count. The seeds
/// that failed are returned in order.
pub fn run_all(first: u64, count: u64, run: impl Fn(u64) -> Ran + Sync) -> (Vec<u64>, Vec<u64>) {
    let next = AtomicU64::new(first);
    let all = Mutex::new((Vec::new(), Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let ran = run(seed);
                    let (sums, failed) = &mut *all.lock().unwrap();
                    sums.resize(sums.len().max(ran.sums.len()), 0);
                    sums.iter_mut().zip(ran.sums).for_each(|(sum, one)| *sum += one);
                    if ran.wrong.is_some() {
                        failed.push(seed);
                    }
                }
            });
        }
    });
    let (sums, mut failed) = all.into_inner().unwrap();
    failed.sort_unstable();
    (sums, failed)
}

/// The number in an environment variable, if it is set.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
