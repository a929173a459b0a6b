//! Fences: the lines that close the past.

use super::echo::{Echo, is_like};
use crate::at::command::{Spoken, body};
use crate::at::octets::Octets;
use crate::at::profile::Profile;

/// Writes fences, of two kinds.
///
/// A *number* reads an S-parameter that no module has (V.250 5.3.2: a read does nothing, and of an
/// unknown parameter it answers ERROR). No other line of any client has that number, so what comes
/// before its echo was not said in answer to it, whoever asked. It asks for nothing that a module
/// may not know, and needs no `;`.
///
/// ```text
/// ATS734029118?
/// ```
///
/// Where echo was agreed and does not come, the line asks for it again, `ATE1S734029118?`: the one that
/// asked before may have been damaged on its way. The commands of a line are carried out in their order
/// (V.250, 5.6).
///
/// A *query* is known by its answer, and works without an echo, and with one that comes too early:
/// an adapter's, or that of a module which echoes before it has answered the line before. Each is
/// different from all before it that had no answer, so that a late answer to an earlier one closes
/// nothing.
///
/// ```text
/// 1  AT+CMEE?        4  AT+CMEE?;+CMEE?      7  AT+CMEE?;+CMEE?;+CMEE?;+CMEE?
/// 2  AT+IFC?         5  AT+IFC?;+IFC?        …
/// 3  AT+CCLK?        6  AT+CCLK?;+CCLK?
/// ```
///
/// A fence asks once more than all lines before it have asked the same together. So even if their
/// `OK`s are lost on the way, their answers do not add up to its own.
#[derive(Debug, Default)]
pub(super) struct Fences {
    /// What was asked since the past was closed, by fences and by the past itself: which of the
    /// profile's queries, and how often on one line.
    asked: Vec<(usize, usize)>,
    /// The number of the next line with a number; `None` if there is to be none.
    number: Option<u32>,
    pub(super) numbered: Numbered,
    /// The module refused a line that asks several times.
    single: bool,
    /// Which of the profile's queries were asked for certain.
    sent: Vec<usize>,
    /// How many queries were refused behind the echo of a number.
    refused: usize,
    /// How many more queries were asked for, to see whether final results come twice.
    repeated: u8,
}

/// What has become of the line with a number, in the past that is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Numbered {
    /// None was sent.
    #[default]
    Due,
    /// It was answered behind its echo.
    Passed,
    /// No echo came, or no answer.
    Failed,
}

/// A fence that was sent.
#[derive(Debug)]
pub(super) struct Fence {
    pub(super) line: Octets,
    /// The prefix of its answer; nothing for a line with a number.
    pub(super) prefix: &'static str,
    /// How often it asks; 0 for a line with a number.
    repeats: usize,
    answers: usize,
    /// How often it came back.
    pub(super) echoes: u8,
    /// How often it came back damaged.
    torn: u8,
    /// Whether a final result came, whosever it was.
    pub(super) heard: bool,
    /// Whether something came that is no part of its answer, so that an error may be another line's.
    pub(super) disturbed: bool,
    /// The module took it and a line before it for one.
    pub(super) merged: bool,
    /// The last line that the module echoed is one of the past, of which a result may be due.
    pub(super) behind_begun: bool,
    /// It has its own answer, and waits for a copy of the final result.
    pub(super) is_closed: bool,
}

impl Fences {
    /// Fences for a port at which nothing is known to have been asked, but so many times each may
    /// have been.
    pub(super) fn after(profile: &Profile, times: usize, number: Option<u32>) -> Self {
        let asked = (0..profile.fences.len()).map(|index| (index, times)).collect();
        Self { asked, number, ..Self::default() }
    }

    /// The next fence, with a number if an echo may come; `None` if the profile has no query for one.
    pub(super) fn next(&mut self, profile: &Profile, echo: Echo) -> Option<Fence> {
        if profile.fences.is_empty() {
            return None;
        }
        let may_echo = echo != Echo::Useless;
        match self.number.filter(|_| may_echo && self.numbered == Numbered::Due) {
            None => self.query(profile),
            Some(number) => {
                self.number = Some(number.wrapping_add(1));
                let again = if echo == Echo::Lost { "E1" } else { "" };
                let line = format!("AT{again}S{}?\r", LEAST_NUMBER + number % NUMBERS);
                Some(Fence::new(line, "", 0))
            }
        }
    }

