//! The steps of ten thousand payments: all of them under way at once, and one payment after the
//! other. Alipay's half is what the machine hears, and what it wants written is written at once.
//! `benches/budgets` counts what `Payment::step` takes, and nothing around it.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::payment::{Heard, HeardTrade, Input, Order, Payment, Policy, Step};
use m26_pay::gateway::alipay::{
    AppId, AuthCode, GatewayUrl, Identity, OutTradeNo, Pay, Sale, Subject, TradeNo,
};
use m26_pay::gateway::journal::{Entry, Holder};
use m26_pay::unix_time::UnixMillis;

use crate::{Run, Seen, Unit, feed};

/// All of them wait for their customers at the same time: each makes its next step in turn.
pub fn at_once() -> Run {
    let orders = Orders::new();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let mut payments = Vec::with_capacity(PAYMENTS);
        payments.extend((0..PAYMENTS).map(|number| (orders.payment(number), Input::Begin)));
        for _ in 0..STEPS {
            for (payment, input) in &mut payments {
                let taken = mem::replace(input, Input::Resume);
                *input = orders.step(payment, taken, seen);
            }
        }
    }))
}

/// Each is over before the next one begins.
pub fn alone() -> Run {
    let orders = Orders::new();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        for number in 0..PAYMENTS {
            let mut payment = orders.payment(number);
            let mut input = Input::Begin;
            for _ in 0..STEPS {
                input = orders.step(&mut payment, input, seen);
            }
        }
    }))
}

/// What both take: a fen for each payment.
pub const TAKEN: u64 = PAYMENTS as u64;

/// How many steps both make.
pub const ALL_STEPS: usize = PAYMENTS * STEPS;

/// Nothing is read here; so long that a round, which is a long one, is repeated four times only.
pub fn stream() -> Vec<u8> {
    vec![0; ALL_STEPS]
}

struct Orders {
    now: Instant,
    identity: Arc<Identity>,
    orders: Vec<Pay>,
}

impl Orders {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn new() -> Self {
        let gateway = GatewayUrl::live();
        let app_id = AppId::new("2026000000000001").expect("digits");
        let identity = Arc::new(Identity { gateway, app_id, seller_id: None });
        let fen = Amount::from_fen(1).expect("a fen");
        let orders = (0..PAYMENTS).map(|number| {
            let number = OutTradeNo::new(format!("A{number:05}")).expect("a number");
            let subject = Subject::new("lunch").expect("a subject");
            let sale = Sale::of(number, fen, subject).build().expect("a sale");
            Pay::bar_code(sale, AuthCode::new("284612345678901234").expect("a code"))
        });
        Self { now: Instant::now(), identity, orders: orders.collect() }
    }

    fn payment(&self, number: usize) -> Payment {
        let (identity, holder) = (Arc::clone(&self.identity), Holder::new("server 1"));
        let order = Order::new(identity, holder, self.orders[number].clone(), UnixMillis(0));
        Payment::new(self.now, order, Policy::default())
    }

    /// One step, and what comes of it: the customer thinks once, then pays.
    fn step(&self, payment: &mut Payment, input: Input, seen: &mut Seen) -> Input {
        let rested = Duration::from_secs(5);
        let now = if matches!(input, Input::Resume) { self.now + rested } else { self.now };
        match payment.step(now, input) {
            Step::Write(entry) => Input::Written(entry.version + 1),
            Step::Pay(_) => Input::Answer(Heard::Waiting(trade(payment.entry()))),
            Step::Query(_) => Input::Answer(Heard::Paid(trade(payment.entry()))),
            Step::Done(_) => {
                seen.fen += payment.entry().amount.fen();
                Input::Resume
            }
            _ => Input::Resume,
        }
    }
}

/// Each answer has a text of its own, as one that was read.
fn trade(entry: &Entry) -> HeardTrade {
    HeardTrade {
        out_trade_no: Some(entry.out_trade_no.clone()),
        trade_no: TradeNo::new("2026112922001400010001000001").ok(),
        total_amount: Some(entry.amount),
    }
}

const PAYMENTS: usize = 10_000;

/// Begin, written, waiting, resume, paid, written.
const STEPS: usize = 6;
