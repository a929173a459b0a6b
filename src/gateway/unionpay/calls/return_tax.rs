//! return.tax: the card to which a tax refund goes.

use std::convert::Infallible;
use std::str::FromStr;

use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::text::RefundNo;
use crate::gateway::{FieldError, Fields};
use crate::secret::Secret;

/// Asks for the card of a tax refund abroad (5.6.1).
///
/// ```text
/// {"appId":"…","backendToken":"diB8…","refundNo":"1232144356436"}
///
/// {"result":{"msg":"成功","params":{"cardNo":"<3DES>","cardType":"1","resp":""},"resp":"00"}}
/// ```
///
/// The table writes `cardTyoe`, the sample `cardType`: both are read. Whether the kind is encrypted too
/// is not said of it, so it is read as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTax {
    refund_no: RefundNo,
}

impl ReturnTax {
    /// Of this refund.
    #[must_use]
    pub fn new(refund_no: RefundNo) -> Self {
        Self { refund_no }
    }
}

impl Call for ReturnTax {
    type Answer = TaxRefundCard;

    const NAME: &'static str = "return.tax";

    const CREDENTIAL: Credential = Credential::BackendToken;

    const INNER_CODE: Option<&'static str> = Some("resp");

    fn params(&self) -> Params<'_> {
        Params::new().text("refundNo", self.refund_no.expose())
    }

    fn read(&self, fields: &Fields, keys: Keys<'_>) -> Result<TaxRefundCard, FieldError> {
        let kind = fields.text("cardType").or_else(|| fields.text("cardTyoe"));
        let Ok(card_type) = kind.as_deref().map(str::parse).transpose();
        let card_no = keys.decrypt(fields, "cardNo")?.map(Secret::new);
        Ok(TaxRefundCard { card_no, card_type })
    }
}

/// The card to which a tax refund goes. The spec's sample leaves everything empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaxRefundCard {
    /// The number, in clear.
    pub card_no: Option<Secret<String>>,
    /// The kind of card.
    pub card_type: Option<CardType>,
}

/// The kinds of bank card (`cardType`, 5.6.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardType {
    /// `1`: debit (借记).
    Debit,
    /// `2`: credit (贷记).
    Credit,
    /// `3`: credit against a deposit (准贷记).
    QuasiCredit,
    /// `4`: debit and credit in one (借贷合一).
    DebitAndCredit,
    /// Something that the spec does not list.
    Other(Secret<String>),
}

impl CardType {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Debit => "1",
            Self::Credit => "2",
            Self::QuasiCredit => "3",
            Self::DebitAndCredit => "4",
            Self::Other(kind) => kind.expose(),
        }
    }
}

impl FromStr for CardType {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "1" => Self::Debit,
            "2" => Self::Credit,
            "3" => Self::QuasiCredit,
            "4" => Self::DebitAndCredit,
            other => Self::Other(Secret::new(other.to_owned())),
        })
    }
}
