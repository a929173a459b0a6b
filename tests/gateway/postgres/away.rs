//! A server that goes away, stands still, or takes no writes.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use m26_pay::gateway::journal::{
    Begun, Entry, Journal as _, JournalError, PostgresJournal, PostgresSettings,
};
use support::postgres_server::Server;

use super::{open, order, settings};
use crate::orders;

#[test]
fn a_server_that_is_not_there_is_told_and_nothing_is_written() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let url = format!("postgres://till:s3cret@127.0.0.1:{port}/shop");
    let error = PostgresJournal::open(settings(&url)).unwrap_err();
    assert!(matches!(error, JournalError::Unreachable(_)), "{error:?}");
    assert!(!error.may_be_written());
    assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
}

/// A port that takes connections and says nothing, as a server that hangs does.
#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://till@127.0.0.1:{port}/shop");
    let mut settings = PostgresSettings::new(&url).unwrap();
    settings.connect_timeout = Duration::from_millis(100);
    let error = PostgresJournal::open(settings).unwrap_err();
    assert!(matches!(error, JournalError::Unreachable(_)), "{error:?}");
}

#[test]
fn a_database_that_is_not_there_is_told_by_its_name() {
    let Some(server) = Server::shared() else { return };
    let url = format!("postgres://till@127.0.0.1:{}/nowhere", server.port());
    let JournalError::Unreachable(source) = PostgresJournal::open(settings(&url)).unwrap_err()
    else {
        panic!("it cannot be reached")
    };
    assert!(source.to_string().contains("\"nowhere\" does not exist"), "{source}");
}

#[test]
fn a_restarted_server_is_used_again_by_itself() {
    let Some(server) = Server::start(&[]) else { return };
    let journal = open(&server.new_database());
    journal.begin(&order("A1")).unwrap();
    server.kill();
    let error = journal.begin(&order("A2")).unwrap_err();
    assert!(matches!(error, JournalError::Unreachable(_) | JournalError::Lost(_)), "{error:?}");
    server.restart();
    // What was committed before the crash is there; what was not sent is not.
    assert_eq!(journal.open_orders(None, 10).unwrap().len(), 1);
    assert_eq!(journal.begin(&order("A2")).unwrap(), Begun::New(1));
    server.shut_down();
    server.restart();
    assert_eq!(journal.begin(&order("A3")).unwrap(), Begun::New(1));
}

/// Its other end is gone while a call waits: the call ends, and says that it may be written.
#[test]
fn a_connection_that_ends_under_a_call_is_told() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = Arc::new(open(&url));
    journal.begin(&order("A1")).unwrap();
    let held = Held::new(&server, &url);
    let waiting = Arc::clone(&journal);
    let call = thread::spawn(move || waiting.update(&Entry { version: 1, ..order("A1") }));
    held.until(WAITERS);
    server.psql(&url, &format!("SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting"));
    let error = call.join().unwrap().unwrap_err();
    assert!(matches!(error, JournalError::Lost(_)), "{error:?}");
    assert!(error.may_be_written());
    held.release();
    // The next call has a connection again.
    assert_eq!(journal.numbered(&orders::number("A1")).unwrap()[0].version, 1);
}

/// PostgreSQL restarts all its processes where one of them was killed.
#[test]
fn a_process_of_the_server_that_is_killed_loses_nothing() {
    let Some(server) = Server::start(&["fsync=off"]) else { return };
    let url = server.new_database();
    let journal = open(&url);
    for at in 0..20 {
        let number = format!("A{at}");
        let begun = retried(|| journal.begin(&order(&number)));
        // Where its first answer was lost it is there already.
        assert!(matches!(begun, Begun::New(1) | Begun::Exists(_)), "{begun:?}");
        if at % 5 == 4 {
            server.signal_backends(&url, "KILL");
        }
    }
    assert_eq!(retried(|| journal.open_orders(None, 100)).len(), 20);
}

/// What waits for a lock ends with the statement's time, and is rolled back.
#[test]
fn a_statement_that_takes_too_long_is_rolled_back() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let (journal, hasty) = patient_and_hasty(&url);
    journal.begin(&order("A1")).unwrap();
    let held = Held::new(&server, &url);
    let error = hasty.update(&Entry { version: 1, ..order("A1") }).unwrap_err();
    assert!(matches!(error, JournalError::Unreachable(_)), "{error:?}");
    assert!(!error.may_be_written());
    held.release();
    assert_eq!(journal.update(&Entry { version: 1, ..order("A1") }).unwrap(), 2);
}

