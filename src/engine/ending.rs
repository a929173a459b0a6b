//! How a command ends: with its answer, without one, or because nobody wants it any more.

use std::time::Instant;

use super::echo::Echo;
use super::exchange::{Exchange, Wire};
use super::timers::TimerKind;
use super::{Certainty, ContradictionReason, Core, Event, ExchangeError, Ticket};
use crate::at::command::{Answer, EchoChange, Lines, Reply};
use crate::at::line::Line;
use crate::at::octets::Octets;
use crate::at::result::FinalResult;
use crate::log::{debug, warn};

impl Core {
    #[cold]
    pub(super) fn time_out_command(&mut self, now: Instant, mut exchange: Box<Exchange>) {
        if exchange.sent == 0 {
            self.unsent = 0;
            let failure = exchange.timed_out();
            self.done(exchange, Err(failure));
            return;
        }
        if exchange.echoes < self.echo.due() {
            self.doubt_echo();
        }
        self.open_past(&exchange.request);
        self.leave_wire(now, exchange.request.line.bytes());
        match exchange.early.take() {
            // The final result was lost, the result was not.
            Some(Ok(line)) if exchange.doubt.is_none() => {
                let reply = exchange.reply(Some(line), None);
                self.done(exchange, Ok(reply));
            }
            Some(Err(failure)) => self.done(exchange, Err(failure)),
            _ => {
                self.miss_result(now, &exchange);
                self.note_begun(&exchange);
                let failure = exchange.timed_out();
                self.done(exchange, Err(failure));
            }
        }
    }

    /// The result of `exchange` has not come, and may come later. Where `OK` alone is success, a
    /// result comes before it if it comes at all, and a fence is enough to tell it apart.
    #[cold]
    pub(super) fn miss_result(&mut self, now: Instant, exchange: &Exchange) {
        if let Some(awaited) = exchange.request.awaited().filter(|result| !result.ok_alone) {
            let over = exchange.result_over(now, &self.settings.profile);
            self.slots.missed(now, awaited, &exchange.request, over, self.settings.settle);
        }
    }

    /// The final result of the command on the wire came, and it counts; or, instead of one, the
    /// line that ends the command.
    pub(super) fn end_command(
        &mut self,
        now: Instant,
        mut exchange: Box<Exchange>,
        final_result: Option<FinalResult<'static>>,
    ) {
        self.timers.stop(TimerKind::Final);
        exchange.acknowledged = Some(now);
        self.confirm_echo(exchange.echoes);
        if let Some(doubt) = exchange.doubt.take() {
            // What the module heard, it has answered.
            let heard = matches!(*doubt, ContradictionReason::Misheard(_));
            if !heard {
                self.open_past(&exchange.request);
            }
            let refused = heard_one_command(&doubt)
                && final_result.is_some_and(|last| last != FinalResult::Ok);
            if exchange.early.is_none() && !refused {
                let awaited = exchange.request.awaited().filter(|result| !result.ok_alone);
                match awaited.filter(|_| heard) {
                    Some(awaited) => {
                        let over = exchange.result_over(now, &self.settings.profile);
                        let request = &exchange.request;
                        self.slots.misheard(now, awaited, request, over, self.settings.settle);
                    }
                    None => self.miss_result(now, &exchange),
                }
            }
            self.note_begun(&exchange);
            self.done(exchange, Err(ExchangeError::Contradicted(*doubt)));
            return;
        }
        let accepted = matches!(final_result, None | Some(FinalResult::Ok));
        if let Some(refusal) = final_result.as_ref().filter(|_| !accepted).cloned() {
            // The first commands of a line may have been carried out before one was refused.
            if !exchange.request.taints().is_empty() && exchange.request.commands().len() == 1 {
                for (prefix, _) in exchange.request.taints() {
                    self.slots.not_caused(prefix);
                }
            }
            let failure = match exchange.early.take() {
                None => ExchangeError::Refused(refusal),
                Some(_) => {
                    self.open_past(&exchange.request);
                    ExchangeError::Contradicted(ContradictionReason::ResultThenError(refusal))
                }
            };
            self.done(exchange, Err(failure));
            return;
        }
        if exchange.request.echo == Some(EchoChange::On) && self.echo == Echo::Unknown {
            self.echo = if exchange.echoes > 0 { Echo::On(1) } else { Echo::Agreed(1) };
        }
        let missing = exchange.request.answer.missing(&exchange.lines);
        if let Some(expected) = missing {
            self.open_past(&exchange.request);
            if exchange.early.is_none() {
                self.miss_result(now, &exchange);
            }
            let failure = ContradictionReason::MissingAnswer { expected };
            self.done(exchange, Err(ExchangeError::Contradicted(failure)));
            return;
        }
        if exchange.request.is_plain() {
            self.answered(exchange, final_result);
            return;
        }
        for prefix in exchange.request.freed() {
            self.slots.free(now, prefix);
        }
        match (exchange.early.take(), exchange.request.awaited()) {
            (Some(Ok(line)), _) => {
                let reply = exchange.reply(Some(line), final_result);
                self.done(exchange, Ok(reply));
            }
            (Some(Err(failure)), _) => self.done(exchange, Err(failure)),
            (None, Some(awaited)) if !awaited.ok_alone => {
                if exchange.owned {
                    self.start_waiting(now, awaited.deadline, exchange);
                } else {
                    self.miss_result(now, &exchange);
                }
            }
            (None, _) => {
                let reply = exchange.reply(None, final_result);
                self.done(exchange, Ok(reply));
            }
        }
    }

