//! Where the outbox is kept.

use std::fmt;

use crate::alipay::Report;
use crate::outbox::{
    Payment, PaymentId, PaymentKey, PaymentState, Record, RecordId, RecordState, UnixMillis, Usage,
    UsageUnknown,
};

pub use crate::sqlite::{Source, StoreError};

/// Where the outbox is kept: a file, as [`SqliteStore`](crate::outbox::SqliteStore), or what you
/// have.
///
/// It decides nothing. What it must guarantee is that a [`commit`](Self::commit) is carried out
/// whole or not at all, whenever the power goes, and that it is on disk when the call returns `Ok`.
/// After `Err` it must be as before, and usable once the cause is gone.
pub trait Store: fmt::Debug + Send {
    /// What is there. It is called once, at the start, and may take the time to look for damage.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn load(&mut self) -> Result<Contents, StoreError>;

    /// Carries out all of these, in order, or none.
    ///
    /// # Errors
    /// If nothing was carried out.
    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError>;

    /// The record with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn record(&mut self, id: RecordId) -> Result<Option<Record>, StoreError>;

    /// Records in the order of their numbers.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    fn records(&mut self, query: &Query) -> Result<Vec<Record>, StoreError>;

    /// The payment with this key, if one was added, in whatever state.
    ///
    /// # Errors
    /// If it cannot be read.
    fn payment_with(&mut self, key: &PaymentKey) -> Result<Option<PaymentId>, StoreError>;

    /// The payment with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError>;

    /// Payments in these states with numbers above `after`, in the order of their numbers, at most
    /// `limit`.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    fn payments(
        &mut self,
        states: &[PaymentState],
        after: PaymentId,
        limit: usize,
    ) -> Result<Vec<Payment>, StoreError>;
}

/// One change of a [`Store`]. No two of a commit are of the same record or payment.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// New reports.
    Append {
        /// The number of the first one; those behind it have the numbers that follow.
        first: RecordId,
        /// The reports.
        reports: &'a [Report],
        /// When they were appended.
        at: UnixMillis,
        /// Where they stand: pending, or announced.
        state: RecordState,
    },
    /// A record that was there, as it is now.
    Put(&'a Record),
    /// This record goes, if it is there.
    Remove(RecordId),
    /// The ledger, as it is now.
    Ledger(&'a Ledger),
    /// A payment, as it is now.
    PutPayment(&'a Payment),
    /// This payment goes, if it is there.
    RemovePayment(PaymentId),
}

/// Which records.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// In one of these states.
    pub states: &'a [RecordState],
    /// Taken by the module in this boot.
    pub boot: Option<i64>,
    /// With a number above this one.
    pub after: RecordId,
    /// At most so many.
    pub limit: usize,
    /// The greatest numbers first.
    pub newest: bool,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The ledger.
    pub ledger: Ledger,
    /// How many records there are.
    pub counts: Counts,
    /// How many payments there are.
    pub payments: PaymentCounts,
    /// The greatest number of a record that is there, 0 if there is none.
    pub last_record: i64,
    /// The greatest number of a payment that is there, 0 if there is none.
    pub last_payment: i64,
}

/// What is true of the outbox as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The numbers of records that were removed are not above it, so that none is given again.
    pub last_record: i64,
    /// The same for payments.
    pub last_payment: i64,
    /// How many boots of the module were counted.
    pub boot: i64,
    /// Whether the SDK was closed in order in this boot.
    pub closed: bool,
    /// How many records were given up because of a limit.
    pub dropped: u64,
    /// How the device was used.
    pub usage: Usage,
    /// What was chosen for the counts that are being sent, whoever opens the store next.
    pub usage_unknown: UsageUnknown,
}

/// How many records there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They wait to be sent.
    pub pending: u64,
    /// They are being sent.
    pub sending: u64,
    /// The module holds them.
    pub held: u64,
    /// The module holds them in memory alone.
    pub ram_only: u64,
    /// They stepped aside.
    pub parked: u64,
    /// The module found fault with them.
    pub rejected: u64,
    /// Their trades are under way.
    pub announced: u64,
}

/// How many payments there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentCounts {
    /// They wait to be handed to the uploader.
    pub waiting: u64,
    /// The uploader has them.
    pub handed: u64,
    /// They stepped aside.
    pub parked: u64,
    /// The server refused them.
    pub refused: u64,
    /// They were uploaded, and their keys are kept.
    pub uploaded: u64,
    /// Their last moment has passed before they were uploaded.
    pub expired: u64,
}

impl PaymentCounts {
    /// How many payments are in this state.
    #[must_use]
    pub fn of(&self, state: PaymentState) -> u64 {
        match state {
            PaymentState::Waiting => self.waiting,
            PaymentState::Handed => self.handed,
            PaymentState::Parked => self.parked,
            PaymentState::Refused => self.refused,
            PaymentState::Uploaded => self.uploaded,
            PaymentState::Expired => self.expired,
        }
    }

    /// How many were not uploaded.
    #[must_use]
    pub fn open(&self) -> u64 {
        PaymentState::OPEN.iter().map(|state| self.of(*state)).sum()
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, state: PaymentState) -> &mut u64 {
        match state {
            PaymentState::Waiting => &mut self.waiting,
            PaymentState::Handed => &mut self.handed,
            PaymentState::Parked => &mut self.parked,
            PaymentState::Refused => &mut self.refused,
            PaymentState::Uploaded => &mut self.uploaded,
            PaymentState::Expired => &mut self.expired,
        }
    }
}

impl Counts {
    /// How many records are in this state.
    #[must_use]
    pub fn of(&self, state: RecordState) -> u64 {
        match state {
            RecordState::Pending => self.pending,
            RecordState::Sending => self.sending,
            RecordState::Held => self.held,
            RecordState::RamOnly => self.ram_only,
            RecordState::Parked => self.parked,
            RecordState::Rejected => self.rejected,
            RecordState::Announced => self.announced,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, state: RecordState) -> &mut u64 {
        match state {
            RecordState::Pending => &mut self.pending,
            RecordState::Sending => &mut self.sending,
            RecordState::Held => &mut self.held,
            RecordState::RamOnly => &mut self.ram_only,
            RecordState::Parked => &mut self.parked,
            RecordState::Rejected => &mut self.rejected,
            RecordState::Announced => &mut self.announced,
        }
    }

    /// How many records the module does not hold.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        RecordState::WAITING.iter().map(|state| self.of(*state)).sum()
    }

    /// How many records will be sent by themselves.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.pending + self.sending
    }

    /// How many records there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        RecordState::ALL.iter().map(|state| self.of(*state)).sum()
    }
}
