//! Guards: no code is accepted twice.
//!
//! A terminal keeps the codes that it decoded for two minutes, and accepts none of them again;
//! terminals that can should not accept each other's either (spec, 4: 设备需要保存2分钟内的解码记录).
//! A code itself is good for two minutes (spec, 7).
//!
//! * [`TimeRules`] compare a code's own time with the host's clock.
//! * A [`Fingerprint`] is what is remembered of a code: hashes, and its time.
//! * A [`Guard`] hands out each fingerprint once. [`MemoryGuard`] is exact and quick and forgets
//!   all in a restart; `SqliteGuard` (feature `outbox`) survives one; `RedisGuard` (feature
//!   `redis`) stands before either of them and asks what the other terminals have seen.
//!
//! ```
//! use std::time::Instant;
//!
//! use m26_pay::campus::guard::{Fingerprint, Guard, MemoryGuard, Now, GuardError, TimeRules};
//! use m26_pay::unix_time::UnixMillis;
//!
//! let rules = TimeRules::default();
//! let guard = MemoryGuard::new(MemoryGuard::CAPACITY, rules);
//!
//! let in_use_time = UnixMillis(1_589_760_000_000);
//! let now = Now { monotonic: Instant::now(), wall: UnixMillis(1_589_760_005_000) };
//! guard.rules().check(in_use_time, now.wall)?;
//! let code = Fingerprint::new(b"bytes from the scanner", b"user data", in_use_time);
//! guard.claim(&code, now)?;
//!
//! // The scanner's other mode ends each code with a line feed. It is still the same code.
//! let again = Fingerprint::new(b"bytes from the scanner\n", b"user data", in_use_time);
//! assert!(matches!(guard.claim(&again, now), Err(GuardError::Used)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How long a record lives
//!
//! Two minutes are not enough. A code that is stamped ahead of the host's clock by the bound that
//! the rules allow is accepted at once, and stays good until the clock has come two minutes past
//! its stamp: so a record lives two minutes *plus that bound*, [`TimeRules::keep`].
//!
//! # A clock that jumps
//!
//! If a record is gone and the clock then goes back, the code looks good again. Waiting until all
//! clocks agree could keep records for ever. So a store that drops a record notes the stamp of the
//! newest code it has dropped, and claims none that is not newer ([`GuardError::Outdated`]). As
//! long as the clock goes forward this refuses nothing that the rules have let through: what is
//! dropped was stamped more than two minutes ago. After a jump it refuses codes of which the store
//! has no record any more, and accepts codes that were made later. So no code is claimed twice,
//! also when the clock jumps, and it matters little by which clock records are dropped: the
//! memory's uses the monotonic one, the disk's the wall clock.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::advice::{self, Advice};
use crate::campus::decoder::{Code, Decoded};
use crate::unix_time::UnixMillis;

mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "outbox")]
mod sqlite;
mod time;

pub use memory::MemoryGuard;
#[cfg(feature = "redis")]
pub use redis::{InvalidRedisUrl, RedisGuard, RedisSettings, Unreachable};
#[cfg(feature = "outbox")]
pub use sqlite::SqliteGuard;
pub use time::{TimeError, TimeRules};

/// Hands out each code once.
///
/// Of any number of callers that claim the same code at the same time exactly one gets it, from
/// several threads and, where the store is shared, from several terminals.
pub trait Guard: fmt::Debug + Send + Sync {
    /// The rules of time for which its records are kept long enough. A code that other rules let
    /// through can be claimed twice.
    fn rules(&self) -> &TimeRules;

    /// Claims a code: both keys of its fingerprint, or neither. When it returns, the claim is as
    /// safe as this store makes it.
    ///
    /// # Errors
    /// [`GuardError::Used`] if one of its keys is claimed, anything else if the guard cannot say
    /// that the code is new. Nothing was claimed then.
    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError>;

    /// Gives a claim back, so that the code can be presented again. It is for a payment that was
    /// not accepted for another reason, such as its amount; after "paid" was said it must not be
    /// called.
    ///
    /// # Errors
    /// If the store fails. The code then stays claimed, and is refused until the record lapses.
    fn release(&self, claim: Claim, now: Now) -> Result<(), GuardError>;
}

/// What is remembered of a code: a hash of all its bytes, a hash of what was decoded from it, and
/// its time. Nothing of it can be turned back into the code or the person.
///
/// A scanner may append CR or LF, so the same code may come with other bytes. What was decoded
/// stays the same: the key made of it is the hash of `in_use_time` and of the whole user data,
/// which holds the identity whatever its layout.
///
/// It can be kept with a payment, [`to_bytes`](Self::to_bytes), and claimed again after a restart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    keys: [Key; 2],
    in_use_time: UnixMillis,
}

/// SHA-256.
pub type Key = [u8; 32];

/// Both clocks of the host at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The clock that never goes back, for how long something is kept.
    pub monotonic: Instant,
    /// The wall clock, which a code's own time is compared with.
    pub wall: UnixMillis,
}

