//! Errors of an exchange.

use std::fmt;

use crate::advice::{self, Advice};
use crate::at::command::Deadline;
use crate::at::line::Line;
use crate::at::result::FinalResult;

/// Why an exchange brought no reply. What is known of the command's fate is its
/// [`certainty`](ExchangeError::certainty).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// It could not begin.
    #[error("{0}")]
    Busy(SubmitError),
    /// What came contradicts what was asked for, so it cannot be told what was done.
    #[error(
        "the answer contradicts itself: {0}; ask the module for its state before you repeat the command"
    )]
    Contradicted(ContradictionReason),
    /// The port went away.
    #[error("the port was disconnected{}: check the cable and the module's power, then connect again", when(*.0))]
    Disconnected(Certainty),
    /// The module was reset.
    #[error("the module was reset{}: bring it up again", when(*.0))]
    Interrupted(Certainty),
    /// The module ended it with an error.
    #[error("the module refused the command: {0}")]
    Refused(FinalResult<'static>),
    /// The module answers nothing, the checks before a command included.
    #[error(
        "the module does not answer: check its power, the cable, the baud rate and that this is its port"
    )]
    Silent,
    /// A deadline passed.
    #[error("no {deadline}{}", when(*.certainty))]
    TimedOut {
        /// The deadline.
        deadline: Deadline,
        /// What is known of the command.
        certainty: Certainty,
    },
}

impl ExchangeError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Busy(error) => error.advice(),
            Self::Contradicted(reason) => reason.advice(),
            Self::Disconnected(_) => advice::module::PORT_LOST,
            Self::Interrupted(_) => advice::module::MODULE_RESET,
            Self::Refused(result @ FinalResult::Cme(_)) => {
                advice::module::results::refused(result.code())
            }
            Self::Refused(_) => advice::module::results::REFUSED,
            Self::Silent => advice::module::MODULE_SILENT,
            Self::TimedOut { .. } => advice::module::TIMED_OUT,
        }
    }
}

/// Why an exchange could not begin. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The session does not let the command through.
    #[error("the session does not let it through: {advice}")]
    NotAllowed {
        /// What to do.
        advice: &'static str,
    },
    /// Too many commands wait.
    #[error("{waiting} commands wait already: let some of them end first")]
    Queue {
        /// How many wait.
        waiting: usize,
    },
    /// The answer to an earlier command with this prefix has not come yet. It would be taken for
    /// the answer to this one.
    #[error("the result of an earlier {prefix} is still due and would be taken for this one: wait for it to come{}, or restart the module", .same_line.then_some(", send the same command again").unwrap_or_default())]
    Outstanding {
        /// The prefix.
        prefix: &'static str,
        /// Whether the same command line would be accepted.
        same_line: bool,
    },
}

impl SubmitError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::NotAllowed { .. } => advice::module::SESSION_NOT_READY,
            Self::Outstanding { .. } => advice::module::OUTSTANDING,
            Self::Queue { .. } => advice::module::QUEUE_FULL,
        }
    }
}

/// What in an answer cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContradictionReason {
    /// `OK` came without the information that was due before it.
    #[error("OK came without the {expected} line that was due")]
    MissingAnswer {
        /// The prefix of the line.
        expected: &'static str,
    },
    /// A result line said how it went, and then the final result was an error.
    #[error("a result line came, and then {0}")]
    ResultThenError(FinalResult<'static>),
    /// The echo of the line is not the line: the module heard something else, or the echo was damaged
    /// on its way back.
    #[error("the module heard another line than was sent: {0:?}")]
    Misheard(Line),
    /// A line announced a length that is impossible or does not fit.
    #[error("{0:?} announces a length that does not fit its data")]
    Miscounted(Line),
    /// The result does not say when it was made, and that of an earlier command is due too.
    #[error("{0:?} may be the result of an earlier command, which is still due")]
    Undated(Line),
    /// The line was longer than a line can be.
    #[error("a line was longer than {limit} bytes")]
    Overlong {
        /// The limit.
        limit: usize,
    },
}

impl ContradictionReason {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::MissingAnswer { .. } => advice::module::ANSWER_MISSING,
            Self::Misheard(_) => advice::module::MISHEARD,
            Self::Miscounted(_) | Self::Overlong { .. } => advice::module::ANSWER_MALFORMED,
            Self::ResultThenError(_) | Self::Undated(_) => advice::module::CONTRADICTED,
        }
    }
}

/// What is known of a command that did not succeed: for money, the question that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Certainty {
    /// No byte of it left: it was not carried out.
    NotSent,
    /// The module says that it did not do it.
    Refused,
    /// It may have been carried out or not.
    Unknown,
}

impl ExchangeError {
    /// What is known of the command.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::Busy(_) | Self::Silent => Certainty::NotSent,
            Self::Contradicted(_) => Certainty::Unknown,
            Self::Disconnected(certainty)
            | Self::Interrupted(certainty)
            | Self::TimedOut { certainty, .. } => *certainty,
            Self::Refused(_) => Certainty::Refused,
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not-sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        })
    }
}

fn when(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::NotSent | Certainty::Refused => "",
        Certainty::Unknown => ", and whether the command was carried out is not known",
    }
}

/// As its message.
#[cfg(feature = "serde")]
impl serde::Serialize for ExchangeError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
