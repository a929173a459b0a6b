//! The run loop of payments, for threads.

mod at_work;
mod desk;
mod orders;
mod receipt;
mod stop;

use std::sync::Arc;
use std::time::Instant;

#[cfg(feature = "async")]
pub(crate) use desk::Done;
pub(crate) use desk::{Desk, Exists};
pub(crate) use orders::Known;
pub use receipt::{PaymentsError, Receipt, RefundReceipt, Settlement, Trouble};
pub use stop::Stop;

use super::alipay::notify::{Notification, SettleError, Taken};
use super::alipay::payment::{Input, Payment, Policy, Step};
use super::alipay::refunding::{RefundInput, RefundStep, Refunding};
use super::alipay::settle::{Due, Next, OrderState, Settle, SettlePolicy};
use super::alipay::{Identity, Merchant, OutTradeNo, Pay, Precreate, Refund};
use super::journal::{Claim, Entry, EntryKind, Holder, Journal};
use super::{Deadlines, Transport};
use crate::unix_time::UnixMillis;

/// Takes payments: asks the gateway through a transport, and writes to a journal.
///
/// Every call blocks until its outcome; any number of threads may call at once. `asynch::Payments`
/// (feature `async`) is the same for tasks.
///
/// ```no_run
/// use m26_pay::advice::Language;
/// use m26_pay::gateway::alipay::payment::Outcome;
/// use m26_pay::gateway::alipay::{AuthCode, Merchant, OutTradeNo, Pay, Sale, Subject};
/// use m26_pay::gateway::journal::{Holder, MemoryJournal};
/// use m26_pay::gateway::{Payments, Stop, Transport};
///
/// # fn take(merchant: Merchant, transport: impl Transport) -> Result<(), Box<dyn std::error::Error>> {
/// let payments = Payments::new(merchant, transport, MemoryJournal::new(), Holder::new("till 1"));
/// // Before the first sale: what a dead program left.
/// let left = payments.settle(&Stop::new())?;
/// assert!(left.elsewhere.is_empty(), "another gateway's orders");
///
/// let sale = Sale::of(OutTradeNo::new("A1_0")?, "10.25".parse()?, Subject::new("lunch")?);
/// let pay = Pay::bar_code(sale.build()?, AuthCode::new("284612345678901234")?);
/// let receipt = payments.pay(pay, &Stop::new(), |_, _| {})?;
/// println!("{}", receipt.outcome.advice().cashier(Language::English));
/// let paid = matches!(receipt.outcome, Outcome::Paid(_));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Payments<T, J> {
    desk: Desk<T, J>,
}

impl<T: Transport, J: Journal> Payments<T, J> {
    /// Payments of this merchant. `holder` names this till or process in the journal.
    #[must_use]
    pub fn new(merchant: Merchant, transport: T, journal: J, holder: Holder) -> Self {
        Self { desk: Desk::new(merchant, transport, journal, holder) }
    }

