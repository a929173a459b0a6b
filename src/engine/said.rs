//! Results that were said: by them one that is said again is known, also if it is damaged.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::at::octets::Octets;

/// The last results with data of their own, and the lines that they answered. No two of them are
/// equal, or nearly so: a signature is made anew each time.
#[derive(Default)]
pub(super) struct Said {
    /// As a number each.
    known: Vec<(u64, Octets)>,
    /// The last one, whole: a copy of it may be damaged, or it was damaged itself.
    last: Vec<u8>,
}

impl Said {
    /// The line that this result answered when it was said before.
    pub(super) fn answered(&self, bytes: &[u8]) -> Option<&Octets> {
        let hash = hash(bytes);
        let known = self.known.iter().find(|(known, _)| *known == hash);
        let last = || self.known.last().filter(|_| are_nearly_equal(&self.last, bytes));
        known.or_else(last).map(|(_, line)| line)
    }

    /// This result was said, in answer to `line`.
    pub(super) fn note(&mut self, bytes: &[u8], line: Octets) {
        if self.known.len() == REMEMBERED {
            self.known.remove(0);
        }
        self.known.push((hash(bytes), line));
        self.last.clear();
        self.last.extend_from_slice(bytes);
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Whether one becomes the other by a few bytes that are changed or lost.
fn are_nearly_equal(mut one: &[u8], mut other: &[u8]) -> bool {
    if one.len().min(other.len()) < LONG {
        return false;
    }
    let mut damaged = 0;
    loop {
        let same = same_from_here(one, other);
        (one, other) = (&one[same..], &other[same..]);
        let ([_, one_on @ ..], [_, other_on @ ..]) = (one, other) else {
            return damaged + one.len() + other.len() <= DAMAGED;
        };
        damaged += 1;
        if damaged > DAMAGED {
            return false;
        }
        // Changed, or lost in one of them: whatever goes on best.
        let ways = [(one_on, other_on), (one_on, other), (one, other_on)];
        let on = |(one, other): &(&[u8], &[u8])| same_from_here(one, other).min(AHEAD);
        (one, other) = ways.into_iter().rev().max_by_key(on).unwrap_or((one_on, other_on));
    }
}

/// How many bytes are the same at the beginning.
fn same_from_here(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Not specified; chosen because no line is said again after more than some seconds, and no till
/// signs as many in that time.
const REMEMBERED: usize = 16;

/// Not specified; chosen because two signatures differ in nearly all of their 48 characters and more,
/// and a line in which more bytes are damaged is seldom read as one.
const DAMAGED: usize = 12;

/// Not specified; chosen so that no chance looks like it.
const AHEAD: usize = 8;

/// A shorter result is no signature (369 bytes of data, spec V1.0, 3.6).
pub(super) const LONG: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_copy_is_known_and_another_is_not() {
        let mut said = Said::default();
        let first = [b"+ALIPAYSIGN: 0,369,".as_slice(), &[b'a'; 148], b",time"].concat();
        said.note(&first, Octets::copied(b"AT+X=1\r"));
        let mut flipped = first.clone();
        flipped[30] ^= 1;
        flipped[40] ^= 4;
        let mut lost = first.clone();
        lost.remove(30);
        let mut lost_more = lost.clone();
        lost_more.remove(100);
        lost_more[120] ^= 1;
        for copy in [&first, &flipped, &lost, &lost_more] {
            assert_eq!(said.answered(copy).map(|line| &line[..]), Some(&b"AT+X=1\r"[..]));
        }
        let other = [b"+ALIPAYSIGN: 0,369,".as_slice(), &[b'b'; 148], b",time"].concat();
        assert_eq!(said.answered(&other), None);
        said.note(&other, Octets::copied(b"AT+X=2\r"));
        assert_eq!(said.answered(&lost), None, "a damaged copy is one of the last");
        assert!(said.answered(&first).is_some(), "one that is whole is known longer");
    }

    #[test]
    fn so_many_are_known() {
        let mut said = Said::default();
        for number in 0..=REMEMBERED {
            let line = vec![u8::try_from(number).unwrap(); 200];
            assert_eq!(said.answered(&line), None);
            said.note(&line, Octets::NONE);
        }
        assert!(said.answered(&[0; 200]).is_none() && said.answered(&[1; 200]).is_some());
    }
}
