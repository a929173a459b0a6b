//! [`Store`]: where the outbox is kept.

use std::collections::BTreeMap;
use std::fmt;

use crate::alipay::Report;
use crate::outbox::{Id, Item, ItemState, UnixMillis, UsageStanding, UsageUnknown};

pub use crate::outbox::row::Row;
pub use crate::sqlite::{Source, StoreError};

/// Where the outbox is kept: the file of a [`SqliteStore`](crate::outbox::SqliteStore), or a store of
/// your own.
///
/// It decides nothing. It must guarantee that a [`commit`](Self::commit) is carried out whole or not at
/// all, whenever the power fails, and that it is on disk when the call returns `Ok`. After `Err` the
/// store must be as before, and usable when the cause is gone.
pub trait Store: fmt::Debug + Send {
    /// What the store holds. It is called once, at the start, and may take the time to look for damage.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn load(&mut self) -> Result<Contents, StoreError>;

    /// Carries out all of these changes, in order, or none.
    ///
    /// # Errors
    /// If nothing was carried out.
    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError>;

    /// Tidies up what commits have left, such as a log, when nothing was committed for a while. It
    /// changes nothing of what is there.
    ///
    /// # Errors
    /// If it cannot be done now. Nothing is lost by that.
    fn rest(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The report with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn report(&mut self, id: Id<Report>) -> Result<Option<Item<Report>>, StoreError>;

    /// Reports in the order of their numbers.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    fn reports(&mut self, query: &Selection<'_>) -> Result<Vec<Item<Report>>, StoreError>;

    /// The row of this kind with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn row(&mut self, kind: u8, id: i64) -> Result<Option<Row>, StoreError>;

    /// The row of this kind with this key, in whatever state.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn row_with(&mut self, kind: u8, key: &[u8]) -> Result<Option<Row>, StoreError>;

    /// Rows of this kind whose keys begin with `prefix`, in the order of their numbers, in whatever
    /// state.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    fn rows_with(&mut self, kind: u8, prefix: &[u8]) -> Result<Vec<Row>, StoreError>;

    /// Rows of this kind, in the order of their numbers.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    fn rows(&mut self, kind: u8, query: &Selection<'_>) -> Result<Vec<Row>, StoreError>;
}

/// One change of a [`Store`]. No two of a commit are of the same item.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Change<'a> {
    /// New reports.
    Append {
        /// The number of the first one; the others have the numbers that follow.
        first: Id<Report>,
        /// The reports.
        reports: &'a [Report],
        /// When they were appended.
        at: UnixMillis,
        /// Their state.
        state: ItemState,
    },
    /// The last number that was given to an item of this kind.
    LastId {
        /// The kind's number.
        kind: u8,
        /// The last number.
        id: i64,
    },
    /// The ledger, as it is now.
    Ledger(&'a Ledger),
    /// A report, as it is now.
    PutReport(&'a Item<Report>),
    /// A row, as it is now.
    PutRow(&'a Row),
    /// This report is removed, if it is there.
    RemoveReport(Id<Report>),
    /// This row is removed, if it is there.
    RemoveRow {
        /// Its kind.
        kind: u8,
        /// Its number.
        id: i64,
    },
}

/// Which items are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// In one of these states.
    pub states: &'a [ItemState],
    /// Taken by the module in this boot.
    pub boot: Option<i64>,
    /// With a number above this one.
    pub after: i64,
    /// At most this many.
    pub limit: usize,
    /// The greatest numbers first.
    pub newest: bool,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The ledger.
    pub ledger: Ledger,
    /// The items of each kind, by the kind's number.
    pub stocks: BTreeMap<u8, Stock>,
}

/// What a store holds of one kind of items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// How many there are.
    pub counts: Counts,
    /// The last number that was given: the greatest of an item that is there, or was removed.
    pub last_id: i64,
}

/// What the store keeps of the outbox as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// How many boots of the module were counted.
    pub boot: i64,
    /// Whether the SDK was closed in order in this boot.
    pub closed: bool,
    /// How many reports were given up because of a limit.
    pub dropped: u64,
    /// How the device was used, and what the module was told of it.
    pub usage: UsageStanding,
    /// The choice for the usage that is being sent. It holds even if another program opens the store
    /// next.
    pub usage_unknown: UsageUnknown,
}

/// How many items of a kind there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counts {
    /// See [`ItemState::Pending`].
    pub pending: u64,
    /// See [`ItemState::Sending`].
    pub sending: u64,
    /// See [`ItemState::Held`].
    pub held: u64,
    /// See [`ItemState::RamOnly`].
    pub ram_only: u64,
    /// See [`ItemState::Parked`].
    pub parked: u64,
    /// See [`ItemState::Rejected`].
    pub rejected: u64,
    /// See [`ItemState::Announced`].
    pub announced: u64,
    /// See [`ItemState::Expired`].
    pub expired: u64,
    /// See [`ItemState::Ordered`].
    pub ordered: u64,
}

impl Contents {
    /// The stock of the kind with this number.
    #[must_use]
    pub fn stock(&self, kind: u8) -> Stock {
        self.stocks.get(&kind).copied().unwrap_or_default()
    }
}

impl Counts {
    /// How many items are in this state.
    #[must_use]
    pub fn of(mut self, state: ItemState) -> u64 {
        *self.of_mut(state)
    }

    /// The count of this state, to be changed.
    pub fn of_mut(&mut self, state: ItemState) -> &mut u64 {
        match state {
            ItemState::Pending => &mut self.pending,
            ItemState::Sending => &mut self.sending,
            ItemState::Held => &mut self.held,
            ItemState::RamOnly => &mut self.ram_only,
            ItemState::Parked => &mut self.parked,
            ItemState::Rejected => &mut self.rejected,
            ItemState::Announced => &mut self.announced,
            ItemState::Expired => &mut self.expired,
            ItemState::Ordered => &mut self.ordered,
        }
    }

    /// How many items were not delivered.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.sum(&ItemState::WAITING)
    }

    /// How many items will be delivered without anybody's help: pending ones, and those being sent.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.pending + self.sending
    }

    /// How many items there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.sum(&ItemState::ALL)
    }

    fn sum(&self, states: &[ItemState]) -> u64 {
        states.iter().map(|state| self.of(*state)).sum()
    }
}

/// The number of the kind of reports.
pub const REPORTS: u8 = 0;

/// The number of the kind of payments.
pub const PAYMENTS: u8 = 1;

/// The number of the kind of orders.
pub const ORDERS: u8 = 2;
