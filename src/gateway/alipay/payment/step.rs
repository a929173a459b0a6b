//! What goes into the machine and what comes out.

use std::sync::Arc;
use std::time::Instant;

use super::heard::Heard;
use super::outcome::Outcome;
use crate::gateway::alipay::{Cancel, Pay, Precreate, Query};
use crate::gateway::journal::Entry;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// The first one: it begins, or goes on after a restart.
    Begin,
    /// The entry of [`Step::Write`] is safe, and has this version.
    Written(u64),
    /// It is not.
    NotWritten(NotWritten),
    /// It is not, since this is there: the order has its end, which somebody else proved. A
    /// notification does that.
    Settled(Box<Entry>),
    /// What the request of the last step was answered.
    Answer(Heard),
    /// The rest is over, or the cashier has stopped: a rest that is not over is asked for again.
    Resume,
}

/// Why an entry was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotWritten {
    /// Another program changed it: that one works on the order.
    Elsewhere,
    /// The journal failed; it may have been written all the same.
    Failed,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub enum Step {
    /// Write this to the journal, then [`Input::Written`], [`Input::NotWritten`] or [`Input::Settled`]. An entry of
    /// version 0 is begun, any other updated.
    Write(Box<Entry>),
    /// Ask for the money, then [`Input::Answer`].
    Pay(Arc<Pay>),
    /// Ask for a code that the customer can scan, then [`Input::Answer`].
    Precreate(Arc<Precreate>),
    /// Ask what became of it, then [`Input::Answer`].
    Query(Query),
    /// Cancel it, then [`Input::Answer`].
    Cancel(Cancel),
    /// Nothing before this time or the cashier's stop, then [`Input::Resume`].
    Rest(Instant),
    /// It is over. Every further step says so again.
    Done(Outcome),
    /// The input does not fit what was asked for last, which is still awaited.
    Await,
}
