//! The module of a run: the simulated M26 with a few verbs of its own, behind a bad line.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, Taught};
use m26_pay::sim::script::Scripted;
use m26_pay::sim::{Chunk, Device, Order};
use m26_pay::transcript::{Transcript, TranscriptStep};
use support::ears::Ears;

use crate::chaos::act::number;
use crate::chaos::plan::Plan;
use crate::chaos::tape::{Recorded, Tape};

/// What the module knows of the run, whatever the line makes of it.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The lines that it has heard.
    pub heard: HashSet<Vec<u8>>,
    /// The business numbers of the reports that it has ever held.
    pub held: HashSet<String>,
    /// The numbers that it was asked for by the verbs of its own, and how often.
    pub said: HashMap<u64, u32>,
    /// How many steps the caller has begun.
    pub acts: usize,
    /// Whether the line is cut.
    pub down: bool,
    /// What was learnt and has not been written down.
    pub news: Vec<Fact>,
    /// Where a client has left the way of the recording that it is played.
    pub parted: Option<String>,
}

/// Something that the module knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Heard(Vec<u8>),
    Held(String),
    Said(u64),
}

impl Ledger {
    pub fn learn(&mut self, fact: Fact) {
        let new = match &fact {
            Fact::Heard(line) => self.heard.insert(line.clone()),
            Fact::Held(business_no) => self.held.insert(business_no.clone()),
            Fact::Said(number) => {
                *self.said.entry(*number).or_default() += 1;
                true
            }
        };
        if new {
            self.news.push(fact);
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heard(line) => {
                let step = TranscriptStep::ToModule(line.clone()).to_string();
                write!(f, "heard {}", step.trim_start_matches("> "))
            }
            Self::Held(business_no) => write!(f, "held {business_no}"),
            Self::Said(number) => write!(f, "said {number}"),
        }
    }
}

impl FromStr for Fact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(' ').ok_or_else(|| format!("no fact: {text}"))?;
        match name {
            "heard" => {
                let transcript: Transcript =
                    format!("> {rest}").parse().map_err(|error| format!("{error}"))?;
                match transcript.steps.as_slice() {
                    [TranscriptStep::ToModule(line)] => Ok(Self::Heard(line.clone())),
                    _ => Err(format!("no line: {rest}")),
                }
            }
            "held" => Ok(Self::Held(rest.into())),
            "said" => number(rest).map(Self::Said),
            _ => Err(format!("no fact: {text}")),
        }
    }
}

pub type Shared<T> = Arc<Mutex<T>>;

pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap()
}

/// The far end of a plan. One that `lies` answers AT+ECHO once with another's number.
pub fn simulated(
    plan: &Plan,
    ledger: &Shared<Ledger>,
    tape: &Shared<Tape>,
    lies: bool,
) -> Recorded {
    let mut modem = Modem::new(plan.module.clone());
    teach(&mut modem, plan.seed, ledger, lies);
    let listening =
        Listening { modem, ledger: Arc::clone(ledger), ears: Ears::default(), off_until: None };
    let faulty = Faulty::new(listening, plan.seed);
    Recorded::new(Box::new(Scripted::new(faulty, plan.script.clone())), ledger, tape)
}

/// AT+ECHO=n, AT+FAIL=n, AT+LATER=n and AT+TEXT=n. What they answer says which line was carried
/// out, whatever became of it on its way.
fn teach(modem: &mut Modem, seed: u64, ledger: &Shared<Ledger>, lies: bool) {
    let only = |arguments: &[&str]| match arguments {
        [one] => one.parse().map_err(|_| UNKNOWN),
        _ => Err(UNKNOWN),
    };
    let said = |ledger: &Shared<Ledger>| {
        let ledger = Arc::clone(ledger);
        move |arguments: &[&str]| {
            let number = only(arguments)?;
            lock(&ledger).learn(Fact::Said(number));
            Ok(number)
        }
    };
    let text = |text| Taught { text: vec![text], then: None };
    let (echo, mut echoed) = (said(ledger), Vec::new());
    modem.teach("+ECHO", move |arguments| {
        let number: u64 = echo(arguments)?;
        echoed.push(number);
        let told = if lies && echoed.len() == 3 { echoed[1] } else { number };
        Ok(text(format!("+ECHO: {told}")))
    });
    modem.teach("+FAIL", move |arguments| {
        Err(only(arguments).ok().and_then(|number| u16::try_from(number).ok()).unwrap_or(UNKNOWN))
    });
    let (later, mut rng) = (said(ledger), fastrand::Rng::with_seed(seed));
    modem.teach("+LATER", move |arguments| {
        let number = later(arguments)?;
        let after = Duration::from_millis(rng.u64(1..2_000));
        Ok(Taught { text: Vec::new(), then: Some((after, format!("+LATER: {number}"))) })
    });
    let bare = said(ledger);
    modem.teach("+TEXT", move |arguments| bare(arguments).map(|number| text(format!("T{number}"))));
}

/// A [`Modem`] of which is written down what it hears and holds.
struct Listening {
    modem: Modem,
    ledger: Shared<Ledger>,
    ears: Ears,
    /// When the module listens again after a reset.
    off_until: Option<Instant>,
}

impl Listening {
    fn hear(&mut self, bytes: &[u8]) {
        let ledger = &self.ledger;
        self.ears.hear(bytes, |line| lock(ledger).learn(Fact::Heard(line.to_vec())));
    }

    fn look(&self) {
        let mut ledger = lock(&self.ledger);
        for report in self.modem.queued() {
            if !ledger.held.contains(&report.business_no) {
                ledger.learn(Fact::Held(report.business_no.clone()));
            }
        }
    }
}

impl Device for Listening {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        if self.off_until.is_none_or(|until| until <= now) {
            self.off_until = None;
            self.hear(bytes);
        }
        self.modem.receive(now, bytes);
        self.look();
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        let chunk = self.modem.poll_transmit(now);
        self.look();
        chunk
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.modem.next_deadline()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        if *order == Order::Reset {
            self.ears.reset();
            self.off_until = Some(now + self.modem.settings().boot.rdy);
        }
        self.modem.command(now, order);
    }
}

/// 601, unknown command.
const UNKNOWN: u16 = 601;
