//! Whether a path still leads to the terminal to which it led before.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use m26_pay::error::Error;

use crate::common::check;

/// When the pseudo-terminal was made that this path names. `None` if it names none, or is a link,
/// which its maker lets lead to another one.
pub(crate) fn made(path: &str) -> Option<Made> {
    let found = fs::symlink_metadata(path).ok()?;
    let named = Path::new(path).starts_with("/dev/pts") && !found.is_symlink();
    named.then(|| (found.ctime(), found.ctime_nsec()))
}

/// As [`check`](crate::common::check), of a path that named this terminal before.
pub(crate) fn check_again(path: &str, before: Option<Made>) -> Result<(), Error> {
    match (before, made(path)) {
        (Some(before), Some(now)) if before != now => Err(another(format!(
            "{path} is another terminal than before: who made that one has ended; start the \
             simulator again, with a --link"
        ))),
        _ => check(path),
    }
}

/// When a terminal was made, in seconds and nanoseconds.
pub(crate) type Made = (i64, i64);

fn another(doing: String) -> Error {
    Error::Io { doing, source: io::ErrorKind::InvalidInput.into() }
}
