//! The `upsdk` example: its page in a real browser, with a stand-in for UnionPay's script.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::sim::gateway::http::{
    Outgoing, Polled, RawRequest, RawResponse, RunningServer, Server, Service, Visit,
};
use rsa::sha2::{Digest as _, Sha256};
use serde_json::Value;
use support::example_run::{path, run};
use support::sigint;
use tempfile::TempDir;

const APP: &str = "fb707efe000000000000000c3a9e06d8";

/// UnionPay as far as front tokens go: it gives one after the other.
#[derive(Default)]
struct Platform {
    asked: Vec<Value>,
}

fn token(number: usize) -> String {
    format!("+/front{number}==")
}

impl Service for Platform {
    fn receive(&mut self, _: Instant, request: &RawRequest<'_>) -> Visit {
        assert!(request.post && request.path == "/open/access/1.0/frontToken", "{}", request.path);
        self.asked.push(serde_json::from_slice(request.body).unwrap());
        Visit(self.asked.len() as u64)
    }

    fn poll(&mut self, _: Instant, Visit(number): Visit) -> Polled {
        let token = token(number as usize);
        let params = serde_json::json!({"frontToken": token, "expiresIn": 7200});
        let body = serde_json::json!({"resp": "00", "msg": "", "params": params}).to_string();
        let content_type = "application/json;charset=UTF-8";
        let body = body.into_bytes();
        Polled::Done(Outgoing::Whole(RawResponse {
            status: 200,
            content_type,
            location: None,
            body,
        }))
    }

    fn leave(&mut self, _: Visit) {}

    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// The example that runs, and the lines that it says.
struct Shop {
    child: Child,
    lines: Receiver<String>,
    origin: String,
    platform: RunningServer<Platform>,
    _folder: TempDir,
}

impl Shop {
    fn start() -> Self {
        sigint::end_children();
        let platform = Server::bind("127.0.0.1:0").unwrap().spawn(Platform::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "dev-secret\n").unwrap();
        let base = format!("http://{}/open/access/1.0", platform.address());
        let mut child = Command::new(path("upsdk"))
            .args(["--listen", "127.0.0.1:0", "--base", &base, "--app-id", APP])
            .args(["--script", "stand-in", "--secret-file"])
            .arg(&secret)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let first = lines.recv_timeout(PATIENCE).unwrap();
        let origin = first.strip_prefix("open ").and_then(|rest| rest.split_once("/ in a browser"));
        let origin = origin.unwrap_or_else(|| panic!("{first}")).0.to_owned();
        Self { child, lines, origin, platform, _folder: folder }
    }

    /// The lines until this one.
    fn until(&self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != last) {
            let line = self.lines.recv_timeout(PATIENCE);
            lines.push(line.unwrap_or_else(|_| panic!("no {last:?} behind {lines:?}")));
        }
        lines
    }

