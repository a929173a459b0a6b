//! What is asked of every request before it is carried out.

use std::collections::BTreeMap;
use std::time::Instant;

use data_encoding::HEXLOWER;
use ring::digest;

use super::code::{self, Code};
use super::fields::Given;
use super::table::Proof;
use super::{CallFields, CallName, UnionPay};

impl UnionPay {
    /// What is asked for, in clear, if the app has asked for it.
    pub(super) fn check(
        &mut self,
        now: Instant,
        call: CallName,
        fields: &CallFields,
    ) -> Result<Given, Code> {
        let (per_minute, ban_for) = (self.settings.per_minute, self.settings.ban_for);
        if !self.limit.admit(now, per_minute, ban_for) {
            return Err(code::TOO_MANY);
        }
        let given = self.read(call, fields)?;
        if given.get("appId") != self.settings.app_id {
            return Err(code::APP_ID);
        }
        self.check_time(now, &given)?;
        self.check_proof(now, call, &given)?;
        Ok(given)
    }

    /// The fields of the call and no others, none missing (7.8 no. 17), and none sealed.
    fn read(&self, call: CallName, fields: &CallFields) -> Result<Given, Code> {
        let mut given = BTreeMap::new();
        let table = call.fields();
        if fields.iter().any(|(name, _)| table.iter().all(|field| field.name != name)) {
            return Err(code::BAD_FIELD);
        }
        for field in table {
            let value = fields.get(field.name);
            if let (true, Some(missing)) = (value.is_empty(), field.missing) {
                return Err(missing);
            }
            // What was not sent is not signed either; what was sent empty is (5.8.1 note 4).
            if !fields.iter().any(|(name, _)| name == field.name) {
                continue;
            }
            let value = if field.sealed {
                self.symmetric_key.open(value).ok_or(code::DECRYPT)?
            } else {
                value.to_owned()
            };
            given.insert(field.name, value);
        }
        Ok(Given(given))
    }

    /// The random text is 16 letters and digits (7.3), the time is now (7.8 no. 3).
    fn check_time(&self, now: Instant, given: &Given) -> Result<(), Code> {
        let (nonce, timestamp) = (given.get("nonceStr"), given.get("timestamp"));
        if nonce.is_empty() && timestamp.is_empty() {
            return Ok(());
        }
        if nonce.len() != 16 || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(code::BAD_FIELD);
        }
        let seconds =
            Some(timestamp).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        let off = seconds.map(|seconds| self.unix(now).abs_diff(seconds));
        let within = self.settings.timestamp_within.as_secs();
        if off.is_some_and(|off| off <= within) { Ok(()) } else { Err(code::TIME) }
    }

    fn check_proof(&self, now: Instant, call: CallName, given: &Given) -> Result<(), Code> {
        let signature = given.get("signature");
        let partner = || self.signing.verifies(given.string1(None).as_bytes(), signature);
        let good = match call.proof() {
            Proof::BackendToken => {
                let good = self.backend_tokens.is_good(now, given.get("backendToken"));
                return if good { Ok(()) } else { Err(code::BACKEND_TOKEN) };
            }
            Proof::Password if !self.settings.password_by_rsa => {
                sha256(&given.string1(None)) == signature
            }
            Proof::Partner | Proof::Password => partner(),
            Proof::Secret => sha256(&given.string1(Some(&self.settings.secret))) == signature,
        };
        if good { Ok(()) } else { Err(code::SIGNATURE) }
    }
}

/// In lower-case hexadecimal digits (7.2).
fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}
