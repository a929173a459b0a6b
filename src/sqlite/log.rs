//! Looking for damage in a write-ahead log.
//!
//! SQLite takes the first frame that is not whole for the end of the log, as a power cut leaves it.
//! So one flipped bit in the middle would end the log there, and all later commits would be lost
//! silently. But a commit begins only when the one before it is on disk. So there is no second
//! commit after a frame that a power cut has left unwritten: if two commits follow a frame that is
//! not whole, the log was damaged.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

/// Whether commits are lost behind a damaged place of this log. There may be no log.
pub(super) fn is_damaged(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => Log::check(BufReader::with_capacity(1 << 16, file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes of this log. There may be no log.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(log) => Ok(Some(log)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was committed in a log.
#[derive(Debug, Default)]
pub(super) struct Committed {
    /// The number of each page that was written, in order, and where in the log it begins.
    pub(super) frames: Vec<(u32, usize)>,
    /// How many pages the file has after that.
    pub(super) pages: u32,
    /// The bytes of a page.
    pub(super) page_size: usize,
}

impl Committed {
    /// As SQLite takes it: up to the last commit before the first frame that is not whole.
    pub(super) fn of(log: &[u8]) -> Self {
        let mut committed = Self::default();
        let Some((mut log, mut sum)) = Log::open(log).ok().flatten() else { return committed };
        committed.page_size = log.frame.len() - FRAME;
        let (mut at, mut open) = (HEADER, Vec::new());
        while matches!(log.next(), Ok(true)) {
            let made = log.sum(sum);
            if !log.is_of_this_log() || made != log.written() {
                break;
            }
            open.push((word(&log.frame, 0, true), at + FRAME));
            if log.is_commit() {
                committed.frames.append(&mut open);
                committed.pages = word(&log.frame, 4, true);
            }
            (sum, at) = (made, at + log.frame.len());
        }
        committed
    }
}

/// What the header of a log says (SQLite file format, 4.1).
struct Log<R> {
    source: R,
    /// Whether the checksums are made of big-endian words.
    big_endian: bool,
    salt: [u8; 8],
    frame: Vec<u8>,
}

/// A running checksum.
type Sum = [u32; 2];

impl<R: Read> Log<R> {
    fn check(source: R) -> io::Result<bool> {
        let (mut log, sum) = match Self::header(source)? {
            None => return Ok(false),
            Some(header) => header,
        };
        match sum {
            Some(sum) => log.walk(sum),
            // A header that was not written completely belongs to another log than the frames.
            None => Ok(log.next()? && log.frame[8..16] == log.salt),
        }
    }

    /// A log whose header is sound, and the header's checksum.
    fn open(source: R) -> io::Result<Option<(Self, Sum)>> {
        Ok(Self::header(source)?.and_then(|(log, sum)| Some((log, sum?))))
    }

    /// A log that has a header, and the header's checksum if it is sound.
    fn header(mut source: R) -> io::Result<Option<(Self, Option<Sum>)>> {
        let mut header = [0; HEADER];
        if !fill(&mut source, &mut header)? {
            return Ok(None);
        }
        let word = |at: usize| word(&header, at, true);
        let big_endian = word(0) == MAGIC | 1;
        let page = word(8) as usize;
        let mut log = Self { source, big_endian, salt: [0; 8], frame: vec![0; FRAME] };
        log.salt.copy_from_slice(&header[16..24]);
        let sum = log.add([0, 0], &header[..24]);
        let sound = word(0) | 1 == MAGIC | 1 && sum == [word(24), word(28)];
        if !sound || !page.is_power_of_two() || !(512..=65_536).contains(&page) {
            return Ok(Some((log, None)));
        }
        log.frame = vec![0; FRAME + page];
        Ok(Some((log, Some(sum))))
    }

    /// Goes from frame to frame, from the header's checksum on.
    fn walk(&mut self, mut sum: Sum) -> io::Result<bool> {
        while self.next()? {
            let (made, written) = (self.sum(sum), self.written());
            if self.is_of_this_log() && made == written {
                sum = made;
                continue;
            }
            // Either the frame is wrong, or its checksum.
            let commits = usize::from(self.is_commit());
            return self.goes_on(commits, &[made, written]);
        }
        Ok(false)
    }

    /// Whether the log goes on from one of these checksums, so that there are two commits.
    fn goes_on(&mut self, mut commits: usize, from: &[Sum]) -> io::Result<bool> {
        let mut from = from.to_vec();
        while self.next()? {
            let written = self.written();
            if !self.is_of_this_log() || !from.iter().any(|sum| self.sum(*sum) == written) {
                return Ok(false);
            }
            commits += usize::from(self.is_commit());
            if commits > 1 {
                return Ok(true);
            }
            from = vec![written];
        }
        Ok(false)
    }

    /// Reads the next frame, if there is a whole one.
    fn next(&mut self) -> io::Result<bool> {
        fill(&mut self.source, &mut self.frame)
    }

    fn is_of_this_log(&self) -> bool {
        self.frame[8..16] == self.salt
    }

    fn is_commit(&self) -> bool {
        word(&self.frame, 4, true) != 0
    }

    /// The checksum that was written with the frame.
    fn written(&self) -> Sum {
        [word(&self.frame, 16, true), word(&self.frame, 20, true)]
    }

    /// The checksum of the frame, after that of the frame before it.
    fn sum(&self, before: Sum) -> Sum {
        self.add(self.add(before, &self.frame[..8]), &self.frame[FRAME..])
    }

    fn add(&self, [mut first, mut second]: Sum, bytes: &[u8]) -> Sum {
        for at in (0..bytes.len()).step_by(8) {
            first = first.wrapping_add(word(bytes, at, self.big_endian)).wrapping_add(second);
            second = second.wrapping_add(word(bytes, at + 4, self.big_endian)).wrapping_add(first);
        }
        [first, second]
    }
}

fn word(bytes: &[u8], at: usize, big_endian: bool) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    if big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
}

/// Fills the buffer. `false` if the file ends before that.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match source.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes of the log's header, and of a frame's.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// Its last bit is set if the checksums are made of big-endian words.
const MAGIC: u32 = 0x377F_0682;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    /// A log with so many commits, each of one frame, and one of several at the end if wanted.
    fn log(commits: usize, large: bool) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        for number in 0..commits {
            connection.execute("INSERT INTO t VALUES (?1)", [number as i64]).unwrap();
        }
        if large {
            connection.execute("INSERT INTO t VALUES (zeroblob(20000))", []).unwrap();
        }
        std::fs::read(folder.path().join("db-wal")).unwrap()
    }

    fn is_damaged(log: &[u8]) -> bool {
        Log::check(log).unwrap()
    }

    #[test]
    fn a_log_and_each_part_of_it_are_sound() {
        // Each length is looked at from the beginning: with the length the time grows squared.
        let logs = [log(0, false), log(5, false), log(3, true)];
        std::thread::scope(|scope| {
            for (log, first) in logs.iter().flat_map(|log| (0..4).map(move |first| (log, first))) {
                scope.spawn(move || {
                    let mut lengths = (first..=log.len()).step_by(4);
                    assert!(lengths.all(|length| !is_damaged(&log[..length])));
                });
            }
        });
    }

    #[test]
    fn what_a_power_cut_leaves_is_sound() {
        // The last commit has several frames, any of which may not have been written.
        let log = log(3, true);
        let frame = FRAME + 4096;
        let (begin, end) = (HEADER + 3 * frame, log.len());
        for at in (begin..end).step_by(frame) {
            let mut torn = log.clone();
            torn[at..at + frame].fill(0);
            assert!(!is_damaged(&torn));
            // Nor may only its data.
            let mut torn = log.clone();
            torn[at + FRAME..at + frame].fill(0x55);
            assert!(!is_damaged(&torn));
        }
    }

    #[test]
    fn frames_of_an_older_log_are_no_damage() {
        let (mut new, old) = (log(2, false), log(6, true));
        let rest = old[new.len()..].to_vec();
        new.extend(rest);
        assert!(!is_damaged(&new));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn a_flipped_bit_before_the_last_commit_is_told(
            commits in 2..8usize,
            at in any::<prop::sample::Index>(),
            bit in 0..8u8,
        ) {
            let mut log = log(commits, false);
            let last = log.len() - FRAME - 4096;
            let at = at.index(last);
            log[at] ^= 1 << bit;
            // The header's salt says of which log the frames are, so it has to be believed; and
            // without its commit a frame could be part of the next one.
            let salt = (16..24).contains(&at);
            let commit = at > HEADER && (4..8).contains(&((at - HEADER) % (FRAME + 4096)));
            prop_assert!(is_damaged(&log) || salt || commit);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            is_damaged(&bytes);
        }
    }
}
