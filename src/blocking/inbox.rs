//! [`Inbox`]: where the events of a client go.

use std::time::Instant;

use crate::engine::{Backlog, BacklogLimits, Event};

/// Where the events of a client go.
pub(super) enum Inbox {
    /// They are kept for a caller who reads them, or does not.
    Kept(Backlog<Event>),
    /// A session takes each at once: none is dropped, and none takes room here.
    Handed {
        to: Hand,
        /// Whether one was handed over since somebody asked.
        any: bool,
    },
}

/// What takes the events of a client.
pub(super) type Hand = Box<dyn FnMut(Instant, Event) + Send>;

impl Inbox {
    pub(super) fn new(limits: BacklogLimits) -> Self {
        Self::Kept(Backlog::new(limits))
    }

    pub(super) fn hand_to(to: impl FnMut(Instant, Event) + Send + 'static) -> Self {
        Self::Handed { to: Box::new(to), any: false }
    }

    pub(super) fn put(&mut self, now: Instant, event: Event) {
        match self {
            Self::Kept(backlog) => drop(backlog.push(event)),
            Self::Handed { to, any } => {
                to(now, event);
                *any = true;
            }
        }
    }

    /// The oldest event that was kept and not read.
    pub(super) fn take(&mut self) -> Option<Event> {
        match self {
            Self::Kept(backlog) => backlog.pop(),
            Self::Handed { .. } => None,
        }
    }

    /// How many wait to be read.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Kept(backlog) => backlog.len(),
            Self::Handed { .. } => 0,
        }
    }

    /// Whether events were handed over since this was asked last.
    pub(super) fn take_any(&mut self) -> bool {
        match self {
            Self::Kept(_) => false,
            Self::Handed { any, .. } => std::mem::take(any),
        }
    }
}
