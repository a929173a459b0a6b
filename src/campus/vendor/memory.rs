//! Memory that a decoder in C is given.

use crate::campus::decoder::{MisbehaviourError, ResultCode, ReturnValue, Verdict};

/// How many bytes of a pattern lie before and after each piece of memory that a decoder is given.
/// Not specified; chosen so that a library which takes its own greatest buffer for granted, and not
/// the length that it was told, is found out.
pub const SLACK: usize = 4096;

/// A piece of memory for C, inside a larger one that shows what was written outside of it.
pub(super) struct Memory {
    field: &'static str,
    bytes: Vec<u8>,
    start: usize,
    capacity: usize,
}

impl Memory {
    /// Zeros.
    pub(super) fn new(field: &'static str, capacity: usize) -> Self {
        let mut bytes = vec![0; PATTERN.len() + capacity + PATTERN.len()];
        let start = SLACK + bytes[SLACK..].as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        bytes[..start].copy_from_slice(&PATTERN[..start]);
        bytes.truncate(start + capacity + PATTERN.len());
        bytes[start + capacity..].copy_from_slice(&PATTERN);
        Self { field, bytes, start, capacity }
    }

    /// These bytes.
    pub(super) fn holding(field: &'static str, content: &[u8]) -> Self {
        let mut memory = Self::new(field, content.len());
        memory.bytes[memory.start..][..content.len()].copy_from_slice(content);
        memory
    }

    /// Where it is. Aligned for anything, and valid for as many bytes as `capacity` and
    /// [`SLACK`] more on both sides.
    pub(super) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr().wrapping_add(self.start)
    }

    pub(super) fn capacity(&self) -> u32 {
        // A code and a structure are far from the limit.
        u32::try_from(self.capacity).unwrap_or(u32::MAX)
    }

    /// All of it.
    pub(super) fn content(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.capacity]
    }

    /// The first bytes of it, as many as the decoder says that it wrote.
    pub(super) fn first(&self, length: u32) -> Result<&[u8], MisbehaviourError> {
        let first = usize::try_from(length).ok().and_then(|length| self.content().get(..length));
        let (field, capacity) = (self.field, self.capacity());
        first.ok_or(MisbehaviourError::Length { field, length, capacity })
    }

    /// The beginning of it.
    pub(super) fn array<const N: usize>(&self) -> [u8; N] {
        self.content().first_chunk().copied().unwrap_or([0; N])
    }

    /// The number at its beginning, as C writes it.
    pub(super) fn number(&self) -> u32 {
        u32::from_ne_bytes(self.array())
    }

    /// That nothing was written outside of it.
    pub(super) fn check(&self) -> Result<(), MisbehaviourError> {
        let (before, rest) = self.bytes.split_at(self.start);
        if before == &PATTERN[..self.start] && rest[self.capacity..] == PATTERN {
            Ok(())
        } else {
            Err(MisbehaviourError::Overrun { field: self.field, capacity: self.capacity() })
        }
    }
}

/// What a decoder said about a code: what it returned, and the string in `result`.
///
/// Of a refusal nothing else is read, so there the string ends at its NUL if not where the decoder
/// says.
pub(super) fn verdict(
    return_value: i32,
    result: &Memory,
    length: u32,
) -> Result<Verdict, MisbehaviourError> {
    let return_value = ReturnValue(return_value);
    let text = match result.first(length) {
        Ok(text) => text,
        Err(_) if return_value != ReturnValue::OK => result.content(),
        Err(error) => return Err(error),
    };
    Ok(Verdict { result: Some(ResultCode::new(text)), return_value: Some(return_value) })
}

/// The alignment of every number, pointer and structure.
const ALIGNMENT: usize = 16;

/// The bytes around the memory. None is a NUL or text.
static PATTERN: [u8; SLACK + ALIGNMENT] = {
    let mut pattern = [0; SLACK + ALIGNMENT];
    let mut index = 0;
    while index < pattern.len() {
        pattern[index] = 0x80 | (index * 37 % 0x80) as u8;
        index += 1;
    }
    pattern
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_outside_is_watched(
            content in prop::collection::vec(any::<u8>(), 0..600),
            place: prop::sample::Index,
            change in 1..=255_u8,
        ) {
            let mut memory = Memory::holding("sample", &content);
            prop_assert_eq!(memory.as_mut_ptr().align_offset(ALIGNMENT), 0);
            prop_assert_eq!(memory.content(), &content[..]);
            prop_assert!(memory.start >= SLACK);
            prop_assert!(memory.bytes.len() >= memory.start + content.len() + SLACK);
            let place = place.index(memory.bytes.len());
            memory.bytes[place] ^= change;
            let inside = (memory.start..memory.start + content.len()).contains(&place);
            let capacity = memory.capacity();
            let overrun = Err(MisbehaviourError::Overrun { field: "sample", capacity });
            prop_assert_eq!(memory.check(), if inside { Ok(()) } else { overrun });
        }
    }

    #[test]
    fn only_lengths_inside_are_believed() {
        let memory = Memory::holding("sample", b"12345");
        assert_eq!(memory.first(5), Ok(&b"12345"[..]));
        assert_eq!(memory.first(0), Ok(&b""[..]));
        for length in [6, 0x8000_0000, u32::MAX] {
            let error = MisbehaviourError::Length { field: "sample", length, capacity: 5 };
            assert_eq!(memory.first(length), Err(error));
        }
    }
}
