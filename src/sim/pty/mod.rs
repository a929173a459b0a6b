//! A device behind a pseudo-terminal, for programs that open a serial port.
//!
//! This is the only part of the simulator that reads a clock. One thread waits in `poll` for bytes
//! from the host, for the device's next deadline and for being woken, and for nothing else.
//!
//! Bytes that a client leaves unread when it closes stay in the terminal for the next client. So a
//! client should flush a port when it opens it, as with any port.

mod leaving;
mod line;
mod mark;
mod running;

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::trace::Passing;
use super::{Chunk, Device};
use leaving::Leaving;
use line::Line;

pub use mark::is_simulated;
pub use running::{Running, spawn};

/// A pseudo-terminal whose other end a client opens like a serial port.
#[derive(Debug)]
pub struct Pty {
    line: Line,
    handle: Handle,
    woken: UnixStream,
    /// What the host has not yet read.
    pending: VecDeque<u8>,
}

impl Pty {
    /// Opens a pseudo-terminal, and puts a symbolic link to it at `link`.
    ///
    /// # Errors
    ///
    /// When the system has no terminal left, or when `link` cannot be made: something else than a
    /// link to a pseudo-terminal is never replaced, and neither is the link of a simulator that runs
    /// ([`io::ErrorKind::AddrInUse`]).
    pub fn open(link: Option<&Path>) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let line = Line::open(link)?;
        let handle = Handle(Arc::new(Shared {
            path: Mutex::new(line.path()),
            stop: AtomicBool::new(false),
            wake,
        }));
        Ok(Self { line, handle, woken, pending: VecDeque::new() })
    }

    /// What a client opens: the link if there is one, else the terminal itself.
    pub fn path(&self) -> PathBuf {
        self.handle.path()
    }

    /// A way to stop or wake [`serve`](Self::serve) from another thread.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Lets the host talk to the device until [`Handle::stop`].
    ///
    /// `trace` sees what passes. A host that does not read does not hold the device up: beyond 64
    /// KiB its bytes are lost, as on a line without flow control.
    ///
    /// # Errors
    ///
    /// When the terminal fails, or cannot be opened again after a hang-up.
    pub fn serve<D: Device + ?Sized>(
        &mut self,
        device: &Mutex<D>,
        mut trace: impl FnMut(Passing<'_>),
    ) -> io::Result<()> {
        let mut buffer = [0; 4096];
        while !self.handle.0.stop.load(Ordering::Acquire) {
            let deadline = self.transmit(device, &mut trace)?;
            let readable = self.wait(deadline)?;
            // Also where nothing was sent: a client may be killed before its first byte.
            self.line.end_exclusive_use()?;
            if readable {
                let count = self.line.read(&mut buffer)?;
                if count > 0 {
                    trace(Passing::ToModule(&buffer[..count]));
                    lock(device).receive(now(), &buffer[..count]);
                }
            }
        }
        Ok(())
    }

    /// Gives the host what is due, and returns the device's next deadline.
    fn transmit<D: Device + ?Sized>(
        &mut self,
        device: &Mutex<D>,
        trace: &mut impl FnMut(Passing<'_>),
    ) -> io::Result<Option<Instant>> {
        let now = now();
        loop {
            let chunk = lock(device).poll_transmit(now);
            match chunk {
                Some(Chunk::Bytes(bytes)) => {
                    trace(Passing::ToHost(&bytes));
                    if self.pending.len() + bytes.len() <= PENDING_LIMIT {
                        self.pending.extend(&bytes);
                    }
                }
                Some(Chunk::HangUp) => {
                    self.pending.clear();
                    self.line.hang_up();
                    trace(Passing::HangUp);
                }
                Some(Chunk::Restore) => {
                    self.line.restore()?;
                    let path = self.line.path();
                    trace(Passing::Restored(&path));
                    *lock(&self.handle.0.path) = path;
                }
                None => break,
            }
        }
        self.line.write(&mut self.pending)?;
        Ok(lock(device).next_deadline())
    }

    /// Waits until something can be done, and says whether the host has sent something.
    fn wait(&mut self, deadline: Option<Instant>) -> io::Result<bool> {
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(now()));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut interest = PollFlags::IN;
        if !self.pending.is_empty() {
            interest |= PollFlags::OUT;
        }
        let wake = PollFd::new(&self.woken, PollFlags::IN);
        let (woken, readable) = if let Some(terminal) = self.line.terminal() {
            let leaving = self.line.leaving();
            // Where nothing tells it, the terminal takes its place.
            let closed = leaving.map_or(terminal, Leaving::fd);
            let left = PollFd::new(&closed, leaving.map_or(PollFlags::empty(), |_| PollFlags::IN));
            let mut fds = [wake, PollFd::new(&terminal, interest), left];
            await_any(&mut fds, timeout.as_ref())?;
            if let Some(leaving) = leaving {
                leaving.clear();
            }
            (fds[0].revents(), fds[1].revents().intersects(!PollFlags::OUT))
        } else {
            let mut fds = [wake];
            await_any(&mut fds, timeout.as_ref())?;
            (fds[0].revents(), false)
        };
        if !woken.is_empty() {
            let mut wakes = [0; 64];
            while matches!((&self.woken).read(&mut wakes), Ok(count) if count == wakes.len()) {}
        }
        Ok(readable)
    }
}

/// Stops or wakes a [`Pty`] that is serving.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

struct Shared {
    path: Mutex<PathBuf>,
    stop: AtomicBool,
    wake: UnixStream,
}

impl Handle {
    /// What a client opens now. After a hang-up without a link it is another terminal.
    pub fn path(&self) -> PathBuf {
        lock(&self.0.path).clone()
    }

    /// Makes [`Pty::serve`] return.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Release);
        self.wake();
    }

    /// Makes [`Pty::serve`] look at its device again, after something else has changed it.
    pub fn wake(&self) {
        // If the socket is full, a wake-up is under way already.
        drop((&self.0.wake).write(&[0]));
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("path", &self.path()).finish_non_exhaustive()
    }
}

fn await_any(fds: &mut [PollFd<'_>], timeout: Option<&Timespec>) -> io::Result<()> {
    match poll(fds, timeout) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// After a panic of another thread the simulation goes on with the device as it is.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[allow(clippy::disallowed_methods, reason = "this is the driver: the devices get their time here")]
fn now() -> Instant {
    Instant::now()
}

/// Not specified; chosen to hold some seconds of a host's absence at 115200 baud.
const PENDING_LIMIT: usize = 64 * 1024;
