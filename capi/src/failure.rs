//! Why a call failed: kept for the thread that made it, until it asks.

use std::cell::RefCell;
use std::ffi::c_char;
use std::fmt;

use m26_pay::advice::{Advice, Language};
use m26_pay::amount::InvalidAmount;
use m26_pay::argument::InvalidArgument;
use m26_pay::campus::acceptance::AcceptError;
use m26_pay::engine::Certainty;
use m26_pay::error::Error;
use m26_pay::outbox::{OutboxError, StoreError};
use m26_pay::serial::InvalidUsbPort;

use crate::boundary::{enter, give};
use crate::memory::m26pay_string;
use crate::pointer::Out;
use crate::status::{
    self, M26PAY_CODE_REFUSED, M26PAY_CODE_USED, M26PAY_INVALID, M26PAY_NOT_SAFE, M26PAY_NOTHING,
    M26PAY_PANIC, M26PAY_UNKNOWN_VALUE, m26pay_certainty, m26pay_status,
};

/// Why a call failed. It holds no secret: a log may show it. There is nothing in it to free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_error {
    /// What the call returned.
    pub status: m26pay_status,
    /// What is known of the command.
    pub certainty: m26pay_certainty,
    /// Whether a number came with it, which is `code`.
    pub has_code: bool,
    /// The number of a `+CME ERROR` or `+CMS ERROR`, or the result code of the command.
    pub code: i32,
    /// What kind of failure it is, for programs, logs and manuals: words in lower case with hyphens, which
    /// stay the same from version to version. Ends with NUL.
    pub identifier: [c_char; 64],
    /// What happened, what is known and what to do, in UTF-8; ends with NUL. A longer one is cut.
    pub message: [c_char; 512],
    /// How many bytes the whole message has.
    pub message_length: usize,
}

/// Gives why the last call of this thread that failed did so. `M26PAY_NOTHING` if none has failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_last_error(error: *mut m26pay_error) -> m26pay_status {
    let Some(last) = last(|last| Some(last.to_c())) else { return M26PAY_NOTHING };
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let error = unsafe { Out::new("error", error) }?;
        error.write(last);
        Ok(())
    })
}

/// For whom a sentence is.
pub type m26pay_reader = i32;

/// For the cashier: what happened, and what to do at the till, without a technical word.
pub const M26PAY_FOR_CASHIER: m26pay_reader = 0;
/// For the technician: the cause and the remedy.
pub const M26PAY_FOR_TECHNICIAN: m26pay_reader = 1;

/// A language.
pub type m26pay_language = i32;

/// English.
pub const M26PAY_ENGLISH: m26pay_language = 0;
/// Chinese, in simplified characters.
pub const M26PAY_CHINESE: m26pay_language = 1;

/// Gives what to do about the last call of this thread that failed: a sentence or a few, without a secret.
/// `advice->memory` is to be freed. `M26PAY_NOTHING` if none has failed, or if it is the program's fault:
/// the message says then what to change in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_last_advice(
    reader: m26pay_reader,
    language: m26pay_language,
    advice: *mut m26pay_string,
) -> m26pay_status {
    let last = last(|last| last.0.advice);
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("advice", advice) }?;
        let language = self::language(language)?;
        let sentence = match (last, reader) {
            (None, _) => None,
            (Some(advice), M26PAY_FOR_CASHIER) => Some(advice.cashier(language)),
            (Some(advice), M26PAY_FOR_TECHNICIAN) => Some(advice.technician(language)),
            (_, other) => return Err(Failure::unknown_value("m26pay_reader", other)),
        };
        Ok(sentence.map(|sentence| to.write(m26pay_string::new(sentence))))
    })
}

/// The language of the caller.
pub(crate) fn language(language: m26pay_language) -> Result<Language, Failure> {
    match language {
        M26PAY_ENGLISH => Ok(Language::English),
        M26PAY_CHINESE => Ok(Language::Chinese),
        other => Err(Failure::unknown_value("m26pay_language", other)),
    }
}

/// A failure, whatever part of the library it comes from. It is in a box, so that a call which succeeds carries
/// no room for it.
#[derive(Debug)]
pub(crate) struct Failure(Box<Cause>);

#[derive(Debug)]
struct Cause {
    status: m26pay_status,
    certainty: Certainty,
    code: Option<i32>,
    identifier: &'static str,
    advice: Option<Advice>,
    message: String,
}

