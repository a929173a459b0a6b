//! The words on the command line that stand for values of the spec.

use clap::ValueEnum;
use m26_pay::alipay::{Environment, HumanVerify, SignMode, TradeResult};
use m26_pay::at::profile::Profile;

pub(crate) use crate::seconds::{seconds, timeout};

/// Which firmware's manners the module has.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Firmware {
    /// As in Quectel's document.
    Quectel,
    /// As openLuat's driver expects it.
    Luat,
}

impl Firmware {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Quectel => Profile::quectel(),
            Self::Luat => Profile::luat(),
        }
    }
}

/// How the customer pays.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Mode {
    /// The customer shows a payment code (1).
    PayerCode,
    /// The customer's face (2).
    Face,
    /// The customer scans a code (3).
    PayerScans,
    /// A withholding agreement (4).
    Withholding,
}

impl From<Mode> for SignMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::PayerCode => Self::PayerCode,
            Mode::Face => Self::Face,
            Mode::PayerScans => Self::PayerScans,
            Mode::Withholding => Self::Withholding,
        }
    }
}

/// How the device verifies its customers.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Verify {
    QrCode,
    Face,
    Phone,
    Voiceprint,
    Nfc,
    Fingerprint,
    Email,
}

impl From<Verify> for HumanVerify {
    fn from(verify: Verify) -> Self {
        match verify {
            Verify::QrCode => Self::QR_CODE,
            Verify::Face => Self::FACE,
            Verify::Phone => Self::PHONE,
            Verify::Voiceprint => Self::VOICEPRINT,
            Verify::Nfc => Self::NFC,
            Verify::Fingerprint => Self::FINGERPRINT,
            Verify::Email => Self::EMAIL,
        }
    }
}

/// How the trade ended.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Outcome {
    /// The outcome is not available (-1).
    Unavailable,
    /// It was paid; the report needs a business number (0).
    Success,
    /// It took too long (1).
    Timeout,
    /// It came back as failed (2).
    Failed,
    /// The payment is being processed (3).
    Processing,
    /// The network failed (4).
    NetworkError,
    /// Something else went wrong (5).
    Unknown,
    /// It was not paid by Alipay; the report goes without a business number (6).
    Unsupported,
}

impl From<Outcome> for TradeResult {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Unavailable => Self::Unavailable,
            Outcome::Success => Self::Success,
            Outcome::Timeout => Self::Timeout,
            Outcome::Failed => Self::Failed,
            Outcome::Processing => Self::Processing,
            Outcome::NetworkError => Self::NetworkError,
            Outcome::Unknown => Self::Unknown,
            Outcome::Unsupported => Self::Unsupported,
        }
    }
}

/// `production`, `test` or a number.
pub(crate) fn environment(text: &str) -> Result<Environment, String> {
    match text {
        "production" => Ok(Environment::PRODUCTION),
        "test" => Ok(Environment::TEST),
        number => {
            number.parse().map(Environment).map_err(|_| "it is production, test or a number".into())
        }
    }
}

pub(crate) fn fen(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is a whole number of fen such as 1025".into())
}
