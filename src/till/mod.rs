//! [`Till`]: a sale, from the code that the customer shows to the report in the cloud.
//!
//! ```text
//! scan ─> AT+ALIPAYSIGN ─> journal ─> pay ─> poll or cancel ─> journal ─> AT+ALIPAYREP
//!           the session     order and                           outcome and   the session,
//!                           report, one commit                  report, one   from the outbox
//! ```
//!
//! A [`Till`] does all of this. Everything that must not be lost is in one file, that of the
//! [`Outbox`]: the orders and their reports. So after a power cut at any point the order is open, and
//! the next start asks Alipay for its outcome before the first sale. Nothing is paid again (rule R1 of
//! [the machine](crate::gateway::alipay::payment)).
//!
//! | what | with |
//! |---|---|
//! | a customer shows a payment code, or the face | [`Purchase::by_code`], [`Purchase::by_face`] |
//! | the water-control project: an agreement allows it (mode 4, `GENERAL_WITHHOLDING`) | [`Purchase::by_agreement`] |
//! | a sale that is not paid by Alipay: cash | [`Till::sold_otherwise`] |
//!
//! [`Till`] runs with a [session](crate::session) and with
//! [`gateway::Payments`](crate::gateway::Payments) in threads, or with `asynch::Session` and
//! `asynch::Payments` in tasks. Both run the same [`Selling`].

#[cfg(feature = "async")]
mod asynch;
#[cfg(feature = "blocking")]
mod blocking;
mod parts;
mod purchase;
mod selling;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use purchase::Purchase;
pub use selling::{Selling, SellingInput, SellingStep, Sold, TillError};

use parts::{TillPayments, TillSession};

use crate::advice::Advice;
use crate::alipay::{Report, TradeResult};
use crate::amount::Amount;
use crate::argument::InvalidArgument;
use crate::gateway::Trouble;
use crate::gateway::alipay::payment::Payment;
use crate::gateway::alipay::settle::{Next, Settle, SettlePolicy};
use crate::outbox::{Id, Outbox, OutboxError, OutboxJournal};
use crate::unix_time::UnixMillis;

/// A till: it sells to one customer at a time.
///
/// ```no_run
/// use m26_pay::advice::Language;
/// use m26_pay::blocking::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::gateway::alipay::{AuthCode, Merchant, OutTradeNo, Sale, Subject};
/// use m26_pay::gateway::journal::Holder;
/// use m26_pay::gateway::{Payments, Stop, Transport};
/// use m26_pay::outbox::{Outbox, OutboxJournal, OutboxPolicy};
/// use m26_pay::serial::SerialHost;
/// use m26_pay::session::Plan;
/// use m26_pay::till::{Purchase, Till};
///
/// # fn sell(merchant: Merchant, transport: impl Transport) -> Result<(), Box<dyn std::error::Error>> {
/// let outbox = Outbox::open("till.db", OutboxPolicy::default())?;
/// let journal = OutboxJournal::new(&outbox);
/// let payments = Payments::new(merchant, transport, journal, Holder::new("till 1"));
///
/// let host = SerialHost::at("/dev/ttyUSB0");
/// let (session, driver) = Session::new(host, Plan::default(), Settings::default()).into_driver()?;
/// let mut till = Till::new(payments, session);
/// std::thread::spawn(move || driver.run());
///
/// let sale = Sale::of(OutTradeNo::new("A1_0")?, "10.25".parse()?, Subject::new("lunch")?);
/// let purchase = Purchase::by_code(sale.build()?, AuthCode::new("284612345678901234")?)?;
/// let sold = till.sell(purchase, &Stop::new(), |_| {})?;
/// println!("{}", sold.receipt.outcome.advice().cashier(Language::English));
/// # Ok(())
/// # }
/// ```
pub struct Till<P, S> {
    payments: P,
    session: S,
    journal: OutboxJournal,
    settle: Settle,
    /// Whether the open orders of the journal were asked for.
    settled: bool,
    patience: Duration,
}

