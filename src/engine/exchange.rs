//! An exchange: a command from its submission on. How it ends is in `ending`.

use std::fmt;
use std::time::Instant;

use crate::log::warn;

use super::echo::Echo;
use super::slot::Slots;
use super::timers::{TimerKind, Timers};
use super::{Certainty, Core, Duration, ExchangeError, Ticket, fence::Fence, later};
use crate::at::command::{Deadline, Lines, Reply, Request};
use crate::at::line::Line;
use crate::at::octets::Octets;
use crate::at::profile::Profile;
use crate::at::result::FinalResult;

/// A command and what has come of it.
pub(super) struct Exchange {
    pub(super) ticket: Ticket,
    pub(super) request: Request,
    /// Whether the caller is still there.
    pub(super) owned: bool,
    pub(super) sent: usize,
    /// When the last byte so far was written.
    pub(super) written: Option<Instant>,
    /// When its final result came.
    pub(super) acknowledged: Option<Instant>,
    /// How often its line came back.
    pub(super) echoes: u8,
    pub(super) lines: Lines,
    /// The result line, if it came before the final result.
    pub(super) early: Option<Result<Line, ExchangeError>>,
    /// Why its answer cannot be believed any more, whatever it is.
    pub(super) doubt: Option<Box<super::ContradictionReason>>,
    /// What it waits for.
    pub(super) deadline: Deadline,
    /// Until when it may wait in the queue.
    pub(super) begin_by: Option<Instant>,
    /// Until when it waits for its result line, while that is all it waits for.
    pub(super) result_due: Option<Instant>,
    /// The caller's own deadline, once the first byte was sent.
    overall: Option<Instant>,
}

/// What is on the wire.
#[derive(Debug, Default)]
pub(super) enum Wire {
    #[default]
    Idle,
    Command(Box<Exchange>),
    Fence(Box<Fence>),
    /// The rest of a line whose exchange has ended. It is written to its end, as the module may carry
    /// out half a line.
    Remainder(Box<Octets>),
}

impl Wire {
    /// The line, of which all was written or the rest is still to be.
    pub(super) fn line(&self) -> &[u8] {
        match self {
            Self::Idle => &[],
            Self::Command(exchange) => exchange.request.line(),
            Self::Fence(fence) => &fence.line,
            Self::Remainder(line) => line,
        }
    }
}

impl Exchange {
    pub(super) fn new(ticket: Ticket, request: Request) -> Self {
        Self {
            ticket,
            owned: true,
            sent: 0,
            written: None,
            acknowledged: None,
            echoes: 0,
            lines: Lines::NONE,
            early: None,
            doubt: None,
            deadline: Deadline { name: TimerKind::Transmit.name(), after: Duration::ZERO },
            begin_by: None,
            result_due: None,
            overall: None,
            request,
        }
    }

    /// All that was asked for and has come is gone: another one may take its place.
    // Every field is named, so that none is forgotten.
    #[inline]
    pub(super) fn forget(&mut self) {
        let Self {
            ticket: _,
            request,
            owned,
            sent,
            written,
            acknowledged,
            echoes,
            lines,
            early,
            doubt,
            deadline: _,
            begin_by,
            result_due,
            overall,
        } = self;
        request.forget();
        (*owned, *sent, *echoes) = (true, 0, 0);
        if !lines.is_empty() {
            *lines = Lines::NONE;
        }
        (*early, *doubt, *written, *acknowledged) = (None, None, None, None);
        (*begin_by, *result_due, *overall) = (None, None, None);
    }

    /// Waits for something new, and says until when, unless the caller set one deadline for all.
    pub(super) fn wait(&mut self, now: Instant, deadline: Deadline) -> Instant {
        match (self.overall, self.request.timeout) {
            (Some(overall), Some(after)) => {
                self.deadline = Deadline { name: deadline.name, after };
                overall
            }
            _ => {
                self.deadline = deadline;
                later(now, deadline.after)
            }
        }
    }

    /// The result came; the final result is due soon after it, and no later than before.
    pub(super) fn wait_for_final(&mut self, now: Instant, after: Duration, timers: &mut Timers) {
        let before = timers.get(TimerKind::Final);
        let due = self.wait(now, Deadline { name: "final result after the result line", after });
        timers.set(TimerKind::Final, before.map_or(due, |before| before.min(due)));
    }

    /// Whether the module has heard the line, as far as its echo can tell.
    #[inline]
    pub(super) fn is_heard(&self, echo: Echo) -> bool {
        self.echoes >= echo.due() || self.request.probe
    }

    /// When its result has had all the time that it may take.
    #[cold]
    pub(super) fn result_over(&self, now: Instant, profile: &Profile) -> Instant {
        let result = match self.request.awaited() {
            Some(result) if !profile.result_before_ok => result.deadline.after,
            _ => Duration::ZERO,
        };
        let acknowledged = self.acknowledged.unwrap_or_else(|| {
            later(self.written.unwrap_or(now), self.request.final_deadline.after)
        });
        later(acknowledged, result)
    }

    pub(super) fn certainty(&self) -> Certainty {
        if self.sent == 0 { Certainty::NotSent } else { Certainty::Unknown }
    }

    pub(super) fn timed_out(&self) -> ExchangeError {
        ExchangeError::TimedOut { deadline: self.deadline, certainty: self.certainty() }
    }

    pub(super) fn reply(
        &mut self,
        result: Option<Line>,
        final_result: Option<FinalResult<'static>>,
    ) -> Reply {
        Reply { lines: std::mem::take(&mut self.lines), result, final_result }
    }
}

