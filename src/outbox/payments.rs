//! Payments on their way to the uploader.

use std::time::Instant;

use tracing::{debug, warn};

use crate::outbox::book::{Book, Draft};
use crate::outbox::policy::failing_since;
use crate::outbox::{
    Error, LimitReached, NewPayment, Outbox, Payment, PaymentId, PaymentKey, PaymentState,
    StoreError, UnixMillis, Upload,
};

/// What brings a payment to the server.
///
/// A payment is handed to it at least once: after an unknown outcome, and after the host died while
/// the uploader had it, it comes again. So the server must know one that it has already, for
/// instance by a number within the payload.
///
/// It may block, for as long as it has time-outs of its own. An async program does the same with
/// [`Outbox::next_payment`] and [`Outbox::settle_payment`].
pub trait Uploader {
    /// Uploads one. Its payload is there.
    fn upload(&mut self, payment: &Payment) -> Upload;
}

impl<F: FnMut(&Payment) -> Upload> Uploader for F {
    fn upload(&mut self, payment: &Payment) -> Upload {
        self(payment)
    }
}

/// Whether a payment was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Added {
    /// It is on disk now.
    Now(PaymentId),
    /// One with the same key was added before, and nothing has changed.
    Already(PaymentId),
}

/// Which payment is next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "one is alive at a time")]
pub enum NextPayment {
    /// This one. What came of it is to be told: [`Outbox::settle_payment`].
    Payment(Payment),
    /// None before this time, since the last one failed.
    NotBefore(Instant),
    /// None waits.
    Nothing,
}

/// What [`Outbox::upload_payments`] has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Payments that the server took.
    pub done: u64,
    /// Payments that the server refused.
    pub refused: u64,
    /// When to come again, if some wait still.
    pub next: Option<Instant>,
}

/// How the uploader fares.
#[derive(Debug, Default)]
pub(super) struct UploadPace {
    attempts: u32,
    not_before: Option<Instant>,
    /// What came of payments, and the store does not know yet.
    unsettled: Vec<(PaymentId, Upload)>,
}

impl Outbox {
    /// Adds a payment. It is on disk when this returns [`Added::Now`].
    ///
    /// ```
    /// use m26_pay::outbox::{Added, NewPayment, Payload, PaymentKey};
    /// # use m26_pay::outbox::{Outbox, Policy};
    /// # let folder = tempfile::tempdir()?;
    /// # let outbox = Outbox::open(folder.path().join("till.db"), Policy::default())?;
    /// let payload = Payload::new(*b"the decoder's final data, and the amount")?;
    /// let payment = NewPayment::new(payload).key(PaymentKey::new([0x5A; 32])?);
    /// let Added::Now(id) = outbox.add_payment(payment.clone())? else { unreachable!() };
    /// assert_eq!(outbox.add_payment(payment)?, Added::Already(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotSafe`] or [`Error::Limit`]: it is not safe, and nothing else has changed.
    pub fn add_payment(&self, payment: NewPayment) -> Result<Added, Error> {
        self.book().add_payment(payment)
    }

    /// Hands out the oldest payment that waits, if it is time for one. A payment whose last moment
    /// has passed is not handed out; it is among the [`expired_payments`](Self::expired_payments).
    ///
    /// # Errors
    /// If the store fails.
    pub fn next_payment(&self, now: Instant) -> Result<NextPayment, Error> {
        Ok(self.book().next_payment(now)?)
    }

    /// Tells what came of a payment that was handed out. A failure lets the next one wait, as
    /// [`Policy::backoff`](crate::outbox::Policy::backoff) says. A payment that was not handed out
    /// stays as it is.
    ///
    /// Who was handed a payment and gave up tells [`Upload::Unknown`]: until something is told, or
    /// the outbox is opened again, it is not handed out a second time.
    ///
    /// # Errors
    /// If the store fails. What came of it is written down before the next one is handed out; if the
    /// host dies before that, this one is handed out again.
    pub fn settle_payment(&self, now: Instant, id: PaymentId, upload: Upload) -> Result<(), Error> {
        Ok(self.book().settle_payment(now, id, upload)?)
    }

