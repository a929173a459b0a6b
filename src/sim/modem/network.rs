//! The SIM card, the registration, the signal and the data context (TS 27.007, 7.2 and 8.3).

use std::time::Instant;

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem, ModemSettings, Power};
use crate::sim::{CardState, NetworkState};

/// The module's state in the network.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) sim: CardState,
    /// How it is registered now.
    pub(super) registration: NetworkState,
    /// How it will be registered once it has searched.
    target: NetworkState,
    pub(super) rssi: u8,
    /// Whether AT+QIACT or the clock's synchronisation has brought the data context up.
    pub(super) context: bool,
}

impl Network {
    pub(super) fn new(settings: &ModemSettings) -> Self {
        Self {
            sim: settings.sim,
            registration: NetworkState::Lost,
            target: settings.registration,
            rssi: settings.rssi,
            context: false,
        }
    }

    /// What a reset leaves: the card, and a network to be searched.
    pub(super) fn reset(&mut self) {
        let searching = self.sim == CardState::Ready;
        self.registration = if searching { NetworkState::Searching } else { NetworkState::Lost };
        self.context = false;
    }
}

impl Modem {
    pub(super) fn network(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let registration = self.network.registration;
        let status = move |level| status(registration, level);
        Some(match (call.name.as_str(), &call.form) {
            ("+CPIN", Form::Read) => match self.network.sim {
                CardState::Missing => Err(Failure::SIM_MISSING),
                _ => Reply::text(format!("+CPIN: {}", self.pin_text())),
            },
            ("+CPIN", Form::Set(values)) => self.enter_pin(values),
            ("+CREG", _) => call.registration(&mut self.parameters.creg, status),
            ("+CGREG", _) => call.registration(&mut self.parameters.cgreg, status),
            ("+CSQ", Form::Execute) => Reply::text(format!("+CSQ: {},0", self.network.rssi)),
            ("+CSQ", Form::Test) => Reply::text("+CSQ: (0-31,99),(0-7,99)"),
            ("+COPS", Form::Read) if registration.is_registered() => {
                Reply::text("+COPS: 0,0,\"TEST NETWORK\"")
            }
            ("+COPS", Form::Read) => Reply::text("+COPS: 0"),
            ("+CGATT", Form::Read) => {
                Reply::text(format!("+CGATT: {}", u8::from(registration.is_registered())))
            }
            ("+QIFGCNT", Form::Read) => Reply::text("+QIFGCNT: 0,0"),
            ("+QIFGCNT", Form::Set(_)) => match call.number() {
                Some(0 | 1) => Reply::ok(),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+QICSGP", Form::Read) => Reply::text("+QICSGP: 1"),
            ("+QICSGP", Form::Set(values)) => match values.as_slice() {
                ["1", _apn, ..] if values.len() <= 4 => Reply::ok(),
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+QIACT", Form::Execute) if registration.is_registered() => {
                self.network.context = true;
                Reply::ok()
            }
            ("+QIACT", Form::Execute) => Err(Failure::NO_NETWORK),
            ("+QIDEACT", Form::Execute) => {
                self.network.context = false;
                // It has no OK of its own (M26 AT manual V1.1).
                Reply::instead_of_ok("DEACT OK", self.settings.latencies.command, None)
            }
            ("+CPIN" | "+QIFGCNT" | "+QICSGP" | "+QIACT" | "+QIDEACT", Form::Test) => Reply::ok(),
            ("+CPIN" | "+CSQ" | "+COPS" | "+CGATT", _)
            | ("+QIFGCNT" | "+QICSGP" | "+QIACT" | "+QIDEACT", _) => Err(Failure::NOT_SUPPORTED),
            _ => return None,
        })
    }

    pub(super) fn pin_text(&self) -> &'static str {
        match self.network.sim {
            CardState::Missing => "NOT INSERTED",
            CardState::Pin => "SIM PIN",
            CardState::Puk => "SIM PUK",
            CardState::Ready => "READY",
        }
    }

    fn enter_pin(&mut self, values: &[&str]) -> Outcome {
        match self.network.sim {
            CardState::Pin if values == [self.settings.pin.as_str()] => {
                self.network.sim = CardState::Ready;
                self.network.registration = NetworkState::Searching;
                let mut reply = Reply::ok()?;
                let latencies = &self.settings.latencies;
                reply.then.push((latencies.command, Event::Urc("+CPIN: READY".into())));
                reply.then.push((self.settings.register_after, Event::Register));
                Ok(reply)
            }
            CardState::Pin => Err(Failure::WRONG_PASSWORD),
            CardState::Ready => Err(Failure::NOT_ALLOWED),
            CardState::Missing | CardState::Puk => {
                self.card()?;
                Reply::ok()
            }
        }
    }

    /// The search for a network is over.
    pub(super) fn register(&mut self, at: Instant) {
        if self.network.sim == CardState::Ready {
            self.set_registration(at, self.network.target);
        }
    }

    /// From now on the network does this with the module, after a reset too.
    pub(super) fn order_registration(&mut self, now: Instant, registration: NetworkState) {
        self.network.target = registration;
        if self.power == Power::On {
            self.register(now);
        }
    }

    /// The card is taken out, put in, or locked.
    pub(super) fn order_sim(&mut self, now: Instant, state: CardState) {
        if self.network.sim == state {
            return;
        }
        self.network.sim = state;
        if self.power != Power::On {
            return;
        }
        let text = format!("+CPIN: {}", self.pin_text());
        self.urc(&text);
        if state == CardState::Ready {
            self.set_registration(now, NetworkState::Searching);
            self.timeline.add(now + self.settings.register_after, Event::Register);
        } else {
            self.set_registration(now, NetworkState::Lost);
        }
    }

    fn set_registration(&mut self, at: Instant, registration: NetworkState) {
        if self.network.registration == registration {
            return;
        }
        self.network.registration = registration;
        for (name, level) in [("CREG", self.parameters.creg), ("CGREG", self.parameters.cgreg)] {
            if level > 0 {
                self.urc(&format!("+{name}: {}", status(registration, level)));
            }
        }
        if self.network.context && !registration.is_registered() {
            self.network.context = false;
            self.urc("+PDP DEACT");
        }
        self.reach_cloud(at);
    }
}

/// `<stat>`, with the cell behind it at level 2 while registered.
fn status(registration: NetworkState, level: u8) -> String {
    match level {
        2 if registration.is_registered() => format!("{},\"1806\",\"4F52\"", registration.stat()),
        _ => registration.stat().to_string(),
    }
}
