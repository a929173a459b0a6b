//! [`Verdict`]: what a decoder says about a code.

use std::fmt;

use crate::codes::codes;

/// What a decoder said about a code: the result string and the return value, if it has them.
///
/// ```
/// use m26_pay::campus::decoder::{ResultCode, ReturnValue, Verdict};
///
/// let verdict = Verdict {
///     result: Some(ResultCode::new(b"CODE_TIMROUT\0\0\0\0")),
///     return_value: Some(ReturnValue::FAILED_NORMAL),
/// };
/// assert_eq!(
///     verdict.to_string(),
///     "CODE_TIMROUT (the code has expired), return value -1 (the check of the code failed)"
/// );
/// assert!(verdict.is_expiry() && !verdict.is_success());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// The result string, 校验结果码, or `None` if the decoder has none. An empty string is `Some`.
    pub result: Option<ResultCode>,
    /// The return value, or `None` if the decoder has none.
    pub return_value: Option<ReturnValue>,
}

codes! {
    /// What the decoder's function returns.
    ///
    /// The spec, 6, has the names, a public header of the vendor's SDK the numbers:
    /// `alipay_codeverify_result_e`, each name with `ALIPAY_CODEVERIFY_` in front.
    ReturnValue(i32) {
        -5 FAILED_UNREGISTERED "the clock was not registered with the decoder",
        -4 FAILED_ILLEGAL_CODE "the code is not legal",
        -3 FAILED_WRONG_RESULT_PARAMS "the parameters for the result string are not legal",
        -2 FAILED_WRONG_PARAMS "another parameter is not legal",
        -1 FAILED_NORMAL "the check of the code failed",
        0 OK "success",
    }
}

/// The result string of a decoder, 校验结果码 (spec, 6). Those that the spec does not list
/// are kept, up to [`MAX_LENGTH`](Self::MAX_LENGTH) bytes.
///
/// Of one that is not listed only the length is shown, because it may be anything that a decoder left
/// in its memory. If it is written as those of the spec are, in capital letters, digits and
/// underscores, it is shown.
///
/// ```
/// use m26_pay::campus::decoder::ResultCode;
///
/// assert_eq!(ResultCode::new(b"SUCCESS\0\0\0"), ResultCode::SUCCESS);
/// assert_eq!(ResultCode::new(b"DES_ERROR").description(), Some("the code could not be decrypted"));
/// assert_eq!(ResultCode::new(b"CARD_LOST").to_string(), "CARD_LOST (unknown result)");
/// assert_eq!(ResultCode::new(b"\xd5\xc5 2020").to_string(), "[7 bytes] (unknown result)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResultCode {
    bytes: [u8; Self::MAX_LENGTH],
    length: u8,
}

impl Verdict {
    /// Whether the decoder said something, and all of it is success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let said = self.said();
        said.contains(&Some(true)) && !said.contains(&Some(false))
    }

    /// Whether one half says success and the other does not.
    #[must_use]
    pub fn is_contradictory(&self) -> bool {
        let said = self.said();
        said.contains(&Some(true)) && said.contains(&Some(false))
    }

    /// Whether the code is refused because it is too old.
    #[must_use]
    pub fn is_expiry(&self) -> bool {
        self.result.is_some_and(ResultCode::is_expiry)
    }

    /// What to do about a refusal: the causes that the spec, 7, lists.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        let by_result = self.result.and_then(ResultCode::advice);
        let by_value = || match self.return_value? {
            ReturnValue::FAILED_UNREGISTERED => {
                Some("register the clock with the decoder before the first code")
            }
            ReturnValue::FAILED_ILLEGAL_CODE => Some(
                "check that it is a campus code, and that its bytes never passed through a string",
            ),
            ReturnValue::FAILED_WRONG_RESULT_PARAMS | ReturnValue::FAILED_WRONG_PARAMS => Some(
                "the binding does not fit this version of the decoder: compare it with the vendor's header",
            ),
            _ => None,
        };
        by_result.or_else(by_value).unwrap_or("ask the vendor of the decoder what it means")
    }

    /// What each half says about success, if the decoder has it.
    fn said(&self) -> [Option<bool>; 2] {
        [
            self.result.map(|result| result == ResultCode::SUCCESS),
            self.return_value.map(|value| value == ReturnValue::OK),
        ]
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.result, self.return_value) {
            (Some(result), Some(value)) => write!(f, "{result}, return value {value}"),
            (Some(result), None) => result.fmt(f),
            (None, Some(value)) => write!(f, "return value {value}"),
            (None, None) => f.write_str("nothing"),
        }
    }
}

