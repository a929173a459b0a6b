//! What a bring-up consists of, and what of it a payment needs.

use std::time::Duration;

use crate::at::command::{
    Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::profile::Profile;
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::until::{Until, Verdict};
use crate::flows::{SyncClock, Synchronise};
use crate::m26::{
    BaudRate, ClockTime, Identity, NtpServer, ReadBaudRate, ReadClock, ReadIdentity,
    ReadRegistration, ReadSignal, ReadSim, Registration, RegistrationStatus, SelectContext,
    SetAccessPoint, Signal, SimState,
};

/// A part of a bring-up, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Synchronise,
    /// No text of messages, of the cell broadcast and of the network's services on the line.
    Messages,
    Services,
    /// It does not sleep: a module that does throws the first bytes of a line away.
    StayAwake,
    Identity,
    Sim,
    Signal,
    Gsm,
    /// It tells when the network lets it go. As it is off after a start of the module
    /// (M26AT, tables 3 to 6), it shows too whether there was one that nobody saw.
    ReportRegistration,
    Gprs,
    Context,
    AccessPoint,
    Time,
    Clock,
    Rate,
}

/// How far a part is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The next part is due.
    Between,
    Synchronise(Synchronise),
    Setting(Until<Setting>),
    Identity(Until<ReadIdentity>),
    Sim(Until<ReadSim>),
    Signal(Until<ReadSignal>),
    Gsm(Until<ReadRegistration>),
    Gprs(Until<ReadRegistration>),
    Context(Until<SelectContext>),
    AccessPoint(Until<SetAccessPoint>),
    Time(SyncClock),
    Clock(Until<ReadClock>),
    Rate(Until<ReadBaudRate>),
}

/// A line that sets something and is answered by `OK` alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting(&'static str);

impl Command for Setting {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::raw(self.0, profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Part {
    /// All of them but the first.
    pub(super) const ALL: [Self; 14] = [
        Self::Messages,
        Self::Services,
        Self::StayAwake,
        Self::Identity,
        Self::Sim,
        Self::Signal,
        Self::Gsm,
        Self::ReportRegistration,
        Self::Gprs,
        Self::Context,
        Self::AccessPoint,
        Self::Time,
        Self::Clock,
        Self::Rate,
    ];

    /// What it is called for a screen.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Synchronise => "synchronisation",
            Self::Messages | Self::Services => "text of others",
            Self::StayAwake => "sleep",
            Self::Identity => "module",
            Self::Sim => "SIM",
            Self::Signal => "signal",
            Self::Gsm => "registration",
            Self::ReportRegistration => "registration reports",
            Self::Gprs => "GPRS registration",
            Self::Context => "context",
            Self::AccessPoint => "access point",
            Self::Time | Self::Clock => "clock",
            Self::Rate => "rate",
        }
    }

    /// Whether a payment is not possible after this.
    pub(super) fn needs(self, error: &Error) -> bool {
        match error {
            // Nobody is there any more, or it begins anew.
            Error::Failed(
                ExchangeError::Busy(_)
                | ExchangeError::Disconnected(_)
                | ExchangeError::Interrupted(_)
                | ExchangeError::Silent,
            ) => true,
            // It says that it is not ready. What says nothing is left to the SDK, which will.
            Error::NotReady { .. } => matches!(self, Self::Sim | Self::Gprs),
            _ => self == Self::Synchronise,
        }
    }

    /// Whether a module that does not know it is none the worse for it.
    pub(super) fn may_be_refused(self) -> bool {
        matches!(self, Self::Messages | Self::Services | Self::StayAwake | Self::ReportRegistration)
    }

    /// Whether it can be done while payments are made.
    pub(super) fn can_be_done_again(self) -> bool {
        !matches!(self, Self::Synchronise | Self::Sim | Self::Gprs)
    }
}

