//! [`Queue`]: the items of one kind, and what can be done with an item of any kind.
//!
//! A kind says by [`Queued`] how it is stored. The states of an item are the same for all kinds: there
//! is a picture in the documentation of [the outbox](crate::outbox).

use crate::log::warn;

use crate::outbox::book::{Book, Draft};
use crate::outbox::limits::{DROPPED_AT_ONCE, is_older};
use crate::outbox::store::{Counts, Selection, Stock, Store};
use crate::outbox::{
    Id, Item, ItemState, Kind, LimitReason, OutboxError, OutboxPolicy, StoreError, UnixMillis,
};

/// How a kind of items is stored, and what the queue has to know of it.
pub trait Queued: Sized {
    /// The number that stands for the kind in the store.
    const NUMBER: u8;

    /// Whether the oldest that wait are dropped when a limit is reached, if the policy says so.
    const GIVES_WAY: bool;

    /// What is known of an item whose delivery was under way when the last program ended.
    fn stopped() -> Self::Answer
    where
        Self: Kind;

    /// When it expires: after this it is not delivered.
    fn last_moment(&self) -> Option<UnixMillis> {
        None
    }

    /// It expired, and gets as much time as a new one.
    fn renew(&mut self, _now: UnixMillis, _policy: &OutboxPolicy) {}

    /// What is known of the items of this kind.
    fn queue(book: &mut Book) -> &mut Queue;

    /// What a draft changes in them.
    fn edits<'a>(draft: &'a mut Draft<'_>) -> &'a mut Edits<Self>
    where
        Self: Kind;

    /// The item with this number.
    fn get(store: &mut dyn Store, id: i64) -> Result<Option<Item<Self>>, StoreError>
    where
        Self: Kind;

    /// Items in the order of their numbers.
    fn select(store: &mut dyn Store, query: &Selection<'_>) -> Result<Vec<Item<Self>>, StoreError>
    where
        Self: Kind;
}

/// What is known in memory of the items of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Queue {
    /// How many there are.
    pub(super) counts: Counts,
    /// The number of the next one.
    pub(super) next_id: i64,
}

/// Changes to items of one kind, which are committed together.
#[derive(Debug)]
pub struct Edits<K: Kind> {
    /// Items as they are now, with the states in which they were; `None` for a new one.
    pub(super) put: Vec<(Option<ItemState>, Item<K>)>,
    /// Items to be removed, with the states in which they were.
    pub(super) remove: Vec<(ItemState, Id<K>)>,
    /// How many numbers were given to new ones.
    pub(super) added: i64,
}

impl Queue {
    pub(super) fn new(stock: Stock) -> Self {
        Self { counts: stock.counts, next_id: stock.last_id.saturating_add(1) }
    }

    /// These changes are in the store.
    pub(super) fn apply<K: Kind>(&mut self, edits: &Edits<K>) {
        let gone = edits.remove.iter().map(|(state, _)| *state);
        for state in gone.chain(edits.put.iter().filter_map(|(before, _)| *before)) {
            let count = self.counts.of_mut(state);
            *count = count.saturating_sub(1);
        }
        for (_, item) in &edits.put {
            *self.counts.of_mut(item.state) += 1;
        }
        self.next_id = self.next_id.saturating_add(edits.added);
    }
}

impl<K: Kind> Edits<K> {
    /// An item, and the state in which it was.
    pub(super) fn change(&mut self, before: ItemState, item: Item<K>) {
        self.put.push((Some(before), item));
    }
}

impl<K: Kind> Default for Edits<K> {
    fn default() -> Self {
        Self { put: Vec::new(), remove: Vec::new(), added: 0 }
    }
}

impl Book {
    /// The item with this number.
    pub(super) fn get<K: Kind>(&mut self, id: Id<K>) -> Result<Item<K>, OutboxError> {
        self.look_up(id)?.ok_or(OutboxError::Missing { what: K::NAME, number: id.get() })
    }

    /// The item with this number, if it is there.
    pub(super) fn look_up<K: Kind>(&mut self, id: Id<K>) -> Result<Option<Item<K>>, StoreError> {
        K::get(&mut *self.store, id.get())
    }

    /// Items in the order of their numbers.
    pub(super) fn select<K: Kind>(
        &mut self,
        query: &Selection<'_>,
    ) -> Result<Vec<Item<K>>, StoreError> {
        K::select(&mut *self.store, query)
    }

    /// The first items in these states.
    pub(super) fn first<K: Kind>(
        &mut self,
        states: &[ItemState],
        limit: usize,
    ) -> Result<Vec<Item<K>>, StoreError> {
        self.select(&Selection { states, boot: None, after: 0, limit, newest: false })
    }

    /// Puts a new item into a draft, if the limits allow one more.
    pub(super) fn add<K: Kind>(
        &mut self,
        draft: &mut Draft<'_>,
        content: K,
        added: UnixMillis,
        state: ItemState,
    ) -> Result<Id<K>, OutboxError> {
        self.make_room::<K>(draft, self.now(), 1)?;
        let edits = K::edits(draft);
        let id = Id::new(K::queue(self).next_id.saturating_add(edits.added));
        edits.added += 1;
        edits.put.push((None, Item { state, ..Item::new(id, content, added) }));
        Ok(id)
    }

