//! The query that closes the past.

use bytes::Bytes;

use crate::profile::Profile;

/// Writes fences: harmless reads, each different from those before it that had no answer, so that
/// a late answer to an earlier one closes nothing.
///
/// ```text
/// 1  AT+CMEE?        4  AT+CMEE?;+CMEE?
/// 2  AT+IFC?         5  AT+IFC?;+IFC?
/// 3  AT+CCLK?        …
/// ```
#[derive(Debug, Default)]
pub(super) struct Fences {
    /// How many have been sent since the past was closed.
    sent: usize,
    /// Which of the profile's queries the past asked itself, one bit each: their answers may be
    /// late ones.
    avoid: u32,
}

/// A fence that was sent.
#[derive(Debug)]
pub(super) struct Fence {
    pub(super) line: Bytes,
    pub(super) prefix: &'static str,
    repeats: usize,
    answers: usize,
    pub(super) echoed: bool,
}

impl Fences {
    /// The next fence; `None` if the profile has no query for one.
    pub(super) fn next(&mut self, profile: &Profile) -> Option<Fence> {
        let allowed = |index: &usize| self.avoid & (1 << (index % 32)) == 0;
        let mut choice: Vec<usize> = (0..profile.fences.len()).filter(allowed).collect();
        // Where the past asked all of them, asking twice tells its answers apart.
        let extra = usize::from(choice.is_empty());
        if choice.is_empty() {
            choice = (0..profile.fences.len()).collect();
        }
        let turn = self.sent % (choice.len().max(1) * MAX_REPEATS);
        let prefix = profile.fences[*choice.get(turn % choice.len().max(1))?];
        let repeats = 1 + extra + turn / choice.len();
        self.sent += 1;
        let line = format!("AT{}\r", vec![format!("{prefix}?"); repeats].join(";"));
        Some(Fence { line: line.into(), prefix, repeats, answers: 0, echoed: false })
    }

    /// The past asked this itself.
    pub(super) fn avoid(&mut self, profile: &Profile, line: &[u8]) {
        let line = line.to_ascii_uppercase();
        for (index, prefix) in profile.fences.iter().enumerate() {
            if memchr::memmem::find(&line, prefix.as_bytes()).is_some() {
                self.avoid |= 1 << (index % 32);
            }
        }
    }

    /// The past is closed. What was sent before the fence's answer came was answered before it or
    /// never will be, so that the next past begins anew.
    pub(super) fn closed(&mut self) {
        *self = Self::default();
    }
}

impl Fence {
    /// Whether a line with this prefix is part of the answer.
    pub(super) fn takes(&mut self, prefix: &[u8]) -> bool {
        let taken = prefix == self.prefix.as_bytes();
        self.answers += usize::from(taken);
        taken
    }

    /// A final result came: whether it is this fence's own, by what came before it.
    pub(super) fn is_closed_by(&mut self, ok: bool) -> bool {
        let closed = ok && self.answers == self.repeats;
        self.answers = 0;
        closed
    }
}

/// How many times one line asks at most: long enough a cycle, and short enough a line.
const MAX_REPEATS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fence_is_like_one_before_it() {
        let profile = Profile::quectel();
        let mut fences = Fences::default();
        let mut lines: Vec<Bytes> = (0..36).map(|_| fences.next(&profile).unwrap().line).collect();
        assert_eq!(&lines[0][..], b"AT+CMEE?\r");
        assert_eq!(&lines[3][..], b"AT+CMEE?;+CMEE?\r");
        assert!(lines.iter().all(|line| line.len() <= profile.line_limit));
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), 36);
    }

    #[test]
    fn a_fence_asks_nothing_that_the_past_asked() {
        let profile = Profile::quectel();
        let mut fences = Fences::default();
        fences.avoid(&profile, b"at+cmee?\r");
        assert_eq!(&fences.next(&profile).unwrap().line[..], b"AT+IFC?\r");
        fences.avoid(&profile, b"AT+IFC?;+CCLK?\r");
        assert_eq!(&fences.next(&profile).unwrap().line[..], b"AT+IFC?;+IFC?\r");
    }

    #[test]
    fn only_its_own_answer_closes_it() {
        let mut fence = Fences { sent: 3, avoid: 0 }.next(&Profile::quectel()).unwrap();
        assert!(!fence.is_closed_by(true));
        assert!(fence.takes(b"+CMEE"));
        assert!(!fence.is_closed_by(true), "one answer is that of the first fence");
        assert!(!fence.takes(b"+CREG"));
        assert!(fence.takes(b"+CMEE") && fence.takes(b"+CMEE"));
        assert!(!fence.is_closed_by(false));
        assert!(fence.takes(b"+CMEE") && fence.takes(b"+CMEE"));
        assert!(fence.is_closed_by(true));
    }
}
