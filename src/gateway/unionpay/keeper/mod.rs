//! Keeps an application's tokens: when to fetch one, and who.
//!
//! A [`Keeper`] is for all threads or tasks of one process that use one application; a
//! [`TokenStore`](super::token::TokenStore) is what it shares with other processes. It does nothing
//! by itself: each caller that needs a token has an [`Errand`], and takes its steps.
//!
//! ```text
//!            held and not due ───────────────────────────────▶ Done(token)
//! Begin ─────┤
//!            due, missing or refused ▶ Claim ─┬─ kept by another ▶ Done(token)
//!                                             ├─ Fetch ─ Put ────▶ Done(token)
//!                                             ├─ Fetch ─ Fail ───▶ Done(old token, or why there is none)
//!                                             └─ Rest (another host fetches) ▶ Claim
//! ```
//!
//! | rule | |
//! |---|---|
//! | K1 | of one process one errand at a time asks the store for a token of a kind |
//! | K2 | nothing is fetched without a fence of the store: a store that does not answer is an error, and no fetch |
//! | K3 | a token that is good is used while it is renewed, and when its renewal fails |
//! | K4 | a token that was refused is not used again; where another one is known already, nothing is fetched |
//! | K5 | what was fetched under a fence that is not the newest any more is not used |
//! | K6 | a fetch that brought nothing is followed by a pause, over all hosts, that grows |
//! | K7 | every errand ends by its deadline, but for what it is doing at that time |

mod errand;
mod pace;
mod policy;

use std::time::{Duration, Instant};

pub use errand::{Errand, Input, Step};
pub use pace::Pace;
pub use policy::KeeperPolicy;

use super::token::{Claimed, FetchedToken, Held, Next, Token, TokenKind};
use errand::Stage;

/// The tokens of one application, for the threads or tasks of one process.
#[derive(Debug)]
pub struct Keeper {
    holder: u64,
    policy: KeeperPolicy,
    backend: Slot,
    front: Slot,
    pace: Pace,
}

/// What is known of one kind.
#[derive(Debug, Default)]
struct Slot {
    here: Option<Here>,
    /// The token of the store that was refused last, if the store has no other yet.
    refused: Option<Token>,
    /// Whether an errand asks the store, or fetches.
    busy: bool,
}

/// A token that is known here.
#[derive(Debug)]
struct Here {
    token: Token,
    ends: Option<Instant>,
    /// When the store is asked again.
    ask_at: Option<Instant>,
    /// Whether the store has it too, as far as is known.
    is_kept: bool,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoToken {
    /// It was fetched, and did not come.
    NotFetched,
    /// The last fetch brought nothing, and the next one is allowed only so much later.
    Paused(Duration),
    /// The store does not answer.
    Store,
    /// Another host or thread fetches one, and it did not come in time.
    TooLate,
}

impl Keeper {
    /// A keeper that knows no token. `holder` tells it from all others that share its store: a
    /// random number.
    #[must_use]
    pub fn new(holder: u64, policy: KeeperPolicy) -> Self {
        Self { holder, policy, backend: Slot::default(), front: Slot::default(), pace: Pace::new() }
    }

    /// What it waits for.
    #[must_use]
    pub fn policy(&self) -> &KeeperPolicy {
        &self.policy
    }

    /// The way of one caller to a token.
    pub fn errand(&self, kind: TokenKind, now: Instant) -> Errand {
        Errand::new(kind, now.checked_add(self.policy.patience))
    }

    /// The token, if nobody need be asked for it.
    #[must_use]
    pub fn known(&self, kind: TokenKind, now: Instant) -> Option<Token> {
        let slot = match kind {
            TokenKind::Backend => &self.backend,
            TokenKind::Front => &self.front,
        };
        let here = slot.good(now).filter(|here| slot.busy || !here.is_due(now))?;
        Some(here.token.clone())
    }

    /// The platform has said that this token is not good (`a10`, `a20`): it is not used again. The
    /// next errand fetches another one if no other is known, here or to another host.
    ///
    /// Gives whether it was the newest one that is known here.
    pub fn refused(&mut self, kind: TokenKind, token: &Token) -> bool {
        let slot = self.slot(kind);
        match slot.here.take() {
            Some(other) if other.token != *token => {
                slot.here = Some(other);
                return false;
            }
            Some(here) if here.is_kept => slot.refused = Some(here.token),
            // The store does not have it: what it has was refused before.
            Some(_) => {}
            // What the store has is known to be refused already; this one is older.
            None => drop(slot.refused.get_or_insert_with(|| token.clone())),
        }
        true
    }

    /// Counts a request that is about to be sent.
    ///
    /// # Errors
    /// If there were as many in a minute as the policy allows: after what time one may be sent.
    pub fn count(&mut self, now: Instant) -> Result<(), Duration> {
        self.pace.count(self.policy.requests_per_minute, now)
    }

