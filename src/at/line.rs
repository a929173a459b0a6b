//! Lines: cutting a stream of bytes into them.
//!
//! A line ends with CR or LF, whichever comes first, and empty lines are nothing: so `\r\n`,
//! `\r\r\n`, a lone `\n`, two lines that share one line end and the `AT…\r` of an echo all give
//! the same lines. NUL bytes before a line are skipped (a UART shows them at power-up).
//!
//! Some lines carry data whose length they announce, and the data may hold line ends. They are
//! described to the splitter as [`Counted`] data:
//!
//! ```text
//! +ALIPAYSIGN: 0,369,"{…369 bytes, any byte…}"<CR><LF>
//! ```

mod begun;
mod cut;
mod scan;

use std::fmt;

pub use cut::Counted;

use crate::at::octets::Octets;
use crate::at::syntax::{Redacted, View, trim};
use begun::Begun;
use cut::{Cut, Kind, Piece, Rules};
use scan::{idle, line_end};

/// What a [`LineSplitter`] found, borrowed from the input or from what it had kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line, without its line end.
    Line(&'a [u8]),
    /// A line that announced a length which is impossible, or after which no closing quote came.
    /// The bytes go up to the first line end; what follows it has been split as lines of its own.
    Miscounted(&'a [u8]),
    /// A line longer than the limit: its beginning. The rest is discarded up to the next line end.
    Overlong(&'a [u8]),
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = match self {
            Self::Line(bytes) => ("Line", bytes),
            Self::Miscounted(bytes) => ("Miscounted", bytes),
            Self::Overlong(bytes) => ("Overlong", bytes),
        };
        f.debug_tuple(name).field(&Redacted(bytes)).finish()
    }
}

/// A line, owned and shared cheaply. Its `Debug` shows the prefix and the length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Line(Octets);

impl Line {
    /// A line from its bytes, which end before the line end.
    #[must_use]
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self::copied(bytes.as_ref())
    }

    /// A copy of these bytes.
    pub(crate) fn copied(bytes: &[u8]) -> Self {
        Self(Octets::copied(bytes))
    }

    /// The bytes as they came, without the line end.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The line as text, bytes that are no UTF-8 replaced. For people: it may hold secrets.
    #[must_use]
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The borrowed view that classifies the line.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::called(&self.0)
    }

    /// Whether the line has this prefix.
    #[inline]
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        match self.0.strip_prefix(prefix.as_bytes()) {
            Some([b':', ..]) => true,
            Some(_) => self.unusual_args_of(prefix).is_some(),
            None => false,
        }
    }

    /// The parameters, if the line has this prefix: what its view says, with less to look at.
    #[inline]
    pub(crate) fn args_of(&self, prefix: &str) -> Option<&[u8]> {
        let behind = self.0.strip_prefix(prefix.as_bytes())?;
        match behind {
            [b':', args @ ..] => Some(trim(args)),
            _ => self.unusual_args_of(prefix),
        }
    }

    #[cold]
    fn unusual_args_of(&self, prefix: &str) -> Option<&[u8]> {
        self.view().args_of(prefix)
    }
}

/// As a log shows it: without what may be a secret.
#[cfg(feature = "serde")]
impl serde::Serialize for Line {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Redacted(&self.0))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted(&self.0).fmt(f)
    }
}

/// Cuts a stream of bytes into lines.
///
/// It resumes where it stopped and looks at each byte once, or twice behind a line that announced
/// a wrong length. So any split of the input gives the same frames, and the work is linear. It keeps
/// at most one line and the data which that line announced.
///
/// ```
/// use m26_pay::at::line::{Frame, LineSplitter};
///
/// let mut splitter = LineSplitter::new(4096, &[]);
/// let mut input: &[u8] = b"\r\n+CSQ: 11,0\r\n\r\nO";
/// assert_eq!(splitter.next(&mut input), Some(Frame::Line(b"+CSQ: 11,0")));
/// assert_eq!(splitter.next(&mut input), None);
/// let mut input: &[u8] = b"K\r\n";
/// assert_eq!(splitter.next(&mut input), Some(Frame::Line(b"OK")));
/// ```
pub struct LineSplitter {
    /// The beginning of a line whose end has not come. It is used in [`State::Line`] alone, so that
    /// one comparison finds the usual state.
    begun: Begun,
    /// In all other states: a line that announced data, up to where it has come, or what was taken
    /// for its data.
    kept: Vec<u8>,
    state: State,
    rules: Rules,
}

/// Where the splitter stands.
///
/// ```text
///     ┌────────────── all of it is split ◄──────────┐
///     ▼                                             │
///   Line ───── ends, announced data ─────────────► Kept ◄─── they are there, or given up ──┐
///     │                                             │ ▲ │                                  │
///     │                                    too long │ │ └─────── data are missing ──────► Data
///     └─────── too long ────────► Discard ◄─────────┘ │
///                                    └── line end ────┘
/// ```
#[derive(Clone, Copy, Debug)]
enum State {
    /// Announced data are missing: the line and its data need `total` bytes before they are looked
    /// at again. The first `scanned` bytes are known to hold no end of the line.
    Data { scanned: usize, total: usize },
    /// The rest of a line that was too long is dropped, from `start` on.
    Discard { start: usize, given_up: bool },
    /// What is kept is split, from `start` on; the first `scanned` bytes from there are known to
    /// hold no end of the line. If data were `given_up`, no line in what is kept is waited for.
    Kept { start: usize, scanned: usize, given_up: bool },
    /// Nothing is kept. What has come of a line is in [`LineSplitter::begun`].
    Line,
}

