//! A serial port for the async client.

use tokio_serial::{SerialPortBuilderExt as _, SerialStream};

use crate::error::Error;
use crate::serial::{SerialSettings, explain_tty, open_tty, raise_rts};

/// Opens the port at `path`, such as `/dev/serial/by-id/…` or `/dev/ttyUSB0`: 8N1, exclusive, DTR
/// and RTS raised if the port has them.
///
/// # Errors
/// If there is no such port, the user may not use it, somebody else does, or it is no serial port;
/// the message says what to do.
pub fn open(path: &str, settings: &SerialSettings) -> Result<SerialStream, Error> {
    // Held meanwhile, so that the port is not hung up between the two.
    let _tty = open_tty(path)?;
    let mut port = settings
        .builder(path)
        .open_native_async()
        .map_err(|error| explain_tty(path, settings, error))?;
    raise_rts(path, &mut port);
    Ok(port)
}
