//! The guard on disk.

use std::path::Path;
#[cfg(unix)]
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use m26_pay::campus::guard::{Guard, GuardError, SqliteGuard, TimeRules};
use m26_pay::outbox::StoreError;
use support::late_file::{log_of, written_in_2040};
use tempfile::TempDir;

use crate::guard::rules::{self, Clocks, START, code, code_with};

fn open(path: &Path) -> SqliteGuard {
    SqliteGuard::open(path, SqliteGuard::CAPACITY, TimeRules::default()).unwrap()
}

/// Files of one test.
struct Files {
    folder: TempDir,
    count: AtomicUsize,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), count: AtomicUsize::new(0) }
    }

    fn fresh(&self) -> SqliteGuard {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        open(&self.folder.path().join(format!("guard-{number}.db")))
    }
}

#[test]
fn keeps_the_rules() {
    let files = Files::new();
    rules::a_code_is_handed_out_once(&files.fresh());
    rules::both_keys_or_none(&files.fresh());
    rules::what_is_given_back_can_be_claimed_again(&files.fresh());
    rules::a_record_lives_as_long_as_its_code_may(&files.fresh());
    rules::a_clock_that_goes_back_frees_no_code(&files.fresh());
    rules::an_older_code_makes_no_newer_one_good_again(&files.fresh());
}

#[test]
fn hands_a_code_to_one_of_many_threads() {
    rules::of_many_threads_one_gets_each_code(&Files::new().fresh(), 1_000);
}

#[test]
fn survives_a_restart() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let mut clocks = Clocks::new();
    let ahead = code(1, START + 60_000);
    open(&path).claim(&ahead, clocks.now()).unwrap();
    for _ in 0..18 {
        let now = clocks.pass(10_000);
        assert!(rules::is_used(open(&path).claim(&code_with(1, START + 60_000, b"\n"), now)));
    }
    // What was dropped before a restart is remembered after it.
    let now = clocks.pass(1_000);
    open(&path).claim(&code(2, START + 180_000), now).unwrap();
    let back = clocks.set_wall(START + 61_000);
    let refused = open(&path).claim(&ahead, back);
    assert!(matches!(refused, Err(GuardError::Outdated)), "{refused:?}");
}

#[test]
fn records_from_before_the_clock_was_set_back_are_in_nobodys_way() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let guard = SqliteGuard::open(&path, 2, TimeRules::default()).unwrap();
    let mut clocks = Clocks::new();
    let made = START + 3_600_000;
    let before = clocks.set_wall(made);
    for number in 0..2 {
        guard.claim(&code(number, made), before).unwrap();
    }
    assert!(matches!(guard.claim(&code(2, made), before), Err(GuardError::Full { .. })));
    let back = clocks.set_wall(START);
    for number in 3..5 {
        guard.claim(&code(number, START), back).unwrap();
    }
    let caught_up = clocks.set_wall(made + 100_000);
    assert!(rules::is_used(guard.claim(&code(0, made), caught_up)));
    let lapsed = clocks.set_wall(made + 180_001);
    for number in 5..7 {
        guard.claim(&code(number, made + 180_000), lapsed).unwrap();
    }
}

#[test]
fn a_full_one_refuses_until_records_lapse() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let guard = SqliteGuard::open(&path, 3, TimeRules::default()).unwrap();
    let mut clocks = Clocks::new();
    for number in 0..3 {
        guard.claim(&code(number, START), clocks.now()).unwrap();
    }
    let full = guard.claim(&code(3, START), clocks.now());
    assert!(matches!(full, Err(GuardError::Full { capacity: 3 })));
    assert!(rules::is_used(guard.claim(&code(0, START), clocks.now())));
    let now = clocks.pass(180_001);
    for number in 4..7 {
        guard.claim(&code(number, START + 180_000), now).unwrap();
    }
}

/// Records that have lapsed are dropped a few at a time; those that still are there are in nobody's
/// way, also if there are more of them than the capacity.
#[test]
fn lapsed_records_keep_back_no_code_until_they_are_dropped() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let open = || SqliteGuard::open(&path, 20, TimeRules::default()).unwrap();
    let mut guard = open();
    let mut clocks = Clocks::new();
    let ahead = START + 60_000;
    let before = clocks.set_wall(ahead);
    for number in 0..20 {
        guard.claim(&code(number, ahead), before).unwrap();
    }
    let back = clocks.set_wall(START);
    for number in 20..40 {
        guard.claim(&code(number, START), back).unwrap();
    }
    assert!(matches!(guard.claim(&code(40, START), back), Err(GuardError::Full { .. })));
    let later = clocks.set_wall(ahead + 180_001);
    let made = ahead + 180_000;
    for number in 40..60 {
        // Also if the file was opened again.
        if number == 50 {
            drop(guard);
            guard = open();
        }
        guard.claim(&code(number, made), later).unwrap();
    }
    let full = guard.claim(&code(60, made), later);
    assert!(matches!(full, Err(GuardError::Full { capacity: 20 })), "{full:?}");
}

#[test]
fn a_code_that_is_given_back_makes_room() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let guard = SqliteGuard::open(&path, 2, TimeRules::default()).unwrap();
    let now = Clocks::new().now();
    let first = guard.claim(&code(0, START), now).unwrap();
    guard.claim(&code(1, START), now).unwrap();
    assert!(matches!(guard.claim(&code(2, START), now), Err(GuardError::Full { .. })));
    guard.release(first, now).unwrap();
    guard.claim(&code(2, START), now).unwrap();
    assert!(matches!(guard.claim(&code(3, START), now), Err(GuardError::Full { .. })));
}

