//! The simulated M26.
//!
//! One command line is worked on at a time; what arrives meanwhile waits (M26 AT manual V1.1,
//! 1.3.2). Result lines of the Alipay SDK and URCs come at any time.

mod alipay;
mod basic;
pub(crate) mod call;
mod calls;
mod clock;
mod config;
mod identity;
mod input;
mod kept;
mod messages;
mod network;
mod operator;
mod packet;
mod phone_book;
mod power;
mod reply;
mod report;
mod sdk;
mod settings;
mod sign;
mod taught;
mod timeline;

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Chunk, Device, Order};
use basic::Parameters;
use call::{Call, next_call};
use input::Input;
use network::Network;
use reply::{Failure, Outcome};
use sdk::Sdk;
use taught::Verbs;
use timeline::Timeline;

pub use config::ModemConfig;
pub use report::ReportedTrade;
pub use settings::{Boot, Dialect, Latencies, ModemSettings, NtpSpelling, Start};
pub use taught::Taught;
pub(super) use taught::is_command;

/// A simulated M26 with the Alipay SDK inside.
pub struct Modem {
    settings: ModemSettings,
    /// The moment of the first call, and the latest.
    started: Option<Instant>,
    now: Option<Instant>,
    timeline: Timeline<Event>,
    out: VecDeque<Chunk>,
    power: Power,
    input: Input,
    parameters: Parameters,
    /// What AT&W has saved.
    saved: Parameters,
    network: Network,
    sdk: Sdk,
    /// The code with which the next command is to be refused.
    refusal: Option<u16>,
    /// When AT+CCLK has set the clock, and to what Unix time.
    clock_set: Option<(Instant, u64)>,
    /// The phone book that AT+CPBS has chosen.
    book: usize,
    /// What the module was taught.
    verbs: Verbs,
}

/// Whether the module receives and sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Power {
    Off,
    Booting,
    On,
}

/// An event inside the module.
#[derive(Clone)]
enum Event {
    /// A stage of the boot.
    Boot(power::Stage),
    /// The SDK delivers a report.
    Drain,
    /// The command line is done; the next may begin.
    Idle,
    /// The cloud answers with a bizTid.
    Identified,
    /// The module switches itself off.
    Off,
    /// AT+ALIPAYOPEN ends with this code.
    Opened(i32),
    /// The module finds the network, or does not.
    Register,
    /// The module starts again.
    Reset,
    /// Bytes leave the module.
    Transmit(Bytes),
    /// The module sends an unsolicited line.
    Urc(String),
}

/// Without the text, which may be secret.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot(_) => "Boot",
            Self::Drain => "Drain",
            Self::Idle => "Idle",
            Self::Identified => "Identified",
            Self::Off => "Off",
            Self::Opened(_) => "Opened",
            Self::Register => "Register",
            Self::Reset => "Reset",
            Self::Transmit(_) => "Transmit",
            Self::Urc(_) => "Urc",
        })
    }
}

impl Modem {
    /// A module; its time begins with the first call that brings a time.
    pub fn new(settings: ModemSettings) -> Self {
        let parameters = Parameters::new(&settings);
        Self {
            started: None,
            now: None,
            timeline: Timeline::default(),
            out: VecDeque::new(),
            power: Power::Off,
            input: Input::default(),
            parameters: parameters.clone(),
            saved: parameters,
            network: Network::new(&settings),
            sdk: Sdk::new(&settings),
            refusal: None,
            clock_set: None,
            book: 0,
            verbs: Verbs::default(),
            settings,
        }
    }

    /// What the module started with.
    pub fn settings(&self) -> &ModemSettings {
        &self.settings
    }

    /// Brings the module to `now`: everything that was to happen until then happens, in order.
    fn advance(&mut self, now: Instant) -> Instant {
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
        if self.started.is_none() {
            self.started = Some(now);
            self.start(now);
        }
        while let Some((at, event)) = self.timeline.pop(now) {
            self.happen(at, event);
        }
        now
    }

    fn happen(&mut self, at: Instant, event: Event) {
        match event {
            Event::Boot(stage) => self.boot_stage(at, stage),
            Event::Drain => self.drain(at),
            Event::Idle => {
                self.input.busy = false;
                self.read_input(at);
            }
            Event::Identified => self.identified(at),
            Event::Off => self.switch_off(),
            Event::Opened(code) => self.opened(at, code),
            Event::Register => self.register(at),
            Event::Reset => self.boot(at),
            Event::Transmit(bytes) => self.out.push_back(Chunk::Bytes(bytes)),
            Event::Urc(text) => self.urc(&text),
        }
    }

