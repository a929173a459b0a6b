//! AT+ALIPAYDID: the bizTid, the identity that Alipay gave the device ([`DeviceId`]).

use crate::alipay::status::failed;
use crate::alipay::{DeviceIdStatus, TestCommand, action, final_after_result, verb};
use crate::argument::string_argument;
use crate::at::command::{
    Command, CommandLine, DecodeError, InvalidCommand, Release, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, ResultLine, Verb};

/// Asks for the bizTid. `None` means that the module has none yet: ask again a little later.
///
/// ```text
/// AT+ALIPAYDID                   Quectel M26 Alipay SDK 应用指导 V1.0, 3.5
///
/// OK
///
/// +ALIPAYDID: <result>[,<bizTid>]
/// ```
///
/// openLuat's driver expects the result before the `OK`.
///
/// ```
/// use m26_pay::alipay::DeviceId;
/// use m26_pay::at::command::{Command, Lines, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
///
/// let reply = |line| Reply {
///     lines: Lines::NONE,
///     result: Some(Line::new(line)),
///     final_result: Some(FinalResult::Ok),
/// };
/// let known = DeviceId.decode(&reply("+ALIPAYDID: 0,\"010100F00A1X\""))?;
/// assert_eq!(known.unwrap().as_str(), "010100F00A1X");
/// assert_eq!(DeviceId.decode(&reply("+ALIPAYDID: 0,\"\""))?, None);
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+ALIPAYDID")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceId;

string_argument! {
    /// The identity that Alipay's server gave the device. The spec has no limit for it; chosen
    /// several times the 56 bytes of the spec's example.
    BizTid, "bizTid", 256
}

impl TestCommand {
    /// AT+ALIPAYDID=?
    pub const DEVICE_ID: Self = Self::of(&VERB);
}

impl Command for DeviceId {
    type Response = Option<BizTid>;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute(PREFIX).finish(profile)?;
        Ok(action(&VERB, line, profile).final_within(final_after_result(profile)))
    }

    fn decode(&self, reply: &Reply) -> Result<Option<BizTid>, DecodeError> {
        let (status, biz_tid) = reply.parse_result(PREFIX, |fields| {
            let (status, biz_tid) = parse(fields)?;
            let error = fields.error("bizTid");
            let biz_tid = biz_tid.map(|text| BizTid::new(text).map_err(|_| error));
            Ok((status, biz_tid.transpose()?))
        })?;
        if status == DeviceIdStatus::SUCCESS {
            Ok(biz_tid)
        } else {
            Err(failed("AT+ALIPAYDID", status.0, status.description()))
        }
    }
}

/// The parameters of the result line. An empty bizTid is none.
#[inline(always)]
pub(crate) fn parse<'a>(
    fields: &mut Fields<'a>,
) -> Result<(DeviceIdStatus, Option<&'a str>), FieldError> {
    let status = fields.int("result").map(DeviceIdStatus)?;
    let biz_tid = if fields.more() { fields.text("bizTid")? } else { "" };
    Ok((status, Some(biz_tid).filter(|text| !text.is_empty())))
}

pub(crate) const PREFIX: &str = "+ALIPAYDID";

/// The entry of AT+ALIPAYDID in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::UsesSdk,
    // The answer does not depend on the request, so a late answer is true for the next command too.
    result: Some(ResultLine::new(Shape::Any, Release::Any)),
    plain_answer: PlainAnswer::Identifier(80),
    ..verb(PREFIX)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    const BIZ_TID: &str = "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw";

    #[test]
    fn as_in_the_spec() {
        assert_eq!(sent(&DeviceId, &Profile::quectel()), "AT+ALIPAYDID");
        let bytes = format!("\r\nOK\r\n\r\n+ALIPAYDID: 0,\"{BIZ_TID}\"\r\n");
        let known = Some(BizTid::new(BIZ_TID).unwrap());
        assert_eq!(quectel(&DeviceId, bytes.as_bytes()), Ok(known));
    }

    #[test]
    fn bare_and_before_ok_on_luat() {
        let request = DeviceId.request(&Profile::luat()).unwrap();
        assert_eq!(request.final_deadline.after.as_secs(), 40);
        let request = DeviceId.request(&Profile::quectel()).unwrap();
        assert_eq!(request.final_deadline.after.as_secs(), 10);
        let bytes = format!("\r\n+ALIPAYDID: 0,{BIZ_TID}\r\n\r\nOK\r\n");
        let known = Some(BizTid::new(BIZ_TID).unwrap());
        assert_eq!(luat(&DeviceId, bytes.as_bytes()), Ok(known));
    }

    #[test]
    fn not_ready_yet() {
        for line in ["+ALIPAYDID: 0,\"\"", "+ALIPAYDID: 0,", "+ALIPAYDID: 0"] {
            let bytes = format!("\r\nOK\r\n\r\n{line}\r\n");
            assert_eq!(quectel(&DeviceId, bytes.as_bytes()), Ok(None), "{line}");
        }
    }

    #[test]
    fn failure_and_nonsense() {
        assert!(matches!(
            quectel(&DeviceId, b"\r\nOK\r\n\r\n+ALIPAYDID: -1\r\n"),
            Err(DecodeError::Result { code: -1, .. })
        ));
        for line in [
            &b"+ALIPAYDID: 0,\"01"[..],
            b"+ALIPAYDID: 0,\"01\",2",
            b"+ALIPAYDID: 0,\"\xff\"",
            b"+ALIPAYDID: ,\"01\"",
        ] {
            let bytes = [b"\r\nOK\r\n\r\n", line, b"\r\n"].concat();
            let error = quectel(&DeviceId, &bytes);
            assert!(matches!(error, Err(DecodeError::Malformed { .. })));
        }
    }
}
