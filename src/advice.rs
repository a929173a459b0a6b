//! Sentences for people: what to do about an error, for the cashier and for the technician, in
//! English and in Chinese.
//!
//! Every error of this crate has a method `advice`. An [`Advice`] has an identifier that stays the
//! same from version to version, for programs, logs and manuals; and two sentences. The one for the
//! cashier says what happened and what to do at the till, without a technical word. The one for the
//! technician names the cause and the remedy. No sentence holds a value, so none can hold a secret:
//! the error's own message has the field, the position and the number.
//!
//! ```
//! use m26_pay::advice::Language;
//! use m26_pay::{Amount, Error};
//!
//! let error = Error::from("10.255".parse::<Amount>().unwrap_err());
//! let advice = error.advice();
//! assert_eq!(advice.id(), "amount-invalid");
//! assert_eq!(
//!     advice.cashier(Language::English),
//!     "Enter the amount again, in yuan with at most two decimals."
//! );
//! assert_eq!(advice.cashier(Language::Chinese), "请重新输入金额，单位为元，最多两位小数。");
//! ```
//!
//! What an error of the module means *for the money* depends on how far the till was:
//! [`error::Stage`](crate::error::Stage) says it. What an outcome of a payment means is said by
//! `gateway::alipay::Advice`.

pub(crate) mod alipay;
pub(crate) mod campus;
mod language;
pub(crate) mod module;
pub(crate) mod money;
pub(crate) mod outbox;
pub(crate) mod platform;
pub(crate) mod unionpay;

use std::fmt;

pub use language::{Language, UnknownLanguage};

/// What to do about an error or a state: an identifier, a sentence for the cashier and one for the
/// technician.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice(&'static Sentences);

/// The sentences of one identifier, in English and in Chinese.
#[derive(PartialEq, Eq, Hash)]
struct Sentences {
    id: &'static str,
    cashier: [&'static str; 2],
    technician: [&'static str; 2],
}

impl Advice {
    /// Its identifier: lower-case words with hyphens. It stays the same from version to version.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// One sentence or a few for the cashier: what happened, and what to do at the till.
    #[must_use]
    pub const fn cashier(self, language: Language) -> &'static str {
        in_language(self.0.cashier, language)
    }

    /// One sentence or a few for the technician: the cause, and the remedy.
    #[must_use]
    pub const fn technician(self, language: Language) -> &'static str {
        in_language(self.0.technician, language)
    }

    /// All that this crate has, whichever features are chosen. For a manual or a translation.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().flat_map(|table| table.iter().copied())
    }
}

/// The module is open, and Alipay has given it no bizTid.
impl Advice {
    /// The module is open, and Alipay has given it no bizTid yet.
    pub const NO_BIZ_TID: Self = module::NO_BIZ_TID;
    /// The module has no Alipay configuration.
    pub const NOT_CONFIGURED: Self = module::NOT_CONFIGURED;
    /// Reports wait on disk, since the module takes none at present.
    pub const REPORTS_WAIT: Self = outbox::REPORTS_WAIT;
}

/// Its identifier alone.
impl fmt::Debug for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Advice({})", self.0.id)
    }
}

/// Its identifier.
#[cfg(feature = "serde")]
impl serde::Serialize for Advice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

const fn in_language(sentences: [&'static str; 2], language: Language) -> &'static str {
    let [english, chinese] = sentences;
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

/// Constants of [`Advice`], and `ALL`, which lists them:
/// `NAME "id": cashier "English", "Chinese"; technician "English", "Chinese";`
macro_rules! advices {
    ($($(#[$meta:meta])* $name:ident $id:literal:
        cashier $cashier:literal, $cashier_zh:literal;
        technician $technician:literal, $technician_zh:literal;)*) => {
        $($(#[$meta])* pub(crate) const $name: crate::advice::Advice =
            crate::advice::Advice(&crate::advice::Sentences {
                id: $id,
                cashier: [$cashier, $cashier_zh],
                technician: [$technician, $technician_zh],
            });)*

        /// All of this file.
        pub(in crate::advice) const ALL: &[crate::advice::Advice] = &[$($name),*];
    };
}
use advices;

const TABLES: &[&[Advice]] = &[
    module::ALL,
    module::results::ALL,
    money::ALL,
    outbox::ALL,
    campus::ALL,
    platform::ALL,
    alipay::ALL,
    unionpay::ALL,
];
