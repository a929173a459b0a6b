//! [`Payments`] for tasks: the loop that runs them.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use crate::asynch::threads::{THREADS, Threads};
use crate::gateway::alipay::notify::{Notification, SettleError, Taken};
use crate::gateway::alipay::payment::{Input, Payment, Policy, Step};
use crate::gateway::alipay::refunding::{RefundInput, RefundStep, Refunding};
use crate::gateway::alipay::settle::{Due, Next, OrderState, Settle, SettlePolicy};
use crate::gateway::alipay::{Identity, Merchant, OutTradeNo, Pay, Precreate, Refund};
use crate::gateway::journal::{Claim, Entry, EntryKind, Holder, Journal, JournalError};
use crate::gateway::payments::{Desk, Done, Exists, Known, now};
use crate::gateway::{
    Deadlines, PaymentsError, Receipt, RefundReceipt, Settlement, Transport, Trouble,
};

/// Takes payments in tasks. The steps are those of [`gateway::Payments`](crate::gateway::Payments);
/// its transport and its journal block, and have threads of their own.
///
/// A payment that waits takes no thread, so many can run at once. Dropping a call leaves its order
/// open in the journal, even if the money was taken: settle it later.
///
/// ```no_run
/// use m26_pay::asynch::Payments;
/// use m26_pay::gateway::Transport;
/// use m26_pay::gateway::alipay::{Merchant, Pay};
/// use m26_pay::gateway::journal::{Holder, MemoryJournal};
///
/// # async fn take(merchant: Merchant, transport: impl Transport + Send + Sync + 'static, pay: Pay)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let payments = Payments::new(merchant, transport, MemoryJournal::new(), Holder::new("server 1"));
/// payments.settle(std::future::pending()).await?;
/// let receipt = payments.pay(pay, std::future::pending(), |_, _| {}).await?;
/// println!("{}", receipt.outcome);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Payments<T, J> {
    desk: Arc<Desk<T, J>>,
    threads: Arc<Threads>,
}

/// A clone shares journal, transport and threads.
impl<T, J> Clone for Payments<T, J> {
    fn clone(&self) -> Self {
        Self { desk: Arc::clone(&self.desk), threads: Arc::clone(&self.threads) }
    }
}

