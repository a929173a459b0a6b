//! red.packet.give: a red packet for a user.

use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::{InsAcctId, Mobile, OpenId, Pan, Remark, TransNumber};
use crate::gateway::{FieldError, Fields};

/// Asks UnionPay to give a red packet to a user (5.8.1).
///
/// ```text
/// {"appId":"…","insAcctId":"T00T00000000888527","transNumber":"20191029163610128532046164531",
///  "openId":"AJiPZzXP…","mobile":"<3DES>","pan":"","pointAt":"<3DES>","remark":"",
///  "nonceStr":"ZSVPXQw8I1HYsnpL","timestamp":"1572338170","signature":"YXBDgrYe…"}
///
/// {"msg":"成功","params":{"resp":""},"resp":"00"}
/// ```
///
/// Signed by the partner's key over the texts in clear, those without a value included (notes 3 and 4);
/// 7.5 contradicts that where it verifies, so `app.signing::<RedPacketGive>(…)` turns it.
///
/// **`00` does not say that anything was given**: with an empty account UnionPay answers the same and
/// does nothing (7.10 note 1). Ask for the balance before ([`RedPacketSelect`](super::RedPacketSelect)).
///
/// ```
/// use m26_pay::gateway::unionpay::{InsAcctId, Mobile, RedPacketGive, TransNumber};
///
/// let account = InsAcctId::of_institution("T00000000888527")?;
/// let number = TransNumber::new("20261130A10001")?;
/// let give = RedPacketGive::new(account, number, Mobile::new("13800000000")?, "1.50".parse()?)?;
/// assert!(!format!("{give:?}").contains("13800000000"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedPacketGive {
    ins_acct_id: InsAcctId,
    trans_number: TransNumber,
    receiver: Receiver,
    point_at: Amount,
    remark: Option<Remark>,
}

impl RedPacketGive {
    /// So much from this account to this user, under this number.
    ///
    /// # Errors
    /// If the amount is nothing: not specified; chosen because nobody can mean it.
    pub fn new(
        ins_acct_id: InsAcctId,
        trans_number: TransNumber,
        receiver: impl Into<Receiver>,
        point_at: Amount,
    ) -> Result<Self, InvalidArgument> {
        if point_at == Amount::ZERO {
            let reason = InvalidReason::Rule("must be at least 1 fen (position 0)");
            return Err(InvalidArgument { field: "pointAt", reason });
        }
        let receiver = receiver.into();
        Ok(Self { ins_acct_id, trans_number, receiver, point_at, remark: None })
    }

    /// A note.
    #[must_use]
    pub fn remark(self, remark: Remark) -> Self {
        Self { remark: Some(remark), ..self }
    }
}

impl Call for RedPacketGive {
    type Answer = RedPacketAccepted;

    const NAME: &'static str = "red.packet.give";

    const CREDENTIAL: Credential = Credential::Signature(Signing::RSA);

    const INNER_CODE: Option<&'static str> = Some("resp");

    fn params(&self) -> Params<'_> {
        let Receiver { open_id, mobile, pan } = &self.receiver;
        Params::new()
            .text("insAcctId", self.ins_acct_id.as_str())
            .text("transNumber", self.trans_number.as_str())
            .optional("openId", open_id.as_ref().map(OpenId::expose))
            .encrypted_optional("mobile", mobile.as_ref().map(Mobile::expose))
            .encrypted_optional("pan", pan.as_ref().map(Pan::expose))
            .encrypted("pointAt", self.point_at.fen().to_string())
            .optional("remark", self.remark.as_ref().map(Remark::as_str))
    }

    fn read(&self, _: &Fields, _: Keys<'_>) -> Result<RedPacketAccepted, FieldError> {
        Ok(RedPacketAccepted)
    }
}

/// Who is to get a red packet: at least one of openId, phone number and card (5.8.1 note 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    open_id: Option<OpenId>,
    mobile: Option<Mobile>,
    pan: Option<Pan>,
}

impl Receiver {
    /// Of which this is the phone number too.
    #[must_use]
    pub fn mobile(self, mobile: Mobile) -> Self {
        Self { mobile: Some(mobile), ..self }
    }

    /// Of which this is the openId too.
    #[must_use]
    pub fn open_id(self, open_id: OpenId) -> Self {
        Self { open_id: Some(open_id), ..self }
    }

    /// Of which this is a card in the same name too (同名卡号).
    #[must_use]
    pub fn pan(self, pan: Pan) -> Self {
        Self { pan: Some(pan), ..self }
    }
}

impl From<OpenId> for Receiver {
    fn from(open_id: OpenId) -> Self {
        Self { open_id: Some(open_id), mobile: None, pan: None }
    }
}

impl From<Mobile> for Receiver {
    fn from(mobile: Mobile) -> Self {
        Self { open_id: None, mobile: Some(mobile), pan: None }
    }
}

impl From<Pan> for Receiver {
    fn from(pan: Pan) -> Self {
        Self { open_id: None, mobile: None, pan: Some(pan) }
    }
}

/// UnionPay has taken the order. Nothing says that the user got anything: see [`RedPacketGive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedPacketAccepted;
