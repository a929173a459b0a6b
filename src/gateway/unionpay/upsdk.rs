//! What a page needs for UnionPay's script.

use std::fmt;

use super::app::App;
use super::signature::{sha256, text};
use super::stamp::{NonceStr, Stamp, Timestamp};
use super::text::{AppId, FrontToken};
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::json::Object;
use crate::gateway::text::{check, url};
use crate::gateway::transport::is_loopback;

/// What a page gives to `upsdk.config` (6.2), made by the application's server.
///
/// ```text
/// upsdk.config({
///     appId: 'a5949221…', timestamp: '1414587457', nonceStr: 'Wm3WZYTPz0wzccnW',
///     signature: '<SHA-256 over appId, frontToken, nonceStr, timestamp, url>'      7.1, 7.2
/// })
/// ```
///
/// The page loads `https://open.95516.com/s/open/js/upsdk.js`, and jQuery 1.4 or Zepto 1.0 before it
/// (7.8 no. 2). The front token goes into the signature and not to the page.
///
/// ```
/// use m26_pay::gateway::unionpay::{App, FrontToken, PageUrl, Stamp, UpsdkConfig};
/// use m26_pay::unix_time::UnixMillis;
///
/// fn answer(app: &App, token: &FrontToken, href: &str) -> Result<String, Box<dyn std::error::Error>> {
///     let stamp = Stamp::new(UnixMillis(1_764_450_007_000))?;
///     Ok(UpsdkConfig::new(app, token, &PageUrl::new(href)?, stamp).to_json())
/// }
/// ```
///
/// It holds nothing that is secret. `upsdk.config` is called once for each address of a page; what
/// its `upsdk.error` says about the token is told to
/// [`UnionPay::front_token_refused`](super::UnionPay::front_token_refused).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpsdkConfig {
    app_id: AppId,
    nonce_str: NonceStr,
    timestamp: Timestamp,
    signature: String,
    debug: bool,
}

/// The address of a page as its `window.location.href` says it, without `#` and what is behind it
/// (7.8 nos. 7 and 11).
///
/// It is signed byte for byte, so it has to come from the page: a server behind a proxy sees `http`
/// where the page has `https`, and whoever decodes and encodes an address changes it. The page has to
/// be in one of the safe domains that were applied for (3.1): sign for no others.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PageUrl(Box<str>);

impl PageUrl {
    /// Its greatest number of characters. Not specified; chosen because browsers and servers take
    /// about as much.
    pub const MAX_LENGTH: usize = 4096;

    /// The address of a page; what is behind `#` is cut off.
    ///
    /// # Errors
    /// If it is no `https` address, or `http` on another host than this (3.1).
    pub fn new(href: &str) -> Result<Self, InvalidArgument> {
        let page = href.split('#').next().unwrap_or_default();
        check("url", page, Self::MAX_LENGTH, page_url)?;
        Ok(Self(page.into()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its scheme, host and port, as a browser writes them: what to compare with the application's own
    /// before it is signed.
    #[must_use]
    pub fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[host..].find(['/', '?']).map_or(self.0.len(), |at| host + at);
        &self.0[..end]
    }
}

/// The origin alone: what is behind it may be a user's.
impl fmt::Debug for PageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageUrl({}…, {} bytes)", self.origin(), self.0.len())
    }
}

impl UpsdkConfig {
    /// The configuration of the page at this address.
    #[must_use]
    pub fn new(app: &App, token: &FrontToken, url: &PageUrl, stamp: Stamp) -> Self {
        let Stamp { nonce_str, timestamp } = stamp;
        let signed = text(vec![
            ("appId", app.app_id().as_str()),
            ("frontToken", token.expose()),
            ("nonceStr", nonce_str.as_str()),
            ("timestamp", &timestamp.to_string()),
            ("url", url.as_str()),
        ]);
        let signature = sha256(&signed);
        Self { app_id: app.app_id().clone(), nonce_str, timestamp, signature, debug: false }
    }

    /// With the script's messages on the screen (`debug`). A page for users must not have it (6.2).
    #[must_use]
    pub fn with_messages(self) -> Self {
        Self { debug: true, ..self }
    }

