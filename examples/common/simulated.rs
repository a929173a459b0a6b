//! A simulated gateway in this program.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use data_encoding::BASE64;
use m26_pay::gateway::{
    Deadlines, HttpRequest, HttpResponse, SignError, Signer, Transport, TransportError,
    TransportFault, Verifier,
};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, Service};
use m26_pay::sim::gateway::stand_in;

/// A simulated gateway as a transport, without a socket. It has no fault.
#[derive(Debug)]
pub(crate) struct Simulated<S>(Mutex<S>);

impl<S> Simulated<S> {
    pub(crate) fn new(gateway: S) -> Self {
        Self(Mutex::new(gateway))
    }

    /// The gateway, to look behind the scenes.
    pub(crate) fn lock(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Service> Transport for Simulated<S> {
    fn send(&self, request: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let raw = RawRequest {
            post: true,
            path,
            query: query.as_bytes(),
            content_type: Some(request.content_type()),
            body: request.body(),
        };
        let mut gateway = self.lock();
        let visit = gateway.receive(now(), &raw);
        // Without a fault it answers every request at once.
        let Polled::Done(Outgoing::Whole(response)) = gateway.poll(now(), visit) else {
            return Err(TransportError::new(TransportFault::AnswerTimeout));
        };
        let content_type = Some(response.content_type.to_owned());
        Ok(HttpResponse::new(response.status, content_type, response.body))
    }
}

/// The stand-in for both pairs of keys.
#[derive(Debug)]
pub(crate) struct StandIn;

impl Signer for StandIn {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        // It is sent in base64, and the gateway compares that with the checksum: hexadecimal digits
        // are base64 too.
        let checksum = stand_in(message);
        BASE64.decode(checksum.as_bytes()).map_err(|error| SignError { reason: error.to_string() })
    }
}

impl Verifier for StandIn {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        BASE64.encode(signature) == stand_in(message)
    }
}

#[allow(clippy::disallowed_methods, reason = "the simulated gateway has the real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
