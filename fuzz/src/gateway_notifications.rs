//! What is posted where a gateway should post.

use data_encoding::BASE64;
use m26_pay::gateway::Charset;
use m26_pay::gateway::alipay::notify::{Event, Expected, Notification, NotificationError};
use m26_pay::gateway::alipay::payment::{Input, Order, Payment, Policy, Step};
use m26_pay::gateway::alipay::{
    AppId, AuthCode, GatewayUrl, Identity, OutTradeNo, Pay, Sale, Subject,
};
use m26_pay::gateway::journal::{Entry, Holder, Journal, MemoryJournal, Settled, Stage};
use m26_pay::unix_time::UnixMillis;

use super::gateway_answers::{Seal, seal};
use super::source::{Source, assert_hidden, unfold};

/// Nothing is believed that was not signed, what is believed says what was signed, a text of two
/// meanings is refused, an open order ends only as it is proven, and no error shows what came.
///
/// The first byte chooses the header, the second how much is made right (the whole body as it is, or
/// a form of its lines, signed with `sign_type` or without), the third the stage of the open order.
pub fn gateway_notifications(data: &[u8]) {
    let mut source = Source::new(data);
    let (header, made, stage) =
        (HEADERS[source.below(HEADERS.len())], source.byte(), source.byte());
    let text = unfold(source.rest());
    let body = match made % 3 {
        0 => text,
        made => signed(&text, made == 2),
    };
    match Notification::read(header, &body, Charset::Utf8, &Seal) {
        Ok(notification) => {
            let pairs = pairs(&body);
            believed(&notification, &pairs);
            settles(&notification, &pairs, stage);
        }
        Err(error) => {
            assert_hidden(&format!("{error} {error:?}"));
            if made % 3 != 0 && body.len() <= Notification::MAX_LENGTH {
                assert_ne!(error, NotificationError::Unsigned);
            }
        }
    }
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A form of `name=value` lines, signed by the stand-in.
fn signed(lines: &[u8], with_sign_type: bool) -> Vec<u8> {
    let mut pairs: Pairs = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            let at = line.iter().position(|byte| *byte == b'=').unwrap_or(line.len());
            (line[..at].to_vec(), line.get(at + 1..).unwrap_or_default().to_vec())
        })
        .filter(|(name, _)| name != b"sign")
        .collect();
    pairs.sort();
    let is_signed = |(name, value): &&(Vec<u8>, Vec<u8>)| {
        !value.is_empty() && (with_sign_type || name != b"sign_type")
    };
    let parts: Vec<_> = pairs
        .iter()
        .filter(is_signed)
        .map(|(name, value)| [&name[..], b"=", value].concat())
        .collect();
    let sign = BASE64.encode(&seal(&parts.join(&b'&')));
    pairs.push((b"sign".to_vec(), sign.into_bytes()));
    let encode = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let form: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    form.join("&").into_bytes()
}

