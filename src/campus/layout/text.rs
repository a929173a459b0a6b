//! A layout as a text file: see [the format](super#the-file).

use std::fmt;
use std::str::FromStr;

use super::{Builder, Envelope, FieldKind, InvalidLayout, Layout, LayoutStanding, MAX_FIELDS};
use crate::advice::{self, Advice};
use crate::campus::field::Field;
use crate::campus::template::Template;

impl fmt::Display for Layout {
    /// The text of its file. Parsed, it is the same layout.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "layout {VERSION}")?;
        writeln!(f, "template {}", self.template)?;
        writeln!(f, "standing {}", self.standing)?;
        writeln!(f, "envelope {}", self.envelope)?;
        self.items().iter().try_for_each(|item| writeln!(f, "{item}"))
    }
}

/// Why a text is not a layout.
///
/// It shows nothing of the text, which may be a captured code by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the layout: {reason}")]
pub struct InvalidText {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: InvalidTextReason,
}

impl InvalidText {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

/// What is wrong with the text of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTextReason {
    /// Something else should be there.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The fields are not a layout.
    #[error(transparent)]
    Invalid(#[from] InvalidLayout),
    /// A line comes a second time.
    #[error("{0} is there already")]
    Repeated(&'static str),
    /// The text is too long.
    #[error("the text has {length} bytes, at most {limit} are read")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length.
        limit: usize,
    },
}

impl InvalidTextReason {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

impl FromStr for Layout {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.len() > Self::MAX_TEXT {
            let reason = InvalidTextReason::TooLong { length: text.len(), limit: Self::MAX_TEXT };
            return Err(InvalidText { line: 1, column: 1, reason });
        }
        // Editors for Windows begin a file with this.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut file = File::default();
        let mut last = 0;
        for (index, line) in text.lines().enumerate() {
            let at = |(column, reason)| InvalidText { line: index + 1, column, reason };
            file.line(index + 1, &mut Words::new(line)).map_err(at)?;
            last = index + 1;
        }
        file.finish(last + 1)
    }
}

impl Layout {
    /// The longest text that is read, in bytes. Not specified; chosen because a whole page of comments
    /// fits.
    pub const MAX_TEXT: usize = 16_384;
}

/// What has been read of a file.
#[derive(Default)]
struct File {
    version: bool,
    builder: Option<Builder>,
    standing: bool,
    envelope: bool,
    /// Where each field is: line and column.
    fields: Vec<(usize, usize)>,
}

/// A reason and its column.
type Wrong = (usize, InvalidTextReason);

impl File {
    fn line(&mut self, number: usize, words: &mut Words<'_>) -> Result<(), Wrong> {
        let Some((column, word)) = words.next() else { return Ok(()) };
        if !self.version {
            return match word {
                "layout" => {
                    words.one(FORMAT, |version| (version == VERSION).then_some(()))?;
                    self.version = true;
                    Ok(())
                }
                _ => Err((column, InvalidTextReason::Expected(FORMAT))),
            };
        }
        let Some(builder) = self.builder.take() else {
            if word != "template" {
                return Err((
                    column,
                    InvalidTextReason::Expected("a line `template` with its number"),
                ));
            }
            let template = words.one("the number of the template", number_of)?;
            self.builder = Some(Layout::builder(Template(template)));
            return Ok(());
        };
        self.builder = Some(match word {
            "layout" | "template" => return Err((column, InvalidTextReason::Repeated("this"))),
            "standing" => {
                once(&mut self.standing, column, self.fields.len(), "the standing")?;
                let all = [LayoutStanding::Provisional, LayoutStanding::Proven];
                builder.standing(words.one("provisional or proven", |word| {
                    all.into_iter().find(|standing| standing.name() == word)
                })?)
            }
            "envelope" => {
                once(&mut self.envelope, column, self.fields.len(), "the envelope")?;
                builder.envelope(words.one(ENVELOPES, |word| {
                    Envelope::ALL.into_iter().find(|envelope| envelope.name() == word)
                })?)
            }
            name => {
                let wrong = (column, InvalidTextReason::Expected("the name of a field"));
                let field = Field::by_name(name).ok_or(wrong)?;
                let kind = kind(words)?;
                if self.fields.len() <= MAX_FIELDS {
                    self.fields.push((number, column));
                }
                builder.field(field, kind)
            }
        });
        Ok(())
    }

