//! Records in the file.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::line::{self, Place};
use super::runs::{Directory, Moves, Run, Writer, find_held, number, state_of, table, take_out};
use crate::outbox::store::{Change, Counts, Query};
use crate::outbox::{Record, RecordId, RecordState};
use crate::sqlite::{StoreError, is_small};

/// Reads every record that waits, and counts all. The greatest number there is comes with it.
pub(super) fn check(connection: &Connection) -> Result<(Directory, Counts, i64), StoreError> {
    let (mut directory, mut counts, mut last) = (Directory::default(), Counts::default(), 0);
    let text = format!("SELECT {COLUMNS_OF_WAITING} FROM waiting ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let (run, records) = read(row)?;
        directory.add(run)?;
        *counts.of_mut(run.state) += records.len() as u64;
        last = records.last().map_or(last, |record| record.id.get());
    }
    for run in held(connection)? {
        *counts.of_mut(run.state) += run.count.unsigned_abs();
        last = last.max(run.end().saturating_sub(1));
    }
    Ok((directory, counts, last))
}

/// The rows of what the module holds. In a file of many years their records are not read.
fn held(connection: &Connection) -> Result<Vec<Run>, StoreError> {
    let (column, looks) = if is_small(connection)? { ("records", true) } else { ("NULL", false) };
    let text = format!("SELECT id, count, state, boot, {column} FROM held ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let mut held = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        held.push(if looks { read(row)?.0 } else { run(row)? });
    }
    Ok(held)
}

/// Carries out those of the changes that are of records.
pub(super) fn apply(
    connection: &Connection,
    directory: &Directory,
    changes: &[Change<'_>],
) -> Result<Moves, StoreError> {
    let mut moves = Moves::default();
    let (mut out, mut put): (Vec<i64>, Vec<&Record>) = Default::default();
    for change in changes {
        match change {
            Change::Put(record) => {
                out.push(record.id.get());
                put.push(record);
            }
            Change::Remove(id) => out.push(id.get()),
            _ => {}
        }
    }
    out.sort_unstable();
    put.sort_unstable_by_key(|record| record.id);
    take_out(connection, directory, &mut moves, &out)?;
    let mut writer = Writer::default();
    for record in put {
        let Record { id, state, boot, .. } = record;
        let place = Place { id: id.get(), state: *state, boot: *boot };
        writer.add(connection, &mut moves, place, |text| line::write(text, record))?;
    }
    for change in changes {
        let Change::Append { first, reports, at, state } = change else { continue };
        let at = line::time(*at);
        for (id, report) in (first.get()..).zip(*reports) {
            let place = Place { id, state: *state, boot: None };
            let write = |text: &mut Vec<u8>| line::write_new(text, place, report, &at);
            writer.add(connection, &mut moves, place, write)?;
        }
    }
    writer.finish(connection, &mut moves)?;
    Ok(moves)
}

pub(super) fn get(
    connection: &Connection,
    directory: &Directory,
    id: RecordId,
) -> Result<Option<Record>, StoreError> {
    let id = id.get();
    let found = match directory.find(id) {
        Some(run) => Some(run),
        None => find_held(connection, id)?,
    };
    let Some(run) = found else { return Ok(None) };
    let records = rows(connection, run.state, "id = ?1", &[run.first.into()], |_| true)?;
    Ok(records.into_iter().find(|record| record.id.get() == id))
}

pub(super) fn select(
    connection: &Connection,
    directory: &Directory,
    wanted: &Query<'_>,
) -> Result<Vec<Record>, StoreError> {
    let mut found = Vec::new();
    let after = wanted.after.get();
    for table in [RecordState::Pending, RecordState::Held] {
        let states = wanted.states.iter().filter(|state| state.is_held() == table.is_held());
        let states: Vec<_> = states.map(|state| number(*state).to_string()).collect();
        if states.is_empty() || wanted.boot.is_some() && !table.is_held() {
            continue;
        }
        // The row of a record may begin before it.
        let begins = match table.is_held() {
            true => find_held(connection, after)?,
            false => directory.find(after),
        };
        let begins = begins.map_or(after, |run| run.first);
        let boot = wanted.boot.map_or(String::new(), |boot| format!("AND boot = {boot}"));
        let order = if wanted.newest { "DESC" } else { "ASC" };
        let states = states.join(", ");
        let which = format!("id >= ?1 AND state IN ({states}) {boot} ORDER BY id {order} LIMIT ?2");
        // Each row has one of them at least, but for the first.
        let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut left = wanted.limit;
        let places = [begins.into(), limit.into()];
        found.extend(rows(connection, table, &which, &places, |records| {
            records.retain(|record| record.id > wanted.after);
            left = left.saturating_sub(records.len());
            left > 0
        })?);
    }
    found.sort_unstable_by_key(|record| record.id);
    if wanted.newest {
        found.reverse();
    }
    found.truncate(wanted.limit);
    Ok(found)
}

/// The records of these rows, as long as `more` is wanted.
fn rows(
    connection: &Connection,
    state: RecordState,
    which: &str,
    places: &[Value],
    mut more: impl FnMut(&mut Vec<Record>) -> bool,
) -> Result<Vec<Record>, StoreError> {
    let boot = if state.is_held() { "boot" } else { "NULL" };
    let table = table(state);
    let text = format!("SELECT id, count, state, {boot}, records FROM {table} WHERE {which}");
    let mut statement = connection.prepare_cached(&text).map_err(StoreError::of)?;
    let places = rusqlite::params_from_iter(places);
    let mut rows = statement.query(places).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let (_, mut records) = read(row)?;
        let wanted = more(&mut records);
        found.append(&mut records);
        if !wanted {
            break;
        }
    }
    Ok(found)
}

/// The row and its records.
fn read(row: &rusqlite::Row<'_>) -> Result<(Run, Vec<Record>), StoreError> {
    let run = run(row)?;
    let text = row.get_ref(4).map_err(StoreError::of)?;
    let text = text.as_str().map_err(StoreError::damaged)?;
    Ok((run, run.read(text)?))
}

/// The row, without its records.
pub(super) fn run(row: &rusqlite::Row<'_>) -> Result<Run, StoreError> {
    let first = row.get(0).map_err(StoreError::of)?;
    let count = row.get(1).map_err(StoreError::of)?;
    let state = state_of(row.get(2).map_err(StoreError::of)?)?;
    let boot = row.get(3).map_err(StoreError::of)?;
    Ok(Run { first, count, state, boot })
}

/// Those that [`run`] and [`read`] read.
pub(super) const COLUMNS_OF_WAITING: &str = "id, count, state, NULL, records";
