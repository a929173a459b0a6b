//! What the typed answers of the calls mean to the machine.

use super::heard::{Heard, HeardTrade};
use crate::amount::Amount;
use crate::gateway::alipay::{
    Answer, AnswerError, Call, Cancel, CancelAction, Cancelled, Code, Effect, OutTradeNo, Pay,
    PayAnswer, Precreate, Precreated, Query, Refusal, SubCode, TradeNo, TradeStatus,
};
use crate::gateway::journal::Said;
use crate::gateway::{Delivery, TransportError};

/// A call of the machine: what its verified success means.
pub trait Hear: Call {
    /// What a success means.
    fn success(answer: &Answer<Self::Answer>, content: &Self::Answer) -> Heard;
}

impl Heard {
    /// What an answer means, as [`Merchant::read`](crate::gateway::alipay::Merchant::read) gave it.
    #[must_use]
    pub fn answer<C: Hear>(answer: &Result<Answer<C::Answer>, AnswerError>) -> Self {
        match answer {
            Ok(answer) => match &answer.result {
                Ok(content) => C::success(answer, content),
                Err(refusal) => refused::<C>(refusal),
            },
            // U1: the reason is kept for the technician, and proves nothing.
            Err(AnswerError::Unverified(refusal)) => {
                Self::Unclear(Some(Said::of_unverified(refusal)))
            }
            Err(_) => Self::Unclear(None),
        }
    }

    /// What it means that no answer came.
    #[must_use]
    pub fn no_answer(error: &TransportError) -> Self {
        match error.delivery() {
            Delivery::NotSent => Self::NotSent,
            Delivery::Unknown => Self::Unclear(None),
        }
    }
}

impl Hear for Pay {
    fn success(answer: &Answer<PayAnswer>, content: &PayAnswer) -> Heard {
        match content {
            PayAnswer::Paid(paid) => Heard::Paid(HeardTrade {
                out_trade_no: Some(paid.out_trade_no.clone()),
                trade_no: Some(paid.trade_no.clone()),
                total_amount: Some(paid.total_amount),
            }),
            PayAnswer::Waiting(waiting) => {
                let amount = answer.fields.amount("total_amount").ok().flatten();
                Heard::Waiting(trade(answer, waiting.trade_no.as_ref(), amount))
            }
        }
    }
}

impl Hear for Query {
    fn success(_: &Answer<Self::Answer>, content: &Self::Answer) -> Heard {
        let trade = HeardTrade {
            out_trade_no: Some(content.out_trade_no.clone()),
            trade_no: Some(content.trade_no.clone()),
            total_amount: content.total_amount,
        };
        match &content.status {
            TradeStatus::TradeSuccess => Heard::Paid(trade),
            TradeStatus::TradeFinished => Heard::Finished(trade),
            TradeStatus::WaitBuyerPay => Heard::Waiting(trade),
            TradeStatus::TradeClosed => Heard::Closed(trade),
            _ => Heard::Unclear(Some(Said { code: Code::SUCCESS, sub_code: None, verified: true })),
        }
    }
}

impl Hear for Cancel {
    fn success(answer: &Answer<Cancelled>, content: &Cancelled) -> Heard {
        let trade = trade(answer, content.trade_no.as_ref(), None);
        match &content.action {
            Some(CancelAction::Close) => Heard::Cancelled(trade),
            Some(CancelAction::Refund) => Heard::Refunded(trade),
            _ => Heard::NoAction(trade),
        }
    }
}

impl Hear for Precreate {
    fn success(_: &Answer<Precreated>, content: &Precreated) -> Heard {
        Heard::Code(content.qr_code.clone())
    }
}

fn trade<T>(answer: &Answer<T>, trade_no: Option<&TradeNo>, amount: Option<Amount>) -> HeardTrade {
    let number = |text: &str| OutTradeNo::new(text).ok();
    HeardTrade {
        out_trade_no: answer.fields.text("out_trade_no").and_then(|text| number(&text)),
        trade_no: trade_no.cloned(),
        total_amount: amount,
    }
}

fn refused<C: Call>(refusal: &Refusal) -> Heard {
    let said = Said::of(refusal);
    if C::METHOD == Query::METHOD && refusal.is(&SubCode::TRADE_NOT_EXIST) {
        return Heard::NotExist(said);
    }
    match refusal.effect() {
        Effect::NotDone => Heard::Refused(said),
        _ => Heard::Unclear(Some(said)),
    }
}
