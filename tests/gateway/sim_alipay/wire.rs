//! The gateway's bytes: parameters, signatures and JSON, on virtual time.

use std::time::Instant;

use data_encoding::BASE64;
use encoding_rs::GBK;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Gateway, Method};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, RawResponse, Service as _};
use m26_pay::sim::gateway::{Fen, KeyFileError, Signing, SigningKey, VerifyingKey, stand_in};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::keys::Pair;

use super::{NUMBER, epoch, secs};

pub(super) const FORM: &str = "application/x-www-form-urlencoded;charset=utf-8";

/// A call as a client would put it together.
#[derive(Clone)]
pub(super) struct Client {
    /// All but `sign`.
    params: Vec<(String, Vec<u8>)>,
    sign: Option<String>,
}

impl Client {
    pub(super) fn new(method: &str, biz_content: &Value) -> Self {
        let params = [
            ("method", method),
            ("version", "1.0"),
            ("app_id", "2026000000000001"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-11-29 21:00:00"),
            ("format", "json"),
            ("charset", "utf-8"),
            ("biz_content", &biz_content.to_string()),
        ];
        let owned = params.map(|(name, value)| (name.into(), value.into()));
        Self { params: owned.to_vec(), sign: None }
    }

    pub(super) fn pay() -> Self {
        Self::new("alipay.trade.pay", &order())
    }

    fn set(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.params.retain(|(other, _)| other != name);
        self.params.push((name.into(), value.as_ref().to_vec()));
        self
    }

    fn signed(mut self, sign: impl Fn(&[u8]) -> String) -> Self {
        let mut sorted: Vec<_> = self.params.iter().filter(|(_, v)| !v.is_empty()).collect();
        sorted.sort();
        let pairs = sorted.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat());
        self.sign = Some(sign(&pairs.collect::<Vec<_>>().join(&b'&')));
        self
    }

    pub(super) fn by_app(self) -> Self {
        self.signed(by_app)
    }

    pub(super) fn stand_in(self) -> Self {
        self.signed(stand_in)
    }

    pub(super) fn pairs(&self) -> Vec<String> {
        let sign = self.sign.iter().map(|sign| ("sign".to_owned(), sign.clone().into_bytes()));
        let all = self.params.iter().cloned().chain(sign);
        all.map(|(name, value)| format!("{name}={}", percent_encode(&value, NON_ALPHANUMERIC)))
            .collect()
    }
}

fn order() -> Value {
    json!({
        "out_trade_no": NUMBER, "scene": "bar_code", "auth_code": "284612345678901234",
        "subject": "测试 a+b%", "total_amount": "10.25", "store_id": null, "body": "",
        "terminal_params": "{\"terminalType\":\"IOT\",\"signature\":\"x/y+z==\"}",
    })
}

pub(super) fn gateway() -> Gateway {
    Gateway::new(AlipaySettings::default(), Signing::StandIn, 0)
}

pub(super) fn with(customer: Customer) -> Gateway {
    Gateway::new(AlipaySettings { customer, ..AlipaySettings::default() }, Signing::StandIn, 0)
}

fn real() -> Gateway {
    let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
    let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
    Gateway::new(AlipaySettings::default(), Signing::Rsa2 { gateway: Box::new(alipay), app }, 0)
}

/// The app's signature.
fn by_app(text: &[u8]) -> String {
    BASE64.encode(&Pair::app().sign(text))
}

/// What comes of a GET.
fn get(gateway: &mut Gateway, now: Instant, client: &Client) -> Polled {
    let query = client.pairs().join("&");
    let request = RawRequest {
        post: false,
        path: "/gateway.do",
        query: query.as_bytes(),
        content_type: None,
        body: b"",
    };
    let visit = gateway.receive(now, &request);
    gateway.poll(now, visit)
}

fn whole(progress: Polled) -> RawResponse {
    match progress {
        Polled::Done(Outgoing::Whole(response)) => response,
        other => panic!("no whole answer: {other:?}"),
    }
}

/// The node of an answer, and its signature.
fn node(response: &RawResponse) -> (Value, Option<String>) {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let object = body.as_object().unwrap();
    let node = object.iter().find(|(name, _)| name.ends_with("_response")).unwrap().1;
    (node.clone(), object.get("sign").and_then(Value::as_str).map(Into::into))
}

