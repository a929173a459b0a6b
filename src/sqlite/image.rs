//! A file as it is now, in memory: also while another program has it open, and where it may not be
//! written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::log::{self, Committed};
use super::{
    Format, PAGE_SIZE, StoreError, UNFINISHED, bring_forward, check_whole, file_time, followed,
    identify, is_not_empty, is_small, making, mark, nothing_is_left_of, of, pragma, sync_folder,
    with_suffix,
};

/// Opens a copy in memory of the file with its log. Nothing is written to the disk.
pub(crate) fn open(path: &Path, format: &Format) -> Result<Connection, StoreError> {
    let path = &followed(path)?;
    file_time::with_mended(path, || open_copy(path, format))
}

fn open_copy(path: &Path, format: &Format) -> Result<Connection, StoreError> {
    nothing_is_left_of(path)?;
    is_not_empty(path)?;
    let mut connection = in_memory(&read(path, format)?)?;
    let found = identify(&connection, format)?;
    if is_small(&connection)? {
        check_whole(&connection, "integrity_check(1)")?;
    }
    bring_forward(&mut connection, format, found)?;
    Ok(connection)
}

/// Writes a new file, in which nothing is yet.
pub(super) fn make(path: &Path, format: &Format) -> Result<(), StoreError> {
    let mut memory = Connection::open_in_memory().map_err(of)?;
    memory.pragma_update(None, "page_size", PAGE_SIZE).map_err(of)?;
    bring_forward(&mut memory, format, 0)?;
    let mut bytes = memory.serialize(MAIN_DB).map_err(of)?.to_vec();
    // With a log (SQLite file format, 1.3.3).
    if let Some(versions) = bytes.get_mut(VERSIONS) {
        versions.fill(2);
    }
    write(path, &bytes).map_err(StoreError::io)
}

/// Writes a copy of the file with its log to a new file, which is whole without a log.
pub(crate) fn back_up(path: &Path, to: &Path, format: &Format) -> Result<(), StoreError> {
    for part in super::PARTS {
        if with_suffix(to, part).symlink_metadata().is_ok() {
            let error = io::Error::new(io::ErrorKind::AlreadyExists, TAKEN);
            return Err(StoreError::io(error));
        }
    }
    let copy = open(path, format)?;
    // Another file, to which no log of this one belongs.
    copy.execute_batch(OWN_MARK).map_err(of)?;
    let bytes = copy.serialize(MAIN_DB).map_err(of)?;
    let part = with_suffix(to, UNFINISHED);
    making::alone(to, || {
        let written = write(&part, &bytes).and_then(|()| fs::hard_link(&part, to));
        drop(fs::remove_file(&part));
        written.map_err(StoreError::io)?;
        sync_folder(to)
    })
}

/// Opens a file as if it had no log, and never writes to it.
pub(super) fn without_log(path: &Path) -> Result<Connection, StoreError> {
    let name = percent_encode(path.as_os_str().as_bytes(), IN_A_NAME);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).map_err(of)
}

/// The bytes of the file with all that was committed. Another program may write to it meanwhile.
fn read(path: &Path, format: &Format) -> Result<Vec<u8>, StoreError> {
    let log = with_suffix(path, "-wal");
    let mut error = StoreError::InUse;
    for _ in 0..TRIES {
        let file = match bytes(path) {
            Ok(file) => file,
            // It may be half of the old and half of the new.
            Err(other) => {
                error = other;
                continue;
            }
        };
        let before = log::read(&log).map_err(StoreError::io)?;
        let after = log::read(&log).map_err(StoreError::io)?;
        // What the file lacks is in the log, if neither a log was brought into the file nor another
        // one begun meanwhile.
        let same = match (&before, &after) {
            (Some(before), Some(after)) => after.starts_with(before),
            (None, None) => true,
            _ => false,
        };
        error = StoreError::InUse;
        if same && bytes(path).is_ok_and(|again| again == file) {
            return with_log(path, file, before.as_deref(), format);
        }
    }
    Err(error)
}

/// The bytes of the file alone. SQLite reads them: where this program has the file open, to open and
/// close it in any other way would end its lock (POSIX, close()).
fn bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    let file = without_log(path)?;
    // It tells what is no SQLite file.
    let _: i32 = pragma(&file, "user_version")?;
    match file.serialize(MAIN_DB) {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(_) => Err(StoreError::damaged("it cannot be read to its end")),
    }
}

/// Carries out what a log says, as SQLite does when it opens a file.
fn with_log(
    path: &Path,
    mut file: Vec<u8>,
    log: Option<&[u8]>,
    format: &Format,
) -> Result<Vec<u8>, StoreError> {
    if log::is_damaged(&with_suffix(path, "-wal")).map_err(StoreError::io)? {
        return Err(StoreError::damaged(super::GAP));
    }
    let memory = in_memory(&file)?;
    let version: i32 = pragma(&memory, "user_version")?;
    if format.marked_from.is_some_and(|first| version >= first) {
        mark::check_parts(&memory, log)?;
    }
    drop(memory);
    let Some(log) = log else { return Ok(file) };
    let committed = Committed::of(log);
    if committed.frames.is_empty() {
        return Ok(file);
    }
    let size = committed.page_size;
    let pages = committed.pages as usize;
    // A page that the file has not is in the log.
    if pages > file.len() / size + committed.frames.len() {
        return Err(StoreError::damaged("its log tells of more pages than there are"));
    }
    for (page, at) in &committed.frames {
        let from = (*page as usize).saturating_sub(1).saturating_mul(size);
        let until = from.saturating_add(size);
        if until > pages * size {
            continue;
        }
        if file.len() < until {
            file.resize(until, 0);
        }
        file[from..until].copy_from_slice(&log[*at..*at + size]);
    }
    file.resize(pages * size, 0);
    Ok(file)
}

fn in_memory(file: &[u8]) -> Result<Connection, StoreError> {
    let mut file = file.to_vec();
    // "No log" (SQLite file format, 1.3.3): in memory there is none.
    if let Some(versions) = file.get_mut(VERSIONS) {
        versions.fill(1);
    }
    let mut connection = Connection::open_in_memory().map_err(of)?;
    let length = file.len();
    connection.deserialize_read_exact(MAIN_DB, &file[..], length, false).map_err(of)?;
    Ok(connection)
}

/// A new file, which only its owner may read.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    drop(fs::remove_file(path));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

const OWN_MARK: &str =
    "UPDATE log SET open = 0, mark = CAST(randomblob(16) || x'0000000000000000' AS BLOB)";

/// What stands for itself in the name of a file.
const IN_A_NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Where SQLite's header says whether there may be a log.
const VERSIONS: std::ops::Range<usize> = 18..20;

/// Not specified; chosen because a till that writes without a pause is none.
const TRIES: u32 = 50;

const TAKEN: &str = "a file of that name is there already, and was left as it is: name another one";
