use m26_pay::alipay::{Sign, SignData, SignMode};
use m26_pay::argument::{InvalidArgument, InvalidReason};
use m26_pay::at::command::{Command as _, Lines, Reply};
use m26_pay::at::line::Line;
use m26_pay::gateway::alipay::{
    AuthCode, Body, GatewayUrl, Goods, NotifyUrl, OutRequestNo, OutTradeNo, Pay, Refund,
    RefundReason, Sale, StoreId, Subject, TerminalParams, TimeoutExpress,
};

use support::logged::logged;

use super::{CODE, number};

fn byte(error: &InvalidArgument) -> (u8, usize) {
    match error.reason {
        InvalidReason::Byte { byte, position } => (byte, position),
        _ => panic!("{error}"),
    }
}

#[test]
fn a_subject_refuses_what_alipay_does() {
    for (text, at) in
        [("a/b", (b'/', 1)), ("午=", (b'=', 3)), ("&", (b'&', 0)), ("a\nb", (b'\n', 1))]
    {
        assert_eq!(byte(&Subject::new(text).unwrap_err()), at, "{text}");
    }
    let error = Subject::new("a/b").unwrap_err().to_string();
    assert_eq!(error, "subject holds byte 0x2f at position 1, which is not allowed there");
    assert!(Subject::new("\"午餐\" 100% +1 版—").is_ok());
    assert!(Subject::new("饭".repeat(256)).is_ok());
    assert_eq!(
        Subject::new("饭".repeat(257)).unwrap_err().to_string(),
        "subject has 257 characters, at most 256 are allowed (position 768)",
    );
    assert_eq!(Subject::new("").unwrap_err().to_string(), "subject is empty");
}

#[test]
fn a_reserved_word_has_a_place() {
    let text = "大樂透 這個辣條不錯 out_trade_no=123 total_fee=123.5";
    let error = Body::new(text).unwrap_err();
    let place = text.find("out_trade_no").unwrap();
    let reserved = InvalidReason::Reserved { word: "out_trade_no=", position: place };
    assert_eq!(error.reason, reserved);
    assert!(error.to_string().contains(&format!("`out_trade_no=` at position {place}")), "{error}");
    assert!(RefundReason::new("total_fee=1").is_err());
    assert!(Body::new("out_trade_no and total_fee").is_ok());
}

#[test]
fn numbers_of_orders() {
    for good in ["A10001_0", "DV-001", "7", &"x".repeat(64)] {
        assert!(OutTradeNo::new(good).is_ok(), "{good}");
    }
    assert_eq!(byte(&OutTradeNo::new("A 1").unwrap_err()), (b' ', 1));
    assert_eq!(byte(&OutTradeNo::new("A#").unwrap_err()), (b'#', 1));
    assert_eq!(byte(&OutTradeNo::new("单1").unwrap_err()), ("单".as_bytes()[0], 0));
    let error = OutTradeNo::new("x".repeat(65)).unwrap_err().to_string();
    assert!(error.starts_with("out_trade_no has 65 characters, at most 64"), "{error}");
    assert!(OutRequestNo::new("").is_err());
    assert_eq!(byte(&StoreId::new("南京").unwrap_err()).1, 0);
}

#[test]
fn an_odd_payment_code_warns_and_is_sent() {
    let face = format!("fp{}", "0".repeat(33));
    for known in [CODE, "28763443825664394", "3012345678901234", "251234567890123456789012", &face]
    {
        assert!(!AuthCode::new(known).unwrap().is_odd(), "{known}");
    }
    let long = "x".repeat(700);
    for odd in ["134612345678901234", "2846", "28461234567890123x", "fp1", "é8", &long] {
        match AuthCode::new(odd) {
            Ok(code) => assert!(code.is_odd(), "{odd}"),
            Err(error) => assert_eq!(byte(&error).1, 0),
        }
    }
    assert_eq!(byte(&AuthCode::new("2846 12345678901234").unwrap_err()), (b' ', 4));
    let error = AuthCode::new("2846\n").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("2846"), "{error:?}");
}

#[test]
fn the_warning_does_not_show_the_code() {
    let pay = |code: &str| {
        let code = AuthCode::new(code).unwrap();
        logged(|| Pay::bar_code(super::sale(), code)).1
    };
    assert_eq!(pay(CODE), "");
    let log = pay("134612345678901234");
    assert!(log.contains("WARN") && log.contains("length=18"), "{log}");
    assert!(!log.contains("1346"), "{log}");
}

#[test]
fn amounts_that_alipay_takes() {
    let sale =
        |yuan: &str| Sale::of(number("A1"), yuan.parse().unwrap(), Subject::new("s").unwrap());
    assert_eq!(
        sale("0").build().unwrap_err().to_string(),
        "total_amount must be at least 0.01 yuan",
    );
    assert!(sale("0.01").build().is_ok());
    assert!(sale("100000000").build().is_ok());
    let part = |yuan: &str| yuan.parse().unwrap();
    assert!(sale("10").discountable_amount(part("11")).build().is_err());
    let parts = sale("10").discountable_amount(part("4"));
    assert!(parts.clone().build().is_ok());
    assert!(parts.clone().undiscountable_amount(part("5")).build().is_err());
    assert!(parts.undiscountable_amount(part("6")).build().is_ok());
    let refund = Refund::of(number("A1"), OutRequestNo::new("R1").unwrap(), part("0"));
    assert_eq!(refund.build().unwrap_err().field, "refund_amount");
    assert!(Goods::new("g", "n", 0, part("1")).is_err());
    assert!(Goods::new("", "n", 1, part("1")).is_err());
}

#[test]
fn how_long_an_order_may_be_paid() {
    for good in ["1m", "21600m", "360h", "15d", "1c"] {
        assert_eq!(good.parse::<TimeoutExpress>().unwrap().to_string(), good);
    }
    for bad in ["", "m", "0m", "21601m", "361h", "16d", "2c", "1.5h", "+1m", "1 m", "1分", "1M"] {
        assert!(bad.parse::<TimeoutExpress>().is_err(), "{bad}");
    }
}

#[test]
fn addresses() {
    for good in [
        "https://openapi.alipay.com/gateway.do",
        "http://127.0.0.1:8080/gateway.do",
        "http://localhost/x",
        "http://[::1]:1/",
    ] {
        assert!(GatewayUrl::new(good).is_ok(), "{good}");
    }
    for bad in [
        "http://openapi.alipay.com/gateway.do",
        "http://127.0.0.1.evil.example/",
        "ftp://x",
        "https://",
        "https:///x",
        "https://x/?a=1",
        "https://x/#a",
        "openapi.alipay.com",
    ] {
        assert!(GatewayUrl::new(bad).is_err(), "{bad}");
    }
    assert!(NotifyUrl::new("https://shop.example/n?a=1&b=2").is_ok());
    assert!(NotifyUrl::new("https://shop.example/n m").is_err());
}

#[test]
fn what_the_module_signed_is_passed_on_unchanged() {
    let payload = r#"{"time":"1546890790", "b":1,"a":2}"#;
    let reply = Reply {
        lines: Lines::NONE,
        result: Some(Line::new(format!("+ALIPAYSIGN: 0,{},\"{payload}\"", payload.len()))),
        final_result: None,
    };
    let sign = Sign::new(SignMode::PayerCode, SignData::new(CODE).unwrap());
    let params = TerminalParams::from(sign.decode(&reply).unwrap());
    assert_eq!(params.expose(), payload);
    assert_eq!(TerminalParams::new(payload).unwrap(), params);
}
