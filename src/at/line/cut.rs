//! Cutting a line off: where it ends, and which data it announces.

use super::Frame;
use super::scan::line_end;

/// A line that announces the length of the quoted data at its end, as data for a
/// [`LineSplitter`](super::LineSplitter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The prefix of the line, with its `+` and without the colon.
    pub prefix: &'static str,
    /// The number of fields before the one that holds the length.
    pub fields_before: usize,
    /// The greatest length that is believed, in bytes.
    pub max: usize,
}

/// What decides about the bytes at the beginning of a line.
pub(super) struct Rules {
    pub(super) counted: &'static [Counted],
    /// The longest line, in bytes.
    pub(super) limit: usize,
}

pub(super) enum Cut {
    /// A frame.
    Piece(Piece),
    /// The beginning of a line, which announces nothing so far.
    Begun,
    /// A line of which `scanned` bytes hold no end, to be looked at again when there are `total`.
    More { scanned: usize, total: usize },
}

/// What makes a frame at the beginning of some bytes, and how many are taken with it.
pub(super) struct Piece {
    pub(super) kind: Kind,
    length: usize,
    pub(super) taken: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Line,
    Miscounted,
    Overlong,
}

impl Rules {
    /// What the line may announce, by its prefix.
    #[inline]
    pub(super) fn counted(&self, line: &[u8]) -> Option<&'static Counted> {
        if line.first() != Some(&b'+') {
            return None;
        }
        self.counted.iter().find(|counted| counted.begins(line))
    }

    /// How long the line at the beginning of `window` is, which has the prefix of `counted`, and how
    /// many bytes are taken with it; if it is whole. If it is as it should be, its data are not looked
    /// at.
    pub(super) fn whole(&self, counted: &Counted, window: &[u8]) -> Option<(usize, usize)> {
        // Where the first line end is matters only to what is not as it should be.
        let cut = match counted.closing_quote(window) {
            Some(quote) => close(window, 0, quote),
            None => self.look(window, 0, false),
        };
        match cut {
            Cut::Piece(piece) if piece.kind == Kind::Line && piece.taken <= self.limit + 1 => {
                Some((piece.length, piece.taken))
            }
            _ => None,
        }
    }

    /// Decides about the line at the beginning of `window`, of which `scanned` bytes are known to
    /// hold no end of it. If it was given up before (`given_up`), no more of it is waited for.
    pub(super) fn look(&self, window: &[u8], scanned: usize, given_up: bool) -> Cut {
        let reach = window.len().min(self.limit + 1);
        match line_end(&window[scanned.min(reach)..reach]) {
            Some(end) => self.cut(window, scanned + end, given_up),
            None => self.unended(window.len()),
        }
    }

    /// Decides about the line at the beginning of `window`, whose first line end is at `end`.
    fn cut(&self, window: &[u8], end: usize, given_up: bool) -> Cut {
        let line = &window[..end];
        let mut counted = self.counted.iter().filter(|counted| counted.begins(line));
        match counted.find_map(|counted| counted.head(line)) {
            None => Cut::line(end, end + 1),
            Some(Head::Wrapped) => self.unwrap_page(window, end, given_up),
            Some(Head::Data { length, max, .. }) if length > max => Cut::miscounted(end),
            Some(Head::Data { at, length, .. }) => match close(window, end, at + length) {
                Cut::More { .. } if given_up => Cut::miscounted(end),
                cut => cut,
            },
        }
    }

    /// Decides about so many bytes without a line end.
    fn unended(&self, length: usize) -> Cut {
        if length > self.limit {
            let (length, taken) = (self.limit, self.limit + 1);
            return Cut::Piece(Piece { kind: Kind::Overlong, length, taken });
        }
        Cut::Begun
    }

    /// The spec's print breaks the page behind `+ALIPAYSIGN:`. Should a module do so as well, a
    /// digit or a sign at the beginning of the next line shows that the line goes on.
    fn unwrap_page(&self, window: &[u8], end: usize, given_up: bool) -> Cut {
        let behind = &window[end..];
        let next = behind.iter().take(BLANKS + 1).position(|byte| !is_blank(*byte));
        match next.map(|at| end + at) {
            Some(next) if matches!(window[next], b'0'..=b'9' | b'-') => {
                self.look(window, next, given_up)
            }
            None if !given_up && behind.len() <= BLANKS => {
                Cut::More { scanned: end, total: window.len() + 1 }
            }
            _ => Cut::line(end, end + 1),
        }
    }
}

impl Cut {
    fn line(length: usize, taken: usize) -> Self {
        Self::Piece(Piece { kind: Kind::Line, length, taken })
    }

