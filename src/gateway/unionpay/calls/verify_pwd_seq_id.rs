//! verifyPwdSeqId: a number by which a page asks the user for the payment password.

use std::net::IpAddr;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::{
    AccessToken, BizOrderId, BizType, MerchantId, NotifyUrl, OpenId, TransNo,
};
use crate::gateway::{FieldError, Fields};

/// Begins the verification of a user's payment password (5.3.1). A page hands the number to UPSDK's
/// `verifyPayPwd`, and UnionPay says to `notifyUrl` how it went.
///
/// ```text
/// {"bizType":"4h","bizOrderId":"711076926887122","merchantId":"474919534200503","openId":"42q4vi0A…",
///  "appId":"…","clientIp":"192.168.8.104","notifyUrl":"https://XXX7.com","accessToken":"APwY8AIr…",
///  "nonceStr":"JoErQGVrVy7MT70t","timestamp":"1553426982","signature":"d8A2wRrC…"}
///
/// {"msg":"","params":{"transNo":"216609E51C1649DD94231B720FDE1DD9"},"resp":"00"}
/// ```
///
/// The spec says SHA-256 over fields 1 to 10, while its sample's signature is one of RSA, and so are
/// those of the public implementations that are known: RSA by the partner's key is the default,
/// `app.signing::<VerifyPwdSeqId>(Signing::SHA256)` turns it. The note of field 10 describes the
/// backend token; its name and the sample have the user's access token, and that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyPwdSeqId {
    open_id: OpenId,
    access_token: AccessToken,
    client_ip: Option<IpAddr>,
    biz_order_id: BizOrderId,
    biz_type: BizType,
    merchant_id: MerchantId,
    notify_url: NotifyUrl,
}

impl VerifyPwdSeqId {
    /// Of this user, for this business of this merchant.
    #[must_use]
    pub fn new(
        open_id: OpenId,
        access_token: AccessToken,
        biz_order_id: BizOrderId,
        biz_type: BizType,
        merchant_id: MerchantId,
        notify_url: NotifyUrl,
    ) -> Self {
        Self {
            open_id,
            access_token,
            client_ip: None,
            biz_order_id,
            biz_type,
            merchant_id,
            notify_url,
        }
    }

    /// The address of the terminal (终端IP服务端IP地址).
    #[must_use]
    pub fn client_ip(self, client_ip: IpAddr) -> Self {
        Self { client_ip: Some(client_ip), ..self }
    }
}

impl Call for VerifyPwdSeqId {
    type Answer = PwdSeqId;

    const NAME: &'static str = "verifyPwdSeqId";

    const CREDENTIAL: Credential = Credential::Signature(Signing::RSA);

    fn params(&self) -> Params<'_> {
        let client_ip = self.client_ip.map(|ip| ip.to_string());
        Params::new()
            .text("openId", self.open_id.expose())
            .text("clientIp", client_ip.unwrap_or_default())
            .text("bizOrderId", self.biz_order_id.as_str())
            .text("bizType", self.biz_type.as_str())
            .text("merchantId", self.merchant_id.as_str())
            .text("notifyUrl", self.notify_url.as_str())
            .text("accessToken", self.access_token.expose())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<PwdSeqId, FieldError> {
        Ok(PwdSeqId { trans_no: fields.parsed("transNo")? })
    }
}

/// A verification began.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PwdSeqId {
    /// UnionPay's number of it.
    pub trans_no: TransNo,
}
