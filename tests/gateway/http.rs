//! The stock transport against a bare server on loopback: how often it is asked, and what is said
//! when no answer comes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use m26_pay::gateway::{
    Deadlines, Delivery, Http, HttpRequest, HttpResponse, Transport as _, TransportError,
    TransportFault,
};

/// A server that counts requests and does the same to each.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `answer` gets the connection after each whole request; it is closed if that says so.
    fn start(answer: impl Fn(&mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, seen, answer) = (Arc::clone(&requests), Arc::clone(&heads), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let (count, seen, answer) =
                    (Arc::clone(&count), Arc::clone(&seen), Arc::clone(&answer));
                if seen.lock().unwrap().iter().any(|head| head == STOP) {
                    return;
                }
                std::thread::spawn(move || {
                    while let Some(head) = request(&mut connection) {
                        count.fetch_add(1, Ordering::SeqCst);
                        seen.lock().unwrap().push(head);
                        if answer(&mut connection) {
                            let _ = connection.shutdown(Shutdown::Both);
                            return;
                        }
                    }
                });
            }
        });
        Self { port, requests, heads, thread: Some(thread) }
    }

    /// A server that answers each request with these bytes.
    fn saying(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::start(move |connection| connection.write_all(text.as_bytes()).is_err())
    }

    fn request(&self) -> HttpRequest {
        let url = format!("http://127.0.0.1:{}/gateway.do?sign=c2lnbg", self.port);
        HttpRequest::post(url, "application/x-www-form-urlencoded;charset=utf-8", BODY.into())
    }

    fn send(&self) -> Result<HttpResponse, TransportError> {
        Http::new().send(&self.request(), QUICK)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.heads.lock().unwrap().push(STOP.to_owned());
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The head of the next request, once its body is here too.
fn request(connection: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            if body.len() >= BODY.len() {
                assert_eq!(body, BODY);
                return Some(head.to_owned());
            }
        }
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend(&buffer[..length]),
        }
    }
}

fn said(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

#[test]
fn an_answer_comes_through_with_its_bytes() {
    let body = [b"{\"a\":\"", &[0xcf, 0xb5][..], b"\"}"].concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=GBK\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let bytes = [head.as_bytes(), &body].concat();
    let server = Server::start(move |connection| connection.write_all(&bytes).is_err());
    let response = server.send().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_type(), Some("text/html;charset=GBK"));
    assert_eq!(response.body(), body);
    let head = server.heads.lock().unwrap()[0].to_ascii_lowercase();
    assert!(head.starts_with("post /gateway.do?sign=c2lnbg http/1.1"), "{head}");
    assert!(
        head.contains("content-type: application/x-www-form-urlencoded;charset=utf-8"),
        "{head}"
    );
}

#[test]
fn the_body_of_a_failure_is_kept() {
    let server = Server::saying(said("502 Bad Gateway", "", "<h1>502</h1>"));
    let response = server.send().unwrap();
    assert_eq!((response.status(), response.body()), (502, &b"<h1>502</h1>"[..]));
    assert_eq!(server.requests(), 1);
}

#[test]
fn no_redirect_is_followed() {
    let portal = Server::saying(said("200 OK", "", "login"));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("Location: http://127.0.0.1:{}/login\r\n", portal.port);
        let server = Server::saying(said(status, &location, ""));
        let response = server.send().unwrap();
        assert_eq!(response.status().to_string(), status[..3]);
        assert_eq!(server.requests(), 1);
    }
    assert_eq!(portal.requests(), 0);
}

#[test]
fn a_gateway_that_closes_has_seen_one_request() {
    let server = Server::start(|_| true);
    let error = server.send().unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::Closed, Delivery::Unknown));
    assert_eq!(server.requests(), 1);
}

/// The second request goes over the connection of the first, and that closes: it may have arrived.
#[test]
fn a_kept_connection_that_closes_has_seen_one_request_each() {
    let answered = AtomicUsize::new(0);
    let server = Server::start(move |connection| {
        if answered.fetch_add(1, Ordering::SeqCst) > 0 {
            return true;
        }
        connection.write_all(said("200 OK", "", "{}").as_bytes()).unwrap();
        false
    });
    let http = Http::new();
    assert!(http.send(&server.request(), QUICK).is_ok());
    let error = http.send(&server.request(), QUICK).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_connection_that_closed_at_rest_is_replaced() {
    let (closed, wait) = std::sync::mpsc::channel();
    let server = Server::start(move |connection| {
        connection.write_all(said("200 OK", "", "{}").as_bytes()).unwrap();
        connection.shutdown(Shutdown::Both).unwrap();
        closed.send(()).unwrap();
        true
    });
    let http = Http::new();
    for _ in 0..3 {
        assert!(http.send(&server.request(), QUICK).is_ok());
        wait.recv().unwrap();
    }
    assert_eq!(server.requests(), 3);
}

#[test]
fn a_refused_connection_sent_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/");
    let request = HttpRequest::post(url, "text/plain", BODY.into());
    let error = Http::new().send(&request, QUICK).unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::Connect, Delivery::NotSent));
}

#[test]
fn a_name_that_nobody_knows_sent_nothing() {
    let request =
        HttpRequest::post("https://gateway.invalid/?sign=c2lnbg".into(), "text/plain", vec![]);
    let error = Http::new().send(&request, QUICK).unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::Resolve, Delivery::NotSent));
    assert!(!format!("{error} {error:?}").contains("c2lnbg"), "{error}");
}