    /// Hands payments to the uploader, oldest first, until none waits or one fails.
    ///
    /// # Errors
    /// If the store fails: see [`settle_payment`](Self::settle_payment) for what becomes of the last
    /// one. Nothing is uploaded until that is written down.
    pub fn upload_payments(
        &self,
        now: Instant,
        uploader: &mut impl Uploader,
    ) -> Result<Uploaded, Error> {
        let mut uploaded = Uploaded::default();
        loop {
            // The outbox is not locked while the uploader works.
            let payment = match self.next_payment(now)? {
                NextPayment::Payment(payment) => payment,
                NextPayment::NotBefore(next) => {
                    uploaded.next = Some(next);
                    return Ok(uploaded);
                }
                NextPayment::Nothing => return Ok(uploaded),
            };
            let upload = uploader.upload(&payment);
            self.settle_payment(now, payment.id, upload)?;
            match upload {
                Upload::Done => uploaded.done += 1,
                Upload::Refused => uploaded.refused += 1,
                Upload::Failed | Upload::Unknown | Upload::Unreachable => {}
            }
        }
    }

    /// The payment with this number.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn payment(&self, id: PaymentId) -> Result<Option<Payment>, Error> {
        Ok(self.book().store.payment(id)?)
    }

    /// The payment with this key, in whatever state.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn payment_with(&self, key: &PaymentKey) -> Result<Option<PaymentId>, Error> {
        Ok(self.book().store.payment_with(key)?)
    }

    /// Payments in these states with numbers above `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// If one of them cannot be read, or is damaged.
    pub fn payments(
        &self,
        states: &[PaymentState],
        after: PaymentId,
        limit: usize,
    ) -> Result<Vec<Payment>, Error> {
        Ok(self.book().store.payments(states, after, limit)?)
    }

    /// Every payment whose last moment has passed before it was uploaded. They stay until they are
    /// removed or tried again.
    ///
    /// # Errors
    /// If the store fails.
    pub fn expired_payments(&self) -> Result<Vec<Payment>, Error> {
        Ok(self.book().expired_payments()?)
    }

    /// Has a payment that is parked, refused or expired handed out again, at its old place in the
    /// order. An expired one gets as much time as a new one.
    ///
    /// # Errors
    /// If there is no such payment, it is in another state, or the store fails.
    pub fn retry_payment(&self, id: PaymentId) -> Result<(), Error> {
        self.book().retry_payment(id)
    }

    /// Removes a payment that is parked, refused or expired, for good, key and all. It is up to the
    /// caller to keep it elsewhere.
    ///
    /// # Errors
    /// As [`retry_payment`](Self::retry_payment).
    pub fn remove_payment(&self, id: PaymentId) -> Result<Payment, Error> {
        self.book().remove_payment(id)
    }
}

impl Book {
    fn add_payment(&mut self, payment: NewPayment) -> Result<Added, Error> {
        let NewPayment { payload, key, accepted } = payment;
        let unsafe_for = |source| Error::NotSafe { what: PAYMENT, source };
        if let Some(key) = &key {
            if let Some(id) = self.store.payment_with(key).map_err(unsafe_for)? {
                return Ok(Added::Already(id));
            }
        }
        let waiting = self.payments.open();
        if let Some(limit) = self.policy.limits.waiting.filter(|limit| waiting >= *limit) {
            let reached = LimitReached::Count { waiting, limit };
            return Err(Error::Limit { what: PAYMENT, reached });
        }
        let now = self.now();
        let accepted = accepted.unwrap_or(now);
        let id = PaymentId::new(self.next_payment);
        let payment = Payment {
            id,
            key,
            payload: Some(payload),
            accepted,
            due: accepted.plus(self.policy.payment_due),
            last_moment: accepted.plus(self.policy.payment_last_moment),
            state: PaymentState::Waiting,
            attempts: 0,
            failures: 0,
            first_failed: None,
            last: None,
        };
        let mut draft = Draft { payments: vec![(None, payment)], ..Draft::default() };
        self.forget_keys(now, &mut draft).map_err(unsafe_for)?;
        self.commit(&draft).map_err(unsafe_for)?;
        Ok(Added::Now(id))
    }

