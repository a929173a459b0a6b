//! Who is told what happens.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use m26_pay::blocking::SessionHandle;

use super::commands::Answered;
use super::lock;
use super::outlet::Outlet;

/// Who is told what happens in a session.
pub(super) struct Audience(Mutex<Listeners>);

/// What only one thread at a time does, so that everybody is told the same in the same order.
pub(super) struct Listeners {
    session: SessionHandle,
    outlets: Vec<Arc<Outlet>>,
}

impl Audience {
    pub(super) fn new(session: SessionHandle) -> Self {
        Self(Mutex::new(Listeners { session, outlets: Vec::new() }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Listeners> {
        lock(&self.0)
    }

    /// Tells what happens until the session ends.
    pub(super) fn tell_all(&self, session: &SessionHandle) {
        while session.wait_event(None) {
            self.lock().tell_arrived();
        }
    }

    /// Answers a command. What happened before the answer is told before it.
    pub(super) fn answer(&self, outlet: &Arc<Outlet>, (name, outcome): &Answered) {
        let mut listeners = self.lock();
        listeners.tell_arrived();
        outlet.answer(name, outcome);
    }
}

impl Listeners {
    pub(super) fn add(&mut self, outlet: Arc<Outlet>) {
        self.outlets.push(outlet);
    }

    pub(super) fn remove(&mut self, outlet: &Arc<Outlet>) {
        self.outlets.retain(|other| !Arc::ptr_eq(other, outlet));
    }

    /// Tells what has happened by now. No other thread has taken an event and not told it yet.
    pub(super) fn tell_arrived(&mut self) {
        while let Some(event) = self.session.next_event(Some(Duration::ZERO)) {
            self.outlets.iter().for_each(|outlet| outlet.event(&event));
        }
    }
}
