//! The queue: which command is sent next, and what holds the others back.

use std::time::Instant;

use crate::log::debug;

use super::earlier::Behind;
use super::echo::Echo;
use super::exchange::{Exchange, Wire};
use super::timers::TimerKind;
use super::{Certainty, Core, Event, ExchangeError, SubmitError, Timer, later};
use crate::at::command::{Deadline, Release, Request};

impl Core {
    /// Whether a command may begin before it was in the queue: the wire is free, and neither a command
    /// nor the past nor an answer that is due can be in its way.
    #[inline]
    pub(super) fn begins_at_once(&self, request: &Request) -> bool {
        matches!(self.wire, Wire::Idle)
            && self.queue.is_empty()
            && self.waiting.is_empty()
            && self.earlier.is_none()
            && !self.past_open
            && request.is_plain()
    }

    /// A command waits for its turn, which may be now.
    #[inline(never)]
    pub(super) fn enqueue(&mut self, now: Instant, exchange: Box<Exchange>) {
        self.queue.push(exchange);
        self.rearm_remainder(now);
        self.begin_next(now);
        if !self.queue.is_empty() {
            self.wait_for_turn(now);
        }
    }

    /// Begins the next command that may, or the fence that must come before it.
    // Inlined without fail: it is asked after each line, and mostly nothing waits.
    #[inline(always)]
    pub(super) fn begin_next(&mut self, now: Instant) {
        if !self.queue.is_empty() {
            self.begin_queued(now);
        }
    }

    fn begin_queued(&mut self, now: Instant) {
        while matches!(self.wire, Wire::Idle) && !self.queue.is_empty() && !self.gone {
            if !self.begin_first(now) {
                return;
            }
        }
    }

    /// Begins one command or a fence on a free wire; `false` if nothing can begin for now.
    fn begin_first(&mut self, now: Instant) -> bool {
        let may_begin =
            |next: &Exchange| self.may_begin(&next.request) && !self.is_held(now, &next.request);
        let Some(index) = self.queue.iter().position(|next| may_begin(next)) else {
            self.wake_held(now);
            // A line that has lost its end begins with the next one, so that is not put off.
            if self.past_open && self.synchronised && self.waiting.is_empty() {
                self.begin_fence(now);
            }
            return false;
        };
        if self.refuse_tainted(now, index) {
            return true;
        }
        if self.past_open && !self.queue[index].request.probe {
            self.begin_fence(now);
            return false;
        }
        let exchange = self.queue.remove(index);
        if self.queue.is_empty() {
            self.timers.stop(TimerKind::Turn);
        }
        self.begin(now, exchange);
        true
    }

    /// Commands of one group run one at a time, and never two under one prefix.
    fn may_begin(&self, request: &Request) -> bool {
        let overlap = self.settings.profile.overlap;
        !self.waiting.iter().any(|waiting| {
            let awaited = waiting.request.awaited();
            let same_group = request.group.is_some() && request.group == waiting.request.group;
            same_group && !overlap && !request.overlaps
                || awaited.is_some_and(|awaited| request.uses(awaited.prefix))
        })
    }

    /// A result of an earlier program at this port could come now, and would be taken for that of this
    /// command; or the command reads the clock, and results that were missed may still be made.
    fn is_held(&self, now: Instant, request: &Request) -> bool {
        self.behind_earlier(now, request) == Behind::Held
            || !request.dates().is_empty()
                && self.slots.over(request.dates()).is_some_and(|over| now < over)
    }

    /// Wakes who is held.
    fn wake_held(&mut self, now: Instant) {
        let clocks = self.queue.iter().map(|next| next.request.dates());
        let over = clocks.filter_map(|prefixes| self.slots.over(prefixes));
        let earlier = self.earlier.as_ref().map(|earlier| earlier.next(now));
        let first = over.chain(earlier).min();
        self.timers.set_or_stop(TimerKind::Held, first);
    }

    /// Ends the queued command if a result that is still due would be taken for its own.
    fn refuse_tainted(&mut self, now: Instant, index: usize) -> bool {
        let request = &self.queue[index].request;
        let Some(awaited) = request.awaited() else {
            return false;
        };
        let behind = self.behind_earlier(now, request);
        let same_line = match self.slots.admit(now, awaited, request) {
            Ok(()) if behind != Behind::Outstanding => return false,
            admitted => admitted == Err(Release::SameLine),
        };
        let busy = SubmitError::Outstanding { prefix: awaited.prefix, same_line };
        let exchange = self.queue.remove(index);
        self.done(exchange, Err(ExchangeError::Busy(busy)));
        true
    }

