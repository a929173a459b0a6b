//! [`Recording`]: what handles and driver share of a recording.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transcript::{Direction, Record, Recorder};

/// The recording of a connection, or of all connections of a session.
#[derive(Clone, Default)]
pub(super) struct Recording(Arc<Mutex<Option<Box<dyn Record>>>>);

impl Recording {
    pub(super) fn start(&self, to: impl io::Write + Send + 'static) {
        let recorder = Recorder::new(to, tokio::time::Instant::now().into_std());
        *self.lock() = Some(Box::new(recorder));
    }

    pub(super) fn record(&self, now: Instant, direction: Direction, bytes: &[u8]) {
        if let Some(recorder) = &mut *self.lock() {
            recorder.pass(now, direction, bytes);
        }
    }

    /// A thread that panicked with the lock held does not stop the others.
    fn lock(&self) -> MutexGuard<'_, Option<Box<dyn Record>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
