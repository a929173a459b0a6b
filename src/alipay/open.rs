//! AT+ALIPAYOPEN: starting the SDK ([`Open`]).

use crate::alipay::status::failed;
use crate::alipay::{OpenStatus, TestCommand, action, verb};
use crate::at::command::{
    Command, CommandLine, DecodeError, InvalidCommand, Release, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, ResultLine, Verb};

/// Starts the Alipay SDK, once after every start of the module.
///
/// ```text
/// AT+ALIPAYOPEN                  Quectel M26 Alipay SDK 应用指导 V1.0, 3.2
///
/// OK
///
/// +ALIPAYOPEN: <result>          0 opened, -1 failed, 1 open already
/// ```
///
/// After a failure the module must be restarted before the next attempt (note in 3.2).
///
/// ```
/// use m26_pay::alipay::{Open, Opened};
/// use m26_pay::at::command::{Command, Lines, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
///
/// let reply = Reply {
///     lines: Lines::NONE,
///     result: Some(Line::new("+ALIPAYOPEN: 1")),
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(Open.decode(&reply), Ok(Opened::Already));
/// ```
#[doc(alias = "AT+ALIPAYOPEN")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open;

/// That the SDK is open, and whether this command opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Opened {
    /// This command opened it.
    Now,
    /// It was open already: an earlier command of the same boot opened it.
    Already,
}

impl std::fmt::Display for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Now => "the SDK was opened",
            Self::Already => "the SDK was open already",
        })
    }
}

impl TestCommand {
    /// AT+ALIPAYOPEN=?
    pub const OPEN: Self = Self::of(&VERB);
}

impl Command for Open {
    type Response = Opened;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute(PREFIX).finish(profile)?;
        Ok(action(&VERB, line, profile))
    }

    fn decode(&self, reply: &Reply) -> Result<Opened, DecodeError> {
        match reply.parse_result(PREFIX, parse)? {
            OpenStatus::OPENED => Ok(Opened::Now),
            OpenStatus::ALREADY_OPEN => Ok(Opened::Already),
            status => Err(failed("AT+ALIPAYOPEN", status.0, status.description())),
        }
    }
}

/// The parameters of the result line.
#[inline(always)]
pub(crate) fn parse(fields: &mut Fields<'_>) -> Result<OpenStatus, FieldError> {
    fields.int("result").map(OpenStatus)
}

pub(crate) const PREFIX: &str = "+ALIPAYOPEN";

/// The entry of AT+ALIPAYOPEN in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::OpensSdk,
    // 0: this command opened the SDK, which happens once a boot (V1.0, 3.2). Before that the SDK
    // had no other command to answer.
    result: Some(ResultLine { begins: Some("0"), ..ResultLine::new(Shape::Any, Release::Any) }),
    plain_answer: PlainAnswer::Numbers(2),
    ..verb(PREFIX)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    #[test]
    fn as_in_the_spec() {
        assert_eq!(sent(&Open, &Profile::quectel()), "AT+ALIPAYOPEN");
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n";
        assert_eq!(quectel(&Open, bytes), Ok(Opened::Now));
        assert_eq!(luat(&Open, bytes), Ok(Opened::Now));
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYOPEN: 1\r\n";
        assert_eq!(quectel(&Open, bytes), Ok(Opened::Already));
    }

    #[test]
    fn a_failure_says_to_restart() {
        let error = quectel(&Open, b"\r\nOK\r\n\r\n+ALIPAYOPEN: -1\r\n").unwrap_err();
        assert!(error.to_string().contains("restart the module"), "{error}");
        assert!(matches!(error, DecodeError::Result { code: -1, .. }));
    }

    #[test]
    fn what_does_not_read() {
        for line in ["+ALIPAYOPEN:", "+ALIPAYOPEN: x", "+ALIPAYOPEN: 0,0"] {
            let error = quectel(&Open, format!("\r\nOK\r\n\r\n{line}\r\n").as_bytes());
            assert!(matches!(error, Err(DecodeError::Malformed { .. })), "{line}");
        }
        let missing = DecodeError::Missing { expected: PREFIX };
        assert_eq!(quectel(&Open, b"\r\nOK\r\n"), Err(missing));
    }
}