impl LineSplitter {
    /// A splitter for lines of at most `limit` bytes, raised to [`MIN_LIMIT`] if it is lower.
    #[must_use]
    pub fn new(limit: usize, counted: &'static [Counted]) -> Self {
        Self {
            begun: Begun::default(),
            kept: Vec::new(),
            state: State::Line,
            rules: Rules { counted, limit: limit.max(MIN_LIMIT) },
        }
    }

    /// The next frame of what was kept and `input`, which is advanced past what was taken.
    ///
    /// `None` means that all of `input` was taken and more is needed.
    // Inlined without fail, so that what comes most often costs no call: a byte alone or a few, which
    // is all that many a UART has to give, a line that is whole, and the question whether there is
    // more.
    #[inline(always)]
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Frame<'a>> {
        match *input {
            [] if self.begun.length().is_some() => return None,
            &[byte] => {
                if self.begun.push(byte) {
                    *input = &[];
                    return None;
                }
                if self.begun.is_ended_by(byte) {
                    *input = &[];
                    return self.end_line(byte);
                }
                let (frame, taken) = self.go_on_with(byte);
                *input = &input[taken..];
                return frame;
            }
            bytes if self.begun.push_few(bytes) => {
                *input = &[];
                return None;
            }
            _ => {}
        }
        match self.begun.length() {
            None => return self.go_on(input),
            Some(0) => {
                *input = &input[idle(input)..];
                if let Some((line, behind)) = self.whole_line(input) {
                    *input = behind;
                    return Some(Frame::Line(line));
                }
            }
            Some(_) => {}
        }
        *input = self.begun.fill(input);
        if input.is_empty() {
            return None;
        }
        self.go_on(input)
    }

    /// Whether the splitter waits for data that a line announced, or, all of them being there, for
    /// the end of that line. Whoever finds that it waits too long calls [`give_up`](Self::give_up).
    #[must_use]
    pub fn awaiting_data(&self) -> bool {
        match self.state {
            State::Data { .. } => true,
            State::Line => self.begun.length() > Some(0) && self.has_all_data(),
            State::Discard { .. } | State::Kept { .. } => false,
        }
    }

    /// Stops waiting for announced data: the following calls of [`next`](Self::next) report that
    /// line as miscounted and then split what had been taken for its data. A line that has all of
    /// its data and no end is taken as it is.
    pub fn give_up(&mut self) {
        match self.state {
            State::Data { scanned, .. } => {
                // All that is missing may be the end of the line.
                self.kept.push(b'\r');
                let cut = self.rules.look(&self.kept, scanned, true);
                if !matches!(cut, Cut::Piece(piece) if piece.is_line_of(self.kept.len())) {
                    self.kept.pop();
                }
                self.state = State::Kept { start: 0, scanned, given_up: true };
            }
            State::Line if self.awaiting_data() => {
                self.keep_begun(b'\r');
            }
            State::Line | State::Discard { .. } | State::Kept { .. } => {}
        }
    }

    /// Whether the line that goes on is whole but for its end.
    #[cold]
    fn has_all_data(&self) -> bool {
        let line = self.begun.bytes();
        self.rules.counted(line).is_some_and(|counted| counted.ended(line).is_some())
    }

    /// The line that goes on is kept, with its end.
    fn keep_begun(&mut self, end: u8) {
        let line = self.begun.leave();
        self.state = State::Kept { start: 0, scanned: line.len(), given_up: false };
        self.kept.extend_from_slice(line);
        self.kept.push(end);
    }

    /// The line at the beginning of some bytes, and what is behind it, if the line is whole and as it
    /// should be.
    #[inline(always)]
    fn whole_line<'i>(&self, bytes: &'i [u8]) -> Option<(&'i [u8], &'i [u8])> {
        let (length, taken) = match self.rules.counted(bytes) {
            None => {
                let reach = bytes.len().min(self.rules.limit + 1);
                let end = line_end(&bytes[..reach])?;
                (end, end + 1)
            }
            Some(counted) => self.rules.whole(counted, bytes)?,
        };
        Some((&bytes[..length], &bytes[taken..]))
    }

    /// The next frame where it is not a line that begins and ends in `input`: of what has come before
    /// it, and then of `input` what is no more easily appended.
    fn go_on(&mut self, input: &mut &[u8]) -> Option<Frame<'_>> {
        loop {
            let Some(length) = self.begun.length() else {
                match self.next_piece(input) {
                    Some((start, piece)) => return Some(piece.frame(&self.kept[start..])),
                    None if self.begun.length().is_none() => return None,
                    None => continue,
                }
            };
            if length == 0 {
                *input = &input[idle(input)..];
            }
            let limit = self.rules.limit;
            let reach = input.len().min(limit + 1 - length);
            let Some(end) = line_end(&input[..reach]) else {
                self.begun.extend(&input[..reach.min(limit - length)], limit);
                *input = &input[reach..];
                if length + reach <= limit {
                    return None;
                }
                let line = self.leave_line(State::Discard { start: 0, given_up: false });
                return Some(Frame::Overlong(line));
            };
            let (line_and_end, rest) = input.split_at(end + 1);
            *input = rest;
            self.begun.extend(&line_and_end[..end], limit);
            match self.ended() {
                Some(length) => return Some(Frame::Line(&self.begun.take()[..length])),
                None => self.keep_begun(line_and_end[end]),
            }
        }
    }

    /// The next frame where a byte alone came that is not easily appended, and how much of it was
    /// taken.
    #[cold]
    fn go_on_with(&mut self, byte: u8) -> (Option<Frame<'_>>, usize) {
        let mut input = &[byte][..];
        let frame = self.go_on(&mut input);
        (frame, 1 - input.len())
    }

    /// The frame of the line that goes on, whose `end` has come alone.
    fn end_line(&mut self, end: u8) -> Option<Frame<'_>> {
        match self.ended() {
            Some(length) => Some(Frame::Line(&self.begun.take()[..length])),
            None => {
                self.keep_begun(end);
                self.go_on(&mut &[][..])
            }
        }
    }

    /// How long the line is that went on and has ended, unless it announced data and is not, or not
    /// yet, as it should be.
    #[inline(always)]
    fn ended(&self) -> Option<usize> {
        let line = self.begun.bytes();
        match self.rules.counted(line) {
            None => Some(line.len()),
            Some(counted) => counted.ended(line),
        }
    }

    /// What makes the next frame of what is kept, and where that begins. There is none if more is
    /// needed, or if the state became that of a line.
    fn next_piece(&mut self, input: &mut &[u8]) -> Option<(usize, Piece)> {
        loop {
            match self.state {
                State::Line => return None,
                State::Data { scanned, total } => {
                    if !self.collect(total, input) {
                        return None;
                    }
                    self.state = State::Kept { start: 0, scanned, given_up: false };
                }
                State::Discard { start, given_up } => {
                    let (start, ended) = self.discard(start, input);
                    if !ended {
                        self.state = State::Discard { start, given_up };
                        return None;
                    }
                    self.state = State::Kept { start, scanned: 0, given_up };
                }
                State::Kept { mut start, scanned, given_up } => {
                    if scanned == 0 {
                        start += idle(&self.kept[start..]);
                    }
                    match self.rules.look(&self.kept[start..], scanned, given_up) {
                        Cut::Piece(piece) => {
                            let behind = start + piece.taken;
                            self.state = match piece.kind {
                                Kind::Overlong => State::Discard { start: behind, given_up },
                                _ => State::Kept { start: behind, scanned: 0, given_up },
                            };
                            return Some((start, piece));
                        }
                        Cut::Begun => {
                            self.begun.enter(&self.kept[start..], self.rules.limit);
                            self.kept.clear();
                            self.state = State::Line;
                        }
                        Cut::More { scanned, total } => {
                            self.kept.drain(..start);
                            self.state = State::Data { scanned, total };
                        }
                    }
                }
            }
        }
    }

    /// Leaves the state in which a line goes on. What has come of it.
    fn leave_line(&mut self, state: State) -> &[u8] {
        self.state = state;
        self.begun.leave()
    }

    /// Drops what belongs to a line that was too long, of what is kept from `start` on and then of
    /// `input`: from where the next line begins in what is kept, and whether the end has come.
    fn discard(&mut self, start: usize, input: &mut &[u8]) -> (usize, bool) {
        if let Some(end) = line_end(&self.kept[start..]) {
            return (start + end + 1, true);
        }
        let end = line_end(input);
        *input = &input[end.map_or(input.len(), |end| end + 1)..];
        (self.kept.len(), end.is_some())
    }

    /// Moves data from `input` to what is kept until there are `total` bytes; `false` if they have
    /// not all come.
    fn collect(&mut self, total: usize, input: &mut &[u8]) -> bool {
        let missing = total.saturating_sub(self.kept.len());
        let (now, later) = input.split_at(missing.min(input.len()));
        self.kept.extend_from_slice(now);
        *input = later;
        now.len() == missing
    }
}

impl fmt::Debug for LineSplitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let split = match self.state {
            State::Kept { start, .. } | State::Discard { start, .. } => start,
            State::Data { .. } | State::Line => 0,
        };
        let begun = self.begun.length().unwrap_or(0);
        f.debug_struct("LineSplitter")
            .field("kept", &(begun + self.kept.len() - split))
            .field("state", &self.state)
            .field("limit", &self.rules.limit)
            .finish_non_exhaustive()
    }
}

/// The least limit of a line, in bytes: signed data of 2048 bytes (spec 3.6) and their head must
/// fit with room to spare.
pub const MIN_LIMIT: usize = 4096;
