//! The journals of orders: how many a second a PostgreSQL server takes, beside `pgbench -N` on the same
//! server, and what it costs to open a journal with a million settled orders.
//!
//! `cargo bench -p m26-pay-benches --bench journal`. It starts a server of its own.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on ends")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::gateway::alipay::{AppId, GatewayUrl, Identity, OutTradeNo};
use m26_pay::gateway::journal::{
    Begun, Entry, EntryKind, Evidence, Journal, NotPaid, NotPaidBy, PostgresJournal,
    PostgresSettings, Settled, Stage,
};
use m26_pay::outbox::OutboxJournal;
use m26_pay::unix_time::UnixMillis;
use rusqlite::Connection;
use support::postgres_server::Server;

fn main() {
    let Some(server) = Server::start(&[]) else { return };
    throughput(&server);
    opening("SQLite", &open_sqlite(0), &open_sqlite(SETTLED));
    opening("PostgreSQL", &open_postgres(&server, 0), &open_postgres(&server, SETTLED));
}

/// Begins and settles orders by eight connections, after and before `pgbench -N` with eight clients.
fn throughput(server: &Server) {
    let theirs = server.new_database();
    server.pgbench(&theirs, &["--initialize", "--scale=10", "--quiet"]);
    let journal = PostgresJournal::open(settings(&server.new_database())).unwrap();
    let number = AtomicU64::new(0);
    for round in 1..=ROUNDS {
        let seconds = TIME.as_secs().to_string();
        let said = server.pgbench(&theirs, &["-N", "-c", "8", "-j", "2", "-T", &seconds]);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
        let pgbench: f64 = tps.split(' ').next().unwrap().parse().unwrap();
        let ours = transactions(&journal, &number);
        println!(
            "round {round}: begin and settle {ours:.0}/s, pgbench -N {pgbench:.0}/s: {:.2} times",
            ours / pgbench
        );
    }
}

/// How many begins and settles a second.
fn transactions(journal: &PostgresJournal, number: &AtomicU64) -> f64 {
    let (began, done) = (now(), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                while now() - began < TIME {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let entry = order(&format!("A{number}"));
                    assert_eq!(journal.begin(&entry).unwrap(), Begun::New(1));
                    journal.update(&settled(entry)).unwrap();
                    done.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
    });
    done.into_inner() as f64 / (now() - began).as_secs_f64()
}

/// Opens a journal and reads its open orders: the best of some times, in turns.
fn opening(name: &str, none: &dyn Fn() -> Duration, many: &dyn Fn() -> Duration) {
    let (mut least, mut most) = (Duration::MAX, Duration::MAX);
    for _ in 0..OPENINGS {
        least = least.min(none());
        most = most.min(many());
    }
    println!(
        "{name}: opened with {OPEN} open orders in {:.2} ms, with {SETTLED} settled ones beside them \
         in {:.2} ms: {:.2} times",
        least.as_secs_f64() * 1e3,
        most.as_secs_f64() * 1e3,
        most.as_secs_f64() / least.as_secs_f64(),
    );
}

fn open_sqlite(settled: u64) -> impl Fn() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let journal = OutboxJournal::open_without_reports(&path).unwrap();
    fill(&journal);
    drop(journal);
    if settled > 0 {
        copy_settled(&path, settled);
    }
    move || {
        let _ = &folder;
        let began = now();
        let journal = OutboxJournal::open_without_reports(&path).unwrap();
        read(&journal);
        now() - began
    }
}

/// As many settled orders in the file as wanted, all of them like the one that is there.
fn copy_settled(path: &Path, wanted: u64) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN").unwrap();
    let copies = "WITH RECURSIVE n(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n LIMIT ?1) \
        INSERT INTO ended SELECT n, kind, state, added, attempts, failures, first_failed, answered, \
        answer, due, last_moment, CAST('B' || n || substr(key, 3) AS BLOB), body, crc FROM n, ended";
    let wanted = i64::try_from(wanted).unwrap();
    connection.execute(copies, [wanted - 1]).unwrap();
    let mut crc = crc32fast::Hasher::new();
    for number in [wanted, ORDERS] {
        // An integer of eight bytes.
        crc.update(&[1, 8, 0, 0, 0, 0, 0, 0, 0]);
        crc.update(&number.to_le_bytes());
    }
    let count = "UPDATE ended_count SET count = ?1, crc = ?2 WHERE kind = ?3";
    assert_eq!(connection.execute(count, [wanted, i64::from(crc.finalize()), ORDERS]).unwrap(), 1);
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

fn open_postgres(server: &Server, settled: u64) -> impl Fn() -> Duration {
    let url = server.new_database();
    let journal = PostgresJournal::open(settings(&url)).unwrap();
    fill(&journal);
    let columns = "gateway, app_id, kind, amount, expires_after_ms, stage, begun_ms, changed_ms, \
        version, seen, outcome, outcome_by";
    let copies = format!(
        "INSERT INTO m26_order (out_trade_no, {columns}) SELECT 'B' || n, {columns} \
         FROM m26_order, generate_series(1, {settled}) AS n WHERE outcome IS NOT NULL"
    );
    server.psql(&url, &copies);
    server.psql(&url, "VACUUM ANALYZE m26_order");
    move || {
        let began = now();
        let journal = PostgresJournal::open(settings(&url)).unwrap();
        read(&journal);
        now() - began
    }
}

/// Some open orders, and one that is settled.
fn fill(journal: &dyn Journal) {
    for number in 0..OPEN {
        journal.begin(&order(&format!("A{number}"))).unwrap();
    }
    let entry = order("B0");
    journal.begin(&entry).unwrap();
    journal.update(&settled(entry)).unwrap();
}

fn read(journal: &dyn Journal) {
    assert_eq!(journal.open_orders(None, 256).unwrap().len(), OPEN);
}

fn order(number: &str) -> Entry {
    let app_id = AppId::new("2026000000000001").unwrap();
    let identity = Identity { gateway: GatewayUrl::live(), app_id, seller_id: None };
    let now = UnixMillis(1_795_957_200_000);
    Entry {
        identity: Arc::new(identity),
        out_trade_no: OutTradeNo::new(number).unwrap(),
        kind: EntryKind::Barcode,
        amount: "10.25".parse().unwrap(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: now,
        changed: now,
        owner: None,
        version: 0,
        outcome: None,
    }
}

fn settled(entry: Entry) -> Entry {
    let proof = NotPaid { trade_no: None, proof: NotPaidBy::Closed };
    Entry { version: 1, outcome: Some(Settled::NotPaid(proof)), ..entry }
}

fn settings(url: &str) -> PostgresSettings {
    let mut settings = PostgresSettings::new(url).unwrap();
    settings.connections = CONNECTIONS;
    settings.connect_timeout = Duration::from_secs(60);
    settings.statement_timeout = Duration::from_secs(60);
    settings
}

#[allow(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

const CONNECTIONS: usize = 8;
const ROUNDS: u32 = 3;
const TIME: Duration = Duration::from_secs(10);

const SETTLED: u64 = 1_000_000;
const OPEN: usize = 100;
const OPENINGS: u32 = 10;

/// The number of the kind of orders in the file.
const ORDERS: i64 = 2;
