//! Sixteen processes that start at once, over one Redis.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use m26_pay::gateway::unionpay::UnionPay;
use m26_pay::gateway::unionpay::keeper::KeeperPolicy;
use m26_pay::gateway::unionpay::token::{RedisTokens, RedisTokensSettings};
use m26_pay::gateway::{Deadlines, HttpRequest, HttpResponse, Transport, TransportError};
use support::own_process::{OwnProcess, ready};
use support::redis_server::Server;

use super::clients::app;
use super::seconds;

const PROCESSES: usize = 16;
const REDIS: &str = "M26_TEST_REDIS_URL";
const PLATFORM: &str = "M26_TEST_PLATFORM";

#[test]
fn of_sixteen_processes_one_fetches() {
    let Some(server) = Server::start(&[]) else { return };
    let platform = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = platform.local_addr().unwrap().to_string();
    let variables = [(REDIS, server.url()), (PLATFORM, address.clone())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let test = "tokens::processes::a_process_of_its_own";
    let mut children: Vec<_> =
        (0..PROCESSES).map(|_| OwnProcess::start(test, &variables)).collect();
    children.iter_mut().for_each(OwnProcess::await_ready);
    children.iter_mut().for_each(OwnProcess::go);
    let serve = thread::spawn(move || {
        let mut given = 0;
        for stream in platform.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0];
            stream.read_exact(&mut asked).unwrap();
            if asked == *b"q" {
                return given;
            }
            given += 1;
            stream.write_all(&[given]).unwrap();
        }
        given
    });
    let tokens: Vec<String> = children.into_iter().flat_map(OwnProcess::finish).collect();
    TcpStream::connect(&address).unwrap().write_all(b"q").unwrap();
    assert_eq!(serve.join().unwrap(), 1);
    assert_eq!(tokens, ["t1"; PROCESSES]);
}

/// The other end of [`OwnProcess`]: a host in a process of its own.
#[test]
#[ignore = "the other end of of_sixteen_processes_one_fetches"]
fn a_process_of_its_own() {
    let mut settings = RedisTokensSettings::new(std::env::var(REDIS).unwrap());
    settings.connect_timeout = seconds(60);
    settings.response_timeout = seconds(60);
    let mut policy = KeeperPolicy::default();
    policy.patience = seconds(60);
    policy.lease = seconds(60);
    let transport = Asks(std::env::var(PLATFORM).unwrap());
    let store = RedisTokens::new(settings).unwrap();
    let client = UnionPay::with_policy(app(), transport, store, policy);
    ready();
    println!("got {}", client.backend_token().unwrap().expose());
}

/// A transport for which the test itself is the platform.
struct Asks(String);

impl Transport for Asks {
    fn send(&self, _: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        let mut stream = TcpStream::connect(&self.0).unwrap();
        stream.write_all(b"t").unwrap();
        let mut given = [0];
        stream.read_exact(&mut given).unwrap();
        let token = format!(r#"{{"backendToken":"t{}","expiresIn":7200}}"#, given[0]);
        let body = format!(r#"{{"resp":"00","msg":"","params":{token}}}"#);
        Ok(HttpResponse::new(200, None, body.into_bytes()))
    }
}
