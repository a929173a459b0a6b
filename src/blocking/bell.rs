//! [`Bell`] and [`Ear`]: one thread wakes another that waits for a port.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The end that wakes. It never blocks.
#[derive(Debug)]
pub(super) struct Bell(UnixStream);

/// The end that is woken.
#[derive(Clone, Debug)]
pub(super) struct Ear(Arc<UnixStream>);

/// Both ends.
pub(super) fn bell() -> io::Result<(Bell, Ear)> {
    let (bell, ear) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    ear.set_nonblocking(true)?;
    Ok((Bell(bell), Ear(Arc::new(ear))))
}

impl Bell {
    pub(super) fn ring(&self) {
        // If there is no room, it rings already.
        let _ = (&self.0).write(&[0]);
    }
}

impl Ear {
    /// Stops the ringing.
    pub(super) fn clear(&self) {
        let mut heard = [0; 64];
        while (&*self.0).read(&mut heard).is_ok_and(|count| count > 0) {}
    }

    /// Waits until the bell rings, at most for `timeout`.
    pub(super) fn wait(&self, timeout: Option<Duration>) {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        // A signal ends the wait too, and the caller looks again.
        let _ = poll(&mut [PollFd::new(&self.as_fd(), PollFlags::IN)], timeout.as_ref());
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
