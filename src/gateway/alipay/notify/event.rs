//! What a notification says, and what is expected of it.

use std::time::Duration;

use super::Notification;
use super::error::NotificationError;
use crate::amount::Amount;
use crate::gateway::alipay::{AppId, OutRequestNo, OutTradeNo, SellerId, TradeNo, TradeStatus};
use crate::unix_time::UnixMillis;

/// What happened, by a verified notification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The trade is paid: `TRADE_SUCCESS`, or `TRADE_FINISHED`.
    Paid {
        /// Whether nothing can be given back any more (`TRADE_FINISHED`).
        finished: bool,
    },
    /// Nobody paid, and nobody can any more: `TRADE_CLOSED`.
    Closed,
    /// All of it was given back: `TRADE_CLOSED` after the payment.
    Refunded(NotifiedRefund),
    /// A part of it was given back; the trade stays paid.
    PartlyRefunded(NotifiedRefund),
    /// The customer has yet to pay: `WAIT_BUYER_PAY`.
    Waiting,
    /// Something else: a state that is not known here, or no trade at all.
    Other,
}

impl Event {
    /// Its name, as the tool `pay` writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Paid { .. } => "paid",
            Self::Closed => "closed",
            Self::Refunded(_) | Self::PartlyRefunded(_) => "refunded",
            Self::Waiting => "waiting",
            Self::Other => "other",
        }
    }
}

/// A trade, as a notification tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifiedTrade {
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// Alipay's number of the trade.
    pub trade_no: TradeNo,
    /// Its state.
    pub status: TradeStatus,
    /// The amount of the order, if it is said.
    pub total_amount: Option<Amount>,
    /// What was given back, if the notification is about that.
    pub refund: Option<NotifiedRefund>,
}

/// What was given back of a trade.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifiedRefund {
    /// How much in all refunds of the trade together (`refund_fee`, 总退款金额).
    pub fee: Amount,
    /// The merchant's number of the refund that this is about (`out_biz_no`), if it is said.
    pub out_request_no: Option<OutRequestNo>,
}

/// What a notification has to agree with. What is not set is not compared.
///
/// A signature proves who sent it, and not that it is about this merchant's order, nor that this is
/// paid: numbers and amount are the merchant's to compare.
///
/// ```
/// use m26_pay::gateway::alipay::notify::Expected;
/// use m26_pay::gateway::alipay::{AppId, OutTradeNo};
///
/// let expected = Expected::default()
///     .app_id(AppId::new("2026000000000001")?)
///     .order(OutTradeNo::new("A10001_0")?, "10.25".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The application.
    pub app_id: Option<AppId>,
    /// Who receives the money.
    pub seller_id: Option<SellerId>,
    /// The order.
    pub out_trade_no: Option<OutTradeNo>,
    /// The amount of the order.
    pub total_amount: Option<Amount>,
    /// Not before this time was it sent.
    pub not_before: Option<UnixMillis>,
}

impl Expected {
    /// This application.
    #[must_use]
    pub fn app_id(self, app_id: AppId) -> Self {
        Self { app_id: Some(app_id), ..self }
    }

    /// This seller.
    #[must_use]
    pub fn seller_id(self, seller_id: SellerId) -> Self {
        Self { seller_id: Some(seller_id), ..self }
    }

    /// This order, of this amount.
    #[must_use]
    pub fn order(self, out_trade_no: OutTradeNo, total_amount: Amount) -> Self {
        Self { out_trade_no: Some(out_trade_no), total_amount: Some(total_amount), ..self }
    }

    /// Sent at most so long before `now`, by Alipay's clock (`notify_time`).
    ///
    /// Alipay sends what was not answered with `success` again for 25 hours. An old one is no
    /// forgery, and the same one again does no harm, so by default none is too old.
    #[must_use]
    pub fn max_age(self, now: UnixMillis, age: Duration) -> Self {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        Self { not_before: Some(UnixMillis(now.0.saturating_sub(age))), ..self }
    }
}

impl Notification {
    /// What happened, if the notification agrees with what is expected.
    ///
    /// # Errors
    /// The first field that differs, or is not there.
    pub fn event(&self, expected: &Expected) -> Result<Event, NotificationError> {
        let is = |field, same: Option<bool>| match same {
            Some(false) => Err(NotificationError::Differs { field }),
            _ => Ok(()),
        };
        let text = |field, wanted: Option<&str>| {
            is(field, wanted.map(|wanted| self.text(field).as_deref() == Some(wanted)))
        };
        text("app_id", expected.app_id.as_ref().map(AppId::as_str))?;
        text("seller_id", expected.seller_id.as_ref().map(SellerId::as_str))?;
        text("out_trade_no", expected.out_trade_no.as_ref().map(OutTradeNo::as_str))?;
        let told = self.trade().and_then(|trade| trade.total_amount);
        is("total_amount", expected.total_amount.map(|wanted| told == Some(wanted)))?;
        match (expected.not_before, self.sent()) {
            (Some(not_before), Some(sent)) if sent < not_before => Err(NotificationError::Old),
            (Some(_), None) => {
                Err(NotificationError::Field { field: "notify_time", expected: "a time" })
            }
            _ => Ok(self.trade().map_or(Event::Other, NotifiedTrade::event)),
        }
    }
}

impl NotifiedTrade {
    /// What happened to it.
    pub(super) fn event(&self) -> Event {
        match (&self.status, &self.refund) {
            (TradeStatus::TradeClosed, Some(refund)) => Event::Refunded(refund.clone()),
            (TradeStatus::TradeSuccess | TradeStatus::TradeFinished, Some(refund)) => {
                if self.total_amount == Some(refund.fee) {
                    Event::Refunded(refund.clone())
                } else {
                    Event::PartlyRefunded(refund.clone())
                }
            }
            (TradeStatus::TradeSuccess, None) => Event::Paid { finished: false },
            (TradeStatus::TradeFinished, None) => Event::Paid { finished: true },
            (TradeStatus::TradeClosed, None) => Event::Closed,
            (TradeStatus::WaitBuyerPay, None) => Event::Waiting,
            _ => Event::Other,
        }
    }
}
