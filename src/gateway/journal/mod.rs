//! The orders whose outcome is not known yet, and those whose outcome is.
//!
//! A till writes an order down before it asks for the money, so that a power cut at any point
//! leaves an entry that says what to ask Alipay for. [`MemoryJournal`] is for tests and for who
//! has nothing to lose; a till keeps its journal in the file of its outbox.
//!
//! # Many programs
//!
//! Two things keep programs apart that share a journal. An open order has an [`Owner`] with a
//! lease: another program [claims](Journal::claim) it when the lease is over. And every change
//! names the [version](Entry::version) that it was made from, so that a program which lost its
//! lease while it was asleep changes nothing ([`JournalError::Conflict`]).
//!
//! Programs that settle the same orders do not share them out beforehand: each takes the next one
//! that is [due](Journal::claim_due) and that nobody has.

#[cfg(feature = "sim")]
pub mod conformance;
mod entry;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod proof;
#[cfg(any(feature = "outbox", feature = "postgres"))]
mod written;

use std::fmt;
use std::time::Duration;

pub use entry::{Entry, EntryKey, EntryKind, Holder, Owner, Pause, Stage};
pub use memory::MemoryJournal;
#[cfg(feature = "postgres")]
pub use postgres::{InvalidPostgresSettings, PostgresJournal, PostgresSettings};
pub use proof::{Evidence, NotPaid, NotPaidBy, NotRefundedBy, Paid, PaidBy, Said, Settled};
#[cfg(any(feature = "outbox", feature = "postgres"))]
pub(crate) use written::WrittenOutcome;

use crate::advice::{self, Advice};
use crate::gateway::alipay::{Identity, OutTradeNo};
use crate::unix_time::UnixMillis;

/// Where the orders are kept.
///
/// What a call wrote is safe when it returns `Ok`: a power cut the moment after loses nothing.
/// After `Err` [`JournalError::may_be_written`] tells whether it may have been written.
///
/// The lease of an open entry that is written lasts from its `changed` to its owner's `until`. A
/// journal with a clock of its own lets it last as long by that clock, from when it is written.
///
/// `conformance` (feature `sim`) tests an implementation.
pub trait Journal: fmt::Debug + Send + Sync {
    /// Writes a new entry, unless there is one with its key: a number is used once, for ever
    /// (rule P1).
    ///
    /// # Errors
    /// If it may not have been written.
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError>;

    /// Replaces the entry, if the journal has it in the version of `entry`; gives its new version.
    ///
    /// # Errors
    /// [`Conflict`](JournalError::Conflict) and [`Missing`](JournalError::Missing) if nothing was
    /// written, any other if it may not have been.
    fn update(&self, entry: &Entry) -> Result<u64, JournalError>;

    /// All entries with this number: the order and its refunds, of any identity, the oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError>;

    /// Open entries in the order in which they were begun, at most `limit`, those behind `after`.
    /// It costs by the open entries, not by all.
    ///
    /// # Errors
    /// If they cannot be read.
    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError>;

    /// Makes `holder` the owner of an open entry for so long, if nobody else is. A journal with a
    /// clock of its own uses that in the place of `now`. It counts as a change.
    ///
    /// # Errors
    /// If it cannot be read, or may not have been written.
    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError>;

