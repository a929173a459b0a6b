//! A command line, taken apart into the commands it holds (V.250, 5.2 to 5.4).

use super::reply::Failure;

/// One command of a line.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Call<'a> {
    /// The name in capitals and without blanks, with its sign: `+CSQ`, `E`, `&W`.
    pub(crate) name: String,
    pub(crate) form: Form<'a>,
}

/// How a command is used.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Form<'a> {
    /// `+NAME`, or a basic command.
    Execute,
    /// `+NAME?`
    Read,
    /// `+NAME=?`
    Test,
    /// `+NAME=a,"b"`, or the number of a basic command; without the quotes.
    Set(Vec<&'a str>),
}

/// Takes the first command off a line without its `AT`, and returns it with what is left. Blanks
/// do not count, but in strings (V.250, 5.2.1).
pub(crate) fn next_call(line: &str) -> Result<(Call<'_>, &str), Failure> {
    match line.chars().next() {
        Some('+' | '*' | '^' | '$' | '%') => extended(line),
        Some('&') => basic(line, 1),
        _ => basic(line, 0),
    }
}

/// `E0`, `&W`: a letter, perhaps after a sign, and a number. `D` takes what is dialled, up to a `;`,
/// and `S` has a register.
fn basic(line: &str, sign: usize) -> Result<(Call<'_>, &str), Failure> {
    let letter = sign + blanks(&line[sign..]);
    if !line[letter..].starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(Failure::SYNTAX);
    }
    let (name, rest) = line.split_at(letter + 1);
    let name = capitals(name);
    let end = match name.as_str() {
        "D" => outside_quotes(rest, b';').next().unwrap_or(rest.len()),
        _ => number_end(rest),
    };
    let (number, rest) = rest.split_at(end);
    if name == "S" {
        return register(number.trim_matches(' '), rest);
    }
    if rest.starts_with(['=', '?']) {
        return Err(Failure::SYNTAX);
    }
    let form = match number.trim_matches(' ') {
        "" => Form::Execute,
        _ if name == "D" => Form::Set(arguments(number)),
        number => Form::Set(vec![number]),
    };
    Ok((Call { name, form }, rest.trim_start_matches([' ', ';'])))
}

/// Where a number ends that may have blanks in it.
fn number_end(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b' ').count()
}

/// `S0=1`, `S0?`: a register is read or set, and its number belongs to its name (V.250, 5.3.2).
fn register<'a>(number: &str, rest: &'a str) -> Result<(Call<'a>, &'a str), Failure> {
    if number.is_empty() || number.contains(' ') {
        return Err(Failure::SYNTAX);
    }
    let (form, rest) = if let Some(rest) = rest.strip_prefix('?') {
        (Form::Read, rest)
    } else {
        let value = rest.strip_prefix('=').ok_or(Failure::SYNTAX)?;
        let value = value.trim_start_matches(' ');
        match value.strip_prefix('?') {
            Some(rest) => (Form::Test, rest),
            None => {
                let (value, rest) = value.split_at(number_end(value));
                (Form::Set(vec![value.trim_end_matches(' ')]), rest)
            }
        }
    };
    Ok((Call { name: format!("S{number}"), form }, rest.trim_start_matches([' ', ';'])))
}

/// `+NAME…` up to the `;` outside quotes, or to the end.
fn extended(line: &str) -> Result<(Call<'_>, &str), Failure> {
    let end = outside_quotes(line, b';').next().unwrap_or(line.len());
    let (command, rest) = line.split_at(end);
    let rest = rest.strip_prefix(';').unwrap_or(rest).trim_start_matches(' ');
    let name_end = command.find(['=', '?']).unwrap_or(command.len());
    let (name, tail) = command.split_at(name_end);
    let name = capitals(name);
    let form = match tail.trim_matches(' ') {
        "" => Form::Execute,
        "?" => Form::Read,
        _ => match tail.strip_prefix('=').ok_or(Failure::SYNTAX)? {
            values if values.trim_matches(' ') == "?" => Form::Test,
            values => Form::Set(arguments(values)),
        },
    };
    // V.250, 5.4.1.
    let in_name = |char: char| char.is_ascii_alphanumeric() || "!%-./:_".contains(char);
    if name.len() == 1 || !name[1..].chars().all(in_name) {
        return Err(Failure::SYNTAX);
    }
    Ok((Call { name, form }, rest))
}

fn capitals(name: &str) -> String {
    name.replace(' ', "").to_ascii_uppercase()
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// The arguments, each without outer spaces and without its quotes. Both dialects take them with
/// quotes or without: whether a module requires either is not known.
fn arguments(text: &str) -> Vec<&str> {
    let mut start = 0;
    let mut arguments = Vec::new();
    for comma in outside_quotes(text, b',').chain([text.len()]) {
        let argument = text[start..comma].trim_matches(' ');
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
