//! How much is kept.

use tracing::warn;

use crate::outbox::book::{Book, Draft, REPORT};
use crate::outbox::{
    Error, LimitReached, Reached, Record, RecordState, Resend, StoreError, UnixMillis,
};

impl Book {
    /// What has to go so that so many more may wait.
    pub(super) fn make_room(
        &mut self,
        now: UnixMillis,
        more: usize,
    ) -> Result<Draft<'static>, Error> {
        let mut draft = Draft::default();
        let refused = match self.limit_reached(now, more)? {
            None => return Ok(draft),
            Some(reached) => Error::Limit { what: REPORT, reached },
        };
        if self.policy.limits.reached == Reached::Fail {
            return Err(refused);
        }
        // What is being sent cannot go: it may have been taken.
        let states = [RecordState::Pending, RecordState::Parked, RecordState::Rejected];
        let limits = self.policy.limits;
        let mut waiting = self.counts.waiting().saturating_add(more as u64);
        // The limit may have been lowered since.
        let beyond = limits.waiting.map_or(0, |limit| waiting.saturating_sub(limit));
        let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
        for record in self.select(&states, beyond.max(DROPPED_AT_ONCE))? {
            let many = limits.waiting.is_some_and(|limit| waiting > limit);
            let old = limits.age.is_some_and(|limit| now.since(record.appended) > limit);
            if !many && !old {
                break;
            }
            waiting -= 1;
            draft.remove.push((record.state, record.id));
        }
        if limits.waiting.is_some_and(|limit| waiting > limit) {
            return Err(refused);
        }
        draft.dropped = draft.remove.len() as u64;
        warn!(dropped = draft.dropped, "records are given up, a limit of the outbox is reached");
        Ok(draft)
    }

    fn limit_reached(
        &mut self,
        now: UnixMillis,
        more: usize,
    ) -> Result<Option<LimitReached>, StoreError> {
        let limits = self.policy.limits;
        let waiting = self.counts.waiting();
        if let Some(limit) = limits.waiting {
            if waiting.saturating_add(more as u64) > limit {
                return Ok(Some(LimitReached::Count { waiting, limit }));
            }
        }
        let Some(limit) = limits.age else { return Ok(None) };
        let oldest = self.select(&RecordState::WAITING, 1)?;
        let old = |oldest: &Record| now.since(oldest.appended) > limit;
        Ok(oldest.first().filter(|oldest| old(oldest)).map(|_| LimitReached::Age { limit }))
    }

    /// Removes what is kept to be looked at only, where there is too much of it.
    pub(super) fn tidy(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        let Some(history) = self.policy.limits.history else { return Ok(()) };
        let history = history.max(self.policy.module_queue as u64);
        let held = self.counts.held.saturating_add(self.counts.ram_only);
        let many = usize::try_from(held.saturating_sub(history)).unwrap_or(usize::MAX);
        if many == 0 {
            return Ok(());
        }
        let states = [RecordState::Held, RecordState::RamOnly];
        if self.policy.resend == Resend::ThisBoot {
            // Where the oldest may be sent again, so may all.
            let oldest = self.select(&states, 1)?;
            if oldest.first().is_some_and(|oldest| self.is_at_risk(oldest)) {
                return Ok(());
            }
        }
        for record in self.select(&states, many.min(REMOVED_AT_ONCE))? {
            if !self.is_at_risk(&record) {
                draft.remove.push((record.state, record.id));
            }
        }
        Ok(())
    }

    /// Whether the record may have to be sent again although the module holds it.
    fn is_at_risk(&self, record: &Record) -> bool {
        let this_boot = record.boot == Some(self.ledger.boot) && !self.ledger.closed;
        this_boot
            && match self.policy.resend {
                Resend::Nothing => false,
                Resend::RamOnly => record.state == RecordState::RamOnly,
                Resend::ThisBoot => true,
            }
    }
}

/// Not specified; chosen so that an append stays quick.
const DROPPED_AT_ONCE: usize = 100;

/// More than a batch adds, so that there come to be fewer.
const REMOVED_AT_ONCE: usize = 2 * super::BATCH_RECORDS;
