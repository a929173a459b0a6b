//! The payment machine, rule by rule and script by script, on virtual time.

mod precreated;
mod refunds;
mod rules;
mod scripts;
mod settle;
mod size;
mod waits;

use std::time::{Duration, Instant};

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::payment::{
    Heard, HeardTrade, Input, NotWritten, Outcome, Payment, Policy, Step,
};
use m26_pay::gateway::alipay::{Code, SubCode, TradeNo};
use m26_pay::gateway::journal::{Entry, Said};

use crate::orders;

/// A payment and a clock. Every call gives the next step in a few words.
struct Till {
    payment: Payment,
    now: Instant,
    /// The last entry that was to be written.
    entry: Option<Entry>,
    version: u64,
    rest: Instant,
    outcome: Option<Outcome>,
}

impl Till {
    fn new() -> Self {
        let order = orders::barcode("A1_0", amount(), Duration::from_secs(120));
        Self::with(Payment::new(orders::epoch(), order, Policy::default()))
    }

    fn with(payment: Payment) -> Self {
        let now = orders::epoch();
        Self { payment, now, entry: None, version: 0, rest: now, outcome: None }
    }

    /// The power goes, and the till starts again with what was written last.
    fn restarted(&self) -> Self {
        let mut entry = self.entry.clone().unwrap();
        entry.version = self.version;
        Self::with(Payment::resume(self.now, entry, Policy::default()))
    }

    fn begin(&mut self) -> String {
        self.step(Input::Begin)
    }

    /// Begun, written, and the pay is on its way.
    fn paying(mut self) -> Self {
        assert_eq!(self.begin(), "write begun");
        assert_eq!(self.written(), "pay");
        self
    }

    fn written(&mut self) -> String {
        self.version += 1;
        self.step(Input::Written(self.version))
    }

    fn not_written(&mut self) -> String {
        self.step(Input::NotWritten(NotWritten::Failed))
    }

    fn hears(&mut self, heard: Heard) -> String {
        self.step(Input::Answer(heard))
    }

    /// The answer comes so much later.
    fn hears_after(&mut self, seconds: u64, heard: Heard) -> String {
        self.now += Duration::from_secs(seconds);
        self.hears(heard)
    }

    /// Lets the rest pass.
    fn rests(&mut self) -> String {
        self.now = self.rest;
        self.step(Input::Resume)
    }

    fn step(&mut self, input: Input) -> String {
        let step = self.payment.step(self.now, input);
        match step {
            Step::Write(entry) => {
                let what = entry.outcome.as_ref().map_or(entry.stage.as_str(), |_| "the end");
                let what = what.to_owned();
                self.entry = Some(*entry);
                format!("write {what}")
            }
            Step::Pay(_) => "pay".into(),
            Step::Precreate(_) => "precreate".into(),
            Step::Query(_) => "query".into(),
            Step::Cancel(_) => "cancel".into(),
            Step::Rest(until) => {
                self.rest = until;
                format!("rest {}", (until - self.now).as_secs_f32())
            }
            Step::Done(outcome) => {
                let text = format!("{} {}", outcome.as_str(), outcome.reason());
                self.outcome = Some(outcome);
                text
            }
            Step::Await => "await".into(),
            _ => "?".into(),
        }
    }
}

fn amount() -> Amount {
    Amount::from_fen(1025).unwrap()
}

/// A trade of this order, with its amount.
fn ours() -> HeardTrade {
    HeardTrade {
        out_trade_no: Some(orders::number("A1_0")),
        trade_no: Some(TradeNo::new("2026112922001400010001").unwrap()),
        total_amount: Some(amount()),
    }
}

fn not_exist() -> Heard {
    Heard::NotExist(said("ACQ.TRADE_NOT_EXIST"))
}

fn said(sub_code: &str) -> Said {
    Said { code: Code::FAILED, sub_code: Some(SubCode::new(sub_code)), verified: true }
}

fn refused() -> Heard {
    Heard::Refused(said("ACQ.PAYMENT_AUTH_CODE_INVALID"))
}

const UNCLEAR: Heard = Heard::Unclear(None);
