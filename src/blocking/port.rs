//! [`Port`]: what the blocking client needs of a port.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::engine::InputErrors;
use crate::log::debug;

/// A connection to the module, and the clock that goes with it.
///
/// [`Descriptor`] makes one of anything with a descriptor. A test has a port of its own, with its own
/// time.
pub trait Port {
    /// Reads what has arrived. It does not wait: [`io::ErrorKind::WouldBlock`] says that nothing has
    /// arrived, `Ok(0)` that nothing ever will.
    ///
    /// # Errors
    /// If the port is gone.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes as much as there is room for. It does not wait either; `Ok(0)` says that there will
    /// never be room.
    ///
    /// # Errors
    /// If the port is gone.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Waits for something to read (or for room to write), at most for `timeout`. Whether there
    /// is something to read.
    ///
    /// # Errors
    /// If the port is gone.
    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool>;

    /// As [`wait`](Self::wait), and returns early when `wake` has something to read. Without an
    /// implementation of its own, a port returns after 10 ms at the latest, so that the caller can
    /// look.
    ///
    /// # Errors
    /// If the port is gone.
    fn wait_or_wake(
        &mut self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: BorrowedFd<'_>,
    ) -> io::Result<bool> {
        let _ = wake;
        self.wait(interest, Some(timeout.map_or(LOOK, |timeout| timeout.min(LOOK))))
    }

    /// The time.
    fn now(&self) -> Instant;

    /// A number that no other client of the module has, from which the engine makes
    /// [`Settings::fence_number`](crate::engine::Settings::fence_number) unless the caller sets it.
    fn random(&self) -> u32 {
        crate::engine::random()
    }

    /// How often bytes were lost or damaged since some time before, as the driver of the port has
    /// counted it. `None` if it does not count.
    fn input_errors(&self) -> Option<InputErrors> {
        None
    }
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Something to read.
    Read,
    /// Something to read, or room to write.
    ReadOrWrite,
}

/// Makes a [`Port`] of anything with a descriptor, such as a socket.
///
/// ```
/// use std::os::unix::net::UnixStream;
///
/// use m26_pay::blocking::{Client, Descriptor};
/// use m26_pay::engine::Settings;
///
/// let (host, _module) = UnixStream::pair()?;
/// let client = Client::connect(Descriptor::new(host), Settings::default());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Descriptor<T> {
    io: T,
}

impl<T: AsFd + Read + Write> Descriptor<T> {
    /// A port of `io`, which is put into non-blocking mode: a read that waits would wait for ever, past
    /// every deadline.
    pub fn new(io: T) -> Self {
        if let Err(error) = rustix::io::ioctl_fionbio(&io, true) {
            debug!(%error, "the descriptor stays in its mode");
        }
        Self { io }
    }

    fn wait_for(
        &self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: Option<BorrowedFd<'_>>,
    ) -> io::Result<bool> {
        let flags = match interest {
            Interest::Read => PollFlags::IN,
            Interest::ReadOrWrite => PollFlags::IN | PollFlags::OUT,
        };
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let (port, wake) = (self.io.as_fd(), wake.unwrap_or(self.io.as_fd()));
        let mut fds =
            [PollFd::from_borrowed_fd(port, flags), PollFd::from_borrowed_fd(wake, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            // A read finds out everything else: data, a hang-up, an error.
            Ok(_) => Ok(fds[0].revents().intersects(!PollFlags::OUT)),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl<T: AsFd> AsFd for Descriptor<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl<T: AsFd + Read + Write> Port for Descriptor<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.io.read(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.io.write(bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.wait_for(interest, timeout, None)
    }

    fn wait_or_wake(
        &mut self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: BorrowedFd<'_>,
    ) -> io::Result<bool> {
        self.wait_for(interest, timeout, Some(wake))
    }

    #[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl<T: fmt::Debug> fmt::Debug for Descriptor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Descriptor").field(&self.io).finish()
    }
}

/// Not specified; chosen because nobody at a till notices 10 ms, and looking 100 times a second costs
/// little.
const LOOK: Duration = Duration::from_millis(10);
