//! Threads of the library, and which thread calls.

use std::cell::Cell;
use std::io;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

/// A thread of the library.
pub(crate) struct Worker {
    id: Arc<OnceLock<NonZeroU64>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Has a thread of this name do something.
    pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let id = Arc::new(OnceLock::new());
        let its = Arc::clone(&id);
        let thread = Builder::new().name(name.into()).spawn(move || {
            its.get_or_init(current);
            work();
        })?;
        Ok(Self { id, thread: Mutex::new(Some(thread)) })
    }

    /// Whether this thread calls.
    pub(crate) fn is_current(&self) -> bool {
        self.id.get() == Some(&current())
    }

    /// Waits until it has ended. What it panicked with was printed by it.
    pub(crate) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        thread.map(JoinHandle::join);
    }
}

/// The number of the thread that calls. Unlike [`std::thread::current`] it is there while the thread ends, which is
/// when a program may free what the thread had.
fn current() -> NonZeroU64 {
    thread_local! {
        // It has nothing to drop, so it lives as long as the thread.
        static ID: Cell<Option<NonZeroU64>> = const { Cell::new(None) };
    }
    // Not every terminal's processor has atomics of 64 bits. Nobody begins four thousand million threads.
    static BEFORE: AtomicUsize = AtomicUsize::new(0);
    ID.with(|id| {
        let known = id.get().unwrap_or_else(|| {
            NonZeroU64::MIN.saturating_add(BEFORE.fetch_add(1, Ordering::Relaxed) as u64)
        });
        id.set(Some(known));
        known
    })
}
