//! The records that are on their way to the module, between two commits.

use std::collections::VecDeque;
use std::time::Instant;

use crate::alipay::{Held, Report};
use crate::outbox::book::{Book, Draft};
use crate::outbox::policy::failing_since;
use crate::outbox::settle::Verdict;
use crate::outbox::store::Query;
use crate::outbox::{Answer, Doubt, Record, RecordId, RecordState, StoreError};

/// The records that are on their way to the module. In the store all of them are
/// [`RecordState::Sending`], so that a host which dies knows which are in doubt.
#[derive(Default)]
pub(super) struct Flight {
    /// Not sent yet, in order.
    unsent: VecDeque<Record>,
    /// The one whose answer is waited for.
    current: Option<Record>,
    /// Answered, and not so in the store yet.
    pub(super) answered: Vec<Record>,
    /// When the first of those was.
    first_answer: Option<Instant>,
    /// Somebody sees to it.
    claimed: bool,
}

impl Book {
    /// Takes the drain over, which one at a time can have.
    pub(super) fn claim(&mut self) -> bool {
        !std::mem::replace(&mut self.flight.claimed, true)
    }

    /// Lets go of the drain. What is left in the air is settled, or by who comes next if the store
    /// fails.
    pub(super) fn release(&mut self) {
        self.flight.claimed = false;
        self.abandon();
        if let Err(error) = self.settle() {
            tracing::warn!(%error, "what was being sent could not be settled yet");
        }
    }

    /// Nobody waits for the answer any more.
    pub(super) fn abandon(&mut self) {
        let answer = Answer::Unknown(Doubt::Stopped);
        self.conclude(None, answer, Verdict::of(answer));
    }

    /// The next record of the batch, if its time is not over.
    pub(super) fn next_of_batch(&mut self, now: Instant) -> Option<Report> {
        let over = |first: Instant| now.saturating_duration_since(first) >= self.policy.batch.time;
        if self.flight.first_answer.is_some_and(over) || self.is_blocked() {
            return None;
        }
        let record = self.flight.unsent.pop_front()?;
        let report = record.report.clone();
        self.flight.current = Some(record);
        Some(report)
    }

    /// The report whose answer is waited for.
    pub(super) fn current(&self) -> Option<&Report> {
        self.flight.current.as_ref().map(|record| &record.report)
    }

    /// Settles the last batch and begins one of at most so many records, with one commit. Whether
    /// there is any.
    pub(super) fn begin_batch(&mut self, limit: usize) -> Result<bool, StoreError> {
        if self.is_blocked() {
            // The store has to know of it, to find it before all others.
            self.settle()?;
        }
        let query = Query {
            states: &[RecordState::Pending],
            boot: None,
            after: self.none_up_to,
            limit,
            newest: false,
        };
        let mut draft = self.settlement();
        let mut batch: Vec<_> = self.records(&query)?;
        let read_all = batch.len() < limit;
        batch.extend(self.flight.unsent.iter().cloned());
        batch.sort_unstable_by_key(|record| record.id);
        let rest = batch.split_off(batch.len().min(limit));
        let none_behind = read_all && rest.is_empty();
        for record in rest.into_iter().filter(|record| record.state == RecordState::Sending) {
            draft.put.push((RecordState::Sending, unsend(record)));
        }
        for record in batch.iter_mut().filter(|record| record.state == RecordState::Pending) {
            record.state = RecordState::Sending;
            record.attempts = record.attempts.saturating_add(1);
            draft.put.push((RecordState::Pending, record.clone()));
        }
        let last = match batch.last() {
            Some(last) if !none_behind => last.id,
            _ => RecordId::new(self.next_record - 1),
        };
        self.tidy(&mut draft)?;
        let before = std::mem::replace(&mut self.none_up_to, last);
        if let Err(error) = self.commit(&draft) {
            self.none_up_to = before;
            return Err(error);
        }
        self.flight.unsent = batch.into();
        self.landed();
        Ok(!self.flight.unsent.is_empty())
    }

    /// Settles what was answered; what was not sent is pending again.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        let mut draft = self.settlement();
        let unsent = self.flight.unsent.iter().cloned();
        draft.put.extend(unsent.map(|record| (RecordState::Sending, unsend(record))));
        self.tidy(&mut draft)?;
        self.commit(&draft)?;
        self.flight.unsent.clear();
        self.landed();
        Ok(())
    }

    /// The current record was not sent after all.
    pub(super) fn give_back(&mut self) {
        if let Some(record) = self.flight.current.take() {
            self.flight.unsent.push_front(record);
        }
    }

    /// The current record is to be sent once more.
    pub(super) fn send_again(&mut self) -> Option<&Report> {
        let record = self.flight.current.as_mut()?;
        record.attempts = record.attempts.saturating_add(1);
        Some(&record.report)
    }

    /// The current record got this answer. Its number, and where it stands now.
    pub(super) fn conclude(
        &mut self,
        at: Option<Instant>,
        answer: Answer,
        verdict: Verdict,
    ) -> Option<(RecordId, RecordState)> {
        let mut record = self.flight.current.take()?;
        let now = self.now();
        record.last = Some((now, answer));
        record.state = match verdict {
            Verdict::Held(held) => {
                record.boot = Some(self.ledger.boot);
                (record.failures, record.first_failed) = (0, None);
                match held {
                    Held::Stored => RecordState::Held,
                    Held::RamOnly => RecordState::RamOnly,
                }
            }
            Verdict::Failed => {
                record.failures = record.failures.saturating_add(1);
                let since = failing_since(record.first_failed, now);
                record.first_failed = Some(since);
                if self.policy.is_too_long(record.failures, now.since(since)) {
                    RecordState::Parked
                } else {
                    RecordState::Pending
                }
            }
            Verdict::Rejected => RecordState::Rejected,
            Verdict::Later | Verdict::NotInitialised | Verdict::Questioned => RecordState::Pending,
        };
        let stands = (record.id, record.state);
        self.flight.answered.push(record);
        self.flight.first_answer = self.flight.first_answer.or(at);
        Some(stands)
    }

    /// Whether a record of this batch is to be sent again, before all that come after it.
    fn is_blocked(&self) -> bool {
        self.flight.answered.iter().any(|record| record.state == RecordState::Pending)
    }

    fn settlement(&self) -> Draft<'static> {
        let answered = self.flight.answered.iter().cloned();
        let put = answered.map(|record| (RecordState::Sending, record)).collect();
        Draft { put, ..Draft::default() }
    }

    /// The answers are in the store.
    fn landed(&mut self) {
        self.flight.answered.clear();
        self.flight.first_answer = None;
    }
}

/// A record that was to be sent and was not.
fn unsend(record: Record) -> Record {
    let attempts = record.attempts.saturating_sub(1);
    Record { state: RecordState::Pending, attempts, ..record }
}