    /// The awaited result of a command that has its `OK` came.
    pub(super) fn end_waiting(
        &mut self,
        now: Instant,
        index: usize,
        line: Result<Line, ExchangeError>,
    ) {
        let mut exchange = self.stop_waiting(index);
        if let Some(awaited) = exchange.request.awaited() {
            let within = awaited.deadline.after.max(self.settings.settle);
            self.slots.settled(now, awaited.prefix, within);
        }
        let outcome = line.map(|line| exchange.reply(Some(line), Some(FinalResult::Ok)));
        self.done(exchange, outcome);
    }

    pub(super) fn cancel(&mut self, now: Instant, ticket: Ticket) -> Certainty {
        if let Some(index) = self.queue.iter().position(|next| next.ticket == ticket) {
            self.queue.remove(index);
            return Certainty::NotSent;
        }
        if let Some(index) = self.waiting.iter().position(|next| next.ticket == ticket) {
            let exchange = self.stop_waiting(index);
            self.miss_result(now, &exchange);
            return Certainty::Unknown;
        }
        match &mut self.wire {
            Wire::Command(exchange) if exchange.ticket == ticket && exchange.sent == 0 => {
                self.unsent = 0;
                self.timers.stop_wire();
                self.wire = Wire::Idle;
                return Certainty::NotSent;
            }
            Wire::Command(exchange) if exchange.ticket == ticket => exchange.owned = false,
            _ => {}
        }
        Certainty::Unknown
    }

    /// Everything that is pending ends: the module or the port is gone.
    #[cold]
    pub(super) fn abandon(&mut self, now: Instant, failure: fn(Certainty) -> ExchangeError) {
        let line = match std::mem::take(&mut self.wire) {
            Wire::Command(exchange) => {
                let certainty = exchange.certainty();
                if exchange.sent == 0 {
                    self.unsent = 0;
                } else {
                    // A module that was reset may have read it after that.
                    self.open_past(&exchange.request);
                }
                let line = exchange.request.line.bytes().clone();
                self.done(exchange, Err(failure(certainty)));
                line
            }
            Wire::Idle => Octets::NONE,
            Wire::Fence(fence) => fence.line,
            Wire::Remainder(line) => *line,
        };
        self.leave_wire(now, &line);
        for exchange in std::mem::take(&mut self.waiting) {
            self.done(exchange, Err(failure(Certainty::Unknown)));
        }
        self.timers.stop(TimerKind::Result);
        self.fail_queue(&|| failure(Certainty::NotSent));
    }

    /// A command that asks for nothing but its answer has it, as most commands do: what
    /// [`done`](Self::done) does for it.
    #[inline]
    fn answered(
        &mut self,
        mut exchange: Box<Exchange>,
        final_result: Option<FinalResult<'static>>,
    ) {
        let ticket = exchange.ticket;
        debug!(ticket = ticket.number, command = exchange.request.summary(), "done");
        if exchange.owned {
            let outcome = Ok(exchange.reply(None, final_result));
            self.events.push_back(Event::Done { ticket, outcome });
        } else if matches!(exchange.request.answer, Answer::Any) {
            self.tell_late(std::mem::take(&mut exchange.lines));
        }
        exchange.forget();
        self.spare = Some(exchange);
    }

    pub(super) fn done(
        &mut self,
        mut exchange: Box<Exchange>,
        outcome: Result<Reply, ExchangeError>,
    ) {
        let (ticket, request) = (exchange.ticket.number, &exchange.request);
        if let Ok(reply) = &outcome {
            if self.earlier.is_some() || request.earlier_until().is_some() {
                self.learn_of_earlier(request, exchange.written, reply);
            }
        }
        if outcome.is_ok() && !request.dates().is_empty() {
            if let Some(written) = exchange.written {
                self.slots.dated(request.dates(), written);
            }
        }
        match &outcome {
            Ok(_) => debug!(ticket, command = request.summary(), "done"),
            Err(failure) => warn!(ticket, command = request.summary(), %failure, "failed"),
        }
        // A line that was taken because nothing else claimed it may be a URC that nobody knows.
        let unclaimed = matches!(exchange.request.answer, Answer::Any);
        if unclaimed {
            self.tell_late(std::mem::take(&mut exchange.lines));
        }
        if exchange.owned {
            self.push(Event::Done { ticket: exchange.ticket, outcome });
        } else if let Ok(reply) = outcome {
            self.tell_late(if unclaimed { reply.lines } else { Lines::NONE });
            self.tell_late(reply.result);
        }
        exchange.forget();
        self.spare = Some(exchange);
    }

    /// Lines came that nobody waits for.
    #[cold]
    fn tell_late(&mut self, lines: impl IntoIterator<Item = Line>) {
        lines.into_iter().for_each(|line| self.push(Event::Late(line)));
    }
}

/// Whether the module heard one command in the place of the line, so that an error says that nothing
/// was carried out. Behind a `;` stands another one, and the first may have been.
fn heard_one_command(doubt: &ContradictionReason) -> bool {
    matches!(doubt, ContradictionReason::Misheard(line) if !line.as_bytes().contains(&b';'))
}