    /// The layout, if all of it was there. `end` is the line behind the last one.
    fn finish(self, end: usize) -> Result<Layout, InvalidText> {
        let missing = |expected| {
            let reason = InvalidTextReason::Expected(expected);
            InvalidText { line: end, column: 1, reason }
        };
        if !self.version {
            return Err(missing(FORMAT));
        }
        let builder = self.builder.ok_or(missing("a line `template` with its number"))?;
        builder.build().map_err(|error| {
            let place = error.index().and_then(|index| self.fields.get(index).copied());
            let (line, column) = place.unwrap_or((end, 1));
            InvalidText { line, column, reason: error.into() }
        })
    }
}

/// Checks that a line of the head comes for the first time, and before any field.
fn once(said: &mut bool, column: usize, fields: usize, what: &'static str) -> Result<(), Wrong> {
    if fields > 0 {
        return Err((
            column,
            InvalidTextReason::Expected("the standing and the envelope before the fields"),
        ));
    }
    if std::mem::replace(said, true) {
        return Err((column, InvalidTextReason::Repeated(what)));
    }
    Ok(())
}

/// How a field is written.
fn kind(words: &mut Words<'_>) -> Result<FieldKind, Wrong> {
    let end = words.end();
    let (column, word) = words.next().ok_or((end, InvalidTextReason::Expected(KINDS)))?;
    let kind = match word {
        "byte" => FieldKind::Byte,
        "bytes" => return words.one("how many bytes, 1 to 255", number_of).map(FieldKind::Bytes),
        "digits" => {
            return words.one("how many digits, 1 to 255", number_of).map(FieldKind::Digits);
        }
        "high" => FieldKind::High,
        "low" => FieldKind::Low,
        "u64" => FieldKind::U64,
        "vars" => FieldKind::Vars,
        _ => return Err((column, InvalidTextReason::Expected(KINDS))),
    };
    words.done().map(|()| kind)
}

/// A number without a sign and without leading zeros.
fn number_of<N: FromStr>(word: &str) -> Option<N> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit());
    (plain && (word == "0" || !word.starts_with('0'))).then(|| word.parse().ok()).flatten()
}

/// The words of a line that are not read yet, and where they are.
struct Words<'a> {
    rest: &'a str,
    column: usize,
}

impl<'a> Words<'a> {
    fn new(line: &'a str) -> Self {
        let code = line.split_once('#').map_or(line, |(code, _)| code);
        Self { rest: code.trim_end_matches(BLANKS), column: 1 }
    }

    /// The next word and its column.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let word = self.rest.trim_start_matches(BLANKS);
        let column = self.column + (self.rest.len() - word.len());
        let end = word.find(BLANKS).unwrap_or(word.len());
        let (word, rest) = word.split_at(end);
        self.rest = rest;
        self.column = column + word.chars().count();
        (!word.is_empty()).then_some((column, word))
    }

    /// The column behind what was read.
    fn end(&self) -> usize {
        self.column
    }

    /// Reads the last word of the line with `read`.
    fn one<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Wrong> {
        let end = self.end();
        let (column, word) = self.next().ok_or((end, InvalidTextReason::Expected(expected)))?;
        let value = read(word).ok_or((column, InvalidTextReason::Expected(expected)))?;
        self.done().map(|()| value)
    }

    fn done(&mut self) -> Result<(), Wrong> {
        match self.next() {
            None => Ok(()),
            Some((column, _)) => Err((column, InvalidTextReason::Expected("the end of the line"))),
        }
    }
}

