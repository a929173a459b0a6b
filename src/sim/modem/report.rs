//! AT+ALIPAYREP: trades on their way to the cloud.

use std::fmt;
use std::time::Instant;

use super::Modem;
use super::alipay::{NOT_INITIALISED, PARAMETER_ERROR, SUCCESS};
use super::reply::{Failure, Outcome, Reply};

/// A trade as it was reported (Quectel M26 Alipay SDK guide V1.0, 3.7).
#[derive(Clone, Eq, PartialEq)]
pub struct ReportedTrade {
    /// The trade's number or the agreement's; empty if there is none.
    pub business_no: String,
    /// The payment code; empty if there is none.
    pub qr_code: String,
    /// In fen.
    pub amount: u64,
    /// In seconds.
    pub time_consuming: Option<u64>,
    /// −1 to 6.
    pub trade_result: i8,
    /// When the trade took place.
    pub time_stamp: u64,
    /// Whether only the RAM holds it (code 7): then a reset loses it.
    pub in_ram: bool,
}

impl ReportedTrade {
    /// Reads the six arguments; `None` is a parameter error.
    fn parse(arguments: &[&str; 6]) -> Option<Self> {
        let &[business_no, qr_code, amount, time_consuming, trade_result, time_stamp] = arguments;
        let report = Self {
            business_no: business_no.to_owned(),
            qr_code: qr_code.to_owned(),
            amount: amount.parse().ok()?,
            time_consuming: match time_consuming {
                "" => None,
                seconds => Some(seconds.parse().ok()?),
            },
            trade_result: trade_result.parse().ok()?,
            time_stamp: time_stamp.parse().ok()?,
            in_ram: false,
        };
        report.is_valid().then_some(report)
    }

    /// The limits, and the rules between the fields: a success has a number, an unsupported trade
    /// has none, and a number goes with the time it took.
    fn is_valid(&self) -> bool {
        let numbered = !self.business_no.is_empty();
        self.business_no.len() <= 64
            && self.qr_code.len() <= 64
            && (-1..=6).contains(&self.trade_result)
            && (self.trade_result != 0 || numbered)
            && (self.trade_result != 6 || !numbered)
            && (!numbered || self.time_consuming.is_some())
    }
}

/// The number and the payment code are personal data.
impl fmt::Debug for ReportedTrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportedTrade")
            .field("business_no", &"[redacted]")
            .field("qr_code", &"[redacted]")
            .field("amount", &self.amount)
            .field("time_consuming", &self.time_consuming)
            .field("trade_result", &self.trade_result)
            .field("time_stamp", &self.time_stamp)
            .field("in_ram", &self.in_ram)
            .finish()
    }
}

impl Modem {
    /// The set form. Success means that the module holds the record, not that it is delivered.
    pub(super) fn report(&mut self, at: Instant, values: &[&str]) -> Outcome {
        let arguments: &[&str; 6] = values.try_into().map_err(|_| Failure::INVALID_PARAMETER)?;
        let code = match ReportedTrade::parse(arguments) {
            _ if !self.is_open() => NOT_INITIALISED,
            None => PARAMETER_ERROR,
            Some(report) => self.enqueue(at, report),
        };
        self.acknowledge("+ALIPAYREP", code, self.settings.latencies.report)
    }

    fn enqueue(&mut self, at: Instant, report: ReportedTrade) -> i32 {
        if self.sdk.queue_blocked || self.sdk.queue.len() >= self.settings.queue_size {
            return QUEUE_FULL;
        }
        let code = self.sdk.forced("+ALIPAYREP").unwrap_or(SUCCESS);
        if matches!(code, SUCCESS | BACKUP_FAILED) {
            self.sdk.queue.push_back(ReportedTrade { in_ram: code == BACKUP_FAILED, ..report });
            self.reach_cloud(at);
        }
        code
    }

    /// The read form: the queue's size, not how full it is.
    pub(super) fn read_queue(&self) -> Outcome {
        let code = if self.is_open() { SUCCESS } else { NOT_INITIALISED };
        Reply::text(format!("+ALIPAYREP: {code},{}", self.settings.queue_size))
    }
}

const QUEUE_FULL: i32 = 6;
const BACKUP_FAILED: i32 = 7;
