//! [`Book`]: the store, and what is known of it in memory.

use std::fmt;

use crate::alipay::Report;
use crate::outbox::batch::OpenBatch;
use crate::outbox::queue::{Edits, Queue, Queued as _};
use crate::outbox::row::Row;
use crate::outbox::store::{Change, Contents, Ledger, Store, StoreError};
use crate::outbox::uploads::Uploads;
use crate::outbox::usage_report::UsageFlight;
use crate::outbox::{
    Id, Item, ItemState, Kind, OutboxError, OutboxPolicy, Payment, ReportAnswer, StoredOrder,
    Summary, UnixMillis,
};

/// The store, and what is known of it in memory.
pub struct Book {
    pub(super) store: Box<dyn Store>,
    pub(super) policy: OutboxPolicy,
    clock: Box<dyn Fn() -> UnixMillis + Send>,
    pub(super) ledger: Ledger,
    pub(super) reports: Queue,
    pub(super) payments: Queue,
    pub(super) orders: Queue,
    /// No pending report has this number or a lower one.
    pub(super) none_up_to: i64,
    pub(super) batch: OpenBatch,
    pub(super) usage_flight: UsageFlight,
    pub(super) uploads: Uploads,
    /// The last program ended while a report was unanswered, so that its answer may still come.
    pub(super) unanswered: bool,
    /// How many commits there were since the store rested.
    pub(super) restless: u64,
}

/// Changes that are committed together.
#[derive(Debug, Default)]
pub struct Draft<'a> {
    /// New reports, when they are added, and their state.
    pub(super) append: Option<(&'a [Report], UnixMillis, ItemState)>,
    pub(super) reports: Edits<Report>,
    pub(super) payments: Edits<Payment>,
    pub(super) orders: Edits<StoredOrder>,
    /// How many of the removed reports were given up because of a limit.
    pub(super) dropped: u64,
    pub(super) ledger: Option<Ledger>,
}

impl Book {
    pub(super) fn new(
        mut store: Box<dyn Store>,
        policy: OutboxPolicy,
        clock: Box<dyn Fn() -> UnixMillis + Send>,
    ) -> Result<Self, StoreError> {
        let contents = store.load()?;
        let queue = |number| Queue::new(contents.stock(number));
        let (reports, payments) = (queue(Report::NUMBER), queue(Payment::NUMBER));
        let orders = queue(StoredOrder::NUMBER);
        let Contents { ledger, .. } = contents;
        let mut book = Self {
            store,
            policy,
            clock,
            ledger,
            reports,
            payments,
            orders,
            none_up_to: 0,
            batch: OpenBatch::default(),
            usage_flight: UsageFlight::default(),
            uploads: Uploads::default(),
            unanswered: false,
            restless: 0,
        };
        book.resume_all()?;
        book.unanswered = book.has_unanswered()?;
        Ok(book)
    }

    /// The outcome of what was under way when the last program ended is unknown.
    fn resume_all(&mut self) -> Result<(), StoreError> {
        let mut draft = Draft::default();
        self.resume::<Report>(&mut draft)?;
        self.resume::<Payment>(&mut draft)?;
        if self.ledger.usage.sending.is_some() {
            draft.ledger = Some(self.usage_settled(Report::stopped()));
        }
        self.commit(&mut draft)
    }

    /// Whether the outcome of a report that was sent is not known. Such a report is among the first
    /// that wait. If too many wait, they are not looked through, and the answer is yes.
    fn has_unanswered(&mut self) -> Result<bool, StoreError> {
        let waiting =
            self.first::<Report>(&[ItemState::Pending, ItemState::Parked], LOOKED_AT + 1)?;
        let unknown = |item: &Item<Report>| {
            item.last.is_some_and(|(_, answer)| matches!(answer, ReportAnswer::Unknown(_)))
        };
        Ok(waiting.len() > LOOKED_AT || waiting.iter().any(unknown))
    }

