//! [`Configuring`]: the SDK's configuration is read, and set if that is allowed.

use crate::alipay::{Config, ReadConfig, StoredConfig};
use crate::at::command::Deadline;
use crate::engine::ExchangeError;
use crate::error::{Error, ErrorKind};
use crate::flows::{Configure, Configured, Context, Input};
use crate::session::core::Core;
use crate::session::demand::{Demand, Verb};
use crate::session::phase::Turn;
use crate::session::{HeldReports, MachineStep, Notice, State, Warning};

/// [`State::Configuring`].
pub(super) enum Configuring {
    Setting(Configure),
    /// The plan has no configuration. The module's own is read: without one the SDK does not open.
    Reading,
}

impl Configuring {
    pub(super) fn begin(core: &Core) -> Self {
        let Some(config) = core.plan.config.clone() else { return Self::Reading };
        let flow = Configure::new(config).tolerate(core.sdk.tolerated.clone());
        let discards = core.plan.held_reports == HeldReports::Discard || core.sdk.forced;
        Self::Setting(if discards || core.sdk.empty { flow } else { flow.keep() })
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        let (flow, input) = match (self, input) {
            (Self::Setting(flow), input) => (flow, input),
            (Self::Reading, Input::Reply(reply)) => {
                let stored = core.answer(&ReadConfig, cx, reply);
                Self::was_read(core, stored);
                return Turn::Over;
            }
            (Self::Reading, _) => {
                return core.ask_with(&ReadConfig, cx, |request| request.final_within(CONFIG));
            }
        };
        match core.drive(flow, cx, input) {
            Ok(step) => {
                if let MachineStep::Send(request) = &step {
                    if Demand::of(request).verbs.contains(&Verb::SetConfig) {
                        core.notice(Notice::CacheDiscarded);
                    }
                }
                Turn::Want(step)
            }
            Err(outcome) => {
                Self::end(core, outcome);
                Turn::Over
            }
        }
    }

    fn was_read(core: &mut Core, stored: Result<StoredConfig, Error>) {
        match stored {
            Ok(stored) if stored.is_unset() => {
                // Its SDK was never open, so it holds no report that a configuration could discard.
                core.sdk.empty = true;
                core.go(
                    State::Failed,
                    "the module has no configuration and the plan has none for it: set one, with `reconfigure` or `m26 config set`",
                );
            }
            Err(error @ Error::Failed(ExchangeError::Silent)) => core.synchronise_again(&error),
            // Whether it has one that serves shows when the SDK is opened.
            Ok(_) | Err(_) => core.go(State::Opening, "the module stays as it is configured"),
        }
    }

    fn end(core: &mut Core, outcome: Result<Configured, Error>) {
        core.sdk.forced &= outcome.is_err();
        match outcome {
            Ok(Configured::Unchanged) => {
                core.go(State::Opening, "the configuration is there already");
            }
            Ok(Configured::Set { changed }) => {
                core.sdk.empty = true;
                core.warn(Warning::ConfigurationChanged { fields: changed });
                core.go(State::Opening, "the configuration was set");
            }
            Ok(Configured::Differs { fields }) => {
                core.sdk.empty = true;
                core.sdk.tolerated.clone_from(&fields);
                core.warn(Warning::ConfigurationDiffers { fields });
                core.go(State::Opening, "the configuration was set");
            }
            Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Invalid) => {
                core.fail(&error);
                core.go(State::Failed, error.to_string());
            }
            Err(error) => core.synchronise_again(&error),
        }
    }
}

impl Core {
    /// Takes another configuration from the caller.
    pub(super) fn reconfigure(&mut self, config: Config, held: HeldReports) -> Result<(), Error> {
        let refuse = |reason: String, advice| {
            Err(Error::NotAllowed { command: "AT+ALIPAYCFG".to_string(), reason, advice })
        };
        if self.plan.config.as_ref() == Some(&config) {
            return Ok(());
        }
        if !self.state.is_open() && self.state != State::Failed {
            return refuse(self.why_not(), "wait until the session is ready");
        }
        if held == HeldReports::Keep && !self.sdk.empty {
            return refuse(
                "the module may hold reports that were not delivered, which a change discards"
                    .to_string(),
                "discard them when none of them can be lost",
            );
        }
        self.plan.config = Some(config);
        self.sdk.forced = true;
        self.sdk.tolerated.clear();
        self.go(State::Configuring, "the caller has another configuration");
        Ok(())
    }
}

/// Not specified; chosen because no customer should wait longer for what is read to be told better: a
/// module without a configuration shows it when the SDK is opened.
const CONFIG: Deadline = Deadline::millis("configuration of the SDK", 4_000);
