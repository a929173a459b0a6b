//! How long the machine waits for what.

use std::time::{Duration, Instant};

/// How long a payment may take, and when what is asked.
///
/// ```
/// use std::time::Duration;
/// use m26_pay::gateway::alipay::payment::Policy;
///
/// let policy = Policy { poll_for: Duration::from_secs(60), ..Policy::default() };
/// assert_eq!(policy.poll_every, Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The wait between two queries. Default: 5 s (spec 付款码支付, step five, code 10003).
    pub poll_every: Duration,
    /// How long a customer may take to pay, from when Alipay first says that it waits. Default:
    /// 30 s. Not specified; chosen because a payment code is as long valid as a queue is patient.
    pub poll_for: Duration,
    /// How long it is asked for a trade of which nothing is known, before it is cancelled. Default:
    /// 60 s (Alipay's 当面付接入必读 2.2).
    pub unknown_for: Duration,
    /// How long a payment code is fresh, from the first request to pay: only then the same pay is
    /// sent again where Alipay does not have the trade. Default: 30 s. Not specified; chosen
    /// because the app shows a new code every minute, and half of it may have passed.
    pub pay_again_for: Duration,
    /// The wait between two cancels. Default: 2 s (Alipay's demo, `cancel_duration`).
    pub cancel_every: Duration,
    /// How long after the first cancel another one may be sent. Default: 8 s. Not specified; chosen
    /// because the cashier waits. What is not proven then stays open, and is asked for later.
    pub cancel_for: Duration,
    /// How long one request may take at most, to connect and to be answered. It bounds only what
    /// [`progress`](super::Payment::progress) promises. Default: 13 s.
    pub answer_within: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            poll_every: Duration::from_secs(5),
            poll_for: Duration::from_secs(30),
            unknown_for: Duration::from_secs(60),
            pay_again_for: Duration::from_secs(30),
            cancel_every: Duration::from_secs(2),
            cancel_for: Duration::from_secs(8),
            answer_within: Duration::from_secs(13),
        }
    }
}

impl Policy {
    /// The longest that a payment can take from its begin to its outcome: a trade that is first
    /// unknown, then waits for its customer, then is cancelled. What a slow journal adds is not in
    /// it.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let unknown = self.unknown_for.max(self.pay_again_for);
        let asked = unknown.saturating_add(self.poll_for).saturating_add(self.cancel_for);
        // The pay, the query that is under way at each of three deadlines, and the last cancel
        // with its query.
        asked.saturating_add(self.answer_within.saturating_mul(6))
    }
}

/// So long after `now`, whatever was asked for: the end of a wait of a thousand years is in a hundred.
pub(in crate::gateway::alipay) fn later(now: Instant, wait: Duration) -> Instant {
    now.checked_add(wait.min(LONGEST)).unwrap_or(now)
}

/// A hundred years, which every [`Instant`] can hold.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
