//! [`Uploader`]: payments are uploaded.

use std::time::Instant;

use crate::log::{debug, warn};

use crate::outbox::book::{Book, Draft};
use crate::outbox::pace::Pace;
use crate::outbox::transaction::Transaction;
use crate::outbox::verdict::Verdict;
use crate::outbox::{
    Id, Item, ItemState, Kind as _, NewPayment, Outbox, OutboxError, Payment, PaymentKey,
    StoreError, Upload, row,
};

/// Brings payments to the server.
///
/// A payment can be handed to it more than once: after an unknown outcome, and after the host died
/// while the uploader had it. So the server must recognise a payment that it already has, for
/// instance by a number in the payload.
///
/// It may block, and needs timeouts of its own. An async program uses [`Outbox::next_payment`] and
/// [`Outbox::settle_payment`] instead.
pub trait Uploader {
    /// Uploads a payment. Its payload is `Some`.
    fn upload(&mut self, payment: &Item<Payment>) -> Upload;
}

impl<F: FnMut(&Item<Payment>) -> Upload> Uploader for F {
    fn upload(&mut self, payment: &Item<Payment>) -> Upload {
        self(payment)
    }
}

/// Whether a payment was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Added {
    /// It is on disk now.
    Now(Id<Payment>),
    /// One with the same key was added before, and nothing has changed.
    Already(Id<Payment>),
}

/// Which payment is next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "one is alive at a time")]
pub enum NextPayment {
    /// This one. Then call [`Outbox::settle_payment`] with the outcome.
    Payment(Item<Payment>),
    /// None before this time, because the last one failed.
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

impl Added {
    /// The payment's number.
    #[must_use]
    pub fn id(self) -> Id<Payment> {
        match self {
            Self::Now(id) | Self::Already(id) => id,
        }
    }
}

/// The payments that are handed to the uploader.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    pace: Pace,
    /// Outcomes of uploads that the store does not know yet.
    unsettled: Vec<(Id<Payment>, Upload)>,
}

impl Outbox {
    /// Adds a payment. It is on disk when this returns [`Added::Now`].
    ///
    /// ```
    /// use m26_pay::outbox::{Added, NewPayment, Payload, PaymentKey};
    /// # use m26_pay::outbox::{Outbox, OutboxPolicy};
    /// # let folder = tempfile::tempdir()?;
    /// # let outbox = Outbox::open(folder.path().join("till.db"), OutboxPolicy::default())?;
    /// let payload = Payload::new(*b"the decoder's final data, and the amount")?;
    /// let payment = NewPayment::new(payload).key(PaymentKey::new([0x5A; 32])?);
    /// let Added::Now(id) = outbox.add_payment(payment.clone())? else { unreachable!() };
    /// assert_eq!(outbox.add_payment(payment)?, Added::Already(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::NotSafe`] or [`OutboxError::Limit`]: it is not safe, and nothing else has changed.
    pub fn add_payment(&self, payment: NewPayment) -> Result<Added, OutboxError> {
        self.transaction(Payment::NAME, |changes| changes.add_payment(payment))
    }

    /// Hands out the oldest payment that waits, if it is time for one. A payment whose last moment has
    /// passed is not handed out: see [`expired_payments`](Self::expired_payments).
    ///
    /// # Errors
    /// If the store fails.
    pub fn next_payment(&self, now: Instant) -> Result<NextPayment, OutboxError> {
        Ok(self.book().next_payment(now)?)
    }

    /// Takes the outcome of a payment that was handed out. After a failure the next one waits, as
    /// [`OutboxPolicy::backoff`](crate::outbox::OutboxPolicy::backoff) says. A payment that was not
    /// handed out stays as it is.
    ///
    /// A program that stops uploading a payment calls this with [`Upload::Unknown`]. A payment is
    /// handed out a second time only after this call, or after the outbox was opened again.
    ///
    /// # Errors
    /// If the store fails. The outcome is then written before the next payment is handed out. If the
    /// host dies before that, this payment is handed out again.
    pub fn settle_payment(
        &self,
        now: Instant,
        id: Id<Payment>,
        upload: Upload,
    ) -> Result<(), OutboxError> {
        Ok(self.book().settle_payment(now, id, upload)?)
    }

    /// Hands payments to the uploader, oldest first, until none waits or one fails.
    ///
    /// # Errors
    /// If the store fails, as for [`settle_payment`](Self::settle_payment). Nothing more is uploaded
    /// until the last outcome is written.
    pub fn upload_payments(
        &self,
        now: Instant,
        uploader: &mut impl Uploader,
    ) -> Result<Uploaded, OutboxError> {
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

    /// The payment with this key, in whatever state.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn payment_with(&self, key: &PaymentKey) -> Result<Option<Id<Payment>>, OutboxError> {
        Ok(self.book().payment_with(key)?)
    }

