//! alipay.trade.fastpay.refund.query: what became of a refund?

use crate::amount::Amount;
use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::{Call, TradeRef};
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{OutRequestNo, OutTradeNo, TradeNo};
use crate::gateway::fields::{FieldError, Fields};

/// Asks for the state of one refund.
///
/// ```text
/// {"out_trade_no":"…","out_request_no":"R1"}     AlipayTradeFastpayRefundQueryModel
///
/// {"code":"10000","out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"1.00",…}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundQuery {
    trade: TradeRef,
    out_request_no: OutRequestNo,
}

impl RefundQuery {
    /// Of this refund of this trade.
    #[must_use]
    pub fn new(trade: impl Into<TradeRef>, out_request_no: OutRequestNo) -> Self {
        Self { trade: trade.into(), out_request_no }
    }
}

impl Call for RefundQuery {
    type Answer = RefundState;

    const METHOD: &'static str = "alipay.trade.fastpay.refund.query";

    fn biz_content(&self) -> String {
        self.trade.object().text("out_request_no", self.out_request_no.as_str()).finish()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        self.trade.out_trade_no()
    }

    fn trade_no(&self) -> Option<&TradeNo> {
        self.trade.trade_no()
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<RefundState, FieldError> {
        let said = fields.text("out_request_no");
        if said.is_some_and(|said| said != self.out_request_no.as_str()) {
            return Err(FieldError { field: "out_request_no", expected: "the one asked for" });
        }
        Ok(RefundState {
            succeeded: fields.text("refund_status").as_deref() == Some("REFUND_SUCCESS"),
            refund_amount: fields.amount("refund_amount")?,
            total_amount: fields.amount("total_amount")?,
        })
    }
}

/// A refund as Alipay has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundState {
    /// Whether the money went back. If not, the refund was not received, failed, or is still worked
    /// on: Alipay does not tell these apart.
    pub succeeded: bool,
    /// How much of it, if it is said.
    pub refund_amount: Option<Amount>,
    /// The amount of the order, if it is said.
    pub total_amount: Option<Amount>,
}

impl Content for RefundState {
    /// What became of the refund.
    fn effect(&self) -> Effect {
        if self.succeeded { Effect::Done } else { Effect::Unknown }
    }
}
