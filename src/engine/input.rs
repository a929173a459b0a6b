//! A line from the module, and whose it is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tracing::info;

use super::exchange::{Exchange, Wire};
use super::fence::{Fence, Numbered};
use super::settings::ECHO;
use super::slot::Due;
use super::timers::{TimerKind, Timers};
use super::{ContradictionReason, Core, Echo, Event, ExchangeError, later};
use crate::at::command::{Answer, EchoChange, body};
use crate::at::line::{Frame, Line};
use crate::at::result::FinalResult;
use crate::at::syntax::View;
use crate::at::unsolicited::{BootLine, UrcName};

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
        if self.take_echo(bytes) {
            self.text = None;
            return;
        }
        if self.text.is_some() && self.take_text(now, bytes) {
            return;
        }
        match View::of(bytes) {
            View::Final(result) => self.handle_final(now, bytes, result),
            view => self.handle_information(now, bytes, &view),
        }
    }

    /// An echo is the line on the wire as it was sent.
    fn take_echo(&mut self, bytes: &[u8]) -> bool {
        if !self.asked() {
            return false;
        }
        let echoed = match &mut self.wire {
            Wire::Command(exchange) => {
                let line = exchange.request.line.bytes();
                if line.len() != bytes.len() + 1 || !line.starts_with(bytes) {
                    return false;
                }
                &mut exchange.echoed
            }
            Wire::Fence(fence) => {
                if !fence.is_echoed_by(bytes) {
                    return false;
                }
                &mut fence.echoed
            }
            Wire::Idle | Wire::Remainder => return false,
        };
        if std::mem::replace(echoed, true) && self.echo != Echo::Useless {
            info!("something on the way to the module echoes too");
            self.echo = Echo::Useless;
        }
        true
    }

    /// Where the module echoes and the echo of the command has not come, a line that is almost its
    /// own is the echo: of what the module heard, or damaged on its way back.
    #[cold]
    fn take_damaged_echo(&mut self, bytes: &[u8]) -> bool {
        if !self.asked() {
            return false;
        }
        let echoes = self.echo == Echo::On;
        match &mut self.wire {
            Wire::Command(exchange)
                // The line that switches echo on is looked at too: without it nothing is.
                if (echoes || exchange.request.echo == Some(EchoChange::On))
                    && !exchange.echoed
                    && is_almost(bytes, exchange.request.line()) =>
            {
                exchange.echoed = true;
                exchange.doubt.get_or_insert_with(|| Box::new(ContradictionReason::Misheard(own(bytes))));
                true
            }
            _ => false,
        }
    }

    /// A line was answered: whether it was echoed is known.
    pub(super) fn confirm_echo(&mut self, echoed: bool) {
        if matches!(self.echo, Echo::Agreed | Echo::Lost) {
            self.echo = if echoed { Echo::On } else { Echo::Lost };
        }
    }

    /// Whether the line on the wire was written to its end: nothing that comes before can answer it.
    fn asked(&self) -> bool {
        self.unsent.is_empty()
    }

    fn asked_command(&mut self) -> Option<&mut Exchange> {
        self.asked_command_and_timers().map(|(exchange, _)| exchange)
    }

    fn asked_command_and_timers(&mut self) -> Option<(&mut Exchange, &mut Timers)> {
        match &mut self.wire {
            Wire::Command(exchange) if self.unsent.is_empty() && exchange.is_heard(self.echo) => {
                Some((exchange, &mut self.timers))
            }
            _ => None,
        }
    }

    fn handle_final(&mut self, now: Instant, bytes: &[u8], result: FinalResult<'_>) {
        let asked = self.asked();
        match std::mem::take(&mut self.wire) {
            Wire::Command(exchange)
                if asked && exchange.is_heard(self.echo) && ends(&exchange, &result) =>
            {
                let result = match result {
                    FinalResult::Ok => FinalResult::Ok,
                    other => other.into_owned(),
                };
                self.end_command(now, exchange, Some(result));
            }
            Wire::Fence(fence) => self.handle_final_of_fence(now, bytes, result, fence),
            wire => {
                self.wire = wire;
                if self.past_open {
                    self.events.push_back(Event::Late(own(bytes)));
                } else if self.echo == Echo::On {
                    // The echo of the next line will tell its answer from this.
                    self.events.push_back(Event::Stray(own(bytes)));
                } else {
                    // Something answered that was not asked: what else may come is not known. A
                    // command that was begun is not ended by this code (BUSY and its like, or it
                    // was not written to its end), one that was not waits for a fence.
                    let stepped_back = self.step_back(now);
                    if matches!(self.wire, Wire::Idle) {
                        self.reopen_past();
                    }
                    self.events.push_back(Event::Stray(own(bytes)));
                    if stepped_back {
                        self.stepped_back += 1;
                        if self.stepped_back >= STEPS_BACK {
                            self.stepped_back = 0;
                            self.silence();
                        }
                    }
                }
            }
        }
    }

    #[cold]
    fn handle_final_of_fence(
        &mut self,
        now: Instant,
        bytes: &[u8],
        result: FinalResult<'_>,
        mut fence: Box<Fence>,
    ) {
        let echo_is_due = !fence.echoed && matches!(self.echo, Echo::Agreed | Echo::On);
        let ends = self.asked() && result.ends_any_command();
        let counts = ends && !echo_is_due;
        fence.heard |= ends;
        if counts && fence.is_number() {
            if fence.echoed {
                self.timers.stop(TimerKind::Fence);
                self.fences.numbered = Numbered::Passed;
                self.unanswered = 0;
                return;
            }
            // It has an answer, or something before it has. An echo would be here by now, or soon.
            let soon = later(now, ECHO);
            let due = self.timers.get(TimerKind::Fence).map_or(soon, |due| due.min(soon));
            self.timers.set(TimerKind::Fence, due);
        } else if counts && fence.is_closed_by(result == FinalResult::Ok) {
            self.timers.stop(TimerKind::Fence);
            self.confirm_echo(fence.echoed);
            self.close_past();
            return;
        } else if counts && result != FinalResult::Ok && fence.may_be_refused(&self.fences) {
            self.timers.stop(TimerKind::Fence);
            self.events.push_back(Event::Late(own(bytes)));
            if self.fences.refused(&fence, &self.settings.profile) {
                self.close_past();
            } else if self.fences.numbered != Numbered::Passed {
                self.count_unanswered();
            }
            return;
        }
        self.wire = Wire::Fence(fence);
        self.events.push_back(Event::Late(own(bytes)));
    }

    fn handle_information(&mut self, now: Instant, bytes: &[u8], view: &View<'_>) {
        if matches!(view, View::Text(_)) && self.take_damaged_echo(bytes) {
            return;
        }
        if let View::Prefixed { prefix, args } = view {
            if self.take_fence(prefix) || self.take_result(now, bytes, prefix, args) {
                return;
            }
        }
        if self.take_answer(now, bytes, view, false) {
            return;
        }
        let stray = matches!(view, View::Prefixed { prefix, .. } if self.slots.is_known(prefix));
        if self.is_late(view) {
            self.events.push_back(Event::Late(own(bytes)));
        } else if let Some(urc) = self.settings.profile.urc(view).filter(|_| !stray) {
            self.events.push_back(Event::Urc(own(bytes)));
            self.watch_text(now, urc, bytes);
            self.watch_boot(now, urc);
        } else if !self.take_answer(now, bytes, view, true) {
            let event = if stray { Event::Stray } else { Event::Urc };
            self.events.push_back(event(own(bytes)));
        }
    }

    fn take_fence(&mut self, prefix: &[u8]) -> bool {
        let asked = self.asked();
        let echoes = self.echo == Echo::On;
        match &mut self.wire {
            Wire::Fence(fence) => asked && (fence.echoed || !echoes) && fence.takes(prefix),
            _ => false,
        }
    }

    /// A result line goes to whoever owns its slot; one that was missed before goes to nobody.
    fn take_result(&mut self, now: Instant, bytes: &[u8], prefix: &[u8], args: &[u8]) -> bool {
        // A result, a length and a byte in quotes, with commas between them.
        let has_data = args.len() >= "0,1,\"x\"".len();
        if has_data && self.is_said_again(bytes, prefix, args) {
            self.events.push_back(Event::Stray(own(bytes)));
            return true;
        }
        let wants = |exchange: &Exchange| exchange.request.uses_result(prefix, args);
        if let Some(index) = self.waiting.iter().position(|exchange| wants(exchange)) {
            self.end_waiting(now, index, Ok(own(bytes)));
            return true;
        }
        let only_asks = |exchange: &Exchange| {
            let request = &exchange.request;
            request.asks(prefix) && !request.may_cause_any(prefix)
        };
        if self.slots.is_missed(prefix, args)
            && self.asked_command().is_some_and(|exchange| only_asks(exchange))
        {
            // It may be the answer to a read form that was refused (`+ALIPAYREP: 2`), and then the
            // result is still due.
            self.events.push_back(Event::Late(own(bytes)));
            return true;
        }
        if let Some(due) = self.slots.arrived(prefix, args) {
            let raw = due == Due::Caused
                && self
                    .asked_command()
                    .is_some_and(|exchange| exchange.request.may_cause_any(prefix));
            if !raw {
                let event = if due == Due::Missed { Event::Late } else { Event::Urc };
                self.events.push_back(event(own(bytes)));
            }
            return !raw;
        }
        let after = self.settings.final_after_result;
        if let Some((exchange, timers)) = self.asked_command_and_timers() {
            if wants(exchange) && exchange.early.is_none() {
                exchange.early = Some(Ok(own(bytes)));
                exchange.wait_for_final(now, after, timers);
                return true;
            }
        }
        false
    }

    /// Whether a result with data of its own was said before, in answer to another line: no two of
    /// them are equal, so it is that one once more.
    #[cold]
    fn is_said_again(&mut self, bytes: &[u8], prefix: &[u8], args: &[u8]) -> bool {
        let counted = self.settings.profile.counted;
        let is_counted = counted.iter().any(|counted| counted.prefix.as_bytes() == prefix);
        if !is_counted || !args.contains(&b',') {
            return false;
        }
        let wants = |exchange: &&Exchange| exchange.request.uses_result(prefix, args);
        let waiting = self.waiting.iter().map(|exchange| &**exchange).find(wants);
        let on_wire = match &self.wire {
            Wire::Command(exchange) => Some(&**exchange),
            Wire::Idle | Wire::Fence(_) | Wire::Remainder => None,
        };
        let owner = waiting.or(on_wire.filter(wants));
        let line = owner.map(|exchange| exchange.request.line.bytes().clone()).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some((_, other)) = self.last_data.iter().find(|(said, _)| *said == hash) {
            return *other != line;
        }
        if self.last_data.len() == REMEMBERED {
            self.last_data.pop_front();
        }
        self.last_data.push_back((hash, line));
        false
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
        if exchange.request.last_line.is_some_and(|last| view == &View::Text(last.as_bytes())) {
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
        let room = lines.len() < ANSWER_LINES;
        if !takes || !room {
            return false;
        }
        exchange.lines.push(own(bytes));
        // A line that was written by hand may ask for a text.
        if matches!(answer, Answer::Any) {
            if let Some(urc) = self.settings.profile.urc(view) {
                self.watch_text(now, urc, bytes);
            }
        }
        true
    }

    /// A line of which only the beginning is right. If it is the result that somebody waits for,
    /// it has come, and it is worthless. What it announced as data is split into lines, and may
    /// look like the answer to another command that is on the wire, or to the next one.
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
        if let View::Prefixed { prefix, args } = View::of(bytes) {
            let awaited = |exchange: &Exchange| {
                let result = exchange.request.result.as_ref();
                result.is_some_and(|awaited| awaited.has_prefix(prefix))
            };
            if let Some(index) = self.waiting.iter().position(|exchange| awaited(exchange)) {
                self.end_waiting(now, index, Err(ExchangeError::Contradicted(why)));
                return;
            }
            if self.slots.arrived(prefix, args).is_none() {
                let after = self.settings.final_after_result;
                if let Some((exchange, timers)) = self.asked_command_and_timers() {
                    if awaited(exchange) && exchange.early.is_none() {
                        exchange.early = Some(Err(ExchangeError::Contradicted(why)));
                        exchange.wait_for_final(now, after, timers);
                        return;
                    }
                }
            }
        }
        self.events.push_back(Event::Malformed(own(bytes)));
    }

    /// The first line of a start in mid-session tells of a reset, and so does a later one, should
    /// the first have been lost. A host's first AT may release a first line that is no news.
    fn watch_boot(&mut self, now: Instant, urc: &UrcName) {
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

    /// The module was reset, as somebody found out who asked it.
    pub(super) fn reset_was_told(&mut self, now: Instant) {
        self.reset(now, ResetSign::Told);
    }

    /// The module starts: nothing that was due before will come, and the boot lines that follow tell
    /// of the same start.
    fn boot_began(&mut self, now: Instant) {
        self.timers.stop(TimerKind::Quiet);
        self.timers.set(TimerKind::Boot, later(now, self.settings.boot));
    }

    /// What was pending is gone. What was sent after the reset is not: it is carried out, and its
    /// result would be taken for that of the next command.
    fn reset(&mut self, now: Instant, sign: ResetSign) {
        let some_time_ago = sign == ResetSign::Boot(BootLine::Later);
        if !some_time_ago {
            self.slots.clear();
        }
        for exchange in self.waiting.iter().filter(|_| some_time_ago) {
            if let Some(awaited) = &exchange.request.result {
                self.slots.missed(
                    now,
                    awaited,
                    exchange.request.line.bytes(),
                    self.settings.settle,
                );
            }
        }
        if let Wire::Command(exchange) = &self.wire {
            let shortly = |written| now < written + SHORTLY;
            let heard = match sign {
                ResetSign::Told | ResetSign::Boot(BootLine::Later) => exchange.sent > 0,
                ResetSign::Boot(BootLine::First) => exchange.written.is_some_and(shortly),
            };
            let due = exchange.request.result.as_ref().filter(|result| !result.ok_alone);
            if let Some(awaited) = due.filter(|_| heard && exchange.early.is_none()) {
                self.slots.missed(
                    now,
                    awaited,
                    exchange.request.line.bytes(),
                    self.settings.settle,
                );
            }
            if heard && !some_time_ago {
                for (prefix, shape) in &exchange.request.taints {
                    self.slots.caused(now, prefix, *shape, self.settings.settle);
                }
            }
        }
        self.slots.expire(now + self.settings.settle);
        self.past.clear();
        self.reopen_past();
        self.echo = Echo::Unknown;
        self.boot_began(now);
        self.events.push_back(Event::Reset);
        self.abandon(now, ExchangeError::Interrupted);
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

fn ends(exchange: &Exchange, result: &FinalResult<'_>) -> bool {
    result.ends_any_command() || exchange.request.finals.contains(result)
}

/// Whether `bytes` are `line`, which ends with CR, but for a part of it: they begin as a command line,
/// or half of them stand in it at the same end.
fn is_almost(bytes: &[u8], line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let same = |(one, other): &(&u8, &u8)| one == other;
    let front = line.iter().zip(bytes).take_while(same).count();
    let back = line.iter().rev().zip(bytes.iter().rev()).take_while(same).count();
    body(bytes).is_some() || 2 * (front + back) >= line.len().max(bytes.len())
}

fn own(bytes: &[u8]) -> Line {
    Line::new(Bytes::copy_from_slice(bytes))
}

/// Not specified; chosen because an adapter and a system hand on a line within some 20 ms: a
/// command that was sent as long before `RDY` arrived was sent before `RDY` was said, and the
/// module did not hear it.
const SHORTLY: Duration = Duration::from_millis(500);

/// Not specified; chosen because a final result that is late comes once or twice, and where each of
/// them is said twice no fence closes anything.
const STEPS_BACK: u32 = 8;

/// Not specified; chosen because no line is said again after more than some seconds, and no till
/// signs as many in that time.
const REMEMBERED: usize = 16;

/// Not specified; chosen because the longest answer the manuals show has 9 lines, and memory must
/// be bounded.
const ANSWER_LINES: usize = 64;
