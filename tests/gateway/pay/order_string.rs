//! `pay order-string`.

use std::fs;

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde_json::json;
use support::keys::Pair;

use super::{bare, ends, fails};
use crate::started::{Keys, text};

const AT: [&str; 2] = ["--at", "2026-11-29 21:00:00"];

fn arguments<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = ["--json", "--app-id", "2026000000000001", "--key", key];
    let order = ["order-string", "--out-trade-no", "DV-A1", "--amount", "9", "--subject", "大乐透"];
    [&own[..], &order, more].concat()
}

/// The pairs, decoded, without the signature, and whether that is the application's.
fn taken_apart(string: &str) -> (Vec<String>, bool) {
    let mut pairs: Vec<String> = string
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| format!("{name}={}", percent_decode_str(value).decode_utf8().unwrap()))
        .collect();
    pairs.sort();
    let place = pairs.iter().position(|pair| pair.starts_with("sign=")).unwrap();
    let sign = BASE64.decode(&pairs.remove(place).as_bytes()["sign=".len()..]).unwrap();
    let verified = Pair::app().verify(pairs.join("&").as_bytes(), &sign);
    (pairs, verified)
}

#[test]
fn it_is_made_without_a_gateway_and_without_alipays_key() {
    let keys = Keys::new();
    let key = keys.path("app.key");
    let more = [
        "--body",
        "a+b 100%",
        "--seller-id",
        "2088102147948060",
        "--timeout-express",
        "90m",
        "--notify-url",
        "https://pay.example/notify?a=1&b=2",
        "--sign-type",
        "RSA2",
    ];
    let ended = bare(&arguments(text(&key), &[&AT[..], &more].concat()));
    let string = ended.object()["result"]["order_string"].as_str().unwrap().to_owned();
    ends(&ended, 0, "order-string", &json!({ "order_string": string }));
    let (pairs, verified) = taken_apart(&string);
    assert!(verified, "{string}");
    assert_eq!(
        pairs,
        [
            "app_id=2026000000000001",
            r#"biz_content={"out_trade_no":"DV-A1","total_amount":"9.00","subject":"大乐透","body":"a+b 100%","seller_id":"2088102147948060","timeout_express":"90m","product_code":"QUICK_MSECURITY_PAY"}"#,
            "charset=utf-8",
            "format=json",
            "method=alipay.trade.app.pay",
            "notify_url=https://pay.example/notify?a=1&b=2",
            "sign_type=RSA2",
            "timestamp=2026-11-29 21:00:00",
            "version=1.0",
        ],
    );

    // As text it is the string and nothing else; without a time it is of now.
    let told = bare(&arguments(text(&key), &[])[1..]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    assert!(taken_apart(told.stdout.trim_end()).1, "{told:?}");
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let keys = Keys::new();
    let key = keys.path("app.key");
    for (more, words) in [
        (&["--body", "a sign=1"][..], "body holds `sign=` at position 2"),
        (&["--notify-url", "https://s.example/?sign=1"], "notify_url holds `sign=` at position 19"),
        (&["--seller-id", "20881021479480601"], "seller_id has 17 characters, at most 16"),
        (&["--timeout-express", "1.5h"], "1m to 15d"),
        (&["--at", "2026-11-29"], "YYYY-MM-DD hh:mm:ss"),
        (&["--sign-type", "MD5"], "--sign-type"),
    ] {
        let ended = bare(&arguments(text(&key), more));
        let message = fails(&ended, 2, "usage", "not-sent");
        assert!(message.contains(words), "{message}");
    }
    let own = [("--app-id", ["--key", "k"]), ("--key", ["--app-id", "1"])];
    for (left_out, rest) in own {
        let order = ["order-string", "--out-trade-no", "A1", "--amount", "9", "--subject", "s"];
        let ended = bare(&[&["--json"], &rest[..], &order].concat());
        let message = fails(&ended, 2, "usage", "not-sent");
        assert!(message.starts_with(&format!("{left_out} is missing")), "{message}");
    }
    let alipay = keys.path("app.pub");
    let own_key = ["--alipay-key", text(&alipay)];
    let message = fails(&bare(&arguments(text(&key), &own_key)), 2, "usage", "not-sent");
    assert!(message.contains("the application's own public key"), "{message}");
}

#[cfg(not(feature = "legacy-rsa"))]
#[test]
fn rsa_is_not_in_every_program() {
    let keys = Keys::new();
    let key = keys.path("app.key");
    let ended = bare(&arguments(text(&key), &["--sign-type", "RSA"]));
    let message = fails(&ended, 2, "usage", "not-sent");
    assert!(message.contains("`legacy-rsa`"), "{message}");
    fs::write(keys.path("small"), Pair::new(1024).private_pkcs8()).unwrap();
    let ended = bare(&arguments(text(&keys.path("small")), &[]));
    let message = fails(&ended, 2, "usage", "not-sent");
    assert!(message.contains("has 1024 bits, from 2048"), "{message}");
}

#[cfg(feature = "legacy-rsa")]
#[test]
fn rsa_signs_with_sha_1() {
    let keys = Keys::new();
    let small = Pair::new(1024);
    fs::write(keys.path("small"), small.private_pkcs8()).unwrap();
    let key = keys.path("small");
    let ended = bare(&arguments(text(&key), &["--sign-type", "RSA"]));
    let string = ended.object()["result"]["order_string"].as_str().unwrap().to_owned();
    let (text, sign) = string.split_once("&sign=").unwrap();
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let sign = BASE64.decode(decode(sign).as_bytes()).unwrap();
    assert!(small.verify_sha1(decode(text).as_bytes(), &sign), "{string}");
}