/// What a till is doing, for a screen.
#[derive(Debug)]
#[non_exhaustive]
pub enum Doing<'a> {
    /// It asks for the outcome of open orders.
    Settling,
    /// The module signs.
    Signing,
    /// The payment is under way: see its [`progress`](Payment::progress).
    Paying {
        /// The payment.
        payment: &'a Payment,
        /// The time.
        now: Instant,
    },
}

impl<P: TillPayments, S: TillSession> Till<P, S> {
    /// A till with payments and a session: both for threads, or both for tasks. The session gets the
    /// duty of the outbox, and so sends the reports. It should not have begun to work.
    #[must_use]
    pub fn new(payments: P, session: S) -> Self {
        let journal = payments.journal().clone();
        let settle = Settle::new(Arc::clone(payments.identity()), SettlePolicy::default());
        session.attach(journal.outbox().duty());
        journal.outbox().on_append(session.nudge());
        Self { payments, session, journal, settle, settled: false, patience: PATIENCE }
    }

    /// Begins a sale. If its report needs a business_no of its own, the journal gets that first.
    /// `known`: the journal has its number.
    fn begin(&self, purchase: Purchase, known: bool) -> Selling {
        if let Some((out_trade_no, business_no)) = purchase.report_as() {
            self.journal.report_as(out_trade_no, business_no);
        }
        let selling =
            if self.settled { Selling::once_settled(purchase) } else { Selling::new(purchase) };
        if known { selling.known() } else { selling }
    }
}

impl<P, S> Till<P, S> {
    /// Sets how long a sale waits until the module can sign. Without this it is [`PATIENCE`].
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The payments.
    #[must_use]
    pub fn payments(&self) -> &P {
        &self.payments
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &S {
        &self.session
    }

    /// The outbox, with the reports that wait.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        self.journal.outbox()
    }

    /// Reports a sale that was not paid by Alipay, for example in cash: every trade is reported,
    /// however it was paid (spec V1.0, chapter 2). The report is on disk when this returns `Ok`.
    ///
    /// # Errors
    /// [`OtherSaleError::Outbox`]: the report is not safe. [`OtherSaleError::Argument`]: no report
    /// can carry it.
    pub fn sold_otherwise(
        &self,
        amount: Amount,
        at: UnixMillis,
    ) -> Result<Id<Report>, OtherSaleError> {
        let report = Report::at(amount, TradeResult::Unsupported, at).build()?;
        Ok(self.outbox().append(&report)?)
    }

    /// When `settle` should be called again. The wait for an order that stays unknown doubles each
    /// time, as [`SettlePolicy`] says. `None` if no order is open.
    pub fn next_settle(&mut self, now: Instant) -> Option<Instant> {
        match self.settle.next(now) {
            Next::Ask(_) => Some(now),
            Next::Rest(until) => Some(until),
            Next::Nothing => None,
        }
    }

    /// A sale is over. If its order stays open, it is asked for later.
    fn over(&mut self, now: Instant, sold: Result<Sold, TillError>) -> Result<Sold, TillError> {
        if let Ok(Sold { receipt, .. }) = &sold {
            let mut entry = receipt.entry.clone();
            if matches!(receipt.trouble, Some(Trouble::Journal(_))) {
                // The outcome may not be in the journal.
                entry.outcome = None;
            }
            self.settle.unknown(now, &entry);
        }
        sold
    }
}

/// Why a sale that was not paid by Alipay is not reported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtherSaleError {
    /// No report can carry it.
    #[error("the sale cannot be reported: {0}")]
    Argument(#[from] InvalidArgument),
    /// It could not be written.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl OtherSaleError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Argument(error) => error.advice(),
            Self::Outbox(error) => error.advice(),
        }
    }
}

impl<P: fmt::Debug, S: fmt::Debug> fmt::Debug for Till<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Till")
            .field("payments", &self.payments)
            .field("session", &self.session)
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}

/// How long a sale waits until the module can sign, by default: 30 s. Not specified; chosen because a
/// module that was lost is ready again by then, and no customer waits longer.
pub const PATIENCE: Duration = Duration::from_secs(30);
