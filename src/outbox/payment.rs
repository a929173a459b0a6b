//! A payment that is handed to an uploader.

use crate::argument::{InvalidArgument, InvalidReason};
use crate::outbox::UnixMillis;
use crate::secret::Secret;
use std::fmt;

/// The number of a payment: its place in the order in which payments were added. It is never given
/// a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId(i64);

/// What tells whether a payment was added before, such as the hash of its code. It prints as
/// redacted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaymentKey(Secret<Vec<u8>>);

/// What is handed to an uploader. What it means is between those who made it and the uploader; it
/// prints as redacted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payload(Secret<Vec<u8>>);

/// A payment that is to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    pub(super) payload: Payload,
    pub(super) key: Option<PaymentKey>,
    pub(super) accepted: Option<UnixMillis>,
}

/// A payment in the outbox, and what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its number.
    pub id: PaymentId,
    /// What tells whether it was added before.
    pub key: Option<PaymentKey>,
    /// What is handed to the uploader; `None` once that has taken it, so that nothing secret is
    /// kept longer than needed.
    pub payload: Option<Payload>,
    /// When it was accepted.
    pub accepted: UnixMillis,
    /// When it should have been uploaded.
    pub due: UnixMillis,
    /// After that it is not handed to the uploader any more.
    pub last_moment: UnixMillis,
    /// Where it stands.
    pub state: PaymentState,
    /// How often it was handed to the uploader, as far as is known.
    pub attempts: u32,
    /// How often in a row the uploader had no success with it, other than that the server could not
    /// be reached.
    pub failures: u32,
    /// When the first of these failures was.
    pub first_failed: Option<UnixMillis>,
    /// What came of the last attempt, and when.
    pub last: Option<(UnixMillis, Upload)>,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentState {
    /// It waits to be handed to the uploader.
    Waiting,
    /// The uploader has it. After the host died this means that it may or may not have been
    /// uploaded, and it waits again.
    Handed,
    /// The uploader failed with it for too long, and it stepped aside.
    Parked,
    /// The server refused it.
    Refused,
    /// It was uploaded. What remains is the key, until the last moment.
    Uploaded,
    /// Its last moment has passed before it was uploaded.
    Expired,
}

/// What came of handing a payment to the uploader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upload {
    /// The server has taken it. That it had it already is the same.
    Done,
    /// It failed, and may be at fault itself: it is tried again, and steps aside if it fails for too
    /// long.
    Failed,
    /// The server refuses it for good.
    Refused,
    /// Whether the server has taken it is not known: it is tried again.
    Unknown,
    /// The server could not be reached: it is tried again for as long as there is time.
    Unreachable,
}

impl PaymentId {
    /// The payment with this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl PaymentKey {
    /// The greatest length in bytes. Chosen because the longest hash in use has so many.
    pub const MAX_LENGTH: usize = 64;

    /// A key.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidArgument> {
        checked("key", bytes.into(), Self::MAX_LENGTH).map(Self)
    }

    /// The bytes, for where they have to be used.
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

    /// The bytes, for where they have to be used.
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

    /// What tells whether it was added before.
    #[must_use]
    pub fn key(self, key: PaymentKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// When it was accepted, by the wall clock.
    #[must_use]
    pub fn accepted(self, accepted: UnixMillis) -> Self {
        Self { accepted: Some(accepted), ..self }
    }
}

impl Payment {
    /// Whether it should have been uploaded by now, and was not.
    #[must_use]
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.state != PaymentState::Uploaded && self.due < now
    }
}

impl PaymentState {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Handed, Self::Parked, Self::Refused, Self::Uploaded, Self::Expired];

    /// Those of payments that were not uploaded.
    pub const OPEN: [Self; 5] =
        [Self::Waiting, Self::Handed, Self::Parked, Self::Refused, Self::Expired];

    /// What it is called in a message.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Handed => "handed",
            Self::Parked => "parked",
            Self::Refused => "refused",
            Self::Uploaded => "uploaded",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
