//! The three pages.

use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::form;
use crate::gateway::text::{text, url};
use crate::gateway::transport::is_loopback;
use crate::gateway::unionpay::Scope;
use crate::gateway::unionpay::page::LoginState;
use crate::gateway::unionpay::text::{AppId, PlanId};

text! {
    /// Where a page sends the user back to (`redirectUri`, 4.3 no. 2), in the domain that was applied
    /// for (3.1): `https`, or `http` on this host alone (a test).
    ///
    /// The page puts `?code=…` behind it. A Chinese character in it must be escaped: it makes the app
    /// crash (7.8 no. 31).
    RedirectUri, "redirectUri", 1024, redirect_uri
}

/// A page of UnionPay to which a program sends a user (4.1, 4.3).
///
/// ```text
/// https://open.95516.com/s/open/html/oauth.html              ?appId=…&redirectUri=…&responseType=code
/// https://open.95516.com/s/open/auth/outApp/html/outLogin.html    &scope=…[&state=…]
/// https://open.95516.com/s/open/noPwd/html/open.html              &scope=upapi_contract[&state=…]&planId=…
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPage {
    address: &'static str,
    redirect_uri: RedirectUri,
    form: RedirectUriForm,
    scope: Scope,
    state: Option<LoginState>,
    plan_id: Option<PlanId>,
}

/// How the address to go back to is written into a page's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RedirectUriForm {
    /// Percent-encoded.
    #[default]
    Encoded,
    /// As it is: on iOS it need not be encoded (ios无需进行urlencode, 4.3 no. 2).
    AsIs,
}

impl LoginPage {
    /// The login inside UnionPay's app.
    ///
    /// # Errors
    /// If the scope is one of another page.
    pub fn oauth(redirect_uri: RedirectUri, scope: Scope) -> Result<Self, InvalidArgument> {
        match scope {
            Scope::Contract => Err(rule("upapi_contract goes with the page noPwd (4.1)")),
            Scope::Login | Scope::User => Err(rule(
                "upapi_login and upapi_user go with the page outLogin, outside UnionPay's app (4.3)",
            )),
            scope => Ok(Self::new(OAUTH, redirect_uri, scope, None)),
        }
    }

    /// The login outside UnionPay's app, such as in another app's browser.
    ///
    /// # Errors
    /// If the scope is neither `upapi_login` nor `upapi_user`: no other one is taken there (4.3).
    pub fn out_login(redirect_uri: RedirectUri, scope: Scope) -> Result<Self, InvalidArgument> {
        match scope {
            Scope::Login | Scope::User => Ok(Self::new(OUT_LOGIN, redirect_uri, scope, None)),
            _ => Err(rule("must be upapi_login or upapi_user outside UnionPay's app (4.3)")),
        }
    }

    /// The agreement to a contract for paying without a password, whose template is `plan_id`: the
    /// scope is `upapi_contract`.
    #[must_use]
    pub fn no_pwd(redirect_uri: RedirectUri, plan_id: PlanId) -> Self {
        Self::new(NO_PWD, redirect_uri, Scope::Contract, Some(plan_id))
    }

    /// With this state, which comes back.
    #[must_use]
    pub fn state(self, state: LoginState) -> Self {
        Self { state: Some(state), ..self }
    }

    /// With the address to go back to in another form.
    ///
    /// # Errors
    /// If it is written as it is and holds what would end it there: `&`, `#`, `+` or `%`.
    pub fn redirect_uri_form(self, form: RedirectUriForm) -> Result<Self, InvalidArgument> {
        let text = self.redirect_uri.as_str();
        let ends = |(_, byte): &(usize, u8)| matches!(byte, b'&' | b'#' | b'+' | b'%');
        match (form, text.bytes().enumerate().find(ends)) {
            (RedirectUriForm::AsIs, Some((position, byte))) => Err(InvalidArgument {
                field: "redirectUri",
                reason: InvalidReason::Byte { byte, position },
            }),
            _ => Ok(Self { form, ..self }),
        }
    }

    /// The address to send the user to.
    #[must_use]
    pub fn url(&self, app_id: &AppId) -> String {
        let mut query = String::new();
        form::push(&mut query, "appId", app_id.as_str().as_bytes());
        match self.form {
            RedirectUriForm::Encoded => {
                form::push(&mut query, "redirectUri", self.redirect_uri.as_str().as_bytes());
            }
            RedirectUriForm::AsIs => {
                query.push_str("&redirectUri=");
                query.push_str(self.redirect_uri.as_str());
            }
        }
        form::push(&mut query, "responseType", b"code");
        form::push(&mut query, "scope", self.scope.as_str().as_bytes());
        let state = self.state.as_ref().map(|state| ("state", state.as_str()));
        let plan_id = self.plan_id.as_ref().map(|plan_id| ("planId", plan_id.as_str()));
        for (name, value) in [state, plan_id].into_iter().flatten() {
            form::push(&mut query, name, value.as_bytes());
        }
        format!("{PAGES}{}?{query}", self.address)
    }