    /// The keys of some payments that were uploaded, and whose last moment has passed.
    fn forget_keys(&mut self, now: UnixMillis, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        if self.payments.uploaded == 0 {
            return Ok(());
        }
        let uploaded =
            self.store.payments(&[PaymentState::Uploaded], PaymentId::new(0), FORGOTTEN_AT_ONCE)?;
        let over = uploaded.iter().filter(|payment| payment.last_moment < now);
        draft.remove_payments.extend(over.map(|payment| (payment.state, payment.id)));
        Ok(())
    }

    fn next_payment(&mut self, now: Instant) -> Result<NextPayment, StoreError> {
        self.settle_payments(now)?;
        if let Some(until) = self.upload.not_before.filter(|until| now < *until) {
            let waits = self.payments.waiting > 0;
            return Ok(if waits { NextPayment::NotBefore(until) } else { NextPayment::Nothing });
        }
        let wall = self.now();
        let mut draft = Draft::default();
        let mut after = PaymentId::new(0);
        let next = loop {
            let found = self.store.payments(&[PaymentState::Waiting], after, 1)?.pop();
            let Some(mut payment) = found else { break NextPayment::Nothing };
            after = payment.id;
            if payment.last_moment < wall {
                draft.payments.push(expired(payment));
                continue;
            }
            payment.state = PaymentState::Handed;
            payment.attempts = payment.attempts.saturating_add(1);
            draft.payments.push((Some(PaymentState::Waiting), payment.clone()));
            break NextPayment::Payment(payment);
        };
        self.commit(&draft)?;
        Ok(next)
    }

    fn settle_payment(
        &mut self,
        now: Instant,
        id: PaymentId,
        upload: Upload,
    ) -> Result<(), StoreError> {
        // What was told last holds.
        self.upload.unsettled.retain(|(other, _)| *other != id);
        self.upload.unsettled.push((id, upload));
        self.settle_payments(now)
    }

    /// Writes down what came of payments.
    fn settle_payments(&mut self, now: Instant) -> Result<(), StoreError> {
        while let Some((id, upload)) = self.upload.unsettled.first().copied() {
            self.settle_one(now, id, upload)?;
            self.upload.unsettled.remove(0);
        }
        Ok(())
    }

    fn settle_one(
        &mut self,
        now: Instant,
        id: PaymentId,
        upload: Upload,
    ) -> Result<(), StoreError> {
        let found = self.store.payment(id)?;
        let Some(mut payment) = found.filter(|payment| payment.state == PaymentState::Handed)
        else {
            return Ok(());
        };
        let wall = self.now();
        payment.last = Some((wall, upload));
        let mut draft = Draft::default();
        match upload {
            Upload::Done => {
                payment.state = PaymentState::Uploaded;
                payment.payload = None;
                (payment.failures, payment.first_failed) = (0, None);
            }
            Upload::Refused => payment.state = PaymentState::Refused,
            Upload::Unreachable => payment.state = PaymentState::Waiting,
            Upload::Failed | Upload::Unknown => {
                payment.failures = payment.failures.saturating_add(1);
                let since = failing_since(payment.first_failed, wall);
                payment.first_failed = Some(since);
                let parked = self.policy.is_too_long(payment.failures, wall.since(since));
                payment.state = if parked { PaymentState::Parked } else { PaymentState::Waiting };
            }
        }
        if payment.state == PaymentState::Uploaded && payment.key.is_none() {
            // There is nothing left to know it by.
            draft.remove_payments.push((PaymentState::Handed, id));
        } else {
            draft.payments.push((Some(PaymentState::Handed), payment.clone()));
        }
        self.commit(&draft)?;
        self.pace(now, &payment);
        Ok(())
    }

