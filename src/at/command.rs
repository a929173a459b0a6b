//! What a command sends, and what it expects.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::at::field::{FieldError, Fields, Shape};
use crate::at::line::Line;
use crate::at::result::FinalResult;
use crate::at::syntax::View;
use crate::profile::{Profile, Quoting};

/// A command with its typed answer.
///
/// ```
/// use m26_pay::at::command::{Answer, Command, CommandLine, DecodeError, Reply, Request, Unsendable};
/// use m26_pay::at::field::{Fields, Shape};
/// use m26_pay::profile::Profile;
///
/// /// AT+CBC: the charge of the battery in percent.
/// struct Battery;
///
/// impl Command for Battery {
///     type Response = u8;
///
///     fn request(&self, profile: &Profile) -> Result<Request, Unsendable> {
///         let line = CommandLine::execute("+CBC").finish(profile)?;
///         Ok(Request::new(line).answer(Answer::Prefixed(&[("+CBC", Shape::Fields(3))])))
///     }
///
///     fn decode(&self, reply: &Reply) -> Result<u8, DecodeError> {
///         reply.parse_answer("+CBC", |fields| {
///             fields.int::<u8>("bcs")?;
///             fields.int("bcl")
///         })
///     }
/// }
/// ```
pub trait Command {
    /// What the module answered, understood.
    type Response;

    /// The line to send and what is expected.
    ///
    /// # Errors
    /// If `profile` cannot carry the arguments. Then nothing is sent.
    fn request(&self, profile: &Profile) -> Result<Request, Unsendable>;

    /// Understands the reply.
    ///
    /// # Errors
    /// If the reply is malformed, names a failure, or does not match what was asked for.
    fn decode(&self, reply: &Reply) -> Result<Self::Response, DecodeError>;
}

impl<C: Command + ?Sized> Command for &C {
    type Response = C::Response;

    fn request(&self, profile: &Profile) -> Result<Request, Unsendable> {
        (**self).request(profile)
    }

    fn decode(&self, reply: &Reply) -> Result<Self::Response, DecodeError> {
        (**self).decode(reply)
    }
}

/// One command line and what it expects. Data alone: whoever carries it out knows no verb.
#[derive(Clone)]
pub struct Request {
    pub(crate) line: Bytes,
    pub(crate) answer: Answer,
    pub(crate) result: Option<Awaited>,
    pub(crate) last_line: Option<&'static str>,
    pub(crate) finals: &'static [FinalResult<'static>],
    pub(crate) final_deadline: Deadline,
    pub(crate) timeout: Option<Duration>,
    pub(crate) group: Option<&'static str>,
    pub(crate) echo: Option<bool>,
    pub(crate) probe: bool,
    pub(crate) taints: Vec<(&'static str, Shape)>,
}

impl Request {
    /// A request that expects a final result and nothing else.
    #[must_use]
    pub fn new(line: Bytes) -> Self {
        Self {
            line,
            answer: Answer::None,
            result: None,
            last_line: None,
            finals: &[],
            final_deadline: FINAL,
            timeout: None,
            group: None,
            echo: None,
            probe: false,
            taints: Vec::new(),
        }
    }

    /// Information lines before the final result.
    #[must_use]
    pub fn answer(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }

    /// A result line with a prefix of its own, before or after the final result.
    #[must_use]
    pub fn result(self, result: Awaited) -> Self {
        Self { result: Some(result), ..self }
    }

    /// A line of text that ends the command as `OK` does, and after which no `OK` is due.
    #[must_use]
    pub fn ends_with(self, line: &'static str) -> Self {
        Self { last_line: Some(line), ..self }
    }

