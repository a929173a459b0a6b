//! [`RecordingFile`]: the file that a recording goes to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::header::{BEGIN, RecordingHeader, begins};
use crate::advice::{self, Advice};

/// A file that a recording goes to: a new one, or one with recordings, behind which it is written.
///
/// Nothing is ever overwritten, and a file that holds anything else is not touched. While one program
/// writes to the file no other one does.
///
/// ```
/// use m26_pay::transcript::{RecordingError, RecordingFile, RecordingHeader};
/// use m26_pay::unix_time::UnixMillis;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("line.at");
/// let header = RecordingHeader::new(UnixMillis(1_548_811_777_000)).port("/dev/ttyUSB0");
/// // Give it to `record` of a client or a session.
/// drop(RecordingFile::open(&path, &header)?);
/// drop(RecordingFile::open(&path, &header)?);
/// assert_eq!(std::fs::read_to_string(&path)?, header.to_string().repeat(2));
///
/// std::fs::write(&path, "a letter")?;
/// let refused = RecordingFile::open(&path, &header);
/// assert!(matches!(refused, Err(RecordingError::NotARecording { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RecordingFile(File);

/// Why nothing can be recorded to a file. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// Another program, or another connection of this one, is recording to it.
    #[error("{path} is in use by another recording; name another file")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be opened or written.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something, and it is no file that begins with a [`RecordingHeader`].
    #[error(
        "{path} is there and is not a recording with a header, so it is left as it is; name another \
         file"
    )]
    NotARecording {
        /// The file.
        path: PathBuf,
    },
}

impl RecordingError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::InUse { .. } => advice::module::RECORDING_IN_USE,
            Self::Io { .. } => advice::module::RECORDING_FAILED,
            Self::NotARecording { .. } => advice::module::RECORDING_OTHER,
        }
    }
}

impl RecordingFile {
    /// Makes the file, or opens one that holds recordings, and writes the header at its end.
    ///
    /// # Errors
    /// If the file holds anything else, is in use by another recording, or cannot be written.
    pub fn open(path: impl AsRef<Path>, header: &RecordingHeader) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        let failed = |source| RecordingError::Io { path: path.to_owned(), source };
        // A pipe or a device is not even opened: that alone may wait for somebody, or reset a modem.
        match path.metadata() {
            Ok(found) if !found.is_file() => return Err(not_ours(path)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(RecordingError::InUse { path: path.to_owned() }),
            Err(error) => return Err(failed(error.into())),
        }
        let text = match contents(&mut file).map_err(failed)? {
            Contents::Nothing | Contents::Recordings => header.to_string(),
            // The line that was cut short when the power failed ends here.
            Contents::TornRecordings => format!("\n{header}"),
            Contents::Other => return Err(not_ours(path)),
        };
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(Self(file))
    }
}

impl Write for RecordingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What is in a file.
enum Contents {
    Nothing,
    Recordings,
    /// Its last line has no end.
    TornRecordings,
    Other,
}

fn contents(file: &mut File) -> io::Result<Contents> {
    let mut first = String::new();
    let limit = BEGIN.len() as u64 + 2;
    match BufReader::new(&*file).take(limit).read_line(&mut first) {
        Ok(0) => return Ok(Contents::Nothing),
        Ok(_) if begins(&first) && first.ends_with('\n') => {}
        Ok(_) => return Ok(Contents::Other),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Contents::Other),
        Err(error) => return Err(error),
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(if last == *b"\n" { Contents::Recordings } else { Contents::TornRecordings })
}

fn not_ours(path: &Path) -> RecordingError {
    RecordingError::NotARecording { path: path.to_owned() }
}
