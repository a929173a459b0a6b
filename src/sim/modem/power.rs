//! Boot, reset and power-down.

use std::time::Instant;

use super::call::{Call, Form};
use super::network::Functionality;
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem, Power, Start};
use crate::sim::{CardState, NetworkState};

/// The boot's stages, each with its line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Ready,
    Functionality,
    Pin,
    CallReady,
}

impl Modem {
    pub(super) fn start(&mut self, now: Instant) {
        match self.settings.start {
            Start::Booting => self.boot(now),
            Start::Off => {}
            Start::Running => {
                self.power = Power::On;
                self.input.reset(self.saved.ipr != 0);
                self.register(now);
            }
        }
    }

    /// Starts again from nothing but what the NVM holds.
    pub(super) fn boot(&mut self, now: Instant) {
        self.switch_off();
        self.power = Power::Booting;
        self.parameters = self.saved.clone();
        self.input.reset(self.saved.ipr != 0);
        self.network.reset();
        let boot = &self.settings.boot;
        for (after, stage) in [
            (boot.rdy, Stage::Ready),
            (boot.cfun, Stage::Functionality),
            (boot.cpin, Stage::Pin),
            (boot.call_ready, Stage::CallReady),
        ] {
            self.timeline.add(now + after, Event::Boot(stage));
        }
    }

    pub(super) fn boot_stage(&mut self, at: Instant, stage: Stage) {
        match stage {
            Stage::Ready => {
                self.power = Power::On;
                self.urc("RDY");
            }
            Stage::Functionality => self.urc("+CFUN: 1"),
            Stage::Pin => {
                self.urc(&format!("+CPIN: {}", self.pin_text()));
                self.timeline.add(at + self.settings.register_after, Event::Register);
            }
            Stage::CallReady if self.network.sim == CardState::Ready => self.urc("Call Ready"),
            Stage::CallReady => {}
        }
    }

    /// The module stops: what it has not sent yet is lost, and so is what was only in its RAM.
    pub(super) fn switch_off(&mut self) {
        self.power = Power::Off;
        self.timeline.clear();
        self.input.reset(false);
        self.refusal = None;
        self.sdk.reset();
    }

    pub(super) fn power(&mut self, at: Instant, call: &Call<'_>) -> Option<Outcome> {
        let soon = self.settings.latencies.command;
        Some(match (call.name.as_str(), &call.form) {
            ("+CFUN", Form::Read) => {
                Reply::text(format!("+CFUN: {}", self.network.functionality.number()))
            }
            ("+CFUN", Form::Test) => Reply::text("+CFUN: (0,1,4),(0-1)"),
            ("+CFUN", Form::Set(values)) => match values.as_slice() {
                ["0"] | ["0", "0"] => self.function(at, Functionality::Minimum),
                ["1"] | ["1", "0"] => self.function(at, Functionality::Full),
                ["4"] | ["4", "0"] => self.function(at, Functionality::Flight),
                ["1", "1"] => Reply::then(soon, Event::Reset),
                _ => Err(Failure::NOT_SUPPORTED),
            },
            // TS 27.007, 8.4, and the voltage in mV: no battery, and a supply that is well.
            ("+CBC", Form::Execute) => Reply::text("+CBC: 0,100,4000"),
            ("+CBC", Form::Test) => Reply::text("+CBC: (0-2),(1-100),(0-5000)"),
            ("+QPOWD", Form::Test) => Reply::text("+QPOWD: (0,1)"),
            // 1: normal, with a line in place of OK; 0: urgent, with OK (M26 AT manual V1.1).
            ("+QPOWD", Form::Set(values)) => match values.as_slice() {
                ["1"] => Reply::instead_of_ok("NORMAL POWER DOWN", soon, Some(Event::Off)),
                ["0"] => Reply::then(soon, Event::Off),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+CFUN" | "+CBC" | "+QPOWD", _) => Err(Failure::NOT_SUPPORTED),
            _ => return None,
        })
    }

    /// AT+CFUN: parts of the module stop, or start again.
    fn function(&mut self, at: Instant, functionality: Functionality) -> Outcome {
        let before = std::mem::replace(&mut self.network.functionality, functionality);
        let mut reply = Reply::ok()?;
        if functionality != before {
            let card = match (before, functionality) {
                (_, Functionality::Minimum) => Some("NOT READY"),
                (Functionality::Minimum, _) => Some(self.pin_text()),
                _ => None,
            };
            let soon = self.settings.latencies.command;
            reply.then.extend(card.map(|text| (soon, Event::Urc(format!("+CPIN: {text}")))));
            match functionality {
                Functionality::Full => self.search(at),
                Functionality::Flight | Functionality::Minimum => {
                    self.set_registration(at, NetworkState::Lost);
                }
            }
        }
        Ok(reply)
    }
}
