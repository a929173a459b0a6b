//! AT+ALIPAYACT: reporting how the device was used ([`ReportUsage`]).

use crate::alipay::status::held;
use crate::alipay::{Held, NOT_INITIALISED, TestCommand, action, verb};
use crate::at::command::{
    Command, CommandLine, DecodeError, InvalidCommand, Release, Reply, Request,
};
use crate::at::field::Shape;
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, PlainArgument, ResultLine, Verb};

/// Reports how often the device spoke and scanned since the last report. The caller keeps the
/// counts through a power cut, and starts again at zero once the module holds them.
///
/// ```text
/// AT+ALIPAYACT=<broadcast_count>,<scan_count>   Quectel M26 Alipay SDK 应用指导 V1.0, 3.8
///
/// OK
///
/// +ALIPAYACT: <result>
/// ```
///
/// ```
/// use m26_pay::alipay::ReportUsage;
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// let usage = ReportUsage { broadcasts: 3, scans: 5 };
/// assert_eq!(usage.request(&Profile::quectel())?.line(), b"AT+ALIPAYACT=3,5\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+ALIPAYACT")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportUsage {
    /// How many voice broadcasts there were.
    pub broadcasts: u32,
    /// How many codes were scanned.
    pub scans: u32,
}

impl TestCommand {
    /// AT+ALIPAYACT=?
    pub const USAGE: Self = Self::of(&VERB);
}

impl Command for ReportUsage {
    type Response = Held;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::set(PREFIX).int(self.broadcasts).int(self.scans).finish(profile)?;
        Ok(action(&VERB, line, profile))
    }

    fn decode(&self, reply: &Reply) -> Result<Held, DecodeError> {
        held(reply, PREFIX, "AT+ALIPAYACT")
    }
}

pub(crate) const PREFIX: &str = "+ALIPAYACT";

/// The entry of AT+ALIPAYACT in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::Counts,
    // The counts add up, so a line that is sent twice is counted twice.
    result: Some(ResultLine {
        while_closed: NOT_INITIALISED,
        ..ResultLine::new(Shape::Any, Release::Time)
    }),
    plain_arguments: &[PlainArgument::Number(0), PlainArgument::Number(1)],
    plain_answer: PlainAnswer::Numbers(2),
    ..verb(PREFIX)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    const USED: ReportUsage = ReportUsage { broadcasts: u32::MAX, scans: 0 };

    #[test]
    fn as_in_the_spec() {
        assert_eq!(sent(&USED, &Profile::quectel()), "AT+ALIPAYACT=4294967295,0");
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYACT: 0\r\n";
        assert_eq!(quectel(&USED, bytes), Ok(Held::Stored));
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYACT: 7\r\n";
        assert_eq!(quectel(&USED, bytes), Ok(Held::RamOnly));
        assert_eq!(luat(&USED, b"\r\nOK\r\n"), Ok(Held::Stored));
    }

    #[test]
    fn failures_keep_their_number() {
        let error = quectel(&USED, b"\r\nOK\r\n\r\n+ALIPAYACT: 5\r\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "AT+ALIPAYACT failed with result 5: network transmission is busy"
        );
    }
}
