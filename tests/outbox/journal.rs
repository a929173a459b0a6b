//! The journal of orders in the outbox's own file.

use std::sync::Arc;
use std::time::Duration;

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::{AppId, GatewayUrl, Identity, OutRequestNo, OutTradeNo, TradeNo};
use m26_pay::gateway::journal::{
    Begun, Claim, Entry, EntryKind, Evidence, Holder, Journal, JournalError, MemoryJournal,
    NotPaid, NotPaidBy, Paid, PaidBy, Settled, Stage, conformance,
};
use m26_pay::outbox::{Id, Item, ItemState, Outbox, OutboxJournal, StoredOrder};
use m26_pay::unix_time::UnixMillis;
use rusqlite::Connection;
use support::outbox_till::{BEGAN, Till, policy, report};

#[test]
fn it_conforms_in_memory_and_in_the_file() {
    conformance::check(&MemoryJournal::new()).unwrap();
    let till = Till::new(policy());
    conformance::check(&OutboxJournal::new(&till.open())).unwrap();
    conformance::check_reopened(&OutboxJournal::new(&till.open())).unwrap();

    let path = till.path().with_file_name("server.db");
    conformance::check(&OutboxJournal::open_without_reports(&path).unwrap()).unwrap();
    let reopened = OutboxJournal::open_without_reports(&path).unwrap();
    conformance::check_reopened(&reopened).unwrap();
    drop(reopened);
    assert_eq!(Outbox::open(&path, policy()).unwrap().summary().reports.all(), 0);
}

#[test]
fn an_order_and_its_report_begin_and_end_with_one_commit_each() {
    let till = Till::new(policy());
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    till.commits();
    let order = begun(&journal, "A1_0");
    assert_eq!(till.commits(), 1);
    let announced = only_report(&outbox);
    assert_eq!(announced.state, ItemState::Ordered);
    assert_eq!(announced.content.trade_result(), TradeResult::Unavailable);
    assert_eq!(announced.content.amount(), order.amount);

    // Nothing of it is sent, and what is appended overtakes it.
    let cash = outbox.append(&report(7)).unwrap();
    assert_eq!(outbox.summary().reports.due(), 1);
    till.commits();
    settle(&journal, &order, paid());
    assert_eq!(till.commits(), 1);
    let pending = outbox.list(&[ItemState::Pending], Id::<Report>::START, 9).unwrap();
    let ids: Vec<_> = pending.iter().map(|report| report.id).collect();
    assert_eq!(ids, [announced.id, cash]);
    let reported = &pending[0].content;
    assert_eq!(reported.trade_result(), TradeResult::Success);
    assert_eq!(reported.business_no().unwrap().expose(), TRADE_NO);
    assert_eq!(reported.time_consuming(), Some(7));
    assert_eq!(reported.time_stamp(), BEGAN.0 / 1000);
    assert_eq!(outbox.summary().orders.held, 1);
}

#[test]
fn a_restart_leaves_an_open_order_and_its_report_as_they_are() {
    let till = Till::new(policy());
    let order = begun(&OutboxJournal::new(&till.open()), "A1_0");
    let outbox = till.open();
    assert_eq!(only_report(&outbox).state, ItemState::Ordered);
    let journal = OutboxJournal::new(&outbox);
    assert_eq!(journal.open_orders(None, 9).unwrap(), std::slice::from_ref(&order));
    settle(&journal, &order, not_paid(NotPaidBy::Cancelled));
    let report = only_report(&outbox);
    assert_eq!(report.state, ItemState::Pending);
    assert_eq!(report.content.trade_result(), TradeResult::Timeout);
    drop((outbox, journal));
    let outbox = till.open();
    assert!(OutboxJournal::new(&outbox).open_orders(None, 9).unwrap().is_empty());
    assert_eq!(only_report(&outbox).content, report.content);
}

