//! What grows while a till runs, when there is little of it and when there is much: the reports that
//! wait in an outbox, the codes that a guard holds.

use std::time::Instant;

use m26_pay::alipay::Report;
use m26_pay::campus::guard::{Fingerprint, Guard as _, MemoryGuard, Now, TimeRules};
use m26_pay::outbox::Outbox;
use m26_pay::unix_time::UnixMillis;

use crate::outbox::{Disk, reports};
use crate::{Run, Seen, Unit, feed};

/// Appends reports, one by one, where so many wait.
pub fn append<const WAITING: usize>() -> Run {
    let disk = Disk::new();
    let outbox = disk.outbox();
    let reports = reports(1000);
    (0..WAITING / reports.len()).for_each(|_| {
        outbox.append_all(&reports).expect("they are appended");
    });
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let _disk = &disk;
        seen.reports += append_each(&outbox, &reports[..STEPS]);
    }))
}

/// Claims codes, one by one, where so many are held.
pub fn claim<const HELD: usize>() -> Run {
    let guard = MemoryGuard::new(HELD + 1, TimeRules::default());
    #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
    let now = Now { monotonic: Instant::now(), wall: UnixMillis(0) };
    for number in 0..HELD {
        guard.claim(&code(number), now).expect("there is room");
    }
    let more: Vec<_> = (HELD..HELD + STEPS).map(code).collect();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        seen.reports += claim_each(&guard, &more, now);
    }))
}

/// How many steps a round has.
pub const STEPS: usize = 250;

/// Little, and much.
pub const FEW: usize = 1_000;
pub const MANY: usize = 1_000_000;

/// What `benches/budgets` counts of [`append`].
#[inline(never)]
fn append_each(outbox: &Outbox, reports: &[Report]) -> u64 {
    reports.iter().filter(|report| outbox.append(report).is_ok()).count() as u64
}

/// What `benches/budgets` counts of [`claim`]. Each is released, so that as many are held.
#[inline(never)]
fn claim_each(guard: &MemoryGuard, codes: &[Fingerprint], now: Now) -> u64 {
    let claims = codes.iter().filter_map(|code| guard.claim(code, now).ok());
    claims.filter_map(|claim| guard.release(claim, now).ok()).count() as u64
}

fn code(number: usize) -> Fingerprint {
    let mut bytes = [0; Fingerprint::LENGTH];
    // Both hashes, spread as hashes are.
    let spread = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[32..40].copy_from_slice(&(!spread).to_be_bytes());
    Fingerprint::from_bytes(&bytes)
}