    /// Every payment that expired: its last moment passed before it was uploaded. They stay until they
    /// are removed or tried again.
    ///
    /// # Errors
    /// If the store fails.
    pub fn expired_payments(&self) -> Result<Vec<Item<Payment>>, OutboxError> {
        Ok(self.book().expired()?)
    }
}

impl Transaction<'_> {
    pub(super) fn add_payment(&mut self, payment: NewPayment) -> Result<Added, OutboxError> {
        let NewPayment { payload, key, accepted } = payment;
        let unsafe_for = |source| OutboxError::NotSafe { what: Payment::NAME, source };
        if let Some(key) = &key {
            if let Some(id) = self.book().payment_with(key).map_err(unsafe_for)? {
                return Ok(Added::Already(id));
            }
        }
        let now = self.book().now();
        let accepted = accepted.unwrap_or(now);
        let policy = self.book().policy();
        let due = accepted.plus(policy.payment_due);
        let last_moment = accepted.plus(policy.payment_last_moment);
        let payment = Payment { key, payload: Some(payload), due, last_moment };
        let id = self.add(payment, accepted, ItemState::Pending)?;
        self.forget_keys().map_err(unsafe_for)?;
        Ok(Added::Now(id))
    }

    /// Removes some payments that were uploaded, and whose last moment has passed.
    fn forget_keys(&mut self) -> Result<(), StoreError> {
        let now = self.book().now();
        if self.book().payments.counts.held == 0 {
            return Ok(());
        }
        let held = self.book().first::<Payment>(&[ItemState::Held], FORGOTTEN_AT_ONCE)?;
        for payment in held.iter().filter(|payment| payment.content.last_moment < now) {
            self.remove(payment);
        }
        Ok(())
    }
}

impl Book {
    fn payment_with(&mut self, key: &PaymentKey) -> Result<Option<Id<Payment>>, StoreError> {
        let found = row::find::<Payment>(&mut *self.store, key.expose())?;
        Ok(found.map(|payment| payment.id))
    }

    fn next_payment(&mut self, now: Instant) -> Result<NextPayment, StoreError> {
        self.settle_payments(now)?;
        if let Some(until) = self.uploads.pace.until(now) {
            let waits = self.payments.counts.pending > 0;
            return Ok(if waits { NextPayment::NotBefore(until) } else { NextPayment::Nothing });
        }
        Ok(self.take()?.map_or(NextPayment::Nothing, NextPayment::Payment))
    }

    fn settle_payment(
        &mut self,
        now: Instant,
        id: Id<Payment>,
        upload: Upload,
    ) -> Result<(), StoreError> {
        // The last outcome counts.
        self.uploads.unsettled.retain(|(other, _)| *other != id);
        self.uploads.unsettled.push((id, upload));
        self.settle_payments(now)
    }

    /// Writes the outcomes of uploads.
    fn settle_payments(&mut self, now: Instant) -> Result<(), StoreError> {
        while let Some((id, upload)) = self.uploads.unsettled.first().copied() {
            self.settle_one(now, id, upload)?;
            self.uploads.unsettled.remove(0);
        }
        Ok(())
    }

    fn settle_one(
        &mut self,
        now: Instant,
        id: Id<Payment>,
        upload: Upload,
    ) -> Result<(), StoreError> {
        let found = self.look_up(id)?;
        let Some(mut payment) = found.filter(|payment| payment.state == ItemState::Sending) else {
            return Ok(());
        };
        payment.settle(self.now(), upload, Verdict::from(upload), &self.policy);
        let state = payment.state;
        let mut draft = Draft::default();
        match state {
            // Without a key nothing can recognise it any more.
            ItemState::Held if payment.content.key.is_none() => {
                draft.payments.remove.push((ItemState::Sending, id));
            }
            _ => {
                if state.is_held() {
                    payment.content.payload = None;
                }
                draft.payments.change(ItemState::Sending, payment);
            }
        }
        self.commit(&mut draft)?;
        self.pace_uploads(now, id, state);
        Ok(())
    }

    /// Lets the next payment wait after a failure.
    fn pace_uploads(&mut self, now: Instant, id: Id<Payment>, state: ItemState) {
        let pace = &mut self.uploads.pace;
        if state == ItemState::Pending {
            let wait = pace.slow(now, &self.policy.backoff);
            debug!(%id, ?wait, "a payment is tried again");
        } else if state.is_aside() {
            warn!(%id, %state, "a payment steps aside");
            pace.reset();
        } else {
            pace.quicken();
        }
    }
}

/// More than the same commit adds, so that their number falls.
const FORGOTTEN_AT_ONCE: usize = 16;
