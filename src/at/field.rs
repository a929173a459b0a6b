//! Fields: the parameters of a line.

use std::fmt;

use crate::advice::{self, Advice};

use memchr::memchr;
use nom::character::complete::char;
use nom::error::{Error, ErrorKind};
use nom::sequence::delimited;
use nom::{Err, IResult, Parser};

/// Reads the parameters behind a prefix: numbers and strings with commas between them, any number
/// of blanks around them (the M26AT manual itself prints `+CSQ: 30, 0`).
///
/// No string holds a quote: neither the spec nor a manual knows an escape for it.
///
/// ```
/// use m26_pay::at::field::Fields;
///
/// let mut fields = Fields::new(b"0,\"0101\"");
/// assert_eq!(fields.int::<i32>("result"), Ok(0));
/// assert_eq!(fields.string("bizTid"), Ok(&b"0101"[..]));
/// assert_eq!(fields.end(), Ok(()));
/// ```
#[derive(Clone)]
pub struct Fields<'a> {
    all: &'a [u8],
    rest: &'a [u8],
    begun: bool,
}

/// What a line does not hold where it should: the name of the field, and the position in bytes
/// from the first parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field by the document's name, or what else was due.
    pub expected: &'static str,
    /// The position in bytes from the beginning of the parameters.
    pub position: usize,
}

impl FieldError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::ANSWER_MALFORMED
    }
}

impl<'a> Fields<'a> {
    /// The fields of `args`, which is what follows the colon.
    #[inline]
    #[must_use]
    pub fn new(args: &'a [u8]) -> Self {
        Self { all: args, rest: args, begun: false }
    }

    /// A whole number, with a `-` in front if it is negative.
    ///
    /// # Errors
    /// If the field is missing, empty, no number, or out of the range of the type or of an `i64`.
    // Inlined without fail, as are the parsers of a field or two, so that what is read stays in
    // registers.
    #[inline(always)]
    pub fn int<N: TryFrom<i64>>(&mut self, name: &'static str) -> Result<N, FieldError> {
        let error = self.error(name);
        self.read(number).and_then(|number| N::try_from(number).ok()).ok_or(error)
    }

    /// A string, with or without its quotes.
    ///
    /// # Errors
    /// If the field is missing or its closing quote is.
    #[inline]
    pub fn string(&mut self, name: &'static str) -> Result<&'a [u8], FieldError> {
        let error = self.error(name);
        self.read(string).ok_or(error)
    }

    /// A string as text, with or without its quotes.
    ///
    /// # Errors
    /// As [`string`](Self::string), and if the bytes are no UTF-8.
    #[inline]
    pub fn text(&mut self, name: &'static str) -> Result<&'a str, FieldError> {
        let error = self.error(name);
        std::str::from_utf8(self.string(name)?).map_err(|_| error)
    }

    /// Whether another field follows.
    #[inline]
    #[must_use]
    pub fn more(&self) -> bool {
        !blank(self.rest)
    }

    /// Nothing may follow any more.
    ///
    /// # Errors
    /// If something does.
    #[inline]
    pub fn end(&self) -> Result<(), FieldError> {
        if self.more() { Err(self.error("end of line")) } else { Ok(()) }
    }

    /// Everything from here to the end of the line, with its quotes and commas.
    ///
    /// # Errors
    /// If there is nothing more.
    #[inline]
    pub fn rest(&mut self, name: &'static str) -> Result<&'a [u8], FieldError> {
        let error = self.error(name);
        self.read(everything).ok_or(error)
    }

    /// An error at this place.
    #[inline]
    #[must_use]
    pub fn error(&self, expected: &'static str) -> FieldError {
        FieldError { expected, position: self.all.len() - self.rest.len() }
    }

    #[inline(always)]
    fn read<T>(&mut self, field: impl FnOnce(&'a [u8]) -> IResult<&'a [u8], T>) -> Option<T> {
        let input = match self.rest {
            [b',', behind @ ..] if self.begun => trim_start(behind),
            _ if self.begun => return None,
            first => first,
        };
        let (rest, value) = field(input).ok()?;
        let rest = trim_start(rest);
        // A field ends where the next comma or the line's end is.
        if !matches!(rest, [] | [b',', ..]) {
            return None;
        }
        self.rest = rest;
        self.begun = true;
        Some(value)
    }
}

impl fmt::Debug for Fields<'_> {
    /// How many bytes there are and remain: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields([{} of {} bytes])", self.rest.len(), self.all.len())
    }
}

/// How the parameters of a line look, as far as that tells lines with the same prefix apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Any parameters.
    Any,
    /// So many fields.
    Fields(usize),
    /// The read form of a registration: the second field is a bare number. In the URC there is
    /// either no second field or a quoted one.
    ReadForm,
}

impl Shape {
    /// Whether `args` look like this.
    #[must_use]
    pub fn fits(self, args: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Fields(count) => count_fields(args) == count,
            Self::ReadForm => is_read_form(args),
        }
    }
}