/// A file as it was before records had an order by time.
#[test]
fn a_file_of_format_1_is_brought_forward() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let now = Clocks::new().now();
    open(&path).claim(&code(0, START), now).unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("DROP INDEX code_claimed; PRAGMA user_version = 1").unwrap();
    drop(file);
    assert!(rules::is_used(open(&path).claim(&code(0, START), now)));
    open(&path).claim(&code(1, START), now).unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let format = file.query_row("PRAGMA user_version", [], |row| row.get::<_, i32>(0));
    assert_eq!(format.unwrap(), 2);
    file.prepare("SELECT count(*) FROM code INDEXED BY code_claimed").unwrap();
}

#[test]
fn a_file_is_opened_once_and_only_if_it_is_one() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let rules = TimeRules::default();
    let guard = open(&path);
    let twice = SqliteGuard::open(&path, SqliteGuard::CAPACITY, rules);
    assert!(matches!(twice, Err(StoreError::InUse)));
    drop(guard);
    let outbox = files.folder.path().join("outbox.db");
    drop(m26_pay::outbox::SqliteStore::open(&outbox).unwrap());
    let other = SqliteGuard::open(&outbox, SqliteGuard::CAPACITY, rules);
    assert!(matches!(other, Err(StoreError::NotOurs { .. })));
    std::fs::write(&path, [0x55; 8192]).unwrap();
    let damaged = SqliteGuard::open(&path, SqliteGuard::CAPACITY, rules);
    assert!(damaged.is_err());
    let aside = SqliteGuard::set_aside(&path).unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), [0x55; 8192]);
    open(&path).claim(&code(1, START), Clocks::new().now()).unwrap();
}

/// On a 64-bit machine this passes without what it is about: the step `machines` runs it on another.
#[test]
fn a_clock_that_was_after_2038_does_not_close_the_file() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let now = Clocks::new().now();
    open(&path).claim(&code(0, START), now).unwrap();
    written_in_2040(&path);
    let guard = open(&path);
    assert!(rules::is_used(guard.claim(&code(0, START), now)));
    // SQLite brings the log into the file when it has a thousand pages, and begins it anew.
    written_in_2040(&path);
    for number in 1..600 {
        guard.claim(&code(number, START), now).unwrap();
    }
    let log = std::fs::metadata(log_of(&path)).unwrap().len();
    assert!(log < 1100 * 4096, "the log has {} pages", log / 4096);
}

/// A code is looked for by way of an index, which must not lead astray.
#[test]
fn a_flipped_bit_of_a_code_is_told_wherever_it_is() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    let (guard, now) = (open(&path), Clocks::new().now());
    for number in 0..20 {
        guard.claim(&code(number, START), now).unwrap();
    }
    drop(guard);
    let sound = std::fs::read(&path).unwrap();
    let wanted = code(7, START).to_bytes();
    for key in wanted.chunks_exact(32) {
        let places = sound.windows(32).enumerate().filter(|(_, part)| *part == key);
        let places: Vec<_> = places.map(|(at, _)| at).collect();
        assert_eq!(places.len(), 2, "in its row, and in the index");
        for at in places {
            let mut bytes = sound.clone();
            bytes[at + 5] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let opened = SqliteGuard::open(&path, SqliteGuard::CAPACITY, TimeRules::default());
            assert!(matches!(opened, Err(StoreError::Damaged { .. })));
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
    }
}

/// A file that may not grow stands for a disk that is full.
#[test]
#[cfg(unix)]
fn a_full_disk_refuses_and_forgets_nothing() {
    let files = Files::new();
    let path = files.folder.path().join("guard.db");
    drop(open(&path));
    // In blocks of 512 bytes; what would end the process is ignored, and shows as an error.
    let limit = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limit])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "guard::disk::a_guard_whose_file_may_not_grow",
        ])
        .env("M26_TEST_GUARD", &path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let claimed = said.lines().find_map(|line| line.strip_prefix("claimed "));
    let claimed: usize = claimed.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    assert!(claimed > 0);
    // There is room again.
    let guard = open(&path);
    let now = Clocks::new().now();
    for number in 0..claimed {
        assert!(rules::is_used(guard.claim(&code(number, START), now)), "{number}");
    }
    guard.claim(&code(claimed, START), now).unwrap();
}

#[test]
#[cfg(unix)]
#[ignore = "the other end of a_full_disk_refuses_and_forgets_nothing"]
fn a_guard_whose_file_may_not_grow() {
    let guard = open(std::env::var_os("M26_TEST_GUARD").unwrap().as_ref());
    let now = Clocks::new().now();
    let claimed = (0..5_000).take_while(|number| guard.claim(&code(*number, START), now).is_ok());
    let claimed = claimed.count();
    let refused = guard.claim(&code(claimed, START), now).unwrap_err();
    assert!(matches!(refused, GuardError::Store(_)) && refused.to_string().contains("full"));
    for number in 0..claimed {
        assert!(rules::is_used(guard.claim(&code(number, START), now)), "{number}");
    }
    println!("\nclaimed {claimed}");
}
