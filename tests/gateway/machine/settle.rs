//! What a dead program left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use m26_pay::gateway::alipay::payment::{Heard, Payment, Policy};
use m26_pay::gateway::alipay::settle::{Due, Next, OrderState, Settle, SettlePolicy};
use m26_pay::gateway::alipay::{AppId, Identity};
use m26_pay::gateway::journal::Entry;

use super::{Till, not_exist};
use crate::orders;

fn left() -> Entry {
    let mut till = Till::new();
    till.begin();
    Entry { version: 1, ..till.entry.unwrap() }
}

fn due(settle: &mut Settle, now: Instant) -> Due {
    match settle.next(now) {
        Next::Ask(due) => due,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_order_is_due_at_once_then_less_and_less_often_then_for_a_person() {
    let start = orders::epoch();
    let mut now = start;
    let mut settle = Settle::new(orders::identity(), SettlePolicy::default());
    settle.found(now, &left());
    settle.found(now, &left());
    assert_eq!(settle.waiting(), 1);
    let mut waits = Vec::new();
    loop {
        let order = due(&mut settle, now);
        assert_eq!(order.known_since, start);
        settle.ended(now, &order.key, OrderState::Open);
        let Next::Rest(until) = settle.next(now) else { break };
        waits.push((until - now).as_secs());
        now = until;
    }
    assert_eq!(waits[..8], [30, 60, 120, 240, 480, 960, 1920, 3600]);
    assert!(waits[8..].iter().all(|wait| *wait == 3600));
    let asked = Duration::from_secs(waits.iter().sum());
    assert!((24..26).contains(&(asked.as_secs() / 3600)), "{asked:?}");
    assert_eq!(settle.for_a_person(), [left().key()]);
    assert_eq!(settle.next(now), Next::Nothing);
}

#[test]
fn what_is_settled_is_due_no_more() {
    let now = orders::epoch();
    let mut settle = Settle::new(orders::identity(), SettlePolicy::default());
    settle.unknown(now, &left());
    assert_eq!(settle.next(now), Next::Rest(now + Duration::from_secs(30)));
    let later = now + Duration::from_secs(30);
    let order = due(&mut settle, later);
    settle.ended(later, &order.key, OrderState::Settled);
    assert_eq!(settle.next(later), Next::Nothing);
}

#[test]
fn an_order_of_another_app_is_not_asked_for_and_told() {
    let now = orders::epoch();
    let app_id = AppId::new("2026000000000002").unwrap();
    let other = Arc::new(Identity { app_id, ..(*orders::identity()).clone() });
    let mut settle = Settle::new(other, SettlePolicy::default());
    settle.found(now, &left());
    assert_eq!(settle.next(now), Next::Nothing);
    assert_eq!(settle.elsewhere(), [left().key()]);
}

#[test]
fn what_is_absent_for_longer_than_it_could_be_open_is_not_paid() {
    // timeout_express is 2 minutes, and a request may be 5 minutes late.
    for (known_for, end) in [(419, "unknown no-proof"), (420, "not-paid absent")] {
        let start = orders::epoch();
        let now = start + Duration::from_secs(known_for);
        let payment = Payment::resume(now, left(), Policy::default()).known_since(start);
        let mut till = Till::with(payment);
        till.now = now;
        assert_eq!(till.begin(), "query");
        till.hears(not_exist());
        assert_eq!(till.written(), end);
    }
    // One answer right after the start proves nothing, however old the entry says it is.
    let mut till = Till::with(Payment::resume(orders::epoch(), left(), Policy::default()));
    till.begin();
    till.hears(not_exist());
    assert_eq!(till.written(), "unknown no-proof");
}

#[test]
fn an_entry_that_is_settled_asks_nobody() {
    let mut till = Till::new().paying();
    till.hears(Heard::NotSent);
    let mut restarted = till.restarted();
    assert_eq!(restarted.begin(), "not-paid not-sent");
    assert!(restarted.payment.requests().is_empty());
}
