//! Bytes to lines.
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

use std::fmt;

use bytes::Bytes;
use memchr::memchr2;

use crate::at::syntax::View;
use crate::secret::Redacted;

/// A line that announces the length of the quoted data at its end, as data for a
/// [`LineSplitter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The prefix of the line, with its `+` and without the colon.
    pub prefix: &'static str,
    /// The number of fields before the one that holds the length.
    pub fields_before: usize,
    /// The greatest length that is believed, in bytes.
    pub max: usize,
}

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
pub struct Line(Bytes);

impl Line {
    /// A line from its bytes, which end before the line end.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
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
        View::of(&self.0)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted(&self.0).fmt(f)
    }
}

/// Cuts a stream of bytes into lines.
///
/// It resumes where it stopped and looks at no byte twice (but once more at what follows a line
/// that announced a wrong length), so any split of the input gives the same frames and the work
/// is linear. It keeps at most one line and the data which that line announced.
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
    kept: Vec<u8>,
    /// Where the line that is being collected begins in `kept`.
    start: usize,
    /// How much of that line is known to hold no line end.
    scanned: usize,
    /// What that line needs before it is looked at again.
    need: Option<Need>,
    /// After an overlong line: everything up to the next line end is dropped.
    discarding: bool,
    /// Whether what is kept was given up as data: a counted line in it is not waited for.
    resplit: bool,
    counted: &'static [Counted],
    limit: usize,
}

impl LineSplitter {
    /// A splitter for lines of at most `limit` bytes, raised to [`MIN_LIMIT`] if it is lower.
    #[must_use]
    pub fn new(limit: usize, counted: &'static [Counted]) -> Self {
        Self {
            kept: Vec::new(),
            start: 0,
            scanned: 0,
            need: None,
            discarding: false,
            resplit: false,
            counted,
            limit: limit.max(MIN_LIMIT),
        }
    }

