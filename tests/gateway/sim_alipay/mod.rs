//! The simulated Alipay, through its public interface and on virtual time.

mod example;
mod faults;
mod ours;
mod tcp;
mod trades;
mod wire;

use std::time::{Duration, Instant};

use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{
    Alipay, AlipaySettings, CodeId, Customer, PayCall, TradeAnswer, TradeCall, Truth, Which,
};

/// The number of the order in most tests.
const NUMBER: &str = "T1-0001";

/// An Alipay and the time.
struct Bench {
    alipay: Alipay,
    now: Instant,
}

impl Bench {
    fn new(settings: AlipaySettings) -> Self {
        Self { alipay: Alipay::new(settings), now: epoch() }
    }

    fn with(customer: Customer) -> Self {
        Self::new(AlipaySettings { customer, ..AlipaySettings::default() })
    }

    fn after(&mut self, seconds: u64) -> &mut Self {
        self.now += secs(seconds);
        self
    }

    fn call(&mut self, call: &TradeCall) -> TradeAnswer {
        self.alipay.handle(self.now, call)
    }

    fn pay(&mut self) -> TradeAnswer {
        self.call(&pay())
    }

    fn query(&mut self) -> TradeAnswer {
        self.call(&TradeCall::Query(Which::from(NUMBER)))
    }

    fn cancel(&mut self) -> TradeAnswer {
        self.call(&TradeCall::Cancel(Which::from(NUMBER)))
    }

    fn truth(&mut self) -> Truth {
        self.alipay.truth(self.now, NUMBER)
    }
}

fn pay() -> TradeCall {
    TradeCall::Pay(PayCall::new(NUMBER, Fen(1025), CodeId(1)))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn epoch() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
    Instant::now()
}

/// Code, sub-code or trade status, and action of an answer, as far as there are any.
fn gist(answer: &TradeAnswer) -> String {
    let mut gist = answer.code().to_string();
    let mut add = |word: &str| gist = format!("{gist} {word}");
    if let Some(sub_code) = answer.sub_code() {
        add(sub_code);
    }
    match answer {
        TradeAnswer::Cancelled { action, .. } => add(action.map_or("-", |action| action.wire())),
        TradeAnswer::Refunded { trade, refunded, moved } => {
            add(&format!("{} {refunded} {}", trade.status.wire(), if *moved { "Y" } else { "N" }));
        }
        TradeAnswer::RefundFound { refund, .. } => {
            add(&refund.as_ref().map_or("-".into(), |(number, fen)| format!("{number} {fen}")));
        }
        _ => {
            if let Some(trade) = answer.trade() {
                add(trade.status.wire());
            }
        }
    }
    gist
}
