//! The SIM card, the registration and the signal (TS 27.007, 7.2, 8.3 and 8.5).

use std::collections::BTreeMap;
use std::time::Instant;

use super::call::{Call, Form};
use super::operator::{Mode, Operator};
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
    pub(super) target: NetworkState,
    pub(super) rssi: u8,
    pub(super) functionality: Functionality,
    pub(super) operator: Operator,
    /// Whether AT+CGATT has taken it off the packet network.
    pub(super) detached: bool,
    /// Whether AT+QIACT or the clock's synchronisation has brought the data context up.
    pub(super) context: bool,
    /// The contexts of AT+CGDCONT, by their number, each with its type and access point.
    pub(super) contexts: BTreeMap<u8, (String, String)>,
}

/// How much of the module works (TS 27.007, 8.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Functionality {
    /// 0: neither radio nor card.
    Minimum,
    /// 1.
    Full,
    /// 4: no radio.
    Flight,
}

impl Functionality {
    /// The number on the wire.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Minimum => 0,
            Self::Full => 1,
            Self::Flight => 4,
        }
    }
}

impl Network {
    pub(super) fn new(settings: &ModemSettings) -> Self {
        Self {
            sim: settings.sim,
            registration: NetworkState::Lost,
            target: settings.registration,
            rssi: settings.rssi,
            functionality: Functionality::Full,
            operator: Operator::default(),
            detached: false,
            context: false,
            contexts: BTreeMap::new(),
        }
    }

    /// What a reset leaves: the card, and a network to be searched.
    pub(super) fn reset(&mut self) {
        let searching = self.sim == CardState::Ready;
        self.registration = if searching { NetworkState::Searching } else { NetworkState::Lost };
        self.functionality = Functionality::Full;
        self.operator = Operator::default();
        self.detached = false;
        self.context = false;
        self.contexts.clear();
    }

    /// Registration with the packet network.
    pub(super) fn packet(&self) -> NetworkState {
        if self.detached { NetworkState::Lost } else { self.registration }
    }

    /// Whether it looks for a network at all.
    fn may_register(&self) -> bool {
        self.sim == CardState::Ready
            && self.functionality == Functionality::Full
            && self.operator.mode != Mode::Deregistered
    }
}

impl Modem {
    pub(super) fn network(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let (registration, packet) = (self.network.registration, self.network.packet());
        Some(match (call.name.as_str(), &call.form) {
            ("+CPIN", Form::Read) => match self.card() {
                Err(wrong @ (Failure::SIM_MISSING | Failure::SIM_POWERED_DOWN)) => Err(wrong),
                _ => Reply::text(format!("+CPIN: {}", self.pin_text())),
            },
            ("+CPIN", Form::Set(values)) => self.enter_pin(values),
            ("+CREG", _) => {
                call.registration(&mut self.parameters.creg, |level| status(registration, level))
            }
            ("+CGREG", _) => {
                call.registration(&mut self.parameters.cgreg, |level| status(packet, level))
            }
            ("+CSQ", Form::Execute) => Reply::text(format!("+CSQ: {},0", self.network.rssi)),
            ("+CSQ", Form::Test) => Reply::text("+CSQ: (0-31,99),(0-7,99)"),
            ("+CLCK", Form::Test) => Reply::text("+CLCK: (\"SC\")"),
            // TS 27.007, 7.4: whether the card wants its PIN after a start.
            ("+CLCK", Form::Set(values)) => match values.as_slice() {
                ["SC", "2", ..] => self.card().and_then(|()| {
                    Reply::text(format!("+CLCK: {}", u8::from(self.settings.sim == CardState::Pin)))
                }),
                _ => Err(Failure::NOT_ALLOWED),
            },
            ("+CPIN", Form::Test) => Reply::ok(),
            ("+CPIN" | "+CLCK" | "+CSQ", _) => Err(Failure::NOT_SUPPORTED),
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
        if self.network.may_register() {
            self.set_registration(at, self.network.target);
        }
    }

    /// The module looks for a network, unless it has one.
    pub(super) fn search(&mut self, at: Instant) {
        if self.network.may_register() && !self.network.registration.is_registered() {
            self.set_registration(at, NetworkState::Searching);
            self.timeline.add(at + self.settings.register_after, Event::Register);
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
            self.search(now);
        } else {
            self.set_registration(now, NetworkState::Lost);
        }
    }

    pub(super) fn set_registration(&mut self, at: Instant, registration: NetworkState) {
        if self.network.registration != registration {
            self.network.registration = registration;
            self.tell_registration("+CREG", self.parameters.creg, registration);
            if !self.network.detached {
                self.packet_changed(at);
            }
        }
    }

    /// Registration with the packet network has changed.
    pub(super) fn packet_changed(&mut self, at: Instant) {
        let packet = self.network.packet();
        self.tell_registration("+CGREG", self.parameters.cgreg, packet);
        if self.network.context && !packet.is_registered() {
            self.network.context = false;
            self.urc("+PDP DEACT");
        }
        self.reach_cloud(at);
    }

    fn tell_registration(&mut self, name: &str, level: u8, registration: NetworkState) {
        if level > 0 {
            self.urc(&format!("{name}: {}", status(registration, level)));
        }
    }
}

/// `<stat>`, with the cell behind it at level 2 while registered.
fn status(registration: NetworkState, level: u8) -> String {
    match level {
        2 if registration.is_registered() => format!("{},\"1806\",\"4F52\"", registration.stat()),
        _ => registration.stat().to_string(),
    }
}