fn told(gateway: &mut Gateway, now: Instant, client: &Client) -> Value {
    node(&whole(get(gateway, now, client))).0
}

fn sub_code(gateway: &mut Gateway, client: &Client) -> String {
    let node = told(gateway, epoch(), client);
    let member = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", member("code"), member("sub_code")).trim_end().to_owned()
}

#[test]
fn a_payment_with_real_signatures_by_two_libraries() {
    let mut gateway = real();
    let response = whole(get(&mut gateway, epoch(), &Client::pay().by_app()));
    assert_eq!((response.status, response.content_type), (200, "text/html;charset=utf-8"));
    let text = String::from_utf8(response.body.clone()).unwrap();
    let (before, sign) = text.split_once(",\"sign\":\"").unwrap();
    let signed = before.strip_prefix("{\"alipay_trade_pay_response\":").unwrap();
    let sign = BASE64.decode(sign.trim_end_matches("\"}").as_bytes()).unwrap();
    assert!(Pair::alipay().verify(signed.as_bytes(), &sign));
    let (node, _) = node(&response);
    assert_eq!((&node["code"], &node["total_amount"]), (&json!("10000"), &json!("10.25")));
    assert_eq!(node["gmt_payment"], json!("2026-11-29 21:00:00"));
    assert_eq!(gateway.alipay_mut().truth(epoch(), NUMBER).kept, Fen(1025));
}

#[test]
fn another_key_or_a_changed_value_is_refused_unsigned() {
    let mut gateway = real();
    let other = Client::pay().signed(|text| BASE64.encode(&Pair::alipay().sign(text)));
    let changed = Client::pay().by_app().set("charset", "UTF-8");
    for client in [other, changed] {
        let response = whole(get(&mut gateway, epoch(), &client));
        let (node, sign) = node(&response);
        assert_eq!((&node["sub_code"], sign), (&json!("isv.invalid-signature"), None));
        let reason = node["sub_msg"].as_str().unwrap();
        assert!(reason.contains("app_id, biz_content, charset"), "{reason}");
        assert!(!reason.contains("2846"), "{reason}");
    }
    assert_eq!(gateway.line().calls(Method::Pay), 0);
}

proptest! {
    #[test]
    fn parameters_stand_in_any_order_and_place(
        order in Just((0..9).collect::<Vec<usize>>()).prop_shuffle(),
        in_body: [bool; 9],
    ) {
        let pairs = Client::pay().stand_in().pairs();
        prop_assert_eq!(pairs.len(), 9);
        let place = |body: bool| {
            let here = order.iter().filter(|index| in_body[**index] == body);
            here.map(|index| pairs[*index].as_str()).collect::<Vec<_>>().join("&")
        };
        let (query, body) = (place(false), place(true));
        let (query, body) = (query.as_bytes(), body.as_bytes());
        let request = RawRequest { post: true, path: "/gateway.do", query, content_type: Some(FORM), body };
        let mut gateway = gateway();
        let visit = gateway.receive(epoch(), &request);
        let response = whole(gateway.poll(epoch(), visit));
        prop_assert_eq!(&node(&response).0["code"], &json!("10000"));
    }

    #[test]
    fn no_bytes_are_too_strange(query: Vec<u8>, body: Vec<u8>, post: bool) {
        let mut gateway = gateway();
        let request = RawRequest { post, path: "/gateway.do", query: &query, content_type: Some(FORM), body: &body };
        let visit = gateway.receive(epoch(), &request);
        let response = whole(gateway.poll(epoch(), visit));
        prop_assert!(serde_json::from_slice::<Value>(&response.body).is_ok());
    }

    #[test]
    fn no_biz_content_is_too_strange(text: String) {
        let client = Client::pay().set("biz_content", text).stand_in();
        let mut gateway = gateway();
        let node = told(&mut gateway, epoch(), &client);
        prop_assert!(node["code"].as_str().unwrap().starts_with('4'));
        prop_assert_eq!(gateway.line().calls(Method::Pay), 0);
    }
}

