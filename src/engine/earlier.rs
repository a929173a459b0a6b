//! Earlier programs: what one that used this port before may still be answered.

use std::time::Instant;

use super::{Core, Settings, later};
use crate::at::command::{Reply, Request};
use crate::at::syntax::View;

/// What an earlier program asked for may still be answered.
#[derive(Debug)]
pub(super) struct Earlier {
    /// When all of it has had the time that it may take.
    pub(super) over: Instant,
    /// When what has not come is taken for lost.
    pub(super) until: Instant,
    /// The module's clock was read when it was over.
    dated: bool,
    /// The SDK was closed when it was asked, so that it can only have refused it.
    refused: bool,
}

/// Whether a command may begin, with that in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// It may.
    Free,
    /// Not yet.
    Held,
    /// Not without something that tells its result from those.
    Outstanding,
}

impl Earlier {
    pub(super) fn of(now: Instant, settings: &Settings) -> Option<Self> {
        let over = settings.earlier.answered_within()?;
        let until = settings.earlier.lost_after(settings.settle)?;
        Some(Self {
            over: later(now, over),
            until: later(now, until),
            dated: false,
            refused: false,
        })
    }

    /// What a closed SDK was asked for: it may refuse it until then.
    fn refused(until: Instant) -> Self {
        Self { over: until, until, dated: false, refused: true }
    }

    /// When somebody has to look again who is held.
    pub(super) fn next(&self, now: Instant) -> Instant {
        if now < self.over { self.over } else { self.until }
    }

    fn holds(&self, now: Instant, request: &Request) -> Behind {
        if now >= self.until || self.refused {
            return Behind::Free;
        }
        let is_over = now >= self.over;
        if !request.dates().is_empty() {
            return if is_over { Behind::Free } else { Behind::Held };
        }
        if !request.owns_result() || self.dated && request.made_after().is_some() {
            return Behind::Free;
        }
        let says_when = request.awaited().is_some_and(|result| result.made_at.is_some());
        if is_over && says_when { Behind::Outstanding } else { Behind::Held }
    }
}

impl Core {
    /// Whether a command may begin though an earlier program may be due an answer.
    #[inline]
    pub(super) fn behind_earlier(&self, now: Instant, request: &Request) -> Behind {
        self.earlier.as_ref().map_or(Behind::Free, |earlier| earlier.holds(now, request))
    }

    /// Whether what an earlier program has not had is taken for lost now.
    pub(super) fn forget_earlier(&mut self, now: Instant) {
        if self.earlier.as_ref().is_some_and(|earlier| earlier.until <= now) {
            self.earlier = None;
        }
    }

    /// Whether a result that does not say when it was made may be that of an earlier program.
    pub(super) fn may_be_earlier(&self, now: Instant, request: &Request, args: &[u8]) -> bool {
        let Some(earlier) = &self.earlier else { return false };
        match earlier.refused {
            true => {
                let result = request.awaited();
                now < earlier.until && result.is_some_and(|result| result.while_closed.may_be(args))
            }
            false => request.made_after().is_some(),
        }
    }

    /// A command ended well: what it says of an earlier program.
    #[cold]
    pub(super) fn learn_of_earlier(
        &mut self,
        request: &Request,
        written: Option<Instant>,
        reply: &Reply,
    ) {
        if let Some(earlier) = self.earlier.as_mut().filter(|_| !request.dates().is_empty()) {
            earlier.dated |= written.is_some_and(|written| earlier.over <= written);
        }
        let until = self.earlier.as_ref().map(|earlier| earlier.until).or(request.earlier_until());
        let begins = request.awaited().and_then(|awaited| awaited.begins);
        let said = reply.result.as_ref().map(|line| line.view());
        if let (Some(begins), Some(View::Prefixed { args, .. })) = (begins, said) {
            if args.trim_ascii() == begins.as_bytes() {
                self.earlier = until.map(Earlier::refused);
            }
        }
    }
}
