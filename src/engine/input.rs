//! Input: which command a line from the module belongs to.

use std::time::Instant;

use super::exchange::{Exchange, Wire};
use super::results::Whose;
use super::said::LONG;
use super::timers::Timers;
use super::{ContradictionReason, Core, Event, ExchangeError};
use crate::at::command::Answer;
use crate::at::line::{Frame, Line};
use crate::at::syntax::View;

impl Core {
    pub(super) fn handle_frame(&mut self, now: Instant, frame: Frame<'_>) {
        match frame {
            Frame::Line(bytes) => self.handle_line(now, bytes),
            Frame::Miscounted(bytes) => {
                self.handle_damaged(now, bytes, ContradictionReason::Miscounted(own(bytes)));
            }
            Frame::Overlong(bytes) => {
                let limit = self.settings.line_limit;
                self.handle_damaged(now, bytes, ContradictionReason::Overlong { limit });
            }
        }
    }

    fn handle_line(&mut self, now: Instant, bytes: &[u8]) {
        if self.take_echo(now, bytes) {
            self.text = None;
            self.doubled.other_line_came();
            return;
        }
        if self.text.is_some() && self.take_text(now, bytes) {
            return;
        }
        let view = View::of(bytes);
        if let View::Final(result) = view {
            self.handle_final(now, bytes, result);
            return;
        }
        self.doubled.other_line_came();
        self.handle_information(now, bytes, &view);
    }

    /// Whether the line on the wire was written to its end. What comes before that cannot answer it.
    pub(super) fn asked(&self) -> bool {
        self.unsent == 0
    }

    pub(super) fn asked_command(&mut self) -> Option<&mut Exchange> {
        self.asked_command_and_timers().map(|(exchange, _)| exchange)
    }

    pub(super) fn asked_command_and_timers(&mut self) -> Option<(&mut Exchange, &mut Timers)> {
        match &mut self.wire {
            Wire::Command(exchange) if self.unsent == 0 && exchange.is_heard(self.echo) => {
                Some((exchange, &mut self.timers))
            }
            _ => None,
        }
    }

    fn handle_information(&mut self, now: Instant, bytes: &[u8], view: &View<'_>) {
        if matches!(view, View::Text(_)) && self.take_damaged_echo(bytes) {
            return;
        }
        if let View::Prefixed { prefix, args } = view {
            if self.take_fence(prefix) {
                return;
            }
            if self.take_result(now, bytes, prefix, args) {
                self.result_came();
                return;
            }
        }
        if let Wire::Fence(fence) = &mut self.wire {
            fence.disturbed = true;
        }
        if self.take_answer(now, bytes, view, false) {
            return;
        }
        self.handle_unclaimed(now, bytes, view);
    }

    /// A line that the command on the wire does not claim by its form.
    #[inline(never)]
    fn handle_unclaimed(&mut self, now: Instant, bytes: &[u8], view: &View<'_>) {
        let stray = matches!(view, View::Prefixed { prefix, .. } if self.slots.is_known(prefix));
        if self.is_late(view) {
            self.tell(Event::Late, bytes);
        } else if let Some(urc) = self.settings.profile.urc(view).filter(|_| !stray) {
            self.tell(Event::Urc, bytes);
            self.watch_text(now, urc, bytes);
            self.watch_boot(now, urc);
        } else if !self.take_answer(now, bytes, view, true) {
            let event = if stray { Event::Stray } else { Event::Urc };
            self.tell(event, bytes);
            if stray {
                self.result_came();
            }
        }
    }

    /// Makes an event of a line.
    #[inline(never)]
    pub(super) fn tell(&mut self, event: fn(Line) -> Event, bytes: &[u8]) {
        self.push(event(own(bytes)));
    }

    #[inline(never)]
    pub(super) fn push(&mut self, event: Event) {
        self.events.push_back(event);
    }

    fn take_fence(&mut self, prefix: &[u8]) -> bool {
        let asked = self.asked();
        let due = self.echo.due();
        match &mut self.wire {
            Wire::Fence(fence) => asked && fence.all_echoes() >= due && fence.takes(prefix),
            _ => false,
        }
    }

