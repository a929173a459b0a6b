//! App pay: the string with which an app opens Alipay, and what the app hands back.
//!
//! ```text
//! back office                     app                         Alipay
//!     | AppOrder, Merchant::order_string                          |
//!     |-- OrderString, as JSON ------>|                           |
//!     |                               |-- payOrder -------------->|
//!     |                               |<- resultStatus, result ---|
//!     |<- AppResult ------------------|                           |
//!     |<- notification -------------------------------------------|
//! ```
//!
//! It is signed here and nowhere else, and the amount is the back office's: what a phone says of either
//! is not to be trusted (spec App支付, 特殊說明 a and b).

mod app_result;
mod order;
mod texts;

use std::fmt;

pub use app_result::{AppPaid, AppResult, ResultStatus};
pub use order::{AppOrder, AppOrderBuilder};
pub use texts::{AuthToken, OwnField, ProductCode, ReturnUrl};

/// The signed parameters of an order, each value percent-encoded, for the app to open Alipay with
/// (`payOrder`, spec App支付, 步驟4).
///
/// Hand it on as a JSON text, in an answer of `application/json` with UTF-8, and let the app pass it on
/// as it came. It has no `Display`, because a page is what destroys it: in HTML `&timestamp` is read as
/// `×tamp` (`&times`) and `&notify_url` as `¬ify_url` (`&not`). That happened to the spec itself: it
/// has `×tamp` at nine places and `¬ify_url` at five, in 步驟1 and 步驟3 of both ways, the example of
/// `orderStr`, the three steps of 請求示例 and both examples of 特殊說明. They are repaired here: every
/// name stands behind an `&` of its own.
///
/// As the address of a page (手機網頁) it goes behind the gateway's URL and a `?`, by a redirect.
///
/// Whoever has it can pay this one order, and change nothing of it: it holds no key. Its `Debug` shows
/// its length alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OrderString(String);

impl OrderString {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The string, for the app.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for OrderString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderString([redacted], {} bytes)", self.0.len())
    }
}

/// As the text itself: JSON is how it is handed on.
#[cfg(feature = "serde")]
impl serde::Serialize for OrderString {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
