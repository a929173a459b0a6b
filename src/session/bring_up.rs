//! [`BringingUp`]: SIM, network and clock are waited for.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::flows::{BringUp, BroughtUp, Context, Input, Part};
use crate::m26::{HostClock, Identity};
use crate::session::clock::ClockWatch;
use crate::session::core::Core;
use crate::session::phase::Turn;
use crate::session::{Restart, State, Warning};

/// [`State::BringingUp`].
pub(super) struct BringingUp(BringUp);

/// The parts of a bring-up that fell short. They are tried again while the session is ready.
#[derive(Debug, Default)]
pub(super) struct Again {
    parts: Vec<Part>,
    /// When they are due, if there are any.
    pub(super) due: Option<Instant>,
    /// How often they were tried.
    tried: u32,
}

impl BringingUp {
    pub(super) fn begin(core: &mut Core, cx: &Context<'_>) -> Self {
        core.clock = ClockWatch::begin(cx.now, core.unix_seconds);
        Self(core.bring_up(cx).synchronised())
    }

    pub(super) fn step(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) -> Turn {
        match core.drive(&mut self.0, cx, input) {
            Ok(step) => Turn::Want(step),
            Err(Ok(found)) => {
                let again = self.0.take_again();
                core.brought_up(cx, found, again);
                Turn::Over
            }
            Err(Err(error)) => {
                core.not_brought_up(&error);
                Turn::Over
            }
        }
    }
}

impl Core {
    fn bring_up(&self, cx: &Context<'_>) -> BringUp {
        let plan = &self.plan;
        let mut bring_up = BringUp::default();
        if let Some(access_point) = &plan.access_point {
            bring_up = bring_up.access_point(access_point.clone());
        }
        if let Some(time_server) = &plan.time_server {
            bring_up = bring_up.time_server(time_server.clone());
        }
        if let Some(unix_seconds) = self.unix_seconds {
            bring_up = bring_up.host_clock(HostClock::new(cx.now, unix_seconds, plan.clock_bound));
        }
        bring_up
    }

    fn brought_up(&mut self, cx: &Context<'_>, found: BroughtUp, again: Vec<Part>) {
        self.not_up = 0;
        self.marked = found.reports_registration;
        let autobauds = found.autobauds();
        let health = &mut self.health;
        (health.signal, health.gsm, health.gprs) = (found.signal, found.gsm, found.gprs);
        health.clock = found.clock_check;
        health.module = Some(found.identity);
        self.again = Again { parts: again, due: None, tried: 0 };
        self.again.wait(cx.now);
        for shortfall in found.shortfalls {
            self.warn(Warning::Shortfall(shortfall));
        }
        if autobauds {
            self.warn(Warning::Autobauding);
        }
        if let Some(check) = found.clock_check.filter(|check| check.is_warning()) {
            self.warn(Warning::Clock(check));
        }
        self.go(State::Configuring, "the module is in the network");
    }

    /// Something that a payment needs is missing. A module may say so until it boots again ("SIM not
    /// inserted"), so after some bring-ups it is restarted, if the plan allows it. After each restart
    /// twice as many bring-ups are tried before the next.
    fn not_brought_up(&mut self, error: &Error) {
        self.not_up = self.not_up.saturating_add(1);
        let patience = NOT_UP.saturating_mul(1 << self.restarts.min(8));
        let may = self.plan.restart != Restart::Never && self.restarts < self.plan.restart_limit;
        if may && self.not_up >= patience && matches!(error, Error::NotReady { .. }) {
            self.not_up = 0;
            self.fail(error);
            return self.restart(error.to_string());
        }
        self.synchronise_again(error);
    }

    /// A bring-up of what fell short in the last one.
    pub(super) fn bring_up_again(&self, cx: &Context<'_>) -> BringUp {
        let mut parts = self.again.parts.clone();
        if parts.contains(&Part::Time) && !parts.contains(&Part::Clock) {
            parts.push(Part::Clock);
        }
        self.bring_up(cx).only(&parts)
    }

    /// Has the clocks compared at once if the host's was set.
    pub(super) fn watch_clock(&mut self, now: Instant) {
        if self.clock.look(now, self.unix_seconds, self.plan.clock_bound) {
            if !self.again.parts.contains(&Part::Clock) {
                self.again.parts.push(Part::Clock);
            }
            self.again.due = Some(now);
        }
    }

    /// Such a bring-up has ended.
    pub(super) fn brought_up_again(
        &mut self,
        cx: &Context<'_>,
        found: BroughtUp,
        again: Vec<Part>,
    ) {
        if found.identity != Identity::default() {
            self.health.module = Some(found.identity);
        }
        if found.clock.is_some() {
            self.health.clock = found.clock_check;
            let was_set = std::mem::take(&mut self.clock.was_set);
            if let Some(check) = found.clock_check.filter(|check| was_set && check.is_warning()) {
                self.warn(Warning::Clock(check));
            }
        }
        self.again.parts = again;
        self.again.wait(cx.now);
    }
}

impl Again {
    /// Sets when the parts are tried next.
    pub(super) fn wait(&mut self, now: Instant) {
        let wait = AGAIN.saturating_mul(1 << self.tried.min(6));
        self.tried = self.tried.saturating_add(1);
        self.due = if self.parts.is_empty() { None } else { now.checked_add(wait) };
    }
}

/// Not specified; chosen because three bring-ups and the waits between them take at least half a
/// minute, and a SIM that can be read again by then needs no restart.
const NOT_UP: u32 = 3;

/// Not specified; chosen because no payment needs these parts: a module that refused something is
/// asked again after a minute, then after two, and at last once an hour.
const AGAIN: Duration = Duration::from_secs(60);
