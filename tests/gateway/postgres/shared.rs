//! Hosts that share the orders.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use m26_pay::gateway::journal::{
    Begun, Claim, Entry, Holder, Journal, JournalError, NotPaid, NotPaidBy, Pause, Settled,
};
use support::postgres_server::Server;

use super::{HOST, identity, open, order};

const AT_ONCE: Pause = Pause { first: Duration::ZERO, longest: Duration::ZERO };
const LEASE: Duration = Duration::from_secs(600);

fn due(journal: &dyn Journal, holder: &str, lease: Duration) -> Option<Entry> {
    journal.claim_due(&identity(), AT_ONCE, &Holder::new(holder), HOST, lease).unwrap()
}

fn settle(journal: &dyn Journal, entry: Entry) -> Result<u64, JournalError> {
    let outcome = Settled::NotPaid(NotPaid { trade_no: None, proof: NotPaidBy::Closed });
    journal.update(&Entry { outcome: Some(outcome), ..entry })
}

#[test]
fn of_many_hosts_one_gets_each_order() {
    const ORDERS: usize = 200;
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = open(&url);
    for at in 0..ORDERS {
        journal.begin(&order(&format!("A{at}"))).unwrap();
    }
    let handed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for host in 0..6 {
            let (url, handed) = (&url, &handed);
            scope.spawn(move || {
                let journal = open(url);
                while let Some(entry) = due(&journal, &format!("host {host}"), LEASE) {
                    handed.lock().unwrap().push(entry.out_trade_no.clone());
                    settle(&journal, entry).unwrap();
                }
            });
        }
    });
    let handed = handed.into_inner().unwrap();
    assert_eq!(handed.len(), ORDERS);
    assert_eq!(handed.into_iter().collect::<HashSet<_>>().len(), ORDERS);
    assert!(journal.open_orders(None, 10).unwrap().is_empty());
}

/// The server's clock decides, and the hosts' may show anything.
#[test]
fn what_a_dead_host_had_is_taken_over_when_its_lease_ends() {
    let Some(server) = Server::shared() else { return };
    let journal = open(&server.new_database());
    journal.begin(&order("A1")).unwrap();
    let dead = due(&journal, "host 1", LEASE).unwrap();
    assert_eq!(due(&journal, "host 2", LEASE), None);
    let claim = journal.claim(&dead.key(), &Holder::new("host 2"), HOST, LEASE).unwrap();
    assert!(
        matches!(&claim, Claim::Held(owner) if owner.holder == dead.owner.clone().unwrap().holder)
    );
    // Its own lease is as good as another's: the one that has it may be another thread of its own.
    assert_eq!(due(&journal, "host 1", LEASE), None);
    // By its number a host gets back what is its own.
    let claim = journal.claim(&dead.key(), &Holder::new("host 1"), HOST, Duration::ZERO).unwrap();
    assert!(matches!(claim, Claim::Yours(_)), "{claim:?}");
    let taken = due(&journal, "host 2", LEASE).unwrap();
    assert_eq!(taken.owner.clone().unwrap().holder, Holder::new("host 2"));
    // The first one wakes up, and changes nothing any more.
    assert!(matches!(settle(&journal, dead), Err(JournalError::Conflict)));
    settle(&journal, taken).unwrap();
}

#[test]
fn an_order_that_was_asked_for_in_vain_rests() {
    let Some(server) = Server::shared() else { return };
    let url = server.new_database();
    let journal = open(&url);
    let pause = Pause { first: Duration::from_secs(30), longest: Duration::from_secs(3600) };
    let ask =
        || journal.claim_due(&identity(), pause, &Holder::new("host 1"), HOST, LEASE).unwrap();
    let Begun::New(_) = journal.begin(&order("A1")).unwrap() else { panic!("it is new") };
    assert_eq!(ask(), None);
    let ago = |created: u32, written: u32| {
        let set = format!(
            "UPDATE m26_order SET holder = NULL, held_until = NULL, \
             created_at = clock_timestamp() - interval '{created} s', \
             written_at = clock_timestamp() - interval '{written} s'"
        );
        server.psql(&url, &set);
    };
    // It was begun, and nothing came of it: 30 s. Then as long again as it had been open.
    for (created, written, is_due) in [
        (29, 29, false),
        (31, 31, true),
        (60, 29, false),
        (190, 90, false),
        (190, 96, true),
        (90_000, 3_500, false),
        (90_000, 3_700, true),
    ] {
        ago(created, written);
        assert_eq!(ask().is_some(), is_due, "{created} {written}");
    }
}

/// Those that are claimed and never asked for are handed out again, the longest untouched first.
#[test]
fn the_longest_untouched_comes_first() {
    let Some(server) = Server::shared() else { return };
    let journal = open(&server.new_database());
    for number in ["A1", "A2", "A3"] {
        journal.begin(&order(number)).unwrap();
    }
    let asked: Vec<_> = (0..6)
        .map(|_| {
            let mut entry = due(&journal, "host 1", LEASE).unwrap();
            entry.owner = None;
            journal.update(&entry).unwrap();
            entry.out_trade_no.to_string()
        })
        .collect();
    assert_eq!(asked, ["A1", "A2", "A3", "A1", "A2", "A3"]);
}
