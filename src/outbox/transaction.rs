//! Changes of several items, of any kind, with one commit.

use crate::outbox::book::{Book, Draft};
use crate::outbox::{Error, Id, Item, ItemState, Kind, Outbox, UnixMillis};

/// Changes of several items, of any kind, which are committed together. What is read shows what was
/// changed so far.
pub(super) struct Transaction<'a> {
    book: &'a mut Book,
    draft: Draft<'static>,
}

impl Outbox {
    /// Carries out all that `change` does with one commit, or nothing of it where that fails. It is
    /// on disk when this returns `Ok`. The outbox is locked meanwhile, so what was read is true until
    /// it is changed. `what` is what [`Error::NotSafe`] says of it.
    pub(super) fn transaction<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut book = self.book();
        let mut transaction = Transaction { book: &mut book, draft: Draft::default() };
        let done = change(&mut transaction)?;
        let Transaction { book, mut draft } = transaction;
        book.commit(&mut draft).map_err(|source| Error::NotSafe { what, source })?;
        Ok(done)
    }
}

impl Transaction<'_> {
    /// What is known of all items.
    pub(super) fn book(&mut self) -> &mut Book {
        self.book
    }

    /// Adds an item, if the limits allow one more.
    pub(super) fn add<K: Kind>(
        &mut self,
        content: K,
        added: UnixMillis,
        state: ItemState,
    ) -> Result<Id<K>, Error> {
        self.book.add(&mut self.draft, content, added, state)
    }

    /// The item with this number.
    pub(super) fn get<K: Kind>(&mut self, id: Id<K>) -> Result<Item<K>, Error> {
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