#[test]
fn each_outcome_is_reported_as_what_it_is() {
    let till = Till::new(policy());
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    let without_number = Paid { trade_no: None, amount: amount(), proof: PaidBy::Query };
    for (at, (settled, result)) in [
        (paid(), TradeResult::Success),
        (Settled::Paid(without_number), TradeResult::Success),
        (not_paid(NotPaidBy::NotSent), TradeResult::NetworkError),
        (not_paid(NotPaidBy::Closed), TradeResult::Timeout),
        (Settled::GivenUp, TradeResult::Unknown),
    ]
    .into_iter()
    .enumerate()
    {
        let order = begun(&journal, &format!("A{at}"));
        settle(&journal, &order, settled.clone());
        let newest = outbox.newest::<Report>(&[ItemState::Pending], 1).unwrap().pop().unwrap();
        assert_eq!(newest.content.trade_result(), result, "{settled:?}");
    }
    assert_eq!(outbox.summary().reports.ordered, 0);
    assert_eq!(outbox.summary().reports.pending, 5);
}

#[test]
fn the_agreement_number_is_reported_where_it_is_asked_for() {
    let till = Till::new(policy());
    let journal = OutboxJournal::new(&till.open());
    let agreement = BusinessNo::new("20181110000000000001").unwrap();
    journal.report_as(OutTradeNo::new("A1").unwrap(), agreement.clone());
    let order = begun(&journal, "A1");
    begun(&journal, "A2");
    drop(journal);
    let outbox = till.open();
    settle(&OutboxJournal::new(&outbox), &order, paid());
    let reports = outbox.list(&ItemState::ALL, Id::<Report>::START, 9).unwrap();
    assert_eq!(reports[0].content.business_no(), Some(&agreement));
    assert_eq!(reports[0].content.trade_result(), TradeResult::Success);
    assert_eq!(reports[1].content.business_no(), None);
}

#[test]
fn refunds_are_entries_without_a_report() {
    let till = Till::new(policy());
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    let order = begun(&journal, "A1");
    let kind = EntryKind::Refund { out_request_no: OutRequestNo::new("R1").unwrap() };
    let refund = begin(&journal, Entry { kind, ..entry("A1") });
    assert_eq!(outbox.summary().reports.all(), 1);
    assert_eq!(journal.numbered(&order.out_trade_no).unwrap(), [order.clone(), refund.clone()]);
    settle(&journal, &refund, Settled::Refunded { amount: amount() });
    assert_eq!(journal.open_orders(None, 9).unwrap(), [order]);
    assert_eq!(outbox.summary().reports.ordered, 1);
}

/// Numbers that begin with one another are different ones.
#[test]
fn a_number_is_not_found_under_another() {
    let till = Till::new(policy());
    let journal = OutboxJournal::new(&till.open());
    for number in ["A1", "A1_0", "A10", "A"] {
        begun(&journal, number);
    }
    for number in ["A1", "A1_0", "A10", "A"] {
        let found = journal.numbered(&OutTradeNo::new(number).unwrap()).unwrap();
        assert_eq!(found.len(), 1, "{number}");
        assert_eq!(found[0].out_trade_no.as_str(), number);
    }
}

#[test]
fn a_trade_that_cannot_be_reported_does_not_begin() {
    let till = Till::new(policy());
    let outbox = till.open();
    let too_much = Entry { amount: Amount::MAX, ..entry("A1") };
    let error = OutboxJournal::new(&outbox).begin(&too_much).unwrap_err();
    assert!(matches!(error, JournalError::Failed(_)), "{error}");
    assert_eq!((outbox.summary().orders.all(), outbox.summary().reports.all()), (0, 0));
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let till = Till::new(policy());
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    let order = begun(&journal, "A1");
    till.set_full(true);
    let full = |error: JournalError| matches!(error, JournalError::Full);
    assert!(full(journal.begin(&entry("A2")).unwrap_err()));
    let settled = Entry { outcome: Some(paid()), ..order.clone() };
    assert!(full(journal.update(&settled).unwrap_err()));
    let claim = journal.claim(&order.key(), &Holder::new("till 1"), BEGAN, Duration::from_secs(9));
    assert!(full(claim.unwrap_err()));
    assert_eq!(journal.open_orders(None, 9).unwrap(), std::slice::from_ref(&order));
    assert_eq!(only_report(&outbox).state, ItemState::Ordered);
    till.set_full(false);
    settle(&journal, &order, paid());
    assert_eq!(only_report(&outbox).state, ItemState::Pending);
}

