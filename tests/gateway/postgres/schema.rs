//! The tables, as an administrator meets them.

use m26_pay::gateway::journal::{
    Begun, Holder, Journal as _, JournalError, Owner, PostgresJournal,
};
use m26_pay::unix_time::UnixMillis;
use support::postgres_server::Server;

use super::{HOST, open, order, settings};

#[test]
fn programs_that_start_at_once_make_the_tables_once() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    std::thread::scope(|scope| {
        for host in 0..8 {
            let url = &url;
            scope.spawn(move || {
                let begun = open(url).begin(&order(&format!("H{host}"))).unwrap();
                assert_eq!(begun, Begun::New(1));
            });
        }
    });
    assert_eq!(server.psql(&url, "SELECT format FROM m26_journal"), "1");
    assert_eq!(server.psql(&url, "SELECT count(*) FROM m26_order WHERE outcome IS NULL"), "8");
}

#[test]
fn tables_of_a_newer_program_are_left_alone() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    open(&url).begin(&order("A1")).unwrap();
    server.psql(&url, "UPDATE m26_journal SET format = 1000");
    let refused = PostgresJournal::open(settings(&url));
    assert!(matches!(refused, Err(JournalError::Newer)), "{refused:?}");
    assert_eq!(server.psql(&url, "SELECT format FROM m26_journal"), "1000");
}

#[test]
fn every_column_says_what_it_is() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    open(&url);
    let silent = "SELECT attname FROM pg_attribute WHERE attrelid = 'm26_order'::regclass \
        AND attnum > 0 AND col_description(attrelid, attnum) IS NULL";
    assert_eq!(server.psql(&url, silent), "");
    let tables = "SELECT relname FROM pg_class WHERE relname IN ('m26_order', 'm26_journal') \
        AND obj_description(oid) IS NOT NULL ORDER BY relname";
    assert_eq!(server.psql(&url, tables), "m26_journal\nm26_order");
}

/// What an administrator reads of an order that somebody works on.
#[test]
fn an_order_reads_in_words() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let until = UnixMillis(HOST.0 + 90_000);
    let owner = Some(Owner { holder: Holder::new("till 1, 食堂"), until });
    open(&url).begin(&m26_pay::gateway::journal::Entry { owner, ..order("A1") }).unwrap();
    let words = "SELECT out_trade_no, kind, amount, stage, holder, outcome IS NULL, version, \
        held_until BETWEEN now() AND now() + interval '91 s' FROM m26_order";
    // The lease is as long as it was by the host's clock, and runs by the server's.
    assert_eq!(server.psql(&url, words), "A1|barcode|10.25|begun|till 1, 食堂|t|1|t");
}

#[test]
fn what_a_program_did_not_write_is_told() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = open(&url);
    journal.begin(&order("A1")).unwrap();
    server.psql(&url, "UPDATE m26_order SET outcome = 'lost'");
    let damaged = journal.numbered(&crate::orders::number("A1"));
    assert!(matches!(damaged, Err(JournalError::Damaged)), "{damaged:?}");
    server.psql(&url, "DROP TABLE m26_order");
    let damaged = journal.open_orders(None, 10);
    assert!(matches!(damaged, Err(JournalError::Damaged)), "{damaged:?}");
}

/// A commit is on disk when the call returns, whatever the database is set to.
#[test]
fn a_commit_waits_for_the_disk() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let name = url.rsplit_once('/').unwrap().1;
    server.psql("postgres", &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    open(&url);
    // Each order says how its own transaction was committed.
    server.psql(
        &url,
        "ALTER TABLE m26_order ADD commits text DEFAULT current_setting('synchronous_commit')",
    );
    open(&url).begin(&order("A1")).unwrap();
    assert_eq!(server.psql(&url, "SELECT commits FROM m26_order"), "on");
}

#[test]
fn a_text_that_the_server_cannot_keep_stops_no_order() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = open(&url);
    let Begun::New(version) = journal.begin(&order("A1")).unwrap() else { panic!("it is new") };
    let mut entry = m26_pay::gateway::journal::Entry { version, ..order("A1") };
    entry.evidence.last = Some(m26_pay::gateway::journal::Said {
        code: m26_pay::gateway::alipay::Code::FAILED,
        sub_code: Some(m26_pay::gateway::alipay::SubCode::new("ACQ.\0")),
        verified: false,
    });
    journal.update(&entry).unwrap();
    let there = journal.numbered(&entry.out_trade_no).unwrap();
    let last = there[0].evidence.last.clone().unwrap();
    assert_eq!(last.sub_code.unwrap().as_str(), "ACQ.\u{FFFD}");
}
