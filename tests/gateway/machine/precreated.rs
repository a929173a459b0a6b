//! Orders that the customer pays by scanning the till's code.

use std::time::Duration;

use m26_pay::gateway::alipay::payment::{Heard, Payment, Policy};
use m26_pay::secret::Secret;

use super::{Till, UNCLEAR, amount, not_exist, ours, refused};
use crate::orders;

fn shown() -> Till {
    let order = orders::precreated("A1_0", amount(), Duration::from_secs(120));
    let mut till = Till::with(Payment::precreated(orders::epoch(), order, Policy::default()));
    assert_eq!(till.begin(), "write begun");
    assert_eq!(till.written(), "precreate");
    till
}

fn code() -> Heard {
    Heard::Code(Secret::new("https://qr.example/1".to_owned()))
}

#[test]
fn not_exist_means_that_nobody_scanned_it_yet() {
    let mut till = shown();
    assert_eq!(till.payment.qr_code(), None);
    assert_eq!(till.hears(code()), "rest 5");
    assert_eq!(till.payment.qr_code().unwrap().expose(), "https://qr.example/1");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(not_exist()), "rest 5");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
    assert_eq!(till.rests(), "query");
    assert_eq!(till.hears(Heard::Paid(ours())), "write the end");
    assert_eq!(till.written(), "paid query");
}

#[test]
fn it_is_not_paid_only_after_alipay_said_closed() {
    let mut till = shown();
    till.hears(code());
    till.payment.stop();
    assert_eq!(till.rests(), "write cancelling");
    assert_eq!(till.written(), "cancel");
    // Nobody scanned it, and the code can still be paid.
    assert_eq!(till.hears(Heard::NoAction(ours())), "query");
    assert_eq!(till.hears(not_exist()), "rest 2");
    assert_eq!(till.rests(), "cancel");
    assert_eq!(till.hears(Heard::Cancelled(ours())), "write the end");
    assert_eq!(till.written(), "not-paid cancelled");
}

#[test]
fn an_offer_that_nobody_knows_of_is_cancelled_and_not_made_again() {
    let mut till = shown();
    assert_eq!(till.hears(UNCLEAR), "write cancelling");
    let mut till = shown();
    assert_eq!(till.hears(refused()), "write the end");
    assert_eq!(till.written(), "not-paid refused");
    let mut till = shown();
    assert_eq!(till.hears(Heard::NotSent), "write the end");
}

#[test]
fn an_offer_that_is_not_waited_for_stays_open() {
    let order = orders::precreated("A1_0", amount(), Duration::from_secs(120));
    let mut till = Till::with(Payment::offered(orders::epoch(), order, Policy::default()));
    assert_eq!(till.begin(), "write begun");
    assert_eq!(till.written(), "precreate");
    assert_eq!(till.hears(code()), "write begun");
    assert_eq!(till.written(), "unknown offered");
    let entry = till.entry.as_ref().unwrap();
    assert!(entry.is_open() && entry.owner.is_none(), "{entry:?}");
    assert_eq!(till.payment.qr_code().unwrap().expose(), "https://qr.example/1");
}

#[test]
fn it_is_in_the_journal_as_long_as_its_code_can_be_scanned() {
    let till = shown();
    let entry = till.entry.unwrap();
    assert_eq!(entry.expires_after, Duration::from_secs(2 * 3600 + 120));
}
