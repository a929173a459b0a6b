//! Files from after 2038-01-19, where SQLite's times have 32 bits.
//!
//! SQLite asks the system for the size of a file. With the 32-bit times that glibc has on 32-bit
//! machines, the system answers EOVERFLOW if a time of the file does not fit, whatever its size. So
//! a clock that was wrong once would close a file for ever, and no log would be brought into its
//! file again. Here such a file gets the present time before SQLite sees it.
//!
//! The time of the last change of status (stat(2), `st_ctime`) is always the system's own. So
//! nothing helps while the clock itself is after 2038, but that SQLite is compiled with 64-bit times;
//! whether it is cannot be seen from here.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW};

use super::{PARTS, StoreError, with_suffix};

/// Does this work with the file, whose time is mended before. Says so if that did not help.
pub(crate) fn with_mended<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    mend(path);
    work().map_err(|error| match error {
        StoreError::Io(_) if NARROW && is_any_late(path) => StoreError::After2038,
        other => other,
    })
}

/// The same for a file that is open.
pub(crate) fn with_mended_open<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    match connection.path() {
        Some(path) => with_mended(Path::new(path), work),
        None => work(),
    }
}

/// Sets the time of an open file anew, as [`with_mended`] does.
#[cfg(feature = "campus")]
pub(crate) fn mend_open(connection: &Connection) {
    if let Some(path) = connection.path() {
        mend(Path::new(path));
    }
}

/// Sets the time of the file anew, and of what belongs to it, where SQLite may not know it.
fn mend(path: &Path) {
    if !NARROW {
        return;
    }
    for part in parts(path).filter(|part| is_late(part)) {
        // Not by opening it: to close it would end the lock that this program may have on it (POSIX,
        // close()). Where this is refused, SQLite tells what follows from it.
        let _refused = rustix::fs::utimensat(CWD, &part, &NOW, AtFlags::empty());
    }
}

fn is_any_late(path: &Path) -> bool {
    parts(path).any(|part| is_late(&part))
}

fn parts(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    PARTS.iter().map(|part| with_suffix(path, part))
}

/// Whether a time of the file does not fit into 32 bits. No time of a file that is not there is late.
fn is_late(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok_and(|file| {
        [file.st_atime, file.st_mtime, file.st_ctime].iter().any(|time| *time > LAST)
    })
}

/// Whether the C library has 32-bit times, unless SQLite is compiled otherwise. musl has none since
/// version 1.2.
const NARROW: bool = cfg!(all(target_pointer_width = "32", target_env = "gnu"));

/// 2038-01-19T03:14:07Z.
const LAST: i64 = i32::MAX as i64;

const NOW: Timestamps = {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    Timestamps { last_access: now, last_modification: now }
};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    const IN_2040: Duration = Duration::from_secs(2_208_988_800);

    fn age(path: &Path) {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + IN_2040).unwrap();
    }

    #[test]
    fn a_late_time_is_mended_before_and_told_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        for part in ["", "-wal"] {
            fs::write(with_suffix(&path, part), "").unwrap();
            age(&with_suffix(&path, part));
        }
        assert!(is_any_late(&path));
        let told = with_mended(&path, || {
            assert_eq!(is_any_late(&path), !NARROW);
            // The clock is still wrong.
            age(&path);
            Err::<(), _>(StoreError::io(std::io::Error::other("what SQLite says")))
        });
        assert_eq!(matches!(told, Err(StoreError::After2038)), NARROW);
        assert_eq!(matches!(told, Err(StoreError::Io(_))), !NARROW);
    }

    #[test]
    fn other_errors_are_told_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        fs::write(&path, "").unwrap();
        let told = with_mended(&path, || {
            age(&path);
            Err::<(), _>(StoreError::InUse)
        });
        assert!(matches!(told, Err(StoreError::InUse)));
    }
}
