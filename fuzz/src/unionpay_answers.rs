//! What UnionPay answers, or whoever is in between.

use std::fmt::Debug;

use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::unionpay::{
    AnswerError, App, AppSecret, BaseUrl, Call, Code, ContractApply, ContractInfo, ContractStatus,
    GetAccessToken, GetBackendToken, NewMsgPush, OpenId, QualReduce, QualSelect, RedPacketGive,
    ReturnTax, SymmetricKey, UserAuth,
};
use serde_json::Value;

use super::source::{Source, assert_hidden, unfold};

/// A success is one only where every code says so, under a status that says so too; what is read
/// stands in the body; and nothing of the body shows.
///
/// The first byte chooses the call, the second the status, the third how much is made right: the
/// whole body, or an envelope around the parameters. The rest is the body or the parameters, in
/// which 0x1e encrypts what is between it and the next 0x1e.
pub fn unionpay_answers(data: &[u8]) {
    let mut source = Source::new(data);
    let (call, status, made) = (source.below(11), source.below(STATUSES.len()), source.byte());
    let text = encrypted(&unfold(source.rest()));
    let body = match made % 4 {
        0 => text,
        1 => [b"{\"resp\":\"00\",\"params\":", &text[..], b"}"].concat(),
        2 => [b"{\"result\":{\"resp\":\"00\",\"params\":", &text[..], b"}}"].concat(),
        _ => [b"{\"resp\":\"", &text[..], b"\",\"params\":{}}"].concat(),
    };
    let response = HttpResponse::new(STATUSES[status], None, body);
    let open_id = || "o".parse::<OpenId>().unwrap();
    match call {
        0 => check(&GetBackendToken, &response),
        1 => check(&GetAccessToken::new("c".parse().unwrap()), &response),
        2 => check(&UserAuth::new(open_id(), "a".parse().unwrap()), &response),
        3 => {
            let (plan, code) = ("p".parse().unwrap(), "1".parse().unwrap());
            check(&ContractApply::new(open_id(), "a".parse().unwrap(), plan, code), &response);
        }
        4 => check(&ContractStatus::new(open_id()), &response),
        5 => check(&ContractInfo::new(open_id(), "p".parse().unwrap()), &response),
        6 => {
            let (content, url) = ("m".parse().unwrap(), "https://a".parse().unwrap());
            check(&NewMsgPush::new(open_id(), content, url), &response);
        }
        7 => check(&ReturnTax::new("1".parse().unwrap()), &response),
        8 => {
            let account = "T00T00000000888527".parse().unwrap();
            let amount = "1".parse().unwrap();
            let give = RedPacketGive::new(account, "1".parse().unwrap(), open_id(), amount);
            check(&give.unwrap(), &response);
        }
        9 => check(&QualSelect::new("q".parse().unwrap(), open_id()), &response),
        _ => {
            let (draw, pool) = ("d".parse().unwrap(), "q".parse().unwrap());
            check(&QualReduce::new(draw, pool, open_id(), "1".parse().unwrap()), &response);
        }
    }
}

fn app() -> App {
    let secret = AppSecret::new("s").unwrap();
    App::new(BaseUrl::live(), "1".parse().unwrap(), secret).symmetric_key(key())
}

fn key() -> SymmetricKey {
    SymmetricKey::new("1122334455667788aabbccddeeff0011").unwrap()
}

/// The text with every second part encrypted.
fn encrypted(text: &[u8]) -> Vec<u8> {
    let parts = text.split(|byte| *byte == 0x1e).enumerate();
    let part = |(index, part): (usize, &[u8])| match std::str::from_utf8(part) {
        Ok(clear) if index % 2 == 1 => key().encrypt(clear).into_bytes(),
        _ => part.to_vec(),
    };
    parts.flat_map(part).collect()
}

fn check<C: Call>(call: &C, response: &HttpResponse)
where
    C::Answer: Debug,
{
    match app().read(call, response) {
        Ok(answer) => {
            assert_hidden(&format!("{answer:?}"));
            let body: Value = match serde_json::from_slice(response.body()) {
                Ok(body) => body,
                // A number that no float holds is text to the crate, and nothing to the reference.
                Err(_) => return,
            };
            match answer.result {
                Ok(_) => {
                    assert!((200..300).contains(&response.status()));
                    success::<C>(&body);
                }
                Err(refusal) => {
                    assert_ne!(refusal.code, Code::SUCCESS);
                    assert_hidden(&refusal.to_string());
                    assert!(refusal.message.is_none_or(|text| !text.expose().is_empty()));
                }
            }
        }
        Err(error) => {
            assert_hidden(&format!("{error} {error:?}"));
            if let AnswerError::NoAnswer { length, .. } = error {
                assert_eq!(length, response.body().len());
            }
        }
    }
}

/// No code of a success says anything else, or there is the member by which the call is known.
fn success<C: Call>(body: &Value) {
    let whole = match body.get("result") {
        Some(result) if member(body, "resp").is_none() => result,
        _ => body,
    };
    match member(whole, "resp") {
        Some(code) => assert_eq!(code, "00"),
        None => assert!(member(whole, C::BARE.unwrap()).is_some()),
    }
    let params = match members(whole, "params") {
        Some(params) if !params.is_null() => params,
        _ => whole,
    };
    if let Some(inner) = C::INNER_CODE.and_then(|name| member(params, name)) {
        assert_eq!(inner, "00");
    }
}

fn members<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(known, _)| known.trim() == name).map(|(_, value)| value)
}

/// A text or a number without blanks around it, if there is anything.
fn member(object: &Value, name: &str) -> Option<String> {
    let text = match members(object, name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

const STATUSES: [u16; 4] = [200, 204, 302, 500];
