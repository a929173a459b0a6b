//! A user took the authorisation back.

use super::{Notice, NoticeError, Values};
use crate::gateway::unionpay::text::OpenId;
use crate::unix_time::UnixMillis;

/// A user took back, in UnionPay's app, what was agreed to (5.2.3): access tokens and codes of this
/// user are not good any more.
///
/// ```text
/// appId timestamp nonceStr openId signature
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorisationRemoved {
    /// The user.
    pub open_id: OpenId,
    /// When UnionPay made the notification.
    pub timestamp: UnixMillis,
    /// Its random text.
    pub nonce_str: String,
}

impl Notice for AuthorisationRemoved {
    const NAME: &'static str = "the authorisation was removed";

    fn read(values: &Values) -> Result<Self, NoticeError> {
        Ok(Self {
            open_id: values.open_id()?,
            timestamp: values.timestamp()?,
            nonce_str: values.parsed("nonceStr")?,
        })
    }
}
