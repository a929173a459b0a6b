//! Payments can be signed and reported: callers and duties are served, and a quiet module is asked
//! whether it is still there.

use crate::alipay::{ReadQueue, ReportQueue, ReportStatus};
use crate::at::command::DecodeError;
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{BringUp, Context, Input};
use crate::m26::{At, ReadNetworkStatus};
use crate::session::core::Core;
use crate::session::mark::{Mark, ReadMark};
use crate::session::phase::Turn;
use crate::session::{MachineStep, State, Warning};

/// [`State::Ready`].
pub(super) enum Serving {
    Resting,
    /// The module is asked whether it stands as it should.
    Checking,
    /// And whether its SDK is open.
    AskingSdk,
    /// And how the network is.
    Status,
    /// What fell short in the bring-up is tried again.
    Again(Box<BringUp>),
    /// Results are taken for lost: nothing that comes later is one of them.
    Settling,
}

impl Serving {
    pub(super) fn begin(core: &Core) -> Self {
        match core.doubt {
            true => Self::Checking,
            false if !core.sdk.lost.is_empty() => Self::Settling,
            false => Self::Resting,
        }
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&mut *self, input) {
            (Self::Resting, _) => self.rest(core, cx),
            (Self::Checking, Input::Reply(reply)) => {
                let outcome = core.answer(&ReadMark, cx, reply);
                self.checked(core, cx, outcome)
            }
            (Self::Checking, _) => core.ask(&ReadMark, cx),
            (Self::AskingSdk, Input::Reply(reply)) => {
                let outcome = core.answer(&ReadQueue, cx, reply);
                self.sdk_asked(core, cx, outcome)
            }
            (Self::AskingSdk, _) => core.ask(&ReadQueue, cx),
            (Self::Status, Input::Reply(reply)) => {
                if let Ok(status) = core.answer(&ReadNetworkStatus, cx, reply) {
                    let was = core.health.is_registered();
                    core.health.network(&status);
                    core.registered(was);
                }
                // If something is missing the module has answered all the same.
                *self = Self::Resting;
                self.rest(core, cx)
            }
            (Self::Status, _) => core.ask(&ReadNetworkStatus, cx),
            (Self::Settling, Input::Reply(reply)) => {
                match core.answer(&At, cx, reply) {
                    Ok(()) => {
                        let results = std::mem::take(&mut core.sdk.lost);
                        core.warn(Warning::Outstanding { results });
                        core.turn();
                    }
                    Err(Error::Failed(ExchangeError::Busy(_))) => core.turn(),
                    Err(error) => core.go(State::Synchronising, error.to_string()),
                }
                Turn::Over
            }
            (Self::Settling, _) => self.settle(core, cx),
            (Self::Again(flow), input) => match core.drive(&mut **flow, cx, input) {
                Ok(step) => Turn::Want(step),
                Err(Ok(found)) => {
                    let again = flow.take_again();
                    core.brought_up_again(cx, found, again);
                    *self = Self::Resting;
                    self.rest(core, cx)
                }
                Err(Err(Error::Failed(ExchangeError::Busy(_)))) => {
                    core.again.wait(cx.now);
                    *self = Self::Resting;
                    self.rest(core, cx)
                }
                Err(Err(error)) => {
                    core.go(State::Synchronising, error.to_string());
                    Turn::Over
                }
            },
        }
    }

    /// Nothing to do until the module has been quiet for too long, or a result has not come.
    fn rest(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        // Where OK alone is success, a result that is missing blocks nothing.
        core.sdk.still_blocks(|prefix| !cx.profile.is_ok_alone(prefix));
        let since = core.sdk.blocked_since(cx.now);
        let lost = since.and_then(|since| since.checked_add(core.plan.settle));
        if lost.is_some_and(|lost| lost <= cx.now) {
            core.sdk.lose_blocking();
            *self = Self::Settling;
            return self.settle(core, cx);
        }
        let due = core.plan.keep_alive.and_then(|quiet| core.heard.checked_add(quiet));
        if due.is_some_and(|due| due <= cx.now) {
            core.heard = cx.now;
            *self = Self::Checking;
            return core.ask(&ReadMark, cx);
        }
        if core.again.due.is_some_and(|due| due <= cx.now) {
            core.again.due = None;
            *self = Self::Again(Box::new(core.bring_up_again(cx)));
            return self.step(core, cx, Input::Begin);
        }
        Turn::Want(MachineStep::Rest([due, lost, core.again.due].into_iter().flatten().min()))
    }

    fn checked(&mut self, core: &mut Core, cx: &Context<'_>, outcome: Result<Mark, Error>) -> Turn {
        match outcome {
            Ok(mark) if core.lost_mark(mark) => {}
            Err(Error::Failed(ExchangeError::Refused(_)) | Error::Decode(_)) => {
                // It answers, whatever it says.
                return self.look(core, cx);
            }
            Ok(mark) => {
                let was = core.health.is_registered();
                core.health.gprs = mark.gprs;
                core.registered(was);
                return self.look(core, cx);
            }
            // Others are served first, and the next check comes with the next quiet time.
            Err(Error::Failed(ExchangeError::Busy(_))) => {
                if !core.doubt {
                    *self = Self::Resting;
                    return self.rest(core, cx);
                }
                core.convinced();
            }
            Err(error) => core.go(State::Synchronising, format!("keep-alive: {error}")),
        }
        Turn::Over
    }

    fn settle(&self, core: &mut Core, cx: &Context<'_>) -> Turn {
        let lost = |prefix: &str| core.sdk.lost.contains(&prefix);
        let prefixes: &'static [&'static str] = match (lost("+ALIPAYREP"), lost("+ALIPAYACT")) {
            (true, true) => &["+ALIPAYREP", "+ALIPAYACT"],
            (true, false) => &["+ALIPAYREP"],
            (false, true) => &["+ALIPAYACT"],
            (false, false) => &["+ALIPAYSIGN"],
        };
        core.ask_with(&At, cx, |request| request.frees(prefixes))
    }

    /// The module is there; what else there is to see.
    fn look(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        if std::mem::take(&mut core.sdk_doubt) {
            *self = Self::AskingSdk;
            return core.ask(&ReadQueue, cx);
        }
        if core.doubt {
            core.convinced();
            return Turn::Over;
        }
        *self = Self::Status;
        core.ask(&ReadNetworkStatus, cx)
    }

    fn sdk_asked(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<ReportQueue, Error>,
    ) -> Turn {
        match outcome {
            Err(Error::Decode(DecodeError::Result { code, .. }))
                if code == ReportStatus::NOT_INITIALISED.0 =>
            {
                core.sdk.suspect = true;
                core.go(State::Synchronising, "the SDK says that it is not initialised");
                Turn::Over
            }
            // It is open, or says nothing of it.
            _ => self.look(core, cx),
        }
    }
}

impl Core {
    /// Whether the module was restarted and nobody saw it. The session begins again then.
    pub(super) fn lost_mark(&mut self, mark: Mark) -> bool {
        let lost = self.marked && !mark.is_there;
        if lost {
            self.booted();
            self.go(
                State::Synchronising,
                "the module has its defaults again (CGREG), so it was restarted",
            );
        }
        lost
    }

    /// There was a doubt, and there is none any more: who waits for that goes on.
    fn convinced(&mut self) {
        (self.doubt, self.sdk_doubt) = (false, false);
        self.turn();
    }
}
