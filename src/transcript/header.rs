//! [`RecordingHeader`]: what a recording says of itself.

use std::fmt;

use crate::unix_time::UnixMillis;

/// What a recording says of itself: when, where and with what it was made.
///
/// It stands before the first step, one entry a line, in comments, so that whoever reads transcripts
/// reads it too:
///
/// ```text
/// # m26-pay recording 1
/// # date: 2026-11-30T07:50:00.000Z
/// # port: /dev/ttyUSB0
/// # rate: 115200
/// # profile: quectel
/// # software: m26-pay 0.1.0
/// # firmware: M26FBR03A03-TTS
/// ```
///
/// The number in the first line is that of the format. A name that is not known is kept. The firmware
/// is known once the module has told it (ATI), so its line may stand among the steps.
///
/// ```
/// use m26_pay::transcript::RecordingHeader;
/// use m26_pay::unix_time::UnixMillis;
///
/// let header = RecordingHeader::new(UnixMillis(1_548_811_777_000)).port("/dev/ttyUSB0");
/// assert_eq!(header.get("date"), Some("2019-01-30T01:29:37.000Z"));
/// assert!(header.to_string().starts_with("# m26-pay recording 1\n# date: 2019"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingHeader {
    entries: Vec<(String, String)>,
}

impl RecordingHeader {
    /// A recording that begins at this time, made with this crate.
    #[must_use]
    pub fn new(date: UnixMillis) -> Self {
        Self::empty().with("date", &date.to_string()).with("software", SOFTWARE)
    }

    /// The port: its path.
    #[must_use]
    pub fn port(self, path: &str) -> Self {
        self.with("port", path)
    }

    /// The rate of the line, in bits per second.
    #[must_use]
    pub fn rate(self, baud: u32) -> Self {
        self.with("rate", &baud.to_string())
    }

    /// The profile of the module: [`Profile::name`](crate::at::profile::Profile::name).
    #[must_use]
    pub fn profile(self, name: &str) -> Self {
        self.with("profile", name)
    }

    /// What else is to be known, such as `adapter`. A name that is there already gets another value.
    ///
    /// Of the name only letters, digits, `_` and `-` are kept. Control characters in the value become
    /// `U+FFFD`, and no more than 200 characters of it are kept.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name: String = name.chars().filter(|char| is_name(*char)).collect();
        if !name.is_empty() {
            self.set(&name, &printable(value));
        }
        self
    }

    /// What it says of this.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.entries().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All that it says, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(super) fn empty() -> Self {
        Self { entries: Vec::new() }
    }

    /// Takes a line of a recording. Whether it is an entry.
    pub(super) fn take(&mut self, line: &str) -> bool {
        let entry = line.strip_prefix("# ").and_then(|text| text.split_once(": "));
        match entry.filter(|(name, _)| !name.is_empty() && name.chars().all(is_name)) {
            Some((name, value)) => {
                self.set(name, &printable(value));
                true
            }
            None => false,
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.to_owned(),
            None => self.entries.push((name.to_owned(), value.to_owned())),
        }
    }
}

impl fmt::Display for RecordingHeader {
    /// The lines of the header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BEGIN}")?;
        self.entries().try_for_each(|(name, value)| f.write_str(&comment(name, value)))
    }
}

/// A line of a header.
pub(super) fn comment(name: &str, value: &str) -> String {
    format!("# {name}: {}\n", printable(value))
}

/// Whether a recording begins with this line.
pub(super) fn begins(line: &str) -> bool {
    line.trim_end() == BEGIN
}

/// One line, without blanks at its ends.
fn printable(value: &str) -> String {
    let show = |char: char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char };
    value.trim().chars().map(show).take(LONGEST).collect::<String>().trim_end().to_owned()
}

fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-')
}

/// The first line of a recording.
pub(super) const BEGIN: &str = "# m26-pay recording 1";

/// The entry that a recorder adds.
pub(super) const FIRMWARE: &str = "firmware";

const SOFTWARE: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Not specified; chosen because a path and a version are shorter.
const LONGEST: usize = 200;
