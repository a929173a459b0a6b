//! What a gateway answers, or whoever is in between.

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    Answer, AnswerError, AppId, Call, Cancel, Close, Code, Content, Effect, GatewayUrl, Merchant,
    OutRequestNo, OutTradeNo, Query, Refund, RefundQuery, TradeNo,
};
use m26_pay::gateway::{HttpResponse, SignError, Signer, Verifier};
use serde_json::Value;

use super::source::{Source, assert_hidden, unfold};

/// Nothing is believed that was not signed, what is believed says what the signed text says, and no
/// error shows what came.
///
/// The first byte chooses the call, the second the charset of the header, the third how much is made
/// right: all of the answer, or the envelope around a node. The rest is the body or the node.
pub fn gateway_answers(data: &[u8]) {
    let mut source = Source::new(data);
    let (call, charset, made) = (source.below(5), source.below(CHARSETS.len()), source.byte());
    let text = unfold(source.rest());
    let body = match made % 4 {
        0 => text.clone(),
        made => envelope(call, &text, made),
    };
    let response = HttpResponse::new(200, CHARSETS[charset].map(str::to_owned), body);
    let number = || OutTradeNo::new("A1").unwrap();
    let request_no = || OutRequestNo::new("R1").unwrap();
    match call {
        0 => check(&Query::new(number()), &response),
        1 => check(&Cancel::new(TradeNo::new("20261129").unwrap()), &response),
        2 => check(&Close::new(number()), &response),
        3 => {
            let refund = Refund::of(number(), request_no(), "1".parse().unwrap());
            check(&refund.build().unwrap(), &response);
        }
        _ => check(&RefundQuery::new(number(), request_no()), &response),
    }
}

/// An answer with this node, signed by the stand-in, or by nobody.
fn envelope(call: usize, node: &[u8], made: u8) -> Vec<u8> {
    let name = if made == 3 { "error_response" } else { NODES[call] };
    let sign = if made == 2 { String::new() } else { BASE64.encode(&seal(node)) };
    [format!("{{\"{name}\":").as_bytes(), node, format!(",\"sign\":\"{sign}\"}}").as_bytes()]
        .concat()
}

fn check<C: Call>(call: &C, response: &HttpResponse)
where
    C::Answer: std::fmt::Debug,
{
    let merchant = Merchant::new(GatewayUrl::live(), AppId::new("1").unwrap(), Seal, Seal).unwrap();
    match merchant.read(call, response) {
        Ok(answer) => believed::<C>(&answer, response),
        Err(error) => {
            assert_hidden(&format!("{error} {error:?}"));
            if let AnswerError::Unverified(refusal) = error {
                assert!(!C::SUCCESS.contains(&refusal.code));
            }
        }
    }
}

/// What is believed stands in the body, under the seal that is there too.
fn believed<C: Call>(answer: &Answer<C::Answer>, response: &HttpResponse)
where
    C::Answer: std::fmt::Debug,
{
    assert_hidden(&format!("{answer:?}"));
    assert_eq!(answer.result.is_ok(), C::SUCCESS.contains(&answer.code));
    if answer.code != Code::SUCCESS {
        assert_ne!(answer.effect(), Effect::Done);
    }
    if let Ok(content) = &answer.result {
        assert_eq!(content.effect(), answer.effect());
    }
    let body = response.body();
    // What is UTF-8 by chance may be something else in GBK.
    let body = match response.content_type() {
        Some(other) if !other.contains("utf-8") && !body.is_ascii() => return,
        _ => std::str::from_utf8(body).unwrap(),
    };
    // A number that no float holds is text to the crate, and nothing to the reference.
    let Ok(body) = serde_json::from_str::<Value>(body) else { return };
    let node = [C::METHOD.replace('.', "_") + "_response", "error_response".to_owned()];
    let node = node.iter().find_map(|name| body.get(name)).unwrap();
    for name in answer.fields.names() {
        let said = node.get(name).unwrap();
        if let (Some(text), Some(read)) = (said.as_str(), answer.fields.text(name)) {
            assert_eq!(text, read);
        }
    }
    assert_eq!(node.as_object().unwrap().len(), answer.fields.names().count());
}

/// A signature that takes no time: it depends on every byte, and on nothing else.
#[derive(Debug)]
pub(super) struct Seal;

impl Signer for Seal {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(seal(message).to_vec())
    }
}

impl Verifier for Seal {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        seal(message) == signature
    }
}

/// A checksum in the place of a signature.
pub(super) fn seal(message: &[u8]) -> [u8; 8] {
    let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    message.iter().fold(0xcbf2_9ce4_8422_2325, hash).to_be_bytes()
}

const NODES: [&str; 5] = [
    "alipay_trade_query_response",
    "alipay_trade_cancel_response",
    "alipay_trade_close_response",
    "alipay_trade_refund_response",
    "alipay_trade_fastpay_refund_query_response",
];

const CHARSETS: [Option<&str>; 5] = [
    None,
    Some("text/html;charset=utf-8"),
    Some("text/html;charset=GBK"),
    Some("application/json; charset=\"gb18030\""),
    Some("text/html;charset=Big5"),
];
