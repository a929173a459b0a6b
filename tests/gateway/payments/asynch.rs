use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use m26_pay::asynch::{Payments, PaymentsSettings};
use m26_pay::gateway::PaymentsError;
use m26_pay::gateway::alipay::payment::{Outcome, Request, WaitsFor};
use m26_pay::gateway::alipay::refunding::RefundOutcome;
use m26_pay::gateway::alipay::{OutRequestNo, Refund};
use m26_pay::gateway::journal::{Holder, Journal, MemoryJournal};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Method};

use super::{Near, merchant, pay, quick};
use crate::orders;

fn server(settings: AlipaySettings) -> (Payments<Near, MemoryJournal>, Near) {
    let near = Near::new(settings);
    let waits = PaymentsSettings { policy: quick(), threads: 2, ..PaymentsSettings::default() };
    let (journal, holder) = (MemoryJournal::new(), Holder::new("server 1"));
    (Payments::with_settings(merchant(), near.clone(), journal, holder, waits), near)
}

fn thinks(millis: u64) -> AlipaySettings {
    AlipaySettings {
        customer: Customer::Pays(Duration::from_millis(millis)),
        ..AlipaySettings::default()
    }
}

#[tokio::test]
async fn many_payments_take_few_threads() {
    let (payments, near) = server(thinks(30));
    let mut tasks = Vec::new();
    for number in 0..16 {
        let payments = payments.clone();
        tasks.push(tokio::spawn(async move {
            let order = pay(&format!("A{number}"), "1.00");
            payments.pay(order, pending(), |_, _| {}).await.unwrap()
        }));
    }
    for task in tasks {
        let receipt = task.await.unwrap();
        assert!(matches!(receipt.outcome, Outcome::Paid(_)), "{receipt:?}");
    }
    assert_eq!(near.calls(Method::Pay), 16);
    assert!(payments.journal().open_orders(None, 1).unwrap().is_empty());
}

#[tokio::test]
async fn the_stop_cancels() {
    let (payments, near) = server(thinks(3_600_000));
    let stop = async {
        while near.calls(Method::Pay) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let receipt = payments.pay(pay("A1", "1.00"), stop, |_, _| {}).await.unwrap();
    assert_eq!(receipt.outcome.reason(), "cancelled");
    assert_eq!(receipt.requests.last(), Some(&Request::Cancel));
}

#[tokio::test]
async fn a_dropped_payment_is_open_and_settled_later() {
    let (payments, near) = server(thinks(500));
    let mut call = Box::pin(payments.pay(pay("A1", "1.00"), pending(), |_, _| {}));
    // Dropped while the customer thinks.
    while near.calls(Method::Pay) == 0 {
        let paid = tokio::time::timeout(Duration::from_millis(5), &mut call).await;
        assert!(paid.is_err(), "{paid:?}");
    }
    drop(call);
    assert_eq!(payments.journal().open_orders(None, 9).unwrap().len(), 1);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let settlement = payments.settle(pending()).await.unwrap();
    assert_eq!((settlement.payments.len(), settlement.open()), (1, 0), "{settlement:?}");
    let receipt = payments.pay(pay("A1", "1.00"), pending(), |_, _| {}).await.unwrap();
    assert!(receipt.requests.is_empty());
    assert_eq!(near.calls(Method::Pay), 1);
}

#[tokio::test]
async fn a_refund_is_made_once() {
    let (payments, _) = server(AlipaySettings::default());
    payments.pay(pay("A2", "10.00"), pending(), |_, _| {}).await.unwrap();
    let refund = |yuan: &str| {
        let number = OutRequestNo::new("R1").unwrap();
        Refund::of(orders::number("A2"), number, yuan.parse().unwrap()).build().unwrap()
    };
    for _ in 0..2 {
        let receipt = payments.refund(refund("4.00"), pending()).await.unwrap();
        assert_eq!(receipt.outcome, RefundOutcome::Refunded("4.00".parse().unwrap()));
    }
    let error = payments.refund(refund("5.00"), pending()).await.unwrap_err();
    assert!(matches!(error, PaymentsError::NumberUsed(_)), "{error}");
}

#[tokio::test]
async fn what_one_task_is_paying_no_other_one_settles() {
    let (payments, near) = server(thinks(100));
    let waits = Cell::new(false);
    let mut paying = Box::pin(payments.pay(pay("C20", "1.00"), pending(), |payment, now| {
        waits.set(payment.progress(now).waits_for == WaitsFor::Customer);
    }));
    while !waits.get() {
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut paying).await.is_err());
    }
    let settlement = payments.settle(pending()).await.unwrap();
    assert_eq!((settlement.held.len(), settlement.payments.len()), (1, 0));
    let receipt = paying.await.unwrap();
    assert!(matches!(receipt.outcome, Outcome::Paid(_)), "{receipt:?}");
    assert_eq!(near.calls(Method::Cancel), 0);
}
