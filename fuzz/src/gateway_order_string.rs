//! Strings with which an app opens Alipay, and what the app hands back.

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    AppId, AppOrder, AppOrderBuilder, Body, GatewayUrl, Merchant, NotifyUrl, OutTradeNo, OwnField,
    ResultStatus, ReturnUrl, SellerId, Subject,
};
use m26_pay::gateway::{Charset, Effect};
use serde_json::Value;

use super::gateway_answers::{Seal, seal};
use super::source::{Source, assert_hidden, unfold};

/// Whatever an order says, its string has one pair for each parameter, decodes to what was said, and
/// is sealed over that. What the app hands back is a payment only if it is sealed and of this order.
///
/// The first byte chooses app or web page, charset, and whether the result is made right. Then come
/// lines: subject, body, the name and the value of an own parameter, the seller, two addresses; the
/// rest is the result, or its node.
pub fn gateway_order_string(data: &[u8]) {
    let mut source = Source::new(data);
    let chosen = source.byte();
    let mut line = || String::from_utf8_lossy(&unfold(source.until(b'\n'))).into_owned();
    let lines = [line(), line(), line(), line(), line(), line(), line()];
    let Ok(order) = order(chosen, &lines).build() else { return };
    let charset = if chosen & 2 == 0 { Charset::Utf8 } else { Charset::Gbk };
    let merchant = Merchant::new(GatewayUrl::live(), AppId::new("1").unwrap(), Seal, Seal).unwrap();
    let merchant = merchant.charset(charset);
    let at = "2026-11-29 21:00:00".parse().unwrap();
    match merchant.order_string(&order, &at) {
        Ok(string) => {
            assert_hidden(&format!("{string:?}"));
            taken_apart(string.as_str(), &order, charset);
        }
        Err(error) => {
            assert!(charset == Charset::Gbk, "UTF-8 has every character");
            assert_hidden(&error.to_string());
        }
    }
    handed_back(&merchant, &order, source.rest(), chosen & 4 != 0);
}

fn order(chosen: u8, lines: &[String; 7]) -> AppOrderBuilder {
    let [subject, body, name, value, seller_id, notify_url, return_url] = lines;
    let subject = Subject::new(subject).unwrap_or_else(|_| Subject::new("s").unwrap());
    let begin = if chosen & 1 == 0 { AppOrder::in_app } else { AppOrder::on_web_page };
    let mut order = begin(OutTradeNo::new("A1").unwrap(), "10.25".parse().unwrap(), subject);
    if let Ok(body) = Body::new(body) {
        order = order.body(body);
    }
    if let Ok(own) = OwnField::new(name, value) {
        order = order.own_field(own);
    }
    if let Ok(seller_id) = SellerId::new(seller_id) {
        order = order.seller_id(seller_id);
    }
    if let Ok(url) = NotifyUrl::new(notify_url) {
        order = order.notify_url(url);
    }
    if let Ok(url) = ReturnUrl::new(return_url) {
        order = order.return_url(url);
    }
    order
}

fn taken_apart(string: &str, order: &AppOrder, charset: Charset) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte);
    assert!(string.bytes().all(plain));
    let pairs: Vec<(&str, Vec<u8>)> = string
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name, decoded(value)))
        .collect();
    let (last, sign) = pairs.last().unwrap();
    assert_eq!(*last, "sign");
    let signed = &pairs[..pairs.len() - 1];
    assert!(signed.windows(2).all(|two| two[0].0 < two[1].0), "sorted, and each once");
    assert!(signed.iter().all(|(_, value)| !value.is_empty()));
    let text: Vec<_> =
        signed.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    assert_eq!(*sign, BASE64.encode(&seal(&text.join(&b'&'))).into_bytes());
    if charset == Charset::Utf8 {
        let (_, content) = signed.iter().find(|(name, _)| *name == "biz_content").unwrap();
        assert_eq!(content, order.biz_content().as_bytes());
        let content: Value = serde_json::from_slice(content).unwrap();
        assert_eq!(content["total_amount"], "10.25");
        assert_eq!(content["out_trade_no"], "A1");
    }
}

/// Percent-decoded once, by nothing of the crate's.
fn decoded(value: &str) -> Vec<u8> {
    let mut bytes = value.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    decoded
}

fn handed_back(merchant: &Merchant, order: &AppOrder, rest: &[u8], sealed: bool) {
    let text = String::from_utf8_lossy(&unfold(rest)).into_owned();
    let result = if sealed {
        let sign = BASE64.encode(&seal(text.as_bytes()));
        format!(r#"{{"alipay_trade_app_pay_response":{text},"sign":"{sign}"}}"#)
    } else {
        text
    };
    match merchant.read_app_result(order, ResultStatus::SUCCESS, &result) {
        Ok(read) => {
            assert_hidden(&format!("{read:?}"));
            if read.effect() == Effect::Done {
                let paid = read.answer.unwrap().result.unwrap();
                assert_eq!(paid.out_trade_no, *order.out_trade_no());
                assert_eq!(paid.total_amount, order.total_amount());
            }
        }
        Err(error) => assert_hidden(&format!("{error} {error:?}")),
    }
}
