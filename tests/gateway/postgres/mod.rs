//! The journal that several hosts share, on a real PostgreSQL server.

mod away;
mod hosts;
mod schema;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use m26_pay::gateway::alipay::Identity;
use m26_pay::gateway::journal::{
    Entry, EntryKind, Evidence, Journal as _, PostgresJournal, PostgresSettings, Stage, conformance,
};
use m26_pay::unix_time::UnixMillis;
use support::postgres_server::Server;

use crate::orders;

/// A busy machine must not make an answer late.
fn settings(url: &str) -> PostgresSettings {
    let mut settings = PostgresSettings::new(url).unwrap();
    settings.connect_timeout = Duration::from_secs(30);
    settings.statement_timeout = Duration::from_secs(30);
    settings
}

fn open(url: &str) -> PostgresJournal {
    PostgresJournal::open(settings(url)).unwrap()
}

/// An order that was just begun, by a host whose clock is years behind.
fn order(number: &str) -> Entry {
    Entry {
        identity: identity(),
        out_trade_no: orders::number(number),
        kind: EntryKind::Barcode,
        amount: "10.25".parse().unwrap(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: HOST,
        changed: HOST,
        owner: None,
        version: 0,
        outcome: None,
    }
}

fn identity() -> Arc<Identity> {
    orders::identity()
}

/// What a host's clock shows: that of the server shows something else.
const HOST: UnixMillis = UnixMillis(1_000_000_000_000);

#[test]
fn it_holds_every_rule() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    conformance::check(&open(&url)).unwrap();
    conformance::check_reopened(&open(&url)).unwrap();
    // And so it does over the server's socket.
    conformance::check_reopened(&open(&server.by_socket(&url))).unwrap();
}

#[test]
fn one_connection_is_enough() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let mut settings = settings(&url);
    settings.connections = 1;
    let journal = Arc::new(PostgresJournal::open(settings).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let journal = &journal;
            scope.spawn(move || {
                for at in 0..25 {
                    journal.begin(&order(&format!("T{thread}_{at}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(journal.open_orders(None, usize::MAX).unwrap().len(), 100);
    let connections = "SELECT count(*) FROM pg_stat_activity \
        WHERE application_name = 'm26-pay' AND datname = current_database()";
    assert_eq!(server.psql(&url, connections), "1");
}

/// A journal is asked by tasks of a runtime too, and dropped by them.
#[test]
fn a_task_may_ask_and_drop_it() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = open(&url);
        journal.begin(&order("A1")).unwrap();
        assert_eq!(journal.numbered(&orders::number("A1")).unwrap().len(), 1);
    });
}
