//! An answer, and why something is none.

use std::borrow::Cow;
use std::fmt;

use data_encoding::BASE64;

use super::call::Call;
use super::code::{Code, Meaning, SubCode};
use super::envelope::Envelope;
use crate::advice::{self, Advice};
use crate::gateway::charset::{Charset, Decoded, Undecodable};
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::{Effect, HttpResponse, NoAnswer, Verifier};

/// What a verified answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// The code.
    pub code: Code,
    /// What the call gives, or why it was refused.
    pub result: Result<T, Refusal>,
    /// All that it says, as Alipay names it.
    pub fields: Fields,
}

impl<T: Content> Answer<T> {
    /// What the call did, as far as this proves it.
    pub fn effect(&self) -> Effect {
        match &self.result {
            Ok(content) => content.effect(),
            Err(refusal) => refusal.effect(),
        }
    }
}

/// What a success says, and what that proves: not every 10000 proves that something was done.
pub trait Content {
    /// What the call did.
    fn effect(&self) -> Effect;
}

/// The gateway says no, or that it does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// The sub-code, if there is one.
    pub sub_code: Option<SubCode>,
    /// What both mean for this call.
    pub meaning: Meaning,
}

impl Refusal {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::alipay::REFUSED
    }
}

impl Refusal {
    /// What the call did, as far as this proves it.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.meaning.effect
    }

    /// Whether it has this sub-code, such as [`SubCode::TRADE_NOT_EXIST`].
    #[must_use]
    pub fn is(&self, sub_code: &SubCode) -> bool {
        self.sub_code.as_ref() == Some(sub_code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.effect() {
            Effect::Unknown => "does not know",
            _ => "refused",
        };
        write!(f, "the gateway {verb}: {} ({}", self.meaning.description, self.code.0)?;
        match &self.sub_code {
            Some(sub_code) => write!(f, ", {sub_code})"),
            None => f.write_str(")"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why a response proves nothing: the call may have been done. It shows nothing of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It is verified, and speaks of another order.
    #[error("the gateway's answer speaks of another {field} than was asked for: nothing is known")]
    AnotherTrade {
        /// The number that differs.
        field: &'static str,
    },
    /// It is verified, and a member is not as Alipay documents it.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// In certificate mode: it is signed with another certificate of Alipay's than is here.
    #[error(
        "the gateway's answer is signed with another certificate of alipay's than the one here: \
         download the newest one (支付宝公钥证书) from the developer centre and give it; until then \
         nothing that the gateway says can be verified"
    )]
    OtherCertificate,
    /// It is no answer of the gateway to this call.
    #[error("no answer of the gateway but {reason} (status {status}, {length} bytes)")]
    NoAnswer {
        /// The status.
        status: u16,
        /// How long the body is.
        length: usize,
        /// What it is.
        reason: NoAnswer,
    },
    /// It says that something was done, and has no signature.
    #[error("the gateway's answer has no signature, so it proves nothing")]
    Unsigned,
    /// It is a refusal without a signature: the reason is likely, and nothing is proven.
    #[error("not verified, since it has no signature: {0}")]
    Unverified(Refusal),
    /// Its signature is not that of the platform's key.
    #[error(
        "the gateway's answer does not verify: it was changed on its way, or the platform's public \
         key here is not the one that belongs to this application (支付宝公钥)"
    )]
    WrongSignature,
}

impl AnswerError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::AnotherTrade { .. } => advice::alipay::ANOTHER_TRADE,
            Self::Field(error) => error.advice(),
            Self::NoAnswer { .. } => advice::platform::NO_ANSWER,
            Self::OtherCertificate => advice::alipay::OTHER_CERTIFICATE,
            Self::Unsigned => advice::alipay::UNSIGNED,
            Self::Unverified(_) => advice::alipay::UNVERIFIED,
            Self::WrongSignature => advice::alipay::WRONG_SIGNATURE,
        }
    }
}

/// By what an answer is believed.
#[derive(Clone, Copy)]
pub(super) struct Proof<'a> {
    /// The charset that was asked for.
    pub(super) charset: Charset,
    pub(super) verifier: &'a dyn Verifier,
    /// In certificate mode, the number of Alipay's certificate. An answer may leave its own out, as
    /// the sandbox does.
    pub(super) alipay_cert_sn: Option<&'a str>,
}

/// Reads what came back for `call`. Nothing is believed before its signature holds.
pub(super) fn read<C: Call>(
    call: &C,
    response: &HttpResponse,
    proof: Proof<'_>,
) -> Result<Answer<C::Answer>, AnswerError> {
    let body = text(response, proof.charset)?;
    let envelope = Envelope::read(&body.text, C::METHOD);
    let envelope = envelope.map_err(|reason| no_answer(response, reason))?;
    let node = match verified(&body, &envelope, proof) {
        Err(AnswerError::Unsigned) => {
            return Err(unsigned::<C>(envelope.node).unwrap_or(AnswerError::Unsigned));
        }
        node => node?,
    };
    let fields = Fields::read(&node)?;
    let code = Code(fields.parsed("code")?);
    same_trade(call, &fields)?;
    let result = if C::SUCCESS.contains(&code) {
        if envelope.error_node {
            return Err(no_answer(response, NoAnswer::OtherCall));
        }
        Ok(call.read(code, &fields)?)
    } else {
        Err(refusal::<C>(code, &fields))
    };
    Ok(Answer { code, result, fields })
}

