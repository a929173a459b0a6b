use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    AgreementNo, AppAuthToken, AppId, AuthCode, Body, Call, Cancel, Close, Code, Content, Effect,
    FieldError, Fields, GatewayUrl, Goods, Merchant, NotifyUrl, OperatorId, OutRequestNo, Pay,
    Precreate, Query, QueryOption, Refund, RefundQuery, RefundReason, RequestError, Sale, SellerId,
    StoreId, Subject, TerminalId, TerminalParams, TradeNo,
};
use m26_pay::gateway::{Charset, SignError, Signer};
use m26_pay::unix_time::UnixMillis;
use percent_encoding::percent_decode_str;
use serde_json::json;
use support::keys::Pair;

use super::{AT, CODE, merchant, number, pairs, parameter, parameters, pay, query, sale};

/// A call whose parameters are somebody else's.
#[derive(Debug)]
struct Raw<const PRECREATE: bool> {
    biz_content: String,
    notify_url: Option<NotifyUrl>,
}

#[derive(Debug)]
struct Nothing;

impl Content for Nothing {
    fn effect(&self) -> Effect {
        Effect::Unknown
    }
}

impl<const PRECREATE: bool> Call for Raw<PRECREATE> {
    type Answer = Nothing;

    const METHOD: &'static str =
        if PRECREATE { "alipay.trade.precreate" } else { "alipay.trade.query" };

    fn biz_content(&self) -> String {
        self.biz_content.clone()
    }

    fn notify_url(&self) -> Option<&NotifyUrl> {
        self.notify_url.as_ref()
    }

    fn read(&self, _: Code, _: &Fields) -> Result<Nothing, FieldError> {
        Ok(Nothing)
    }
}