fn count_fields(args: &[u8]) -> usize {
    if blank(args) {
        return 0;
    }
    let (mut fields, mut quoted) = (1, false);
    for byte in args {
        match byte {
            // Most bytes are digits and letters.
            b'-'.. => {}
            b',' if !quoted => fields += 1,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    fields
}

/// Whether the second field is a bare number.
#[inline(never)]
fn is_read_form(args: &[u8]) -> bool {
    let mut fields = Fields::new(args);
    fields.int::<u32>("n").is_ok() && fields.int::<u32>("stat").is_ok()
}

#[inline(always)]
fn number(input: &[u8]) -> IResult<&[u8], i64> {
    let (negative, digits) = match input {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut value, mut rest) = (0i64, digits);
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        rest = behind;
    }
    let number = match digits.len() - rest.len() {
        0 => None,
        1..=SURE_DIGITS => Some(if negative { -value } else { value }),
        _ => long_number(&input[..input.len() - rest.len()]),
    };
    number.map(|number| (rest, number)).ok_or(Err::Error(Error::new(input, ErrorKind::Digit)))
}

/// A number that may be out of range.
#[cold]
fn long_number(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[inline]
fn string(input: &[u8]) -> IResult<&[u8], &[u8]> {
    if input.first() == Some(&b'"') { quoted(input) } else { bare(input) }
}

fn quoted(input: &[u8]) -> IResult<&[u8], &[u8]> {
    delimited(char('"'), up_to_quote, char('"')).parse(input)
}

#[inline]
fn up_to_quote(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (field, rest) = input.split_at(memchr(b'"', input).unwrap_or(input.len()));
    Ok((rest, field))
}

fn bare(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let end = input.iter().position(|byte| matches!(byte, b',' | b'"')).unwrap_or(input.len());
    let (field, rest) = input.split_at(end);
    let blanks = field.iter().rev().take_while(|byte| **byte == b' ').count();
    Ok((rest, &field[..field.len() - blanks]))
}

#[inline]
fn everything(input: &[u8]) -> IResult<&[u8], &[u8]> {
    Ok((&input[input.len()..], input))
}

#[inline]
fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', behind @ ..] = bytes {
        bytes = behind;
    }
    bytes
}

fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == b' ')
}

/// Any number of so many digits is in range.
const SURE_DIGITS: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_blanks() {
        let mut fields = Fields::new(b"30 , -1,\"a,b\", bare text ");
        assert_eq!(fields.int::<u8>("rssi"), Ok(30));
        assert_eq!(fields.int::<i8>("ber"), Ok(-1));
        assert_eq!(fields.string("name"), Ok(&b"a,b"[..]));
        assert_eq!(fields.text("text"), Ok("bare text"));
        assert_eq!(fields.end(), Ok(()));
    }

    #[test]
    fn errors_name_the_field_and_the_place() {
        let mut fields = Fields::new(b"1,x");
        assert_eq!(fields.int::<u8>("rssi"), Ok(1));
        assert_eq!(fields.end(), Err(FieldError { expected: "end of line", position: 1 }));
        assert_eq!(fields.int::<u8>("ber"), Err(FieldError { expected: "ber", position: 1 }));
        assert!(Fields::new(b"256").int::<u8>("n").is_err());
        assert!(Fields::new(b"\"open").string("s").is_err());
        assert!(Fields::new(b"\"a\"b").string("s").is_err());
        assert!(Fields::new(b"").int::<u8>("n").is_err());
    }

    #[test]
    fn numbers_end_with_their_type() {
        for (text, ends) in [
            ("127", true),
            ("-128", true),
            ("007", true),
            ("128", false),
            ("-129", false),
            ("-", false),
            ("--1", false),
            ("1-", false),
            ("99999999999999999999", false),
        ] {
            assert_eq!(
                Fields::new(text.as_bytes()).int::<i8>("n").ok(),
                text.parse().ok(),
                "{text}"
            );
            assert_eq!(Fields::new(text.as_bytes()).int::<i8>("n").is_ok(), ends, "{text}");
        }
        for bound in [i64::MIN, i64::MAX] {
            assert_eq!(Fields::new(bound.to_string().as_bytes()).int("n"), Ok(bound));
        }
        assert!(Fields::new(b"9223372036854775808").int::<i64>("n").is_err());
        assert!(Fields::new(b"-1").int::<u32>("n").is_err());
    }

    #[test]
    fn empty_strings_are_strings() {
        let mut fields = Fields::new(b"0,\"\",");
        assert_eq!(fields.int::<u8>("result"), Ok(0));
        assert_eq!(fields.string("bizTid"), Ok(&b""[..]));
        assert_eq!(fields.string("next"), Ok(&b""[..]));
    }

    #[test]
    fn shapes_tell_a_read_from_a_urc() {
        assert!(Shape::ReadForm.fits(b"0,1"));
        assert!(Shape::ReadForm.fits(b"2, 1,\"1A2B\",\"0C3D\""));
        assert!(!Shape::ReadForm.fits(b"1"));
        assert!(!Shape::ReadForm.fits(b"1,\"1A2B\",\"0C3D\""));
        assert!(Shape::Fields(2).fits(b"0,12"));
        assert!(!Shape::Fields(2).fits(b"0"));
        assert!(Shape::Fields(1).fits(b"\"a,b\""));
    }
}
