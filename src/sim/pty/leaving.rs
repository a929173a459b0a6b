//! Notices that a client has closed the terminal.
//!
//! The simulator holds the terminal open, so a client's leaving is no hang-up and wakes nobody. The
//! system tells it (inotify(7)).

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

/// Becomes readable when somebody closes a terminal.
#[derive(Debug)]
pub(super) struct Leaving(OwnedFd);

impl Leaving {
    /// `None` where the system has no watch left: then a client's leaving is noticed with the next
    /// bytes.
    pub(super) fn watch(terminal: &Path) -> Option<Self> {
        let watch = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        add_watch(&watch, terminal, WatchFlags::CLOSE_WRITE | WatchFlags::CLOSE_NOWRITE).ok()?;
        Some(Self(watch))
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Forgets what it was told.
    pub(super) fn clear(&self) {
        let mut told = [0; 1024];
        while matches!(rustix::io::read(&self.0, &mut told), Ok(count) if count > 0) {}
    }
}