/// What the gateway does: merges query and body, drops `sign` and what is empty, sorts, verifies.
fn signed_text(all: &[(String, String)]) -> String {
    let mut pairs: Vec<_> =
        all.iter().filter(|(name, value)| name != "sign" && !value.is_empty()).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn verifies(all: &[(String, String)]) -> bool {
    let sign = &all.iter().find(|(name, _)| name == "sign").unwrap().1;
    Pair::app().verify(signed_text(all).as_bytes(), &BASE64.decode(sign.as_bytes()).unwrap())
}

#[test]
fn the_vectors_are_signed_as_they_say() {
    let query =
        Raw::<false> { biz_content: r#"{"out_trade_no":"DV-S1"}"#.to_owned(), notify_url: None };
    let request = merchant().request(&query, AT).unwrap();
    assert_eq!(
        signed_text(&parameters(&request)),
        r#"app_id=2026000000000001&biz_content={"out_trade_no":"DV-S1"}&charset=utf-8&format=json&method=alipay.trade.query&sign_type=RSA2&timestamp=2026-11-29 21:00:00&version=1.0"#,
    );
    assert!(verifies(&parameters(&request)));

    let precreate = Raw::<true> {
        biz_content: r#"{"out_trade_no":"DV-S2","total_amount":"0.01","subject":"测试"}"#
            .to_owned(),
        notify_url: Some(NotifyUrl::new("https://pay.example/n").unwrap()),
    };
    let request = merchant().request(&precreate, AT).unwrap();
    assert_eq!(
        signed_text(&parameters(&request)),
        r#"app_id=2026000000000001&biz_content={"out_trade_no":"DV-S2","total_amount":"0.01","subject":"测试"}&charset=utf-8&format=json&method=alipay.trade.precreate&notify_url=https://pay.example/n&sign_type=RSA2&timestamp=2026-11-29 21:00:00&version=1.0"#,
    );
    assert!(verifies(&parameters(&request)));
}

#[test]
fn only_the_business_is_in_the_body() {
    let token = AppAuthToken::new("201510BBaabdb44d8fd04607abf8d5931ec75D84").unwrap();
    let request = merchant().app_auth_token(token).request(&pay(), AT).unwrap();
    let names =
        |form: &str| -> Vec<String> { pairs(form).into_iter().map(|(name, _)| name).collect() };
    let (address, query) = request.url().split_once('?').unwrap();
    assert_eq!(address, "https://openapi.alipay.com/gateway.do");
    assert_eq!(
        names(query),
        ["app_id", "charset", "format", "method", "sign_type", "timestamp", "version", "sign"],
    );
    let body = std::str::from_utf8(request.body()).unwrap();
    assert_eq!(names(body), ["app_auth_token", "biz_content"]);
    assert_eq!(request.content_type(), "application/x-www-form-urlencoded;charset=utf-8");
    assert!(verifies(&parameters(&request)));
    assert!(!parameter(&request, "biz_content").unwrap().contains("201510BB"));
}

#[test]
fn a_repetition_differs_in_time_and_signature_only() {
    let later = UnixMillis(AT.0 + 61_000);
    let without = |at| {
        let mut all = parameters(&merchant().request(&pay(), at).unwrap());
        all.retain(|(name, _)| name != "sign" && name != "timestamp");
        all
    };
    assert_eq!(without(AT), without(later));
    // One client's second order carries what its first did.
    let merchant = merchant();
    let names = |number: &str| -> Vec<String> {
        let query = Query::new(super::number(number));
        let all = parameters(&merchant.request(&query, AT).unwrap());
        assert!(verifies(&all));
        all.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names("A1"), names("A2"));
}

#[test]
fn the_time_is_beijings() {
    for (at, text) in [
        // 16:00 in UTC is the next day in Beijing.
        (1_709_135_999, "2024-02-28 23:59:59"),
        (1_709_136_000, "2024-02-29 00:00:00"),
        (1_709_222_399, "2024-02-29 23:59:59"),
        (1_709_222_400, "2024-03-01 00:00:00"),
    ] {
        let at = UnixMillis((at + 2 * 366 * 86_400 + 2 * 365 * 86_400 - 86_400) * 1000);
        let year = text.replace("2024", "2028");
        let request = merchant().request(&query(), at).unwrap();
        assert_eq!(parameter(&request, "timestamp").unwrap(), year);
    }
    let hour = |hour: i64| UnixMillis(1_795_910_400_000 + hour * 3_600_000);
    for utc in 16..24 {
        let request = merchant().request(&query(), hour(utc)).unwrap();
        let beijing = format!("2026-11-30 {:02}:00:00", utc - 16);
        assert_eq!(parameter(&request, "timestamp").unwrap(), beijing);
    }
    for unset in [0, 86_400_000, 946_684_800_000, -1] {
        let error = merchant().request(&query(), UnixMillis(unset)).unwrap_err();
        assert_eq!(error, RequestError::Clock);
    }
    assert_eq!(merchant().request(&query(), UnixMillis::MAX).unwrap_err(), RequestError::Clock);
}

#[test]
fn values_are_signed_as_they_are_and_sent_encoded_once() {
    for text in ["a=+b", "a=%2Bb", "50%25", "100% c", "版—", "a\\\"b", "a+b c", "😀", "x=%3D&y=1"]
    {
        let body = Body::new(text).unwrap();
        let sale = Sale::of(number("A1"), "0.07".parse().unwrap(), Subject::new("s").unwrap());
        let pay = Pay::bar_code(sale.body(body).build().unwrap(), AuthCode::new(CODE).unwrap());
        let request = merchant().request(&pay, AT).unwrap();
        assert!(verifies(&parameters(&request)), "{text}");
        let content: serde_json::Value =
            serde_json::from_str(&parameter(&request, "biz_content").unwrap()).unwrap();
        assert_eq!(content["body"], text);
    }
}

#[test]
fn no_fen_is_cut() {
    for (fen, text) in [
        (1, "0.01"),
        (29, "0.29"),
        (30, "0.30"),
        (1010, "10.10"),
        (1_999, "19.99"),
        (10_000_000_000, "100000000.00"),
    ] {
        let amount = m26_pay::amount::Amount::from_fen(fen).unwrap();
        let sale = Sale::of(number("A1"), amount, Subject::new("s").unwrap()).build().unwrap();
        let content: serde_json::Value =
            serde_json::from_str(&Precreate::new(sale).biz_content()).unwrap();
        assert_eq!(content["total_amount"], text);
    }
}

#[test]
fn two_merchants_never_share_a_key() {
    let merchant = |pair: &'static Pair, app_id: &str| {
        let app_id = AppId::new(app_id).unwrap();
        let (own, alipay) = (pair.private_key(), Pair::alipay().public_key());
        Merchant::new(GatewayUrl::live(), app_id, own, alipay).unwrap()
    };
    let (one, two) = (merchant(Pair::app(), "1"), merchant(Pair::other(), "2"));
    std::thread::scope(|scope| {
        for (merchant, pair, app_id) in [(&one, Pair::app(), "1"), (&two, Pair::other(), "2")] {
            scope.spawn(move || {
                for _ in 0..50 {
                    let all = parameters(&merchant.request(&query(), AT).unwrap());
                    let value = |wanted: &str| {
                        all.iter().find(|(name, _)| name == wanted).unwrap().1.clone()
                    };
                    let sign = BASE64.decode(value("sign").as_bytes()).unwrap();
                    assert!(pair.verify(signed_text(&all).as_bytes(), &sign));
                    assert_eq!(value("app_id"), app_id);
                }
            });
        }
    });
}

#[test]
fn every_parameter_of_a_till() {
    let text = |content: &str| -> serde_json::Value { serde_json::from_str(content).unwrap() };
    let amount = |text: &str| text.parse().unwrap();
    let signed = TerminalParams::new(r#"{"terminalType":"IOT","apdidToken":"a=="}"#).unwrap();
    let sale = Sale::of(number("A10001_0"), amount("88.88"), Subject::new("午餐").unwrap())
        .body(Body::new("两菜一汤").unwrap())
        .store_id(StoreId::new("NJ_001").unwrap())
        .operator_id(OperatorId::new("yx_001").unwrap())
        .terminal_id(TerminalId::new("T1").unwrap())
        .seller_id(SellerId::new("2088000000000001").unwrap())
        .service_provider(SellerId::new("2088000000000002").unwrap())
        .discountable_amount(amount("80.00"))
        .undiscountable_amount(amount("8.88"))
        .goods(Goods::new("g1", "米饭", 2, amount("1.50")).unwrap())
        .query_option(QueryOption::new("fund_bill_list").unwrap())
        .expiry("90m".parse::<m26_pay::gateway::alipay::TimeoutExpress>().unwrap())
        .notify_url(NotifyUrl::new("https://shop.example/n?a=1").unwrap())
        .build()
        .unwrap();
    let pay = Pay::bar_code(sale.clone(), AuthCode::new(CODE).unwrap()).terminal_params(signed);
    assert_eq!(
        text(&pay.biz_content()),
        json!({
            "out_trade_no": "A10001_0", "total_amount": "88.88", "subject": "午餐",
            "body": "两菜一汤", "store_id": "NJ_001", "operator_id": "yx_001", "terminal_id": "T1",
            "seller_id": "2088000000000001",
            "extend_params": { "sys_service_provider_id": "2088000000000002" },
            "discountable_amount": "80.00", "undiscountable_amount": "8.88",
            "goods_detail": [
                { "goods_id": "g1", "goods_name": "米饭", "quantity": 2, "price": "1.50" },
            ],
            "query_options": ["fund_bill_list"], "timeout_express": "90m",
            "scene": "bar_code", "auth_code": CODE,
            // A text: who writes its keys anew breaks the module's signature.
            "terminal_params": r#"{"terminalType":"IOT","apdidToken":"a=="}"#,
        }),
    );
    let request = merchant().request(&pay, AT).unwrap();
    assert_eq!(parameter(&request, "notify_url").unwrap(), "https://shop.example/n?a=1");

    let face =
        Pay::security_code(super::sale(), AuthCode::new(format!("fp{}", "a".repeat(33))).unwrap());
    assert_eq!(text(&face.biz_content())["scene"], "security_code");

    let agreement = AgreementNo::new("20185909000458725113").unwrap();
    let water = text(&Pay::withholding(super::sale(), agreement).biz_content());
    assert_eq!(water["product_code"], "GENERAL_WITHHOLDING");
    assert_eq!(water["agreement_params"], json!({ "agreement_no": "20185909000458725113" }));
    assert!(water.get("scene").is_none() && water.get("auth_code").is_none());
    assert_eq!(water["timeout_express"], "2m", "nobody's order stays open");

    let trade_no = TradeNo::new("2026112922001400010001").unwrap();
    assert_eq!(
        Cancel::new(trade_no.clone()).biz_content(),
        r#"{"trade_no":"2026112922001400010001"}"#
    );
    assert_eq!(Close::new(number("A1")).biz_content(), r#"{"out_trade_no":"A1"}"#);
    let refund = Refund::of(number("A1"), OutRequestNo::new("R1").unwrap(), amount("0.29"))
        .reason(RefundReason::new("退货").unwrap())
        .build()
        .unwrap();
    assert_eq!(
        text(&refund.biz_content()),
        json!({ "out_trade_no": "A1", "refund_amount": "0.29", "out_request_no": "R1", "refund_reason": "退货" }),
    );
    let ask = RefundQuery::new(number("A1"), OutRequestNo::new("R1").unwrap());
    assert_eq!(text(&ask.biz_content()), json!({ "out_trade_no": "A1", "out_request_no": "R1" }));
}

#[test]
fn a_request_in_gbk_is_gbk_throughout() {
    let merchant = merchant().charset(Charset::Gbk);
    let request = merchant.request(&pay(), AT).unwrap();
    assert_eq!(request.content_type(), "application/x-www-form-urlencoded;charset=GBK");
    let (_, query) = request.url().split_once('?').unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    let mut all: Vec<(String, Vec<u8>)> = [query, body]
        .iter()
        .flat_map(|form| form.split('&'))
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), percent_decode_str(value).collect()))
        .collect();
    all.sort();
    let sign = all.iter().position(|(name, _)| name == "sign").map(|at| all.remove(at).1).unwrap();
    let text: Vec<Vec<u8>> =
        all.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    let text = text.join(&b'&');
    assert!(text.windows(4).any(|part| part == b"\xb2\xe2\xca\xd4"), "测试 in GBK");
    assert!(Pair::app().verify(&text, &BASE64.decode(&sign).unwrap()));

    let sale = Sale::of(number("A1"), "1".parse().unwrap(), Subject::new("a😀").unwrap());
    let error = merchant.request(&Precreate::new(sale.build().unwrap()), AT).unwrap_err();
    assert_eq!(error, RequestError::Charset('😀'));
}

