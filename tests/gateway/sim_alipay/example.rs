//! The example `gateway`, as other people start it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use support::example_run::{Said, path, run};
use support::sigint;
use tempfile::TempDir;

use super::wire::Client;
use crate::keys::Pair;

/// Key files of both sides.
struct Keys {
    folder: TempDir,
}

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, der) in [
            ("alipay.key", Pair::alipay().private_pkcs8()),
            ("alipay.pub", Pair::alipay().public_spki()),
            ("app.key", Pair::app().private_pkcs8()),
            ("app.pub", Pair::app().public_spki()),
        ] {
            fs::write(folder.path().join(name), der).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self, alipay: &str, app: &str, more: &[&str]) -> Said {
        let (alipay, app) = (self.path(alipay), self.path(app));
        let own = [
            "--listen",
            "127.0.0.1:0",
            "--alipay-key",
            text(&alipay),
            "--app-public-key",
            text(&app),
        ];
        run("gateway", &[&own, more].concat())
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The example, ended when the test is, however that ends.
struct Started {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Started {
    fn drop(&mut self) {
        // It has ended already, as a rule.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Started {
    fn new(keys: &Keys, more: &[&str]) -> Self {
        sigint::end_children();
        let mut command = Command::new(path("gateway"));
        command.args(["--listen", "127.0.0.1:0", "--alipay-key"]).arg(keys.path("alipay.key"));
        command.arg("--app-public-key").arg(keys.path("app.pub")).args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
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
    let public = keys.said("alipay.pub", "app.pub", &[]);
    public.complains(&["--alipay-key", "it is a public key", "signs the answers"]).ends(2);
    let private = keys.said("alipay.key", "app.key", &[]);
    private.complains(&["--app-public-key", "it is a private key", "openssl pkey"]).ends(2);
    let same = keys.said("alipay.key", "alipay.pub", &[]);
    same.complains(&["the public half of --alipay-key", "give the app's"]).ends(2);
    let missing = keys.said("alipay.key", "none", &[]);
    missing.complains(&["--app-public-key", "none", "No such file"]).ends(2);
}

#[test]
fn wrong_usage_says_what_there_is() {
    let keys = Keys::new();
    let said = |more: &[&str]| keys.said("alipay.key", "app.pub", more);
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
