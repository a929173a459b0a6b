//! What a call is.

use super::answer::Content;
use super::code::Code;
use super::text::{NotifyUrl, OutTradeNo, TradeNo};
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::json::Object;

/// One call of the open platform: its parameters, and how its answer is read.
///
/// Implement it for a call that this crate does not have.
pub trait Call {
    /// What a success says.
    type Answer: Content;

    /// As the parameter `method` says it.
    const METHOD: &'static str;

    /// The codes of which the answer is read by [`read`](Self::read); any other one is a refusal.
    const SUCCESS: &'static [Code] = &[Code::SUCCESS];

    /// The business parameters, as one JSON object. It is signed and sent as it is.
    fn biz_content(&self) -> String;

    /// Where Alipay shall say that the trade changed.
    fn notify_url(&self) -> Option<&NotifyUrl> {
        None
    }

    /// The order that the answer must name, if it names one.
    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        None
    }

    /// The trade that the answer must name, if it names one.
    fn trade_no(&self) -> Option<&TradeNo> {
        None
    }

    /// Reads the members of a verified success.
    ///
    /// # Errors
    /// If one is not as it is documented. Nothing is proven then.
    fn read(&self, code: Code, fields: &Fields) -> Result<Self::Answer, FieldError>;
}

/// Which trade is meant: by the merchant's number or by Alipay's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TradeRef {
    /// By the merchant's number of the order.
    OutTradeNo(OutTradeNo),
    /// By Alipay's number of the trade.
    TradeNo(TradeNo),
}

impl TradeRef {
    /// The merchant's number, if that is what is meant.
    #[must_use]
    pub fn out_trade_no(&self) -> Option<&OutTradeNo> {
        match self {
            Self::OutTradeNo(number) => Some(number),
            Self::TradeNo(_) => None,
        }
    }

    /// Alipay's number, if that is what is meant.
    #[must_use]
    pub fn trade_no(&self) -> Option<&TradeNo> {
        match self {
            Self::OutTradeNo(_) => None,
            Self::TradeNo(number) => Some(number),
        }
    }

    /// `biz_content` with this number in it.
    pub(super) fn object(&self) -> Object {
        match self {
            Self::OutTradeNo(number) => Object::new().text("out_trade_no", number.as_str()),
            Self::TradeNo(number) => Object::new().text("trade_no", number.as_str()),
        }
    }
}

impl From<OutTradeNo> for TradeRef {
    fn from(number: OutTradeNo) -> Self {
        Self::OutTradeNo(number)
    }
}

impl From<TradeNo> for TradeRef {
    fn from(number: TradeNo) -> Self {
        Self::TradeNo(number)
    }
}
