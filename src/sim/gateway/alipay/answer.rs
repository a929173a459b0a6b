//! What Alipay answers, before it is written and signed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::sim::gateway::{Fen, beijing};

/// An answer of the trade machine.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TradeAnswer {
    /// To a cancel: 10000.
    Cancelled {
        /// The merchant's number.
        out_trade_no: Option<Arc<str>>,
        /// Alipay's number, if there is a trade.
        trade_no: Option<TradeNo>,
        /// What was done; nothing where there is no trade (facts 2.2).
        action: Option<Action>,
    },
    /// To a close: 10000.
    Closed(TradeView),
    /// To a query: 10000.
    Found(TradeView),
    /// To a precreate: 10000.
    Offered {
        /// The merchant's number.
        out_trade_no: Arc<str>,
        /// What tells this QR code from the others.
        serial: u32,
    },
    /// To a pay: 10000.
    Paid(TradeView),
    /// To a refund: 10000.
    Refunded {
        /// The trade as it is now.
        trade: TradeView,
        /// `refund_fee`: everything that has gone back until now.
        refunded: Fen,
        /// `fund_change`: whether this call moved money; a repeated one does not.
        moved: bool,
    },
    /// To a refund query: 10000, with nothing in it if there was no such refund.
    RefundFound {
        /// The trade as it is now.
        trade: TradeView,
        /// The number and the amount of the refund.
        refund: Option<(Arc<str>, Fen)>,
    },
    /// Any code but 10000 and 10003.
    Refused {
        /// The gateway's code.
        code: u16,
        /// What it says more closely.
        sub_code: &'static str,
    },
    /// To a pay: 10003, the customer is asked for a password.
    Waiting(TradeView),
}

impl TradeAnswer {
    /// `code`
    pub fn code(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Waiting(_) => 10003,
            _ => 10000,
        }
    }

    /// `sub_code`
    pub fn sub_code(&self) -> Option<&'static str> {
        match self {
            Self::Refused { sub_code, .. } => Some(sub_code),
            _ => None,
        }
    }

    /// The trade that it speaks of.
    pub fn trade(&self) -> Option<&TradeView> {
        match self {
            Self::Closed(trade)
            | Self::Found(trade)
            | Self::Paid(trade)
            | Self::Refunded { trade, .. }
            | Self::RefundFound { trade, .. }
            | Self::Waiting(trade) => Some(trade),
            Self::Cancelled { .. } | Self::Offered { .. } | Self::Refused { .. } => None,
        }
    }

    /// The same with a fen more, where it says an amount.
    pub(super) fn with_another_amount(mut self) -> Self {
        if let Self::Closed(trade)
        | Self::Found(trade)
        | Self::Paid(trade)
        | Self::Refunded { trade, .. }
        | Self::RefundFound { trade, .. }
        | Self::Waiting(trade) = &mut self
        {
            trade.total = trade.total + Fen(1);
        }
        self
    }

    /// 40004 with this sub-code: the business has failed.
    pub(super) fn failed(sub_code: &'static str) -> Self {
        Self::Refused { code: 40004, sub_code }
    }
}

/// Code, and what the answer says of the trade, for a person.
impl fmt::Display for TradeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())?;
        match self {
            Self::Cancelled { action: Some(action), .. } => write!(f, ", {}", action.wire()),
            Self::Cancelled { action: None, .. } => f.write_str(", no action"),
            Self::Offered { .. } => f.write_str(", a QR code"),
            Self::Refused { sub_code, .. } => write!(f, ", {sub_code}"),
            Self::Refunded { refunded, moved, .. } => {
                let moved = if *moved { "now" } else { "before" };
                write!(f, ", {refunded} yuan went back, the last {moved}")
            }
            Self::RefundFound { refund: Some((number, amount)), .. } => {
                write!(f, ", {amount} yuan went back with {number}")
            }
            Self::RefundFound { refund: None, .. } => f.write_str(", no such refund"),
            Self::Closed(trade) | Self::Found(trade) | Self::Paid(trade) | Self::Waiting(trade) => {
                write!(f, ", {}", trade.status.wire())
            }
        }
    }
}

/// A trade as an answer shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TradeView {
    /// The merchant's number.
    pub out_trade_no: Arc<str>,
    /// Alipay's number.
    pub trade_no: TradeNo,
    /// What it is about.
    pub total: Fen,
    /// Where it stands.
    pub status: Status,
    /// When it was paid, in Unix seconds.
    pub paid_at: Option<u64>,
}

/// `trade_status`
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// `TRADE_CLOSED`: never paid, or all of it went back.
    Closed,
    /// `TRADE_FINISHED`: paid, and too old for a refund.
    Finished,
    /// `TRADE_SUCCESS`
    Success,
    /// `WAIT_BUYER_PAY`
    Wait,
}

impl Status {
    /// As it stands in an answer.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Closed => "TRADE_CLOSED",
            Self::Finished => "TRADE_FINISHED",
            Self::Success => "TRADE_SUCCESS",
            Self::Wait => "WAIT_BUYER_PAY",
        }
    }
}

/// `action`: what a cancel did.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// It was not paid, and is closed.
    Close,
    /// It was paid, and the money went back.
    Refund,
}

impl Action {
    /// As it stands in an answer.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Refund => "refund",
        }
    }
}

/// Alipay's number of a trade: 28 digits, the first eight are the date in Beijing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TradeNo {
    /// When the trade began: 20261129.
    day: u32,
    /// 1 for the first trade.
    pub(super) serial: u32,
}

impl TradeNo {
    /// The number of a trade that begins now.
    pub(super) fn new(unix: u64, serial: u32) -> Self {
        Self { day: beijing::day(unix), serial }
    }
}

impl fmt::Display for TradeNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}{MIDDLE}{:013}", self.day, self.serial)
    }
}

/// Reads what has the form; which trade it is, if any, only the gateway knows.
impl FromStr for TradeNo {
    type Err = NoTradeNo;

    fn from_str(text: &str) -> Result<Self, NoTradeNo> {
        let digits = text.len() == 28 && text.bytes().all(|b| b.is_ascii_digit());
        let (day, rest) = text.split_at_checked(8).filter(|_| digits).ok_or(NoTradeNo)?;
        let serial = rest.strip_prefix(MIDDLE).ok_or(NoTradeNo)?;
        match (day.parse(), serial.parse()) {
            (Ok(day), Ok(serial)) => Ok(Self { day, serial }),
            _ => Err(NoTradeNo),
        }
    }
}

/// No trade here has this number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this gateway gave no trade such a number")]
pub struct NoTradeNo;

/// Not specified; chosen because it makes 28 digits, as many as the spec says.
const MIDDLE: &str = "2200140";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_28_digits_and_reads_back() {
        // 2026-11-29 16:30:00 UTC is the 30th in Beijing.
        let number = TradeNo::new(1_795_969_800, 7);
        let text = number.to_string();
        assert_eq!(text, "2026113022001400000000000007");
        assert_eq!(text.parse(), Ok(number));
    }

    #[test]
    fn what_no_trade_has_is_refused() {
        for text in ["", "7", "2026113022001400000000000x07", "2026113099999990000000000007"] {
            assert_eq!(text.parse::<TradeNo>(), Err(NoTradeNo), "{text:?}");
        }
    }
}
