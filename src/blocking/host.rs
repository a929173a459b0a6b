//! [`Host`]: what a blocking session needs of its host.

use std::time::{Duration, Instant};

use super::Port;
use crate::error::Error;
use crate::session::HostRestart;

/// Opens ports, tells the time while there is none, and may restart the module.
///
/// A function that opens a port is a host.
pub trait Host {
    /// The port.
    type Port: Port;

    /// Opens the port. The session calls it at its beginning, and after each loss of the port.
    ///
    /// `None`: the port is not open yet after the time `within`. The session calls again soon, and
    /// the opening goes on. A host whose port cannot hang may ignore the time.
    ///
    /// # Errors
    /// If the port cannot be opened now. It is tried again later.
    fn open(&mut self, within: Duration) -> Option<Result<Self::Port, Error>>;

    /// Restarts the module, such as by a GPIO line, for a plan with
    /// [`Restart::Host`](crate::session::Restart::Host).
    ///
    /// # Errors
    /// If it failed. It is tried again later.
    fn restart(&mut self) -> Result<HostRestart, Error> {
        Ok(HostRestart::NotPossible)
    }

    /// The time, while no port is open.
    #[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// The time by the wall clock, in seconds since 1970; `None` if the host has none.
    fn unix_seconds(&self) -> Option<i64> {
        crate::unix_time::unix_seconds()
    }

    /// Waits while no port is open.
    #[allow(clippy::disallowed_methods, reason = "there is no port to wait on")]
    fn wait(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}

impl<P: Port, F: FnMut() -> Result<P, Error>> Host for F {
    type Port = P;

    fn open(&mut self, _within: Duration) -> Option<Result<P, Error>> {
        Some(self())
    }
}