    /// The next frame of what was kept and `input`, which is advanced past what was taken.
    ///
    /// `None` means that all of `input` was taken and more is needed.
    #[inline]
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Frame<'a>> {
        match (self.need, *input) {
            // A line that is whole in the input is not copied.
            (None, window) if self.kept.is_empty() && !self.discarding => {
                let idle = window.iter().position(|byte| !is_idle(*byte)).unwrap_or(window.len());
                let window = &window[idle..];
                let reach = &window[..window.len().min(self.limit + 1)];
                *input = window;
                match memchr2(b'\r', b'\n', reach) {
                    Some(end) if !self.is_counted(&window[..end]) => {
                        *input = &window[end + 1..];
                        return Some(Frame::Line(&window[..end]));
                    }
                    Some(_) => {}
                    None => self.scanned = reach.len(),
                }
            }
            // A byte alone in the middle of a line is all that many a UART has to give.
            (Some(Need::LineEnd), &[byte])
                if !matches!(byte, b'\r' | b'\n') && self.kept.len() < self.limit =>
            {
                self.kept.push(byte);
                *input = &[];
                return None;
            }
            _ => {}
        }
        self.next_kept(input)
    }

    /// The same for a line that is not whole in the input, or needs a closer look.
    fn next_kept<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Frame<'a>> {
        loop {
            if let Some(need) = self.need {
                if !self.collect(need, input) {
                    return None;
                }
                self.need = None;
            }
            if self.start == self.kept.len() {
                self.kept.clear();
                self.start = 0;
                self.resplit = false;
            }
            let from_kept = !self.kept.is_empty();
            let window = if from_kept { &self.kept[self.start..] } else { *input };
            if window.is_empty() {
                return None;
            }
            let idle = match (self.discarding, self.scanned) {
                (true, _) => {
                    let end = memchr2(b'\r', b'\n', window);
                    self.discarding = end.is_none();
                    end.map_or(window.len(), |end| end + 1)
                }
                (false, 0) => window.iter().take_while(|byte| is_idle(**byte)).count(),
                (false, _) => 0,
            };
            if idle > 0 {
                self.take(idle, from_kept, input);
                continue;
            }
            match self.cut(window, self.scanned) {
                Cut::Frame { kind, length, taken } => {
                    self.scanned = 0;
                    self.discarding = matches!(kind, Kind::Overlong);
                    let begin = self.start;
                    let whole = *input;
                    self.take(taken, from_kept, input);
                    let bytes = if from_kept { &self.kept[begin..] } else { whole };
                    return Some(kind.frame(&bytes[..length]));
                }
                Cut::More { scanned, need } => {
                    self.scanned = scanned;
                    self.need = Some(need);
                    if matches!(need, Need::LineEnd) {
                        self.resplit = false;
                    }
                    if !from_kept {
                        self.kept.extend_from_slice(input);
                        *input = &[];
                        return None;
                    }
                }
            }
        }
    }

    /// Whether the splitter waits for data that a line announced. Whoever finds that it waits too
    /// long calls [`give_up`](Self::give_up).
    #[must_use]
    pub fn awaiting_data(&self) -> bool {
        matches!(self.need, Some(Need::Bytes(_)))
    }

    /// Stops waiting for announced data: the following calls of [`next`](Self::next) report that
    /// line as miscounted and then split what had been taken for its data.
    pub fn give_up(&mut self) {
        if self.awaiting_data() {
            self.need = None;
            self.resplit = true;
        }
    }

    fn is_counted(&self, line: &[u8]) -> bool {
        line.first() == Some(&b'+')
            && self.counted.iter().any(|counted| line.starts_with(counted.prefix.as_bytes()))
    }

    /// Moves what `need` asks for from `input` to what is kept; `false` if it has not all come.
    fn collect(&mut self, need: Need, input: &mut &[u8]) -> bool {
        if self.start > 0 {
            self.kept.drain(..self.start);
            self.start = 0;
        }
        let (count, complete) = match need {
            Need::Bytes(total) => {
                let missing = total.saturating_sub(self.kept.len());
                (missing.min(input.len()), missing <= input.len())
            }
            Need::LineEnd => {
                let room = (self.limit + 1).saturating_sub(self.kept.len()).min(input.len());
                match memchr2(b'\r', b'\n', &input[..room]) {
                    Some(end) => (end + 1, true),
                    None => (room, self.kept.len() + room > self.limit),
                }
            }
        };
        let (now, later) = input.split_at(count);
        self.kept.extend_from_slice(now);
        *input = later;
        complete
    }

    fn take(&mut self, count: usize, from_kept: bool, input: &mut &[u8]) {
        if from_kept {
            self.start += count;
        } else {
            *input = &input[count..];
        }
    }

    /// Decides about the line at the beginning of `window`, of which `scanned` bytes are known to
    /// hold no end of it.
    fn cut(&self, window: &[u8], scanned: usize) -> Cut {
        let reach = window.len().min(self.limit + 1);
        let Some(end) = memchr2(b'\r', b'\n', &window[scanned.min(reach)..reach]) else {
            return if window.len() > self.limit {
                Cut::Frame { kind: Kind::Overlong, length: self.limit, taken: reach }
            } else {
                Cut::More { scanned: window.len(), need: Need::LineEnd }
            };
        };
        let end = scanned + end;
        let line = &window[..end];
        match self.counted.iter().find_map(|counted| counted.head(line)) {
            None => Cut::line(end, end + 1),
            Some(Head::Wrapped) => self.unwrap_page(window, scanned, end),
            Some(Head::Data { at, length, max }) => {
                if length > max {
                    return Cut::miscounted(end);
                }
                self.close(window, end, at + length)
            }
        }
    }

    /// A counted line must have its quote at `close`, and nothing behind it but spaces.
    fn close(&self, window: &[u8], end: usize, close: usize) -> Cut {
        match window.get(close) {
            None => return self.wait(end, close + 1),
            Some(b'"') => {}
            Some(_) => return Cut::miscounted(end),
        }
        let behind = window[close + 1..].iter().take(BLANKS + 1).position(|byte| *byte != b' ');
        match behind.map(|at| (close + 1 + at, window[close + 1 + at])) {
            None if window.len() - (close + 1) > BLANKS => Cut::miscounted(end),
            None => self.wait(end, window.len() + 1),
            Some((at, b'\r' | b'\n')) => Cut::line(close + 1, at + 1),
            Some(_) => Cut::miscounted(end),
        }
    }

    /// The spec's print breaks the page behind `+ALIPAYSIGN:`. Should a module do so as well, a
    /// digit or a sign at the beginning of the next line shows that the line goes on.
    fn unwrap_page(&self, window: &[u8], scanned: usize, end: usize) -> Cut {
        let next = window[end..]
            .iter()
            .take(BLANKS + 1)
            .position(|byte| !matches!(byte, b'\r' | b'\n' | b' ' | 0));
        let Some(next) = next.map(|at| end + at) else {
            return if self.resplit || window.len() - end > BLANKS {
                Cut::line(end, end + 1)
            } else {
                Cut::More { scanned, need: Need::Bytes(window.len() + 1) }
            };
        };
        if !matches!(window[next], b'0'..=b'9' | b'-') {
            return Cut::line(end, end + 1);
        }
        self.cut(window, next)
    }

    fn wait(&self, end: usize, total: usize) -> Cut {
        if self.resplit {
            return Cut::miscounted(end);
        }
        Cut::More { scanned: end, need: Need::Bytes(total) }
    }
}