    /// Further final results that end this command, such as [`FinalResult::NoCarrier`].
    #[must_use]
    pub fn finals(self, finals: &'static [FinalResult<'static>]) -> Self {
        Self { finals, ..self }
    }

    /// How long the final result may take.
    #[must_use]
    pub fn final_within(self, final_deadline: Deadline) -> Self {
        Self { final_deadline, ..self }
    }

    /// How long the whole exchange may take, from the first byte sent to the last line expected,
    /// in the place of all other deadlines.
    #[must_use]
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        Self { timeout: timeout.or(self.timeout), ..self }
    }

    /// Commands of one group run one at a time, from the first byte to the result, unless the
    /// profile lets them overlap.
    #[must_use]
    pub fn group(self, group: &'static str) -> Self {
        Self { group: Some(group), ..self }
    }

    /// The command switches echo on or off, once it ended with `OK`.
    #[must_use]
    pub fn switches_echo(self, on: bool) -> Self {
        Self { echo: Some(on), ..self }
    }

    /// The command may switch echo on or off, and which of the two is not known: echo that comes
    /// back after it does not tell of a reset of the module.
    #[must_use]
    pub fn forgets_echo(self) -> Self {
        // Echo that is believed to be on is missed by nobody.
        self.switches_echo(true)
    }

    /// The results which the command may cause though nobody waits for them, by prefix and shape:
    /// until they come, no other command with the same prefix is answered by them.
    #[must_use]
    pub fn may_cause(self, taints: Vec<(&'static str, Shape)>) -> Self {
        Self { taints, ..self }
    }

    /// A probe for a module that may not listen: it may be sent while what is past is not closed,
    /// and its answer proves no more than that somebody is there.
    #[must_use]
    pub(crate) fn probe(self) -> Self {
        Self { probe: true, ..self }
    }

    /// Whether lines with this prefix are part of the answer or the result.
    pub(crate) fn uses(&self, prefix: &str) -> bool {
        self.answer.names(prefix)
            || self.taints.iter().any(|(taint, _)| *taint == prefix)
            || self.result.as_ref().is_some_and(|awaited| awaited.has_prefix(prefix.as_bytes()))
    }

    /// The line as it is sent, with `AT` and CR.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }
}

impl fmt::Debug for Request {
    /// The arguments of the line are not shown: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.line.iter().take_while(|byte| matches!(byte, b'+' | b'A'..=b'Z')).count();
        let (name, rest) = self.line.split_at(name);
        let line = format!("{}[{} bytes]", String::from_utf8_lossy(name), rest.len());
        f.debug_struct("Request")
            .field("line", &format_args!("{line}"))
            .field("answer", &self.answer)
            .field("result", &self.result)
            .field("final_deadline", &self.final_deadline)
            .finish_non_exhaustive()
    }
}

/// Information lines that come before the final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Every line that is no URC: for a command of which nothing is known but its text.
    Any,
    /// A line with this prefix, then lines of text without one (AT+ALIPAYCFG?).
    Block(&'static str),
    /// No line.
    None,
    /// One line with each of these prefixes and shapes, in any order (a line of several queries).
    Prefixed(&'static [(&'static str, Shape)]),
    /// One line with one of these prefixes, or one of text (the ICCID comes in three forms).
    PrefixedOrText(&'static [&'static str]),
    /// Lines of text without a prefix, one at least.
    Text,
}

impl Answer {
    /// Whether `line` is part of it, after `lines`.
    pub(crate) fn takes(&self, view: &View<'_>, lines: &[Line]) -> bool {
        let came = |prefix: &str| lines.iter().any(|line| line.view().args_of(prefix).is_some());
        match (self, view) {
            (Self::Block(wanted), View::Prefixed { prefix, .. }) => {
                *prefix == wanted.as_bytes() && lines.is_empty()
            }
            (Self::Prefixed(wanted), View::Prefixed { prefix, args }) => wanted
                .iter()
                .any(|(name, shape)| name.as_bytes() == *prefix && shape.fits(args) && !came(name)),
            (Self::PrefixedOrText(wanted), View::Prefixed { prefix, .. }) => {
                lines.is_empty() && wanted.iter().any(|name| name.as_bytes() == *prefix)
            }
            _ => false,
        }
    }

    /// Whether a line that nothing else claims is part of it, after `lines`.
    pub(crate) fn takes_unclaimed(&self, view: &View<'_>, lines: &[Line]) -> bool {
        // Text of another echo has been seen inside an answer.
        let text = matches!(view, View::Text(text) if !text.starts_with(b"AT"));
        match self {
            Self::Any => text || matches!(view, View::Prefixed { .. }),
            Self::Block(_) => text && !lines.is_empty(),
            Self::PrefixedOrText(_) => text && lines.is_empty(),
            Self::Text => text,
            Self::None | Self::Prefixed(_) => false,
        }
    }

