//! The outbox's file and its log belong together, and what that means for who copies them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use m26_pay::alipay::Report;
use m26_pay::blocking::Session;
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxError, OutboxPolicy, SqliteStore, StoreError};
use m26_pay::session::Plan;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::virtual_port::VirtualPort;
use rusqlite::Connection;
use support::outbox_till::{numbers, report, reports};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    (folder, path)
}

fn open(path: &Path) -> Outbox {
    Outbox::open(path, OutboxPolicy::default()).unwrap()
}

fn log_of(path: &Path) -> PathBuf {
    format!("{}-wal", path.display()).into()
}

/// A till with so many reports, whose program was killed.
fn killed(path: &Path, count: u32) {
    let running = path.with_extension("running");
    let outbox = open(&running);
    for number in 0..count {
        outbox.append(&report(number)).unwrap();
    }
    fs::copy(&running, path).unwrap();
    fs::copy(log_of(&running), log_of(path)).unwrap();
    drop(outbox);
    fs::remove_file(running).unwrap();
}

#[track_caller]
fn damaged(path: &Path, words: &str) {
    let before = (fs::read(path).unwrap(), fs::read(log_of(path)).ok());
    for opened in
        [Outbox::open(path, OutboxPolicy::default()), Outbox::view(path, OutboxPolicy::default())]
    {
        match opened {
            Err(OutboxError::Open { source: source @ StoreError::Damaged { .. }, .. }) => {
                assert!(source.to_string().contains(words), "{source}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((fs::read(path).unwrap(), fs::read(log_of(path)).ok()), before);
}

fn pending(path: &Path) -> u64 {
    let viewed = Outbox::view(path, OutboxPolicy::default()).unwrap().summary().reports.pending;
    assert_eq!(open(path).summary().reports.pending, viewed);
    viewed
}

#[test]
fn both_files_are_the_outbox_and_one_of_them_is_not() {
    let (_folder, path) = folder();
    killed(&path, 5);
    let alone = path.with_file_name("alone.db");
    fs::copy(&path, &alone).unwrap();
    damaged(&alone, "whose name ends in -wal, is missing");
    assert_eq!(pending(&path), 5);
    // It was closed in order, so that it is one file.
    assert!(!log_of(&path).exists());
    fs::copy(&path, &alone).unwrap();
    assert_eq!(pending(&alone), 5);
}

#[test]
fn the_log_of_another_file_replaces_nothing() {
    let (_folder, path) = folder();
    let other = path.with_file_name("other.db");
    killed(&path, 5);
    killed(&other, 9);
    fs::copy(log_of(&path), log_of(&other)).unwrap();
    damaged(&other, "is that of another file");
    // Nor does it become part of a file that needs none.
    let (_another, closed) = folder();
    open(&closed).append_all(&reports(0..3)).unwrap();
    fs::copy(log_of(&path), log_of(&closed)).unwrap();
    damaged(&closed, "is that of another file");
}

#[test]
fn a_log_of_another_time_is_refused() {
    let (_folder, path) = folder();
    let copy = |name: &str| {
        let to = path.with_file_name(name);
        fs::copy(&path, &to).unwrap();
        fs::copy(log_of(&path), log_of(&to)).unwrap();
        to
    };
    let outbox = open(&path);
    outbox.append(&report(0)).unwrap();
    let early = copy("early.db");
    // Each rest ends a log.
    for number in 1..4 {
        outbox.rest().unwrap();
        outbox.append(&report(number)).unwrap();
    }
    let late = copy("late.db");
    let (older, newer) = (path.with_file_name("older.db"), path.with_file_name("newer.db"));
    for (to, file, log) in [(&older, &early, &late), (&newer, &late, &early)] {
        fs::copy(file, to).unwrap();
        fs::copy(log_of(log), log_of(to)).unwrap();
        damaged(to, "of another time");
    }
    assert_eq!((pending(&early), pending(&late)), (1, 4));
}

#[test]
fn a_log_that_was_brought_into_the_file_and_is_there_still_is_its_own() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    outbox.append_all(&reports(0..4)).unwrap();
    let log = fs::read(log_of(&path)).unwrap();
    outbox.rest().unwrap();
    assert_eq!(fs::metadata(log_of(&path)).unwrap().len(), 0);
    // The power went before the log was emptied.
    let cut = path.with_file_name("cut.db");
    fs::copy(&path, &cut).unwrap();
    fs::write(log_of(&cut), log).unwrap();
    assert_eq!(pending(&cut), 4);
    // A rest without anything new is none.
    outbox.rest().unwrap();
    drop(outbox);
    assert_eq!(pending(&path), 4);
}

#[test]
fn a_log_is_kept_short() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    for number in 0..3_000 {
        outbox.append(&report(number)).unwrap();
        let length = fs::metadata(log_of(&path)).unwrap().len();
        assert!(length < 4_500_000, "{length} after {number}");
    }
    let copy = path.with_file_name("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(log_of(&path), log_of(&copy)).unwrap();
    drop(outbox);
    assert_eq!((pending(&path), pending(&copy)), (3_000, 3_000));
}

/// The locks that this program has on a file: the bytes that are locked. What the system tells of locks
/// comes in parts, between which others come and go, so that a line may be missing, or be there twice.
fn locks(path: &Path) -> BTreeSet<String> {
    let inode = format!(":{} ", fs::metadata(path).unwrap().ino());
    let own = format!(" {} ", std::process::id());
    let looks = (0..5).map(|_| fs::read_to_string("/proc/locks").unwrap());
    looks
        .flat_map(|locks| {
            let lines = locks.lines().filter(|line| line.contains(&inode) && line.contains(&own));
            let bytes = lines.map(|line| line.split_once(&inode).unwrap().1.to_string());
            bytes.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_till_that_runs_can_be_looked_at_and_keeps_its_lock() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    outbox.append(&report(0)).unwrap();
    let before = locks(&path);
    assert!(!before.is_empty());
    let view = Outbox::view(&path, OutboxPolicy::default()).unwrap();
    assert_eq!(numbers(&view, &[ItemState::Pending]), [0]);
    // What is done to the view is done to nobody else.
    view.append(&report(7)).unwrap();
    outbox.append(&report(1)).unwrap();
    assert_eq!(numbers(&view, &[ItemState::Pending]), [0, 7]);
    assert_eq!(numbers(&outbox, &[ItemState::Pending]), [0, 1]);
    let backup = path.with_file_name("backup.db");
    SqliteStore::back_up(&path, &backup).unwrap();
    assert_eq!(locks(&path), before);
    drop(outbox);
    assert_eq!(numbers(&open(&backup), &[ItemState::Pending]), [0, 1]);
}

#[test]
fn whoever_looks_while_a_till_writes_sees_a_moment_of_it() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    outbox.append(&report(0)).unwrap();
    let writer = std::thread::spawn({
        let outbox = outbox.clone();
        move || {
            for number in 1..600 {
                outbox.append(&report(number)).unwrap();
                if number % 7 == 0 {
                    outbox.rest().unwrap();
                }
            }
        }
    });
    let mut seen = 0;
    while !writer.is_finished() {
        let view = match Outbox::view(&path, OutboxPolicy::default()) {
            Ok(view) => view,
            Err(OutboxError::Open { source: StoreError::InUse, .. }) => continue,
            Err(error) => panic!("{error}"),
        };
        let numbers = numbers(&view, &[ItemState::Pending]);
        assert_eq!(numbers, (0..numbers.len() as u32).collect::<Vec<_>>());
        assert!(numbers.len() >= seen);
        seen = numbers.len();
    }
    writer.join().unwrap();
    assert!(seen > 1);
}

#[test]
fn what_may_not_be_written_can_be_looked_at() {
    let (folder, path) = folder();
    killed(&path, 3);
    for part in [path.clone(), log_of(&path)] {
        fs::set_permissions(part, fs::Permissions::from_mode(0o400)).unwrap();
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let view = Outbox::view(&path, OutboxPolicy::default()).unwrap();
    assert_eq!(view.summary().reports.pending, 3);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_backup_overwrites_nothing_and_takes_no_log_of_its_original() {
    let (_folder, path) = folder();
    killed(&path, 5);
    let to = path.with_file_name("copy.db");
    fs::write(&to, "other").unwrap();
    let error = SqliteStore::back_up(&path, &to).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
    assert_eq!(fs::read(&to).unwrap(), b"other");
    fs::remove_file(&to).unwrap();
    SqliteStore::back_up(&path, &to).unwrap();
    assert_eq!(fs::metadata(&to).unwrap().mode() & 0o777, 0o600);
    fs::copy(log_of(&path), log_of(&to)).unwrap();
    damaged(&to, "is that of another file");
    fs::remove_file(log_of(&to)).unwrap();
    assert_eq!(pending(&to), 5);
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

/// Format 4 did not know what belongs together.
#[test]
fn a_file_of_format_4_and_its_log_are_brought_forward() {
    let (_folder, path) = folder();
    open(&path).append_all(&reports(0..3)).unwrap();
    let back = "DROP TABLE log; PRAGMA user_version = 4";
    Connection::open(&path).unwrap().execute_batch(back).unwrap();
    let copy = path.with_file_name("copy.db");
    {
        let connection = Connection::open(&path).unwrap();
        let write = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; \
            UPDATE ledger SET dropped = dropped; CREATE TABLE more (x); DROP TABLE more";
        connection.execute_batch(write).unwrap();
        fs::copy(&path, &copy).unwrap();
        fs::copy(log_of(&path), log_of(&copy)).unwrap();
    }
    assert_eq!((pending(&path), pending(&copy)), (3, 3));
    let version = Connection::open(&copy)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 5);
}

/// By the session's time, which is virtual.
#[test]
fn a_session_brings_the_log_into_the_file_when_nothing_is_written() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let settings =
        ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() };
    let mut module = Some(settings);
    let host = move || Ok::<_, Error>(VirtualPort::new(Modem::new(module.take().unwrap())));
    let mut session = Session::new(host, Plan::default(), Settings::default());
    session.attach(outbox.duty());
    session.wait_ready(Duration::from_secs(60)).unwrap();
    outbox.append(&report(0)).unwrap();
    session.nudge();
    let length = || fs::metadata(log_of(&path)).unwrap().len();
    assert!(length() > 0);
    while session.next_event(Some(Duration::from_secs(20))).is_some() {}
    assert_eq!(outbox.summary().reports.held, 1);
    assert_eq!(length(), 0);
    assert!(outbox.get(Id::<Report>::new(1)).unwrap().is_some());
}
