//! What a serial port is opened with, and what its errors mean, for both clients.

use std::io;

use serialport::{DataBits, FlowControl, Parity, SerialPort, SerialPortBuilder, StopBits};
use tracing::debug;

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

impl SerialSettings {
    /// 8N1 without flow control (M26AT: IFC=0,0 by default), nobody else's, DTR raised.
    pub(crate) fn builder(&self, path: &str) -> SerialPortBuilder {
        serialport::new(path, self.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .exclusive(true)
            .dtr_on_open(true)
    }
}

/// Raises RTS, if the port has it.
pub(crate) fn raise_rts(path: &str, port: &mut impl SerialPort) {
    if let Err(error) = port.write_request_to_send(true) {
        debug!(path, %error, "the port has no RTS");
    }
}

pub(crate) fn explain(path: &str, source: io::Error) -> Error {
    let path = if path.is_empty() { "port without a name" } else { path };
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

pub(crate) fn explain_tty(
    path: &str,
    settings: &SerialSettings,
    error: serialport::Error,
) -> Error {
    let (kind, doing) = match error.kind {
        serialport::ErrorKind::Io(kind) => return explain(path, kind.into()),
        serialport::ErrorKind::NoDevice => (io::ErrorKind::ResourceBusy, in_use(path)),
        serialport::ErrorKind::InvalidInput => {
            (io::ErrorKind::InvalidInput, format!("{path} has no {} baud", settings.baud))
        }
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
