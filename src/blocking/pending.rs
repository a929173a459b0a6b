//! Commands whose callers come back for the answer, or do not.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::at::command::Reply;
use crate::at::line::Line;
use crate::engine::{ExchangeError, Ticket};

/// A command that was submitted. Its answer is had by [`Client::wait`](super::Client::wait) of the
/// same client. Dropped, it is carried out, and its answer goes to nobody.
#[must_use = "wait for it, or cancel it"]
pub struct Pending<C> {
    pub(super) ticket: Ticket,
    pub(super) command: C,
    /// Tells the client that somebody is still there.
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

/// What the client knows of them.
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

    /// A command ended that nobody waits for just now. What is late, if its caller has left.
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

    /// The caller comes for the outcome, which may not have come.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Result<Reply, ExchangeError>> {
        let index = self.0.iter().position(|entry| entry.ticket == ticket)?;
        self.0.remove(index).outcome
    }

    /// The outcome, if it has come.
    pub(super) fn take_ended(&mut self, ticket: Ticket) -> Option<Result<Reply, ExchangeError>> {
        let ended = self.0.iter().any(|entry| entry.ticket == ticket && entry.outcome.is_some());
        if ended { self.take(ticket) } else { None }
    }

    /// How many outcomes are kept for callers who are still there.
    pub(super) fn kept(&mut self) -> usize {
        self.0.retain(|entry| entry.outcome.is_none() || entry.caller.strong_count() > 0);
        self.0.iter().filter(|entry| entry.outcome.is_some()).count()
    }
}
