//! What is in the store, and what is known of it in memory.

use tracing::trace;

use crate::alipay::Report;
use crate::outbox::counters::UsageFlight;
use crate::outbox::flight::Flight;
use crate::outbox::payments::UploadPace;
use crate::outbox::store::{
    Change, Contents, Counts, Ledger, PaymentCounts, Query, Store, StoreError,
};
use crate::outbox::{
    Answer, Doubt, Error, Payment, PaymentId, PaymentState, Policy, Record, RecordId, RecordState,
    Summary, UnixMillis,
};

/// What is in the store, and what is known of it in memory.
pub(super) struct Book {
    pub(super) store: Box<dyn Store>,
    pub(super) policy: Policy,
    clock: Box<dyn Fn() -> UnixMillis + Send>,
    pub(super) ledger: Ledger,
    pub(super) counts: Counts,
    pub(super) payments: PaymentCounts,
    pub(super) next_record: i64,
    pub(super) next_payment: i64,
    /// No pending record has this number or a lower one.
    pub(super) none_up_to: RecordId,
    pub(super) flight: Flight,
    pub(super) usage_flight: UsageFlight,
    pub(super) upload: UploadPace,
}

/// Changes to be committed together.
#[derive(Default)]
pub(super) struct Draft<'a> {
    /// New reports, when they are appended, and where they stand.
    pub(super) append: Option<(&'a [Report], UnixMillis, RecordState)>,
    /// With the states in which they were.
    pub(super) put: Vec<(RecordState, Record)>,
    pub(super) remove: Vec<(RecordState, RecordId)>,
    /// How many of the removed ones were given up because of a limit.
    pub(super) dropped: u64,
    pub(super) ledger: Option<Ledger>,
    /// With the states in which they were, if they were there.
    pub(super) payments: Vec<(Option<PaymentState>, Payment)>,
    pub(super) remove_payments: Vec<(PaymentState, PaymentId)>,
}

impl Book {
    pub(super) fn new(
        mut store: Box<dyn Store>,
        policy: Policy,
        clock: Box<dyn Fn() -> UnixMillis + Send>,
    ) -> Result<Self, StoreError> {
        let Contents { ledger, counts, payments, last_record, last_payment } = store.load()?;
        let mut book = Self {
            store,
            policy,
            clock,
            next_record: last_record.max(ledger.last_record).saturating_add(1),
            next_payment: last_payment.max(ledger.last_payment).saturating_add(1),
            ledger,
            counts,
            payments,
            none_up_to: RecordId::new(0),
            flight: Flight::default(),
            usage_flight: UsageFlight::default(),
            upload: UploadPace::default(),
        };
        book.resume()?;
        Ok(book)
    }

    /// What was under way when the last program ended is of unknown outcome.
    fn resume(&mut self) -> Result<(), StoreError> {
        let mut draft = Draft::default();
        if self.counts.sending > 0 {
            let now = self.now();
            for mut record in self.select(&[RecordState::Sending], usize::MAX)? {
                record.state = RecordState::Pending;
                record.last = Some((now, STOPPED));
                draft.put.push((RecordState::Sending, record));
            }
        }
        if self.ledger.usage.sending.is_some() {
            draft.ledger = Some(self.usage_settled(STOPPED));
        }
        self.resume_announced(&mut draft)?;
        self.resume_payments(&mut draft)?;
        self.commit(&draft)
    }

