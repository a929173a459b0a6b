//! The programs of `examples/clients`, as they are run, with a session and a simulated module.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use m26_pay::at::profile::Profile;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::sim::pty::{Pty, Running};
use support::cli_tool::{Ended, quick, tool};
use support::real_time::wait_until;
use support::session_line::{self, Module, configured};
use support::sigint;

const CODE: &str = "284612345678901234";

/// A session on a module at a path that survives replugging, and the folder of both.
struct Served {
    session: Child,
    module: Running<Module>,
    folder: tempfile::TempDir,
}

impl Served {
    fn start(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("m26");
        let device = session_line::module(quick(configured(&Profile::quectel())), script);
        let module = Pty::open(Some(&link)).unwrap().spawn(device, |_| {}).unwrap();
        let session = tool()
            .arg("--port")
            .arg(&link)
            .args(["session", "--listen", "m26.sock", "--db", "till.db"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let served = Self { session, module, folder };
        wait_until("somebody listens", || UnixStream::connect(served.socket()).is_ok());
        served
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("m26.sock")
    }

    fn stop(&mut self) {
        sigint::signal(&self.session, "TERM");
        assert_eq!(self.session.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.session.kill());
        drop(self.session.wait());
    }
}

/// Whether there is such a program, which is said if there is not. With `M26_REQUIRE_CLIENTS` set it
/// has to be there.
fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        assert!(std::env::var_os("M26_REQUIRE_CLIENTS").is_none(), "{program} is not installed");
        println!("{program} is not installed: its client is NOT tested");
    }
    found
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clients").join(name)
}

/// The adapter is pulled out while the module signs: the till signs again when it is back, and the
/// report reaches the module.
#[test]
fn a_payment_in_python_while_the_module_is_unplugged() {
    if !is_installed("python3") {
        return;
    }
    let mut served = Served::start(
        "on 1 AT+ALIPAYSIGN late-result 10m\non 1 AT+ALIPAYSIGN after 50ms hang-up for 300ms",
    );
    let mut till = Command::new("python3")
        .arg(example("till.py"))
        .args([served.socket().as_os_str(), OsStr::new("10.25")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut scanner = till.stdin.take().unwrap();
    let mut said = BufReader::new(till.stdout.take().unwrap()).lines();
    for id in 1..=2 {
        writeln!(scanner, "{CODE}").unwrap();
        assert_eq!(said.next().unwrap().unwrap(), format!("signed, report {id}"));
    }
    drop(scanner);
    let ended: Ended = till.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for words in ["module: disconnected", "again: ", "module: ready"] {
        assert!(ended.stderr.contains(words), "{words}: {ended:?}");
    }
    assert!(!ended.stderr.contains(CODE), "{ended:?}");

    let held = || {
        served.module.with(|module| {
            let modem = module.inner().inner();
            modem.delivered().len() + modem.queued().count()
        })
    };
    wait_until("the module has both reports", || held() >= 2);
    served.stop();
    let outbox = Outbox::open(served.folder.path().join("till.db"), OutboxPolicy::default());
    let reports = outbox.unwrap().summary().reports;
    assert_eq!((reports.held + reports.ram_only, reports.due()), (2, 0));
}

#[test]
fn a_question_in_c() {
    if !is_installed("cc") {
        return;
    }
    let mut served = Served::start("");
    let ask = served.folder.path().join("ask");
    let options = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o"];
    let compiled = Command::new("cc").args(options).arg(&ask).arg(example("ask.c")).status();
    assert!(compiled.unwrap().success());
    let run = |socket: &Path, line: &str| -> Ended {
        Command::new(&ask).arg(socket).arg(line).output().unwrap().into()
    };
    let socket = served.socket();
    let ended = run(&socket, &format!("sign --mode payer-code --data {CODE} --amount 10.25"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let objects = ended.objects();
    let answer = objects.last().unwrap();
    assert_eq!(
        (&answer["command"], &answer["result"]["signed_length"]),
        (&"sign".into(), &369.into())
    );
    assert_eq!(run(&socket, "frobnicate").code, Some(1));
    assert_eq!(run(&socket, "status\nshut-down").code, Some(2));
    served.stop();
    assert_eq!(run(&socket, "status").code, Some(1));
}

/// They are to be read in one go.
#[test]
fn they_are_short() {
    for name in ["ask.c", "till.py"] {
        let lines = fs::read_to_string(example(name)).unwrap().lines().count();
        assert!(lines <= 40, "{name} has {lines} lines");
    }
}
