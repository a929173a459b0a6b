//! Lines up to LF, found by memchr, a CR cut off at their end, and nothing else: the practical
//! floor. It has no limit, ends no line at a CR, and takes data that hold a LF for two lines.

use memchr::memchr;

use crate::{Parser, Seen};

/// A splitter, and what is asked of each line.
pub struct Lines<Ask> {
    kept: Vec<u8>,
    ask: Ask,
}

impl<Ask: FnMut(&[u8], &mut Seen)> Lines<Ask> {
    pub fn new(ask: Ask) -> Self {
        Self { kept: Vec::new(), ask }
    }
}

impl<Ask: FnMut(&[u8], &mut Seen)> Parser for Lines<Ask> {
    fn read(&mut self, mut bytes: &[u8], seen: &mut Seen) {
        while let Some(end) = memchr(b'\n', bytes) {
            let mut line = &bytes[..end];
            bytes = &bytes[end + 1..];
            if !self.kept.is_empty() {
                self.kept.extend_from_slice(line);
                line = &self.kept;
            }
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                (self.ask)(line, seen);
            }
            self.kept.clear();
        }
        self.kept.extend_from_slice(bytes);
    }
}
