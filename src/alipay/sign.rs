//! AT+ALIPAYSIGN: signing a payment ([`Sign`]).

use serde_json::Value;

use crate::alipay::status::failed;
use crate::alipay::{BizTid, SignStatus, TestCommand, action, final_after_result, verb};
use crate::amount::Amount;
use crate::argument::string_argument;
use crate::at::command::{
    Command, CommandLine, DecodeError, InvalidCommand, KnownDevice, Release, Reply, Request,
    WhileClosed, made_at,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::line::Counted;
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, PlainArgument, ResultLine, Verb};
use crate::secret::Secret;

/// Makes the SDK sign the data of a payment. The SDK needs a bizTid for it ([`DeviceId`]).
///
/// ```text
/// AT+ALIPAYSIGN=<mode>,<need_sign_data>[,<amount>]   Quectel M26 Alipay SDK 应用指导 V1.0, 3.6
///
/// OK
///
/// +ALIPAYSIGN: <result>[,<signed_length>,<signed_data>]
/// ```
///
/// `<signed_length>` counts the bytes between the outer quotes of `<signed_data>`; the quotes
/// inside are not escaped. openLuat's driver expects the result before the `OK`.
///
/// ```
/// use m26_pay::alipay::{Sign, SignData, SignMode};
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?).amount("10.25".parse()?);
/// let line = sign.request(&Profile::quectel())?;
/// assert_eq!(line.line(), b"AT+ALIPAYSIGN=4,\"1234567890\",\"10.25\"\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`DeviceId`]: crate::alipay::DeviceId
#[doc(alias = "AT+ALIPAYSIGN")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    mode: SignMode,
    data: SignData,
    amount: Option<Amount>,
    device: Option<BizTid>,
    policy: SignPolicy,
}

/// How the customer pays. This decides what data is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum SignMode {
    /// 1, 用户被扫: the payment code that the customer shows (16 to 24 digits).
    PayerCode = 1,
    /// 2, 用户人脸: the token of the customer's face.
    Face = 2,
    /// 3, 用户主扫: the trade number behind a code that the customer scanned.
    PayerScans = 3,
    /// 4, 第三方代扣: the number of a withholding agreement.
    Withholding = 4,
}

string_argument! {
    /// What is to be signed: a payment code, a face token, a trade or an agreement number.
    secret SignData, "need_sign_data", 128
}

/// Which signatures are refused because they do not cover what was asked for.
///
/// By default a payload must name `totalAmount` among its `signedKeys` if an amount was given, and
/// the device's own bizTid if that is known; one that cannot be read (it is no JSON object) does
/// neither. Both are known from two samples only, so either check can be left out for a mode.
///
/// ```
/// use m26_pay::alipay::{SignMode, SignPolicy};
///
/// let policy = SignPolicy::STRICT.allow_unsigned_amount(SignMode::Face);
/// assert_ne!(policy, SignPolicy::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignPolicy {
    unsigned_amount: u8,
    other_device: u8,
}

/// What the SDK signed: the opaque text that Alipay's payment call takes as it is.
///
/// It can be read, and must be passed on unchanged. It prints as redacted.
///
/// ```
/// # use m26_pay::alipay::{Sign, SignData, SignMode};
/// # use m26_pay::at::command::{Command, Lines, Reply};
/// # use m26_pay::at::line::Line;
/// # let reply = Reply {
/// #     lines: Lines::NONE,
/// #     result: Some(Line::new("+ALIPAYSIGN: 0,21,\"{\"time\":\"1546890790\"}\"")),
/// #     final_result: None,
/// # };
/// let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?);
/// let signed = sign.decode(&reply)?;
/// assert_eq!(signed.get("time").as_deref(), Some("1546890790"));
/// assert_eq!(signed.expose(), r#"{"time":"1546890790"}"#);
/// assert_eq!(format!("{signed:?}"), "SignedData([redacted])");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SignedData(Secret<String>);

