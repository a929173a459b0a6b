//! [`AwaitDeviceId`]: asks for the bizTid until there is one. Several commands with time between them
//! are one value, without a port and a clock; the client that runs it waits.

use std::time::Duration;

use m26_pay::alipay::{BizTid, DeviceId};
use m26_pay::error::Error;
use m26_pay::flows::{self, Context, Flow, Input, Progress, Step};

/// Asks for the bizTid, again every second while the module has none.
pub struct AwaitDeviceId {
    tries: u32,
    /// Whether the time between two tries is over.
    waited: bool,
}

impl AwaitDeviceId {
    /// How many times it asks.
    pub fn new(tries: u32) -> Self {
        Self { tries, waited: false }
    }
}

impl Flow for AwaitDeviceId {
    /// `None` if the module has none yet.
    type Output = Result<Option<BizTid>, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match input {
            Input::Begin => flows::send(&DeviceId, cx),
            Input::Reply(reply) => match flows::decode(&DeviceId, reply) {
                Ok(None) if self.tries > 1 => {
                    self.tries -= 1;
                    Step::Report(Progress {
                        step: "device id",
                        detail: "Alipay has not answered the module yet".into(),
                        remaining: Some(BETWEEN * self.tries),
                    })
                }
                outcome => Step::Done(outcome),
            },
            // The progress was reported; now it waits.
            Input::Resume if !self.waited => {
                self.waited = true;
                Step::Wait(BETWEEN)
            }
            Input::Resume => {
                self.waited = false;
                flows::send(&DeviceId, cx)
            }
        }
    }
}

const BETWEEN: Duration = Duration::from_secs(1);
