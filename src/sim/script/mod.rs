//! [`Script`]: orders to the simulated line, as text.
//!
//! ```text
#![doc = include_str!("words.txt")]
//! ```
//!
//! A command is recognised when its CR arrives. Upper and lower case are the same; the number
//! counts the commands that begin so. Orders that say how a command will go are given just before
//! the module has it; those that strike in the middle of it (`reset`, `power-off`, `hang-up`,
//! `silent`, `urc`, `raw`) just after.
//!
//! `PREFIX` may be left out after `on`: it is then that of the command, `+ALIPAYSIGN` for
//! `AT+ALIPAYSIGN`.
//!
//! A host that sends a command before the last one is answered, which the manual forbids, triggers
//! the orders for both at once.
//!
//! A script belongs behind [`Paced`](super::pace::Paced) and in front of
//! [`Faulty`](super::faults::Faulty), so that it sees a command when the module does.

mod parse;
mod words;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Chunk, Device, Order};

pub use parse::{ScriptError, ScriptReason};

/// The words of a script, for the help of a program that takes one.
pub const WORDS: &str = include_str!("words.txt");

/// Orders, each with the moment to give it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The orders, as they were written.
    pub steps: Vec<ScriptStep>,
}

/// One order and when to give it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptStep {
    /// When.
    pub when: When,
    /// What.
    pub order: Order,
}

/// When an order is given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// Once, so long after the start.
    At(Duration),
    /// Again and again, so far apart.
    Every(Duration),
    /// When the host has sent a command.
    On {
        /// What the command begins with.
        command: String,
        /// Which one of those; each if there is no number.
        number: Option<u32>,
        /// How long after it.
        after: Duration,
    },
}

/// A device to which a script gives orders.
#[derive(Debug)]
pub struct Scripted<D> {
    device: D,
    script: Script,
    /// How often each step's command has come.
    counts: Vec<u32>,
    /// The steps to come, by time and by their place in the script.
    agenda: BTreeSet<(Instant, usize)>,
    started: bool,
    /// The beginning of the line that the host is sending.
    line: String,
}

impl<D: Device> Scripted<D> {
    /// A device with a script, whose time begins with the first call.
    pub fn new(device: D, script: Script) -> Self {
        let counts = vec![0; script.steps.len()];
        let agenda = BTreeSet::new();
        Self { device, script, counts, agenda, started: false, line: String::new() }
    }

    /// The device that gets the orders.
    pub fn inner(&self) -> &D {
        &self.device
    }

    /// The device that gets the orders.
    pub fn inner_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Gives the orders that are due.
    fn advance(&mut self, now: Instant) {
        if !self.started {
            self.started = true;
            for (index, step) in self.script.steps.iter().enumerate() {
                if let When::At(time) | When::Every(time) = step.when {
                    self.agenda.insert((now + time, index));
                }
            }
        }
        while let Some(&(at, index)) = self.agenda.first().filter(|(at, _)| *at <= now) {
            self.agenda.pop_first();
            let step = &self.script.steps[index];
            if let When::Every(time) = step.when {
                let time = time.max(SHORTEST_INTERVAL);
                self.agenda.insert((at + time, index));
            }
            self.device.command(now, &step.order);
        }
    }

    /// The steps that wait for the line that the host has just ended.
    fn triggered(&mut self) -> Vec<usize> {
        let line = std::mem::take(&mut self.line);
        let mut triggered = Vec::new();
        for (index, step) in self.script.steps.iter().enumerate() {
            let When::On { command, number, .. } = &step.when else {
                continue;
            };
            let begins = line.get(..command.len());
            if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(command)) {
                self.counts[index] += 1;
                if number.is_none_or(|number| number == self.counts[index]) {
                    triggered.push(index);
                }
            }
        }
        triggered
    }

    /// Gives those orders that come before the command, or those that come after it.
    fn give(&mut self, now: Instant, triggered: &[usize], before: bool) {
        for &index in triggered {
            let step = &self.script.steps[index];
            match step.when {
                When::On { after, .. } if !after.is_zero() => {
                    self.agenda.insert((now + after, index));
                }
                _ if is_event(&step.order) != before => self.device.command(now, &step.order),
                _ => {}
            }
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().filter(|byte| !byte.is_ascii_control()) {
            if self.line.len() < LONGEST_LINE {
                self.line.push(char::from(*byte));
            }
        }
    }
}

impl<D: Device> Device for Scripted<D> {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.advance(now);
        for piece in bytes.split_inclusive(|byte| *byte == b'\r') {
            self.note(piece);
            let triggered = if piece.ends_with(b"\r") { self.triggered() } else { Vec::new() };
            self.give(now, &triggered, true);
            self.device.receive(now, piece);
            self.give(now, &triggered, false);
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.advance(now);
        self.device.poll_transmit(now)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let agenda = self.agenda.first().map(|(at, _)| *at);
        [agenda, self.device.next_deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.advance(now);
        self.device.command(now, order);
    }
}

/// Whether an order strikes the module in the middle of a command, instead of deciding how the
/// command will go.
fn is_event(order: &Order) -> bool {
    matches!(
        order,
        Order::HangUp(_)
            | Order::PowerOff
            | Order::Raw(_)
            | Order::Reset
            | Order::Silent(_)
            | Order::Urc(_)
    )
}

/// The least interval: a step with an interval of zero would be given without end.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
/// The longest command a script can recognise.
const LONGEST_LINE: usize = 256;
