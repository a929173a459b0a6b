//! The lines of what passes, in both directions.

use memchr::memchr2;

use super::Direction;

/// Takes what passes apart into lines, with their line ends.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What has come of a line, for each direction.
    from_module: Vec<u8>,
    to_module: Vec<u8>,
}

impl Lines {
    /// These bytes passed; `each` gets the lines that ended with them.
    pub(super) fn feed(&mut self, direction: Direction, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let partial = self.partial(direction);
        let mut rest = bytes;
        while let Some(end) = memchr2(b'\r', b'\n', rest) {
            let ends = rest[end..].iter().take_while(|byte| is_line_end(byte)).count();
            let (line, later) = rest.split_at(end + ends);
            partial.extend_from_slice(line);
            each(partial);
            partial.clear();
            rest = later;
        }
        partial.extend_from_slice(rest);
        if partial.len() > PARTIAL {
            each(partial);
            partial.clear();
        }
    }

    /// The line that has not ended.
    pub(super) fn take(&mut self, direction: Direction) -> Vec<u8> {
        std::mem::take(self.partial(direction))
    }

    fn partial(&mut self, direction: Direction) -> &mut Vec<u8> {
        match direction {
            Direction::FromModule => &mut self.from_module,
            Direction::ToModule => &mut self.to_module,
        }
    }
}

/// Logs each line that passes, at TRACE, secrets replaced as in a recording: see
/// [`mask`](super::mask).
#[cfg(any(feature = "async", feature = "blocking"))]
#[derive(Debug, Default)]
pub(crate) struct LineLog(Lines);

#[cfg(any(feature = "async", feature = "blocking"))]
impl LineLog {
    /// These bytes passed.
    pub(crate) fn pass(&mut self, direction: Direction, bytes: &[u8]) {
        if !tracing::enabled!(tracing::Level::TRACE) {
            return;
        }
        self.0.feed(direction, bytes, |line| {
            let line = line.trim_ascii();
            if line.is_empty() {
                return;
            }
            let masked = super::mask(line);
            let line = super::Escaped(&masked);
            match direction {
                Direction::FromModule => tracing::trace!(%line, "received"),
                Direction::ToModule => tracing::trace!(%line, "sent"),
            }
        });
    }
}

pub(super) fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// A line that is longer is given in pieces: it is none that this crate reads.
const PARTIAL: usize = 8192;
