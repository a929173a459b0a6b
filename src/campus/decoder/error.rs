//! [`DecoderError`]: why a code was not decoded.

use crate::advice::{self, Advice};
use crate::campus::decoder::{ResultCode, Suspicion, Verdict};

/// Why a code was not decoded. Whatever it is, the code is not accepted.
///
/// It shows nothing of the code and its contents.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecoderError {
    /// The result string says success and the return value does not, or the other way round.
    #[error(
        "the decoder contradicts itself about the code ({verdict}): it is not accepted; report it to the vendor of the decoder"
    )]
    Contradicted {
        /// What it said.
        verdict: Verdict,
    },
    /// The decoder could not be asked: a scanner that does not answer, for example.
    #[error("the decoder could not be asked: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The decoder did what it must not do.
    #[error(transparent)]
    Misbehaved(#[from] MisbehaviourError),
    /// The decoder accepted the code for a payment and gave no `final_data`.
    #[error(
        "the decoder accepted the code and gave no final_data, without which the payment cannot be sent: check that it is a decoder for payments; the code itself must not be sent in its place"
    )]
    NoFinalData,
    /// The decoder refused the code.
    #[error(
        "the decoder refused the code: {verdict}; {}{}",
        verdict.advice(),
        suspicion.map(|suspicion| format!("; {suspicion}")).unwrap_or_default()
    )]
    Refused {
        /// What it said.
        verdict: Verdict,
        /// What looks wrong with the code, if anything does.
        suspicion: Option<Suspicion>,
    },
    /// The decoder cannot be told the purpose. It was not asked.
    #[error("the decoder cannot be asked: {reason}")]
    Unsupported {
        /// What it cannot be told, and what to do.
        reason: &'static str,
    },
}

impl DecoderError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Contradicted { .. } | Self::Failed(_) => advice::campus::DECODER_FAILED,
            Self::Misbehaved(error) => error.advice(),
            Self::NoFinalData | Self::Unsupported { .. } => advice::campus::DECODER_PURPOSE,
            Self::Refused { verdict, .. } => refused(verdict),
        }
    }
}

/// What a decoder did that it must not do: a fault of the decoder or of its binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MisbehaviourError {
    /// It gave a length beyond the memory that it was given.
    #[error(
        "the decoder says that {field} has {length} bytes, where it was given {capacity}: compare the binding with the vendor's header"
    )]
    Length {
        /// The field, as the documents call it.
        field: &'static str,
        /// What it said.
        length: u32,
        /// The memory that it was given, in bytes.
        capacity: u32,
    },
    /// The binding says that it did not carry the call out.
    #[error("the decoder's binding did not carry the call out (status {status}): {advice}")]
    NotCarriedOut {
        /// The status.
        status: i32,
        /// What to do.
        advice: &'static str,
    },
    /// It wrote outside the memory that it was given.
    #[error(
        "the decoder wrote outside the {capacity} bytes that it was given for {field}, so nothing that it says can be trusted, and it is not asked again: compare the binding with the vendor's header, then restart the program"
    )]
    Overrun {
        /// The field, as the documents call it.
        field: &'static str,
        /// The memory that it was given, in bytes.
        capacity: u32,
    },
    /// It wrote outside its memory in an earlier call. It was not asked again.
    #[error(
        "the decoder wrote outside its memory in an earlier call and is not asked again: compare the binding with the vendor's header, then restart the program"
    )]
    Retired,
}

impl MisbehaviourError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::DECODER_FAILED
    }
}

/// What to do about a refusal, by the results that the spec lists (6 and 7).
fn refused(verdict: &Verdict) -> Advice {
    match verdict.result {
        _ if verdict.is_expiry() => advice::campus::CODE_EXPIRED,
        Some(ResultCode::RUN_EXCEPTION) => advice::campus::DECODER_BUSY,
        Some(ResultCode::USER_AUTH_FAILED) => advice::campus::NOT_ENABLED,
        Some(ResultCode::USER_AUTH_TIMEOUT) => advice::campus::AUTHORISATION_ENDED,
        _ => advice::campus::CODE_REFUSED,
    }
}