impl<T, J> Payments<T, J>
where
    T: Transport + Send + Sync + 'static,
    J: Journal + 'static,
{
    /// Payments of this merchant. `holder` names this process in the journal. At most
    /// [`THREADS`] requests are under way at a time.
    #[must_use]
    pub fn new(merchant: Merchant, transport: T, journal: J, holder: Holder) -> Self {
        let desk = Desk::new(merchant, transport, journal, holder);
        Self::with(desk, THREADS)
    }

    /// As [`new`](Self::new), with other waits, deadlines and number of threads.
    #[must_use]
    pub fn with_settings(
        merchant: Merchant,
        transport: T,
        journal: J,
        holder: Holder,
        settings: PaymentsSettings,
    ) -> Self {
        let PaymentsSettings { policy, deadlines, threads } = settings;
        let desk = Desk::new(merchant, transport, journal, holder);
        Self::with(Desk { policy, deadlines, ..desk }, threads)
    }

    fn with(desk: Desk<T, J>, threads: usize) -> Self {
        Self { desk: Arc::new(desk), threads: Arc::new(Threads::new(threads)) }
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

    /// Takes a payment by the customer's code; when `stop` is ready, the cashier has given up.
    ///
    /// `watch` is called after each step, for a screen. A number that the journal has is never paid
    /// twice: a proven outcome is answered from the journal, an open order is settled first.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub async fn pay(
        &self,
        pay: Pay,
        stop: impl Future<Output = ()>,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        self.take(self.desk.payment(pay), stop, watch).await
    }

    /// Takes a payment by a code that the till shows: `watch` finds it in [`Payment::qr_code`].
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub async fn precreate(
        &self,
        precreate: Precreate,
        stop: impl Future<Output = ()>,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        self.take(self.desk.precreated(precreate), stop, watch).await
    }

    /// Gets a code that the customer can scan, and does not wait for that: the order stays open, and
    /// [`settle`](Self::settle) asks for it.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub async fn offer(
        &self,
        precreate: Precreate,
        stop: impl Future<Output = ()>,
        watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        self.take(self.desk.offered(precreate), stop, watch).await
    }

    /// Gives money back. When `stop` is ready, the wait ends and the refund stays open. A refund that
    /// is open in the journal, or was not made, is asked for again with the same number. One that
    /// was made is answered from the journal.
    ///
    /// # Errors
    /// If it did not begin. Nothing was sent.
    pub async fn refund(
        &self,
        refund: Refund,
        stop: impl Future<Output = ()>,
    ) -> Result<RefundReceipt, PaymentsError> {
        let mut stop = Gone::new(stop);
        let begun = self.desk.refunding(refund.clone())?;
        let _working = self.desk.work_on(begun.entry().key())?;
        let known = match self.run_refund(begun, &mut stop).await? {
            Ok(receipt) if receipt.is_not_written() => {
                self.on_thread(move |desk| desk.refund_not_written(receipt, refund)).await??
            }
            Ok(receipt) => return Ok(receipt),
            Err(Exists(there)) => self.on_thread(move |desk| desk.again(*there, refund)).await??,
        };
        match known {
            Known::Over(receipt) => Ok(receipt),
            Known::Run(refunding) => {
                let run = self.run_refund(refunding, &mut stop).await?;
                run.map_err(|Exists(it)| PaymentsError::NumberUsed(it))
            }
        }
    }

    /// Asks once for every open order of the journal that is this merchant's at this gateway. When
    /// `stop` is ready, nothing new is asked for. What another task is paying or refunding is left to
    /// it, as [held](Settlement::held).
    ///
    /// # Errors
    /// If the journal cannot be read. Orders that were settled before stay settled.
    pub async fn settle(
        &self,
        stop: impl Future<Output = ()>,
    ) -> Result<Settlement, PaymentsError> {
        let mut settle = Settle::new(Arc::clone(&self.desk.identity), SettlePolicy::default());
        self.settle_due(&mut settle, stop).await
    }

    /// Asks for every open order of the journal that is due by `settle`, which remembers when each
    /// was asked for. When `stop` is ready, nothing new is asked for.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    pub async fn settle_due(
        &self,
        settle: &mut Settle,
        stop: impl Future<Output = ()>,
    ) -> Result<Settlement, PaymentsError> {
        let mut stop = Gone::new(stop);
        let mut settlement = Settlement::default();
        for entry in self.on_thread(Desk::open_entries).await?? {
            settle.found(now(), &entry);
            if entry.identity != self.desk.identity {
                settlement.elsewhere.push(entry);
            }
        }
        loop {
            let Next::Ask(due) = settle.next(now()) else { return Ok(settlement) };
            if stop.is_ready().await {
                return Ok(settlement);
            }
            let state = self.settle_one(&due, &mut stop, &mut settlement).await?;
            settle.ended(now(), &due.key, state);
        }
    }

    /// Ends the open orders whose outcome a notification proves: see [`Notification::settle`]. The
    /// answer to the notification is [`Taken::reply`].
    ///
    /// # Errors
    /// If it is not about this merchant's order, or the journal fails: answer it with
    /// [`Reply::Fail`](crate::gateway::alipay::notify::Reply::Fail).
    pub async fn notified(&self, notification: Notification) -> Result<Taken, SettleError> {
        let taken = self.on_thread(move |desk| desk.notified(&notification)).await;
        taken.map_err(|error| JournalError::Failed(Box::new(error)))?
    }

    /// Settles the orders under the lease of this holder, once each. A service that shares its journal
    /// with others calls this at its start, for the orders that it had when it last ended.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub async fn settle_own(
        &self,
        settle: &mut Settle,
        stop: impl Future<Output = ()>,
    ) -> Result<Settlement, PaymentsError> {
        let mut stop = Gone::new(stop);
        let mut settlement = Settlement::default();
        for entry in self.on_thread(Desk::own_entries).await?? {
            if stop.is_ready().await {
                break;
            }
            let due = settle.handed(now(), &entry);
            let state = self.settle_one(&due, &mut stop, &mut settlement).await?;
            settle.ended(now(), &due.key, state);
        }
        Ok(settlement)
    }

    /// Settles the next order of this merchant that is due and under nobody's lease, for a service
    /// that shares its journal with others. The result is that of this order; `None` if no order is
    /// due. A service calls this until nothing is due, waits, and begins again.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub async fn settle_next(
        &self,
        settle: &mut Settle,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Settlement>, PaymentsError> {
        let mut stop = Gone::new(stop);
        let policy = settle.policy();
        let handed = self.on_thread(move |desk| desk.claim_next(policy)).await??;
        let Some(entry) = handed else { return Ok(None) };
        let due = settle.handed(now(), &entry);
        let mut settlement = Settlement::default();
        let state = match self.desk.work_on(due.key.clone()) {
            Ok(_working) => self.resume(entry, &due, &mut stop, &mut settlement).await?,
            Err(_) => {
                settlement.held.push(entry);
                OrderState::Open
            }
        };
        settle.ended(now(), &due.key, state);
        Ok(Some(settlement))
    }

    /// Gives up the open orders and refunds of this number, after a person has looked at them: nothing
    /// asks for them again. Returns them.
    ///
    /// # Errors
    /// If there is none, somebody else works on it, or the journal cannot be written.
    pub async fn give_up(&self, out_trade_no: OutTradeNo) -> Result<Vec<Entry>, PaymentsError> {
        self.on_thread(move |desk| desk.give_up(&out_trade_no)).await?
    }

    /// Whether the journal has an order with this number.
    #[cfg(feature = "outbox")]
    pub(crate) async fn has_order(&self, out_trade_no: OutTradeNo) -> Result<bool, PaymentsError> {
        self.on_thread(move |desk| desk.has_order(out_trade_no)).await?
    }

    async fn settle_one(
        &self,
        due: &Due,
        stop: &mut Gone<impl Future<Output = ()>>,
        settlement: &mut Settlement,
    ) -> Result<OrderState, PaymentsError> {
        let Ok(_working) = self.desk.work_on(due.key.clone()) else {
            return self.held(due, settlement).await;
        };
        let claimed = due.clone();
        match self.on_thread(move |desk| desk.claim_due(&claimed)).await?? {
            Claim::Missing | Claim::Settled(_) => Ok(OrderState::Settled),
            Claim::Held(_) => self.held(due, settlement).await,
            Claim::Yours(entry) => self.resume(*entry, due, stop, settlement).await,
        }
    }

    /// Somebody else works on it, so it is not settled here.
    async fn held(
        &self,
        due: &Due,
        settlement: &mut Settlement,
    ) -> Result<OrderState, PaymentsError> {
        let held = due.clone();
        settlement.held.extend(self.on_thread(move |desk| desk.held(&held)).await??);
        Ok(OrderState::Open)
    }

    async fn resume(
        &self,
        entry: Entry,
        due: &Due,
        stop: &mut Gone<impl Future<Output = ()>>,
        settlement: &mut Settlement,
    ) -> Result<OrderState, PaymentsError> {
        let used = |Exists(it)| PaymentsError::NumberUsed(it);
        if matches!(entry.kind, EntryKind::Refund { .. }) {
            let refunding = Refunding::resume(now(), entry, self.desk.policy);
            let receipt = self.run_refund(refunding, stop).await?.map_err(used)?;
            let state = OrderState::of(&receipt.entry);
            settlement.refunds.push(receipt);
            return Ok(state);
        }
        let payment = Payment::resume(now(), entry, self.desk.policy).known_since(due.known_since);
        let receipt = self.run(payment, stop, &mut |_, _| {}).await?.map_err(used)?;
        let state = OrderState::of(&receipt.entry);
        settlement.payments.push(receipt);
        Ok(state)
    }

    async fn take(
        &self,
        payment: Payment,
        stop: impl Future<Output = ()>,
        mut watch: impl FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        let mut stop = Gone::new(stop);
        let (kind, amount) = (payment.entry().kind.clone(), payment.entry().amount);
        let _working = self.desk.work_on(payment.entry().key())?;
        let known = match self.run(payment, &mut stop, &mut watch).await? {
            Ok(receipt) if receipt.is_not_written() => {
                self.on_thread(move |desk| desk.not_written(receipt)).await??
            }
            Ok(receipt) => return Ok(receipt),
            Err(Exists(there)) => {
                self.on_thread(move |desk| desk.known(*there, &kind, amount)).await??
            }
        };
        match known {
            Known::Over(receipt) => Ok(receipt),
            Known::Run(payment) => {
                let run = self.run(payment, &mut stop, &mut watch).await?;
                run.map_err(|Exists(it)| PaymentsError::NumberUsed(it))
            }
        }
    }

    async fn run(
        &self,
        mut payment: Payment,
        stop: &mut Gone<impl Future<Output = ()>>,
        watch: &mut impl FnMut(&Payment, Instant),
    ) -> Result<Result<Receipt, Exists>, PaymentsError> {
        let mut trouble = None;
        let mut input = Input::Begin;
        loop {
            if stop.is_ready().await {
                payment.stop();
            }
            let step = payment.step(now(), input);
            watch(&payment, now());
            input = match step {
                Step::Done(outcome) => return Ok(Ok(Receipt::of(outcome, &payment, trouble))),
                Step::Rest(until) => {
                    stop.wait_until(until).await;
                    Input::Resume
                }
                step => {
                    let done = self.carry_out(move |desk| desk.carry_out(step)).await?;
                    trouble = done.trouble.or(trouble);
                    match done.input {
                        Ok(input) => input,
                        Err(exists) => return Ok(Err(exists)),
                    }
                }
            };
        }
    }

    async fn run_refund(
        &self,
        mut refunding: Refunding,
        stop: &mut Gone<impl Future<Output = ()>>,
    ) -> Result<Result<RefundReceipt, Exists>, PaymentsError> {
        let mut trouble: Option<Trouble> = None;
        let mut answer = None;
        let mut input = RefundInput::Begin;
        loop {
            if stop.is_ready().await {
                refunding.stop();
            }
            input = match refunding.step(now(), input) {
                RefundStep::Done(outcome) => {
                    let entry = refunding.entry().clone();
                    return Ok(Ok(RefundReceipt { outcome, entry, answer, trouble }));
                }
                RefundStep::Rest(until) => {
                    stop.wait_until(until).await;
                    RefundInput::Resume
                }
                step => {
                    let done = self.carry_out(move |desk| desk.carry_out_refund(step)).await?;
                    trouble = done.trouble.or(trouble);
                    answer = done.answer.or(answer);
                    match done.input {
                        Ok(input) => input,
                        Err(exists) => return Ok(Err(exists)),
                    }
                }
            };
        }
    }

    async fn carry_out<I: Send + 'static>(
        &self,
        step: impl FnOnce(&Desk<T, J>) -> Done<I> + Send + 'static,
    ) -> Result<Done<I>, PaymentsError> {
        self.on_thread(step).await
    }

    /// Runs on a thread what blocks.
    async fn on_thread<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk<T, J>) -> R + Send + 'static,
    ) -> Result<R, PaymentsError> {
        let desk = Arc::clone(&self.desk);
        self.threads.wait_for(move || work(&desk)).await.map_err(PaymentsError::Thread)
    }
}

