//! [`Io`]: what the async driver needs of a port.

use std::any::Any;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::SerialPort;
use crate::engine::InputErrors;

/// A port.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin {
    /// As the driver of the port has counted them; `None` if it does not count.
    fn input_errors(&self) -> Option<InputErrors>;
}

/// A port of any type. Only a [`SerialPort`] has counters, and no trait of tokio asks for any.
pub(super) struct Whole<T>(Pin<Box<T>>);

impl<T> Whole<T> {
    pub(super) fn new(port: T) -> Self {
        Self(Box::pin(port))
    }
}

impl<T: AsyncRead + AsyncWrite + 'static> Io for Whole<T> {
    fn input_errors(&self) -> Option<InputErrors> {
        let port: &dyn Any = &*self.0;
        port.downcast_ref().and_then(SerialPort::input_errors)
    }
}

impl<T: AsyncRead> AsyncRead for Whole<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite> AsyncWrite for Whole<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(cx)
    }
}
