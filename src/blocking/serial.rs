//! [`SerialPort`] for the blocking client.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use serialport::TTYPort;

use super::{Descriptor, Host, Interest, Port};
use crate::error::Error;
use crate::serial::{SerialHost, SerialSettings, explain_tty, open_tty, raise_rts};

/// A serial port, 8N1, without flow control (M26AT: IFC=0,0 by default), locked against other
/// programs.
#[derive(Debug)]
pub struct SerialPort {
    /// Reads and writes. It is a descriptor of its own, because the one of `serialport` blocks,
    /// and a write to a port that takes nothing would block for ever.
    io: Descriptor<File>,
    /// Holds the settings and the lock.
    _tty: TTYPort,
}

impl SerialPort {
    /// Opens the port at `path`, such as `/dev/serial/by-id/…` or `/dev/ttyUSB0`.
    ///
    /// DTR and RTS are raised if the port has them.
    ///
    /// # Errors
    /// If there is no such port, the user may not open it, another program has it open, or it is not
    /// a serial port; the message says what to do.
    pub fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        let io = open_tty(path)?;
        let mut tty = settings
            .builder(path)
            .open_native()
            .map_err(|error| explain_tty(path, settings, error))?;
        raise_rts(path, &mut tty);
        Ok(Self { io: Descriptor::new(io), _tty: tty })
    }
}

impl Port for SerialPort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.io.read(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.io.write(bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.io.wait(interest, timeout)
    }

    fn wait_or_wake(
        &mut self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: BorrowedFd<'_>,
    ) -> io::Result<bool> {
        self.io.wait_or_wake(interest, timeout, wake)
    }

    fn now(&self) -> Instant {
        self.io.now()
    }

    fn capacity(&self) -> Option<usize> {
        Some(TTY_BUFFER)
    }
}

impl Host for SerialHost {
    type Port = SerialPort;

    fn open(&mut self) -> Result<SerialPort, Error> {
        self.open_with(SerialPort::open)
    }
}

/// What Linux keeps of a terminal's input in raw mode (N_TTY_BUF_SIZE − 1).
const TTY_BUFFER: usize = 4095;