    /// What had to come before an `OK` and did not.
    pub(crate) fn missing(&self, lines: &[Line]) -> Option<&'static str> {
        let came = |prefix: &str| lines.iter().any(|line| line.view().args_of(prefix).is_some());
        match self {
            Self::Any | Self::None => None,
            Self::Block(prefix) => (!came(prefix)).then_some(prefix),
            Self::Prefixed(wanted) => {
                wanted.iter().find(|(prefix, _)| !came(prefix)).map(|(prefix, _)| *prefix)
            }
            Self::PrefixedOrText(wanted) => {
                if lines.is_empty() {
                    wanted.first().copied()
                } else {
                    None
                }
            }
            Self::Text => lines.is_empty().then_some("text"),
        }
    }

    /// Whether a line with this prefix is part of it by its name alone.
    pub(crate) fn names(&self, prefix: &str) -> bool {
        match self {
            Self::Any | Self::None | Self::Text => false,
            Self::Block(wanted) => *wanted == prefix,
            Self::Prefixed(wanted) => wanted.iter().any(|(name, _)| *name == prefix),
            Self::PrefixedOrText(wanted) => wanted.contains(&prefix),
        }
    }
}

/// A result line: it has a prefix of its own and may come after the final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The prefix, such as `+ALIPAYSIGN`.
    pub prefix: &'static str,
    /// Another one under which it may come, where firmwares differ.
    pub alias: Option<&'static str>,
    /// How the line looks, if other lines have that prefix as well.
    pub shape: Shape,
    /// Whether the command is done with its `OK`, without the line. One before it still counts.
    pub ok_alone: bool,
    /// How long after the `OK` it may take.
    pub deadline: Deadline,
    /// What, besides its own arrival and a reset of the module, lets the next command with this
    /// prefix begin after the line was missed.
    pub release: Release,
}

impl Awaited {
    /// Whether a line with this prefix and these parameters is one.
    pub(crate) fn is(&self, prefix: &[u8], args: &[u8]) -> bool {
        self.has_prefix(prefix) && self.shape.fits(args)
    }

    /// Whether it comes under this prefix.
    pub(crate) fn has_prefix(&self, prefix: &[u8]) -> bool {
        prefix == self.prefix.as_bytes()
            || self.alias.is_some_and(|alias| prefix == alias.as_bytes())
    }
}

/// What lets the next command with the same prefix begin after a result line was missed: if the
/// late line came then, it would be credited to that command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing: only the late line itself or a reset of the module. For results that belong to
    /// their request and cannot be told apart, such as signatures.
    Reset,
    /// The same command line again: whichever of the two answers comes first, it says the same
    /// of the same thing. The prefix is free for another line when the second answer came too, or
    /// when it has not come for as long as it may take.
    SameLine,
    /// Any command with the prefix: the answer does not depend on the request.
    Any,
}

/// How long something may take, and what it is called in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// What is waited for.
    pub name: &'static str,
    /// How long.
    pub after: Duration,
}

impl Deadline {
    /// A deadline of whole milliseconds.
    #[must_use]
    pub const fn millis(name: &'static str, millis: u64) -> Self {
        Self { name, after: Duration::from_millis(millis) }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {:?}", self.name, self.after)
    }
}

/// What came back: the information lines, the result line if one was expected, and the final
/// result if it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The information lines, in the order in which they came.
    pub lines: Vec<Line>,
    /// The result line.
    pub result: Option<Line>,
    /// The final result. It may be lost where the result line came.
    pub final_result: Option<FinalResult<'static>>,
}

impl Reply {
    /// Reads the parameters of the information line with this prefix.
    ///
    /// # Errors
    /// If there is none, or `parse` finds a field wrong or leaves one over.
    pub fn parse_answer<'a, T>(
        &'a self,
        prefix: &'static str,
        parse: impl FnOnce(&mut Fields<'a>) -> Result<T, FieldError>,
    ) -> Result<T, DecodeError> {
        parse_line(self.lines.iter(), prefix, parse)
    }

    /// Reads the parameters of the result line.
    ///
    /// # Errors
    /// If there is none, or `parse` finds a field wrong or leaves one over.
    pub fn parse_result<'a, T>(
        &'a self,
        prefix: &'static str,
        parse: impl FnOnce(&mut Fields<'a>) -> Result<T, FieldError>,
    ) -> Result<T, DecodeError> {
        parse_line(self.result.iter(), prefix, parse)
    }
}