impl Stage {
    /// `None` if there is nothing to do.
    pub(super) fn begin(
        part: Part,
        access_point: Option<&SetAccessPoint>,
        time_server: Option<&NtpServer>,
    ) -> Option<Self> {
        let set = |(): &()| Verdict::Good("set".to_string());
        let setting = |line, done: fn(&()) -> Verdict| {
            Self::Setting(Until::once(part.name(), Setting(line), done))
        };
        Some(match part {
            Part::Synchronise => Self::Synchronise(Synchronise::default()),
            // 27.005 3.4.1: neither messages, nor cell broadcasts, nor status reports on the line.
            Part::Messages => setting("AT+CNMI=2,0,0,0,0", |()| {
                Verdict::Good("messages are not shown".to_string())
            }),
            // 27.007 7.15
            Part::Services => setting("AT+CUSD=0", |()| {
                Verdict::Good("services of the network are not shown".to_string())
            }),
            // M26AT 14.5
            Part::StayAwake => {
                setting("AT+QSCLK=0", |()| Verdict::Good("switched off".to_string()))
            }
            // 27.007 10.1.20
            Part::ReportRegistration => {
                setting("AT+CGREG=1", |()| Verdict::Good("switched on".to_string()))
            }
            Part::Identity => Self::Identity(Until::once("module", ReadIdentity, named)),
            Part::Sim => {
                let until = Until::new(part.name(), ReadSim, judge_sim, 10, NO_SIM);
                Self::Sim(until.refused_as(&SIM_CODES).answer_within(SIM_ANSWER))
            }
            Part::Signal => Self::Signal(Until::once("signal", ReadSignal, show_signal)),
            Part::Gsm => {
                let read = ReadRegistration::Gsm;
                Self::Gsm(Until::once("registration", read, show_registration))
            }
            Part::Gprs => {
                let read = ReadRegistration::Gprs;
                let until = Until::new(part.name(), read, judge_registration, 30, NO_GPRS);
                Self::Gprs(until.unclear_at_most(UNCLEAR).answer_within(GPRS_ANSWER))
            }
            Part::Context => {
                let selected = |(): &()| Verdict::Good("0 is selected".to_string());
                Self::Context(Until::once("context", SelectContext::First, selected))
            }
            Part::AccessPoint => {
                Self::AccessPoint(Until::once("access point", access_point?.clone(), set))
            }
            Part::Time => {
                Self::Time(SyncClock::new(Some(time_server?.clone()), None).within(TIME_SERVER))
            }
            Part::Clock => {
                let read = |clock: &ClockTime| Verdict::Good(clock.to_string());
                Self::Clock(Until::once("clock", ReadClock, read))
            }
            Part::Rate => Self::Rate(Until::once("rate", ReadBaudRate, show_rate)),
        })
    }
}

fn named(identity: &Identity) -> Verdict {
    Verdict::Good(format!("{} {}", identity.model, identity.revision))
}

fn judge_sim(state: &SimState<'static>) -> Verdict {
    let advice = match state {
        // The second PIN guards settings that nobody needs here.
        SimState::Ready | SimState::Pin2Required | SimState::Puk2Required => {
            return Verdict::Good(state.to_string());
        }
        SimState::NotInserted | SimState::NotReady | SimState::Other(_) => {
            return Verdict::NotYet(state.to_string());
        }
        SimState::PinRequired => {
            "switch the request for the PIN off in a phone, or send AT+CPIN=<pin>"
        }
        SimState::PukRequired => "unblock the SIM in a phone, with the PUK from its provider",
    };
    Verdict::Hopeless { state: format!("the SIM waits for {state}"), advice }
}

fn show_signal(signal: &Signal) -> Verdict {
    Verdict::Good(match signal.dbm() {
        Some(dbm) => format!("{dbm} dBm"),
        None => "no signal: check the antenna and its cable if it stays so".to_string(),
    })
}

/// What the rate means.
fn show_rate(rate: &BaudRate) -> Verdict {
    Verdict::Good(match *rate {
        BaudRate::AUTOMATIC => "found by the module itself, so its restarts may go unseen: AT+IPR=115200 and AT&W would fix it".to_string(),
        BaudRate(rate) => format!("fixed at {rate} baud"),
    })
}

/// What calls need, and payments do not.
fn show_registration(registration: &Registration) -> Verdict {
    Verdict::Good(registration.status.to_string())
}

fn judge_registration(registration: &Registration) -> Verdict {
    let state = registration.status.to_string();
    match registration.status {
        status if status.is_registered() => Verdict::Good(state),
        // Some networks deny it for a moment.
        RegistrationStatus::DENIED => Verdict::Denied {
            state,
            advice: "ask the SIM's provider whether it is active and may be used in this device and for packet data",
        },
        _ => Verdict::NotYet(state),
    }
}

const NO_SIM: &str =
    "check that a SIM is inserted the right way round, and that its contacts are clean";
const NO_GPRS: &str = "check the antenna, that the SIM is active and its contract includes GPRS, and that there is a GSM (2G) network here";

/// The CME errors that speak of the SIM (M26AT, table 8). Any other says nothing of it.
const SIM_CODES: [u16; 12] = [5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 3516, 3517];

/// Not specified; chosen as ten times what M26AT 1.3 gives to a read command. A customer need not wait
/// longer: a SIM that is not read is not registered either, and registration is asked for next.
const SIM_ANSWER: Deadline = Deadline::millis("state of the SIM", 3_000);

/// Not specified; chosen as five times what M26AT 1.3 gives to a read command, so that two of them and
/// the second between them take no more than five seconds.
const GPRS_ANSWER: Deadline = Deadline::millis("registration for packet data", 1_500);

/// Not specified; chosen because one answer may be lost on a bad line and two are not.
const UNCLEAR: u32 = 2;

/// Not specified; chosen because nobody should wait at a till for a time server: one that answers
/// does so within a second or two, and what comes later sets the clock all the same.
const TIME_SERVER: Duration = Duration::from_secs(4);
