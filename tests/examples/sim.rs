//! The simulator as a program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use support::example_run::{path, run};

/// A simulator that runs until it is dropped.
struct Simulator(Child);

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn its_help_names_the_words_of_a_script() {
    let said = run("sim", &["--help"]);
    said.says(&[
        "--script",
        "--clock",
        "at TIME",
        "answer COMMAND TEXT",
        "late-result [PREFIX]",
        "calm",
    ]);
    said.ends(0);
}

/// One that begins at another time, whose trace has a line a command, and whose link stays its own.
#[test]
fn what_it_prints_and_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let (link, script) = (file("m26"), file("script"));
    std::fs::write(&script, "answer AT+QTEMP? \"+QTEMP: 24\"").unwrap();
    let mut child = Command::new(path("sim"))
        .args(["--link", &link, "--script", &script, "--clock", "1709164800"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let _simulator = Simulator(child);
    assert_eq!(printed.next().unwrap(), link);

    let mut port = std::fs::OpenOptions::new().write(true).open(&link).unwrap();
    for piece in ["AT", "E0\r", "AT+QTEMP?\r", "AT+CPIN=\"2846\"\r", "AT+CCLK?\r"] {
        port.write_all(piece.as_bytes()).unwrap();
    }
    for line in [
        "-> ATE0\\r",
        "-> AT+QTEMP?\\r",
        "-> AT+CPIN=\"****\"\\r",
        "-> AT+CCLK?\\r",
        "<- \\r\\n+CCLK: \"24/02/29,08:00:0",
    ] {
        assert!(printed.any(|printed| printed.starts_with(line)), "{line}");
    }

    let second = run("sim", &["--link", &link]);
    second.complains(&["no terminal with a link at", "another simulator has this link"]).ends(2);
    run("sim", &["--clock", "4102444800"]).complains(&["--clock"]).ends(2);
}