fn parse_line<'a, T>(
    mut lines: impl Iterator<Item = &'a Line>,
    prefix: &'static str,
    parse: impl FnOnce(&mut Fields<'a>) -> Result<T, FieldError>,
) -> Result<T, DecodeError> {
    let found = lines.find_map(|line| Some((line, line.view().args_of(prefix)?)));
    let (line, args) = found.ok_or(DecodeError::Missing { expected: prefix })?;
    let mut fields = Fields::new(args);
    let value = parse(&mut fields).and_then(|value| fields.end().map(|()| value));
    value.map_err(|error| DecodeError::malformed(line, error))
}

/// Why a reply is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A line does not read as the document says.
    #[error("{line:?} is malformed: {expected} was expected at position {position}")]
    Malformed {
        /// The line. It is redacted when printed.
        line: Line,
        /// The field that was due, by the document's name.
        expected: &'static str,
        /// The position in bytes from the first parameter.
        position: usize,
    },
    /// The answer does not belong to what was asked for.
    #[error("the answer does not match the request: {reason}")]
    Mismatch {
        /// What does not match.
        reason: &'static str,
    },
    /// The line that was due did not come.
    #[error("the answer holds no {expected} line")]
    Missing {
        /// The prefix or the name of the line.
        expected: &'static str,
    },
    /// The module says that it did not do it.
    #[error("{command} failed with result {code}: {meaning}")]
    Result {
        /// The command.
        command: &'static str,
        /// The result code.
        code: i32,
        /// What the spec calls it.
        meaning: &'static str,
    },
}

impl DecodeError {
    /// `line` is malformed at the place that `error` names.
    #[must_use]
    pub fn malformed(line: &Line, error: FieldError) -> Self {
        let FieldError { expected, position } = error;
        Self::Malformed { line: line.clone(), expected, position }
    }
}

/// Why a profile cannot carry a command. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
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

/// Writes a command line.
///
/// ```
/// use m26_pay::at::command::CommandLine;
/// use m26_pay::profile::Profile;
///
/// let line = CommandLine::set("+QICSGP").int(1).string("apn", "CMNET").finish(&Profile::quectel())?;
/// assert_eq!(&line[..], b"AT+QICSGP=1,\"CMNET\"\r");
/// let line = CommandLine::set("+QICSGP").int(1).string("apn", "CMNET").finish(&Profile::luat())?;
/// assert_eq!(&line[..], b"AT+QICSGP=1,CMNET\r");
/// # Ok::<(), m26_pay::at::command::Unsendable>(())
/// ```
#[derive(Clone)]
pub struct CommandLine<'a> {
    head: &'static str,
    form: &'static str,
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
    #[must_use]
    pub fn execute(name: &'static str) -> Self {
        Self { head: name, form: "", args: Vec::new() }
    }

    /// The read form: `AT+NAME?`.
    #[must_use]
    pub fn read(name: &'static str) -> Self {
        Self { head: name, form: "?", args: Vec::new() }
    }

    /// The test form: `AT+NAME=?`.
    #[must_use]
    pub fn test(name: &'static str) -> Self {
        Self { head: name, form: "=?", args: Vec::new() }
    }

    /// The set form: `AT+NAME=…`, to be followed by arguments.
    #[must_use]
    pub fn set(name: &'static str) -> Self {
        Self { head: name, form: "=", args: Vec::new() }
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
    pub fn finish(self, profile: &Profile) -> Result<Bytes, Unsendable> {
        let mut line = Vec::with_capacity(64);
        line.extend_from_slice(b"AT");
        line.extend_from_slice(self.head.as_bytes());
        line.extend_from_slice(self.form.as_bytes());
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
        end_line(line, profile)
    }

    /// A line written by hand, such as `AT+CSQ`, without CR.
    ///
    /// # Errors
    /// If it does not begin with `AT`, holds a control character, or is too long.
    pub fn raw(text: &str, profile: &Profile) -> Result<Bytes, Unsendable> {
        if !text.get(..2).is_some_and(|at| at == "AT" || at == "at") {
            return Err(Unsendable::NoAt);
        }
        check(text.as_bytes(), b"")?;
        end_line(text.as_bytes().to_vec(), profile)
    }
}

