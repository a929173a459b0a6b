//! Why a payment, or what belongs to it, did not begin.

use m26_pay::engine::Certainty;
use m26_pay::error::with_causes;
use m26_pay::gateway::alipay::notify::{NotificationError, SettleError};
use m26_pay::gateway::alipay::{CertificateError, MerchantError};
use m26_pay::gateway::journal::{JournalError, Settled};
use m26_pay::gateway::{KeyError, PaymentsError};
use m26_pay::till::TillError;

use crate::failure::Failure;
use crate::status::{
    M26PAY_DISK_FULL, M26PAY_FILE_IN_USE, M26PAY_FILE_IO, M26PAY_FILE_UNUSABLE, M26PAY_IN_USE,
    M26PAY_INVALID, M26PAY_IO, M26PAY_MALFORMED, M26PAY_MISSING, M26PAY_WRONG_STATE, m26pay_status,
};

impl Failure {
    /// A key that cannot be used, in this place. It shows nothing of the key.
    pub(super) fn key(place: &str, error: KeyError) -> Self {
        Self::advised(M26PAY_INVALID, error.advice(), format_args!("{place}: {error}"))
    }
}

impl From<MerchantError> for Failure {
    fn from(error: MerchantError) -> Self {
        Self::advised(M26PAY_INVALID, error.advice(), error)
    }
}

impl From<CertificateError> for Failure {
    fn from(error: CertificateError) -> Self {
        Self::advised(M26PAY_INVALID, error.advice(), error)
    }
}

impl From<PaymentsError> for Failure {
    fn from(error: PaymentsError) -> Self {
        let (status, certainty) = match &error {
            PaymentsError::Argument(_) => (M26PAY_INVALID, Certainty::NotSent),
            // What an earlier call has begun under this number is not known then, and may be paid.
            PaymentsError::Journal(error) => (of_journal(error), Certainty::Unknown),
            PaymentsError::Held(_) => (M26PAY_IN_USE, Certainty::Unknown),
            // A refund that a person gave up may have been made.
            PaymentsError::NumberUsed(it) if it.outcome == Some(Settled::GivenUp) => {
                (M26PAY_WRONG_STATE, Certainty::Unknown)
            }
            // It is not this order that has the number.
            PaymentsError::NumberUsed(_) => (M26PAY_WRONG_STATE, Certainty::NotSent),
            _ => (M26PAY_IO, Certainty::Unknown),
        };
        Self::advised(status, error.advice(), with_causes(&error)).certainty(certainty)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        PaymentsError::from(error).into()
    }
}

impl From<TillError> for Failure {
    fn from(error: TillError) -> Self {
        let advice = error.advice();
        let message = with_causes(&error);
        let failure = match error {
            // Whatever the module did: nobody was asked for the money.
            TillError::Sign(error) => Self::from(error).certainty(Certainty::NotSent),
            TillError::Pay(error) | TillError::Settle(error) => Self::from(error),
            _ => Self::advised(M26PAY_IO, advice, "").certainty(Certainty::Unknown),
        };
        failure.message(message)
    }
}

impl From<NotificationError> for Failure {
    fn from(error: NotificationError) -> Self {
        SettleError::from(error).into()
    }
}

impl From<SettleError> for Failure {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Journal(error) => error.into(),
            error => Self::advised(M26PAY_MALFORMED, error.advice(), with_causes(&error)),
        }
    }
}

fn of_journal(error: &JournalError) -> m26pay_status {
    match error {
        JournalError::Conflict => M26PAY_IN_USE,
        JournalError::Damaged | JournalError::Newer => M26PAY_FILE_UNUSABLE,
        JournalError::Full => M26PAY_DISK_FULL,
        JournalError::Locked => M26PAY_FILE_IN_USE,
        JournalError::Missing => M26PAY_MISSING,
        _ => M26PAY_FILE_IO,
    }
}
