//! A command line, taken apart into the commands it holds (V.250, 5.2 to 5.4).

use super::reply::Failure;

/// One command of a line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Call<'a> {
    /// The name in capitals, with its sign: `+CSQ`, `E`, `&W`.
    pub(super) name: String,
    pub(super) form: Form<'a>,
}

/// How a command is used.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Form<'a> {
    /// `+NAME`, or a basic command.
    Execute,
    /// `+NAME?`
    Read,
    /// `+NAME=?`
    Test,
    /// `+NAME=a,"b"`, or the number of a basic command; without the quotes.
    Set(Vec<&'a str>),
}

/// Takes the first command off a line without its `AT`, and returns it with what is left.
pub(super) fn next_call(line: &str) -> Result<(Call<'_>, &str), Failure> {
    match line.chars().next() {
        Some('+' | '*' | '^' | '$' | '%') => extended(line),
        Some('&') => basic(line, 1),
        _ => basic(line, 0),
    }
}

/// `E0`, `&W`: a letter, perhaps after a sign, and a number.
fn basic(line: &str, sign: usize) -> Result<(Call<'_>, &str), Failure> {
    let letter = line.as_bytes().get(sign).filter(|byte| byte.is_ascii_alphabetic());
    if letter.is_none() {
        return Err(Failure::SYNTAX);
    }
    let (name, rest) = line.split_at(sign + 1);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(digits);
    let form = if number.is_empty() { Form::Execute } else { Form::Set(vec![number]) };
    let rest = rest.trim_start_matches([' ', ';']);
    Ok((Call { name: name.to_ascii_uppercase(), form }, rest))
}

/// `+NAME…` up to the `;` outside quotes, or to the end.
fn extended(line: &str) -> Result<(Call<'_>, &str), Failure> {
    let end = outside_quotes(line, b';').next().unwrap_or(line.len());
    let (command, rest) = line.split_at(end);
    let rest = rest.strip_prefix(';').unwrap_or(rest).trim_start();
    let command = command.trim_end();
    let name_end = command.find(['=', '?']).unwrap_or(command.len());
    let (name, tail) = command.split_at(name_end);
    let form = match tail {
        "" => Form::Execute,
        "?" => Form::Read,
        "=?" => Form::Test,
        _ => Form::Set(arguments(tail.strip_prefix('=').ok_or(Failure::SYNTAX)?)),
    };
    Ok((Call { name: name.trim_end().to_ascii_uppercase(), form }, rest))
}

/// The arguments, each without outer spaces and without its quotes. Both dialects take them with
/// quotes or without: that a module insists on either is not known.
fn arguments(text: &str) -> Vec<&str> {
    let mut start = 0;
    let mut arguments = Vec::new();
    for comma in outside_quotes(text, b',').chain([text.len()]) {
        let argument = text[start..comma].trim();
        let bare = argument.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        arguments.push(bare.unwrap_or(argument));
        start = comma + 1;
    }
    arguments
}

/// Where a separator stands outside double quotes, in which everything is text (M26 AT manual
/// V1.1, 1.3).
fn outside_quotes(text: &str, separator: u8) -> impl Iterator<Item = usize> + '_ {
    let mut quoted = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        quoted ^= byte == b'"';
        (byte == separator && !quoted).then_some(at)
    })
}
