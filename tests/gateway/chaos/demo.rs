//! What Alipay's demo of 2016 does (facts/alipay-gateway.md 2.4), in the same worlds.

use std::time::{Duration, Instant};

use fastrand::Rng;
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{
    AlipayLine, CodeId, LineReply, PayCall, ReplyKind, Status, Taken, TradeAnswer, TradeCall, Which,
};

use super::NUMBER;
use super::plan::Plan;
use crate::orders;

/// What the demo told in all worlds, and what was true.
#[derive(Debug, Default)]
pub struct Demo {
    worlds: u64,
    /// It told a failure after a cancel, and the merchant keeps the money.
    pub cancelled_and_kept: u64,
    /// It told a failure without a cancel, and the merchant keeps the money.
    pub failed_and_kept: u64,
    /// It told a success, and the merchant has nothing.
    pub paid_and_not_kept: u64,
    /// It told that it does not know.
    pub unknown: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Told {
    Success,
    Failed { cancelled: bool },
    Unknown,
}

struct Run<'a> {
    plan: &'a Plan,
    line: AlipayLine,
    rng: Rng,
    now: Instant,
}

impl Demo {
    pub fn run(&mut self, plan: &Plan) {
        self.worlds += 1;
        let mut run = Run {
            plan,
            line: AlipayLine::new(plan.settings.clone(), plan.seed),
            rng: Rng::with_seed(plan.seed ^ 0x5eed),
            now: orders::epoch(),
        };
        let told = run.sell();
        let end = run.line.run_out(run.now);
        let kept = run.line.alipay_mut().truth(end, NUMBER).kept != Fen(0);
        match told {
            Told::Success if !kept => self.paid_and_not_kept += 1,
            Told::Failed { cancelled: true } if kept => self.cancelled_and_kept += 1,
            Told::Failed { cancelled: false } if kept => self.failed_and_kept += 1,
            Told::Unknown => self.unknown += 1,
            _ => {}
        }
    }
}

impl Run<'_> {
    fn sell(&mut self) -> Told {
        let mut pay = PayCall::new(NUMBER, self.plan.total, CodeId(1));
        pay.timeout = Some(self.plan.timeout);
        match self.ask(TradeCall::Pay(pay)) {
            Some(TradeAnswer::Paid(_)) => Told::Success,
            Some(TradeAnswer::Waiting(_)) => {
                let mut last = None;
                for _ in 0..5 {
                    self.now += Duration::from_secs(5);
                    last = self.query();
                    let ends = [Status::Success, Status::Finished, Status::Closed];
                    if last.is_some_and(|status| ends.contains(&status)) {
                        break;
                    }
                }
                self.check_and_cancel(last)
            }
            None | Some(TradeAnswer::Refused { code: 20000, .. }) => {
                let last = self.query();
                self.check_and_cancel(last)
            }
            Some(_) => Told::Failed { cancelled: false },
        }
    }

    fn query(&mut self) -> Option<Status> {
        match self.ask(TradeCall::Query(Which::from(NUMBER))) {
            Some(TradeAnswer::Found(trade)) => Some(trade.status),
            _ => None,
        }
    }

    fn check_and_cancel(&mut self, last: Option<Status>) -> Told {
        if matches!(last, Some(Status::Success | Status::Finished)) {
            return Told::Success;
        }
        let answer = self.ask(TradeCall::Cancel(Which::from(NUMBER)));
        let unknown = matches!(answer, None | Some(TradeAnswer::Refused { code: 20000, .. }));
        if unknown {
            // A thread of its own goes on, at most three times.
            for _ in 0..3 {
                self.now += Duration::from_secs(2);
                let answer = self.ask(TradeCall::Cancel(Which::from(NUMBER)));
                if matches!(answer, Some(TradeAnswer::Cancelled { .. })) {
                    break;
                }
            }
            return Told::Unknown;
        }
        Told::Failed { cancelled: true }
    }

    /// The answer, if it comes in time and verifies; the SDK throws otherwise.
    fn ask(&mut self, call: TradeCall) -> Option<TradeAnswer> {
        let fate = self.plan.fate(&mut self.rng);
        let ticket = self.line.send_with(self.now, call, fate);
        let deadline = self.now + Duration::from_secs(15);
        loop {
            match self.line.take(self.now, ticket) {
                Taken::Reply(LineReply {
                    said:
                        ReplyKind::Truth
                        | ReplyKind::Gbk
                        | ReplyKind::Instead(..)
                        | ReplyKind::WrongAmount,
                    answer,
                }) => return answer,
                Taken::Reply(_) => return None,
                Taken::Wait(at) if at <= deadline => self.now = self.now.max(at),
                Taken::Wait(_) | Taken::Never => {
                    self.now = deadline;
                    self.line.forget(ticket);
                    return None;
                }
            }
        }
    }
}
