//! The clock of the caller. It is one for the process, so this is one test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(unsafe_code, reason = "a C library is loaded")]

use std::sync::atomic::{AtomicI64, Ordering};

use m26_pay::campus::vendor::{CampusDecoder, ClockError, GateDecoder, set_clock};
use m26_pay::unix_time::UnixMillis;
use support::workshop::{GATE, Workshop, decode};

static NOW: AtomicI64 = AtomicI64::new(0);

/// A clock that breaks at 13.
fn clock() -> UnixMillis {
    let now = NOW.load(Ordering::SeqCst);
    assert_ne!(now, 13, "this panic belongs to the test");
    UnixMillis(now)
}

#[test]
fn the_callers_clock_is_asked_and_its_panic_stays_in_rust() {
    set_clock(clock).unwrap();
    assert_eq!(set_clock(clock), Err(ClockError));
    let Some(workshop) = Workshop::open() else { return };
    let [campus, gate] = ["campus.c", "gate.c"].map(|source| workshop.library(source, &[]));
    // SAFETY: the libraries were written for this.
    let (campus, gate) =
        unsafe { (CampusDecoder::load(campus).unwrap(), GateDecoder::load(gate).unwrap()) };
    let told = |now| {
        NOW.store(now, Ordering::SeqCst);
        let told = decode(&campus, b"t", GATE).unwrap().in_use_time.0;
        assert_eq!(decode(&gate, b"a", GATE).unwrap().in_use_time.0, told);
        told
    };
    for now in [0, 1_589_774_400_000, i64::MAX] {
        assert_eq!(told(now), now);
    }
    // What has no time says that every code has expired.
    assert_eq!(told(13), i64::MAX);
    assert_eq!(told(-1), i64::MAX, "a clock before 1970 was never set");
    assert_eq!(told(14), 14);
    assert_eq!(set_clock(clock), Err(ClockError));
}
