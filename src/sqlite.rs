//! SQLite files that must survive a power cut. One program at a time opens them, they state their
//! kind and format, and a damaged file is left as it is.

pub(crate) mod file_time;
pub(crate) mod image;
mod log;
mod making;
pub(crate) mod mark;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::advice::{self, Advice};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

/// Why something could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file was changed after 2038-01-19, which SQLite does not know where it is compiled with
    /// 32-bit times: by the clock, it is after that now, or the file's time may not be set. See
    /// `docs/machines.md`.
    #[error(
        "its time is after 2038-01-19, which SQLite as it is compiled here does not know: set the clock right and open it again, or compile with LIBSQLITE3_FLAGS=\"-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64\""
    )]
    After2038,
    /// The file is damaged. It is left as it is.
    #[error(
        "the file is damaged ({what}) and was left as it is: set it aside to look into it, and begin a new one"
    )]
    Damaged {
        /// What was found, without the contents.
        what: String,
    },
    /// The disk is full, or the file may not grow.
    #[error(
        "it could not be written, the disk is full or the file may not grow; what was stored before is safe: make room"
    )]
    Full(#[source] Source),
    /// Another error of the system or of SQLite.
    #[error("it could not be read or written: {0}")]
    Io(#[source] Source),
    /// Another program has it open, or this one has already.
    #[error("it is in use: only one program at a time can have it, close the other one")]
    InUse,
    /// The file is of a newer format.
    #[error(
        "its format is {found}, and this program knows formats up to {known}: use a newer program"
    )]
    Newer {
        /// The format of the file.
        found: i32,
        /// The newest format that is known.
        known: i32,
    },
    /// The file is of another kind.
    #[error("it is a file of another kind ({what}): nothing was changed, name another file")]
    NotOurs {
        /// What was found.
        what: String,
    },
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::After2038 => advice::outbox::STORE_FILE_TIME,
            Self::Damaged { .. } => advice::outbox::STORE_DAMAGED,
            Self::Full(_) => advice::outbox::STORE_FULL,
            Self::InUse => advice::outbox::STORE_IN_USE,
            Self::Io(_) => advice::outbox::STORE_IO,
            Self::Newer { .. } => advice::outbox::STORE_NEWER,
            Self::NotOurs { .. } => advice::outbox::STORE_NOT_OURS,
        }
    }
}

/// The error of the system or of the library.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Source(Box<dyn std::error::Error + Send + Sync>);

/// A kind of file.
pub(crate) struct Format {
    /// What tells it from other SQLite files.
    pub(crate) application_id: i32,
    /// What makes the tables of the newest format.
    pub(crate) tables: &'static [&'static str],
    /// What brings a file forward, the first from format 1 to 2.
    pub(crate) migrations: &'static [Migration],
    /// The first format whose files are tied to their logs, if any is: see [`mark`].
    pub(crate) marked_from: Option<i32>,
}

/// Brings a file of a format to the next one. It fails where what it reads is damaged.
pub(crate) type Migration = fn(&Connection) -> Result<(), StoreError>;

impl Format {
    /// The number of the newest format.
    fn newest(&self) -> i32 {
        i32::try_from(self.migrations.len()).unwrap_or(i32::MAX).saturating_add(1)
    }
}

impl StoreError {
    /// What `error` is to a caller.
    pub(crate) fn of(error: rusqlite::Error) -> Self {
        let (code, extended) = match &error {
            rusqlite::Error::SqliteFailure(error, _) => (error.code, error.extended_code),
            // The column types are declared, so a wrong type means that the file was changed.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => {
                return Self::Damaged { what: "a value of the wrong kind".to_string() };
            }
            _ => return Self::Io(Source::new(error)),
        };
        match code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse,
            // In a sound file these tables are always there, so the schema was changed.
            ErrorCode::DatabaseCorrupt | ErrorCode::Unknown => {
                Self::Damaged { what: error.to_string() }
            }
            ErrorCode::NotADatabase => Self::NotOurs { what: error.to_string() },
            ErrorCode::DiskFull => Self::Full(Source::new(error)),
            // A limit on the size of files shows as this.
            _ if extended == ffi::SQLITE_IOERR_WRITE => Self::Full(Source::new(error)),
            // The file ended before its pages did.
            _ if extended == ffi::SQLITE_IOERR_SHORT_READ => {
                Self::Damaged { what: error.to_string() }
            }
            _ => Self::Io(Source::new(error)),
        }
    }

    /// Something that the system said.
    pub(crate) fn io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full(Source::new(error)),
            _ => Self::Io(Source::new(error)),
        }
    }

    /// The file is damaged.
    pub(crate) fn damaged(what: impl fmt::Display) -> Self {
        Self::Damaged { what: what.to_string() }
    }
}

