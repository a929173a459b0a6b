//! The orders on which this program works at the moment.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::gateway::journal::EntryKey;

/// Keeps the threads and tasks of one program off each other's orders. A lease in the journal does
/// not: they are one holder, and to settle what another one is paying would cancel it.
#[derive(Debug, Default)]
pub(crate) struct AtWork(Arc<Keys>);

#[derive(Debug, Default)]
struct Keys(Mutex<HashSet<EntryKey>>);

impl AtWork {
    /// Begins to work on an order, until the result is dropped. `None` if somebody does already.
    pub(crate) fn begin(&self, key: EntryKey) -> Option<Working> {
        let new = self.0.lock().insert(key.clone());
        new.then(|| Working { keys: Arc::clone(&self.0), key })
    }
}

/// Somebody works on this order.
#[derive(Debug)]
pub(crate) struct Working {
    keys: Arc<Keys>,
    key: EntryKey,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

impl Keys {
    fn lock(&self) -> MutexGuard<'_, HashSet<EntryKey>> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
