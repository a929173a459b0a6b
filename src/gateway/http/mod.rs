//! The stock transport: ureq, with rustls and ring.

mod watch;

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use rustls::CertificateError;
use ureq::config::Config;
use ureq::http::header::CONTENT_TYPE;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Proxy, Timeout};

use super::transport::{
    Deadlines, HttpRequest, HttpResponse, Transport, TransportError, TransportFault, is_loopback,
};
use watch::{Stage, Watched};

/// A [`Transport`] that any thread can use at the same time.
///
/// It keeps connections for the next request, sends each request once, follows no redirect, takes no
/// proxy from the environment unless it is told to, and believes Mozilla's certificate authorities,
/// which are built in. Without TLS it speaks to this host alone: that is for a simulator.
///
/// ureq gives every byte of requests and answers to the crate `log` at its level *trace*, payment
/// codes and signatures too: a program with a logger of `log` keeps `ureq` and `ureq_proto` at
/// *debug*.
///
/// ```
/// use m26_pay::gateway::{Deadlines, Delivery, Http, HttpRequest, Transport};
///
/// let request = HttpRequest::post("http://127.0.0.1:1/gateway.do".into(), "text/plain", vec![]);
/// let error = Http::new().send(&request, Deadlines::default()).unwrap_err();
/// assert_eq!(error.delivery(), Delivery::NotSent);
/// ```
#[derive(Clone)]
pub struct Http {
    agent: Agent,
}

impl Http {
    /// A transport without a proxy.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// A transport over the proxy that `ALL_PROXY`, `HTTPS_PROXY` or `HTTP_PROXY` name, without one
    /// if none does.
    #[must_use]
    pub fn with_proxy_from_environment() -> Self {
        Self::with(Proxy::try_from_env())
    }

    fn with(proxy: Option<Proxy>) -> Self {
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .user_agent(concat!("m26-pay/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: Agent::with_parts(config, watch::connector(), DefaultResolver::default()) }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: &HttpRequest,
        deadlines: Deadlines,
    ) -> Result<HttpResponse, TransportError> {
        if !request.url().starts_with("https://") && !is_loopback(request.url()) {
            return Err(TransportError::new(TransportFault::Address));
        }
        // ureq panics where a deadline is beyond what an Instant holds.
        let [connect, answer] = [deadlines.connect, deadlines.answer].map(|time| time.min(LONGEST));
        let watched = Watched::begin();
        // The phases add up, so all of them together have a limit too.
        let all = connect.saturating_mul(2).saturating_add(answer);
        let sent = self
            .agent
            .post(request.url())
            .header(CONTENT_TYPE, request.content_type())
            .config()
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_send_request(Some(answer))
            .timeout_send_body(Some(answer))
            .timeout_recv_response(Some(answer))
            .timeout_recv_body(Some(answer))
            .timeout_global(Some(all))
            .build()
            .send(request.body());
        let error = |error| fault(error, watched.stage());
        let mut response = sent.map_err(error)?;
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        let body = body.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => TransportError::new(TransportFault::BodyTooLarge),
            ureq::Error::Timeout(_) => TransportError::new(TransportFault::AnswerTimeout),
            error => TransportError::with_detail(TransportFault::CutOff, detail(&error)),
        })?;
        Ok(HttpResponse::new(response.status().as_u16(), content_type, body))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// What a failure of ureq means, at this stage of the request.
///
/// A kind of error alone does not tell whether the request left: a connection can be reset while it
/// is made and after the request was written.
fn fault(error: ureq::Error, stage: Stage) -> TransportError {
    use TransportFault as Fault;
    let certificate = certificate_error(&error);
    let fault = match (stage, &error) {
        (_, ureq::Error::BadUri(_) | ureq::Error::Http(_)) if stage != Stage::Sending => {
            Fault::Address
        }
        (Stage::Resolving, _) => Fault::Resolve,
        (Stage::Connecting, ureq::Error::Timeout(_)) => Fault::ConnectTimeout,
        (Stage::Connecting, _) => match certificate {
            Some(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Fault::CertificateTime,
            _ if is_tls(&error) => Fault::Tls,
            _ => Fault::Connect,
        },
        (Stage::Sending, ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve)) => Fault::Other,
        (Stage::Sending, ureq::Error::Timeout(_)) => Fault::AnswerTimeout,
        (Stage::Sending, ureq::Error::Io(io)) => match io.kind() {
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => Fault::Closed,
            _ => Fault::Other,
        },
        (Stage::Sending, ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..)) => {
            Fault::CutOff
        }
        (Stage::Sending, _) => Fault::Other,
    };
    TransportError::with_detail(fault, detail(&error))
}

/// What ureq says, but for what may hold an address with its query.
fn detail(error: &ureq::Error) -> String {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            String::new()
        }
        other => other.to_string(),
    }
}

fn rustls_error(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(io) => io.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn certificate_error(error: &ureq::Error) -> Option<&CertificateError> {
    match rustls_error(error)? {
        rustls::Error::InvalidCertificate(error) => Some(error),
        _ => None,
    }
}

fn is_tls(error: &ureq::Error) -> bool {
    rustls_error(error).is_some() || matches!(error, ureq::Error::Tls(_) | ureq::Error::TlsRequired)
}

/// Not specified; chosen far above any answer, of which the longest known have 2 KiB.
const BODY_LIMIT: u64 = 64 * 1024;

/// Not specified; chosen far above any time that somebody waits for an answer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::gateway::Delivery;

    #[test]
    fn a_clock_that_is_wrong_is_named_and_sent_nothing() {
        for error in [CertificateError::Expired, CertificateError::NotValidYet] {
            let error = || rustls::Error::InvalidCertificate(error.clone());
            for error in [
                ureq::Error::Rustls(error()),
                ureq::Error::Io(io::Error::new(ErrorKind::InvalidData, error())),
            ] {
                let error = fault(error, Stage::Connecting);
                assert_eq!(error.fault, TransportFault::CertificateTime);
                assert!(error.to_string().contains("not sent"), "{error}");
                assert!(error.to_string().contains("check its clock"), "{error}");
            }
        }
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(fault(unknown.into(), Stage::Connecting).fault, TransportFault::Tls);
    }

    #[test]
    fn the_same_error_means_more_once_a_byte_left() {
        let reset = || ureq::Error::Io(ErrorKind::ConnectionReset.into());
        assert_eq!(fault(reset(), Stage::Connecting).delivery(), Delivery::NotSent);
        assert_eq!(fault(reset(), Stage::Sending).delivery(), Delivery::Unknown);
        let bad = ureq::Error::BadUri("https://x/?sign=c2lnbg".to_owned());
        assert!(!fault(bad, Stage::Resolving).to_string().contains("c2lnbg"));
    }
}