#[test]
fn what_every_call_needs_is_asked_for_by_name() {
    for (name, sub_code_of) in [
        ("app_id", "isv.missing-app-id"),
        ("method", "isv.missing-method"),
        ("charset", "isv.missing-charset"),
        ("sign_type", "isv.missing-signature-type"),
        ("timestamp", "isv.missing-timestamp"),
        ("version", "isv.missing-version"),
    ] {
        let client = Client::pay().set(name, "").stand_in();
        assert_eq!(sub_code(&mut gateway(), &client), format!("40001 {sub_code_of}"));
    }
    assert_eq!(sub_code(&mut gateway(), &Client::pay()), "40001 isv.missing-signature");
    for (name, value, sub_code_of) in [
        ("charset", "latin1", "isv.invalid-charset"),
        ("method", "alipay.trade.sell", "isv.invalid-method"),
        ("sign_type", "RSA", "isv.invalid-signature-type"),
        ("format", "xml", "isv.invalid-format"),
        ("version", "2.0", "isv.invalid-version"),
        ("timestamp", "2026-11-31 21:00:00", "isv.invalid-timestamp"),
        ("timestamp", "1764421200", "isv.invalid-timestamp"),
    ] {
        let client = Client::pay().set(name, value).stand_in();
        assert_eq!(sub_code(&mut gateway(), &client), format!("40002 {sub_code_of}"));
    }
    let unknown = whole(get(&mut gateway(), epoch(), &Client::pay().set("method", "x").stand_in()));
    assert!(unknown.body.starts_with(b"{\"error_response\":"));
}

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    let query = Client::pay().stand_in().pairs().join("&");
    let request = RawRequest {
        post: true,
        path: "/gateway.do",
        query: query.as_bytes(),
        content_type: Some(FORM),
        body: b"version=1.0",
    };
    let mut gateway = gateway();
    let visit = gateway.receive(epoch(), &request);
    let (node, _) = node(&whole(gateway.poll(epoch(), visit)));
    assert_eq!(node["sub_msg"], json!("the parameter 'version' came twice"));
}

#[test]
fn what_a_pay_must_and_may_not_say() {
    let changed = |name: &str, value: Value| {
        let mut order = order();
        order[name] = value;
        Client::pay().set("biz_content", order.to_string()).stand_in()
    };
    let invalid = "40004 ACQ.INVALID_PARAMETER";
    for (name, value) in [
        ("out_trade_no", json!("")),
        ("out_trade_no", json!("a b")),
        ("out_trade_no", json!("x".repeat(65))),
        ("total_amount", json!(null)),
        ("total_amount", json!("0.00")),
        ("total_amount", json!(0.1 + 0.2)),
        ("total_amount", json!("100000000.01")),
        ("subject", json!("a=b")),
        ("subject", json!("x".repeat(257))),
        ("auth_code", json!("")),
        ("scene", json!("bar_code ")),
        ("timeout_express", json!("16d")),
        ("timeout_express", json!("1.5h")),
        ("time_expire", json!("2026-11-29 21:00:00")),
        ("terminal_params", json!({"terminal_type": "IOT"})),
        ("store_id", json!(7)),
    ] {
        let client = changed(name, value.clone());
        assert_eq!(sub_code(&mut gateway(), &client), invalid, "{name} {value}");
    }
    for (name, value) in [
        ("out_trade_no", json!("A-1_b")),
        ("total_amount", json!(10.25)),
        ("total_amount", json!("100000000.00")),
        ("scene", json!("security_code")),
        ("auth_code", json!("fp0123456789abcdef0123456789abcdef0")),
        ("timeout_express", json!("15d")),
        ("time_expire", json!("2026-11-29 21:00:01")),
    ] {
        let client = changed(name, value.clone());
        assert_eq!(sub_code(&mut gateway(), &client), "10000", "{name} {value}");
    }
    // The business has refused it, and says so with its signature.
    let response = whole(get(&mut gateway(), epoch(), &changed("subject", json!(""))));
    assert!(node(&response).1.is_some());
}

#[test]
fn an_order_ends_when_its_time_is_over() {
    for (name, value, seconds) in [
        ("timeout_express", "2m", 120),
        ("time_expire", "2026-11-29 21:05:00", 300),
        ("timeout_express", "1c", 3 * 3600),
    ] {
        let mut order = order();
        order[name] = json!(value);
        let pay = Client::pay().set("biz_content", order.to_string()).stand_in();
        let query = Client::new("alipay.trade.query", &json!({"out_trade_no": NUMBER})).stand_in();
        let (mut gateway, now) = (with(Customer::Leaves), epoch());
        assert_eq!(told(&mut gateway, now, &pay)["code"], json!("10003"));
        let status = |gateway: &mut Gateway, passed| {
            told(gateway, now + secs(passed), &query)["trade_status"].clone()
        };
        assert_eq!(status(&mut gateway, seconds - 1), json!("WAIT_BUYER_PAY"), "{value}");
        assert_eq!(status(&mut gateway, seconds), json!("TRADE_CLOSED"), "{value}");
    }
}

