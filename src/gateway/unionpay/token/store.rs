//! What every place must promise that keeps tokens.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{FetchedToken, Token, TokenKind};
use crate::advice::{self, Advice};

/// Where an application's tokens are kept, for all that use them.
///
/// A new token ends the one before it (7.8 no. 14). So of all hosts that share an application one
/// fetches at a time, and the others wait for what it fetches. A store sees to that:
///
/// * [`claim`](Self::claim) gives the token that is kept, or a lease: the right to fetch, with a
///   [`Fence`] whose number grows with each lease. It looks and leases in one step that nobody can
///   come in between.
/// * [`put`](Self::put) keeps a fetched token only if its fence is still the newest one. Who comes
///   late has lost: another host was given the lease meanwhile.
/// * A lease ends by itself, so a host that died keeps nobody waiting for longer. Its own holder
///   is given another one at once.
/// * A store that does not answer is an error. Nobody fetches without a lease.
///
/// [`MemoryTokens`](super::MemoryTokens) is one for the threads of one process, `RedisTokens`
/// (feature `redis`) one for hosts.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Asks for a token, or for the right to fetch one.
    ///
    /// # Errors
    /// If the store does not answer. Whether it gave a lease is not known then; it ends by itself.
    fn claim(
        &self,
        key: &TokenKey,
        refused: Option<&Token>,
        holder: u64,
        lease: Duration,
        now: Instant,
    ) -> Result<Claimed, StoreError>;

    /// Keeps a token that was fetched, and ends the lease. `renew_in` says when the next one is due.
    /// Gives whether it is kept: `false` says that the fence is not the newest any more.
    ///
    /// # Errors
    /// If the store does not answer. Whether it is kept is not known then.
    fn put(
        &self,
        key: &TokenKey,
        fence: Fence,
        fetched: &FetchedToken,
        renew_in: Duration,
        now: Instant,
    ) -> Result<bool, StoreError>;

    /// Ends a lease that brought nothing. Nobody is given another one before `pause` is over.
    ///
    /// # Errors
    /// If the store does not answer. The lease ends by itself then.
    fn fail(
        &self,
        key: &TokenKey,
        fence: Fence,
        pause: Duration,
        now: Instant,
    ) -> Result<(), StoreError>;

    /// Counts a request that is about to be sent for this application. `Some` says that there were
    /// `limit` in a minute, and when one may be sent again; this one is not counted then.
    ///
    /// # Errors
    /// If the store does not answer.
    fn count(
        &self,
        key: &TokenKey,
        limit: u16,
        now: Instant,
    ) -> Result<Option<Duration>, StoreError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<S: TokenStore + ?Sized> TokenStore for $pointer {
            fn claim(
                &self,
                key: &TokenKey,
                refused: Option<&Token>,
                holder: u64,
                lease: Duration,
                now: Instant,
            ) -> Result<Claimed, StoreError> {
                (**self).claim(key, refused, holder, lease, now)
            }

            fn put(
                &self,
                key: &TokenKey,
                fence: Fence,
                fetched: &FetchedToken,
                renew_in: Duration,
                now: Instant,
            ) -> Result<bool, StoreError> {
                (**self).put(key, fence, fetched, renew_in, now)
            }

            fn fail(
                &self,
                key: &TokenKey,
                fence: Fence,
                pause: Duration,
                now: Instant,
            ) -> Result<(), StoreError> {
                (**self).fail(key, fence, pause, now)
            }

            fn count(
                &self,
                key: &TokenKey,
                limit: u16,
                now: Instant,
            ) -> Result<Option<Duration>, StoreError> {
                (**self).count(key, limit, now)
            }
        }
    )+};
}

forward!(&S, Arc<S>, Box<S>);

/// Whose token: an application at a platform, and which of its two.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenKey {
    /// Where the calls are: tokens of a simulator are none of the platform's.
    pub base: Arc<str>,
    /// The application (`appId`).
    pub app_id: Arc<str>,
    /// Which of the two.
    pub kind: TokenKind,
}

impl TokenKey {
    /// The same key for both tokens: requests are counted by application.
    #[must_use]
    pub fn of_app(&self) -> Self {
        Self { kind: TokenKind::Backend, ..self.clone() }
    }
}

/// What a store says to who asks for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The newest token, if it is still good and not the one that was refused.
    pub held: Option<Held>,
    /// What comes next.
    pub next: Next,
}

/// What comes next for who asks for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Fetch one. Nobody else is told so before the lease is over.
    Fetch {
        /// What [`TokenStore::put`] and [`TokenStore::fail`] need.
        fence: Fence,
        /// How many leases before it brought nothing.
        failures: u32,
    },
    /// The token that is held is not due.
    Keep,
    /// The last fetch brought nothing: the next one may be tried so much later.
    Paused(Duration),
    /// Somebody fetches one; the lease is over so much later at the latest.
    Wait(Duration),
}

/// A token that is kept, by the time of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The token.
    pub token: Token,
    /// How long it is good.
    pub left: Duration,
    /// After what time another one is due; nothing, if it is due.
    pub renew_in: Duration,
}

/// A lease to fetch: who has the newest one may put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fence {
    /// It grows with each lease.
    pub number: u64,
    /// Whose it is. A store that lost its memory begins its numbers anew, so the number alone would
    /// not tell.
    pub holder: u64,
}

/// A store did not answer. Nothing is fetched without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store of tokens does not answer, and no token is fetched without it: {reason}")]
pub struct StoreError {
    /// What is known, without a token.
    pub reason: String,
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::unionpay::STORE
    }
}