/// A code that was handed out, for giving it back.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    code: Fingerprint,
    id: u64,
    alone: bool,
}

/// Why a code was not handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The store holds as many records as it may.
    #[error(
        "the guard holds {capacity} codes and may not hold more: codes come faster than it was \
         made for, give it a greater capacity"
    )]
    Full {
        /// How many codes it may hold.
        capacity: usize,
    },
    /// The code is not newer than one whose record is gone, so it may have been used. Only a clock
    /// that has gone back leads here.
    #[error(
        "the code is older than what the guard remembers though it has not expired: the clock has \
         gone back, let the customer show a new code"
    )]
    Outdated,
    /// The store failed, so nothing is known of the code.
    #[error("the guard's store failed: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The other terminals could not be asked, and the policy is to refuse then.
    #[error("the other terminals cannot be asked whether they have seen the code: {reason}")]
    Unreachable {
        /// What went wrong. It holds no secret.
        reason: String,
    },
    /// The code was used.
    #[error("the code was used already: let the customer show a new one")]
    Used,
}

impl GuardError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Full { .. } => advice::campus::GUARD_FULL,
            Self::Outdated => advice::campus::CODE_OUTDATED,
            Self::Store(_) => advice::campus::GUARD_FAILED,
            Self::Unreachable { .. } => advice::campus::GUARD_UNREACHABLE,
            Self::Used => advice::campus::CODE_USED,
        }
    }
}

impl Fingerprint {
    /// The fingerprint of a code and of what was decoded from it.
    #[must_use]
    pub fn of(code: &Code, decoded: &Decoded) -> Self {
        Self::new(code.expose(), decoded.user_data.expose(), decoded.in_use_time)
    }

    /// The fingerprint of a code: its bytes as the scanner gave them, its user data and its time.
    #[must_use]
    pub fn new(code: &[u8], user_data: &[u8], in_use_time: UnixMillis) -> Self {
        // What stands in front keeps the two kinds of keys apart.
        let code = Sha256::new().chain_update(b"campus code\0").chain_update(code);
        let decoded = Sha256::new()
            .chain_update(b"campus data\0")
            .chain_update(in_use_time.0.to_be_bytes())
            .chain_update(user_data);
        Self { keys: [code.finalize().into(), decoded.finalize().into()], in_use_time }
    }

    /// The key of the bytes and the key of what was decoded. Two scans of one code have at least one of them in common.
    #[must_use]
    pub fn keys(&self) -> &[Key; 2] {
        &self.keys
    }

    /// Whether both are of the same code.
    #[must_use]
    pub fn same_code(&self, other: &Self) -> bool {
        self.keys.iter().zip(&other.keys).any(|(key, other)| key == other)
    }

    /// When the code was made.
    #[must_use]
    pub fn in_use_time(&self) -> UnixMillis {
        self.in_use_time
    }

    /// The keys and the time, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..32].copy_from_slice(&self.keys[0]);
        bytes[32..64].copy_from_slice(&self.keys[1]);
        bytes[64..].copy_from_slice(&self.in_use_time.0.to_be_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        let mut print = Self { keys: [[0; 32]; 2], in_use_time: UnixMillis(0) };
        let mut time = [0; 8];
        print.keys[0].copy_from_slice(&bytes[..32]);
        print.keys[1].copy_from_slice(&bytes[32..64]);
        time.copy_from_slice(&bytes[64..]);
        print.in_use_time = UnixMillis(i64::from_be_bytes(time));
        print
    }

    /// How many bytes [`to_bytes`](Self::to_bytes) gives.
    pub const LENGTH: usize = 72;
}

impl Now {
    /// Reads both clocks of the host. It is for the loop of a program; everything else is told the time.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "for the driver, where the clocks are read")]
    pub fn read() -> Self {
        // A clock that shows what no number holds was never set, which 1970 says as well.
        let wall = crate::unix_time::now().unwrap_or_default();
        Self { monotonic: Instant::now(), wall }
    }
}

impl Claim {
    /// A claim that a store has made, with the number by which it knows it again. No later claim of
    /// this store may have the same: a guard in front of it tells its own claims by the number, and
    /// one that is given back late must not free a later one.
    #[must_use]
    pub fn new(code: Fingerprint, id: u64) -> Self {
        Self { code, id, alone: false }
    }

    /// What was claimed.
    #[must_use]
    pub fn code(&self) -> &Fingerprint {
        &self.code
    }

    /// The number that the store gave it.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether only this terminal was asked, though others share the guard.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.alone
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fingerprint")
            .field("in_use_time", &self.in_use_time)
            .finish_non_exhaustive()
    }
}

/// A guard behind a pointer is the same guard.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<G: Guard + ?Sized> Guard for $pointer {
            fn rules(&self) -> &TimeRules {
                (**self).rules()
            }

            fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
                (**self).claim(code, now)
            }

            fn release(&self, claim: Claim, now: Now) -> Result<(), GuardError> {
                (**self).release(claim, now)
            }
        }
    )+};
}

forward!(&G, Arc<G>, Box<G>);
