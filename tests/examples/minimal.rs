//! The two small terminals, as their users run them: each sells, cancels, and ends in order.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(clippy::disallowed_methods, reason = "the terminals work in real time")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxPolicy};
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use support::example_run::{path, run};
use support::sigint;

/// A terminal that runs.
struct Terminal {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Terminal {
    fn start(example: &str, module: &Running<Modem>, db: &std::path::Path) -> Self {
        sigint::end_children();
        let mut child = Command::new(path(example))
            .arg(module.path())
            .arg(db)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Self { child, input, lines }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Reads on until a line holds this.
    fn hears(&self, text: &str) {
        let mut heard = String::new();
        while !heard.lines().last().is_some_and(|line| line.contains(text)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => heard += &(line + "\n"),
                Err(_) => panic!("no {text:?} in:\n{heard}"),
            }
        }
    }

    fn ends_when_told(mut self, signal: &str) {
        sigint::signal(&self.child, signal);
        let told = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(told.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

fn module() -> Running<Modem> {
    let config = Some(ModemConfig::sample());
    pty::spawn(Modem::new(ModemSettings { config, ..ModemSettings::default() })).unwrap()
}

/// The outcomes of the reports that the module holds or has delivered.
fn outcomes(module: &Running<Modem>) -> Vec<i8> {
    module.with(|modem| {
        let delivered = modem.delivered().iter().map(|report| report.trade_result);
        delivered.chain(modem.queued().map(|report| report.trade_result)).collect()
    })
}

fn a_day(example: &str) {
    let (module, folder) = (module(), tempfile::tempdir().unwrap());
    let db = folder.path().join("till.db");
    let mut terminal = Terminal::start(example, &module, &db);
    terminal.hears("ready");
    terminal.say("10.25 284612345678901234");
    terminal.hears("bytes for your server");
    terminal.say("paid 2019012922001450181015731428");
    terminal.say("0.01 284612345678901234");
    terminal.hears("bytes for your server");
    terminal.say("paid with-a-number-that-is-none-because-it-is-far-too-long-for-that-field-of-64");
    terminal.say("cancel");
    terminal.say("ten yuan");
    let told = Instant::now();
    while outcomes(&module).len() < 2 {
        assert!(told.elapsed() < PATIENCE, "the module holds {:?}", outcomes(&module));
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(outcomes(&module), [0, 1]);

    // The power button in the middle of a payment: nobody knows how it ended.
    terminal.say("5 284612345678901234");
    terminal.hears("bytes for your server");
    terminal.ends_when_told("TERM");
    assert!(!module.with(|modem| modem.is_open()), "what the SDK holds is saved");
    let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    // The module may have taken it before its SDK was closed.
    let reports = outbox.list(&ItemState::ALL, Id::<Report>::START, usize::MAX).unwrap();
    let last = reports.last().map(|item| (item.state, item.content.trade_result()));
    assert!(
        matches!(last, Some((ItemState::Pending | ItemState::Held, TradeResult::Unavailable))),
        "{last:?}"
    );
}

#[test]
fn a_day_of_the_blocking_terminal() {
    a_day("minimal");
}

#[test]
fn a_day_of_the_async_terminal() {
    a_day("minimal_async");
}

#[test]
fn a_terminal_that_is_not_ready_takes_no_money() {
    for example in ["minimal", "minimal_async"] {
        let (module, folder) = (module(), tempfile::tempdir().unwrap());
        let db = folder.path().join("till.db");
        module.order(m26_pay::sim::Order::HangUp(Duration::from_secs(3600)));
        let mut terminal = Terminal::start(example, &module, &db);
        terminal.say("10.25 284612345678901234");
        terminal.hears("No money was taken.");
        terminal.ends_when_told("INT");
        let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
        assert_eq!(outbox.summary().reports.due(), 0);
    }
}

#[test]
fn they_are_small() {
    for text in
        [include_str!("../../examples/minimal.rs"), include_str!("../../examples/minimal_async.rs")]
    {
        assert!(text.lines().count() <= 150);
    }
}

#[test]
fn wrong_usage() {
    for example in ["minimal", "minimal_async"] {
        run(example, &[]).complains(&["two arguments are needed"]).ends(1);
        run(example, &["--port", "/dev/ttyUSB0"]).complains(&["two arguments are needed"]).ends(1);
    }
}

const PATIENCE: Duration = Duration::from_secs(120);
