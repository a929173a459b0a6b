//! A serial port.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use serialport::{DataBits, FlowControl, Parity, StopBits, TTYPort};
use tracing::debug;

use super::{Descriptor, Interest, Port};
use crate::error::Error;

/// How a serial port is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// The rate, in baud. An M26 finds it out by itself, unless it was fixed by `AT+IPR`.
    pub baud: u32,
}

impl Default for SerialSettings {
    /// 115200 baud, as Quectel's FAQ advises for a fixed rate.
    fn default() -> Self {
        Self { baud: 115_200 }
    }
}

/// A serial port, 8N1 without flow control (M26AT: IFC=0,0 by default), nobody else's.
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
    /// If there is no such port, the user may not use it, somebody else does, or it is no serial
    /// port; the message says what to do.
    pub fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let io: File = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| explain(path, error.into()))?
            .into();
        if !rustix::termios::isatty(&io) {
            return Err(no_serial_port(path));
        }
        let mut tty = serialport::new(path, settings.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .exclusive(true)
            .dtr_on_open(true)
            .open_native()
            .map_err(|error| explain_tty(path, settings, error))?;
        if let Err(error) = serialport::SerialPort::write_request_to_send(&mut tty, true) {
            debug!(path, %error, "the port has no RTS");
        }
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

    fn now(&self) -> Instant {
        self.io.now()
    }

    fn first_fence(&self) -> usize {
        self.io.first_fence()
    }

    fn capacity(&self) -> Option<usize> {
        Some(TTY_BUFFER)
    }
}

fn explain(path: &str, source: io::Error) -> Error {
    let doing = match source.kind() {
        io::ErrorKind::NotFound => format!(
            "there is no {path}: is the module plugged in? List the ports with `ls /dev/serial/by-id`"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "no permission for {path}: add the user to the group that owns it (`ls -l {path}` shows it, often dialout) and log in again"
        ),
        io::ErrorKind::ResourceBusy => in_use(path),
        _ => format!("{path} cannot be opened"),
    };
    Error::Io { doing, source }
}

fn explain_tty(path: &str, settings: &SerialSettings, error: serialport::Error) -> Error {
    let (kind, doing) = match error.kind {
        serialport::ErrorKind::NoDevice => (io::ErrorKind::ResourceBusy, in_use(path)),
        serialport::ErrorKind::InvalidInput => {
            (io::ErrorKind::InvalidInput, format!("{path} has no {} baud", settings.baud))
        }
        serialport::ErrorKind::Io(kind) => (kind, format!("{path} cannot be set up")),
        serialport::ErrorKind::Unknown => {
            (io::ErrorKind::Other, format!("{path} cannot be set up as a serial port"))
        }
    };
    Error::Io { doing, source: io::Error::new(kind, error.description) }
}

fn in_use(path: &str) -> String {
    format!(
        "{path} is in use: `fuser {path}` shows by whom; ModemManager can be kept from it by a udev rule"
    )
}

fn no_serial_port(path: &str) -> Error {
    Error::Io {
        doing: format!("{path} is no serial port"),
        source: io::ErrorKind::InvalidInput.into(),
    }
}

/// What Linux keeps of a terminal's input in raw mode (N_TTY_BUF_SIZE − 1).
const TTY_BUFFER: usize = 4095;