#[test]
fn an_agreement_pays_without_a_code() {
    let mut order = order();
    let members = order.as_object_mut().unwrap();
    members.remove("auth_code");
    members.remove("scene");
    order["product_code"] = json!("GENERAL_WITHHOLDING");
    let client = |order: &Value| Client::pay().set("biz_content", order.to_string()).stand_in();
    assert_eq!(sub_code(&mut gateway(), &client(&order)), "40004 ACQ.INVALID_PARAMETER");
    order["agreement_params"] = json!({"agreement_no": "20170322450983769228"});
    let mut gateway = gateway();
    assert_eq!(sub_code(&mut gateway, &client(&order)), "10000");
    order["out_trade_no"] = json!("T1-0002");
    assert_eq!(sub_code(&mut gateway, &client(&order)), "10000");
}

#[test]
fn the_other_calls_answer_as_the_gateway_names_things() {
    let (mut gateway, now) = (gateway(), epoch());
    let mut call =
        |method: &str, biz: Value| told(&mut gateway, now, &Client::new(method, &biz).stand_in());
    let number = json!({"out_trade_no": NUMBER});
    let offered = call(
        "alipay.trade.precreate",
        json!({"out_trade_no": "P1", "subject": "x", "total_amount": "1"}),
    );
    assert!(offered["qr_code"].as_str().unwrap().starts_with("https://qr.alipay.com/"));
    call("alipay.trade.pay", order());
    let found = call("alipay.trade.query", number.clone());
    assert_eq!(found["trade_status"], json!("TRADE_SUCCESS"));
    let trade_no = found["trade_no"].clone();
    let found = call("alipay.trade.query", json!({"out_trade_no": "other", "trade_no": trade_no}));
    assert_eq!(found["out_trade_no"], json!(NUMBER));
    let missing = call("alipay.trade.query", json!({"trade_no": "2014112611001004680073956707"}));
    assert_eq!(missing["sub_code"], json!("ACQ.TRADE_NOT_EXIST"));

    let refund = json!({"out_trade_no": NUMBER, "refund_amount": "1.00", "out_request_no": "R1"});
    let refunded = call("alipay.trade.refund", refund.clone());
    assert_eq!((&refunded["fund_change"], &refunded["refund_fee"]), (&json!("Y"), &json!("1.00")));
    assert_eq!(call("alipay.trade.refund", refund)["fund_change"], json!("N"));
    let ask = json!({"out_trade_no": NUMBER, "out_request_no": "R1"});
    let asked = call("alipay.trade.fastpay.refund.query", ask);
    assert_eq!(
        (&asked["refund_status"], &asked["refund_amount"]),
        (&json!("REFUND_SUCCESS"), &json!("1.00"))
    );
    let ask = json!({"out_trade_no": NUMBER, "out_request_no": "R2"});
    assert_eq!(call("alipay.trade.fastpay.refund.query", ask).get("refund_status"), None);

    let closed = call("alipay.trade.close", number.clone());
    assert_eq!(closed["sub_code"], json!("ACQ.TRADE_STATUS_ERROR"));
    let cancelled = call("alipay.trade.cancel", number);
    assert_eq!((&cancelled["action"], &cancelled["retry_flag"]), (&json!("refund"), &json!("N")));
    let cancelled = call("alipay.trade.cancel", json!({"out_trade_no": "none"}));
    assert_eq!((&cancelled["code"], cancelled.get("action")), (&json!("10000"), None));
}

#[test]
fn a_request_in_gbk_is_read_and_answered_in_gbk() {
    let biz_content = GBK.encode(&order().to_string()).0.into_owned();
    let client = Client::pay().set("charset", "GBK").set("biz_content", biz_content).stand_in();
    let response = whole(get(&mut gateway(), epoch(), &client));
    assert_eq!(response.content_type, "text/html;charset=GBK");
    let text = GBK.decode_without_bom_handling_and_without_replacement(&response.body).unwrap();
    assert!(text.contains("接口调用成功"));

    let client = Client::pay().set("biz_content", b"\xff\xfe").stand_in();
    assert_eq!(sub_code(&mut gateway(), &client), "40004 ACQ.INVALID_PARAMETER");
}