impl Source {
    /// What went wrong, for a [`StoreError`] of a store of your own.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// Opens a file of this kind, and makes it if there is none.
///
/// Until [`trust`] is called, closing it changes nothing in it.
pub(crate) fn open(path: &Path, format: &Format) -> Result<Connection, StoreError> {
    let path = &followed(path)?;
    file_time::with_mended(path, || open_or_make(path, format))
}

fn open_or_make(path: &Path, format: &Format) -> Result<Connection, StoreError> {
    if !path.try_exists().map_err(StoreError::io)? {
        making::make(path, format)?;
    }
    is_not_empty(path)?;
    if mark::is_log_missing(path, format) {
        return Err(StoreError::damaged(mark::NO_LOG));
    }
    let mut connection = inspect(path)?;
    // The first read takes the lock, and keeps it. It reads the log, and writes nothing.
    let _: i32 = pragma(&connection, "user_version")?;
    if log::is_damaged(&with_suffix(path, PARTS[1])).map_err(StoreError::io)? {
        return Err(StoreError::damaged(GAP));
    }
    mark::check(path, format)?;
    let found = identify(&connection, format)?;
    let mode: String = pragma(&connection, "journal_mode = WAL")?;
    if mode != "wal" {
        return Err(StoreError::damaged(format_args!("its journal is of the kind {mode}")));
    }
    if format.marked_from.is_some() {
        // Its keeper does it, and knows where a log begins.
        pragma::<i32>(&connection, "wal_autocheckpoint = 0")?;
    }
    if is_small(&connection)? {
        // Not the quick check, which trusts the indexes: an item that they hide would be done
        // twice.
        check_whole(&connection, "integrity_check(1)")?;
    }
    bring_forward(&mut connection, format, found)?;
    // Another program that makes a file of this name finds that it exists.
    for part in [UNFINISHED, making::LOCK] {
        drop(fs::remove_file(with_suffix(path, part)));
    }
    Ok(connection)
}

/// Makes sure that something is in the file, which SQLite would take for a new one.
fn is_not_empty(path: &Path) -> Result<(), StoreError> {
    match fs::metadata(path).map_err(StoreError::io)?.len() {
        0 => Err(StoreError::damaged("it is empty, and was not made so")),
        _ => Ok(()),
    }
}

/// Lets SQLite look for damage, with this pragma.
pub(crate) fn check_whole(connection: &Connection, how: &str) -> Result<(), StoreError> {
    let found: String = pragma(connection, how)?;
    if found == "ok" { Ok(()) } else { Err(StoreError::damaged(found)) }
}

/// Whether the file is small enough to be read from end to end while the program starts.
pub(crate) fn is_small(connection: &Connection) -> Result<bool, StoreError> {
    let pages: i64 = pragma(connection, "page_count")?;
    Ok(pages <= SMALL / i64::from(PAGE_SIZE))
}

/// Opens a file for inspection, whatever is wrong with it. Nothing in it is changed.
pub(crate) fn inspect(path: &Path) -> Result<Connection, StoreError> {
    file_time::with_mended(&followed(path)?, || connect(path, OpenFlags::empty()))
}

/// Lets SQLite tidy the file up when it is closed, now that it is known to be sound.
pub(crate) fn trust(connection: &Connection) -> Result<(), StoreError> {
    let off = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
    off.map(|_| ()).map_err(of)
}

/// Has SQLite leave the file and its log as they are when the file is closed.
fn keep_log(connection: &Connection) -> Result<(), StoreError> {
    let on = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    on.map(|_| ()).map_err(of)
}

/// Renames a damaged file, and what belongs to it, so that a new one can be begun under its name.
/// The new name of the file.
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let path = &followed(path)?;
    for number in 1..ASIDE {
        let aside = with_suffix(path, &format!(".damaged-{number}"));
        let taken = PARTS.iter().any(|part| with_suffix(&aside, part).exists());
        if taken {
            continue;
        }
        for part in PARTS.iter().chain(&[UNFINISHED, making::LOCK]) {
            match fs::rename(with_suffix(path, part), with_suffix(&aside, part)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::io(error));
                }
                _ => {}
            }
        }
        sync_folder(path)?;
        return Ok(aside);
    }
    Err(StoreError::Io(Source::new("there are too many damaged files beside it: remove some")))
}

/// The file to which a link leads. SQLite's other files lie beside that file, not beside the link.
/// A new file must not replace the link, least of all while the disk to which it leads is missing.
fn followed(path: &Path) -> Result<PathBuf, StoreError> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(StoreError::Io(Source::new("too many symbolic links lead to it: name the file itself")))
}

/// Makes sure that there is no log of a file that is not there.
fn nothing_is_left_of(path: &Path) -> Result<(), StoreError> {
    for part in &PARTS[1..] {
        // Another program may have made the file first.
        if with_suffix(path, part).exists() && !path.exists() {
            return Err(StoreError::damaged(format_args!("{part} is there, and the file is not")));
        }
    }
    Ok(())
}

