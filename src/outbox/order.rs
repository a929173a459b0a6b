//! [`StoredOrder`]: an order at a payment gateway, as an item of the outbox.

use crate::outbox::book::{Book, Draft};
use crate::outbox::queue::{Edits, Queue, Queued};
use crate::outbox::row::{self, Content, Stored};
use crate::outbox::store::{self, Selection, Store};
use crate::outbox::{Item, Kind, StoreError};
use crate::secret::Secret;

/// An order at a payment gateway. An open one is [`Pending`](crate::outbox::ItemState::Pending), a
/// settled one [`Held`](crate::outbox::ItemState::Held).
///
/// The outbox does not read it: `OutboxJournal` (feature `gateway`) does. It prints as redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    /// Its key, which no other order has. It begins with the merchant's number of the order.
    pub(super) key: Secret<Vec<u8>>,
    /// What the journal keeps of it.
    pub(super) body: Secret<Vec<u8>>,
}

impl Kind for StoredOrder {
    /// An order is not delivered, so there is no outcome of a delivery.
    type Answer = ();

    const NAME: &'static str = "order";
}

impl Queued for StoredOrder {
    const NUMBER: u8 = store::ORDERS;
    const GIVES_WAY: bool = false;

    fn stopped() {}

    fn queue(book: &mut Book) -> &mut Queue {
        &mut book.orders
    }

    fn edits<'a>(draft: &'a mut Draft<'_>) -> &'a mut Edits<Self> {
        &mut draft.orders
    }

    fn get(store: &mut dyn Store, id: i64) -> Result<Option<Item<Self>>, StoreError> {
        row::get(store, id)
    }

    fn select(store: &mut dyn Store, query: &Selection<'_>) -> Result<Vec<Item<Self>>, StoreError> {
        row::select(store, query)
    }
}

impl Stored for StoredOrder {
    fn write(&self) -> Content {
        let (key, body) = (Some(self.key.clone()), Some(self.body.clone()));
        Content { due: None, last_moment: None, key, body }
    }

    fn read(content: Content) -> Result<Self, &'static str> {
        Ok(Self { key: content.key.ok_or("key")?, body: content.body.ok_or("body")? })
    }

    fn answer_number((): ()) -> i64 {
        0
    }

    fn answer(_: i64) -> Option<()> {
        None
    }
}
