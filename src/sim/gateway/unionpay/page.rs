//! The pages on which a user logs in or agrees to a contract (4.1, 4.3).

use std::time::Instant;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::UnionPay;
use super::user::Consent;
use crate::sim::gateway::http::Params;

/// What a user does at a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PageVisitor {
    /// Agrees.
    Agrees {
        /// Which user, by the place in the settings.
        user: usize,
        /// Whether the mobile is given along, where the page asks for it.
        mobile: bool,
    },
    /// Taps "not now" (7.8 no. 24).
    Refuses,
}

/// Why a page shows an error and sends the user nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// Another app.
    #[error("appId is not the app's")]
    AppId,
    /// There is no such page.
    #[error("the address is of none of the three pages")]
    Page,
    /// No contract template of the app's, at the page for contracts; or one, at another page.
    #[error("planId is not one of the app's, or does not belong to this page")]
    PlanId,
    /// Not over https, or not in one of the app's domains.
    #[error("redirectUri is not https in one of the app's domains")]
    RedirectUri,
    /// Not `code`.
    #[error("responseType is not code")]
    ResponseType,
    /// Not a scope of this page.
    #[error("scope is none of this page")]
    Scope,
    /// Over 128 bytes, or other than letters and digits.
    #[error("state is not up to 128 letters and digits")]
    State,
}

impl UnionPay {
    /// A user at one of the pages. Gives the address that the user is sent to.
    ///
    /// # Errors
    ///
    /// What the page finds wrong with its address.
    pub fn visit(
        &mut self,
        now: Instant,
        url: &str,
        visitor: PageVisitor,
    ) -> Result<String, VisitError> {
        let now = self.advance(now);
        let (page, query) = url.split_once('?').ok_or(VisitError::Page)?;
        let query = Params::read(&[query.as_bytes()]).map_err(|_| VisitError::Page)?;
        let value = |name: &str| query.text(name).unwrap_or_default();
        let scopes = PAGES.iter().find(|(path, _)| page.ends_with(path));
        let scopes = scopes.map(|(_, scopes)| *scopes).ok_or(VisitError::Page)?;
        if value("appId") != self.settings.app_id {
            return Err(VisitError::AppId);
        }
        if value("responseType") != "code" {
            return Err(VisitError::ResponseType);
        }
        let scope = scopes.iter().copied().find(|scope| *scope == value("scope"));
        let scope = scope.ok_or(VisitError::Scope)?;
        let back = value("redirectUri");
        if !self.is_ours(back) {
            return Err(VisitError::RedirectUri);
        }
        let plan_id = value("planId");
        let known = self.settings.plan_ids.iter().any(|it| it == plan_id);
        if if scope == "upapi_contract" { !known } else { !plan_id.is_empty() } {
            return Err(VisitError::PlanId);
        }
        let state = value("state");
        if state.len() > 128 || !state.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(VisitError::State);
        }
        let state = if state.is_empty() { String::new() } else { format!("state={state}") };
        let pairs = match visitor {
            PageVisitor::Agrees { user, mobile } => {
                let code = self.ticket(12);
                let until = now + self.settings.code_for;
                let consent = Consent { user, scope, mobile };
                self.codes.add(now, code.clone(), consent, until);
                [format!("code={}", encode(&code)), state]
            }
            PageVisitor::Refuses => {
                let message = encode("用户不同意授权[user0001]");
                [state, format!("errmsg={message}&errorcode=user0001")]
            }
        };
        let pairs: Vec<_> = pairs.into_iter().filter(|pair| !pair.is_empty()).collect();
        let mark = if back.contains('?') { '&' } else { '?' };
        Ok(format!("{back}{mark}{}", pairs.join("&")))
    }
}

/// What `encodeURIComponent` of the pages makes of a text.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// The pages, and the scopes of each.
pub(super) const PAGES: [(&str, &[&str]); 3] = [
    ("/s/open/html/oauth.html", &["upapi_base", "upapi_mobile", "upapi_auth"]),
    ("/s/open/auth/outApp/html/outLogin.html", &["upapi_login", "upapi_user"]),
    ("/s/open/noPwd/html/open.html", &["upapi_contract"]),
];

/// ECMA-262, 19.2.6.4.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
