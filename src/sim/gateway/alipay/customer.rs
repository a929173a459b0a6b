//! What the customer does who is asked for money.

use std::str::FromStr;
use std::time::Duration;

/// The customer of the next trades.
///
/// Times count from the beginning of the trade: when the pay takes effect, or when a precreated
/// code is scanned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Customer {
    /// Puts the phone away: never pays and never refuses.
    Leaves,
    /// Pays after this time. At once the pay answers 10000; else it answers 10003, and the
    /// customer types the password meanwhile.
    Pays(Duration),
    /// Pays after this time, or in the last moment before a cancel arrives, whichever is first:
    /// the cancel then has to give the money back.
    PaysLate(Duration),
    /// Refuses after this time. At once the pay answers 40004; else it answers 10003, and the
    /// trade is closed later.
    Refuses(Duration),
}

impl Customer {
    /// The words that [`from_str`](FromStr::from_str) takes, with what they mean.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("pays", Self::Pays(Duration::ZERO)),
        ("thinks", Self::Pays(THINKS)),
        ("refuses", Self::Refuses(Duration::ZERO)),
        ("leaves", Self::Leaves),
        ("pays-late", Self::PaysLate(LATE)),
    ];
}

impl FromStr for Customer {
    type Err = UnknownCustomer;

    fn from_str(word: &str) -> Result<Self, UnknownCustomer> {
        let found = Self::WORDS.iter().find(|(name, _)| *name == word);
        found.map(|(_, customer)| *customer).ok_or(UnknownCustomer)
    }
}

/// No customer is called so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a customer pays, thinks, refuses, leaves or pays-late")]
pub struct UnknownCustomer;

/// Not specified; chosen because it is after the first query of a till that waits 5 s, and before
/// the second.
const THINKS: Duration = Duration::from_secs(8);

/// Not specified; chosen because a till that polls for a minute has ended by then.
const LATE: Duration = Duration::from_secs(120);
