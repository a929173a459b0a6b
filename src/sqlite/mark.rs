//! What ties a file to its log.
//!
//! To SQLite nothing does: it replays any log that lies beside a file, also one of another file, and
//! a file whose log is missing looks whole. So a file carries a mark: a random number, and how many
//! logs it has begun. The first commit of every log writes the mark anew, with the next number. Before
//! a file is written for the first time after it was opened, it also says that its log belongs to it,
//! until it is closed in order.

use std::path::{Path, PathBuf};

use crate::log::warn;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::log::{self, Committed};
use super::{Format, PAGE_SIZE, StoreError, file_time, image, of, pragma, with_suffix};

/// What a format that ties its files to their logs has among its tables.
pub(crate) const TABLE: &str = "
CREATE TABLE log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mark BLOB NOT NULL,            -- 16 bytes that no other file has; how many logs there were, 8 bytes
    open INTEGER NOT NULL          -- 1: the log, `-wal`, belongs to it
) STRICT;
INSERT INTO log VALUES (1, CAST(randomblob(16) || x'0000000000000000' AS BLOB), 0);
";

/// Keeps the log of an open file.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// Where the log is.
    log: PathBuf,
    /// The mark, as the last commit of this program left it.
    mark: Vec<u8>,
    /// Whether the file itself says that its log belongs to it.
    open: bool,
    /// Whether it said so when it was opened, since the last program did not close it.
    found_open: bool,
    /// Whether the next commit may be the first one of a log.
    fresh: bool,
    /// Whether there is something in the log that is not in the file.
    written: bool,
}

impl Keeper {
    pub(crate) fn new(path: &Path, connection: &Connection) -> Result<Self, StoreError> {
        let (mark, found_open) = read(connection)?;
        let log = with_suffix(&super::followed(path)?, "-wal");
        Ok(Self { log, mark, open: false, found_open, fresh: true, written: false })
    }

    /// To be called before each transaction: before the first one the file says that its log belongs
    /// to it.
    pub(crate) fn begin(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        if self.open {
            return Ok(());
        }
        let transaction = connection.transaction().map_err(of)?;
        transaction.execute("UPDATE log SET open = 1", []).map_err(of)?;
        self.mark(&transaction)?;
        transaction.commit().map_err(of)?;
        self.mark = next(&self.mark);
        checkpoint(connection)?;
        self.open = true;
        Ok(())
    }

    /// Writes the mark, where the transaction may be the first one of a log.
    pub(crate) fn mark(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        if self.fresh {
            let mut update = transaction.prepare_cached("UPDATE log SET mark = ?1").map_err(of)?;
            update.execute([next(&self.mark)]).map_err(of)?;
        }
        Ok(())
    }

    /// To be called after each commit: keeps the log short.
    pub(crate) fn committed(&mut self, connection: &Connection) {
        if self.fresh {
            self.mark = next(&self.mark);
        }
        (self.fresh, self.written) = (false, true);
        let length = self.log.metadata().map_or(0, |log| log.len());
        if length >= LONG {
            // What was committed is safe in the log.
            if let Err(error) = self.rest(connection) {
                warn!(%error, "the log could not be emptied, and grows");
            }
        }
    }

    /// Brings what is in the log into the file, and empties the log.
    pub(crate) fn rest(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.written {
            // Whatever comes of it: a new log may begin.
            self.fresh = true;
            checkpoint(connection)?;
            self.written = false;
        }
        Ok(())
    }

    /// The file says that it needs no log. SQLite empties the log and removes it, when a sound file is
    /// closed after this.
    pub(crate) fn close(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        if !self.open && !self.found_open {
            return Ok(());
        }
        let said = self.say_closed(connection);
        if said.is_err() {
            // Then it needs the log, which has to stay.
            super::keep_log(connection)?;
        }
        said
    }

    fn say_closed(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let transaction = connection.transaction().map_err(of)?;
        transaction.execute("UPDATE log SET open = 0", []).map_err(of)?;
        self.mark(&transaction)?;
        transaction.commit().map_err(of)
    }
}

