//! A user entered the payment password.

use super::{Notice, NoticeError, Values};
use crate::gateway::unionpay::text::{BizOrderId, BizType, MerchantId, OpenId, TransNo};
use crate::unix_time::UnixMillis;

/// A user entered the payment password (5.3.2), for a number that
/// [`VerifyPwdSeqId`](crate::gateway::unionpay::VerifyPwdSeqId) asked for. The spec has no result in
/// it: that it comes is the result.
///
/// ```text
/// appId timestamp nonceStr openId bizOrderId merchantId bizType transNo signature
/// ```
///
/// The sample writes `" transNo"` with a blank in front, and its signature is that of the sample of
/// 5.3.1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PasswordVerified {
    /// The user.
    pub open_id: OpenId,
    /// The application's number of this verification.
    pub biz_order_id: BizOrderId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// What for.
    pub biz_type: BizType,
    /// UnionPay's number of this verification.
    pub trans_no: TransNo,
    /// When UnionPay made the notification.
    pub timestamp: UnixMillis,
    /// Its random text.
    pub nonce_str: String,
}

impl Notice for PasswordVerified {
    const NAME: &'static str = "the password was verified";

    fn read(values: &Values) -> Result<Self, NoticeError> {
        Ok(Self {
            open_id: values.open_id()?,
            biz_order_id: values.parsed("bizOrderId")?,
            merchant_id: values.parsed("merchantId")?,
            biz_type: values.parsed("bizType")?,
            trans_no: values.parsed("transNo")?,
            timestamp: values.timestamp()?,
            nonce_str: values.parsed("nonceStr")?,
        })
    }
}