    /// The status and the body of an answer.
    fn get(&self, target: &str) -> (u16, String) {
        let address: SocketAddr = self.origin.strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Ctrl-C, and it ends well.
    fn stop(mut self) {
        sigint::interrupt(&self.child);
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(out: ChildStdout) -> Receiver<String> {
    let (say, said) = channel();
    // It ends with the program, or when nobody listens any more.
    thread::spawn(move || {
        BufReader::new(out).lines().map_while(Result::ok).all(|line| say.send(line).is_ok())
    });
    said
}

/// A browser without a screen. It is killed when it is dropped.
struct Browser {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    /// A browser at this address, or `None` where none is installed, which is said. With
    /// `M26_REQUIRE_CHROMIUM` set there must be one.
    fn open(url: &str) -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        let mut data_dir = std::ffi::OsString::from("--user-data-dir=");
        data_dir.push(profile.path());
        let child = Command::new("chromium")
            .args(FLAGS)
            .arg(data_dir)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => Some(Self { child, _profile: profile }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let required = std::env::var_os("M26_REQUIRE_CHROMIUM").is_some();
                assert!(!required, "M26_REQUIRE_CHROMIUM is set, and there is no chromium");
                println!("chromium is not installed: the page is NOT tested in a browser");
                None
            }
            Err(error) => panic!("chromium: {error}"),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What the script was given, and that it is signed with this token for this address (7.1, 7.2).
fn check(line: &str, token: &str, url: &str) -> (String, String) {
    let given: Value =
        serde_json::from_str(line.strip_prefix("the stand-in was given ").unwrap()).unwrap();
    let text = |name: &str| given[name].as_str().unwrap().to_owned();
    let mut names: Vec<&String> = given.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["appId", "nonceStr", "signature", "timestamp"]);
    let (nonce, timestamp) = (text("nonceStr"), text("timestamp"));
    assert_eq!((text("appId").as_str(), nonce.len(), timestamp.len()), (APP, 16, 10));
    let signed =
        format!("appId={APP}&frontToken={token}&nonceStr={nonce}&timestamp={timestamp}&url={url}");
    let signature: String =
        Sha256::digest(&signed).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text("signature"), signature, "{signed}");
    (nonce, timestamp)
}

#[test]
fn a_browser_gives_the_script_what_is_signed_for_its_address() {
    let shop = Shop::start();
    // What a server would decode, and what it never sees.
    let url = format!("{}/?a=%7E+b%20c&refuse=once", shop.origin);
    let Some(browser) = Browser::open(&format!("{url}#/part")) else { return shop.stop() };
    let said = shop.until("the page is ready");
    let [first, refused, second, _] = &said[..] else { panic!("{said:?}") };
    assert_eq!(refused, "the script does not take the front token any more");
    let first = check(first, &token(1), &url);
    let second = check(second, &token(2), &url);
    assert_ne!(first.0, second.0, "a random text came twice");
    // One fetch for each token, and the secret in neither.
    let asked = shop.platform.with(|platform| std::mem::take(&mut platform.asked));
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|body| !body.to_string().contains("dev-secret")));
    drop(browser);
    shop.stop();
}

#[test]
fn nothing_is_signed_for_the_pages_of_others() {
    let shop = Shop::start();
    let (status, page) = shop.get("/");
    assert!(status == 200 && page.contains("<script src=\"/stand-in.js\">"), "{page}");
    let own = format!("/config?url={}/a", shop.origin.replace("://", "%3A%2F%2F"));
    let (status, config) = shop.get(&own);
    assert_eq!(status, 200, "{config}");
    let config: Value = serde_json::from_str(&config).unwrap();
    assert_eq!(config["appId"], APP);
    for target in [
        "/config?url=https%3A%2F%2Fevil.example%2F",
        "/config?url=http%3A%2F%2F127.0.0.1%3A1%2F",
        &own.replace("/a", ".evil.example/a"),
        "/config?url=%ff",
        "/config",
    ] {
        let (status, said) = shop.get(target);
        assert!(status == 403 && !said.contains("signature"), "{target}: {said}");
    }
    assert_eq!(shop.get("/other").0, 404);
    assert_eq!(shop.platform.with(|platform| platform.asked.len()), 1);
    shop.stop();
}

#[test]
fn wrong_arguments_are_told() {
    run("upsdk", &["--help"]).says(&["--listen", "--base", "--script", "--library"]).ends(0);
    for (arguments, complaint) in [
        (&["--base", "https://a.example"][..], "--app-id"),
        (&["--base", "http://a.example", "--app-id", "1", "--secret-file", "x"], "https"),
        (&["--app-id", "1"], "--secret-file"),
        (&["--listen", "1.2.3.4:1"], "--listen"),
        (&["--app-id", "a-b", "--secret-file", "x"], "appId"),
        (&["--base", "https://a.example", "--app-id", "1", "--secret-file", "/none"], "/none"),
    ] {
        run("upsdk", arguments).complains(&[complaint]).ends(2);
    }
}

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Without a port to be told by it ends when the page is loaded.
    "--remote-debugging-port=0",
];

/// For a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);
