//! Commands of a line: reading a command line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::at::verb::{self, Effect, Verb, Verbs};

/// One command of a command line.
///
/// A request says which commands it holds, whether it was written by this crate, by an
/// implementation of [`Command`](super::Command) or by hand:
///
/// ```
/// use m26_pay::at::command::{Command, Form};
/// use m26_pay::at::profile::Profile;
/// use m26_pay::at::verb::Effect;
/// use m26_pay::m26::Raw;
///
/// let request = Raw::new("at + csq; + alipay shut").request(&Profile::quectel())?;
/// let [csq, shut] = &request.commands()[..] else { panic!() };
/// assert_eq!((&csq.name[..], csq.form), (&b"+CSQ"[..], Form::Execute));
/// assert_eq!(shut.effect(), Effect::ClosesSdk);
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Spoken<'a> {
    /// The name in capitals and without blanks, with the sign before it: `+CSQ`, `&W`, `E`, `S0`.
    pub name: Cow<'a, [u8]>,
    /// The form.
    pub form: Form,
    /// What is known of it.
    pub verb: Option<&'static Verb>,
    /// Everything behind the `=` of the set form, or the number of a basic command.
    pub(crate) args: &'a [u8],
    /// Where in the line the name stands, and the arguments.
    pub(crate) name_at: Range<usize>,
    pub(crate) args_at: Range<usize>,
}

/// The form of a command (V.250 5.3.1, 5.4.3 and 5.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `+NAME`: it does something.
    Execute,
    /// `+NAME?`: it asks.
    Read,
    /// `+NAME=…`, or the number of a basic command, `E0`: it does something.
    Set,
    /// `+NAME=?`: it asks.
    Test,
}

impl Spoken<'_> {
    /// Whether the form does something, and does not only ask.
    #[must_use]
    pub fn acts(&self) -> bool {
        matches!(self.form, Form::Execute | Form::Set)
    }

    /// What the command does in this form.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.verb {
            Some(verb) if self.acts() => verb.effect,
            _ => Effect::Answers,
        }
    }

    /// The group of the verb.
    #[must_use]
    pub fn group(&self) -> Option<&'static str> {
        self.verb.and_then(|verb| verb.group)
    }

    /// Whether it has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        *self.name == *name.as_bytes()
    }

    /// The arguments, without outer blanks and without quotes.
    pub fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        let spans = (self.form == Form::Set).then(|| argument_spans(self.args));
        spans.into_iter().flatten().map(|span| {
            let argument = self.args[span].trim_ascii();
            let inner = argument.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
            inner.unwrap_or(argument)
        })
    }

    /// What may be shown of the name: the letters behind it may be an argument that has lost its
    /// `=`.
    pub(crate) fn shown_name(&self) -> &[u8] {
        match self.verb {
            Some(verb) if !verb.family => verb.name.as_bytes(),
            _ => {
                let sign = usize::from(!self.name[0].is_ascii_alphabetic());
                let letters =
                    self.name[sign..].iter().take_while(|byte| byte.is_ascii_alphabetic());
                &self.name[..sign + letters.count()]
            }
        }
    }
}

impl fmt::Debug for Spoken<'_> {
    /// Without the arguments, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.shown_name()))?;
        match self.form {
            Form::Execute => Ok(()),
            Form::Read => f.write_str("?"),
            Form::Set => write!(f, "=[{} bytes]", self.args.len()),
            Form::Test => f.write_str("=?"),
        }
    }
}

/// The body of a command line, behind its `AT`. V.250 5.2.1 has both letters in the same case; a line
/// in which they are not is taken for one here, as a module may do so too.
pub(crate) fn body(line: &[u8]) -> Option<&[u8]> {
    let (at, body) = line.split_at_checked("AT".len())?;
    at.eq_ignore_ascii_case(b"AT").then_some(body)
}

/// Reads a command line. Nothing else in this crate reads them.
///
/// ```text
/// line      AT body <CR>                       V.250 5.2.1: blanks do not count, but in strings
/// body      basic… extended ; extended ; …     V.250 5.2.1, 5.4.5: no ; behind a basic command
/// basic     &? letter number?                  V.250 5.3.1: E0 · &W · S0=1 · S0?
/// dial      D anything ;?                      V.250 6.3.1
/// extended  sign name                          V.250 5.4.1 to 5.4.4; the sign is + or * ^ $ %
///           sign name ?
///           sign name =?
///           sign name = arguments              up to a ; outside of quotes, in which all is text
/// ```
///
/// A line that does not follow this grammar is answered with an error, or the module carries out
/// what it understands of it. So that no command is overlooked, the part that does not follow it is
/// skipped and the rest is read. Perhaps one command too many is found.
pub(crate) fn read(line: &[u8], verbs: Verbs) -> Commands<'_> {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |at| at + 1);
    let line = &line[..end];
    let at = line.len() - body(line).map_or(0, <[u8]>::len);
    Commands { line, at, verbs }
}

/// The commands of a line, in order.
pub(crate) struct Commands<'a> {
    line: &'a [u8],
    at: usize,
    verbs: Verbs,
}

impl<'a> Iterator for Commands<'a> {
    type Item = Spoken<'a>;

    fn next(&mut self) -> Option<Spoken<'a>> {
        loop {
            match *self.line.get(self.at)? {
                b'"' => self.skip_string(),
                sign if is_sign(sign) => {
                    if let Some(command) = self.extended() {
                        return Some(command);
                    }
                }
                first if first == b'&' || first.is_ascii_alphabetic() => {
                    if let Some(command) = self.basic() {
                        return Some(command);
                    }
                }
                _ => self.at += 1,
            }
        }
    }
}

