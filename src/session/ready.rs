//! [`Serving`]: payments can be signed and reported. Callers and duties are served, and a module
//! that is quiet for too long is asked whether it still answers.

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
    /// The module is asked whether it was restarted.
    Checking,
    /// Then, whether its SDK is open.
    AskingSdk,
    /// Then, for the registration and the signal.
    Status,
    /// What fell short in the bring-up is tried again.
    Again(Box<BringUp>),
    /// The engine is told that outstanding results are taken for lost.
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
                // Even if the status could not be read, the module has answered.
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

    /// Waits until the module has been quiet for too long, or a result is outstanding for too long.
    fn rest(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        // Where OK alone is a success, an outstanding result blocks nothing.
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
        core.watch_clock(cx.now);
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
                // The module has answered, and that is enough.
                return self.look(core, cx);
            }
            Ok(mark) => {
                let was = core.health.is_registered();
                core.health.gprs = mark.gprs;
                core.registered(was);
                return self.look(core, cx);
            }
            // Callers go first. The next check follows when the module is quiet again.
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

    /// The module answers: what else has to be asked.
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
            // It is open, or the answer does not say.
            _ => self.look(core, cx),
        }
    }
}

impl Core {
    /// Whether the module was restarted and nobody saw it. If so, the session synchronises again.
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

    /// The module was not restarted: commands that waited for that go on.
    fn convinced(&mut self) {
        (self.doubt, self.sdk_doubt) = (false, false);
        self.turn();
    }
}
