//! [`Call`]: a command that a handle has submitted.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::shared::{Ended, Operation, Shared, now};
use crate::at::command::Command;
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::session::Pass;

/// A command that a handle has submitted. If this is dropped, the command is cancelled.
#[must_use = "wait for it, or cancel it"]
pub struct Call<C> {
    command: C,
    outcome: Receiver<Ended>,
    departure: Departure,
}

/// Cancels the command if its caller leaves.
struct Departure {
    shared: Arc<Shared>,
    id: u64,
    pass: Option<Pass>,
}

impl<C> Call<C> {
    pub(super) fn new(
        command: C,
        id: u64,
        outcome: Receiver<Ended>,
        shared: Arc<Shared>,
        pass: Pass,
    ) -> Self {
        let departure = Departure { shared, id, pass: Some(pass) };
        Self { command, outcome, departure }
    }
}

impl<C: Command> Call<C> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// As [`Session::send`](crate::blocking::Session::send).
    pub fn wait(self) -> Result<C::Response, Error> {
        let ended = self.outcome.recv().unwrap_or_else(|_| lost());
        self.end(ended)
    }

    /// Waits for the answer, at most for `timeout`. If it has not come, `Err` gives the call back.
    ///
    /// # Errors
    /// The call itself.
    #[allow(clippy::result_large_err, reason = "it is no error, and the caller has it already")]
    pub fn wait_timeout(self, timeout: Duration) -> Result<Result<C::Response, Error>, Self> {
        match self.outcome.recv_timeout(timeout) {
            Ok(ended) => Ok(self.end(ended)),
            Err(RecvTimeoutError::Disconnected) => Ok(self.end(lost())),
            Err(RecvTimeoutError::Timeout) => Err(self),
        }
    }

    fn end(mut self, (now, outcome): Ended) -> Result<C::Response, Error> {
        let pass = self.departure.pass.take();
        let answer = self
            .departure
            .shared
            .change(|inner| Some(inner.machine.answered(now, pass?, &self.command, outcome)));
        answer.unwrap_or_else(|| Err(ExchangeError::Disconnected(Certainty::Unknown).into()))
    }
}

impl<C> Call<C> {
    /// Cancels the command. If no byte of it was sent, none will be ([`Certainty::NotSent`]).
    /// Otherwise the module carries it out, and its answer goes to nobody ([`Certainty::Unknown`],
    /// even if the answer has come already).
    pub fn cancel(mut self) -> Certainty {
        let (sender, certainty) = sync_channel(1);
        self.departure.leave(Some(sender));
        certainty.recv().unwrap_or(Certainty::Unknown)
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        self.leave(None);
    }
}

impl Departure {
    /// Has the driver cancel the command, and say what is known of it.
    fn leave(&mut self, certainty: Option<SyncSender<Certainty>>) {
        let Some(pass) = self.pass.take() else { return };
        let id = self.id;
        self.shared.change(|inner| {
            if inner.bell.is_some() {
                let pass = Box::new(pass);
                inner.operations.push(Operation::Cancel { id, pass, certainty });
            } else {
                // There is no driver: the sender is dropped.
                inner.machine.abandoned(&pass, Some(Certainty::Unknown));
            }
        });
    }
}

impl<C: fmt::Debug> fmt::Debug for Call<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("command", &self.command).finish_non_exhaustive()
    }
}

/// The driver has ended.
fn lost() -> Ended {
    (now(), Err(ExchangeError::Disconnected(Certainty::Unknown)))
}
