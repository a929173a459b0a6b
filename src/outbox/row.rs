//! [`Row`]: what a store needs to know of an item, whatever its kind.

use crate::outbox::store::{Selection, Store};
use crate::outbox::{Id, Item, ItemState, Kind, StoreError, UnixMillis};
use crate::secret::Secret;

/// An item as a row: what a store needs to know of it, whatever its kind.
///
/// There are many reports and they are alike, so they are stored in another way. All other kinds are
/// rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of its kind. Only one row has this kind and this `id`.
    pub kind: u8,
    /// Its number.
    pub id: i64,
    /// Its state.
    pub state: ItemState,
    /// When it was added.
    pub added: UnixMillis,
    /// How often its delivery was tried.
    pub attempts: u32,
    /// How often in a row it failed.
    pub failures: u32,
    /// When the first of these failures was.
    pub first_failed: Option<UnixMillis>,
    /// When the last attempt was answered, and the number that stands for the answer.
    pub last: Option<(UnixMillis, i64)>,
    /// When it should be delivered.
    pub due: Option<UnixMillis>,
    /// When it expires: after this it is not delivered.
    pub last_moment: Option<UnixMillis>,
    /// Its key. Only one row has this kind and this key.
    pub key: Option<Secret<Vec<u8>>>,
    /// The rest of it.
    pub body: Option<Secret<Vec<u8>>>,
}

/// The part of a row that differs from kind to kind.
pub(super) struct Content {
    pub(super) due: Option<UnixMillis>,
    pub(super) last_moment: Option<UnixMillis>,
    pub(super) key: Option<Secret<Vec<u8>>>,
    pub(super) body: Option<Secret<Vec<u8>>>,
}

/// A kind that is stored as rows.
pub(super) trait Stored: Kind {
    /// The content, to be written.
    fn write(&self) -> Content;

    /// The content, as it was written. `Err` is the name of the part that is wrong.
    fn read(content: Content) -> Result<Self, &'static str>;

    /// The number that stands for an answer.
    fn answer_number(answer: Self::Answer) -> i64;

    /// The answer for which a number stands.
    fn answer(number: i64) -> Option<Self::Answer>;
}

impl<K: Stored> From<&Item<K>> for Row {
    fn from(item: &Item<K>) -> Self {
        let Content { due, last_moment, key, body } = item.content.write();
        Self {
            kind: K::NUMBER,
            id: item.id.get(),
            state: item.state,
            added: item.added,
            attempts: item.attempts,
            failures: item.failures,
            first_failed: item.first_failed,
            last: item.last.map(|(at, answer)| (at, K::answer_number(answer))),
            due,
            last_moment,
            key,
            body,
        }
    }
}

/// The item of a row.
pub(super) fn item<K: Stored>(row: Row) -> Result<Item<K>, StoreError> {
    let damaged =
        |what| StoreError::damaged(format_args!("{what} of {} {} is wrong", K::NAME, row.id));
    let last = match row.last {
        Some((at, number)) => Some((at, K::answer(number).ok_or_else(|| damaged("the answer"))?)),
        None => None,
    };
    let Row { due, last_moment, key, body, .. } = row;
    let content = K::read(Content { due, last_moment, key, body }).map_err(damaged)?;
    Ok(Item {
        state: row.state,
        attempts: row.attempts,
        failures: row.failures,
        first_failed: row.first_failed,
        last,
        ..Item::new(Id::new(row.id), content, row.added)
    })
}

/// The item with this number, of a kind that is stored as rows.
pub(super) fn get<K: Stored>(
    store: &mut dyn Store,
    id: i64,
) -> Result<Option<Item<K>>, StoreError> {
    store.row(K::NUMBER, id)?.map(item).transpose()
}

/// The item with this key.
pub(super) fn find<K: Stored>(
    store: &mut dyn Store,
    key: &[u8],
) -> Result<Option<Item<K>>, StoreError> {
    store.row_with(K::NUMBER, key)?.map(item).transpose()
}

/// Items in the order of their numbers.
pub(super) fn select<K: Stored>(
    store: &mut dyn Store,
    query: &Selection<'_>,
) -> Result<Vec<Item<K>>, StoreError> {
    store.rows(K::NUMBER, query)?.into_iter().map(item).collect()
}

/// Items whose keys begin with `prefix`, in the order of their numbers.
#[cfg(feature = "gateway")]
pub(super) fn find_all<K: Stored>(
    store: &mut dyn Store,
    prefix: &[u8],
) -> Result<Vec<Item<K>>, StoreError> {
    store.rows_with(K::NUMBER, prefix)?.into_iter().map(item).collect()
}
