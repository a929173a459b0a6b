//! Waits of any length: nothing panics, nothing ends too early.

use std::time::Duration;

use m26_pay::gateway::alipay::payment::{Heard, Input, NotWritten, Payment, Policy};
use m26_pay::gateway::alipay::settle::{Next, OrderState, Settle, SettlePolicy};
use proptest::prelude::*;

use super::{Till, amount, not_exist, ours, refused, said};
use crate::orders;

fn wait() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        (0..100_u64).prop_map(Duration::from_secs),
        any::<u64>().prop_map(Duration::from_secs),
        Just(Duration::MAX),
    ]
}

prop_compose! {
    fn policy()(waits in prop::array::uniform7(wait())) -> Policy {
        let [poll_every, poll_for, unknown_for, pay_again_for, cancel_every, cancel_for, answer_within] =
            waits;
        Policy {
            poll_every, poll_for, unknown_for, pay_again_for, cancel_every, cancel_for, answer_within
        }
    }
}

fn heard() -> impl Strategy<Value = Heard> {
    prop_oneof![
        Just(Heard::Waiting(ours())),
        Just(Heard::Paid(ours())),
        Just(Heard::Closed(ours())),
        Just(Heard::NoAction(ours())),
        Just(Heard::Unclear(None)),
        Just(Heard::Unclear(Some(said("ACQ.SYSTEM_ERROR")))),
        Just(Heard::NotSent),
        Just(not_exist()),
        Just(refused()),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        1 => Just(Input::Begin),
        4 => any::<u64>().prop_map(Input::Written),
        1 => Just(Input::NotWritten(NotWritten::Failed)),
        1 => Just(Input::NotWritten(NotWritten::Elsewhere)),
        6 => heard().prop_map(Input::Answer),
        4 => Just(Input::Resume),
    ]
}

proptest! {
    #[test]
    fn any_waits_and_any_inputs_are_taken(
        policy in policy(),
        resumed: bool,
        inputs in prop::collection::vec((0..100_u64, any::<bool>(), input()), 0..40),
    ) {
        let mut now = orders::epoch();
        let order = orders::barcode("A1_0", amount(), Duration::from_secs(120));
        let mut payment = Payment::new(now, order, policy);
        if resumed {
            payment = Payment::resume(now, payment.entry().clone(), policy);
        }
        let _ = payment.step(now, Input::Begin);
        for (seconds, stop, input) in inputs {
            now += Duration::from_secs(seconds);
            if stop {
                payment.stop();
            }
            let _ = payment.step(now, input);
            let _ = payment.progress(now);
        }
    }

    #[test]
    fn any_waits_of_a_settlement_are_taken(first in wait(), longest in wait(), after in wait()) {
        let now = orders::epoch();
        let policy = SettlePolicy { first, longest, give_up_after: after };
        let entry = Till::new().payment.entry().clone();
        let mut settle = Settle::new(entry.identity.clone(), policy);
        settle.unknown(now, &entry);
        if let Next::Ask(due) = settle.next(now) {
            settle.ended(now, &due.key, OrderState::Open);
        }
        // Never the same again at once: a driver would ask without end.
        match settle.next(now) {
            Next::Rest(until) => prop_assert!(until > now),
            Next::Nothing => prop_assert_eq!(settle.for_a_person().len(), 1),
            asks @ Next::Ask(_) => prop_assert!(false, "{:?}", asks),
        }
    }
}
