//! [`VirtualPort`]: a port to a simulated device, on virtual time.
//!
//! The code that makes it a port of the blocking client is in that client: the simulator uses no
//! driver.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use super::{Chunk, Device};

/// A port whose other end is a [`Device`], and whose clock moves only while somebody waits: a
/// minute of time-outs passes in an instant, and all runs are equal. It is a port of the blocking
/// client.
///
/// ```
/// # #[cfg(feature = "blocking")]
/// # {
/// use m26_pay::blocking::Client;
/// use m26_pay::engine::Settings;
/// use m26_pay::m26::ReadSignal;
/// use m26_pay::sim::modem::{Modem, ModemSettings};
/// use m26_pay::sim::virtual_port::VirtualPort;
///
/// let port = VirtualPort::new(Modem::new(ModemSettings::default()));
/// let mut client = Client::connect(port, Settings::default());
/// assert!(client.send(&ReadSignal)?.dbm().is_some());
/// # }
/// # Ok::<(), m26_pay::error::Error>(())
/// ```
pub struct VirtualPort<D> {
    device: D,
    now: Instant,
    arrived: VecDeque<u8>,
    dead: bool,
    stuck: bool,
}

impl<D: Device> VirtualPort<D> {
    /// A port to `device`, whose time begins now.
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    pub fn new(device: D) -> Self {
        let now = Instant::now();
        Self { device, now, arrived: VecDeque::new(), dead: false, stuck: false }
    }

    /// The device.
    pub fn device(&self) -> &D {
        &self.device
    }

    /// The device, to be changed.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Lets time pass while the client does nothing.
    pub fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.pump();
        while let Some(due) = self.device.next_deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.pump();
        }
        self.now = until;
    }

    /// Sets whether the port takes no bytes, as when flow control holds them up.
    pub fn stick(&mut self, stuck: bool) {
        self.stuck = stuck;
    }

    /// Opens the port again after a hang-up, for the next client. What was not read is lost.
    pub fn reopen(&mut self) {
        self.pump();
        self.arrived.clear();
        self.dead = false;
    }

    /// Reads what has arrived. It does not wait: [`io::ErrorKind::WouldBlock`] says that there is
    /// nothing, `Ok(0)` that there will never be.
    ///
    /// # Errors
    /// If nothing has arrived.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pump();
        let count = buffer.len().min(self.arrived.len());
        for (place, byte) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
            *place = byte;
        }
        match count {
            0 if !self.dead => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }

    /// Gives `bytes` to the device.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] after a hang-up, [`io::ErrorKind::WouldBlock`] while it is
    /// [stuck](Self::stick).
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.dead {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.stuck {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.device.receive(self.now, bytes);
        Ok(bytes.len())
    }

    /// Lets time pass until there is something to read, at most for `timeout`. Whether there is.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] if there is no time-out and nothing will ever happen.
    pub fn wait_for_input(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let until = timeout.and_then(|timeout| self.now.checked_add(timeout));
        while !self.has_input() {
            match (self.device.next_deadline(), until) {
                (Some(due), until) if until.is_none_or(|until| due <= until) => {
                    self.now = self.now.max(due);
                }
                (_, Some(until)) => {
                    self.now = until;
                    return Ok(false);
                }
                (_, None) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        Ok(true)
    }

    /// Whether there is something to read now: bytes, or the end of a dead line.
    pub fn has_input(&mut self) -> bool {
        self.pump();
        self.dead || !self.arrived.is_empty()
    }

    /// Whether the port takes no bytes: [`stick`](Self::stick).
    pub fn is_stuck(&self) -> bool {
        self.stuck
    }

    /// The time at the port.
    pub fn now(&self) -> Instant {
        self.now
    }

    fn pump(&mut self) {
        while let Some(chunk) = self.device.poll_transmit(self.now) {
            match chunk {
                Chunk::Bytes(bytes) => self.arrived.extend(bytes.as_ref()),
                Chunk::HangUp => self.dead = true,
                Chunk::Restore => {}
            }
        }
    }
}

impl<D> fmt::Debug for VirtualPort<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualPort").field("dead", &self.dead).finish_non_exhaustive()
    }
}
