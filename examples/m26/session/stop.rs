//! How a session is told to end before its commands do.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use m26_pay::blocking::SessionHandle;

use super::console::Input;
use super::lock;

/// Ends the session, and whatever waits for it.
pub(super) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
    session: SessionHandle,
    inputs: SyncSender<Input>,
}

impl Stop {
    pub(super) fn new(session: SessionHandle, inputs: SyncSender<Input>) -> Self {
        Self { stopped: Mutex::new(false), changed: Condvar::new(), session, inputs }
    }

    /// A command that is under way ends with what is known of it.
    pub(super) fn stop(&self) {
        *lock(&self.stopped) = true;
        self.changed.notify_all();
        self.session.stop();
        // Where there is no room for it, who reads it finds something else to wake up for.
        drop(self.inputs.try_send(Input::Stop));
    }

    pub(super) fn is_stopped(&self) -> bool {
        *lock(&self.stopped)
    }

    /// Lets time pass. Whether it was not stopped meanwhile.
    pub(super) fn sleep(&self, time: Duration) -> bool {
        let stopped = lock(&self.stopped);
        let slept = self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        !*slept.unwrap_or_else(PoisonError::into_inner).0
    }
}
