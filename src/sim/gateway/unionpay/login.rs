//! Who the user is: token, user.mobile, user.auth.

use std::time::Instant;

use super::code::Code;
use super::fields::Given;
use super::user::Consent;
use super::{Answer, UnionPay, code, page, reply};

impl UnionPay {
    /// 4.3, step 2.
    pub(super) fn token(&mut self, now: Instant, given: &Given) -> Answer {
        if given.get("grantType") != "authorization_code" {
            return Err(code::WRONG_GRANT_TYPE);
        }
        let consent = self.codes.take(now, given.get("code")).ok_or(code::AUTH_CODE)?;
        let (access_token, refresh_token) = (self.ticket(81), self.ticket(12));
        let lives = self.settings.access_token_for;
        self.accesses.add(now, access_token.clone(), consent, now + lives);
        let user = self.settings.users.get(consent.user).ok_or(code::OPEN_ID)?;
        Ok(reply::params([
            ("accessToken", access_token.into()),
            ("expiresIn", lives.as_secs().to_string().into()),
            ("openId", user.open_id.as_str().into()),
            ("refreshToken", refresh_token.into()),
            ("scope", consent.scope.into()),
        ]))
    }

    /// A user who has agreed to this scope before, with a text that is both the authorisation code
    /// and the user's token: for a program that begins anew each time. Gives whether there is such a
    /// scope.
    pub fn grant(&mut self, now: Instant, scope: &str, user: usize, text: &str) -> bool {
        let now = self.advance(now);
        let found = page::PAGES.iter().flat_map(|(_, scopes)| *scopes).find(|it| **it == scope);
        let Some(scope) = found.copied() else { return false };
        let consent = Consent { user, scope, mobile: true };
        let (code_for, access_for) = (self.settings.code_for, self.settings.access_token_for);
        self.codes.add(now, text.into(), consent, now + code_for);
        self.accesses.add(now, text.into(), consent, now + access_for);
        true
    }

    /// 5.2.1.
    pub(super) fn user_mobile(&mut self, now: Instant, given: &Given) -> Answer {
        let consent = self.consent(now, given)?;
        if !MOBILE_SCOPES.contains(&consent.scope) {
            return Err(code::NO_RIGHT);
        }
        if !consent.mobile {
            return Err(code::MOBILE_KEPT_BACK);
        }
        let user = self.settings.users.get(consent.user);
        let mobile = user.and_then(|user| user.mobile.as_deref()).ok_or(code::NO_MOBILE)?;
        Ok(reply::params([("mobile", self.symmetric_key.seal(mobile).into())]))
    }

    /// 5.2.2.
    pub(super) fn user_auth(&mut self, now: Instant, given: &Given) -> Answer {
        let consent = self.consent(now, given)?;
        if !AUTH_SCOPES.contains(&consent.scope) {
            return Err(code::NO_RIGHT);
        }
        let user = self.settings.users.get(consent.user).ok_or(code::OPEN_ID)?;
        let sealed = |text: &str| self.symmetric_key.seal(text).into();
        Ok(reply::params([
            ("certId", sealed(&user.cert_id)),
            ("certTp", sealed(&user.cert_tp)),
            ("realName", sealed(&user.real_name)),
        ]))
    }

    /// What the user has agreed to whose token and openId these are.
    pub(super) fn consent(&self, now: Instant, given: &Given) -> Result<Consent, Code> {
        let user = self.user(given.get("openId"))?;
        let consent = self.accesses.get(now, given.get("accessToken")).ok_or(code::ACCESS_TOKEN)?;
        if consent.user == user { Ok(consent) } else { Err(code::OPEN_ID) }
    }
}

/// 5.2.1, and what the pages outside of UnionPay's app call upapi_auth (4.3).
const MOBILE_SCOPES: [&str; 3] = ["upapi_mobile", "upapi_auth", "upapi_user"];

const AUTH_SCOPES: [&str; 2] = ["upapi_auth", "upapi_user"];
