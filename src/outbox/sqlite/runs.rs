//! [`Run`]: a row that holds reports with consecutive numbers, in one state.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::line::{self, Place};
use super::state;
use crate::alipay::Report;
use crate::outbox::{Item, ItemState};
use crate::sqlite::StoreError;

/// A row, without its reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The number of its first report.
    pub(super) first: i64,
    /// How many there are, at least one.
    pub(super) count: i64,
    pub(super) state: ItemState,
    pub(super) boot: Option<i64>,
}

/// In which rows the reports that wait are: how many each row has, by the number of its first report.
#[derive(Debug, Default)]
pub(super) struct Directory(BTreeMap<i64, (i64, ItemState)>);

/// What a commit changes in the directory.
#[derive(Default)]
pub(super) struct Moves {
    gone: Vec<i64>,
    come: Vec<Run>,
}

/// A row that is being written.
#[derive(Default)]
pub(super) struct Writer {
    run: Option<Run>,
    text: Vec<u8>,
}

impl Run {
    /// The number after that of its last report.
    pub(super) fn end(&self) -> i64 {
        self.first.saturating_add(self.count)
    }

    fn holds(&self, id: i64) -> bool {
        (self.first..self.end()).contains(&id)
    }

    /// The reports of the row whose text this is.
    pub(super) fn read(&self, text: &str) -> Result<Vec<Item<Report>>, StoreError> {
        let mut lines = text.split('\n');
        // A damaged row may begin at the greatest number there is.
        let reports: Result<Vec<_>, _> = (self.first..self.end())
            .zip(lines.by_ref())
            .map(|(id, line)| line::read(line, Place { id, state: self.state, boot: self.boot }))
            .collect();
        let reports = reports?;
        if i64::try_from(reports.len()) != Ok(self.count) || lines.next().is_some() {
            return Err(StoreError::damaged(format_args!(
                "the number of reports from {} on is wrong",
                self.first
            )));
        }
        Ok(reports)
    }
}

impl Directory {
    pub(super) fn add(&mut self, run: Run) -> Result<(), StoreError> {
        let last = self.0.last_key_value();
        if last.is_some_and(|(first, (count, _))| first.saturating_add(*count) > run.first) {
            return Err(StoreError::damaged(format_args!("report {} is there twice", run.first)));
        }
        self.0.insert(run.first, (run.count, run.state));
        Ok(())
    }

    /// The row of a report that waits.
    pub(super) fn find(&self, id: i64) -> Option<Run> {
        let (first, (count, state)) = self.0.range(..=id).next_back()?;
        let run = Run { first: *first, count: *count, state: *state, boot: None };
        run.holds(id).then_some(run)
    }

    pub(super) fn apply(&mut self, moves: Moves) {
        for first in moves.gone {
            self.0.remove(&first);
        }
        for run in moves.come {
            self.0.insert(run.first, (run.count, run.state));
        }
    }
}

impl Writer {
    /// Adds a report. If it does not continue the row before, it begins another one. `line` writes its
    /// line.
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        moves: &mut Moves,
        place: Place,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), StoreError> {
        let goes_on = self.run.is_some_and(|run| {
            run.end() == place.id
                && run.state == place.state
                && run.boot == place.boot
                && self.text.len() < FULL
        });
        if !goes_on {
            self.finish(connection, moves)?;
        }
        let Place { id: first, state, boot } = place;
        let run = self.run.get_or_insert(Run { first, count: 0, state, boot });
        if run.count > 0 {
            self.text.push(b'\n');
        }
        run.count += 1;
        line(&mut self.text);
        Ok(())
    }

    /// Writes the row.
    pub(super) fn finish(
        &mut self,
        connection: &Connection,
        moves: &mut Moves,
    ) -> Result<(), StoreError> {
        if let Some(run) = self.run.take() {
            let text = std::str::from_utf8(&self.text).map_err(StoreError::damaged)?;
            insert(connection, moves, run, text)?;
        }
        self.text.clear();
        Ok(())
    }
}

