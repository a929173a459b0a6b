//! [`ShuttingDown`]: the SDK is closed in order, and the module is switched off if that is wanted.

use crate::alipay::Shut;
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::m26::PowerOff;
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::{Notice, ShutDown, State};

/// [`State::ShuttingDown`].
pub(super) enum ShuttingDown {
    /// It has not begun.
    Waiting,
    ClosingSdk,
    PoweringOff,
}

/// The shut-down that the caller asked for.
#[derive(Debug, Default)]
pub(super) struct Closing {
    power_off: bool,
    /// The SDK is open, and has to be closed.
    sdk_open: bool,
    pub(super) outcome: Option<Result<(), Error>>,
}

impl ShuttingDown {
    pub(super) fn begin(core: &Core) -> Self {
        if core.closing.sdk_open { Self::Waiting } else { Self::PoweringOff }
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&*self, input) {
            (Self::ClosingSdk, Input::Reply(reply)) => {
                let outcome = core.answer(&Shut, cx, reply);
                self.sdk_closed(core, cx, outcome)
            }
            (Self::Waiting | Self::ClosingSdk, _) => {
                *self = Self::ClosingSdk;
                core.ask(&Shut, cx)
            }
            (Self::PoweringOff, Input::Reply(reply)) => {
                let outcome = core.answer(&PowerOff::Normal, cx, reply);
                core.closing.outcome = Some(outcome);
                Self::end(core);
                Turn::Over
            }
            (Self::PoweringOff, _) => core.ask(&PowerOff::Normal, cx),
        }
    }

    fn sdk_closed(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<(), Error>,
    ) -> Turn {
        (core.sdk.shut, core.sdk.running) = (true, false);
        core.closing.sdk_open = false;
        let closed = outcome.is_ok();
        if closed {
            core.notice(Notice::Closed);
        }
        core.closing.outcome = Some(outcome);
        if closed && core.closing.power_off {
            *self = Self::PoweringOff;
            return core.ask(&PowerOff::Normal, cx);
        }
        Self::end(core);
        Turn::Over
    }

    fn end(core: &mut Core) {
        let reason = match &core.closing.outcome {
            Some(Err(error)) => format!("the shut-down failed: {error}"),
            _ if core.closing.power_off => "the module is off".to_string(),
            _ => "the SDK is closed".to_string(),
        };
        core.go(State::Shut, reason);
    }
}

impl Core {
    /// The caller wants the SDK to be closed.
    pub(super) fn shut_down(&mut self, how: ShutDown) {
        if matches!(self.state, State::Shut | State::ShuttingDown) {
            return;
        }
        let (power_off, sdk_open) = (how == ShutDown::PowerOff, self.state.is_open());
        self.closing = Closing { power_off, sdk_open, outcome: None };
        if !self.connected {
            // The SDK may be open, and what it holds is not saved.
            let failure = ExchangeError::Disconnected(Certainty::NotSent);
            self.closing.outcome = Some(Err(failure.into()));
            self.go(State::Shut, "the caller shuts it down, and there is no port");
        } else if sdk_open || power_off {
            self.go(State::ShuttingDown, "the caller shuts it down");
        } else {
            self.go(State::Shut, "the caller shuts it down; the SDK was not open");
        }
    }
}
