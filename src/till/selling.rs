//! [`Selling`]: one sale, step by step.

use crate::advice::Advice;
use crate::alipay::{Sign, SignedData};
use crate::error::Error;
use crate::gateway::alipay::Pay;
use crate::gateway::{PaymentsError, Receipt, Settlement};
use crate::till::Purchase;

/// One sale, from the scanned code to its outcome: which steps have to be done, in which order. It
/// does none of them itself.
///
/// ```text
/// Begin ─> [Settle] ─> [Sign] ─> Pay ─> Done
/// ```
///
/// Open orders of the journal are settled first, if they were not since the start. The order is in the
/// journal before its money is asked for, and its report is in the outbox with the outcome, if
/// payments with an [`OutboxJournal`](crate::outbox::OutboxJournal) carry out
/// [`Pay`](SellingStep::Pay). A [`Till`](crate::till::Till) drives it; so can a driver of your own.
#[derive(Debug)]
pub struct Selling {
    awaits: Awaits,
    settlement: Option<Settlement>,
    /// Whether the journal has its number.
    known: bool,
}

#[derive(Debug)]
enum Awaits {
    Begin(Box<Purchase>),
    /// As `Begin`, but nothing has to be settled.
    Signature(Box<Purchase>),
    Settled(Box<Purchase>),
    Signed(Box<Purchase>),
    Receipt,
    Over,
}

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum SellingInput {
    /// The first one.
    Begin,
    /// The open orders of the journal were settled.
    Settled(Result<Settlement, PaymentsError>),
    /// What the module answered.
    Signed(Result<SignedData, Error>),
    /// The outcome of the payment.
    Paid(Box<Result<Receipt, PaymentsError>>),
}

/// What has to be done next.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum SellingStep {
    /// Settle the open orders of the journal, then [`SellingInput::Settled`].
    Settle,
    /// Have the module sign, then [`SellingInput::Signed`].
    Sign(Sign),
    /// Take the money, then [`SellingInput::Paid`].
    Pay(Box<Pay>),
    /// It is over.
    Done(Box<Result<Sold, TillError>>),
    /// The input was not the one that was asked for, or the sale was over before.
    Await,
}

/// The outcome of a sale.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sold {
    /// The outcome of the payment.
    pub receipt: Receipt,
    /// The outcome of orders that were open before; `None` if they were settled before this sale.
    pub settlement: Option<Settlement>,
}

/// Why there was no payment. No money was asked for, unless the source says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TillError {
    /// The payment did not begin.
    #[error("not sold: {0}")]
    Pay(#[source] PaymentsError),
    /// The open orders of the journal could not be settled.
    #[error("nothing is sold before the journal is in order: {0}")]
    Settle(#[source] PaymentsError),
    /// The module did not sign.
    #[error("not sold, no money was asked for: the module did not sign: {0}")]
    Sign(#[source] Error),
}

impl TillError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Pay(error) | Self::Settle(error) => error.advice(),
            Self::Sign(error) => error.advice(),
        }
    }
}

impl Selling {
    /// A sale of this. The open orders of the journal are settled first.
    #[must_use]
    pub fn new(purchase: Purchase) -> Self {
        Self::of(Awaits::Begin(Box::new(purchase)))
    }

    /// A sale of this, where the open orders of the journal were settled since the start.
    #[must_use]
    pub fn once_settled(purchase: Purchase) -> Self {
        Self::of(Awaits::Signature(Box::new(purchase)))
    }

    /// The journal has its number: an earlier run began it, and it may be paid. It is not paid again, so
    /// nothing has to be signed for it. Its outcome is told or asked for, also without a module.
    #[must_use]
    pub fn known(self) -> Self {
        Self { known: true, ..self }
    }

    fn of(awaits: Awaits) -> Self {
        Self { awaits, settlement: None, known: false }
    }

    /// Takes what happened, and gives what is to be done next. An input that does not fit changes
    /// nothing.
    pub fn step(&mut self, input: SellingInput) -> SellingStep {
        match (std::mem::replace(&mut self.awaits, Awaits::Over), input) {
            (Awaits::Signature(purchase), SellingInput::Begin) => self.sign(purchase),
            (Awaits::Begin(purchase), SellingInput::Begin) => {
                self.awaits = Awaits::Settled(purchase);
                SellingStep::Settle
            }
            (Awaits::Settled(purchase), SellingInput::Settled(Ok(settlement))) => {
                self.settlement = Some(settlement);
                self.sign(purchase)
            }
            (Awaits::Settled(_), SellingInput::Settled(Err(error))) => {
                done(Err(TillError::Settle(error)))
            }
            (Awaits::Signed(purchase), SellingInput::Signed(Ok(signed))) => {
                self.pay(purchase.pay(Some(signed)))
            }
            (Awaits::Signed(_), SellingInput::Signed(Err(error))) => {
                done(Err(TillError::Sign(error)))
            }
            (Awaits::Receipt, SellingInput::Paid(paid)) => match *paid {
                Ok(receipt) => done(Ok(Sold { receipt, settlement: self.settlement.take() })),
                Err(error) => done(Err(TillError::Pay(error))),
            },
            (awaits, _) => {
                self.awaits = awaits;
                SellingStep::Await
            }
        }
    }

    fn sign(&mut self, purchase: Box<Purchase>) -> SellingStep {
        if self.known {
            return self.pay(purchase.pay(None));
        }
        let sign = purchase.sign();
        self.awaits = Awaits::Signed(purchase);
        SellingStep::Sign(sign)
    }

    fn pay(&mut self, pay: Pay) -> SellingStep {
        self.awaits = Awaits::Receipt;
        SellingStep::Pay(Box::new(pay))
    }
}

fn done(end: Result<Sold, TillError>) -> SellingStep {
    SellingStep::Done(Box::new(end))
}