    /// A line of the answer to the command on the wire; `unclaimed` if nothing else claims it.
    fn take_answer(
        &mut self,
        now: Instant,
        bytes: &[u8],
        view: &View<'_>,
        unclaimed: bool,
    ) -> bool {
        let Some(exchange) = self.asked_command() else {
            return false;
        };
        if exchange.request.last_line().is_some_and(|last| view == &View::Text(last.as_bytes())) {
            exchange.lines.push(own(bytes));
            if let Wire::Command(exchange) = std::mem::take(&mut self.wire) {
                // Whether an OK follows is not known.
                self.open_past(&exchange.request);
                self.end_command(now, exchange, None);
            }
            return true;
        }
        let answer = exchange.request.answer;
        let lines = &exchange.lines;
        let takes = match unclaimed {
            false => {
                answer.takes(view, lines)
                    || matches!(answer, Answer::Any)
                        && matches!(view, View::Prefixed { prefix, .. } if exchange.request.asks(prefix))
            }
            true => answer.takes_unclaimed(view, lines),
        };
        let held = || lines.iter().map(|line| line.as_bytes().len()).sum::<usize>();
        let room =
            lines.is_empty() || lines.len() < ANSWER_LINES && held() + bytes.len() <= ANSWER_BYTES;
        if !takes || !room {
            return false;
        }
        exchange.lines.push(Line::copied(bytes));
        // A line that was written by hand may ask for a text.
        if matches!(answer, Answer::Any) {
            if let Some(urc) = self.settings.profile.urc(view) {
                self.watch_text(now, urc, bytes);
            }
        }
        true
    }

    /// A line of which only the beginning is right. If a command waits for it, that command fails.
    /// The data that it announced are split into lines, which may look like the answer to the
    /// command on the wire or to the next one.
    #[cold]
    fn handle_damaged(&mut self, now: Instant, bytes: &[u8], why: ContradictionReason) {
        if matches!(why, ContradictionReason::Miscounted(_)) {
            self.step_back(now);
            match &mut self.wire {
                Wire::Command(exchange) => {
                    exchange.doubt.get_or_insert_with(|| Box::new(why.clone()));
                }
                // The rest of the data may come after the next command was written.
                _ => self.reopen_past(),
            }
        }
        if let View::Prefixed { prefix, args } = View::called(bytes) {
            let whole = matches!(why, ContradictionReason::Miscounted(_));
            if whole && self.is_said_again(bytes, prefix, args) {
                self.tell(Event::Malformed, bytes);
                self.result_came();
                return;
            }
            let awaited = |exchange: &Exchange| {
                exchange.request.awaited().is_some_and(|awaited| awaited.has_prefix(prefix))
            };
            if let Some(index) = self.waiting.iter().position(|exchange| awaited(exchange)) {
                let exchange = &self.waiting[index];
                let why = match self.whose_damaged(now, exchange, prefix, args) {
                    Whose::Own => why,
                    Whose::Earlier => {
                        self.slots.arrived(now, prefix, args);
                        self.tell(Event::Malformed, bytes);
                        return;
                    }
                    Whose::Either => {
                        let over = exchange.result_over(now, &self.settings.profile);
                        self.slots.either(now, &exchange.request, over, self.settings.settle);
                        ContradictionReason::Undated(own(bytes))
                    }
                };
                self.end_waiting(now, index, Err(ExchangeError::Contradicted(why)));
                self.result_came();
                return;
            }
            if self.slots.arrived(now, prefix, args).is_none() {
                let after = self.settings.final_after_result;
                let said_lately = self.slots.was_said_lately(now, prefix);
                if let Some((exchange, timers)) = self.asked_command_and_timers() {
                    let may_be_copy = exchange.echoes == 0 && said_lately && args.len() >= LONG;
                    if awaited(exchange) && exchange.early.is_none() && !may_be_copy {
                        exchange.early = Some(Err(ExchangeError::Contradicted(why)));
                        exchange.wait_for_final(now, after, timers);
                        return;
                    }
                }
            }
        }
        self.result_came();
        self.tell(Event::Malformed, bytes);
    }
}

/// A copy of a line.
// Inlined, it would be the larger part of whoever calls it.
#[inline(never)]
pub(super) fn own(bytes: &[u8]) -> Line {
    Line::copied(bytes)
}

/// Not specified; chosen because the longest answer the manuals show has 9 lines, and memory must
/// be bounded.
const ANSWER_LINES: usize = 64;

/// Not specified; chosen because 64 lines of half a kilobyte fit in, and memory must be bounded.
const ANSWER_BYTES: usize = 32 * 1024;
