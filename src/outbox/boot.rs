//! What the module loses when it is restarted, and when its cache is discarded.

use std::cmp::Reverse;

use tracing::warn;

use crate::outbox::book::{Book, Draft};
use crate::outbox::store::{Ledger, Query};
use crate::outbox::{Record, RecordId, RecordState, Resend, StoreError, Uses};

impl Book {
    /// The module was restarted, or is going off.
    pub(super) fn restarted(&mut self) -> Result<u64, StoreError> {
        self.settle_all()?;
        let lost = self.lost_by_restart()?;
        self.lose(lost)
    }

    /// The SDK discards everything it holds, delivered or not.
    pub(super) fn discarded(&mut self) -> Result<u64, StoreError> {
        self.settle_all()?;
        let mut lost = self.lost_by_restart()?;
        if self.policy.resend != Resend::Nothing {
            // What its queue has room for is the most that was not delivered.
            lost.extend(self.taken_last(self.policy.module_queue)?);
            lost.sort_unstable_by_key(|record| record.id);
            lost.dedup_by_key(|record| record.id);
        }
        self.lose(lost)
    }

    /// The SDK was opened: anew (`fresh`), or it was open already.
    pub(super) fn opened(&mut self, fresh: bool) -> Result<u64, StoreError> {
        // One that was shut opens only after a restart (spec V1.0, 3.2).
        if fresh || self.ledger.closed { self.restarted() } else { Ok(0) }
    }

    /// The SDK was shut in order, and has saved what it held.
    pub(super) fn closed(&mut self) -> Result<(), StoreError> {
        self.settle_all()?;
        let mut draft = Draft::default();
        for mut record in self.taken_in_this_boot(&[RecordState::RamOnly], usize::MAX)? {
            record.state = RecordState::Held;
            draft.put.push((RecordState::RamOnly, record));
        }
        let mut ledger = Ledger { closed: true, ..self.ledger.clone() };
        (ledger.usage.ram_only, ledger.usage.this_boot) = Default::default();
        draft.ledger = Some(ledger);
        self.commit(&draft)
    }

    /// What was answered before is of the boot before.
    fn settle_all(&mut self) -> Result<(), StoreError> {
        self.settle()?;
        self.settle_owed_usage()
    }

    /// What a restart of the module loses, as far as it is to be sent again.
    fn lost_by_restart(&mut self) -> Result<Vec<Record>, StoreError> {
        match self.policy.resend {
            _ if self.ledger.closed => Ok(Vec::new()),
            Resend::Nothing => Ok(Vec::new()),
            Resend::RamOnly => self.taken_in_this_boot(&[RecordState::RamOnly], usize::MAX),
            Resend::ThisBoot => self.taken_in_this_boot(&TAKEN, usize::MAX),
        }
    }

    /// These are pending again, and a boot begins. How many they are.
    fn lose(&mut self, lost: Vec<Record>) -> Result<u64, StoreError> {
        let usage = self.ledger.usage;
        let none = usage.ram_only.is_zero() && usage.this_boot.is_zero();
        if none && lost.is_empty() && !self.ledger.closed {
            let taken = self.taken_in_this_boot(&TAKEN, 1)?;
            if taken.is_empty() {
                return Ok(0);
            }
        }
        let mut draft = Draft::default();
        for mut record in lost {
            let before = std::mem::replace(&mut record.state, RecordState::Pending);
            record.boot = None;
            draft.put.push((before, record));
        }
        let count = draft.put.len() as u64;
        let uses = match self.policy.resend {
            Resend::Nothing => Uses::default(),
            Resend::RamOnly => usage.ram_only,
            Resend::ThisBoot => usage.this_boot,
        };
        let mut ledger = self.ledger.clone();
        (ledger.boot, ledger.closed) = (ledger.boot.saturating_add(1), false);
        ledger.usage.unreported = usage.unreported.plus(uses);
        (ledger.usage.ram_only, ledger.usage.this_boot) = Default::default();
        draft.ledger = Some(ledger);
        self.commit(&draft)?;
        if count > 0 {
            warn!(count, "the module may have lost reports: they are sent again");
        }
        Ok(count)
    }

    /// The records that the module took last: those that stood aside for a while may be old ones.
    /// The wall clock may be wrong, so the newest ones are among them whatever it says.
    fn taken_last(&mut self, limit: usize) -> Result<Vec<Record>, StoreError> {
        let query =
            |after, limit, newest| Query { states: &TAKEN, boot: None, after, limit, newest };
        let mut last = self.records(&query(START, limit, true))?;
        let mut by_time: Vec<Record> = Vec::new();
        let mut after = START;
        loop {
            let page = self.records(&query(after, PAGE, false))?;
            let Some(end) = page.last() else { break };
            after = end.id;
            by_time.extend(page);
            by_time.sort_by_key(|record| Reverse((record.last.map(|(at, _)| at), record.id)));
            by_time.truncate(limit);
        }
        last.append(&mut by_time);
        Ok(last)
    }

    fn taken_in_this_boot(
        &mut self,
        states: &[RecordState],
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let boot = Some(self.ledger.boot);
        self.records(&Query { states, boot, after: START, limit, newest: false })
    }
}

/// Before the first.
const START: RecordId = RecordId::new(0);

/// How many are read at once.
const PAGE: usize = 1000;

const TAKEN: [RecordState; 2] = [RecordState::Held, RecordState::RamOnly];
