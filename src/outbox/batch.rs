//! [`Batch`]: the reports that are sent between two commits.

use std::collections::VecDeque;
use std::time::Instant;

use crate::alipay::Report;
use crate::outbox::book::{Book, Draft};
use crate::outbox::queue::Queued as _;
use crate::outbox::store::Selection;
use crate::outbox::verdict::Verdict;
use crate::outbox::{Id, Item, ItemState, ReportAnswer, StoreError};

/// The reports that are sent between two commits. In the store all of them are
/// [`ItemState::Sending`], so that after the host died it is known which are in doubt.
#[derive(Default)]
pub(super) struct OpenBatch {
    /// Not sent yet, in order.
    unsent: VecDeque<Item<Report>>,
    /// The one that was sent and is not answered.
    current: Option<Item<Report>>,
    /// Answered; the store does not know the answers yet.
    answered: Vec<Item<Report>>,
    /// One of those has to be sent again before all that come after it.
    blocked: bool,
    /// When the first of those was.
    first_answer: Option<Instant>,
    /// A sender has taken the drain over.
    claimed: bool,
}

impl Book {
    /// Takes the drain over, if no other sender has it.
    pub(super) fn claim(&mut self) -> bool {
        !std::mem::replace(&mut self.batch.claimed, true)
    }

    /// Gives the drain up, and settles what was not answered. If the store fails, the next sender that
    /// takes the drain over does that.
    pub(super) fn release(&mut self) {
        self.batch.claimed = false;
        self.abandon();
        if let Err(error) = self.settle() {
            crate::log::warn!(%error, "the reports that were being sent are not settled yet");
        }
    }

    /// Nobody waits for the answer to the current report any more.
    pub(super) fn abandon(&mut self) {
        let answer = Report::stopped();
        self.conclude(None, answer, answer.into());
    }

    /// The next report of the batch, if the time of the batch is not over. It is the current one from
    /// now on.
    pub(super) fn next_of_batch(&mut self, now: Instant) -> Option<&Report> {
        let over = |first: Instant| now.saturating_duration_since(first) >= self.policy.batch.time;
        if self.batch.first_answer.is_some_and(over) || self.batch.blocked {
            return None;
        }
        let next = self.batch.unsent.pop_front()?;
        Some(&self.batch.current.insert(next).content)
    }

    /// The report that was sent and is not answered.
    pub(super) fn current(&self) -> Option<&Report> {
        self.batch.current.as_ref().map(|current| &current.content)
    }

    /// Settles the last batch and begins one of at most `limit` reports, with one commit. `false` if
    /// no report is pending.
    pub(super) fn begin_batch(&mut self, limit: usize) -> Result<bool, StoreError> {
        if self.batch.blocked {
            // The store has to know it, so that it finds it before all others.
            self.settle()?;
        }
        let query = Selection {
            states: &[ItemState::Pending],
            boot: None,
            after: self.none_up_to,
            limit,
            newest: false,
        };
        let mut batch: Vec<Item<Report>> = self.select(&query)?;
        let read_all = batch.len() < limit;
        batch.extend(self.batch.unsent.iter().cloned());
        batch.sort_unstable_by_key(|report| report.id);
        let rest = batch.split_off(batch.len().min(limit));
        let none_behind = read_all && rest.is_empty();
        let last = match batch.last() {
            Some(last) if !none_behind => last.id.get(),
            _ => self.reports.next_id - 1,
        };
        let mut draft = Draft::default();
        for mut report in rest.into_iter().filter(|report| report.state == ItemState::Sending) {
            report.take_back();
            draft.reports.change(ItemState::Sending, report);
        }
        let mut unsent = VecDeque::with_capacity(batch.len());
        for mut report in batch {
            if report.state == ItemState::Pending {
                report.begin();
                draft.reports.change(ItemState::Pending, report);
            } else {
                unsent.push_back(report);
            }
        }
        self.tidy(&mut draft)?;
        let before = std::mem::replace(&mut self.none_up_to, last);
        if let Err(error) = self.commit_settled(&mut draft) {
            self.none_up_to = before;
            return Err(error);
        }
        let begun = draft.reports.put.into_iter().map(|(_, report)| report);
        unsent.extend(begun.filter(|report| report.state == ItemState::Sending));
        unsent.make_contiguous().sort_unstable_by_key(|report| report.id);
        self.batch.answered.reserve(unsent.len());
        self.batch.unsent = unsent;
        Ok(!self.batch.unsent.is_empty())
    }

    /// Settles the reports that were answered; those that were not sent are pending again.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        let mut draft = Draft::default();
        for mut report in self.batch.unsent.iter().cloned() {
            report.take_back();
            draft.reports.change(ItemState::Sending, report);
        }
        self.tidy(&mut draft)?;
        self.commit_settled(&mut draft)?;
        self.batch.unsent.clear();
        Ok(())
    }

    /// Commits a draft, and with it the answers. If the store fails, they are settled later.
    fn commit_settled(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        let answered = std::mem::take(&mut self.batch.answered);
        let (count, rest) = (answered.len(), std::mem::take(&mut draft.reports.put));
        let sent = |report| (Some(ItemState::Sending), report);
        // First, since most of them were before the others.
        draft.reports.put = answered.into_iter().map(sent).chain(rest).collect();
        let committed = self.commit(draft);
        let settled = draft.reports.put.drain(..count).map(|(_, report)| report);
        match committed {
            Ok(()) => (self.batch.blocked, self.batch.first_answer) = (false, None),
            Err(_) => self.batch.answered.extend(settled),
        }
        committed
    }

    /// The current report was not sent after all.
    pub(super) fn give_back(&mut self) {
        if let Some(report) = self.batch.current.take() {
            self.batch.unsent.push_front(report);
        }
    }

    /// The current report is to be sent once more.
    pub(super) fn send_again(&mut self) -> Option<&Report> {
        let report = self.batch.current.as_mut()?;
        report.attempts = report.attempts.saturating_add(1);
        Some(&report.content)
    }

    /// The current report got this answer, which leads to this verdict. Its number, and its state now.
    pub(super) fn conclude(
        &mut self,
        at: Option<Instant>,
        answer: ReportAnswer,
        verdict: Verdict,
    ) -> Option<(Id<Report>, ItemState)> {
        let mut report = self.batch.current.take()?;
        report.settle(self.now(), answer, verdict, &self.policy);
        if report.state.is_held() {
            report.boot = Some(self.ledger.boot);
        }
        let stands = (report.id, report.state);
        self.batch.blocked |= report.state == ItemState::Pending;
        self.batch.answered.push(report);
        self.batch.first_answer = self.batch.first_answer.or(at);
        Some(stands)
    }
}
