//! What a session and its handles share.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::at::command::{Reply, Request};
use crate::blocking::bell::Bell;
use crate::blocking::push;
use crate::engine::{Certainty, ExchangeError};
use crate::session::{Machine, Pass, SessionEvent};
use crate::transcript::Recorder;

/// What a session and its handles share. The lock is never held while anybody waits.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    /// Something changed that a handle may wait for.
    changed: Condvar,
}

pub(super) struct Inner {
    pub(super) machine: Machine,
    pub(super) events: VecDeque<SessionEvent>,
    event_limit: usize,
    missed: u64,
    /// What the handles want of the thread that works.
    pub(super) operations: Vec<Operation>,
    /// A recording that begins.
    pub(super) recorder: Option<Recorder>,
    /// Wakes the thread that works, while one does for handles.
    pub(super) bell: Option<Bell>,
    /// The thread that works for the handles is to end.
    pub(super) stop: bool,
}

/// What a handle wants of the thread that works.
pub(super) enum Operation {
    Send { id: u64, request: Box<Request>, outcome: SyncSender<Ended> },
    Cancel { id: u64, pass: Box<Pass>, certainty: Option<SyncSender<Certainty>> },
}

/// When a command ended, and how.
pub(super) type Ended = (Instant, Result<Reply, ExchangeError>);

impl Shared {
    pub(super) fn new(machine: Machine, event_limit: usize) -> Self {
        let inner = Inner {
            machine,
            events: VecDeque::new(),
            event_limit,
            missed: 0,
            operations: Vec::new(),
            recorder: None,
            bell: None,
            stop: false,
        };
        Self { inner: Mutex::new(inner), changed: Condvar::new() }
    }

    /// A panic elsewhere leaves the machine as good as it was.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and lets the thread that works look at it.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.lock();
        let result = change(&mut inner);
        if let Some(bell) = &inner.bell {
            bell.ring();
        }
        drop(inner);
        self.changed.notify_all();
        result
    }

    /// Takes what the machine has to say, for whoever reads events.
    pub(super) fn absorb_events(&self) {
        self.lock().absorb_events();
        self.changed.notify_all();
    }

    /// Waits until there is something, at most for so long, while another thread works.
    pub(super) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        mut look: impl FnMut(&mut Inner) -> Option<T>,
    ) -> Option<T> {
        let until = timeout.and_then(|timeout| now().checked_add(timeout));
        let mut inner = self.lock();
        loop {
            if let Some(found) = look(&mut inner) {
                return Some(found);
            }
            // Without it nobody works any more.
            inner.bell.as_ref()?;
            inner = match until.map(|until| until.saturating_duration_since(now())) {
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    let waited = self.changed.wait_timeout(inner, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl Inner {
    fn keep(&mut self, event: SessionEvent) {
        let missed = push(&mut self.events, self.event_limit, event);
        self.missed += missed;
        self.machine.missed(missed);
    }

    pub(super) fn has_events(&self) -> bool {
        self.missed > 0 || !self.events.is_empty()
    }

    /// What the machine has to say is there as soon as its state is.
    pub(super) fn absorb_events(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            self.keep(event);
        }
    }

    pub(super) fn take_event(&mut self) -> Option<SessionEvent> {
        self.absorb_events();
        match std::mem::take(&mut self.missed) {
            0 => self.events.pop_front(),
            missed => Some(SessionEvent::Missed(missed)),
        }
    }
}

/// The time of the threads that wait for a session.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(super) fn now() -> Instant {
    Instant::now()
}
