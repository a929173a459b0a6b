//! [`Outbox`]: the handle of an outbox.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::alipay::{Opened, Report};
use crate::outbox::book::Book;
use crate::outbox::store::{Counts, Selection, Store};
use crate::outbox::{
    Drain, Id, Item, ItemState, Kind, OutboxDuty, OutboxError, OutboxPolicy, SqliteStore,
    StoreError, UnixMillis, UsageStanding,
};

/// Keeps on disk what must reach the cloud, until it has: see [the module](crate::outbox).
///
/// It is a handle, and its clones are handles of the same outbox. A till appends in one thread while
/// a client or a session drains it in another. A call that changes something waits for the disk,
/// usually some milliseconds.
///
/// ```
/// use m26_pay::alipay::{Report, TradeResult};
/// use m26_pay::outbox::{Outbox, OutboxPolicy};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("till.db");
/// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
/// let report = Report::of("10.25".parse()?, TradeResult::Unsupported, 1548811777).build()?;
/// let id = outbox.append(&report)?; // it is on disk now
/// assert_eq!(outbox.summary().reports.pending, 1);
/// # drop(outbox);
/// # let outbox = Outbox::open(&path, OutboxPolicy::default())?;
/// # assert_eq!(outbox.get(id)?.map(|item| item.content), Some(report));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Outbox {
    book: Arc<Mutex<Book>>,
    waker: Arc<Mutex<Option<Waker>>>,
}

/// Called when there is something to do.
type Waker = Arc<dyn Fn() + Send + Sync>;

/// How many items an outbox held, and its usage, when this copy was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Summary {
    /// How many reports there are.
    pub reports: Counts,
    /// How many payments there are.
    pub payments: Counts,
    /// How many orders of the journal there are: open ones are pending, settled ones held.
    pub orders: Counts,
    /// How many reports were dropped because of a limit, ever.
    pub dropped: u64,
    /// How the device was used.
    pub usage: UsageStanding,
}

impl Outbox {
    /// Opens the outbox in this file. If there is no file, it makes one. What was being sent when the
    /// last program ended is pending again. A file of an older format is brought to the newest one.
    ///
    /// # Errors
    /// [`OutboxError::Open`] if it is in use, damaged, of a newer format or of another kind. The file is
    /// left as it was.
    pub fn open(path: impl AsRef<Path>, policy: OutboxPolicy) -> Result<Self, OutboxError> {
        let path = path.as_ref();
        Self::in_store(SqliteStore::open(path), policy)
            .map_err(|source| OutboxError::Open { path: path.to_owned(), source })
    }

    /// A copy in memory of the outbox in this file, as it is now: see [`SqliteStore::view`]. What was
    /// being sent is pending in it. Nothing on the disk changes, also when the copy does.
    ///
    /// # Errors
    /// [`OutboxError::Open`] if it is damaged, of a newer format or of another kind.
    pub fn view(path: impl AsRef<Path>, policy: OutboxPolicy) -> Result<Self, OutboxError> {
        let path = path.as_ref();
        Self::in_store(SqliteStore::view(path), policy)
            .map_err(|source| OutboxError::Open { path: path.to_owned(), source })
    }

    /// An outbox in a store of your own, with a wall clock of your own.
    ///
    /// # Errors
    /// If the store fails.
    pub fn new(
        store: impl Store + 'static,
        policy: OutboxPolicy,
        clock: impl Fn() -> UnixMillis + Send + 'static,
    ) -> Result<Self, OutboxError> {
        let book = Book::new(Box::new(store), policy, Box::new(clock))?;
        Ok(Self::of(book))
    }

    /// Has `waker` called whenever there is something new to do for a session's duty; it may be the
    /// session's `nudge`. It replaces an earlier one. The thread that appends calls it, after the
    /// report is on disk.
    pub fn on_append(&self, waker: impl Fn() + Send + Sync + 'static) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(waker));
    }

    /// Appends a report. It is on disk when this returns `Ok`, and only then.
    ///
    /// # Errors
    /// [`OutboxError::NotSafe`] or [`OutboxError::Limit`]: the report is not safe, and nothing else has changed.
    pub fn append(&self, report: &Report) -> Result<Id<Report>, OutboxError> {
        let id = self.book().append(std::slice::from_ref(report))?;
        self.wake();
        Ok(id)
    }

