//! Final results: whose they are, and whether each comes twice.

use std::time::Instant;

use crate::log::info;

use super::echo::Echo;
use super::exchange::{Exchange, Wire};
use super::fence::{Fence, Numbered};
use super::settings::ECHO;
use super::timers::TimerKind;
use super::{Core, Event, later};
use crate::at::result::FinalResult;

/// Whether final results come twice.
///
/// A fence shows it: nothing can be answered between its own final result and the next line that is
/// written, so that a second one is a copy. So does an echo, where one of two that follow each other
/// comes before the echo of the next line.
#[derive(Debug, Default)]
pub(super) struct Doubled {
    /// A fence was answered, and nothing was asked since but another query.
    after_fence: bool,
    /// The last line that came was a final result.
    after_final: bool,
    /// The last line that came was a result which the command on the wire does not wait for, and nothing
    /// was written since.
    after_result: bool,
    /// An OK was said behind such a result, that nothing had asked for.
    behind_results: bool,
    /// How many copies in a row may still be missing before final results are believed to come
    /// once; 0 if they do.
    believed: u8,
}

impl Doubled {
    fn are_seen(&self) -> bool {
        self.believed > 0
    }

    /// A command was written: a final result may be its own.
    #[inline]
    pub(super) fn command_was_written(&mut self) {
        (self.after_fence, self.after_result) = (false, false);
    }

    /// Something else may be answered now.
    pub(super) fn past_was_opened(&mut self) {
        self.after_fence = false;
    }

    /// A line came that is no final result.
    #[inline]
    pub(super) fn other_line_came(&mut self) {
        (self.after_final, self.after_result) = (false, false);
    }

    /// A command or a fence has its final result.
    #[inline]
    fn final_came(&mut self) {
        (self.after_final, self.after_result) = (true, false);
    }

    fn fence_was_answered(&mut self) {
        self.after_fence = true;
        self.after_final = true;
    }

    /// Whether a final result that nothing was asked for is the copy of a fence's.
    fn is_copy(&mut self, echo: Echo) -> bool {
        if self.after_fence || echo.is_on() && self.after_final {
            if !self.are_seen() {
                info!("final results come twice");
            }
            self.believed = MISSING_COPIES;
        }
        self.after_fence
    }

    /// A final result came that nothing was asked for. Whether it belongs to the result before it, as
    /// such a one did before.
    fn came_behind_result(&mut self) -> bool {
        let belongs = std::mem::take(&mut self.after_result);
        let known = self.behind_results;
        self.behind_results |= belongs;
        belongs && known
    }

    /// Whether a final result that comes now may belong to the result before it.
    fn is_behind_result(&self) -> bool {
        self.after_result && self.behind_results
    }

    /// The copy that was due did not come.
    fn copy_is_missing(&mut self) {
        self.believed = self.believed.saturating_sub(1);
    }
}

impl Core {
    pub(super) fn handle_final(&mut self, now: Instant, bytes: &[u8], result: FinalResult<'_>) {
        let asked = self.asked();
        let behind_result = self.doubled.is_behind_result();
        match std::mem::take(&mut self.wire) {
            Wire::Command(exchange)
                if asked
                    && exchange.is_heard(self.echo)
                    && ends(&exchange, &result)
                    && !(behind_result && exchange.echoes == 0) =>
            {
                let result = match result {
                    FinalResult::Ok => FinalResult::Ok,
                    other => other.into_owned(),
                };
                self.end_command(now, exchange, Some(result));
                self.doubled.final_came();
                if self.doubled.are_seen() && !self.echo.is_on() {
                    // Its copy would be taken for the answer to the next command.
                    self.reopen_past();
                }
            }
            Wire::Fence(fence) => self.handle_final_of_fence(now, bytes, result, fence),
            wire => {
                self.wire = wire;
                self.handle_stray_final(now, bytes);
            }
        }
    }

    /// A result came. Where it is not for the command on the wire, a final result may follow that is not
    /// either.
    pub(super) fn result_came(&mut self) {
        let is_own = matches!(&self.wire, Wire::Command(exchange) if exchange.early.is_some());
        self.doubled.after_result = !is_own;
    }

