//! [`Recording`]: what handles and driver share of a recording.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transcript::{Direction, Recorder};

/// The recording of a connection, or of all connections of a session.
#[derive(Clone, Default)]
pub(super) struct Recording(Arc<Mutex<Option<Recorder>>>);

impl Recording {
    pub(super) fn start(&self, to: impl io::Write + Send + 'static) {
        *self.lock() = Some(Recorder::new(to, tokio::time::Instant::now().into_std()));
    }

    pub(super) fn record(&self, now: Instant, direction: Direction, bytes: &[u8]) {
        if let Some(recorder) = &mut *self.lock() {
            recorder.record(now, direction, bytes);
        }
    }

    /// A thread that panicked with the lock held does not stop the others.
    fn lock(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
