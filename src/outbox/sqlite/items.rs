//! Items that are rows: all but the reports.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::row::{Reader, Writer};
use super::state;
use crate::outbox::store::{Row, Selection, Stock};
use crate::outbox::{ItemState, UnixMillis};
use crate::secret::Secret;
use crate::sqlite::{StoreError, check_whole, is_small};

/// How often an item was sent, and the last outcome.
pub(super) struct Attempts {
    pub(super) attempts: u32,
    pub(super) failures: u32,
    pub(super) first_failed: Option<UnixMillis>,
    pub(super) last: Option<(UnixMillis, i64)>,
}

/// A column with secret bytes.
type Bytes = Option<Secret<Vec<u8>>>;

/// Reads every row of the items that have not ended, and counts those of each kind. Its cost does not
/// grow with the number of items that have ended.
pub(super) fn check(connection: &Connection) -> Result<BTreeMap<u8, Stock>, StoreError> {
    let mut stocks = check_all(connection)?;
    for (kind, count) in ended_counts(connection)? {
        let stock = stocks.entry(kind).or_default();
        stock.counts.held += count;
        stock.last_id = stock.last_id.max(last_ended(connection, kind)?);
    }
    Ok(stocks)
}

/// Reads every row of the table `item`, and counts those of each kind.
pub(super) fn check_all(connection: &Connection) -> Result<BTreeMap<u8, Stock>, StoreError> {
    // A large file is not checked as a whole when it is opened; these rows and their indexes are few.
    if !is_small(connection)? {
        check_whole(connection, "integrity_check(item)")?;
    }
    let mut stocks = last_ids(connection)?;
    let text = format!("SELECT {COLUMNS} FROM item ORDER BY kind, id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let row = read(Reader::new(row, ITEM, COLUMN_COUNT)?)?;
        let stock = stocks.entry(row.kind).or_default();
        *stock.counts.of_mut(row.state) += 1;
        stock.last_id = stock.last_id.max(row.id);
    }
    Ok(stocks)
}

/// How many of each kind have ended.
fn ended_counts(connection: &Connection) -> Result<Vec<(u8, u64)>, StoreError> {
    let text = "SELECT count, kind, crc FROM ended_count";
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let mut reader = Reader::new(row, "ended_count", 2)?;
        let count = reader.number("count")?;
        counts.push((reader.number("kind")?, count));
    }
    Ok(counts)
}

/// The greatest number of those that have ended.
fn last_ended(connection: &Connection, kind: u8) -> Result<i64, StoreError> {
    let text = "SELECT coalesce(max(id), 0) FROM ended WHERE kind = ?1";
    connection.query_row(text, [kind], |row| row.get(0)).map_err(StoreError::of)
}

pub(super) fn put_ended_count(
    connection: &Connection,
    kind: u8,
    count: u64,
) -> Result<(), StoreError> {
    let row = Writer::new().count(count).int(kind);
    execute(connection, "INSERT OR REPLACE INTO ended_count VALUES (?1, ?2, ?3)", row.finish())
        .map(drop)
}

/// Adds to the number of ended items of this kind; `more` may be negative.
fn add_to_ended_count(connection: &Connection, kind: u8, more: i64) -> Result<(), StoreError> {
    if more == 0 {
        return Ok(());
    }
    let counts = ended_counts(connection)?;
    let count = counts.iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| *count);
    put_ended_count(connection, kind, count.saturating_add_signed(more))
}

/// The last number of each kind of which an item was removed.
fn last_ids(connection: &Connection) -> Result<BTreeMap<u8, Stock>, StoreError> {
    let mut stocks = BTreeMap::new();
    let text = "SELECT id, kind, crc FROM last_id";
    let mut statement = connection.prepare(text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let mut reader = Reader::new(row, "last_id", 2)?;
        let last_id = reader.number("id")?;
        stocks.insert(reader.number("kind")?, Stock { last_id, ..Stock::default() });
    }
    Ok(stocks)
}

pub(super) fn put_last_id(connection: &Connection, kind: u8, id: i64) -> Result<(), StoreError> {
    let row = Writer::new().int(id).int(kind);
    execute(connection, "INSERT OR REPLACE INTO last_id VALUES (?1, ?2, ?3)", row.finish())
        .map(drop)
}

pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    // INSERT OR REPLACE would also remove another row with the same key.
    let gone = delete(connection, row.kind, row.id)?;
    let is_ended = row.state == ItemState::Held;
    insert(connection, if is_ended { ENDED } else { ITEM }, row)?;
    add_to_ended_count(connection, row.kind, i64::from(is_ended) - gone)
}

pub(super) fn insert(
    connection: &Connection,
    table: &'static str,
    row: &Row,
) -> Result<(), StoreError> {
    let bytes = |part: &Bytes| part.as_ref().map(|part| part.expose().clone());
    let values = Writer::new()
        .int(row.id)
        .int(row.kind)
        .int(state::number(row.state))
        .int(row.added.0)
        .int(row.attempts)
        .int(row.failures)
        .maybe_int(row.first_failed.map(|time| time.0))
        .maybe_int(row.last.map(|(time, _)| time.0))
        .maybe_int(row.last.map(|(_, answer)| answer))
        .maybe_int(row.due.map(|time| time.0))
        .maybe_int(row.last_moment.map(|time| time.0))
        .blob(bytes(&row.key))
        .blob(bytes(&row.body));
    let text = format!("INSERT INTO {table} VALUES ({PLACES})");
    execute(connection, &text, values.finish()).map(drop)
}

pub(super) fn remove(connection: &Connection, kind: u8, id: i64) -> Result<(), StoreError> {
    let gone = delete(connection, kind, id)?;
    add_to_ended_count(connection, kind, -gone)
}