impl Sign {
    /// A signature of `data`, with no amount.
    #[must_use]
    pub fn new(mode: SignMode, data: SignData) -> Self {
        Self { mode, data, amount: None, device: None, policy: SignPolicy::STRICT }
    }

    /// The amount that is signed along, sent in yuan.
    #[must_use]
    pub fn amount(self, amount: Amount) -> Self {
        Self { amount: Some(amount), ..self }
    }

    /// The bizTid that the payload must name. A session knows it and needs no such call.
    #[must_use]
    pub fn for_device(self, biz_tid: BizTid) -> Self {
        Self { device: Some(biz_tid), ..self }
    }

    /// Which signatures are refused.
    #[must_use]
    pub fn policy(self, policy: SignPolicy) -> Self {
        Self { policy, ..self }
    }

    /// Whether the signature covers what was asked for. A payload that cannot be read covers
    /// nothing: one damaged byte is enough for that, and may have made a refusal a success.
    fn check(&self, signed: &SignedData, device: Option<&str>) -> Result<(), DecodeError> {
        let payload = signed.read();
        let text = |key| payload.as_ref()?.get(key).and_then(Value::as_str);
        let covers = |wanted| {
            text("signedKeys").is_some_and(|keys| keys.split(',').any(|key| key.trim() == wanted))
        };
        let mode = self.mode.bit();
        if self.amount.is_some()
            && self.policy.unsigned_amount & mode == 0
            && !covers("totalAmount")
        {
            return Err(DecodeError::Mismatch {
                reason: "an amount was given and the signature does not cover it, as far as it can be read (totalAmount is not among its signedKeys)",
            });
        }
        match device {
            Some(device)
                if self.policy.other_device & mode == 0 && text("bizTid") != Some(device) =>
            {
                Err(DecodeError::Mismatch {
                    reason: "the signature does not name this device's bizTid, as far as it can be read",
                })
            }
            _ => Ok(()),
        }
    }
}

impl TestCommand {
    /// AT+ALIPAYSIGN=?
    pub const SIGN: Self = Self::of(&VERB);
}

impl Command for Sign {
    type Response = SignedData;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let yuan = self.amount.map(|amount| amount.to_string());
        let mut line = CommandLine::set(PREFIX)
            .int(self.mode as u8)
            .string("need_sign_data", self.data.expose());
        if let Some(yuan) = &yuan {
            line = line.string("amount", yuan);
        }
        let mut request = action(&VERB, line.finish(profile)?, profile);
        request.result_first = profile.result_before_ok;
        // A customer at the till waits for a signature, and never for a report.
        Ok(request.final_within(final_after_result(profile)).overlaps())
    }

    fn decode(&self, reply: &Reply) -> Result<SignedData, DecodeError> {
        self.decode_from(reply, KnownDevice::default())
    }

    /// The bizTid that is known of the device takes precedence over that of
    /// [`for_device`](Sign::for_device).
    fn decode_from(
        &self,
        reply: &Reply,
        device: KnownDevice<'_>,
    ) -> Result<SignedData, DecodeError> {
        let (status, data) = reply.parse_result(PREFIX, parse)?;
        let Some(data) = data else {
            return Err(failed("AT+ALIPAYSIGN", status.0, status.description()));
        };
        let signed = SignedData(Secret::new(data.to_string()));
        let asked_after = device.asked_after;
        let device = device.id.or(self.device.as_ref().map(BizTid::as_str));
        if asked_after.is_some_and(|asked| !signed.is_made_after(asked)) {
            return Err(DecodeError::Mismatch { reason: MADE_BEFORE });
        }
        self.check(&signed, device)?;
        Ok(signed)
    }
}