    fn miscounted(end: usize) -> Self {
        Self::Piece(Piece { kind: Kind::Miscounted, length: end, taken: end + 1 })
    }
}

impl Piece {
    /// Whether it is a line that takes so many bytes.
    pub(super) fn is_line_of(&self, taken: usize) -> bool {
        self.kind == Kind::Line && self.taken == taken
    }

    pub(super) fn frame<'a>(&self, bytes: &'a [u8]) -> Frame<'a> {
        let bytes = &bytes[..self.length];
        match self.kind {
            Kind::Line => Frame::Line(bytes),
            Kind::Miscounted => Frame::Miscounted(bytes),
            Kind::Overlong => Frame::Overlong(bytes),
        }
    }
}

enum Head {
    /// The line stops behind the colon.
    Wrapped,
    /// The data begin at `at` and are said to have this length.
    Data { at: usize, length: usize, max: usize },
}

impl Counted {
    /// Whether the line has this prefix.
    #[inline]
    fn begins(&self, line: &[u8]) -> bool {
        let Some((last, before)) = self.prefix.as_bytes().split_last() else {
            return true;
        };
        // The last letter tells most prefixes apart without a call.
        line.get(before.len()) == Some(last) && line.starts_with(before)
    }

    /// How long the line is that ends behind `bytes`, which have this prefix and no line end among
    /// them, if it is as it should be.
    pub(super) fn ended(&self, bytes: &[u8]) -> Option<usize> {
        let close = self.closing_quote(bytes)?;
        let (line, blanks) = bytes.split_at_checked(close + 1)?;
        let ends = line.ends_with(b"\"") && blanks.len() <= BLANKS;
        (ends && blanks.iter().all(|byte| *byte == b' ')).then_some(line.len())
    }

    /// Where the data end of a line with this prefix, if its head is sent as the spec prints it.
    fn closing_quote(&self, line: &[u8]) -> Option<usize> {
        let mut rest = line.get(self.prefix.len()..)?.strip_prefix(b":")?;
        while let [b' ', behind @ ..] = rest {
            rest = behind;
        }
        for _ in 0..self.fields_before {
            while let [b'0'..=b'9', behind @ ..] = rest {
                rest = behind;
            }
            rest = rest.strip_prefix(b",")?;
        }
        let (length, rest) = number(rest)?;
        let data = rest.strip_prefix(b",\"")?;
        if length > self.max {
            return None;
        }
        Some(line.len() - data.len() + length)
    }

    /// The head of a line with this prefix, or `None` if it announces nothing. The page may be
    /// wrapped behind the colon.
    fn head(&self, line: &[u8]) -> Option<Head> {
        let behind = line.get(self.prefix.len()..)?;
        let mut rest = unwrap(trim(behind).strip_prefix(b":")?);
        if rest.is_empty() {
            return Some(Head::Wrapped);
        }
        for _ in 0..self.fields_before {
            let comma = rest.iter().position(|byte| *byte == b',')?;
            rest = trim(&rest[comma + 1..]);
        }
        let (length, rest) = number(rest)?;
        let data = trim(trim(rest).strip_prefix(b",")?).strip_prefix(b"\"")?;
        Some(Head::Data { at: line.len() - data.len(), length, max: self.max })
    }
}

/// A counted line must have its quote at `close`, and nothing behind it but spaces.
fn close(window: &[u8], end: usize, close: usize) -> Cut {
    match window.get(close) {
        None => return Cut::More { scanned: end, total: close + 1 },
        Some(b'"') => {}
        Some(_) => return Cut::miscounted(end),
    }
    let behind = &window[close + 1..];
    let spaces = behind.iter().take(BLANKS).take_while(|byte| **byte == b' ').count();
    match behind.get(spaces) {
        Some(b'\r' | b'\n') => Cut::line(close + 1, close + spaces + 2),
        None => Cut::More { scanned: end, total: window.len() + 1 },
        _ => Cut::miscounted(end),
    }
}

/// The number in front and what follows it. One that is too great is greater than any other.
#[inline(always)]
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut value, mut rest) = (0usize, bytes);
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        value = (value * 10 + usize::from(digit - b'0')).min(GREAT);
        rest = behind;
    }
    (rest.len() < bytes.len()).then_some((value, rest))
}

/// Without the blanks in front.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | 0, rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Without the blanks and the page wrap in front.
fn unwrap(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| is_blank(**byte)).count();
    &bytes[blanks..]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\n' | 0)
}

/// Greater than any length, and ten times it is still a number.
const GREAT: usize = usize::MAX / 16;

/// How many blanks are looked through for the end or the rest of a counted line. Not specified;
/// chosen because a page wrap and an indent are a few.
const BLANKS: usize = 64;
