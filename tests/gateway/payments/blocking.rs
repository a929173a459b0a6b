use std::sync::Arc;
use std::time::Duration;

use m26_pay::gateway::alipay::payment::{Outcome, Policy, Request, WaitsFor};
use m26_pay::gateway::alipay::refunding::RefundOutcome;
use m26_pay::gateway::alipay::{OutRequestNo, Precreate, Refund, Sale, Subject};
use m26_pay::gateway::journal::{Entry, Holder, Journal, MemoryJournal};
use m26_pay::gateway::{Payments, PaymentsError, Stop, Trouble};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Method};
use m26_pay::unix_time::UnixMillis;

use super::{Near, merchant, pay, quick};
use crate::orders;

fn till(settings: AlipaySettings) -> (Payments<Near, MemoryJournal>, Near) {
    let near = Near::new(settings);
    let holder = Holder::new("till 1");
    let payments = Payments::new(merchant(), near.clone(), MemoryJournal::new(), holder);
    (payments.policy(quick()), near)
}

fn thinks(millis: u64) -> AlipaySettings {
    AlipaySettings {
        customer: Customer::Pays(Duration::from_millis(millis)),
        ..AlipaySettings::default()
    }
}

#[test]
fn a_customer_who_thinks_is_waited_for() {
    let (payments, near) = till(thinks(50));
    let mut seen = Vec::new();
    let receipt = payments
        .pay(pay("B1", "10.25"), &Stop::new(), |payment, now| {
            seen.push(payment.progress(now).waits_for);
        })
        .unwrap();
    assert!(matches!(receipt.outcome, Outcome::Paid(_)), "{receipt:?}");
    assert_eq!(receipt.requests[..2], [Request::Pay, Request::Query]);
    assert!(seen.contains(&WaitsFor::Customer) && seen.contains(&WaitsFor::Nothing));
    assert_eq!(near.calls(Method::Cancel), 0);
    let entry = payments.journal().numbered(&orders::number("B1")).unwrap().remove(0);
    assert!(!entry.is_open() && entry.begun > UnixMillis(1_700_000_000_000));
}

#[test]
fn a_number_is_never_paid_twice() {
    let (payments, near) = till(AlipaySettings::default());
    let first = payments.pay(pay("B2", "10.25"), &Stop::new(), |_, _| {}).unwrap();
    let second = payments.pay(pay("B2", "10.25"), &Stop::new(), |_, _| {}).unwrap();
    assert_eq!(second.outcome, first.outcome);
    assert!(second.requests.is_empty());
    let error = payments.pay(pay("B2", "10.26"), &Stop::new(), |_, _| {}).unwrap_err();
    assert!(matches!(error, PaymentsError::NumberUsed(_)), "{error}");
    assert_eq!(near.calls(Method::Pay), 1);
}

#[test]
fn an_open_order_of_the_same_number_is_settled_and_not_paid_again() {
    let (payments, near) = till(AlipaySettings::default());
    for fault in ["late", "502:query:1", "502:cancel:1"] {
        near.plan(fault);
    }
    for nth in 2..40 {
        near.plan(&format!("502:query:{nth}"));
        near.plan(&format!("502:cancel:{nth}"));
    }
    let first = payments.pay(pay("B3", "1.00"), &Stop::new(), |_, _| {}).unwrap();
    assert!(matches!(first.outcome, Outcome::Unknown(_)), "{first:?}");
    assert!(matches!(first.trouble, Some(Trouble::Answer(_))), "{first:?}");
    assert_eq!(payments.journal().open_orders(None, 9).unwrap().len(), 1);
    let (asked, cancelled) = (near.calls(Method::Query), near.calls(Method::Cancel));
    assert!(asked < 39 && cancelled < 39);
    // The faults that are left are for calls to come: skip them.
    let mut settlements = (0..40).map(|_| payments.settle(&Stop::new()).unwrap());
    let settlement = settlements.find(|settlement| settlement.open() == 0).unwrap();
    assert!(matches!(settlement.payments[0].outcome, Outcome::NotPaid(_)), "{settlement:?}");
    let again = payments.pay(pay("B3", "1.00"), &Stop::new(), |_, _| {}).unwrap();
    assert_eq!(again.outcome, settlement.payments[0].outcome);
    assert_eq!(near.calls(Method::Pay), 1);
}

