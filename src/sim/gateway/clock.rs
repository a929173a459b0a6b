//! The time as a gateway sees it.

use std::time::Instant;

/// The moment of the first call, and the latest. A `now` that goes back counts as no time at all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    began: Option<Instant>,
    now: Option<Instant>,
}

impl Clock {
    /// The time of a call.
    pub(super) fn advance(&mut self, now: Instant) -> Instant {
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
        self.began.get_or_insert(now);
        now
    }

    /// The wall clock at a moment, in Unix seconds, where it showed `first` at the first call.
    pub(super) fn unix(self, first: u64, at: Instant) -> u64 {
        let passed = self.began.map_or(0, |began| at.saturating_duration_since(began).as_secs());
        first.saturating_add(passed)
    }
}