impl SignMode {
    /// What the spec calls it, in English.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::PayerCode => "the payer's code is scanned",
            Self::Face => "the payer's face",
            Self::PayerScans => "the payer scans",
            Self::Withholding => "withholding by a third party",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl SignPolicy {
    /// Both checks in every mode.
    pub const STRICT: Self = Self { unsigned_amount: 0, other_device: 0 };

    /// Hands out a signature that does not cover the amount, in this mode.
    #[must_use]
    pub fn allow_unsigned_amount(self, mode: SignMode) -> Self {
        Self { unsigned_amount: self.unsigned_amount | mode.bit(), ..self }
    }

    /// Hands out a signature that names another bizTid or none, in this mode.
    #[must_use]
    pub fn allow_other_device(self, mode: SignMode) -> Self {
        Self { other_device: self.other_device | mode.bit(), ..self }
    }
}

impl SignedData {
    /// The text, as Alipay's payment call takes it (`terminal_params`).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The text, as Alipay's payment call takes it.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0.into_inner()
    }

    /// Its length in bytes, which is the `<signed_length>` that the module announced.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.expose().len()
    }

    /// What the payload says under this key, or `None` if the text is no JSON object, has no such
    /// key, or holds something else than a text or a number there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        match self.read()?.remove(key)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether its own time, by the module's clock, is this time or later. Other parts of the text
    /// may be damaged.
    fn is_made_after(&self, unix_seconds: i64) -> bool {
        made_at(self.0.expose().as_bytes(), MADE_AT).is_some_and(|time| time >= unix_seconds)
    }

    fn read(&self) -> Option<serde_json::Map<String, Value>> {
        serde_json::from_str(self.0.expose()).ok()
    }
}

/// The parameters of the result line: the signed data if and only if the code is a success.
pub(crate) fn parse<'a>(
    fields: &mut Fields<'a>,
) -> Result<(SignStatus, Option<&'a str>), FieldError> {
    let status = fields.int("result").map(SignStatus)?;
    if status != SignStatus::SUCCESS {
        // Nothing should follow a failure. Whatever does is ignored.
        if fields.more() {
            fields.rest("signed_length")?;
        }
        return Ok((status, None));
    }
    let error = fields.error("signed_length from 1 to 2048");
    let length: usize = fields.int("signed_length")?;
    if !(1..=MAX_LENGTH).contains(&length) {
        return Err(error);
    }
    let error = fields.error("signed_data of signed_length bytes in quotes");
    let quoted = fields.rest("signed_data")?;
    let data = quoted
        .strip_prefix(b"\"")
        .and_then(|data| data.strip_suffix(b"\""))
        .filter(|data| data.len() == length)
        .ok_or(error)?;
    let text = std::str::from_utf8(data).map_err(|_| error)?;
    Ok((status, Some(text)))
}

/// The signed data, if the parameters are those of a success and written as in the spec. The result
/// is that of [`parse`], with less work.
#[inline(always)]
pub(crate) fn as_printed(args: &[u8]) -> Option<&str> {
    let (mut length, mut rest) = (0, args.strip_prefix(b"0,")?);
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        length = 10 * length + usize::from(digit - b'0');
        if length > MAX_LENGTH {
            return None;
        }
        rest = behind;
    }
    let data = rest.strip_prefix(b",\"")?.strip_suffix(b"\"")?;
    if data.len() != length || length == 0 {
        return None;
    }
    std::str::from_utf8(data).ok()
}

/// The reason for refusing a signature that was made before the request, or whose time is missing
/// where it is needed.
pub(crate) const MADE_BEFORE: &str = "the signature was made before this request, or its time is missing: it may belong to an earlier request";

/// The key of the time in the signed data. The time is that of the module's clock.
const MADE_AT: &str = "\"time\"";

pub(crate) const PREFIX: &str = "+ALIPAYSIGN";

/// The entry of AT+ALIPAYSIGN in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::Signs,
    result: Some(ResultLine {
        made_at: Some(MADE_AT),
        // V1.0, 3.6 names no code for it.
        while_closed: WhileClosed::Failure,
        ..ResultLine::new(Shape::Any, Release::SameLine)
    }),
    plain_arguments: &[PlainArgument::Number(0), PlainArgument::Number(2)],
    // The result and the length.
    plain_answer: PlainAnswer::Head(9),
    ..verb(PREFIX)
};