/// Opens a file, so that closing it changes nothing in it.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(of)?;
    // SQLite would open it for reading, and would report the lock that it cannot take as an error
    // of the disk.
    if connection.is_readonly("main").map_err(of)? {
        let what = "it may not be written: check its permissions, and how its disk is mounted";
        return Err(StoreError::Io(Source::new(what)));
    }
    // The settings already read the schema, and fail if that is damaged.
    keep_log(&connection)?;
    connection.busy_timeout(std::time::Duration::ZERO).map_err(of)?;
    for setting in SETTINGS {
        let mut statement = connection.prepare(&format!("PRAGMA {setting}")).map_err(of)?;
        // Some pragmas answer with a row, and some do not.
        let mut rows = statement.query([]).map_err(of)?;
        while rows.next().map_err(of)?.is_some() {}
    }
    Ok(connection)
}

/// Makes sure of the kind of the file. Its format, 0 where nothing is in it yet.
fn identify(connection: &Connection, format: &Format) -> Result<i32, StoreError> {
    let known = format.newest();
    let kind: i32 = pragma(connection, "application_id")?;
    let found: i32 = pragma(connection, "user_version")?;
    let blank = kind == 0 && found == 0 && {
        let count = "SELECT count(*) FROM sqlite_schema";
        connection.query_row(count, [], |row| row.get::<_, i64>(0)).map_err(of)? == 0
    };
    match kind {
        _ if blank => Ok(0),
        kind if kind != format.application_id => {
            let what = format!("its application_id is {kind:#x}, not {:#x}", format.application_id);
            Err(StoreError::NotOurs { what })
        }
        _ if found > known => Err(StoreError::Newer { found, known }),
        _ if found < 1 => Err(StoreError::damaged(format_args!("its format is {found}"))),
        _ => Ok(found),
    }
}

/// Brings the file from the format that was found to the newest one, in one transaction.
fn bring_forward(
    connection: &mut Connection,
    format: &Format,
    found: i32,
) -> Result<(), StoreError> {
    let known = format.newest();
    if found == known {
        return Ok(());
    }
    let behaviour = rusqlite::TransactionBehavior::Exclusive;
    let transaction = connection.transaction_with_behavior(behaviour).map_err(of)?;
    match usize::try_from(found).unwrap_or(0).checked_sub(1) {
        None => {
            for tables in format.tables {
                transaction.execute_batch(tables).map_err(of)?;
            }
        }
        Some(done) => {
            for migration in format.migrations.iter().skip(done) {
                migration(&transaction)?;
            }
        }
    }
    transaction.pragma_update(None, "application_id", format.application_id).map_err(of)?;
    transaction.pragma_update(None, "user_version", known).map_err(of)?;
    transaction.commit().map_err(of)
}

fn pragma<T: rusqlite::types::FromSql>(
    connection: &Connection,
    text: &str,
) -> Result<T, StoreError> {
    connection.query_row(&format!("PRAGMA {text}"), [], |row| row.get(0)).map_err(of)
}

/// Writes a folder to disk, and with it the new names in it.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::File::open(folder.unwrap_or(Path::new("."))).map_err(StoreError::io)?;
        folder.sync_all().map_err(StoreError::io)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn of(error: rusqlite::Error) -> StoreError {
    StoreError::of(error)
}

/// The file, and what SQLite keeps beside it.
const PARTS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

const GAP: &str = "its log has a gap, and what was committed after it";

/// A file that is not whole yet.
const UNFINISHED: &str = ".unfinished";

const SETTINGS: [&str; 7] = [
    // One program at a time: each keeps part of the contents in memory.
    "locking_mode = EXCLUSIVE",
    // A commit is on disk when it returns, in a write-ahead log too.
    "synchronous = FULL",
    "fullfsync = ON",
    // Damage is reported where it is found.
    "cell_size_check = ON",
    "trusted_schema = OFF",
    // Removed contents are overwritten when their page is written anyway.
    "secure_delete = FAST",
    // A checkpoint is cheaper than a log that grows without end.
    "wal_autocheckpoint = 1000",
];

/// The page size of most disks and file systems, so that a page is one write.
const PAGE_SIZE: i32 = 4096;

/// Not specified; chosen because to look through so much takes some tenths of a second.
const SMALL: i64 = 64 << 20;

/// The number of links that Linux follows.
const LINKS: u32 = 40;

/// How many damaged files are kept beside each other.
const ASIDE: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite ignores a pragma that it does not know, so a spelling mistake would go unnoticed
    /// until a power cut.
    #[test]
    fn the_settings_hold() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let format = Format {
            application_id: 1,
            tables: &["CREATE TABLE a (b)"],
            migrations: &[],
            marked_from: None,
        };
        for life in ["made", "found"] {
            let connection = open(&path, &format).unwrap();
            let text = |name| pragma::<String>(&connection, name).unwrap();
            assert_eq!((text("journal_mode").as_str(), life), ("wal", life));
            assert_eq!((text("locking_mode").as_str(), life), ("exclusive", life));
            for (name, value) in [
                ("cell_size_check", 1),
                ("fullfsync", 1),
                ("page_size", PAGE_SIZE),
                ("secure_delete", 2),
                ("synchronous", 2),
                ("trusted_schema", 0),
                ("wal_autocheckpoint", 1000),
            ] {
                let found = pragma::<i32>(&connection, name).unwrap();
                assert_eq!(found, value, "{name} of a file that was {life}");
            }
        }
    }
}
