//! The interface to a decoder of campus codes: bytes of the code in, decoded result out.
//!
//! Alipay's decoder is closed. It is a library for the terminal's own processor (then the module
//! `vendor` binds it), or a part of a scanner, or it runs on another processor. Each is a [`Decoder`],
//! so the code that uses it does not change.
//!
//! "The spec" is Alipay's 校园码解码集成 (2020-05-18).
//!
//! # What counts as success
//!
//! The vendor's decoder gives its result twice: as a result string and as a return value. Both must
//! say success. If only one does, that is an error of its own ([`DecoderError::Contradicted`]), and
//! the code is not accepted. A [`Decoded`] can only be made from a [`DecoderAnswer`] that passed this
//! check.

mod answer;
mod code;
mod error;
mod purpose;
mod verdict;

pub use answer::{Decoded, DecoderAnswer, FinalData};
pub use code::{Code, InvalidCode, Suspicion};
pub use error::{DecoderError, MisbehaviourError};
pub use purpose::{InvalidPid, Pid, Priority, Purpose};
pub use verdict::{ResultCode, ReturnValue, Verdict};

use std::sync::Arc;

/// Decodes campus codes.
///
/// An implementation fills a [`DecoderAnswer`] with what its decoder said, unchanged, and lets
/// [`DecoderAnswer::check`] judge it.
///
/// ```
/// use m26_pay::campus::charset::Encoding;
/// use m26_pay::campus::decoder::{
///     DecoderAnswer, Code, DecoderError, Decoded, Decoder, FinalData, Purpose,
///     ResultCode, ReturnValue, Verdict,
/// };
/// use m26_pay::campus::template::Template;
/// use m26_pay::secret::Secret;
/// use m26_pay::unix_time::UnixMillis;
///
/// /// A scanner that decodes by itself; here it answers always the same.
/// #[derive(Debug)]
/// struct Scanner;
///
/// impl Decoder for Scanner {
///     fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
///         let answer = DecoderAnswer {
///             verdict: Verdict {
///                 result: Some(ResultCode::new(b"SUCCESS")),
///                 return_value: Some(ReturnValue::OK),
///             },
///             data_encode_type: Encoding::GB2312,
///             template: Template::from_be_bytes([0, 0, 0, 5]),
///             in_use_time: UnixMillis(1_589_760_000_000),
///             user_data: Secret::new(vec![1, 2, 3]),
///             version: Vec::new(),
///             final_data: Some(FinalData::new(vec![4, 5, 6])),
///         };
///         answer.check(code, purpose)
///     }
/// }
///
/// let decoded = Scanner.decode(&Code::new(b"\x02\x01sample")?, Purpose::Gate { pid: None })?;
/// assert_eq!(decoded.template, Template::FIVE);
/// assert_eq!(decoded.final_data.as_ref().map(FinalData::expose), Some(&[4, 5, 6][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Decoder {
    /// Decodes `code`, for `purpose`.
    ///
    /// It may take as long as the decoder takes, and may be called from several threads. If the decoder
    /// does not allow that, the implementation serialises the calls.
    ///
    /// # Errors
    /// If the decoder refuses the code, contradicts itself, or does not work. After an error the code
    /// is never accepted.
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError>;
}

impl<D: Decoder + ?Sized> Decoder for &D {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        (**self).decode(code, purpose)
    }
}

impl<D: Decoder + ?Sized> Decoder for Box<D> {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        (**self).decode(code, purpose)
    }
}

impl<D: Decoder + ?Sized> Decoder for Arc<D> {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        (**self).decode(code, purpose)
    }
}
