//! Ctrl-C.

use std::io::BufReader;
use std::process::{Child, Stdio};

use serde_json::json;
use support::cli_tool::Ended;
use support::sigint;

use super::{CODE, Desk, fails, pay};

/// Starts a payment that waits for long, and gives it when it says this.
fn begun(desk: &Desk, says: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut tool = desk.tool();
    tool.args(pay("A1_0", CODE)).stdin(Stdio::null());
    tool.args(["--poll-every", "60", "--poll-for", "600", "--answer-timeout", "600"]);
    let mut child = tool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    heard(&mut stderr, says);
    (child, stderr)
}

fn heard(stderr: &mut impl std::io::BufRead, says: &str) {
    let mut line = String::new();
    while !line.contains(says) {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it never says {says}");
    }
}

fn end(child: Child, mut stderr: impl std::io::Read) -> Ended {
    let mut ended = Ended::from(child.wait_with_output().unwrap());
    stderr.read_to_string(&mut ended.stderr).unwrap();
    ended
}

#[test]
fn the_first_is_the_cashiers_stop() {
    let desk = Desk::new(&["--customer", "leaves"]);
    let (child, stderr) = begun(&desk, "waiting for the customer");
    sigint::interrupt(&child);
    let ended = end(child, stderr);
    let result = &ended.object()["result"];
    assert_eq!((ended.code, &result["reason"]), (Some(10), &json!("cancelled")), "{ended:?}");
    assert_eq!(result["requests"], json!(["pay", "cancel"]));
    assert_eq!(desk.kept(), "0.00");
}

#[test]
fn the_second_leaves_at_once_with_the_order_open() {
    // The first request is never answered, so the stop has to wait for it.
    let desk = Desk::new(&["--fault", "lost"]);
    let (child, mut stderr) = begun(&desk, "asking Alipay");
    sigint::interrupt(&child);
    heard(&mut stderr, "Ctrl-C again leaves at once");
    sigint::interrupt(&child);
    let ended = end(child, stderr);
    fails(&ended, 20, "interrupted", "unknown");
    let open = desk.run(&["orders", "list"]).object()["result"]["orders"].clone();
    assert_eq!((&open[0]["outcome"], &open[0]["out_trade_no"]), (&json!(null), &json!("A1_0")));
    // A new run of the same number asks what became of it, and pays nothing.
    let again = desk.pay("A1_0", &[]);
    let requests = again.object()["result"]["requests"].clone();
    assert!(!requests.as_array().unwrap().contains(&json!("pay")), "{again:?}");
    assert_eq!(requests[0], "query", "{again:?}");
}

#[test]
fn a_journal_has_one_program_at_a_time() {
    let desk = Desk::new(&["--customer", "leaves"]);
    let (child, stderr) = begun(&desk, "waiting for the customer");
    let message = fails(&desk.run(&["orders", "list"]), 1, "journal", "not-sent");
    assert!(message.contains("another program has the journal"), "{message}");
    let other = desk.run(&pay("A2_0", "284612345678901235"));
    fails(&other, 1, "journal", "not-sent");
    sigint::interrupt(&child);
    assert_eq!(end(child, stderr).code, Some(10));
}

#[test]
fn where_nothing_can_be_stopped_the_first_leaves_at_once() {
    let desk = Desk::new(&["--fault", "lost:query:1"]);
    let mut tool = desk.tool();
    tool.args(["query", "--out-trade-no", "A1_0", "--answer-timeout", "600"]).stdin(Stdio::null());
    let child = tool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut desk = desk;
    while !desk.gateway.line().contains("query no. 1") {}
    sigint::interrupt(&child);
    let ended = Ended::from(child.wait_with_output().unwrap());
    fails(&ended, 20, "interrupted", "unknown");
}
