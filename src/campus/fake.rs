//! A decoder that needs no vendor, and the codes that it decodes: for examples and tests.
//!
//! **The codes are made up.** No document tells how a real one is built, and nothing here says
//! anything about it: no other decoder takes these, and this one takes no others. What is true to
//! the spec is what surrounds a code: it is about 280 bytes of binary; it expires after two
//! minutes; it is refused with the result strings and return values of the spec, among others
//! where its holder has not enabled the pid and between test and production; and what is sent on
//! is not what was scanned.
//!
//! It needs the feature `sim`, so that a terminal built without it cannot take a made-up code for
//! a real one.
//!
//! ```
//! use m26_pay::campus::decoder::{DecoderError, Decoder, Pid, Purpose};
//! use m26_pay::campus::fake::{FakeCode, FakeDecoder};
//! use m26_pay::unix_time::UnixMillis;
//!
//! let (made, pid) = (UnixMillis(1_589_774_400_000), Pid::from_u64_be(2088000034052130));
//! let code = FakeCode::new(made).user_data([1, 2, 3]).enable(pid).encode()?;
//!
//! let canteen = Purpose::Withholding { pid };
//! let decoder = FakeDecoder::new(|| UnixMillis(1_589_774_400_000 + 120_000));
//! assert_eq!(decoder.decode(&code, canteen)?.in_use_time, made);
//!
//! let later = FakeDecoder::new(|| UnixMillis(1_589_774_400_000 + 120_001));
//! let error = later.decode(&code, canteen).unwrap_err();
//! assert!(matches!(error, DecoderError::Refused { verdict, .. } if verdict.is_expiry()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code;

pub use code::{FakeCode, FakeEnvironment};

use std::fmt;
use std::time::Duration;

use crate::campus::decoder::{
    Code, Decoded, Decoder, DecoderAnswer, DecoderError, FinalData, Purpose, ResultCode,
    ReturnValue, Verdict,
};
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

use code::Opened;

/// Decodes made-up codes, by a clock that it is given.
pub struct FakeDecoder<C> {
    clock: C,
    environment: FakeEnvironment,
}

/// How long a code is good: "双离线码2分钟后过期" (spec, 7).
pub const LIFE: Duration = Duration::from_secs(120);

impl<C: Fn() -> UnixMillis> FakeDecoder<C> {
    /// A decoder of codes for tests, whose clock is `clock`.
    pub const fn new(clock: C) -> Self {
        Self { clock, environment: FakeEnvironment::Test }
    }

    /// A decoder of codes for `environment`.
    #[must_use]
    pub fn environment(self, environment: FakeEnvironment) -> Self {
        Self { environment, ..self }
    }

    /// The first reason to refuse a code.
    fn objection(&self, opened: &Opened<'_>, purpose: Purpose) -> Option<ResultCode> {
        let (now, code) = ((self.clock)(), &opened.code);
        match purpose {
            _ if code.environment != self.environment => Some(ResultCode::DES_ERROR),
            _ if !opened.sealed => Some(ResultCode::INST_SIGN_FAILED),
            Purpose::Withholding { pid } if !code.enabled.contains(&pid) => {
                Some(ResultCode::USER_AUTH_FAILED)
            }
            _ if now > code.authorised_until => Some(ResultCode::USER_AUTH_TIMEOUT),
            // A code with a time in the future is accepted here: the checkout compares it with its
            // own clock.
            _ if now.since(code.in_use_time) > LIFE => Some(ResultCode::CODE_TIMROUT),
            _ => None,
        }
    }
}

impl<C: Fn() -> UnixMillis> Decoder for FakeDecoder<C> {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        let refusal = |result, return_value| {
            DecoderAnswer::empty(Verdict { result: Some(result), return_value: Some(return_value) })
        };
        let Some(opened) = FakeCode::open(code.expose()) else {
            let none = ResultCode::new(b"");
            return refusal(none, ReturnValue::FAILED_ILLEGAL_CODE).check(code, purpose);
        };
        if let Some(objection) = self.objection(&opened, purpose) {
            return refusal(objection, ReturnValue::FAILED_NORMAL).check(code, purpose);
        }
        let answer = DecoderAnswer {
            verdict: Verdict {
                result: Some(ResultCode::SUCCESS),
                return_value: Some(ReturnValue::OK),
            },
            final_data: Some(FinalData::new(opened.final_data())),
            version: vec![opened.version],
            data_encode_type: opened.code.data_encode_type,
            template: opened.code.template,
            in_use_time: opened.code.in_use_time,
            user_data: Secret::new(opened.code.user_data.into_inner()),
        };
        answer.check(code, purpose)
    }
}

