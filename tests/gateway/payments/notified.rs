//! Notifications that come while a loop runs, and after it.

use std::sync::Arc;
use std::time::Duration;

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::gateway::alipay::notify::{Notification, Reply};
use m26_pay::gateway::alipay::payment::{OpenBecause, Outcome, Request};
use m26_pay::gateway::alipay::{OutRequestNo, Precreate, Refund, Sale, Subject};
use m26_pay::gateway::journal::{Holder, Journal, MemoryJournal, PaidBy, Settled};
use m26_pay::gateway::{Payments, Stop};
use m26_pay::outbox::{Id, ItemState, OutboxJournal};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Method, NoticeStyle};

use super::{Near, merchant, now, pay, quick};
use crate::orders;

impl Near {
    /// What Alipay tells of a trade as it is now.
    fn notice(&self, out_trade_no: &str) -> Notification {
        let mut gateway = self.0.lock().unwrap();
        let notice = gateway.notice(now(), out_trade_no, &NoticeStyle::default()).unwrap();
        merchant().notification(Some(notice.content_type), &notice.body).unwrap()
    }
}

fn offer(number: &str) -> Precreate {
    let (amount, subject) = ("10.25".parse().unwrap(), Subject::new("tea").unwrap());
    Precreate::new(Sale::of(orders::number(number), amount, subject).build().unwrap())
}

fn at_once() -> AlipaySettings {
    AlipaySettings { scanned_after: Some(Duration::ZERO), ..AlipaySettings::default() }
}

#[test]
fn an_offered_order_is_paid_without_being_asked_for() {
    let near = Near::new(at_once());
    let journal = MemoryJournal::new();
    let payments = Payments::new(merchant(), near.clone(), journal, Holder::new("server 1"));
    let receipt = payments.offer(offer("N1"), &Stop::new(), |_, _| {}).unwrap();
    assert!(
        matches!(&receipt.outcome, Outcome::Unknown(open) if open.reason == OpenBecause::Offered)
    );
    let notification = near.notice("N1");
    let taken = payments.notified(&notification).unwrap();
    assert_eq!((taken.settled.len(), taken.reply()), (1, Reply::Success));
    assert_eq!(payments.settle(&Stop::new()).unwrap().payments.len(), 0);
    assert_eq!(near.calls(Method::Query), 0);
    // The till that asks for the same number again hears it from the journal.
    let known = payments.offer(offer("N1"), &Stop::new(), |_, _| {}).unwrap();
    assert!(matches!(known.outcome, Outcome::Paid(is) if is.proof == PaidBy::Notification));
    assert_eq!(payments.notified(&notification).unwrap().known, 1);
}

#[test]
fn a_payment_under_way_ends_as_the_notification_proves() {
    // It is paid at once, and the back office hears of it before the till does.
    let near = Near::new(AlipaySettings::default());
    near.plan("unsigned:pay:1");
    let journal = Arc::new(MemoryJournal::new());
    let office =
        Payments::new(merchant(), near.clone(), Arc::clone(&journal), Holder::new("office"));
    let till = Payments::new(merchant(), near.clone(), journal, Holder::new("till 1"));
    let receipt = till
        .policy(quick())
        .pay(pay("N3", "10.25"), &Stop::new(), |payment, _| {
            if payment.requests().len() == 2 && payment.entry().outcome.is_none() {
                office.notified(&near.notice("N3")).unwrap();
            }
        })
        .unwrap();
    match &receipt.outcome {
        Outcome::Paid(paid) => assert_eq!(paid.proof, PaidBy::Notification, "{receipt:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(receipt.requests, [Request::Pay, Request::Query]);
    assert_eq!(near.calls(Method::Cancel), 0);
}

#[test]
fn a_refund_that_nobody_answered_is_proven() {
    let near = Near::new(AlipaySettings::default());
    let payments =
        Payments::new(merchant(), near.clone(), MemoryJournal::new(), Holder::new("office"));
    let payments = payments.policy(quick());
    payments.pay(pay("N4", "10.25"), &Stop::new(), |_, _| {}).unwrap();
    near.plan("unsigned:refund:1");
    for nth in 1..40 {
        near.plan(&format!("502:refund-query:{nth}"));
    }
    let number = OutRequestNo::new("R1").unwrap();
    let refund = Refund::of(orders::number("N4"), number, "4.00".parse().unwrap()).build().unwrap();
    let stop = Stop::new();
    stop.press();
    let receipt = payments.refund(refund, &stop).unwrap();
    assert!(receipt.entry.is_open(), "{receipt:?}");
    let taken = payments.notified(&near.notice("N4")).unwrap();
    assert_eq!((taken.settled.len(), taken.known), (1, 1));
    let entries = payments.journal().numbered(&orders::number("N4")).unwrap();
    assert_eq!(entries[1].outcome, Some(Settled::Refunded { amount: "4.00".parse().unwrap() }));
}

#[test]
fn the_report_of_an_order_is_completed_by_a_notification() {
    let disk = support::outbox_till::Till::new(support::outbox_till::policy());
    let outbox = disk.open();
    let journal = OutboxJournal::new(&outbox);
    let near = Near::new(at_once());
    let payments = Payments::new(merchant(), near.clone(), journal, Holder::new("till 1"));
    payments.offer(offer("N6"), &Stop::new(), |_, _| {}).unwrap();
    let report = || outbox.list(&ItemState::ALL, Id::<Report>::START, 9).unwrap().remove(0);
    assert_eq!(report().state, ItemState::Ordered);
    payments.notified(&near.notice("N6")).unwrap();
    let report = report();
    assert_eq!(report.state, ItemState::Pending);
    assert_eq!(report.content.trade_result(), TradeResult::Success);
    assert_eq!(report.content.business_no().unwrap().expose().len(), 28);
}

#[tokio::test]
async fn a_task_takes_one_too() {
    let near = Near::new(at_once());
    let journal = MemoryJournal::new();
    let holder = Holder::new("server 1");
    let payments = m26_pay::asynch::Payments::new(merchant(), near.clone(), journal, holder);
    payments.offer(offer("N5"), std::future::pending(), |_, _| {}).await.unwrap();
    let taken = payments.notified(near.notice("N5")).await.unwrap();
    assert_eq!((taken.settled.len(), taken.reply()), (1, Reply::Success));
}