#[test]
fn each_file_that_cannot_be_opened_has_its_own_sentence() {
    let till = Till::new(policy());
    let outbox = till.open();
    begun(&OutboxJournal::new(&outbox), "A1");
    let open = || OutboxJournal::open_without_reports(till.path()).unwrap_err();
    assert!(matches!(open(), JournalError::Locked));
    drop(outbox);

    let change = |sql: &str| Connection::open(till.path()).unwrap().execute_batch(sql).unwrap();
    change("PRAGMA user_version = 99");
    assert!(matches!(open(), JournalError::Newer));
    change("PRAGMA user_version = 5");
    change("UPDATE item SET body = CAST(replace(CAST(body AS TEXT), '10.25', '10.26') AS BLOB)");
    assert!(matches!(open(), JournalError::Damaged));
    change("UPDATE item SET body = CAST(replace(CAST(body AS TEXT), '10.26', '10.25') AS BLOB)");
    let journal = OutboxJournal::open_without_reports(till.path()).unwrap();
    assert_eq!(journal.open_orders(None, 9).unwrap().len(), 1);
    let sentences = [JournalError::Locked, JournalError::Newer, JournalError::Damaged];
    let sentences: std::collections::BTreeSet<_> =
        sentences.iter().map(JournalError::to_string).collect();
    assert_eq!(sentences.len(), 3);
}

/// However many are settled: no start looks at them, and whoever asks for one is told of its damage.
#[test]
fn what_is_settled_is_not_read_when_the_file_is_opened() {
    let till = Till::new(policy());
    let journal = OutboxJournal::open_without_reports(till.path()).unwrap();
    for number in ["A1", "A2", "A3"] {
        let order = begun(&journal, number);
        if number != "A3" {
            settle(&journal, &order, paid());
        }
    }
    drop(journal);
    let connection = Connection::open(till.path()).unwrap();
    connection.execute_batch("UPDATE ended SET body = X'00'").unwrap();
    drop(connection);
    let journal = OutboxJournal::open_without_reports(till.path()).unwrap();
    let counts = journal.outbox().summary().orders;
    assert_eq!((counts.pending, counts.held), (1, 2));
    assert_eq!(journal.open_orders(None, 9).unwrap().len(), 1);
    let asked = journal.numbered(&OutTradeNo::new("A1").unwrap());
    assert!(matches!(asked, Err(JournalError::Damaged)), "{asked:?}");
    // A number stays used, and no number of a row is given again.
    let used = journal.begin(&entry("A2"));
    assert!(matches!(used, Err(JournalError::Damaged)), "{used:?}");
    begun(&journal, "A4");
    assert_eq!(journal.open_orders(None, 9).unwrap().len(), 2);
}

/// Format 3 had what has ended among the other items.
#[test]
fn a_file_of_format_3_is_brought_forward() {
    let till = Till::new(policy());
    let journal = OutboxJournal::open_without_reports(till.path()).unwrap();
    for number in ["A1", "A2", "A3"] {
        let order = begun(&journal, number);
        if number != "A2" {
            settle(&journal, &order, paid());
        }
    }
    let before: Vec<_> = ["A1", "A2", "A3"]
        .map(|it| journal.numbered(&OutTradeNo::new(it).unwrap()).unwrap())
        .into();
    drop(journal);
    let back = "INSERT INTO item SELECT * FROM ended; DROP TABLE ended; DROP TABLE ended_count; \
        PRAGMA user_version = 3; DROP TABLE log";
    Connection::open(till.path()).unwrap().execute_batch(back).unwrap();
    let journal = OutboxJournal::open_without_reports(till.path()).unwrap();
    let after: Vec<_> = ["A1", "A2", "A3"]
        .map(|it| journal.numbered(&OutTradeNo::new(it).unwrap()).unwrap())
        .into();
    assert_eq!(after, before);
    let counts = journal.outbox().summary().orders;
    assert_eq!((counts.pending, counts.held), (1, 2));
    assert!(matches!(journal.begin(&entry("A1")), Ok(Begun::Exists(_))));
    drop(journal);
    assert_eq!(
        Connection::open(till.path())
            .unwrap()
            .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
            .unwrap(),
        5
    );
}

