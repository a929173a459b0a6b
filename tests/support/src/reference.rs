//! What the splitter must find, told in the plainest way: over the whole input at once, with no
//! thought of what it costs.

use m26_pay::at::line::Counted;

use crate::frames::Cut;

/// The frames of `input`, of which all has come. What is not complete at its end is none.
pub fn frames(input: &[u8], limit: usize, counted: &[Counted]) -> Vec<Cut> {
    let mut found = Vec::new();
    let mut rest = input;
    loop {
        rest = behind(rest, |byte| is_end(byte) || byte == 0);
        let (cut, taken) = match first(rest, limit, counted) {
            Found::Nothing => return found,
            Found::Line(length, taken) => (Cut::Line(rest[..length].to_vec()), taken),
            Found::Miscounted(end) => (Cut::Miscounted(rest[..end].to_vec()), end + 1),
            Found::Overlong => {
                let end = end_from(rest, limit).unwrap_or(rest.len() - 1);
                (Cut::Overlong(rest[..limit].to_vec()), end + 1)
            }
        };
        found.push(cut);
        rest = &rest[taken..];
    }
}

enum Found {
    /// The line has so many bytes, and so many are taken with what ends it.
    Line(usize, usize),
    Miscounted(usize),
    Overlong,
    /// Nothing is complete.
    Nothing,
}

fn first(rest: &[u8], limit: usize, counted: &[Counted]) -> Found {
    let mut end = match end_from(rest, 0) {
        Some(end) if end <= limit => end,
        _ if rest.len() > limit => return Found::Overlong,
        _ => return Found::Nothing,
    };
    let named = |counted| Some((counted, colon(rest, end, counted)?));
    let named: Vec<(&Counted, usize)> = counted.iter().filter_map(named).collect();
    // The page may be wrapped behind the colon.
    if named.iter().any(|(_, colon)| behind(&rest[*colon..end], is_blank).is_empty()) {
        let blanks = rest.len() - end - behind(&rest[end..], is_blank).len();
        match rest.get(end + blanks) {
            None if blanks <= BLANKS => return Found::Nothing,
            Some(b'-' | b'0'..=b'9') if blanks <= BLANKS => {}
            _ => return Found::Line(end, end + 1),
        }
        end = match end_from(rest, end + blanks) {
            Some(end) if end <= limit => end,
            _ if rest.len() > limit => return Found::Overlong,
            _ => return Found::Nothing,
        };
    }
    let announced = named.iter().find_map(|(counted, colon)| {
        let (data, length) = announced(&rest[..end], *colon, counted.fields_before)?;
        Some((data, length, counted.max))
    });
    let Some((data, length, max)) = announced else {
        return Found::Line(end, end + 1);
    };
    if length > max {
        return Found::Miscounted(end);
    }
    let close = data + length;
    match rest.get(close) {
        None => return Found::Nothing,
        Some(b'"') => {}
        Some(_) => return Found::Miscounted(end),
    }
    let after = behind(&rest[close + 1..], |byte| byte == b' ');
    let blanks = rest.len() - close - 1 - after.len();
    match after.first() {
        None if blanks <= BLANKS => Found::Nothing,
        Some(byte) if is_end(*byte) && blanks <= BLANKS => {
            Found::Line(close + 1, close + 1 + blanks + 1)
        }
        _ => Found::Miscounted(end),
    }
}

/// Where the colon behind the prefix of `counted` ends.
fn colon(rest: &[u8], end: usize, counted: &Counted) -> Option<usize> {
    let name = rest[..end].strip_prefix(counted.prefix.as_bytes())?;
    let behind = behind(name, |byte| byte == b' ' || byte == 0).strip_prefix(b":")?;
    Some(end - behind.len())
}

/// Where the data of a line begin, and the length it announces.
fn announced(line: &[u8], colon: usize, fields_before: usize) -> Option<(usize, usize)> {
    let mut at = colon;
    for _ in 0..fields_before {
        at += line[at..].iter().position(|byte| *byte == b',')? + 1;
    }
    let skip = |at: usize| line.len() - behind(&line[at..], is_blank).len();
    let digits = skip(at);
    let mut at = digits;
    while line.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    let length = std::str::from_utf8(&line[digits..at]).ok().filter(|text| !text.is_empty())?;
    let comma = skip(at);
    let quote = skip(line.get(comma).filter(|byte| **byte == b',').map(|_| comma + 1)?);
    line.get(quote).filter(|byte| **byte == b'"')?;
    // A number with too many digits is greater than any that is believed.
    Some((quote + 1, length.parse().unwrap_or(usize::MAX)))
}

fn end_from(bytes: &[u8], at: usize) -> Option<usize> {
    (at..bytes.len()).find(|at| is_end(bytes[*at]))
}

fn behind(bytes: &[u8], skipped: impl Fn(u8) -> bool) -> &[u8] {
    let count = bytes.iter().take_while(|byte| skipped(**byte)).count();
    &bytes[count..]
}

fn is_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

fn is_blank(byte: u8) -> bool {
    is_end(byte) || byte == b' ' || byte == 0
}

/// How many blanks are looked through for the end or the rest of a counted line.
const BLANKS: usize = 64;
