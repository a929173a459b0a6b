//! One call from its arguments to its answer.

use super::answer::{Answer, AnswerError};
use super::app::{App, RequestError};
use super::call::Call;
use super::text::BackendToken;
use crate::advice::Advice;
use crate::gateway::{Deadlines, Delivery, Transport, TransportError};
use crate::unix_time::UnixMillis;

impl App {
    /// Makes a call: one request, sent once, whatever comes of it.
    ///
    /// # Errors
    /// If there is no answer that can be read; [`CallError::delivery`] says what is known. A refusal
    /// is an answer.
    pub fn call<C: Call>(
        &self,
        call: &C,
        token: Option<&BackendToken>,
        transport: &(impl Transport + ?Sized),
        deadlines: Deadlines,
        at: UnixMillis,
    ) -> Result<Answer<C::Answer>, CallError> {
        let request = self.request(call, token, at)?;
        let response = transport.send(&request, deadlines)?;
        Ok(self.read(call, &response)?)
    }
}

/// Why a call has no answer that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// What came back is no answer.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// It could not be made into a request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Nothing came back.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl CallError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Answer(error) => error.advice(),
            Self::Request(error) => error.advice(),
            Self::Transport(error) => error.advice(),
        }
    }
}

impl CallError {
    /// What is known about the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Answer(_) => Delivery::Unknown,
            Self::Request(_) => Delivery::NotSent,
            Self::Transport(error) => error.delivery(),
        }
    }
}
