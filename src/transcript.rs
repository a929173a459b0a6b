//! [`Transcript`]: the traffic of a line as text, recorded from live ports, for tests, the
//! simulator, fuzzers and benches.
//!
//! ```text
//! # a comment
//! > AT+CSQ\r                          what the host sent
//! < \r\n+CSQ: 11,0\r\n\r\nOK\r\n      what the module sent
//! + 1500                              1500 milliseconds pass
//! ```
//!
//! A step begins with its sign and one blank. `\r`, `\n`, `\\` and `\xNN` stand for bytes; blanks
//! at the end of a line do not count (write `\x20`).
//!
//! A file that [`RecordingFile`] has opened also says in comments what was recorded: see
//! [`RecordingHeader`]. [`Recording`] reads it.

#[cfg(any(feature = "async", feature = "blocking"))]
mod file;
mod header;
mod lines;
mod mask;
mod recording;

use std::fmt::{self, Write as _};
use std::io;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::advice::{self, Advice};

use crate::log::warn;

#[cfg(any(feature = "async", feature = "blocking"))]
pub use file::{RecordingError, RecordingFile};
pub use header::RecordingHeader;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use lines::LineLog;
use lines::Lines;
pub use mask::mask;
pub use recording::Recording;

/// The traffic of a line, step by step.
///
/// ```
/// use m26_pay::transcript::{TranscriptStep, Transcript};
///
/// let transcript: Transcript = "# signal\n> AT+CSQ\\r\n< \\r\\n+CSQ: 11,0\\r\\n".parse()?;
/// assert_eq!(transcript.steps[0], TranscriptStep::ToModule(b"AT+CSQ\r".to_vec()));
/// assert_eq!(transcript.to_string(), "> AT+CSQ\\r\n< \\r\\n+CSQ: 11,0\\r\\n\n");
/// # Ok::<(), m26_pay::transcript::InvalidTranscript>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The steps, in order.
    pub steps: Vec<TranscriptStep>,
}

/// One step of a [`Transcript`].
#[derive(Clone, PartialEq, Eq)]
pub enum TranscriptStep {
    /// The module sent these bytes.
    FromModule(Vec<u8>),
    /// A pause of this length.
    Pass(Duration),
    /// The host sent these bytes.
    ToModule(Vec<u8>),
}

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the module to the host.
    FromModule,
    /// From the host to the module.
    ToModule,
}

/// Why a text is not a transcript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the transcript: {reason}")]
pub struct InvalidTranscript {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl InvalidTranscript {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::TRANSCRIPT
    }
}

impl FromStr for Transcript {
    type Err = InvalidTranscript;

    fn from_str(text: &str) -> Result<Self, InvalidTranscript> {
        let steps = text.lines().enumerate().filter_map(|(index, line)| {
            let step = parse_step(line.trim_end()).transpose()?;
            Some(step.map_err(|reason| InvalidTranscript { line: index + 1, reason }))
        });
        Ok(Self { steps: steps.collect::<Result<_, _>>()? })
    }
}

fn parse_step(line: &str) -> Result<Option<TranscriptStep>, &'static str> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (sign, text) = line.split_once(' ').unwrap_or((line, ""));
    Ok(Some(match sign {
        ">" => TranscriptStep::ToModule(unescape(text)?),
        "<" => TranscriptStep::FromModule(unescape(text)?),
        "+" => {
            let millis = text.trim().parse().map_err(|_| "a number of milliseconds is expected")?;
            TranscriptStep::Pass(Duration::from_millis(millis))
        }
        _ => return Err("a step begins with >, < or +, a comment with #"),
    }))
}

fn unescape(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(), digit());
                match (high, low) {
                    (Some(high), Some(low)) => (high * 16 + low) as u8,
                    _ => return Err("two hexadecimal digits are expected behind \\x"),
                }
            }
            _ => return Err("only \\r, \\n, \\\\ and \\xNN are known"),
        });
    }
    Ok(bytes)
}

