//! The way of one caller to a token.

use std::time::{Duration, Instant};

use super::NoToken;
use crate::gateway::unionpay::token::{Claimed, Fence, FetchedToken, Token, TokenKind};

/// The way of one caller to a token, made by [`Keeper::errand`](super::Keeper::errand).
///
/// One that is dropped before it is [`Done`](Step::Done) must be given to
/// [`Keeper::abandon`](super::Keeper::abandon), or the others of this process wait for it.
#[derive(Debug)]
#[must_use]
pub struct Errand {
    pub(super) kind: TokenKind,
    pub(super) deadline: Option<Instant>,
    pub(super) stage: Stage,
}

/// What an errand does at this time.
#[derive(Debug, Default)]
pub(super) enum Stage {
    #[default]
    Idle,
    Claiming,
    Fetching {
        fence: Fence,
        failures: u32,
        began: Instant,
    },
    Putting {
        fetched: FetchedToken,
        renew_in: Duration,
    },
    Failing {
        pause: Duration,
    },
}

/// What to do next for an errand.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Ask the store ([`claim`](crate::gateway::unionpay::token::TokenStore::claim)):
    /// [`Input::Claimed`].
    Claim {
        /// The token that is not good.
        refused: Option<Token>,
        /// Who asks.
        holder: u64,
        /// How long a lease lasts.
        lease: Duration,
    },
    /// It is over.
    Done(Result<Token, NoToken>),
    /// Say to the store that nothing came
    /// ([`fail`](crate::gateway::unionpay::token::TokenStore::fail)): [`Input::Failed`].
    Fail {
        /// Of the lease.
        fence: Fence,
        /// How long nobody fetches.
        pause: Duration,
    },
    /// Ask the platform for a token, once: [`Input::Fetched`] or [`Input::NotFetched`].
    Fetch,
    /// Give the store what was fetched
    /// ([`put`](crate::gateway::unionpay::token::TokenStore::put)): [`Input::Put`].
    Put {
        /// Of the lease.
        fence: Fence,
        /// The token, and how long it is good from now.
        fetched: FetchedToken,
        /// When the next one is due.
        renew_in: Duration,
    },
    /// Wait until then, or until another errand of this keeper has had a step: [`Input::Resume`].
    Rest(Instant),
}

/// What a step came to.
#[derive(Debug)]
pub enum Input {
    /// The first step.
    Begin,
    /// The store's answer.
    Claimed(Claimed),
    /// The store knows that nothing came.
    Failed,
    /// The platform's token.
    Fetched(FetchedToken),
    /// The platform gave none, or no answer came.
    NotFetched,
    /// Whether the store keeps it.
    Put(bool),
    /// The time has come.
    Resume,
    /// The store does not answer.
    StoreFailed,
}

impl Errand {
    pub(super) fn new(kind: TokenKind, deadline: Option<Instant>) -> Self {
        Self { kind, deadline, stage: Stage::Idle }
    }

    /// Which token it is for.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether the deadline is no later than so.
    pub(super) fn is_over(&self, now: Instant, wait: Duration) -> bool {
        let until = now.checked_add(wait);
        self.deadline.is_some_and(|deadline| until.is_none_or(|until| deadline <= until))
    }

    /// Rests for a while, and not beyond the deadline.
    pub(super) fn rest(&self, now: Instant, wait: Duration) -> Step {
        let wait = wait.max(SHORTEST_REST);
        let until = now.checked_add(wait).or(self.deadline).unwrap_or(now);
        Step::Rest(self.deadline.map_or(until, |deadline| deadline.min(until)))
    }
}

impl Stage {
    /// Whether the others of this process wait for it.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle)
    }
}

/// So that nothing turns without a rest.
const SHORTEST_REST: Duration = Duration::from_millis(1);
