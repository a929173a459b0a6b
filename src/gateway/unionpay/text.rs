//! The texts of calls: each is valid, or was never made.

use crate::gateway::text::{gateway_url, letters_and_digits, text, visible};

text! {
    /// The application (`appId`), given by UnionPay (3.2): letters and digits.
    ///
    /// The spec gives no length; its samples have 32 characters.
    AppId, "appId", 64, letters_and_digits
}

text! {
    /// Where the calls are, up to a call's name: an `https` URL without a query, or `http` on this
    /// host alone (a simulator).
    BaseUrl, "base", 256, gateway_url
}

text! {
    /// The application's secret (`secret`, 3.2): it goes into signatures and is never sent (5.1.1).
    secret AppSecret, "secret", 256, visible
}

text! {
    /// The token that goes along with most calls (5.1.1).
    secret BackendToken, "backendToken", 512, visible
}

text! {
    /// The token that goes into the signature of a page's configuration (5.1.2, 7.1).
    secret FrontToken, "frontToken", 512, visible
}

impl BaseUrl {
    /// UnionPay's platform, `https://open.95516.com/open/access/1.0` (5.1.1.2).
    #[must_use]
    pub fn live() -> Self {
        Self(LIVE.into())
    }
}

const LIVE: &str = "https://open.95516.com/open/access/1.0";
