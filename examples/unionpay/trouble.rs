//! What went wrong with UnionPay or the tokens, as a problem of the tool.

use m26_pay::engine::Certainty;
use m26_pay::gateway::Effect;
use m26_pay::gateway::unionpay::{
    AnswerError, AppError, CallError, Refusal, RequestError, TokenError, UnionPayError,
};

use crate::problem::Problem;

/// A refusal of a call that changes nothing where it succeeds: it is one, whatever its code.
pub(crate) fn refused(refusal: &Refusal) -> Problem {
    let (code, meaning) = (&refusal.code, refusal.meaning);
    let problem = match meaning.effect {
        Effect::NotDone => Problem::new("refused", Certainty::Refused, refusal),
        _ => {
            let message = format!("UnionPay gives nothing: {} ({code})", meaning.description);
            Problem::new("refused", Certainty::Refused, message)
        }
    };
    problem.coded(code.to_string(), None).advised(refusal.advice())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let certainty = match refusal.effect() {
            Effect::NotDone => Certainty::Refused,
            _ => Certainty::Unknown,
        };
        let advice = refusal.advice();
        Self::new("refused", certainty, &refusal)
            .coded(refusal.code.to_string(), None)
            .advised(advice)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self::usage(format_args!("--partner-key, --unionpay-key: {error}")).advised(error.advice())
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let advice = error.advice();
        let option = match error {
            RequestError::NoPartnerKey => "--partner-key is missing: ",
            RequestError::NoSymmetricKey { .. } => "--symmetric-key-file is missing: ",
            _ => return Self::new("request", Certainty::NotSent, error).advised(advice),
        };
        Self::usage(format_args!("{option}{error}")).advised(advice)
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        let advice = error.advice();
        Self::new("answer", Certainty::Unknown, error).advised(advice)
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Answer(error) => error.into(),
            CallError::Request(error) => error.into(),
            CallError::Transport(error) => error.into(),
            other => {
                let advice = other.advice();
                Self::new("other", Certainty::Unknown, other).advised(advice)
            }
        }
    }
}

/// Of what was asked for nothing was sent.
impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let advice = error.advice();
        let problem = match &error {
            TokenError::Refused(refusal) => Self::new("refused", Certainty::Refused, &error)
                .coded(refusal.code.to_string(), None),
            TokenError::TooMany { .. } => Self::new("limit", Certainty::NotSent, error),
            _ => Self::new("token", Certainty::NotSent, error),
        };
        problem.advised(advice)
    }
}

impl From<UnionPayError> for Problem {
    fn from(error: UnionPayError) -> Self {
        let advice = error.advice();
        let problem = match error {
            UnionPayError::Call(error) => return error.into(),
            UnionPayError::Token(error) => return error.into(),
            UnionPayError::TooMany { .. } => Self::new("limit", Certainty::NotSent, error),
            other => Self::new("other", Certainty::Unknown, other),
        };
        problem.advised(advice)
    }
}
