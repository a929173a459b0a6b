//! What went wrong with Alipay, the journal or the cashier, as a problem of the tool.

use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::{AnswerError, Effect, MerchantError, Refusal, RequestError};
use m26_pay::gateway::journal::{JournalError, Said};
use m26_pay::gateway::{PaymentsError, Trouble};

use crate::problem::Problem;

/// A second Ctrl-C, or one where nothing can be stopped.
pub(crate) fn interrupted() -> Problem {
    Problem::new("interrupted", Certainty::Unknown, INTERRUPTED)
}

/// The same with more said about it, and this about what was sent.
pub(crate) fn and(problem: Problem, certainty: Certainty, doing: &str) -> Problem {
    let message = format!("{}; {doing}", problem.message);
    Problem { certainty, message, ..problem }
}

/// With what a code of Alipay's says.
pub(crate) fn said(problem: Problem, said: &Said) -> Problem {
    problem.coded(said.code.0.to_string(), said.sub_code.as_ref().map(ToString::to_string))
}

impl From<MerchantError> for Problem {
    fn from(error: MerchantError) -> Self {
        let option = match error {
            MerchantError::AppCertificate => "--app-cert",
            _ => "--alipay-key",
        };
        Self::usage(format_args!("{option}: {error}"))
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        Self::new("request", Certainty::NotSent, error)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let certainty = match refusal.effect() {
            Effect::NotDone => Certainty::Refused,
            _ => Certainty::Unknown,
        };
        said(Self::new("refused", certainty, &refusal), &Said::of(&refusal))
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        let problem = Self::new("answer", Certainty::Unknown, &error);
        match &error {
            AnswerError::Unverified(refusal) => said(problem, &Said::of_unverified(refusal)),
            _ => problem,
        }
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let message = match &error {
            JournalError::Failed(source)
            | JournalError::Lost(source)
            | JournalError::Unreachable(source) => format!("{error} ({source})"),
            _ => error.to_string(),
        };
        Self::new("journal", Certainty::NotSent, message)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Answer(error) => error.into(),
            Trouble::Journal(error) => error.into(),
            Trouble::Request(error) => error.into(),
            Trouble::Transport(error) => error.into(),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}

impl From<PaymentsError> for Problem {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::Argument(error) => error.into(),
            PaymentsError::Journal(error) => error.into(),
            PaymentsError::NumberUsed(_) => Self::usage(error),
            PaymentsError::Held(_) => Self::new("held", Certainty::NotSent, error),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}

const INTERRUPTED: &str = "left at once: what was under way may still happen; an order that was \
                           begun is open in the journal, and `settle` asks for it";
