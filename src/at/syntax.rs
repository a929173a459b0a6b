//! Syntax: what kind of line a line is.

use std::fmt;

use crate::at::result::FinalResult;

/// What kind of line it is, by its form alone.
///
/// ```text
/// OK · ERROR · +CME ERROR: 10           a final result code (V.250 5.7)
/// +CSQ: 11,0                            a prefix, a colon, parameters (V.250 5.4.4, 27.007 4)
/// Quectel_M26                           text
/// ```
///
/// Blanks before the colon (the spec's 3.7 prints `+ALIPAYREP : <result>`), behind it and at the
/// end of the line do not count.
#[derive(Clone, PartialEq, Eq)]
pub enum View<'a> {
    /// A final result code: the command is over.
    Final(FinalResult<'a>),
    /// A line with a prefix: the answer to a query, the result of a command, or a URC.
    Prefixed {
        /// The name with its `+`, such as `+CSQ`.
        prefix: &'a [u8],
        /// What follows the colon.
        args: &'a [u8],
    },
    /// Anything else: text of an answer, an echo, a URC without a prefix, noise.
    Text(&'a [u8]),
}

impl<'a> View<'a> {
    /// Classifies `line`, which ends before its line end.
    #[inline(always)]
    #[must_use]
    pub fn of(line: &'a [u8]) -> Self {
        match line {
            // Half of all lines are this, so it costs no call.
            b"OK" => Self::Final(FinalResult::Ok),
            [b'+', ..] => match prefixed(line) {
                Some((prefix, args)) => Self::Prefixed { prefix, args },
                None => Self::of_unusual(trim_end(line)),
            },
            _ => Self::of_text(trim_end(line)),
        }
    }

    /// As [`of`](Self::of), where a call more makes no difference.
    #[inline(never)]
    pub(crate) fn called(line: &'a [u8]) -> Self {
        Self::of(line)
    }

    /// Classifies a line that begins with a `+` and has no colon right behind its name.
    #[cold]
    fn of_unusual(line: &'a [u8]) -> Self {
        let (prefix, rest) = line.split_at(name(line));
        if let Some(reason) = rest.strip_prefix(b" ERROR:") {
            if let Some(result) = FinalResult::of_extended(prefix, trim_start(reason)) {
                return Self::Final(result);
            }
        }
        match trim_start(rest) {
            [b':', args @ ..] if prefix.len() > 1 => {
                Self::Prefixed { prefix, args: trim_start(args) }
            }
            _ => Self::Text(line),
        }
    }

    /// Classifies a line that does not begin with a `+`.
    fn of_text(line: &'a [u8]) -> Self {
        match line.first() {
            // The letters with which final results begin.
            Some(b'O' | b'E' | b'N' | b'B' | b'C') => {
                FinalResult::of_text(line).map_or(Self::Text(line), Self::Final)
            }
            _ => Self::Text(line),
        }
    }

    /// The parameters, if the line has this prefix.
    #[must_use]
    pub fn args_of(&self, wanted: &str) -> Option<&'a [u8]> {
        match self {
            Self::Prefixed { prefix, args } if *prefix == wanted.as_bytes() => Some(args),
            _ => None,
        }
    }
}

impl fmt::Debug for View<'_> {
    /// The kind, the prefix and the length: the rest may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Final(result) => write!(f, "Final({result})"),
            Self::Prefixed { prefix, args } => {
                write!(f, "Prefixed({}, [{} bytes])", String::from_utf8_lossy(prefix), args.len())
            }
            Self::Text(text) => write!(f, "Text([{} bytes])", text.len()),
        }
    }
}

