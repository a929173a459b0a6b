//! The programs of the READMEs: they stand there as they are run here.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests of programs, which run in real time"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use m26_pay::sim::Order;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty;
use support::cli_tool::quick;
use support::example_run::path;
use support::sigint;

/// The programs in a text, without those that are no Rust.
fn programs(text: &str) -> Vec<&str> {
    text.split("```rust,no_run\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_programs_of_the_readmes_are_those_that_run() {
    // Without the line of documentation, and the empty line behind it.
    let body = |file: &'static str| file.split_once("\n\n").unwrap().1;
    let ours = [
        body(include_str!("../../examples/first.rs")),
        body(include_str!("../../examples/first_async.rs")),
    ];
    for readme in [include_str!("../../README.md"), include_str!("../../README.zh-CN.md")] {
        assert_eq!(programs(readme), ours);
        assert!(readme.lines().count() <= 150, "a README has at most 150 lines");
        let blocks = readme.matches("```rust").count();
        assert_eq!(blocks, ours.len(), "each program is compared and run");
    }
}

#[test]
fn links_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<_> =
        fs::read_dir(root.join("docs")).unwrap().map(|e| e.unwrap().path()).collect();
    pages.extend(["README.md", "README.zh-CN.md", "SECURITY.md"].map(|name| root.join(name)));
    let mut found = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let inline = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        let below = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
        for link in inline.chain(below.map(|(_, link)| link)) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            found += 1;
            let there = page.parent().unwrap().join(file).exists();
            assert!(there, "{}: {link} leads nowhere", page.display());
        }
    }
    assert!(found > 50, "the reader found {found} links only");
}

/// It is alive after seconds in which nothing happens, recovers from a reset of the module, and
/// ends by a signal with the module switched off.
fn runs_for_months(example: &str) {
    sigint::end_children();
    let config = Some(ModemConfig::sample());
    let settings = ModemSettings { config, ..ModemSettings::default() };
    let module = pty::spawn(Modem::new(quick(settings))).unwrap();
    let mut child =
        Command::new(path(example)).arg(module.path()).stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    let hears = |text: &str| {
        while !lines.recv_timeout(Duration::from_secs(120)).unwrap().contains(text) {}
    };
    hears("-> ready");
    thread::sleep(Duration::from_secs(4));
    assert_eq!(child.try_wait().unwrap(), None, "it has ended at the first quiet second");
    module.order(Order::Reset);
    hears("-> ready");
    sigint::signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!module.with(|modem| modem.is_open()));
}

#[test]
fn the_blocking_program_runs_for_months() {
    runs_for_months("first");
}

#[test]
fn the_async_program_runs_for_months() {
    runs_for_months("first_async");
}
