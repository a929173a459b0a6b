//! The beginning of a line, while it grows.

use super::scan::{is_end, is_idle, up_to_cr};

/// The beginning of a line, in a buffer that takes a byte alone in a few instructions: all of the
/// buffer is there before it is used, so that one comparison says whether there is room, whether
/// the line may get longer, and whether it is its turn at all.
#[derive(Default)]
pub(super) struct Begun {
    buffer: Vec<u8>,
    /// How much of the buffer is the line; [`AWAY`] while something else comes first.
    length: usize,
}

impl Begun {
    /// Appends a byte, if it is easily done: if it cannot be a line end and there is room, or if it
    /// belongs to no line.
    #[inline(always)]
    pub(super) fn push(&mut self, byte: u8) -> bool {
        match self.buffer.get_mut(self.length) {
            Some(place) if byte > b'\r' => {
                *place = byte;
                self.length += 1;
                true
            }
            _ => self.length == 0 && is_idle(byte),
        }
    }

    /// Appends what is easily appended of these bytes: up to the first that may be a line end, as far
    /// as there is room. How many those are.
    #[inline(always)]
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        let Some(room) = self.buffer.get_mut(self.length..) else { return 0 };
        let mut taken = 0;
        // In pieces, of which none may hold an end.
        for (piece, place) in bytes.chunks_exact(16).zip(room.chunks_exact_mut(16)) {
            let word = u128::from_le_bytes(piece.first_chunk().copied().unwrap_or_default());
            if up_to_cr(word as u64) | up_to_cr((word >> 64) as u64) != 0 {
                break;
            }
            place.copy_from_slice(piece);
            taken += 16;
        }
        for (piece, place) in bytes[taken..].chunks_exact(4).zip(room[taken..].chunks_exact_mut(4))
        {
            let word = u32::from_le_bytes(piece.first_chunk().copied().unwrap_or_default());
            if up_to_cr(u64::from(word) | HIGH) != 0 {
                break;
            }
            place.copy_from_slice(piece);
            taken += 4;
        }
        for (byte, place) in bytes[taken..].iter().zip(&mut room[taken..]) {
            if *byte <= b'\r' {
                break;
            }
            *place = *byte;
            taken += 1;
        }
        self.length += taken;
        taken
    }

    /// Whether this byte ends it.
    #[inline(always)]
    pub(super) fn is_ended_by(&self, byte: u8) -> bool {
        matches!(self.length(), Some(1..)) && is_end(byte)
    }

    /// Appends bytes, of which there are not more than `limit` together with those before.
    #[inline]
    pub(super) fn extend(&mut self, bytes: &[u8], limit: usize) {
        if !bytes.is_empty() {
            self.append(bytes, limit);
        }
    }

    fn append(&mut self, bytes: &[u8], limit: usize) {
        let length = self.length + bytes.len();
        if length > self.buffer.len() {
            self.buffer.resize(length.next_power_of_two().clamp(LEAST, limit), 0);
        }
        self.buffer[self.length..length].copy_from_slice(bytes);
        self.length = length;
    }

    /// How long it is, if it is its turn.
    #[inline]
    pub(super) fn length(&self) -> Option<usize> {
        (self.length != AWAY).then_some(self.length)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// The line, which is over; the next one begins.
    pub(super) fn take(&mut self) -> &[u8] {
        let length = std::mem::take(&mut self.length);
        &self.buffer[..length]
    }

    /// The line; something else comes next.
    pub(super) fn leave(&mut self) -> &[u8] {
        let length = self.length().unwrap_or(0);
        self.length = AWAY;
        &self.buffer[..length]
    }

    /// It is its turn again, with these bytes.
    pub(super) fn enter(&mut self, bytes: &[u8], limit: usize) {
        self.length = 0;
        self.extend(bytes, limit);
    }
}

const AWAY: usize = usize::MAX;

/// Four bytes above CR.
const HIGH: u64 = 0x7F7F_7F7F << 32;

/// Room for most lines.
const LEAST: usize = 64;
