//! A clock that was after 2038 closes no file, also where SQLite does not know such times.
//!
//! On a 64-bit machine SQLite knows them: there these tests pass without what they are about. The step
//! `machines` runs them on a 32-bit one.

use std::fs;
use std::path::Path;

use m26_pay::outbox::{ItemState, Outbox, OutboxPolicy, SqliteStore};
use support::late_file::{log_of, written_in_2040};
use support::outbox_till::{numbers, report};

fn open(path: &Path) -> Outbox {
    Outbox::open(path, OutboxPolicy::default()).unwrap()
}

fn waiting(outbox: &Outbox) -> Vec<u32> {
    numbers(outbox, &[ItemState::Pending])
}

#[test]
fn a_file_from_after_2038_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (path, killed) = (folder.path().join("till.db"), folder.path().join("killed.db"));
    let outbox = open(&path);
    outbox.append(&report(1)).unwrap();
    // As a power cut leaves it: what was written last is in the log.
    fs::copy(&path, &killed).unwrap();
    fs::copy(log_of(&path), log_of(&killed)).unwrap();
    drop(outbox);

    for file in [&path, &killed] {
        written_in_2040(file);
        assert_eq!(waiting(&Outbox::view(file, OutboxPolicy::default()).unwrap()), [1]);
        written_in_2040(file);
        SqliteStore::back_up(file, file.with_extension("copy")).unwrap();
        written_in_2040(file);
        assert_eq!(SqliteStore::salvage(file).unwrap().reports.len(), 1);
        written_in_2040(file);
        let outbox = open(file);
        outbox.append(&report(2)).unwrap();
        assert_eq!(waiting(&outbox), [1, 2]);
    }
}

#[test]
fn what_a_power_cut_left_of_a_new_file_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let unfinished = folder.path().join("till.db.unfinished");
    fs::write(&unfinished, "").unwrap();
    written_in_2040(&unfinished);
    open(&path).append(&report(1)).unwrap();
}

#[test]
fn a_log_is_brought_into_its_file_while_the_program_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let outbox = open(&path);
    for number in 0..3 {
        outbox.append(&report(number)).unwrap();
        assert!(fs::metadata(log_of(&path)).unwrap().len() > 0);
        outbox.rest().unwrap();
        assert_eq!(fs::metadata(log_of(&path)).unwrap().len(), 0, "after {number} wrong clocks");
        written_in_2040(&path);
    }
}