    /// `timestamp`.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// `nonceStr`.
    #[must_use]
    pub fn nonce_str(&self) -> &NonceStr {
        &self.nonce_str
    }

    /// `signature`: 64 hex digits.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The argument of `upsdk.config`, in JSON. Every value is letters and digits, so it can stand in
    /// a page's script too.
    #[must_use]
    pub fn to_json(&self) -> String {
        let object = Object::with_capacity(JSON)
            .text("appId", self.app_id.as_str())
            .text("timestamp", &self.timestamp.to_string())
            .text("nonceStr", self.nonce_str.as_str())
            .text("signature", &self.signature);
        let object = if self.debug { object.raw("debug", "true") } else { object };
        object.finish()
    }
}

fn page_url(value: &str) -> Result<(), InvalidReason> {
    url(value)?;
    if value.starts_with("https://") || is_loopback(value) {
        return Ok(());
    }
    Err(InvalidReason::Rule("must be an https URL: pages are reached by https alone (3.1)"))
}

/// Enough for four names, their values, and `debug`.
const JSON: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::unionpay::{AppSecret, BaseUrl};
    use crate::unix_time::UnixMillis;

    fn app() -> App {
        let app_id = AppId::new("a5949221470c4059b9b0b45a90c81527").unwrap();
        App::new(BaseUrl::live(), app_id, AppSecret::new("dev-secret").unwrap())
    }

    fn stamp() -> Stamp {
        Stamp {
            nonce_str: NonceStr::new("Wm3WZYTPz0wzccnW").unwrap(),
            timestamp: Timestamp::new(UnixMillis(1_764_450_007_000)).unwrap(),
        }
    }

    /// The factors of 7.1. The hash that the spec gives for them is not theirs, so this one was made
    /// by another program: `printf '…' | sha256sum`.
    #[test]
    fn the_signature_of_the_spec_s_factors() {
        let token = FrontToken::new("U72eJp21SkuzKRdUK+jyFw==").unwrap();
        let url = PageUrl::new("https://mobile.xxx.com?params=value#/home").unwrap();
        let config = UpsdkConfig::new(&app(), &token, &url, stamp());
        assert_eq!(
            config.to_json(),
            "{\"appId\":\"a5949221470c4059b9b0b45a90c81527\",\"timestamp\":\"1764450007\",\
             \"nonceStr\":\"Wm3WZYTPz0wzccnW\",\"signature\":\"5d30bd32ab7b4904328ef5cbd7d06f0d2acca34059c9d867b93ea48e152eaa1b\"}"
        );
        assert!(config.with_messages().to_json().ends_with(",\"debug\":true}"));
    }

    #[test]
    fn an_address_is_taken_as_it_is() {
        let url = |href| PageUrl::new(href).map(|url| url.as_str().to_owned());
        assert_eq!(
            url("https://a.example/%7Eb?c=%20+d#e#f").as_deref(),
            Ok("https://a.example/%7Eb?c=%20+d")
        );
        assert_eq!(url("http://127.0.0.1:80/").as_deref(), Ok("http://127.0.0.1:80/"));
        for wrong in ["http://a.example/", "#", "", "a.example", "https://a.example/\u{7248}"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        for (href, origin) in [
            ("https://a.example:8443/b?c", "https://a.example:8443"),
            ("https://a.example?c=/", "https://a.example"),
            ("https://a.example", "https://a.example"),
        ] {
            assert_eq!(PageUrl::new(href).unwrap().origin(), origin);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_does_no_harm(href in any::<String>()) {
            let Ok(url) = PageUrl::new(&href) else { return Ok(()) };
            prop_assert!(href.starts_with(url.as_str()) && url.as_str().starts_with(url.origin()));
            let token = FrontToken::new("U72eJp21SkuzKRdUK+jyFw==").unwrap();
            let json = UpsdkConfig::new(&app(), &token, &url, stamp()).to_json();
            prop_assert!(!json.contains(['<', '\'', '\\']) && !json.contains(token.expose()));
        }
    }
}
