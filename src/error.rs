//! [`Error`]: what happened, what is known, and what to do.

mod stage;

use std::fmt;
use std::io;

pub use stage::Stage;

use crate::advice::{self, Advice};
use crate::amount::InvalidAmount;
use crate::argument::InvalidArgument;
use crate::at::command::{DecodeError, InvalidCommand};
use crate::engine::{Certainty, ExchangeError};

/// Why a command brought no answer.
///
/// Its `Debug` is its message too: a `main` that returns it shows people what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An amount is not valid. Nothing was sent.
    #[error(transparent)]
    Amount(#[from] InvalidAmount),
    /// The reply cannot be read as an answer, or its result code is no success.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The exchange failed.
    #[error(transparent)]
    Failed(#[from] ExchangeError),
    /// An argument is not valid. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] InvalidArgument),
    /// The port failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was attempted, and what to do.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The session does not let the command through now. Nothing was sent.
    #[error("{command} was not sent: {reason}; {advice}")]
    NotAllowed {
        /// The command, without its arguments.
        command: String,
        /// Why not. It holds no secret.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// A step of the bring-up did not succeed: every command was answered, but the answers do not
    /// allow the next step.
    #[error("{step}: {state}; {advice}")]
    NotReady {
        /// The step, as its progress reports name it.
        step: &'static str,
        /// The last answer of the module. It holds no secret.
        state: String,
        /// The number of the module's error, if it answered with one.
        code: Option<i32>,
        /// What to do.
        advice: &'static str,
    },
    /// The profile cannot carry the command. Nothing was sent.
    #[error(transparent)]
    Unsendable(#[from] InvalidCommand),
}

/// For functions that open a port: nothing was sent. An error while a command is under way is an
/// [`Io`](Error::Io) that says what was attempted.
impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::Io { doing: "the port cannot be opened".into(), source }
    }
}

/// The kinds of errors, to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The command cannot begin now: wait, and send it again.
    Busy,
    /// The port went away.
    Disconnected,
    /// The module was reset.
    Interrupted,
    /// An argument is not valid, or cannot be sent.
    Invalid,
    /// The port failed.
    Io,
    /// The answer cannot be read.
    Malformed,
    /// The answer belongs to another request.
    Mismatch,
    /// The module ended the command with an error.
    Refused,
    /// The result code of the command is no success.
    Result,
    /// A deadline passed.
    TimedOut,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// What is derived is 10 kB of each program whose `main` returns an error, and says the same.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Decode(DecodeError::Mismatch { .. }) => ErrorKind::Mismatch,
            Self::Decode(DecodeError::Result { .. }) => ErrorKind::Result,
            Self::Decode(DecodeError::Malformed { .. } | DecodeError::Missing { .. })
            | Self::Failed(ExchangeError::Contradicted(_)) => ErrorKind::Malformed,
            Self::Failed(ExchangeError::Busy(_)) | Self::NotAllowed { .. } => ErrorKind::Busy,
            Self::Failed(ExchangeError::Disconnected(_)) => ErrorKind::Disconnected,
            Self::Failed(ExchangeError::Interrupted(_)) => ErrorKind::Interrupted,
            Self::Failed(ExchangeError::Refused(_)) | Self::NotReady { .. } => ErrorKind::Refused,
            Self::Failed(ExchangeError::Silent | ExchangeError::TimedOut { .. }) => {
                ErrorKind::TimedOut
            }
            Self::Amount(_) | Self::Invalid(_) | Self::Unsendable(_) => ErrorKind::Invalid,
            Self::Io { .. } => ErrorKind::Io,
        }
    }

    /// What is known of the command.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::Decode(DecodeError::Result { .. }) | Self::NotReady { .. } => Certainty::Refused,
            Self::Decode(_) => Certainty::Unknown,
            Self::Failed(failure) => failure.certainty(),
            Self::Amount(_)
            | Self::Invalid(_)
            | Self::Io { .. }
            | Self::NotAllowed { .. }
            | Self::Unsendable(_) => Certainty::NotSent,
        }
    }

    /// What to do about it, in sentences for people. What it means for the money is said by
    /// [`Stage::money`].
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Amount(error) => error.advice(),
            Self::Decode(error) => error.advice(),
            Self::Failed(error) => error.advice(),
            Self::Invalid(error) => error.advice(),
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => advice::module::PORT_MISSING,
                io::ErrorKind::PermissionDenied => advice::module::PORT_PERMISSION,
                io::ErrorKind::ResourceBusy => advice::module::PORT_BUSY,
                io::ErrorKind::TimedOut => advice::module::PORT_HANGS,
                _ => advice::module::PORT_FAILED,
            },
            Self::NotAllowed { .. } => advice::module::SESSION_NOT_READY,
            Self::NotReady { step, .. } => advice::module::step(step),
            Self::Unsendable(error) => error.advice(),
        }
    }

    /// The number that came with it: of a `+CME ERROR` or `+CMS ERROR`, or the result code.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Decode(DecodeError::Result { code, .. }) => Some(*code),
            Self::Failed(ExchangeError::Refused(result)) => result.code().map(i32::from),
            Self::NotReady { code, .. } => *code,
            _ => None,
        }
    }
}

impl ErrorKind {
    /// The name of the kind, as the command-line tool prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Disconnected => "disconnected",
            Self::Interrupted => "interrupted",
            Self::Invalid => "invalid",
            Self::Io => "io",
            Self::Malformed => "malformed",
            Self::Mismatch => "mismatch",
            Self::Refused => "refused",
            Self::Result => "result",
            Self::TimedOut => "timed-out",
        }
    }
}

/// The message of any error with those of its causes, for a log: each once, since many a message has
/// its cause in it already.
///
/// ```
/// use std::io;
///
/// use m26_pay::error::{Error, with_causes};
///
/// let error = Error::from(io::Error::other("the cable is loose"));
/// assert_eq!(with_causes(&error), "the port cannot be opened: the cable is loose");
/// ```
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Amount;

    #[test]
    fn invalid_values_become_errors_by_the_question_mark() {
        fn total(text: &str) -> Result<Amount, Error> {
            Ok(text.parse::<Amount>()?)
        }
        let error = total("1.005").unwrap_err();
        assert_eq!((error.kind(), error.certainty()), (ErrorKind::Invalid, Certainty::NotSent));
        assert!(error.to_string().contains("position 4"), "{error}");
    }
}
