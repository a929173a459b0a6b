//! Why the outbox could not do what was asked.

use std::path::PathBuf;

use crate::outbox::{Item, ItemState, Kind, StoreError};

/// Why the outbox could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// Another flow, or a session, drains it already.
    #[error("the outbox is drained already: only one flow or session can do it at a time")]
    Draining,
    /// A limit is reached. What was to be appended is not safe, nothing else has changed.
    #[error(
        "the {what} is NOT safe, the outbox takes no more: {reached}; see why nothing is delivered"
    )]
    Limit {
        /// What was to be appended.
        what: &'static str,
        /// The limit.
        reached: LimitReason,
    },
    /// There is no such item.
    #[error("there is no {what} {number}")]
    Missing {
        /// What it would be.
        what: &'static str,
        /// Its number.
        number: i64,
    },
    /// What was to be kept is not safe, nothing else has changed.
    #[error("the {what} is NOT safe: {source}")]
    NotSafe {
        /// What was to be kept.
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
    /// The store failed. What had been stored before is as it was.
    #[error("the outbox: {0}")]
    Store(#[from] StoreError),
}

impl OutboxError {
    /// This cannot be done with the item as it is.
    pub(super) fn wrong_state<K: Kind>(item: &Item<K>) -> Self {
        Self::State { what: K::NAME, number: item.id.get(), state: item.state }
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
