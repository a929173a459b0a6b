//! What grows while a till runs, when there is little of it and when there is much: the reports that
//! wait in an outbox, the codes that a guard holds.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use m26_pay::alipay::Report;
use m26_pay::campus::guard::{Fingerprint, Guard as _, MemoryGuard, Now, SqliteGuard, TimeRules};
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
    let now = now();
    for number in 0..HELD {
        guard.claim(&code(number), now).expect("there is room");
    }
    let more: Vec<_> = (HELD..HELD + STEPS).map(code).collect();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        seen.reports += claim_each(&guard, &more, now);
    }))
}

/// The same on disk.
pub fn claim_on_disk<const HELD: usize>() -> Run {
    let disk = Disk::new();
    let path = disk.path("guard.db");
    seed_guard(&path, HELD);
    let guard = SqliteGuard::open(&path, HELD + 1, TimeRules::default()).expect("it is opened");
    let more: Vec<_> = (HELD..HELD + STEPS).map(code).collect();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let _disk = &disk;
        seen.reports += claim_each_on_disk(&guard, &more, now());
    }))
}

/// Makes a guard on disk with so many codes. One by one each would wait for the disk, so they are
/// written by SQL. Under valgrind that would take minutes: who runs it there names a program in
/// `M26_SEEDED_BY` that does it apart, which valgrind does not look into.
pub fn seed_guard(path: &Path, held: usize) {
    if let Some(program) = std::env::var_os("M26_SEEDED_BY") {
        let mut child = Command::new(program);
        child.env_remove("M26_SEEDED_BY").arg("seed-guard").arg(path).arg(held.to_string());
        assert!(child.status().expect("it starts").success(), "it is seeded");
        return;
    }
    drop(SqliteGuard::open(path, held, TimeRules::default()).expect("it is made"));
    let mut file = rusqlite::Connection::open(path).expect("it is a file of SQLite");
    let codes = file.transaction().expect("nobody else has it");
    for number in 0..held {
        let bytes = code(number).to_bytes();
        codes
            .prepare_cached(
                "INSERT INTO code (code, decoded, in_use_time, claimed) VALUES (?1, ?2, 0, 0)",
            )
            .and_then(|mut insert| insert.execute([&bytes[..32], &bytes[32..64]]))
            .expect("it is a new code");
    }
    codes.commit().expect("there is room");
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

/// What `benches/budgets` counts of [`claim_on_disk`].
#[inline(never)]
fn claim_each_on_disk(guard: &SqliteGuard, codes: &[Fingerprint], now: Now) -> u64 {
    let claims = codes.iter().filter_map(|code| guard.claim(code, now).ok());
    claims.filter_map(|claim| guard.release(claim, now).ok()).count() as u64
}

#[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
fn now() -> Now {
    Now { monotonic: Instant::now(), wall: UnixMillis(0) }
}

fn code(number: usize) -> Fingerprint {
    let mut bytes = [0; Fingerprint::LENGTH];
    // Both hashes, spread as hashes are.
    let spread = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[32..40].copy_from_slice(&(!spread).to_be_bytes());
    Fingerprint::from_bytes(&bytes)
}
