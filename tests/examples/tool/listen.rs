//! `m26 session --listen`, as the programs of a till use it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::sim::Order;
use m26_pay::sim::pty::{self, Running};
use serde_json::{Value, json};
use support::cli_tool::{Driven, m26, object, quick, text, tool};
use support::real_time::{now, pause, wait_until};
use support::session_line::{self, Module, configured};
use support::sigint;

const SIGN: &str = "sign --mode payer-code --data 284612345678901234 --amount 10.25";

fn module(script: &str) -> (Running<Module>, String) {
    let settings = quick(configured(&Profile::quectel()));
    let module = pty::spawn(session_line::module(settings, script)).unwrap();
    let path = text(module.path());
    (module, path)
}

/// A session that listens, and nothing else.
struct Served {
    child: Child,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start(port: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("m26.sock");
        let child = tool()
            .args(["--port", port, "session", "--listen", socket.to_str().unwrap()])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let served = Self { child, socket, _folder: folder };
        wait_until("somebody listens", || UnixStream::connect(&served.socket).is_ok());
        served
    }

    fn client(&self) -> Client {
        Client::connect(&self.socket)
    }

    /// Ends it by a signal. How it ended.
    fn stop(mut self) -> Option<i32> {
        sigint::signal(&self.child, "TERM");
        let code = self.child.wait().unwrap().code();
        assert!(!self.socket.exists(), "the socket is removed");
        code
    }

    /// What it has needed at most, in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

struct Client(BufReader<UnixStream>);

impl Client {
    fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    fn say(&mut self, line: &str) {
        writeln!(self.0.get_mut(), "{line}").unwrap();
    }

    /// The next object, `None` when the session has hung up.
    fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| object(&line))
    }

    /// The next object that is so.
    fn until(&mut self, mut so: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let Some(heard) = self.hear() else { panic!("the session has hung up") };
            if so(&heard) {
                return heard;
            }
        }
    }

    fn answer(&mut self) -> Value {
        self.until(|object| object.get("command").is_some())
    }

    /// Whether it is not one too many.
    fn is_served(&mut self) -> bool {
        // Where it is refused, nobody reads it.
        drop(writeln!(self.0.get_mut(), "status"));
        self.answer()["ok"] == true
    }

    fn ask(&mut self, line: &str) -> Value {
        self.say(line);
        self.answer()
    }
}

fn is_state(object: &Value, state: &str) -> bool {
    object["event"] == "state" && object["to"] == state
}

#[test]
fn many_clients_have_their_answers_and_all_events() {
    let (module, port) = module("");
    let served = Served::start(&port, &[]);
    let [mut till, mut screen, mut idle] = [served.client(), served.client(), served.client()];
    assert_eq!(screen.ask("status")["command"], "status");
    assert_eq!(
        till.ask("wait-ready 60"),
        json!({"command": "wait-ready", "ok": true, "result": {"state": "ready"}})
    );
    // Who waits holds up nobody else.
    idle.say("sleep 3600");
    screen.say("wait-ready 3600");
    for _ in 0..3 {
        assert_eq!(till.ask(SIGN)["result"]["signed_length"], 369);
    }
    assert_eq!(screen.answer()["result"], json!({"state": "ready"}));
    module.order(Order::Urc("+CREG: 2".into()));
    for client in [&mut till, &mut screen, &mut idle] {
        client.until(|object| *object == json!({"urc": "+CREG", "text": "+CREG: 2"}));
    }
    module.order(Order::Reset);
    for client in [&mut till, &mut screen, &mut idle] {
        client.until(|object| object["event"] == "reset");
        client.until(|object| is_state(object, "ready"));
    }
    assert_eq!(till.ask(SIGN)["result"]["signed_length"], 369);
    assert_eq!(screen.ask("frobnicate")["error"]["kind"], "invalid");
    assert_eq!(served.stop(), Some(0));
    // The one that waited is told that it was stopped, and everybody's connection is closed.
    let stopped = idle.answer();
    assert_eq!((&stopped["command"], &stopped["ok"]), (&json!("sleep"), &json!(false)));
    assert_eq!(stopped["error"]["kind"], "interrupted");
    for mut client in [till, screen, idle] {
        while client.hear().is_some() {}
    }
}

