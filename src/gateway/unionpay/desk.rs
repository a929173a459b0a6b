//! Carries out the steps of the keeper and the calls: the one place where they meet HTTP, a store
//! and the clock.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Answer, Refusal};
use super::app::App;
use super::call::{Call, Credential};
use super::calls::{GetBackendToken, GetFrontToken};
use super::code::Remedy;
use super::keeper::{Errand, Input, Keeper, KeeperPolicy, NoToken, Step};
use super::run::CallError;
use super::token::{FetchedToken, StoreError, Token, TokenKey, TokenKind, TokenStore};
use crate::advice::{self, Advice};
use crate::argument::InvalidArgument;
use crate::gateway::{Deadlines, Delivery, Transport};
use crate::unix_time::UnixMillis;

/// An application, what carries its requests, and what keeps its tokens.
#[derive(Debug)]
pub(crate) struct Desk<T, S> {
    pub(crate) app: App,
    pub(crate) transport: T,
    pub(crate) store: S,
    pub(crate) deadlines: Deadlines,
    keys: [TokenKey; 2],
    keeper: Mutex<Keeper>,
    /// Somebody had a step of the keeper.
    stepped: Condvar,
}

/// How far an errand has come by itself.
#[derive(Debug)]
pub(crate) enum Went {
    Done(Result<Token, TokenError>),
    /// It goes on at this time, or when another one of the same keeper had a step.
    Rests(Errand, Instant),
}

impl<T, S> Desk<T, S> {
    pub(crate) fn new(app: App, transport: T, store: S, policy: KeeperPolicy) -> Self {
        let (base, app_id) = (app.base().as_str().into(), app.app_id().as_str().into());
        let key = TokenKey { base, app_id, kind: TokenKind::Backend };
        let front = TokenKey { kind: TokenKind::Front, ..key.clone() };
        Self {
            keys: [key, front],
            keeper: Mutex::new(Keeper::new(random(), policy)),
            stepped: Condvar::new(),
            deadlines: Deadlines::default(),
            app,
            transport,
            store,
        }
    }

    pub(crate) fn errand(&self, kind: TokenKind) -> Errand {
        self.lock().errand(kind, now())
    }

    /// A token that needs no asking.
    #[cfg(feature = "async")]
    pub(crate) fn known(&self, kind: TokenKind) -> Option<Token> {
        self.lock().known(kind, now())
    }

    pub(crate) fn abandon(&self, errand: Errand) {
        self.lock().abandon(errand);
        self.stepped.notify_all();
    }

    /// Waits until then, or until another errand had a step.
    pub(crate) fn rest(&self, until: Instant) {
        let left = until.saturating_duration_since(now());
        drop(self.stepped.wait_timeout(self.lock(), left));
    }

    /// The platform did not take this token.
    pub(crate) fn refused(&self, kind: TokenKind, token: &Token) {
        if self.lock().refused(kind, token) {
            crate::log::warn!(
                app_id = self.app.app_id().as_str(),
                kind = kind.name(),
                "UnionPay does not take the newest token any more: if that comes often, another \
                 system uses this application, and its tokens and ours end each other"
            );
        }
    }

    fn step(&self, errand: &mut Errand, input: Input) -> Step {
        let step = self.lock().step(errand, now(), input);
        self.stepped.notify_all();
        step
    }