    /// A final result that nothing on the wire has asked for.
    #[cold]
    fn handle_stray_final(&mut self, now: Instant, bytes: &[u8]) {
        if self.past_open {
            self.tell(Event::Late, bytes);
            return;
        }
        let is_copy = self.doubled.is_copy(self.echo) || self.doubled.came_behind_result();
        let is_known = self.echo.is_on() || is_copy;
        self.tell(Event::Stray, bytes);
        if is_known {
            // The echo of the next line tells its answer from this; or it is no answer at all.
            return;
        }
        // Something answered that was not asked: what else may come is not known. A command that
        // was begun is not ended by this code (BUSY and its like, or it was not written to its
        // end), one that was not waits for a fence.
        let stepped_back = self.step_back(now);
        if matches!(self.wire, Wire::Idle) {
            self.reopen_past();
        }
        if stepped_back {
            self.stepped_back += 1;
            if self.stepped_back >= STEPS_BACK {
                self.stepped_back = 0;
                self.silence();
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
        let ends = self.asked() && result.ends_any_command();
        if fence.is_closed || !fence.has_begun() && self.doubled.is_copy(self.echo) {
            self.tell(Event::Stray, bytes);
            match fence.is_closed {
                true => self.leave_fence(),
                false => self.wire = Wire::Fence(fence),
            }
            return;
        }
        let of_begun = std::mem::take(&mut fence.behind_begun) && self.echo.due_of_fence() > 0;
        // Where results come before the final result, nothing of that line comes later.
        let is_last = result != FinalResult::Ok || self.settings.profile.result_before_ok;
        if ends && is_last && (fence.merged || of_begun) {
            self.slots.late_one_ended();
        }
        if ends && fence.merged {
            self.timers.stop(TimerKind::Fence);
            self.tell(Event::Late, bytes);
            self.merge_fence(&fence);
            return;
        }
        if ends && fence.is_number() && fence.all_echoes() > fence.echoes {
            // The number cannot be told from another one.
            self.timers.stop(TimerKind::Fence);
            self.fences.numbered = Numbered::Failed;
            self.tell(Event::Late, bytes);
            return;
        }
        let counts = ends && fence.echoes_before_answer() >= self.echo.due_of_fence();
        fence.heard |= ends;
        if counts && fence.is_number() {
            if fence.echoes > 0 {
                if matches!(self.echo, Echo::Lost | Echo::Unknown) {
                    // Nobody else has this number.
                    self.echo = Echo::On(fence.echoes);
                }
                self.timers.stop(TimerKind::Fence);
                self.fences.numbered = Numbered::Passed;
                return;
            }
            // It has an answer, or something before it has. An echo would be here by now, or soon.
            let soon = later(now, ECHO);
            let due = self.timers.get(TimerKind::Fence).map_or(soon, |due| due.min(soon));
            self.timers.set(TimerKind::Fence, due);
        } else if counts && fence.is_closed_by(result == FinalResult::Ok) {
            self.fence_was_answered(now, fence);
            return;
        } else if counts && result != FinalResult::Ok && fence.may_be_refused(&self.fences) {
            self.timers.stop(TimerKind::Fence);
            self.tell(Event::Late, bytes);
            if self.fences.refused(&fence, &self.settings.profile) {
                self.close_past();
            } else if self.fences.numbered != Numbered::Passed {
                self.count_unanswered();
            }
            return;
        }
        self.wire = Wire::Fence(fence);
        self.tell(Event::Late, bytes);
    }

    /// The fence has its own answer. Where final results come twice and no echo would tell the copy
    /// from the next answer, the copy is waited for.
    fn fence_was_answered(&mut self, now: Instant, mut fence: Box<Fence>) {
        self.confirm_echo(fence.echoes.max(fence.all_echoes().min(1)));
        self.doubled.fence_was_answered();
        if !self.echo.is_on() && self.doubled.are_seen() {
            self.timers.set(TimerKind::Fence, later(now, ECHO));
            fence.is_closed = true;
            self.wire = Wire::Fence(fence);
            return;
        }
        self.timers.stop(TimerKind::Fence);
        let no_echo = fence.all_echoes() == 0 && self.fences.numbered != Numbered::Passed;
        if no_echo && !self.synchronised && self.fences.has_to_repeat(&fence) {
            // A second query shows whether the final result of the first one comes twice.
            return;
        }
        self.close_past();
    }

    /// The copy of the fence's final result has come, or its time is over.
    fn leave_fence(&mut self) {
        self.timers.stop(TimerKind::Fence);
        self.close_past();
    }

    /// A fence had no answer that counts.
    pub(super) fn fence_failed(&mut self, fence: &Fence) {
        if fence.is_closed {
            self.doubled.copy_is_missing();
            self.leave_fence();
            return;
        }
        if fence.all_echoes() < self.echo.due_of_fence() && fence.was_answered() {
            self.doubt_echo();
        }
        self.miss_fence(fence);
        if fence.is_number() && fence.was_answered() {
            return;
        }
        self.count_unanswered();
    }

    /// The module took the fence and a line before it for one, and answered that.
    fn merge_fence(&mut self, fence: &Fence) {
        self.miss_fence(fence);
        self.fences.numbered = Numbered::Due;
        self.count_unanswered();
    }
}

fn ends(exchange: &Exchange, result: &FinalResult<'_>) -> bool {
    result.ends_any_command() || exchange.request.ends().contains(result)
}

/// Not specified; chosen because a final result that is late comes once or twice, and where each of
/// them is said twice no fence closes anything.
const STEPS_BACK: u32 = 8;

/// Not specified; chosen because one copy may be lost on a bad line, and three in a row are not.
const MISSING_COPIES: u8 = 3;