/// The pairs of a form, decoded once, character by character.
fn pairs(body: &[u8]) -> Pairs {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let decode = |part: &[u8]| {
        let (mut decoded, mut at) = (Vec::new(), 0);
        while let Some(byte) = part.get(at) {
            at += 1;
            match (byte, digit(part.get(at)), digit(part.get(at + 1))) {
                (b'%', Some(high), Some(low)) => {
                    decoded.push(u8::try_from(16 * high + low).unwrap());
                    at += 2;
                }
                (b'+', ..) => decoded.push(b' '),
                _ => decoded.push(*byte),
            }
        }
        decoded
    };
    let parts = body.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let at = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
            (decode(&part[..at]), decode(part.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}

fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a [u8]> {
    let pair = pairs.iter().find(|(known, _)| known == name.as_bytes());
    pair.map(|(_, value)| value.as_slice()).filter(|value| !value.is_empty())
}

/// What is believed is what the seal in the body holds for, and is told as it came.
fn believed(notification: &Notification, pairs: &Pairs) {
    assert_hidden(&format!("{notification:?}"));
    assert_eq!(notification.names().count(), pairs.len());
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), pairs.len(), "a name comes twice");
    for (name, value) in pairs {
        let name = std::str::from_utf8(name).unwrap();
        if let (Some(text), true) = (notification.text(name), value.is_ascii()) {
            assert_eq!(text.as_bytes(), value);
        }
        for field in ["total_amount", "out_trade_no", "trade_status", "app_id"] {
            let other = format!("&{field}=");
            let is_in = value.windows(other.len()).any(|part| part == other.as_bytes());
            assert!(!is_in, "{field} stands inside another value");
        }
    }
    let event = notification.event(&Expected::default()).unwrap();
    let refund = get(pairs, "refund_fee").is_some_and(|fee| fee.iter().any(u8::is_ascii_digit));
    match event {
        Event::Paid { finished } => {
            let status: &[u8] = if finished { b"TRADE_FINISHED" } else { b"TRADE_SUCCESS" };
            assert_eq!(get(pairs, "trade_status"), Some(status));
        }
        Event::Refunded(_) | Event::PartlyRefunded(_) => assert!(refund),
        Event::Closed => assert_eq!(get(pairs, "trade_status"), Some(&b"TRADE_CLOSED"[..])),
        _ => {}
    }
}

/// An open order ends once, and only as the notification proves.
fn settles(notification: &Notification, pairs: &Pairs, stage: u8) {
    let (journal, order) = (MemoryJournal::new(), order(stage));
    journal.begin(&order).unwrap();
    let taken = notification.settle(&journal, &order.identity, UnixMillis(1));
    let there = journal.numbered(&order.out_trade_no).unwrap().remove(0);
    let is_ours = get(pairs, "app_id") == Some(b"1") && get(pairs, "out_trade_no") == Some(b"A1");
    match &there.outcome {
        Some(Settled::Paid(paid)) => {
            assert_eq!(paid.amount, order.amount);
            let finished = get(pairs, "trade_status") == Some(b"TRADE_FINISHED");
            assert!(finished || order.stage == Stage::Begun, "a cancel may be on its way");
        }
        Some(Settled::NotPaid(_)) => {
            assert_eq!(get(pairs, "trade_status"), Some(&b"TRADE_CLOSED"[..]));
        }
        Some(other) => panic!("{other:?} is no end of a payment"),
        None => assert_eq!(there, Entry { version: there.version, ..order.clone() }),
    }
    assert!(there.is_open() || is_ours);
    assert_eq!(taken.is_ok_and(|taken| !taken.settled.is_empty()), !there.is_open());
    let again = notification.settle(&journal, &order.identity, UnixMillis(2));
    assert!(again.is_ok_and(|again| again.settled.is_empty()) || there.is_open());
    assert_eq!(journal.numbered(&order.out_trade_no).unwrap(), [there]);
}

fn order(stage: u8) -> Entry {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    let now = std::time::Instant::now();
    let (gateway, app_id) = (GatewayUrl::live(), AppId::new("1").unwrap());
    let identity = Identity { gateway, app_id, seller_id: None };
    let number = OutTradeNo::new("A1").unwrap();
    let sale = Sale::of(number, "10.25".parse().unwrap(), Subject::new("tea").unwrap());
    let pay = Pay::bar_code(sale.build().unwrap(), AuthCode::new("28").unwrap());
    let order = Order::new(identity.into(), Holder::new("till"), pay, UnixMillis(0));
    let mut payment = Payment::new(now, order, Policy::default());
    let Step::Write(mut entry) = payment.step(now, Input::Begin) else { panic!("it writes first") };
    entry.stage = if stage % 2 == 0 { Stage::Begun } else { Stage::Cancelling };
    *entry
}

const HEADERS: [Option<&str>; 4] = [
    None,
    Some("application/x-www-form-urlencoded; charset=utf-8"),
    Some("APPLICATION/x-www-form-urlencoded;charset=GBK"),
    Some("application/json"),
];
