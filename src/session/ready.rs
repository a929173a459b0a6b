//! Payments can be signed and reported: callers and duties are served, and a quiet module is asked
//! whether it is still there.

use crate::engine::Failure;
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::m26::{ErrorFormat, ReadErrorFormat, ReadNetworkStatus};
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::{MachineStep, State};

/// [`State::Ready`].
pub(super) enum Serving {
    Resting,
    /// The module is asked whether it stands as it should.
    Checking,
    /// And how the network is.
    Status,
}

impl Serving {
    pub(super) fn begin(core: &Core) -> Self {
        if core.doubt { Self::Checking } else { Self::Resting }
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&*self, input) {
            (Self::Resting, _) => self.rest(core, cx),
            (Self::Checking, Input::Reply(reply)) => {
                let outcome = core.answer(&ReadErrorFormat, cx, reply);
                self.checked(core, cx, outcome)
            }
            (Self::Checking, _) => core.ask(&ReadErrorFormat, cx),
            (Self::Status, Input::Reply(reply)) => {
                if let Ok(status) = core.answer(&ReadNetworkStatus, cx, reply) {
                    core.health.network(&status);
                }
                // If something is missing the module has answered all the same.
                *self = Self::Resting;
                self.rest(core, cx)
            }
            (Self::Status, _) => core.ask(&ReadNetworkStatus, cx),
        }
    }

    /// Nothing to do until the module has been quiet for too long, or a result has not come.
    fn rest(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        // Where OK alone is success, a result that is missing blocks nothing.
        core.sdk.still_blocks(|prefix| !cx.profile.is_ok_alone(prefix));
        let since = core.sdk.blocked_since(cx.now);
        let lost = since.and_then(|since| since.checked_add(core.plan.settle));
        if lost.is_some_and(|lost| lost <= cx.now) {
            let results = core.sdk.take_blocking();
            core.never_came(results);
            return Turn::Over;
        }
        let due = core.plan.keep_alive.and_then(|quiet| core.heard.checked_add(quiet));
        if due.is_some_and(|due| due <= cx.now) {
            core.heard = cx.now;
            *self = Self::Checking;
            return core.ask(&ReadErrorFormat, cx);
        }
        Turn::Want(MachineStep::Rest([due, lost].into_iter().flatten().min()))
    }

    fn checked(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<ErrorFormat, Error>,
    ) -> Turn {
        core.doubt = false;
        match outcome {
            Ok(ErrorFormat::Numeric)
            // It answers, whatever it says.
            | Err(Error::Failed(Failure::Refused(_)) | Error::Decode(_)) => {
                *self = Self::Status;
                return core.ask(&ReadNetworkStatus, cx);
            }
            // Others are served first, and the next check comes with the next quiet time.
            Err(Error::Failed(Failure::Busy(_))) => {
                *self = Self::Resting;
                return self.rest(core, cx);
            }
            Ok(_) => {
                core.booted();
                core.go(
                    State::Synchronising,
                    "the module has its defaults again (CMEE), so it was restarted",
                );
            }
            Err(error) => core.go(State::Synchronising, format!("keep-alive: {error}")),
        }
        Turn::Over
    }
}
