//! A line and its parameters.

use m26_pay::at::field::{FieldError, Fields, Shape};
use m26_pay::at::line::Line;
use m26_pay::at::result::FinalResult;
use m26_pay::at::syntax::Redacted;
use m26_pay::at::syntax::View;

use super::source::{Source, assert_hidden, unfold};

/// Every line has one view, which is made of its own bytes; its fields are read in any order and to
/// any type, what was read is read again from what is written, and nothing of it shows.
///
/// What is before the first `|` chooses how the fields are read, the rest is the line.
pub fn syntax(data: &[u8]) {
    let mut source = Source::new(data);
    let choices = source.until(b'|');
    let line = unfold(source.rest());
    let view = View::of(&line);
    assert_eq!(View::of(&[&line[..], b" \0 "].concat()), view, "blanks behind a line");
    let shown = format!("{view:?} {:?} {}", Line::new(line.clone()), Redacted(&line));
    assert_hidden(&shown);
    match &view {
        View::Final(result) => final_result(result),
        View::Prefixed { prefix, args } => {
            prefixed(&line, prefix, args);
            read(choices, args);
            fields(args);
        }
        View::Text(text) => assert!(line.starts_with(text)),
    }
    // The parameters of a line are also read where its beginning was lost.
    read(choices, &line);
    fields(&line);
}

fn final_result(result: &FinalResult<'_>) {
    assert_eq!(result.clone().into_owned(), *result);
    assert_hidden(&format!("{result} {result:?}"));
    if let Some(code) = result.code() {
        // The text of the table and the number say the same.
        let verb = if matches!(result, FinalResult::Cme(_)) { "+CME" } else { "+CMS" };
        let number = format!("{verb} ERROR: {code}");
        assert_eq!(View::of(number.as_bytes()), View::Final(result.clone()));
    }
}

fn prefixed(line: &[u8], prefix: &[u8], args: &[u8]) {
    let name = prefix.strip_prefix(b"+").unwrap();
    assert!(!name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric));
    let rest = line.strip_prefix(prefix).unwrap();
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\r' | b'\n' | 0);
    let rest = &rest[rest.iter().take_while(blank).count()..];
    let rest = rest.strip_prefix(b":").unwrap();
    let rest = &rest[rest.iter().take_while(blank).count()..];
    assert!(rest.starts_with(args));
    assert!(rest[args.len()..].iter().all(|byte| matches!(byte, b' ' | 0)));
    let prefix = std::str::from_utf8(prefix).unwrap();
    assert_eq!(View::of(line).args_of(prefix), Some(args));
    assert_eq!(View::of(line).args_of(&prefix[1..]), None);
}

/// Reads fields as one type or another.
fn read(choices: &[u8], args: &[u8]) {
    let mut fields = Fields::new(args);
    let mut before = 0;
    for choice in choices.iter().take(64) {
        let failed: Option<FieldError> = match choice % 8 {
            0 => fields.int::<u8>("u8").err(),
            1 => fields.int::<i32>("i32").err(),
            2 => fields.int::<u64>("u64").err(),
            3 => fields.string("string").err(),
            4 => fields.text("text").err(),
            5 => fields.rest("rest").err(),
            6 => fields.end().err(),
            _ => (!fields.more()).then(|| fields.error("more")),
        };
        let at = fields.error("here").position;
        assert!(before <= at && at <= args.len());
        assert!(failed.is_none_or(|error| error.position <= at), "{failed:?}");
        before = at;
    }
    assert_hidden(&format!("{fields:?}"));
}

/// If all fields read as strings they are told apart by their commas, and what is written of them
/// reads the same.
fn fields(args: &[u8]) {
    let Some(strings) = strings(args) else { return };
    assert!(Shape::Fields(strings.len()).fits(args), "{} fields", strings.len());
    let quoted: Vec<_> = strings.iter().map(|string| [b"\"", *string, b"\""].concat()).collect();
    let written = quoted.join(&b","[..]);
    assert_eq!(self::strings(&written).as_ref(), Some(&strings));
    // A tab is no part of a number, and may be one of a text; minus zero is zero.
    let is_number = |field: &[u8]| match field.trim_ascii() {
        [b'-', zeros @ ..] => zeros.iter().all(|digit| *digit == b'0'),
        digits => digits.iter().all(u8::is_ascii_digit),
    };
    if Shape::ReadForm.fits(args) {
        assert!(strings.len() >= 2 && strings[..2].iter().all(|field| is_number(field)));
    }
}

fn strings(args: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Fields::new(args);
    let mut strings = Vec::new();
    while fields.more() {
        strings.push(fields.string("string").ok()?);
    }
    Some(strings)
}
