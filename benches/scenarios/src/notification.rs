//! A notification of a trade: read, verified and compared. Beside it the verification alone.

use data_encoding::BASE64;
use m26_pay::gateway::alipay::notify::{Event, Expected, Notification};
use m26_pay::gateway::alipay::{AppId, OutTradeNo};
use m26_pay::gateway::{Charset, PublicKey, Signer as _, Verifier as _};

use crate::payment::{ALIPAY, AMOUNT, key};
use crate::{Run, Seen, Unit, feed};

/// What a server does with either.
pub fn whole() -> Run {
    let verifier = key(ALIPAY).public();
    let number = OutTradeNo::new("A10001_0").expect("a number");
    let app_id = AppId::new("2026000000000001").expect("digits");
    let amount = "88.88".parse().expect("an amount");
    let expected = Expected::default().app_id(app_id).order(number, amount);
    feed(Unit(move |bytes: &[u8], seen: &mut Seen| {
        let read = Notification::read(Some(FORM), bytes, Charset::Utf8, &verifier);
        if let Ok(Event::Paid { finished: false }) =
            read.and_then(|notification| notification.event(&expected))
        {
            seen.fen = AMOUNT;
        }
    }))
}

/// The RSA in it, once.
pub fn rsa_alone() -> Run {
    let (text, signature) = signed(false);
    let verifier: PublicKey = key(ALIPAY).public();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        if verifier.verify(text.as_bytes(), &signature) {
            seen.fen = AMOUNT;
        }
    }))
}

/// The text that is signed, and the signature.
fn signed(with_sign_type: bool) -> (String, Vec<u8>) {
    let fields = FIELDS.iter().filter(|(name, _)| with_sign_type || *name != "sign_type");
    let parts: Vec<_> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    let text = parts.join("&");
    let signature = key(ALIPAY).sign(text.as_bytes()).expect("it is signed");
    (text, signature)
}

/// What Alipay posts: where `sign_type` was not signed the first try holds, and else the second.
pub fn body(with_sign_type: bool) -> Vec<u8> {
    let (_, signature) = signed(with_sign_type);
    let sign = ("sign", BASE64.encode(&signature));
    let fields = FIELDS.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let pairs: Vec<_> = fields
        .chain([sign])
        .map(|(name, value)| format!("{name}={}", encode(value.as_bytes())))
        .collect();
    pairs.join("&").into_bytes()
}

fn encode(value: &[u8]) -> String {
    let encode = |byte: &u8| match *byte {
        b' ' => "+".to_owned(),
        plain if plain.is_ascii_alphanumeric() || b"-._".contains(&plain) => {
            char::from(plain).to_string()
        }
        other => format!("%{other:02X}"),
    };
    value.iter().map(encode).collect()
}

/// The fields that a trade has, by name.
const FIELDS: [(&str, &str); 25] = [
    ("app_id", "2026000000000001"),
    ("auth_app_id", "2026000000000001"),
    ("body", "午餐"),
    ("buyer_id", "2088000000000002"),
    ("buyer_logon_id", "sam***@example.com"),
    ("buyer_pay_amount", "88.88"),
    ("charset", "utf-8"),
    ("fund_bill_list", r#"[{"amount":"88.88","fundChannel":"ALIPAYACCOUNT"}]"#),
    ("gmt_create", "2026-11-29 20:59:58"),
    ("gmt_payment", "2026-11-29 21:00:05"),
    ("invoice_amount", "88.88"),
    ("notify_id", "2026112900222210500000000000000001"),
    ("notify_time", "2026-11-29 21:00:06"),
    ("notify_type", "trade_status_sync"),
    ("out_trade_no", "A10001_0"),
    ("point_amount", "0.00"),
    ("receipt_amount", "88.88"),
    ("seller_email", "shop@example.com"),
    ("seller_id", "2088000000000001"),
    ("sign_type", "RSA2"),
    ("subject", "午餐 100%"),
    ("total_amount", "88.88"),
    ("trade_no", "2026112922001400010001000001"),
    ("trade_status", "TRADE_SUCCESS"),
    ("version", "1.0"),
];

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
