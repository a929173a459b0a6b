//! Payments on their way to an uploader.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use m26_pay::outbox::{
    Added, Id, Item, ItemState, Limits, NewPayment, NextPayment, Outbox, OutboxError, OutboxPolicy,
    PARKING_AFTER, PARKING_FAILURES, PAYMENT_DUE, PAYMENT_LAST_MOMENT, Parking, Payload, Payment,
    PaymentKey, Upload,
};
use support::outbox_till::{BEGAN, Till, policy};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn payment(number: u8) -> NewPayment {
    NewPayment::new(Payload::new(vec![number; 280]).unwrap())
}

fn keyed(number: u8) -> NewPayment {
    payment(number).key(PaymentKey::new([number; 32]).unwrap())
}

fn id(number: i64) -> Id<Payment> {
    Id::<Payment>::new(number)
}

fn add(outbox: &Outbox, payment: NewPayment) -> Id<Payment> {
    match outbox.add_payment(payment).unwrap() {
        Added::Now(id) => id,
        Added::Already(id) => panic!("{id} is there"),
    }
}

#[expect(clippy::disallowed_methods, reason = "any beginning will do")]
fn began() -> Instant {
    Instant::now()
}

fn number(payment: &Item<Payment>) -> u8 {
    payment.content.payload.as_ref().unwrap().expose()[0]
}

fn states(outbox: &Outbox) -> Vec<(i64, ItemState)> {
    let all = outbox.list(&ItemState::ALL, id(0), usize::MAX).unwrap();
    all.iter().map(|payment| (payment.id.get(), payment.state)).collect()
}

#[test]
fn they_are_uploaded_once_and_oldest_first() {
    let till = Till::new(policy());
    let outbox = till.open();
    for number in 0..5 {
        add(&outbox, if number % 2 == 0 { payment(number) } else { keyed(number) });
    }
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().payments.pending, 5);
    let mut seen = Vec::new();
    let uploaded = outbox
        .upload_payments(began(), &mut |payment: &Item<Payment>| {
            seen.push(number(payment));
            assert_eq!(payment.attempts, 1);
            assert_eq!((payment.added, payment.content.due), (BEGAN, BEGAN.plus(PAYMENT_DUE)));
            assert_eq!(payment.content.last_moment, BEGAN.plus(PAYMENT_LAST_MOMENT));
            Upload::Done
        })
        .unwrap();
    assert_eq!((uploaded.done, uploaded.next, seen), (5, None, vec![0, 1, 2, 3, 4]));
    // Nothing secret is kept, and of those without a key nothing at all.
    assert_eq!(states(&outbox), [(2, ItemState::Held), (4, ItemState::Held)]);
    assert_eq!(outbox.get(id(2)).unwrap().unwrap().content.payload, None);
    drop(outbox);
    let bytes = std::fs::read(till.path()).unwrap();
    assert!(!bytes.windows(64).any(|window| window == [3; 64]));
    let outbox = till.open();
    assert_eq!(add(&outbox, payment(9)), id(6));
}

#[test]
fn the_same_code_is_not_recorded_twice() {
    let till = Till::new(policy());
    let outbox = till.open();
    let first = add(&outbox, keyed(1));
    assert_eq!(outbox.add_payment(keyed(1)).unwrap(), Added::Already(first));
    assert_eq!(outbox.summary().payments.pending, 1);
    // Nor after it was uploaded, and the host was restarted.
    outbox.upload_payments(began(), &mut |_: &Item<Payment>| Upload::Done).unwrap();
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.add_payment(keyed(1)).unwrap(), Added::Already(first));
    // Once the last moment has passed, the key is forgotten with the next payment.
    till.pass(11 * DAY);
    add(&outbox, keyed(2));
    assert_ne!(add(&outbox, keyed(1)), first);
}

#[test]
fn what_fails_is_tried_again_and_nothing_passes_it() {
    let till = Till::new(policy());
    let outbox = till.open();
    for number in 0..3 {
        add(&outbox, payment(number));
    }
    let mut now = began();
    let mut waits = Vec::new();
    for upload in [Upload::Unreachable, Upload::Failed, Upload::Unknown, Upload::Unreachable] {
        let uploaded = outbox
            .upload_payments(now, &mut |payment: &Item<Payment>| {
                assert_eq!(number(payment), 0);
                upload
            })
            .unwrap();
        let next = uploaded.next.unwrap();
        assert_eq!(outbox.next_payment(now).unwrap(), NextPayment::NotBefore(next));
        waits.push((next - now).as_secs());
        now = next;
    }
    assert_eq!(waits, [2, 4, 8, 16]);
    let first = outbox.get(id(1)).unwrap().unwrap();
    assert_eq!((first.attempts, first.failures, first.state), (4, 2, ItemState::Pending));
    assert_eq!(first.last, Some((BEGAN, Upload::Unreachable)));
    let uploaded = outbox.upload_payments(now, &mut |_: &Item<Payment>| Upload::Done).unwrap();
    assert_eq!(uploaded.done, 3);
}

