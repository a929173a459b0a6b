//! [`Health`]: what a technician wants to know of a session.

use crate::at::line::Line;
use crate::engine::{self, InputErrors};
use crate::m26::{ClockCheck, Identity, NetworkStatus, Registration, Signal};
use crate::session::State;
use crate::urc::Urc;

/// The health of a session when this copy of it was made. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Health {
    /// The state of the session.
    pub state: State,
    /// What the module is, once it was asked.
    pub module: Option<Identity>,
    /// The strength of the signal when the module was last asked.
    pub signal: Signal,
    /// The registration in the network, as the module last said.
    pub gsm: Registration,
    /// The registration for packet data, as the module last said.
    pub gprs: Registration,
    /// How the clocks of host and module agreed at the last bring-up, or when the host's was set since.
    pub clock: Option<ClockCheck>,
    /// Whether the bizTid is known.
    pub identified: bool,
    /// Whether the module may hold reports that were not delivered. It is not known at the start,
    /// so this is `true` then.
    pub may_hold_reports: bool,
    /// The last error, of a caller, of a duty or of the session itself.
    pub last_error: Option<String>,
    /// How often bytes from the module were lost or damaged on their way since the session began, if
    /// the driver of the port counts it.
    pub input_errors: InputErrors,
    /// How often things happened since the session began.
    pub counters: Counters,
}

/// How often things happened since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counters {
    /// Commands that callers have sent.
    pub commands: u64,
    /// Of these, the ones that failed.
    pub failures: u64,
    /// Commands that were not let through.
    pub not_allowed: u64,
    /// Lines that belong to no command.
    pub urcs: u64,
    /// Answers that came too late.
    pub late: u64,
    /// Results that belong to no command.
    pub strays: u64,
    /// Events of the session and of its client that were dropped because nobody read them.
    pub missed: u64,
    /// How often the module was seen to start again.
    pub resets: u64,
    /// How often the session restarted the module.
    pub restarts: u64,
    /// How often the module fell silent.
    pub silences: u64,
    /// How often the port was lost.
    pub disconnects: u64,
    /// How often the port was opened.
    pub connects: u64,
    /// How often the session became ready.
    pub ready: u64,
}

impl Health {
    pub(super) fn new() -> Self {
        Self {
            state: State::default(),
            module: None,
            signal: Signal::UNKNOWN,
            gsm: Registration::UNKNOWN,
            gprs: Registration::UNKNOWN,
            clock: None,
            identified: false,
            may_hold_reports: true,
            last_error: None,
            input_errors: InputErrors::default(),
            counters: Counters::default(),
        }
    }

    pub(super) fn count(&mut self, event: &engine::Event) {
        let counters = &mut self.counters;
        match event {
            engine::Event::InputErrors(errors) => {
                self.input_errors = self.input_errors.and(*errors)
            }
            engine::Event::Late(_) => counters.late += 1,
            engine::Event::Missed(count) => counters.missed += count,
            engine::Event::Reset => counters.resets += 1,
            engine::Event::Silent => counters.silences += 1,
            engine::Event::Stray(_) => counters.strays += 1,
            engine::Event::Urc(line) => {
                counters.urcs += 1;
                self.hear(line);
            }
            _ => {}
        }
    }

    pub(super) fn is_registered(&self) -> bool {
        self.gprs.status.is_registered()
    }

    pub(super) fn network(&mut self, status: &NetworkStatus) {
        (self.gsm, self.gprs, self.signal) = (status.gsm, status.gprs, status.signal);
    }

    fn hear(&mut self, line: &Line) {
        match Urc::parse(line.as_bytes()) {
            Urc::GprsRegistration(registration) => self.gprs = registration,
            Urc::GsmRegistration(registration) => self.gsm = registration,
            _ => {}
        }
    }
}
