//! Command lines: writing one.

use std::fmt;

use super::{Encoded, Form};
use crate::advice::{self, Advice};
use crate::at::octets::Octets;
use crate::at::profile::{Profile, Quoting};

/// Why a profile cannot carry a command. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCommand {
    /// A control character would end the line or a quote the string.
    #[error(
        "the command holds byte {byte:#04x} at position {position}, which no command line can carry"
    )]
    Byte {
        /// The byte.
        byte: u8,
        /// Its position in the argument or line, in bytes.
        position: usize,
    },
    /// The line does not begin with `AT`.
    #[error("a command line begins with AT")]
    NoAt,
    /// The argument needs quotes, and the profile sends none.
    #[error(
        "{field} holds {byte:?} at position {position}, which profile {profile} cannot send without quotes"
    )]
    NeedsQuotes {
        /// The argument by the document's name.
        field: &'static str,
        /// The character.
        byte: char,
        /// Its position in the argument, in bytes.
        position: usize,
        /// The profile.
        profile: String,
    },
    /// A quote has no partner, so which commands the line holds cannot be told.
    #[error("the command line holds a quote without its partner: add the other one")]
    OpenQuote,
    /// The line is longer than the module reads.
    #[error(
        "the command line has {length} characters, the module reads at most {limit}: shorten an argument, or raise the limit if this module reads more"
    )]
    TooLong {
        /// The length in bytes with `AT` and CR.
        length: usize,
        /// [`Profile::line_limit`].
        limit: usize,
    },
}

impl InvalidCommand {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::COMMAND
    }
}

/// Writes a command line.
///
/// ```
/// use m26_pay::at::command::CommandLine;
/// use m26_pay::at::profile::Profile;
///
/// let line = CommandLine::set("+QICSGP").int(1).string("apn", "CMNET").finish(&Profile::quectel())?;
/// assert_eq!(&line[..], b"AT+QICSGP=1,\"CMNET\"\r");
/// let line = CommandLine::set("+QICSGP").int(1).string("apn", "CMNET").finish(&Profile::luat())?;
/// assert_eq!(&line[..], b"AT+QICSGP=1,CMNET\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[derive(Clone)]
pub struct CommandLine<'a> {
    head: &'static str,
    form: Form,
    args: Vec<Arg<'a>>,
}

#[derive(Clone)]
enum Arg<'a> {
    Empty,
    Int(i64),
    Quoted(&'a str),
    String(&'static str, &'a str),
}

impl<'a> CommandLine<'a> {
    /// The execute form: `AT+NAME`.
    #[inline]
    #[must_use]
    pub fn execute(name: &'static str) -> Self {
        Self { head: name, form: Form::Execute, args: Vec::new() }
    }

    /// The read form: `AT+NAME?`.
    #[inline]
    #[must_use]
    pub fn read(name: &'static str) -> Self {
        Self { head: name, form: Form::Read, args: Vec::new() }
    }

    /// The test form: `AT+NAME=?`.
    #[inline]
    #[must_use]
    pub fn test(name: &'static str) -> Self {
        Self { head: name, form: Form::Test, args: Vec::new() }
    }

    /// The set form: `AT+NAME=…`, to be followed by arguments.
    #[inline]
    #[must_use]
    pub fn set(name: &'static str) -> Self {
        Self { head: name, form: Form::Set, args: Vec::new() }
    }

    /// A number.
    #[must_use]
    pub fn int(self, value: impl Into<i64>) -> Self {
        self.with(Arg::Int(value.into()))
    }

    /// A string: in quotes or bare, as the profile has it. `field` is its name in the document.
    #[must_use]
    pub fn string(self, field: &'static str, value: &'a str) -> Self {
        self.with(Arg::String(field, value))
    }

    /// A string that is always in quotes: for the verbs which no profile changes.
    #[must_use]
    pub fn quoted(self, value: &'a str) -> Self {
        self.with(Arg::Quoted(value))
    }

    /// An argument that is left out.
    #[must_use]
    pub fn empty(self) -> Self {
        self.with(Arg::Empty)
    }

    fn with(mut self, arg: Arg<'a>) -> Self {
        self.args.push(arg);
        self
    }

    /// The line with `AT` and CR.
    ///
    /// # Errors
    /// If `profile` cannot carry an argument, or the line is too long for it.
    // Inlined, a line without arguments is made by the compiler.
    #[inline]
    pub fn finish(self, profile: &Profile) -> Result<Encoded, InvalidCommand> {
        if self.args.is_empty() {
            // Most lines have no arguments, and ask for no memory.
            let end = match self.form {
                Form::Execute => b"\r".as_slice(),
                Form::Read => b"?\r",
                Form::Set => b"=\r",
                Form::Test => b"=?\r",
            };
            if let Some(line) = Octets::few(&[b"AT", self.head.as_bytes(), end]) {
                return encode(line, Some((self.head, self.form)), profile);
            }
        }
        self.finish_long(profile)
    }

    #[inline(never)]
    fn finish_long(self, profile: &Profile) -> Result<Encoded, InvalidCommand> {
        let mut line = Vec::with_capacity(64);
        line.extend_from_slice(b"AT");
        line.extend_from_slice(self.head.as_bytes());
        line.extend_from_slice(sign_of(self.form).as_bytes());
        for (index, arg) in self.args.iter().enumerate() {
            if index > 0 {
                line.push(b',');
            }
            match (arg, profile.quoting) {
                (Arg::Empty, _) => {}
                (Arg::Int(value), _) => line.extend_from_slice(value.to_string().as_bytes()),
                (Arg::Quoted(value), _) | (Arg::String(_, value), Quoting::Quoted) => {
                    check(value.as_bytes(), b"\"")?;
                    line.push(b'"');
                    line.extend_from_slice(value.as_bytes());
                    line.push(b'"');
                }
                (Arg::String(field, value), Quoting::Bare) => {
                    check(value.as_bytes(), b"\"")?;
                    check_bare(field, value, profile)?;
                    line.extend_from_slice(value.as_bytes());
                }
            }
        }
        end_line(line, Some((self.head, self.form)), profile)
    }