    pub(super) fn begin(&mut self, now: Instant, mut exchange: Box<Exchange>) {
        debug!(ticket = exchange.ticket.number, command = exchange.request.summary(), "begin");
        let due = exchange.wait(now, self.transmit_deadline());
        self.timers.set(TimerKind::Transmit, due);
        if let Some(awaited) = exchange.request.awaited() {
            self.slots.used(awaited, exchange.request.made_after());
        }
        if exchange.request.echo.is_some() {
            // Until it is answered nobody knows.
            self.echo = Echo::Unknown;
        }
        self.unsent = exchange.request.line().len();
        self.wire = Wire::Command(exchange);
    }

    fn begin_fence(&mut self, now: Instant) {
        let Some(fence) = self.fences.next(&self.settings.profile, self.echo) else {
            // A profile without a fence cannot tell the past from the present.
            self.silence();
            return;
        };
        debug!(fence = fence.prefix, "the past is open, fence");
        self.unsent = fence.line.len();
        self.timers.set(TimerKind::Transmit, later(now, self.settings.transmit));
        self.wire = Wire::Fence(Box::new(fence));
    }

    /// A command of which nothing was written yet goes back to the queue. Whether there was one.
    pub(super) fn step_back(&mut self, now: Instant) -> bool {
        match std::mem::take(&mut self.wire) {
            Wire::Command(exchange) if exchange.sent == 0 => {
                self.unsent = 0;
                self.timers.stop_wire();
                self.queue.insert(0, exchange);
                self.wait_for_turn(now);
                true
            }
            wire => {
                self.wire = wire;
                false
            }
        }
    }

    /// Sets until when the commands in the queue may wait to begin.
    #[inline(never)]
    fn wait_for_turn(&mut self, now: Instant) {
        let turn = later(now, self.settings.turn);
        for exchange in &mut self.queue {
            exchange.begin_by.get_or_insert(turn);
        }
        let first = self.queue.iter().filter_map(|exchange| exchange.begin_by).min();
        self.timers.set_or_stop(TimerKind::Turn, first);
    }

    /// Ends the commands that have waited too long to begin.
    #[cold]
    pub(super) fn end_overdue(&mut self, now: Instant) {
        let overdue = |exchange: &Exchange| exchange.begin_by.is_some_and(|until| until <= now);
        while let Some(index) = self.queue.iter().position(|next| overdue(next)) {
            let exchange = self.queue.remove(index);
            let deadline = Deadline { name: TimerKind::Turn.name(), after: self.settings.turn };
            let certainty = Certainty::NotSent;
            self.done(exchange, Err(ExchangeError::TimedOut { deadline, certainty }));
        }
        self.wait_for_turn(now);
    }

    /// The line on the wire is not written to its end, and a command waits behind it: it waits as
    /// long as one line may take to be written.
    fn rearm_remainder(&mut self, now: Instant) {
        if matches!(self.wire, Wire::Remainder(_)) && self.queue.len() == 1 {
            self.timers.set(TimerKind::Transmit, later(now, self.settings.transmit));
        }
    }

    /// The module answers nothing: the commands in the queue fail. A later command begins with a
    /// fence again.
    #[cold]
    pub(super) fn silence(&mut self) {
        self.unanswered = 0;
        self.push(Event::Silent);
        self.fail_queue(&|| ExchangeError::Silent);
    }

    #[cold]
    pub(super) fn fail_queue(&mut self, failure: &dyn Fn() -> ExchangeError) {
        for exchange in std::mem::take(&mut self.queue) {
            self.done(exchange, Err(failure()));
        }
    }

    /// The next timer that somebody waits for.
    #[inline(never)]
    pub(super) fn next_timer(&self) -> Option<Timer> {
        let mut next: Option<(Instant, TimerKind)> = None;
        for (kind, at) in self.timers.waking() {
            if next.is_none_or(|(first, _)| at < first) && self.is_waited_for(kind) {
                next = Some((at, kind));
            }
        }
        next.map(|(at, kind)| Timer { at, name: self.name_of(kind, at) })
    }

    /// Whether anybody has to know when this timer fires.
    #[inline]
    fn is_waited_for(&self, kind: TimerKind) -> bool {
        match kind {
            // The rest of a line whose command has ended, with no command behind it.
            TimerKind::Transmit => {
                !(matches!(self.wire, Wire::Remainder(_)) && self.queue.is_empty())
            }
            TimerKind::Turn => !self.queue.is_empty(),
            TimerKind::Held => !self.queue.is_empty(),
            _ => true,
        }
    }

    /// What a timer waits for: a command has a name for it.
    fn name_of(&self, kind: TimerKind, at: Instant) -> &'static str {
        match (kind, &self.wire) {
            (TimerKind::Final, Wire::Command(exchange)) => exchange.deadline.name,
            (TimerKind::Transmit, Wire::Fence(_)) => TimerKind::Fence.name(),
            (TimerKind::Result, _) => {
                let first = self.waiting.iter().find(|exchange| exchange.result_due == Some(at));
                first.map_or(kind.name(), |exchange| exchange.deadline.name)
            }
            _ => kind.name(),
        }
    }
}
