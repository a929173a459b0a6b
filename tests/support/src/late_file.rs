//! Files that were written while a clock was wrong.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The file, and SQLite's log of it if there is one, are as if they had been written in 2040.
pub fn written_in_2040(path: &Path) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(2_208_988_800);
    let times = FileTimes::new().set_accessed(time).set_modified(time);
    for part in [path, &log_of(path)].into_iter().filter(|part| part.exists()) {
        File::options().write(true).open(part).unwrap().set_times(times).unwrap();
    }
}

/// SQLite's log of a file.
pub fn log_of(path: &Path) -> PathBuf {
    format!("{}-wal", path.display()).into()
}
