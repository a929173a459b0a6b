//! The command-line tool, as its user runs it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use m26_pay::sim::modem::ModemSettings;
use serde_json::Value;

use crate::sigint;

/// What came of a run of the tool.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The objects on standard output, one a line.
    pub fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(object).collect()
    }

    /// The only object on standard output.
    pub fn object(&self) -> Value {
        let objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects[0].clone()
    }

    /// A tool of a payment gateway failed so; gives its error.
    #[track_caller]
    pub fn fails(&self, code: i32, kind: &str, certainty: &str) -> Value {
        assert_eq!(self.code, Some(code), "{self:?}");
        let mut object = self.object();
        assert_eq!(object["ok"], false, "{self:?}");
        let error = object["error"].take();
        let names: Vec<_> = error.as_object().unwrap().keys().collect();
        assert_eq!(names, ["advice", "certainty", "code", "kind", "message", "sub_code"]);
        let said = (error["kind"].as_str(), error["certainty"].as_str());
        assert_eq!(said, (Some(kind), Some(certainty)), "{self:?}");
        error
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The tool. Cargo builds the examples before it runs the tests, and puts them beside them.
pub fn tool() -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", "m26"]);
    assert!(path.exists(), "{} is built by `cargo test` without --test", path.display());
    let mut tool = Command::new(path);
    // In English, whatever the language of who tests.
    tool.env("LC_ALL", "C");
    tool
}

/// Runs the tool to its end.
pub fn m26(arguments: &[&str]) -> Ended {
    tool().args(arguments).stdin(Stdio::null()).output().unwrap().into()
}

/// Runs the tool to its end with these lines on its standard input.
pub fn m26_run(arguments: &[&str], lines: &str) -> Ended {
    fed(tool().args(arguments), lines)
}

/// Runs any tool to its end with this on its standard input, which it may leave unread.
pub fn fed(tool: &mut Command, input: &str) -> Ended {
    let tool = tool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = tool.spawn().unwrap();
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap().into()
}

/// The tool, driven line by line by another program.
pub struct Driven {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Driven {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = tool()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    pub fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of standard output; the test stands still if there is none.
    pub fn hear(&mut self) -> String {
        self.output.by_ref().lines().next().unwrap().unwrap()
    }

    /// The pipe that [`hear`](Self::hear) reads.
    pub fn output(&self) -> &ChildStdout {
        self.output.get_ref()
    }

    pub fn interrupt(&self) {
        sigint::interrupt(&self.child);
    }

    /// Ends the tool, also where Ctrl-C is ignored, as for what a shell runs in the background.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes standard input and waits. The rest of the output, and how it ended.
    pub fn end(mut self) -> (Vec<String>, Option<i32>) {
        drop(self.child.stdin.take());
        let rest = self.output.by_ref().lines().map(Result::unwrap).collect();
        (rest, self.child.wait().unwrap().code())
    }
}

pub fn object(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// A module that answers at once.
pub fn quick(settings: ModemSettings) -> ModemSettings {
    let mut latencies = settings.latencies.clone();
    for latency in [
        &mut latencies.usage,
        &mut latencies.command,
        &mut latencies.device_id,
        &mut latencies.ntp,
        &mut latencies.open,
        &mut latencies.product_info,
        &mut latencies.report,
        &mut latencies.shut,
        &mut latencies.sign,
    ] {
        *latency = std::time::Duration::from_millis(1);
    }
    ModemSettings { latencies, ..settings }
}

/// `config set` with the values of the spec's example.
pub const CONFIG_SET: &str = "config set --device-supplier-no 2018040500703640 \
    --merchant-user-id 2018040500703640 --item-id 2018070401748657 --product-key ALIPAY_BOX \
    --env test --terminal-id 1234567890abcdef";

/// A path as an argument.
pub fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}
