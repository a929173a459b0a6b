//! What a keeper waits for.

use std::time::Duration;

/// When a keeper fetches, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeeperPolicy {
    /// How long before its end a token is renewed; half of its life at most. Not specified; 10
    /// minutes by default, chosen because the hosts' clocks may be 5 minutes off either way (7.8 no.
    /// 3), and because a platform that does not answer has time to recover.
    pub renew_before: Duration,
    /// How long nobody else fetches while one does. It must be longer than a fetch takes. Not
    /// specified; 30 s by default, chosen because a fetch takes 19 s at most with the default
    /// [`Deadlines`](crate::gateway::Deadlines).
    pub lease: Duration,
    /// How long a caller waits for what another one fetches. Not specified; 20 s by default, chosen
    /// because a fetch takes 19 s at most.
    pub patience: Duration,
    /// How often the store is asked whether another host has fetched. Not specified; 100 ms by
    /// default, chosen because a fetch takes about that.
    pub poll: Duration,
    /// How many requests are sent in a minute at most. UnionPay locks an application out for 24 hours
    /// that sends more than 1,000, the default (7.8 no. 29).
    pub requests_per_minute: u16,
}

impl KeeperPolicy {
    /// When a token that is good for so long is renewed.
    #[must_use]
    pub fn renew_in(&self, expires_in: Duration) -> Duration {
        expires_in - self.renew_before.min(expires_in / 2)
    }
}

impl Default for KeeperPolicy {
    fn default() -> Self {
        Self {
            renew_before: Duration::from_secs(600),
            lease: Duration::from_secs(30),
            patience: Duration::from_secs(20),
            poll: Duration::from_millis(100),
            requests_per_minute: 1_000,
        }
    }
}