    fn query(&mut self, profile: &Profile) -> Option<Fence> {
        let (repeats, index) = self.choose(profile).or_else(|| {
            // So many answers are not waited for any more.
            self.asked.clear();
            self.choose(profile)
        })?;
        self.asked.push((index, repeats));
        self.sent.push(index);
        let prefix = profile.fences[index];
        let mut line = "AT".to_owned();
        for nth in 0..repeats {
            line += if nth > 0 { ";" } else { "" };
            line += prefix;
            line += "?";
        }
        line += "\r";
        Some(Fence::new(line, prefix, repeats))
    }

    /// How often to ask which of the profile's queries: more than all lines before have asked together.
    /// Where a line has no room for that, more than any: a late answer whose beginning came before the
    /// fence was sent may end like the answer to a shorter one. Else a number that was not asked yet.
    fn choose(&self, profile: &Profile) -> Option<(usize, usize)> {
        if self.single {
            if let Some(one) = self.not_asked(profile) {
                return Some(one);
            }
        }
        self.more_than(profile, |one, other| one + other)
            .or_else(|| self.more_than(profile, usize::max))
            .or_else(|| self.unlike_any(profile))
    }

    /// Where the module takes one question a line: one that was not asked at all.
    fn not_asked(&self, profile: &Profile) -> Option<(usize, usize)> {
        (0..profile.fences.len()).find(|index| !self.sent.contains(index)).map(|index| (1, index))
    }

    /// More than was asked, where lines that asked the same are counted `together`.
    fn more_than(
        &self,
        profile: &Profile,
        together: fn(usize, usize) -> usize,
    ) -> Option<(usize, usize)> {
        let mut least = None;
        for index in 0..profile.fences.len() {
            let mut repeats = 0;
            for (_, times) in self.asked.iter().filter(|(asked, _)| *asked == index) {
                repeats = together(repeats, *times);
            }
            repeats += 1;
            if repeats <= room(profile, index) && least.is_none_or(|(least, _)| repeats < least) {
                least = Some((repeats, index));
            }
        }
        least
    }

    /// A number that was not asked yet.
    fn unlike_any(&self, profile: &Profile) -> Option<(usize, usize)> {
        for repeats in 1..=profile.line_limit {
            for index in 0..profile.fences.len() {
                if repeats <= room(profile, index) && !self.asked.contains(&(index, repeats)) {
                    return Some((repeats, index));
                }
            }
        }
        None
    }

    /// The past asked this itself.
    pub(super) fn avoid(&mut self, profile: &Profile, commands: &[Spoken<'_>]) {
        for (index, prefix) in profile.fences.iter().enumerate() {
            let times = commands.iter().filter(|command| command.is(prefix)).count();
            if times > 0 {
                self.asked.push((index, times));
                self.sent.push(index);
            }
        }
    }

    /// The past is closed. What was sent before the fence's answer came was answered before it or
    /// never will be, so that the next past begins anew.
    pub(super) fn closed(&mut self) {
        *self = Self { number: self.number, ..Self::default() };
    }

    /// Whether one more query is to be asked before the past is closed, now that `fence` was answered:
    /// once for a program whose fences may have numbers, and again where something else came meanwhile,
    /// which may be the copy that would have shown itself, damaged.
    pub(super) fn has_to_repeat(&mut self, fence: &Fence) -> bool {
        let again = self.repeated == 0 || fence.disturbed && self.repeated < REPEATS;
        let again = again && self.number.is_some();
        self.repeated += u8::from(again);
        again
    }

    /// The module refused `fence`. Whether the past is closed: when it refuses every question, the
    /// echo of the number must do.
    pub(super) fn refused(&mut self, fence: &Fence, profile: &Profile) -> bool {
        self.single |= fence.repeats > 1;
        let was_heard = fence.torn == 0 && !fence.disturbed;
        self.refused += usize::from(self.numbered == Numbered::Passed && was_heard);
        self.refused > profile.fences.len()
    }
}

impl Fence {
    fn new(line: String, prefix: &'static str, repeats: usize) -> Self {
        Self {
            line: Octets::copied(line.as_bytes()),
            prefix,
            repeats,
            answers: 0,
            echoes: 0,
            torn: 0,
            heard: false,
            disturbed: false,
            merged: false,
            behind_begun: false,
            is_closed: false,
        }
    }

