//! Trades that are announced to the outbox before anybody knows how they end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::outbox::{Error, Limits, Outbox, Policy, RecordId, RecordState, StoreError};
use support::outbox_till::{Till, policy, report};

fn unavailable() -> Report {
    Report::of("10.25".parse().unwrap(), TradeResult::Unavailable, 1_548_811_777)
        .business_no(BusinessNo::new("7").unwrap())
        .time_consuming(0)
        .build()
        .unwrap()
}

fn state(outbox: &Outbox, id: RecordId) -> RecordState {
    outbox.record(id).unwrap().unwrap().state
}

#[test]
fn a_trade_that_ends_is_reported_as_it_ended() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    let behind = outbox.append(&report(8)).unwrap();
    let counts = outbox.summary().counts;
    assert_eq!((counts.announced, counts.pending, counts.due(), counts.waiting()), (1, 1, 1, 2));
    assert_eq!(state(&outbox, id), RecordState::Announced);
    outbox.complete(id, &report(7)).unwrap();
    let pending = outbox.records(&[RecordState::Pending], RecordId::new(0), 9).unwrap();
    assert_eq!(pending.iter().map(|record| record.id).collect::<Vec<_>>(), [id, behind]);
    assert_eq!(pending[0].report, report(7));
    drop(outbox);
    assert_eq!(till.open().record(id).unwrap().unwrap().report, report(7));
}

#[test]
fn a_host_that_dies_meanwhile_reports_what_was_announced() {
    let till = Till::new(policy());
    let id = till.open().announce(&unavailable()).unwrap();
    let outbox = till.open();
    let record = outbox.record(id).unwrap().unwrap();
    assert_eq!((record.state, record.report), (RecordState::Pending, unavailable()));
    assert_eq!(outbox.summary().counts.announced, 0);
    // It may still learn how the trade ended.
    outbox.complete(id, &report(7)).unwrap();
    assert_eq!(outbox.record(id).unwrap().unwrap().report, report(7));
}

#[test]
fn a_trade_that_did_not_take_place_is_withdrawn() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    outbox.withdraw(id).unwrap();
    assert_eq!(outbox.record(id).unwrap(), None);
    assert!(matches!(outbox.withdraw(id), Err(Error::NoRecord(_))));
    assert!(matches!(outbox.complete(id, &report(7)), Err(Error::NoRecord(_))));
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().counts.all(), 0);
    // Its number is not given again.
    assert!(outbox.append(&report(8)).unwrap() > id);
}

#[test]
fn what_is_appended_stays() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.append(&report(1)).unwrap();
    let pending = RecordState::Pending;
    assert!(matches!(outbox.withdraw(id), Err(Error::State { state, .. }) if state == pending));
    for outcome in [outbox.retry(id), outbox.remove(id).map(|_| ())] {
        assert!(matches!(outcome, Err(Error::State { .. })), "{outcome:?}");
    }
}

#[test]
fn a_disk_that_is_full_takes_nothing_from_what_was_announced() {
    let till = Till::new(policy());
    let outbox = till.open();
    let id = outbox.announce(&unavailable()).unwrap();
    till.set_full(true);
    let error = outbox.complete(id, &report(7)).unwrap_err();
    assert!(matches!(error, Error::NotSafe { source: StoreError::Full(_), .. }), "{error}");
    assert!(error.to_string().contains("what came of the trade is NOT safe"), "{error}");
    assert!(matches!(outbox.announce(&unavailable()), Err(Error::NotSafe { .. })));
    assert_eq!(state(&outbox, id), RecordState::Announced);
    till.set_full(false);
    outbox.complete(id, &report(7)).unwrap();
    assert_eq!(outbox.record(id).unwrap().unwrap().report, report(7));
}

#[test]
fn an_announced_trade_counts_among_those_that_wait() {
    let limits = Limits { waiting: Some(1), ..Limits::default() };
    let till = Till::new(Policy { limits, ..policy() });
    let outbox = till.open();
    outbox.announce(&unavailable()).unwrap();
    assert!(matches!(outbox.append(&report(1)), Err(Error::Limit { .. })));
    assert!(matches!(outbox.announce(&unavailable()), Err(Error::Limit { .. })));
}
