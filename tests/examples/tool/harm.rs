//! What the tool must not do unasked: discard, or talk to somebody else's terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use support::cli_tool::{CONFIG_SET, Driven, m26, m26_run, object, quick, text, tool};
use support::sigint;

#[test]
fn a_change_of_the_configuration_is_shown_and_waits_to_be_meant() {
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let path = text(module.path());
    let to = ["--json", "--port", &path, "--earlier", "ended", "run", "-"];
    let other = CONFIG_SET.replace("--env test", "--env production").replace("ALIPAY_BOX", "OTHER");
    let report = "report --amount-fen 1 --outcome unsupported --timestamp 1";
    // A module that was never configured has nothing to lose.
    let ended = m26_run(&to, &format!("{CONFIG_SET}\n{CONFIG_SET}\nopen\n{report}\n{other}\n"));
    let objects = ended.objects();
    assert_eq!(objects[0]["result"]["outcome"], "changed", "{ended:?}");
    assert_eq!(objects[1]["result"]["outcome"], "unchanged", "{ended:?}");
    let error = &objects[4]["error"];
    assert_eq!((&error["kind"], &error["certainty"]), (&json!("mismatch"), &json!("not-sent")));
    let message = error["message"].as_str().unwrap();
    for words in ["env is 4 and would be 0", "product_key is another one", "--discard-reports"] {
        assert!(message.contains(words), "{message}");
    }
    let changes = json!([
        {"name": "product_key", "stored": "[redacted]", "wanted": "[redacted]"},
        {"name": "env", "stored": 4, "wanted": 0},
    ]);
    assert_eq!(error["detail"]["changes"], changes);
    assert!(!format!("{ended:?}").contains("OTHER"), "{ended:?}");
    let stored = || m26_run(&to, "config show").object()["result"]["env"].clone();
    assert_eq!(stored(), 4);
    let ended = m26_run(&to, &format!("{other} --discard-reports\n"));
    assert_eq!(ended.object()["result"]["outcome"], "changed", "{ended:?}");
    assert_eq!(stored(), 0);
}

#[test]
fn an_environment_that_the_document_lacks_must_be_meant() {
    let odd = CONFIG_SET.replace("--env test", "--env 3");
    let ended =
        m26_run(&["--json", "--port", "sim", "run", "-"], &format!("{odd}\n{odd} --any-env"));
    let objects = ended.objects();
    assert_eq!(objects[0]["error"]["kind"], "invalid", "{ended:?}");
    assert!(objects[0]["error"]["message"].as_str().unwrap().contains("--any-env"), "{ended:?}");
    assert_eq!(objects[1]["result"]["outcome"], "changed", "{ended:?}");
}

/// The simulator, as its user runs it.
struct Sim(Child);

impl Sim {
    fn start(link: &Path) -> Self {
        sigint::end_children();
        let mut program = PathBuf::from(tool().get_program());
        program.set_file_name("sim");
        let mut child =
            Command::new(program).arg("--link").arg(link).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said.trim_end(), link.to_str().unwrap());
        Self(child)
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A terminal of another program, which is no simulator.
pub(crate) fn other_terminal() -> (OwnedFd, PathBuf) {
    let other = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&other).unwrap();
    unlockpt(&other).unwrap();
    let name = ptsname(&other, Vec::new()).unwrap().into_string().unwrap();
    (other, name.into())
}

fn nothing_was_typed_into(other: &OwnedFd) {
    rustix::io::ioctl_fionbio(other, true).unwrap();
    let typed = File::from(other.try_clone().unwrap()).read(&mut [0; 64]);
    assert!(typed.is_err(), "{typed:?}");
}

#[test]
fn the_link_of_a_killed_simulator_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    let info = || m26(&["--json", "--port", link.to_str().unwrap(), "info"]);
    let sim = Sim::start(&link);
    assert_eq!(info().code, Some(0));
    let terminal = fs::read_link(&link).unwrap();
    drop(sim);
    // The number is given again to the next programs that want a terminal.
    let mut others = Vec::new();
    let other = loop {
        let (other, name) = other_terminal();
        if name == terminal {
            break other;
        }
        others.push(other);
        if others.len() > 500 {
            // Another test's simulator has it.
            return;
        }
    };
    let ended = info();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let message = ended.object()["error"]["message"].as_str().unwrap().to_string();
    assert!(message.contains("is a link that is older than"), "{message}");
    nothing_was_typed_into(&other);
}

#[test]
fn the_terminal_of_a_shell_is_no_port() {
    // `script` gives what it runs a terminal of its own.
    let mut shell = Command::new("script")
        .args(["--quiet", "--flush", "--command", "tty; read line; echo got=$line", "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(shell.stdout.take().unwrap());
    let mut terminal = String::new();
    said.read_line(&mut terminal).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    symlink(terminal.trim_end(), &link).unwrap();
    for path in [terminal.trim_end(), link.to_str().unwrap()] {
        let ended = m26(&["--json", "--port", path, "info"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let message = ended.object()["error"]["message"].as_str().unwrap().to_string();
        assert!(message.contains("is the terminal of "), "{message}");
    }
    shell.kill().unwrap();
    shell.wait().unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("AT"), "{rest}");
}

#[test]
fn a_line_that_another_program_makes_is_used() {
    // As socat does it: the terminal first, then the link to it.
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let (middle, terminal) = other_terminal();
    let open = |path: &Path| File::options().read(true).write(true).open(path).unwrap();
    let host = open(&terminal);
    let mut raw = rustix::termios::tcgetattr(&host).unwrap();
    raw.make_raw();
    rustix::termios::tcsetattr(&host, rustix::termios::OptionalActions::Now, &raw).unwrap();
    let (middle, module_end) = (File::from(middle), open(&module.path()));
    for (mut from, mut to) in
        [(middle.try_clone().unwrap(), module_end.try_clone().unwrap()), (module_end, middle)]
    {
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    }
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("tty");
    symlink(terminal, &link).unwrap();
    let ended = m26(&["--port", link.to_str().unwrap(), "raw", "AT"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    drop(host);
}

#[test]
fn a_simulator_that_is_told_to_end_takes_its_link_away() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("m26");
        let mut sim = Sim::start(&link);
        sigint::signal(&sim.0, signal);
        assert_eq!(sim.0.wait().unwrap().code(), Some(0), "{signal}");
        assert!(fs::symlink_metadata(&link).is_err(), "{signal}");
        std::mem::forget(sim);
    }
}

/// A session opens its port again and again; by then the number may be another program's.
#[test]
fn a_session_does_not_follow_a_number_to_another_terminal() {
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let terminal = module.path();
    let mut tool = Driven::start(&["--port", &text(module.path()), "--json", "session"]);
    tool.say("wait-ready 5");
    while object(&tool.hear())["event"] != "progress" {}
    drop(module);
    let mut others = Vec::new();
    while others.len() < 500 {
        let (other, name) = other_terminal();
        if name != terminal {
            others.push(other);
            continue;
        }
        // It is tried several times.
        tool.say("sleep 3");
        while object(&tool.hear())["command"] != "sleep" {}
        nothing_was_typed_into(&other);
        break;
    }
    tool.kill();
}