#[test]
fn the_stop_ends_a_rest_at_once() {
    let near = Near::new(thinks(3_600_000));
    let holder = Holder::new("till 1");
    // With the waits of a till: 5 s between two queries.
    let payments = Payments::new(merchant(), near.clone(), MemoryJournal::new(), holder);
    let stop = Stop::new();
    let button = stop.clone();
    let begun = super::now();
    let receipt = payments.pay(pay("B4", "1.00"), &stop, |payment, now| {
        if payment.progress(now).waits_for == WaitsFor::Customer {
            button.press();
        }
    });
    let receipt = receipt.unwrap();
    assert_eq!(receipt.requests, [Request::Pay, Request::Cancel]);
    assert_eq!(receipt.outcome.reason(), "cancelled");
    assert!(super::now() - begun < Duration::from_secs(4));
}

#[test]
fn orders_of_another_app_are_told_and_left_alone() {
    let (payments, near) = till(AlipaySettings::default());
    let app_id = "2026000000000009".parse().unwrap();
    let identity =
        Arc::new(m26_pay::gateway::alipay::Identity { app_id, ..(*orders::identity()).clone() });
    let order = orders::barcode("B5", "1.00".parse().unwrap(), Duration::from_secs(120));
    let payment = m26_pay::gateway::alipay::payment::Payment::new(orders::epoch(), order, quick());
    let entry = Entry { identity, ..payment.entry().clone() };
    payments.journal().begin(&entry).unwrap();
    let settlement = payments.settle(&Stop::new()).unwrap();
    assert_eq!(settlement.elsewhere.len(), 1);
    assert!(settlement.payments.is_empty());
    assert_eq!(near.calls(Method::Query), 0);
    assert_eq!(payments.journal().open_orders(None, 9).unwrap().len(), 1);
}

#[test]
fn an_order_on_which_another_till_works_is_left_to_it() {
    let near = Near::new(AlipaySettings::default());
    let journal = Arc::new(MemoryJournal::new());
    let order = orders::barcode("B6", "1.00".parse().unwrap(), Duration::from_secs(120));
    let payment = m26_pay::gateway::alipay::payment::Payment::new(orders::epoch(), order, quick());
    let mut entry =
        Entry { identity: Arc::new(merchant().identity()), owner: None, ..payment.entry().clone() };
    journal.begin(&entry).unwrap();
    entry.version = 1;
    let lease = Duration::from_secs(600);
    let wall = UnixMillis(4_000_000_000_000);
    journal.claim(&entry.key(), &Holder::new("till 2"), wall, lease).unwrap();
    let one = Payments::new(merchant(), near.clone(), journal, Holder::new("till 1"));
    let settlement = one.settle(&Stop::new()).unwrap();
    assert_eq!((settlement.held.len(), settlement.open()), (1, 1));
    let error = one.pay(pay("B6", "1.00"), &Stop::new(), |_, _| {}).unwrap_err();
    assert!(matches!(error, PaymentsError::Held(_)), "{error}");
    assert_eq!(near.calls(Method::Query), 0);
}

#[test]
fn what_one_thread_is_paying_no_other_one_settles_pays_or_gives_up() {
    let (payments, near) = till(thinks(100));
    let mut tried = false;
    let receipt = payments.pay(pay("B20", "1.00"), &Stop::new(), |payment, now| {
        if tried || payment.progress(now).waits_for != WaitsFor::Customer {
            return;
        }
        // What another thread would do now.
        tried = true;
        let settlement = payments.settle(&Stop::new()).unwrap();
        assert_eq!((settlement.held.len(), settlement.payments.len()), (1, 0));
        let again = payments.pay(pay("B20", "1.00"), &Stop::new(), |_, _| {});
        assert!(matches!(again, Err(PaymentsError::Held(_))), "{again:?}");
        let given_up = payments.give_up(&orders::number("B20"));
        assert!(matches!(given_up, Err(PaymentsError::Held(_))), "{given_up:?}");
    });
    let receipt = receipt.unwrap();
    assert!(tried && matches!(receipt.outcome, Outcome::Paid(_)), "{receipt:?}");
    assert_eq!(near.calls(Method::Cancel), 0);
    assert_eq!(payments.settle(&Stop::new()).unwrap().open(), 0);
}