/// The result strings of the spec, 6, in its order.
impl ResultCode {
    /// 码解密失败.
    pub const DES_ERROR: Self = Self::new(b"DES_ERROR");
    /// 机构信息签名验证失败.
    pub const INST_SIGN_FAILED: Self = Self::new(b"INST_SIGN_FAILED");
    /// 用户授权信息签名验证失败.
    pub const USER_SIGN_FAILED: Self = Self::new(b"USER_SIGN_FAILED");
    /// 该场景用户未开通.
    pub const USER_AUTH_FAILED: Self = Self::new(b"USER_AUTH_FAILED");
    /// 运行中程序遇到异常.
    pub const RUN_EXCEPTION: Self = Self::new(b"RUN_EXCEPTION");
    /// 授权证书过期.
    pub const USER_AUTH_TIMEOUT: Self = Self::new(b"USER_AUTH_TIMEOUT");
    /// 二维码过期. The spec spells it so.
    pub const CODE_TIMROUT: Self = Self::new(b"CODE_TIMROUT");
    /// The correct spelling of the code above, for a decoder that uses it.
    pub const CODE_TIMEOUT: Self = Self::new(b"CODE_TIMEOUT");
    /// 成功.
    pub const SUCCESS: Self = Self::new(b"SUCCESS");
}

impl ResultCode {
    /// The greatest length in bytes: the decoder gets at least this much memory for it (不小于32, spec,
    /// 6).
    pub const MAX_LENGTH: usize = 32;

    /// The result string in these bytes: up to the first NUL or the 32nd byte.
    #[must_use]
    pub const fn new(text: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX_LENGTH];
        let mut length = 0;
        while length < text.len() && length < Self::MAX_LENGTH && text[length] != 0 {
            bytes[length] = text[length];
            length += 1;
        }
        Self { bytes, length: length as u8 }
    }

    /// The string. It need not be text.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Its meaning by the spec, in English, or `None` if the spec does not list it.
    #[must_use]
    pub fn description(self) -> Option<&'static str> {
        Some(match self {
            Self::DES_ERROR => "the code could not be decrypted",
            Self::INST_SIGN_FAILED => "the signature of the institution's information is wrong",
            Self::USER_SIGN_FAILED => "the signature of the holder's authorisation is wrong",
            Self::USER_AUTH_FAILED => "the holder has not enabled this service",
            Self::RUN_EXCEPTION => "the decoder met an exception",
            Self::USER_AUTH_TIMEOUT => "the holder's certificate of authorisation has expired",
            Self::CODE_TIMROUT | Self::CODE_TIMEOUT => "the code has expired",
            Self::SUCCESS => "success",
            _ => return None,
        })
    }

    /// Whether it says that the code is too old.
    #[must_use]
    pub fn is_expiry(self) -> bool {
        matches!(self, Self::CODE_TIMROUT | Self::CODE_TIMEOUT)
    }

    /// What to do, for those that the spec lists.
    fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::DES_ERROR | Self::INST_SIGN_FAILED | Self::USER_SIGN_FAILED => {
                "check that decoder and code are of the same environment (test or production), and that the bytes of the code never passed through a string"
            }
            Self::USER_AUTH_FAILED => {
                "check that the pid, and the way it is written into 8 bytes, is the one with which holders enable their codes; if it is, this holder has to enable the service"
            }
            Self::RUN_EXCEPTION => "try again; if it stays so, restart the terminal",
            Self::USER_AUTH_TIMEOUT => "the holder has to renew it, online",
            Self::CODE_TIMROUT | Self::CODE_TIMEOUT => {
                "have the holder show a new code, which is good for two minutes; if new ones are refused too, set the terminal's clock"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.expose();
        if bytes.is_empty() {
            return f.write_str("no result string");
        }
        let sober = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let shown = bytes[0].is_ascii_uppercase() && bytes.iter().all(sober);
        match std::str::from_utf8(bytes) {
            Ok(text) if shown => f.write_str(text)?,
            _ => write!(f, "[{} bytes]", bytes.len())?,
        }
        write!(f, " ({})", self.description().unwrap_or("unknown result"))
    }
}

