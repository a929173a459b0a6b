//! What an answer to AT+ALIPAYREP or AT+ALIPAYACT, or the uploader's, leads to.

use crate::alipay::{Held, ReportStatus};
use crate::at::command::{Command, DecodeError, Reply};
use crate::engine::Failure;
use crate::error::Error;
use crate::flows;
use crate::outbox::{Answer, Doubt, ItemState, Upload};

/// What came of sending something.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was sent, and this came of it.
    Answered(Answer),
    /// No byte of it left.
    NotSent(Failure),
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may be its own fault: it is tried again, and that counts.
    Failed,
    /// It was delivered.
    Held(Held),
    /// It is not its own fault: it is tried again.
    Later,
    /// The SDK has to be brought back first.
    NotInitialised,
    /// It is its own fault, if the SDK is ready and the module in the network.
    Questioned,
    /// It is its own fault.
    Rejected,
}

impl Outcome {
    /// What the reply to `command` says.
    pub(super) fn of<C: Command<Response = Held>>(
        command: &C,
        reply: Result<Reply, Failure>,
    ) -> Self {
        let answer = match flows::decode(command, reply) {
            Ok(held) => Answer::Result(held.status()),
            Err(Error::Decode(DecodeError::Result { code, .. })) => {
                Answer::Result(ReportStatus(code))
            }
            Err(Error::Failed(failure)) => return Self::of_failure(failure),
            Err(_) => Answer::Unknown(Doubt::Contradicted),
        };
        Self::Answered(answer)
    }

    fn of_failure(failure: Failure) -> Self {
        use crate::engine::Certainty;
        if failure.certainty() == Certainty::NotSent {
            return Self::NotSent(failure);
        }
        Self::Answered(match failure {
            Failure::Refused(result) => Answer::Refused(result.code()),
            failure if failure.certainty() == Certainty::Refused => Answer::Refused(None),
            Failure::Disconnected(_) => Answer::Unknown(Doubt::Disconnected),
            Failure::Interrupted(_) => Answer::Unknown(Doubt::Interrupted),
            Failure::TimedOut { .. } => Answer::Unknown(Doubt::TimedOut),
            _ => Answer::Unknown(Doubt::Contradicted),
        })
    }
}

impl From<Answer> for Verdict {
    /// The table of the module's documentation.
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Result(ReportStatus::SUCCESS) => Self::Held(Held::Stored),
            Answer::Result(ReportStatus::BACKUP_FAILED) => Self::Held(Held::RamOnly),
            Answer::Result(ReportStatus::BUSY | ReportStatus::QUEUE_FULL) => Self::Later,
            Answer::Result(ReportStatus::NOT_INITIALISED) => Self::NotInitialised,
            Answer::Result(ReportStatus::PARAMETER) => Self::Questioned,
            Answer::Unsendable => Self::Rejected,
            // The host's trouble.
            Answer::Unknown(Doubt::Stopped) => Self::Later,
            Answer::Refused(_) | Answer::Result(_) | Answer::Unknown(_) => Self::Failed,
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
        let of = |code| Verdict::from(Answer::Result(ReportStatus(code)));
        assert_eq!(of(0), Verdict::Held(Held::Stored));
        assert_eq!(of(7), Verdict::Held(Held::RamOnly));
        assert_eq!(of(1), Verdict::Questioned);
        assert_eq!(of(2), Verdict::NotInitialised);
        assert!([5, 6].map(of).iter().all(|verdict| *verdict == Verdict::Later));
        assert!([-1, 3, 4, 8, 99].map(of).iter().all(|verdict| *verdict == Verdict::Failed));
        assert_eq!(Verdict::from(Answer::Refused(Some(3))), Verdict::Failed);
        assert_eq!(Verdict::from(Answer::Unknown(Doubt::TimedOut)), Verdict::Failed);
        assert_eq!(Verdict::from(Answer::Unknown(Doubt::Stopped)), Verdict::Later);
        assert_eq!(Verdict::from(Answer::Unsendable), Verdict::Rejected);
    }
}