/// A line as a log may show it: the prefix, if it has one, and how long the rest is.
///
/// A line without a prefix may be a damaged echo of a command, so nothing of it is shown but a
/// bare final result.
///
/// ```
/// use m26_pay::at::syntax::Redacted;
/// assert_eq!(Redacted(b"+ALIPAYDID: 0,\"0101\"").to_string(), "+ALIPAYDID: [8 bytes]");
/// assert_eq!(Redacted(b"LIPAYCFG=\"2018").to_string(), "[14 bytes]");
/// assert_eq!(Redacted(b"OK").to_string(), "OK");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redacted<'a>(pub &'a [u8]);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match View::of(self.0) {
            View::Final(result) => result.fmt(f),
            View::Prefixed { prefix, args } => {
                write!(f, "{}: [{} bytes]", String::from_utf8_lossy(prefix), args.len())
            }
            View::Text(text) => write!(f, "[{} bytes]", text.len()),
        }
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The prefix of a line and its parameters, if it is one of those most lines are: with a colon right
/// behind the prefix.
#[inline(always)]
pub(crate) fn prefixed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let [b'+', ..] = line else { return None };
    let line = trim_end(line);
    let (prefix, rest) = line.split_at(name(line));
    match rest {
        // Mostly there is one blank.
        [b':', b' ', args @ ..] if prefix.len() > 1 && args.first() > Some(&b' ') => {
            Some((prefix, args))
        }
        [b':', args @ ..] if prefix.len() > 1 => Some((prefix, trim_start(args))),
        _ => None,
    }
}

/// How long the name is with which a line begins, and the `+` before it.
#[inline(always)]
fn name(line: &[u8]) -> usize {
    line[1..].iter().take_while(|byte| NAME[usize::from(**byte)]).count() + 1
}

/// Where `sought` begins in `bytes` for the first time; nowhere if it is empty. For short lines that
/// are looked at seldom: [`memchr::memmem`] is quicker on long ones, and takes 13 kB of a program.
pub(crate) fn find(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    let (first, _) = sought.split_first()?;
    memchr::memchr_iter(*first, bytes).find(|at| bytes[*at..].starts_with(sought))
}

/// Without the blanks on both sides.
#[inline]
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_start(trim_end(bytes))
}

#[inline]
fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\r' | b'\n' | 0, rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[inline]
fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | 0] = bytes {
        bytes = rest;
    }
    bytes
}

/// What the name of a command is made of, by byte: looked up, as every line with a prefix is read
/// through it.
const NAME: [bool; 256] = {
    let mut name = [false; 256];
    let mut byte = 0;
    while byte < name.len() {
        name[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    name
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::result::{CmeCode, Explanation};

    #[test]
    fn blanks_around_the_colon_do_not_matter() {
        for line in
            [&b"+ALIPAYREP: 0"[..], b"+ALIPAYREP : 0", b"+ALIPAYREP:0 ", b"+ALIPAYREP:\r\n0"]
        {
            assert_eq!(View::of(line).args_of("+ALIPAYREP"), Some(&b"0"[..]));
        }
    }

    #[test]
    fn finals_are_whole_lines() {
        assert_eq!(View::of(b"OK"), View::Final(FinalResult::Ok));
        assert_eq!(View::of(b"OKAY"), View::Text(b"OKAY"));
        assert_eq!(View::of(b"+ALIPAYSHUT OK"), View::Text(b"+ALIPAYSHUT OK"));
        assert_eq!(
            View::of(b"+CME ERROR: 10"),
            View::Final(FinalResult::Cme(Explanation::Code(CmeCode::SIM_NOT_INSERTED)))
        );
    }

    #[test]
    fn parameters_do_not_show() {
        let shown = format!("{:?} {:?}", View::of(b"+X: \"KEY\""), View::of(b"X: \"KEY\""));
        assert_eq!(shown, "Prefixed(+X, [5 bytes]) Text([8 bytes])");
    }

    #[test]
    fn what_is_sought_is_found_where_it_begins_first() {
        for (bytes, sought, at) in [
            ("key", "key", Some(0)),
            ("a key, a key", "key", Some(2)),
            ("kkey", "key", Some(1)),
            ("ke", "key", None),
            ("key", "", None),
            ("", "key", None),
        ] {
            assert_eq!(find(bytes.as_bytes(), sought.as_bytes()), at, "{sought:?} in {bytes:?}");
        }
    }

    #[test]
    fn no_name_is_no_prefix() {
        assert_eq!(View::of(b"+: 1"), View::Text(b"+: 1"));
        assert_eq!(View::of(b""), View::Text(b""));
    }
}
