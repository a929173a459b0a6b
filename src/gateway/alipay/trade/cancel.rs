//! alipay.trade.cancel: the order shall not be paid.

use crate::gateway::Effect;
use crate::gateway::alipay::answer::Content;
use crate::gateway::alipay::call::{Call, TradeRef};
use crate::gateway::alipay::code::Code;
use crate::gateway::alipay::text::{OutTradeNo, TradeNo};
use crate::gateway::fields::{FieldError, Fields};
use crate::gateway::word::Word;

/// Closes an order that nobody paid, or gives the money back, within 24 hours. It is for an order of
/// which nobody knows the outcome: what is known as paid is refunded.
///
/// ```text
/// {"out_trade_no":"20150320010101001"}               AlipayTradeCancelResponse
///
/// {"code":"10000","out_trade_no":"…","retry_flag":"N","action":"close",…}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel(TradeRef);

impl Cancel {
    /// Of this trade.
    #[must_use]
    pub fn new(trade: impl Into<TradeRef>) -> Self {
        Self(trade.into())
    }
}

impl Call for Cancel {
    type Answer = Cancelled;

    const METHOD: &'static str = "alipay.trade.cancel";

    fn biz_content(&self) -> String {
        self.0.object().finish()
    }

    fn out_trade_no(&self) -> Option<&OutTradeNo> {
        self.0.out_trade_no()
    }

    fn trade_no(&self) -> Option<&TradeNo> {
        self.0.trade_no()
    }

    fn read(&self, _: Code, fields: &Fields) -> Result<Cancelled, FieldError> {
        Ok(Cancelled {
            trade_no: fields.optional("trade_no")?,
            action: fields.text("action").map(|action| match &*action {
                "close" => CancelAction::Close,
                "refund" => CancelAction::Refund,
                other => CancelAction::Other(Word::new(other)),
            }),
            retry: fields.text("retry_flag").as_deref() == Some("Y"),
        })
    }
}

/// What a cancel came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cancelled {
    /// Alipay's number of the trade, if there was one.
    pub trade_no: Option<TradeNo>,
    /// What was done. Without it nothing is proven: a trade that is not there is answered so too.
    pub action: Option<CancelAction>,
    /// Whether Alipay wants the same cancel again (`retry_flag`).
    pub retry: bool,
}

/// What a cancel did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelAction {
    /// `close`: nobody had paid, and nobody can any more.
    Close,
    /// `refund`: it was paid, and the money went back.
    Refund,
    /// Something that this crate does not know.
    Other(Word),
}

impl Content for Cancelled {
    fn effect(&self) -> Effect {
        match self.action {
            Some(CancelAction::Close | CancelAction::Refund) => Effect::Done,
            Some(CancelAction::Other(_)) | None => Effect::Unknown,
        }
    }
}
