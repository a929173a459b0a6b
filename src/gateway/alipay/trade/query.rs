//! alipay.trade.query: what became of an order?

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::amount::Amount;
use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::{Call, TradeRef};
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{OutTradeNo, QueryOption, TradeNo};
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::word::Word;

/// Asks for the state of an order.
///
/// ```text
/// {"out_trade_no":"20150320010101001"}                        spec 付款码支付, 查询交易
///
/// {"code":"10000","trade_no":"…","out_trade_no":"…","trade_status":"TRADE_SUCCESS","total_amount":"88.88",…}
/// ```
///
/// A refusal with `ACQ.TRADE_NOT_EXIST` says that no such trade is there *yet*: a `pay` may still be
/// on its way, and a precreated code may still be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    trade: TradeRef,
    options: Vec<QueryOption>,
}

impl Query {
    /// Of this trade.
    #[must_use]
    pub fn new(trade: impl Into<TradeRef>) -> Self {
        Self { trade: trade.into(), options: Vec::new() }
    }

    /// One more thing that the answer shall tell.
    #[must_use]
    pub fn option(mut self, option: QueryOption) -> Self {
        self.options.push(option);
        self
    }
}

impl Call for Query {
    type Answer = Trade;

    const METHOD: &'static str = "alipay.trade.query";

    fn biz_content(&self) -> String {
        let options = self.options.iter().map(|option| format!("\"{option}\""));
        self.trade.object().list("query_options", options).finish()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        self.trade.out_trade_no()
    }

    fn trade_no(&self) -> Option<&TradeNo> {
        self.trade.trade_no()
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<Trade, FieldError> {
        Ok(Trade {
            out_trade_no: fields.parsed("out_trade_no")?,
            trade_no: fields.parsed("trade_no")?,
            status: fields.parsed("trade_status")?,
            total_amount: fields.amount("total_amount")?,
        })
    }
}

/// A trade as Alipay has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trade {
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// Alipay's number of the trade.
    pub trade_no: TradeNo,
    /// Its state.
    pub status: TradeStatus,
    /// Its amount, if it is said. One that is not said agrees with none.
    pub total_amount: Option<Amount>,
}

impl Content for Trade {
    /// The question was answered.
    fn effect(&self) -> Effect {
        Effect::Done
    }
}

/// The state of a trade.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TradeStatus {
    /// `WAIT_BUYER_PAY`: the customer has yet to pay.
    WaitBuyerPay,
    /// `TRADE_CLOSED`: nobody paid in time, it was cancelled, or all was refunded.
    TradeClosed,
    /// `TRADE_SUCCESS`: paid.
    TradeSuccess,
    /// `TRADE_FINISHED`: paid, and no refund is possible any more.
    TradeFinished,
    /// Something that this crate does not know.
    Other(Word),
}

impl TradeStatus {
    /// As Alipay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::WaitBuyerPay => "WAIT_BUYER_PAY",
            Self::TradeClosed => "TRADE_CLOSED",
            Self::TradeSuccess => "TRADE_SUCCESS",
            Self::TradeFinished => "TRADE_FINISHED",
            Self::Other(status) => status.as_str(),
        }
    }
}

impl FromStr for TradeStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "WAIT_BUYER_PAY" => Self::WaitBuyerPay,
            "TRADE_CLOSED" => Self::TradeClosed,
            "TRADE_SUCCESS" => Self::TradeSuccess,
            "TRADE_FINISHED" => Self::TradeFinished,
            other => Self::Other(Word::new(other)),
        })
    }
}

impl fmt::Display for TradeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(status) => status.fmt(f),
            known => f.write_str(known.as_str()),
        }
    }
}
