//! [`Host`]: what an async session needs of its host.

use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::error::Error;
use crate::session::HostRestart;

/// Opens ports, and may restart the module. None of it may block for long.
///
/// A function that opens a port is a host.
pub trait Host {
    /// The port.
    type Port: AsyncRead + AsyncWrite + 'static;

    /// Opens the port. The session calls it at its beginning, and after each loss of the port.
    ///
    /// While the opening takes time it is pending: it wakes the task of `cx`, and the next call goes
    /// on with the same opening.
    ///
    /// # Errors
    /// If the port cannot be opened now. It is tried again later.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Port, Error>>;

    /// Restarts the module, such as by a GPIO line, for a plan with
    /// [`Restart::Host`](crate::session::Restart::Host).
    ///
    /// # Errors
    /// If it failed. It is tried again later.
    fn restart(&mut self) -> Result<HostRestart, Error> {
        Ok(HostRestart::NotPossible)
    }

    /// The time by the wall clock, in seconds since 1970; `None` if the host has none.
    fn unix_seconds(&self) -> Option<i64> {
        crate::unix_time::unix_seconds()
    }
}

impl<T: AsyncRead + AsyncWrite + 'static, F: FnMut() -> Result<T, Error>> Host for F {
    type Port = T;

    fn poll_open(&mut self, _cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        Poll::Ready(self())
    }
}
