//! Why the outbox could not do what was asked.

use std::path::PathBuf;

use crate::outbox::{PaymentId, PaymentState, RecordId, RecordState, StoreError};

/// Why the outbox could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something is being drained already.
    #[error("the outbox is being drained already: only one can do it at a time")]
    Draining,
    /// A limit is reached. What was to be appended is not safe, nothing else has changed.
    #[error(
        "{what} is NOT safe, the outbox takes no more: {reached}; see why nothing is delivered"
    )]
    Limit {
        /// What was to be appended.
        what: &'static str,
        /// The limit.
        reached: LimitReached,
    },
    /// There is no such payment.
    #[error("there is no payment {0}")]
    NoPayment(PaymentId),
    /// There is no such record.
    #[error("there is no record {0}")]
    NoRecord(RecordId),
    /// What was to be kept is not safe, nothing else has changed.
    #[error("{what} is NOT safe: {source}")]
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
    /// The payment is in another state.
    #[error("payment {id} is {state}, which does not go with that")]
    PaymentState {
        /// The payment.
        id: PaymentId,
        /// Its state.
        state: PaymentState,
    },
    /// The record is in another state.
    #[error("record {id} is {state}, which does not go with that")]
    State {
        /// The record.
        id: RecordId,
        /// Its state.
        state: RecordState,
    },
    /// The store failed. What had been stored before is as it was.
    #[error("the outbox: {0}")]
    Store(#[from] StoreError),
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitReached {
    /// The oldest record that waits has waited too long.
    #[error("the oldest record waits since more than {} s", limit.as_secs())]
    Age {
        /// The limit.
        limit: std::time::Duration,
    },
    /// Too many wait.
    #[error("{waiting} records wait, {limit} may")]
    Count {
        /// How many wait.
        waiting: u64,
        /// The limit.
        limit: u64,
    },
}
