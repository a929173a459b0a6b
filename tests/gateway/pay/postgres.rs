//! The tool with a journal that hosts share.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::postgres_server::Server;

use super::{CODE, Desk, ends, fails, pay, run, tool_with};

/// A till that writes to the journal on the server.
fn till(desk: &Desk, url: &str) -> Command {
    tool_with(&desk.url, &desk.keys, url)
}

fn listed(desk: &Desk, url: &str) -> Vec<Value> {
    let ended = run(till(desk, url).args(["orders", "list"]));
    ended.object()["result"]["orders"].as_array().unwrap().clone()
}

#[test]
fn every_command_takes_it() {
    let Some(server) = Server::shared() else { return };
    let (desk, url) = (Desk::new(&["--fault", "lost:pay:2"]), server.new_database());
    let run = |arguments: &[&str]| run(till(&desk, &url).args(arguments));
    let paid = run(&pay("A1_0", CODE));
    assert_eq!((paid.code, &paid.object()["result"]["outcome"]), (Some(0), &json!("paid")));
    // The next program on any host knows it.
    let again = run(&pay("A1_0", CODE));
    assert_eq!(again.object()["result"]["requests"], json!([]), "{again:?}");
    let refund = ["refund", "--out-trade-no", "A1_0", "--out-request-no", "R1", "--amount", "0.25"];
    assert_eq!(run(&refund).code, Some(0));
    let shown = run(&["orders", "show", "A1_0"]).object()["result"].clone();
    assert_eq!(
        (&shown["outcome"], &shown["refunds"][0]["outcome"]),
        (&json!("paid"), &json!("refunded"))
    );
    assert_eq!(shown.get("holder"), None, "nobody works on it");
    assert_eq!(run(&["settle"]).code, Some(0));
    let nothing = run(&["orders", "give-up", "A1_0"]);
    fails(&nothing, 1, "missing", "not-sent");
    assert_eq!(run(&["cancel", "--out-trade-no", "A1_0"]).code, Some(2), "it is paid");
    assert_eq!(run(&["query", "--out-trade-no", "A1_0"]).code, Some(0));
    ends(&run(&["orders", "list"]), 0, "orders list", &json!({ "orders": [] }));
}

/// Who has an order, and until when.
#[test]
fn orders_tell_who_has_them() {
    let Some(server) = Server::shared() else { return };
    let (desk, url) = (Desk::new(&["--fault", "lost"]), server.new_database());
    let mut tool = till(&desk, &url);
    tool.args(["--holder", "till 7", "--answer-timeout", "600"]).args(pay("A1_0", CODE));
    let mut child =
        tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut says = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(says.any(|line| line.unwrap().contains("asking Alipay")));
    let open = listed(&desk, &url);
    assert_eq!((&open[0]["out_trade_no"], &open[0]["holder"]), (&json!("A1_0"), &json!("till 7")));
    let until = open[0]["held_until"].as_str().unwrap();
    assert!(until.starts_with("20") && until.ends_with('Z'), "{until}");
    // Another program leaves it alone.
    let held = run(till(&desk, &url).args(pay("A1_0", CODE)));
    let message = fails(&held, 1, "held", "not-sent");
    assert!(message.contains("till 7"), "{message}");
    child.kill().unwrap();
    child.wait().unwrap();
    // The one with its name gets it back at once.
    let again = run(till(&desk, &url).args(["--holder", "till 7"]).args(pay("A1_0", CODE)));
    assert_eq!(again.object()["result"]["requests"][0], "query", "{again:?}");
}

/// A service prints a line for each order, and stops in order.
#[test]
fn settle_goes_on_until_it_is_stopped() {
    let Some(server) = Server::shared() else { return };
    let (desk, url) = (Desk::new(&[]), server.new_database());
    for (signal, number) in [("INT", "A1_0"), ("TERM", "A2_0")] {
        let mut service = till(&desk, &url);
        service.args(["settle", "--every", "0.2"]).stdin(Stdio::null());
        let mut child = service.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // One that a dead till left is begun by hand.
        let begun = format!(
            "INSERT INTO m26_order (gateway, app_id, out_trade_no, kind, amount, expires_after_ms, \
             stage, begun_ms, changed_ms, created_at, written_at, version, seen) VALUES ('{}', \
             '2026000000000001', '{number}', 'barcode', 10.25, 120000, 'begun', 0, 0, \
             now() - interval '2 s', now() - interval '2 s', 1, false)",
            desk.url
        );
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while server.try_psql(&url, &begun).is_err() {
            std::thread::yield_now();
        }
        let told: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(
            (&told["command"], &told["result"]["out_trade_no"]),
            (&json!("settle"), &json!(number))
        );
        support::sigint::signal(&child, signal);
        let last: Value = serde_json::from_str(&lines.last().unwrap().unwrap()).unwrap();
        assert!(last["result"]["asked"].as_u64().unwrap() >= 1, "{last}");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn what_is_wrong_with_its_address_is_told_without_it() {
    let desk = Desk::new(&[]);
    let run = |url: &str, more: &[&str]| run(till(&desk, url).args(more).args(["orders", "list"]));
    let away = run("postgres://till:s3cret@127.0.0.1:1/shop", &[]);
    let message = fails(&away, 1, "journal", "not-sent");
    assert!(message.contains("nothing was written"), "{message}");
    let wrong = run("postgres://till:s3cret@/shop:5432:9", &[]);
    let message = fails(&wrong, 2, "usage", "not-sent");
    assert!(message.contains("postgres://user@host"), "{message}");
    let file = desk.keys.path("app.pub");
    let no_pem = run("postgres://till@127.0.0.1:1/shop", &["--journal-ca", file.to_str().unwrap()]);
    fails(&no_pem, 2, "usage", "not-sent");
    for ended in [away, wrong] {
        assert!(!ended.stdout.contains("s3cret") && !ended.stderr.contains("s3cret"), "{ended:?}");
    }
}
