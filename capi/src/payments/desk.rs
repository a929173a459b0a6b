//! Payments without the type of their journal.

use std::time::Instant;

use m26_pay::gateway::alipay::payment::Payment;
use m26_pay::gateway::alipay::{OutTradeNo, Precreate, Refund};
use m26_pay::gateway::journal::Journal;
use m26_pay::gateway::{Http, Payments, PaymentsError, Receipt, RefundReceipt, Stop};

/// What a till does besides selling, whether it has a module or not.
pub(super) trait Desk {
    /// Takes a payment by a code that the customer scans; whether it waits for that is said.
    fn precreate(
        &self,
        precreate: Precreate,
        wait: bool,
        stop: &Stop,
        watch: &mut dyn FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError>;

    fn refund(&self, refund: Refund, stop: &Stop) -> Result<RefundReceipt, PaymentsError>;

    fn give_up(&self, number: &OutTradeNo) -> Result<(), PaymentsError>;
}

impl<J: Journal> Desk for Payments<Http, J> {
    fn precreate(
        &self,
        precreate: Precreate,
        wait: bool,
        stop: &Stop,
        watch: &mut dyn FnMut(&Payment, Instant),
    ) -> Result<Receipt, PaymentsError> {
        if wait {
            self.precreate(precreate, stop, watch)
        } else {
            self.offer(precreate, stop, watch)
        }
    }

    fn refund(&self, refund: Refund, stop: &Stop) -> Result<RefundReceipt, PaymentsError> {
        self.refund(refund, stop)
    }

    fn give_up(&self, number: &OutTradeNo) -> Result<(), PaymentsError> {
        self.give_up(number).map(drop)
    }
}
