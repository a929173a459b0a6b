//! alipay.trade.close: an order that is waited for is closed.

use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::{Call, TradeRef};
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{OperatorId, OutTradeNo, TradeNo};
use crate::gateway::fields::{FieldError, Fields};

/// Closes an order for which Alipay waits. One that is paid stays paid.
///
/// ```text
/// {"out_trade_no":"20150320010101001"}               AlipayTradeCloseModel
///
/// {"code":"10000","trade_no":"…","out_trade_no":"…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    trade: TradeRef,
    operator_id: Option<OperatorId>,
}

impl Close {
    /// Of this trade.
    #[must_use]
    pub fn new(trade: impl Into<TradeRef>) -> Self {
        Self { trade: trade.into(), operator_id: None }
    }

    /// Who works at the till.
    #[must_use]
    pub fn operator_id(self, operator_id: OperatorId) -> Self {
        Self { operator_id: Some(operator_id), ..self }
    }
}

impl Call for Close {
    type Answer = Closed;

    const METHOD: &'static str = "alipay.trade.close";

    fn biz_content(&self) -> String {
        let operator_id = self.operator_id.as_ref().map(OperatorId::as_str);
        self.trade.object().some("operator_id", operator_id).finish()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        self.trade.out_trade_no()
    }

    fn trade_no(&self) -> Option<&TradeNo> {
        self.trade.trade_no()
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<Closed, FieldError> {
        fields.none_of(OTHERS)?;
        Ok(Closed { trade_no: fields.optional("trade_no")? })
    }
}

/// An order was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Alipay's number of the trade, if it is said.
    pub trade_no: Option<TradeNo>,
}

impl Content for Closed {
    fn effect(&self) -> Effect {
        Effect::Done
    }
}

/// What this call answers, the numbers, is a part of what every other one does.
const OTHERS: &[&str] = &[
    "action",
    "fund_change",
    "out_request_no",
    "qr_code",
    "refund_fee",
    "retry_flag",
    "total_amount",
    "trade_status",
];
