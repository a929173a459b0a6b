//! Notifications: what Alipay tells of a trade, unasked.
//!
//! ```text
//! POST <notify_url>    Content-Type: application/x-www-form-urlencoded; charset=utf-8
//!
//! app_id=2026…&charset=utf-8&notify_time=2026-11-29+21%3A00%3A06&notify_type=trade_status_sync
//!   &out_trade_no=A10001_0&total_amount=10.25&trade_no=2026…&trade_status=TRADE_SUCCESS
//!   &sign=LIiO…&sign_type=RSA2&…                                   (facts/alipay-gateway.md 1.4)
//!
//! success                                                           what it is answered
//! ```
//!
//! Nothing here is a web server: bytes of the body go in, and an event and what to answer come out.
//! [`Merchant::notification`] believes what Alipay signed for this application and seller;
//! [`Notification::event`] compares it with the order; [`Notification::settle`] ends the order in the
//! journal, if it proves the end.
//!
//! ```
//! use m26_pay::gateway::alipay::Merchant;
//! use m26_pay::gateway::alipay::notify::Reply;
//! use m26_pay::gateway::journal::Journal;
//! use m26_pay::unix_time::UnixMillis;
//!
//! fn notified(
//!     merchant: &Merchant,
//!     journal: &dyn Journal,
//!     now: UnixMillis,
//!     content_type: Option<&str>,
//!     body: &[u8],
//! ) -> Reply {
//!     let notification = match merchant.notification(content_type, body) {
//!         Ok(notification) => notification,
//!         Err(error) => {
//!             eprintln!("refused: {error}");
//!             return Reply::Fail;
//!         }
//!     };
//!     match notification.settle(journal, &merchant.identity(), now) {
//!         Ok(taken) => taken.reply(),
//!         // Alipay sends it again, and the journal may be there then.
//!         Err(error) => {
//!             eprintln!("not taken: {error}");
//!             Reply::Fail
//!         }
//!     }
//! }
//! ```
//!
//! # What it proves
//!
//! A notification is sent when something happened, and sent again until it is answered, so an old one
//! may come after a newer one. It says what was true once. Which end of an order that proves, and
//! which it leaves to a query, [`Notification::settle`] has in a table.

mod error;
mod event;
mod settle;
mod signed;

use std::borrow::Cow;
use std::fmt;

use encoding_rs::Encoding;

use super::merchant::Merchant;
use super::{OutRequestNo, TradeStatus};
use crate::amount::Amount;
use crate::gateway::charset::{self, Charset};
use crate::gateway::form::{BadForm, Pairs};
use crate::gateway::word::Word;
use crate::gateway::{Verifier, beijing};
use crate::unix_time::UnixMillis;

pub use error::NotificationError;
pub use event::{Event, Expected, NotifiedRefund, NotifiedTrade};
pub use settle::{SettleError, Taken};

/// A notification that Alipay signed.
///
/// Its Debug shows the names of its fields, and no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    form: Pairs,
    encoding: &'static Encoding,
    trade: Option<NotifiedTrade>,
}

impl Notification {
    /// The longest body that is read, in bytes. Not specified; chosen twenty times above what a trade
    /// with some vouchers takes.
    pub const MAX_LENGTH: usize = 64 * 1024;

    /// The greatest number of fields. Not specified; chosen because Alipay documents some thirty.
    pub const MAX_FIELDS: usize = 256;

    /// Reads the body of a notification, with the header `Content-Type` if there is one, and verifies
    /// it. Whose it is is not compared: see [`Merchant::notification`] and [`event`](Self::event).
    ///
    /// Texts are in the charset that the notification itself names; where it names none, in that of
    /// the header; else in `otherwise`.
    ///
    /// # Errors
    /// If it is not Alipay's, or not as Alipay documents it.
    pub fn read(
        content_type: Option<&str>,
        body: &[u8],
        otherwise: Charset,
        verifier: &dyn Verifier,
    ) -> Result<Self, NotificationError> {
        if body.len() > Self::MAX_LENGTH {
            let (length, limit) = (body.len(), Self::MAX_LENGTH);
            return Err(NotificationError::TooLarge { length, limit });
        }
        if content_type.is_some_and(|header| !is_form(header)) {
            return Err(NotificationError::ContentType);
        }
        let form = Pairs::read(body, Self::MAX_FIELDS).map_err(|error| match error {
            BadForm::TooMany => NotificationError::TooMany { limit: Self::MAX_FIELDS },
            BadForm::Twice => NotificationError::Twice,
        })?;
        signed::is_unambiguous(&form)?;
        signed::verify(&form, verifier)?;
        let header = content_type.and_then(charset::charset_of).map(str::as_bytes);
        let own = form.get("charset").filter(|name| !name.is_empty());
        let encoding = match own.or(header) {
            Some(name) => charset::named(name)
                .ok_or(NotificationError::Field { field: "charset", expected: "UTF-8 or GBK" })?,
            None => otherwise.encoding(),
        };
        let mut notification = Self { form, encoding, trade: None };
        notification.trade = notification.read_trade()?;
        Ok(notification)
    }

