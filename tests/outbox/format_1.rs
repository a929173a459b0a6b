//! A file of format 1 opens, and nothing in it is lost.

use std::fs;
use std::path::Path;

use m26_pay::alipay::{Report, ReportStatus, TradeResult};
use m26_pay::outbox::store::{Contents, PAYMENTS, REPORTS, Store as _};
use m26_pay::outbox::{
    Added, Doubt, Id, Item, ItemState, NewPayment, Outbox, Payload, Payment, PaymentKey,
    ReportAnswer, SqliteStore, StoreError, Upload, Usage,
};
use m26_pay::unix_time::UnixMillis;
use rusqlite::Connection;
use support::outbox_till::{BEGAN, Till, number, policy, report};

/// Makes a file of format 1, changed by some SQL.
fn make(path: &Path, change: &str) {
    let connection = Connection::open(path).unwrap();
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    connection.execute_batch(include_str!("format_1.sql")).unwrap();
    connection.execute_batch(change).unwrap();
}

fn load(path: &Path) -> Result<Contents, StoreError> {
    SqliteStore::open(path)?.load()
}

fn at(millis: i64) -> UnixMillis {
    UnixMillis(BEGAN.0 + millis)
}

fn key(number: u8) -> PaymentKey {
    PaymentKey::new([number; 32]).unwrap()
}

#[test]
fn everything_is_there_in_its_state() {
    let till = Till::new(policy());
    make(&till.path(), "");
    let contents = load(&till.path()).unwrap();
    let (reports, payments) = (contents.stock(REPORTS), contents.stock(PAYMENTS));
    assert_eq!((reports.last_id, payments.last_id), (9, 8));
    for state in ItemState::ALL {
        let counts = (reports.counts.of(state), payments.counts.of(state));
        let expected = match state {
            ItemState::Announced | ItemState::RamOnly => (1, 0),
            ItemState::Ordered => (0, 0),
            ItemState::Expired => (0, 1),
            _ => (1, 1),
        };
        assert_eq!(counts, expected, "{state}");
    }
    let ledger = contents.ledger;
    assert_eq!((ledger.boot, ledger.closed, ledger.dropped), (3, false, 2));
    assert_eq!(ledger.usage.unreported, Usage { broadcasts: 30, scans: 40 });
    assert_eq!(ledger.usage.ram_only, Usage { broadcasts: 1, scans: 2 });
    assert_eq!(ledger.usage.this_boot, Usage { broadcasts: 3, scans: 4 });
    assert_eq!(ledger.usage.last, Some((at(12), ReportAnswer::Result(ReportStatus(0)))));
    // It is of the new format now, and the same is in it.
    let version = |name: &str| {
        let connection = Connection::open(till.path()).unwrap();
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((version("user_version"), version("application_id")), (5, 0x4D32_366F));
    assert_eq!(load(&till.path()).unwrap().stocks, contents.stocks);
}

#[test]
fn the_program_goes_on_with_it() {
    let till = Till::new(policy());
    make(&till.path(), "");
    let outbox = till.open();
    let reports = outbox.list(&ItemState::ALL, Id::<Report>::START, 99).unwrap();
    assert_eq!(reports.iter().map(number).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    for (report, nth) in reports.iter().zip(0..) {
        assert_eq!((report.id, report.added), (Id::new(nth + 1), at(nth)));
        assert_eq!(report.content.trade_result(), TradeResult::Success);
        assert_eq!(report.content.amount().fen(), 1025);
    }
    let unknown = ReportAnswer::Unknown(Doubt::Stopped);
    let stands = |item: &Item<Report>| (item.state, item.last.map(|(_, answer)| answer));
    assert_eq!(stands(&reports[1]), (ItemState::Pending, Some(unknown)));
    assert_eq!((reports[3].state, reports[3].boot), (ItemState::RamOnly, Some(3)));
    let parked = &reports[4];
    assert_eq!((parked.failures, parked.first_failed), (5, Some(at(50))));

    let payments = outbox.list(&ItemState::ALL, Id::<Payment>::START, 99).unwrap();
    for (payment, nth) in payments.iter().zip(0..) {
        assert_eq!((payment.id, payment.added), (Id::new(nth + 1), at(nth)));
        let number = u8::try_from(nth).unwrap() + 1;
        assert_eq!(payment.content.key, Some(key(number)));
        let payload = payment.content.payload.as_ref().map(Payload::expose);
        let expected = [number + 100; 20];
        assert_eq!(payload, Some(&expected[..]).filter(|_| nth != 4));
    }
    let states: Vec<_> = payments.iter().map(|payment| payment.state).collect();
    let expected = [
        ItemState::Pending,
        ItemState::Pending,
        ItemState::Parked,
        ItemState::Rejected,
        ItemState::Held,
        ItemState::Expired,
    ];
    assert_eq!(states, expected);
    assert_eq!(payments[1].last, Some((BEGAN, Upload::Unknown)));
    assert_eq!(payments[2].last, Some((at(9), Upload::Failed)));

    // No number and no key is used a second time.
    assert_eq!(outbox.append(&report(7)).unwrap(), Id::new(10));
    let payment = NewPayment::new(Payload::new(*b"x").unwrap());
    let again = outbox.add_payment(payment.clone().key(key(5))).unwrap();
    assert_eq!(again, Added::Already(Id::new(5)));
    assert_eq!(outbox.add_payment(payment.key(key(9))).unwrap(), Added::Now(Id::new(9)));
}

#[test]
fn an_empty_one_becomes_like_a_new_one() {
    let (old, new) = (Till::new(policy()), Till::new(policy()));
    make(
        &old.path(),
        "DELETE FROM waiting; DELETE FROM held; DELETE FROM payment; DELETE FROM ledger",
    );
    drop((old.open(), new.open()));
    let tables = |till: &Till| {
        let connection = Connection::open(till.path()).unwrap();
        let text = "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema AS t, \
            pragma_table_info(t.name) AS c WHERE t.type IN ('table', 'index') ORDER BY 1, c.cid";
        let mut statement = connection.prepare(text).unwrap();
        let columns = statement.query_map([], |row| {
            let column: (String, String, String, i64, i64) = row.try_into()?;
            Ok(column)
        });
        columns.unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(tables(&old), tables(&new));
    assert_eq!(old.open().append(&report(1)).unwrap(), Id::new(1));
}

/// Whatever is damaged, the file stays as it is.
#[test]
fn a_damaged_one_is_told_and_left() {
    for (what, change) in [
        (
            "of report 1 ",
            "UPDATE waiting SET records = replace(records, '1025', '1026') WHERE id = 1",
        ),
        ("of report 3 ", "UPDATE held SET records = replace(records, '1025', '1026') WHERE id = 3"),
        ("of payment 3 ", "UPDATE payment SET attempts = 9 WHERE id = 3"),
        // Its checksum is right.
        (
            "answer of payment 6 ",
            "UPDATE payment SET answered = 1548811777009, crc = 607889359 WHERE id = 6",
        ),
        ("of ledger 1 ", "UPDATE ledger SET scans = 9"),
    ] {
        let till = Till::new(policy());
        make(&till.path(), change);
        let before = fs::read(till.path()).unwrap();
        let Err(StoreError::Damaged { what: found }) = load(&till.path()) else { panic!("{what}") };
        assert!(found.contains(what), "{found}");
        assert_eq!(fs::read(till.path()).unwrap(), before, "{what}");
        assert!(Outbox::open(till.path(), policy()).is_err());
    }
}
