//! Looking for the ends of lines.

use memchr::memchr2;

/// Where the first CR or LF is.
#[inline(always)]
pub(super) fn line_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Most lines are so short that memchr would hardly get going.
    while at < SHORT {
        let Some(word) = bytes[at..].first_chunk() else {
            let end = bytes[at..].iter().position(|byte| is_end(*byte));
            return end.map(|end| at + end);
        };
        let low = up_to_cr(u64::from_le_bytes(*word));
        if low == 0 {
            at += 8;
            continue;
        }
        at += low.trailing_zeros() as usize / 8;
        if is_end(bytes[at]) {
            return Some(at);
        }
        break;
    }
    memchr2(b'\r', b'\n', &bytes[at..]).map(|end| at + end)
}

/// The highest bit of each byte that is not above CR. Above the first one it may be wrong.
#[inline(always)]
pub(super) fn up_to_cr(word: u64) -> u64 {
    word.wrapping_sub(EACH * u64::from(b'\r' + 1)) & !word & (EACH << 7)
}

#[inline]
pub(super) fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// How many bytes in front belong to no line.
#[inline]
pub(super) fn idle(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !is_idle(*byte)).unwrap_or(bytes.len())
}

/// Whether a byte before a line belongs to none.
#[inline]
pub(super) fn is_idle(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// The lowest bit of each byte of a word.
const EACH: u64 = u64::MAX / 0xFF;

/// Up to here a line end is looked for word by word.
const SHORT: usize = 32;
