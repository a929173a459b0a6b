//! Notifications: what is believed, what it says, and what it does to a journal.

mod charsets;
mod properties;
mod reading;
mod settle;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::notify::{Event, Expected, Notification, NotificationError};
use m26_pay::gateway::alipay::{AppId, GatewayUrl, Merchant};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use support::keys::Pair;

/// The fields of a notification, and how they are signed.
#[derive(Clone)]
pub struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// A trade that is paid.
    pub fn paid() -> Self {
        Self(Vec::new())
            .with("app_id", "2026000000000001")
            .with("buyer_logon_id", "281122334455667788")
            .with("charset", "utf-8")
            .with("notify_time", "2026-11-29 21:00:06")
            .with("notify_type", "trade_status_sync")
            .with("out_trade_no", "A1_0")
            .with("seller_id", "2088000000000001")
            .with("subject", "测试")
            .with("total_amount", "10.25")
            .with("trade_no", "2026112922001400010001")
            .with("trade_status", "TRADE_SUCCESS")
    }

    /// With this in the place of what has the name.
    pub fn with(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut fields = self.without(name);
        fields.0.push((name.to_owned(), value.as_ref().to_vec()));
        fields
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// The text that Alipay signs: sorted, joined, the values as they are.
    fn text(&self) -> Vec<u8> {
        let mut fields = self.0.clone();
        fields.sort();
        let parts: Vec<_> =
            fields.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
        parts.join(&b'&')
    }

    /// The body, signed by Alipay without `sign_type`.
    pub fn body(self) -> Vec<u8> {
        let sign = Pair::alipay().sign(&self.text());
        self.with("sign_type", "RSA2").with("sign", BASE64.encode(&sign)).form()
    }

    /// The fields as they are, as a form.
    pub fn form(&self) -> Vec<u8> {
        let encode = |bytes: &[u8]| percent_encode(bytes, NON_ALPHANUMERIC).to_string();
        let parts: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        parts.join("&").into_bytes()
    }

    fn read(self) -> Result<Notification, NotificationError> {
        merchant().notification(Some(FORM), &self.body())
    }

    /// What it says, if nothing more is expected than that it is this merchant's.
    fn event(self) -> Event {
        self.read().unwrap().event(&Expected::default()).unwrap()
    }
}

fn merchant() -> Merchant {
    let app_id = AppId::new("2026000000000001").unwrap();
    let (own, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(GatewayUrl::live(), app_id, own, alipay).unwrap()
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
