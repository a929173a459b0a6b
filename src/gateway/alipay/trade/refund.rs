//! alipay.trade.refund: money goes back.

use super::sale::at_least_a_fen;
use crate::amount::Amount;
use crate::argument::InvalidArgument;
use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::{Call, TradeRef};
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{
    OperatorId, OutRequestNo, OutTradeNo, RefundReason, StoreId, TerminalId, TradeNo,
};
use crate::gateway::fields::{FieldError, Fields};

/// Gives money of a trade back.
///
/// ```text
/// {"out_trade_no":"…","refund_amount":"1.00","out_request_no":"R1"}  AlipayTradeRefundModel
///
/// {"code":"10000","trade_no":"…","out_trade_no":"…","fund_change":"Y","refund_fee":"1.00",…}
/// ```
///
/// The same refund again has the same `out_request_no`, so that it is done once. Its answer then says
/// `"fund_change":"N"`, which does not say that it failed: ask ([`RefundQuery`]).
///
/// [`RefundQuery`]: crate::gateway::alipay::RefundQuery
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund(RefundBuilder);

/// A [`Refund`] that is being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is no refund before it is built"]
pub struct RefundBuilder {
    trade: TradeRef,
    out_request_no: OutRequestNo,
    amount: Amount,
    reason: Option<RefundReason>,
    operator_id: Option<OperatorId>,
    store_id: Option<StoreId>,
    terminal_id: Option<TerminalId>,
}

impl Refund {
    /// Of so much of this trade.
    pub fn of(
        trade: impl Into<TradeRef>,
        out_request_no: OutRequestNo,
        amount: Amount,
    ) -> RefundBuilder {
        RefundBuilder {
            trade: trade.into(),
            out_request_no,
            amount,
            reason: None,
            operator_id: None,
            store_id: None,
            terminal_id: None,
        }
    }

    /// The trade.
    #[must_use]
    pub fn trade(&self) -> &TradeRef {
        &self.0.trade
    }

    /// The merchant's number of this refund.
    #[must_use]
    pub fn out_request_no(&self) -> &OutRequestNo {
        &self.0.out_request_no
    }

    /// How much goes back.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.0.amount
    }
}

impl RefundBuilder {
    /// Why.
    pub fn reason(self, reason: RefundReason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Who works at the till.
    pub fn operator_id(self, operator_id: OperatorId) -> Self {
        Self { operator_id: Some(operator_id), ..self }
    }

    /// The merchant's number of the store.
    pub fn store_id(self, store_id: StoreId) -> Self {
        Self { store_id: Some(store_id), ..self }
    }

    /// The till.
    pub fn terminal_id(self, terminal_id: TerminalId) -> Self {
        Self { terminal_id: Some(terminal_id), ..self }
    }

    /// The refund.
    ///
    /// # Errors
    /// If the amount is nothing.
    pub fn build(self) -> Result<Refund, InvalidArgument> {
        at_least_a_fen("refund_amount", self.amount)?;
        Ok(Refund(self))
    }
}

impl Call for Refund {
    type Answer = Refunded;

    const METHOD: &'static str = "alipay.trade.refund";

    fn biz_content(&self) -> String {
        let refund = &self.0;
        refund
            .trade
            .object()
            .amount("refund_amount", Some(refund.amount))
            .text("out_request_no", refund.out_request_no.as_str())
            .some("refund_reason", refund.reason.as_ref().map(RefundReason::as_str))
            .some("operator_id", refund.operator_id.as_ref().map(OperatorId::as_str))
            .some("store_id", refund.store_id.as_ref().map(StoreId::as_str))
            .some("terminal_id", refund.terminal_id.as_ref().map(TerminalId::as_str))
            .finish()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        self.0.trade.out_trade_no()
    }

    fn trade_no(&self) -> Option<&TradeNo> {
        self.0.trade.trade_no()
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<Refunded, FieldError> {
        Ok(Refunded {
            trade_no: fields.optional("trade_no")?,
            refund_fee: fields.amount("refund_fee")?,
            fund_change: match fields.text("fund_change").as_deref() {
                Some("Y") => FundChange::Yes,
                Some("N") => FundChange::No,
                _ => FundChange::NotSaid,
            },
        })
    }
}

/// What a refund came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refunded {
    /// Alipay's number of the trade, if it is said.
    pub trade_no: Option<TradeNo>,
    /// What has gone back of this trade in all, if it is said.
    pub refund_fee: Option<Amount>,
    /// Whether this very call moved money.
    pub fund_change: FundChange,
}

/// Whether a call moved money (`fund_change`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FundChange {
    /// `Y`: it did.
    Yes,
    /// `N`: it did not. The same call before it may have.
    No,
    /// The answer does not say.
    NotSaid,
}

impl Content for Refunded {
    fn effect(&self) -> Effect {
        match self.fund_change {
            FundChange::Yes => Effect::Done,
            FundChange::No | FundChange::NotSaid => Effect::Unknown,
        }
    }
}