/// Bytes as a transcript writes them.
#[derive(Clone, Copy)]
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            match byte {
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                b'\\' => f.write_str("\\\\")?,
                b' ' if index + 1 == self.0.len() => f.write_str("\\x20")?,
                b' '..=b'~' => f.write_char(char::from(*byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for TranscriptStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromModule(bytes) => write!(f, "< {}", Escaped(bytes)),
            Self::Pass(time) => write!(f, "+ {}", time.as_millis()),
            Self::ToModule(bytes) => write!(f, "> {}", Escaped(bytes)),
        }
    }
}

impl fmt::Debug for TranscriptStep {
    /// The text, with secrets replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked =
            |bytes: &[u8]| bytes.split_inclusive(lines::is_line_end).flat_map(mask).collect();
        match self {
            Self::FromModule(bytes) => Self::FromModule(masked(bytes)).fmt_plain(f),
            Self::Pass(_) => self.fmt_plain(f),
            Self::ToModule(bytes) => Self::ToModule(masked(bytes)).fmt_plain(f),
        }
    }
}

impl TranscriptStep {
    /// What the module's answer to ATI says of its firmware.
    fn firmware(&self) -> Option<String> {
        let Self::FromModule(line) = self else { return None };
        let revision = line.trim_ascii().strip_prefix(b"Revision: ")?;
        Some(String::from_utf8_lossy(revision).into_owned())
    }

    fn fmt_plain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.steps).finish()
    }
}

/// Writes a transcript of the traffic, line by line. Secrets are replaced by other characters of
/// the same number: see [`mask`].
///
/// The first time that the module says which firmware it has (ATI), a comment tells it too, as one of
/// a [`RecordingHeader`] does.
pub struct Recorder {
    lines: Lines,
    sink: Sink,
}

/// Where a recording goes.
struct Sink {
    to: Box<dyn io::Write + Send>,
    last: Instant,
    /// Whether the firmware was told.
    firmware: bool,
    failed: bool,
}

impl Recorder {
    /// A recorder that begins now.
    #[must_use]
    pub fn new(to: impl io::Write + Send + 'static, now: Instant) -> Self {
        let sink = Sink { to: Box::new(to), last: now, firmware: false, failed: false };
        Self { lines: Lines::default(), sink }
    }

    /// Records these bytes. If they cannot be written, that is logged once and the recording ends.
    pub fn record(&mut self, now: Instant, direction: Direction, bytes: &[u8]) {
        self.lines.feed(direction, bytes, |line| self.sink.write(now, direction, line));
    }
}

/// What a client hands its traffic to. By this trait, the code of a [`Recorder`] is in those programs
/// alone that begin a recording.
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) trait Record: Send {
    /// Takes these bytes.
    fn pass(&mut self, now: Instant, direction: Direction, bytes: &[u8]);
}

#[cfg(any(feature = "async", feature = "blocking"))]
impl Record for Recorder {
    fn pass(&mut self, now: Instant, direction: Direction, bytes: &[u8]) {
        self.record(now, direction, bytes);
    }
}

impl Sink {
    fn write(&mut self, now: Instant, direction: Direction, line: &[u8]) {
        if line.is_empty() || self.failed {
            return;
        }
        let mut text = String::new();
        let passed = now.saturating_duration_since(self.last);
        if passed.as_millis() > 0 {
            self.last = now;
            text.push_str(&format!("{}\n", TranscriptStep::Pass(passed)));
        }
        let step = match direction {
            Direction::FromModule => TranscriptStep::FromModule(mask(line)),
            Direction::ToModule => TranscriptStep::ToModule(mask(line)),
        };
        if let Some(firmware) = step.firmware().filter(|_| !self.firmware) {
            self.firmware = true;
            text.push_str(&header::comment(header::FIRMWARE, &firmware));
        }
        text.push_str(&format!("{step}\n"));
        if let Err(error) = self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush()) {
            warn!(%error, "the transcript cannot be written, and ends here");
            self.failed = true;
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        for direction in [Direction::ToModule, Direction::FromModule] {
            let rest = self.lines.take(direction);
            self.sink.write(self.sink.last, direction, &rest);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("failed", &self.sink.failed).finish_non_exhaustive()
    }
}
