//! What must not show: keys, tokens, users, and whatever comes from the wire.

use std::fmt::Debug;

use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::unionpay::{Call, RedPacketSelect, TransNumber};
use serde_json::{Value, json};

use super::{AT, KEY, Visitor, account, app, backend_token, every, number, symmetric_key};

/// Parts of what is secret in `every`: arguments, members of answers, keys.
const SECRETS: &[&str] = &[
    "42q4vi0A",
    "APwY8",
    "KFTrLiC",
    "621840000000",
    "12321325347654",
    "张三",
    "1101",
    "13800000000",
    "推送",
    "1232144356436",
    "dev-secret",
    "11223344",
    "newBackend",
    "newFront",
    "newAccess",
    "newRefresh",
    "13900000000",
    "李四",
    "6200000000000000",
    "红包",
    "ip76w9",
];

struct Shown {
    text: String,
    calls: u32,
}

impl Shown {
    fn show(&mut self, value: &dyn Debug) {
        self.text += &format!("{value:?}\n{value:#?}\n");
    }
}

impl Visitor for Shown {
    fn visit<C: Call + Debug>(&mut self, call: &C, params: &Value)
    where
        C::Answer: Debug,
    {
        self.calls += 1;
        self.show(call);
        self.show(&call.params());
        let request = app().request(call, Some(&backend_token()), AT).unwrap();
        self.show(&request);
        let body = |resp: &str, params: &Value| {
            let body = json!({"resp": resp, "msg": "张三 13800000000", "params": params});
            HttpResponse::new(200, None, body.to_string().into())
        };
        let response = body("00", params);
        self.show(&response);
        self.show(&app().read(call, &response).unwrap());
        for code in ["N62131", "13800000000", "李四"] {
            let answer = app().read(call, &body(code, params)).unwrap();
            self.show(&answer);
            self.text += &answer.result.unwrap_err().to_string();
        }
        // Each member is something that nobody has asked for, and may repeat what was sent.
        for name in params.as_object().unwrap().keys() {
            for odd in [json!("张三 13800000000"), json!({"李四": "13900000000"})] {
                let mut params = params.clone();
                params[name] = odd;
                match app().read(call, &body("00", &params)) {
                    Ok(answer) => self.show(&answer),
                    Err(error) => {
                        self.show(&error);
                        self.text += &error.to_string();
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_of_a_user_and_no_key_shows() {
    let mut shown = Shown { text: String::new(), calls: 0 };
    every(&mut shown);
    shown.show(&app());
    shown.show(&symmetric_key());
    shown.show(&backend_token());
    assert_eq!(shown.calls, 18);
    assert!(shown.text.len() > 20_000, "too little was shown to prove anything");
    for secret in SECRETS.iter().chain(&[KEY]) {
        if let Some(at) = shown.text.find(secret) {
            panic!("{secret} shows: {}", shown.text.get(at.saturating_sub(200)..).unwrap_or(""));
        }
    }
}

/// What a merchant has to find in a log does show.
#[test]
fn numbers_of_the_merchant_show() {
    let call = RedPacketSelect::new(account(), number(), AT).unwrap();
    let shown = format!("{call:?}");
    assert!(shown.contains("20191029163610128532046164531"), "{shown}");
    assert!(shown.contains("T00T00000000888527"), "{shown}");
    assert_eq!(TransNumber::new("A1").unwrap().to_string(), "A1");
}
