//! How a payment ends.

use std::fmt;

use super::advice::Advice;
use crate::advice::Language;
use crate::alipay::TradeResult;
use crate::gateway::journal::{Evidence, NotPaid, NotPaidBy, Paid, Settled};

/// How a payment ended: exactly one of three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The merchant has the money: the goods may go.
    Paid(Paid),
    /// It is proven that no money stays with the merchant.
    NotPaid(NotPaid),
    /// Neither is proven. The order stays open in the journal and is asked for again.
    Unknown(Open),
}

/// What is known of an order that stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Why it could not be settled.
    pub reason: OpenBecause,
    /// Whether a cancel may still arrive and give the money back.
    pub cancelling: bool,
    /// What was heard.
    pub evidence: Evidence,
}

/// Why an order could not be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenBecause {
    /// No answer proved anything in the policy's time.
    NoProof,
    /// Alipay has a trade of this number with another amount: it is not this order, and is not
    /// cancelled (rule C3).
    OtherAmount,
    /// The journal could not write down that it is being cancelled, or that it is paid.
    Journal,
    /// Another program works on the order.
    Elsewhere,
    /// A person gave it up: nothing asks any more.
    GivenUp,
    /// The customer has yet to scan its code, and this run does not wait for that.
    Offered,
}

impl Outcome {
    /// What an entry proves; `None` if it is open, or no payment.
    #[must_use]
    pub fn of(settled: &Settled, evidence: &Evidence) -> Option<Self> {
        Some(match settled {
            Settled::Paid(paid) => Self::Paid(paid.clone()),
            Settled::NotPaid(not_paid) => Self::NotPaid(not_paid.clone()),
            Settled::GivenUp => Self::Unknown(Open {
                reason: OpenBecause::GivenUp,
                cancelling: false,
                evidence: evidence.clone(),
            }),
            Settled::Refunded { .. } | Settled::NotRefunded(_) => return None,
        })
    }

    /// What AT+ALIPAYREP reports of it (Quectel M26 Alipay SDK 应用指导 V1.0, 3.7).
    ///
    /// | outcome | `<trade_result>` |
    /// |---|---|
    /// | paid | 0 |
    /// | cancelled, closed or given back, stopped by the cashier | 1, timed out |
    /// | refused | 2 |
    /// | unknown, the last that was heard is that the customer has yet to pay | 3 |
    /// | not sent | 4 |
    /// | unknown otherwise | 5 |
    /// | not written, so not sent | −1 |
    ///
    /// The spec does not say which platform's code means which; chosen after the names of both.
    #[must_use]
    pub fn trade_result(&self) -> TradeResult {
        match self {
            Self::Paid(_) => TradeResult::Success,
            Self::NotPaid(not_paid) => match not_paid.proof {
                NotPaidBy::NotWritten => TradeResult::Unavailable,
                NotPaidBy::NotSent => TradeResult::NetworkError,
                NotPaidBy::Refused(_) => TradeResult::Failed,
                _ => TradeResult::Timeout,
            },
            Self::Unknown(open) if open.evidence.seen && !open.cancelling => {
                TradeResult::Processing
            }
            Self::Unknown(_) => TradeResult::Unknown,
        }
    }

    /// What the cashier and the technician should do.
    #[must_use]
    pub fn advice(&self) -> Advice {
        Advice::of(self)
    }

    /// Its name, as the tool `pay` writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Paid(_) => "paid",
            Self::NotPaid(_) => "not-paid",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Why, in one word: what proves it, or why nothing does.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Paid(paid) => paid.proof.as_str(),
            Self::NotPaid(not_paid) => not_paid.proof.as_str(),
            Self::Unknown(open) => open.reason.as_str(),
        }
    }
}

impl OpenBecause {
    /// Its name: the `reason` of the tool `pay`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoProof => "no-proof",
            Self::OtherAmount => "other-amount",
            Self::Journal => "journal",
            Self::Elsewhere => "elsewhere",
            Self::GivenUp => "given-up",
            Self::Offered => "offered",
        }
    }
}

impl fmt::Display for Outcome {
    /// The sentence for the cashier, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.advice().cashier(Language::English))
    }
}
