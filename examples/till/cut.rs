//! [`Wire`]: HTTP, and a power cut.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use m26_pay::gateway::{Deadlines, Http, HttpRequest, HttpResponse, Transport, TransportError};
use m26_pay::sim::gateway::alipay::Method;

use crate::screen::say;

/// HTTP, and a power cut after a certain request was sent.
#[derive(Debug)]
pub struct Wire {
    http: Http,
    cut: Option<(Method, u64)>,
    requests: AtomicU64,
}

impl Wire {
    pub fn new(cut: Option<(Method, u64)>) -> Self {
        Self { http: Http::new(), cut, requests: AtomicU64::new(0) }
    }

    /// Whether the power fails after this request.
    fn is_cut(&self, request: &HttpRequest) -> bool {
        let Some((method, nth)) = self.cut else { return false };
        let named = |part: &str| part.strip_prefix("method=") == Some(method.wire());
        let is_it = request.url().split(['?', '&']).any(named);
        is_it && self.requests.fetch_add(1, Ordering::Relaxed) + 1 == nth
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: &HttpRequest,
        deadlines: Deadlines,
    ) -> Result<HttpResponse, TransportError> {
        let cut = self.is_cut(request);
        let answer = self.http.send(request, deadlines);
        if cut {
            say("THE POWER GOES. Start the till again with the same --db and --gateway.");
            // Nothing is cleaned up, as in a real power cut.
            process::exit(UNKNOWN);
        }
        answer
    }
}

/// The exit status: the outcome of the sale is unknown.
const UNKNOWN: i32 = 20;
