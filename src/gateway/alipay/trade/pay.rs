//! alipay.trade.pay: the customer shows a code.

use super::sale::Sale;
use crate::amount::Amount;
use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::Call;
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{
    AgreementNo, AuthCode, NotifyUrl, OutTradeNo, TerminalParams, TradeNo,
};
use crate::gateway::beijing;
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::json::Object;
use crate::unix_time::UnixMillis;

/// Takes the money for an order.
///
/// ```text
/// {"out_trade_no":"20150320010101001","scene":"bar_code","auth_code":"28763443825664394",
///  "subject":"Iphone6 16G","store_id":"NJ_001","timeout_express":"2m","total_amount":"88.88"}
///                                                             spec 付款码支付, step 5
/// {"code":"10000","trade_no":"…","out_trade_no":"…","total_amount":"88.88",…}
/// {"code":"10003",…}   the customer has yet to agree
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    sale: Sale,
    payer: Payer,
    terminal_params: Option<TerminalParams>,
}

/// How the customer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Payer {
    BarCode(AuthCode),
    SecurityCode(AuthCode),
    Withholding(AgreementNo),
}

impl Pay {
    /// The customer shows a payment code (scene `bar_code`).
    #[must_use]
    pub fn bar_code(sale: Sale, code: AuthCode) -> Self {
        warn_if_odd(&code);
        Self { sale, payer: Payer::BarCode(code), terminal_params: None }
    }

    /// The customer shows the face (scene `security_code`).
    #[must_use]
    pub fn security_code(sale: Sale, code: AuthCode) -> Self {
        warn_if_odd(&code);
        Self { sale, payer: Payer::SecurityCode(code), terminal_params: None }
    }

    /// An agreement allows it (product `GENERAL_WITHHOLDING`), as in the water-control project.
    #[must_use]
    pub fn withholding(sale: Sale, agreement: AgreementNo) -> Self {
        Self { sale, payer: Payer::Withholding(agreement), terminal_params: None }
    }

    /// What the module signed about this payment.
    #[must_use]
    pub fn terminal_params(self, params: impl Into<TerminalParams>) -> Self {
        Self { terminal_params: Some(params.into()), ..self }
    }

    /// The order.
    #[must_use]
    pub fn sale(&self) -> &Sale {
        &self.sale
    }

    /// The payment code, if the customer showed one.
    #[must_use]
    pub fn auth_code(&self) -> Option<&AuthCode> {
        match &self.payer {
            Payer::BarCode(code) | Payer::SecurityCode(code) => Some(code),
            Payer::Withholding(_) => None,
        }
    }
}

impl Call for Pay {
    type Answer = PayAnswer;

    const METHOD: &'static str = "alipay.trade.pay";
    const SUCCESS: &'static [Code] = &[Code::SUCCESS, Code::WAITING];

    fn biz_content(&self) -> String {
        let object = self.sale.object();
        let object = match &self.payer {
            Payer::BarCode(code) => {
                object.text("scene", "bar_code").text("auth_code", code.expose())
            }
            Payer::SecurityCode(code) => {
                object.text("scene", "security_code").text("auth_code", code.expose())
            }
            Payer::Withholding(agreement) => {
                let params = Object::new().text("agreement_no", agreement.expose());
                object
                    .text("product_code", "GENERAL_WITHHOLDING")
                    .raw("agreement_params", &params.finish())
            }
        };
        let params = self.terminal_params.as_ref().map(TerminalParams::expose);
        object.some("terminal_params", params).finish()
    }

    fn notify_url(&self) -> Option<&NotifyUrl> {
        self.sale.notify_url()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        Some(self.sale.out_trade_no())
    }

    fn read(&self, code: Code, fields: &Fields) -> Result<PayAnswer, FieldError> {
        if code == Code::WAITING {
            return Ok(PayAnswer::Waiting(Waiting { trade_no: fields.optional("trade_no")? }));
        }
        fields.none_of(OTHERS)?;
        Ok(PayAnswer::Paid(PaidTrade {
            out_trade_no: fields.parsed("out_trade_no")?,
            trade_no: fields.parsed("trade_no")?,
            total_amount: fields
                .amount("total_amount")?
                .ok_or(FieldError { field: "total_amount", expected: "there" })?,
            receipt_amount: fields.amount("receipt_amount")?,
            paid_at: fields.text("gmt_payment").and_then(|time| beijing::parse(&time)),
        }))
    }
}

/// Codes grew before, and will again (trap 49): nothing is refused for its form.
fn warn_if_odd(code: &AuthCode) {
    if code.is_odd() {
        let length = code.expose().len();
        crate::log::warn!(length, "no payment code that is known today has this form: it is sent");
    }
}

/// What a `pay` came to that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayAnswer {
    /// 10000: it is paid. Compare the amount before the goods go.
    Paid(PaidTrade),
    /// 10003: the customer has yet to agree. Query.
    Waiting(Waiting),
}

/// A payment that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaidTrade {
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// Alipay's number of the trade.
    pub trade_no: TradeNo,
    /// The amount of the order, as Alipay has it.
    pub total_amount: Amount,
    /// What the merchant receives, if it is said.
    pub receipt_amount: Option<Amount>,
    /// When it was paid, by Alipay's clock.
    pub paid_at: Option<UnixMillis>,
}

/// A payment that the customer has yet to agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// Alipay's number of the trade, if it is said.
    pub trade_no: Option<TradeNo>,
}

impl Content for PayAnswer {
    fn effect(&self) -> Effect {
        match self {
            Self::Paid(_) => Effect::Done,
            Self::Waiting(_) => Effect::Wait,
        }
    }
}

/// One that waits, one of a refund, and one of a cancel.
const OTHERS: &[&str] =
    &["trade_status", "refund_status", "refund_amount", "out_request_no", "action"];
