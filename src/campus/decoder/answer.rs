//! [`DecoderAnswer`] and [`Decoded`]: what a decoder gives.

use std::ops::Deref;

use data_encoding::{BASE64, HEXLOWER};

use crate::campus::charset::Encoding;
use crate::campus::decoder::{Code, DecoderError, Purpose, Verdict};
use crate::campus::template::Template;
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

/// Everything that a decoder gave for a code, unchanged, success or not (spec, 6).
///
/// A type that implements [`Decoder`](super::Decoder) fills it and calls [`check`](Self::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderAnswer {
    /// What it said about the code.
    pub verdict: Verdict,
    /// 用户数据编码格式: how text in the user data is encoded.
    pub data_encode_type: Encoding,
    /// 用户数据模版码值, `data_formwork_id`: how the user data is laid out.
    pub template: Template,
    /// 码生成时间: when the code was made. That it counts milliseconds since 1970 is not specified;
    /// chosen because the decoder's clock does (spec, 6: "单位ms"). A number of 8 bytes that is too
    /// large for a time becomes the latest time ([`UnixMillis::from_unsigned`]). No clock reaches it,
    /// so the code is refused.
    pub in_use_time: UnixMillis,
    /// 用户数据: who the holder is.
    pub user_data: Secret<Vec<u8>>,
    /// 离线码的版本号: the version of the code. Its form is not specified, so it is kept as bytes;
    /// empty if the decoder gives none.
    pub version: Vec<u8>,
    /// 处理之后的码值: what the payment request carries; `None` if the decoder gives none.
    pub final_data: Option<FinalData>,
}

/// The answer of a decoder that accepted the code.
///
/// Only [`DecoderAnswer::check`] makes one, if it finds success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded(DecoderAnswer);

/// What a payment request carries: the code as the decoder processed it. It prints as redacted.
///
/// Only this may be sent, never the code as it was scanned: with that the payment fails (spec, 7).
/// Which field of the request carries it, and in what text encoding, is not public. So the type keeps
/// the bytes, and also gives them in hex and base64.
///
/// ```
/// use m26_pay::campus::decoder::FinalData;
///
/// let data = FinalData::new(vec![0xfb, 0xef, 0xff]);
/// assert_eq!(data.expose(), [0xfb, 0xef, 0xff]);
/// assert_eq!(data.expose_hex(), "fbefff");
/// assert_eq!(data.expose_base64(), "++//");
/// assert_eq!(format!("{data:?}"), "FinalData([redacted])");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FinalData(Secret<Vec<u8>>);

impl DecoderAnswer {
    /// An answer with nothing but the verdict: for a refusal, or to be filled in.
    #[must_use]
    pub const fn empty(verdict: Verdict) -> Self {
        Self {
            verdict,
            data_encode_type: Encoding(0),
            template: Template(0),
            in_use_time: UnixMillis(0),
            user_data: Secret::new(Vec::new()),
            version: Vec::new(),
            final_data: None,
        }
    }

    /// Judges the answer to `code`, decoded for `purpose`.
    ///
    /// # Errors
    /// If the decoder refused the code or contradicts itself, or if it is for a payment and there is no
    /// `final_data` that the request could carry.
    pub fn check(self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        let Self { verdict, .. } = self;
        if verdict.is_contradictory() {
            return Err(DecoderError::Contradicted { verdict });
        }
        if !verdict.is_success() {
            return Err(DecoderError::Refused { verdict, suspicion: code.suspicion() });
        }
        let nothing = self.final_data.as_ref().is_none_or(|data| data.expose().is_empty());
        match purpose {
            Purpose::Withholding { .. } if nothing => Err(DecoderError::NoFinalData),
            _ => Ok(Decoded(self)),
        }
    }
}

impl Decoded {
    /// The answer.
    #[must_use]
    pub fn into_answer(self) -> DecoderAnswer {
        self.0
    }
}