/// Spec V1.0, 3.6: 最大值为 2048 字节.
const MAX_LENGTH: usize = 2048;

/// The lines that announce the length of their data, for a
/// [`LineSplitter`](crate::at::line::LineSplitter): the signed data may hold anything.
pub const COUNTED: &[Counted] = &[Counted { prefix: PREFIX, fields_before: 1, max: MAX_LENGTH }];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::Lines;
    use crate::at::line::Line;
    use crate::testing::{luat, quectel, sent};

    /// Spec V1.0, chapter 4, without the page wraps and with the quote that the print lost before
    /// `hardToken`: 369 bytes, as announced.
    const PAYLOAD: &str = concat!(
        r#"{"terminalType":"IOT","signature":"QIIAQ+7BtAVJiOID98oY8Cm7tY7uUGULYx4QCFItWtUwrhcB","#,
        r#""apdidToken":"JHRcvCf0ayAybxFkVeomX1-bYI7qvMvYwrmbrybKLep2ke4naAEAAA==","#,
        r#""hardToken":"","time":"1546890790","bizCode":"11000200040004000122","#,
        r#""bizTid":"010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw","#,
        r#""signedKeys":"authCode,totalAmount,apdidToken,hardToken,time,bizCode,bizTid"}"#,
    );
    const BIZ_TID: &str = "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw";

    fn sign() -> Sign {
        let data = SignData::new("1234567890").unwrap();
        Sign::new(SignMode::Withholding, data).amount("10.25".parse().unwrap())
    }

    fn signed(payload: &str) -> Vec<u8> {
        let length = payload.len();
        format!("\r\nOK\r\n\r\n+ALIPAYSIGN: 0,{length},\"{payload}\"\r\n").into_bytes()
    }

    /// The quick path and the parser agree on any parameters.
    #[test]
    fn what_is_printed_is_what_is_parsed() {
        let whole = format!("0,{},\"{PAYLOAD}\"", PAYLOAD.len()).into_bytes();
        let longest = format!("0,2048,\"{}\"", "x".repeat(2048)).into_bytes();
        assert_eq!(as_printed(&whole), Some(PAYLOAD));
        assert_eq!(as_printed(&longest).map(str::len), Some(2048));
        let cut = (0..whole.len()).map(|at| whole[..at].to_vec());
        let changed = (0..whole.len()).flat_map(|at| {
            [&b"\""[..], b"0", b"9", b",", b" ", b"-", b"\xff"].map(|with| {
                let mut changed = whole.clone();
                changed[at] = with[0];
                changed
            })
        });
        let odd = [
            &b"0,3,\"abc\" "[..],
            b"0, 3,\"abc\"",
            b"0,03,\"abc\"",
            b"0,18446744073709551619,\"abc\"",
            b"0,0,\"\"",
            b"0,2,\"abc\"",
            b"0,1,\"",
            b"0,1,\"\"",
            b"00,3,\"abc\"",
            b"0,3,\"a\"c\"",
            b"99",
            b"",
        ];
        let odd = odd.into_iter().map(<[u8]>::to_vec);
        for args in cut.chain(changed).chain(odd).chain([whole.clone(), longest]) {
            let mut fields = Fields::new(&args);
            let parsed = parse(&mut fields).ok().filter(|_| fields.end().is_ok());
            if let Some(text) = as_printed(&args) {
                assert_eq!(parsed, Some((SignStatus::SUCCESS, Some(text))));
            }
        }
    }

    fn is_malformed(bytes: &[u8]) -> bool {
        matches!(
            quectel(&sign(), bytes),
            Err(DecodeError::Malformed { .. } | DecodeError::Missing { .. })
        )
    }

    #[test]
    fn as_in_the_spec() {
        let line = "AT+ALIPAYSIGN=4,\"1234567890\",\"10.25\"";
        assert_eq!(sent(&sign(), &Profile::quectel()), line);
        assert_eq!(PAYLOAD.len(), 369);
        let answer = quectel(&sign(), &signed(PAYLOAD)).unwrap();
        assert_eq!(answer.expose(), PAYLOAD);
        assert_eq!(answer.len(), 369);
        assert_eq!(answer.get("bizTid").as_deref(), Some(BIZ_TID));
        assert_eq!(answer.get("hardToken").as_deref(), Some(""));
        assert_eq!(answer.get("din"), None);
    }

    #[test]
    fn wrapped_as_printed() {
        let bytes = format!("\r\nOK\r\n\r\n+ALIPAYSIGN:\r\n0,369,\"{PAYLOAD}\"\r\n");
        assert_eq!(quectel(&sign(), bytes.as_bytes()).unwrap().len(), 369);
        let bytes = format!("\r\nOK\r\n\r\n+ALIPAYSIGN: 0, 369, \"{PAYLOAD}\" \r\n");
        assert_eq!(quectel(&sign(), bytes.as_bytes()).unwrap().len(), 369);
    }

    #[test]
    fn bare_and_before_ok_on_luat() {
        let line = "AT+ALIPAYSIGN=4,1234567890,10.25";
        assert_eq!(sent(&sign(), &Profile::luat()), line);
        let bytes = format!("\r\n+ALIPAYSIGN: 0,369,\"{PAYLOAD}\"\r\n\r\nOK\r\n");
        assert_eq!(luat(&sign(), bytes.as_bytes()).unwrap().len(), 369);
    }

    #[test]
    fn without_an_amount() {
        let sign = Sign::new(SignMode::PayerCode, SignData::new("28763443825664394").unwrap());
        let line = "AT+ALIPAYSIGN=1,\"28763443825664394\"";
        assert_eq!(sent(&sign, &Profile::quectel()), line);
    }

    #[test]
    fn failures() {
        for code in [-1, 1, 2, 3, 4, 5, 99] {
            let bytes = format!("\r\nOK\r\n\r\n+ALIPAYSIGN: {code}\r\n");
            let error = quectel(&sign(), bytes.as_bytes()).unwrap_err();
            assert!(matches!(error, DecodeError::Result { code: found, .. } if found == code));
        }
        let error = quectel(&sign(), b"\r\nOK\r\n\r\n+ALIPAYSIGN: -1,0,\"\"\r\n");
        assert!(matches!(error, Err(DecodeError::Result { code: -1, .. })));
    }

    #[test]
    fn a_length_that_does_not_fit_is_malformed() {
        for line in [
            "+ALIPAYSIGN: 0",
            "+ALIPAYSIGN: 0,",
            "+ALIPAYSIGN: 0,2",
            "+ALIPAYSIGN: 0,0,\"\"",
            "+ALIPAYSIGN: 0,3,\"{}\"",
            "+ALIPAYSIGN: 0,1,\"{}\"",
            "+ALIPAYSIGN: 0,2,{}",
            "+ALIPAYSIGN: 0,2,\"{}",
            "+ALIPAYSIGN: 0,-2,\"{}\"",
            "+ALIPAYSIGN: 0,99999999999999999999999,\"{}\"",
        ] {
            assert!(is_malformed(format!("\r\nOK\r\n\r\n{line}\r\n").as_bytes()), "{line}");
        }
        let longest = "x".repeat(2048);
        let opaque = Sign::new(SignMode::Withholding, SignData::new("1").unwrap());
        assert_eq!(quectel(&opaque, &signed(&longest)).unwrap().len(), 2048);
        assert!(is_malformed(&signed(&"x".repeat(2049))));
        assert!(is_malformed(b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"\xff\"\r\n"));
    }

    #[test]
    fn an_amount_that_is_not_covered() {
        let payload = PAYLOAD.replace("totalAmount,", "");
        let mismatch = |answer: Result<SignedData, DecodeError>| {
            matches!(answer, Err(DecodeError::Mismatch { .. }))
        };
        assert!(mismatch(quectel(&sign(), &signed(&payload))));
        assert!(mismatch(quectel(&sign(), &signed("{}"))));
        let policy = SignPolicy::STRICT.allow_unsigned_amount(SignMode::Withholding);
        assert!(quectel(&sign().policy(policy), &signed(&payload)).is_ok());
        let other_mode = SignPolicy::STRICT.allow_unsigned_amount(SignMode::Face);
        assert!(mismatch(quectel(&sign().policy(other_mode), &signed(&payload))));
        let no_amount = Sign::new(SignMode::Withholding, SignData::new("1").unwrap());
        assert!(quectel(&no_amount, &signed(&payload)).is_ok());
    }

    #[test]
    fn the_device_of_another() {
        let own = sign().for_device(BizTid::new(BIZ_TID).unwrap());
        assert!(quectel(&own, &signed(PAYLOAD)).is_ok());
        let other = sign().for_device(BizTid::new("0102").unwrap());
        let answer = quectel(&other, &signed(PAYLOAD));
        assert!(matches!(answer, Err(DecodeError::Mismatch { .. })));
        let policy = SignPolicy::STRICT.allow_other_device(SignMode::Withholding);
        assert!(quectel(&other.policy(policy), &signed(PAYLOAD)).is_ok());
    }

    #[test]
    fn one_that_was_made_before_it_was_asked_for() {
        let reply = |payload: &str| Reply {
            lines: Lines::NONE,
            result: Some(Line::new(format!("+ALIPAYSIGN: 0,{},\"{payload}\"", payload.len()))),
            final_result: None,
        };
        let bare = Sign::new(SignMode::Withholding, SignData::new("1").unwrap());
        let made = reply(r#"{"time":"1548811777"}"#);
        let decode =
            |reply: &Reply, at| bare.decode_from(reply, KnownDevice::default().asked_after(at));
        assert!(decode(&made, 1548811777).is_ok());
        assert!(matches!(decode(&made, 1548811778), Err(DecodeError::Mismatch { .. })));
        // Without a time it may be the signature of an earlier request, which may still come.
        assert!(matches!(decode(&reply("{}"), 0), Err(DecodeError::Mismatch { .. })));
    }

    #[test]
    fn what_is_no_json_object_is_opaque_and_covers_nothing() {
        let mode = SignMode::Withholding;
        let any_amount = SignPolicy::STRICT.allow_unsigned_amount(mode);
        let bare = || Sign::new(mode, SignData::new("1").unwrap());
        let own = BizTid::new(BIZ_TID).unwrap();
        for payload in ["not json", "[1]", "\"text\"", "{\"signedKeys\":"] {
            for policy in [SignPolicy::STRICT, any_amount.allow_other_device(mode)] {
                let answer = quectel(&bare().policy(policy), &signed(payload)).unwrap();
                assert_eq!(answer.expose(), payload);
                assert_eq!(answer.get("time"), None);
            }
            assert!(quectel(&sign(), &signed(payload)).is_err());
            assert!(quectel(&sign().policy(any_amount), &signed(payload)).is_ok());
            let own = sign().policy(any_amount).for_device(own.clone());
            assert!(quectel(&own, &signed(payload)).is_err());
            assert!(
                quectel(&own.policy(any_amount.allow_other_device(mode)), &signed(payload)).is_ok()
            );
        }
    }

    #[test]
    fn nothing_of_it_shows() {
        let answer = quectel(&sign(), &signed(PAYLOAD)).unwrap();
        assert!(!format!("{answer:?}").contains("IOT"));
        assert!(!format!("{:?}", sign()).contains("1234567890"));
    }
}
