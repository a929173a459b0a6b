//! The rules of a store for one key. `RedisTokens` has the same ones in Lua.

use std::time::{Duration, Instant};

use super::{Claimed, Fence, FetchedToken, Held, Next, Token};

/// What is kept for one key.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The number of the newest lease.
    number: u64,
    /// Until when nobody is given another lease, and why.
    closed: Option<(Instant, Closed)>,
    /// How many leases in a row brought nothing.
    failures: u32,
    kept: Option<Kept>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closed {
    Leased { holder: u64 },
    Paused,
}

#[derive(Debug)]
struct Kept {
    token: Token,
    ends: Option<Instant>,
    renew_at: Option<Instant>,
}

impl Record {
    pub(super) fn claim(
        &mut self,
        refused: Option<&Token>,
        holder: u64,
        lease: Duration,
        now: Instant,
    ) -> Claimed {
        let held = self.held(refused, now);
        let due = held.as_ref().is_none_or(|held| held.renew_in.is_zero());
        let next = match self.closed {
            _ if !due => Next::Keep,
            Some((until, Closed::Paused)) if now < until => Next::Paused(until - now),
            // A lease of the holder's own is given anew: its answer was lost, or its errand was
            // abandoned.
            Some((until, Closed::Leased { holder: other })) if now < until && other != holder => {
                Next::Wait(until - now)
            }
            _ => {
                self.number += 1;
                self.closed =
                    now.checked_add(lease).map(|until| (until, Closed::Leased { holder }));
                let fence = Fence { number: self.number, holder };
                Next::Fetch { fence, failures: self.failures }
            }
        };
        Claimed { held, next }
    }

    pub(super) fn put(
        &mut self,
        fence: Fence,
        fetched: &FetchedToken,
        renew_in: Duration,
        now: Instant,
    ) -> bool {
        if !self.is_newest(fence) {
            return false;
        }
        self.closed = None;
        self.failures = 0;
        self.kept = Some(Kept {
            token: fetched.token.clone(),
            ends: now.checked_add(fetched.expires_in),
            renew_at: now.checked_add(renew_in),
        });
        true
    }

    pub(super) fn fail(&mut self, fence: Fence, pause: Duration, now: Instant) {
        if self.is_newest(fence) {
            self.failures = self.failures.saturating_add(1);
            self.closed = now.checked_add(pause).map(|until| (until, Closed::Paused));
        }
    }

    /// A lease that is over is the newest one as long as nobody was given another.
    fn is_newest(&self, fence: Fence) -> bool {
        let holder = Closed::Leased { holder: fence.holder };
        fence.number == self.number && self.closed.is_some_and(|(_, closed)| closed == holder)
    }

    fn held(&self, refused: Option<&Token>, now: Instant) -> Option<Held> {
        let kept = self.kept.as_ref().filter(|kept| refused != Some(&kept.token))?;
        let left = |until: Option<Instant>| {
            until.map_or(Duration::MAX, |until| until.saturating_duration_since(now))
        };
        let held = Held {
            token: kept.token.clone(),
            left: left(kept.ends),
            renew_in: left(kept.renew_at),
        };
        (!held.left.is_zero()).then_some(held)
    }
}
