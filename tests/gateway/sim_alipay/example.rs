//! The example `gateway`, as other people start it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use support::example_run::{Said, run};
use support::sigint;

use super::wire::Client;
use crate::started::{Keys, Started, text};

fn said(keys: &Keys, alipay: &str, app: &str, more: &[&str]) -> Said {
    let (alipay, app) = (keys.path(alipay), keys.path(app));
    let own =
        ["--listen", "127.0.0.1:0", "--alipay-key", text(&alipay), "--app-public-key", text(&app)];
    run("gateway", &[&own, more].concat())
}

#[test]
fn it_says_where_it_listens_what_happens_and_what_became_of_the_money() {
    let keys = Keys::new();
    let mut started = Started::new(&keys, &["--fault", "unsigned:query:1"]);
    let line = started.line();
    let address = line.strip_prefix("listening on http://").unwrap();
    let address = address.strip_suffix("/gateway.do").unwrap();

    let call = Client::pay().by_app().pairs().join("&");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /gateway.do?{call} HTTP/1.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"code\":\"10000\""), "{answer}");

    assert_eq!(started.line(), "pay no. 1: T1-0001, 10.25 yuan");
    assert_eq!(started.line(), "pay: 10000, TRADE_SUCCESS");
    sigint::interrupt(&started.child);
    let last = "customers were charged 1 times, 10.25 yuan; the merchant has 10.25 yuan";
    assert_eq!(started.line(), last);
    assert!(started.child.wait().unwrap().success());
}

#[test]
fn the_wrong_half_of_a_key_is_refused_by_name() {
    let keys = Keys::new();
    let public = said(&keys, "alipay.pub", "app.pub", &[]);
    public.complains(&["--alipay-key", "it is a public key", "signs the answers"]).ends(2);
    let private = said(&keys, "alipay.key", "app.key", &[]);
    private.complains(&["--app-public-key", "it is a private key", "openssl pkey"]).ends(2);
    let same = said(&keys, "alipay.key", "alipay.pub", &[]);
    same.complains(&["the public half of --alipay-key", "give the app's"]).ends(2);
    let missing = said(&keys, "alipay.key", "none", &[]);
    missing.complains(&["--app-public-key", "none", "No such file"]).ends(2);
}

#[test]
fn wrong_usage_says_what_there_is() {
    let keys = Keys::new();
    let said = |more: &[&str]| said(&keys, "alipay.key", "app.pub", more);
    said(&["--fault", "power-cut"]).complains(&["the till's"]).ends(2);
    said(&["--fault", "slow"]).complains(&["lost, late, half-done"]).ends(2);
    said(&["--fault", "late:buy:1"]).complains(&["'buy'", "pay, query"]).ends(2);
    said(&["--customer", "steals"]).complains(&["pays, thinks, refuses"]).ends(2);
    let elsewhere = said(&["--help"]);
    elsewhere.says(&["--listen", "Customers:", "pays-late", "Faults:", "wrong-amount"]).ends(0);
    let taken = run(
        "gateway",
        &[
            "--listen",
            "192.0.2.1:1",
            "--alipay-key",
            text(&keys.path("alipay.key")),
            "--app-public-key",
            text(&keys.path("app.pub")),
        ],
    );
    taken.complains(&["--listen 192.0.2.1:1", "an address of this machine"]).ends(2);
}
