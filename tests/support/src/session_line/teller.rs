//! A duty that sends reports, and writes down what happens to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use m26_pay::alipay::Report;
use m26_pay::at::command::{Command, Request};
use m26_pay::engine::{ExchangeError, SubmitError};
use m26_pay::error::Error;
use m26_pay::flows::{Context, Input, Progress, Step, decode};
use m26_pay::session::{Duty, Notice, Standing, State};

use super::report;

/// What the teller and the test share.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    pending: VecDeque<Report>,
    story: Vec<String>,
    steps: u32,
}

/// Sends each report until it is taken. Whether one is under way is the second.
#[derive(Debug)]
pub struct Teller(Ledger, bool);

/// Sends one request again and again, whatever comes of it.
#[derive(Debug)]
pub struct Stubborn(pub Request, pub Ledger);

impl Ledger {
    pub fn teller(&self) -> Teller {
        Teller(self.clone(), false)
    }

    pub fn add(&self, numbers: std::ops::Range<u32>) {
        let mut inner = self.0.lock().unwrap();
        inner.pending.extend(numbers.map(|number| report(&number.to_string())));
    }

    pub fn pending(&self) -> usize {
        self.0.lock().unwrap().pending.len()
    }

    /// What happened since the last look.
    pub fn story(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().story)
    }

    /// How often the duty was called.
    pub fn steps(&self) -> u32 {
        self.0.lock().unwrap().steps
    }

    fn tell(&self, what: String) {
        self.0.lock().unwrap().story.push(what);
    }

    fn count(&self) {
        self.0.lock().unwrap().steps += 1;
    }
}

impl Duty for Teller {
    fn notice(&mut self, _now: Instant, notice: Notice) {
        self.0.tell(format!("{notice:?}"));
    }

    fn step(
        &mut self,
        cx: &Context<'_>,
        standing: Standing,
        input: Input,
    ) -> Step<Option<Instant>> {
        self.0.count();
        // Each command is answered, and once.
        assert_eq!(std::mem::take(&mut self.1), matches!(input, Input::Reply(_)), "{input:?}");
        // What it wants upon hearing so is not looked at.
        let refused =
            matches!(input, Input::Reply(Err(ExchangeError::Busy(SubmitError::NotAllowed { .. }))));
        let dropped = refused && standing.state != State::Ready;
        let first = self.0.0.lock().unwrap().pending.front().cloned();
        let Some(first) = first else { return Step::Done(None) };
        if let Input::Reply(reply) = input {
            match decode(&first, reply) {
                Ok(_) => {
                    assert!(standing.state != State::Ready || standing.registered);
                    self.0.tell("taken".to_string());
                    self.0.0.lock().unwrap().pending.pop_front();
                    if self.0.pending() == 0 {
                        let detail = "all are sent".to_string();
                        return Step::Report(Progress { step: "reports", detail, remaining: None });
                    }
                }
                Err(error) => self.0.tell(failed(&error, standing)),
            }
        }
        // It answers the same, ready or not: what cannot be done has to come back.
        match self.0.0.lock().unwrap().pending.front().map(|report| report.request(cx.profile)) {
            Some(Ok(request)) => {
                self.1 = !dropped;
                Step::Send(request)
            }
            _ => Step::Done(None),
        }
    }
}

impl Duty for Stubborn {
    fn notice(&mut self, _now: Instant, _notice: Notice) {}

    fn step(
        &mut self,
        _cx: &Context<'_>,
        standing: Standing,
        input: Input,
    ) -> Step<Option<Instant>> {
        self.1.count();
        if let Input::Reply(Err(failure)) = input {
            self.1.tell(failed(&failure.into(), standing));
        }
        Step::Send(self.0.clone())
    }
}

fn failed(error: &Error, standing: Standing) -> String {
    let code = error.code().map(|code| format!(" {code}")).unwrap_or_default();
    format!("{}{code}, {}, {}", error.kind().name(), error.certainty(), standing.state)
}
