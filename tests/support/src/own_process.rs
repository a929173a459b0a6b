//! A test of this program in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that runs one ignored test of the program that is running. It says `ready`, waits for a
/// line, and then says `got …` as often as it likes.
pub struct OwnProcess {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl OwnProcess {
    /// Starts the test of this name, with these variables in its environment.
    pub fn start(test: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", test])
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    pub fn await_ready(&mut self) {
        assert!(self.said.by_ref().lines().any(|line| line.unwrap() == "ready"));
    }

    pub fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// What it got.
    pub fn finish(mut self) -> Vec<String> {
        let lines = self.said.lines().map(Result::unwrap);
        let got = lines.filter_map(|line| line.strip_prefix("got ").map(str::to_owned)).collect();
        assert!(self.child.wait().unwrap().success());
        got
    }
}

/// The other end: says that it is ready, and waits until it may go.
pub fn ready() {
    println!("\nready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
