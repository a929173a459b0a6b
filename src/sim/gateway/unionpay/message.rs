//! Messages to a user: new.msg.push.

use std::time::Instant;

use super::fields::Given;
use super::{Answer, UnionPay, code, reply};

impl UnionPay {
    /// 5.5.1. What is too long is accepted and not pushed: `resultCd` is then not 00. That it is so,
    /// and the code, are not specified.
    pub(super) fn push(&mut self, _: Instant, given: &Given) -> Answer {
        self.user(given.get("openId"))?;
        if !self.is_ours(given.get("url")) {
            return Err(code::DOMAIN);
        }
        // 140 characters, of which a Chinese one counts two.
        let length: usize = given
            .get("content")
            .chars()
            .map(|character| if character.is_ascii() { 1 } else { 2 })
            .sum();
        let fits = length <= 140;
        self.truth.pushed += u64::from(fits);
        Ok(reply::params([
            ("appId", given.get("appId").into()),
            ("openId", given.get("openId").into()),
            ("resultCd", if fits { "00" } else { "01" }.into()),
        ]))
    }

    /// Whether this is an address in one of the app's domains, over https (3.1).
    pub(super) fn is_ours(&self, url: &str) -> bool {
        let host = url.strip_prefix("https://").map(|rest| {
            let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
            &rest[..end]
        });
        host.is_some_and(|host| self.settings.domains.iter().any(|domain| domain == host))
    }
}
