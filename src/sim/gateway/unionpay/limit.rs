//! How often an app may ask (7.8 no. 29).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The requests of the last minute.
#[derive(Debug, Default)]
pub(super) struct Limit {
    recent: VecDeque<Instant>,
    banned_until: Option<Instant>,
}

impl Limit {
    /// Counts a request. One too many bans the app for a while, and so it is refused until then.
    pub(super) fn admit(&mut self, now: Instant, per_minute: usize, ban_for: Duration) -> bool {
        if self.banned_until.is_some_and(|until| now < until) {
            return false;
        }
        while self.recent.front().is_some_and(|at| now.saturating_duration_since(*at) >= MINUTE) {
            self.recent.pop_front();
        }
        if self.recent.len() >= per_minute {
            self.banned_until = now.checked_add(ban_for);
            self.recent.clear();
            return false;
        }
        self.recent.push_back(now);
        true
    }
}

const MINUTE: Duration = Duration::from_secs(60);
