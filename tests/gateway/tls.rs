//! TLS that cannot be trusted: what is said of it, and that nothing was sent.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use m26_pay::gateway::{
    Deadlines, Delivery, Http, HttpRequest, Transport as _, TransportError, TransportFault,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::keys::Pair;

/// The DER of a value with this tag.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = value.len();
    let mut all = vec![tag];
    match length {
        0..=0x7f => all.push(length as u8),
        _ => all.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    all.extend(value);
    all
}

/// A certificate of 127.0.0.1, valid between these times (RFC 5280, 4.1), signed by its own key.
fn certificate(from: &str, to: &str) -> Vec<u8> {
    // sha256WithRSAEncryption (RFC 8017, appendix C).
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let algorithm = der(0x30, &[&der(0x06, &[&oid]), &[0x05, 0x00]]);
    let common_name = der(0x30, &[&der(0x06, &[&[0x55, 0x04, 0x03]]), &der(0x0c, &[b"gateway"])]);
    let name = der(0x30, &[&der(0x31, &[&common_name])]);
    let times = der(0x30, &[&der(0x17, &[from.as_bytes()]), &der(0x17, &[to.as_bytes()])]);
    let address = der(0x30, &[&der(0x87, &[&[127, 0, 0, 1]])]);
    let names = der(0x30, &[&der(0x06, &[&[0x55, 0x1d, 0x11]]), &der(0x04, &[&address])]);
    let body = der(
        0x30,
        &[
            &der(0xa0, &[&[0x02, 0x01, 0x02]]),
            &[0x02, 0x01, 0x01],
            &algorithm,
            &name,
            &times,
            &name,
            &Pair::alipay().public_spki(),
            &der(0xa3, &[&der(0x30, &[&names])]),
        ],
    );
    let signature = Pair::alipay().sign(&body);
    der(0x30, &[&body, &algorithm, &der(0x03, &[&[0], &signature])])
}

/// A gateway that takes one connection, and gives the bytes of a request that came over TLS.
fn server(certificate: Vec<u8>) -> (u16, JoinHandle<usize>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(Pair::alipay().private_pkcs8()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let connection: TcpStream = listener.accept().unwrap().0;
        let tls = ServerConnection::new(Arc::new(config)).unwrap();
        let mut request = Vec::new();
        // It ends with the client's alert.
        let _ = StreamOwned::new(tls, connection).read_to_end(&mut request);
        request.len()
    });
    (port, thread)
}

fn asked(certificate: Vec<u8>) -> TransportError {
    let (port, thread) = server(certificate);
    let url = format!("https://127.0.0.1:{port}/gateway.do?sign=c2lnbg");
    let request = HttpRequest::post(url, "text/plain", b"auth_code=28".to_vec());
    let deadline = Duration::from_secs(10);
    let error = Http::new().send(&request, Deadlines::new(deadline, deadline)).unwrap_err();
    assert_eq!(thread.join().unwrap(), 0, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(!error.to_string().contains("c2lnbg"), "{error}");
    error
}

#[test]
fn trap_46_a_certificate_that_is_not_valid_now_says_check_the_clock() {
    for (from, to) in [("200101000000Z", "210101000000Z"), ("450101000000Z", "460101000000Z")] {
        let error = asked(certificate(from, to));
        assert_eq!(error.fault, TransportFault::CertificateTime, "{error}");
        assert!(error.to_string().contains("check its clock"), "{error}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let error = asked(certificate("200101000000Z", "490101000000Z"));
    assert_eq!(error.fault, TransportFault::Tls, "{error}");
}
