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

/// Which rows a commit takes out and writes.
#[derive(Default)]
pub(super) struct Moves {
    /// In the order of their numbers.
    gone: Vec<Gone>,
    come: Vec<Run>,
}

/// A row that is taken out.
struct Gone {
    run: Run,
    /// Another row with its number is in its place now.
    replaced: bool,
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

    /// Compares the checksums of the reports of the row whose text this is. `scratch` is room for
    /// this, used again for the next row.
    pub(super) fn check(&self, text: &str, scratch: &mut Vec<u8>) -> Result<(), StoreError> {
        self.each_line(text, |line, place| line::check(line, place, scratch))
    }

    /// The reports of the row whose text this is.
    pub(super) fn read(&self, text: &str) -> Result<Vec<Item<Report>>, StoreError> {
        // A damaged row may say any number: it has no more reports than bytes.
        let room = usize::try_from(self.count).unwrap_or(0).min(text.len());
        let (mut reports, mut scratch) = (Vec::with_capacity(room), Vec::new());
        self.each_line(text, |line, place| {
            reports.push(line::read(line, place, &mut scratch)?);
            Ok(())
        })?;
        Ok(reports)
    }

    /// Does this with each line of the row whose text this is. There have to be as many as it says.
    fn each_line(
        &self,
        text: &str,
        mut work: impl FnMut(&str, Place) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut rest, mut id) = (Some(text), self.first);
        // A damaged row may begin at the greatest number there is.
        while let Some(lines) = rest.filter(|_| id < self.end()) {
            // `str::split` takes four times as long.
            let end = memchr::memchr(b'\n', lines.as_bytes());
            let line = end.map_or(Some(lines), |end| lines.get(..end)).unwrap_or_default();
            work(line, self.place(id))?;
            rest = end.and_then(|end| lines.get(end + 1..));
            id += 1;
        }
        if id < self.end() || rest.is_some() { Err(self.miscounted()) } else { Ok(()) }
    }

    /// Where the report with this number is.
    pub(super) fn place(&self, id: i64) -> Place {
        Place { id, state: self.state, boot: self.boot }
    }

    fn miscounted(&self) -> StoreError {
        let first = self.first;
        StoreError::damaged(format_args!("the number of reports from {first} on is wrong"))
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

    pub(super) fn apply(&mut self, moves: &Moves) {
        for Gone { run, .. } in moves.gone.iter().filter(|gone| !gone.run.state.is_held()) {
            self.0.remove(&run.first);
        }
        for run in moves.come.iter().filter(|run| !run.state.is_held()) {
            self.0.insert(run.first, (run.count, run.state));
        }
    }
}

impl Moves {
    /// The row with this number that was taken out of the same table.
    fn place_of(&mut self, run: Run) -> Option<&mut Gone> {
        let found = self.gone.binary_search_by_key(&run.first, |gone| gone.run.first).ok()?;
        let gone = self.gone.get_mut(found)?;
        (gone.run.state.is_held() == run.state.is_held()).then_some(gone)
    }

    /// To be called once everything is written: removes the rows that were taken out and not written
    /// again.
    pub(super) fn finish(&self, connection: &Connection) -> Result<(), StoreError> {
        let gone = self.gone.iter().filter(|gone| !gone.replaced);
        gone.map(|gone| gone.run).try_for_each(|run| delete(connection, run))
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
            put(connection, moves, run, text)?;
        }
        self.text.clear();
        Ok(())
    }
}

/// Takes these reports, whose numbers are in order, out of their rows. The rows themselves are removed by
/// [`Moves::finish`].
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
        moves.gone.push(Gone { run, replaced: false });
        if i64::try_from(taken.len()) != Ok(run.count) {
            leave_rest(connection, moves, run, taken)?;
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
    let mut writer = Writer::default();
    for (id, line) in (run.first..run.end()).zip(text.split('\n')) {
        if taken.binary_search(&id).is_err() {
            let place = run.place(id);
            writer.add(connection, moves, place, |text| text.extend_from_slice(line.as_bytes()))?;
        }
    }
    writer.finish(connection, moves)
}

/// Writes a row: in the place of the one with its number, if that was taken out, which costs less than
/// to remove that one and to add another.
fn put(connection: &Connection, moves: &mut Moves, run: Run, text: &str) -> Result<(), StoreError> {
    let Run { first, count, state, boot } = run;
    let replaced = moves.place_of(run);
    let statement = match (state.is_held(), replaced.is_some()) {
        (true, true) => {
            "UPDATE held SET count = ?2, state = ?3, boot = ?5, records = ?4 WHERE id = ?1"
        }
        (true, false) => {
            "INSERT INTO held (id, count, state, boot, records) VALUES (?1, ?2, ?3, ?5, ?4)"
        }
        (false, true) => "UPDATE waiting SET count = ?2, state = ?3, records = ?4 WHERE id = ?1",
        (false, false) => "INSERT INTO waiting (id, count, state, records) VALUES (?1, ?2, ?3, ?4)",
    };
    let mut statement = connection.prepare_cached(statement).map_err(StoreError::of)?;
    let number = state::number(state);
    let written = match state.is_held() {
        true => statement.execute(params![first, count, number, text, boot]),
        false => statement.execute(params![first, count, number, text]),
    };
    if written.map_err(StoreError::of)? != 1 {
        return Err(StoreError::damaged(format_args!("row {first} is not there")));
    }
    if let Some(gone) = replaced {
        gone.replaced = true;
    }
    moves.come.push(run);
    Ok(())
}

fn delete(connection: &Connection, run: Run) -> Result<(), StoreError> {
    let text = format!("DELETE FROM {} WHERE id = ?1", table(run.state));
    let mut statement = connection.prepare_cached(&text).map_err(StoreError::of)?;
    statement.execute([run.first]).map_err(StoreError::of).map(drop)
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

/// A row gets no more reports when its text is this long. With one more line it fills, as SQLite lays
/// it out, a page of 4096 bytes and an eighth of another one. A row that filled one page and no more
/// would be alone there, and to write or remove it would mean to balance the tree each time, which
/// takes three times as long.
const FULL: usize = 4480;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alipay::TradeResult;
    use crate::outbox::UnixMillis;

    #[test]
    fn a_row_has_as_many_reports_as_it_says_each_with_its_checksum() {
        let report = Report::of("10.25".parse().unwrap(), TradeResult::Unsupported, 1).build();
        let (report, state, boot) = (report.unwrap(), ItemState::Held, Some(7));
        let row = |count| Run { first: 5, count, state, boot };
        let mut text = Vec::new();
        for id in 5..8 {
            if id > 5 {
                text.push(b'\n');
            }
            line::write_new(&mut text, row(3).place(id), &report, UnixMillis(9));
        }
        let is_right = |row: Run, text: &[u8]| {
            let text = std::str::from_utf8(text).unwrap();
            let checked = row.check(text, &mut Vec::new()).is_ok();
            // What is checked at the start is what is read later.
            assert_eq!(row.read(text).is_ok(), checked);
            checked
        };
        for count in [i64::MIN, -1, 0, 1, 2, 4, i64::MAX] {
            assert!(!is_right(row(count), &text), "{count}");
        }
        assert!(is_right(row(3), &text));
        for at in 0..text.len() {
            let mut damaged = text.clone();
            damaged[at] ^= 1;
            assert!(!is_right(row(3), &damaged), "{at}");
        }
    }
}
