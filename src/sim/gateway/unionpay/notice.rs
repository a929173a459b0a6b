//! What UnionPay tells an app by itself (5.2.3, 5.3.2, 5.4.3).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use super::UnionPay;
use super::fields::string1;
use super::page::encode;

/// A notification, signed by UnionPay. It is in the hands of who asked for it: nobody sends it.
#[derive(Clone, Eq, PartialEq)]
pub struct SignedNotice(BTreeMap<String, String>);

impl SignedNotice {
    /// A field, `signature` among them; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The query of a GET, percent-encoded.
    pub fn query(&self) -> String {
        self.pairs(encode)
    }

    /// The query of a GET as in the sample of 5.4.3: `+`, `/` and `=` stand there as they are.
    pub fn raw_query(&self) -> String {
        self.pairs(|value| value.replace(' ', "%20"))
    }

    /// The body of a POST as `application/x-www-form-urlencoded`: a blank is a `+`.
    pub fn form(&self) -> String {
        self.pairs(|value| encode(value).replace("%20", "+"))
    }

    /// The body of a POST as JSON.
    pub fn json(&self) -> String {
        serde_json::Value::from_iter(self.0.clone()).to_string()
    }

    /// The same with one field spelled otherwise, as ` transNo` in the sample of 5.3.2. The
    /// signature is still of the right name.
    #[must_use]
    pub fn misspelled(mut self, name: &str, otherwise: &str) -> Self {
        if let Some(value) = self.0.remove(name) {
            self.0.insert(otherwise.into(), value);
        }
        self
    }

    /// The same with another value, which nobody has signed.
    #[must_use]
    pub fn forged(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    fn pairs(&self, encode: impl Fn(&str) -> String) -> String {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        pairs.join("&")
    }
}

/// Only the names.
impl fmt::Debug for SignedNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedNotice")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl UnionPay {
    /// A user takes the authorisation back in UnionPay's app: tokens end, and the notification of it
    /// (5.2.3). Nothing, if there is no such user.
    pub fn remove_authorisation(&mut self, now: Instant, open_id: &str) -> Option<SignedNotice> {
        let now = self.advance(now);
        let user = self.user(open_id).ok()?;
        self.codes.end(user);
        self.accesses.end(user);
        Some(self.notice(now, [("openId", open_id.to_owned())]))
    }

    /// A notification with these fields and those that all have.
    pub(super) fn notice<const N: usize>(
        &mut self,
        now: Instant,
        fields: [(&str, String); N],
    ) -> SignedNotice {
        let mut all: BTreeMap<String, String> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let nonce = (0..16).map(|_| self.rng.alphanumeric()).collect();
        all.insert("appId".into(), self.settings.app_id.clone());
        all.insert("nonceStr".into(), nonce);
        all.insert("timestamp".into(), self.unix(now).to_string());
        let all_signed = self.settings.notices_sign_empties;
        let signed = all.iter().filter(|(_, value)| all_signed || !value.trim().is_empty());
        let text = string1(signed.map(|(name, value)| (name.as_str(), value.as_str())));
        all.insert("signature".into(), self.signing.sign(text.as_bytes()));
        SignedNotice(all)
    }
}