    /// The trade that it is about; `None` if it is about none.
    #[must_use]
    pub fn trade(&self) -> Option<&NotifiedTrade> {
        self.trade.as_ref()
    }

    /// When Alipay sent it (`notify_time`), if it says so.
    #[must_use]
    pub fn sent(&self) -> Option<UnixMillis> {
        beijing::parse(&self.text("notify_time")?)
    }

    /// A field by Alipay's name. `None` if it is not there, empty, or no text of its charset.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.form.get(name).filter(|value| !value.is_empty())?;
        self.encoding.decode_without_bom_handling_and_without_replacement(value)
    }

    /// The names of its fields, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        // They are ASCII.
        self.form.iter().filter_map(|(name, _)| std::str::from_utf8(name).ok())
    }

    fn read_trade(&self) -> Result<Option<NotifiedTrade>, NotificationError> {
        // Alipay tells of other things too, under other names (dut_user_sign, …).
        let of_trades = self.text("notify_type").is_none_or(|it| it == TRADE_STATUS_SYNC);
        let Some(status) = self.text("trade_status").filter(|_| of_trades) else { return Ok(None) };
        let Ok(status) = status.parse::<TradeStatus>();
        let refund = self.amount("refund_fee")?.filter(|fee| *fee != Amount::ZERO);
        Ok(Some(NotifiedTrade {
            out_trade_no: self.required("out_trade_no")?,
            trade_no: self.required("trade_no")?,
            status,
            total_amount: self.amount("total_amount")?,
            refund: refund.map(|fee| NotifiedRefund {
                fee,
                // One that cannot be one of ours is none of ours.
                out_request_no: self
                    .text("out_biz_no")
                    .and_then(|number| OutRequestNo::new(number).ok()),
            }),
        }))
    }

    fn required<T: std::str::FromStr>(&self, field: &'static str) -> Result<T, NotificationError> {
        let value = self.text(field);
        let value = value.ok_or(NotificationError::Field { field, expected: "there" })?;
        value.parse().map_err(|_| NotificationError::Field { field, expected: "valid" })
    }

    fn amount(&self, field: &'static str) -> Result<Option<Amount>, NotificationError> {
        let amount = self.text(field).map(|text| text.parse()).transpose();
        amount.map_err(|_| NotificationError::Field { field, expected: "an amount of yuan" })
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notification")?;
        f.debug_list().entries(self.names().map(Word::new)).finish()
    }
}

impl Merchant {
    /// Reads the body of a notification, with the header `Content-Type` if there is one: verifies it,
    /// and compares the application, and the seller if this merchant names one.
    ///
    /// # Errors
    /// If it is not Alipay's, not this merchant's, or not as Alipay documents it.
    pub fn notification(
        &self,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Notification, NotificationError> {
        let (verifier, charset) = self.reads_with();
        let notification = Notification::read(content_type, body, charset, verifier)?;
        let identity = self.identity();
        let app_id = Some(identity.app_id);
        let whose = Expected { app_id, seller_id: identity.seller_id, ..Expected::default() };
        notification.event(&whose)?;
        Ok(notification)
    }
}

/// What a notification is answered, as the whole body of an answer with status 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// It was taken, now or before: Alipay does not send it again.
    Success,
    /// It was not: Alipay sends it again, seven times within 25 hours (异步通知: 4m, 10m, 10m, 1h, 2h,
    /// 6h, 15h).
    Fail,
}

impl Reply {
    /// The body.
    #[must_use]
    pub const fn body(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
        }
    }

    /// The header `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        "text/plain;charset=utf-8"
    }
}

/// Whether a `Content-Type` is that of a form.
fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The `notify_type` of notifications of trades.
const TRADE_STATUS_SYNC: &str = "trade_status_sync";
