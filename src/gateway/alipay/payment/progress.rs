//! What a screen can show while a payment runs.

use std::time::{Duration, Instant};

use super::{Awaits, Payment, Request, Then, later};

/// What is waited for, and how long it may still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is waited for.
    pub waits_for: WaitsFor,
    /// The longest that it may take from now to the outcome; what a slow journal adds is not in
    /// it.
    pub at_most: Duration,
}

/// What a payment waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitsFor {
    /// The journal is being written.
    Journal,
    /// Alipay's answer to the request to pay.
    Alipay,
    /// The customer, who has yet to pay.
    Customer,
    /// Nobody knows what became of the payment; Alipay is asked.
    Proof,
    /// The confirmation of a cancel.
    Cancel,
    /// Nothing: it is over.
    Nothing,
}

pub(super) fn of(payment: &Payment, now: Instant) -> Progress {
    Progress { waits_for: waits_for(payment), at_most: at_most(payment, now) }
}

fn waits_for(payment: &Payment) -> WaitsFor {
    match &payment.awaits {
        Awaits::Over(_) => WaitsFor::Nothing,
        Awaits::Begin | Awaits::Written(Then::First | Then::Over(_)) => WaitsFor::Journal,
        Awaits::Answer(Request::Pay | Request::Precreate) => WaitsFor::Alipay,
        _ if payment.cancelling_since.is_some() => WaitsFor::Cancel,
        _ if payment.poll_until.is_some() => WaitsFor::Customer,
        _ => WaitsFor::Proof,
    }
}

fn at_most(payment: &Payment, now: Instant) -> Duration {
    let policy = &payment.policy;
    let until = |end: Instant| end.saturating_duration_since(now);
    // The last cancel and the query behind it.
    let last = policy.answer_within.saturating_mul(2);
    let cancel = policy.cancel_for.saturating_add(last);
    // The last query of the poll.
    let after_poll = cancel.saturating_add(policy.answer_within);
    match &payment.awaits {
        Awaits::Over(_) | Awaits::Written(Then::Over(_)) => return Duration::ZERO,
        Awaits::Begin | Awaits::Written(Then::First) => return policy.longest(),
        _ => {}
    }
    if let Some(since) = payment.cancelling_since {
        return until(later(since, policy.cancel_for)).saturating_add(last);
    }
    if payment.resumed {
        return after_poll;
    }
    if let Some(end) = payment.poll_until {
        return until(end).saturating_add(after_poll);
    }
    let spent = payment.asked_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
    policy.longest().saturating_sub(spent)
}
