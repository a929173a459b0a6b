//! [`OutboxJournal`]: the journal of a payment gateway's orders, in the store of an outbox.

mod record;
mod report;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::log::warn;

use crate::alipay::BusinessNo;
use crate::gateway::alipay::OutTradeNo;
use crate::gateway::journal::{
    Begun, Claim, Entry, EntryKey, Holder, Journal, JournalError, Owner,
};
use crate::outbox::store::Selection;
use crate::outbox::transaction::Transaction;
use crate::outbox::{
    Item, ItemState, Outbox, OutboxError, OutboxPolicy, StoreError, StoredOrder, UnixMillis, row,
};
use crate::secret::Secret;
use record::Record;

/// A [`Journal`] in the store of an [`Outbox`], such as its SQLite file.
///
/// An order and the report of its trade belong together: both begin with one commit, and both end with
/// one. If the host dies in between, both are kept, and the report is not sent before the order is
/// settled.
///
/// | what is written | the order | its report |
/// |---|---|---|
/// | [`begin`](Journal::begin) | open | [`Ordered`](ItemState::Ordered), with outcome −1 |
/// | [`update`](Journal::update) with an outcome | settled | pending, with the outcome of the trade |
///
/// The business_no of the report is Alipay's number of the trade, if that is known. The report also
/// says how long the trade took by the host's clock. A refund has no report: AT+ALIPAYREP has none
/// for it.
///
/// A number must never be used again, so settled orders stay in the file, some 600 bytes each.
///
/// ```
/// use m26_pay::gateway::journal::{Holder, Journal};
/// use m26_pay::outbox::{Outbox, OutboxJournal, OutboxPolicy};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("till.db");
/// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
/// let journal = OutboxJournal::new(&outbox);
/// assert!(journal.open_orders(None, 100)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct OutboxJournal {
    outbox: Outbox,
    reports: bool,
    business_nos: Arc<Mutex<HashMap<OutTradeNo, BusinessNo>>>,
}

impl OutboxJournal {
    /// A journal in this outbox. Each order that is begun has its report announced.
    #[must_use]
    pub fn new(outbox: &Outbox) -> Self {
        Self { outbox: outbox.clone(), reports: true, business_nos: Arc::default() }
    }

    /// A journal in this file, for a program without a module: orders that it begins have no reports.
    /// An order that a till began has a report, and both end together. If there is no file, it makes
    /// one.
    ///
    /// # Errors
    /// If the file is in use, damaged, of a newer format or of another kind. It is left as it was.
    pub fn open_without_reports(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let outbox = Outbox::open(path, OutboxPolicy::default()).map_err(failure)?;
        Ok(Self { reports: false, ..Self::new(&outbox) })
    }

    /// The outbox.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Call this before the order with this number is begun: its report will have this business_no
    /// instead of Alipay's number of the trade. In the water-control project that is the number of
    /// the agreement (spec V1.0, chapter 2).
    pub fn report_as(&self, out_trade_no: OutTradeNo, business_no: BusinessNo) {
        self.business_nos().insert(out_trade_no, business_no);
    }

    fn business_nos(&self) -> std::sync::MutexGuard<'_, HashMap<OutTradeNo, BusinessNo>> {
        // Nothing panics with the lock held.
        self.business_nos.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<Result<T, JournalError>, OutboxError>,
    ) -> Result<T, JournalError> {
        self.outbox.transaction(what, change).map_err(failure)?
    }
}

