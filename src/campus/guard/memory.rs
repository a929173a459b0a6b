//! A guard in memory.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Claim, Fingerprint, Guard, GuardError, Key, Now, TimeRules};
use crate::unix_time::UnixMillis;

/// A [`Guard`] that holds its records in memory: exact, and of the same speed however many there
/// are.
///
/// A restart forgets all of them. A terminal that has no `SqliteGuard` must then claim again what
/// its recorded payments of the last minutes say ([`Fingerprint::from_bytes`]), or wait for
/// [`TimeRules::keep`] before it accepts a code.
///
/// Records lapse by the monotonic clock. Each code takes about 250 bytes, all of which are set
/// aside at the start; when the capacity is reached, codes are refused with [`GuardError::Full`].
pub struct MemoryGuard {
    capacity: usize,
    rules: TimeRules,
    records: Mutex<Records>,
}

struct Records {
    /// The number of the record that holds a key.
    held: HashMap<Key, u64>,
    /// In the order of their claims, which is that of their lapsing.
    queue: VecDeque<Record>,
    next_id: u64,
    /// The stamp of the newest code whose record was dropped.
    dropped: Option<UnixMillis>,
    latest: Option<Instant>,
}

struct Record {
    id: u64,
    code: Fingerprint,
    claimed: Instant,
}

impl MemoryGuard {
    /// The capacity that suits one terminal: 10,000 codes, which is 55 a second with the default
    /// rules. Not specified; chosen because no reader gives more than a few a second.
    pub const CAPACITY: usize = 10_000;

    /// A guard for this many codes at a time: the rate at which they may come, times
    /// [`TimeRules::keep`].
    #[must_use]
    pub fn new(capacity: usize, rules: TimeRules) -> Self {
        let records = Records {
            held: HashMap::with_capacity(capacity.saturating_mul(2)),
            queue: VecDeque::with_capacity(capacity),
            next_id: 0,
            dropped: None,
            latest: None,
        };
        Self { capacity, rules, records: Mutex::new(records) }
    }

    /// How many records it holds, those included that have lapsed and were not dropped yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().queue.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        // Nothing in here panics half-way.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard for MemoryGuard {
    fn rules(&self) -> &TimeRules {
        &self.rules
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        let mut records = self.lock();
        let now = records.advance(now.monotonic);
        records.drop_lapsed(now, self.rules.keep());
        if code.keys().iter().any(|key| records.held.contains_key(key)) {
            return Err(GuardError::Used);
        }
        if records.dropped.is_some_and(|dropped| code.in_use_time() <= dropped) {
            return Err(GuardError::Outdated);
        }
        if records.queue.len() >= self.capacity {
            return Err(GuardError::Full { capacity: self.capacity });
        }
        Ok(records.insert(*code, now))
    }

    fn release(&self, claim: Claim, _now: Now) -> Result<(), GuardError> {
        self.lock().remove(&claim);
        Ok(())
    }
}

impl Records {
    /// Two threads may take the lock in another order than they read the clock.
    fn advance(&mut self, now: Instant) -> Instant {
        let latest = self.latest.map_or(now, |latest| latest.max(now));
        self.latest = Some(latest);
        latest
    }

    /// Drops a few at a time, so that the first customer after a break waits no longer than the
    /// others. A lapsed record that is still there does no harm: its code has expired.
    fn drop_lapsed(&mut self, now: Instant, keep: Duration) {
        for _ in 0..DROPS_PER_CLAIM {
            let lapsed = |record: &Record| now.duration_since(record.claimed) > keep;
            if !self.queue.front().is_some_and(lapsed) {
                return;
            }
            let Some(record) = self.queue.pop_front() else { return };
            if self.free(&record.code, record.id) {
                self.dropped = self.dropped.max(Some(record.code.in_use_time()));
            }
        }
    }

    fn insert(&mut self, code: Fingerprint, now: Instant) -> Claim {
        let id = self.next_id;
        self.next_id += 1;
        self.held.extend(code.keys().map(|key| (key, id)));
        self.queue.push_back(Record { id, code, claimed: now });
        Claim::new(code, id)
    }

    fn remove(&mut self, claim: &Claim) {
        self.free(claim.code(), claim.id());
        // Elsewhere its place is freed when it lapses; it holds no key until then.
        if self.queue.back().is_some_and(|record| record.id == claim.id()) {
            self.queue.pop_back();
        }
    }

    /// Frees the keys of a record, and says whether it held them. A released one does not, and
    /// its code may have been claimed anew.
    fn free(&mut self, code: &Fingerprint, id: u64) -> bool {
        let held = code.keys().iter().all(|key| self.held.get(key) == Some(&id));
        if held {
            for key in code.keys() {
                self.held.remove(key);
            }
        }
        held
    }
}

impl fmt::Debug for MemoryGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryGuard")
            .field("capacity", &self.capacity)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// More than one, the number that a claim may add, so that lapsed records become fewer.
const DROPS_PER_CLAIM: usize = 4;
