//! The loop over HTTP and a socket, with every fault of the simulated gateway.

use std::time::Duration;

use m26_pay::gateway::alipay::payment::{Outcome, Policy};
use m26_pay::gateway::alipay::{GatewayUrl, Merchant};
use m26_pay::gateway::journal::{Holder, Journal, MemoryJournal};
use m26_pay::gateway::{Deadlines, Http, Payments, Stop};
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Fault, Gateway, Method};
use m26_pay::sim::gateway::http::{RunningServer, Server};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use support::keys::Pair;

use super::{pay, quick};
use crate::orders;

fn server(fault: Fault) -> RunningServer<Gateway> {
    let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
    let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
    let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
    let mut gateway = Gateway::new(AlipaySettings::default(), signing, 7);
    gateway.plan(fault.name().parse().unwrap());
    Server::bind("127.0.0.1:0").unwrap().spawn(gateway).unwrap()
}

#[test]
fn whatever_happens_to_the_first_pay_the_outcome_is_true() {
    let deadlines = Deadlines::new(Duration::from_secs(5), Duration::from_millis(400));
    // A loaded machine may be slow, and must not be told from one that is not there.
    let policy = Policy { unknown_for: Duration::from_secs(2), ..quick() };
    for fault in Fault::ALL {
        let server = server(fault);
        let url = GatewayUrl::new(format!("http://{}/gateway.do", server.address())).unwrap();
        let app_id = orders::identity().app_id.clone();
        let (app, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
        let merchant = Merchant::new(url, app_id, app, alipay).unwrap();
        let holder = Holder::new("till 1");
        let payments = Payments::new(merchant, Http::new(), MemoryJournal::new(), holder)
            .policy(policy)
            .deadlines(deadlines);
        let receipt = payments.pay(pay("L1", "10.25"), &Stop::new(), |_, _| {}).unwrap();
        let now = server.now();
        let truth = server.with(|gateway| gateway.alipay_mut().truth(now, "L1"));
        let open = !payments.journal().open_orders(None, 1).unwrap().is_empty();
        match &receipt.outcome {
            Outcome::Paid(_) => assert_eq!((truth.kept, open), (Fen(1025), false), "{fault}"),
            Outcome::NotPaid(_) => assert_eq!((truth.kept, open), (Fen(0), false), "{fault}"),
            Outcome::Unknown(_) => assert!(open, "{fault}"),
        }
        assert!(truth.charges <= 1, "{fault}");
        // The transport repeats nothing: what arrived is what the machine asked for.
        let asked = receipt.requests.iter().filter(|request| request.as_str() == "pay").count();
        let calls = server.with(|gateway| gateway.line().calls(Method::Pay));
        assert_eq!(calls, u64::try_from(asked).unwrap(), "{fault}");
    }
}
