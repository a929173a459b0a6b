//! The limits of the outbox: how much is kept.

use std::time::Duration;

use crate::log::warn;

use crate::alipay::Report;
use crate::outbox::book::{Book, Draft};
use crate::outbox::{Item, ItemState, Kind, OutboxError, Reached, Resend, StoreError, UnixMillis};

impl Book {
    /// Makes room for so many more items that wait. What is dropped for them is dropped with the draft.
    pub(super) fn make_room<K: Kind>(
        &mut self,
        draft: &mut Draft<'_>,
        now: UnixMillis,
        more: u64,
    ) -> Result<(), OutboxError> {
        let not_safe = |source| OutboxError::NotSafe { what: K::NAME, source };
        let refused = match self.limit_reached::<K>(now, more).map_err(not_safe)? {
            None => return Ok(()),
            Some(reached) => OutboxError::Limit { what: K::NAME, reached },
        };
        if self.policy.limits.reached == Reached::Fail || !K::GIVES_WAY {
            return Err(refused);
        }
        let limits = self.policy.limits;
        let mut waiting = K::queue(self).counts.waiting().saturating_add(more);
        // The limit may have been lowered since.
        let beyond = limits.waiting.map_or(0, |limit| waiting.saturating_sub(limit));
        let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
        let mut dropped = 0;
        let oldest = self.first::<K>(&DROPPED, beyond.max(DROPPED_AT_ONCE));
        for item in oldest.map_err(not_safe)? {
            let many = limits.waiting.is_some_and(|limit| waiting > limit);
            let old = limits.age.is_some_and(|limit| is_older(&item, now, limit));
            if !many && !old {
                if item.added.is_plausible() {
                    break;
                }
                // Those behind it may have an age.
                continue;
            }
            waiting -= 1;
            dropped += 1;
            K::edits(draft).remove.push((item.state, item.id));
        }
        if limits.waiting.is_some_and(|limit| waiting > limit) {
            return Err(refused);
        }
        draft.dropped += dropped;
        warn!(dropped, "a limit of the outbox is reached: the oldest {}s are dropped", K::NAME);
        Ok(())
    }

    /// Removes the oldest reports that the module holds and that will not be sent again, if there are
    /// more than the policy keeps.
    pub(super) fn tidy(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        let Some(history) = self.policy.limits.history else { return Ok(()) };
        let history = history.max(self.policy.module_queue as u64);
        let held = self.reports.counts.held.saturating_add(self.reports.counts.ram_only);
        let many = usize::try_from(held.saturating_sub(history)).unwrap_or(usize::MAX);
        if many == 0 {
            return Ok(());
        }
        let states = [ItemState::Held, ItemState::RamOnly];
        if self.policy.resend == Resend::ThisBoot {
            // If the oldest one may be sent again, all may.
            let oldest = self.first::<Report>(&states, 1)?;
            if oldest.first().is_some_and(|oldest| self.is_at_risk(oldest)) {
                return Ok(());
            }
        }
        for report in self.first::<Report>(&states, many.min(REMOVED_AT_ONCE))? {
            if !self.is_at_risk(&report) {
                draft.reports.remove.push((report.state, report.id));
            }
        }
        Ok(())
    }

    /// Whether the report may have to be sent again, although the module holds it.
    fn is_at_risk(&self, report: &Item<Report>) -> bool {
        let this_boot = report.boot == Some(self.ledger.boot) && !self.ledger.closed;
        this_boot
            && match self.policy.resend {
                Resend::Nothing => false,
                Resend::RamOnly => report.state == ItemState::RamOnly,
                Resend::ThisBoot => true,
            }
    }
}

/// Whether the item is known to be older than that.
pub(super) fn is_older<K: Kind>(item: &Item<K>, now: UnixMillis, limit: Duration) -> bool {
    // A clock that was never set says nothing of an age, and once it is set, 50 years seem to pass.
    item.added.is_plausible() && now.since(item.added) > limit
}

/// The states of items that can be dropped. A report that is being sent cannot: the module may have
/// taken it. A trade that is under way cannot either.
const DROPPED: [ItemState; 3] = [ItemState::Pending, ItemState::Parked, ItemState::Rejected];

/// Not specified; chosen so that an append stays quick.
pub(super) const DROPPED_AT_ONCE: usize = 100;

/// More than a batch adds, so that their number falls.
const REMOVED_AT_ONCE: usize = 2 * super::BATCH_REPORTS;