impl<C> fmt::Debug for FakeDecoder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = &self.environment;
        f.debug_struct("FakeDecoder").field("environment", environment).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campus::decoder::Pid;

    const MADE: UnixMillis = UnixMillis(1_589_774_400_000);
    const PID: Pid = Pid([1; 8]);
    const GATE: Purpose = Purpose::Gate { pid: None };
    const CANTEEN: Purpose = Purpose::Withholding { pid: PID };

    fn sample() -> FakeCode {
        FakeCode::new(MADE).user_data(*b"who it is").enable(PID)
    }

    fn decode_at(
        time: UnixMillis,
        bytes: &[u8],
        purpose: Purpose,
    ) -> Result<Decoded, DecoderError> {
        FakeDecoder::new(|| time).decode(&Code::new(bytes).unwrap(), purpose)
    }

    #[track_caller]
    fn refused_at(time: UnixMillis, code: &FakeCode, purpose: Purpose, result: ResultCode) {
        let error = decode_at(time, code.encode().unwrap().expose(), purpose).unwrap_err();
        let DecoderError::Refused { verdict, .. } = error else { panic!("{error}") };
        assert_eq!(verdict.result, Some(result));
        assert_eq!(verdict.return_value, Some(ReturnValue::FAILED_NORMAL));
    }

    #[test]
    fn what_was_put_in_comes_out() {
        let code = sample().encode().unwrap();
        assert_eq!(code.expose().len(), 280);
        assert_eq!(code.suspicion(), None);
        let decoded = decode_at(MADE, code.expose(), CANTEEN).unwrap();
        assert_eq!(decoded.user_data.expose(), b"who it is");
        assert_eq!(decoded.in_use_time, MADE);
        let final_data = decoded.final_data.as_ref().unwrap().expose();
        assert!(final_data.len() <= 280, "as long as the code at most (spec, 6)");
        assert_ne!(final_data, code.expose());
        assert!(decode_at(MADE, final_data, CANTEEN).is_err(), "it is no code any more");
    }

    #[test]
    fn every_refusal_of_the_spec() {
        let (at, end, next) = (MADE, MADE.plus(LIFE), Duration::from_millis(1));
        assert!(decode_at(end, sample().encode().unwrap().expose(), CANTEEN).is_ok());
        refused_at(end.plus(next), &sample(), CANTEEN, ResultCode::CODE_TIMROUT);
        let stranger = Purpose::Withholding { pid: Pid([2; 8]) };
        refused_at(at, &sample(), stranger, ResultCode::USER_AUTH_FAILED);
        let ended = sample().authorised_until(at);
        refused_at(at.plus(next), &ended, CANTEEN, ResultCode::USER_AUTH_TIMEOUT);
        let real = sample().environment(FakeEnvironment::Production);
        refused_at(at, &real, CANTEEN, ResultCode::DES_ERROR);
    }

    #[test]
    fn a_gate_checks_no_permission() {
        let code = FakeCode::new(MADE).encode().unwrap();
        assert!(decode_at(MADE, code.expose(), GATE).is_ok());
        assert!(decode_at(MADE, code.expose(), CANTEEN).is_err());
    }

    #[test]
    fn line_ends_of_a_scanner_change_nothing() {
        let code = sample().encode().unwrap();
        let decoded = decode_at(MADE, code.expose(), CANTEEN).unwrap();
        for end in [&b"\r"[..], b"\n", b"\r\n"] {
            let scanned = [code.expose(), end].concat();
            assert_eq!(decode_at(MADE, &scanned, CANTEEN).unwrap(), decoded);
        }
        let scanned = [code.expose(), b"!"].concat();
        assert!(decode_at(MADE, &scanned, CANTEEN).is_err());
    }

    #[test]
    fn every_prefix_and_every_flipped_bit_is_refused() {
        let code = sample().encode().unwrap();
        let code = code.expose();
        for length in 1..code.len() {
            let error = decode_at(MADE, &code[..length], CANTEEN).unwrap_err();
            assert!(matches!(error, DecoderError::Refused { .. }), "{error}");
        }
        for bit in 0..code.len() * 8 {
            let mut flipped = code.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = decode_at(MADE, &flipped, CANTEEN).unwrap_err();
            assert!(matches!(error, DecoderError::Refused { .. }), "bit {bit}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 1..400), time: i64) {
            prop_assert!(decode_at(UnixMillis(time), &bytes, GATE).is_err());
        }

        #[test]
        fn any_fields_come_back(
            user_data in prop::collection::vec(any::<u8>(), 0..600),
            pids in prop::collection::vec(any::<[u8; 8]>(), 1..9),
            (time, template, encoding) in (0..=i64::MAX, any::<u32>(), any::<u32>()),
        ) {
            let time = UnixMillis(time);
            let code = FakeCode::new(time)
                .user_data(user_data.clone())
                .template(crate::campus::template::Template(template))
                .data_encode_type(crate::campus::charset::Encoding(encoding));
            let code = pids.iter().fold(code, |code, pid| code.enable(Pid(*pid)));
            for pid in pids {
                let purpose = Purpose::Withholding { pid: Pid(pid) };
                let decoded = decode_at(time, code.encode().unwrap().expose(), purpose).unwrap();
                prop_assert_eq!(decoded.user_data.expose(), &user_data);
                prop_assert_eq!(decoded.template.0, template);
                prop_assert_eq!(decoded.data_encode_type.0, encoding);
                prop_assert_eq!(decoded.in_use_time, time);
            }
        }
    }
}
