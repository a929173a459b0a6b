//! A merchant in certificate mode: what it sends, and what it believes.

use data_encoding::BASE64;
use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::alipay::{
    AnswerError, AppId, AppOrder, GatewayUrl, Merchant, MerchantError, OutTradeNo, Query,
    ResultStatus, SubCode, Subject,
};
use percent_encoding::percent_decode_str;
use support::keys::Pair;

use super::maker::pem;
use super::{AT, Set, alipay, app, between};

fn merchant() -> Merchant {
    with(Set::new()).unwrap()
}

fn with(set: Set) -> Result<Merchant, MerchantError> {
    let app_id = AppId::new("2026000000000001").unwrap();
    let certificates = set.read().unwrap();
    let own = Pair::app().private_key();
    Merchant::with_certificates(GatewayUrl::live(), app_id, own, certificates)
}

fn number() -> OutTradeNo {
    OutTradeNo::new("A1").unwrap()
}

/// The parameters, decoded.
fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn signed_by_the_app(mut pairs: Vec<(String, String)>) -> bool {
    let place = pairs.iter().position(|(name, _)| name == "sign").unwrap();
    let sign = BASE64.decode(pairs.remove(place).1.as_bytes()).unwrap();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Pair::app().verify(pairs.join("&").as_bytes(), &sign)
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    &pairs.iter().find(|(known, _)| known == name).unwrap().1
}

#[test]
fn each_request_and_each_string_names_the_certificates() {
    let certificates = Set::new().read().unwrap();
    let request = merchant().request(&Query::new(number()), AT).unwrap();
    // In the query, since Alipay needs them before it reads a body.
    let query = pairs(request.url().split_once('?').unwrap().1);
    let subject = Subject::new("s").unwrap();
    let order = AppOrder::in_app(number(), "9.00".parse().unwrap(), subject).build().unwrap();
    let at = "2026-11-29 21:00:00".parse().unwrap();
    let string = pairs(merchant().order_string(&order, &at).unwrap().as_str());
    for pairs in [&query, &string] {
        assert_eq!(value(pairs, "app_cert_sn"), certificates.app_cert_sn());
        assert_eq!(value(pairs, "alipay_root_cert_sn"), certificates.alipay_root_cert_sn());
    }
    assert!(signed_by_the_app(string));
    let body = pairs(std::str::from_utf8(request.body()).unwrap());
    assert!(signed_by_the_app([query, body].concat()));
}

#[test]
fn a_certificate_belongs_to_its_key() {
    let other = super::maker::Maker { key: Pair::other(), ..app() };
    let set = Set { app: other.der(), ..Set::new() };
    assert_eq!(with(set).unwrap_err(), MerchantError::AppCertificate);
    // The application's in the place of Alipay's.
    let mixed = super::maker::Maker { key: Pair::app(), ..alipay() };
    let set = Set { alipay: pem(&[&mixed.der(), &between().der()]), ..Set::new() };
    assert_eq!(with(set).unwrap_err(), MerchantError::OwnKey);
}

const NODE: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"A1","trade_no":"2026112922001400010001","trade_status":"TRADE_SUCCESS","total_amount":"9.00"}"#;

/// An answer with more members around the signed node.
fn read(node: &str, more: &str) -> Result<(), AnswerError> {
    let body = format!(r#"{{"alipay_trade_query_response":{node}{more}}}"#);
    let response = HttpResponse::new(200, None, body.into_bytes());
    merchant().read(&Query::new(number()), &response).map(drop)
}

#[test]
fn another_certificate_is_an_error_that_names_the_cure() {
    let sign = BASE64.encode(&Pair::alipay().sign(NODE.as_bytes()));
    let sign = format!(r#","sign":"{sign}""#);
    let sn = |sn: &str| format!(r#","alipay_cert_sn":{sn}{sign}"#);
    let own = Set::new().read().unwrap().alipay_cert_sn().to_owned();
    assert_eq!(read(NODE, &sn(&format!("\"{own}\""))), Ok(()));
    // The sandbox leaves it out.
    for left_out in [sign.clone(), sn("null"), sn("\"\"")] {
        assert_eq!(read(NODE, &left_out), Ok(()));
    }
    let other = sn("\"d41d8cd98f00b204e9800998ecf8427e\"");
    let error = read(NODE, &other).unwrap_err();
    assert_eq!(error, AnswerError::OtherCertificate);
    let text = error.to_string();
    assert!(text.contains("download the newest one (支付宝公钥证书)"), "{text}");
    assert!(!text.contains("d41d8cd9"), "{text}");
    // It is no part of what is signed, and comes once.
    assert!(
        read(NODE, &format!(r#"{},"alipay_cert_sn":"{own}""#, sn(&format!("\"{own}\"")))).is_err()
    );
    // With a key in the place of certificates nobody looks at it.
    let app_id = AppId::new("2026000000000001").unwrap();
    let (key, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    let by_key = Merchant::new(GatewayUrl::live(), app_id, key, alipay).unwrap();
    let body = format!(r#"{{"alipay_trade_query_response":{NODE}{other}}}"#);
    let response = HttpResponse::new(200, None, body.into_bytes());
    assert!(by_key.read(&Query::new(number()), &response).is_ok());
}

#[test]
fn an_unsigned_refusal_keeps_its_reason() {
    let refused =
        r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.app-cert-sn-error"}"#;
    let error = read(refused, r#","alipay_cert_sn":"x""#).unwrap_err();
    let AnswerError::Unverified(refusal) = error else { panic!("{error}") };
    assert!(refusal.is(&SubCode::new("isv.app-cert-sn-error")));
}

#[test]
fn what_the_app_hands_back_is_verified_with_alipays_certificate() {
    let subject = Subject::new("s").unwrap();
    let order = AppOrder::in_app(number(), "9.00".parse().unwrap(), subject).build().unwrap();
    let node = NODE.replace(r#""trade_status":"TRADE_SUCCESS","#, "");
    let sign = BASE64.encode(&Pair::alipay().sign(node.as_bytes()));
    let result = |sn: &str| {
        format!(
            r#"{{"alipay_trade_app_pay_response":{node},"alipay_cert_sn":"{sn}","sign":"{sign}"}}"#
        )
    };
    let own = Set::new().read().unwrap().alipay_cert_sn().to_owned();
    let read = |result: &str| merchant().read_app_result(&order, ResultStatus::SUCCESS, result);
    assert!(read(&result(&own)).is_ok());
    assert_eq!(read(&result("x")), Err(AnswerError::OtherCertificate));
}
