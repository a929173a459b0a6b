//! What is asked of Alipay, after it was read and verified.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::TradeNo;
use crate::sim::gateway::Fen;

/// A call that a till makes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TradeCall {
    /// `alipay.trade.cancel`
    Cancel(Which),
    /// `alipay.trade.close`
    Close(Which),
    /// `alipay.trade.pay`
    Pay(PayCall),
    /// `alipay.trade.precreate`
    Precreate(PrecreateCall),
    /// `alipay.trade.query`
    Query(Which),
    /// `alipay.trade.refund`
    Refund(RefundCall),
    /// `alipay.trade.fastpay.refund.query`
    RefundQuery(RefundQueryCall),
}

impl TradeCall {
    /// Which method this is.
    pub fn method(&self) -> Method {
        match self {
            Self::Cancel(_) => Method::Cancel,
            Self::Close(_) => Method::Close,
            Self::Pay(_) => Method::Pay,
            Self::Precreate(_) => Method::Precreate,
            Self::Query(_) => Method::Query,
            Self::Refund(_) => Method::Refund,
            Self::RefundQuery(_) => Method::RefundQuery,
        }
    }
}

/// What it asks for, for a person: without a payment code.
impl fmt::Display for TradeCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancel(which) | Self::Close(which) | Self::Query(which) => which.fmt(f),
            Self::Pay(PayCall { out_trade_no, total, .. })
            | Self::Precreate(PrecreateCall { out_trade_no, total, .. }) => {
                write!(f, "{out_trade_no}, {total} yuan")
            }
            Self::Refund(RefundCall { which, amount, .. }) => write!(f, "{which}, {amount} yuan"),
            Self::RefundQuery(RefundQueryCall { which, out_request_no }) => {
                write!(f, "{which}, refund {out_request_no}")
            }
        }
    }
}

/// Money for a payment code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PayCall {
    /// The merchant's number of the order.
    pub out_trade_no: Arc<str>,
    /// `total_amount`
    pub total: Fen,
    /// Which payment code it is.
    pub code: CodeId,
    /// `timeout_express`; 3 hours if there is none
    pub timeout: Option<Duration>,
}

impl PayCall {
    /// Money for a payment code, without a time limit of the merchant's.
    pub fn new(out_trade_no: impl Into<Arc<str>>, total: Fen, code: CodeId) -> Self {
        Self { out_trade_no: out_trade_no.into(), total, code, timeout: None }
    }
}

/// A code on the till's screen that the customer scans.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrecreateCall {
    /// The merchant's number of the order.
    pub out_trade_no: Arc<str>,
    /// `total_amount`
    pub total: Fen,
    /// `timeout_express`; 3 hours if there is none
    pub timeout: Option<Duration>,
}

/// Money back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefundCall {
    /// Of which trade.
    pub which: Which,
    /// `refund_amount`
    pub amount: Fen,
    /// `out_request_no`; without one it is the whole trade
    pub out_request_no: Option<Arc<str>>,
}

/// Whether the money went back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefundQueryCall {
    /// Of which trade.
    pub which: Which,
    /// `out_request_no`, or `out_trade_no` where the refund had none
    pub out_request_no: Arc<str>,
}

/// Which trade is meant. Alipay's own number wins where both are given (facts 2.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Which {
    /// By `out_trade_no`, the merchant's number.
    Ours(Arc<str>),
    /// By `trade_no`, Alipay's number.
    Theirs(TradeNo),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(out_trade_no) => f.write_str(out_trade_no),
            Self::Theirs(trade_no) => trade_no.fmt(f),
        }
    }
}

impl From<&str> for Which {
    fn from(out_trade_no: &str) -> Self {
        Self::Ours(out_trade_no.into())
    }
}

/// Tells payment codes apart without holding one.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CodeId(pub u64);

impl CodeId {
    /// The identity of a payment code.
    pub fn of(code: &str) -> Self {
        Self(crate::sim::gateway::sign::fnv(code.as_bytes()))
    }
}

/// Redacted: whoever tries all codes finds the one that has this number.
impl fmt::Debug for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeId(redacted)")
    }
}

/// The methods that the simulated Alipay has.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Method {
    /// `alipay.trade.cancel`
    Cancel,
    /// `alipay.trade.close`
    Close,
    /// `alipay.trade.pay`
    Pay,
    /// `alipay.trade.precreate`
    Precreate,
    /// `alipay.trade.query`
    Query,
    /// `alipay.trade.refund`
    Refund,
    /// `alipay.trade.fastpay.refund.query`
    RefundQuery,
}

impl Method {
    /// Each of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Cancel,
        Self::Close,
        Self::Pay,
        Self::Precreate,
        Self::Query,
        Self::Refund,
        Self::RefundQuery,
    ];

    /// What the parameter `method` says.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Cancel => "alipay.trade.cancel",
            Self::Close => "alipay.trade.close",
            Self::Pay => "alipay.trade.pay",
            Self::Precreate => "alipay.trade.precreate",
            Self::Query => "alipay.trade.query",
            Self::Refund => "alipay.trade.refund",
            Self::RefundQuery => "alipay.trade.fastpay.refund.query",
        }
    }

    /// Its short word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Close => "close",
            Self::Pay => "pay",
            Self::Precreate => "precreate",
            Self::Query => "query",
            Self::Refund => "refund",
            Self::RefundQuery => "refund-query",
        }
    }
}

/// The short word: `pay`, `refund-query`.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Reads the short word.
impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(word: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|method| method.word() == word).ok_or(UnknownMethod)
    }
}

/// No method has this word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a method is cancel, close, pay, precreate, query, refund or refund-query")]
pub struct UnknownMethod;
