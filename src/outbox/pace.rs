//! When something that failed is tried again.

use std::time::{Duration, Instant};

use crate::session::Backoff;

/// When something that failed is tried again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// How many waits in a row there were, less what went well since.
    waits: u32,
    /// Nothing is tried before.
    not_before: Option<Instant>,
}

impl Pace {
    /// When it may go on, if that is not yet.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|until| now < *until)
    }

    /// It failed. How long is waited now.
    pub(super) fn slow(&mut self, now: Instant, backoff: &Backoff) -> Duration {
        let wait = backoff.wait(self.waits).min(LONGEST);
        if !backoff.is_capped(self.waits) {
            self.waits += 1;
        }
        self.not_before = now.checked_add(wait);
        wait
    }

    /// It went well: that takes back one step of the waits.
    pub(super) fn quicken(&mut self) {
        (self.waits, self.not_before) = (self.waits.saturating_sub(1), None);
    }

    /// What was met before says nothing of what comes now.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Whatever a policy says, so that the time of the next attempt is one that there is.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