#[test]
fn what_fails_for_too_long_and_what_is_refused_step_aside() {
    let parking = Some(Parking { failures: 2, after: Duration::ZERO });
    let till = Till::new(OutboxPolicy { parking, ..policy() });
    let outbox = till.open();
    for number in 0..3 {
        add(&outbox, payment(number));
    }
    let mut now = began();
    for _ in 0..2 {
        let uploaded = outbox
            .upload_payments(now, &mut |payment: &Item<Payment>| match number(payment) {
                0 => Upload::Failed,
                1 => Upload::Refused,
                _ => Upload::Done,
            })
            .unwrap();
        now = uploaded.next.unwrap_or(now);
    }
    assert_eq!(states(&outbox), [(1, ItemState::Parked), (2, ItemState::Rejected)]);
    drop(outbox);
    let outbox = till.open();
    let counts = outbox.summary().payments;
    assert_eq!((counts.parked, counts.rejected, counts.waiting()), (1, 1, 2));
    // They are there until somebody decides.
    outbox.retry(id(1)).unwrap();
    assert!(matches!(outbox.retry(id(1)), Err(OutboxError::State { .. })));
    assert!(matches!(outbox.retry(id(9)), Err(OutboxError::Missing { .. })));
    assert_eq!(number(&outbox.remove(id(2)).unwrap()), 1);
    let uploaded = outbox.upload_payments(now, &mut |_: &Item<Payment>| Upload::Done).unwrap();
    assert_eq!((uploaded.done, states(&outbox)), (1, vec![]));
    assert_eq!(add(&outbox, payment(4)), id(4));
}

#[test]
fn what_is_past_its_last_moment_is_listed_and_not_uploaded() {
    let till = Till::new(policy());
    let outbox = till.open();
    add(&outbox, payment(0));
    till.pass(2 * DAY);
    add(&outbox, payment(1));
    assert!(outbox.get(id(1)).unwrap().unwrap().is_due(till.now()));
    assert!(!outbox.get(id(2)).unwrap().unwrap().is_due(till.now()));
    assert_eq!(outbox.expired_payments().unwrap(), []);
    till.pass(9 * DAY);
    let mut seen = Vec::new();
    let uploaded = outbox
        .upload_payments(began(), &mut |payment: &Item<Payment>| {
            seen.push(number(payment));
            Upload::Done
        })
        .unwrap();
    assert_eq!((uploaded.done, seen), (1, vec![1]));
    let expired = outbox.expired_payments().unwrap();
    assert_eq!(expired.iter().map(number).collect::<Vec<_>>(), [0]);
    drop(outbox);
    let outbox = till.open();
    assert_eq!(outbox.summary().payments.expired, 1);
    assert_eq!(outbox.expired_payments().unwrap(), expired);
    // Whoever knows better gives it another chance.
    outbox.retry(id(1)).unwrap();
    let uploaded = outbox.upload_payments(began(), &mut |_: &Item<Payment>| Upload::Done).unwrap();
    assert_eq!((uploaded.done, outbox.expired_payments().unwrap()), (1, vec![]));
}