    /// How long it waits for what. It is said before anything is paid.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { desk: Desk { policy, ..self.desk } }
    }

    /// How long one request may take. It is said before anything is paid.
    #[must_use]
    pub fn deadlines(self, deadlines: Deadlines) -> Self {
        Self { desk: Desk { deadlines, ..self.desk } }
    }

    /// Whose orders it asks for and settles.
    #[must_use]
    pub fn identity(&self) -> &Arc<Identity> {
        &self.desk.identity
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &J {
        &self.desk.journal
    }

    /// Takes a payment by the customer's code.
    ///
    /// `watch` is called after each step, for a screen. A number that the journal has is never paid
    /// twice: a proven outcome is answered from the journal, an open order is settled first.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub fn pay(
        &self,
        pay: Pay,
        stop: &Stop,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        let payment = self.desk.payment(pay);
        self.take(payment, stop, watch)
    }

    /// Takes a payment by a code that the till shows: `watch` finds it in
    /// [`Payment::qr_code`].
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub fn precreate(
        &self,
        precreate: Precreate,
        stop: &Stop,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        let payment = self.desk.precreated(precreate);
        self.take(payment, stop, watch)
    }

    /// Gets a code that the customer can scan, and does not wait for that: the outcome is that the
    /// order is [offered](crate::gateway::alipay::payment::OpenBecause::Offered), and it stays open.
    /// [`settle`](Self::settle) asks for it; what is scanned and not paid by then it cancels.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub fn offer(
        &self,
        precreate: Precreate,
        stop: &Stop,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        let payment = self.desk.offered(precreate);
        self.take(payment, stop, watch)
    }

    /// Gives money back. The stop ends the waiting, and leaves the refund open. One that the journal
    /// has as open, or as not made, is asked for again with the same number; one that was made is
    /// answered from the journal.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub fn refund(&self, refund: Refund, stop: &Stop) -> Result<RefundReceipt, PaymentsError> {
        let begun = self.desk.refunding(refund.clone())?;
        let _working = self.desk.work_on(begun.entry().key())?;
        let known = match self.run_refund(begun, stop) {
            Ok(receipt) if receipt.is_not_written() => {
                self.desk.refund_not_written(receipt, refund)?
            }
            Ok(receipt) => return Ok(receipt),
            Err(Exists(there)) => self.desk.again(*there, refund)?,
        };
        match known {
            Known::Over(receipt) => Ok(receipt),
            Known::Run(refunding) => {
                self.run_refund(refunding, stop).map_err(|Exists(it)| PaymentsError::NumberUsed(it))
            }
        }
    }

    /// Asks once for every open order of the journal that is this merchant's at this gateway. After
    /// the stop nothing new is asked for. What another thread is paying or refunding is left to it,
    /// as [held](Settlement::held).
    ///
    /// # Errors
    /// If the journal cannot be read. Orders that were settled before stay settled.
    pub fn settle(&self, stop: &Stop) -> Result<Settlement, PaymentsError> {
        let mut settle = Settle::new(Arc::clone(&self.desk.identity), SettlePolicy::default());
        self.settle_due(&mut settle, stop)
    }

    /// Asks for every open order of the journal that is due by `settle`, which remembers those that
    /// it knew before. After the stop nothing new is asked for.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    pub fn settle_due(
        &self,
        settle: &mut Settle,
        stop: &Stop,
    ) -> Result<Settlement, PaymentsError> {
        let mut settlement = Settlement::default();
        for entry in self.desk.open_entries()? {
            settle.found(now(), &entry);
            if entry.identity != self.desk.identity {
                settlement.elsewhere.push(entry);
            }
        }
        while let (Next::Ask(due), false) = (settle.next(now()), stop.is_pressed()) {
            let state = self.settle_one(&due, stop, &mut settlement)?;
            settle.ended(now(), &due.key, state);
        }
        Ok(settlement)
    }

    /// Settles what this holder had when it ended, as one of many programs that share the journal:
    /// the orders under its own lease, once each. A service calls it at its start, so that they need
    /// not wait until that lease ends.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub fn settle_own(
        &self,
        settle: &mut Settle,
        stop: &Stop,
    ) -> Result<Settlement, PaymentsError> {
        let mut settlement = Settlement::default();
        for entry in self.desk.own_entries()? {
            if stop.is_pressed() {
                break;
            }
            let due = settle.handed(now(), &entry);
            let state = self.settle_one(&due, stop, &mut settlement)?;
            settle.ended(now(), &due.key, state);
        }
        Ok(settlement)
    }

    /// Settles the next order of this merchant that is due and that nobody has, as one of many
    /// programs that share the journal. Gives what came of this one; `None` if no order is due.
    ///
    /// The journal hands the orders out ([`Journal::claim_due`]), so that no two programs ask for the
    /// same one; what a dead program had is handed out when its lease ends. A service calls this
    /// until nothing is due, rests, and begins again. The stop ends no order half-way.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub fn settle_next(
        &self,
        settle: &mut Settle,
        stop: &Stop,
    ) -> Result<Option<Settlement>, PaymentsError> {
        let Some(entry) = self.desk.claim_next(settle.policy())? else { return Ok(None) };
        let due = settle.handed(now(), &entry);
        let mut settlement = Settlement::default();
        let state = match self.desk.work_on(due.key.clone()) {
            Ok(_working) => self.resume(entry, &due, stop, &mut settlement)?,
            Err(_) => {
                settlement.held.push(entry);
                OrderState::Open
            }
        };
        settle.ended(now(), &due.key, state);
        Ok(Some(settlement))
    }

    fn settle_one(
        &self,
        due: &Due,
        stop: &Stop,
        settlement: &mut Settlement,
    ) -> Result<OrderState, PaymentsError> {
        let Ok(_working) = self.desk.work_on(due.key.clone()) else {
            settlement.held.extend(self.desk.held(due)?);
            return Ok(OrderState::Open);
        };
        Ok(match self.desk.claim_due(due)? {
            Claim::Missing | Claim::Settled(_) => OrderState::Settled,
            Claim::Held(_) => {
                settlement.held.extend(self.desk.held(due)?);
                OrderState::Open
            }
            Claim::Yours(entry) => self.resume(*entry, due, stop, settlement)?,
        })
    }

    /// Goes on with an order that is this program's now. What has become of it then.
    fn resume(
        &self,
        entry: Entry,
        due: &Due,
        stop: &Stop,
        settlement: &mut Settlement,
    ) -> Result<OrderState, PaymentsError> {
        let used = |Exists(it)| PaymentsError::NumberUsed(it);
        if matches!(entry.kind, EntryKind::Refund { .. }) {
            let refunding = Refunding::resume(now(), entry, self.desk.policy);
            let receipt = self.run_refund(refunding, stop).map_err(used)?;
            let state = OrderState::of(&receipt.entry);
            settlement.refunds.push(receipt);
            return Ok(state);
        }
        let payment = Payment::resume(now(), entry, self.desk.policy).known_since(due.known_since);
        let receipt = self.run(payment, stop, |_, _| {}).map_err(used)?;
        let state = OrderState::of(&receipt.entry);
        settlement.payments.push(receipt);
        Ok(state)
    }

    /// Ends the open orders whose end a notification proves: see [`Notification::settle`]. What it is
    /// answered is in [`Taken::reply`].
    ///
    /// # Errors
    /// If it is not about this merchant's order, or the journal fails: answer it with
    /// [`Reply::Fail`](super::alipay::notify::Reply::Fail).
    pub fn notified(&self, notification: &Notification) -> Result<Taken, SettleError> {
        self.desk.notified(notification)
    }

    /// A person looked after the open orders and refunds of this number: nothing asks for them any
    /// more. Gives them.
    ///
    /// # Errors
    /// If there is none, somebody else works on it, or the journal cannot be written.
    pub fn give_up(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, PaymentsError> {
        self.desk.give_up(out_trade_no)
    }

    /// Whether the journal has an order with this number.
    #[cfg(all(feature = "blocking", feature = "outbox"))]
    pub(crate) fn has_order(&self, out_trade_no: OutTradeNo) -> Result<bool, PaymentsError> {
        self.desk.has_order(out_trade_no)
    }

    fn take(
        &self,
        payment: Payment,
        stop: &Stop,
        mut watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        let (kind, amount) = (payment.entry().kind.clone(), payment.entry().amount);
        let _working = self.desk.work_on(payment.entry().key())?;
        let known = match self.run(payment, stop, &mut watch) {
            Ok(receipt) if receipt.is_not_written() => self.desk.not_written(receipt)?,
            Ok(receipt) => return Ok(receipt),
            Err(Exists(there)) => self.desk.known(*there, &kind, amount)?,
        };
        match known {
            Known::Over(receipt) => Ok(receipt),
            Known::Run(payment) => {
                self.run(payment, stop, watch).map_err(|Exists(it)| PaymentsError::NumberUsed(it))
            }
        }
    }

    fn run(
        &self,
        mut payment: Payment,
        stop: &Stop,
        mut watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, Exists> {
        let mut trouble = None;
        let mut input = Input::Begin;
        loop {
            let stopped = stop.is_pressed();
            if stopped {
                payment.stop();
            }
            let step = payment.step(now(), input);
            watch(&payment, now());
            input = match step {
                Step::Done(outcome) => return Ok(Receipt::of(outcome, &payment, trouble)),
                Step::Rest(until) => {
                    stop.wait_until(until, stopped);
                    Input::Resume
                }
                step => {
                    let done = self.desk.carry_out(step);
                    trouble = done.trouble.or(trouble);
                    done.input?
                }
            };
        }
    }

    fn run_refund(&self, mut refunding: Refunding, stop: &Stop) -> Result<RefundReceipt, Exists> {
        let (mut trouble, mut answer) = (None, None);
        let mut input = RefundInput::Begin;
        loop {
            let stopped = stop.is_pressed();
            if stopped {
                refunding.stop();
            }
            input = match refunding.step(now(), input) {
                RefundStep::Done(outcome) => {
                    let entry = refunding.entry().clone();
                    return Ok(RefundReceipt { outcome, entry, answer, trouble });
                }
                RefundStep::Rest(until) => {
                    stop.wait_until(until, stopped);
                    RefundInput::Resume
                }
                step => {
                    let done = self.desk.carry_out_refund(step);
                    trouble = done.trouble.or(trouble);
                    answer = done.answer.or(answer);
                    done.input?
                }
            };
        }
    }
}

/// What the driver's clock shows.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What the wall clock shows; 1970, which no gateway takes, if no number holds it.
pub(crate) fn wall() -> UnixMillis {
    crate::unix_time::now().unwrap_or_default()
}