/// The number of the format.
const VERSION: &str = "1";
const FORMAT: &str = "the line `layout 1`, since this is the only format there is";
const KINDS: &str = "byte, bytes, digits, high, low, u64 or vars";
const ENVELOPES: &str = "bare, length, template or template+length";
const BLANKS: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, usize, InvalidTextReason) {
        let error = text.parse::<Layout>().unwrap_err();
        (error.line, error.column, error.reason)
    }

    #[test]
    fn comments_blanks_and_line_ends_do_not_matter() {
        let text = "\u{feff}# a comment\r\n\r\n layout\t1 # so\r\ntemplate 4\r\n\
            school_no   u64\r\nidentify_id vars\r\ncard_type byte\r\ncard_status byte#\r\n\
            extinfos vars";
        assert_eq!(text.parse(), Ok(Layout::TEMPLATE_4));
    }

    #[test]
    fn the_place_of_a_mistake_is_named() {
        use InvalidTextReason::{Expected, Invalid, Repeated};
        let head = "layout 1\ntemplate 5\n";
        assert_eq!(wrong(""), (1, 1, Expected(FORMAT)));
        assert_eq!(wrong("\n# layout 1\n  template 5"), (3, 3, Expected(FORMAT)));
        assert_eq!(wrong("layout 2"), (1, 8, Expected(FORMAT)));
        assert_eq!(wrong("layout"), (1, 7, Expected(FORMAT)));
        let template = Expected("a line `template` with its number");
        assert_eq!(wrong("layout 1\n"), (2, 1, template));
        assert_eq!(wrong("layout 1\nenvelope bare"), (2, 1, template));
        let number = Expected("the number of the template");
        for template in ["05", "+5", "-5", "4294967296", "five"] {
            assert_eq!(wrong(&format!("layout 1\ntemplate {template}")), (2, 10, number));
        }
        assert_eq!(wrong("layout 1\ntemplate 5 6"), (2, 12, Expected("the end of the line")));
        assert_eq!(wrong(&format!("{head}template 5")), (3, 1, Repeated("this")));
        assert_eq!(
            wrong(&format!("{head}standing proven\nstanding proven")),
            (4, 1, Repeated("the standing"))
        );
        assert_eq!(wrong(&format!("{head}envelope open")), (3, 10, Expected(ENVELOPES)));
        assert_eq!(
            wrong(&format!("{head}school_no u64\n envelope bare")),
            (4, 2, Expected("the standing and the envelope before the fields"))
        );
        assert_eq!(wrong(&format!("{head}school u64")), (3, 1, Expected("the name of a field")));
        assert_eq!(wrong(&format!("{head}school_no")), (3, 10, Expected(KINDS)));
        assert_eq!(wrong(&format!("{head}校园 u64")), (3, 1, Expected("the name of a field")));
        assert_eq!(wrong(&format!("{head}school_no 校园 u64")), (3, 11, Expected(KINDS)));
        assert_eq!(
            wrong(&format!("{head}student_no vars 校园 #")),
            (3, 17, Expected("the end of the line"))
        );
        assert_eq!(
            wrong(&format!("{head}student_no digits 256")),
            (3, 19, Expected("how many digits, 1 to 255"))
        );
        assert_eq!(
            wrong(&format!("{head}student_no vars\n\n  student_no digits 3")),
            (5, 3, Invalid(InvalidLayout::Twice { index: 1, field: Field::StudentNo }))
        );
        assert_eq!(wrong(head), (3, 1, Invalid(InvalidLayout::Empty)));
        assert_eq!(
            wrong(&(head.to_string() + &"reserved byte\n".repeat(16))),
            (18, 1, Invalid(InvalidLayout::TooMany { limit: 15 }))
        );
    }

    #[test]
    fn a_text_has_a_limit() {
        let comment = |length: usize| format!("{}#{}", Layout::TEMPLATE_5, "x".repeat(length));
        let room = Layout::MAX_TEXT - comment(0).len();
        assert_eq!(comment(room).parse(), Ok(Layout::TEMPLATE_5));
        let reason =
            InvalidTextReason::TooLong { length: Layout::MAX_TEXT + 1, limit: Layout::MAX_TEXT };
        assert_eq!(wrong(&comment(room + 1)), (1, 1, reason));
    }

    #[test]
    fn an_error_shows_nothing_of_the_text() {
        let error =
            "layout 1\ntemplate 5\nschool_no 李明 2020010203".parse::<Layout>().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("李明") && !shown.contains("2020"), "{shown}");
        assert_eq!(
            error.to_string(),
            "line 3, column 11 of the layout: expected byte, bytes, digits, high, low, u64 or vars"
        );
    }
}
