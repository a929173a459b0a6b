//! What was heard about an order, in the few words that the machine knows.

use crate::amount::Amount;
use crate::gateway::alipay::{OutTradeNo, TradeNo};
use crate::gateway::journal::Said;
use crate::secret::Secret;

/// What an answer means, or its absence. The machine reads no JSON.
///
/// Everything but [`Unclear`](Self::Unclear) and [`NotSent`](Self::NotSent) comes from an answer
/// that was verified: what is not verified changes nothing (rule U1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// The trade is paid: 10000 to a pay, `TRADE_SUCCESS` to a query.
    Paid(HeardTrade),
    /// The trade is paid and can be given back no more: `TRADE_FINISHED`.
    Finished(HeardTrade),
    /// The customer has yet to pay: 10003 to a pay, `WAIT_BUYER_PAY` to a query.
    Waiting(HeardTrade),
    /// `TRADE_CLOSED`: nobody paid, or all was given back.
    Closed(HeardTrade),
    /// `ACQ.TRADE_NOT_EXIST`. It is no proof that nothing was charged: the pay may still be on its
    /// way.
    NotExist(Said),
    /// A cancel closed the trade, `action` `close`.
    Cancelled(HeardTrade),
    /// A cancel gave the money back, `action` `refund`.
    Refunded(HeardTrade),
    /// A cancel was answered 10000 without `action`: there was no trade, or it failed.
    NoAction(HeardTrade),
    /// The code that the customer is to scan.
    Code(Secret<String>),
    /// The request was refused and not carried out.
    Refused(Said),
    /// Nobody knows whether the request was carried out: no answer in time, 20000,
    /// `ACQ.SYSTEM_ERROR`, HTML, a redirect, a signature that is not Alipay's.
    Unclear(Option<Said>),
    /// No byte of the request reached the gateway.
    NotSent,
}

/// What an answer says of the trade.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeardTrade {
    /// The merchant's number. An answer without it is about no order.
    pub out_trade_no: Option<OutTradeNo>,
    /// Alipay's number.
    pub trade_no: Option<TradeNo>,
    /// The amount of the order.
    pub total_amount: Option<Amount>,
}

/// Whether an answer is about the order that was asked for (rule M1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is.
    Ours,
    /// It is about another number, or does not say which: it is no answer.
    Stray,
    /// The number is the order's and the amount is not: somebody else's trade has our number.
    Foreign,
}

impl HeardTrade {
    /// Whether it is about the order of this number and amount. Where the amount `must` be told
    /// and is not, the answer proves nothing.
    pub(super) fn of(&self, out_trade_no: &OutTradeNo, amount: Amount, must: bool) -> Match {
        if self.out_trade_no.as_ref() != Some(out_trade_no) {
            return Match::Stray;
        }
        match self.total_amount {
            Some(told) if told != amount => Match::Foreign,
            None if must => Match::Stray,
            _ => Match::Ours,
        }
    }
}
