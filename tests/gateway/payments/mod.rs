//! The run loops, by threads and by tasks, against the simulated gateway on the real clock.

mod asynch;
mod blocking;
mod failing;
mod journals;
mod loopback;
mod notified;
mod till;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use m26_pay::gateway::alipay::payment::Policy;
use m26_pay::gateway::alipay::{AuthCode, GatewayUrl, Merchant, Pay, Sale, Subject};
use m26_pay::gateway::{
    Deadlines, HttpRequest, HttpResponse, Transport, TransportError, TransportFault,
};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Gateway, Method, Truth};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, Service};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use support::keys::Pair;

use crate::orders;

/// The simulated gateway, without a socket.
#[derive(Clone)]
struct Near(Arc<Mutex<Gateway>>);

impl Near {
    fn new(settings: AlipaySettings) -> Self {
        let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
        let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
        // The clock of the gateway does not look at the host's.
        let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
        Self(Arc::new(Mutex::new(Gateway::new(settings, signing, 1))))
    }

    fn plan(&self, fault: &str) {
        self.0.lock().unwrap().plan(fault.parse().unwrap());
    }

    fn truth(&self, out_trade_no: &str) -> Truth {
        self.0.lock().unwrap().alipay_mut().truth(now(), out_trade_no)
    }

    fn calls(&self, method: Method) -> u64 {
        self.0.lock().unwrap().line().calls(method)
    }
}

impl Transport for Near {
    fn send(&self, request: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        let query = request.url().split_once('?').unwrap().1;
        let raw = RawRequest {
            post: true,
            path: "/gateway.do",
            query: query.as_bytes(),
            content_type: Some(request.content_type()),
            body: request.body(),
        };
        let gateway = &mut *self.0.lock().unwrap();
        let now = now();
        let visit = gateway.receive(now, &raw);
        let fault = match gateway.poll(now, visit) {
            Polled::Done(Outgoing::Whole(response)) => {
                let kind = Some(response.content_type.to_owned());
                return Ok(HttpResponse::new(response.status, kind, response.body));
            }
            Polled::Done(Outgoing::Closed) => TransportFault::Closed,
            // A test does not wait for what is late.
            _ => TransportFault::AnswerTimeout,
        };
        gateway.leave(visit);
        Err(TransportError::new(fault))
    }
}

#[allow(clippy::disallowed_methods, reason = "these loops run on the real clock")]
fn now() -> Instant {
    Instant::now()
}

fn merchant() -> Merchant {
    let app_id = orders::identity().app_id.clone();
    let (app, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(GatewayUrl::live(), app_id, app, alipay).unwrap()
}

fn pay(number: &str, yuan: &str) -> Pay {
    let subject = Subject::new("lunch").unwrap();
    let sale = Sale::of(orders::number(number), yuan.parse().unwrap(), subject);
    // Each order has a payment code of its own.
    let code = 280_000_000_000_000_000 + number.bytes().fold(0, |code, b| code * 97 + u64::from(b));
    Pay::bar_code(sale.build().unwrap(), AuthCode::new(code.to_string()).unwrap())
}

/// Waits that a test can wait for.
fn quick() -> Policy {
    Policy {
        poll_every: Duration::from_millis(20),
        poll_for: Duration::from_millis(150),
        unknown_for: Duration::from_millis(200),
        pay_again_for: Duration::from_millis(100),
        cancel_every: Duration::from_millis(10),
        cancel_for: Duration::from_millis(50),
        ..Policy::default()
    }
}
