//! The simulated Alipay, through its public interface and on virtual time.

mod faults;
mod tcp;
mod trades;
mod wire;

use std::time::{Duration, Instant};

use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{
    Alipay, Answer, Call, CodeId, Customer, Pay, Settings, Truth, Which,
};

/// The number of the order in most tests.
const NUMBER: &str = "T1-0001";

/// An Alipay and the time.
struct Bench {
    alipay: Alipay,
    now: Instant,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        Self { alipay: Alipay::new(settings), now: epoch() }
    }

    fn with(customer: Customer) -> Self {
        Self::new(Settings { customer, ..Settings::default() })
    }

    fn after(&mut self, seconds: u64) -> &mut Self {
        self.now += secs(seconds);
        self
    }

    fn call(&mut self, call: &Call) -> Answer {
        self.alipay.handle(self.now, call)
    }

    fn pay(&mut self) -> Answer {
        self.call(&pay())
    }

    fn query(&mut self) -> Answer {
        self.call(&Call::Query(Which::from(NUMBER)))
    }

    fn cancel(&mut self) -> Answer {
        self.call(&Call::Cancel(Which::from(NUMBER)))
    }

    fn truth(&mut self) -> Truth {
        self.alipay.truth(self.now, NUMBER)
    }
}

fn pay() -> Call {
    Call::Pay(Pay::new(NUMBER, Fen(1025), CodeId(1)))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn epoch() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
    Instant::now()
}

/// Code, sub-code or trade status, and action of an answer, as far as there are any.
fn gist(answer: &Answer) -> String {
    let mut gist = answer.code().to_string();
    let mut add = |word: &str| gist = format!("{gist} {word}");
    if let Some(sub_code) = answer.sub_code() {
        add(sub_code);
    }
    match answer {
        Answer::Cancelled { action, .. } => add(action.map_or("-", |action| action.wire())),
        Answer::Refunded { trade, refunded, moved } => {
            add(&format!("{} {refunded} {}", trade.status.wire(), if *moved { "Y" } else { "N" }));
        }
        Answer::RefundFound { refund, .. } => {
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
