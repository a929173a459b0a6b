//! [`Connecting`]: the port is opened, and opened again after it was lost.

use std::io;
use std::time::{Duration, Instant};

use crate::engine::{Certainty, EARLIER, ExchangeError};
use crate::error::Error;
use crate::session::core::{Core, later};
use crate::session::phase::Turn;
use crate::session::{MachineStep, State};

/// [`State::Disconnected`] and [`State::Connecting`]: the port is opened.
pub(super) struct Connecting;

impl Connecting {
    pub(super) fn begin(core: &mut Core) -> Self {
        if core.state == State::Disconnected {
            core.go(State::Connecting, "the port is opened");
        }
        Self
    }

    pub(super) fn step(&self) -> Turn {
        Turn::Want(MachineStep::Open)
    }
}

impl Core {
    /// The port is open, or cannot be opened.
    pub(super) fn opened(&mut self, now: Instant, outcome: Result<(), &Error>) {
        if self.state != State::Connecting {
            return;
        }
        match outcome {
            Ok(()) => {
                self.connected = true;
                self.heard = now;
                self.health.counters.connects += 1;
                self.attempts = 0;
                self.go(State::Synchronising, "the port is open");
            }
            Err(error) => {
                self.fail(error);
                self.delay = Some(self.next_wait().min(REOPEN));
                self.go(State::Disconnected, format!("the port cannot be opened: {error}"));
            }
        }
    }

    /// Nothing answers at the port, so it is opened again: an adapter that has lost its settings, or
    /// hangs, is deaf until then, and Linux drops what it did not take.
    pub(super) fn reopen(&mut self, error: &Error) {
        self.fail(error);
        self.leave();
        self.delay = Some(self.next_wait());
        self.go(State::Disconnected, format!("{error}; the port is opened again"));
    }

    fn leave(&mut self) {
        self.connected = false;
        self.sdk.forget(later(self.now, EARLIER));
    }

    /// The port is gone.
    pub(super) fn disconnected(&mut self) {
        if !self.connected {
            return;
        }
        self.leave();
        self.health.counters.disconnects += 1;
        match self.state {
            State::Shut => self.turn(),
            State::ShuttingDown => {
                let failure = ExchangeError::Disconnected(Certainty::Unknown);
                self.closing.outcome.get_or_insert(Err(failure.into()));
                self.go(State::Shut, "the port was lost during the shut-down");
            }
            _ => {
                self.delay = Some(self.next_wait().min(REOPEN));
                self.go(State::Disconnected, "the port was lost");
            }
        }
    }
}

/// The port has not opened for [`OPENING`].
#[cfg_attr(
    not(any(feature = "async", feature = "blocking")),
    allow(dead_code, reason = "the drivers need it")
)]
pub(crate) fn hangs() -> Error {
    let doing = format!(
        "the port does not open within {} s: the adapter hangs; unplug it and plug it in again",
        OPENING.as_secs()
    );
    Error::Io { doing, source: io::ErrorKind::TimedOut.into() }
}

/// How long the session waits at most before it opens the port again. Not specified; chosen because
/// an attempt costs nothing, and who plugs an adapter in looks at the screen.
const REOPEN: Duration = Duration::from_secs(5);

/// How long a port may take to open. Not specified; chosen because adapters that work take less than
/// a second, and a till must say what is wrong before its customer leaves.
#[cfg_attr(
    not(any(feature = "async", feature = "blocking")),
    allow(dead_code, reason = "the drivers need it")
)]
pub(crate) const OPENING: Duration = Duration::from_secs(10);