    fn new(
        address: &'static str,
        redirect_uri: RedirectUri,
        scope: Scope,
        plan_id: Option<PlanId>,
    ) -> Self {
        let form = RedirectUriForm::default();
        Self { address, redirect_uri, form, scope, state: None, plan_id }
    }
}

fn redirect_uri(value: &str) -> Result<(), InvalidReason> {
    url(value)?;
    if value.starts_with("https://") || is_loopback(value) {
        return Ok(());
    }
    Err(InvalidReason::Rule("must be an https URL: pages are reached by https alone (3.1)"))
}

fn rule(rule: &'static str) -> InvalidArgument {
    InvalidArgument { field: "scope", reason: InvalidReason::Rule(rule) }
}

/// 4.3.
const PAGES: &str = "https://open.95516.com/s/open/";
const OAUTH: &str = "html/oauth.html";
const OUT_LOGIN: &str = "auth/outApp/html/outLogin.html";

/// 4.1.
const NO_PWD: &str = "noPwd/html/open.html";

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "fb707efe000000000000000c3a9e06d8";

    fn back() -> RedirectUri {
        RedirectUri::new("https://oauth.shop.example/back?a=1&b=2#/c").unwrap()
    }

    #[test]
    fn the_addresses_of_the_spec() {
        let app_id = AppId::new(APP).unwrap();
        let query = format!(
            "?appId={APP}&redirectUri=https%3A%2F%2Foauth.shop.example%2Fback%3Fa%3D1%26b%3D2%23%2Fc\
             &responseType=code&scope="
        );
        let state = LoginState::new("aB3").unwrap();
        let oauth = LoginPage::oauth(back(), Scope::Mobile).unwrap().state(state.clone());
        let expected =
            format!("https://open.95516.com/s/open/html/oauth.html{query}upapi_mobile&state=aB3");
        assert_eq!(oauth.url(&app_id), expected);
        let out_login = LoginPage::out_login(back(), Scope::User).unwrap();
        let address = "https://open.95516.com/s/open/auth/outApp/html/outLogin.html";
        assert_eq!(out_login.url(&app_id), format!("{address}{query}upapi_user"));
        let plan_id = PlanId::new("9ca088374a8141ff95dca35a12d73240").unwrap();
        let address = "https://open.95516.com/s/open/noPwd/html/open.html";
        let no_pwd = LoginPage::no_pwd(back(), plan_id);
        let expected =
            format!("{address}{query}upapi_contract&planId=9ca088374a8141ff95dca35a12d73240");
        assert_eq!(no_pwd.url(&app_id), expected);
    }

    #[test]
    fn on_ios_the_address_need_not_be_encoded() {
        let app_id = AppId::new("1").unwrap();
        let plain = RedirectUri::new("https://a.example/b?c=d").unwrap();
        let page = LoginPage::oauth(plain, Scope::Base).unwrap();
        let page = page.redirect_uri_form(RedirectUriForm::AsIs).unwrap();
        assert!(page.url(&app_id).contains("&redirectUri=https://a.example/b?c=d&responseType"));
        let page = LoginPage::oauth(back(), Scope::Base).unwrap();
        let error = page.redirect_uri_form(RedirectUriForm::AsIs).unwrap_err();
        assert_eq!(error.reason, InvalidReason::Byte { byte: b'&', position: 35 });
    }

    #[test]
    fn each_page_has_its_scopes() {
        for scope in [Scope::Contract, Scope::Login, Scope::User] {
            assert_eq!(LoginPage::oauth(back(), scope).unwrap_err().field, "scope");
        }
        for scope in [Scope::Base, Scope::Mobile, Scope::Auth, Scope::Contract] {
            assert_eq!(LoginPage::out_login(back(), scope).unwrap_err().field, "scope");
        }
    }

    #[test]
    fn the_way_back_is_https() {
        for wrong in ["http://shop.example/", "shop.example", "https://", "https://a/\u{7248}", ""]
        {
            assert!(RedirectUri::new(wrong).is_err(), "{wrong}");
        }
        assert!(RedirectUri::new("http://127.0.0.1:8080/back").is_ok());
    }
}