impl<'a> Commands<'a> {
    fn extended(&mut self) -> Option<Spoken<'a>> {
        let begin = self.at;
        self.at += 1;
        self.skip(|byte| is_name(byte) || byte == b' ');
        let name = begin..begin + self.line[begin..self.at].trim_ascii_end().len();
        if name.len() == 1 {
            return None;
        }
        match self.line.get(self.at) {
            Some(b'?') => {
                self.at += 1;
                Some(self.command(name, Form::Read, self.at..self.at))
            }
            Some(b'=') => {
                let args = self.at + 1;
                self.at = args
                    + outside_quotes(&self.line[args..], b';')
                        .next()
                        .unwrap_or(self.line.len() - args);
                let form = if self.line[args..self.at].trim_ascii() == b"?" {
                    Form::Test
                } else {
                    Form::Set
                };
                let args = if form == Form::Test { self.at } else { args };
                Some(self.command(name, form, args..self.at))
            }
            _ => Some(self.command(name, Form::Execute, self.at..self.at)),
        }
    }

    fn basic(&mut self) -> Option<Spoken<'a>> {
        let begin = self.at;
        if self.line[self.at] == b'&' {
            self.at += 1;
            self.skip(|byte| byte == b' ');
        }
        let letter = *self.line.get(self.at).filter(|byte| byte.is_ascii_alphabetic())?;
        self.at += 1;
        let name = begin..self.at;
        if name.len() == 1 && letter.eq_ignore_ascii_case(&b'D') {
            let rest = &self.line[self.at..];
            let end = self.at + outside_quotes(rest, b';').next().unwrap_or(rest.len());
            let args = std::mem::replace(&mut self.at, end)..end;
            let form = if self.line[args.clone()].trim_ascii().is_empty() {
                Form::Execute
            } else {
                Form::Set
            };
            return Some(self.command(name, form, args));
        }
        let number = self.digits();
        let numbered = begin..number.end.max(name.end);
        match self.line.get(self.at) {
            Some(b'?') => {
                self.at += 1;
                Some(self.command(numbered, Form::Read, self.at..self.at))
            }
            Some(b'=') => {
                self.at += 1;
                self.skip(|byte| byte == b' ');
                if self.line.get(self.at) == Some(&b'?') {
                    self.at += 1;
                    return Some(self.command(numbered, Form::Test, self.at..self.at));
                }
                let args = self.digits();
                Some(self.command(numbered, Form::Set, args))
            }
            _ if number.is_empty() => Some(self.command(name, Form::Execute, number)),
            _ => Some(self.command(name, Form::Set, number)),
        }
    }

    /// Where the number that follows stands, and the blanks before it. The blanks behind it are
    /// skipped too.
    fn digits(&mut self) -> Range<usize> {
        let begin = self.at;
        self.skip(|byte| byte.is_ascii_digit() || byte == b' ');
        begin..begin + self.line[begin..self.at].trim_ascii_end().len()
    }

    fn command(&self, name_at: Range<usize>, form: Form, args_at: Range<usize>) -> Spoken<'a> {
        let name = capitals(&self.line[name_at.clone()]);
        let verb = verb::find(self.verbs, &name);
        let args = &self.line[args_at.clone()];
        Spoken { name, form, verb, args, name_at, args_at }
    }

    fn skip(&mut self, part: impl Fn(u8) -> bool) {
        self.at += self.line[self.at..].iter().take_while(|byte| part(**byte)).count();
    }

    fn skip_string(&mut self) {
        self.at += 1;
        self.skip(|byte| byte != b'"');
        self.at = self.line.len().min(self.at + 1);
    }
}

/// Where the arguments stand in those of the set form.
pub(crate) fn argument_spans(args: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut begin = 0;
    outside_quotes(args, b',').chain([args.len()]).map(move |end| {
        let span = begin..end;
        begin = end + 1;
        span
    })
}

/// Where a separator stands outside of quotes, in which everything is text (M26AT 1.3).
fn outside_quotes(bytes: &[u8], separator: u8) -> impl Iterator<Item = usize> + '_ {
    let mut quoted = false;
    bytes.iter().enumerate().filter_map(move |(at, byte)| {
        quoted ^= *byte == b'"';
        (*byte == separator && !quoted).then_some(at)
    })
}

/// A name in capitals and without blanks, by which names are compared.
fn capitals(name: &[u8]) -> Cow<'_, [u8]> {
    if name.iter().all(|byte| *byte != b' ' && !byte.is_ascii_lowercase()) {
        return Cow::Borrowed(name);
    }
    let letters = name.iter().filter(|byte| **byte != b' ');
    Cow::Owned(letters.map(u8::to_ascii_uppercase).collect())
}

/// Whether a name of one extended command has this sign before it: + by V.250 5.4.1, the others
/// where manufacturers have their own.
fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'*' | b'^' | b'$' | b'%')
}

/// Whether a name may hold it (V.250 5.4.1).
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!%-./:_".contains(&byte)
}

/// Whether these bytes are the name of one extended command, in capitals.
pub(crate) fn is_extended_name(name: &str) -> bool {
    matches!(name.as_bytes(), [sign, rest @ ..] if is_sign(*sign) && !rest.is_empty()
        && rest.iter().all(|byte| is_name(*byte) && !byte.is_ascii_lowercase()))
}
