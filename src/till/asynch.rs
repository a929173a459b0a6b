//! [`Till`] for tasks.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::{Doing, Purchase, SellingInput, SellingStep, Sold, Till, TillError};
use crate::asynch::{Payments, Session};
use crate::gateway::payments::now;
use crate::gateway::{PaymentsError, Settlement, Transport};
use crate::outbox::OutboxJournal;

impl<T: Transport + Send + Sync + 'static> Till<Payments<T, OutboxJournal>, Session> {
    /// Asks for the outcome of the open orders of the journal that are due: after a start all of them,
    /// later those whose wait is over ([`next_settle`](Till::next_settle)). When `stop` is ready,
    /// nothing new is asked for.
    ///
    /// # Errors
    /// If the journal cannot be read or written. Orders that were settled before stay settled.
    pub async fn settle(
        &mut self,
        stop: impl Future<Output = ()>,
    ) -> Result<Settlement, PaymentsError> {
        let settlement = self.payments.settle_due(&mut self.settle, stop).await?;
        self.settled = true;
        Ok(settlement)
    }

    /// Sells: has the module sign, takes the money, and leaves the report to the session. Before the
    /// first sale the open orders of the journal are asked for.
    ///
    /// `watch` is called when there is something new for a screen. When `stop` is ready, the cashier
    /// has given up, and a payment that is not paid is cancelled. Dropping the call leaves its order
    /// open in the journal; the next [`settle`](Self::settle) asks for it.
    ///
    /// # Errors
    /// If there was no payment.
    pub async fn sell(
        &mut self,
        purchase: Purchase,
        stop: impl Future<Output = ()>,
        mut watch: impl FnMut(Doing<'_>),
    ) -> Result<Sold, TillError> {
        let mut stop = pin!(stop);
        let mut pressed = false;
        // Two steps wait for it, and a future must not be polled again after it was ready.
        let mut stop = pin!(poll_fn(move |context| {
            pressed = pressed || stop.as_mut().poll(context).is_ready();
            if pressed { Poll::Ready(()) } else { Poll::Pending }
        }));
        // Before the module signs: whether it fails or not, an order that is there may be paid.
        let number = purchase.sale().out_trade_no().clone();
        let known = self.payments.has_order(number).await.map_err(TillError::Pay)?;
        let mut selling = self.begin(purchase, known);
        let mut input = SellingInput::Begin;
        loop {
            input = match selling.step(input) {
                SellingStep::Settle => {
                    watch(Doing::Settling);
                    SellingInput::Settled(self.settle(stop.as_mut()).await)
                }
                SellingStep::Sign(sign) => {
                    watch(Doing::Signing);
                    SellingInput::Signed(self.session.send_within(&sign, self.patience).await)
                }
                SellingStep::Pay(pay) => {
                    let watch = |payment: &_, now| watch(Doing::Paying { payment, now });
                    let paid = self.payments.pay(*pay, stop.as_mut(), watch).await;
                    SellingInput::Paid(Box::new(paid))
                }
                SellingStep::Done(end) => return self.over(now(), *end),
                // Every step gets the input that it asked for.
                SellingStep::Await => SellingInput::Begin,
            };
        }
    }
}