#[test]
fn each_fault_has_its_look_on_the_wire() {
    let faulty = |fault: &str| {
        let mut gateway = gateway();
        gateway.plan(fault.parse().unwrap());
        get(&mut gateway, epoch(), &Client::pay().stand_in())
    };
    assert_eq!(faulty("closed"), Polled::Done(Outgoing::Closed));
    assert!(matches!(faulty("late"), Polled::Wait(_)));
    assert_eq!(faulty("lost"), Polled::Never);

    let look = |fault: &str| {
        let response = whole(faulty(fault));
        (response.status, response.content_type, response.location.is_some())
    };
    assert_eq!(look("502"), (502, "text/html", false));
    assert_eq!(look("html"), (200, "text/html", false));
    assert_eq!(look("redirect"), (302, "text/html", true));

    let response = whole(faulty("gbk"));
    assert_eq!(response.content_type, "text/html;charset=GBK");
    assert!(String::from_utf8(response.body).is_err());

    let code = |fault: &str| node(&whole(faulty(fault))).0["code"].clone();
    assert_eq!(code("system-error"), json!("20000"));
    assert_eq!(code("half-done"), json!("20000"));
    assert_eq!(node(&whole(faulty("unsigned"))).1, None);
    assert_eq!(node(&whole(faulty("wrong-signature"))).1, Some(stand_in(b"another text")));
    let (node, _) = node(&whole(faulty("wrong-amount")));
    assert_eq!(node["total_amount"], json!("10.26"));
}

#[test]
fn a_cancel_says_whether_to_try_again() {
    let mut gateway = gateway();
    gateway.plan("system-error:cancel:1".parse().unwrap());
    let cancel = Client::new("alipay.trade.cancel", &json!({"out_trade_no": NUMBER})).stand_in();
    assert_eq!(told(&mut gateway, epoch(), &cancel)["retry_flag"], json!("Y"));
    assert_eq!(told(&mut gateway, epoch(), &cancel)["retry_flag"], json!("N"));
}

#[test]
fn notes_tell_what_happens_and_no_secret() {
    let mut gateway = gateway();
    gateway.plan("unsigned".parse().unwrap());
    get(&mut gateway, epoch(), &Client::pay().stand_in());
    let notes = gateway.notes();
    assert_eq!(
        notes,
        ["pay no. 1: T1-0001, 10.25 yuan (fault: unsigned)", "pay: 10000, TRADE_SUCCESS, unsigned"]
    );
    assert!(gateway.notes().is_empty());
    let shown = format!("{gateway:?}{:?}", real());
    assert!(!shown.contains("284612345678901234"), "a payment code is shown");
}

#[test]
fn keys_are_read_in_every_form() {
    let pair = Pair::app();
    let public = VerifyingKey::read(&pair.public_spki()).unwrap();
    let bare = |der: Vec<u8>| BASE64.encode(&der).into_bytes();
    let pem = |label: &str, der: Vec<u8>| {
        let base64 = BASE64.encode(&der);
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let body = lines.join("\r\n");
        format!("-----BEGIN {label}-----\r\n{body}\r\n-----END {label}-----\r\n").into_bytes()
    };
    for file in [
        pair.public_spki(),
        pem("PUBLIC KEY", pair.public_spki()),
        pair.public_pkcs1(),
        pem("RSA PUBLIC KEY", pair.public_pkcs1()),
        bare(pair.public_spki()),
    ] {
        assert_eq!(VerifyingKey::read(&file), Ok(public.clone()));
        assert_eq!(SigningKey::read(&file).err(), Some(KeyFileError::Public));
    }
    for file in [
        pair.private_pkcs8(),
        pem("PRIVATE KEY", pair.private_pkcs8()),
        pair.private_pkcs1(),
        pem("RSA PRIVATE KEY", pair.private_pkcs1()),
        bare(pair.private_pkcs8()),
    ] {
        assert_eq!(SigningKey::read(&file).unwrap().public(), public);
        assert_eq!(VerifyingKey::read(&file).err(), Some(KeyFileError::Private));
    }
    for file in [b"".as_slice(), b"hello", b"-----BEGIN PUBLIC KEY-----\n", &[0x30, 0x80]] {
        assert_eq!(VerifyingKey::read(file).err(), Some(KeyFileError::Unknown));
        assert_eq!(SigningKey::read(file).err(), Some(KeyFileError::Unknown));
    }
    let small = Pair::new(1024);
    assert_eq!(SigningKey::read(&small.private_pkcs8()).err(), Some(KeyFileError::Unusable));
}

