//! The guard in memory, with more and more codes in it: `claim/<so many>` is the claim of a code
//! when the oldest lapses, `refuse/<so many>` the answer to one that was used. `fingerprint` is
//! what a terminal makes of a code before.
#![allow(missing_docs, reason = "criterion's macros write functions that have none")]
#![allow(clippy::expect_used, reason = "what cannot be set up is not measured")]

mod cpu_time;

use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::CpuTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use m26_pay::campus::guard::{Fingerprint, Guard, GuardError, MemoryGuard, Now, TimeRules};
use m26_pay::unix_time::UnixMillis;

fn fingerprint(criterion: &mut Criterion<CpuTime>) {
    // A code has about 280 bytes, and a user data of template 5 has 46.
    let (code, user_data) = ([0x5A; 280], [0xA5; 46]);
    let mut group = criterion.benchmark_group("fingerprint");
    group.throughput(Throughput::Bytes((code.len() + user_data.len()) as u64));
    group.bench_function("ours", |bencher| {
        bencher.iter(|| Fingerprint::new(black_box(&code), black_box(&user_data), UnixMillis(1)));
    });
}

fn guard(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("guard");
    for level in [1, 100, 1_000, MemoryGuard::CAPACITY] {
        group.bench_function(BenchmarkId::new("claim", level), |bencher| {
            let mut terminal = Terminal::with(level);
            bencher.iter(|| terminal.claim());
            assert_eq!(terminal.guard.len(), level);
        });
        group.bench_function(BenchmarkId::new("refuse", level), |bencher| {
            let terminal = Terminal::with(level);
            bencher.iter(|| terminal.refuse());
            assert_eq!(terminal.guard.len(), level);
        });
    }
}

/// A terminal that scans at such a rate that its guard always holds as many codes.
struct Terminal {
    guard: MemoryGuard,
    now: Now,
    every: Duration,
    /// What is scanned, over and over: a code has lapsed long before it comes again, so making its
    /// fingerprint is no part of what is measured.
    codes: Vec<[u8; Fingerprint::LENGTH]>,
    scanned: u64,
}

impl Terminal {
    fn with(level: usize) -> Self {
        let rules = TimeRules::default();
        #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
        let monotonic = Instant::now();
        let codes = (0..4 * level as u64)
            .map(u64::to_be_bytes)
            .map(|number| Fingerprint::new(&number, &number, UnixMillis(0)).to_bytes())
            .collect();
        // One more than fits into the time for which a record is kept, and it lapses.
        let every = rules.keep() / u32::try_from(level).expect("a level is small")
            + Duration::from_nanos(1);
        let mut terminal = Self {
            guard: MemoryGuard::new(level, rules),
            now: Now { monotonic, wall: UnixMillis(0) },
            every,
            codes,
            scanned: 0,
        };
        for _ in 0..level {
            terminal.claim();
        }
        terminal
    }

    fn claim(&mut self) {
        self.now.monotonic += self.every;
        let claimed = self.guard.claim(&self.code(self.scanned), self.now);
        assert!(claimed.is_ok());
        self.scanned += 1;
    }

    fn refuse(&self) {
        let claimed = self.guard.claim(&self.code(self.scanned - 1), self.now);
        assert!(matches!(claimed, Err(GuardError::Used)));
    }

    /// The code of this scan, made at its time: a guard takes none that is older than what lapsed.
    fn code(&self, scan: u64) -> Fingerprint {
        let mut bytes = self.codes[scan as usize % self.codes.len()];
        let made = scan as i64 + 1;
        bytes[Fingerprint::LENGTH - 8..].copy_from_slice(&made.to_be_bytes());
        Fingerprint::from_bytes(black_box(&bytes))
    }
}

criterion_group! {
    name = benches;
    config = cpu_time::criterion();
    targets = fingerprint, guard
}
criterion_main!(benches);
