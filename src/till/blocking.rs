//! [`Till`] for threads.

use super::{Doing, Purchase, SellingInput, SellingStep, Sold, Till, TillError};
use crate::blocking::SessionHandle;
use crate::gateway::payments::now;
use crate::gateway::{Payments, PaymentsError, Settlement, Stop, Transport};
use crate::outbox::OutboxJournal;

impl<T: Transport> Till<Payments<T, OutboxJournal>, SessionHandle> {
    /// Asks for the outcome of the open orders of the journal that are due: after a start all of them,
    /// later those whose wait is over ([`next_settle`](Till::next_settle)). After the stop nothing
    /// new is asked for.
    ///
    /// # Errors
    /// If the journal cannot be read or written. Orders that were settled before stay settled.
    pub fn settle(&mut self, stop: &Stop) -> Result<Settlement, PaymentsError> {
        let settlement = self.payments.settle_due(&mut self.settle, stop)?;
        self.settled = true;
        Ok(settlement)
    }

    /// Sells: has the module sign, takes the money, and leaves the report to the session. It blocks
    /// until the outcome. Before the first sale the open orders of the journal are asked for.
    ///
    /// `watch` is called when there is something new for a screen. The cashier's stop cancels a
    /// payment that is not paid.
    ///
    /// # Errors
    /// If there was no payment.
    pub fn sell(
        &mut self,
        purchase: Purchase,
        stop: &Stop,
        mut watch: impl FnMut(Doing<'_>),
    ) -> Result<Sold, TillError> {
        // Before the module signs: whether it fails or not, an order that is there may be paid.
        let number = purchase.sale().out_trade_no().clone();
        let known = self.payments.has_order(number).map_err(TillError::Pay)?;
        let mut selling = self.begin(purchase, known);
        let mut input = SellingInput::Begin;
        loop {
            input = match selling.step(input) {
                SellingStep::Settle => {
                    watch(Doing::Settling);
                    SellingInput::Settled(self.settle(stop))
                }
                SellingStep::Sign(sign) => {
                    watch(Doing::Signing);
                    SellingInput::Signed(self.session.send_within(&sign, self.patience))
                }
                SellingStep::Pay(pay) => {
                    let watch = |payment: &_, now| watch(Doing::Paying { payment, now });
                    SellingInput::Paid(Box::new(self.payments.pay(*pay, stop, watch)))
                }
                SellingStep::Done(end) => return self.over(now(), *end),
                // Every step gets the input that it asked for.
                SellingStep::Await => SellingInput::Begin,
            };
        }
    }
}
