//! One trade's life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{Action, Status, TradeNo, TradeView};
use super::{CodeId, Customer, Truth};
use crate::sim::gateway::Fen;

/// A trade as Alipay keeps it.
///
/// ```text
///             pays                 refund of all, cancel
///   Waiting --------> Paid --------------------------------> Closed
///      |                |  after `refund_for`
///      |                +----------------------------------> Finished
///      +---------------------------------------------------> Closed
///        refuses, cancel, close, timeout_express
/// ```
#[derive(Debug)]
pub(super) struct Order {
    pub(super) out_trade_no: Arc<str>,
    pub(super) trade_no: TradeNo,
    pub(super) total: Fen,
    /// The payment code; a precreated order has none.
    pub(super) code: Option<CodeId>,
    pub(super) refunds: Vec<RefundCall>,
    /// What a cancel has done.
    pub(super) cancelled: Option<Action>,
    stage: Stage,
    customer: Customer,
    created: Instant,
    expires: Instant,
    charged: u32,
}

/// One refund.
#[derive(Debug)]
pub(super) struct RefundCall {
    pub(super) out_request_no: Arc<str>,
    pub(super) amount: Fen,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Closed { paid: Option<Instant> },
    Finished { paid: Instant },
    Paid { at: Instant },
    Waiting,
}

/// What a new order is.
pub(super) struct Beginning {
    pub(super) out_trade_no: Arc<str>,
    pub(super) trade_no: TradeNo,
    pub(super) total: Fen,
    pub(super) code: Option<CodeId>,
    pub(super) customer: Customer,
    pub(super) timeout: Option<Duration>,
}

impl Order {
    pub(super) fn new(now: Instant, order: Beginning) -> Self {
        let mut order = Self {
            out_trade_no: order.out_trade_no,
            trade_no: order.trade_no,
            total: order.total,
            code: order.code,
            refunds: Vec::new(),
            cancelled: None,
            stage: Stage::Waiting,
            customer: order.customer,
            created: now,
            expires: now + order.timeout.map_or(TIMEOUT, |timeout| timeout.min(LONGEST)),
            charged: 0,
        };
        order.advance(now, Duration::MAX);
        order
    }

    /// Brings the trade to `now`.
    pub(super) fn advance(&mut self, now: Instant, refund_for: Duration) {
        if self.stage == Stage::Waiting {
            let decides = match self.customer {
                Customer::Leaves => None,
                Customer::Pays(after) | Customer::PaysLate(after) | Customer::Refuses(after) => {
                    self.created.checked_add(after)
                }
            };
            let in_time = decides.filter(|at| *at < self.expires);
            match (in_time, self.customer) {
                (Some(at), Customer::Refuses(_)) if at <= now => self.close(),
                (Some(at), _) if at <= now => self.charge(at),
                _ if self.expires <= now => self.close(),
                _ => {}
            }
        }
        if let Stage::Paid { at } = self.stage {
            if at.checked_add(refund_for).is_some_and(|end| end <= now) {
                self.stage = Stage::Finished { paid: at };
            }
        }
    }

    /// A cancel has arrived: a customer who pays late does it just before.
    pub(super) fn hurry(&mut self, now: Instant) {
        if self.stage == Stage::Waiting && matches!(self.customer, Customer::PaysLate(_)) {
            self.charge(now);
        }
    }

    fn charge(&mut self, at: Instant) {
        self.stage = Stage::Paid { at };
        self.charged += 1;
    }

    /// Ends it without the customer's money, or after the money went back.
    pub(super) fn close(&mut self) {
        self.stage = Stage::Closed { paid: self.paid_at() };
    }

    /// Gives so much back.
    pub(super) fn refund(&mut self, refund: RefundCall) {
        self.refunds.push(refund);
        if self.kept() == Fen(0) {
            self.close();
        }
    }

    pub(super) fn paid_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Closed { paid } => paid,
            Stage::Finished { paid } | Stage::Paid { at: paid } => Some(paid),
            Stage::Waiting => None,
        }
    }

    pub(super) fn status(&self) -> Status {
        match self.stage {
            Stage::Closed { .. } => Status::Closed,
            Stage::Finished { .. } => Status::Finished,
            Stage::Paid { .. } => Status::Success,
            Stage::Waiting => Status::Wait,
        }
    }

    pub(super) fn refunded(&self) -> Fen {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What the merchant has of it.
    pub(super) fn kept(&self) -> Fen {
        let paid = if self.paid_at().is_some() { self.total } else { Fen(0) };
        paid - self.refunded()
    }

    pub(super) fn truth(&self) -> Truth {
        Truth {
            charges: self.charged,
            charged: Fen(self.total.0 * u64::from(self.charged)),
            kept: self.kept(),
            open: self.stage == Stage::Waiting,
        }
    }

    /// As an answer shows it.
    pub(super) fn view(&self, unix: impl Fn(Instant) -> u64) -> TradeView {
        TradeView {
            out_trade_no: Arc::clone(&self.out_trade_no),
            trade_no: self.trade_no,
            total: self.total,
            status: self.status(),
            paid_at: self.paid_at().map(unix),
        }
    }
}

/// The default of `timeout_express` for payments face to face (facts 2.1).
const TIMEOUT: Duration = Duration::from_secs(3 * 3600);

/// The most that `timeout_express` says (facts 2.1).
const LONGEST: Duration = Duration::from_secs(15 * 24 * 3600);
