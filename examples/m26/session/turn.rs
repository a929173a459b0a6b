//! Who prints: the thread with the commands, or the one with the events.

use std::sync::{Mutex, MutexGuard};

use super::lock;
use crate::screen::Screen;

/// The turn of the thread with the commands.
///
/// It keeps its turn while it has commands at hand that need no module: a program that writes its
/// reports and waits for so many lines has them on disk then. Whenever it has to wait it gives its
/// turn up.
pub(super) struct Turn<'a> {
    screen: &'a Mutex<Screen>,
    held: Option<MutexGuard<'a, Screen>>,
}

impl<'a> Turn<'a> {
    pub(super) fn taken(screen: &'a Mutex<Screen>) -> Self {
        Self { screen, held: Some(lock(screen)) }
    }

    pub(super) fn take(&mut self) -> Screen {
        **self.held.get_or_insert_with(|| lock(self.screen))
    }

    pub(super) fn give_up(&mut self) {
        self.held = None;
    }
}
