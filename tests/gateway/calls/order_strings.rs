//! App pay: the string for the app.

use data_encoding::BASE64;
use m26_pay::argument::InvalidReason;
use m26_pay::gateway::Charset;
use m26_pay::gateway::alipay::{
    AppAuthToken, AppOrder, AppOrderBuilder, AuthToken, Body, NotifyUrl, OrderString, OwnField,
    ProductCode, RequestError, RequestTime, ReturnUrl, SellerId, Subject,
};
use m26_pay::unix_time::UnixMillis;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::keys::Pair;

use super::{merchant, number, pairs};

fn at() -> RequestTime {
    "2026-11-29 21:00:00".parse().unwrap()
}

fn order() -> AppOrderBuilder {
    AppOrder::in_app(number("DV-A1"), "9.00".parse().unwrap(), Subject::new("大乐透").unwrap())
}

fn string(order: AppOrderBuilder) -> OrderString {
    merchant().order_string(&order.build().unwrap(), &at()).unwrap()
}

/// What Alipay does: takes the pairs apart, decodes each value once, sorts all but `sign`.
fn taken_apart(string: &str) -> (String, Vec<u8>) {
    let mut pairs = pairs(string);
    let place = pairs.iter().position(|(name, _)| name == "sign").unwrap();
    let sign = BASE64.decode(pairs.remove(place).1.as_bytes()).unwrap();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (pairs.join("&"), sign)
}

fn biz_content(string: &OrderString) -> Value {
    let pairs = pairs(string.as_str());
    let content = &pairs.iter().find(|(name, _)| name == "biz_content").unwrap().1;
    serde_json::from_str(content).unwrap()
}

fn notify_url(url: &str) -> NotifyUrl {
    NotifyUrl::new(url).unwrap()
}

/// `alipay_order_string` of the vectors, its signature apart, which is made with a key of theirs.
#[test]
fn the_vector_is_signed_and_encoded_as_it_says() {
    let string = string(
        order()
            .timeout_express("90m".parse().unwrap())
            .notify_url(notify_url("https://pay.example/notify?a=1&b=2")),
    );
    let (text, sign) = taken_apart(string.as_str());
    assert_eq!(
        text,
        r#"app_id=2026000000000001&biz_content={"out_trade_no":"DV-A1","total_amount":"9.00","subject":"大乐透","timeout_express":"90m","product_code":"QUICK_MSECURITY_PAY"}&charset=utf-8&format=json&method=alipay.trade.app.pay&notify_url=https://pay.example/notify?a=1&b=2&sign_type=RSA2&timestamp=2026-11-29 21:00:00&version=1.0"#,
    );
    assert!(Pair::app().verify(text.as_bytes(), &sign));
    let start = "app_id=2026000000000001&biz_content=%7B%22out_trade_no%22%3A%22DV-A1%22%2C%22total_amount%22%3A%229.00%22%2C%22subject%22%3A%22%E5%A4%A7%E4%B9%90%E9%80%8F%22%2C%22timeout_express%22%3A%2290m%22%2C%22product_code%22%3A%22QUICK_MSECURITY_PAY%22%7D&charset=utf-8&format=json&method=alipay.trade.app.pay&notify_url=https%3A%2F%2Fpay.example%2Fnotify%3Fa%3D1%26b%3D2&sign_type=RSA2&timestamp=2026-11-29%2021%3A00%3A00&version=1.0&sign=";
    assert!(string.as_str().starts_with(start), "{}", string.as_str());
}

