//! Which command has the wire next, and what holds the others back.

use std::time::Instant;

use tracing::debug;

use super::exchange::{Exchange, Wire};
use super::{Busy, Core, Echo, Event, Failure, Timer, later};
use crate::at::command::{Deadline, Release, Request};

impl Core {
    /// Begins the next command that may, or the fence that must come before it.
    #[inline]
    pub(super) fn begin_next(&mut self, now: Instant) {
        while matches!(self.wire, Wire::Idle) && !self.queue.is_empty() && !self.gone {
            if !self.begin_first(now) {
                return;
            }
        }
    }

    /// The same where the wire is free; `false` if nothing can begin for now.
    fn begin_first(&mut self, now: Instant) -> bool {
        let may_begin =
            |next: &Exchange| self.may_begin(&next.request) && !self.is_held(now, &next.request);
        let Some(index) = self.queue.iter().position(|next| may_begin(next)) else {
            return false;
        };
        if self.refuse_tainted(now, index) {
            return true;
        }
        if self.past_open && !self.queue[index].request.probe {
            self.begin_fence(now);
            return false;
        }
        if let Some(exchange) = self.queue.remove(index) {
            self.begin(now, exchange);
        }
        true
    }

    /// Commands of one group run one at a time, and never two under one prefix.
    fn may_begin(&self, request: &Request) -> bool {
        let overlap = self.settings.profile.overlap;
        !self.waiting.iter().any(|waiting| {
            let awaited = waiting.request.result.as_ref();
            let same_group = request.group.is_some() && request.group == waiting.request.group;
            same_group && !overlap || awaited.is_some_and(|awaited| request.uses(awaited.prefix))
        })
    }

    /// A result that an earlier program at this port was due could come now, and would be taken for
    /// that of this command.
    fn is_held(&self, now: Instant, request: &Request) -> bool {
        owns(request) && self.quiet_until.is_some_and(|until| now < until)
    }

    /// Ends the queued command if a result that is still due would be taken for its own.
    fn refuse_tainted(&mut self, now: Instant, index: usize) -> bool {
        let request = &self.queue[index].request;
        let Some(awaited) = &request.result else {
            return false;
        };
        let Err(release) = self.slots.admit(now, awaited, request.line.bytes()) else {
            return false;
        };
        let same_line = release == Release::SameLine;
        let busy = Busy::Outstanding { prefix: awaited.prefix, same_line };
        if let Some(exchange) = self.queue.remove(index) {
            self.done(exchange, Err(Failure::Busy(busy)));
        }
        true
    }

    fn begin(&mut self, now: Instant, mut exchange: Box<Exchange>) {
        debug!(ticket = exchange.ticket.number, command = exchange.request.summary(), "begin");
        exchange.wait(now, Deadline { name: "line written", after: self.settings.transmit });
        if let Some(awaited) = &exchange.request.result {
            self.slots.used(awaited);
        }
        if exchange.request.echo == Some(true) {
            // However it ends, echo that is back will not tell of a reset.
            self.echo = Echo::Possible;
        }
        self.unsent = exchange.request.line.bytes().clone();
        self.wire = Wire::Command(exchange);
    }

    fn begin_fence(&mut self, now: Instant) {
        let Some(fence) = self.fences.next(&self.settings.profile) else {
            // A profile without a fence cannot tell the past from the present.
            self.silence();
            return;
        };
        debug!(fence = fence.prefix, "the past is open, fence");
        self.unsent = fence.line.clone();
        self.wire = Wire::Fence(fence, later(now, self.settings.transmit));
    }

    /// A command of which nothing was written yet goes back to where it came from.
    pub(super) fn step_back(&mut self) {
        if matches!(&self.wire, Wire::Command(exchange) if exchange.sent == 0) {
            if let Wire::Command(exchange) = std::mem::take(&mut self.wire) {
                self.unsent.clear();
                self.queue.push_front(exchange);
            }
        }
    }

    /// A command that could not be written to its end holds the wire. Who comes behind it waits as
    /// long as for a line.
    pub(super) fn rearm_remainder(&mut self, now: Instant) {
        if let Wire::Remainder(due) = &mut self.wire {
            if self.queue.len() == 1 {
                *due = later(now, self.settings.transmit);
            }
        }
    }

    /// The module answers nothing: who waits to begin need not wait longer. A later command begins
    /// with a fence again.
    pub(super) fn silence(&mut self) {
        self.unanswered = 0;
        self.events.push_back(Event::Silent);
        self.fail_queue(|| Failure::Silent);
    }

    pub(super) fn fail_queue(&mut self, failure: impl Fn() -> Failure) {
        for exchange in std::mem::take(&mut self.queue) {
            self.done(exchange, Err(failure()));
        }
    }

    pub(super) fn timers(&self) -> impl Iterator<Item = Timer> {
        let wire = match &self.wire {
            Wire::Command(exchange) => {
                exchange.due.map(|at| Timer { at, name: exchange.deadline.name })
            }
            Wire::Fence(_, at) => Some(Timer { at: *at, name: "fence" }),
            Wire::Remainder(at) if !self.queue.is_empty() => {
                Some(Timer { at: *at, name: "line written" })
            }
            Wire::Idle | Wire::Remainder(_) => None,
        };
        let held = self.quiet_until.filter(|_| self.queue.iter().any(|next| owns(&next.request)));
        let held = held.map(|at| Timer { at, name: "results of an earlier program" });
        let waiting = self
            .waiting
            .iter()
            .filter_map(|exchange| Some(Timer { at: exchange.due?, name: exchange.deadline.name }));
        waiting.chain(wire).chain(held)
    }
}

/// Whether the result of the command is its own, and could not be that of another.
fn owns(request: &Request) -> bool {
    request.result.as_ref().is_some_and(|result| result.release != Release::Any)
}