#[test]
fn the_list_knows_of_those_that_nobody_tried() {
    let till = Till::new(policy());
    let outbox = till.open();
    add(&outbox, payment(0).accepted(BEGAN));
    till.pass(11 * DAY);
    add(&outbox, payment(1).accepted(BEGAN));
    add(&outbox, payment(2));
    let expired = outbox.expired_payments().unwrap();
    assert_eq!(expired.iter().map(number).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(outbox.summary().payments.pending, 1);
}

#[test]
fn a_clock_that_was_wrong_gives_none_up_for_good() {
    let till = Till::new(policy());
    let outbox = till.open();
    add(&outbox, payment(0));
    add(&outbox, payment(1));
    let now = till.now();
    for look in [
        |outbox: &Outbox| drop(outbox.expired_payments().unwrap()),
        |outbox: &Outbox| assert_eq!(outbox.next_payment(began()).unwrap(), NextPayment::Nothing),
    ] {
        till.pass(365 * DAY);
        look(&outbox);
        assert_eq!(outbox.summary().payments.expired, 2);
        till.set_now(now);
        assert_eq!(outbox.expired_payments().unwrap(), []);
        assert_eq!(outbox.summary().payments.pending, 2);
    }
    // And so if nobody looks before the end of the program.
    till.pass(365 * DAY);
    outbox.expired_payments().unwrap();
    drop(outbox);
    till.set_now(now);
    assert_eq!(till.open().summary().payments.pending, 2);
}

#[test]
fn what_the_uploader_had_at_a_power_cut_waits_again() {
    let till = Till::new(policy());
    let outbox = till.open();
    add(&outbox, payment(0));
    let now = began();
    assert!(matches!(outbox.next_payment(now).unwrap(), NextPayment::Payment(_)));
    assert_eq!(outbox.next_payment(now).unwrap(), NextPayment::Nothing);
    assert_eq!(outbox.summary().payments.sending, 1);
    drop(outbox);
    let outbox = till.open();
    let NextPayment::Payment(again) = outbox.next_payment(now).unwrap() else { panic!() };
    assert_eq!((number(&again), again.attempts, again.failures), (0, 2, 0));
    assert_eq!(again.last, Some((BEGAN, Upload::Unknown)));
    outbox.settle_payment(now, again.id, Upload::Done).unwrap();
    // What was settled is not settled again.
    outbox.settle_payment(now, again.id, Upload::Failed).unwrap();
    assert_eq!(states(&outbox), []);
}

#[test]
fn what_came_of_one_while_the_disk_was_full_is_written_down_later() {
    for (upload, again) in [(Upload::Done, 0), (Upload::Unreachable, 1)] {
        let till = Till::new(policy());
        let outbox = till.open();
        add(&outbox, payment(0));
        add(&outbox, payment(1));
        let now = began();
        let error = outbox
            .upload_payments(now, &mut |_: &Item<Payment>| {
                till.set_full(true);
                upload
            })
            .unwrap_err();
        assert!(matches!(error, OutboxError::Store(_)), "{error}");
        // Nothing is handed out as long as that is owed.
        assert!(outbox.next_payment(now).is_err());
        till.set_full(false);
        let mut seen = Vec::new();
        let mut done = |payment: &Item<Payment>| {
            seen.push(number(payment));
            Upload::Done
        };
        let mut uploaded = outbox.upload_payments(now, &mut done).unwrap();
        if let Some(next) = uploaded.next {
            assert_eq!(uploaded.done, 0);
            uploaded = outbox.upload_payments(next, &mut done).unwrap();
        }
        assert_eq!((uploaded.done, states(&outbox)), (1 + again, vec![]));
        assert_eq!(seen, if again == 1 { vec![0, 1] } else { vec![1] });
    }
}

#[test]
fn a_clock_that_was_wrong_keeps_none_from_stepping_aside() {
    let till = Till::new(policy());
    let outbox = till.open();
    till.pass(365 * DAY);
    add(&outbox, payment(0));
    let fail = |now| outbox.upload_payments(now, &mut |_: &Item<Payment>| Upload::Failed).unwrap();
    let mut now = fail(began()).next.unwrap();
    till.set_now(BEGAN);
    for _ in 0..PARKING_FAILURES {
        assert_eq!(outbox.summary().payments.parked, 0);
        let Some(next) = fail(now).next else { break };
        now = next;
        till.pass(PARKING_AFTER / 4);
    }
    assert_eq!(outbox.summary().payments.parked, 1);
}

#[test]
fn too_many_are_refused_and_none_is_dropped() {
    let limits = Limits { waiting: Some(2), ..Limits::default() };
    let till = Till::new(OutboxPolicy { limits, ..policy() });
    let outbox = till.open();
    add(&outbox, payment(0));
    add(&outbox, payment(1));
    let error = outbox.add_payment(payment(2)).unwrap_err();
    assert!(error.to_string().contains("the payment is NOT safe"), "{error}");
    assert_eq!(outbox.summary().payments.pending, 2);
}

#[test]
fn nothing_of_it_shows() {
    let till = Till::new(policy());
    let outbox = till.open();
    add(&outbox, keyed(123));
    let payment = outbox.get(id(1)).unwrap().unwrap();
    let shown = format!("{payment:?} {:?} {outbox:?}", keyed(123));
    assert!(!shown.contains("123"), "{shown}");
    assert!(Payload::new(vec![]).is_err() && Payload::new(vec![0; 65_537]).is_err());
    assert!(PaymentKey::new(vec![]).is_err() && PaymentKey::new(vec![0; 65]).is_err());
}