/// Whether a file needs its log, and the log is not there. SQLite makes an empty one as soon as it opens
/// the file, so this comes before that, and before the file is locked.
///
/// Other programs may open and close it meanwhile, and what is read of the file would be from another time
/// than what is seen of its log. Each of them counts the mark on, so one that is as it was before says that
/// nobody did.
pub(super) fn is_log_missing(path: &Path, format: &Format) -> bool {
    let is_missing = || !with_suffix(path, "-wal").exists();
    let mark_of_open = || {
        let (mark, open) = read(&marked(path, format).ok()??).ok()?;
        open.then_some(mark)
    };
    is_missing() && mark_of_open().is_some_and(|mark| is_missing() && mark_of_open() == Some(mark))
}

/// Makes sure that the log beside a file is its own. Nothing is written by that; the file may be
/// locked by this program.
pub(super) fn check(path: &Path, format: &Format) -> Result<(), StoreError> {
    let Some(file) = marked(path, format)? else { return Ok(()) };
    let log = log::read(&with_suffix(path, "-wal")).map_err(StoreError::io)?;
    check_parts(&file, log.as_deref())
}

/// The file without its log, which may be another file's; if it is of a format that has marks.
fn marked(path: &Path, format: &Format) -> Result<Option<Connection>, StoreError> {
    let Some(first) = format.marked_from else { return Ok(None) };
    let file = image::without_log(path)?;
    let version: i32 = pragma(&file, "user_version")?;
    Ok((version >= first).then_some(file))
}

/// The same of a file that is open without its log, and of the log's bytes.
pub(super) fn check_parts(file: &Connection, log: Option<&[u8]>) -> Result<(), StoreError> {
    let (mark, open) = read(file)?;
    let Some(log) = log else {
        return if open { Err(StoreError::damaged(NO_LOG)) } else { Ok(()) };
    };
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'log'";
    let page: u32 = file.query_row(page, [], |row| row.get(0)).map_err(of)?;
    let committed = Committed::of(log);
    if committed.frames.is_empty() || belongs(&committed, log, page, &mark) {
        return Ok(());
    }
    Err(StoreError::damaged(OTHER_LOG))
}

/// Whether a log carries the mark: its own commits count on from what the file has.
fn belongs(committed: &Committed, log: &[u8], page: u32, mark: &[u8]) -> bool {
    let (file, logs) = mark.split_at(FILE);
    let frames = committed.frames.iter().filter(|(number, _)| *number == page);
    let found: Option<Vec<u64>> =
        frames.map(|(_, at)| last_mark(log.get(*at..*at + committed.page_size)?, file)).collect();
    let Some(found) = found else { return false };
    match (found.first(), found.last()) {
        (Some(first), Some(last)) => {
            *first <= number(logs).saturating_add(1) && *last >= number(logs)
        }
        _ => false,
    }
}

/// The greatest number of logs that stands behind the file's own bytes. Older ones may be left in
/// what the page does not use.
fn last_mark(page: &[u8], file: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find_iter(page, file);
    at.filter_map(|at| page.get(at + FILE..at + FILE + LOGS)).map(number).max()
}

fn read(connection: &Connection) -> Result<(Vec<u8>, bool), StoreError> {
    let select = "SELECT mark, open FROM log";
    let row = connection
        .query_row(select, [], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?)))
        .optional()
        .map_err(of)?;
    row.filter(|(mark, _)| mark.len() == FILE + LOGS)
        .ok_or_else(|| StoreError::damaged("it carries no mark that ties it to its log"))
}

/// The mark of the next log.
fn next(mark: &[u8]) -> Vec<u8> {
    let (file, logs) = mark.split_at(FILE);
    [file, &number(logs).saturating_add(1).to_be_bytes()].concat()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let busy = || pragma::<i32>(connection, "wal_checkpoint(TRUNCATE)");
    // The clock may have been wrong since the last one.
    match file_time::with_mended_open(connection, busy)? {
        0 => Ok(()),
        _ => Err(StoreError::InUse),
    }
}

/// The bytes of the mark that are the file's own, and those of the number.
const FILE: usize = 16;
const LOGS: usize = 8;

/// As SQLite has it: 1000 pages.
const LONG: u64 = 1000 * PAGE_SIZE as u64;

pub(super) const NO_LOG: &str = "its log, the file beside it whose name ends in -wal, is missing, and with it \
                      what was written last: put both files in one place";

const OTHER_LOG: &str = "the log beside it, the file whose name ends in -wal, is that of another \
                         file or of another time";
