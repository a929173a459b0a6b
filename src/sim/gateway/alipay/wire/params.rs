//! The parameters that every call has.

use jiff::civil::DateTime;

use super::certificate::CertificateNumbers;
use super::charset::Charset;
use crate::sim::gateway::Signing;
use crate::sim::gateway::alipay::Method;
use crate::sim::gateway::http::Params;

/// Why a request does not reach the trade machine.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) sub_code: &'static str,
    /// For a person; without anything that was sent but names.
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(code: u16, sub_code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, sub_code, reason: reason.into() }
    }
}

/// The method with this name.
pub(super) fn method(name: &str) -> Option<Method> {
    Method::ALL.into_iter().find(|method| method.wire() == name)
}

/// Checks what does not depend on the method, and says in which charset which one is called, the signature last (facts 1.1 and 2.3).
pub(super) fn check(
    form: &Params,
    charset: Option<Charset>,
    method: Option<Method>,
    signing: &Signing,
) -> Result<(Charset, Method), Refusal> {
    for (name, sub_code) in REQUIRED {
        if form.get(name).is_none() {
            let reason = format!("the parameter '{name}' is missing or empty");
            return Err(Refusal::new(40001, sub_code, reason));
        }
    }
    let invalid = |sub_code, reason: &str| Err(Refusal::new(40002, sub_code, reason));
    let is = |name, value| form.text(name).is_none_or(|text| text.eq_ignore_ascii_case(value));
    let Some(charset) = charset else {
        return invalid("isv.invalid-charset", "the charset is neither utf-8 nor GBK");
    };
    let Some(method) = method else {
        return invalid("isv.invalid-method", "this gateway does not have this method");
    };
    if !is("sign_type", "RSA2") {
        return invalid("isv.invalid-signature-type", "only the sign_type RSA2 is verified here");
    }
    if !is("format", "json") {
        return invalid("isv.invalid-format", "the format is json");
    }
    if !is("version", "1.0") {
        return invalid("isv.invalid-version", "the version is 1.0");
    }
    let time = form.text("timestamp").map(|text| DateTime::strptime("%Y-%m-%d %H:%M:%S", text));
    if time.is_none_or(|time| time.is_err()) {
        return invalid("isv.invalid-timestamp", "the timestamp is not yyyy-MM-dd HH:mm:ss");
    }
    let text = signed_text(form);
    let sign = form.text("sign").unwrap_or_default();
    if !signing.verifies(&text, sign) {
        let names: Vec<_> = signed(form).map(|(name, _)| String::from_utf8_lossy(name)).collect();
        let reason = format!(
            "the signature is not that of the app's key over the values of {}, joined by '&' in \
             this order, raw, {} bytes in all",
            names.join(", "),
            text.len()
        );
        return Err(Refusal::new(40002, "isv.invalid-signature", reason));
    }
    Ok((charset, method))
}

/// In certificate mode, whether the request names the certificates. The sub-codes are not specified;
/// chosen after their like.
pub(super) fn certificates(
    form: &Params,
    certificates: Option<&CertificateNumbers>,
) -> Result<(), Refusal> {
    let Some(certificates) = certificates else { return Ok(()) };
    let expected = [
        ("app_cert_sn", "isv.invalid-app-cert-sn", certificates.app()),
        ("alipay_root_cert_sn", "isv.invalid-alipay-root-cert-sn", certificates.root()),
    ];
    for (name, sub_code, number) in expected {
        if form.text(name) != Some(number) {
            let reason = format!("the parameter '{name}' is not {number}");
            return Err(Refusal::new(40002, sub_code, reason));
        }
    }
    Ok(())
}

/// What a client signs: every parameter but `sign` and empty ones, sorted, raw, in the charset of
/// the request (facts 1.1).
fn signed_text(form: &Params) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in signed(form) {
        if !text.is_empty() {
            text.push(b'&');
        }
        text.extend_from_slice(name);
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}

fn signed(form: &Params) -> impl Iterator<Item = (&[u8], &[u8])> {
    form.iter().filter(|(name, value)| *name != b"sign" && !value.is_empty())
}

const REQUIRED: [(&str, &str); 7] = [
    ("app_id", "isv.missing-app-id"),
    ("method", "isv.missing-method"),
    ("charset", "isv.missing-charset"),
    ("sign_type", "isv.missing-signature-type"),
    ("sign", "isv.missing-signature"),
    ("timestamp", "isv.missing-timestamp"),
    ("version", "isv.missing-version"),
];