/// Spec App支付, 請求示例, all of it but the signature: the spec's `×tamp` and `¬ify_url` repaired.
#[test]
fn the_example_of_the_spec() {
    let number = number("IQJZSRC1YMQB5HU");
    let order = AppOrder::in_app(number, "0.01".parse().unwrap(), Subject::new("1").unwrap())
        .body(Body::new("我是测试数据").unwrap())
        .timeout_express("30m".parse().unwrap())
        .notify_url(notify_url("http://domain.merchant.com/payment_notify"));
    let at = "2016-08-25 20:26:31".parse().unwrap();
    let string = merchant().order_string(&order.build().unwrap(), &at).unwrap();
    let mut names = pairs(string.as_str());
    names.retain(|(name, _)| name != "biz_content" && name != "sign");
    let expected = [
        ("app_id", "2026000000000001"),
        ("charset", "utf-8"),
        ("format", "json"),
        ("method", "alipay.trade.app.pay"),
        ("notify_url", "http://domain.merchant.com/payment_notify"),
        ("sign_type", "RSA2"),
        ("timestamp", "2016-08-25 20:26:31"),
        ("version", "1.0"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(names, expected);
    assert_eq!(
        biz_content(&string),
        json!({
            "timeout_express": "30m", "product_code": "QUICK_MSECURITY_PAY",
            "total_amount": "0.01", "subject": "1", "body": "我是测试数据",
            "out_trade_no": "IQJZSRC1YMQB5HU",
        }),
    );
    assert!(!string.as_str().contains(['×', '¬']));
}

#[test]
fn every_parameter_of_a_web_page() {
    let token = AppAuthToken::new("201510BBaabdb44d8fd04607abf8d5931ec75D84").unwrap();
    let subject = Subject::new("大乐透").unwrap();
    let order = AppOrder::on_web_page(number("A1"), "10".parse().unwrap(), subject)
        .seller_id(SellerId::new("2088102147948060").unwrap())
        .product_code(ProductCode::new("QUICK_WAP_WAY").unwrap())
        .auth_token(AuthToken::new("appopenBb64d181d0146481ab6a762c00714cC27").unwrap())
        .own_field(OwnField::new("tips", "测试一笔支付").unwrap())
        .return_url(ReturnUrl::new("https://shop.example/back").unwrap());
    let merchant = merchant().app_auth_token(token);
    let string = merchant.order_string(&order.build().unwrap(), &at()).unwrap();
    let (text, sign) = taken_apart(string.as_str());
    assert!(Pair::app().verify(text.as_bytes(), &sign));
    for part in [
        "app_auth_token=201510BBaabdb44d8fd04607abf8d5931ec75D84&app_id=2026000000000001&",
        "&method=alipay.trade.wap.pay&return_url=https://shop.example/back&sign_type=RSA2&",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        biz_content(&string),
        json!({
            "out_trade_no": "A1", "total_amount": "10.00", "subject": "大乐透",
            "seller_id": "2088102147948060", "product_code": "QUICK_WAP_WAY",
            "auth_token": "appopenBb64d181d0146481ab6a762c00714cC27", "tips": "测试一笔支付",
        }),
    );
}

#[test]
fn a_reserved_word_is_refused_where_it_stands() {
    let text = "大樂透 這個辣條不錯 out_trade_no=123 total_fee=123.5";
    let reserved = |text: &str| InvalidReason::Reserved {
        word: "out_trade_no=",
        position: text.find("out_trade_no").unwrap(),
    };
    assert_eq!(Subject::new(text).unwrap_err().reason, reserved(text));
    assert_eq!(Body::new(text).unwrap_err().reason, reserved(text));
    assert_eq!(OwnField::new("tips", text).unwrap_err().reason, reserved(text));
    let url = "https://shop.example/n?out_trade_no=1";
    for (field, order) in [
        ("notify_url", order().notify_url(notify_url(url))),
        ("return_url", order().return_url(ReturnUrl::new(url).unwrap())),
    ] {
        let error = order.build().unwrap_err();
        assert_eq!((error.field, error.reason), (field, reserved(url)));
    }
    // The name of one of Alipay's would be read as Alipay's.
    for name in ["total_amount", "subject", "sign", "biz_content"] {
        let error = OwnField::new(name, "1").unwrap_err();
        assert!(matches!(error.reason, InvalidReason::Reserved { position: 0, .. }), "{error}");
    }
}

#[test]
fn the_limits_of_the_spec() {
    let build = |order: AppOrderBuilder| order.build().map(drop).map_err(|error| error.to_string());
    let seller = |digits: &str| order().seller_id(SellerId::new(digits).unwrap());
    assert_eq!(build(seller("2088102147948060")), Ok(()));
    assert_eq!(
        build(seller("20881021479480601")).unwrap_err(),
        "seller_id has 17 characters, at most 16 are allowed (position 16)",
    );
    // The greatest number of characters and the range contradict each other: the range is taken.
    for (amount, fits) in [("0", false), ("0.01", true), ("100000000.00", true)] {
        let subject = Subject::new("s").unwrap();
        let order = AppOrder::in_app(number("A1"), amount.parse().unwrap(), subject);
        assert_eq!(build(order).is_ok(), fits, "{amount}");
    }
    let token = AuthToken::new("appopenBb64d181d0146481ab6a762c00714cC27").unwrap();
    assert!(
        build(order().auth_token(token)).unwrap_err().starts_with("auth_token is for an order")
    );
    let twice = order().own_field(OwnField::new("tips", "1").unwrap());
    let twice = twice.own_field(OwnField::new("tips", "2").unwrap());
    assert!(build(twice).unwrap_err().starts_with("own parameter must not"));
    assert!(ProductCode::new("x".repeat(65)).is_err());
    assert!(ProductCode::new("QUICK PAY").is_err());
    assert!(ReturnUrl::new("shop.example").is_err());
    assert!(OwnField::new("a b", "1").is_err());
    assert!(OwnField::new("tips", "").is_err());
}

#[test]
fn a_time_is_written_in_full_or_refused() {
    let parse = |text: &str| text.parse::<RequestTime>();
    assert_eq!(parse("2016-08-25 20:26:31").unwrap().to_string(), "2016-08-25 20:26:31");
    for wrong in
        ["", "2026-11-29", "2026-11-29T21:00:00", "2026-1-9 21:00:00", "2026-02-30 00:00:00"]
    {
        let error = parse(wrong).unwrap_err().to_string();
        assert_eq!(error, "timestamp must be a time as YYYY-MM-DD hh:mm:ss", "{wrong}");
    }
    assert_eq!(RequestTime::of_clock(UnixMillis(0)), Err(RequestError::Clock));
}

#[test]
fn in_gbk_the_values_are_gbk_and_verify() {
    let merchant = merchant().charset(Charset::Gbk);
    let string = merchant.order_string(&order().build().unwrap(), &at()).unwrap();
    // 大乐透
    assert!(string.as_str().contains("%22%B4%F3%C0%D6%CD%B8%22"), "{}", string.as_str());
    let mut raw: Vec<(&str, Vec<u8>)> = string
        .as_str()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name, percent_decode_str(value).collect()))
        .collect();
    let (_, sign) = raw.pop().unwrap();
    let pairs: Vec<_> =
        raw.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    assert!(Pair::app().verify(&pairs.join(&b'&'), &BASE64.decode(&sign).unwrap()));

    let subject = Subject::new("😀").unwrap();
    let order = AppOrder::in_app(number("A1"), "1".parse().unwrap(), subject).build().unwrap();
    assert_eq!(merchant.order_string(&order, &at()), Err(RequestError::Charset('😀')));
}