#[test]
fn what_speaks_no_tls_got_nothing() {
    let server = Server::start(|_| true);
    // Something on this port answers at once, and no TLS.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let plain = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let length = connection.read(&mut buffer).unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let mut all = buffer[..length].to_vec();
        let _ = connection.read_to_end(&mut all);
        all
    });
    let url = format!("https://127.0.0.1:{port}/gateway.do?sign=c2lnbg");
    let request = HttpRequest::post(url, "text/plain", BODY.into());
    let error = Http::new().send(&request, QUICK).unwrap_err();
    assert_eq!(
        (error.fault, error.delivery()),
        (TransportFault::Tls, Delivery::NotSent),
        "{error}"
    );
    drop(server);
    let all = plain.join().unwrap();
    assert!(!all.windows(BODY.len()).any(|part| part == BODY.as_bytes()));
}

#[test]
fn a_slow_gateway_ends_with_the_answers_deadline() {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    let server = Server::start(move |connection| {
        connection.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
        let _ = held.lock().unwrap().recv();
        true
    });
    let deadlines = Deadlines::new(Duration::from_secs(60), Duration::from_millis(200));
    let error = Http::new().send(&server.request(), deadlines).unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::AnswerTimeout, Delivery::Unknown));
    assert_eq!(server.requests(), 1);
    drop(release);
}

#[test]
fn a_connection_that_is_not_made_ends_with_its_own_deadline() {
    // TEST-NET-1 (RFC 5737): nobody is there.
    let request = HttpRequest::post("https://192.0.2.1/".into(), "text/plain", vec![]);
    let deadlines = Deadlines::new(Duration::from_millis(200), Duration::from_secs(60));
    let error = Http::new().send(&request, deadlines).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    let faults = [TransportFault::ConnectTimeout, TransportFault::Connect, TransportFault::Tls];
    assert!(faults.contains(&error.fault), "{error}");
}

#[test]
fn deadlines_of_any_length_are_taken() {
    let server = Server::saying(said("200 OK", "", "{}"));
    for deadline in [Duration::MAX, Duration::from_secs(u64::MAX / 2)] {
        let response = Http::new().send(&server.request(), Deadlines::new(deadline, deadline));
        assert_eq!(response.unwrap().body(), b"{}");
    }
    let error = Http::new()
        .send(&server.request(), Deadlines::new(Duration::ZERO, Duration::ZERO))
        .map(|_| ())
        .err();
    assert!(error.is_none_or(|error| error.fault != TransportFault::Other));
}

#[test]
fn a_body_over_the_limit_is_not_kept() {
    let server = Server::saying(said("200 OK", "", &"x".repeat(64 * 1024)));
    assert_eq!(server.send().unwrap().body().len(), 64 * 1024);
    let server = Server::saying(said("200 OK", "", &"x".repeat(64 * 1024 + 1)));
    let error = server.send().unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::BodyTooLarge, Delivery::Unknown));
}

#[test]
fn an_answer_that_is_cut_off_is_none() {
    let server = Server::start(|connection| {
        connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":").unwrap();
        true
    });
    let error = server.send().unwrap_err();
    assert_eq!((error.fault, error.delivery()), (TransportFault::CutOff, Delivery::Unknown));
    let server = Server::saying("no HTTP at all\r\n\r\n");
    assert_eq!(server.send().unwrap_err().delivery(), Delivery::Unknown);
    assert_eq!(server.requests(), 1);
}

#[test]
fn without_tls_only_to_this_host() {
    for url in ["http://192.0.2.1/", "http://127.0.0.1.example/", "ftp://127.0.0.1/", "127.0.0.1"] {
        let request = HttpRequest::post(url.into(), "text/plain", vec![]);
        let error = Http::new().send(&request, QUICK).unwrap_err();
        assert_eq!((error.fault, error.delivery()), (TransportFault::Address, Delivery::NotSent));
    }
}

/// The environment is this process's, so this test runs itself once more with another one.
#[test]
fn a_proxy_is_taken_when_it_is_asked_for() {
    if std::env::var_os("M26_PROXY_CHILD").is_some() {
        let url = std::env::var("M26_PROXY_CHILD").unwrap();
        let request = HttpRequest::post(url, "text/plain", BODY.into());
        assert!(Http::new().send(&request, QUICK).is_ok(), "no proxy unless it is asked for");
        let error = Http::with_proxy_from_environment().send(&request, QUICK).unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        return;
    }
    let server = Server::saying(said("200 OK", "", "{}"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = format!("http://{nobody}");
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "http::a_proxy_is_taken_when_it_is_asked_for"])
        .env("M26_PROXY_CHILD", server.request().url())
        .envs(
            ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
                .map(|name| (name, &proxy)),
        )
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    assert_eq!(server.requests(), 1);
}

#[test]
fn many_threads_share_one() {
    let server = Server::saying(said("200 OK", "", "{}"));
    let http = Http::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..4 {
                    assert!(http.send(&server.request(), LONG).is_ok());
                }
            });
        }
    });
    assert_eq!(server.requests(), 32);
}

const BODY: &str = "biz_content=%7B%22out_trade_no%22%3A%22A1%22%7D";

/// Long enough for a loaded machine where an answer is waited for.
const LONG: Deadlines = Deadlines::new(Duration::from_secs(60), Duration::from_secs(60));

const QUICK: Deadlines = Deadlines::new(Duration::from_secs(20), Duration::from_secs(20));

const STOP: &str = "stop";
