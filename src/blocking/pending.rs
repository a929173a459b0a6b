//! [`Pending`]: a command whose caller comes back for the answer, or does not.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::at::command::Reply;
use crate::at::line::Line;
use crate::engine::{ExchangeError, Ticket, held_by};

/// A command that was submitted. [`Client::wait`](super::Client::wait) of the same client gives its
/// answer. If this is dropped, the command is carried out, and its answer goes to nobody.
#[must_use = "wait for it, or cancel it"]
pub struct Pending<C> {
    pub(super) ticket: Ticket,
    pub(super) command: C,
    /// The client has a weak reference to it, and so knows whether the caller is still there.
    _caller: Arc<()>,
}

impl<C: fmt::Debug> fmt::Debug for Pending<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("ticket", &self.ticket)
            .field("command", &self.command)
            .finish()
    }
}

/// What the client knows of submitted commands.
#[derive(Default)]
pub(super) struct Submitted(Vec<Entry>);

struct Entry {
    ticket: Ticket,
    caller: Weak<()>,
    outcome: Option<Result<Reply, ExchangeError>>,
}

impl Submitted {
    pub(super) fn add<C>(&mut self, ticket: Ticket, command: C) -> Pending<C> {
        let caller = Arc::new(());
        self.0.push(Entry { ticket, caller: Arc::downgrade(&caller), outcome: None });
        Pending { ticket, command, _caller: caller }
    }

    /// A command has ended while nobody waited for it. If its caller has left, this is the line that
    /// came too late.
    pub(super) fn ended(
        &mut self,
        ticket: Ticket,
        outcome: Result<Reply, ExchangeError>,
    ) -> Option<Line> {
        match self.0.iter().position(|entry| entry.ticket == ticket) {
            Some(index) if self.0[index].caller.strong_count() > 0 => {
                self.0[index].outcome = Some(outcome);
                None
            }
            known => {
                known.map(|index| self.0.remove(index));
                outcome.ok().and_then(|reply| reply.result)
            }
        }
    }

    /// The caller comes for the outcome; `None` if it has not come.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Result<Reply, ExchangeError>> {
        let index = self.0.iter().position(|entry| entry.ticket == ticket)?;
        self.0.remove(index).outcome
    }

    /// The outcome, if it has come.
    pub(super) fn take_ended(&mut self, ticket: Ticket) -> Option<Result<Reply, ExchangeError>> {
        let ended = self.0.iter().any(|entry| entry.ticket == ticket && entry.outcome.is_some());
        if ended { self.take(ticket) } else { None }
    }

    /// How many outcomes are kept for callers who are still there, and how many bytes they hold.
    pub(super) fn kept(&mut self) -> (usize, usize) {
        self.0.retain(|entry| entry.outcome.is_none() || entry.caller.strong_count() > 0);
        let kept = self.0.iter().filter_map(|entry| entry.outcome.as_ref());
        kept.fold((0, 0), |(count, bytes), outcome| {
            (count + 1, bytes + outcome.as_ref().map_or(0, held_by))
        })
    }
}
