//! [`Synchronising`]: the module is called until it answers.

use crate::at::command::Command;
use crate::at::field::Shape;
use crate::error::Error;
use crate::flows::{Context, Input, Synchronise};
use crate::m26::At;
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::sdk::SIGNATURE;
use crate::session::{MachineStep, Restart, State};

/// [`State::Synchronising`].
pub(super) enum Synchronising {
    Calling(Synchronise),
    /// The engine is told which results are outstanding.
    Quarantining,
}

impl Synchronising {
    pub(super) fn begin(core: &Core) -> Self {
        Self::Calling(Synchronise::default().attempts(core.plan.synchronise_attempts))
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match self {
            Self::Calling(flow) => match core.drive(flow, cx, input) {
                Ok(step) => Turn::Want(step),
                Err(outcome) => self.end(core, cx, outcome.map(|_| ())),
            },
            Self::Quarantining => Self::quarantine(core, cx, input),
        }
    }

    fn end(&mut self, core: &mut Core, cx: &Context<'_>, outcome: Result<(), Error>) -> Turn {
        if outcome.is_ok() {
            core.first_answered.get_or_insert(cx.now);
        }
        match outcome {
            Ok(()) if core.sdk.shut => {
                core.restart("the SDK was shut, and opens only after a restart".to_string());
            }
            Ok(())
                if core.sdk.forgotten
                    && core.sdk.signature.is_some()
                    && core.plan.restart != Restart::Never =>
            {
                // A restart takes less time than the signature may take to come.
                core.restart(
                    "a signature is outstanding since the port was lost, and could be taken for a later one"
                        .to_string(),
                );
            }
            Ok(()) if core.sdk.forgotten && !core.sdk.outstanding.is_empty() => {
                *self = Self::Quarantining;
                return Self::quarantine(core, cx, Input::Begin);
            }
            Ok(()) => core.go(State::BringingUp, "the module answers"),
            // A module that was restarted often enough is called until somebody comes to it.
            Err(error)
                if core.plan.restart == Restart::Host
                    && core.restarts < core.plan.restart_limit =>
            {
                core.fail(&error);
                core.restart(error.to_string());
            }
            Err(error) => core.reopen(&error),
        }
        Turn::Over
    }

    /// Sends a command to which the engine ascribes the outstanding results.
    fn quarantine(core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        if let Input::Reply(reply) = input {
            match reply {
                Ok(_) => {
                    core.sdk.forgotten = false;
                    core.sdk.block_what_is_outstanding();
                    core.go(State::BringingUp, "the module answers");
                }
                Err(failure) => core.synchronise_again(&failure.into()),
            }
            return Turn::Over;
        }
        match At.request(cx.profile) {
            Ok(request) => {
                // The session waits for a signature by itself.
                let due = core.sdk.outstanding.iter().filter(|due| due.prefix != SIGNATURE);
                let (known, unknown): (Vec<_>, Vec<_>) = due.partition(|due| due.request.is_some());
                let known = known.into_iter().filter_map(|due| due.request.clone()).collect();
                let unknown = unknown.into_iter().map(|due| match due.prefix {
                    // The answer of the read form is another line.
                    "+ALIPAYREP" => ("+ALIPAYREP", Shape::Fields(1)),
                    prefix => (prefix, Shape::Any),
                });
                let request = request.follows(known).may_cause(unknown.collect());
                Turn::Want(MachineStep::Send(request))
            }
            Err(error) => {
                core.synchronise_again(&error.into());
                Turn::Over
            }
        }
    }
}

impl Core {
    /// The module is called again after a while, and the session goes on from there.
    pub(super) fn synchronise_again(&mut self, error: &Error) {
        self.fail(error);
        let delay = Some(self.next_question());
        self.delay = delay;
        if self.state == State::Synchronising {
            self.progress("session", format!("{error}; trying again"), delay);
            self.turn();
        } else {
            self.go(State::Synchronising, error.to_string());
        }
    }
}
