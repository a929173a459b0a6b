//! [`AcceptError`]: why a code was not accepted.

use std::borrow::Cow;

use crate::advice::{self, Advice, Language};
use crate::campus::acceptance::PolicyError;
use crate::campus::decoder::{DecoderError, InvalidCode};
use crate::campus::guard::{GuardError, TimeError};
use crate::campus::template::Template;
use crate::campus::user_data::UserDataError;

/// Why a code was not accepted. Nothing was recorded, and no money is taken.
///
/// [`Display`](std::fmt::Display) is for a technician, [`for_cashier`](Self::for_cashier) for the
/// screen. Neither shows anything of the code or its holder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// What was scanned cannot be a code.
    #[error(transparent)]
    Code(#[from] InvalidCode),
    /// It was not decoded.
    #[error(transparent)]
    Decode(#[from] DecoderError),
    /// The guard cannot say that it is new. A code that was used is [`Used`](Self::Used).
    #[error(transparent)]
    Guard(GuardError),
    /// The payment could not be recorded. It was not accepted. If the record holds it all the same,
    /// the code is refused as used.
    #[error("the payment could not be recorded, so it was not accepted: {0}")]
    NotRecorded(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A policy refused it.
    #[error("refused by the policy: {0}")]
    Policy(#[from] PolicyError),
    /// Its time does not fit the clock.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// It was used already.
    #[error(
        "the code was used already: {}",
        match recorded {
            Some(true) => "a payment with it is recorded here",
            Some(false) => "no payment with it is recorded here, so it was used at another \
                terminal, or the power was cut before it was recorded",
            None => "whether a payment with it is recorded here is not known",
        }
    )]
    Used {
        /// Whether a payment with it is recorded here, as far as is known.
        recorded: Option<bool>,
    },
    /// At a gate: there is no layout for the template.
    #[error("there is no layout for user data of template {template}: give the gate one")]
    UnknownTemplate {
        /// The template.
        template: Template,
    },
    /// At a gate: the user data could not be read.
    #[error("the user data cannot be read: {0}")]
    UserData(#[from] UserDataError),
}

impl AcceptError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Code(error) => error.advice(),
            Self::Decode(error) => error.advice(),
            Self::Guard(error) => error.advice(),
            Self::NotRecorded(_) => advice::campus::NOT_RECORDED,
            Self::Policy(error) => error.advice(),
            Self::Time(error) => error.advice(),
            Self::UnknownTemplate { .. } => advice::campus::UNREADABLE,
            Self::Used { recorded: Some(true) } => advice::campus::CODE_PAID,
            Self::Used { recorded: Some(false) | None } => advice::campus::CODE_USED,
            Self::UserData(error) => error.advice(),
        }
    }

    /// A short sentence or two for the cashier: that of the [`advice`](Self::advice), with the limit
    /// if the amount is above one, and the policy's own words if it has some.
    #[must_use]
    pub fn for_cashier(&self, language: Language) -> Cow<'static, str> {
        match (self, language) {
            (Self::Policy(PolicyError::Other(reason)), _) => reason.clone(),
            (Self::Policy(PolicyError::AboveLimit { limit, .. }), Language::English) => format!(
                "Above the limit of {limit} yuan. Split the sale, or take another means of payment."
            )
            .into(),
            (Self::Policy(PolicyError::AboveLimit { limit, .. }), Language::Chinese) => {
                format!("超过限额 {limit} 元。请分笔，或换一种支付方式。").into()
            }
            _ => self.advice().cashier(language).into(),
        }
    }
}

impl From<GuardError> for AcceptError {
    fn from(refused: GuardError) -> Self {
        match refused {
            GuardError::Used => Self::Used { recorded: None },
            refused => Self::Guard(refused),
        }
    }
}
