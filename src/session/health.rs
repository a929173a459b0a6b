//! How a session is, at a glance.

use crate::at::line::Line;
use crate::engine;
use crate::m26::{ClockCheck, Identity, NetworkStatus, Registration, Signal};
use crate::session::State;
use crate::urc::Urc;

/// How a session is: a copy that is out of date the moment it is made. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Health {
    /// Where the session stands.
    pub state: State,
    /// What the module is, once it was asked.
    pub module: Option<Identity>,
    /// The strength of the signal when it was last asked for.
    pub signal: Signal,
    /// The registration in the network, as last heard.
    pub gsm: Registration,
    /// The registration for packet data, as last heard.
    pub gprs: Registration,
    /// How the clocks of host and module agreed at the last bring-up.
    pub clock: Option<ClockCheck>,
    /// Whether the bizTid is known.
    pub identified: bool,
    /// Whether the module may hold reports that were not delivered. Not known at the start, and
    /// then yes.
    pub may_hold_reports: bool,
    /// The last error, whoever met it.
    pub last_error: Option<String>,
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
    /// Results that nothing asked for.
    pub strays: u64,
    /// Events that were dropped, here or below.
    pub missed: u64,
    /// Restarts of the module that were seen.
    pub resets: u64,
    /// Restarts of the module that the session made.
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
            counters: Counters::default(),
        }
    }

    pub(super) fn count(&mut self, event: &engine::Event) {
        let counters = &mut self.counters;
        match event {
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
