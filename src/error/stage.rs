//! [`Stage`]: what an error means for the money.

use crate::advice::{self, Advice};
use crate::engine::Certainty;

/// How far a till was when an error came, which decides what the error means for the money.
///
/// ```
/// use m26_pay::advice::Language;
/// use m26_pay::engine::Certainty;
/// use m26_pay::error::Stage;
///
/// let money = Stage::Signing.money(Certainty::Unknown);
/// assert_eq!(money.cashier(Language::English), "No money was taken. Begin the payment again.");
/// let money = Stage::Reporting.money(Certainty::Unknown);
/// assert_eq!(money.id(), "money-report-unknown");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Before the first customer.
    Preparing,
    /// A payment is being signed. Without a signature Alipay cannot be asked for the money.
    Signing,
    /// A trade that is over is being reported.
    Reporting,
    /// All trades are reported.
    Closing,
}

impl Stage {
    /// What an error of this certainty means for the money.
    #[must_use]
    pub const fn money(self, certainty: Certainty) -> Advice {
        match (self, certainty) {
            (Self::Preparing, _) => advice::money::PREPARING,
            (Self::Signing, Certainty::NotSent) => advice::money::SIGN_NOT_SENT,
            (Self::Signing, Certainty::Refused) => advice::money::SIGN_REFUSED,
            (Self::Signing, Certainty::Unknown) => advice::money::SIGN_UNKNOWN,
            (Self::Reporting, Certainty::NotSent) => advice::money::REPORT_NOT_SENT,
            (Self::Reporting, Certainty::Refused) => advice::money::REPORT_REFUSED,
            (Self::Reporting, Certainty::Unknown) => advice::money::REPORT_UNKNOWN,
            (Self::Closing, _) => advice::money::CLOSING,
        }
    }

    /// What to do once the cause of the error is removed.
    #[must_use]
    pub const fn next(self) -> Advice {
        match self {
            Self::Preparing => advice::money::RUN_AGAIN,
            Self::Signing => advice::money::PAY_AGAIN,
            Self::Reporting => advice::money::SEND_AGAIN,
            Self::Closing => advice::money::SWITCH_OFF,
        }
    }
}
