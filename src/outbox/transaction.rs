//! [`Transaction`]: changes of several items, of any kind, with one commit.

use crate::outbox::book::{Book, Draft};
use crate::outbox::{Id, Item, ItemState, Kind, Outbox, OutboxError, UnixMillis};

/// Changes of several items, of any kind, which are committed together. An item that is read is as the
/// changes so far have made it.
pub(super) struct Transaction<'a> {
    book: &'a mut Book,
    draft: Draft<'static>,
}

impl Outbox {
    /// Carries out everything that `change` does with one commit, or nothing if that fails. It is on
    /// disk when this returns `Ok`. The outbox is locked meanwhile, so what was read stays true until
    /// `change` changes it. `what` is its name in [`OutboxError::NotSafe`].
    pub(super) fn transaction<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let mut book = self.book();
        let mut transaction = Transaction { book: &mut book, draft: Draft::default() };
        let done = change(&mut transaction)?;
        let Transaction { book, mut draft } = transaction;
        book.commit(&mut draft).map_err(|source| OutboxError::NotSafe { what, source })?;
        Ok(done)
    }
}

impl Transaction<'_> {
    /// All items.
    pub(super) fn book(&mut self) -> &mut Book {
        self.book
    }

    /// Adds an item, if the limits allow one more.
    pub(super) fn add<K: Kind>(
        &mut self,
        content: K,
        added: UnixMillis,
        state: ItemState,
    ) -> Result<Id<K>, OutboxError> {
        self.book.add(&mut self.draft, content, added, state)
    }

    /// The item with this number.
    pub(super) fn get<K: Kind>(&mut self, id: Id<K>) -> Result<Item<K>, OutboxError> {
        let changed = K::edits(&mut self.draft).put.iter().find(|(_, item)| item.id == id);
        match changed {
            Some((_, item)) => Ok(item.clone()),
            None => self.book.get(id),
        }
    }

    /// Changes an item that was read in this transaction, or added.
    pub(super) fn put<K: Kind>(&mut self, before: ItemState, item: Item<K>) {
        let edits = K::edits(&mut self.draft);
        match edits.put.iter_mut().find(|(_, changed)| changed.id == item.id) {
            Some((_, changed)) => *changed = item,
            None => edits.change(before, item),
        }
    }

    /// Removes an item that was read in this transaction, and not changed.
    pub(super) fn remove<K: Kind>(&mut self, item: &Item<K>) {
        K::edits(&mut self.draft).remove.push((item.state, item.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alipay::{Report, TradeResult};
    use crate::outbox::{Limits, NewPayment, OutboxPolicy, Payload, Payment, PaymentKey};

    fn report(outcome: TradeResult) -> Report {
        Report::of("10.25".parse().unwrap(), outcome, 1).build().unwrap()
    }

    fn payment(number: u8) -> NewPayment {
        let payload = Payload::new([number; 8]).unwrap();
        NewPayment::new(payload).key(PaymentKey::new([number; 8]).unwrap())
    }

    /// A report and an item of another kind, at the beginning of a trade and at its end, as in a
    /// journal of orders.
    #[test]
    fn items_of_two_kinds_change_with_one_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.db");
        let outbox = Outbox::open(&path, OutboxPolicy::default()).unwrap();
        let begun = outbox.transaction("order", |changes| {
            let report = changes.announce(report(TradeResult::Unavailable))?;
            let order = changes.add_payment(payment(1))?;
            // It is read as the changes so far have made it.
            assert_eq!(changes.get(report)?.state, ItemState::Announced);
            Ok((report, order.id()))
        });
        let (announced, order) = begun.unwrap();
        let summary = outbox.summary();
        assert_eq!((summary.reports.announced, summary.payments.pending), (1, 1));
        let ended = outbox.transaction("outcome", |changes| {
            changes.complete(announced, report(TradeResult::Unsupported))?;
            let mut item = changes.get::<Payment>(order)?;
            let before = std::mem::replace(&mut item.state, ItemState::Held);
            item.content.payload = None;
            changes.put(before, item);
            Ok(())
        });
        ended.unwrap();
        let ended = outbox.summary();
        assert_eq!((ended.reports.pending, ended.payments.held), (1, 1));
        drop(outbox);
        assert_eq!(Outbox::open(&path, OutboxPolicy::default()).unwrap().summary(), ended);
    }

    #[test]
    fn where_one_change_fails_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { waiting: Some(1), ..Limits::default() };
        let policy = OutboxPolicy { limits, ..OutboxPolicy::default() };
        let outbox = Outbox::open(folder.path().join("till.db"), policy).unwrap();
        outbox.add_payment(payment(1)).unwrap();
        let before = outbox.summary();
        let failed = outbox.transaction("order", |changes| {
            changes.announce(report(TradeResult::Unavailable))?;
            changes.add_payment(payment(2))
        });
        assert!(matches!(failed, Err(OutboxError::Limit { what: "payment", .. })), "{failed:?}");
        assert_eq!(outbox.summary(), before);
        // The numbers that it gave are free.
        assert_eq!(outbox.append(&report(TradeResult::Unsupported)).unwrap(), Id::new(1));
    }

    /// Several changes of one item become one change, and several appends become one append.
    #[test]
    fn an_item_is_changed_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.db");
        let outbox = Outbox::open(&path, OutboxPolicy::default()).unwrap();
        let ids = outbox.transaction("trades", |changes| {
            let first = changes.announce(report(TradeResult::Unavailable))?;
            let second = changes.announce(report(TradeResult::Unavailable))?;
            changes.complete(first, report(TradeResult::Unsupported))?;
            Ok([first, second])
        });
        assert_eq!(ids.unwrap(), [Id::new(1), Id::new(2)]);
        let counts = outbox.summary().reports;
        assert_eq!((counts.pending, counts.announced, counts.all()), (1, 1, 2));
        outbox.withdraw(Id::new(2)).unwrap();
        drop(outbox);
        let outbox = Outbox::open(&path, OutboxPolicy::default()).unwrap();
        assert_eq!(outbox.summary().reports.pending, 1);
        assert_eq!(outbox.append(&report(TradeResult::Unsupported)).unwrap(), Id::new(3));
    }
}
