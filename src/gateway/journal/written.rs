//! How an entry's parts are called where a journal keeps them: the same words in every store.

use super::{EntryKind, NotPaid, NotPaidBy, NotRefundedBy, Paid, PaidBy, Said, Settled, Stage};
use crate::amount::Amount;
use crate::gateway::alipay::{OutRequestNo, TradeNo};

/// An outcome in parts, each of which a store can keep by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WrittenOutcome<'a> {
    /// What came of it: one of the words below.
    pub(crate) is: &'a str,
    /// What proves it.
    pub(crate) by: Option<&'a str>,
    /// The amount that was paid or given back.
    pub(crate) amount: Option<Amount>,
    /// Alipay's number of the trade.
    pub(crate) trade_no: Option<TradeNo>,
    /// The refusal that proves it.
    pub(crate) said: Option<Said>,
}

impl WrittenOutcome<'static> {
    /// The parts of an outcome.
    pub(crate) fn of(settled: &Settled) -> Self {
        match settled {
            Settled::Paid(Paid { trade_no, amount, proof }) => Self {
                is: PAID,
                by: Some(proof.as_str()),
                amount: Some(*amount),
                trade_no: trade_no.clone(),
                said: None,
            },
            Settled::NotPaid(NotPaid { trade_no, proof }) => {
                let said = match proof {
                    NotPaidBy::Refused(said) => Some(said.clone()),
                    _ => None,
                };
                let trade_no = trade_no.clone();
                Self { is: NOT_PAID, by: Some(proof.as_str()), trade_no, said, amount: None }
            }
            Settled::Refunded { amount } => {
                Self { is: REFUNDED, amount: Some(*amount), ..Self::default() }
            }
            Settled::NotRefunded(proof) => {
                let (by, said) = match proof {
                    NotRefundedBy::NotWritten => (NotPaidBy::NotWritten.as_str(), None),
                    NotRefundedBy::NotSent => (NotPaidBy::NotSent.as_str(), None),
                    NotRefundedBy::Refused(said) => (REFUSED, Some(said.clone())),
                };
                Self { is: NOT_REFUNDED, by: Some(by), said, ..Self::default() }
            }
            Settled::GivenUp => Self { is: GIVEN_UP, ..Self::default() },
        }
    }
}

impl WrittenOutcome<'_> {
    /// The outcome that has these parts. `Err` is the name of the part that is wrong.
    pub(crate) fn read(self) -> Result<Settled, &'static str> {
        let Self { is, by, amount, trade_no, said } = self;
        let amount = || amount.ok_or("amount");
        Ok(match is {
            PAID => {
                let proof = PAID_BY.into_iter().find(|it| by == Some(it.as_str())).ok_or("by")?;
                Settled::Paid(Paid { trade_no, amount: amount()?, proof })
            }
            NOT_PAID => {
                let proof = match by.ok_or("by")? {
                    REFUSED => NotPaidBy::Refused(said.ok_or("said")?),
                    by => NOT_PAID_BY.into_iter().find(|it| it.as_str() == by).ok_or("by")?,
                };
                Settled::NotPaid(NotPaid { trade_no, proof })
            }
            REFUNDED => Settled::Refunded { amount: amount()? },
            NOT_REFUNDED => Settled::NotRefunded(match by.ok_or("by")? {
                "not-written" => NotRefundedBy::NotWritten,
                "not-sent" => NotRefundedBy::NotSent,
                REFUSED => NotRefundedBy::Refused(said.ok_or("said")?),
                _ => return Err("by"),
            }),
            GIVEN_UP => Settled::GivenUp,
            _ => return Err("outcome"),
        })
    }
}

impl EntryKind {
    /// Its name where a journal keeps it, and the number of the refund, if it is one.
    pub(crate) fn written(&self) -> (&'static str, Option<&OutRequestNo>) {
        match self {
            Self::Barcode => (BARCODE, None),
            Self::Precreated => (PRECREATED, None),
            Self::Refund { out_request_no } => (REFUND, Some(out_request_no)),
        }
    }

    /// The kind of this name.
    pub(crate) fn read(name: &str, out_request_no: Option<OutRequestNo>) -> Option<Self> {
        match (name, out_request_no) {
            (BARCODE, None) => Some(Self::Barcode),
            (PRECREATED, None) => Some(Self::Precreated),
            (REFUND, Some(out_request_no)) => Some(Self::Refund { out_request_no }),
            _ => None,
        }
    }
}

impl Stage {
    /// The stage of this name.
    pub(crate) fn read(name: &str) -> Option<Self> {
        STAGES.into_iter().find(|stage| stage.as_str() == name)
    }
}

const BARCODE: &str = "barcode";
const PRECREATED: &str = "precreated";
const REFUND: &str = "refund";

const PAID: &str = "paid";
const NOT_PAID: &str = "not-paid";
const REFUNDED: &str = "refunded";
const NOT_REFUNDED: &str = "not-refunded";
const GIVEN_UP: &str = "given-up";

const REFUSED: &str = "refused";

const STAGES: [Stage; 2] = [Stage::Begun, Stage::Cancelling];

const PAID_BY: [PaidBy; 3] = [PaidBy::Pay, PaidBy::Query, PaidBy::Notification];

/// Those that are without what was said.
const NOT_PAID_BY: [NotPaidBy; 7] = [
    NotPaidBy::NotWritten,
    NotPaidBy::Stopped,
    NotPaidBy::NotSent,
    NotPaidBy::Closed,
    NotPaidBy::Cancelled,
    NotPaidBy::Refunded,
    NotPaidBy::Absent,
];
