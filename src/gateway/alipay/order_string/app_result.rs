//! What the app is told when the customer comes back, and what of it is proven.

use std::fmt;
use std::str::FromStr;

use super::order::{AppOrder, IN_APP};
use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::answer::{self, Answer, AnswerError, Content, Proof};
use crate::gateway::alipay::call::Call;
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{AppId, OutTradeNo, SellerId, TradeNo};
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::{Effect, HttpResponse, NoAnswer};

/// What the app handed back after a payment, read and verified
/// ([`Merchant::read_app_result`](crate::gateway::alipay::Merchant::read_app_result)).
///
/// ```text
/// resultStatus  9000
/// result        {"alipay_trade_app_pay_response":{"code":"10000","app_id":"…","out_trade_no":"…",
///                "trade_no":"…","total_amount":"9.00","seller_id":"…",…},"sign":"…","sign_type":"RSA2"}
/// ```
///
/// It is for the screen of the phone. What counts is the notification, or a query: the customer can
/// leave before this comes, and it may tell of a payment that went back since.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppResult {
    /// What the app says. Nobody has signed that.
    pub status: ResultStatus,
    /// What Alipay has signed, if the app handed any of it back.
    pub answer: Option<Answer<AppPaid>>,
}

impl AppResult {
    /// What this proves. A payment that is not proven is unknown, whatever the status says: with the
    /// same string the customer may have tried again, or may yet.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.answer.as_ref().map(Answer::effect) {
            Some(Effect::Done) => Effect::Done,
            _ => Effect::Unknown,
        }
    }

    /// Reads what an app handed back for `order`. An empty result is one that is not there.
    pub(in crate::gateway::alipay) fn read(
        order: &AppOrder,
        handed: (ResultStatus, &str),
        app_id: &AppId,
        proof: Proof<'_>,
    ) -> Result<Self, AnswerError> {
        let (status, result) = handed;
        if result.trim().is_empty() {
            return Ok(Self { status, answer: None });
        }
        // The app has it as text, and Alipay has signed bytes.
        let bytes = proof.charset.encode(result).map_err(|_| AnswerError::NoAnswer {
            status: 200,
            length: result.len(),
            reason: NoAnswer::NotText,
        })?;
        let response = HttpResponse::new(200, None, bytes.into_owned());
        let answer = answer::read(&Handed(order), &response, proof)?;
        if let Ok(paid) = &answer.result {
            same_order(paid, order, app_id)?;
        }
        Ok(Self { status, answer: Some(answer) })
    }
}

fn same_order(paid: &AppPaid, order: &AppOrder, app_id: &AppId) -> Result<(), AnswerError> {
    let differs = |field| Err(AnswerError::AnotherTrade { field });
    if paid.total_amount != order.total_amount() {
        return differs("total_amount");
    }
    if paid.app_id.as_ref().is_some_and(|said| said != app_id) {
        return differs("app_id");
    }
    match (&paid.seller_id, order.seller_id()) {
        (Some(said), Some(asked)) if said != asked => differs("seller_id"),
        _ => Ok(()),
    }
}

/// An order that was paid, as Alipay signed it for the app. Number and amount are the order's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppPaid {
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// Alipay's number of the trade.
    pub trade_no: TradeNo,
    /// The amount of the order.
    pub total_amount: Amount,
    /// The application, if it is said.
    pub app_id: Option<AppId>,
    /// Who received the money, if it is said.
    pub seller_id: Option<SellerId>,
}

impl Content for AppPaid {
    fn effect(&self) -> Effect {
        Effect::Done
    }
}

/// The order, as a call whose answer the app hands back. It is never sent.
struct Handed<'a>(&'a AppOrder);

impl Call for Handed<'_> {
    type Answer = AppPaid;

    const METHOD: &'static str = IN_APP;

    fn biz_content(&self) -> String {
        self.0.biz_content()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        Some(self.0.out_trade_no())
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<AppPaid, FieldError> {
        fields.none_of(OTHERS)?;
        let total_amount = fields.amount("total_amount")?;
        Ok(AppPaid {
            out_trade_no: fields.parsed("out_trade_no")?,
            trade_no: fields.parsed("trade_no")?,
            total_amount: total_amount
                .ok_or(FieldError { field: "total_amount", expected: "there" })?,
            app_id: fields.optional("app_id")?,
            seller_id: fields.optional("seller_id")?,
        })
    }
}

/// What Alipay's app says (`resultStatus`). The spec names none (客戶端同步返回); the constants are
/// those of the facts, part 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResultStatus(pub u16);

impl ResultStatus {
    /// It went well.
    pub const SUCCESS: Self = Self(9000);
    /// It is not known yet.
    pub const PROCESSING: Self = Self(8000);
    /// It failed.
    pub const FAILED: Self = Self(4000);
    /// The same request came before.
    pub const REPEATED: Self = Self(5000);
    /// The customer left.
    pub const CANCELLED: Self = Self(6001);
    /// There was no connection.
    pub const NO_CONNECTION: Self = Self(6002);
    /// It is not known.
    pub const UNKNOWN: Self = Self(6004);

    /// What the app means by it.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::SUCCESS => "the app says that the order was paid",
            Self::PROCESSING | Self::UNKNOWN => "the app does not know whether the order was paid",
            Self::FAILED => "the app says that the payment failed",
            Self::REPEATED => "the app says that the order was handed to it before",
            Self::CANCELLED => "the customer left without paying, as far as the app knows",
            Self::NO_CONNECTION => "the app had no connection",
            _ => "the app says something that is not documented",
        }
    }
}

impl FromStr for ResultStatus {
    type Err = InvalidArgument;

    fn from_str(text: &str) -> Result<Self, InvalidArgument> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits).map(Self);
        let reason = InvalidReason::Rule("must be a number such as 9000");
        number.ok_or(InvalidArgument { field: "resultStatus", reason })
    }
}

impl fmt::Display for ResultStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.description(), self.0)
    }
}

/// Members of a query's, a refund's and a cancel's answer.
const OTHERS: &[&str] =
    &["trade_status", "refund_status", "refund_amount", "refund_fee", "out_request_no", "action"];
