//! new.msg.push: a message to a user.

use crate::gateway::unionpay::call::{Call, Credential, Keys, same};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::{MessageContent, MessageUrl, OpenId};
use crate::gateway::{FieldError, Fields};

/// Sends a message to a user (5.5.1). The spec's heading says that it stays for a month.
///
/// ```text
/// {"appId":"…","backendToken":"i6i9…","openId":"AJiPZzXP…","content":"推送的消息",
///  "url":"https://opentools.95516.com/msgPush"}
///
/// {"result":{"msg":"成功","params":{"appId":"…","openId":"AJiPZzXP…","resultCd":"00"},"resp":"00"}}
/// ```
///
/// The address is in one of the safe domains that were applied for. Whether a message that is sent
/// again comes twice is not specified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMsgPush {
    open_id: OpenId,
    content: MessageContent,
    url: MessageUrl,
}

impl NewMsgPush {
    /// To this user.
    #[must_use]
    pub fn new(open_id: OpenId, content: MessageContent, url: MessageUrl) -> Self {
        Self { open_id, content, url }
    }
}

impl Call for NewMsgPush {
    type Answer = MessageAccepted;

    const NAME: &'static str = "new.msg.push";

    const CREDENTIAL: Credential = Credential::BackendToken;

    const INNER_CODE: Option<&'static str> = Some("resultCd");

    fn params(&self) -> Params<'_> {
        Params::new()
            .text("openId", self.open_id.expose())
            .text("content", self.content.expose())
            .text("url", self.url.as_str())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<MessageAccepted, FieldError> {
        same(fields, "openId", self.open_id.expose())?;
        Ok(MessageAccepted)
    }
}

/// UnionPay has taken the message. Whether the user has seen it nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageAccepted;