impl Deref for Decoded {
    type Target = DecoderAnswer;

    fn deref(&self) -> &DecoderAnswer {
        &self.0
    }
}

impl FinalData {
    /// What a decoder gave as `final_data`.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// The bytes, for where they have to be used.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// The bytes in hexadecimal, in lower case.
    #[must_use]
    pub fn expose_hex(&self) -> String {
        HEXLOWER.encode(self.expose())
    }

    /// The bytes in base64 (RFC 4648, 4, with padding).
    #[must_use]
    pub fn expose_base64(&self) -> String {
        BASE64.encode(self.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campus::decoder::{Pid, ResultCode, ReturnValue, Suspicion};

    const GATE: Purpose = Purpose::Gate { pid: None };
    const CANTEEN: Purpose = Purpose::Withholding { pid: Pid([7; 8]) };

    fn answer(result: &[u8], value: i32, final_data: Option<&[u8]>) -> DecoderAnswer {
        DecoderAnswer {
            verdict: Verdict {
                result: Some(ResultCode::new(result)),
                return_value: Some(ReturnValue(value)),
            },
            data_encode_type: Encoding::GB2312,
            template: Template::FIVE,
            in_use_time: UnixMillis(1_589_760_000_000),
            user_data: Secret::new(b"20200518 Zhang San".to_vec()),
            version: vec![1],
            final_data: final_data.map(|data| FinalData::new(data.to_vec())),
        }
    }

    fn check(
        result: &[u8],
        value: i32,
        final_data: Option<&[u8]>,
    ) -> Result<Decoded, DecoderError> {
        answer(result, value, final_data).check(&Code::new(b"\x02\xff").unwrap(), CANTEEN)
    }

    #[test]
    fn only_success_by_both_is_decoded() {
        let decoded = check(b"SUCCESS", 0, Some(b"processed")).unwrap();
        assert_eq!(decoded.in_use_time.0, 1_589_760_000_000);
        assert_eq!(decoded.clone().into_answer(), answer(b"SUCCESS", 0, Some(b"processed")));
        let refused = check(b"USER_AUTH_FAILED", -1, Some(b"processed"));
        assert!(matches!(refused, Err(DecoderError::Refused { suspicion: None, .. })));
        for (result, value) in [(&b"SUCCESS"[..], -1), (b"DES_ERROR", 0), (b"", 0)] {
            let error = check(result, value, Some(b"processed")).unwrap_err();
            assert!(matches!(error, DecoderError::Contradicted { .. }), "{error}");
        }
    }

    #[test]
    fn a_payment_needs_something_to_send_and_a_gate_does_not() {
        for nothing in [None, Some(&b""[..])] {
            assert!(matches!(check(b"SUCCESS", 0, nothing), Err(DecoderError::NoFinalData)));
            let code = Code::new(b"\x02\xff").unwrap();
            assert!(answer(b"SUCCESS", 0, nothing).check(&code, GATE).is_ok());
        }
    }

    #[test]
    fn a_refusal_says_what_looks_wrong_with_the_code() {
        let code = Code::new(b"02ff02ff").unwrap();
        let error = answer(b"", -4, None).check(&code, GATE).unwrap_err();
        let DecoderError::Refused { suspicion, .. } = &error else { panic!("{error}") };
        assert_eq!(*suspicion, Some(Suspicion::Text));
        assert!(error.to_string().contains("raw bytes"), "{error}");
    }

    #[test]
    fn nothing_personal_shows() {
        let decoded = check(b"SUCCESS", 0, Some(b"processed")).unwrap();
        let shown = format!("{decoded:?}");
        let bytes = |text: &[u8]| format!("{text:?}").trim_matches(['[', ']']).to_string();
        for hidden in [bytes(b"processed"), bytes(b"Zhang"), "Zhang".into(), "2020".into()] {
            assert!(!shown.contains(&hidden), "{shown}");
        }
    }
}