/// As where the network swallows everything: the server does not say that the time is over.
#[test]
fn a_server_that_stands_still_is_given_up() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let (journal, hasty) = patient_and_hasty(&url);
    journal.begin(&order("A1")).unwrap();
    server.signal_backends(&url, "STOP");
    let error = hasty.begin(&order("A2")).unwrap_err();
    server.signal_backends(&url, "CONT");
    assert!(matches!(error, JournalError::Lost(_)), "{error:?}");
    assert!(error.may_be_written());
    // Another connection is made, and whatever came of it, the number is there once.
    assert_eq!(
        retried(|| journal.open_orders(None, 10))
            .iter()
            .filter(|it| it.out_trade_no == orders::number("A1"))
            .count(),
        1
    );
    retried(|| journal.begin(&order("A2")));
    assert_eq!(retried(|| journal.numbered(&orders::number("A2"))).len(), 1);
}

/// A primary that became a standby says so for each write.
#[test]
fn a_server_that_only_reads_takes_nothing() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = open(&url);
    let name = url.rsplit_once('/').unwrap().1;
    let only_reads = |is: &str| {
        server.psql(
            "postgres",
            &format!("ALTER DATABASE {name} SET default_transaction_read_only = {is}"),
        );
        let connected = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
        server.psql("postgres", &format!("{connected}'{name}'"));
    };
    only_reads("on");
    // The connection that was cut may be found so only by asking over it.
    let mut errors = (0..10).map(|_| journal.begin(&order("A1")).unwrap_err());
    let error = errors.find(|error| !matches!(error, JournalError::Lost(_)));
    assert!(matches!(error, Some(JournalError::Unreachable(_))), "{error:?}");
    assert!(retried(|| journal.numbered(&orders::number("A1"))).is_empty());
    only_reads("off");
    assert_eq!(retried(|| journal.begin(&order("A1"))), Begun::New(1));
}

/// Somebody who has locked all orders, as an administrator's open transaction does.
struct Held<'a> {
    server: &'a Server,
    url: &'a str,
    session: thread::JoinHandle<()>,
}

impl<'a> Held<'a> {
    fn new(server: &'a Server, url: &'a str) -> Self {
        let mut client = std::process::Command::new("psql");
        client.args(["--no-psqlrc", "--quiet", "--dbname", &server.by_socket(url)]);
        client.args(["--command", "BEGIN", "--command", "SELECT id FROM m26_order FOR UPDATE"]);
        client.args(["--command", "SELECT pg_sleep(600)"]);
        client.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let session = thread::spawn(move || {
            client.status().unwrap();
        });
        let held = Self { server, url, session };
        held.until(&format!("SELECT count(*) FROM ({HOLDING}) AS holding"));
        held
    }

    fn until(&self, one: &str) {
        while self.server.psql(self.url, one) == "0" {
            thread::yield_now();
        }
    }

    fn release(self) {
        let end = format!("SELECT pg_terminate_backend(pid) FROM ({HOLDING}) AS holding");
        self.server.psql(self.url, &end);
        self.session.join().unwrap();
    }
}

/// Who holds the locks.
const HOLDING: &str = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
    AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";

/// Who waits for them.
const WAITING: &str = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
    AND wait_event_type = 'Lock'";

const WAITERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND wait_event_type = 'Lock'";

/// What a call gives once the server is there again.
/// Two of one database: a busy machine may need longer for what succeeds than the second one waits.
fn patient_and_hasty(url: &str) -> (PostgresJournal, PostgresJournal) {
    let patient = open(url);
    let mut settings = settings(url);
    settings.statement_timeout = Duration::from_millis(200);
    (patient, retried(|| PostgresJournal::open(settings.clone())))
}

fn retried<T>(call: impl Fn() -> Result<T, JournalError>) -> T {
    for _ in 0..100_000 {
        match call() {
            Ok(done) => return done,
            Err(JournalError::Unreachable(_) | JournalError::Lost(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        thread::yield_now();
    }
    call().unwrap()
}