#[test]
fn it_does_not_show_itself() {
    let string = string(order());
    let length = string.as_str().len();
    assert_eq!(format!("{string:?}"), format!("OrderString([redacted], {length} bytes)"));
    assert_eq!(serde_json::to_value(&string).unwrap(), json!(string.as_str()));
    let token = AuthToken::new("secret").unwrap();
    let own = OwnField::new("tips", "secret").unwrap();
    assert!(!format!("{token:?}{own:?}").contains("secret"));
}

proptest! {
    /// Whatever text is taken: it is signed as it is, encoded once, and no value ends early.
    #[test]
    fn any_text_comes_through(body in any::<String>(), own in any::<String>(), subject in any::<String>()) {
        let subject = Subject::new(subject).unwrap_or_else(|_| Subject::new("s").unwrap());
        let mut order = AppOrder::in_app(number("A1"), "1".parse().unwrap(), subject.clone());
        let body = Body::new(body).ok();
        let own = OwnField::new("own", &own).ok();
        if let Some(body) = &body {
            order = order.body(body.clone());
        }
        if let Some(own) = &own {
            order = order.own_field(own.clone());
        }
        let string = string(order);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte);
        prop_assert!(string.as_str().bytes().all(plain));
        let (text, sign) = taken_apart(string.as_str());
        prop_assert!(Pair::app().verify(text.as_bytes(), &sign));
        let content = biz_content(&string);
        prop_assert_eq!(content["subject"].as_str(), Some(subject.as_str()));
        prop_assert_eq!(content["body"].as_str(), body.as_ref().map(Body::as_str));
        prop_assert_eq!(content["own"].as_str(), own.as_ref().map(OwnField::value));
    }

    #[test]
    fn any_text_is_a_time_or_none(text in ".{0,24}|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}") {
        if let Ok(time) = text.parse::<RequestTime>() {
            prop_assert_eq!(time.to_string(), text);
        }
    }
}
