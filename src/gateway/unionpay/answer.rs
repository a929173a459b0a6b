//! An answer, and why something is none.

use std::fmt;

use super::call::{Call, Keys};
use super::code::{Code, Meaning};
use super::envelope::Envelope;
use crate::advice::{self, Advice};
use crate::gateway::{Effect, FieldError, Fields, HttpResponse, NoAnswer};
use crate::secret::Secret;

/// What an answer says. UnionPay signs none: that it is UnionPay's is known by TLS alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What the call gives, or why it was refused.
    pub result: Result<T, Refusal>,
    /// All that it says, as UnionPay names it; encrypted members as they came.
    pub fields: Fields,
}

/// UnionPay says no, or that it does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// What UnionPay says to a person (`msg`). It may repeat what was sent.
    pub message: Option<Secret<String>>,
    /// What the code means.
    pub meaning: Meaning,
}

impl Refusal {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        self.meaning.remedy.advice()
    }
}

impl Refusal {
    fn new(code: Code, message: Option<Secret<String>>) -> Self {
        Self { meaning: code.meaning(), code, message }
    }

    /// What the call did, as far as this proves it.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.meaning.effect
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.effect() {
            Effect::Unknown => "does not say what happened",
            _ => "refused",
        };
        write!(f, "UnionPay {verb}: {} ({})", self.meaning.description, self.code)
    }
}

impl std::error::Error for Refusal {}

/// Why a response proves nothing: the call may have been done. It shows nothing of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It says success, and a member is not as UnionPay documents it.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// It is no answer of UnionPay to this call.
    #[error("no answer of UnionPay but {reason} (status {status}, {length} bytes)")]
    NoAnswer {
        /// The status.
        status: u16,
        /// How long the body is.
        length: usize,
        /// What it is.
        reason: NoAnswer,
    },
}

impl AnswerError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Field(error) => error.advice(),
            Self::NoAnswer { .. } => advice::platform::NO_ANSWER,
        }
    }
}

/// Reads what came back for `call`.
pub(super) fn read<C: Call>(
    call: &C,
    response: &HttpResponse,
    keys: Keys<'_>,
) -> Result<Answer<C::Answer>, AnswerError> {
    let no_answer = |reason| AnswerError::NoAnswer {
        status: response.status(),
        length: response.body().len(),
        reason,
    };
    if (300..400).contains(&response.status()) {
        return Err(no_answer(NoAnswer::Redirect));
    }
    // 2.2: UTF-8, whatever a header says.
    let text = std::str::from_utf8(response.body()).map_err(|_| no_answer(NoAnswer::NotText))?;
    let Envelope { code, message, fields } = Envelope::read(text, C::BARE).map_err(no_answer)?;
    let inner = C::INNER_CODE.and_then(|name| fields.text(name)).map(|code| Code::new(&code));
    let refused = [Some(code), inner].into_iter().flatten().find(|code| *code != Code::SUCCESS);
    if let Some(code) = refused {
        return Ok(Answer { result: Err(Refusal::new(code, message)), fields });
    }
    if !(200..300).contains(&response.status()) {
        return Err(no_answer(NoAnswer::Status));
    }
    let result = Ok(call.read(&fields, keys)?);
    Ok(Answer { result, fields })
}