impl fmt::Debug for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn verdict(result: Option<&[u8]>, value: Option<i32>) -> Verdict {
        Verdict { result: result.map(ResultCode::new), return_value: value.map(ReturnValue) }
    }

    #[test]
    fn success_is_what_all_that_was_said_says() {
        for (result, value, success, contradictory) in [
            (Some(&b"SUCCESS"[..]), Some(0), true, false),
            (Some(b"SUCCESS"), None, true, false),
            (None, Some(0), true, false),
            (None, None, false, false),
            (Some(b"SUCCESS"), Some(-1), false, true),
            (Some(b"SUCCESS"), Some(1), false, true),
            (Some(b"DES_ERROR"), Some(0), false, true),
            (Some(b""), Some(0), false, true),
            (Some(b"success"), Some(0), false, true),
            (Some(b"SUCCESS "), Some(0), false, true),
            (Some(b"DES_ERROR"), Some(-1), false, false),
            (Some(b""), Some(-4), false, false),
        ] {
            let verdict = verdict(result, value);
            assert_eq!(verdict.is_success(), success, "{verdict}");
            assert_eq!(verdict.is_contradictory(), contradictory, "{verdict}");
        }
    }

    #[test]
    fn both_spellings_of_an_expired_code() {
        assert!(ResultCode::CODE_TIMROUT.is_expiry() && ResultCode::CODE_TIMEOUT.is_expiry());
        assert!(!ResultCode::USER_AUTH_TIMEOUT.is_expiry());
        assert_ne!(ResultCode::CODE_TIMROUT, ResultCode::CODE_TIMEOUT, "what was said is kept");
    }

    #[test]
    fn every_refusal_has_its_advice() {
        for code in [
            &b"DES_ERROR"[..],
            b"INST_SIGN_FAILED",
            b"USER_SIGN_FAILED",
            b"USER_AUTH_FAILED",
            b"RUN_EXCEPTION",
            b"USER_AUTH_TIMEOUT",
            b"CODE_TIMROUT",
            b"CODE_TIMEOUT",
        ] {
            assert!(ResultCode::new(code).description().is_some());
            assert!(!verdict(Some(code), Some(-1)).advice().starts_with("ask the vendor"));
        }
        for value in [-5, -4, -3, -2] {
            assert!(!verdict(Some(b""), Some(value)).advice().starts_with("ask the vendor"));
        }
        assert!(verdict(Some(b"CARD_LOST"), Some(-9)).advice().starts_with("ask the vendor"));
    }

    proptest! {
        #[test]
        fn any_string_is_kept_up_to_its_end(text in prop::collection::vec(any::<u8>(), 0..80)) {
            let code = ResultCode::new(&text);
            let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
            prop_assert_eq!(code.expose(), &text[..end.min(32)]);
            let shown = code.to_string();
            prop_assert!(shown.is_ascii() && shown.len() < 100, "{}", shown);
        }
    }
}
