//! How many requests were sent in the last minute.

use std::time::{Duration, Instant};

/// Counts requests, so that there are never more than a limit in any 60 seconds.
///
/// UnionPay locks an application out for 24 hours that sends more than 1,000 a minute (7.8 no. 29).
/// Requests are counted by whole seconds, 61 of them, which any 60 seconds lie in: so it is a
/// little stricter than the rule, and takes 150 bytes however many requests there are.
#[derive(Clone, Debug)]
pub struct Pace {
    /// When the first request was counted: seconds are counted from there.
    origin: Option<Instant>,
    /// The second of the newest bucket.
    second: u64,
    /// Of the last seconds, by their number modulo 61.
    counts: [u16; SECONDS],
}

impl Pace {
    /// Nothing was sent yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { origin: None, second: 0, counts: [0; SECONDS] }
    }

    /// Counts a request that is about to be sent.
    ///
    /// # Errors
    /// If there were `limit` of them. It says after what time one may be sent again; this one is not
    /// counted, and must not be sent.
    pub fn count(&mut self, limit: u16, now: Instant) -> Result<(), Duration> {
        let origin = *self.origin.get_or_insert(now);
        let since = now.saturating_duration_since(origin);
        self.advance(since.as_secs());
        let sent: u32 = self.counts.iter().copied().map(u32::from).sum();
        if sent < u32::from(limit) {
            self.counts[index(self.second)] += 1;
            return Ok(());
        }
        Err(self.room_at().saturating_sub(since))
    }

    /// Seconds that have passed hold nothing any more. Time that goes back is the newest second.
    fn advance(&mut self, second: u64) {
        let passed = second.saturating_sub(self.second).min(SECONDS as u64);
        for later in 1..=passed {
            self.counts[index(self.second + later)] = 0;
        }
        self.second = self.second.max(second);
    }

    /// When the oldest second that holds a request is over, from the origin.
    fn room_at(&self) -> Duration {
        let oldest = self.second.saturating_sub(SECONDS as u64 - 1);
        let first = (oldest..=self.second).find(|second| self.counts[index(*second)] > 0);
        Duration::from_secs(first.unwrap_or(self.second) + SECONDS as u64)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

fn index(second: u64) -> usize {
    (second % SECONDS as u64) as usize
}

const SECONDS: usize = 61;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_thousand_and_no_more() {
        let mut pace = Pace::new();
        let at = start();
        assert!((0..1_000).all(|_| pace.count(1_000, at) == Ok(())));
        assert_eq!(pace.count(1_000, at), Err(Duration::from_secs(61)));
        let later = at + Duration::from_millis(60_999);
        assert_eq!(pace.count(1_000, later), Err(Duration::from_millis(1)));
        assert_eq!(pace.count(1_000, at + Duration::from_secs(61)), Ok(()));
        assert!(size_of::<Pace>() <= 152, "{}", size_of::<Pace>());
    }

    #[test]
    fn a_limit_of_nothing_lets_nothing_through() {
        assert!(Pace::new().count(0, start()).is_err());
    }

    proptest! {
        /// Never more than the limit in any 60 seconds, and always some again when it says so.
        #[test]
        fn no_minute_has_more(
            limit in 1_u16..40,
            gaps in proptest::collection::vec(prop_oneof![0_u64..40, 0_u64..2_000, 0_u64..200_000], 1..400),
        ) {
            let (mut pace, mut now) = (Pace::new(), start());
            let mut sent: VecDeque<Instant> = VecDeque::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                while sent.front().is_some_and(|at| now - *at >= Duration::from_secs(60)) {
                    sent.pop_front();
                }
                match pace.count(limit, now) {
                    Ok(()) => sent.push_back(now),
                    Err(wait) => {
                        prop_assert!(!wait.is_zero() && wait <= Duration::from_secs(61));
                        let mut later = pace.clone();
                        prop_assert_eq!(later.count(limit, now + wait), Ok(()));
                    }
                }
                prop_assert!(sent.len() <= usize::from(limit));
            }
        }
    }
}
