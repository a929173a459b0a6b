//! Alipay's half: trades, refunds, and where the money is.
//!
//! [`Alipay`] answers a [`TradeCall`] at once and truly. [`AlipayLine`] stands in front of it and
//! loses, delays and disguises: that is where a client's trouble comes from.
//!
//! ```
//! use m26_pay::sim::gateway::Fen;
//! use m26_pay::sim::gateway::alipay::{
//!     Alipay, AlipaySettings, CodeId, PayCall, TradeAnswer, TradeCall,
//! };
//! # use std::time::Instant;
//! # #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
//! # fn epoch() -> Instant { Instant::now() }
//!
//! let mut alipay = Alipay::new(AlipaySettings::default());
//! let code = CodeId::of("284612345678901234");
//! let answer = alipay.handle(epoch(), &TradeCall::Pay(PayCall::new("T1-0001", Fen(1025), code)));
//! assert!(matches!(answer, TradeAnswer::Paid(trade) if trade.total == Fen(1025)));
//! assert_eq!(alipay.truth(epoch(), "T1-0001").kept, Fen(1025));
//! ```

mod answer;
mod call;
mod customer;
mod fault;
mod line;
mod order;
mod pay;
mod precreate;
mod refund;
mod settings;
mod truth;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::clock::Clock;
use order::Order;
use pay::Codes;
use precreate::Offer;

pub use answer::{Action, NoTradeNo, Status, TradeAnswer, TradeNo, TradeView};
pub use call::{
    CodeId, Method, PayCall, PrecreateCall, RefundCall, RefundQueryCall, TradeCall, UnknownMethod,
    Which,
};
pub use customer::{Customer, UnknownCustomer};
pub use fault::{Fate, Fault, FaultError, Planned, ReplyKind};
pub use line::{AlipayLine, LineReply, LineTicket, Taken};
pub use settings::AlipaySettings;
pub use truth::Truth;
pub use wire::{CertificateNumbers, Gateway, NotCertificates, Notice, NoticeStyle};

/// A simulated Alipay.
///
/// Calls are answered at once. The first `now` it sees is the moment it starts; `now` that goes
/// back counts as no time at all.
#[derive(Debug)]
pub struct Alipay {
    settings: AlipaySettings,
    clock: Clock,
    /// By serial number: the first trade has number 1.
    orders: Vec<Order>,
    /// The latest trade of each merchant's number.
    numbers: HashMap<Arc<str>, u32>,
    codes: Codes,
    /// Precreated orders that nobody has scanned yet.
    offers: HashMap<Arc<str>, Offer>,
    /// How many QR codes were given.
    offered: u32,
}

impl Alipay {
    /// An Alipay without a trade.
    pub fn new(settings: AlipaySettings) -> Self {
        Self {
            settings,
            clock: Clock::default(),
            orders: Vec::new(),
            numbers: HashMap::new(),
            codes: Codes::default(),
            offers: HashMap::new(),
            offered: 0,
        }
    }

    /// What it is like. A change holds for what comes after it; trades that have begun keep their
    /// customers.
    pub fn settings_mut(&mut self) -> &mut AlipaySettings {
        &mut self.settings
    }

    /// Answers a call.
    pub fn handle(&mut self, now: Instant, call: &TradeCall) -> TradeAnswer {
        let now = self.advance(now);
        match call {
            TradeCall::Cancel(which) => self.cancel(now, which),
            TradeCall::Close(which) => self.close(now, which),
            TradeCall::Pay(pay) => self.pay(now, pay),
            TradeCall::Precreate(precreate) => self.precreate(now, precreate),
            TradeCall::Query(which) => match self.find(now, which) {
                Some(index) => TradeAnswer::Found(self.view(index)),
                None => TradeAnswer::failed("ACQ.TRADE_NOT_EXIST"),
            },
            TradeCall::Refund(refund) => self.refund(now, refund),
            TradeCall::RefundQuery(query) => self.refund_query(now, query),
        }
    }

    /// What is true of an order, whoever was told what. An order that Alipay does not know was
    /// never charged.
    pub fn truth(&mut self, now: Instant, out_trade_no: &str) -> Truth {
        let now = self.advance(now);
        let offered = self.offers.get(out_trade_no).is_some_and(|offer| offer.is_open(now));
        match self.find_ours(now, out_trade_no) {
            Some(index) => self.orders[index].truth(),
            None => Truth { open: offered, ..Truth::default() },
        }
    }

