//! `alipay.trade.refund` and `alipay.trade.fastpay.refund.query`: money back.

use std::sync::Arc;
use std::time::Instant;

use super::answer::{Status, TradeAnswer};
use super::order;
use super::{Alipay, RefundCall, RefundQueryCall};
use crate::sim::gateway::Fen;

impl Alipay {
    /// Gives money back, once for each `out_request_no`: the same call again moves nothing and
    /// says so (`fund_change` N; facts 2.2).
    pub(super) fn refund(&mut self, now: Instant, refund: &RefundCall) -> TradeAnswer {
        let Some(index) = self.find(now, &refund.which) else {
            return TradeAnswer::failed("ACQ.TRADE_NOT_EXIST");
        };
        let broke = self.settings.seller_is_broke;
        let order = &mut self.orders[index];
        // Not specified; chosen because a refund query then asks by `out_trade_no` (facts 2.2).
        let number = refund.out_request_no.as_ref().unwrap_or(&order.out_trade_no);
        let out_request_no = Arc::clone(number);
        let known = order.refunds.iter().find(|old| old.out_request_no == out_request_no);
        if let Some(known) = known {
            if known.amount != refund.amount {
                return TradeAnswer::failed("ACQ.DISCORDANT_REPEAT_REQUEST");
            }
            return self.refunded(index, false);
        }
        match order.status() {
            Status::Finished => return TradeAnswer::failed("ACQ.TRADE_HAS_FINISHED"),
            Status::Closed | Status::Wait => return TradeAnswer::failed("ACQ.TRADE_STATUS_ERROR"),
            Status::Success => {}
        }
        if refund.out_request_no.is_none() && refund.amount != order.total {
            // Required for a part of the money (facts 2.2).
            return TradeAnswer::failed("ACQ.INVALID_PARAMETER");
        }
        if refund.amount == Fen(0) || refund.amount > order.kept() {
            return TradeAnswer::failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
        }
        if broke {
            return TradeAnswer::failed("ACQ.SELLER_BALANCE_NOT_ENOUGH");
        }
        order.refund(order::RefundCall { out_request_no, amount: refund.amount });
        self.refunded(index, true)
    }

    fn refunded(&self, index: usize, moved: bool) -> TradeAnswer {
        let refunded = self.orders[index].refunded();
        TradeAnswer::Refunded { trade: self.view(index), refunded, moved }
    }

    /// Says whether there was such a refund: 10000 without one if there was none.
    pub(super) fn refund_query(&mut self, now: Instant, query: &RefundQueryCall) -> TradeAnswer {
        let Some(index) = self.find(now, &query.which) else {
            return TradeAnswer::failed("ACQ.TRADE_NOT_EXIST");
        };
        let refunds = &self.orders[index].refunds;
        let found = refunds.iter().find(|refund| refund.out_request_no == query.out_request_no);
        let refund = found.map(|refund| (Arc::clone(&refund.out_request_no), refund.amount));
        TradeAnswer::RefundFound { trade: self.view(index), refund }
    }
}
