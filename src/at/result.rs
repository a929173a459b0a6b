//! Final result codes: the line that ends a command.

use std::borrow::Cow;
use std::fmt;

pub use crate::at::me_error::{CmeCode, CmsCode};

/// A final result code of V.250 (5.7), 27.007 (9.2) or 27.005 (3.2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinalResult<'a> {
    /// `OK`.
    Ok,
    /// `ERROR`, without a reason.
    Error,
    /// `+CME ERROR: …`, an error of the module.
    Cme(Explanation<'a, CmeCode>),
    /// `+CMS ERROR: …`, an error of its message service.
    Cms(Explanation<'a, CmsCode>),
    /// `CONNECT`, with or without a text. It ends only a command that declares it.
    Connect,
    /// `NO CARRIER`. It ends only a command that declares it.
    NoCarrier,
    /// `NO DIALTONE`. It ends only a command that declares it.
    NoDialtone,
    /// `NO ANSWER`. It ends only a command that declares it.
    NoAnswer,
    /// `BUSY`. It ends only a command that declares it.
    Busy,
}

/// The reason in an extended error: a number, or (AT+CMEE=2) a text.
///
/// A text that the tables know becomes its number, any other is kept.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Explanation<'a, Code> {
    /// The number.
    Code(Code),
    /// A text that is in no table.
    Text(Cow<'a, str>),
}

impl<'a> FinalResult<'a> {
    /// Whether the code ends any command, and not only those that declare it.
    #[must_use]
    pub fn ends_any_command(&self) -> bool {
        matches!(self, Self::Ok | Self::Error | Self::Cme(_) | Self::Cms(_))
    }

    /// The number of a `+CME ERROR` or `+CMS ERROR`.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Cme(Explanation::Code(code)) => Some(code.0),
            Self::Cms(Explanation::Code(code)) => Some(code.0),
            _ => None,
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> FinalResult<'static> {
        match self {
            Self::Ok => FinalResult::Ok,
            Self::Error => FinalResult::Error,
            Self::Cme(explanation) => FinalResult::Cme(explanation.into_owned()),
            Self::Cms(explanation) => FinalResult::Cms(explanation.into_owned()),
            Self::Connect => FinalResult::Connect,
            Self::NoCarrier => FinalResult::NoCarrier,
            Self::NoDialtone => FinalResult::NoDialtone,
            Self::NoAnswer => FinalResult::NoAnswer,
            Self::Busy => FinalResult::Busy,
        }
    }

    pub(crate) fn of_text(line: &'a [u8]) -> Option<Self> {
        Some(match line {
            b"OK" => Self::Ok,
            b"ERROR" => Self::Error,
            b"NO CARRIER" => Self::NoCarrier,
            b"NO DIALTONE" => Self::NoDialtone,
            b"NO ANSWER" => Self::NoAnswer,
            b"BUSY" => Self::Busy,
            b"CONNECT" => Self::Connect,
            _ if line.starts_with(b"CONNECT ") => Self::Connect,
            _ => return None,
        })
    }

    pub(crate) fn of_extended(prefix: &[u8], reason: &'a [u8]) -> Option<Self> {
        Some(match prefix {
            b"+CME" => {
                let mut listed = CmeCode::LISTED.iter().map(|code| (code.0, code.description()));
                Self::Cme(read_reason(reason, &mut listed).map_code(CmeCode))
            }
            b"+CMS" => {
                let mut listed = CmsCode::LISTED.iter().map(|code| (code.0, code.description()));
                Self::Cms(read_reason(reason, &mut listed).map_code(CmsCode))
            }
            _ => return None,
        })
    }
}

/// The number in a reason, or that of its text in a list of numbers with their texts.
fn read_reason<'a>(
    reason: &'a [u8],
    listed: &mut dyn Iterator<Item = (u16, Option<&'static str>)>,
) -> Explanation<'a, u16> {
    let text = String::from_utf8_lossy(reason);
    if let Ok(number) = text.parse() {
        return Explanation::Code(number);
    }
    for (number, known) in listed {
        if known.is_some_and(|known| known.eq_ignore_ascii_case(&text)) {
            return Explanation::Code(number);
        }
    }
    Explanation::Text(text)
}

impl<'a> Explanation<'a, u16> {
    fn map_code<Code>(self, code: fn(u16) -> Code) -> Explanation<'a, Code> {
        match self {
            Self::Code(number) => Explanation::Code(code(number)),
            Self::Text(text) => Explanation::Text(text),
        }
    }
}

impl<Code> Explanation<'_, Code> {
    fn into_owned(self) -> Explanation<'static, Code> {
        match self {
            Self::Code(code) => Explanation::Code(code),
            Self::Text(text) => Explanation::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// As the module writes it.
#[cfg(feature = "serde")]
impl serde::Serialize for FinalResult<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for FinalResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("OK"),
            Self::Error => f.write_str("ERROR"),
            Self::Cme(explanation) => write!(f, "+CME ERROR: {explanation}"),
            Self::Cms(explanation) => write!(f, "+CMS ERROR: {explanation}"),
            Self::Connect => f.write_str("CONNECT"),
            Self::NoCarrier => f.write_str("NO CARRIER"),
            Self::NoDialtone => f.write_str("NO DIALTONE"),
            Self::NoAnswer => f.write_str("NO ANSWER"),
            Self::Busy => f.write_str("BUSY"),
        }
    }
}

impl<Code: fmt::Display> fmt::Display for Explanation<'_, Code> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            // A text in no table may be anything, a damaged echo among them.
            Self::Text(text) => write!(f, "a text of {} bytes", text.len()),
        }
    }
}

impl<Code: fmt::Display> fmt::Debug for Explanation<'_, Code> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cme(reason: &[u8]) -> FinalResult<'_> {
        FinalResult::of_extended(b"+CME", reason).unwrap()
    }

    #[test]
    fn numbers_and_known_texts_are_the_same() {
        assert_eq!(cme(b"10"), cme(b"SIM not inserted"));
        assert_eq!(cme(b"10").code(), Some(10));
        assert_eq!(cme(b"10").to_string(), "+CME ERROR: 10 (SIM not inserted)");
    }

    #[test]
    fn unknown_numbers_and_texts_survive() {
        assert_eq!(cme(b"9999").code(), Some(9999));
        assert_eq!(cme(b"9999").to_string(), "+CME ERROR: 9999 (unknown code)");
        assert_eq!(cme(b"odd"), FinalResult::Cme(Explanation::Text("odd".into())));
        assert_eq!(cme(b"odd").code(), None);
        assert_eq!(cme(b"70000"), FinalResult::Cme(Explanation::Text("70000".into())));
    }
}
