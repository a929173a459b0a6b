//! A reset of the module: how it shows, and what it ends.

use std::time::{Duration, Instant};

use crate::log::info;

use super::echo::Echo;
use super::exchange::Wire;
use super::timers::TimerKind;
use super::{Core, Event, ExchangeError, later};
use crate::at::unsolicited::{BootLine, UrcName};

impl Core {
    /// A boot line in mid-session tells of a reset: the first one, or a later one if the first was
    /// lost. Before the past was closed once, a boot line may be one that the host's first AT
    /// released.
    pub(super) fn watch_boot(&mut self, now: Instant, urc: &UrcName) {
        let Some(boot) = urc.boot else { return };
        let same = self.timers.get(TimerKind::Boot).is_some_and(|other| now < other);
        if boot == BootLine::Later && same {
            return;
        }
        self.boot_began(now);
        if self.synchronised {
            info!(line = urc.name(), "a boot line came, so the module was reset");
            self.reset(now, ResetSign::Boot(boot));
        }
    }

    /// The module was reset, as the caller found out by asking it.
    pub(super) fn reset_was_told(&mut self, now: Instant) {
        self.reset(now, ResetSign::Told);
    }

    /// The module starts: nothing that was due before will come, and the boot lines that follow tell
    /// of the same start.
    fn boot_began(&mut self, now: Instant) {
        self.earlier = None;
        self.timers.set(TimerKind::Boot, later(now, self.settings.boot));
    }

    /// What was pending is gone. What was sent after the reset is not: it is carried out, and its
    /// result would be taken for that of the next command.
    fn reset(&mut self, now: Instant, sign: ResetSign) {
        let some_time_ago = sign == ResetSign::Boot(BootLine::Later);
        self.past.clear();
        self.reopen_past();
        if !some_time_ago {
            self.slots.clear();
        }
        for exchange in self.waiting.iter().filter(|_| some_time_ago) {
            if let Some(awaited) = exchange.request.awaited() {
                let over = exchange.result_over(now, &self.settings.profile);
                self.slots.missed(now, awaited, &exchange.request, over, self.settings.settle);
            }
        }
        if let Wire::Command(exchange) = &self.wire {
            let shortly = |written| now < written + SHORTLY;
            let heard = match sign {
                ResetSign::Told | ResetSign::Boot(BootLine::Later) => exchange.sent > 0,
                ResetSign::Boot(BootLine::First) => exchange.written.is_some_and(shortly),
            };
            let due = exchange.request.awaited().filter(|result| !result.ok_alone);
            if let Some(awaited) = due.filter(|_| heard && exchange.early.is_none()) {
                let over = exchange.result_over(now, &self.settings.profile);
                self.slots.missed(now, awaited, &exchange.request, over, self.settings.settle);
            }
            if heard && !some_time_ago {
                for (prefix, shape) in exchange.request.taints() {
                    self.slots.caused(now, prefix, *shape, self.settings.settle);
                }
            }
        }
        self.slots.expire(now + self.settings.settle);
        self.echo = Echo::Unknown;
        self.boot_began(now);
        self.abandon(now, ExchangeError::Interrupted);
        self.push(Event::Reset);
    }
}

/// What tells of a reset, and so of how long ago it was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ResetSign {
    /// A line that the module sends when it starts. After the first one the module listens again;
    /// before a later one, commands may have been answered since the start.
    Boot(BootLine),
    /// An answer of the module. What is on the wire was sent after the reset.
    Told,
}

/// Not specified; chosen because an adapter and a system hand on a line within some 20 ms: a
/// command that was sent as long before `RDY` arrived was sent before `RDY` was said, and the
/// module did not hear it.
const SHORTLY: Duration = Duration::from_millis(500);
