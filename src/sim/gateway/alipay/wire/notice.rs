//! Notifications: what Alipay posts to `notify_url`.

use std::time::Instant;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::Gateway;
use super::charset::Charset;
use crate::sim::gateway::alipay::{Alipay, Status};
use crate::sim::gateway::{Signing, beijing};

/// What a notification is like, where that is not the trade's.
#[derive(Clone, Debug)]
pub struct NoticeStyle {
    /// `app_id`
    pub app_id: String,
    /// `seller_id`
    pub seller_id: String,
    /// `subject`: Alipay repeats that of the order, which the trade machine does not keep.
    pub subject: String,
    /// Whether it is in GBK and not in UTF-8.
    pub gbk: bool,
    /// Whether `sign_type` is a part of the signed text, as in notifications that are not about
    /// trades (facts 1.4).
    pub signs_sign_type: bool,
}

impl Default for NoticeStyle {
    fn default() -> Self {
        Self {
            app_id: "2026000000000001".into(),
            seller_id: "2088000000000001".into(),
            subject: "测试".into(),
            gbk: false,
            signs_sign_type: false,
        }
    }
}

/// A notification, as it is posted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Gateway {
    /// What Alipay tells of a trade as it is now; nothing, if there is none.
    pub fn notice(
        &mut self,
        now: Instant,
        out_trade_no: &str,
        style: &NoticeStyle,
    ) -> Option<Notice> {
        self.line.alipay_mut().notice(now, out_trade_no, style, &self.signing)
    }
}

impl Alipay {
    /// What Alipay tells of a trade as it is now, signed so; nothing, if there is no trade.
    pub fn notice(
        &mut self,
        now: Instant,
        out_trade_no: &str,
        style: &NoticeStyle,
        signing: &Signing,
    ) -> Option<Notice> {
        let charset = if style.gbk { Charset::Gbk } else { Charset::Utf8 };
        let mut pairs = self.told(now, out_trade_no)?;
        pairs.extend([
            ("app_id", style.app_id.clone()),
            ("charset", if style.gbk { "GBK" } else { "utf-8" }.into()),
            ("seller_id", style.seller_id.clone()),
            ("subject", style.subject.clone()),
        ]);
        let mut pairs: Vec<_> =
            pairs.into_iter().map(|(name, value)| (name, charset.encode(value))).collect();
        let sign_type = ("sign_type", b"RSA2".to_vec());
        if style.signs_sign_type {
            pairs.push(sign_type.clone());
        }
        let sign = signing.sign(&signed_text(&mut pairs));
        pairs.push(("sign", sign.into_bytes()));
        if !style.signs_sign_type {
            pairs.push(sign_type);
        }
        let content_type = match charset {
            Charset::Gbk => "application/x-www-form-urlencoded; charset=GBK",
            Charset::Utf8 => "application/x-www-form-urlencoded; charset=utf-8",
        };
        Some(Notice { content_type, body: form(&pairs) })
    }

    /// The fields of the trade.
    fn told(&mut self, now: Instant, out_trade_no: &str) -> Option<Vec<(&'static str, String)>> {
        let now = self.advance(now);
        let index = self.find_ours(now, out_trade_no)?;
        let time = |at: Instant| beijing::civil(self.unix(at)).strftime(TIME).to_string();
        let order = &self.orders[index];
        let status = match order.status() {
            Status::Closed => "TRADE_CLOSED",
            Status::Finished => "TRADE_FINISHED",
            Status::Success => "TRADE_SUCCESS",
            Status::Wait => "WAIT_BUYER_PAY",
        };
        let mut pairs = vec![
            ("notify_id", format!("{}{:04}", order.trade_no, order.refunds.len())),
            ("notify_time", time(now)),
            ("notify_type", "trade_status_sync".into()),
            ("out_trade_no", order.out_trade_no.to_string()),
            ("total_amount", order.total.to_string()),
            ("trade_no", order.trade_no.to_string()),
            ("trade_status", status.into()),
            ("version", "1.0".into()),
        ];
        if let Some(paid) = order.paid_at() {
            let total = order.total.to_string();
            pairs.push(("gmt_payment", time(paid)));
            pairs.push((
                "fund_bill_list",
                format!(r#"[{{"amount":"{total}","fundChannel":"ALIPAYACCOUNT"}}]"#),
            ));
        }
        if let Some(refund) = order.refunds.last() {
            pairs.push(("gmt_refund", time(now)));
            pairs.push(("out_biz_no", refund.out_request_no.to_string()));
            pairs.push(("refund_fee", order.refunded().to_string()));
        }
        Some(pairs)
    }
}

/// Sorts the pairs, and joins them as Alipay signs them.
fn signed_text(pairs: &mut [(&'static str, Vec<u8>)]) -> Vec<u8> {
    pairs.sort();
    let parts: Vec<_> =
        pairs.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    parts.join(&b'&')
}

/// As a browser writes a form: a blank is `+`.
fn form(pairs: &[(&'static str, Vec<u8>)]) -> Vec<u8> {
    let encode = |value: &[u8]| percent_encode(value, ESCAPED).to_string().replace("%20", "+");
    let parts: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    parts.join("&").into_bytes()
}

/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const TIME: &str = "%Y-%m-%d %H:%M:%S";
