//! Items that are rows: all but the reports.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::row::{Reader, Writer};
use super::state;
use crate::outbox::UnixMillis;
use crate::outbox::store::{Row, Selection, Stock};
use crate::secret::Secret;
use crate::sqlite::{StoreError, check_whole, is_small};

/// Reads every row, and counts those of each kind.
pub(super) fn check(connection: &Connection) -> Result<BTreeMap<u8, Stock>, StoreError> {
    // A file that is too large to be looked through was not; rows and their indexes are few.
    if !is_small(connection)? {
        check_whole(connection, "integrity_check(item)")?;
    }
    let mut stocks = last_ids(connection)?;
    let text = format!("SELECT {COLUMNS} FROM item ORDER BY kind, id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    // One after the other: settled orders are many.
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let row = read(Reader::new(row, "item", COLUMN_COUNT)?)?;
        let stock = stocks.entry(row.kind).or_default();
        *stock.counts.of_mut(row.state) += 1;
        stock.last_id = stock.last_id.max(row.id);
    }
    Ok(stocks)
}

/// The last number of each kind, where one was removed.
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
}

pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    // Not a replacement, which would also take another row with the same key away.
    remove(connection, row.kind, row.id)?;
    let bytes = |part: &Option<Secret<Vec<u8>>>| part.as_ref().map(|part| part.expose().clone());
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
    execute(connection, PUT, values.finish())
}

pub(super) fn remove(connection: &Connection, kind: u8, id: i64) -> Result<(), StoreError> {
    execute(
        connection,
        "DELETE FROM item WHERE kind = ?1 AND id = ?2",
        [Value::from(kind), Value::from(id)],
    )
}

pub(super) fn get(connection: &Connection, kind: u8, id: i64) -> Result<Option<Row>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM item WHERE kind = ?1 AND id = ?2");
    Ok(query(connection, &text, &[kind.into(), id.into()])?.pop())
}

pub(super) fn find(
    connection: &Connection,
    kind: u8,
    key: &[u8],
) -> Result<Option<Row>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM item WHERE kind = ?1 AND key = ?2");
    Ok(query(connection, &text, &[kind.into(), key.to_vec().into()])?.pop())
}

/// Those whose keys begin so.
pub(super) fn find_all(
    connection: &Connection,
    kind: u8,
    prefix: &[u8],
) -> Result<Vec<Row>, StoreError> {
    // A blob is less than every longer one that begins with it, and 0xFF is in no text.
    let end = [prefix, &[0xFF]].concat();
    let text = format!(
        "SELECT {COLUMNS} FROM item WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY id"
    );
    query(connection, &text, &[kind.into(), prefix.to_vec().into(), end.into()])
}

pub(super) fn select(
    connection: &Connection,
    kind: u8,
    wanted: &Selection<'_>,
) -> Result<Vec<Row>, StoreError> {
    if wanted.boot.is_some() {
        // Only reports are taken in a boot of the module.
        return Ok(Vec::new());
    }
    let states = state::list(wanted.states);
    let order = if wanted.newest { "DESC" } else { "ASC" };
    let text = format!(
        "SELECT {COLUMNS} FROM item WHERE kind = ?1 AND id > ?2 AND state IN ({states}) \
         ORDER BY id {order} LIMIT ?3"
    );
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    query(connection, &text, &[kind.into(), wanted.after.into(), limit.into()])
}

fn execute(
    connection: &Connection,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    statement.execute(params_from_iter(values)).map(|_| ()).map_err(StoreError::of)
}

fn query(connection: &Connection, text: &str, places: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let mut rows = statement.query(params_from_iter(places)).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        found.push(read(Reader::new(row, "item", COLUMN_COUNT)?)?);
    }
    Ok(found)
}

fn read(mut reader: Reader) -> Result<Row, StoreError> {
    let id = reader.number("id")?;
    let kind = reader.number("kind")?;
    let state = state::of(reader.number("state")?)?;
    let added = UnixMillis(reader.number("added")?);
    let attempts = reader.number("attempts")?;
    let failures = reader.number("failures")?;
    let mut time = |column| Ok(reader.maybe_number(column)?.map(UnixMillis));
    let first_failed = time("first_failed")?;
    let answered = time("answered")?;
    let answer = reader.maybe_number("answer")?;
    if answered.is_some() != answer.is_some() {
        return Err(reader.damaged("answer"));
    }
    let mut time = |column| Ok(reader.maybe_number(column)?.map(UnixMillis));
    let (due, last_moment) = (time("due")?, time("last_moment")?);
    let key = reader.blob("key")?.map(Secret::new);
    let body = reader.blob("body")?.map(Secret::new);
    let last = answered.zip(answer);
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

const COLUMNS: &str = "id, kind, state, added, attempts, failures, first_failed, answered, answer, \
    due, last_moment, key, body, crc";

/// How many there are without the checksum.
const COLUMN_COUNT: usize = 13;

const PUT: &str = "INSERT INTO item VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
