//! A port that leads to a simulated device, on virtual time.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use super::{Chunk, Device};
use crate::blocking::{Interest, Port};

/// A [`Port`] for the blocking client whose other end is a [`Device`], and whose clock moves only
/// while the client waits: a minute of time-outs passes in no time, and every run is the same.
///
/// ```
/// use m26_pay::blocking::Client;
/// use m26_pay::engine::Settings;
/// use m26_pay::m26::ReadSignal;
/// use m26_pay::sim::modem::{self, Modem};
/// use m26_pay::sim::virtual_port::VirtualPort;
///
/// let port = VirtualPort::new(Modem::new(modem::Settings::default()));
/// let mut client = Client::connect(port, Settings::default())?;
/// assert!(client.send(&ReadSignal)?.dbm().is_some());
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

    /// Whether the port takes no bytes, as one with a flow control that nobody answers.
    pub fn stick(&mut self, stuck: bool) {
        self.stuck = stuck;
    }

    /// Opens the port again after a hang-up, for the next client. What nobody has read is gone.
    pub fn reopen(&mut self) {
        self.pump();
        self.arrived.clear();
        self.dead = false;
    }

    fn pump(&mut self) {
        while let Some(chunk) = self.device.poll_transmit(self.now) {
            match chunk {
                Chunk::Bytes(bytes) => self.arrived.extend(bytes),
                Chunk::HangUp => self.dead = true,
                Chunk::Restore => {}
            }
        }
    }
}

impl<D: Device> Port for VirtualPort<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
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

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.dead {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.stuck {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.device.receive(self.now, bytes);
        Ok(bytes.len())
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        let until = timeout.and_then(|timeout| self.now.checked_add(timeout));
        loop {
            self.pump();
            if self.dead || !self.arrived.is_empty() {
                return Ok(true);
            }
            if interest == Interest::ReadOrWrite && !self.stuck {
                return Ok(false);
            }
            match (self.device.next_deadline(), until) {
                (Some(due), until) if until.is_none_or(|until| due <= until) => {
                    self.now = self.now.max(due);
                }
                (_, Some(until)) => {
                    self.now = until;
                    return Ok(false);
                }
                // Nothing will ever happen, and the caller would wait for it.
                (_, None) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    fn now(&self) -> Instant {
        self.now
    }
}

impl<D> fmt::Debug for VirtualPort<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualPort").field("dead", &self.dead).finish_non_exhaustive()
    }
}
