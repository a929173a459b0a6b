//! Who tells: the thread with the commands, or the one with the events.

use std::sync::MutexGuard;

use super::audience::{Audience, Listeners};

/// The turn of the thread with the commands.
///
/// It keeps its turn while it has commands at hand that need no module: a program that writes its
/// reports and waits for so many lines has them on disk then. Whenever it has to wait it gives its
/// turn up.
pub(super) struct Turn<'a> {
    audience: &'a Audience,
    held: Option<MutexGuard<'a, Listeners>>,
}

impl<'a> Turn<'a> {
    pub(super) fn taken(audience: &'a Audience) -> Self {
        Self { audience, held: Some(audience.lock()) }
    }

    pub(super) fn take(&mut self) -> &mut Listeners {
        self.held.get_or_insert_with(|| self.audience.lock())
    }

    pub(super) fn give_up(&mut self) {
        self.held = None;
    }
}
