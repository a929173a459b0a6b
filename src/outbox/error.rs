//! [`OutboxError`]: why the outbox could not do what was asked.

use std::path::PathBuf;

use crate::advice::{self, Advice};
use crate::outbox::{Item, ItemState, Kind, StoreError};

/// Why the outbox could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// Another flow, or a session, is draining it.
    #[error("the outbox is drained already: only one flow or session can do it at a time")]
    Draining,
    /// A limit is reached. What should have been appended is not safe; nothing else has changed.
    #[error(
        "the {what} is NOT safe, the outbox takes no more: {reached}; see why nothing is delivered"
    )]
    Limit {
        /// What could not be appended.
        what: &'static str,
        /// The limit.
        reached: LimitReason,
    },
    /// There is no such item.
    #[error("there is no {what} {number}")]
    Missing {
        /// What was asked for.
        what: &'static str,
        /// Its number.
        number: i64,
    },
    /// What should have been kept is not safe; nothing else has changed.
    #[error("the {what} is NOT safe: {source}")]
    NotSafe {
        /// What could not be kept.
        what: &'static str,
        /// Why it could not be kept.
        source: StoreError,
    },
    /// The store could not be opened.
    #[error("the outbox {} cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: StoreError,
    },
    /// The item is in a state in which this cannot be done.
    #[error("{what} {number} is {state}: this cannot be done in that state")]
    State {
        /// What it is.
        what: &'static str,
        /// Its number.
        number: i64,
        /// Its state.
        state: ItemState,
    },
    /// The store failed. What was stored before has not changed.
    #[error("the outbox: {0}")]
    Store(#[from] StoreError),
}

impl OutboxError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Draining => advice::outbox::DRAINING,
            Self::Limit { reached, .. } => reached.advice(),
            Self::Missing { .. } => advice::outbox::MISSING,
            Self::NotSafe { source, .. } | Self::Open { source, .. } | Self::Store(source) => {
                source.advice()
            }
            Self::State { .. } => advice::outbox::WRONG_STATE,
        }
    }
}

impl OutboxError {
    /// This cannot be done with the item as it is.
    pub(super) fn wrong_state<K: Kind>(item: &Item<K>) -> Self {
        Self::State { what: K::NAME, number: item.id.get(), state: item.state }
    }
}

/// What a till was writing when the outbox failed, which decides what is lost.
///
/// ```
/// use m26_pay::advice::Language;
/// use m26_pay::outbox::Entry;
///
/// let english = Entry::Announcing.money().technician(Language::English);
/// assert!(english.starts_with("Not sent: no payment was begun"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry {
    /// It opened its file.
    Opening,
    /// That a payment is about to begin.
    Announcing,
    /// What came of a payment that was announced.
    Outcome,
    /// A trade that is over.
    Trade,
    /// What became of reports that are on disk.
    Settling,
}

impl Entry {
    /// What a failure means for the money.
    #[must_use]
    pub const fn money(self) -> Advice {
        match self {
            Self::Opening => advice::money::ENTRY_OPENING,
            Self::Announcing => advice::money::ENTRY_ANNOUNCING,
            Self::Outcome => advice::money::ENTRY_OUTCOME,
            Self::Trade => advice::money::ENTRY_TRADE,
            Self::Settling => advice::money::ENTRY_SETTLING,
        }
    }
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitReason {
    /// The oldest one that waits has waited too long.
    #[error("the oldest one has waited for more than {} s", limit.as_secs())]
    Age {
        /// The limit.
        limit: std::time::Duration,
    },
    /// Too many wait.
    #[error("{waiting} wait, and the limit is {limit}")]
    Count {
        /// How many wait.
        waiting: u64,
        /// The limit.
        limit: u64,
    },
}

impl LimitReason {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Age { .. } => advice::outbox::LIMIT_AGE,
            Self::Count { .. } => advice::outbox::LIMIT_COUNT,
        }
    }
}