    fn key(&self, kind: TokenKind) -> &TokenKey {
        let [backend, front] = &self.keys;
        match kind {
            TokenKind::Backend => backend,
            TokenKind::Front => front,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Keeper> {
        // Nothing in a step panics.
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Transport, S: TokenStore> Desk<T, S> {
    /// Takes an errand as far as it goes without a rest. A panic in the transport or the store
    /// leaves the others free to ask.
    pub(crate) fn go(&self, errand: Errand, mut input: Input) -> Went {
        let mut errand = Begun { desk: self, errand: Some(errand) };
        let mut trouble = None;
        loop {
            let Some(begun) = &mut errand.errand else {
                return Went::Done(Err(TokenError::TooLate));
            };
            let key = self.key(begun.kind());
            let failed = |error| {
                trouble = Some(TokenError::Store(error));
                Input::StoreFailed
            };
            input = match self.step(begun, input) {
                Step::Claim { refused, holder, lease } => self
                    .store
                    .claim(key, refused.as_ref(), holder, lease, now())
                    .map_or_else(failed, Input::Claimed),
                Step::Put { fence, fetched, renew_in } => self
                    .store
                    .put(key, fence, &fetched, renew_in, now())
                    .map_or_else(failed, Input::Put),
                // What is known of the fetch says more than that this was not written.
                Step::Fail { fence, pause } => {
                    drop(self.store.fail(key, fence, pause, now()));
                    Input::Failed
                }
                Step::Fetch => match self.fetch(begun.kind()) {
                    Ok(fetched) => Input::Fetched(fetched),
                    Err(error) => {
                        trouble = Some(error);
                        Input::NotFetched
                    }
                },
                Step::Rest(until) => match errand.errand.take() {
                    Some(errand) => return Went::Rests(errand, until),
                    None => Input::Resume,
                },
                Step::Done(outcome) => {
                    errand.errand = None;
                    if let Some(trouble) = &trouble {
                        crate::log::warn!(%trouble, app_id = self.app.app_id().as_str(), "a token");
                    }
                    return Went::Done(outcome.map_err(|why| TokenError::of(why, trouble)));
                }
            };
        }
    }

    /// One call that goes by no token, or by this one.
    pub(crate) fn ask<C: Call>(
        &self,
        call: &C,
        token: Option<&Token>,
    ) -> Result<Answer<C::Answer>, UnionPayError> {
        let token = token.map(Token::to_backend).transpose()?;
        self.count(TokenKind::Backend)?;
        let (transport, deadlines) = (&self.transport, self.deadlines);
        Ok(self.app.call(call, token.as_ref(), transport, deadlines, wall())?)
    }

    fn fetch(&self, kind: TokenKind) -> Result<FetchedToken, TokenError> {
        let fetched = match kind {
            TokenKind::Backend => self.ask(&GetBackendToken, None).map(|answer| {
                answer.result.map(|given| (Token::new(given.token.expose()), given.expires_in))
            }),
            TokenKind::Front => self.ask(&GetFrontToken, None).map(|answer| {
                answer.result.map(|given| (Token::new(given.token.expose()), given.expires_in))
            }),
        };
        match fetched {
            Ok(Ok((token, expires_in))) => {
                let app_id = self.app.app_id().as_str();
                crate::log::debug!(app_id, kind = kind.name(), ?expires_in, "a token was fetched");
                Ok(FetchedToken { token, expires_in })
            }
            Ok(Err(refusal)) => Err(TokenError::Refused(refusal)),
            Err(UnionPayError::TooMany { wait }) => Err(TokenError::TooMany { wait }),
            Err(UnionPayError::Call(error)) => Err(TokenError::Call(error)),
            Err(UnionPayError::Thread(kind)) => Err(TokenError::Thread(kind)),
            Err(UnionPayError::Token(error)) => Err(error),
        }
    }

    /// Counts a request that is about to be sent, here and with all that share the store. A store
    /// that does not answer leaves the count here.
    fn count(&self, kind: TokenKind) -> Result<(), UnionPayError> {
        let limit = {
            let mut keeper = self.lock();
            keeper.count(now()).map_err(|wait| UnionPayError::TooMany { wait })?;
            keeper.policy().requests_per_minute
        };
        match self.store.count(self.key(kind), limit, now()) {
            Ok(Some(wait)) => Err(UnionPayError::TooMany { wait }),
            Ok(None) => Ok(()),
            Err(error) => {
                crate::log::warn!(%error, "requests are counted in this process alone");
                Ok(())
            }
        }
    }
}

/// An errand that others wait for: it is given up however this ends.
struct Begun<'a, T, S> {
    desk: &'a Desk<T, S>,
    errand: Option<Errand>,
}

impl<T, S> Drop for Begun<'_, T, S> {
    fn drop(&mut self) {
        if let Some(errand) = self.errand.take() {
            self.desk.abandon(errand);
        }
    }
}

/// Why there is no token. Nothing was sent that goes by one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The platform was asked, and no answer came that can be read.
    #[error("a token was asked for: {0}")]
    Call(#[from] CallError),
    /// The last fetch brought nothing.
    #[error(
        "the last fetch of a token brought nothing, on this host or another: none is tried for \
         {} ms",
        wait.as_millis()
    )]
    Paused {
        /// After what time one is tried.
        wait: Duration,
    },
    /// The platform gives none.
    #[error("a token was asked for: {0}")]
    Refused(Refusal),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store gave a text that is no token.
    #[error("the store of tokens gave what is none: {0}")]
    Stored(#[from] InvalidArgument),
    /// There is no thread for it, or what ran on it panicked (`asynch::UnionPay`).
    #[error("no thread for a token: {0}")]
    Thread(std::io::ErrorKind),
    /// Another thread or host fetches one, and it did not come in time.
    #[error("another thread or host fetches a token, and it did not come in time: try again")]
    TooLate,
    /// The limit of requests is reached.
    #[error("{}", TooMany(*wait))]
    TooMany {
        /// After what time one may be sent.
        wait: Duration,
    },
}

impl TokenError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Call(error) => error.advice(),
            Self::Paused { .. } => advice::unionpay::PAUSED,
            Self::Refused(refusal) => refusal.advice(),
            Self::Store(_) | Self::Stored(_) => advice::unionpay::STORE,
            Self::Thread(_) => advice::unionpay::LATER,
            Self::TooLate => advice::unionpay::TOO_LATE,
            Self::TooMany { .. } => advice::unionpay::TOO_MANY,
        }
    }
}