impl Core {
    /// So many more bytes of the line on the wire were written.
    pub(super) fn transmitted(&mut self, now: Instant, count: usize) {
        let all = self.unsent == 0;
        match &mut self.wire {
            Wire::Command(exchange) => {
                if exchange.sent == 0 {
                    self.stepped_back = 0;
                    self.doubled.command_was_written();
                    exchange.overall = exchange.request.timeout.map(|timeout| later(now, timeout));
                    if !exchange.request.is_plain() {
                        note_due(now, &mut self.slots, &exchange.request, self.settings.settle);
                    }
                }
                exchange.sent += count;
                exchange.written = Some(now);
                if all {
                    let due = exchange.wait(now, exchange.request.final_deadline);
                    self.timers.stop(TimerKind::Transmit);
                    self.timers.set(TimerKind::Final, due);
                } else if exchange.overall.is_some() {
                    let due = exchange.wait(now, exchange.deadline);
                    self.timers.set(TimerKind::Transmit, due);
                }
            }
            Wire::Fence(_) if all => {
                self.timers.stop(TimerKind::Transmit);
                self.timers.set(TimerKind::Fence, later(now, self.settings.fence));
            }
            Wire::Remainder(_) if all => {
                self.timers.stop(TimerKind::Transmit);
                self.wire = Wire::Idle;
            }
            _ => {}
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.timers.is_due(TimerKind::Held, now) {
            self.timers.stop(TimerKind::Held);
            self.forget_earlier(now);
        }
        if self.timers.is_due(TimerKind::Turn, now) {
            self.end_overdue(now);
        }
        while self.timers.is_due(TimerKind::Result, now) {
            let late = |exchange: &Exchange| exchange.result_due.is_some_and(|due| due <= now);
            let Some(index) = self.waiting.iter().position(|exchange| late(exchange)) else {
                break;
            };
            let exchange = self.stop_waiting(index);
            self.miss_result(now, &exchange);
            let failure = exchange.timed_out();
            self.done(exchange, Err(failure));
        }
        let on_wire = [TimerKind::Transmit, TimerKind::Final, TimerKind::Fence];
        if !on_wire.into_iter().any(|timer| self.timers.is_due(timer, now)) {
            return;
        }
        self.timers.stop_wire();
        match std::mem::take(&mut self.wire) {
            Wire::Command(exchange) => self.time_out_command(now, exchange),
            Wire::Fence(fence) => {
                self.leave_wire(now, &fence.line);
                self.fence_failed(&fence);
            }
            Wire::Remainder(line) => {
                self.wire = Wire::Remainder(line);
                let deadline = self.transmit_deadline();
                self.fail_queue(&|| ExchangeError::TimedOut {
                    deadline,
                    certainty: Certainty::NotSent,
                });
            }
            Wire::Idle => {}
        }
    }

    pub(super) fn count_unanswered(&mut self) {
        self.unanswered += 1;
        warn!(unanswered = self.unanswered, "a fence was not answered");
        if self.unanswered >= self.settings.fence_tries {
            self.silence();
        }
    }

    /// How long a line may take to be written.
    pub(super) fn transmit_deadline(&self) -> Deadline {
        Deadline { name: TimerKind::Transmit.name(), after: self.settings.transmit }
    }

    /// A command waits for its result line alone.
    pub(super) fn start_waiting(
        &mut self,
        now: Instant,
        deadline: Deadline,
        mut exchange: Box<Exchange>,
    ) {
        exchange.result_due = Some(exchange.wait(now, deadline));
        self.waiting.push(exchange);
        self.set_result_timer();
    }

    /// A command does not wait for its result any more.
    pub(super) fn stop_waiting(&mut self, index: usize) -> Box<Exchange> {
        let exchange = self.waiting.remove(index);
        self.set_result_timer();
        exchange
    }

    #[inline(never)]
    fn set_result_timer(&mut self) {
        let first = self.waiting.iter().filter_map(|exchange| exchange.result_due).min();
        self.timers.set_or_stop(TimerKind::Result, first);
    }

    /// The exchange on the wire is over, its line perhaps not.
    pub(super) fn leave_wire(&mut self, now: Instant, line: &Octets) {
        self.timers.stop_wire();
        self.wire = if self.unsent == 0 {
            Wire::Idle
        } else {
            self.timers.set(TimerKind::Transmit, later(now, self.settings.transmit));
            Wire::Remainder(Box::new(line.clone()))
        };
    }

    /// An exchange, which asks for no memory where one has ended before.
    #[inline]
    pub(super) fn exchange(&mut self, ticket: Ticket, request: Request) -> Box<Exchange> {
        match self.spare.take() {
            Some(mut spare) => {
                spare.ticket = ticket;
                spare.request = request;
                spare
            }
            None => Box::new(Exchange::new(ticket, request)),
        }
    }
}

/// Notes what may come of a line that begins to be written, and of those that were sent before it.
#[inline(never)]
fn note_due(now: Instant, slots: &mut Slots, request: &Request, settle: Duration) {
    let within = request.final_deadline.after.saturating_add(settle);
    for (prefix, shape) in request.taints() {
        slots.caused(now, prefix, *shape, within);
    }
    for request in request.before() {
        let over = later(now, request.longest());
        // Where OK alone is success, a fence is enough.
        if let Some(awaited) = request.awaited().filter(|result| !result.ok_alone) {
            slots.missed(now, awaited, request, over, settle);
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("ticket", &self.ticket.number)
            .field("command", &self.request.summary())
            .field("sent", &self.sent)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