impl fmt::Debug for CommandLine<'_> {
    /// The arguments are not shown: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AT{}{}[{} arguments]", self.head, self.form, self.args.len())
    }
}

fn check(bytes: &[u8], forbidden: &[u8]) -> Result<(), Unsendable> {
    let bad = |byte: &u8| byte.is_ascii_control() || forbidden.contains(byte);
    match bytes.iter().position(bad) {
        Some(position) => Err(Unsendable::Byte { byte: bytes[position], position }),
        None => Ok(()),
    }
}

fn check_bare(field: &'static str, value: &str, profile: &Profile) -> Result<(), Unsendable> {
    let last = value.len().saturating_sub(1);
    let found = value.bytes().enumerate().find(|(at, byte)| {
        matches!(byte, b',' | b';') || (*byte == b' ' && (*at == 0 || *at == last))
    });
    match found {
        Some((position, byte)) => Err(Unsendable::NeedsQuotes {
            field,
            byte: char::from(byte),
            position,
            profile: profile.name.to_string(),
        }),
        None => Ok(()),
    }
}

fn end_line(mut line: Vec<u8>, profile: &Profile) -> Result<Bytes, Unsendable> {
    line.push(b'\r');
    if line.len() > profile.line_limit {
        return Err(Unsendable::TooLong { length: line.len(), limit: profile.line_limit });
    }
    Ok(Bytes::from(line))
}

/// Final results of most commands. The manual says 300 ms (M26AT 1.3); chosen ten times that,
/// because adapters buffer and the Alipay SDK shares the module's processor.
pub const FINAL: Deadline = Deadline::millis("final result", 3_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_argument_can_inject_a_command() {
        for bad in ["1\r", "1\n", "\u{0}", "\"", "\u{7f}"] {
            for profile in [Profile::quectel(), Profile::luat()] {
                let line = CommandLine::set("+X").string("data", bad).finish(&profile);
                assert!(matches!(line, Err(Unsendable::Byte { .. })), "{bad:?} {line:?}");
            }
        }
        for bad in ["1,2", "1;+QPOWD=1", " 1", "1 "] {
            let line = CommandLine::set("+X").string("data", bad).finish(&Profile::luat());
            assert!(matches!(line, Err(Unsendable::NeedsQuotes { .. })), "{bad:?} {line:?}");
            assert!(CommandLine::set("+X").string("data", bad).finish(&Profile::quectel()).is_ok());
        }
    }

    #[test]
    fn the_limit_counts_at_and_cr() {
        let profile = Profile { line_limit: 10, ..Profile::quectel() };
        assert!(CommandLine::raw("AT+CSQ;+X", &profile).is_ok());
        let long = CommandLine::raw("AT+CSQ;+XY", &profile);
        assert_eq!(long, Err(Unsendable::TooLong { length: 11, limit: 10 }));
    }

    #[test]
    fn raw_lines_begin_with_at() {
        let profile = Profile::quectel();
        assert_eq!(CommandLine::raw("+CSQ", &profile), Err(Unsendable::NoAt));
        assert_eq!(CommandLine::raw("", &profile), Err(Unsendable::NoAt));
        assert!(CommandLine::raw("AT+X\rAT+Y", &profile).is_err());
    }

    #[test]
    fn arguments_do_not_show() {
        let line = CommandLine::set("+X").string("key", "HUSH");
        let shown = format!("{line:?}");
        let request = Request::new(line.finish(&Profile::quectel()).unwrap());
        let shown = format!("{shown} {request:?}");
        assert!(shown.contains("AT+X=[1 arguments]") && !shown.contains("HUSH"), "{shown}");
        assert!(shown.contains("AT+X[8 bytes]"), "{shown}");
    }

    #[test]
    fn empty_arguments_keep_their_commas() {
        let line = CommandLine::set("+ALIPAYREP").empty().empty().int(1025).empty().int(6).int(1);
        let line = line.finish(&Profile::quectel()).unwrap();
        assert_eq!(&line[..], b"AT+ALIPAYREP=,,1025,,6,1\r");
    }
}
