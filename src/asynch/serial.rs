//! [`SerialPort`] for the async client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{SerialPortBuilderExt as _, SerialStream};

use super::Host;
use crate::error::Error;
use crate::serial::{SerialHost, SerialSettings, explain_tty, open_tty, raise_rts};

/// A serial port, 8N1, without flow control (M26AT: IFC=0,0 by default), locked against other
/// programs.
#[derive(Debug)]
pub struct SerialPort(SerialStream);

impl SerialPort {
    /// Opens the port at `path`, such as `/dev/serial/by-id/…` or `/dev/ttyUSB0`, on the runtime
    /// that runs this.
    ///
    /// DTR and RTS are raised if the port has them.
    ///
    /// # Errors
    /// If there is no such port, the user may not open it, another program has it open, or it is not
    /// a serial port; the message says what to do.
    pub fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        // The first descriptor stays open meanwhile, so that the port is not hung up between the two.
        let _tty = open_tty(path)?;
        let mut port = settings
            .builder(path)
            .open_native_async()
            .map_err(|error| explain_tty(path, settings, error))?;
        raise_rts(path, &mut port);
        Ok(Self(port))
    }
}

impl AsyncRead for SerialPort {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for SerialPort {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl Host for SerialHost {
    type Port = SerialPort;

    fn open(&mut self) -> Result<SerialPort, Error> {
        self.open_with(SerialPort::open)
    }
}