    /// What the wall clock shows.
    pub(super) fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            counts: self.counts,
            dropped: self.ledger.dropped,
            payments: self.payments,
            usage: self.ledger.usage,
        }
    }

    /// Appends reports, at least one, that stand so. The number of the last one.
    pub(super) fn append(
        &mut self,
        reports: &[Report],
        state: RecordState,
    ) -> Result<RecordId, Error> {
        let now = self.now();
        let room = self.make_room(now, reports.len())?;
        let draft = Draft { append: Some((reports, now, state)), ..room };
        let committed = self.commit(&draft);
        committed.map_err(|source| Error::NotSafe { what: REPORT, source })?;
        Ok(RecordId::new(self.next_record - 1))
    }

    pub(super) fn record(&mut self, id: RecordId) -> Result<Option<Record>, Error> {
        Ok(self.store.record(id)?)
    }

    pub(super) fn records(&mut self, query: &Query<'_>) -> Result<Vec<Record>, StoreError> {
        self.store.records(query)
    }

    pub(super) fn retry(&mut self, id: RecordId) -> Result<(), Error> {
        let mut record = self.aside(id)?;
        let before = std::mem::replace(&mut record.state, RecordState::Pending);
        (record.failures, record.first_failed) = (0, None);
        let draft = Draft { put: vec![(before, record)], ..Draft::default() };
        Ok(self.commit(&draft)?)
    }

    pub(super) fn remove(&mut self, id: RecordId) -> Result<Record, Error> {
        let record = self.aside(id)?;
        let draft = Draft { remove: vec![(record.state, id)], ..Draft::default() };
        self.commit(&draft)?;
        Ok(record)
    }

    /// A record that was parked or rejected.
    fn aside(&mut self, id: RecordId) -> Result<Record, Error> {
        let record = self.store.record(id)?.ok_or(Error::NoRecord(id))?;
        match record.state {
            RecordState::Parked | RecordState::Rejected => Ok(record),
            state => Err(Error::State { id, state }),
        }
    }

    /// The first records in these states.
    pub(super) fn select(
        &mut self,
        states: &[RecordState],
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let after = RecordId::new(0);
        self.store.records(&Query { states, boot: None, after, limit, newest: false })
    }

    /// Carries out a draft, and knows of it afterwards.
    pub(super) fn commit(&mut self, draft: &Draft<'_>) -> Result<(), StoreError> {
        let mut ledger = draft.ledger.clone();
        if !draft.remove.is_empty() || draft.dropped > 0 {
            let ledger = ledger.get_or_insert_with(|| self.ledger.clone());
            ledger.last_record = self.next_record - 1;
            ledger.dropped = ledger.dropped.saturating_add(draft.dropped);
        }
        if !draft.remove_payments.is_empty() {
            let ledger = ledger.get_or_insert_with(|| self.ledger.clone());
            ledger.last_payment = self.next_payment - 1;
        }
        let removed = draft.remove.iter().map(|(_, id)| Change::Remove(*id));
        let put = draft.put.iter().map(|(_, record)| Change::Put(record));
        let first = RecordId::new(self.next_record);
        let append = |(reports, at, state)| Change::Append { first, reports, at, state };
        let appended = draft.append.map(append);
        let ledgers = ledger.iter().map(Change::Ledger);
        let unpaid = draft.remove_payments.iter().map(|(_, id)| Change::RemovePayment(*id));
        let paid = draft.payments.iter().map(|(_, payment)| Change::PutPayment(payment));
        let records = removed.chain(put).chain(appended);
        let changes: Vec<_> = records.chain(unpaid).chain(paid).chain(ledgers).collect();
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit(&changes)?;
        for (before, id) in &draft.remove {
            self.leave(*before);
            trace!(%id, "removed");
        }
        for (before, record) in &draft.put {
            self.leave(*before);
            self.enter(record);
        }
        if let Some((reports, _, state)) = draft.append {
            *self.counts.of_mut(state) += reports.len() as u64;
            let count = i64::try_from(reports.len()).unwrap_or(i64::MAX);
            self.next_record = self.next_record.saturating_add(count);
        }
        let gone = draft.remove_payments.iter().map(|(state, _)| *state);
        for before in gone.chain(draft.payments.iter().filter_map(|(before, _)| *before)) {
            let count = self.payments.of_mut(before);
            *count = count.saturating_sub(1);
        }
        for (_, payment) in &draft.payments {
            *self.payments.of_mut(payment.state) += 1;
            self.next_payment = self.next_payment.max(payment.id.get().saturating_add(1));
        }
        if let Some(ledger) = ledger {
            self.ledger = ledger;
        }
        Ok(())
    }

    fn leave(&mut self, state: RecordState) {
        let count = self.counts.of_mut(state);
        *count = count.saturating_sub(1);
    }

    fn enter(&mut self, record: &Record) {
        *self.counts.of_mut(record.state) += 1;
        if record.state == RecordState::Pending {
            let before = RecordId::new(record.id.get() - 1);
            self.none_up_to = self.none_up_to.min(before);
        }
    }
}

/// What is known of what was under way when the last program ended.
pub(super) const STOPPED: Answer = Answer::Unknown(Doubt::Stopped);

/// What is not safe, for a message.
pub(super) const REPORT: &str = "the report";