    /// What is true of all orders together.
    pub fn truth_of_all(&mut self, now: Instant) -> Truth {
        let now = self.advance(now);
        let scanned: Vec<_> = self.offers.keys().cloned().collect();
        for out_trade_no in scanned {
            self.find_ours(now, &out_trade_no);
        }
        let refund_for = self.settings.refund_for;
        let offered = self.offers.values().any(|offer| offer.is_open(now));
        let mut all = Truth { open: offered, ..Truth::default() };
        for order in &mut self.orders {
            order.advance(now, refund_for);
            all = all.and(order.truth());
        }
        all
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.clock.advance(now)
    }

    /// The wall clock at a moment, in Unix seconds.
    fn unix(&self, at: Instant) -> u64 {
        self.clock.unix(self.settings.clock, at)
    }

    /// The trade that is meant, brought to `now`: its place in `orders`.
    fn find(&mut self, now: Instant, which: &Which) -> Option<usize> {
        match which {
            Which::Ours(out_trade_no) => self.find_ours(now, out_trade_no),
            Which::Theirs(trade_no) => {
                let index = usize::try_from(trade_no.serial.checked_sub(1)?).ok()?;
                let order = self.orders.get_mut(index).filter(|o| o.trade_no == *trade_no)?;
                order.advance(now, self.settings.refund_for);
                Some(index)
            }
        }
    }

    fn find_ours(&mut self, now: Instant, out_trade_no: &str) -> Option<usize> {
        self.scan(now, out_trade_no);
        let serial = *self.numbers.get(out_trade_no)?;
        let index = usize::try_from(serial.checked_sub(1)?).ok()?;
        self.orders.get_mut(index)?.advance(now, self.settings.refund_for);
        Some(index)
    }

    fn view(&self, index: usize) -> TradeView {
        self.orders[index].view(|at| self.unix(at))
    }

    /// Puts a new trade among the others.
    fn add(&mut self, now: Instant, order: order::Beginning) -> usize {
        let index = self.orders.len();
        self.numbers.insert(Arc::clone(&order.out_trade_no), order.trade_no.serial);
        self.orders.push(Order::new(now, order));
        index
    }

    /// The number of the next trade that begins at `now`; none if no more are remembered.
    fn next_trade_no(&self, now: Instant) -> Option<TradeNo> {
        let serial = u32::try_from(self.orders.len() + 1).ok();
        let serial = serial.filter(|_| self.orders.len() < self.settings.trades)?;
        Some(TradeNo::new(self.unix(now), serial))
    }

    /// Closes what is not paid (facts 2.2: `action` close), gives back what is (`action` refund),
    /// and answers 10000 without an action where there is no trade.
    fn cancel(&mut self, now: Instant, which: &Which) -> TradeAnswer {
        let Some(index) = self.find(now, which) else {
            return self.cancel_offer(which);
        };
        let AlipaySettings { cancel_for, seller_is_broke, .. } = self.settings;
        let order = &mut self.orders[index];
        order.hurry(now);
        let action = match order.status() {
            Status::Finished => return TradeAnswer::failed("ACQ.TRADE_HAS_FINISHED"),
            Status::Wait => {
                order.close();
                Action::Close
            }
            Status::Success => {
                let paid = order.paid_at();
                let passed = paid.map(|paid| now.saturating_duration_since(paid));
                if passed.is_some_and(|passed| passed > cancel_for) {
                    return TradeAnswer::failed("ACQ.TRADE_CANCEL_TIME_OUT");
                }
                if seller_is_broke {
                    return TradeAnswer::failed("ACQ.SELLER_BALANCE_NOT_ENOUGH");
                }
                let amount = order.kept();
                let out_request_no = Arc::clone(&order.out_trade_no);
                order.refund(order::RefundCall { out_request_no, amount });
                Action::Refund
            }
            // Not specified; chosen: a repeated cancel answers what the first one did, as refunds
            // do, and the cancel of what closed otherwise says how it ended.
            Status::Closed if order.paid_at().is_some() => Action::Refund,
            Status::Closed => order.cancelled.unwrap_or(Action::Close),
        };
        order.cancelled = Some(action);
        TradeAnswer::Cancelled {
            out_trade_no: Some(Arc::clone(&order.out_trade_no)),
            trade_no: Some(order.trade_no),
            action: Some(action),
        }
    }

    /// Closes what waits for its customer, and nothing else.
    fn close(&mut self, now: Instant, which: &Which) -> TradeAnswer {
        let Some(index) = self.find(now, which) else {
            return TradeAnswer::failed("ACQ.TRADE_NOT_EXIST");
        };
        let order = &mut self.orders[index];
        if order.status() != Status::Wait {
            return TradeAnswer::failed("ACQ.TRADE_STATUS_ERROR");
        }
        order.close();
        TradeAnswer::Closed(self.view(index))
    }
}
