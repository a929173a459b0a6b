//! The beginning of a line, while it grows.

use super::scan::{is_end, is_idle, may_end, may_end_in_many};

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

    /// Appends all of these few bytes, if that is easily done: if there is room and none of them may
    /// be a line end. Reads of some bytes are what many a UART gives, so it costs no call.
    #[inline(always)]
    pub(super) fn push_few(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > FEW {
            return false;
        }
        let Some(room) = self.buffer.get_mut(self.length..) else { return false };
        let Some(place) = room.get_mut(..bytes.len()) else { return false };
        let pushed = match bytes.len() {
            1 => copy_pair::<1>(bytes, place),
            2..=3 => copy_pair::<2>(bytes, place),
            4..=7 => copy_pair::<4>(bytes, place),
            8..=FEW => copy_pair::<8>(bytes, place),
            _ => false,
        };
        if pushed {
            self.length += bytes.len();
        }
        pushed
    }

    /// Appends what is easily appended of these bytes, in pieces of which none may hold an end, as
    /// far as there is room. What is left of them.
    #[inline(never)]
    pub(super) fn fill<'i>(&mut self, bytes: &'i [u8]) -> &'i [u8] {
        let Some(room) = self.buffer.get_mut(self.length..) else { return bytes };
        let mut taken = copy_pieces(bytes, room, may_end_in_many);
        if taken < bytes.len() {
            taken += copy_pieces::<16>(&bytes[taken..], &mut room[taken..], may_end);
        }
        self.length += taken;
        let rest = &bytes[taken..];
        if rest.is_empty() || self.push_few(rest) { &[] } else { rest }
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

/// Copies `N` to `2 * N` bytes, as two pieces that may overlap, unless one may be a line end. Whether
/// it did.
#[inline(always)]
fn copy_pair<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else {
        return false;
    };
    if may_end(first) | may_end(last) {
        return false;
    }
    if let Some(place) = to.first_chunk_mut() {
        *place = *first;
    }
    if let Some(place) = to.last_chunk_mut() {
        *place = *last;
    }
    true
}

/// Copies pieces of `N` bytes as far as there is room, up to the first that may hold a line end. How
/// many bytes those are.
#[inline(always)]
fn copy_pieces<const N: usize>(
    from: &[u8],
    mut to: &mut [u8],
    may_end: impl Fn(&[u8; N]) -> bool,
) -> usize {
    let mut rest = from;
    while let Some((piece, behind)) = rest.split_first_chunk::<N>() {
        let Some((place, room)) = std::mem::take(&mut to).split_first_chunk_mut::<N>() else {
            break;
        };
        if may_end(piece) {
            break;
        }
        *place = *piece;
        (rest, to) = (behind, room);
    }
    from.len() - rest.len()
}

/// Up to here bytes are few.
pub(super) const FEW: usize = 16;

const AWAY: usize = usize::MAX;

/// Room for most lines.
const LEAST: usize = 64;
