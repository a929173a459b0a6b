//! Which text is signed, and how.

use data_encoding::{BASE64, HEXLOWER};
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::text::AppSecret;
use crate::gateway::{SignError, Signer};

/// How a call is signed.
///
/// Each call has the one that the spec, or the evidence against the spec, says; another one is set by
/// [`App::signing`](super::App::signing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Signing {
    /// What is computed from the text.
    pub method: SignatureMethod,
    /// What becomes of a parameter without a value.
    pub empties: Empties,
}

impl Signing {
    /// SHA-256 with the secret in the text (5.1.1).
    pub const SECRET: Self =
        Self { method: SignatureMethod::Sha256WithSecret, empties: Empties::LeftOut };
    /// SHA-256 over the parameters alone (2.4.1).
    pub const SHA256: Self = Self { method: SignatureMethod::Sha256, empties: Empties::Signed };
    /// RSA with the partner's key, parameters without a value included (5.8.1 notes 3 and 4).
    pub const RSA: Self = Self { method: SignatureMethod::Sha256WithRsa, empties: Empties::Signed };

    /// The same with parameters without a value in or out.
    #[must_use]
    pub const fn empties(self, empties: Empties) -> Self {
        Self { empties, ..self }
    }
}

/// What is computed from the text that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// SHA-256 in lower-case hex (2.4.1, 7.2): whoever has the text can compute it.
    Sha256,
    /// The same, over a text with the application's secret in it (5.1.1, 5.1.2).
    Sha256WithSecret,
    /// SHA256WithRSA with the partner's private key, in base64 (5.8.1).
    Sha256WithRsa,
}

/// What becomes of a parameter without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empties {
    /// It is neither signed nor sent, as 7.5 verifies.
    LeftOut,
    /// It is signed as `name=` and sent as an empty text, as 5.8.1 note 4 says.
    Signed,
}

/// The text that is signed: sorted by name in ASCII's order, joined by `&`, the values as they are
/// (2.4.1, 7.2).
pub(crate) fn text<'a>(mut pairs: Vec<(&'a str, &'a str)>) -> Zeroizing<String> {
    pairs.sort_unstable_by_key(|(name, _)| *name);
    let length = pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    // Filled within its capacity, so that no copy of a secret stays behind.
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// SHA-256 of a text in lower-case hex (7.2).
pub(crate) fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The signature over these parameters.
pub(super) fn sign<'a>(
    method: SignatureMethod,
    mut pairs: Vec<(&'a str, &'a str)>,
    secret: &'a AppSecret,
    partner: Option<&dyn Signer>,
) -> Result<String, NotSigned> {
    match method {
        SignatureMethod::Sha256 => Ok(sha256(&text(pairs))),
        SignatureMethod::Sha256WithSecret => {
            pairs.push(("secret", secret.expose()));
            Ok(sha256(&text(pairs)))
        }
        SignatureMethod::Sha256WithRsa => {
            let partner = partner.ok_or(NotSigned::NoPartnerKey)?;
            let signature = partner.sign(text(pairs).as_bytes()).map_err(NotSigned::Signer)?;
            Ok(BASE64.encode(&signature))
        }
    }
}

/// Why there is no signature.
pub(super) enum NotSigned {
    NoPartnerKey,
    Signer(SignError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_signed_at_its_place() {
        let pairs = vec![
            ("timestamp", "1553425553"),
            ("nonceStr", "KFTrLiCknhMlKKuv"),
            ("appId", "fb707efe000000000000000c3a9e06d8"),
        ];
        let secret = AppSecret::new("dev-secret").unwrap();
        let signature = sign(SignatureMethod::Sha256WithSecret, pairs, &secret, None);
        assert_eq!(
            signature.ok().as_deref(),
            Some("5b40ee04f4b0d3183fe79ac0bea93b8ddf1bc1736906aab6be927dbb47d42012"),
        );
    }

    #[test]
    fn sorted_by_bytes_and_nothing_escaped() {
        let pairs = vec![("url", "https://a/?b=c&d"), ("appId", "1"), ("Z", "+/="), ("pan", "")];
        assert_eq!(*text(pairs), "Z=+/=&appId=1&pan=&url=https://a/?b=c&d");
    }
}
