//! Which text a notification's signature covers.

use data_encoding::BASE64;

use super::error::NotificationError;
use crate::gateway::Verifier;
use crate::gateway::form::Pairs;
use crate::gateway::word::Word;

/// Verifies a form as Alipay signs one: all fields but `sign`, sorted by name, `name=value` joined by
/// `&`, the bytes of the values as they are once decoded.
///
/// Notifications of trades are signed without `sign_type`, others with it (AlipaySignature:
/// getSignCheckContentV1 and V2), so both are tried, the one of trades first. Empty fields are left
/// out (自行实现签名: 剔除值为空的参数); some SDKs sign them, so where there are any they are tried too.
pub(super) fn verify(form: &Pairs, verifier: &dyn Verifier) -> Result<(), NotificationError> {
    let sign = form.get(SIGN).filter(|sign| !sign.is_empty());
    let sign = sign.ok_or(NotificationError::Unsigned)?;
    let signature = BASE64.decode(sign).map_err(|_| NotificationError::WrongSignature)?;
    let sign_type = form.get(SIGN_TYPE);
    let has_empty = form.iter().any(|(_, value)| value.is_empty());
    for with_empty in [false, true] {
        for with_sign_type in [false, true] {
            let same_as_before =
                (with_empty && !has_empty) || (with_sign_type && sign_type.is_none());
            if same_as_before {
                continue;
            }
            let is_signed = |name: &[u8], value: &[u8]| {
                name != SIGN.as_bytes()
                    && (with_sign_type || name != SIGN_TYPE.as_bytes())
                    && (with_empty || !value.is_empty())
            };
            if verifier.verify(&text(form, is_signed), &signature) {
                return Ok(());
            }
        }
    }
    match sign_type {
        Some(other) if !matches!(other, b"RSA2" | b"") => {
            Err(NotificationError::SignType(Word::new(String::from_utf8_lossy(other))))
        }
        _ => Err(NotificationError::WrongSignature),
    }
}

fn text(form: &Pairs, is_signed: impl Fn(&[u8], &[u8]) -> bool) -> Vec<u8> {
    // Two bytes more for each field than the form has.
    let mut text = Vec::with_capacity(form.length() + 2 * form.iter().count());
    for (name, value) in form.iter().filter(|(name, value)| is_signed(name, value)) {
        if !text.is_empty() {
            text.push(b'&');
        }
        text.extend_from_slice(name);
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}

/// Refuses a form whose signed text can be read in another way.
///
/// The text does not say where a value ends: `subject=a&total_amount=1.00` may be a subject and an
/// amount, or a subject with both in it. Who chooses a subject could choose the amount with it, by
/// sending the same text cut up anew. In a form that was cut up so, the field that was there in
/// truth stands inside another value.
pub(super) fn is_unambiguous(form: &Pairs) -> Result<(), NotificationError> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    for (name, value) in form.iter() {
        if !name.iter().all(plain) {
            return Err(NotificationError::Name);
        }
        let mut rest = value;
        while let Some(at) = memchr::memchr(b'&', rest) {
            rest = &rest[at + 1..];
            let is_there = |field: &&&str| {
                let behind = rest.strip_prefix(field.as_bytes());
                behind.is_some_and(|behind| behind.starts_with(b"="))
            };
            if let Some(field) = READ.iter().find(is_there) {
                return Err(NotificationError::Ambiguous { field });
            }
        }
    }
    Ok(())
}

pub(super) const SIGN: &str = "sign";

pub(super) const SIGN_TYPE: &str = "sign_type";

/// The fields that something is concluded from.
const READ: &[&str] = &[
    "app_id",
    "charset",
    "notify_time",
    "notify_type",
    "out_biz_no",
    "out_trade_no",
    "refund_fee",
    "seller_id",
    "total_amount",
    "trade_no",
    "trade_status",
];
