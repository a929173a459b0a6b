//! Result lines: whose they are.

use std::time::Instant;

use super::exchange::{Exchange, Wire};
use super::said::LONG;
use super::slot::Due;
use super::{ContradictionReason, Core, Event, ExchangeError, own};
use crate::at::command::{Request, made_at};
use crate::at::octets::Octets;

impl Core {
    /// A result line goes to whoever owns its slot; one that was missed before goes to nobody.
    pub(super) fn take_result(
        &mut self,
        now: Instant,
        bytes: &[u8],
        prefix: &[u8],
        args: &[u8],
    ) -> bool {
        // A result, a length and a byte in quotes, with commas between them.
        let has_data = args.len() >= "0,1,\"x\"".len();
        if has_data && self.is_said_again(bytes, prefix, args) {
            self.tell(Event::Stray, bytes);
            return true;
        }
        let awaits = |exchange: &Exchange| exchange.request.awaited().is_some();
        let may_come = !self.waiting.is_empty() || !self.slots.are_unused();
        if !may_come && !matches!(&self.wire, Wire::Command(exchange) if awaits(exchange)) {
            return false;
        }
        self.credit_result(now, bytes, prefix, args)
    }

    /// As [`take_result`](Self::take_result), where a result may come.
    #[inline(never)]
    fn credit_result(&mut self, now: Instant, bytes: &[u8], prefix: &[u8], args: &[u8]) -> bool {
        let wants = |exchange: &Exchange| exchange.request.uses_result(prefix, args);
        if let Some(index) = self.waiting.iter().position(|exchange| wants(exchange)) {
            let exchange = &self.waiting[index];
            match self.whose(now, &exchange.request, prefix, args) {
                Whose::Own => {
                    self.slots.came(now, prefix, args, true);
                    self.end_waiting(now, index, Ok(own(bytes)));
                }
                Whose::Earlier => self.take_earlier(now, bytes, prefix, args),
                Whose::Either => {
                    let over = exchange.result_over(now, &self.settings.profile);
                    self.slots.either(now, &exchange.request, over, self.settings.settle);
                    self.end_waiting(now, index, Err(either(bytes)));
                }
            }
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
            self.tell(Event::Late, bytes);
            return true;
        }
        if self.take_dated(now, bytes, prefix, args) {
            return true;
        }
        if let Some(due) = self.slots.arrived(now, prefix, args) {
            let raw = due == Due::Caused
                && self
                    .asked_command()
                    .is_some_and(|exchange| exchange.request.may_cause_any(prefix));
            if !raw {
                let event = match due {
                    Due::Missed => Event::Late,
                    Due::Copy => Event::Stray,
                    Due::Caused => Event::Urc,
                };
                self.tell(event, bytes);
            }
            return !raw;
        }
        let Some(exchange) = self.asked_command() else { return false };
        if !wants(exchange) || exchange.early.is_some() {
            return false;
        }
        let echoed = exchange.echoes > 0;
        if !echoed && self.slots.is_too_early(now, prefix) {
            return false;
        }
        self.slots.came(now, prefix, args, false);
        let after = self.settings.final_after_result;
        if let Some((exchange, timers)) = self.asked_command_and_timers() {
            exchange.early = Some(Ok(own(bytes)));
            exchange.wait_for_final(now, after, timers);
        }
        true
    }

    /// A result for a command on the wire that may begin though an earlier one is due.
    fn take_dated(&mut self, now: Instant, bytes: &[u8], prefix: &[u8], args: &[u8]) -> bool {
        let Wire::Command(exchange) = &self.wire else { return false };
        let request = &exchange.request;
        if request.made_after().is_none()
            || !request.uses_result(prefix, args)
            || !self.asked()
            || !exchange.is_heard(self.echo)
            || exchange.early.is_some()
        {
            return false;
        }
        let early = match self.whose(now, request, prefix, args) {
            Whose::Own => Ok(own(bytes)),
            Whose::Earlier => {
                self.take_earlier(now, bytes, prefix, args);
                return true;
            }
            Whose::Either => {
                let over = exchange.result_over(now, &self.settings.profile);
                self.slots.either(now, request, over, self.settings.settle);
                Err(either(bytes))
            }
        };
        self.slots.came(now, prefix, args, false);
        let after = self.settings.final_after_result;
        if let Some((exchange, timers)) = self.asked_command_and_timers() {
            exchange.early = Some(early);
            exchange.wait_for_final(now, after, timers);
        }
        true
    }

