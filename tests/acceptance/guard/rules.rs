//! What every guard must do, whatever it keeps its records in.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::campus::guard::{Claim, Fingerprint, Guard, GuardError, Now};
use m26_pay::unix_time::UnixMillis;

/// When the story begins, by the wall clock: 2020-05-18.
pub(crate) const START: i64 = 1_589_760_000_000;

/// Both clocks of a terminal, moved by the test alone.
#[derive(Clone, Copy)]
pub(crate) struct Clocks {
    monotonic: Instant,
    wall: i64,
}

impl Clocks {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    pub(crate) fn new() -> Self {
        Self { monotonic: Instant::now(), wall: START }
    }

    pub(crate) fn pass(&mut self, millis: u64) -> Now {
        self.monotonic += Duration::from_millis(millis);
        self.wall += i64::try_from(millis).unwrap();
        self.now()
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set_wall(&mut self, wall: i64) -> Now {
        self.wall = wall;
        self.now()
    }

    pub(crate) fn now(&self) -> Now {
        Now { monotonic: self.monotonic, wall: UnixMillis(self.wall) }
    }
}

/// The code with this number, made at this time.
pub(crate) fn code(number: usize, made: i64) -> Fingerprint {
    code_with(number, made, b"")
}

/// The code with this number, and with bytes that a scanner appended.
pub(crate) fn code_with(number: usize, made: i64, end: &[u8]) -> Fingerprint {
    let bytes = [&number.to_be_bytes()[..], end].concat();
    Fingerprint::new(&bytes, format!("holder {number}").as_bytes(), UnixMillis(made))
}

pub(crate) fn is_used<T>(outcome: Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Used))
}

pub(crate) fn a_code_is_handed_out_once(guard: &dyn Guard) {
    let now = Clocks::new().now();
    assert!(guard.claim(&code(1, START), now).is_ok());
    assert!(is_used(guard.claim(&code(1, START), now)));
    for end in [&b"\r"[..], b"\n", b"\r\n", b"\0"] {
        assert!(is_used(guard.claim(&code_with(1, START, end), now)), "{end:?}");
    }
    // The same bytes with another content: a decoder that is at fault.
    let bytes = 1_usize.to_be_bytes();
    let other = Fingerprint::new(&bytes, b"somebody else", UnixMillis(START + 1));
    assert!(is_used(guard.claim(&other, now)));
    // The same holder a moment later, and another one at the same moment.
    let later = Fingerprint::new(b"other bytes", b"holder 1", UnixMillis(START + 1));
    assert!(guard.claim(&later, now).is_ok());
    assert!(guard.claim(&code(2, START), now).is_ok());
}

pub(crate) fn both_keys_or_none(guard: &dyn Guard) {
    let now = Clocks::new().now();
    let print = |bytes: &[u8], data: &[u8]| Fingerprint::new(bytes, data, UnixMillis(START));
    assert!(guard.claim(&print(b"a", b"x"), now).is_ok());
    assert!(is_used(guard.claim(&print(b"a", b"y"), now)));
    assert!(is_used(guard.claim(&print(b"b", b"x"), now)));
    // Had either left its other key behind, this would be used.
    assert!(guard.claim(&print(b"b", b"y"), now).is_ok());
}

pub(crate) fn what_is_given_back_can_be_claimed_again(guard: &dyn Guard) {
    let now = Clocks::new().now();
    let first = guard.claim(&code(1, START), now).unwrap();
    let other = guard.claim(&code(2, START), now).unwrap();
    guard.release(first, now).unwrap();
    assert!(is_used(guard.claim(&code(2, START), now)), "another one's claim stands");
    let again = guard.claim(&code_with(1, START, b"\r\n"), now).unwrap();
    assert!(is_used(guard.claim(&code(1, START), now)));
    let given_back = again.id();
    guard.release(again, now).unwrap();
    let anew = guard.claim(&code(1, START), now).unwrap();
    assert_ne!(anew.id(), given_back, "a release that arrives late would free it");
    guard.release(Claim::new(code(1, START), given_back), now).unwrap();
    assert!(is_used(guard.claim(&code(1, START), now)), "a release that arrived late has freed it");
    guard.release(other, now).unwrap();
    assert!(guard.claim(&code(2, START), now).is_ok());
}

/// Up to 60 s ahead are allowed, so a code can be good for three minutes.
pub(crate) fn a_record_lives_as_long_as_its_code_may(guard: &dyn Guard) {
    let mut clocks = Clocks::new();
    let ahead = code(1, START + 60_000);
    assert!(guard.claim(&ahead, clocks.now()).is_ok());
    for _ in 0..180 {
        let now = clocks.pass(1_000);
        assert!(is_used(guard.claim(&ahead, now)), "at {:?}", now.wall);
    }
}

/// The record is gone, and the clock goes back to when the code was good.
pub(crate) fn a_clock_that_goes_back_frees_no_code(guard: &dyn Guard) {
    let mut clocks = Clocks::new();
    let used = code(1, START);
    assert!(guard.claim(&used, clocks.now()).is_ok());
    let now = clocks.pass(600_000);
    // Each drops what has lapsed.
    assert!(guard.claim(&code(2, START + 600_000), now).is_ok());
    let back = clocks.set_wall(START + 5_000);
    assert!(guard.claim(&used, back).is_err());
    assert!(guard.claim(&code(3, START - 1), back).is_err(), "it may have been used as well");
    // What was made since is known not to have been used.
    assert!(guard.claim(&code(4, START + 4_000), back).is_ok());
    // Once the clock is right again, all is as before.
    let right = clocks.set_wall(START + 605_000);
    assert!(is_used(guard.claim(&code(2, START + 600_000), right)));
    assert!(guard.claim(&code(5, START + 604_000), right).is_ok());
}

/// The record that is dropped last is that of an older code, and the clock goes back after it.
pub(crate) fn an_older_code_makes_no_newer_one_good_again(guard: &dyn Guard) {
    let mut clocks = Clocks::new();
    let ahead = code(1, START + 60_000);
    assert!(guard.claim(&ahead, clocks.now()).is_ok());
    let now = clocks.pass(1_000);
    assert!(guard.claim(&code(2, START - 100_000), now).is_ok());
    // Each drops one of them.
    for (number, millis) in [(3, 179_001), (4, 1_000)] {
        let now = clocks.pass(millis);
        assert!(guard.claim(&code(number, now.wall.0), now).is_ok());
    }
    let back = clocks.set_wall(START + 5_000);
    assert!(guard.claim(&ahead, back).is_err());
}

/// As many threads as that present the same codes at the same time, each in another order.
pub(crate) fn of_many_threads_one_gets_each_code(guard: &dyn Guard, codes: usize) {
    const THREADS: usize = 32;
    let now = Clocks::new().now();
    let claimed: Vec<_> = (0..codes).map(|_| AtomicUsize::new(0)).collect();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (claimed, start) = (&claimed, &start);
            scope.spawn(move || {
                start.wait();
                for step in 0..codes {
                    // Half of them go in step, to meet; the others come from all sides.
                    let number = if thread % 2 == 0 { step } else { (step + thread * 7) % codes };
                    let end: &[u8] = if thread % 3 == 0 { b"\n" } else { b"" };
                    match guard.claim(&code_with(number, START, end), now) {
                        Ok(_) => claimed[number].fetch_add(1, Ordering::Relaxed),
                        Err(GuardError::Used) => 0,
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    let counts: Vec<_> = claimed.into_iter().map(AtomicUsize::into_inner).collect();
    assert_eq!(counts, vec![1; codes]);
}