    /// Lets the next payment wait after a failure.
    fn pace(&mut self, now: Instant, payment: &Payment) {
        let (id, state) = (payment.id, payment.state);
        match state {
            PaymentState::Waiting => {
                let wait = self.policy.backoff.wait(self.upload.attempts);
                if !self.policy.backoff.is_capped(self.upload.attempts) {
                    self.upload.attempts += 1;
                }
                self.upload.not_before = now.checked_add(wait);
                debug!(%id, ?wait, "a payment is tried again");
            }
            PaymentState::Parked | PaymentState::Refused => {
                warn!(%id, %state, "a payment steps aside");
                (self.upload.attempts, self.upload.not_before) = (0, None);
            }
            _ => {
                self.upload.attempts = self.upload.attempts.saturating_sub(1);
                self.upload.not_before = None;
            }
        }
    }

    fn expired_payments(&mut self) -> Result<Vec<Payment>, StoreError> {
        let wall = self.now();
        let open = [PaymentState::Waiting, PaymentState::Parked];
        let mut draft = Draft::default();
        self.recall_payments(&mut draft)?;
        for payment in self.store.payments(&open, PaymentId::new(0), usize::MAX)? {
            if payment.last_moment < wall {
                draft.payments.push(expired(payment));
            }
        }
        self.commit(&draft)?;
        self.store.payments(&[PaymentState::Expired], PaymentId::new(0), usize::MAX)
    }

    fn retry_payment(&mut self, id: PaymentId) -> Result<(), Error> {
        let mut payment = self.payment_aside(id)?;
        let before = std::mem::replace(&mut payment.state, PaymentState::Waiting);
        (payment.failures, payment.first_failed) = (0, None);
        if before == PaymentState::Expired {
            let now = self.now();
            payment.due = now.plus(self.policy.payment_due);
            payment.last_moment = now.plus(self.policy.payment_last_moment);
        }
        let draft = Draft { payments: vec![(Some(before), payment)], ..Draft::default() };
        Ok(self.commit(&draft)?)
    }

    fn remove_payment(&mut self, id: PaymentId) -> Result<Payment, Error> {
        let payment = self.payment_aside(id)?;
        let draft = Draft { remove_payments: vec![(payment.state, id)], ..Draft::default() };
        self.commit(&draft)?;
        Ok(payment)
    }

    /// A payment that stepped aside.
    fn payment_aside(&mut self, id: PaymentId) -> Result<Payment, Error> {
        let payment = self.store.payment(id)?.ok_or(Error::NoPayment(id))?;
        match payment.state {
            PaymentState::Parked | PaymentState::Refused | PaymentState::Expired => Ok(payment),
            state => Err(Error::PaymentState { id, state }),
        }
    }

    /// What the uploader had when the last program ended waits again.
    pub(super) fn resume_payments(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        self.recall_payments(draft)?;
        if self.payments.handed == 0 {
            return Ok(());
        }
        let now = self.now();
        let handed = [PaymentState::Handed];
        for mut payment in self.store.payments(&handed, PaymentId::new(0), usize::MAX)? {
            payment.state = PaymentState::Waiting;
            payment.last = Some((now, Upload::Unknown));
            draft.payments.push((Some(PaymentState::Handed), payment));
        }
        Ok(())
    }

    /// Those that a wall clock which was wrong let expire wait again.
    fn recall_payments(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        if self.payments.expired == 0 {
            return Ok(());
        }
        let now = self.now();
        let expired = [PaymentState::Expired];
        for mut payment in self.store.payments(&expired, PaymentId::new(0), usize::MAX)? {
            if payment.last_moment >= now {
                payment.state = PaymentState::Waiting;
                draft.payments.push((Some(PaymentState::Expired), payment));
            }
        }
        Ok(())
    }
}

fn expired(mut payment: Payment) -> (Option<PaymentState>, Payment) {
    warn!(id = %payment.id, "a payment's last moment has passed before it was uploaded");
    let before = std::mem::replace(&mut payment.state, PaymentState::Expired);
    (Some(before), payment)
}

/// What is not safe, for a message.
const PAYMENT: &str = "the payment";

/// More than are added by the same commit, so that there come to be fewer.
const FORGOTTEN_AT_ONCE: usize = 16;
