//! Looking for the ends of lines.

use memchr::memchr2;

/// Where the first CR or LF is.
#[inline(always)]
pub(super) fn line_end(bytes: &[u8]) -> Option<usize> {
    // Most lines are so short that it is found at once.
    match near_end(bytes) {
        Near::End(end) => Some(end),
        Near::Never => None,
        Near::Behind(at) => far_end(&bytes[at..]).map(|end| at + end),
    }
}

/// What is known of the first CR or LF when the first bytes were looked at.
enum Near {
    End(usize),
    /// There is none in any of the bytes.
    Never,
    /// There is none before this place.
    Behind(usize),
}

/// Looks for it in the first bytes, a word at a time.
#[inline(always)]
fn near_end(bytes: &[u8]) -> Near {
    let mut at = 0;
    while at < NEAR {
        let Some(word) = bytes[at..].first_chunk() else {
            let end = bytes[at..].iter().position(|byte| is_end(*byte));
            return end.map_or(Near::Never, |end| Near::End(at + end));
        };
        let low = up_to_cr(u64::from_le_bytes(*word));
        if low == 0 {
            at += 8;
            continue;
        }
        at += low.trailing_zeros() as usize / 8;
        if is_end(bytes[at]) {
            return Near::End(at);
        }
        break;
    }
    Near::Behind(at)
}

/// Where the first CR or LF is, if it is not near.
#[inline(never)]
fn far_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // memchr is quicker on long lines, and takes longer to get going.
    while at < FAR {
        match bytes[at..].first_chunk::<16>() {
            Some(piece) if !may_end(piece) => at += 16,
            _ => match near_end(&bytes[at..]) {
                Near::End(end) => return Some(at + end),
                Near::Never => return None,
                Near::Behind(behind) => {
                    at += behind;
                    break;
                }
            },
        }
    }
    memchr2(b'\r', b'\n', &bytes[at..]).map(|end| at + end)
}

/// The highest bit of each byte that is not above CR. Above the first one it may be wrong.
#[inline(always)]
fn up_to_cr(word: u64) -> u64 {
    word.wrapping_sub(EACH * u64::from(b'\r' + 1)) & !word & (EACH << 7)
}

/// Whether one of these bytes may be a line end: whether it is not above CR. There are instructions
/// that look at 16 bytes at once, and the compiler finds them.
#[inline(always)]
pub(super) fn may_end<const N: usize>(bytes: &[u8; N]) -> bool {
    bytes.iter().fold(false, |found, byte| found | (*byte <= b'\r'))
}

/// What [`may_end`] says, of many bytes: only the least of each four is compared.
#[inline(always)]
pub(super) fn may_end_in_many(bytes: &[u8; 64]) -> bool {
    let least: [u8; 16] = std::array::from_fn(|at| {
        bytes[at].min(bytes[at + 16]).min(bytes[at + 32]).min(bytes[at + 48])
    });
    may_end(&least)
}

#[inline]
pub(super) fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// How many bytes in front belong to no line.
#[inline]
pub(super) fn idle(bytes: &[u8]) -> usize {
    // Between two lines is mostly the LF of the one and the CRLF before the other.
    let mut at = if bytes.starts_with(b"\n\r\n") { 3 } else { 0 };
    while bytes.get(at).is_some_and(|byte| is_idle(*byte)) {
        at += 1;
    }
    at
}

/// Whether a byte before a line belongs to none.
#[inline]
pub(super) fn is_idle(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// The lowest bit of each byte of a word.
const EACH: u64 = u64::MAX / 0xFF;

/// Up to here a line end is looked for word by word.
const NEAR: usize = 16;

/// And from there so far by 16 bytes at a time.
const FAR: usize = 64;
