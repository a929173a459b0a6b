//! The calls: what leaves, and what is read.

mod tokens;

use m26_pay::gateway::HttpRequest;
use m26_pay::gateway::unionpay::{
    App, AppId, AppSecret, BaseUrl, Call, NonceStr, Stamp, SymmetricKey, Timestamp,
};
use m26_pay::unix_time::UnixMillis;
use serde_json::Value;

/// An application with made-up keys.
fn app() -> App {
    let app_id = AppId::new("fb707efe000000000000000c3a9e06d8").unwrap();
    let key = SymmetricKey::new("1122334455667788aabbccddeeff00119988776655443322").unwrap();
    App::new(BaseUrl::live(), app_id, AppSecret::new("dev-secret").unwrap()).symmetric_key(key)
}

/// The random text of the spec's samples, and a time that a set clock can show.
fn stamp() -> Stamp {
    Stamp {
        nonce_str: NonceStr::new("KFTrLiCknhMlKKuv").unwrap(),
        timestamp: Timestamp::new(UnixMillis(1_764_450_007_000)).unwrap(),
    }
}

/// The address and the body of a call that is signed.
fn signed<C: Call>(app: &App, call: &C) -> (String, Value) {
    opened(&app.request_with(call, None, &stamp()).unwrap())
}

fn opened(request: &HttpRequest) -> (String, Value) {
    assert_eq!(request.content_type(), "application/json;charset=UTF-8");
    (request.url().to_owned(), serde_json::from_slice(request.body()).unwrap())
}
