//! The texts of an app's order that no other call has.

use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::text::{RESERVED, unreserved, word};
use crate::gateway::text::{check, text, url, visible};

text! {
    /// What the merchant has signed a contract for (`product_code`).
    ProductCode, "product_code", 64, word
}

text! {
    /// Where the customer's browser goes after the payment. The spec gives it no limit; that of
    /// `notify_url` was chosen.
    ReturnUrl, "return_url", 256, url
}

text! {
    /// The customer's token in the web page's `biz_content`. The spec shows one of 40 characters and
    /// gives no limit; that of its longest numbers was chosen.
    secret AuthToken, "auth_token", 64, visible
}

/// A parameter of the merchant's own, in `biz_content`.
///
/// Alipay takes any there, if its name is none of Alipay's: one that is would be read as Alipay's
/// (spec App支付, 特殊說明). Its value is kept as any other: without a reserved `key=`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OwnField {
    name: String,
    value: String,
}

impl OwnField {
    /// The greatest number of characters of the name. Not specified; chosen as that of the longest
    /// names around it.
    pub const MAX_NAME: usize = 64;

    /// The greatest number of characters of the value. Not specified; chosen as that of Alipay's
    /// `passback_params`, which serve the same end.
    pub const MAX_VALUE: usize = 512;

    /// A parameter with this name and this text.
    ///
    /// # Errors
    /// If the name is one of Alipay's or no word of letters, digits and `_`, or the value is empty, too
    /// long, or holds a reserved `key=`; the error names the position.
    pub fn new(name: &str, value: &str) -> Result<Self, InvalidArgument> {
        check("own parameter's name", name, Self::MAX_NAME, word)?;
        let reserved = RESERVED.iter().find(|key| key.strip_suffix('=') == Some(name));
        if let Some(key) = reserved {
            let reason = InvalidReason::Reserved { word: key, position: 0 };
            return Err(InvalidArgument { field: "own parameter's name", reason });
        }
        check("own parameter", value, Self::MAX_VALUE, unreserved)?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Only the name: what a merchant puts there may be anybody's.
impl std::fmt::Debug for OwnField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnField({}: [redacted])", self.name)
    }
}