    /// Whose a result is for which a command waits, as far as its time tells, and what is known of an
    /// earlier program.
    pub(super) fn whose(
        &self,
        now: Instant,
        request: &Request,
        prefix: &[u8],
        args: &[u8],
    ) -> Whose {
        let Some(newer_than) = request.made_after() else {
            return match self.may_be_earlier(now, request, args) {
                true => Whose::Either,
                false => Whose::Own,
            };
        };
        let key = request.awaited().and_then(|awaited| awaited.made_at);
        match key.and_then(|key| made_at(args, key)) {
            Some(time) if time >= newer_than => Whose::Own,
            // Even where none is due: the own one may have been taken for it, by a damaged time.
            Some(_) => Whose::Earlier,
            None if self.slots.is_missed(prefix, args) => Whose::Either,
            None if self.may_be_earlier(now, request, args) => Whose::Either,
            None => Whose::Own,
        }
    }

    /// As [`whose`](Self::whose), of a result that is damaged. Without an echo it may also be the last
    /// one once more, which was not known for it.
    pub(super) fn whose_damaged(
        &self,
        now: Instant,
        exchange: &Exchange,
        prefix: &[u8],
        args: &[u8],
    ) -> Whose {
        match self.whose(now, &exchange.request, prefix, args) {
            Whose::Own
                if exchange.echoes == 0
                    && args.len() >= LONG
                    && self.slots.was_said_lately(now, prefix) =>
            {
                Whose::Either
            }
            whose => whose,
        }
    }

    /// A result came that was missed.
    fn take_earlier(&mut self, now: Instant, bytes: &[u8], prefix: &[u8], args: &[u8]) {
        let event = match self.slots.arrived(now, prefix, args) {
            Some(Due::Copy) => Event::Stray,
            _ => Event::Late,
        };
        self.tell(event, bytes);
    }

    /// Whether a result with data of its own was said before, in answer to another line: no two of
    /// them are equal, so it is that one once more.
    #[cold]
    pub(super) fn is_said_again(&mut self, bytes: &[u8], prefix: &[u8], args: &[u8]) -> bool {
        let counted = self.settings.profile.counted;
        let is_counted = counted.iter().any(|counted| counted.prefix.as_bytes() == prefix);
        if !is_counted || !args.contains(&b',') {
            return false;
        }
        let wants = |exchange: &&Exchange| exchange.request.uses_result(prefix, args);
        let waiting = self.waiting.iter().map(|exchange| &**exchange).find(wants);
        let on_wire = match &self.wire {
            Wire::Command(exchange) => Some(&**exchange),
            Wire::Idle | Wire::Fence(_) | Wire::Remainder(_) => None,
        };
        let owner = waiting.or(on_wire.filter(wants));
        let line = owner.map(|exchange| exchange.request.line.bytes().clone());
        if let Some(other) = self.said.answered(bytes) {
            // Of a line that was typed by hand it is not known what it waits for.
            let typed = on_wire.is_some_and(|exchange| exchange.request.may_cause_any(prefix));
            return line.map_or(!typed, |line| *other != line);
        }
        let line = line.or_else(|| self.slots.missed_line(prefix).cloned()).unwrap_or(Octets::NONE);
        self.said.note(bytes, line);
        false
    }
}

/// Whose a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// That of the command that waits for it.
    Own,
    /// One that was missed.
    Earlier,
    /// One of the two.
    Either,
}

/// Why a command ends with a result that does not say whose it is.
#[cold]
fn either(bytes: &[u8]) -> ExchangeError {
    ExchangeError::Contradicted(ContradictionReason::Undated(own(bytes)))
}