    /// The time by the wall clock.
    pub(super) fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    pub(super) fn policy(&self) -> &OutboxPolicy {
        &self.policy
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            reports: self.reports.counts,
            payments: self.payments.counts,
            orders: self.orders.counts,
            dropped: self.ledger.dropped,
            usage: self.ledger.usage,
        }
    }

    /// Appends reports, at least one. The number of the first one.
    pub(super) fn append(&mut self, reports: &[Report]) -> Result<Id<Report>, OutboxError> {
        let (now, first) = (self.now(), self.reports.next_id);
        let count = i64::try_from(reports.len()).unwrap_or(i64::MAX);
        let mut draft = Draft::default();
        self.make_room::<Report>(&mut draft, now, reports.len() as u64)?;
        draft.append = Some((reports, now, ItemState::Pending));
        draft.reports.added = count;
        let committed = self.commit(&mut draft);
        committed.map_err(|source| OutboxError::NotSafe { what: Report::NAME, source })?;
        Ok(Id::new(first))
    }

    /// Commits a draft, and then takes it over in memory.
    pub(super) fn commit(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        if draft.dropped > 0 {
            let ledger = draft.ledger.get_or_insert_with(|| self.ledger.clone());
            ledger.dropped = ledger.dropped.saturating_add(draft.dropped);
        }
        let Draft { append, reports, payments, orders, ledger, .. } = &*draft;
        let first = Id::new(self.reports.next_id);
        let append =
            append.map(|(reports, at, state)| Change::Append { first, reports, at, state });
        let orders_put = orders.put.iter().map(|(_, order)| order.into());
        let rows: Vec<Row> =
            payments.put.iter().map(|(_, payment)| payment.into()).chain(orders_put).collect();

        let mut changes = Vec::new();
        changes.extend(reports.remove.iter().map(|(_, id)| Change::RemoveReport(*id)));
        changes.extend(reports.put.iter().map(|(_, report)| Change::PutReport(report)));
        changes.extend(append);
        changes.extend(removed_rows(payments));
        changes.extend(removed_rows(orders));
        changes.extend(rows.iter().map(Change::PutRow));
        changes.extend(last_id(reports, self.reports));
        changes.extend(last_id(payments, self.payments));
        changes.extend(last_id(orders, self.orders));
        changes.extend(ledger.iter().map(Change::Ledger));
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit(&changes)?;
        self.restless += 1;
        self.know(draft);
        Ok(())
    }

    /// Lets the store tidy up, if there is anything to.
    pub(super) fn rest(&mut self) -> Result<(), StoreError> {
        if self.restless > 0 {
            self.store.rest()?;
            self.restless = 0;
        }
        Ok(())
    }

    /// This draft is in the store.
    fn know(&mut self, draft: &mut Draft<'_>) {
        self.reports.apply(&draft.reports);
        self.payments.apply(&draft.payments);
        self.orders.apply(&draft.orders);
        if let Some((reports, _, state)) = draft.append {
            *self.reports.counts.of_mut(state) += reports.len() as u64;
        }
        let pending =
            draft.reports.put.iter().filter(|(_, report)| report.state == ItemState::Pending);
        if let Some(first) = pending.map(|(_, report)| report.id.get()).min() {
            self.none_up_to = self.none_up_to.min(first - 1);
        }
        if let Some(ledger) = draft.ledger.take() {
            self.ledger = ledger;
        }
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("summary", &self.summary()).finish_non_exhaustive()
    }
}

fn removed_rows<'a, K: Kind>(edits: &Edits<K>) -> impl Iterator<Item = Change<'a>> {
    edits.remove.iter().map(|(_, id)| Change::RemoveRow { kind: K::NUMBER, id: id.get() })
}

/// When items are removed, the store gets the last number that was given, so that none is given a
/// second time.
fn last_id<'a, K: Kind>(edits: &Edits<K>, queue: Queue) -> Option<Change<'a>> {
    let id = queue.next_id.saturating_add(edits.added) - 1;
    (!edits.remove.is_empty()).then_some(Change::LastId { kind: K::NUMBER, id })
}

/// Not specified; chosen because a batch under way has fewer reports in practice, and a file should
/// open at once.
const LOOKED_AT: usize = 64;