/// Removes a row from the table in which it is. Returns how many of the removed items had ended.
fn delete(connection: &Connection, kind: u8, id: i64) -> Result<i64, StoreError> {
    let delete = |table| {
        let text = format!("DELETE FROM {table} WHERE kind = ?1 AND id = ?2");
        execute(connection, &text, [Value::from(kind), Value::from(id)])
    };
    if delete(ITEM)? > 0 {
        return Ok(0);
    }
    Ok(i64::try_from(delete(ENDED)?).unwrap_or(0))
}

pub(super) fn get(connection: &Connection, kind: u8, id: i64) -> Result<Option<Row>, StoreError> {
    Ok(of_both(connection, "kind = ?1 AND id = ?2", &[kind.into(), id.into()])?.pop())
}

pub(super) fn find(
    connection: &Connection,
    kind: u8,
    key: &[u8],
) -> Result<Option<Row>, StoreError> {
    let places = [kind.into(), key.to_vec().into()];
    Ok(of_both(connection, "kind = ?1 AND key = ?2", &places)?.pop())
}

/// The rows whose keys begin with `prefix`.
pub(super) fn find_all(
    connection: &Connection,
    kind: u8,
    prefix: &[u8],
) -> Result<Vec<Row>, StoreError> {
    // A blob is less than every longer one that begins with it, and 0xFF is in no text.
    let end = [prefix, &[0xFF]].concat();
    let places = [kind.into(), prefix.to_vec().into(), end.into()];
    let mut found = of_both(connection, "kind = ?1 AND key >= ?2 AND key < ?3", &places)?;
    found.sort_unstable_by_key(|row| row.id);
    Ok(found)
}

pub(super) fn select(
    connection: &Connection,
    kind: u8,
    wanted: &Selection<'_>,
) -> Result<Vec<Row>, StoreError> {
    if wanted.boot.is_some() {
        // Only reports have a boot.
        return Ok(Vec::new());
    }
    let order = if wanted.newest { "DESC" } else { "ASC" };
    // Not as a parameter, for which SQLite compiles the statement anew each time.
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let places = [kind.into(), wanted.after.into()];
    let mut found = Vec::new();
    for table in [ITEM, ENDED] {
        let states = wanted.states.iter();
        let states = states.filter(|state| (**state == ItemState::Held) == (table == ENDED));
        let states = state::list(states);
        if states.is_empty() {
            continue;
        }
        let text = format!(
            "SELECT {COLUMNS} FROM {table} WHERE kind = ?1 AND id > ?2 AND state IN ({states}) \
             ORDER BY id {order} LIMIT {limit}"
        );
        found.extend(query(connection, table, &text, &places)?);
    }
    found.sort_unstable_by_key(|row| row.id);
    if wanted.newest {
        found.reverse();
    }
    found.truncate(wanted.limit);
    Ok(found)
}

/// The rows of both tables for which `which` holds.
fn of_both(connection: &Connection, which: &str, places: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for table in [ITEM, ENDED] {
        let text = format!("SELECT {COLUMNS} FROM {table} WHERE {which}");
        found.extend(query(connection, table, &text, places)?);
    }
    Ok(found)
}

/// How many rows a statement changed.
fn execute(
    connection: &Connection,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    statement.execute(params_from_iter(values)).map_err(StoreError::of)
}

fn query(
    connection: &Connection,
    table: &'static str,
    text: &str,
    places: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let mut rows = statement.query(params_from_iter(places)).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        found.push(read(Reader::new(row, table, COLUMN_COUNT)?)?);
    }
    Ok(found)
}

fn read(mut reader: Reader) -> Result<Row, StoreError> {
    let id = reader.number("id")?;
    let kind = reader.number("kind")?;
    let state = state::of(reader.number("state")?)?;
    let added = UnixMillis(reader.number("added")?);
    let sent = read_attempts(&mut reader)?;
    let due = reader.maybe_number("due")?.map(UnixMillis);
    let last_moment = reader.maybe_number("last_moment")?.map(UnixMillis);
    let (key, body) = read_contents(&mut reader)?;
    let Attempts { attempts, failures, first_failed, last } = sent;
    Ok(Row {
        kind,
        id,
        state,
        added,
        attempts,
        failures,
        first_failed,
        last,
        due,
        last_moment,
        key,
        body,
    })
}

/// The columns from `attempts` to `answer`.
pub(super) fn read_attempts(reader: &mut Reader) -> Result<Attempts, StoreError> {
    let attempts = reader.number("attempts")?;
    let failures = reader.number("failures")?;
    let first_failed = reader.maybe_number("first_failed")?.map(UnixMillis);
    let answered = reader.maybe_number("answered")?.map(UnixMillis);
    let answer = reader.maybe_number("answer")?;
    let last = reader.both("answer", answered, answer)?;
    Ok(Attempts { attempts, failures, first_failed, last })
}

/// The key and the body, which are the last columns.
pub(super) fn read_contents(reader: &mut Reader) -> Result<(Bytes, Bytes), StoreError> {
    Ok((reader.blob("key")?.map(Secret::new), reader.blob("body")?.map(Secret::new)))
}

const COLUMNS: &str = "id, kind, state, added, attempts, failures, first_failed, answered, answer, \
    due, last_moment, key, body, crc";

/// How many there are without the checksum.
const COLUMN_COUNT: usize = 13;

const PLACES: &str = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14";

/// Items that have not ended.
pub(super) const ITEM: &str = "item";

/// Items that have ended: delivered or settled.
const ENDED: &str = "ended";
