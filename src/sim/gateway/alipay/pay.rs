//! `alipay.trade.pay`: money for a payment code.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use super::answer::{Status, TradeAnswer};
use super::order::Beginning;
use super::{Alipay, CodeId, Customer, PayCall, TradeCall};

/// The payment codes that were seen.
#[derive(Debug, Default)]
pub(super) struct Codes(HashMap<CodeId, Seen>);

#[derive(Debug)]
struct Seen {
    out_trade_no: Arc<str>,
    first: Instant,
    /// A pay with it is being worked on, and there is no trade yet.
    working: bool,
}

impl Alipay {
    /// A pay has arrived and is being worked on: it takes its payment code now, and the trade
    /// comes later, by [`finish`](Self::finish). Until then nobody sees a trade, and another pay
    /// with this code is refused.
    pub(super) fn begin(&mut self, now: Instant, call: &TradeCall) {
        let now = self.advance(now);
        if let TradeCall::Pay(pay) = call {
            if let Some(seen) = self.see(now, pay) {
                seen.working = true;
            }
        }
    }

    /// What was begun takes effect.
    pub(super) fn finish(&mut self, now: Instant, call: &TradeCall) -> TradeAnswer {
        if let TradeCall::Pay(pay) = call {
            if let Some(seen) = self.codes.0.get_mut(&pay.code) {
                seen.working = false;
            }
        }
        self.handle(now, call)
    }

    /// What is known of the payment code, now at the latest; nothing if no more are remembered.
    fn see(&mut self, now: Instant, pay: &PayCall) -> Option<&mut Seen> {
        let full = self.codes.0.len() >= self.settings.trades;
        match self.codes.0.entry(pay.code) {
            Entry::Occupied(seen) => Some(seen.into_mut()),
            Entry::Vacant(_) if full => None,
            Entry::Vacant(place) => {
                let out_trade_no = Arc::clone(&pay.out_trade_no);
                Some(place.insert(Seen { out_trade_no, first: now, working: false }))
            }
        }
    }

    /// Begins a trade, or says where the one of this number stands: a payment code pays once
    /// (spec, 关键入参), and a number is one trade for ever.
    pub(super) fn pay(&mut self, now: Instant, pay: &PayCall) -> TradeAnswer {
        if let Some(index) = self.find_ours(now, &pay.out_trade_no) {
            return self.pay_again(index, pay);
        }
        let code_for = self.settings.code_for;
        let Some(seen) = self.see(now, pay) else { return full() };
        let stale = now.saturating_duration_since(seen.first) > code_for;
        if seen.working || stale || seen.out_trade_no != pay.out_trade_no {
            return TradeAnswer::failed("ACQ.PAYMENT_AUTH_CODE_INVALID");
        }
        let customer = self.settings.customer;
        let refuses = matches!(customer, Customer::Refuses(after) if after.is_zero());
        if refuses && !self.settings.refused_leaves_trade {
            return TradeAnswer::failed(REFUSED);
        }
        let Some(trade_no) = self.next_trade_no(now) else { return full() };
        let index = self.add(
            now,
            Beginning {
                out_trade_no: Arc::clone(&pay.out_trade_no),
                trade_no,
                total: pay.total,
                code: Some(pay.code),
                customer,
                timeout: pay.timeout,
            },
        );
        match self.orders[index].status() {
            Status::Success | Status::Finished => TradeAnswer::Paid(self.view(index)),
            Status::Wait => TradeAnswer::Waiting(self.view(index)),
            Status::Closed => TradeAnswer::failed(REFUSED),
        }
    }

    /// The number is known (facts 2.3, sub-codes of pay).
    fn pay_again(&self, index: usize, pay: &PayCall) -> TradeAnswer {
        let order = &self.orders[index];
        match order.status() {
            Status::Closed => TradeAnswer::failed("ACQ.TRADE_HAS_CLOSE"),
            Status::Success | Status::Finished => TradeAnswer::failed("ACQ.TRADE_HAS_SUCCESS"),
            Status::Wait if order.total != pay.total || order.code != Some(pay.code) => {
                TradeAnswer::failed("ACQ.CONTEXT_INCONSISTENT")
            }
            Status::Wait => TradeAnswer::Waiting(self.view(index)),
        }
    }
}

/// No more trades are remembered.
pub(super) fn full() -> TradeAnswer {
    TradeAnswer::Refused { code: 40005, sub_code: "isv.app-call-limited" }
}

/// Not specified which; chosen because facts 2.3 has it for a payment that the customer ended.
const REFUSED: &str = "ACQ.PAYMENT_FAIL";