#[test]
fn a_refund_is_made_once() {
    let (payments, near) = till(AlipaySettings::default());
    // Nothing here is to be given up, however slow the machine is.
    let payments = payments.policy(Policy { unknown_for: Duration::from_secs(60), ..quick() });
    payments.pay(pay("B7", "10.00"), &Stop::new(), |_, _| {}).unwrap();
    let refund = |yuan: &str| {
        let number = OutRequestNo::new("R1").unwrap();
        Refund::of(orders::number("B7"), number, yuan.parse().unwrap()).build().unwrap()
    };
    near.plan("closed:refund:1");
    let receipt = payments.refund(refund("4.00"), &Stop::new()).unwrap();
    assert_eq!(receipt.outcome, RefundOutcome::Refunded("4.00".parse().unwrap()));
    let answer = receipt.answer.unwrap();
    assert_eq!(answer.text("out_trade_no").unwrap(), "B7");
    let again = payments.refund(refund("4.00"), &Stop::new()).unwrap();
    assert_eq!(again.outcome, receipt.outcome);
    assert_eq!(again.answer, None);
    let error = payments.refund(refund("5.00"), &Stop::new()).unwrap_err();
    assert!(matches!(error, PaymentsError::NumberUsed(_)), "{error}");
    let truth = near.0.lock().unwrap().alipay_mut().truth(super::now(), "B7");
    assert_eq!(truth.kept.0, 600);
}

#[test]
fn a_code_that_is_not_waited_for_is_settled_later() {
    let scanned_after = Some(Duration::ZERO);
    let (payments, near) = till(AlipaySettings { scanned_after, ..AlipaySettings::default() });
    let subject = Subject::new("lunch").unwrap();
    let sale = Sale::of(orders::number("B9"), "1.00".parse().unwrap(), subject);
    let precreate = Precreate::new(sale.build().unwrap());
    let mut code = None;
    let receipt = payments
        .offer(precreate, &Stop::new(), |payment, _| code = payment.qr_code().cloned())
        .unwrap();
    assert_eq!(receipt.outcome.reason(), "offered");
    assert_eq!(receipt.requests, [Request::Precreate]);
    assert!(code.unwrap().expose().starts_with("https://"));
    let settlement = payments.settle(&Stop::new()).unwrap();
    assert!(matches!(settlement.payments[0].outcome, Outcome::Paid(_)), "{settlement:?}");
    assert_eq!(near.calls(Method::Query), 1);
}

#[test]
fn a_person_gives_an_order_up() {
    let (payments, near) = till(AlipaySettings::default());
    let order = orders::barcode("B8", "1.00".parse().unwrap(), Duration::from_secs(120));
    let payment = m26_pay::gateway::alipay::payment::Payment::new(orders::epoch(), order, quick());
    let identity = Arc::new(merchant().identity());
    let entry = Entry { identity, owner: None, ..payment.entry().clone() };
    payments.journal().begin(&entry).unwrap();
    assert_eq!(payments.give_up(&orders::number("B8")).unwrap().len(), 1);
    assert!(payments.give_up(&orders::number("B8")).is_err());
    let settlement = payments.settle(&Stop::new()).unwrap();
    assert_eq!(settlement.open(), 0);
    let told = payments.pay(pay("B8", "1.00"), &Stop::new(), |_, _| {}).unwrap();
    assert_eq!(told.outcome.reason(), "given-up");
    assert_eq!(near.calls(Method::Query) + near.calls(Method::Pay), 0);
}

#[test]
fn many_payments_at_once() {
    let (payments, near) = till(thinks(30));
    std::thread::scope(|scope| {
        for number in 0..16 {
            let payments = &payments;
            scope.spawn(move || {
                let order = pay(&format!("M{number}"), "1.00");
                let receipt = payments.pay(order, &Stop::new(), |_, _| {}).unwrap();
                assert!(matches!(receipt.outcome, Outcome::Paid(_)), "{receipt:?}");
            });
        }
    });
    assert_eq!(near.calls(Method::Pay), 16);
}
