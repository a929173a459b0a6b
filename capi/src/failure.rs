//! Why a call failed: kept for the thread that made it, until it asks.

use std::cell::RefCell;
use std::ffi::c_char;
use std::fmt;

use m26_pay::amount::InvalidAmount;
use m26_pay::argument::InvalidArgument;
use m26_pay::campus::acceptance::AcceptError;
use m26_pay::engine::Certainty;
use m26_pay::error::Error;
use m26_pay::outbox::{OutboxError, StoreError};

use crate::boundary::enter;
use crate::pointer::Out;
use crate::status::{
    self, M26PAY_CODE_REFUSED, M26PAY_CODE_USED, M26PAY_DRAINING, M26PAY_LIMIT, M26PAY_MISSING,
    M26PAY_NOT_SAFE, M26PAY_NOTHING, M26PAY_OTHER, M26PAY_PANIC, M26PAY_UNKNOWN_VALUE,
    M26PAY_WRONG_STATE, m26pay_certainty, m26pay_status,
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
    /// What kind of failure it is, for programs: lower case, ends with NUL.
    pub identifier: [c_char; 64],
    /// What happened, what is known and what to do, in UTF-8; ends with NUL. A longer one is cut.
    pub message: [c_char; 512],
    /// How many bytes the whole message has.
    pub message_length: usize,
}

/// Gives why the last call of this thread that failed did so. `M26PAY_NOTHING` if none has failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_last_error(error: *mut m26pay_error) -> m26pay_status {
    let last = LAST.with_borrow(|last| last.as_ref().map(Failure::to_c));
    let Some(last) = last else { return M26PAY_NOTHING };
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let error = unsafe { Out::new("error", error) }?;
        error.write(last);
        Ok(())
    })
}

/// A failure, whatever part of the library it comes from.
#[derive(Debug)]
pub(crate) struct Failure {
    status: m26pay_status,
    certainty: Certainty,
    code: Option<i32>,
    identifier: &'static str,
    message: String,
}

impl Failure {
    /// What a caller did wrong. Nothing was sent.
    pub(crate) fn misuse(status: m26pay_status, message: impl fmt::Display) -> Self {
        Self {
            status,
            certainty: Certainty::NotSent,
            code: None,
            identifier: "misuse",
            message: message.to_string(),
        }
    }

    /// A failure of a kind of its own, after which nothing was sent.
    pub(crate) fn of(
        identifier: &'static str,
        status: m26pay_status,
        message: impl fmt::Display,
    ) -> Self {
        Self { identifier, ..Self::misuse(status, message) }
    }

    /// A number that stands for nothing.
    pub(crate) fn unknown_value(what: &str, value: impl fmt::Display) -> Self {
        Self::misuse(M26PAY_UNKNOWN_VALUE, format_args!("{value} is no {what}: see m26pay.h"))
    }

    pub(crate) fn panicked() -> Self {
        Self {
            status: M26PAY_PANIC,
            certainty: Certainty::Unknown,
            code: None,
            identifier: "panic",
            message: "a fault in the library: please report it with the log".into(),
        }
    }

    /// Keeps it for [`m26pay_last_error`].
    pub(crate) fn note(self) -> m26pay_status {
        let status = self.status;
        LAST.set(Some(self));
        status
    }

    fn to_c(&self) -> m26pay_error {
        m26pay_error {
            status: self.status,
            certainty: status::of_certainty(self.certainty),
            has_code: self.code.is_some(),
            code: self.code.unwrap_or_default(),
            identifier: array(self.identifier),
            message: array(&self.message),
            message_length: self.message.len(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            status: status::of_kind(error.kind()),
            certainty: error.certainty(),
            code: error.code(),
            identifier: error.kind().name(),
            message: error.to_string(),
        }
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
        let (identifier, status) = match &error {
            OutboxError::Draining => ("outbox-draining", M26PAY_DRAINING),
            OutboxError::Limit { .. } => ("outbox-limit", M26PAY_LIMIT),
            OutboxError::Missing { .. } => ("outbox-missing", M26PAY_MISSING),
            OutboxError::NotSafe { source, .. } => (status::of_store(source).0, M26PAY_NOT_SAFE),
            OutboxError::State { .. } => ("outbox-state", M26PAY_WRONG_STATE),
            OutboxError::Open { source, .. } | OutboxError::Store(source) => {
                status::of_store(source)
            }
            _ => ("outbox", M26PAY_OTHER),
        };
        Self::of(identifier, status, error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (identifier, status) = status::of_store(&error);
        Self::of(identifier, status, error)
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        let (identifier, status) = match &error {
            AcceptError::Used { .. } => ("code-used", M26PAY_CODE_USED),
            AcceptError::NotRecorded(_) => ("code-not-recorded", M26PAY_NOT_SAFE),
            _ => ("code-refused", M26PAY_CODE_REFUSED),
        };
        Self::of(identifier, status, error)
    }
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