/// The text of an answer to `method` for which the platform's signature holds: one JSON value, as it
/// was sent. Where the header names no charset, it is taken to be in that of the request.
///
/// [`Merchant::read`](super::Merchant::read) does this and reads it. This is for who wants to look at
/// what is signed, in an answer of any call.
///
/// # Errors
/// If it is no answer to that call, or does not verify.
pub fn signed_text(
    method: &str,
    response: &HttpResponse,
    asked: Charset,
    verifier: &dyn Verifier,
) -> Result<String, AnswerError> {
    let body = text(response, asked)?;
    let envelope = Envelope::read(&body.text, method);
    let envelope = envelope.map_err(|reason| no_answer(response, reason))?;
    let proof = Proof { charset: asked, verifier, alipay_cert_sn: None };
    verified(&body, &envelope, proof).map(Cow::into_owned)
}

/// The body as text, if it can be an answer.
fn text(response: &HttpResponse, asked: Charset) -> Result<Decoded<'_>, AnswerError> {
    if (300..400).contains(&response.status()) {
        return Err(no_answer(response, NoAnswer::Redirect));
    }
    let body = Decoded::new(response.body(), response.content_type(), asked);
    body.map_err(|error| {
        let reason = match error {
            Undecodable::Bytes => NoAnswer::NotText,
            Undecodable::Charset => NoAnswer::Charset,
        };
        no_answer(response, reason)
    })
}

fn no_answer(response: &HttpResponse, reason: NoAnswer) -> AnswerError {
    AnswerError::NoAnswer { status: response.status(), length: response.body().len(), reason }
}

/// The text that the signature holds for. Some gateways sign `/` and send `\/`; then what was signed
/// is what is read (facts: AbstractAlipayClient.checkResponseSign has the same second try).
fn verified<'a>(
    body: &Decoded<'_>,
    envelope: &Envelope<'a>,
    proof: Proof<'_>,
) -> Result<Cow<'a, str>, AnswerError> {
    let Proof { verifier, alipay_cert_sn, .. } = proof;
    let sign = envelope.sign.as_ref().ok_or(AnswerError::Unsigned)?;
    let said = envelope.alipay_cert_sn.as_deref();
    if matches!((alipay_cert_sn, said), (Some(ours), Some(said)) if ours != said) {
        return Err(AnswerError::OtherCertificate);
    }
    let wrong = || AnswerError::WrongSignature;
    let signature = BASE64.decode(sign.as_bytes()).map_err(|_| wrong())?;
    let (node, start) = (envelope.node, envelope.start(&body.text));
    let raw = body.raw(start, start + node.len());
    if verifier.verify(raw, &signature) {
        return Ok(Cow::Borrowed(node));
    }
    let slashes = raw.windows(2).filter(|pair| *pair == b"\\/").count();
    // In GBK the second byte of a character may be a backslash.
    if slashes == 0 || slashes != node.matches("\\/").count() {
        return Err(wrong());
    }
    let mut plain = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' || bytes.peek() != Some(&&b'/') {
            plain.push(*byte);
        }
    }
    let holds = verifier.verify(&plain, &signature);
    holds.then(|| Cow::Owned(node.replace("\\/", "/"))).ok_or_else(wrong)
}

/// Whether a verified answer speaks of the order that was asked for.
fn same_trade<C: Call>(call: &C, fields: &Fields) -> Result<(), AnswerError> {
    let own = [
        ("out_trade_no", call.out_trade_no().map(|number| number.as_str())),
        ("trade_no", call.trade_no().map(|number| number.as_str())),
    ];
    for (field, asked) in own {
        let said = fields.text(field);
        if matches!((asked, said), (Some(asked), Some(said)) if asked != said) {
            return Err(AnswerError::AnotherTrade { field });
        }
    }
    Ok(())
}

/// What an unsigned node is: a refusal keeps its reason, anything else is worth nothing.
fn unsigned<C: Call>(node: &str) -> Option<AnswerError> {
    let fields = Fields::read(node).ok()?;
    let code = Code(fields.parsed("code").ok()?);
    (!C::SUCCESS.contains(&code)).then(|| AnswerError::Unverified(refusal::<C>(code, &fields)))
}

fn refusal<C: Call>(code: Code, fields: &Fields) -> Refusal {
    let sub_code = fields.text("sub_code").map(|code| SubCode::new(&code));
    let meaning = Meaning::of(C::METHOD, code, sub_code.as_ref());
    Refusal { code, sub_code, meaning }
}
