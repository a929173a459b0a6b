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
    problem.coded(code.to_string(), None)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let certainty = match refusal.effect() {
            Effect::NotDone => Certainty::Refused,
            _ => Certainty::Unknown,
        };
        Self::new("refused", certainty, &refusal).coded(refusal.code.to_string(), None)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self::usage(format_args!("--partner-key, --unionpay-key: {error}"))
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let option = match error {
            RequestError::NoPartnerKey => "--partner-key is missing: ",
            RequestError::NoSymmetricKey { .. } => "--symmetric-key-file is missing: ",
            _ => return Self::new("request", Certainty::NotSent, error),
        };
        Self::usage(format_args!("{option}{error}"))
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        Self::new("answer", Certainty::Unknown, error)
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Answer(error) => error.into(),
            CallError::Request(error) => error.into(),
            CallError::Transport(error) => error.into(),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}

/// Of what was asked for nothing was sent.
impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match &error {
            TokenError::Refused(refusal) => Self::new("refused", Certainty::Refused, &error)
                .coded(refusal.code.to_string(), None),
            TokenError::TooMany { .. } => Self::new("limit", Certainty::NotSent, error),
            _ => Self::new("token", Certainty::NotSent, error),
        }
    }
}

impl From<UnionPayError> for Problem {
    fn from(error: UnionPayError) -> Self {
        match error {
            UnionPayError::Call(error) => error.into(),
            UnionPayError::Token(error) => error.into(),
            UnionPayError::TooMany { .. } => Self::new("limit", Certainty::NotSent, error),
            other => Self::new("other", Certainty::Unknown, other),
        }
    }
}
