//! Calls: what is signed and sent, and what is believed of what comes back.

mod answers;
mod app_results;
mod arguments;
mod codes;
mod crossed;
mod key_files;
#[cfg(feature = "legacy-rsa")]
mod legacy;
mod order_strings;
mod properties;
mod requests;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    AppId, AuthCode, GatewayUrl, Merchant, OutTradeNo, Pay, Query, Sale, Subject,
};
use m26_pay::gateway::{HttpRequest, HttpResponse};
use m26_pay::unix_time::UnixMillis;
use percent_encoding::percent_decode_str;
use support::keys::Pair;

/// 2026-11-29 21:00:00 in Beijing.
const AT: UnixMillis = UnixMillis(1_795_957_200_000);

const CODE: &str = "284612345678901234";

fn merchant() -> Merchant {
    let app_id = AppId::new("2026000000000001").unwrap();
    let (own, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(GatewayUrl::live(), app_id, own, alipay).unwrap()
}

fn number(text: &str) -> OutTradeNo {
    OutTradeNo::new(text).unwrap()
}

fn sale() -> Sale {
    let subject = Subject::new("测试商品").unwrap();
    Sale::of(number("DV-001"), "88.88".parse().unwrap(), subject).build().unwrap()
}

fn pay() -> Pay {
    Pay::bar_code(sale(), AuthCode::new(CODE).unwrap())
}

fn query() -> Query {
    Query::new(number("DV-R1"))
}

/// The pairs of a form as they were meant, decoded once.
fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// All parameters of a request, wherever they stand.
fn parameters(request: &HttpRequest) -> Vec<(String, String)> {
    let (_, query) = request.url().split_once('?').unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    [pairs(query), pairs(body)].concat()
}

fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    parameters(request).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// What Alipay signs of an answer, and the whole answer around it.
fn signed(node: &str, text: &str) -> String {
    let sign = BASE64.encode(&Pair::alipay().sign(text.as_bytes()));
    format!(r#"{{"{node}":{text},"sign":"{sign}"}}"#)
}

fn response(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::new(200, Some("text/html;charset=utf-8".to_owned()), body.into())
}