#[test]
fn shut_down_ends_it() {
    let (module, port) = module("");
    let mut served = Served::start(&port, &[]);
    let (mut till, mut other) = (served.client(), served.client());
    assert_eq!(other.ask("wait-ready 60")["ok"], true);
    other.say("sleep 3600");
    let answer = till.ask("shut-down");
    assert_eq!(answer["result"], json!({"state": "shut"}));
    assert_eq!(other.answer()["error"]["kind"], "interrupted");
    assert_eq!(till.hear(), None);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    assert!(!served.socket.exists());
    assert!(!module.with(|module| module.inner().inner().is_open()));
}

/// The commands of a file and those of a socket, and it ends with the file.
#[test]
fn a_file_and_a_socket() {
    let (_module, port) = module("");
    let folder = tempfile::tempdir().unwrap();
    let socket = text(folder.path().join("m26.sock"));
    let mut tool = Driven::start(&["--port", &port, "--json", "session", "--listen", &socket, "-"]);
    tool.say("wait-ready 60");
    while object(&tool.hear())["command"] != "wait-ready" {}
    let mut client = Client::connect(Path::new(&socket));
    assert_eq!(client.ask("shut-down")["ok"], true);
    // Its console goes on.
    tool.say("status");
    let status = loop {
        let object = object(&tool.hear());
        if object.get("command").is_some() {
            break object;
        }
    };
    assert_eq!(status["result"]["state"], "shut");
    assert_eq!(tool.end().1, Some(0));
    while client.hear().is_some() {}
    assert!(!Path::new(&socket).exists());
}

