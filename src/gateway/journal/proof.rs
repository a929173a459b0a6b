//! What was heard about an order, and what it proves.

use std::fmt;

use crate::amount::Amount;
use crate::gateway::alipay::{Code, Refusal, SubCode, TradeNo};

/// What was heard about an open order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Alipay's number of the trade.
    pub trade_no: Option<TradeNo>,
    /// Whether a verified answer showed the trade, waiting or paid.
    pub seen: bool,
    /// What the last answer said that proved nothing.
    pub last: Option<Said>,
}

/// The code of an answer. It shows no text of Alipay's, which may name a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The `code`.
    pub code: Code,
    /// The `sub_code`, if there was one.
    pub sub_code: Option<SubCode>,
    /// Whether its signature was Alipay's. One that is not changes nothing.
    pub verified: bool,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.0)?;
        if let Some(sub_code) = &self.sub_code {
            write!(f, " {}", sub_code.as_str())?;
        }
        if self.verified { Ok(()) } else { f.write_str(" (not verified)") }
    }
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// The merchant has the money.
    Paid(Paid),
    /// No money stays with the merchant.
    NotPaid(NotPaid),
    /// The refund was made.
    Refunded {
        /// What was given back.
        amount: Amount,
    },
    /// The refund was not made, and will not be.
    NotRefunded(NotRefundedBy),
    /// A person looked after it: nothing asks any more. What became of the money is not known here.
    GivenUp,
}

/// The proof that the merchant has the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Alipay's number of the trade.
    pub trade_no: Option<TradeNo>,
    /// The amount that was paid: that of the order.
    pub amount: Amount,
    /// What proves it.
    pub proof: PaidBy,
}

/// What proves that an order is paid. Its number and amount were the order's (rule M1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaidBy {
    /// The answer to the pay.
    Pay,
    /// The answer to a query.
    Query,
    /// A notification of Alipay's.
    Notification,
}

/// The proof that no money stays with the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPaid {
    /// Alipay's number of the trade, if there is one.
    pub trade_no: Option<TradeNo>,
    /// What proves it.
    pub proof: NotPaidBy,
}

/// What proves that no money stays with the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotPaidBy {
    /// The journal could not keep the order, so nothing was sent (rule W2).
    NotWritten,
    /// The cashier stopped before anything was sent.
    Stopped,
    /// No byte of the request reached the gateway.
    NotSent,
    /// The only request was refused.
    Refused(Said),
    /// A query or a notification says `TRADE_CLOSED`: not paid in time, or given back in full.
    Closed,
    /// A cancel closed the trade before it was paid (`action` `close`).
    Cancelled,
    /// A cancel gave the money back (`action` `refund`).
    Refunded,
    /// Alipay does not have the trade, longer after its last request than it could be there.
    Absent,
}

/// What proves that a refund was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRefundedBy {
    /// The journal could not keep it, so nothing was sent.
    NotWritten,
    /// No byte of the request reached the gateway.
    NotSent,
    /// The only request was refused.
    Refused(Said),
}

impl Said {
    /// What a refusal says whose signature is Alipay's.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        Self { code: refusal.code, sub_code: refusal.sub_code.clone(), verified: true }
    }

    /// What a refusal says whose signature is not Alipay's, or that has none.
    #[must_use]
    pub fn of_unverified(refusal: &Refusal) -> Self {
        Self { verified: false, ..Self::of(refusal) }
    }
}

impl NotPaidBy {
    /// Its name: in a journal's file, and the `reason` of the tool `pay`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotWritten => "not-written",
            Self::Stopped => "stopped",
            Self::NotSent => "not-sent",
            Self::Refused(_) => "refused",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::Absent => "absent",
        }
    }
}

impl NotRefundedBy {
    /// Its name: in a journal's file, and the `reason` of the tool `pay`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotWritten => "not-written",
            Self::NotSent => "not-sent",
            Self::Refused(_) => "refused",
        }
    }
}

impl PaidBy {
    /// Its name: in a journal's file, and the `reason` of the tool `pay`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Query => "query",
            Self::Notification => "notification",
        }
    }
}
