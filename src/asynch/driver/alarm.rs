//! [`Alarm`]: wakes the driver at its next deadline.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

/// Wakes a task at a deadline. It is set anew only for an earlier one, and when it has gone off: nearly
/// each command ends before its deadline, and tokio wakes the thread there even if the timer has been
/// moved to a later time. So after the last command of many it wakes the task once for nothing.
pub(super) struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    pub(super) fn new(now: Instant) -> Self {
        Self(Box::pin(sleep_until(now)))
    }

    /// Whether it is `at`, or later. Until then the task of `cx` is woken at that time, and perhaps once
    /// before.
    pub(super) fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let Self(sleep) = self;
        if sleep.deadline() > at {
            sleep.as_mut().reset(at);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() == at {
                return Poll::Ready(());
            }
            // It has gone off for an earlier deadline.
            sleep.as_mut().reset(at);
        }
        Poll::Pending
    }
}
