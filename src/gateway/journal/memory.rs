//! A journal in memory.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Begun, Claim, Entry, EntryKey, Holder, Journal, JournalError, Owner};
use crate::gateway::alipay::OutTradeNo;
use crate::unix_time::UnixMillis;

/// A [`Journal`] in memory: a restart forgets all of it. It is for tests, and for a simulated
/// gateway; a till that takes money needs one on disk.
#[derive(Default)]
pub struct MemoryJournal(Mutex<Orders>);

#[derive(Default)]
struct Orders {
    /// In the order of their begin.
    entries: Vec<Entry>,
    /// The places of those that are open.
    open: BTreeSet<usize>,
    /// The places of those with a number.
    numbers: HashMap<OutTradeNo, Vec<usize>>,
}

impl Orders {
    fn places(&self, out_trade_no: &OutTradeNo) -> &[usize] {
        self.numbers.get(out_trade_no).map_or(&[], Vec::as_slice)
    }

    fn place(&self, key: &EntryKey) -> Option<usize> {
        let is = |place: &usize| self.entries[*place].key() == *key;
        self.places(&key.out_trade_no).iter().copied().find(is)
    }
}

impl MemoryJournal {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        let orders = &mut *self.lock();
        if let Some(place) = orders.place(&entry.key()) {
            return Ok(Begun::Exists(Box::new(orders.entries[place].clone())));
        }
        let place = orders.entries.len();
        orders.entries.push(Entry { version: FIRST, ..entry.clone() });
        orders.numbers.entry(entry.out_trade_no.clone()).or_default().push(place);
        if entry.is_open() {
            orders.open.insert(place);
        }
        Ok(Begun::New(FIRST))
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        let orders = &mut *self.lock();
        let place = orders.place(&entry.key()).ok_or(JournalError::Missing)?;
        let there = &mut orders.entries[place];
        if there.version != entry.version {
            return Err(JournalError::Conflict);
        }
        there.clone_from(entry);
        there.version += 1;
        if entry.is_open() {
            orders.open.insert(place);
        } else {
            orders.open.remove(&place);
        }
        Ok(there.version)
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        let orders = self.lock();
        let places = orders.places(out_trade_no).iter();
        Ok(places.map(|place| orders.entries[*place].clone()).collect())
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        let orders = self.lock();
        let first = after.and_then(|key| orders.place(key)).map_or(0, |place| place + 1);
        let open = orders.open.range(first..).take(limit);
        Ok(open.map(|place| orders.entries[*place].clone()).collect())
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        let orders = &mut *self.lock();
        let Some(place) = orders.place(key) else { return Ok(Claim::Missing) };
        let entry = &mut orders.entries[place];
        if !entry.is_open() {
            return Ok(Claim::Settled(Box::new(entry.clone())));
        }
        if let Some(owner) = entry.owner.as_ref().filter(|_| entry.is_held_from(holder, now)) {
            return Ok(Claim::Held(owner.clone()));
        }
        entry.owner = Some(Owner { holder: holder.clone(), until: now.plus(lease) });
        entry.version += 1;
        Ok(Claim::Yours(Box::new(entry.clone())))
    }
}

impl fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = self.lock();
        f.debug_struct("MemoryJournal")
            .field("entries", &orders.entries.len())
            .field("open", &orders.open.len())
            .finish_non_exhaustive()
    }
}

/// The version of an entry that was never changed.
const FIRST: u64 = 1;