    /// Whether a line is its echo. What is no command line may stand in front of a number's: it does
    /// not count for the module either (V.250, 5.2.1).
    pub(super) fn is_echoed_by(&self, bytes: &[u8]) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or_default();
        line == bytes || self.is_number() && bytes.ends_with(line) && body(bytes).is_none()
    }

    /// Whether a line that is not its echo is one that was damaged.
    pub(super) fn is_nearly_echoed_by(&self, bytes: &[u8]) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or_default();
        is_like(bytes, line) && !bytes.ends_with(line)
    }

    /// Takes a line that may be its echo, damaged.
    pub(super) fn take_damaged_echo(&mut self, bytes: &[u8]) -> bool {
        let taken = self.is_nearly_echoed_by(bytes);
        self.behind_begun &= !taken;
        self.torn = self.torn.saturating_add(u8::from(taken));
        taken
    }

    /// How often it came back, damaged or not.
    pub(super) fn all_echoes(&self) -> u8 {
        self.echoes.saturating_add(self.torn)
    }

    /// How many echoes its answer lies behind. A number is known by its echo alone, and by a damaged one
    /// it is not; a query is known by its answer.
    pub(super) fn echoes_before_answer(&self) -> u8 {
        if self.is_number() { self.echoes } else { self.all_echoes() }
    }

    /// Whether a line that is not its echo ends with it.
    pub(super) fn is_merged_in(&self, bytes: &[u8]) -> bool {
        bytes.ends_with(self.line.strip_suffix(b"\r").unwrap_or_default())
    }

    /// Whether it is a line with a number.
    pub(super) fn is_number(&self) -> bool {
        self.repeats == 0
    }

    /// Whether the module has begun to answer it.
    pub(super) fn has_begun(&self) -> bool {
        self.answers > 0
    }

    /// Whether a final result came while it waited.
    pub(super) fn was_answered(&self) -> bool {
        self.heard
    }

    /// Whether an error may be its own answer: several questions in a line may be too much for the
    /// module, and behind the echo of a number nothing is late.
    pub(super) fn may_be_refused(&self, fences: &Fences) -> bool {
        self.repeats > 1 || fences.numbered == Numbered::Passed && self.all_echoes() > 0
    }

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

/// Numbers of nine digits, so that all lines are equally long and none is a parameter's (V.250 knows
/// two digits).
const LEAST_NUMBER: u32 = 100_000_000;
const NUMBERS: u32 = 900_000_000;

/// Not specified; chosen because a module may say something of its own during each query, and a copy is
/// not damaged three times in a row.
const REPEATS: u8 = 3;

