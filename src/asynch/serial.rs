//! [`SerialPort`] for the async client.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_serial::SerialStream;

use super::Host;
use crate::error::Error;
use crate::serial::{Opening, SerialHost, SerialSettings, Tty, close};
use crate::session::{OPENING, hangs};

/// A serial port, 8N1, without flow control (M26AT: IFC=0,0 by default), locked against other
/// programs.
///
/// A thread of its own opens it, and one closes it, so that an adapter that hangs keeps no other
/// task.
#[derive(Debug)]
pub struct SerialPort {
    /// There until it is dropped.
    stream: Option<SerialStream>,
}

impl SerialPort {
    /// Opens the port at `path`, such as `/dev/serial/by-id/…` or `/dev/ttyUSB0`, on the runtime
    /// that runs this.
    ///
    /// DTR and RTS are raised if the port has them.
    ///
    /// # Errors
    /// If there is no such port, the user may not open it, another program has it open, it is not a
    /// serial port, it does not support the rate, or it does not open within 10 s; the message says
    /// what to do.
    pub async fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        let (path, settings) = (path.to_owned(), settings.clone());
        let opening = Opening::begin(move || Tty::open(&path, &settings))?;
        match timeout(OPENING, poll_fn(|cx| opening.poll(cx))).await {
            Ok(outcome) => Self::of(outcome?),
            Err(_) => Err(hangs()),
        }
    }

    fn of(tty: Tty) -> Result<Self, Error> {
        match SerialStream::try_from(tty.port) {
            Ok(stream) => Ok(Self { stream: Some(stream) }),
            Err(error) => Err(Error::Io {
                doing: "the runtime does not take the port".to_owned(),
                source: error.into(),
            }),
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut SerialStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        close(self.stream.take());
    }
}

impl AsyncRead for SerialPort {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for SerialPort {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Host for SerialHost {
    type Port = SerialPort;

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<SerialPort, Error>> {
        let outcome = match self.opening() {
            Ok(opening) => ready!(opening.poll(cx)),
            Err(error) => Err(error),
        };
        self.opened();
        Poll::Ready(outcome.and_then(SerialPort::of))
    }
}
