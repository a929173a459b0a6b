//! What a payment came to, and why one did not begin.

use crate::advice::{self, Advice};
use crate::argument::InvalidArgument;
use crate::gateway::TransportError;
use crate::gateway::alipay::payment::{Outcome, Request};
use crate::gateway::alipay::refunding::RefundOutcome;
use crate::gateway::alipay::{AnswerError, Fields, RequestError};
use crate::gateway::journal::{Entry, JournalError, NotPaidBy, NotRefundedBy, Owner};

/// What a payment came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// How it ended.
    pub outcome: Outcome,
    /// The order, as the journal has it.
    pub entry: Entry,
    /// What was asked, in order. Nothing, if the journal knew the outcome.
    pub requests: Vec<Request>,
    /// What went wrong last, if something did, for the technician.
    pub trouble: Option<Trouble>,
}

/// What a refund came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct RefundReceipt {
    /// How it ended.
    pub outcome: RefundOutcome,
    /// The refund, as the journal has it.
    pub entry: Entry,
    /// What the last answer said that refused nothing, as Alipay names it. Nothing, if the journal
    /// knew the outcome.
    pub answer: Option<Fields>,
    /// What went wrong last, if something did, for the technician.
    pub trouble: Option<Trouble>,
}

/// What went wrong with one request or write. It shows no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The answer proves nothing.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The journal did not take the order.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The request could not be made: nothing was sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl Trouble {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Answer(error) => error.advice(),
            Self::Journal(error) => error.advice(),
            Self::Request(error) => error.advice(),
            Self::Transport(error) => error.advice(),
        }
    }
}

/// Why a payment or a refund did not begin: nothing was sent, but for
/// [`Thread`](Self::Thread).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentsError {
    /// An argument that the journal cannot keep.
    #[error(transparent)]
    Argument(#[from] InvalidArgument),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The order is another till's at the moment, or another thread's of this program.
    #[error("{} works on this order: ask there, or wait until its lease ends", .0.holder)]
    Held(Owner),
    /// The number was used for something else (rule P1).
    #[error(
        "the number {} was used before, for {} yuan: every attempt has a number of its own; \
         nothing was sent", .0.out_trade_no, .0.amount
    )]
    NumberUsed(Box<Entry>),
    /// The system gave no thread to go on with, or one ended: what was begun is open in the journal.
    #[error("no thread to go on with: what was begun is open in the journal")]
    Thread(#[source] std::io::Error),
}

impl PaymentsError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Argument(error) => error.advice(),
            Self::Held(_) => advice::alipay::HELD,
            Self::Journal(error) => error.advice(),
            Self::NumberUsed(_) => advice::alipay::NUMBER_USED,
            Self::Thread(_) => advice::alipay::THREAD,
        }
    }
}

/// What asking for the open orders of a journal came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Settlement {
    /// The payments that were asked for.
    pub payments: Vec<Receipt>,
    /// The refunds that were asked for.
    pub refunds: Vec<RefundReceipt>,
    /// Open orders of another gateway, app or merchant: they were neither asked for nor settled.
    pub elsewhere: Vec<Entry>,
    /// Open orders on which another program works, or another thread of this one.
    pub held: Vec<Entry>,
}

impl Settlement {
    /// How many orders of this gateway, app and merchant are still open.
    #[must_use]
    pub fn open(&self) -> usize {
        let payments = self.payments.iter().filter(|receipt| receipt.entry.is_open()).count();
        let refunds = self.refunds.iter().filter(|receipt| receipt.entry.is_open()).count();
        payments + refunds + self.held.len()
    }
}

impl Receipt {
    /// Whether it ended because its entry could not be begun.
    pub(crate) fn is_not_written(&self) -> bool {
        matches!(&self.outcome, Outcome::NotPaid(is) if is.proof == NotPaidBy::NotWritten)
    }
}

impl RefundReceipt {
    /// Whether it ended because its entry could not be begun.
    pub(crate) fn is_not_written(&self) -> bool {
        self.outcome == RefundOutcome::NotRefunded(NotRefundedBy::NotWritten)
    }
}
