//! Trades that are announced to the outbox before anybody knows how they end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::outbox::{Id, ItemState, Limits, Outbox, OutboxError, OutboxPolicy, StoreError};
use support::outbox_till::{Till, policy, report};

fn unavailable() -> Report {
    Report::of("10.25".parse().unwrap(), TradeResult::Unavailable, 1_548_811_777)
        .business_no(BusinessNo::new("7").unwrap())
        .time_consuming(0)
        .build()
        .unwrap()
}

fn state(outbox: &Outbox, id: Id<Report>) -> ItemState {
    outbox.get(id).unwrap().unwrap().state
}

#[test]
fn a_trade_that_ends_is_reported_as_it_ended() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    let behind = outbox.append(&report(8)).unwrap();
    let counts = outbox.summary().reports;
    assert_eq!((counts.announced, counts.pending, counts.due(), counts.waiting()), (1, 1, 1, 2));
    assert_eq!(state(&outbox, id), ItemState::Announced);
    outbox.complete(id, &report(7)).unwrap();
    let pending = outbox.list(&[ItemState::Pending], Id::<Report>::START, 9).unwrap();
    assert_eq!(pending.iter().map(|record| record.id).collect::<Vec<_>>(), [id, behind]);
    assert_eq!(pending[0].content, report(7));
    drop(outbox);
    assert_eq!(till.open().get(id).unwrap().unwrap().content, report(7));
}

#[test]
fn a_host_that_dies_meanwhile_reports_what_was_announced() {
    let till = Till::new(policy());
    let id = till.open().announce(&unavailable()).unwrap();
    let outbox = till.open();
    let record = outbox.get(id).unwrap().unwrap();
    assert_eq!((record.state, record.content), (ItemState::Pending, unavailable()));
    assert_eq!(outbox.summary().reports.announced, 0);
    // It may still learn how the trade ended.
    outbox.complete(id, &report(7)).unwrap();
    assert_eq!(outbox.get(id).unwrap().unwrap().content, report(7));
}

#[test]
fn a_trade_that_did_not_take_place_is_withdrawn() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    outbox.withdraw(id).unwrap();
    assert_eq!(outbox.get(id).unwrap(), None);
    assert!(matches!(outbox.withdraw(id), Err(OutboxError::Missing { .. })));
    assert!(matches!(outbox.complete(id, &report(7)), Err(OutboxError::Missing { .. })));
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().reports.all(), 0);
    // Its number is not given again.
    assert!(outbox.append(&report(8)).unwrap() > id);
}

#[test]
fn what_is_appended_stays() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.append(&report(1)).unwrap();
    let pending = ItemState::Pending;
    assert!(
        matches!(outbox.withdraw(id), Err(OutboxError::State { state, .. }) if state == pending)
    );
    for outcome in [outbox.retry(id), outbox.remove(id).map(|_| ())] {
        assert!(matches!(outcome, Err(OutboxError::State { .. })), "{outcome:?}");
    }
}

#[test]
fn a_disk_that_is_full_takes_nothing_from_what_was_announced() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    till.set_full(true);
    let error = outbox.complete(id, &report(7)).unwrap_err();
    assert!(matches!(error, OutboxError::NotSafe { source: StoreError::Full(_), .. }), "{error}");
    assert!(error.to_string().contains("the outcome of the trade is NOT safe"), "{error}");
    assert!(matches!(outbox.announce(&unavailable()), Err(OutboxError::NotSafe { .. })));
    assert_eq!(state(&outbox, id), ItemState::Announced);
    till.set_full(false);
    outbox.complete(id, &report(7)).unwrap();
    assert_eq!(outbox.get(id).unwrap().unwrap().content, report(7));
}

#[test]
fn an_announced_trade_counts_among_those_that_wait() {
    let limits = Limits { waiting: Some(1), ..Limits::default() };
    let till = Till::new(OutboxPolicy { limits, ..policy() });
    let outbox = till.open();
    outbox.announce(&unavailable()).unwrap();
    assert!(matches!(outbox.append(&report(1)), Err(OutboxError::Limit { .. })));
    assert!(matches!(outbox.announce(&unavailable()), Err(OutboxError::Limit { .. })));
}