/// How often one line can ask a query of the profile.
#[inline(never)]
fn room(profile: &Profile, index: usize) -> usize {
    // AT, the queries with a `?` and a `;` or CR each.
    profile.line_limit.saturating_sub("AT".len()) / (profile.fences[index].len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::CommandLine;

    #[test]
    fn no_fence_is_like_one_before_it() {
        let profile = Profile::quectel();
        let mut fences = Fences::default();
        let mut lines: Vec<Vec<u8>> =
            (0..100).map(|_| fences.next(&profile, Echo::Unknown).unwrap().line.to_vec()).collect();
        assert_eq!(&lines[0][..], b"AT+CMEE?\r");
        assert_eq!(&lines[3][..], b"AT+CMEE?;+CMEE?\r");
        assert!(lines.iter().all(|line| line.len() <= profile.line_limit));
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), 100);
    }

    /// Numbers repeat after 694,967,296 lines at the earliest, which at ten a second takes two years:
    /// where they begin again, none is like one that was sent shortly before.
    #[test]
    fn numbers_that_begin_again() {
        let profile = Profile::quectel();
        let wraps = [0, NUMBERS, 2 * NUMBERS, 3 * NUMBERS, 4 * NUMBERS, 0_u32.wrapping_sub(1)];
        for wrap in wraps {
            let mut fences = Fences::after(&profile, 0, Some(wrap.wrapping_sub(500)));
            let mut lines: Vec<Vec<u8>> = Vec::new();
            for _ in 0..1000 {
                // Each past begins with one.
                fences.closed();
                lines.push(fences.next(&profile, Echo::Unknown).unwrap().line.to_vec());
            }
            for line in &lines {
                let digits = line.strip_prefix(b"ATS").unwrap().strip_suffix(b"?\r").unwrap();
                assert!(digits.len() == 9 && digits[0] != b'0', "{line:?}");
            }
            lines.sort();
            lines.dedup();
            assert_eq!(lines.len(), 1000, "from {wrap}");
        }
        assert_eq!(u32::MAX % NUMBERS + 1, 694_967_296);
    }

    fn avoid(fences: &mut Fences, profile: &Profile, line: &str) {
        fences.avoid(profile, &CommandLine::raw(line, profile).unwrap().commands());
    }

    /// A profile of two queries with room for so many of one on a line, and how often the next
    /// fences ask which of them.
    fn asked(room: usize, past: &[&str], count: usize) -> Vec<String> {
        let line_limit = "AT".len() + room * "+A?;".len();
        let profile = Profile { fences: &["+A", "+B"], line_limit, ..Profile::quectel() };
        let mut fences = Fences::default();
        past.iter().for_each(|line| avoid(&mut fences, &profile, line));
        let sent = (0..count).map(|_| fences.next(&profile, Echo::Unknown).unwrap());
        sent.map(|fence| format!("{}{}", &fence.prefix[1..], fence.repeats)).collect()
    }

    /// More than all before, then more than any, then another number, and then all again.
    #[test]
    fn fences_when_a_line_has_no_more_room() {
        assert_eq!(
            asked(5, &[], 14),
            ["A1", "B1", "A2", "B2", "A4", "B4", "A5", "B5", "A3", "B3", "A1", "B1", "A2", "B2"]
        );
        assert_eq!(asked(3, &["AT+A?;+A?;+B?"], 6), ["B2", "A3", "B3", "A1", "A1", "B1"]);
        assert_eq!(asked(1, &[], 4), ["A1", "B1", "A1", "B1"]);
    }

    #[test]
    fn no_fence_is_longer_than_a_line() {
        for line_limit in 8..60 {
            let profile = Profile { fences: &["+IFC"], line_limit, ..Profile::quectel() };
            let mut fences = Fences::default();
            let lines: Vec<Vec<u8>> = (0..20)
                .map(|_| fences.next(&profile, Echo::Unknown).unwrap().line.to_vec())
                .collect();
            let longest = lines.iter().map(Vec::len).max().unwrap();
            // As long as there is room, it is used.
            assert!(longest <= line_limit && longest + 6 > line_limit, "{longest} {line_limit}");
        }
    }

    #[test]
    fn a_fence_asks_nothing_that_the_past_asked() {
        let profile = Profile::quectel();
        let mut fences = Fences::default();
        avoid(&mut fences, &profile, "at+cmee?");
        assert_eq!(&fences.next(&profile, Echo::Unknown).unwrap().line[..], b"AT+IFC?\r");
        avoid(&mut fences, &profile, "AT+IFC?;+CCLK?");
        assert_eq!(&fences.next(&profile, Echo::Unknown).unwrap().line[..], b"AT+CMEE?;+CMEE?\r");
    }

    #[test]
    fn the_answers_to_all_fences_before_do_not_add_up() {
        let profile = Profile::quectel();
        let mut fences = Fences::default();
        avoid(&mut fences, &profile, "AT+CMEE?;+CMEE?");
        let sent: Vec<Fence> =
            (0..15).map(|_| fences.next(&profile, Echo::Unknown).unwrap()).collect();
        for (index, fence) in sent.iter().enumerate() {
            let before = sent[..index].iter().filter(|before| before.prefix == fence.prefix);
            let own = if fence.prefix == "+CMEE" { 2 } else { 0 };
            assert!(before.map(|before| before.repeats).sum::<usize>() + own < fence.repeats);
        }
    }

    #[test]
    fn the_first_fence_of_a_program_can_differ_from_that_of_another() {
        let profile = Profile::quectel();
        let first = |times| {
            Fences::after(&profile, times, None).next(&profile, Echo::Unknown).unwrap().line
        };
        assert_eq!(&first(0)[..], b"AT+CMEE?\r");
        assert_eq!(&first(1)[..], b"AT+CMEE?;+CMEE?\r");
    }

    #[test]
    fn only_its_own_answer_closes_it() {
        let mut fences = Fences::default();
        let mut fence =
            (0..4).filter_map(|_| fences.next(&Profile::quectel(), Echo::Unknown)).last().unwrap();
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
