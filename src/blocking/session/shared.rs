//! [`Shared`]: what a session and its handles share.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::at::command::{Reply, Request};
use crate::blocking::bell::Bell;
use crate::engine::{Backlog, BacklogLimits, Certainty, Event, ExchangeError};
use crate::session::{Machine, Pass, SessionEvent};
use crate::transcript::Record;

/// What a session and its handles share. Nobody waits with the lock held.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    /// Notified at each change that a handle may wait for.
    changed: Condvar,
}

pub(super) struct Inner {
    pub(super) machine: Machine,
    events: Backlog<SessionEvent>,
    /// How many calls there were, each of which has this number for its own.
    pub(super) calls: u64,
    /// What the handles ask of the driver's thread.
    pub(super) operations: Vec<Operation>,
    /// A recording, until the client of a port takes it.
    pub(super) recorder: Option<Box<dyn Record>>,
    /// Wakes the driver's thread, while there is one.
    pub(super) bell: Option<Bell>,
    /// The driver has to end.
    pub(super) stop: bool,
}

/// What a handle asks of the driver's thread.
pub(super) enum Operation {
    Send { id: u64, request: Box<Request>, outcome: SyncSender<Ended> },
    Cancel { id: u64, pass: Box<Pass>, certainty: Option<SyncSender<Certainty>> },
}

/// When a command ended, and how.
pub(super) type Ended = (Instant, Result<Reply, ExchangeError>);

impl Shared {
    pub(super) fn new(machine: Machine, limits: BacklogLimits) -> Self {
        let inner = Inner {
            machine,
            events: Backlog::new(limits),
            calls: 0,
            operations: Vec::new(),
            recorder: None,
            bell: None,
            stop: false,
        };
        Self { inner: Mutex::new(inner), changed: Condvar::new() }
    }

    /// A thread that panicked with the lock held does not stop the others.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and wakes the driver's thread and the handles.
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

    /// Tells the machine of an event of the client, and takes what the machine tells of it.
    pub(super) fn observe(&self, now: Instant, event: &Event) {
        let mut inner = self.lock();
        inner.machine.observe(now, event);
        inner.absorb_events();
        drop(inner);
        self.changed.notify_all();
    }

    /// Takes the events of the machine, for the handles that read them.
    pub(super) fn absorb_events(&self) {
        self.lock().absorb_events();
        self.changed.notify_all();
    }

    /// Waits until `look` finds something, at most for `timeout`, and while there is a driver.
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
            // Without a bell there is no driver.
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
        let missed = self.events.push(event);
        self.machine.missed(missed);
    }

    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Takes the events of the machine, so that they are there as soon as its new state is.
    pub(super) fn absorb_events(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            self.keep(event);
        }
    }

    pub(super) fn take_event(&mut self) -> Option<SessionEvent> {
        self.absorb_events();
        self.events.pop()
    }
}

/// The time of the threads that wait for a session.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(super) fn now() -> Instant {
    Instant::now()
}
