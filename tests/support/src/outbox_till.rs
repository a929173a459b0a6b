//! An outbox in a folder of its own, by a wall clock that a test sets.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::outbox::store::{Change, Contents, Row, Selection, Store};
use m26_pay::outbox::{Id, Item, ItemState, Outbox, OutboxPolicy, SqliteStore, StoreError};
use m26_pay::session::Backoff;
use m26_pay::unix_time::UnixMillis;
use tempfile::TempDir;

/// The wall clock's time when a test begins.
pub const BEGAN: UnixMillis = UnixMillis(1_548_811_777_000);

/// A till's folder.
pub struct Till {
    folder: TempDir,
    pub policy: OutboxPolicy,
    wall: Arc<AtomicI64>,
    pub commits: Arc<AtomicU64>,
    /// Whether every commit fails.
    pub full: Arc<AtomicU64>,
    /// Whether no row of an order can be looked up.
    unreadable: Arc<AtomicBool>,
}

impl Till {
    pub fn new(policy: OutboxPolicy) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            policy,
            wall: Arc::new(AtomicI64::new(BEGAN.0)),
            commits: Arc::default(),
            full: Arc::default(),
            unreadable: Arc::default(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("till.db")
    }

    /// Opens the outbox, whose commits are counted.
    pub fn open(&self) -> Outbox {
        let wall = Arc::clone(&self.wall);
        let store = Counting {
            store: SqliteStore::open(self.path()).unwrap(),
            commits: Arc::clone(&self.commits),
            full: Arc::clone(&self.full),
            unreadable: Arc::clone(&self.unreadable),
        };
        let clock = move || UnixMillis(wall.load(Ordering::SeqCst));
        Outbox::new(store, self.policy.clone(), clock).unwrap()
    }

    /// Lets the wall clock show so much later.
    pub fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.wall.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn set_now(&self, now: UnixMillis) {
        self.wall.store(now.0, Ordering::SeqCst);
    }

    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.wall.load(Ordering::SeqCst))
    }

    /// How many commits there were since the last look.
    pub fn commits(&self) -> u64 {
        self.commits.swap(0, Ordering::SeqCst)
    }

    pub fn set_full(&self, full: bool) {
        self.full.store(full.into(), Ordering::SeqCst);
    }

    pub fn set_unreadable(&self, unreadable: bool) {
        self.unreadable.store(unreadable, Ordering::SeqCst);
    }
}

/// Waits that are the same at every run: 2, 4, 8 … 300 seconds.
pub fn policy() -> OutboxPolicy {
    let policy = OutboxPolicy::default();
    OutboxPolicy { backoff: Backoff { jitter_percent: 0, ..policy.backoff.clone() }, ..policy }
}

/// A report that the module can tell from others.
pub fn report(number: u32) -> Report {
    Report::of("10.25".parse().unwrap(), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(number.to_string()).unwrap())
        .time_consuming(2)
        .build()
        .unwrap()
}

pub fn reports(numbers: std::ops::Range<u32>) -> Vec<Report> {
    numbers.map(report).collect()
}

/// The numbers of the reports in these states, in the order of the reports.
pub fn numbers(outbox: &Outbox, states: &[ItemState]) -> Vec<u32> {
    let reports = outbox.list(states, Id::<Report>::START, usize::MAX).unwrap();
    assert!(reports.is_sorted_by_key(|report| report.id));
    reports.iter().map(number).collect()
}

/// The number of a report.
pub fn number(report: &Item<Report>) -> u32 {
    report.content.business_no().unwrap().expose().parse().unwrap()
}

/// Counts commits, and fails them as a full disk would.
#[derive(Debug)]
pub struct Counting {
    store: SqliteStore,
    commits: Arc<AtomicU64>,
    full: Arc<AtomicU64>,
    unreadable: Arc<AtomicBool>,
}

impl Store for Counting {
    fn load(&mut self) -> Result<Contents, StoreError> {
        self.store.load()
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) > 0 {
            return Err(StoreError::Full(m26_pay::outbox::Source::new("no room")));
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.store.commit(changes)
    }

    fn report(&mut self, id: Id<Report>) -> Result<Option<Item<Report>>, StoreError> {
        self.store.report(id)
    }

    fn reports(&mut self, query: &Selection<'_>) -> Result<Vec<Item<Report>>, StoreError> {
        self.store.reports(query)
    }

    fn row(&mut self, kind: u8, id: i64) -> Result<Option<Row>, StoreError> {
        self.store.row(kind, id)
    }

    fn row_with(&mut self, kind: u8, key: &[u8]) -> Result<Option<Row>, StoreError> {
        self.store.row_with(kind, key)
    }

    fn rows_with(&mut self, kind: u8, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        if self.unreadable.load(Ordering::SeqCst) {
            return Err(StoreError::Io(m26_pay::outbox::Source::new("the disk says nothing")));
        }
        self.store.rows_with(kind, prefix)
    }

    fn rows(&mut self, kind: u8, query: &Selection<'_>) -> Result<Vec<Row>, StoreError> {
        self.store.rows(kind, query)
    }
}