impl fmt::Debug for LineSplitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineSplitter")
            .field("kept", &(self.kept.len() - self.start))
            .field("need", &self.need)
            .field("discarding", &self.discarding)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug)]
enum Need {
    /// A line end, or one byte more than the limit.
    LineEnd,
    /// So many bytes from the beginning of the line.
    Bytes(usize),
}

enum Cut {
    Frame { kind: Kind, length: usize, taken: usize },
    More { scanned: usize, need: Need },
}

impl Cut {
    fn line(length: usize, taken: usize) -> Self {
        Self::Frame { kind: Kind::Line, length, taken }
    }

    fn miscounted(end: usize) -> Self {
        Self::Frame { kind: Kind::Miscounted, length: end, taken: end + 1 }
    }
}

enum Kind {
    Line,
    Miscounted,
    Overlong,
}

impl Kind {
    fn frame(self, bytes: &[u8]) -> Frame<'_> {
        match self {
            Self::Line => Frame::Line(bytes),
            Self::Miscounted => Frame::Miscounted(bytes),
            Self::Overlong => Frame::Overlong(bytes),
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
    /// The head of a line of this kind, or `None` if it announces nothing.
    fn head(&self, line: &[u8]) -> Option<Head> {
        let rest = trim(line.strip_prefix(self.prefix.as_bytes())?);
        let mut rest = trim(rest.strip_prefix(b":")?);
        if rest.is_empty() {
            return Some(Head::Wrapped);
        }
        for _ in 0..self.fields_before {
            let comma = memchr::memchr(b',', rest)?;
            rest = trim(&rest[comma + 1..]);
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = rest[..digits].iter().fold(0usize, |value, digit| {
            value.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
        });
        let data = trim(trim(&rest[digits..]).strip_prefix(b",")?).strip_prefix(b"\"")?;
        (digits > 0).then_some(Head::Data { at: line.len() - data.len(), length, max: self.max })
    }
}

/// Whether a byte before a line belongs to none.
fn is_idle(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// Without the blanks in front, a page wrap among them.
fn trim(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n' | 0)).count();
    &bytes[blanks..]
}

/// How many blanks are looked through for the end or the rest of a counted line. Not specified;
/// chosen because a page wrap and an indent are a few.
const BLANKS: usize = 64;

/// The least limit of a line, in bytes: signed data of 2048 bytes (spec 3.6) and their head must
/// fit with room to spare.
pub const MIN_LIMIT: usize = 4096;