impl Journal for OutboxJournal {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        let business_no = self.business_nos().remove(&entry.out_trade_no);
        // An order that is settled already was reported elsewhere.
        let reported = self.reports && entry.is_open();
        let report = if reported { report::announced(entry, business_no)? } else { None };
        self.change("order", |changes| {
            let key = record::key(&entry.key());
            if let Some((_, found)) = find(changes, &key)? {
                return Ok(Ok(Begun::Exists(Box::new(found.entry))));
            }
            let report = match report {
                Some(report) => Some(changes.order(report)?),
                None => None,
            };
            let entry = Entry { version: FIRST, ..entry.clone() };
            let (state, begun) = (state(&entry), entry.begun);
            let body = Secret::new(Record { entry, report }.write());
            changes.add(StoredOrder { key: Secret::new(key), body }, begun, state)?;
            Ok(Ok(Begun::New(FIRST)))
        })
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        let version = self.change(OUTCOME, |changes| {
            let Some((item, found)) = find(changes, &record::key(&entry.key()))? else {
                return Ok(Err(JournalError::Missing));
            };
            if found.entry.version != entry.version {
                return Ok(Err(JournalError::Conflict));
            }
            if let (Some(id), true) = (found.report, found.entry.is_open() && !entry.is_open()) {
                settle_report(changes, id, entry)?;
            }
            let version = entry.version.saturating_add(1);
            let entry = Entry { version, ..entry.clone() };
            put(changes, item, Record { entry, report: found.report });
            Ok(Ok(version))
        })?;
        if !entry.is_open() {
            // There may be a report to be sent.
            self.outbox.wake();
        }
        Ok(version)
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        let prefix = record::number_prefix(out_trade_no);
        let mut book = self.outbox.book();
        let found =
            row::find_all::<StoredOrder>(&mut *book.store, &prefix).map_err(store_failure)?;
        found.iter().map(|item| Ok(read(item).map_err(store_failure)?.entry)).collect()
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        let mut book = self.outbox.book();
        let after = match after {
            Some(key) => row::find::<StoredOrder>(&mut *book.store, &record::key(key)),
            None => Ok(None),
        };
        let after = after.map_err(store_failure)?.map_or(0, |item| item.id.get());
        let states = &[ItemState::Pending];
        let query = Selection { states, boot: None, after, limit, newest: false };
        let found = book.select::<StoredOrder>(&query).map_err(store_failure)?;
        found.iter().map(|item| Ok(read(item).map_err(store_failure)?.entry)).collect()
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        self.change("claim of an order", |changes| {
            let Some((item, found)) = find(changes, &record::key(key))? else {
                return Ok(Ok(Claim::Missing));
            };
            let Record { mut entry, report } = found;
            if !entry.is_open() {
                return Ok(Ok(Claim::Settled(Box::new(entry))));
            }
            if let Some(owner) = entry.owner.as_ref().filter(|_| entry.is_held_from(holder, now)) {
                return Ok(Ok(Claim::Held(owner.clone())));
            }
            entry.owner = Some(Owner { holder: holder.clone(), until: now.plus(lease) });
            entry.version = entry.version.saturating_add(1);
            put(changes, item, Record { entry: entry.clone(), report });
            Ok(Ok(Claim::Yours(Box::new(entry))))
        })
    }
}

impl fmt::Debug for OutboxJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxJournal")
            .field("orders", &self.outbox.summary().orders)
            .field("reports", &self.reports)
            .finish_non_exhaustive()
    }
}

/// The order with this key.
fn find(
    changes: &mut Transaction<'_>,
    key: &[u8],
) -> Result<Option<(Item<StoredOrder>, Record)>, StoreError> {
    let Some(item) = row::find::<StoredOrder>(&mut *changes.book().store, key)? else {
        return Ok(None);
    };
    let record = read(&item)?;
    Ok(Some((item, record)))
}

fn read(item: &Item<StoredOrder>) -> Result<Record, StoreError> {
    let damaged = |what| StoreError::damaged(format_args!("{what} of order {} is wrong", item.id));
    Record::read(item.content.body.expose()).map_err(damaged)
}

fn put(changes: &mut Transaction<'_>, mut item: Item<StoredOrder>, record: Record) {
    let before = std::mem::replace(&mut item.state, state(&record.entry));
    item.content.body = Secret::new(record.write());
    changes.put(before, item);
}

/// Completes the report of an order with its outcome.
fn settle_report(
    changes: &mut Transaction<'_>,
    id: report::ReportId,
    entry: &Entry,
) -> Result<(), OutboxError> {
    let announced = match changes.get(id) {
        Ok(item) if item.state == ItemState::Ordered => item.content,
        // The outcome of the order is kept even if its report is not there: it is about the money.
        Ok(item) => {
            warn!(%id, state = %item.state, "the report of an order was sent before its outcome");
            return Ok(());
        }
        Err(OutboxError::Missing { .. }) => {
            warn!(%id, "the report of an order is not there any more");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match report::completed(&announced, entry) {
        Some(report) => changes.complete(id, report),
        None => Ok(()),
    }
}

/// The state of an order in the outbox.
fn state(entry: &Entry) -> ItemState {
    if entry.is_open() { ItemState::Pending } else { ItemState::Held }
}

fn failure(error: OutboxError) -> JournalError {
    match error {
        OutboxError::NotSafe { source, .. }
        | OutboxError::Open { source, .. }
        | OutboxError::Store(source) => store_failure(source),
        error => JournalError::Failed(Box::new(error)),
    }
}

fn store_failure(error: StoreError) -> JournalError {
    match error {
        StoreError::Damaged { .. } => JournalError::Damaged,
        StoreError::Full(_) => JournalError::Full,
        StoreError::InUse => JournalError::Locked,
        StoreError::Newer { .. } => JournalError::Newer,
        error => JournalError::Failed(Box::new(error)),
    }
}

/// The version of an entry that was never changed.
const FIRST: u64 = 1;

/// The name of the outcome in a message.
const OUTCOME: &str = "outcome of the order";