/// vectors/gateway.json, `alipay_sign` with the key `app2048`: somebody else has signed these.
#[test]
fn the_vectors_requests_are_taken() {
    let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
    let app = VerifyingKey::read(APP2048.as_bytes()).unwrap();
    let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
    let mut gateway = Gateway::new(AlipaySettings::default(), signing, 0);

    let query = Client::new("alipay.trade.query", &json!({"out_trade_no": "DV-S1"}));
    let query = Client { sign: Some(DEV_QUERY.into()), ..query };
    assert_eq!(sub_code(&mut gateway, &query), "40004 ACQ.TRADE_NOT_EXIST");

    let biz = r#"{"out_trade_no":"DV-S2","total_amount":"0.01","subject":"测试"}"#;
    let precreate = Client::new("alipay.trade.precreate", &json!({}));
    let precreate = precreate.set("biz_content", biz).set("notify_url", "https://pay.example/n");
    let precreate = Client { sign: Some(DEV_PRECREATE.into()), ..precreate };
    assert_eq!(sub_code(&mut gateway, &precreate), "10000");

    let other = precreate.set("notify_url", "https://pay.example/m");
    assert_eq!(sub_code(&mut gateway, &other), "40002 isv.invalid-signature");
}

const APP2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1ddhVYt1UKn0JEzAxbfdCIMhbcJFMaMTA8LWGaA\
     vocUCwG446kYNE1/on1qExTKRYC+F4pZiHzaUY2xzMMFHS2d2OX1QDYtzHE7IQ3heh/pJkdSpZL5vikfgqdh\
     acn5Cel658cFwxFYRyXh5VdtC4hJnLPfr4vovj3eODNi6iNBIDODRpsbRz7AwapQvGOLjPORNk/Lhyh6zW6j\
     WK0p1mLH8gBbQgeJEJNeHllQJONX8IpPLALd8ZJwjHt4uLF6HFNIvzWRZ8m9GM7oHartrhib+xDtBC/gMpTC\
     a14g8HCRpVMcKtHaxuWxp/yZ3NAnQxguUtI0QAjv2XfaEJh0sQIDAQAB";

const DEV_QUERY: &str = "C9Wd81ruhENUfNpW2lSozrnMA8mU/WaL+Nd3inGHpnXUCjVSXgsjoRhR2jIkXr5W+90jUg1dsqJoIj+MVuwl\
     z1IzsrtTVuFq5fqEomxZrtOQg04daOgzqGU7eX4ZsYy0pLGsEpccnqLIxQ2r/eSC3eT/miIAe0F62Lwg/hHR\
     IIo8VyU0beXmL6v8SAOv1OV8EhEJ6z5OejofvFVaj117QxtYQZ4XEeZY8w8Lr3/k0Ws0KbICL76LpwEQGo/L\
     0QE9vptjlL7chhkpIgp/p1uQvxW+1y3hDuSsfZVrkZLA8NX6S3tFbRToPNWTcMTTnXgy7jBzVmuScLKTL1yX\
     i7280Q==";

const DEV_PRECREATE: &str = "knrX+gkwzlAL692BPKBwa62AmqKEMHB7dvGRJWXYJq5fGxdMsUcg/HeJa1OvZMmkbSROMcUwJryb0EeuRY3T\
     WwO4D1a+N34h5k9vBYsOqOI64YU3R3dQZ6IFQpiIEWu5Mk/ctYkoi/GvcsJRJLrVJe5IJ0HVYzI8DJKfv8jM\
     oHFGlW0jNabbzPrU3py7ujMMPl9MHlQXJ8YfENn9N/+06YTk4hTK9Qds9nPHgDwDbR07NI1sWExWVT7K2aZ+\
     qOMXCHKDE1m+cPgSf9wEyDnXwLqvFASDkqsnG+/boSIQmPLAq2O7F/Oh+oxDaM92+Rwpmt/MInL/HWDrQHKI\
     gffbwQ==";
