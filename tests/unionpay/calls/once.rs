//! No request leaves twice: whatever comes back, one call is one request.

use std::cell::Cell;

use m26_pay::gateway::unionpay::Call;
use m26_pay::gateway::{
    Deadlines, Delivery, HttpRequest, HttpResponse, Transport, TransportError, TransportFault,
};
use serde_json::{Value, json};

use super::{AT, Visitor, app, backend_token, every, response};

/// Counts what leaves, and brings this back.
struct Counted {
    left: Cell<u32>,
    back: Result<HttpResponse, TransportError>,
}

impl Transport for Counted {
    fn send(&self, request: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        assert!(!request.body().is_empty());
        self.left.set(self.left.get() + 1);
        self.back.clone()
    }
}

/// Everything that can come back: faults of the way, things in disguise, refusals, successes.
fn backs(params: &Value) -> Vec<Result<HttpResponse, TransportError>> {
    let faults = [
        TransportFault::Address,
        TransportFault::AnswerTimeout,
        TransportFault::BodyTooLarge,
        TransportFault::CertificateTime,
        TransportFault::Closed,
        TransportFault::Connect,
        TransportFault::ConnectTimeout,
        TransportFault::CutOff,
        TransportFault::Other,
        TransportFault::Resolve,
        TransportFault::Tls,
    ];
    let sound = json!({"msg": "", "params": params, "resp": "00"}).to_string();
    let answers = [
        response(sound.clone()),
        response(&sound.as_bytes()[..sound.len() / 2]),
        response(""),
        response("<html>login</html>"),
        response(r#"{"resp":"a10","msg":"","params":null}"#),
        response(r#"{"resp":"N62133","msg":"","params":{}}"#),
        HttpResponse::new(302, None, sound.clone().into()),
        HttpResponse::new(500, None, sound.into()),
        HttpResponse::new(403, None, b"The server refused".to_vec()),
    ];
    let faults = faults.into_iter().map(|fault| Err(TransportError::new(fault)));
    faults.chain(answers.into_iter().map(Ok)).collect()
}

struct Once(u32);

impl Visitor for Once {
    fn visit<C: Call + std::fmt::Debug>(&mut self, call: &C, params: &Value) {
        for back in backs(params) {
            let transport = Counted { left: Cell::new(0), back: back.clone() };
            let outcome =
                app().call(call, Some(&backend_token()), &transport, Deadlines::default(), AT);
            assert_eq!(transport.left.get(), 1, "{}: {back:?}", C::NAME);
            if let Err(error) = outcome {
                let delivery = back.map_or_else(|error| error.delivery(), |_| Delivery::Unknown);
                assert_eq!(error.delivery(), delivery, "{}: {error}", C::NAME);
            }
            self.0 += 1;
        }
    }
}

#[test]
fn one_call_is_one_request_whatever_comes_back() {
    let mut once = Once(0);
    every(&mut once);
    assert_eq!(once.0, 18 * 20);
}
