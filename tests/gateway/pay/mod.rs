//! The tool `pay`, as its user runs it, against the example `gateway` and its own simulated one.

mod certificates;
mod check;
mod commands;
mod faults;
mod interrupt;
mod keys;
mod kill;
mod openssl;
mod order_string;
mod postgres;
mod qr;
mod secrets;
mod usage;

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::cli_tool::Ended;
use support::example_run::path;
use support::sigint;

use crate::started::{Keys, Started, text};

const CODE: &str = "284612345678901234";

/// A till with its keys and its journal, and the gateway that it asks.
struct Desk {
    keys: Keys,
    gateway: Started,
    url: String,
}

impl Desk {
    /// A gateway with these options.
    fn new(more: &[&str]) -> Self {
        let keys = Keys::new();
        let mut gateway = Started::new(&keys, more);
        let url = gateway.line().strip_prefix("listening on ").unwrap().to_owned();
        Self { keys, gateway, url }
    }

    /// The tool with everything but its command.
    fn tool(&self) -> Command {
        tool(&self.url, &self.keys)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(self.tool().args(arguments))
    }

    fn pay(&self, number: &str, more: &[&str]) -> Ended {
        self.run(&[&pay(number, CODE)[..], more].concat())
    }

    /// What the merchant has in the end, by the gateway's own books.
    fn kept(mut self) -> String {
        sigint::interrupt(&self.gateway.child);
        loop {
            let line = self.gateway.line();
            if let Some((_, kept)) = line.split_once("the merchant has ") {
                return kept.strip_suffix(" yuan").unwrap().to_owned();
            }
            assert_ne!(line, "", "the gateway ends with the money");
        }
    }
}

/// The tool at a gateway, with keys, a journal on disk, and waits that a test can wait for.
fn tool(url: &str, keys: &Keys) -> Command {
    tool_with(url, keys, text(&keys.path("till.db")))
}

/// The tool at a gateway, with this journal.
fn tool_with(url: &str, keys: &Keys, journal: &str) -> Command {
    let mut tool = Command::new(path("pay"));
    tool.args(["--json", "--gateway", url, "--app-id", "2026000000000001"]);
    for (option, name) in [("--key", "app.key"), ("--alipay-key", "alipay.pub")] {
        tool.args([option, text(&keys.path(name))]);
    }
    tool.args(["--journal", journal]);
    tool.args(["--poll-every", "0.05", "--poll-for", "0.4", "--unknown-for", "0.6"]);
    tool.args(["--pay-again-for", "0.5", "--cancel-every", "0.05", "--cancel-for", "0.5"]);
    tool
}

/// The tool with nothing but these.
fn bare(arguments: &[&str]) -> Ended {
    run(Command::new(path("pay")).args(arguments))
}

fn run(tool: &mut Command) -> Ended {
    tool.stdin(Stdio::null()).output().unwrap().into()
}

fn pay<'a>(number: &'a str, code: &'a str) -> [&'a str; 9] {
    [
        "pay",
        "--out-trade-no",
        number,
        "--auth-code",
        code,
        "--amount",
        "10.25",
        "--subject",
        "lunch",
    ]
}

/// It ended so, with this result.
#[track_caller]
fn ends(ended: &Ended, code: i32, command: &str, result: &Value) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    let object = json!({ "command": command, "ok": true, "result": result });
    assert_eq!(ended.object(), object, "{ended:?}");
}

/// It failed so; gives the message.
#[track_caller]
fn fails(ended: &Ended, code: i32, kind: &str, certainty: &str) -> String {
    let error = ended.fails(code, kind, certainty);
    error["message"].as_str().unwrap().to_owned()
}