    /// Appends reports, in order and with one commit: all or none.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_all(&self, reports: &[Report]) -> Result<Vec<Id<Report>>, OutboxError> {
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        let first = self.book().append(reports)?;
        self.wake();
        Ok((first.get()..).take(reports.len()).map(Id::new).collect())
    }

    /// How many items it holds, and the usage.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.book().summary()
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> OutboxPolicy {
        self.book().policy().clone()
    }

    /// The report or the payment with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn get<K: Kind>(&self, id: Id<K>) -> Result<Option<Item<K>>, OutboxError> {
        Ok(self.book().look_up(id)?)
    }

    /// Reports, or payments, in these states with numbers above `after`, in order, at most `limit`.
    ///
    /// ```
    /// use m26_pay::alipay::Report;
    /// # use m26_pay::outbox::{Id, Outbox, OutboxPolicy, ItemState};
    /// # let folder = tempfile::tempdir()?;
    /// # let outbox = Outbox::open(folder.path().join("till.db"), OutboxPolicy::default())?;
    /// for report in outbox.list(&[ItemState::Parked], Id::<Report>::START, 100)? {
    ///     println!("{} failed {} times", report.id, report.failures);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    pub fn list<K: Kind>(
        &self,
        states: &[ItemState],
        after: Id<K>,
        limit: usize,
    ) -> Result<Vec<Item<K>>, OutboxError> {
        let query = Selection { states, boot: None, after: after.get(), limit, newest: false };
        Ok(self.book().select(&query)?)
    }

    /// The newest reports, or payments, in these states, in order, at most `limit`.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    pub fn newest<K: Kind>(
        &self,
        states: &[ItemState],
        limit: usize,
    ) -> Result<Vec<Item<K>>, OutboxError> {
        let query = Selection { states, boot: None, after: 0, limit, newest: true };
        let mut newest = self.book().select(&query)?;
        newest.reverse();
        Ok(newest)
    }

    /// Tries a report or a payment that [stepped aside](ItemState::ASIDE) again, at its old place in
    /// the order. An expired payment gets as much time as a new one.
    ///
    /// # Errors
    /// If there is no such item, it is in another state, or the store fails.
    pub fn retry<K: Kind>(&self, id: Id<K>) -> Result<(), OutboxError> {
        self.book().retry(id)?;
        self.wake();
        Ok(())
    }

    /// Removes a report or a payment that [stepped aside](ItemState::ASIDE), with its key. It cannot be
    /// restored: a caller that still needs it keeps it elsewhere.
    ///
    /// # Errors
    /// As [`retry`](Self::retry).
    pub fn remove<K: Kind>(&self, id: Id<K>) -> Result<Item<K>, OutboxError> {
        self.book().remove(id)
    }

    /// A flow that sends the pending reports. A client whose SDK is open runs it.
    pub fn drain(&self) -> Drain {
        Drain::new(self.clone())
    }

    /// Tells the outbox what AT+ALIPAYOPEN answered. A session's duty does it by itself.
    ///
    /// If OPEN has started the SDK, and it was not shut in order before, the module was restarted. Then
    /// the reports that it may have lost are pending again, as [`OutboxPolicy::resend`] says. Returns
    /// how many.
    ///
    /// # Errors
    /// If the store fails: call it again.
    pub fn module_opened(&self, opened: Opened) -> Result<u64, OutboxError> {
        Ok(self.book().opened(opened == Opened::Now)?)
    }

    /// Tells the outbox that the module was restarted, or switches off. A session's duty does it by
    /// itself. Returns how many reports are pending again.
    ///
    /// # Errors
    /// As [`module_opened`](Self::module_opened).
    pub fn module_restarted(&self) -> Result<u64, OutboxError> {
        Ok(self.book().restarted()?)
    }

    /// Tells the outbox that AT+ALIPAYSHUT was confirmed: the SDK has saved what it held in memory
    /// alone. A session's duty does it by itself.
    ///
    /// # Errors
    /// As [`module_opened`](Self::module_opened).
    pub fn module_closed(&self) -> Result<(), OutboxError> {
        Ok(self.book().closed()?)
    }

    /// Tells the outbox that a change of the configuration follows, or was made, at which the SDK
    /// discards everything it holds (spec V1.0, 3.1, note 4). A session's duty does it by itself.
    /// Returns how many reports are pending again: see [`OutboxPolicy::module_queue`].
    ///
    /// # Errors
    /// As [`module_opened`](Self::module_opened).
    pub fn cache_discarded(&self) -> Result<u64, OutboxError> {
        Ok(self.book().discarded()?)
    }

    /// What a session does by itself with the outbox: see [`OutboxDuty`].
    #[must_use]
    pub fn duty(&self) -> OutboxDuty {
        OutboxDuty::new(self.clone())
    }

    /// Has the store tidy up what was written: the log of an [`SqliteStore`] is brought into its file.
    /// A session's duty does it by itself when nothing was written for some seconds.
    ///
    /// # Errors
    /// If it cannot be done now. Nothing is lost by that.
    pub fn rest(&self) -> Result<(), OutboxError> {
        Ok(self.book().rest()?)
    }

    fn in_store(
        store: Result<SqliteStore, StoreError>,
        policy: OutboxPolicy,
    ) -> Result<Self, StoreError> {
        let clock = || crate::unix_time::now().unwrap_or_default();
        Ok(Self::of(Book::new(Box::new(store?), policy, Box::new(clock))?))
    }

    fn of(book: Book) -> Self {
        Self { book: Arc::new(Mutex::new(book)), waker: Arc::default() }
    }

    /// Calls the waker: there is something to do. The book must not be locked.
    pub(super) fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(waker) = waker {
            waker();
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        // A thread that panicked left the store and its copy in memory as after the last commit.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("summary", &self.summary()).finish_non_exhaustive()
    }
}