    /// Sends an unsolicited line, if the module may send one.
    fn urc(&mut self, text: &str) {
        if self.power == Power::On && self.input.synchronised {
            self.out.push_back(Chunk::Bytes(format!("\r\n{text}\r\n").into()));
        }
    }

    /// Runs a command line without its `AT`; `at` is when its CR came.
    fn execute(&mut self, at: Instant, line: &str) {
        let mut at = at + self.settings.latencies.command;
        let mut then = Vec::new();
        let mut result = Some("OK".to_owned());
        let mut rest = line.trim_matches(' ');
        let mut refusal = self.refusal.take();
        while !rest.is_empty() || refusal.is_some() {
            let outcome = match refusal.take() {
                Some(code) => Err(Failure::Cme(code)),
                None => next_call(rest).and_then(|(call, left)| {
                    rest = left;
                    self.run(at, &call)
                }),
            };
            match outcome {
                Ok(reply) => {
                    at += reply.takes;
                    for text in reply.text {
                        let frame = self.parameters.text(&text);
                        self.timeline.add(at, Event::Transmit(frame));
                    }
                    then.extend(reply.then);
                    result = (!reply.without_ok).then(|| "OK".to_owned());
                }
                Err(failure) => {
                    result = Some(failure.result(self.parameters.cmee));
                    break;
                }
            }
        }
        self.finish(at, result.as_deref(), then);
    }

    /// Refuses a line whole.
    fn refuse(&mut self, at: Instant) {
        let result = Failure::Plain.result(self.parameters.cmee);
        self.finish(at + self.settings.latencies.command, Some(&result), Vec::new());
    }

    fn finish(&mut self, at: Instant, result: Option<&str>, then: Vec<(Duration, Event)>) {
        self.input.busy = true;
        if let Some(frame) = result.and_then(|result| self.parameters.result(result)) {
            self.timeline.add(at, Event::Transmit(frame));
        }
        for (after, event) in then {
            self.timeline.add(at + after, event);
        }
        self.timeline.add(at, Event::Idle);
    }

    /// Runs one command; `at` is when its answer will be ready.
    fn run(&mut self, at: Instant, call: &Call<'_>) -> Outcome {
        self.fixed(call)
            .or_else(|| self.basic(call))
            .or_else(|| self.identity(call))
            .or_else(|| self.network(call))
            .or_else(|| self.operator(at, call))
            .or_else(|| self.packet(at, call))
            .or_else(|| self.calls(call))
            .or_else(|| self.messages(call))
            .or_else(|| self.phone_book(call))
            .or_else(|| self.clock(at, call))
            .or_else(|| self.power(at, call))
            .or_else(|| self.alipay(at, call))
            .or_else(|| self.taught(call))
            .unwrap_or(Err(Failure::UNKNOWN_COMMAND))
    }
}

impl Device for Modem {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        let now = self.advance(now);
        if self.power == Power::On {
            // Piece by piece, because the buffer is for what comes during a command.
            for piece in bytes.chunks(1024) {
                self.input.take(piece);
                self.read_input(now);
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.advance(now);
        self.out.pop_front()
    }

    fn next_deadline(&self) -> Option<Instant> {
        if self.out.is_empty() { self.timeline.next_at() } else { self.now }
    }

    fn command(&mut self, now: Instant, order: &Order) {
        let now = self.advance(now);
        match order {
            Order::Answer { command, text } => self.fix_answer(command, text),
            Order::PowerOff => self.switch_off(),
            Order::PowerOn if self.power == Power::Off => self.boot(now),
            Order::QueueFree => self.sdk.queue_blocked = false,
            Order::QueueFull => self.sdk.queue_blocked = true,
            Order::Raw(bytes) => self.out.push_back(Chunk::Bytes(bytes.clone().into())),
            Order::Refuse(code) => self.refusal = Some(*code),
            Order::Registration(registration) => self.order_registration(now, *registration),
            Order::Reset => self.boot(now),
            Order::Result { prefix, code } => self.sdk.force(prefix, *code),
            Order::Signal(rssi) => self.network.rssi = *rssi,
            Order::Sim(state) => self.order_sim(now, *state),
            Order::Urc(text) => self.urc(text),
            // The others are orders for a fault in front of the module.
            _ => {}
        }
    }
}

/// Only the module's state. The rest may hold what the host has sent.
impl fmt::Debug for Modem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modem")
            .field("power", &self.power)
            .field("parameters", &self.parameters)
            .field("network", &self.network)
            .field("sdk", &self.sdk)
            .field("verbs", &self.verbs)
            .finish_non_exhaustive()
    }
}