    /// A line written by hand, such as `AT+CSQ`, without CR.
    ///
    /// # Errors
    /// If it does not begin with `AT` or `at`, holds a control character or a quote without its
    /// partner, or is too long.
    pub fn raw(text: &str, profile: &Profile) -> Result<Encoded, InvalidCommand> {
        if !text.get(..2).is_some_and(|at| at == "AT" || at == "at") {
            return Err(InvalidCommand::NoAt);
        }
        check(text.as_bytes(), b"")?;
        if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
            return Err(InvalidCommand::OpenQuote);
        }
        let parts = [text.as_bytes(), b"\r"];
        let line = Octets::few(&parts).unwrap_or_else(|| Octets::copied(&parts.concat()));
        encode(line, None, profile)
    }
}

impl fmt::Debug for CommandLine<'_> {
    /// The arguments are not shown: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AT{}{}[{} arguments]", self.head, sign_of(self.form), self.args.len())
    }
}

/// What follows the name in a form.
fn sign_of(form: Form) -> &'static str {
    match form {
        Form::Execute => "",
        Form::Read => "?",
        Form::Set => "=",
        Form::Test => "=?",
    }
}

fn check(bytes: &[u8], forbidden: &[u8]) -> Result<(), InvalidCommand> {
    let bad = |byte: &u8| byte.is_ascii_control() || forbidden.contains(byte);
    match bytes.iter().position(bad) {
        Some(position) => Err(InvalidCommand::Byte { byte: bytes[position], position }),
        None => Ok(()),
    }
}

fn check_bare(field: &'static str, value: &str, profile: &Profile) -> Result<(), InvalidCommand> {
    let last = value.len().saturating_sub(1);
    let found = value.bytes().enumerate().find(|(at, byte)| {
        matches!(byte, b',' | b';') || (*byte == b' ' && (*at == 0 || *at == last))
    });
    match found {
        Some((position, byte)) => Err(InvalidCommand::NeedsQuotes {
            field,
            byte: char::from(byte),
            position,
            profile: profile.name.to_string(),
        }),
        None => Ok(()),
    }
}

fn end_line(
    mut line: Vec<u8>,
    head: Option<(&'static str, Form)>,
    profile: &Profile,
) -> Result<Encoded, InvalidCommand> {
    line.push(b'\r');
    encode(Octets::copied(&line), head, profile)
}

#[inline]
fn encode(
    line: Octets,
    head: Option<(&'static str, Form)>,
    profile: &Profile,
) -> Result<Encoded, InvalidCommand> {
    if line.len() > profile.line_limit {
        return Err(InvalidCommand::TooLong { length: line.len(), limit: profile.line_limit });
    }
    Ok(Encoded::new(line, head, profile.verbs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::Request;

    #[test]
    fn no_argument_can_inject_a_command() {
        for bad in ["1\r", "1\n", "\u{0}", "\"", "\u{7f}"] {
            for profile in [Profile::quectel(), Profile::luat()] {
                let line = CommandLine::set("+X").string("data", bad).finish(&profile);
                assert!(matches!(line, Err(InvalidCommand::Byte { .. })), "{bad:?} {line:?}");
            }
        }
        for bad in ["1,2", "1;+QPOWD=1", " 1", "1 "] {
            let line = CommandLine::set("+X").string("data", bad).finish(&Profile::luat());
            assert!(matches!(line, Err(InvalidCommand::NeedsQuotes { .. })), "{bad:?} {line:?}");
            assert!(CommandLine::set("+X").string("data", bad).finish(&Profile::quectel()).is_ok());
        }
    }

    #[test]
    fn the_limit_counts_at_and_cr() {
        let profile = Profile { line_limit: 10, ..Profile::quectel() };
        assert!(CommandLine::raw("AT+CSQ;+X", &profile).is_ok());
        let long = CommandLine::raw("AT+CSQ;+XY", &profile);
        assert_eq!(long.unwrap_err(), InvalidCommand::TooLong { length: 11, limit: 10 });
    }

    #[test]
    fn raw_lines_begin_with_at() {
        let profile = Profile::quectel();
        let refused = |line| CommandLine::raw(line, &profile).unwrap_err();
        assert_eq!(refused("+CSQ"), InvalidCommand::NoAt);
        assert_eq!(refused(""), InvalidCommand::NoAt);
        assert!(matches!(refused("AT+X\rAT+Y"), InvalidCommand::Byte { byte: b'\r', position: 4 }));
        assert_eq!(refused("AT+X=\"1;+Y"), InvalidCommand::OpenQuote);
    }

    #[test]
    fn arguments_do_not_show() {
        let line = CommandLine::set("+X").string("key", "HUSH");
        let shown = format!("{line:?}");
        let request = Request::new(line.finish(&Profile::quectel()).unwrap());
        let shown = format!("{shown} {request:?}");
        assert!(shown.contains("AT+X=[1 arguments]") && !shown.contains("HUSH"), "{shown}");
        assert!(shown.contains("AT+X[12 bytes]"), "{shown}");
    }

    #[test]
    fn empty_arguments_keep_their_commas() {
        let line = CommandLine::set("+ALIPAYREP").empty().empty().int(1025).empty().int(6).int(1);
        let line = line.finish(&Profile::quectel()).unwrap();
        assert_eq!(&line[..], b"AT+ALIPAYREP=,,1025,,6,1\r");
    }
}
