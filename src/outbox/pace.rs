//! [`Pace`]: when something that failed is tried again.

use std::time::{Duration, Instant};

use crate::session::Backoff;

/// When something that failed is tried again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// How many waits in a row there were, less the successes since.
    waits: u32,
    /// Until when nothing is tried.
    not_before: Option<Instant>,
}

impl Pace {
    /// Until when to wait, if there is a wait.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|until| now < *until)
    }

    /// Something failed. Returns how long the wait is now.
    pub(super) fn slow(&mut self, now: Instant, backoff: &Backoff) -> Duration {
        let wait = backoff.wait(self.waits).min(LONGEST);
        if !backoff.is_capped(self.waits) {
            self.waits += 1;
        }
        self.not_before = now.checked_add(wait);
        wait
    }

    /// Something succeeded: the next wait is one step shorter.
    pub(super) fn quicken(&mut self) {
        (self.waits, self.not_before) = (self.waits.saturating_sub(1), None);
    }

    /// Earlier failures no longer count.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// The longest wait, whatever a policy says, so that the time of the next attempt can be represented.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