/// A program of format 2 would send the report of an open order as it is.
#[test]
fn an_older_program_leaves_the_file_alone() {
    let till = Till::new(policy());
    drop(till.open());
    let connection = Connection::open(till.path()).unwrap();
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 5);
}

#[test]
fn who_has_no_module_settles_what_a_till_began() {
    let till = Till::new(policy());
    let order = begun(&OutboxJournal::new(&till.open()), "A1");
    let server = OutboxJournal::open_without_reports(till.path()).unwrap();
    settle(&server, &order, paid());
    drop(server);
    assert_eq!(only_report(&till.open()).content.trade_result(), TradeResult::Success);
}

#[test]
fn an_order_that_was_claimed_meanwhile_is_not_changed() {
    let till = Till::new(policy());
    let outbox = till.open();
    let journal = OutboxJournal::new(&outbox);
    let order = begun(&journal, "A1");
    let lease = Duration::from_secs(60);
    let claim = journal.claim(&order.key(), &Holder::new("till 2"), BEGAN, lease).unwrap();
    assert!(matches!(claim, Claim::Yours(_)));
    let late = Entry { outcome: Some(paid()), ..order };
    assert!(matches!(journal.update(&late), Err(JournalError::Conflict)));
    assert_eq!(only_report(&outbox).state, ItemState::Ordered);
}

#[test]
fn an_order_prints_nothing_of_itself() {
    let till = Till::new(policy());
    let outbox = till.open();
    begun(&OutboxJournal::new(&outbox), "A1");
    let orders = outbox.list(&ItemState::ALL, Id::<StoredOrder>::START, 9).unwrap();
    assert_eq!(orders.len(), 1);
    assert!(!format!("{orders:?}").contains("A1"));
}

fn begun(journal: &OutboxJournal, number: &str) -> Entry {
    begin(journal, entry(number))
}

fn begin(journal: &OutboxJournal, entry: Entry) -> Entry {
    let Begun::New(version) = journal.begin(&entry).unwrap() else { panic!("it is there") };
    Entry { version, ..entry }
}

fn settle(journal: &OutboxJournal, order: &Entry, outcome: Settled) {
    let changed = UnixMillis(order.begun.0 + 7_900);
    let settled = Entry { outcome: Some(outcome), changed, owner: None, ..order.clone() };
    assert_eq!(journal.update(&settled).unwrap(), order.version + 1);
}

fn only_report(outbox: &Outbox) -> Item<Report> {
    let mut reports = outbox.list(&ItemState::ALL, Id::<Report>::START, 9).unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

fn entry(number: &str) -> Entry {
    let app_id = AppId::new("2014072300007148").unwrap();
    Entry {
        identity: Arc::new(Identity { gateway: GatewayUrl::live(), app_id, seller_id: None }),
        out_trade_no: OutTradeNo::new(number).unwrap(),
        kind: EntryKind::Barcode,
        amount: amount(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: BEGAN,
        changed: BEGAN,
        owner: None,
        version: 0,
        outcome: None,
    }
}

fn paid() -> Settled {
    let trade_no = Some(TradeNo::new(TRADE_NO).unwrap());
    Settled::Paid(Paid { trade_no, amount: amount(), proof: PaidBy::Pay })
}

fn not_paid(proof: NotPaidBy) -> Settled {
    Settled::NotPaid(NotPaid { trade_no: None, proof })
}

fn amount() -> Amount {
    "10.25".parse().unwrap()
}

const TRADE_NO: &str = "2013112011001004330000121536";
