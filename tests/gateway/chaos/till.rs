//! The till of a world: a driver of the machine, on virtual time.

use std::time::{Duration, Instant};

use fastrand::Rng;
use m26_pay::gateway::alipay::payment::{Heard, Input, NotWritten, Outcome, Payment, Step};
use m26_pay::gateway::journal::{Begun, Entry, Journal, JournalError, MemoryJournal};
use m26_pay::sim::gateway::alipay::{
    AlipayLine, CodeId, Fate, PayCall, PrecreateCall, ReplyKind, Taken, TradeCall, Which,
};

use super::carrier::{Carrier, shared};
use super::plan::{Plan, millis};

pub struct Till<C> {
    pub plan: Plan,
    pub line: AlipayLine,
    pub journal: MemoryJournal,
    pub now: Instant,
    pub rng: Rng,
    /// Nothing goes wrong any more.
    pub calm: bool,
    /// How many requests left.
    pub sent: u32,
    pub carrier: C,
    pub told: bool,
}

/// The power went away.
pub struct Cut;

impl<C: Carrier> Till<C> {
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
            input = match step {
                Step::Write(entry) => self.write(&entry)?,
                Step::Pay(pay) => {
                    let mut pay =
                        PayCall::new(shared(pay.sale().out_trade_no()), self.plan.total, CodeId(1));
                    pay.timeout = Some(self.plan.timeout);
                    self.exchange(TradeCall::Pay(pay))?
                }
                Step::Precreate(precreate) => {
                    self.exchange(TradeCall::Precreate(PrecreateCall {
                        out_trade_no: shared(precreate.sale().out_trade_no()),
                        total: self.plan.total,
                        timeout: Some(self.plan.timeout),
                    }))?
                }
                Step::Query(_) => {
                    let which = Which::Ours(shared(&payment.entry().out_trade_no));
                    self.exchange(TradeCall::Query(which))?
                }
                Step::Cancel(_) => {
                    let which = Which::Ours(shared(&payment.entry().out_trade_no));
                    self.exchange(TradeCall::Cancel(which))?
                }
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
                other => panic!("{other:?} was not to be expected"),
            };
        }
        panic!("it does not end");
    }

    fn write(&mut self, entry: &Entry) -> Result<Input, Cut> {
        self.now += millis(&mut self.rng, 1..30);
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
            Err(JournalError::Conflict) => Input::NotWritten(NotWritten::Elsewhere),
            Err(_) => Input::NotWritten(NotWritten::Failed),
        })
    }

    fn exchange(&mut self, call: TradeCall) -> Result<Input, Cut> {
        if !self.calm && self.rng.u32(..1_000) < self.plan.unsent {
            self.now += millis(&mut self.rng, 1..3_000);
            return Ok(Input::Answer(Heard::NotSent));
        }
        let fate = if self.calm { Default::default() } else { self.plan.fate(&mut self.rng) };
        if matches!(call, TradeCall::Precreate(_)) && !is_shown(&fate) {
            self.line.alipay_mut().settings_mut().scanned_after = None;
        }
        self.sent += 1;
        self.tell(|| format!("   {fate:?}"));
        let ticket = self.line.send_with(self.now, call.clone(), fate);
        self.power()?;
        let deadline = self.now + ANSWER;
        let reply = loop {
            match self.line.take(self.now, ticket) {
                Taken::Reply(reply) => break Some(reply),
                Taken::Wait(at) if at <= deadline => self.now = self.now.max(at),
                Taken::Wait(_) | Taken::Never => {
                    self.now = deadline;
                    self.line.forget(ticket);
                    break None;
                }
            }
        };
        self.power()?;
        let heard = self.carrier.hear(&call, reply);
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

/// Whether the till gets the code in time, so that a customer can scan it.
fn is_shown(fate: &Fate) -> bool {
    let way = |way: Option<Duration>| way.unwrap_or(ANSWER);
    matches!(fate.said, ReplyKind::Truth | ReplyKind::Gbk | ReplyKind::WrongAmount)
        && way(fate.arrives) + fate.works + way(fate.returns) < ANSWER
}

/// The deadline of an answer, that of the tool `pay`.
const ANSWER: Duration = Duration::from_secs(10);

/// More steps than any payment has.
const STEPS: usize = 1_000;
