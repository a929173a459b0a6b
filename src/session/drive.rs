//! [`Drive`]: what both drivers of a session do with its machine.

use std::time::Instant;

use crate::at::command::{Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{EarlierProgram, ExchangeError, Settings};
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::session::{HostRestart, Machine, MachineStep, OPENING};

/// What a driver waits for before the next step of its machine.
pub(crate) enum Pending<E> {
    /// Nothing: the next step gets this.
    Step(Input),
    /// The end of a command.
    Exchange(E),
    /// The port to open, at most until then.
    Open(Instant),
    /// This time, or a change of the machine.
    Rest(Option<Instant>),
}

/// A driver of a session: the steps of the machine are carried out here, with what each driver does
/// in its own way.
pub(crate) trait Drive {
    /// A command that was begun and has not ended.
    type Exchange;

    /// Works with the machine, which handles may change too.
    fn machine<T>(&self, work: impl FnOnce(&mut Machine) -> T) -> T;

    /// The epoch of the machine, as far as the driver has seen it.
    fn epoch(&mut self) -> &mut u64;

    /// The profile of the module.
    fn profile(&self) -> &Profile;

    /// The time by the host's clock.
    fn unix_seconds(&self) -> Option<i64>;

    /// Closes the port if one is open.
    fn close(&mut self);

    /// Has the host restart the module.
    fn restart(&mut self) -> Result<HostRestart, Error>;

    /// Begins a command.
    fn begin(&mut self, request: Request) -> Result<Self::Exchange, ExchangeError>;

    /// Keeps the command of a duty beside the steps, and [hands it back](Self::hand_back) at its end.
    fn keep(&mut self, exchange: Self::Exchange);

    /// Takes one step of the machine, with what came of the last one. What to wait for then.
    fn advance(&mut self, now: Instant, input: Input) -> Pending<Self::Exchange> {
        let epoch = *self.epoch();
        let unix_seconds = self.unix_seconds();
        let cx = Context { now, profile: self.profile() };
        let step = self.machine(|machine| {
            // If a handle has changed something meanwhile, the input was meant for another time.
            let valid = machine.epoch() == epoch;
            // What the machine changes itself during the step is part of the step.
            valid.then(|| (machine.step(&cx, unix_seconds, input), machine.epoch()))
        });
        let Some((step, epoch)) = step else { return Pending::Step(Input::Begin) };
        *self.epoch() = epoch;
        match step {
            MachineStep::Open => {
                self.close();
                Pending::Open(now + OPENING)
            }
            MachineStep::Restart => {
                let outcome = self.restart();
                self.machine(|machine| machine.was_restarted(outcome.as_ref().copied()));
                Pending::Step(Input::Begin)
            }
            MachineStep::Send(request) => match self.begin(request) {
                Ok(exchange) => Pending::Exchange(exchange),
                Err(failure) => Pending::Step(Input::Reply(Err(failure))),
            },
            MachineStep::Entrust(request) => {
                match self.begin(request) {
                    Ok(exchange) => self.keep(exchange),
                    Err(failure) => self.hand_back(now, Err(failure)),
                }
                Pending::Step(Input::Begin)
            }
            MachineStep::Rest(at) => Pending::Rest(at),
        }
    }

    /// Tells the machine what came of the command of a duty.
    fn hand_back(&self, now: Instant, outcome: Result<Reply, ExchangeError>) {
        let cx = Context { now, profile: self.profile() };
        let unix_seconds = self.unix_seconds();
        self.machine(|machine| machine.entrusted(&cx, unix_seconds, outcome));
    }
}

/// The settings of the client at the port that was opened after so many others.
pub(crate) fn client_settings(
    settings: &Settings,
    opened: u32,
    random: impl FnOnce() -> u32,
) -> Settings {
    let mut settings = settings.clone();
    // The session looks after that itself.
    settings.earlier = EarlierProgram::Ended;
    // A late answer to a fence of the last port must not close the past of this one.
    settings.begin_fences(opened, random);
    settings
}
