//! Whatever comes, nothing panics, and what is said is what was said.

use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::unionpay::{
    AnswerError, Call, Code, GetBackendToken, MessageContent, NewMsgPush, OpenId,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Visitor, app, every, new_msg_push, open_id, red_packet_give, sent};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        "[{}\\[\\]\":,a-zA-Z_\\\\/0-9 ]{0,80}".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
    ]
}

/// JSON of a kind that an answer might have.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~张]{0,12}".prop_map(Value::from),
        Just(json!("00")),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z_ ]{1,8}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Reads one body as an answer to every call.
struct Reads<'a>(&'a HttpResponse);

impl Visitor for Reads<'_> {
    fn visit<C: Call + std::fmt::Debug>(&mut self, call: &C, _: &Value)
    where
        C::Answer: std::fmt::Debug,
    {
        match app().read(call, self.0) {
            Ok(answer) => drop(format!("{answer:?}")),
            Err(error) => drop(format!("{error} {error:?}")),
        }
    }
}

/// Reads a success of which one member is something else.
struct Changed<'a>(&'a Value);

impl Visitor for Changed<'_> {
    fn visit<C: Call + std::fmt::Debug>(&mut self, call: &C, params: &Value)
    where
        C::Answer: std::fmt::Debug,
    {
        for name in params.as_object().unwrap().keys() {
            let mut params = params.clone();
            params[name] = self.0.clone();
            let body = json!({"resp": "00", "params": params}).to_string();
            let response = HttpResponse::new(200, None, body.into());
            match app().read(call, &response) {
                Err(AnswerError::Field(error)) => assert!(!error.field.is_empty()),
                Err(error) => panic!("{}: {error}", C::NAME),
                Ok(answer) => drop(answer.result.map_err(|refusal| refusal.to_string())),
            }
        }
    }
}

proptest! {
    #[test]
    fn any_body_is_read(status in 100..600_u16, body in bytes()) {
        let response = HttpResponse::new(status, None, body);
        every(&mut Reads(&response));
    }

    #[test]
    fn any_member_of_a_success_is_read(value in value()) {
        every(&mut Changed(&value));
    }

    /// A code is a refusal unless it is `00`, blanks or not.
    #[test]
    fn a_code_is_what_was_said(code in "[ -~]{0,10}") {
        let body = json!({"resp": code, "params": {}}).to_string();
        let response = HttpResponse::new(200, None, body.into());
        let answer = app().read(&red_packet_give(), &response);
        match code.trim() {
            "" => prop_assert!(answer.is_err()),
            "00" => prop_assert!(answer.unwrap().result.is_ok()),
            code => prop_assert_eq!(answer.unwrap().result.unwrap_err().code, Code::new(code)),
        }
    }

    #[test]
    fn any_text_that_is_valid_comes_through(content in any::<String>(), open in any::<String>()) {
        let Ok(valid) = MessageContent::new(content.clone()) else { return Ok(()) };
        let open_id = OpenId::new(open).unwrap_or(open_id());
        let (_, body) = sent(&app(), &NewMsgPush::new(
            open_id.clone(), valid, "https://mobile.example".parse().unwrap(),
        ));
        prop_assert_eq!(body["content"].as_str(), Some(&*content));
        prop_assert_eq!(body["openId"].as_str(), Some(open_id.expose()));
    }

    #[test]
    fn a_success_under_another_status_is_none(status in 100..600_u16) {
        let params = json!({"backendToken": "a", "expiresIn": 1});
        let body = json!({"resp": "00", "params": params}).to_string();
        let response = HttpResponse::new(status, None, body.into());
        let read = app().read(&GetBackendToken, &response);
        prop_assert_eq!(read.is_ok(), (200..300).contains(&status));
        prop_assert!(app().read(&new_msg_push(), &response).is_err() || read.is_ok());
    }
}
