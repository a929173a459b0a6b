//! What the module loses when it is restarted, and when its cache is discarded.

use std::cmp::Reverse;

use crate::log::warn;

use crate::alipay::Report;
use crate::outbox::book::{Book, Draft};
use crate::outbox::store::{Ledger, Selection};
use crate::outbox::{Item, ItemState, Resend, StoreError, Usage};

impl Book {
    /// The module was restarted, or switches off.
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
            // Not more than its queue has room for can be undelivered.
            lost.extend(self.taken_last(self.policy.module_queue)?);
            lost.sort_unstable_by_key(|report| report.id);
            lost.dedup_by_key(|report| report.id);
        }
        self.lose(lost)
    }

    /// The SDK was opened: OPEN started it (`fresh`), or it was open already.
    pub(super) fn opened(&mut self, fresh: bool) -> Result<u64, StoreError> {
        // After a SHUT it opens only after a restart (spec V1.0, 3.2).
        if fresh || self.ledger.closed { self.restarted() } else { Ok(0) }
    }

    /// The SDK was shut in order, and has saved what it held.
    pub(super) fn closed(&mut self) -> Result<(), StoreError> {
        self.settle_all()?;
        let mut draft = Draft::default();
        for mut report in self.taken_in_this_boot(&[ItemState::RamOnly], usize::MAX)? {
            report.state = ItemState::Held;
            draft.reports.change(ItemState::RamOnly, report);
        }
        let mut ledger = Ledger { closed: true, ..self.ledger.clone() };
        (ledger.usage.ram_only, ledger.usage.this_boot) = Default::default();
        draft.ledger = Some(ledger);
        self.commit(&mut draft)
    }

    /// Reports that were answered before belong to the boot before.
    fn settle_all(&mut self) -> Result<(), StoreError> {
        self.settle()?;
        self.settle_owed_usage()
    }

    /// The reports that a restart of the module loses, as far as the policy sends them again.
    fn lost_by_restart(&mut self) -> Result<Vec<Item<Report>>, StoreError> {
        match self.policy.resend {
            _ if self.ledger.closed => Ok(Vec::new()),
            Resend::Nothing => Ok(Vec::new()),
            Resend::RamOnly => self.taken_in_this_boot(&[ItemState::RamOnly], usize::MAX),
            Resend::ThisBoot => self.taken_in_this_boot(&TAKEN, usize::MAX),
        }
    }

    /// These reports are pending again, and a boot begins. Returns how many there are.
    fn lose(&mut self, lost: Vec<Item<Report>>) -> Result<u64, StoreError> {
        let usage = self.ledger.usage;
        let none = usage.ram_only.is_zero() && usage.this_boot.is_zero();
        if none && lost.is_empty() && !self.ledger.closed {
            let taken = self.taken_in_this_boot(&TAKEN, 1)?;
            if taken.is_empty() {
                return Ok(0);
            }
        }
        let mut draft = Draft::default();
        let count = lost.len() as u64;
        for mut report in lost {
            let before = std::mem::replace(&mut report.state, ItemState::Pending);
            report.boot = None;
            draft.reports.change(before, report);
        }
        let uses = match self.policy.resend {
            Resend::Nothing => Usage::default(),
            Resend::RamOnly => usage.ram_only,
            Resend::ThisBoot => usage.this_boot,
        };
        let mut ledger = self.ledger.clone();
        (ledger.boot, ledger.closed) = (ledger.boot.saturating_add(1), false);
        ledger.usage.unreported = usage.unreported.plus(uses);
        (ledger.usage.ram_only, ledger.usage.this_boot) = Default::default();
        draft.ledger = Some(ledger);
        self.commit(&mut draft)?;
        if count > 0 {
            warn!(count, "the module may have lost reports: they are sent again");
        }
        Ok(count)
    }

    /// The reports that the module took last. A report that was parked for a while may have an old
    /// number, so the time of the answer decides; the newest numbers are always among them, because
    /// the wall clock may be wrong.
    fn taken_last(&mut self, limit: usize) -> Result<Vec<Item<Report>>, StoreError> {
        let query =
            |after, limit, newest| Selection { states: &TAKEN, boot: None, after, limit, newest };
        let mut last: Vec<Item<Report>> = self.select(&query(0, limit, true))?;
        let mut by_time: Vec<Item<Report>> = Vec::new();
        let mut after = 0;
        loop {
            let page: Vec<Item<Report>> = self.select(&query(after, PAGE, false))?;
            let Some(end) = page.last() else { break };
            after = end.id.get();
            by_time.extend(page);
            by_time.sort_by_key(|report| Reverse((report.last.map(|(at, _)| at), report.id)));
            by_time.truncate(limit);
        }
        last.append(&mut by_time);
        Ok(last)
    }

    fn taken_in_this_boot(
        &mut self,
        states: &[ItemState],
        limit: usize,
    ) -> Result<Vec<Item<Report>>, StoreError> {
        let boot = Some(self.ledger.boot);
        self.select(&Selection { states, boot, after: 0, limit, newest: false })
    }
}

/// How many are read at once.
const PAGE: usize = 1000;

const TAKEN: [ItemState; 2] = [ItemState::Held, ItemState::RamOnly];
