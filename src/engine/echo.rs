//! Echo: what the module sends back of a command line before it answers.

use std::time::Instant;

use crate::log::info;

use super::exchange::{Exchange, Wire};
use super::{ContradictionReason, Core, own};
use crate::at::command::{EchoChange, body};

/// Whether lines come back before their answers. A number is how often each of them does: twice where
/// an adapter echoes too, and before the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    /// It is not known: answers count with and without an echo before them.
    Unknown,
    /// The module agreed to echo, or an echo was lost. The next line shows whether it comes.
    Agreed(u8),
    /// Each line comes back so often. What comes before the last echo of the line on the wire does
    /// not belong to it.
    On(u8),
    /// The module agreed to echo, and lines were not echoed: answers count without an echo, until
    /// one comes again.
    Lost,
    /// Some lines come back more often than others: answers count without an echo.
    Useless,
}

impl Echo {
    /// How many echoes come before the answer to a line.
    #[inline]
    pub(super) fn due(self) -> u8 {
        match self {
            Self::On(times) => times,
            Self::Agreed(_) | Self::Lost | Self::Unknown | Self::Useless => 0,
        }
    }

    /// How many come before the answer to a fence, which can be asked again.
    pub(super) fn due_of_fence(self) -> u8 {
        match self {
            Self::Agreed(times) => times,
            other => other.due(),
        }
    }

    /// Whether an echo tells an answer from all that was said before.
    pub(super) fn is_on(self) -> bool {
        self.due() > 0
    }
}

impl Core {
    /// An echo is the line on the wire as it was sent.
    pub(super) fn take_echo(&mut self, now: Instant, bytes: &[u8]) -> bool {
        if !self.asked() {
            return false;
        }
        let echoes = match &mut self.wire {
            Wire::Command(exchange) => {
                let line = exchange.request.line.bytes();
                if line.len() != bytes.len() + 1 || !line.starts_with(bytes) {
                    return false;
                }
                &mut exchange.echoes
            }
            Wire::Fence(fence) => {
                if !fence.is_echoed_by(bytes) {
                    return self.take_echo_of_past(now, bytes);
                }
                fence.behind_begun = false;
                &mut fence.echoes
            }
            Wire::Idle | Wire::Remainder(_) => return false,
        };
        *echoes = echoes.saturating_add(1);
        if *echoes > 1 {
            let times = *echoes;
            self.count_echoes(times);
        }
        true
    }

    /// The line on the wire has come back more than once.
    #[cold]
    fn count_echoes(&mut self, times: u8) {
        if self.echo.due_of_fence() >= times {
            return;
        }
        info!(times, "something on the way to the module echoes too");
        self.echo = if times > 2 { Echo::Useless } else { Echo::On(times) };
    }

    /// While a fence waits, the echo of another line says that the module has begun on a line of the
    /// past only now. If the fence's own line stands at its end, the CR between them was lost, and
    /// the module took both for one line: its answer is not the fence's.
    #[cold]
    fn take_echo_of_past(&mut self, now: Instant, bytes: &[u8]) -> bool {
        let nearly = matches!(&self.wire, Wire::Fence(fence) if fence.is_nearly_echoed_by(bytes));
        if nearly || body(bytes).is_none() {
            return false;
        }
        let begins =
            !self.asks_for_nothing(bytes) && self.slots.begun(now, bytes, self.settings.settle);
        match &mut self.wire {
            Wire::Fence(fence) => {
                fence.behind_begun = begins;
                fence.disturbed = true;
                fence.merged |= fence.is_merged_in(bytes);
                fence.merged
            }
            _ => false,
        }
    }

    /// Whether a line has no result that could be due: `AT` alone, and the line of a fence.
    fn asks_for_nothing(&self, bytes: &[u8]) -> bool {
        let Some(body) = body(bytes) else { return false };
        let asks = |name: &[u8]| body.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"?"));
        let number = body.strip_prefix(b"S").and_then(|rest| rest.strip_suffix(b"?"));
        body.is_empty()
            || number.is_some_and(|number| number.iter().all(u8::is_ascii_digit))
            || self.settings.profile.fences.iter().any(|name| asks(name.as_bytes()))
    }

    /// A line that is almost the command on the wire is its echo: of what the module heard, or damaged
    /// on its way back. Where the module is known to echo, any command line is one until the own one
    /// has come; elsewhere, and behind an adapter's echo, one that has much in common with it. Only a
    /// probe is sent while the module may still look for the rate.
    #[cold]
    pub(super) fn take_damaged_echo(&mut self, bytes: &[u8]) -> bool {
        if !self.asked() {
            return false;
        }
        let due = self.echo.due();
        let exchange = match &mut self.wire {
            Wire::Command(exchange) => exchange,
            Wire::Fence(fence) => return fence.take_damaged_echo(bytes),
            Wire::Idle | Wire::Remainder(_) => return false,
        };
        let line = exchange.request.line().strip_suffix(b"\r").unwrap_or_default();
        // The line that switches echo on is looked at too: without it nothing is.
        let switches_on = exchange.request.echo == Some(EchoChange::On);
        let is_echo = match exchange.echoes < due || switches_on {
            true => body(bytes).is_some() || is_like(bytes, line),
            false => {
                let has_begun = !exchange.lines.is_empty() || exchange.early.is_some();
                let may_be = line.len() >= LONG || body(bytes).is_some();
                !has_begun && !exchange.request.probe && may_be && is_like(bytes, line)
            }
        };
        if is_echo {
            exchange.echoes = exchange.echoes.saturating_add(1);
            let doubt = || Box::new(ContradictionReason::Misheard(own(bytes)));
            exchange.doubt.get_or_insert_with(doubt);
        }
        is_echo
    }

    /// A line was answered, which came back so often: whether it was echoed is known.
    pub(super) fn confirm_echo(&mut self, echoes: u8) {
        if matches!(self.echo, Echo::Agreed(_) | Echo::Lost) {
            self.echo = if echoes > 0 { Echo::On(echoes) } else { Echo::Lost };
        }
    }

    /// A line has ended badly. The module echoes it when it begins on it, and not before it has begun on
    /// those before.
    pub(super) fn note_begun(&mut self, exchange: &Exchange) {
        if self.echo.is_on() && exchange.echoes >= self.echo.due() {
            self.slots.all_have_begun();
        }
    }

    /// A line was not echoed as often as is due. It may have been lost on the way, so the next one
    /// decides.
    pub(super) fn doubt_echo(&mut self) {
        self.echo = match self.echo {
            Echo::On(times) => Echo::Agreed(times),
            Echo::Agreed(1) => {
                info!("the module does not echo");
                Echo::Lost
            }
            Echo::Agreed(_) => {
                info!("echoes are not counted any more");
                Echo::Useless
            }
            other => other,
        };
    }
}

/// Whether half of `bytes` and of `line` are the same, at their beginnings and ends together.
pub(super) fn is_like(bytes: &[u8], line: &[u8]) -> bool {
    let same = |(one, other): &(&u8, &u8)| one == other;
    let front = line.iter().zip(bytes).take_while(same).count();
    let back = line.iter().rev().zip(bytes.iter().rev()).take_while(same).count();
    2 * (front + back) >= line.len().max(bytes.len())
}

/// Not specified; chosen because each command that moves money is longer, and the text of an answer
/// may look like half of a shorter one by chance.
const LONG: usize = 10;
