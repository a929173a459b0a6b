//! What a fuzzer gives, taken apart.

/// Bytes that are read from the front. Where there are none any more, zeros follow.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// So many bytes, or what is left of them.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// The bytes before this one, which is taken as well.
    pub fn until(&mut self, end: u8) -> &'a [u8] {
        let count = self.0.iter().position(|byte| *byte == end).unwrap_or(self.0.len());
        let taken = self.take(count);
        self.byte();
        taken
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// Text in which some bytes stand for what a fuzzer would hardly find by itself.
///
/// ```text
/// 1a       MARKER
/// 1b b n   n + 1 times 32 bytes b: lines longer than the limit
/// 1d       CR and LF
/// ```
pub fn unfold(data: &[u8]) -> Vec<u8> {
    let mut source = Source::new(data);
    let mut text = Vec::with_capacity(data.len());
    while !source.is_empty() {
        match source.byte() {
            0x1a => text.extend_from_slice(MARKER.as_bytes()),
            0x1b => {
                let (byte, count) = (source.byte(), usize::from(source.byte()) + 1);
                text.resize(
                    text.len() + 32 * count.min(LONGEST.saturating_sub(text.len()) / 32),
                    byte,
                );
            }
            0x1d => text.extend_from_slice(b"\r\n"),
            byte => text.push(byte),
        }
    }
    text
}

/// What must not be shown where a secret may stand. No prefix of a line can hold it, because of its
/// signs.
pub const MARKER: &str = "s3-cr3t";

/// No text shows it.
#[track_caller]
pub fn assert_hidden(text: &str) {
    assert!(!text.contains(MARKER), "a secret shows: {text}");
}

/// Enough for some lines above the limit.
const LONGEST: usize = 16 * 1024;
