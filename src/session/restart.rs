//! [`Restarting`]: the module is restarted, as the plan allows.

use std::time::Duration;

use crate::alipay::Shut;
use crate::at::command::Reply;
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::m26::{PowerOff, Reset};
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::{HostRestart, MachineStep, Notice, Restart, State};

/// [`State::Restarting`].
pub(super) enum Restarting {
    /// It has not begun.
    Waiting,
    /// The SDK is closed first, so that what it holds in memory is saved.
    ClosingSdk,
    /// The host restarts the module.
    ByHost,
    /// A command restarts the module.
    ByCommand,
}

impl Restarting {
    pub(super) fn begin() -> Self {
        Self::Waiting
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match (&*self, input) {
            (Self::Waiting, _) if core.sdk.running => {
                *self = Self::ClosingSdk;
                core.ask(&Shut, cx)
            }
            (Self::Waiting, _) => self.restart(core, cx),
            (Self::ClosingSdk, Input::Reply(reply)) => {
                core.sdk.running = false;
                if core.answer(&Shut, cx, reply).is_ok() {
                    core.notice(Notice::Closed);
                }
                self.restart(core, cx)
            }
            (Self::ClosingSdk, _) => core.ask(&Shut, cx),
            (Self::ByCommand, Input::Reply(reply)) => {
                Self::end(core, reply);
                Turn::Over
            }
            (Self::ByHost | Self::ByCommand, _) => self.restart(core, cx),
        }
    }

    fn restart(&mut self, core: &mut Core, cx: &Context<'_>) -> Turn {
        core.health.counters.restarts += 1;
        *self = Self::ByCommand;
        match core.plan.restart {
            Restart::Host | Restart::Never => {
                *self = Self::ByHost;
                Turn::Want(MachineStep::Restart)
            }
            Restart::PowerOff => core.ask(&PowerOff::Normal, cx),
            Restart::Reset => core.ask(&Reset, cx),
        }
    }

    fn end(core: &mut Core, reply: Result<Reply, ExchangeError>) {
        core.delay = Some(BOOT);
        match reply {
            Ok(_) => {
                core.booted();
                core.go(State::Synchronising, "the module restarts");
            }
            Err(failure) => {
                let error = Error::from(failure);
                core.fail(&error);
                core.go(State::Synchronising, format!("the restart was not confirmed: {error}"));
            }
        }
    }
}

impl Core {
    /// The module has to be restarted, if the plan allows it.
    pub(super) fn restart(&mut self, reason: String) {
        if self.plan.restart == Restart::Never {
            self.go(
                State::Failed,
                format!("{reason}; the plan does not allow a restart: restart the module by hand"),
            );
        } else if self.restarts >= self.plan.restart_limit {
            let reason = format!(
                "{reason}; {} restarts did not help: find the cause, then resume the session",
                self.restarts
            );
            self.go(State::Failed, reason);
        } else {
            self.restarts += 1;
            self.delay = Some(self.next_wait());
            self.go(State::Restarting { attempt: self.restarts }, reason);
        }
    }

    /// The host was asked to restart the module.
    pub(super) fn was_restarted(&mut self, outcome: Result<HostRestart, &Error>) {
        if !matches!(self.state, State::Restarting { .. }) {
            return;
        }
        match outcome {
            Ok(HostRestart::Done) => {
                self.booted();
                self.go(State::Synchronising, "the host has restarted the module");
            }
            Ok(HostRestart::NotPossible) => {
                self.go(State::Failed, "the host cannot restart the module");
            }
            Err(error) => {
                self.fail(error);
                self.restart(format!("the host could not restart the module: {error}"));
            }
        }
    }

    /// The module was restarted.
    pub(super) fn booted(&mut self) {
        self.sdk.boot();
        self.notice(Notice::Restarted);
    }
}

/// M26AT 3.6.1: a module wants 3 to 5 s after power-on.
const BOOT: Duration = Duration::from_secs(3);