impl TokenError {
    fn of(why: NoToken, trouble: Option<Self>) -> Self {
        match (why, trouble) {
            (NoToken::NotFetched | NoToken::Store, Some(trouble)) => trouble,
            (NoToken::Paused(wait), _) => Self::Paused { wait },
            _ => Self::TooLate,
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnionPayError {
    /// It has none that can be read.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no thread for it, or what ran on it panicked: what became of the request is not known
    /// then (`asynch::UnionPay`).
    #[error("no thread for the request, what became of it is not known: {0}")]
    Thread(std::io::ErrorKind),
    /// There is no token for it.
    #[error("nothing was sent: {0}")]
    Token(#[from] TokenError),
    /// The limit of requests is reached.
    #[error("{}", TooMany(*wait))]
    TooMany {
        /// After what time one may be sent.
        wait: Duration,
    },
}

impl UnionPayError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Call(error) => error.advice(),
            Self::Thread(_) => advice::unionpay::ASK,
            Self::Token(error) => error.advice(),
            Self::TooMany { .. } => advice::unionpay::TOO_MANY,
        }
    }
}

impl UnionPayError {
    /// What is known about the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Call(error) => error.delivery(),
            Self::Thread(_) => Delivery::Unknown,
            Self::Token(_) | Self::TooMany { .. } => Delivery::NotSent,
        }
    }
}

struct TooMany(Duration);

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "as many requests were sent in a minute as the platform takes before it locks the \
             application out: not sent, one may be sent in {} ms",
            self.0.as_millis()
        )
    }
}

/// Whether the same call is made once more, with another token.
pub(crate) fn asks_for_another_token<C: Call>(answer: &Answer<C::Answer>) -> bool {
    let by_token = C::CREDENTIAL == Credential::BackendToken;
    let refusal = answer.result.as_ref().err();
    by_token && refusal.is_some_and(|refusal| refusal.meaning.remedy == Remedy::FetchBackendToken)
}

/// What the driver's clock shows.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What the wall clock shows; 1970, which the platform does not take, if no number holds it.
fn wall() -> UnixMillis {
    crate::unix_time::now().unwrap_or_default()
}

/// The system's random numbers tell keepers apart.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
