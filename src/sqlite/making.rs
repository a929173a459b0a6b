//! How a new file comes to be.
//!
//! One program at a time makes it, and SQLite itself writes to no unfinished file: with a name that the
//! next unfinished file gets too, the journal of one would be rolled back into the other.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{Format, StoreError, UNFINISHED, image, nothing_is_left_of, sync_folder, with_suffix};

/// Makes a new file, which appears under its name when it is whole.
pub(super) fn make(path: &Path, format: &Format) -> Result<(), StoreError> {
    nothing_is_left_of(path)?;
    let made = alone(path, || {
        if path.exists() {
            return Ok(());
        }
        let new = with_suffix(path, UNFINISHED);
        let made = image::make(&new, format)
            .and_then(|()| fs::rename(&new, path).map_err(StoreError::io))
            .and_then(|()| sync_folder(path));
        drop(fs::remove_file(&new));
        made
    });
    match made {
        // By somebody else.
        Err(StoreError::InUse) if path.exists() => Ok(()),
        made => made,
    }
}

/// Does this while nobody else makes a file of this name. [`StoreError::InUse`] if somebody does.
pub(super) fn alone(
    path: &Path,
    make: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let lock_path = with_suffix(path, LOCK);
    let mut options = fs::OpenOptions::new();
    let lock = options.write(true).create(true).truncate(false).mode(0o600).open(&lock_path);
    let lock = lock.map_err(StoreError::io)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(StoreError::InUse),
        Err(error) => return Err(StoreError::io(error.into())),
    }
    // Who had the lock before has removed the file.
    if !is_named(&lock, &lock_path).map_err(StoreError::io)? {
        return Err(StoreError::InUse);
    }
    let made = make();
    drop(fs::remove_file(&lock_path));
    made
}

/// Whether an open file still has this name.
fn is_named(file: &fs::File, path: &Path) -> io::Result<bool> {
    let of = |found: fs::Metadata| (found.dev(), found.ino());
    match fs::metadata(path) {
        Ok(found) => Ok(of(found) == of(file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whoever makes a file holds the lock of this one meanwhile.
pub(super) const LOCK: &str = ".making";
