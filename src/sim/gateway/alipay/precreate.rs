//! `alipay.trade.precreate`: the customer scans the till's code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{Action, Status, TradeAnswer};
use super::order::Beginning;
use super::pay::full;
use super::{Alipay, PrecreateCall, Which};

/// A QR code that nobody has scanned yet. Until then there is no trade, and a query says
/// TRADE_NOT_EXIST (gateway-traps 10).
#[derive(Debug)]
pub(super) struct Offer {
    order: PrecreateCall,
    serial: u32,
    scanned: Option<Instant>,
    expires: Instant,
}

impl Offer {
    /// Whether somebody may still scan it.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        now < self.expires
    }
}

impl Alipay {
    /// Gives a QR code; the same one for the same order again.
    pub(super) fn precreate(&mut self, now: Instant, precreate: &PrecreateCall) -> TradeAnswer {
        let out_trade_no = Arc::clone(&precreate.out_trade_no);
        if let Some(index) = self.find_ours(now, &out_trade_no) {
            return TradeAnswer::failed(match self.orders[index].status() {
                Status::Closed => "ACQ.TRADE_HAS_CLOSE",
                Status::Success | Status::Finished => "ACQ.TRADE_HAS_SUCCESS",
                Status::Wait => "ACQ.CONTEXT_INCONSISTENT",
            });
        }
        if let Some(offer) = self.offers.get(&out_trade_no).filter(|offer| offer.is_open(now)) {
            if offer.order.total != precreate.total {
                return TradeAnswer::failed("ACQ.CONTEXT_INCONSISTENT");
            }
            return TradeAnswer::Offered { out_trade_no, serial: offer.serial };
        }
        if self.orders.len() + self.offers.len() >= self.settings.trades {
            return full();
        }
        self.offered += 1;
        let offer = Offer {
            order: precreate.clone(),
            serial: self.offered,
            scanned: self.settings.scanned_after.and_then(|after| now.checked_add(after)),
            expires: now + CODE_FOR,
        };
        self.offers.insert(Arc::clone(&out_trade_no), offer);
        TradeAnswer::Offered { out_trade_no, serial: self.offered }
    }

    /// If the code of this order was scanned by now, its trade begins at that moment.
    pub(super) fn scan(&mut self, now: Instant, out_trade_no: &str) {
        if self.offers.is_empty() {
            return;
        }
        let Some(offer) = self.offers.get(out_trade_no) else { return };
        let Some(at) = offer.scanned.filter(|at| *at <= now && offer.is_open(*at)) else { return };
        let Some(trade_no) = self.next_trade_no(at) else { return };
        if let Some(offer) = self.offers.remove(out_trade_no) {
            self.add(
                at,
                Beginning {
                    out_trade_no: offer.order.out_trade_no,
                    trade_no,
                    total: offer.order.total,
                    code: None,
                    customer: self.settings.customer,
                    timeout: offer.order.timeout,
                },
            );
        }
    }

    /// The cancel of what is no trade.
    pub(super) fn cancel_offer(&mut self, which: &Which) -> TradeAnswer {
        let Which::Ours(out_trade_no) = which else {
            return TradeAnswer::Cancelled { out_trade_no: None, trade_no: None, action: None };
        };
        let withdraws = self.settings.cancel_withdraws;
        let withdrawn = withdraws && self.offers.remove(out_trade_no).is_some();
        TradeAnswer::Cancelled {
            out_trade_no: Some(Arc::clone(out_trade_no)),
            trade_no: None,
            action: withdrawn.then_some(Action::Close),
        }
    }
}

/// How long a QR code can be scanned: two hours (facts 2.2).
const CODE_FOR: Duration = Duration::from_secs(2 * 3600);
