//! 5.1: the tokens.

use std::time::Duration;

use m26_pay::gateway::HttpResponse;
use m26_pay::gateway::unionpay::{GetBackendToken, GetFrontToken};
use serde_json::json;

use super::{app, sent};

/// By `printf %s 'appId=…&nonceStr=…&secret=dev-secret&timestamp=1764450007' | openssl sha256`.
const SIGNATURE: &str = "2e1972d03ce5cb0a90d6ed8a7f8b1ed709efb20ae1fe20e18f8222733555a73e";

#[test]
fn a_backend_token_is_asked_for_without_the_secret() {
    let (url, body) = sent(&app(), &GetBackendToken);
    assert_eq!(url, "https://open.95516.com/open/access/1.0/backendToken");
    assert_eq!(
        body,
        json!({
            "appId": "fb707efe000000000000000c3a9e06d8",
            "nonceStr": "KFTrLiCknhMlKKuv",
            "timestamp": "1764450007",
            "signature": SIGNATURE,
        }),
    );
}

#[test]
fn a_front_token_is_asked_for_alike() {
    let (url, body) = sent(&app(), &GetFrontToken);
    assert_eq!(url, "https://open.95516.com/open/access/1.0/frontToken");
    assert_eq!(body["signature"], SIGNATURE);
}

#[test]
fn the_samples_are_read() {
    let read = |body: &str| HttpResponse::new(200, None, body.into());
    let sample = r#"{"msg":"","params":{"backendToken":"ip76w9FgSjaxuN0tajG4Rg==","expiresIn":7200},"resp":"00"}"#;
    let answer = app().read(&GetBackendToken, &read(sample)).unwrap();
    let given = answer.result.unwrap();
    assert_eq!(given.token.expose(), "ip76w9FgSjaxuN0tajG4Rg==");
    assert_eq!(given.expires_in, Duration::from_secs(7200));
    assert!(!format!("{given:?}").contains("ip76"), "{given:?}");
    // The sample of 5.1.2.4 is that of backendToken, the right one stands in 5.2.1.4.
    assert!(app().read(&GetFrontToken, &read(sample)).is_err());
    let sample = r#"{"msg":"","params":{"expiresIn":7200,"frontToken":"AqtwoCiBSKaJUDuOu5+mdA=="},"resp":"00"}"#;
    let given = app().read(&GetFrontToken, &read(sample)).unwrap().result.unwrap();
    assert_eq!(given.token.expose(), "AqtwoCiBSKaJUDuOu5+mdA==");
}
