//! A file of format 2 opens, and nothing in it is lost.

use std::path::Path;

use m26_pay::gateway::journal::Journal as _;
use m26_pay::outbox::store::{PAYMENTS, REPORTS, Store as _};
use m26_pay::outbox::{ItemState, OutboxJournal, SqliteStore};
use rusqlite::Connection;
use support::outbox_till::{Till, policy, report};

fn make(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    connection.execute_batch(include_str!("format_2.sql")).unwrap();
    connection
}

/// Every row of every table, as text.
fn rows(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut all = Vec::new();
    for table in ["held", "item", "ended", "last_id", "ledger", "waiting"] {
        // What has ended is among the items up to format 3.
        let Ok(mut statement) = connection.prepare(&format!("SELECT * FROM {table}")) else {
            assert_eq!(table, "ended");
            continue;
        };
        let table = if table == "ended" { "item" } else { table };
        let columns = statement.column_count();
        let found = statement.query_map([], |row| {
            let values: Result<Vec<rusqlite::types::Value>, _> =
                (0..columns).map(|column| row.get(column)).collect();
            Ok(format!("{table}: {:?}", values?))
        });
        all.extend(found.unwrap().map(Result::unwrap));
    }
    all.sort();
    all
}

#[test]
fn everything_is_there_in_its_state() {
    let till = Till::new(policy());
    drop(make(&till.path()));
    let before = rows(&till.path());
    assert!(before.len() > 10, "{before:?}");
    let contents = SqliteStore::open(till.path()).unwrap().load().unwrap();
    let (reports, payments) = (contents.stock(REPORTS), contents.stock(PAYMENTS));
    assert_eq!((reports.last_id, payments.last_id), (9, 8));
    for state in ItemState::ALL {
        let counts = (reports.counts.of(state), payments.counts.of(state));
        let expected = match state {
            ItemState::Announced | ItemState::RamOnly => (1, 0),
            ItemState::Expired => (0, 1),
            ItemState::Ordered => (0, 0),
            _ => (1, 1),
        };
        assert_eq!(counts, expected, "{state}");
    }
    assert_eq!(contents.ledger.dropped, 2);
    assert_eq!(rows(&till.path()), before);
    let version =
        Connection::open(till.path())
            .unwrap()
            .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 5);
}

#[test]
fn orders_are_begun_beside_what_is_there() {
    let till = Till::new(policy());
    drop(make(&till.path()));
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    assert!(journal.open_orders(None, 9).unwrap().is_empty());
    assert_eq!(outbox.append(&report(7)).unwrap().get(), 10);
}
