//! Events to come, in order.

use std::collections::BTreeMap;
use std::time::Instant;

/// Events to come, by time. Events of equal time come in the order in which they were added.
#[derive(Debug)]
pub(super) struct Timeline<E> {
    events: BTreeMap<(Instant, u64), E>,
    next: u64,
}

impl<E> Timeline<E> {
    pub(super) fn add(&mut self, at: Instant, event: E) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.events.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes the first event that is due.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, E)> {
        let entry = self.events.first_entry()?;
        let (at, _) = *entry.key();
        (at <= now).then(|| (at, entry.remove()))
    }

    pub(super) fn clear(&mut self) {
        self.events.clear();
    }
}

impl<E> Default for Timeline<E> {
    fn default() -> Self {
        Self { events: BTreeMap::new(), next: 0 }
    }
}
