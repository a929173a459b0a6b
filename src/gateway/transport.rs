//! What carries a request, and what it must promise.

use std::fmt;
use std::time::Duration;

use crate::advice::{self, Advice};

/// Carries one request to a gateway and brings its answer.
///
/// A transport
/// * sends a request once, and never again by itself: a connection that closes without an answer
///   may have brought it;
/// * follows no redirect: a captive portal would get a signed payment;
/// * takes no proxy from the environment unless it is told to;
/// * returns every answer, whatever its status is, and limits the size of its body;
/// * has one deadline for the connection and one for the answer;
/// * says *not sent* only when no byte of the request can have arrived.
///
/// `Http` (feature `http`) is one.
pub trait Transport {
    /// Sends a request once, and waits for its answer.
    ///
    /// # Errors
    /// If no answer came. The error says what can be known about the request.
    fn send(
        &self,
        request: &HttpRequest,
        deadlines: Deadlines,
    ) -> Result<HttpResponse, TransportError>;
}

impl<T: Transport + ?Sized> Transport for &T {
    fn send(
        &self,
        request: &HttpRequest,
        deadlines: Deadlines,
    ) -> Result<HttpResponse, TransportError> {
        (**self).send(request, deadlines)
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(
        &self,
        request: &HttpRequest,
        deadlines: Deadlines,
    ) -> Result<HttpResponse, TransportError> {
        (**self).send(request, deadlines)
    }
}

/// How long one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// Until there is a connection: finding the address, TCP and TLS, each.
    pub connect: Duration,
    /// From there until the whole answer is here.
    pub answer: Duration,
}

impl Deadlines {
    /// So long for the connection, and so long for the answer.
    #[must_use]
    pub const fn new(connect: Duration, answer: Duration) -> Self {
        Self { connect, answer }
    }
}

impl Default for Deadlines {
    /// 3 s for the connection, as Alipay's SDK for Java has it, and 10 s for the answer: not
    /// specified; chosen because the payment machine asks rather than waits.
    fn default() -> Self {
        Self::new(Duration::from_secs(3), Duration::from_secs(10))
    }
}

/// A POST that any HTTP client can send. Its Debug shows the address without the query, and sizes.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    url: String,
    content_type: &'static str,
    body: Vec<u8>,
}

impl HttpRequest {
    /// A POST of `body` to `url`.
    #[must_use]
    pub fn post(url: String, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { url, content_type, body }
    }

    /// Where to, with the query.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The header `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The body. It holds payment codes: it belongs into no log.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("url", &address)
            .field("content_type", &self.content_type)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}

/// What came back, before anything of it is believed. Its Debug shows no body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl HttpResponse {
    /// An answer with this status, the header `Content-Type` and the body's bytes as they came.
    #[must_use]
    pub fn new(status: u16, content_type: Option<String>, body: Vec<u8>) -> Self {
        Self { status, content_type, body }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The header `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The body, as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}

/// What is known about a request that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No byte of it can have arrived.
    NotSent,
    /// It may have arrived, and may have been worked on.
    Unknown,
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        })
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What happened.
    pub fault: TransportFault,
    /// What the client says, without the request. It is empty where there is no more to say.
    pub detail: String,
}

impl TransportError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.fault {
            TransportFault::Address => advice::platform::ADDRESS,
            TransportFault::CertificateTime => advice::platform::CERTIFICATE_TIME,
            TransportFault::Connect | TransportFault::ConnectTimeout => {
                advice::platform::UNREACHABLE
            }
            TransportFault::Resolve => advice::platform::NAME,
            TransportFault::Tls => advice::platform::TLS,
            TransportFault::AnswerTimeout
            | TransportFault::BodyTooLarge
            | TransportFault::Closed
            | TransportFault::CutOff
            | TransportFault::Other => advice::platform::NO_REPLY,
        }
    }
}

impl TransportError {
    /// A fault of which no more is known.
    #[must_use]
    pub fn new(fault: TransportFault) -> Self {
        Self { fault, detail: String::new() }
    }

    /// A fault, and what the client says about it.
    #[must_use]
    pub fn with_detail(fault: TransportFault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into() }
    }

    /// What is known about the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.fault.delivery()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, detail } = self;
        match detail.as_str() {
            "" => write!(f, "{fault} ({})", fault.delivery()),
            detail => write!(f, "{fault} ({}): {detail}", fault.delivery()),
        }
    }
}

impl std::error::Error for TransportError {}

/// What kept a request from its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportFault {
    /// The whole answer was not there in time.
    AnswerTimeout,
    /// The address cannot be used.
    Address,
    /// The answer's body is above the limit.
    BodyTooLarge,
    /// The gateway's certificate is not valid yet or not any more by the clock of this host.
    CertificateTime,
    /// The connection closed before the answer began.
    Closed,
    /// Nobody takes a connection there.
    Connect,
    /// There was no connection in time.
    ConnectTimeout,
    /// The answer began and was cut off, or it is no HTTP.
    CutOff,
    /// Something else failed, at a time that is not known.
    Other,
    /// The name of the gateway was not found.
    Resolve,
    /// There is a connection, and no TLS on it that can be trusted.
    Tls,
}

impl TransportFault {
    /// What it means for the request.
    #[must_use]
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Address
            | Self::CertificateTime
            | Self::Connect
            | Self::ConnectTimeout
            | Self::Resolve
            | Self::Tls => Delivery::NotSent,
            Self::AnswerTimeout
            | Self::BodyTooLarge
            | Self::Closed
            | Self::CutOff
            | Self::Other => Delivery::Unknown,
        }
    }
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "the gateway's address cannot be used: it must be an https URL",
            Self::AnswerTimeout => "the gateway did not answer in time",
            Self::BodyTooLarge => "the gateway's answer is too large",
            Self::CertificateTime => {
                "the gateway's certificate is not valid at the time of this host: check its clock"
            }
            Self::Closed => "the connection closed without an answer",
            Self::Connect => "no connection to the gateway: check the network",
            Self::ConnectTimeout => "no connection to the gateway in time: check the network",
            Self::CutOff => "the gateway's answer is cut off, or it is no HTTP",
            Self::Other => "the request failed",
            Self::Resolve => "the gateway's name was not found: check the network and its DNS",
            Self::Tls => "no TLS with the gateway that can be trusted: something may be in between",
        })
    }
}

/// Whether a URL is that of a simulator on this host, which needs no TLS.
#[cfg(any(feature = "gateway", feature = "http", feature = "unionpay"))]
pub(super) fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_request_shows() {
        let url = "https://gateway.example/gateway.do?sign=c2VjcmV0".to_owned();
        let request = HttpRequest::post(url, "text/plain", b"auth_code=28".to_vec());
        let shown = format!("{request:?}");
        assert!(!shown.contains("c2Vj") && !shown.contains("auth_code"), "{shown}");
        assert!(shown.contains("https://gateway.example/gateway.do"), "{shown}");
        let response = HttpResponse::new(200, None, b"buyer".to_vec());
        assert!(!format!("{response:?}").contains("buyer"));
    }
}
