//! The till of a world: a driver of the machine, on virtual time.

use std::time::Instant;

use fastrand::Rng;
use m26_pay::gateway::alipay::payment::{Heard, Input, NotWritten, Outcome, Payment, Step};
use m26_pay::gateway::journal::{Begun, Entry, Journal, JournalError, MemoryJournal};

use super::ANSWER;
use super::link::{Link, Took};
use super::notices::Notices;
use super::plan::{Plan, millis};

pub struct Till<L> {
    pub plan: Plan,
    pub link: L,
    pub journal: MemoryJournal,
    pub now: Instant,
    pub rng: Rng,
    /// Nothing goes wrong any more.
    pub calm: bool,
    /// How many requests left.
    pub sent: u32,
    pub notices: Notices,
    pub told: bool,
}

/// The power went away.
pub struct Cut;

impl<L: Link> Till<L> {
    /// Runs a payment to its outcome, if the power stays.
    pub fn run(&mut self, payment: &mut Payment, stop: Option<Instant>) -> Result<Outcome, Cut> {
        let mut stop = stop;
        let mut input = Input::Begin;
        for _ in 0..STEPS {
            if stop.is_some_and(|at| at <= self.now) {
                stop = None;
                payment.stop();
                self.tell(|| "the cashier stops".into());
            }
            let step = payment.step(self.now, input);
            self.tell(|| format!("{step:?}"));
            self.power()?;
            self.notify();
            input = match step {
                Step::Write(entry) => self.write(&entry)?,
                Step::Rest(until) => {
                    let end = stop.map_or(until, |at| at.min(until));
                    self.now = self.now.max(end);
                    if stop.is_some_and(|at| at <= self.now) {
                        stop = None;
                        payment.stop();
                    }
                    Input::Resume
                }
                Step::Done(outcome) => return Ok(outcome),
                Step::Await => panic!("{payment:?} waits for something else"),
                step => self.exchange(step)?,
            };
        }
        panic!("it does not end");
    }

    /// Alipay posts a notification, and those that have come are taken.
    pub fn notify(&mut self) {
        if self.rng.u32(..1_000) < self.plan.notices {
            self.notices.post(self.link.alipay(), self.now, &mut self.rng);
        }
        self.notices.deliver(&self.journal, self.now);
    }

    fn write(&mut self, entry: &Entry) -> Result<Input, Cut> {
        self.now += millis(&mut self.rng, 1..30);
        self.notify();
        let fails = !self.calm && self.rng.u32(..1_000) < self.plan.unwritten;
        if fails && self.rng.bool() {
            return Ok(Input::NotWritten(NotWritten::Failed));
        }
        let written = if entry.version == 0 {
            match self.journal.begin(entry).unwrap() {
                Begun::New(version) => Ok(version),
                Begun::Exists(_) => panic!("a number was used twice"),
            }
        } else {
            self.journal.update(entry)
        };
        self.power()?;
        Ok(match written {
            _ if fails => Input::NotWritten(NotWritten::Failed),
            Ok(version) => Input::Written(version),
            Err(JournalError::Conflict) => {
                let there = self.journal.numbered(&entry.out_trade_no).unwrap().remove(0);
                if there.is_open() {
                    Input::NotWritten(NotWritten::Elsewhere)
                } else {
                    Input::Settled(Box::new(there))
                }
            }
            Err(_) => Input::NotWritten(NotWritten::Failed),
        })
    }

    fn exchange(&mut self, step: Step) -> Result<Input, Cut> {
        if !self.calm && self.rng.u32(..1_000) < self.plan.unsent {
            self.now += millis(&mut self.rng, 1..3_000);
            return Ok(Input::Answer(Heard::NotSent));
        }
        self.sent += 1;
        let rng = (!self.calm).then_some(&mut self.rng);
        self.link.send(self.now, step, &self.plan, rng);
        self.power()?;
        let deadline = self.now + ANSWER;
        let heard = loop {
            match self.link.take(self.now) {
                Took::Heard(heard) => break heard,
                Took::Wait(at) if at <= deadline => self.now = self.now.max(at),
                Took::Wait(_) | Took::Never => {
                    self.now = deadline;
                    self.link.forget();
                    break Heard::Unclear(None);
                }
            }
        };
        self.power()?;
        self.tell(|| format!("   {heard:?}"));
        Ok(Input::Answer(heard))
    }

    fn power(&mut self) -> Result<(), Cut> {
        if !self.calm && self.rng.u32(..1_000) < self.plan.cuts { Err(Cut) } else { Ok(()) }
    }

    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.told {
            println!("{what}", what = what());
        }
    }
}

/// More steps than any payment has.
const STEPS: usize = 1_000;
