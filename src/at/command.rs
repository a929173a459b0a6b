//! Commands: what each sends, and what it expects.

mod encoded;
mod expect;
mod line;
mod lines;
mod request;
mod spoken;

use crate::advice::{self, Advice};
use crate::at::field::{FieldError, Fields};
use crate::at::line::Line;
use crate::at::profile::Profile;
use crate::at::result::FinalResult;

pub use encoded::Encoded;
pub(crate) use expect::is_either;
pub use expect::{Answer, Awaited, Release, WhileClosed};
pub use line::{CommandLine, InvalidCommand};
pub use lines::Lines;
pub use request::{Deadline, FINAL, Request};
pub(crate) use request::{EchoChange, made_at};
pub use spoken::{Form, Spoken};
pub(crate) use spoken::{argument_spans, body, read};

/// A command with its typed answer.
///
/// ```
/// use m26_pay::at::command::{Answer, Command, CommandLine, DecodeError, Reply, Request, InvalidCommand};
/// use m26_pay::at::field::{Fields, Shape};
/// use m26_pay::at::profile::Profile;
///
/// /// AT+CBC: the charge of the battery in percent.
/// struct Battery;
///
/// impl Command for Battery {
///     type Response = u8;
///
///     fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
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
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand>;

    /// Understands the reply.
    ///
    /// # Errors
    /// If the reply is malformed, names a failure, or does not match what was asked for.
    fn decode(&self, reply: &Reply) -> Result<Self::Response, DecodeError>;

    /// Understands the reply of a device of which something is known beside its answer. A session
    /// calls it with what it knows; whatever `device` does not say is not checked.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); and if the reply is about another device.
    fn decode_from(
        &self,
        reply: &Reply,
        device: KnownDevice<'_>,
    ) -> Result<Self::Response, DecodeError> {
        let _ = device;
        self.decode(reply)
    }
}

/// What is known of a device beside its answer.
///
/// ```
/// use m26_pay::at::command::KnownDevice;
///
/// let device = KnownDevice::default().id("010100F00A1X");
/// assert_eq!(device.id, Some("010100F00A1X"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownDevice<'a> {
    /// The identity that Alipay gave it (bizTid).
    pub id: Option<&'a str>,
    /// What its clock said at the latest before it was asked, in Unix seconds: answers to earlier
    /// requests may still come, and one that was made before this is of those.
    pub asked_after: Option<i64>,
}

impl<'a> KnownDevice<'a> {
    /// The device with this identity.
    #[must_use]
    pub fn id(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The clock of the device had come so far before it was asked: a signature that is older is
    /// that of an earlier request.
    #[must_use]
    pub fn asked_after(self, unix_seconds: i64) -> Self {
        Self { asked_after: Some(unix_seconds), ..self }
    }
}

impl<C: Command + ?Sized> Command for &C {
    type Response = C::Response;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        (**self).request(profile)
    }

    fn decode(&self, reply: &Reply) -> Result<Self::Response, DecodeError> {
        (**self).decode(reply)
    }

    fn decode_from(
        &self,
        reply: &Reply,
        device: KnownDevice<'_>,
    ) -> Result<C::Response, DecodeError> {
        (**self).decode_from(reply, device)
    }
}

/// What came back: the information lines, the result line if one was expected, and the final
/// result if it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reply {
    /// The information lines, in the order in which they came.
    pub lines: Lines,
    /// The result line.
    pub result: Option<Line>,
    /// The final result. It may be lost where the result line came, and there is none where the
    /// command ends with a line of its own.
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
    let found = lines.find_map(|line| Some((line, line.args_of(prefix)?)));
    let (line, args) = found.ok_or(DecodeError::Missing { expected: prefix })?;
    let mut fields = Fields::new(args);
    let value = parse(&mut fields).and_then(|value| fields.end().map(|()| value));
    value.map_err(|error| DecodeError::malformed(line, error))
}

/// Why a reply is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Malformed { .. } => advice::module::ANSWER_MALFORMED,
            Self::Mismatch { .. } => advice::module::ANSWER_MISMATCH,
            Self::Missing { .. } => advice::module::ANSWER_MISSING,
            Self::Result { command, code, .. } => advice::module::results::failed(command, *code),
        }
    }
}

impl DecodeError {
    /// `line` is malformed at the place that `error` names.
    #[must_use]
    pub fn malformed(line: &Line, error: FieldError) -> Self {
        let FieldError { expected, position } = error;
        Self::Malformed { line: line.clone(), expected, position }
    }
}