impl Failure {
    /// What a caller did wrong. Nothing was sent.
    #[cold]
    pub(crate) fn misuse(status: m26pay_status, message: impl fmt::Display) -> Self {
        Self(Box::new(Cause {
            status,
            certainty: Certainty::NotSent,
            code: None,
            identifier: "misuse",
            advice: None,
            message: message.to_string(),
        }))
    }

    /// A failure of which the library knows what to do about it. Nothing was sent.
    #[cold]
    pub(crate) fn advised(
        status: m26pay_status,
        advice: Advice,
        message: impl fmt::Display,
    ) -> Self {
        let mut failure = Self::misuse(status, message);
        failure.0.identifier = advice.id();
        failure.0.advice = Some(advice);
        failure
    }

    /// With what is known of the command.
    #[cfg(feature = "payments")]
    pub(crate) fn certainty(mut self, certainty: Certainty) -> Self {
        self.0.certainty = certainty;
        self
    }

    /// With another message.
    #[cfg(feature = "payments")]
    pub(crate) fn message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// A number that stands for nothing.
    pub(crate) fn unknown_value(what: &str, value: impl fmt::Display) -> Self {
        Self::misuse(M26PAY_UNKNOWN_VALUE, format_args!("{value} is no {what}: see m26pay.h"))
    }

    #[cold]
    pub(crate) fn panicked() -> Self {
        let message = "a fault in the library: please report it with the log";
        let mut failure = Self::misuse(M26PAY_PANIC, message);
        failure.0.certainty = Certainty::Unknown;
        failure.0.identifier = "panic";
        failure
    }

    /// Keeps it for [`m26pay_last_error`].
    #[cold]
    pub(crate) fn note(self) -> m26pay_status {
        let status = self.0.status;
        // A thread that ends may free what it has, when it keeps nothing any more.
        let _ = LAST.try_with(|last| last.replace(Some(self)));
        status
    }

    fn to_c(&self) -> m26pay_error {
        let cause = &self.0;
        m26pay_error {
            status: cause.status,
            certainty: status::of_certainty(cause.certainty),
            has_code: cause.code.is_some(),
            code: cause.code.unwrap_or_default(),
            identifier: array(cause.identifier),
            message: array(&cause.message),
            message_length: cause.message.len(),
        }
    }
}

impl From<Error> for Failure {
    #[cold]
    fn from(error: Error) -> Self {
        let status = status::of_kind(error.kind());
        let (certainty, code) = (error.certainty(), error.code());
        let mut failure = Self::advised(status, error.advice(), error);
        (failure.0.certainty, failure.0.code) = (certainty, code);
        failure
    }
}

impl From<InvalidArgument> for Failure {
    fn from(error: InvalidArgument) -> Self {
        Error::from(error).into()
    }
}

impl From<InvalidAmount> for Failure {
    fn from(error: InvalidAmount) -> Self {
        Error::from(error).into()
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Self {
        Self::advised(status::of_outbox(&error), error.advice(), &error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::advised(status::of_store(&error), error.advice(), &error)
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        let status = match &error {
            AcceptError::Used { .. } => M26PAY_CODE_USED,
            AcceptError::NotRecorded(_) => M26PAY_NOT_SAFE,
            _ => M26PAY_CODE_REFUSED,
        };
        Self::advised(status, error.advice(), &error)
    }
}

impl From<InvalidUsbPort> for Failure {
    fn from(error: InvalidUsbPort) -> Self {
        Self::advised(M26PAY_INVALID, error.advice(), error)
    }
}

/// What there is of the last failure of this thread.
fn last<T>(what: impl FnOnce(&Failure) -> Option<T>) -> Option<T> {
    LAST.try_with(|last| last.borrow().as_ref().and_then(what)).ok().flatten()
}

/// As much of a text as there is room for, in whole characters, and a NUL.
fn array<const N: usize>(text: &str) -> [c_char; N] {
    let mut array = [0; N];
    let mut end = text.len().min(N - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for (to, byte) in array.iter_mut().zip(&text.as_bytes()[..end]) {
        *to = *byte as c_char;
    }
    array
}

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_between_characters() {
        let bytes = |text| array::<8>(text).map(|byte| byte as u8);
        assert_eq!(&bytes("支付宝"), "支付\0\0".as_bytes());
        assert_eq!(&bytes("busy"), b"busy\0\0\0\0");
    }
}
