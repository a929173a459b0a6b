//! Payments of campus codes in the outbox.

use crate::argument::InvalidArgument;
use crate::campus::acceptance::{CampusPayment, PaymentRecorder, RecordError};
use crate::campus::guard::Fingerprint;
use crate::outbox::{Added, Id, NewPayment, Outbox, Payload, Payment, PaymentKey};

/// The payload is the payment as bytes, [`CampusPayment::to_bytes`]. The key is that of what was
/// decoded, so bytes that a scanner appends do not change it.
impl PaymentRecorder for Outbox {
    type Receipt = Id<Payment>;

    fn record(&self, payment: &CampusPayment) -> Result<Id<Payment>, RecordError> {
        let new = new_payment(payment).map_err(|error| RecordError::NotSafe(error.into()))?;
        match self.add_payment(new) {
            Ok(Added::Now(id)) => Ok(id),
            Ok(Added::Already(_)) => Err(RecordError::Already),
            Err(error) => Err(RecordError::NotSafe(error.into())),
        }
    }

    fn is_recorded(&self, code: &Fingerprint) -> Option<bool> {
        let found = self.payment_with(&key(code).ok()?);
        found.ok().map(|found| found.is_some())
    }
}

fn new_payment(payment: &CampusPayment) -> Result<NewPayment, InvalidArgument> {
    let new = NewPayment::new(Payload::new(payment.to_bytes())?);
    Ok(new.key(key(payment.code())?).accepted(payment.accepted()))
}

fn key(code: &Fingerprint) -> Result<PaymentKey, InvalidArgument> {
    let [_, decoded] = code.keys();
    PaymentKey::new(*decoded)
}
