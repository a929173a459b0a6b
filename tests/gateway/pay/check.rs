//! `pay check-notify`, `pay check-answer`, and `--charset`.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use encoding_rs::GBK;
use serde_json::{Value, json};
use support::cli_tool::Ended;
use support::example_run::path;
use support::keys::Pair;

use super::{CODE, Desk, bare, ends, fails, pay};
use crate::notify::Fields;
use crate::started::{Keys, text};

const FORM: [&str; 2] = ["--content-type", "application/x-www-form-urlencoded; charset=utf-8"];

/// A folder with Alipay's key and a file.
struct Bench {
    keys: Keys,
}

impl Bench {
    fn new(content: &[u8]) -> Self {
        let keys = Keys::new();
        fs::write(keys.path("body"), content).unwrap();
        Self { keys }
    }

    fn arguments(&self, command: &str, more: &[&str]) -> Vec<String> {
        let (key, body) = (self.keys.path("alipay.pub"), self.keys.path("body"));
        let all = ["--json", "--alipay-key", text(&key), command, text(&body)];
        [&all[..], more].concat().into_iter().map(str::to_owned).collect()
    }

    fn run(&self, command: &str, more: &[&str]) -> Ended {
        let arguments = self.arguments(command, more);
        bare(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn notify(&self, more: &[&str]) -> Ended {
        self.run("check-notify", more)
    }

    #[track_caller]
    fn rejects(&self, command: &str, more: &[&str], words: &str) {
        let message = fails(&self.run(command, more), 10, "rejected", "refused");
        assert!(message.contains(words), "{message}");
    }
}

fn is(event: &str, trade_status: Value) -> Value {
    json!({ "verified": true, "event": event, "trade_status": trade_status })
}

#[test]
fn a_notification_is_checked_without_a_gateway() {
    let bench = Bench::new(&Fields::paid().body());
    let paid = is("paid", json!("TRADE_SUCCESS"));
    ends(&bench.notify(&[]), 0, "check-notify", &paid);
    let all = ["--amount", "10.25", "--out-trade-no", "A1_0", "--seller-id", "2088000000000001"];
    let all = [&FORM[..], &all, &["--app-id", "2026000000000001"]].concat();
    ends(&bench.notify(&all), 0, "check-notify", &paid);

    bench.rejects("check-notify", &["--amount", "10.26"], "its total_amount is not the one");
    bench.rejects("check-notify", &["--out-trade-no", "A1_1"], "its out_trade_no is not the one");
    bench.rejects("check-notify", &["--seller-id", "2088000000000002"], "its seller_id is not");
    bench.rejects("check-notify", &["--app-id", "2026000000000002"], "its app_id is not the one");
    // It was sent years before or after this test runs, and is no less Alipay's.
    bench.rejects("check-notify", &["--content-type", "application/json"], "is no form");
    for old in [&["--max-age", "100000000000"][..], &[]] {
        ends(&bench.notify(old), 0, "check-notify", &paid);
    }
    let old = Bench::new(&Fields::paid().with("notify_time", "2020-01-01 00:00:00").body());
    old.rejects("check-notify", &["--max-age", "86400"], "longer ago than is allowed");
    ends(&old.notify(&[]), 0, "check-notify", &paid);
}

#[test]
fn every_event_has_its_word() {
    let of = |status: &str| Fields::paid().with("trade_status", status);
    let none = Fields::paid().with("notify_type", "dut_user_sign").without("trade_status");
    for (fields, event, status) in [
        (of("TRADE_FINISHED"), "paid", json!("TRADE_FINISHED")),
        (of("TRADE_CLOSED"), "closed", json!("TRADE_CLOSED")),
        (of("TRADE_CLOSED").with("refund_fee", "10.25"), "refunded", json!("TRADE_CLOSED")),
        (of("TRADE_SUCCESS").with("refund_fee", "1.00"), "refunded", json!("TRADE_SUCCESS")),
        (of("WAIT_BUYER_PAY"), "waiting", json!("WAIT_BUYER_PAY")),
        (of("TRADE_PENDING"), "other", json!("TRADE_PENDING")),
        (none, "other", Value::Null),
    ] {
        ends(&Bench::new(&fields.body()).notify(&[]), 0, "check-notify", &is(event, status));
    }
}

#[test]
fn what_is_not_alipays_is_rejected_with_the_reason() {
    let sound = Fields::paid().body();
    let mut changed = sound.clone();
    let at = changed.windows(5).position(|five| five == b"10%2E").unwrap();
    changed[at] = b'9';
    let twice = [&sound[..], b"&trade_status=TRADE_SUCCESS"].concat();
    for (body, words) in [
        (changed, "does not verify"),
        (twice, "the same field twice"),
        (Fields::paid().form(), "has no signature"),
        (vec![b'a'; 10 << 20], "has 10485760 bytes, more than 65536"),
        (Vec::new(), "has no signature"),
    ] {
        let bench = Bench::new(&body);
        bench.rejects("check-notify", &[], words);
        let shown = format!("{:?}", bench.notify(&[]));
        assert!(!shown.contains("2811223344"), "{shown}");
    }
}

#[test]
fn both_read_standard_input() {
    let keys = Keys::new();
    let key = keys.path("alipay.pub");
    let run = |command: &[&str], input: &[u8]| -> Ended {
        let mut child = Command::new(path("pay"))
            .args(["--json", "--alipay-key", text(&key)])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().into()
    };
    let paid = is("paid", json!("TRADE_SUCCESS"));
    ends(&run(&["check-notify", "-"], &Fields::paid().body()), 0, "check-notify", &paid);
    let (node, body) = answer("{\"code\":\"10000\"}", false);
    let ended = run(&["check-answer", "--method", "alipay.trade.query", "-"], &body);
    ends(&ended, 0, "check-answer", &json!({ "verified": true, "signed_text": node }));
}

/// A node, and an answer around it, in GBK or not.
fn answer(node: &str, gbk: bool) -> (String, Vec<u8>) {
    let signed = if gbk { GBK.encode(node).0.into_owned() } else { node.as_bytes().to_vec() };
    let sign = BASE64.encode(&Pair::alipay().sign(&signed));
    let tail = format!(",\"sign\":\"{sign}\"}}");
    let body = [b"{\"alipay_trade_query_response\":", &signed[..], tail.as_bytes()].concat();
    (node.to_owned(), body)
}

#[test]
fn the_signed_text_of_an_answer_is_told_as_it_stands() {
    let method = ["--method", "alipay.trade.query"];
    let html = |charset: &'static str| ["--content-type", charset];
    let node = "{\"code\":\"10000\", \"store\":\"\\u5317京/\", \"buyer\":\"159****5620\"}";
    for (gbk, more) in [
        (false, vec![]),
        (false, html("text/html;charset=utf-8").to_vec()),
        (true, html("text/html;charset=GBK").to_vec()),
        (true, vec!["--charset", "gbk"]),
        (true, vec!["--charset", "GBK", "--content-type", "text/html"]),
    ] {
        let (node, body) = answer(node, gbk);
        let ended = Bench::new(&body).run("check-answer", &[&method[..], &more].concat());
        ends(&ended, 0, "check-answer", &json!({ "verified": true, "signed_text": node }));
    }
    // A refusal is an answer too; what is no answer is rejected.
    let (node, body) = answer("{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\"}", false);
    let refusal = Bench::new(&body);
    let told = json!({ "verified": true, "signed_text": node });
    ends(&refusal.run("check-answer", &method), 0, "check-answer", &told);
    let other = ["--method", "alipay.trade.pay"];
    refusal.rejects("check-answer", &other, "an answer to another call");
    let gbk = Bench::new(&answer("{\"code\":\"10000\",\"msg\":\"中\"}", true).1);
    gbk.rejects("check-answer", &method, "bytes that are not of the charset");
    let changed =
        Bench::new(&String::from_utf8(body).unwrap().replace("40004", "10000").into_bytes());
    changed.rejects("check-answer", &method, "does not verify");
    Bench::new(b"{\"alipay_trade_query_response\":{}}").rejects(
        "check-answer",
        &method,
        "no signature",
    );
    Bench::new(b"<html>").rejects("check-answer", &method, "HTML");
}

#[test]
fn a_key_a_file_or_a_method_that_is_missing_is_told() {
    let bench = Bench::new(b"");
    let message = fails(&bare(&["--json", "check-notify", "-"]), 2, "usage", "not-sent");
    assert!(message.contains("--alipay-key is missing"), "{message}");
    let key = bench.keys.path("alipay.pub");
    let nowhere = ["--json", "--alipay-key", text(&key), "check-notify", "/nowhere"];
    assert!(fails(&bare(&nowhere), 1, "io", "not-sent").starts_with("FILE /nowhere: "));
    fails(&bench.run("check-answer", &[]), 2, "usage", "not-sent");
    fails(&bench.notify(&["--max-age", "-1"]), 2, "usage", "not-sent");
    // The commonest fault of all, where the other key is there to compare with.
    fs::write(bench.keys.path("app.pub"), Pair::app().public_spki()).unwrap();
    let (own, wrong) = (bench.keys.path("app.key"), bench.keys.path("app.pub"));
    let arguments =
        ["--json", "--key", text(&own), "--alipay-key", text(&wrong), "check-notify", "-"];
    assert!(fails(&bare(&arguments), 2, "usage", "not-sent").contains("应用公钥"));
}

#[test]
fn a_merchant_can_ask_in_gbk() {
    let desk = Desk::new(&[]);
    let gbk = ["--charset", "gbk"];
    let mut order = pay("A1_0", CODE);
    order[8] = "午餐 100%";
    let paid = desk.run(&[&gbk[..], &order].concat());
    assert_eq!(paid.object()["result"]["outcome"], "paid", "{paid:?}");
    for (command, code) in [
        (vec!["query", "--out-trade-no", "A1_0"], 0),
        (vec!["query", "--out-trade-no", "A9"], 20),
        (vec!["refund", "--out-trade-no", "A1_0", "--out-request-no", "R", "--amount", "1"], 0),
        (vec!["refund-query", "--out-trade-no", "A1_0", "--out-request-no", "R"], 0),
        (vec!["precreate", "--out-trade-no", "A2_0", "--amount", "1", "--subject", "茶"], 0),
        (vec!["cancel", "--out-trade-no", "A2_0"], 0),
        (vec!["settle"], 0),
    ] {
        let ended = desk.run(&[&gbk[..], &command].concat());
        assert_eq!(ended.code, Some(code), "{ended:?}");
    }
    let mut order = pay("A3_0", CODE);
    order[8] = "🍜";
    let message = fails(&desk.run(&[&gbk[..], &order].concat()), 1, "request", "not-sent");
    assert!(message.contains("U+1F35C"), "{message}");
    assert_eq!(desk.kept(), "9.25");
}
