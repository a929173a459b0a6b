//! Our own calls and transport at the simulated gateway on TCP: written apart from each other, they
//! must agree on what is signed, and each fault must look like what it is.

use std::time::Duration;

use m26_pay::gateway::alipay::{
    AppId, AuthCode, Effect, GatewayUrl, Merchant, OutTradeNo, Pay, Query, Sale, Subject,
};
use m26_pay::gateway::{Deadlines, Delivery, Http, Transport as _};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Gateway, Method};
use m26_pay::sim::gateway::http::{RunningServer, Server};
use m26_pay::sim::gateway::{Fen, Signing, SigningKey, VerifyingKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use super::NUMBER;

const AT: UnixMillis = UnixMillis(1_795_957_200_000);

/// A gateway with a fault for the first pay, if there is one.
fn serve(fault: Option<&str>) -> RunningServer<Gateway> {
    let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
    let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
    let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
    let mut gateway = Gateway::new(AlipaySettings::default(), signing, 0);
    if let Some(fault) = fault {
        gateway.plan(fault.parse().unwrap());
    }
    Server::bind("127.0.0.1:0").unwrap().spawn(gateway).unwrap()
}

fn merchant(server: &RunningServer<Gateway>) -> Merchant {
    let url = GatewayUrl::new(format!("http://{}/gateway.do", server.address())).unwrap();
    let app_id = AppId::new("2026000000000001").unwrap();
    let (own, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(url, app_id, own, alipay).unwrap()
}

fn pay() -> Pay {
    let number = OutTradeNo::new(NUMBER).unwrap();
    let subject = Subject::new("测试 a+b 100%").unwrap();
    let sale = Sale::of(number, "10.25".parse().unwrap(), subject).build().unwrap();
    Pay::bar_code(sale, AuthCode::new("284612345678901234").unwrap())
}

/// What the pay did, as far as its answer proves it; nothing if it proves nothing.
fn paid(server: &RunningServer<Gateway>, deadlines: Deadlines) -> Option<Effect> {
    let (merchant, pay) = (merchant(server), pay());
    let request = merchant.request(&pay, AT).unwrap();
    let effect = match Http::new().send(&request, deadlines) {
        Ok(response) => merchant.read(&pay, &response).ok().map(|answer| answer.effect()),
        Err(error) => {
            assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
            None
        }
    };
    let calls = || server.with(|gateway| gateway.line().calls(Method::Pay));
    // Who waits for a short time only may be back before the server has read the request.
    while calls() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(calls(), 1, "sent once");
    effect
}

#[test]
fn a_payment_is_signed_answered_and_found() {
    let server = serve(None);
    assert_eq!(paid(&server, Deadlines::default()), Some(Effect::Done));
    let (merchant, query) = (merchant(&server), Query::new(OutTradeNo::new(NUMBER).unwrap()));
    let request = merchant.request(&query, AT).unwrap();
    let response = Http::new().send(&request, Deadlines::default()).unwrap();
    let found = merchant.read(&query, &response).unwrap();
    assert_eq!(found.effect(), Effect::Done);
    assert_eq!(found.result.unwrap().total_amount, Some("10.25".parse().unwrap()));
    let now = server.now();
    assert_eq!(server.with(|gateway| gateway.alipay_mut().truth(now, NUMBER).kept), Fen(1025));
}

#[test]
fn no_fault_is_taken_for_a_payment_or_for_none() {
    let patient = Deadlines::default();
    for fault in ["closed", "cut-off", "502", "html", "redirect", "unsigned", "wrong-signature"] {
        assert_eq!(paid(&serve(Some(fault)), patient), None, "{fault}");
    }
    for fault in ["system-error", "half-done"] {
        assert_eq!(paid(&serve(Some(fault)), patient), Some(Effect::Unknown), "{fault}");
    }
    // The machine compares the amount.
    for fault in ["gbk", "wrong-amount"] {
        assert_eq!(paid(&serve(Some(fault)), patient), Some(Effect::Done), "{fault}");
    }
    let hasty = Deadlines::new(Duration::from_secs(30), Duration::from_millis(300));
    for fault in ["late", "lost"] {
        assert_eq!(paid(&serve(Some(fault)), hasty), None, "{fault}");
    }
}
