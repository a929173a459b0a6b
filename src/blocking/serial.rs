//! [`SerialPort`] for the blocking client.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use serialport::{SerialPort as _, TTYPort};

use super::{Descriptor, Host, Interest, Port};
use crate::engine::InputErrors;
use crate::error::Error;
use crate::serial::{
    Opening, SerialHost, SerialSettings, Tty, close, drain, input_errors, release,
};
use crate::session::{OPENING, hangs};

/// A serial port, 8N1, without flow control (M26AT: IFC=0,0 by default), locked against other
/// programs.
///
/// A thread of its own opens it, and one closes it, so that an adapter that hangs keeps its user no
/// longer than 10 s.
#[derive(Debug)]
pub struct SerialPort {
    /// There until it is dropped.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// Reads and writes. It is a descriptor of its own, because the one of `serialport` blocks,
    /// and a write to a port that takes nothing would block for ever.
    io: Descriptor<File>,
    /// Holds the settings and the lock.
    tty: TTYPort,
}

impl SerialPort {
    /// Opens the port at `path`, such as `/dev/serial/by-id/…` or `/dev/ttyUSB0`.
    ///
    /// DTR and RTS are raised if the port has them.
    ///
    /// # Errors
    /// If there is no such port, the user may not open it, another program has it open, it is not a
    /// serial port, it does not support the rate, or it does not open within 10 s; the message says
    /// what to do.
    pub fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        let (path, settings) = (path.to_owned(), settings.clone());
        let opening = Opening::begin(move || Tty::open(&path, &settings))?;
        opening.wait(OPENING).unwrap_or_else(|| Err(hangs())).map(Self::from)
    }

    fn io(&mut self) -> io::Result<&mut Descriptor<File>> {
        let open = self.open.as_mut().map(|open| &mut open.io);
        open.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl From<Tty> for SerialPort {
    fn from(tty: Tty) -> Self {
        Self { open: Some(Open { io: Descriptor::new(tty.io), tty: tty.port }) }
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            release(&open.io);
            let path = open.tty.name();
            close(open, path, |open| drain(&open.tty));
        }
    }
}

impl Port for SerialPort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.io()?.read(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.io()?.write(bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.io()?.wait(interest, timeout)
    }

    fn wait_or_wake(
        &mut self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: BorrowedFd<'_>,
    ) -> io::Result<bool> {
        self.io()?.wait_or_wake(interest, timeout, wake)
    }

    #[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn input_errors(&self) -> Option<InputErrors> {
        input_errors(&self.open.as_ref()?.io)
    }
}

impl Host for SerialHost {
    type Port = SerialPort;

    fn open(&mut self, within: Duration) -> Option<Result<SerialPort, Error>> {
        let outcome = match self.opening() {
            Ok(opening) => opening.wait(within)?,
            Err(error) => Err(error),
        };
        self.opened();
        Some(outcome.map(SerialPort::from))
    }
}