#[test]
fn a_signer_that_fails_sends_nothing() {
    #[derive(Debug)]
    struct Hsm;
    impl Signer for Hsm {
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError { reason: "slot 1 is locked".to_owned() })
        }
    }
    let app_id = AppId::new("1").unwrap();
    let merchant =
        Merchant::new(GatewayUrl::live(), app_id, Hsm, Pair::alipay().public_key()).unwrap();
    let error = merchant.request(&query(), AT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request could not be signed, nothing was sent: slot 1 is locked",
    );
}

#[test]
fn nothing_of_a_payment_shows() {
    let sale = sale();
    let pay = Pay::bar_code(sale, AuthCode::new(CODE).unwrap())
        .terminal_params(TerminalParams::new("QIIAX8D").unwrap());
    let token = AppAuthToken::new("201510BB").unwrap();
    let merchant = merchant().app_auth_token(token);
    let request = merchant.request(&pay, AT).unwrap();
    let sign = parameter(&request, "sign").unwrap();
    let shown = format!("{pay:?} {merchant:?} {request:?}");
    for secret in [CODE, "QIIAX8D", "201510BB", &sign[..20]] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn trap_34_the_time_zone_of_the_host_is_never_asked_for() {
    let test = "calls::requests::the_time_is_beijings";
    for zone in ["UTC", "Asia/Shanghai", "America/New_York", "No/Where", ""] {
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env("TZ", zone)
            // No database of time zones.
            .env("TZDIR", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{zone}: {said}");
    }
}