/// Waits, deadlines and number of threads of [`Payments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentsSettings {
    /// The waits of a payment.
    pub policy: Policy,
    /// How long one request may take.
    pub deadlines: Deadlines,
    /// How many requests and writes are under way at a time, at most.
    pub threads: usize,
}

impl Default for PaymentsSettings {
    fn default() -> Self {
        Self { policy: Policy::default(), deadlines: Deadlines::default(), threads: THREADS }
    }
}

/// A future that is not polled again once it was ready.
struct Gone<F> {
    future: Pin<Box<F>>,
    ready: bool,
}

impl<F: Future<Output = ()>> Gone<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), ready: false }
    }

    /// Whether it is ready.
    async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            self.ready = self.ready || self.future.as_mut().poll(context).is_ready();
            Poll::Ready(self.ready)
        })
        .await
    }

    /// Waits until this time, or until the future becomes ready. If it was ready before, it does not
    /// end the wait.
    async fn wait_until(&mut self, until: Instant) {
        let known = self.ready;
        let mut sleep = pin!(tokio::time::sleep_until(until.into()));
        poll_fn(|context| {
            self.ready = self.ready || self.future.as_mut().poll(context).is_ready();
            if self.ready && !known { Poll::Ready(()) } else { sleep.as_mut().poll(context) }
        })
        .await;
    }
}
