//! The parameters of a line, one after the other.

use std::fmt;
use std::str::FromStr;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while};
use nom::character::complete::{char, digit1, space0};
use nom::combinator::{opt, recognize};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

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

impl<'a> Fields<'a> {
    /// The fields of `args`, which is what follows the colon.
    #[must_use]
    pub fn new(args: &'a [u8]) -> Self {
        Self { all: args, rest: args, begun: false }
    }

    /// A whole number.
    ///
    /// # Errors
    /// If the field is missing, empty, no number, or out of the type's range.
    pub fn int<N: FromStr>(&mut self, name: &'static str) -> Result<N, FieldError> {
        let error = self.error(name);
        let digits = self.read(number).ok_or(error)?;
        std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(error)
    }

    /// A string, with or without its quotes.
    ///
    /// # Errors
    /// If the field is missing or its closing quote is.
    pub fn string(&mut self, name: &'static str) -> Result<&'a [u8], FieldError> {
        let error = self.error(name);
        self.read(alt((quoted, bare))).ok_or(error)
    }

    /// The same, as text.
    ///
    /// # Errors
    /// As [`string`](Self::string), and if the bytes are no UTF-8.
    pub fn text(&mut self, name: &'static str) -> Result<&'a str, FieldError> {
        let error = self.error(name);
        std::str::from_utf8(self.string(name)?).map_err(|_| error)
    }

    /// Whether another field follows.
    #[must_use]
    pub fn more(&self) -> bool {
        if self.begun { !blank(self.rest) } else { !blank(self.all) }
    }

    /// Nothing may follow any more.
    ///
    /// # Errors
    /// If something does.
    pub fn end(&self) -> Result<(), FieldError> {
        if self.more() { Err(self.error("end of line")) } else { Ok(()) }
    }

    /// Everything from here to the end of the line, with its quotes and commas.
    ///
    /// # Errors
    /// If there is nothing more.
    pub fn rest(&mut self, name: &'static str) -> Result<&'a [u8], FieldError> {
        let error = self.error(name);
        self.read(recognize(take_while(|_| true))).ok_or(error)
    }

    /// An error at this place.
    #[must_use]
    pub fn error(&self, expected: &'static str) -> FieldError {
        FieldError { expected, position: self.all.len() - self.rest.len() }
    }

    fn read(
        &mut self,
        mut field: impl Parser<&'a [u8], Output = &'a [u8], Error = nom::error::Error<&'a [u8]>>,
    ) -> Option<&'a [u8]> {
        let comma = |input| -> IResult<&'a [u8], ()> {
            if self.begun { (tag(","), space0).map(|_| ()).parse(input) } else { Ok((input, ())) }
        };
        let (rest, value) = preceded(comma, |input| field.parse(input)).parse(self.rest).ok()?;
        let (rest, _) = space0::<_, nom::error::Error<_>>(rest).ok()?;
        // A field ends where the next comma or the line's end is.
        if !rest.is_empty() && rest[0] != b',' {
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
            Self::ReadForm => {
                let mut fields = Fields::new(args);
                fields.int::<u32>("n").is_ok() && fields.int::<u32>("stat").is_ok()
            }
        }
    }
}

fn count_fields(args: &[u8]) -> usize {
    if blank(args) {
        return 0;
    }
    let mut quoted = false;
    1 + args
        .iter()
        .filter(|byte| {
            quoted ^= **byte == b'"';
            **byte == b',' && !quoted
        })
        .count()
}

fn number(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize((opt(char('-')), digit1)).parse(input)
}

fn quoted(input: &[u8]) -> IResult<&[u8], &[u8]> {
    delimited(char('"'), take_while(|byte| byte != b'"'), char('"')).parse(input)
}

fn bare(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, field) = take_while(|byte| byte != b',' && byte != b'"').parse(input)?;
    let blanks = field.iter().rev().take_while(|byte| **byte == b' ').count();
    Ok((rest, &field[..field.len() - blanks]))
}

fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == b' ')
}

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
