//! What UnionPay tells an application by itself, and what it is answered.
//!
//! | event | spec | type |
//! |---|---|---|
//! | a user took the authorisation back | 5.2.3 | [`AuthorisationRemoved`] |
//! | a user entered the payment password | 5.3.2 | [`PasswordVerified`] |
//! | a user ended a contract in UnionPay's app | 5.4.3 | [`ContractReleased`] |
//!
//! No web framework is needed and none is known here: the query of a GET or the body of a POST goes
//! in, an event and the [`Reply`] come out. Each event has an address of its own, which says which of
//! the three it is.
//!
//! ```
//! use m26_pay::gateway::unionpay::App;
//! use m26_pay::gateway::unionpay::notify::{Arrival, ContractReleased, Reply};
//!
//! fn released(app: &App, query: &str) -> Reply {
//!     match app.notice::<ContractReleased>(&Arrival::Get { query }) {
//!         // Keep it before it is acknowledged; it may come again.
//!         Ok(released) => Reply::Received,
//!         Err(error) => error.reply(),
//!     }
//! }
//! ```

mod authorisation_removed;
mod contract_released;
mod pairs;
mod password_verified;
mod reply;
mod signed;
mod values;

pub use authorisation_removed::AuthorisationRemoved;
pub use contract_released::ContractReleased;
pub use password_verified::PasswordVerified;
pub use reply::Reply;
pub use values::Values;

use std::fmt;

use super::app::App;
use crate::advice::{self, Advice};
use pairs::Pairs;

/// A request that reached the application, as far as it is looked at. It does not show itself.
///
/// The spec says GET for one event (5.4.3) and nothing for the others, so each is taken in any form.
#[derive(Clone, Copy)]
pub enum Arrival<'a> {
    /// A GET.
    Get {
        /// What follows the `?`, as it came. A framework that decodes it takes a raw `+` for a blank,
        /// and UnionPay does not escape the `+` of its signatures.
        query: &'a str,
    },
    /// A POST, of JSON or of a form.
    Post {
        /// The header `Content-Type`.
        content_type: Option<&'a str>,
        /// The body as it came.
        body: &'a [u8],
    },
}

impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get { query } => write!(f, "Get([{} bytes])", query.len()),
            Self::Post { body, .. } => write!(f, "Post([{} bytes])", body.len()),
        }
    }
}

/// An event that UnionPay tells of.
pub trait Notice: Sized {
    /// In a few words.
    const NAME: &'static str;

    /// Reads it from values that are UnionPay's.
    ///
    /// # Errors
    /// If one is not as it is documented.
    fn read(values: &Values) -> Result<Self, NoticeError>;
}

impl App {
    /// Reads an event, if UnionPay has signed it for this application.
    ///
    /// Nothing in it says that it is new: it may come again, and who once saw it can send it again.
    /// An event that was seen has to be harmless the second time.
    ///
    /// # Errors
    /// If it is not UnionPay's, or not for this application. [`NoticeError::reply`] answers it.
    pub fn notice<N: Notice>(&self, arrival: &Arrival<'_>) -> Result<N, NoticeError> {
        let key = self.verifier().ok_or(NoticeError::NoKey)?;
        let values = signed::verified(&Pairs::read(arrival)?, key)?;
        if values.text("appId") != Some(self.app_id().as_str()) {
            return Err(NoticeError::OtherApp);
        }
        N::read(&values)
    }
}

/// Why what came is no event. It shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// UnionPay has signed it, and a value is not as it is documented.
    #[error("{field} of UnionPay's notification is not {expected}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The application has no key to verify with.
    #[error(
        "a notification cannot be verified without UnionPay's public key: give it (upPublicKey)"
    )]
    NoKey,
    /// It is neither JSON nor a form.
    #[error("what came is no notification: {0}")]
    NotRead(&'static str),
    /// It is signed by UnionPay, for somebody else.
    #[error("the notification is for another application: check which address was registered")]
    OtherApp,
    /// There is a signature, and it is not UnionPay's.
    #[error(
        "the notification is not signed by UnionPay, or was changed: check the key (upPublicKey), \
         and whether something decodes the request before it is read"
    )]
    Unverified,
    /// There is no signature.
    #[error("the notification has no signature")]
    Unsigned,
}

impl NoticeError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Field { .. } | Self::NotRead(_) => advice::unionpay::NOTICE_FIELD,
            Self::NoKey => advice::unionpay::NO_KEY,
            Self::OtherApp => advice::unionpay::NOTICE_OTHER,
            Self::Unsigned | Self::Unverified => advice::unionpay::NOTICE_WRONG,
        }
    }
}

impl NoticeError {
    /// What UnionPay is answered.
    #[must_use]
    pub fn reply(&self) -> Reply {
        match self {
            Self::Field { .. } | Self::NoKey => Reply::Failed,
            Self::NotRead(_) | Self::OtherApp | Self::Unsigned | Self::Unverified => {
                Reply::NotVerified
            }
        }
    }
}
