//! The gateway on loopback TCP, by a client that sends bytes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use m26_pay::sim::gateway::alipay::{Customer, Gateway, Method};
use m26_pay::sim::gateway::http::{RunningServer, Server};
use serde_json::json;

use super::NUMBER;
use super::wire::{Client, FORM, gateway, with};

fn serve(gateway: Gateway) -> RunningServer<Gateway> {
    Server::bind("127.0.0.1:0").unwrap().spawn(gateway).unwrap()
}

fn connect(server: &RunningServer<Gateway>) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    // Far more than anything here takes, so that a fault fails a test and does not hang it.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

fn post(client: &Client) -> Vec<u8> {
    let body = client.pairs().join("&");
    let head = format!(
        "POST /gateway.do HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

fn pay() -> Vec<u8> {
    post(&Client::pay().stand_in())
}

fn query() -> Vec<u8> {
    post(&Client::new("alipay.trade.query", &json!({"out_trade_no": NUMBER})).stand_in())
}

/// One answer, head and body; what came of it, if the connection ends before.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).unwrap() {
            0 => return String::from_utf8(bytes).unwrap(),
            _ => bytes.push(byte[0]),
        }
    }
    let head = String::from_utf8(bytes.clone()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: u64 = length.unwrap_or("0").parse().unwrap();
    stream.take(length).read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    answer(stream)
}

#[test]
fn one_connection_carries_many_calls() {
    let server = serve(gateway());
    let mut stream = connect(&server);
    assert!(exchange(&mut stream, &pay()).contains("\"code\":\"10000\""));
    assert!(exchange(&mut stream, &query()).contains("TRADE_SUCCESS"));
    // Two at once, and one in pieces.
    assert!(exchange(&mut stream, &[query(), query()].concat()).contains("TRADE_SUCCESS"));
    assert!(answer(&mut stream).contains("TRADE_SUCCESS"));
    let request = query();
    stream.write_all(&request[..20]).unwrap();
    stream.write_all(&request[20..request.len() - 5]).unwrap();
    assert!(exchange(&mut stream, &request[request.len() - 5..]).contains("TRADE_SUCCESS"));
    assert_eq!(server.with(|gateway| gateway.line().calls(Method::Query)), 4);
}

#[test]
fn a_get_carries_everything_in_its_query() {
    let server = serve(gateway());
    let target = Client::pay().stand_in().pairs().join("&");
    let request = format!("GET /gateway.do?{target}#x HTTP/1.1\r\nConnection: close\r\n\r\n");
    let mut stream = connect(&server);
    assert!(exchange(&mut stream, request.as_bytes()).contains("\"code\":\"10000\""));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed, as was asked for");
}

#[test]
fn a_closed_connection_has_seen_one_request() {
    let mut gateway = gateway();
    gateway.plan("closed".parse().unwrap());
    let server = serve(gateway);
    let mut stream = connect(&server);
    assert_eq!(exchange(&mut stream, &pay()), "");
    assert_eq!(server.with(|gateway| gateway.line().calls(Method::Pay)), 1);
    assert!(exchange(&mut connect(&server), &query()).contains("\"code\""));
}

#[test]
fn a_body_can_stop_in_the_middle() {
    let mut gateway = gateway();
    gateway.plan("cut-off".parse().unwrap());
    let server = serve(gateway);
    let mut stream = connect(&server);
    stream.write_all(&pay()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
}

#[test]
fn a_client_that_does_not_wait_is_left_and_its_call_stays_done() {
    for fault in ["late", "lost"] {
        let mut gateway = gateway();
        gateway.plan(fault.parse().unwrap());
        let server = serve(gateway);
        let mut stream = connect(&server);
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.write_all(&pay()).unwrap();
        let seen = || server.with(|gateway| gateway.line().calls(Method::Pay));
        loop {
            assert!(stream.read(&mut [0]).is_err(), "{fault}: nothing comes");
            if seen() == 1 {
                break;
            }
        }
        stream.shutdown(Shutdown::Both).unwrap();
        drop(stream);
        assert!(exchange(&mut connect(&server), &query()).contains("\"code\""));
        assert_eq!(seen(), 1, "{fault}");
    }
}

#[test]
fn a_customer_who_thinks_holds_nobody_up() {
    let server = serve(with(Customer::Pays(Duration::from_secs(3600))));
    assert!(exchange(&mut connect(&server), &pay()).contains("\"code\":\"10003\""));
    assert!(exchange(&mut connect(&server), &query()).contains("WAIT_BUYER_PAY"));
}

#[test]
fn what_is_not_understood_is_refused_in_words() {
    let server = serve(gateway());
    let refused = |request: &str| {
        let answer = exchange(&mut connect(&server), request.as_bytes());
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        let text = answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
        (status, text)
    };
    let chunked = refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(chunked.0, "411");
    assert!(chunked.1.contains("Content-Length"), "{}", chunked.1);
    assert_eq!(refused("PUT / HTTP/1.1\r\n\r\n").0, "405");
    assert_eq!(refused("POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n").0, "413");
    assert_eq!(refused("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n").0, "400");
    assert_eq!(refused("\u{1}\u{2}\r\n\r\n").0, "400");
    assert_eq!(refused(&format!("GET /{} HTTP/1.1", "x".repeat(20_000))).0, "431");
    let json = "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    assert!(refused(json).1.contains("application\\/x-www-form-urlencoded"));
}

#[test]
fn a_client_that_wants_to_be_told_to_go_on_is_told() {
    let server = serve(gateway());
    let request = String::from_utf8(pay()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut stream = connect(&server);
    let head = format!("{head}\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(exchange(&mut stream, head.as_bytes()), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(exchange(&mut stream, body.as_bytes()).contains("\"code\":\"10000\""));
}

#[test]
fn a_connection_too_many_is_told_so() {
    let server = serve(gateway());
    let mut kept: Vec<_> = (0..64).map(|_| connect(&server)).collect();
    for stream in &mut kept {
        assert!(exchange(stream, &query()).contains("\"code\""));
    }
    assert!(answer(&mut connect(&server)).starts_with("HTTP/1.1 503 "));
    assert!(exchange(&mut kept[0], &query()).contains("\"code\""));
}

#[test]
fn stopping_ends_what_waits() {
    let mut gateway = gateway();
    gateway.plan("lost".parse().unwrap());
    let server = Server::bind("127.0.0.1:0").unwrap();
    let (address, handle) = (server.address(), server.handle());
    let notes = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let notes = Arc::clone(&notes);
        let served = scope.spawn(move || {
            let note = |line: &str| notes.lock().unwrap().push(line.to_owned());
            server.serve(&Mutex::new(gateway), note)
        });
        let mut waiting = TcpStream::connect(address).unwrap();
        waiting.write_all(&pay()).unwrap();
        let mut other = TcpStream::connect(address).unwrap();
        assert!(exchange(&mut other, &query()).contains("\"code\""));
        handle.stop();
        served.join().unwrap().unwrap();
        assert_eq!(waiting.read(&mut [0]).unwrap_or(0), 0);
    });
    assert!(!notes.lock().unwrap().is_empty());
}
