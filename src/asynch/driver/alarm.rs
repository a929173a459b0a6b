//! [`Alarm`]: wakes the driver at its next deadline.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Wakes a task at a deadline, and never for nothing: where there is none, it is moved away. To leave it
/// where it was set would save some 400 instructions of each command, and wake a host that rests once
/// after each.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    is_set: bool,
}

impl Alarm {
    pub(super) fn new(now: Instant) -> Self {
        Self { sleep: Box::pin(sleep_until(now)), is_set: true }
    }

    /// Whether it is `at`, or later. Until then the task of `cx` is woken at that time.
    pub(super) fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.is_set = true;
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        self.sleep.as_mut().poll(cx)
    }

    /// There is no deadline.
    pub(super) fn rest(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_set) {
            self.sleep.as_mut().reset(now + NEVER);
        }
    }
}

/// Longer than any terminal runs.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
