//! [`SerialPort`] for the async client.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serialport::{SerialPort as _, TTYPort};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;
use tokio_serial::SerialStream;

use super::Host;
use crate::engine::InputErrors;
use crate::error::Error;
use crate::serial::{
    Opening, SerialHost, SerialSettings, Tty, close, drain, input_errors, release,
};
use crate::session::{OPENING, hangs};

/// A serial port, 8N1, without flow control (M26AT: IFC=0,0 by default), locked against other
/// programs.
///
/// A thread of its own opens it, and one closes it, so that an adapter that hangs keeps no other
/// task. It wakes its task for input, and for room to write only while the port has none.
#[derive(Debug)]
pub struct SerialPort {
    /// There until it is dropped.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// Wakes for input alone. The runtime has this kind of reader for pipes; it asks nothing of a
    /// descriptor that a terminal has not, and takes a read that is short for all there was.
    input: Receiver,
    output: Output,
}

/// How what is written leaves.
#[derive(Debug)]
enum Output {
    /// At once. Whoever waited for room would be woken each time that the line has drained.
    AtOnce {
        io: File,
        /// Holds the settings and the lock.
        port: TTYPort,
    },
    /// The port had no room once: from then on by what wakes for room.
    WithRoom(SerialStream),
    /// The runtime did not take the port.
    Failed,
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
        let Tty { io, port } = tty;
        let input = io.try_clone().and_then(Receiver::from_file_unchecked);
        match input {
            Ok(input) => {
                Ok(Self { open: Some(Open { input, output: Output::AtOnce { io, port } }) })
            }
            Err(source) => {
                Err(Error::Io { doing: "the runtime does not take the port".to_owned(), source })
            }
        }
    }

    /// As the driver of the port has counted them.
    pub(super) fn input_errors(&self) -> Option<InputErrors> {
        input_errors(&self.open.as_ref()?.input)
    }

    fn open_mut(&mut self) -> io::Result<&mut Open> {
        self.open.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Output {
    fn path(&self) -> Option<String> {
        match self {
            Self::AtOnce { port, .. } => port.name(),
            Self::WithRoom(stream) => stream.name(),
            Self::Failed => None,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match std::mem::replace(self, Self::Failed) {
                Self::AtOnce { mut io, port } => match io.write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        *self = Self::WithRoom(SerialStream::try_from(port)?);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                        *self = Self::AtOnce { io, port };
                    }
                    written => {
                        *self = Self::AtOnce { io, port };
                        return Poll::Ready(written);
                    }
                },
                Self::WithRoom(mut stream) => {
                    let written = Pin::new(&mut stream).poll_write(cx, bytes);
                    *self = Self::WithRoom(stream);
                    return written;
                }
                Self::Failed => return Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
            }
        }
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            release(&open.input);
            let path = open.output.path();
            close(open, path, |open| match &open.output {
                Output::AtOnce { port, .. } => drain(port),
                Output::WithRoom(stream) => drain(stream),
                Output::Failed => {}
            });
        }
    }
}

impl AsyncRead for SerialPort {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.open_mut()?.input).poll_read(cx, buffer)
    }
}

impl AsyncWrite for SerialPort {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open_mut()?.output.poll_write(cx, bytes)
    }

    /// There is nothing to flush: each write gives all it takes to the system.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A port, and the module's side of it.
    async fn pty() -> (SerialPort, File) {
        let module = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&module).unwrap();
        unlockpt(&module).unwrap();
        let path = ptsname(&module, Vec::new()).unwrap().into_string().unwrap();
        let port = SerialPort::open(&path, &SerialSettings::default()).await.unwrap();
        (port, File::from(module))
    }

    #[tokio::test]
    async fn each_piece_of_input_wakes_its_reader() {
        let (mut port, mut module) = pty().await;
        let mut buffer = [0; 64];
        for piece in [&b"\r\nOK\r\n"[..], b"x", &[b'y'; 64], b"z"] {
            let reader = async {
                let mut read = Vec::new();
                while read.len() < piece.len() {
                    let count = port.read(&mut buffer).await.unwrap();
                    read.extend_from_slice(&buffer[..count]);
                }
                read
            };
            let writer = async {
                tokio::task::yield_now().await;
                module.write_all(piece).unwrap();
            };
            let (read, ()) = tokio::join!(reader, writer);
            assert_eq!(read, piece);
        }
    }

    #[tokio::test]
    async fn a_port_that_was_full_takes_the_rest_in_order() {
        let (mut port, mut module) = pty().await;
        let sent: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let mut written = 0;
        // Nobody reads yet.
        poll_fn(|cx| {
            while let Poll::Ready(count) = Pin::new(&mut port).poll_write(cx, &sent[written..]) {
                written += count.unwrap();
            }
            Poll::Ready(())
        })
        .await;
        assert!(matches!(port.open.as_ref().unwrap().output, Output::WithRoom(_)));
        let expected = sent.clone();
        let reader = tokio::task::spawn_blocking(move || {
            let mut received = vec![0; expected.len()];
            module.read_exact(&mut received).unwrap();
            received == expected
        });
        port.write_all(&sent[written..]).await.unwrap();
        assert!(reader.await.unwrap());
    }

    #[tokio::test]
    async fn a_module_that_goes_away_ends_the_read() {
        let (mut port, module) = pty().await;
        let mut buffer = [0; 64];
        let reader = async { port.read(&mut buffer).await };
        let writer = async {
            tokio::task::yield_now().await;
            drop(module);
        };
        let (read, ()) = tokio::join!(reader, writer);
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}