    /// Tries an item that stepped aside again, at its old place in the order.
    pub(super) fn retry<K: Kind>(&mut self, id: Id<K>) -> Result<(), OutboxError> {
        let mut item = self.aside(id)?;
        let before = std::mem::replace(&mut item.state, ItemState::Pending);
        item.forget_failures();
        if before == ItemState::Expired {
            item.content.renew(self.now(), &self.policy);
        }
        let mut draft = Draft::default();
        K::edits(&mut draft).change(before, item);
        Ok(self.commit(&mut draft)?)
    }

    /// Removes an item that stepped aside.
    pub(super) fn remove<K: Kind>(&mut self, id: Id<K>) -> Result<Item<K>, OutboxError> {
        let item = self.aside(id)?;
        let mut draft = Draft::default();
        K::edits(&mut draft).remove.push((item.state, id));
        self.commit(&mut draft)?;
        Ok(item)
    }

    fn aside<K: Kind>(&mut self, id: Id<K>) -> Result<Item<K>, OutboxError> {
        let item = self.get(id)?;
        if item.state.is_aside() { Ok(item) } else { Err(OutboxError::wrong_state(&item)) }
    }

    /// Begins the delivery of the oldest item that waits. Items whose last moment has passed expire.
    pub(super) fn take<K: Kind>(&mut self) -> Result<Option<Item<K>>, StoreError> {
        let now = self.now();
        let mut draft = Draft::default();
        let mut after = 0;
        let taken = loop {
            let states = &[ItemState::Pending];
            let query = Selection { states, boot: None, after, limit: 1, newest: false };
            let Some(mut item) = self.select::<K>(&query)?.pop() else { break None };
            after = item.id.get();
            if is_over(&item, now) {
                expire(&mut draft, item);
                continue;
            }
            item.begin();
            K::edits(&mut draft).change(ItemState::Pending, item.clone());
            break Some(item);
        };
        self.commit(&mut draft)?;
        Ok(taken)
    }

    /// All that have expired by now.
    pub(super) fn expired<K: Kind>(&mut self) -> Result<Vec<Item<K>>, StoreError> {
        let now = self.now();
        let mut draft = Draft::default();
        self.recall::<K>(&mut draft, now)?;
        for item in self.first::<K>(&[ItemState::Pending, ItemState::Parked], usize::MAX)? {
            if is_over(&item, now) {
                expire(&mut draft, item);
            }
        }
        self.commit(&mut draft)?;
        self.first(&[ItemState::Expired], usize::MAX)
    }

    /// After a start: what the last program had under way, or had announced, is pending.
    pub(super) fn resume<K: Kind>(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        let now = self.now();
        self.recall::<K>(draft, now)?;
        let counts = K::queue(self).counts;
        if counts.sending + counts.announced == 0 {
            return Ok(());
        }
        for mut item in self.first::<K>(&[ItemState::Sending, ItemState::Announced], usize::MAX)? {
            let before = std::mem::replace(&mut item.state, ItemState::Pending);
            if before == ItemState::Sending {
                item.last = Some((now, K::stopped()));
            }
            K::edits(draft).change(before, item);
        }
        Ok(())
    }

    /// Items that expired because the wall clock was wrong are pending again.
    fn recall<K: Kind>(
        &mut self,
        draft: &mut Draft<'_>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        if K::queue(self).counts.expired == 0 {
            return Ok(());
        }
        for mut item in self.first::<K>(&[ItemState::Expired], usize::MAX)? {
            if !is_over(&item, now) {
                item.state = ItemState::Pending;
                K::edits(draft).change(ItemState::Expired, item);
            }
        }
        Ok(())
    }

    /// The limit that this many more items would exceed.
    pub(super) fn limit_reached<K: Kind>(
        &mut self,
        now: UnixMillis,
        more: u64,
    ) -> Result<Option<LimitReason>, StoreError> {
        let limits = self.policy.limits;
        let waiting = K::queue(self).counts.waiting();
        if let Some(limit) = limits.waiting {
            if waiting.saturating_add(more) > limit {
                return Ok(Some(LimitReason::Count { waiting, limit }));
            }
        }
        let Some(limit) = limits.age.filter(|_| K::GIVES_WAY) else { return Ok(None) };
        let mut oldest = self.first::<K>(&ItemState::WAITING, 1)?;
        if oldest.first().is_some_and(|oldest| !oldest.added.is_plausible()) {
            oldest = self.first::<K>(&ItemState::WAITING, DROPPED_AT_ONCE)?;
        }
        let old = oldest.iter().any(|item| is_older(item, now, limit));
        Ok(old.then_some(LimitReason::Age { limit }))
    }
}

fn is_over<K: Kind>(item: &Item<K>, now: UnixMillis) -> bool {
    item.content.last_moment().is_some_and(|last| last < now)
}

fn expire<K: Kind>(draft: &mut Draft<'_>, mut item: Item<K>) {
    warn!(id = %item.id, "the last moment of a {} passed before it was delivered", K::NAME);
    let before = std::mem::replace(&mut item.state, ItemState::Expired);
    K::edits(draft).change(before, item);
}
