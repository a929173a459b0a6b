//! qual.reduce: a draw.

use crate::gateway::beijing;
use crate::gateway::unionpay::award::AwardInfo;
use crate::gateway::unionpay::call::{Call, Credential, Keys, same, text};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::qualified::Qualified;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::{
    ActivityNumber, CertId, IcTerminal, OrderAmount, QrCode, QualNum, TransNumber,
};
use crate::gateway::{FieldError, Fields};
use crate::unix_time::UnixMillis;

/// Uses a chance of a user in a draw (5.8.5), which gives a red packet or a coupon.
///
/// ```text
/// {"appId":"…","activityNumber":"1320190910000374","orderAmount":"1",
///  "qualNum":"29fd5a16-77ae-0842-750d-aed31e1830bd","qualType":"mobile","qualValue":"<3DES>",
///  "certId":"<3DES>","icTerminal":"leirwei","qrCode":"33333",
///  "transNumber":"9865785412639875641235874156728","nonceStr":"JuVE7wEdzY7sBym3",
///  "timestamp":"1572337528","signature":"DviHal9I…"}
///
/// {"msg":"","params":{"resp":"00","respTime":"20191029163210","awardInfo":{"awardType":"06",…},
///  "transNumber":"9865785412639875641235874156728"},"resp":"00"}
/// ```
///
/// Signed by the partner's key over the texts in clear, those without a value included. With too little
/// in the draw's account the answer is `" AM03051"`, with the blank (7.10 note 2): a refusal with
/// [`Code::DRAW_BALANCE`](crate::gateway::unionpay::Code::DRAW_BALANCE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualReduce {
    activity_number: ActivityNumber,
    qual_num: QualNum,
    user: Qualified,
    trans_number: TransNumber,
    order_amount: Option<OrderAmount>,
    cert_id: Option<CertId>,
    ic_terminal: Option<IcTerminal>,
    qr_code: Option<QrCode>,
}

impl QualReduce {
    /// A chance of this user from this pool, in this draw, under this number.
    #[must_use]
    pub fn new(
        activity_number: ActivityNumber,
        qual_num: QualNum,
        user: impl Into<Qualified>,
        trans_number: TransNumber,
    ) -> Self {
        Self {
            activity_number,
            qual_num,
            user: user.into(),
            trans_number,
            order_amount: None,
            cert_id: None,
            ic_terminal: None,
            qr_code: None,
        }
    }

    /// The amount of the order that the draw is made for.
    #[must_use]
    pub fn order_amount(self, order_amount: OrderAmount) -> Self {
        Self { order_amount: Some(order_amount), ..self }
    }

    /// The user's identity card.
    #[must_use]
    pub fn cert_id(self, cert_id: CertId) -> Self {
        Self { cert_id: Some(cert_id), ..self }
    }

    /// The device.
    #[must_use]
    pub fn ic_terminal(self, ic_terminal: IcTerminal) -> Self {
        Self { ic_terminal: Some(ic_terminal), ..self }
    }

    /// The red packet's code.
    #[must_use]
    pub fn qr_code(self, qr_code: QrCode) -> Self {
        Self { qr_code: Some(qr_code), ..self }
    }
}

impl Call for QualReduce {
    type Answer = Draw;

    const NAME: &'static str = "qual.reduce";

    const CREDENTIAL: Credential = Credential::Signature(Signing::RSA);

    const INNER_CODE: Option<&'static str> = Some("resp");

    fn params(&self) -> Params<'_> {
        let params = Params::new()
            .text("activityNumber", self.activity_number.as_str())
            .optional("orderAmount", self.order_amount.as_ref().map(OrderAmount::as_str))
            .text("qualNum", self.qual_num.as_str());
        self.user
            .put(params)
            .encrypted_optional("certId", self.cert_id.as_ref().map(CertId::expose))
            .optional("icTerminal", self.ic_terminal.as_ref().map(IcTerminal::as_str))
            .optional("qrCode", self.qr_code.as_ref().map(QrCode::expose))
            .text("transNumber", self.trans_number.as_str())
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<Draw, FieldError> {
        same(fields, "transNumber", self.trans_number.as_str())?;
        Ok(Draw {
            resp_time: text(fields, "respTime").and_then(|time| beijing::parse(&time)),
            award_info: fields.json("awardInfo").and_then(AwardInfo::read),
        })
    }
}

/// The outcome of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Draw {
    /// When it was made, if it is said in a form that is known.
    pub resp_time: Option<UnixMillis>,
    /// What was won, if it is said.
    pub award_info: Option<AwardInfo>,
}