    /// The next step of an errand. `input` says what its last step came to; one that is none of its
    /// answers begins anew.
    pub fn step(&mut self, errand: &mut Errand, now: Instant, input: Input) -> Step {
        let kind = errand.kind;
        match (std::mem::take(&mut errand.stage), input) {
            (Stage::Claiming, Input::Claimed(claimed)) => self.claimed(errand, now, claimed),
            (Stage::Claiming, Input::StoreFailed) => {
                self.slot(kind).busy = false;
                self.old_or(kind, now, RETRY_STORE, NoToken::Store)
            }
            (Stage::Fetching { fence, began, .. }, Input::Fetched(mut fetched)) => {
                // Its life began at some time since then.
                let passed = now.saturating_duration_since(began);
                let renew_in = self.policy.renew_in(fetched.expires_in).saturating_sub(passed);
                fetched.expires_in = fetched.expires_in.saturating_sub(passed);
                errand.stage = Stage::Putting { fetched: fetched.clone(), renew_in };
                Step::Put { fence, fetched, renew_in }
            }
            (Stage::Fetching { fence, failures, .. }, Input::NotFetched) => {
                let pause = pause(failures);
                errand.stage = Stage::Failing { pause };
                Step::Fail { fence, pause }
            }
            (Stage::Putting { fetched, renew_in }, Input::Put(true)) => {
                let here = Some(Here::new(&fetched, renew_in, now, true));
                *self.slot(kind) = Slot { here, ..Slot::default() };
                Step::Done(Ok(fetched.token))
            }
            // It is the newest token all the same, so the one that the store has is none any more.
            (Stage::Putting { fetched, renew_in }, Input::StoreFailed) => {
                let slot = self.slot(kind);
                slot.here = Some(Here::new(&fetched, renew_in, now, false));
                slot.busy = false;
                Step::Done(Ok(fetched.token))
            }
            (Stage::Failing { pause }, Input::Failed | Input::StoreFailed) => {
                self.slot(kind).busy = false;
                self.old_or(kind, now, pause, NoToken::NotFetched)
            }
            (stage, _) => {
                self.slot(kind).busy &= !stage.is_busy();
                self.begin(errand, now)
            }
        }
    }

    /// Its caller has gone in the middle of an errand: another one may ask. The lease, if there is
    /// one, ends by itself.
    pub fn abandon(&mut self, errand: Errand) {
        self.slot(errand.kind).busy &= !errand.stage.is_busy();
    }

    fn begin(&mut self, errand: &mut Errand, now: Instant) -> Step {
        if let Some(token) = self.known(errand.kind, now) {
            return Step::Done(Ok(token));
        }
        let KeeperPolicy { lease, poll, .. } = self.policy;
        let holder = self.holder;
        let slot = self.slot(errand.kind);
        match slot.good(now) {
            None if errand.deadline.is_some_and(|deadline| now >= deadline) => {
                Step::Done(Err(NoToken::TooLate))
            }
            None if slot.busy => errand.rest(now, poll),
            _ => {
                slot.busy = true;
                errand.stage = Stage::Claiming;
                Step::Claim { refused: slot.refused.clone(), holder, lease }
            }
        }
    }

    fn claimed(&mut self, errand: &mut Errand, now: Instant, claimed: Claimed) -> Step {
        let (kind, poll) = (errand.kind, self.policy.poll);
        let Claimed { held, next } = claimed;
        let slot = self.slot(kind);
        if let Some(Held { token, left, renew_in }) = held {
            let fetched = FetchedToken { token, expires_in: left };
            slot.here = Some(Here::new(&fetched, renew_in, now, true));
            slot.refused = None;
        }
        if let Next::Fetch { fence, failures } = next {
            errand.stage = Stage::Fetching { fence, failures, began: now };
            return Step::Fetch;
        }
        slot.busy = false;
        let wait = match next {
            Next::Paused(pause) => pause,
            Next::Wait(lease) => lease.min(poll),
            Next::Keep | Next::Fetch { .. } => Duration::ZERO,
        };
        if let Some(here) = slot.good(now) {
            let token = here.token.clone();
            slot.ask_no_sooner(now, wait);
            return Step::Done(Ok(token));
        }
        match next {
            Next::Paused(pause) if errand.is_over(now, pause) => {
                Step::Done(Err(NoToken::Paused(pause)))
            }
            _ => errand.rest(now, wait),
        }
    }

    /// The token that is still good, for as long as no other can be had, or why there is none.
    fn old_or(&mut self, kind: TokenKind, now: Instant, retry: Duration, why: NoToken) -> Step {
        let slot = self.slot(kind);
        let old = slot.good(now).map(|here| here.token.clone());
        slot.ask_no_sooner(now, retry);
        Step::Done(old.ok_or(why))
    }

    fn slot(&mut self, kind: TokenKind) -> &mut Slot {
        match kind {
            TokenKind::Backend => &mut self.backend,
            TokenKind::Front => &mut self.front,
        }
    }
}

impl Slot {
    fn good(&self, now: Instant) -> Option<&Here> {
        self.here.as_ref().filter(|here| here.ends.is_none_or(|ends| now < ends))
    }

    fn ask_no_sooner(&mut self, now: Instant, wait: Duration) {
        if let Some(here) = &mut self.here {
            here.ask_at = here.ask_at.max(now.checked_add(wait));
        }
    }
}

impl Here {
    fn new(fetched: &FetchedToken, renew_in: Duration, now: Instant, is_kept: bool) -> Self {
        Self {
            token: fetched.token.clone(),
            ends: now.checked_add(fetched.expires_in),
            ask_at: now.checked_add(renew_in),
            is_kept,
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.ask_at.is_some_and(|at| now >= at)
    }
}

/// How long nobody fetches after so many fetches before it brought nothing: 1 s, doubled up to a
/// minute. Not specified; chosen because a lost answer is had again at once, and a wrong secret
/// costs a request a minute.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(60.min(1 << failures.min(6)))
}

/// How long a store that did not answer is left alone while the token is good. Not specified; chosen
/// because the token is good for minutes more.
const RETRY_STORE: Duration = Duration::from_secs(1);