/// Removes these reports, whose numbers are in order, from their rows.
pub(super) fn take_out(
    connection: &Connection,
    directory: &Directory,
    moves: &mut Moves,
    mut ids: &[i64],
) -> Result<(), StoreError> {
    while let Some(id) = ids.first() {
        let found = match directory.find(*id) {
            Some(run) => Some(run),
            None => find_held(connection, *id)?,
        };
        let Some(run) = found else {
            ids = &ids[1..];
            continue;
        };
        let (taken, rest) = ids.split_at(ids.partition_point(|id| *id < run.end()));
        ids = rest;
        if i64::try_from(taken.len()) != Ok(run.count) {
            leave_rest(connection, moves, run, taken)?;
        } else {
            delete(connection, moves, run)?;
        }
    }
    Ok(())
}

/// Writes a row again, without these reports.
fn leave_rest(
    connection: &Connection,
    moves: &mut Moves,
    run: Run,
    taken: &[i64],
) -> Result<(), StoreError> {
    let text = format!("SELECT records FROM {} WHERE id = ?1", table(run.state));
    let mut statement = connection.prepare_cached(&text).map_err(StoreError::of)?;
    let text: String =
        statement.query_row([run.first], |row| row.get(0)).map_err(StoreError::of)?;
    delete(connection, moves, run)?;
    let mut writer = Writer::default();
    for (id, line) in (run.first..run.end()).zip(text.split('\n')) {
        if taken.binary_search(&id).is_err() {
            let place = Place { id, state: run.state, boot: run.boot };
            writer.add(connection, moves, place, |text| text.extend_from_slice(line.as_bytes()))?;
        }
    }
    writer.finish(connection, moves)
}

fn insert(
    connection: &Connection,
    moves: &mut Moves,
    run: Run,
    text: &str,
) -> Result<(), StoreError> {
    let Run { first, count, state, boot } = run;
    let (held, state) = (state.is_held(), state::number(state));
    let statement = if held {
        "INSERT INTO held (id, count, state, boot, records) VALUES (?1, ?2, ?3, ?4, ?5)"
    } else {
        "INSERT INTO waiting (id, count, state, records) VALUES (?1, ?2, ?3, ?4)"
    };
    let mut statement = connection.prepare_cached(statement).map_err(StoreError::of)?;
    let written = match held {
        true => statement.execute(params![first, count, state, boot, text]),
        false => statement.execute(params![first, count, state, text]),
    };
    written.map_err(StoreError::of)?;
    if !held {
        moves.come.push(run);
    }
    Ok(())
}

fn delete(connection: &Connection, moves: &mut Moves, run: Run) -> Result<(), StoreError> {
    let text = format!("DELETE FROM {} WHERE id = ?1", table(run.state));
    let mut statement = connection.prepare_cached(&text).map_err(StoreError::of)?;
    statement.execute([run.first]).map_err(StoreError::of)?;
    if !run.state.is_held() {
        moves.gone.push(run.first);
    }
    Ok(())
}

/// The row of a report that the module holds.
pub(super) fn find_held(connection: &Connection, id: i64) -> Result<Option<Run>, StoreError> {
    let text = "SELECT id, count, state, boot FROM held WHERE id <= ?1 ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let found = statement.query_row([id], |row| {
        let run: (i64, i64, i64, Option<i64>) = row.try_into()?;
        Ok(run)
    });
    let Some((first, count, state, boot)) = found.optional().map_err(StoreError::of)? else {
        return Ok(None);
    };
    let run = Run { first, count, state: state::of(state)?, boot };
    Ok(run.holds(id).then_some(run))
}

pub(super) fn table(state: ItemState) -> &'static str {
    if state.is_held() { "held" } else { "waiting" }
}

/// A row gets no more reports when its text is this long. With one more line of the greatest length it
/// still fits into a page of 4096 bytes, as SQLite lays it out, or nearly so.
const FULL: usize = 3900;
