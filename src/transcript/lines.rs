//! Splits the traffic into lines, in both directions.

use memchr::memchr2;

use super::Direction;

/// Splits the traffic into lines, with their line ends.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line that has not ended, for each direction.
    from_module: Vec<u8>,
    to_module: Vec<u8>,
}

impl Lines {
    /// Takes these bytes, and gives the lines that ended with them to `each`.
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

/// Logs each line at TRACE, with secrets replaced as in a recording: see [`mask`](super::mask).
#[cfg(any(feature = "async", feature = "blocking"))]
#[derive(Debug, Default)]
pub(crate) struct LineLog(Lines);

#[cfg(any(feature = "async", feature = "blocking"))]
impl LineLog {
    /// Takes these bytes.
    pub(crate) fn pass(&mut self, direction: Direction, bytes: &[u8]) {
        if !crate::log::enabled!(tracing::Level::TRACE) {
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
                Direction::FromModule => crate::log::trace!(%line, "received"),
                Direction::ToModule => crate::log::trace!(%line, "sent"),
            }
        });
    }
}

pub(super) fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// A longer line is given in pieces: it is not one that this crate reads.
const PARTIAL: usize = 8192;