#[test]
fn the_socket_is_its_owner_s_alone() {
    let (_module, port) = module("");
    let served = Served::start(&port, &[]);
    let metadata = fs::symlink_metadata(&served.socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    // A living one is not taken.
    let (_second, other) = module("");
    let arguments = ["--json", "--port", &other, "session", "--listen"];
    let refused = |socket: &Path| {
        let ended = m26(&[&arguments[..], &[socket.to_str().unwrap()]].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let error = ended.object()["error"].take();
        assert_eq!((&error["kind"], &error["certainty"]), (&json!("io"), &json!("not-sent")));
        error["message"].as_str().unwrap().to_owned()
    };
    assert!(refused(&served.socket).contains("is in use: a program listens there"));
    assert_eq!(served.client().ask("wait-ready 60")["ok"], true);
    // Neither is what is no socket, nor a place that is none.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("till.db");
    fs::write(&file, "reports").unwrap();
    assert!(refused(&file).contains("is no socket, so it is left as it is"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "reports");
    assert!(refused(&folder.path().join("nowhere/m26.sock")).contains("cannot be made"));
    assert!(refused(&folder.path().join("x".repeat(120))).contains("cannot be made"));
    // One that was left behind is replaced.
    let stale = served.socket.clone();
    let (_third, third) = module("");
    let folder = stale.parent().unwrap().to_owned();
    let left = folder.join("left.sock");
    drop(UnixListener::bind(&left).unwrap());
    let mut child = tool()
        .args(["--port", &third, "session", "--listen", left.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("it is replaced", || UnixStream::connect(&left).is_ok());
    assert_eq!(Client::connect(&left).ask("wait-ready 60")["ok"], true);
    // What somebody else has put there by then is not removed.
    fs::remove_file(&left).unwrap();
    fs::write(&left, "mine").unwrap();
    sigint::signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(fs::read_to_string(&left).unwrap(), "mine");
    assert_eq!(served.stop(), Some(0));
}

/// Garbage, a line without an end, one that is cut short, and clients that go in mid-command: the
/// others go on, and nothing is sent that was not meant.
#[test]
fn a_client_s_mistakes_are_its_own() {
    let (module, port) = module("");
    let served = Served::start(&port, &[]);
    let mut till = served.client();
    assert_eq!(till.ask("wait-ready 60")["ok"], true);

    let mut wrong = served.client();
    wrong.0.get_mut().write_all(b"\x00\xff\xfe\n\r\n'\n{\"command\":\"sign\"}\n# \n").unwrap();
    for words in ["UTF-8", "quote", "unrecognized subcommand"] {
        let answer = wrong.answer();
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    // Ten million bytes are one line.
    let piece = [b'x'; 1 << 16];
    for _ in 0..160 {
        wrong.0.get_mut().write_all(&piece).unwrap();
    }
    let answer = wrong.ask("");
    assert_eq!((&answer["command"], &answer["error"]["kind"]), (&json!("?"), &json!("invalid")));
    assert!(answer["error"]["message"].as_str().unwrap().contains("longer than 65536 bytes"));
    assert_eq!(wrong.ask("status")["ok"], true);

    // A line that its client did not finish is not carried out.
    let mut torn = served.client();
    write!(torn.0.get_mut(), "shut-down").unwrap();
    torn.0.get_mut().shutdown(Shutdown::Write).unwrap();
    let answer = torn.answer();
    assert!(answer["error"]["message"].as_str().unwrap().contains("may be cut short"), "{answer}");
    assert_eq!(torn.hear(), None);

    // One that writes no more still gets its answers.
    let mut last = served.client();
    last.say(&format!("sleep 0.1\n{SIGN}"));
    last.0.get_mut().shutdown(Shutdown::Write).unwrap();
    assert_eq!(last.answer()["command"], "sleep");
    assert_eq!(last.answer()["result"]["signed_length"], 369);

    // Dead in mid-command, also in mid-answer.
    for line in ["sleep 3600", "wait-ready 3600", SIGN, "info", "status"] {
        let mut dead = served.client();
        dead.say(&format!("{line}\n").repeat(20));
        drop(dead);
        assert_eq!(till.ask(SIGN)["result"]["signed_length"], 369, "{line}");
    }
    assert!(module.with(|module| module.inner().inner().is_open()));
    assert_eq!(served.stop(), Some(0));
}

/// Those who wait for ever and have gone make room for others.
#[test]
fn a_client_that_has_gone_keeps_nobody_out() {
    let (_module, port) = module("at 0s sim missing");
    let served = Served::start(&port, &["--restart", "never"]);
    let lines = "sleep 3600\nwait-ready 3600\n".repeat(50);
    for _ in 0..2 {
        let mut waiting: Vec<_> = (0..100).map(|_| served.client()).collect();
        for client in &mut waiting {
            assert!(client.is_served());
            client.say(&lines);
        }
        drop(waiting);
        // The last of them goes when it is looked after.
        let threads = || fs::read_dir(format!("/proc/{}/task", served.child.id())).unwrap().count();
        wait_until("there is room again", || threads() <= 20);
    }
}

/// One that never reads, one that only asks, and a hundred others: the module and everybody else
/// are undisturbed, and what is kept has a bound.
#[test]
fn a_client_that_never_reads_is_only_its_own_loss() {
    let (module, port) = module("");
    let served = Served::start(&port, &[]);
    let mut till = served.client();
    assert_eq!(till.ask("wait-ready 60")["ok"], true);
    let mut hundred: Vec<_> = (0..100).map(|_| served.client()).collect();
    for client in &mut hundred {
        assert_eq!(client.ask("status")["ok"], true);
    }
    let before = served.memory();

    // They ask, and never read: the session reads no more of them than it answers.
    let mut deaf: Vec<_> = (0..10).map(|_| served.client()).collect();
    let lines = "status\n".repeat(10_000);
    thread::scope(|scope| {
        for client in &mut deaf {
            scope.spawn(|| {
                client.0.get_mut().set_nonblocking(true).unwrap();
                let mut bytes = lines.as_bytes();
                let began = now();
                // Until neither the socket nor the session takes any more.
                while now() - began < Duration::from_millis(300) {
                    match client.0.get_mut().write(bytes) {
                        Ok(written) => bytes = &bytes[written..],
                        Err(_) => pause(Duration::from_millis(5)),
                    }
                    if bytes.is_empty() {
                        bytes = lines.as_bytes();
                    }
                }
            });
        }
    });
    // Nobody but the till reads 768 KiB of events, which is far more than 64 KiB and what a socket holds.
    // How much of them comes in a round depends on how quickly the port is read, so they are counted.
    let (began, mut heard, mut rounds) = (now(), 0, 0);
    while heard < 768 * 1024 {
        assert!(now() - began < Duration::from_secs(300), "{heard} bytes in {rounds} rounds");
        module.order(Order::Raw("\r\n+CREG: 1,\"1806\",\"A10E\"\r\n".repeat(100).into()));
        till.say("status");
        let answer = till.until(|object| {
            heard += object.to_string().len();
            object.get("command").is_some()
        });
        assert_eq!(answer["ok"], true, "{answer}");
        rounds += 1;
    }
    println!("{heard} bytes in {rounds} rounds, {:?}", now() - began);
    assert_eq!(till.ask(SIGN)["result"]["signed_length"], 369);
    let more = served.memory() - before;
    // 110 clients with 64 KiB and a thread each are 8 MiB; with all events they would be 80.
    assert!(more < 16 * 1024, "{more} KiB more");

    // Who reads again hears how much there was that it has not heard.
    let mut late = hundred.pop().unwrap();
    late.say("status");
    late.until(|object| object["event"] == "missed" && object["count"].as_u64() > Some(0));
    assert_eq!(late.answer()["command"], "status");

    // And nobody who does not read holds the end up.
    let began = now();
    assert_eq!(served.stop(), Some(0));
    assert!(now() - began < Duration::from_secs(20), "it ended");
}

#[test]
fn there_is_an_end_to_how_many_are_served() {
    let (_module, port) = module("");
    let served = Served::start(&port, &[]);
    let mut clients: Vec<_> = (0..128).map(|_| served.client()).collect();
    // The one that has looked whether anybody listens may be there still.
    for client in &mut clients[..127] {
        assert_eq!(client.ask("status")["ok"], true);
    }
    let mut beyond = served.client();
    let answer = beyond.until(|object| object.get("command").is_some());
    assert_eq!(answer["error"]["kind"], "busy", "{answer}");
    let mut rest = String::new();
    assert_eq!(beyond.0.read_to_string(&mut rest).unwrap_or(0), 0);
    drop(clients.pop());
    drop(clients.pop());
    let began = now();
    while !served.client().is_served() {
        assert!(now() - began < PATIENCE, "there is room again");
    }
}

/// No wake-up for the clients, the socket or the screen: at rest only what keeps the module's line
/// alive happens.
#[cfg(target_os = "linux")]
#[test]
fn at_rest_it_costs_nothing() {
    let (_module, port) = module("");
    let served = Served::start(&port, &[]);
    let mut clients: Vec<_> = (0..10).map(|_| served.client()).collect();
    assert_eq!(clients[0].ask("wait-ready 60")["ok"], true);
    for client in &mut clients {
        assert_eq!(client.ask("status")["ok"], true);
    }
    // What follows a start, such as the clock, is over.
    pause(Duration::from_secs(2));
    let before = switches(served.child.id());
    pause(Duration::from_secs(5));
    let after = switches(served.child.id());
    let woken = after - before;
    assert!(woken <= 10, "woken up {woken} times in 5 s");
}

/// How often the threads of a process have waited for something: each time they were woken up.
fn switches(process: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let status = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("status")));
    status
        .map(|status| {
            let status = status.unwrap();
            let line =
                status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        })
        .sum()
}

const PATIENCE: Duration = Duration::from_secs(60);
