//! What comes back from UnionPay's pages, and the addresses that are given to them.

use m26_pay::gateway::unionpay::page::{
    LoginPage, LoginState, RedirectUri, RedirectUriForm, ReturnError, returned,
};
use m26_pay::gateway::unionpay::{AppId, PageUrl, Scope};
use percent_encoding::percent_decode_str;

use super::source::{Source, assert_hidden, unfold};

/// A code comes back with the state of its session alone, an address comes out of a page's own as it
/// was put in, and no error shows what came.
///
/// The first byte chooses the state of the session, the second whether the text gets it as its own.
/// The rest is the query, and an address.
pub fn unionpay_pages(data: &[u8]) {
    let mut source = Source::new(data);
    let (session, given) = (source.one(&SESSIONS), source.flag());
    let text = unfold(source.rest());
    let mut query = String::from_utf8_lossy(&text).into_owned();
    address(&query);
    if let (Some(session), true) = (session, given) {
        query = format!("{query}&state={session}");
    }
    let state = session.map(|state| LoginState::new(state).unwrap());
    match returned(&query, state.as_ref()) {
        Ok(code) => {
            assert_hidden(&format!("{code:?}"));
            let states: Vec<_> =
                query.split('&').filter_map(|it| it.strip_prefix("state=")).collect();
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let came = states.first().map(|text| decoded(text)).filter(|text| !text.is_empty());
            assert_eq!((came.as_deref(), states.len() < 2), (session, true));
            assert!(code.expose().bytes().all(|byte| byte.is_ascii_graphic()));
        }
        // The code of a refusal shows itself if it looks like a code.
        Err(error @ ReturnError::Refused { .. }) => assert_hidden(&format!("{error:?}")),
        Err(error) => assert_hidden(&format!("{error} {error:?}")),
    }
}

/// An address that may be anything, as one to go back to and as that of a page.
fn address(text: &str) {
    if let Ok(page) = PageUrl::new(text) {
        assert_eq!(Some(page.as_str()), text.split('#').next());
        assert!(page.as_str().starts_with(page.origin()));
    }
    let Ok(back) = RedirectUri::new(text) else { return };
    let app_id = AppId::new("1").unwrap();
    let page = LoginPage::oauth(back, Scope::Base).unwrap();
    let url = page.url(&app_id);
    let value = url.split('&').find_map(|pair| pair.strip_prefix("redirectUri=")).unwrap();
    assert_eq!(percent_decode_str(value).decode_utf8().unwrap(), text);
    if let Ok(plain) = page.redirect_uri_form(RedirectUriForm::AsIs) {
        let url = plain.url(&app_id);
        assert_eq!(url.split('&').find_map(|pair| pair.strip_prefix("redirectUri=")), Some(text));
    }
}

const SESSIONS: [Option<&str>; 3] = [None, Some("a1"), Some("0123456789abcdefABCDEF")];