    /// Claims an open entry of this identity that is [due](Entry::is_due) and that nobody has, its
    /// own holder included. `None` if there is none. A journal with a clock of its own uses that in
    /// the place of `now`.
    ///
    /// Any number of programs may call at once: no two of them get the same entry. Which one of
    /// those that are due is not specified.
    ///
    /// Without an implementation it reads the open entries from the first one on, which is enough
    /// where few are open.
    ///
    /// # Errors
    /// If they cannot be read, or the claim may not have been written.
    fn claim_due(
        &self,
        identity: &Identity,
        pause: Pause,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Option<Entry>, JournalError> {
        let mut after = None;
        loop {
            let page = self.open_orders(after.as_ref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.key());
            for entry in page {
                if *entry.identity != *identity || entry.is_held(now) || !entry.is_due(now, pause) {
                    continue;
                }
                if let Claim::Yours(entry) = self.claim(&entry.key(), holder, now, lease)? {
                    return Ok(Some(*entry));
                }
            }
        }
    }

    /// A person looked after an open entry: nothing asks for it any more. Gives
    /// [`Yours`](Claim::Yours) with the entry as it is then, or why it is not given up.
    ///
    /// # Errors
    /// As of [`claim`](Self::claim) and [`update`](Self::update).
    fn give_up(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
    ) -> Result<Claim, JournalError> {
        Ok(match self.claim(key, holder, now, Duration::from_secs(60))? {
            Claim::Yours(mut entry) => {
                entry.outcome = Some(Settled::GivenUp);
                entry.owner = None;
                entry.changed = now;
                entry.version = self.update(&entry)?;
                Claim::Yours(entry)
            }
            other => other,
        })
    }
}

/// What became of a new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is written, with this version.
    New(u64),
    /// Nothing was written: this is there already.
    Exists(Box<Entry>),
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The entry is the claimer's, as it is now.
    Yours(Box<Entry>),
    /// Somebody else works on it.
    Held(Owner),
    /// Nothing is open about it.
    Settled(Box<Entry>),
    /// There is none.
    Missing,
}

impl<J: Journal + ?Sized> Journal for std::sync::Arc<J> {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        (**self).begin(entry)
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        (**self).update(entry)
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        (**self).numbered(out_trade_no)
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        (**self).open_orders(after, limit)
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        (**self).claim(key, holder, now, lease)
    }

    fn claim_due(
        &self,
        identity: &Identity,
        pause: Pause,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Option<Entry>, JournalError> {
        (**self).claim_due(identity, pause, holder, now, lease)
    }

    fn give_up(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
    ) -> Result<Claim, JournalError> {
        (**self).give_up(key, holder, now)
    }
}

/// Why a journal did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Somebody else changed the entry. Nothing was written.
    #[error("another program changed this order in the journal meanwhile: ask for it again")]
    Conflict,
    /// There is no such entry. Nothing was written.
    #[error("the journal has no such order")]
    Missing,
    /// There is no room.
    #[error("the journal is full: make room on its disk; nothing is paid until it can be written")]
    Full,
    /// Another program has it.
    #[error("another program has the journal: end it, or use another journal")]
    Locked,
    /// A newer version of this program wrote it.
    #[error("a newer program wrote the journal: use that one; it was left as it is")]
    Newer,
    /// It cannot be understood.
    #[error("the journal is damaged: it was left as it is; have somebody look at it")]
    Damaged,
    /// Its server cannot be reached, or refuses the request for now. Nothing was written.
    #[error(
        "the server of the journal cannot be used now: nothing was written; see to the server and \
         the network, and try again"
    )]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection to its server broke, or the answer is late: what was to be written may be
    /// written.
    #[error(
        "the connection to the server of the journal broke: what was to be written may be written \
         or not; read it again"
    )]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something else, which the source tells.
    #[error("the journal failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl JournalError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Conflict => advice::platform::CONFLICT,
            Self::Damaged => advice::platform::JOURNAL_DAMAGED,
            Self::Failed(_) => advice::platform::JOURNAL_FAILED,
            Self::Full => advice::platform::JOURNAL_FULL,
            Self::Locked => advice::platform::JOURNAL_LOCKED,
            Self::Lost(_) => advice::platform::JOURNAL_LOST,
            Self::Missing => advice::platform::ORDER_MISSING,
            Self::Newer => advice::platform::JOURNAL_NEWER,
            Self::Unreachable(_) => advice::platform::JOURNAL_UNREACHABLE,
        }
    }
}

impl JournalError {
    /// Whether what was to be written may be written all the same.
    #[must_use]
    pub fn may_be_written(&self) -> bool {
        match self {
            Self::Conflict
            | Self::Missing
            | Self::Full
            | Self::Locked
            | Self::Newer
            | Self::Unreachable(_) => false,
            Self::Lost(_) | Self::Damaged | Self::Failed(_) => true,
        }
    }
}

/// How many open entries are read at a time.
const PAGE: usize = 256;
