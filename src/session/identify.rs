//! [`Identifying`]: the bizTid is asked for until the module has one, and outstanding signatures are
//! waited for.

use crate::alipay::{BizTid, DeviceId};
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::m26::{At, ClockTime, ReadClock};
use crate::session::core::{Core, later};
use crate::session::mark::ReadMark;
use crate::session::phase::Turn;
use crate::session::sdk::SIGNATURE;
use crate::session::{MachineStep, Restart, State, Warning};

/// [`State::Identifying`].
pub(super) enum Identifying {
    AskingId,
    /// An earlier signature is outstanding, until the time in `sdk.signature`.
    Waiting,
    /// The module is asked whether it was restarted meanwhile: then nothing is outstanding.
    Checking,
    /// The signature did not come in its time. The module's clock is read, in this attempt: if the
    /// signature still comes, its own time tells it from the next one.
    AskingClock(u32),
    /// The clock could not be used, and the longest time that any answer is known to take has passed.
    GivingUp,
}

impl Identifying {
    pub(super) fn begin(core: &mut Core, cx: &Context<'_>) -> Self {
        if core.sdk.biz_tid.is_some() {
            return Self::Waiting;
        }
        if core.attempts == 0 {
            core.announce("bizTid", "asking for it", &DeviceId, cx);
        }
        Self::AskingId
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&*self, input) {
            (Self::AskingId, Input::Reply(reply)) => {
                let outcome = core.answer(&DeviceId, cx, reply);
                self.identified(core, cx, outcome)
            }
            (Self::AskingId, _) => core.ask(&DeviceId, cx),
            (Self::Checking, Input::Reply(reply)) => match core.answer(&ReadMark, cx, reply) {
                Ok(mark) if core.lost_mark(mark) => Turn::Over,
                _ => self.ask_clock(core, cx, 1),
            },
            (Self::AskingClock(tried), Input::Reply(reply)) => {
                let tried = *tried;
                let outcome = core.answer(&ReadClock, cx, reply);
                self.clock_read(core, cx, tried, outcome)
            }
            (Self::GivingUp, Input::Reply(reply)) => {
                match core.answer(&At, cx, reply) {
                    Ok(()) => {
                        core.warn(Warning::Outstanding { results: SIGNATURES.to_vec() });
                        core.sdk.no_signature_is_due();
                        core.ready_to_sign();
                    }
                    Err(error) => core.synchronise_again(&error),
                }
                Turn::Over
            }
            (Self::Waiting | Self::Checking | Self::AskingClock(_) | Self::GivingUp, _) => {
                self.wait(core, cx)
            }
        }
    }

    fn identified(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<Option<BizTid>, Error>,
    ) -> Turn {
        let detail = match outcome {
            Ok(Some(biz_tid)) => {
                core.sdk.biz_tid = Some(biz_tid);
                core.attempts = 0;
                *self = Self::Waiting;
                return self.wait(core, cx);
            }
            Ok(None) => "the module has no bizTid yet".to_string(),
            Err(error @ Error::Failed(ExchangeError::Silent)) => {
                core.synchronise_again(&error);
                return Turn::Over;
            }
            Err(error) => error.to_string(),
        };
        let delay = Some(core.next_question());
        core.delay = delay;
        core.progress("bizTid", format!("{detail}, asking again"), delay);
        Turn::Over
    }

    /// Waits until no earlier signature can be taken for the next one.
    fn wait(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        match core.sdk.signature {
            None => {
                core.ready_to_sign();
                Turn::Over
            }
            Some(until) if until > cx.now => {
                let left = until.saturating_duration_since(cx.now);
                let detail = "an earlier one may still come".to_string();
                core.progress("signature", detail, Some(left));
                Turn::Want(MachineStep::Rest(Some(until)))
            }
            Some(_) if core.sdk.lost_signatures >= LOST && core.plan.restart != Restart::Never => {
                let lost = core.sdk.lost_signatures;
                core.restart(format!("{lost} signatures in a row have not come"));
                Turn::Over
            }
            Some(_) if matches!(self, Self::GivingUp) => {
                core.ask_with(&At, cx, |request| request.frees(&SIGNATURES))
            }
            Some(_) => {
                *self = Self::Checking;
                core.ask(&ReadMark, cx)
            }
        }
    }

    fn ask_clock(&mut self, core: &mut Core, cx: &Context<'_>, tried: u32) -> Turn {
        *self = Self::AskingClock(tried);
        core.ask_with(&ReadClock, cx, |request| request.clock_for(&SIGNATURES))
    }

    fn clock_read(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        tried: u32,
        outcome: Result<ClockTime, Error>,
    ) -> Turn {
        let shown = match &outcome {
            Err(error @ Error::Failed(ExchangeError::Silent)) => {
                core.synchronise_again(error);
                return Turn::Over;
            }
            // The line may have been damaged in transmission.
            Err(_) if tried < CLOCK_TRIES => return self.ask_clock(core, cx, tried + 1),
            Ok(time) if core.sdk.early_signatures < EARLY => time.unix_seconds(),
            _ => None,
        };
        if let Some(unix_seconds) = shown {
            core.sdk.asked_after = Some(unix_seconds);
            core.sdk.no_signature_is_due();
            core.ready_to_sign();
        } else if core.plan.restart != Restart::Never {
            core.restart(
                "a signature has not come, and the module's clock does not tell it from the next one"
                    .to_string(),
            );
        } else {
            (core.sdk.asked_after, core.sdk.early_signatures) = (None, 0);
            core.sdk.signature = Some(later(cx.now, core.plan.settle));
            *self = Self::GivingUp;
            return self.wait(core, cx);
        }
        Turn::Over
    }
}

impl Core {
    fn ready_to_sign(&mut self) {
        let lost = self.sdk.lost_signatures > 0;
        self.go(State::Ready, "the bizTid is known, and no earlier signature is outstanding");
        // The lost signature may mean that the module was restarted and nobody saw it.
        (self.doubt, self.sdk_doubt) = (lost, lost);
    }
}

const SIGNATURES: [&str; 1] = [SIGNATURE];

/// Not specified; chosen because a bad line may lose signatures, but three lost in a row point to a
/// fault of the SDK, which a restart may end.
const LOST: u32 = 3;

/// Not specified; chosen because one such signature is probably a late one, and two are not.
const EARLY: u32 = 2;

/// Not specified; chosen because three damaged lines in a row are rare.
const CLOCK_TRIES: u32 = 3;
