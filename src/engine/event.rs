//! Events and outputs of the engine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crate::at::command::Reply;
use crate::at::line::Line;
use crate::engine::{ExchangeError, InputErrors};

/// The name of a submitted command. No other command of this process has it, whatever engine it
/// was submitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket {
    engine: u32,
    pub(super) number: u64,
}

impl Ticket {
    /// The first one of an engine.
    pub(super) fn first() -> Self {
        static ENGINES: AtomicU32 = AtomicU32::new(0);
        Self { engine: ENGINES.fetch_add(1, Ordering::Relaxed), number: 0 }
    }

    /// This one; the next one is another.
    pub(super) fn take(&mut self) -> Self {
        let taken = *self;
        self.number += 1;
        taken
    }
}

/// Something that happened, in the order in which it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Event {
    /// A command is over.
    Done {
        /// Which.
        ticket: Ticket,
        /// What came of it.
        outcome: Result<Reply, ExchangeError>,
    },
    /// The driver of the port has counted errors: bytes from the module were lost or damaged.
    InputErrors(InputErrors),
    /// The answer to a command that had ended before, or whose caller had left; or a line of unknown
    /// meaning that came before a command failed. It is given to no command.
    Late(Line),
    /// A line that announced a wrong length, or the beginning of one that was too long.
    Malformed(Line),
    /// So many events were dropped because nobody read them.
    Missed(u64),
    /// The module was reset: everything that was pending has been interrupted, the Alipay SDK is
    /// closed.
    Reset,
    /// The module answers nothing any more.
    Silent,
    /// A final result or a result line that nothing asked for.
    Stray(Line),
    /// A line that somebody else wrote, a short message for instance: what it says means nothing.
    Text(Line),
    /// A line that belongs to no command.
    Urc(Line),
}

/// As a log shows it: of a line, no more than its prefix.
impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Done { ticket, outcome: Ok(_) } => {
                write!(f, "command {} was answered", ticket.number)
            }
            Self::Done { ticket, outcome: Err(failure) } => {
                write!(f, "command {} failed: {failure}", ticket.number)
            }
            Self::InputErrors(errors) => {
                write!(f, "bytes from the module were lost or damaged: {errors}")
            }
            Self::Late(line) => write!(f, "late answer {line:?}"),
            Self::Malformed(line) => write!(f, "malformed line {line:?}"),
            Self::Missed(count) => write!(f, "{count} events were dropped: nobody read them"),
            Self::Reset => f.write_str("the module was reset"),
            Self::Silent => f.write_str("the module does not answer any more"),
            Self::Stray(line) => write!(f, "result {line:?} that nothing asked for"),
            Self::Text(line) => write!(f, "text of a message {line:?}"),
            Self::Urc(line) => write!(f, "line {line:?}"),
        }
    }
}

/// What the engine wants of its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Output {
    /// Pass this on.
    Event(Event),
    /// Nothing, until there is input, or room to write what
    /// [`transmit`](super::Engine::transmit) holds, or this time.
    Wait(Option<Timer>),
}

/// The next deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When [`handle_timeout`](super::Engine::handle_timeout) is due.
    pub at: Instant,
    /// What is waited for.
    pub name: &'static str,
}

/// As its number.
#[cfg(feature = "serde")]
impl serde::Serialize for Ticket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number)
    }
}
