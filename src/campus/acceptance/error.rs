//! [`AcceptError`]: why a code was not accepted.

use std::borrow::Cow;

use crate::campus::acceptance::PolicyError;
use crate::campus::decoder::{DecoderError, InvalidCode, ResultCode};
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
    /// A short sentence or two for the cashier: what happened, and what to do.
    #[must_use]
    pub fn for_cashier(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Code(_) => "Not a campus code. Scan the campus code again.",
            Self::Decode(error) => decoding(error),
            Self::Guard(GuardError::Full { .. }) => {
                "Too many codes at once. Wait a minute, then scan again."
            }
            Self::Guard(GuardError::Outdated) => "Old code. Ask for a new code.",
            Self::Guard(GuardError::Unreachable { .. }) => {
                "No connection to the other terminals. Take another means of payment, or try again."
            }
            Self::Guard(_) => "The terminal cannot store codes. Call the technician.",
            Self::NotRecorded(_) => {
                "NOT paid: the terminal cannot store payments. Call the technician."
            }
            Self::Policy(PolicyError::AboveLimit { limit, .. }) => {
                return format!(
                    "Above the limit of {limit} yuan. Split the sale, or take another means of payment."
                )
                .into();
            }
            Self::Policy(PolicyError::Other(reason)) => return reason.clone(),
            Self::Time(TimeError::Expired { .. }) => EXPIRED,
            Self::Time(TimeError::Ahead { .. }) => {
                "The terminal's clock or the phone's is wrong. Ask for a new code, and have the clock set."
            }
            Self::Time(TimeError::ClockNotSet { .. }) => {
                "The terminal's clock is not set. Call the technician."
            }
            Self::Used { recorded: Some(true) } => {
                "Already paid with this code. For another sale ask for a new code."
            }
            Self::Used { .. } => "This code was used already. Ask for a new code.",
            Self::UnknownTemplate { .. } | Self::UserData(_) => {
                "The code cannot be read here. Call the technician."
            }
        };
        text.into()
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

fn decoding(error: &DecoderError) -> &'static str {
    let DecoderError::Refused { verdict, .. } = error else {
        return "The terminal cannot read codes. Call the technician.";
    };
    match verdict.result {
        _ if verdict.is_expiry() => EXPIRED,
        Some(ResultCode::USER_AUTH_FAILED) => {
            "The customer has not enabled this service. Take another means of payment."
        }
        Some(ResultCode::USER_AUTH_TIMEOUT) => {
            "The customer's authorisation has run out. The customer has to renew it, online."
        }
        Some(ResultCode::RUN_EXCEPTION) => "The terminal cannot read codes at present. Try again.",
        _ => "Not a valid campus code. Scan it again, or ask for a new code.",
    }
}

const EXPIRED: &str = "The code has expired. Ask for a new code.";
