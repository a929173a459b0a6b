//! [`Payment`]: a payment in the outbox, and what the uploader answers to it.

use crate::argument::{InvalidArgument, InvalidReason};
use crate::outbox::book::{Book, Draft};
use crate::outbox::queue::{Edits, Queue, Queued};
use crate::outbox::row::{self, Content, Stored};
use crate::outbox::store::{self, Selection, Store};
use crate::outbox::{Item, Kind, OutboxPolicy, StoreError, UnixMillis};
use crate::secret::Secret;

/// The key by which a payment that was added before is recognised, such as the hash of its code. It
/// prints as redacted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaymentKey(Secret<Vec<u8>>);

/// What an uploader uploads. The outbox does not read it. It prints as redacted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payload(Secret<Vec<u8>>);

/// A payment to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    pub(super) payload: Payload,
    pub(super) key: Option<PaymentKey>,
    pub(super) accepted: Option<UnixMillis>,
}

/// A payment that an [`Uploader`](crate::outbox::Uploader) brings to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The key by which it is recognised if it is added again.
    pub key: Option<PaymentKey>,
    /// What the uploader gets; `None` once the server has it, so that no secret is kept longer than
    /// needed.
    pub payload: Option<Payload>,
    /// When it should have been uploaded.
    pub due: UnixMillis,
    /// When it expires: after this it is not uploaded.
    pub last_moment: UnixMillis,
}

/// The outcome of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Upload {
    /// The server has it, by this upload or an earlier one.
    Done,
    /// It failed, perhaps because of the payment itself: it is tried again, and parked if it fails for
    /// too long.
    Failed,
    /// The server refuses it for good.
    Refused,
    /// It is not known whether the server has it: it is tried again.
    Unknown,
    /// The server could not be reached: it is tried again until its last moment.
    Unreachable,
}

impl PaymentKey {
    /// The greatest length in bytes. Chosen because the longest hash in use has this length.
    pub const MAX_LENGTH: usize = 64;

    /// A key.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidArgument> {
        checked("key", bytes.into(), Self::MAX_LENGTH).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Payload {
    /// The greatest length in bytes. Not specified; chosen because a campus code is about 280 bytes,
    /// and what is sent along must not fill a disk.
    pub const MAX_LENGTH: usize = 65_536;

    /// A payload.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidArgument> {
        checked("payload", bytes.into(), Self::MAX_LENGTH).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl NewPayment {
    /// A payment that is accepted now.
    #[must_use]
    pub fn new(payload: Payload) -> Self {
        Self { payload, key: None, accepted: None }
    }

    /// Sets the key by which it is recognised if it is added again.
    #[must_use]
    pub fn key(self, key: PaymentKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Sets when it was accepted, by the wall clock.
    #[must_use]
    pub fn accepted(self, accepted: UnixMillis) -> Self {
        Self { accepted: Some(accepted), ..self }
    }
}

impl Item<Payment> {
    /// Whether it should have been uploaded by now, and was not.
    #[must_use]
    pub fn is_due(&self, now: UnixMillis) -> bool {
        !self.state.is_held() && self.content.due < now
    }
}

impl Kind for Payment {
    type Answer = Upload;

    const NAME: &'static str = "payment";
}

impl Queued for Payment {
    const NUMBER: u8 = store::PAYMENTS;
    const GIVES_WAY: bool = false;

    fn stopped() -> Upload {
        Upload::Unknown
    }

    fn last_moment(&self) -> Option<UnixMillis> {
        Some(self.last_moment)
    }

    fn renew(&mut self, now: UnixMillis, policy: &OutboxPolicy) {
        self.due = now.plus(policy.payment_due);
        self.last_moment = now.plus(policy.payment_last_moment);
    }

    fn queue(book: &mut Book) -> &mut Queue {
        &mut book.payments
    }

    fn edits<'a>(draft: &'a mut Draft<'_>) -> &'a mut Edits<Self> {
        &mut draft.payments
    }

    fn get(store: &mut dyn Store, id: i64) -> Result<Option<Item<Self>>, StoreError> {
        row::get(store, id)
    }

    fn select(store: &mut dyn Store, query: &Selection<'_>) -> Result<Vec<Item<Self>>, StoreError> {
        row::select(store, query)
    }
}

impl Stored for Payment {
    fn write(&self) -> Content {
        Content {
            due: Some(self.due),
            last_moment: Some(self.last_moment),
            key: self.key.clone().map(|key| key.0),
            body: self.payload.clone().map(|payload| payload.0),
        }
    }

    fn read(content: Content) -> Result<Self, &'static str> {
        let Content { due, last_moment, key, body } = content;
        let key = key.map(|key| PaymentKey::new(key.into_inner())).transpose();
        let payload = body.map(|body| Payload::new(body.into_inner())).transpose();
        Ok(Self {
            // Of a value that is not valid, only the name may be shown.
            key: key.map_err(|error| error.field)?,
            payload: payload.map_err(|error| error.field)?,
            due: due.ok_or("due")?,
            last_moment: last_moment.ok_or("last_moment")?,
        })
    }

    fn answer_number(upload: Upload) -> i64 {
        match upload {
            Upload::Done => 0,
            Upload::Failed => 1,
            Upload::Refused => 2,
            Upload::Unknown => 3,
            Upload::Unreachable => 4,
        }
    }

    fn answer(number: i64) -> Option<Upload> {
        UPLOADS.into_iter().find(|upload| Self::answer_number(*upload) == number)
    }
}

fn checked(
    field: &'static str,
    bytes: Vec<u8>,
    limit: usize,
) -> Result<Secret<Vec<u8>>, InvalidArgument> {
    let error = |reason| Err(InvalidArgument { field, reason });
    match bytes.len() {
        0 => error(InvalidReason::Empty),
        length if length > limit => error(InvalidReason::TooLong { length, limit }),
        _ => Ok(Secret::new(bytes)),
    }
}

const UPLOADS: [Upload; 5] =
    [Upload::Done, Upload::Failed, Upload::Refused, Upload::Unknown, Upload::Unreachable];
