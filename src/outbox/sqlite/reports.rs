//! Reports in the file.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::line::{self, Place};
use super::runs::{Directory, Moves, Run, Writer, find_held, table, take_out};
use super::state;
use crate::alipay::Report;
use crate::outbox::queue::Queued as _;
use crate::outbox::store::{Change, Selection, Stock};
use crate::outbox::{Id, Item, ItemState};
use crate::sqlite::{StoreError, is_small};

/// Compares the checksum of every report that waits, and counts all. What they say is read when they
/// are asked for.
pub(super) fn check(
    connection: &Connection,
    stocks: &mut BTreeMap<u8, Stock>,
) -> Result<Directory, StoreError> {
    let mut directory = Directory::default();
    let stock = stocks.entry(Report::NUMBER).or_default();
    let text = format!("SELECT {COLUMNS_OF_WAITING} FROM waiting ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let mut scratch = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let run = check_row(row, &mut scratch)?;
        directory.add(run)?;
        *stock.counts.of_mut(run.state) += run.count.unsigned_abs();
        stock.last_id = stock.last_id.max(run.end().saturating_sub(1));
    }
    for run in held(connection)? {
        *stock.counts.of_mut(run.state) += run.count.unsigned_abs();
        stock.last_id = stock.last_id.max(run.end().saturating_sub(1));
    }
    Ok(directory)
}

/// The rows of reports that the module holds. In a large file the reports in them are not read.
fn held(connection: &Connection) -> Result<Vec<Run>, StoreError> {
    let (column, looks) = if is_small(connection)? { ("records", true) } else { ("NULL", false) };
    let text = format!("SELECT id, count, state, boot, {column} FROM held ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let (mut held, mut scratch) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        held.push(if looks { check_row(row, &mut scratch)? } else { run(row)? });
    }
    Ok(held)
}

/// Carries out the changes of reports.
pub(super) fn apply(
    connection: &Connection,
    directory: &Directory,
    changes: &[Change<'_>],
) -> Result<Moves, StoreError> {
    let mut moves = Moves::default();
    let (mut out, mut put): (Vec<i64>, Vec<&Item<Report>>) = Default::default();
    for change in changes {
        match change {
            Change::PutReport(report) => {
                out.push(report.id.get());
                put.push(report);
            }
            Change::RemoveReport(id) => out.push(id.get()),
            _ => {}
        }
    }
    out.sort_unstable();
    put.sort_unstable_by_key(|report| report.id);
    take_out(connection, directory, &mut moves, &out)?;
    let mut writer = Writer::default();
    for report in put {
        let place = Place { id: report.id.get(), state: report.state, boot: report.boot };
        writer.add(connection, &mut moves, place, |text| line::write(text, report))?;
    }
    for change in changes {
        let Change::Append { first, reports, at, state } = change else { continue };
        for (id, report) in (first.get()..).zip(*reports) {
            let place = Place { id, state: *state, boot: None };
            let write = |text: &mut Vec<u8>| line::write_new(text, place, report, *at);
            writer.add(connection, &mut moves, place, write)?;
        }
    }
    writer.finish(connection, &mut moves)?;
    moves.finish(connection)?;
    Ok(moves)
}

pub(super) fn get(
    connection: &Connection,
    directory: &Directory,
    id: Id<Report>,
) -> Result<Option<Item<Report>>, StoreError> {
    let id = id.get();
    let found = match directory.find(id) {
        Some(run) => Some(run),
        None => find_held(connection, id)?,
    };
    let Some(run) = found else { return Ok(None) };
    let reports = rows(connection, run.state, "id = ?1", &[run.first.into()], |_| true)?;
    Ok(reports.into_iter().find(|report| report.id.get() == id))
}

pub(super) fn select(
    connection: &Connection,
    directory: &Directory,
    wanted: &Selection<'_>,
) -> Result<Vec<Item<Report>>, StoreError> {
    let mut found = Vec::new();
    let after = wanted.after;
    for table in [ItemState::Pending, ItemState::Held] {
        let states = wanted.states.iter().filter(|state| state.is_held() == table.is_held());
        let states = state::list(states);
        if states.is_empty() || wanted.boot.is_some() && !table.is_held() {
            continue;
        }
        // The row of a report may begin before it.
        let begins = match table.is_held() {
            true => find_held(connection, after)?,
            false => directory.find(after),
        };
        let begins = begins.map_or(after, |run| run.first);
        let boot = wanted.boot.map_or(String::new(), |boot| format!("AND boot = {boot}"));
        let order = if wanted.newest { "DESC" } else { "ASC" };
        let which = format!("id >= ?1 AND state IN ({states}) {boot} ORDER BY id {order}");
        // Rows come by their key, and none is read once there are enough. A limit for SQLite is not
        // needed, and one that is a parameter would make it compile the statement anew each time.
        let mut left = wanted.limit;
        let places = [begins.into()];
        found.extend(rows(connection, table, &which, &places, |reports| {
            reports.retain(|report| report.id.get() > after);
            left = left.saturating_sub(reports.len());
            left > 0
        })?);
    }
    found.sort_unstable_by_key(|report| report.id);
    if wanted.newest {
        found.reverse();
    }
    found.truncate(wanted.limit);
    Ok(found)
}

/// The reports of these rows, until `more` says that it wants no more.
fn rows(
    connection: &Connection,
    state: ItemState,
    which: &str,
    places: &[Value],
    mut more: impl FnMut(&mut Vec<Item<Report>>) -> bool,
) -> Result<Vec<Item<Report>>, StoreError> {
    let boot = if state.is_held() { "boot" } else { "NULL" };
    let table = table(state);
    let text = format!("SELECT id, count, state, {boot}, records FROM {table} WHERE {which}");
    let mut statement = connection.prepare_cached(&text).map_err(StoreError::of)?;
    let places = rusqlite::params_from_iter(places);
    let mut rows = statement.query(places).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let mut reports = read(row)?;
        let wanted = more(&mut reports);
        found.append(&mut reports);
        if !wanted {
            break;
        }
    }
    Ok(found)
}

/// The row, whose reports have the right checksums.
fn check_row(row: &rusqlite::Row<'_>, scratch: &mut Vec<u8>) -> Result<Run, StoreError> {
    let run = run(row)?;
    let text = row.get_ref(4).map_err(StoreError::of)?;
    run.check(text.as_str().map_err(StoreError::damaged)?, scratch)?;
    Ok(run)
}

/// The reports of a row.
fn read(row: &rusqlite::Row<'_>) -> Result<Vec<Item<Report>>, StoreError> {
    let text = row.get_ref(4).map_err(StoreError::of)?;
    run(row)?.read(text.as_str().map_err(StoreError::damaged)?)
}

/// The row, without its reports.
pub(super) fn run(row: &rusqlite::Row<'_>) -> Result<Run, StoreError> {
    let first = row.get(0).map_err(StoreError::of)?;
    let count = row.get(1).map_err(StoreError::of)?;
    let state = state::of(row.get(2).map_err(StoreError::of)?)?;
    let boot = row.get(3).map_err(StoreError::of)?;
    Ok(Run { first, count, state, boot })
}

/// The columns that [`run`] and [`read`] read.
pub(super) const COLUMNS_OF_WAITING: &str = "id, count, state, NULL, records";
