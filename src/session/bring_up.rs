//! SIM, network and clock are waited for.

use crate::error::Error;
use crate::flows::{BringUp, BroughtUp, Context, Input};
use crate::m26::HostClock;
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::{State, Warning};

/// [`State::BringingUp`].
pub(super) struct BringingUp(BringUp);

impl BringingUp {
    pub(super) fn begin(core: &Core, cx: &Context<'_>) -> Self {
        let plan = &core.plan;
        let mut bring_up = BringUp::default().synchronised();
        if let Some(access_point) = &plan.access_point {
            bring_up = bring_up.access_point(access_point.clone());
        }
        if let Some(time_server) = &plan.time_server {
            bring_up = bring_up.time_server(time_server.clone());
        }
        if let Some(unix_seconds) = core.unix_seconds {
            bring_up = bring_up.host_clock(HostClock::new(cx.now, unix_seconds, plan.clock_bound));
        }
        Self(bring_up)
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match core.drive(&mut self.0, cx, input) {
            Ok(step) => Turn::Want(step),
            Err(outcome) => {
                Self::end(core, outcome);
                Turn::Over
            }
        }
    }

    fn end(core: &mut Core, outcome: Result<BroughtUp, Error>) {
        let found = match outcome {
            Ok(found) => found,
            Err(error) => return core.synchronise_again(&error),
        };
        let autobauds = found.autobauds();
        let health = &mut core.health;
        (health.signal, health.gsm, health.gprs) = (found.signal, found.gsm, found.gprs);
        health.clock = found.clock_check;
        health.module = Some(found.identity);
        if autobauds {
            core.warn(Warning::Autobauding);
        }
        if let Some(check) = found.clock_check.filter(|check| check.is_warning()) {
            core.warn(Warning::Clock(check));
        }
        core.go(State::Configuring, "the module is in the network");
    }
}
