//! [`Verdict`]: what an answer to AT+ALIPAYREP or AT+ALIPAYACT, or of the uploader, leads to.

use crate::alipay::{Held, ReportStatus};
use crate::at::command::{Command, DecodeError, Reply};
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows;
use crate::outbox::{Doubt, ItemState, ReportAnswer, Upload};

/// The outcome of sending something.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was sent, with this outcome.
    Answered(ReportAnswer),
    /// No byte of it left.
    NotSent(ExchangeError),
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The item itself may be the cause: it is tried again, and the failure counts.
    Failed,
    /// It was delivered.
    Held(Held),
    /// The item itself is not the cause: it is tried again.
    Later,
    /// The SDK has to be opened again first.
    NotInitialised,
    /// The item itself is the cause, if the SDK is ready and the module in the network.
    Questioned,
    /// The item itself is the cause.
    Rejected,
}

impl Outcome {
    /// What the reply to `command` says.
    pub(super) fn of<C: Command<Response = Held>>(
        command: &C,
        reply: Result<Reply, ExchangeError>,
    ) -> Self {
        let answer = match flows::decode(command, reply) {
            Ok(held) => ReportAnswer::Result(held.status()),
            Err(Error::Decode(DecodeError::Result { code, .. })) => {
                ReportAnswer::Result(ReportStatus(code))
            }
            Err(Error::Failed(failure)) => return Self::of_failure(failure),
            Err(_) => ReportAnswer::Unknown(Doubt::Contradicted),
        };
        Self::Answered(answer)
    }

    fn of_failure(failure: ExchangeError) -> Self {
        use crate::engine::Certainty;
        if failure.certainty() == Certainty::NotSent {
            return Self::NotSent(failure);
        }
        Self::Answered(match failure {
            ExchangeError::Refused(result) => ReportAnswer::Refused(result.code()),
            failure if failure.certainty() == Certainty::Refused => ReportAnswer::Refused(None),
            ExchangeError::Disconnected(_) => ReportAnswer::Unknown(Doubt::Disconnected),
            ExchangeError::Interrupted(_) => ReportAnswer::Unknown(Doubt::Interrupted),
            ExchangeError::TimedOut { .. } => ReportAnswer::Unknown(Doubt::TimedOut),
            _ => ReportAnswer::Unknown(Doubt::Contradicted),
        })
    }
}

impl From<ReportAnswer> for Verdict {
    /// The table of the module's documentation.
    fn from(answer: ReportAnswer) -> Self {
        match answer {
            ReportAnswer::Result(ReportStatus::SUCCESS) => Self::Held(Held::Stored),
            ReportAnswer::Result(ReportStatus::BACKUP_FAILED) => Self::Held(Held::RamOnly),
            ReportAnswer::Result(ReportStatus::BUSY | ReportStatus::QUEUE_FULL) => Self::Later,
            ReportAnswer::Result(ReportStatus::NOT_INITIALISED) => Self::NotInitialised,
            ReportAnswer::Result(ReportStatus::PARAMETER) => Self::Questioned,
            ReportAnswer::InvalidCommand => Self::Rejected,
            // The host could not send it.
            ReportAnswer::Unknown(Doubt::Stopped) => Self::Later,
            ReportAnswer::Refused(_) | ReportAnswer::Result(_) | ReportAnswer::Unknown(_) => {
                Self::Failed
            }
        }
    }
}

impl From<Upload> for Verdict {
    fn from(upload: Upload) -> Self {
        match upload {
            Upload::Done => Self::Held(Held::Stored),
            Upload::Failed | Upload::Unknown => Self::Failed,
            Upload::Refused => Self::Rejected,
            Upload::Unreachable => Self::Later,
        }
    }
}

impl From<Held> for ItemState {
    fn from(held: Held) -> Self {
        match held {
            Held::Stored => Self::Held,
            Held::RamOnly => Self::RamOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        let of = |code| Verdict::from(ReportAnswer::Result(ReportStatus(code)));
        assert_eq!(of(0), Verdict::Held(Held::Stored));
        assert_eq!(of(7), Verdict::Held(Held::RamOnly));
        assert_eq!(of(1), Verdict::Questioned);
        assert_eq!(of(2), Verdict::NotInitialised);
        assert!([5, 6].map(of).iter().all(|verdict| *verdict == Verdict::Later));
        assert!([-1, 3, 4, 8, 99].map(of).iter().all(|verdict| *verdict == Verdict::Failed));
        assert_eq!(Verdict::from(ReportAnswer::Refused(Some(3))), Verdict::Failed);
        assert_eq!(Verdict::from(ReportAnswer::Unknown(Doubt::TimedOut)), Verdict::Failed);
        assert_eq!(Verdict::from(ReportAnswer::Unknown(Doubt::Stopped)), Verdict::Later);
        assert_eq!(Verdict::from(ReportAnswer::InvalidCommand), Verdict::Rejected);
    }
}
