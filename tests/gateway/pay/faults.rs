//! What goes wrong on the line, and that the tool tells the truth all the same.

use serde_json::json;

use super::{CODE, Desk, ends, fails, pay, run, tool};
use crate::started::Keys;

/// One payment with this fault of the first pay. Its exit status, outcome and reason; whatever it
/// said is true by the gateway's own books.
fn with(fault: &str) -> (i32, String, String) {
    let desk = Desk::new(&["--fault", fault]);
    let ended = desk.pay("A1_0", &["--answer-timeout", "1"]);
    let code = ended.code.unwrap();
    let result = ended.object()["result"].clone();
    let open = desk.run(&["orders", "list"]).object()["result"]["orders"].as_array().unwrap().len();
    assert_eq!(open, usize::from(code == 20), "{fault}: unknown is open, and nothing else is");
    let kept = desk.kept();
    match code {
        0 => assert_eq!(kept, "10.25", "{fault}: {ended:?}"),
        10 => assert_eq!(kept, "0.00", "{fault}: {ended:?}"),
        code => assert_eq!(code, 20, "{fault}: {ended:?}"),
    }
    let word = |name: &str| result[name].as_str().unwrap().to_owned();
    (code, word("outcome"), word("reason"))
}

#[test]
fn what_is_no_answer_is_asked_about() {
    for fault in ["closed", "cut-off", "502", "html", "redirect", "unsigned", "wrong-signature"] {
        let (code, outcome, _) = with(fault);
        assert_eq!((code, outcome.as_str()), (0, "paid"), "{fault}");
    }
    assert_eq!(with("gbk"), (0, "paid".into(), "pay".into()));
}

#[test]
fn what_alipay_does_not_know_ends_in_what_is_true() {
    for fault in ["lost", "late", "half-done", "system-error"] {
        with(fault);
    }
}

#[test]
fn another_amount_is_not_this_order() {
    assert_eq!(with("wrong-amount"), (20, "unknown".into(), "other-amount".into()));
}

#[test]
fn customers_who_do_not_pay() {
    for (customer, reason) in [("leaves", "cancelled"), ("pays-late", "refunded")] {
        let desk = Desk::new(&["--customer", customer]);
        let ended = desk.pay("A1_0", &[]);
        let result = &ended.object()["result"];
        assert_eq!((ended.code, &result["reason"]), (Some(10), &json!(reason)), "{ended:?}");
        let requests = result["requests"].as_array().unwrap();
        assert_eq!(requests.first().unwrap(), "pay");
        assert_eq!(requests.last().unwrap(), "cancel");
        assert_eq!(result["trade_result"], 1);
        assert_eq!(desk.kept(), "0.00");
    }
}

#[test]
fn faults_of_other_commands() {
    let desk = Desk::new(&[
        "--fault",
        "wrong-signature:query:1",
        "--fault",
        "unsigned:close:1",
        "--fault",
        "closed:refund-query:1",
        "--fault",
        "system-error:cancel:1",
    ]);
    let order = ["--out-trade-no", "A1_0"];
    fails(&desk.run(&[&["query"], &order[..]].concat()), 20, "answer", "unknown");
    let close = desk.run(&[&["close"], &order[..]].concat());
    fails(&close, 20, "answer", "unknown");
    let refund = ["--out-request-no", "R1"];
    let asked = desk.run(&[&["refund-query"], &order[..], &refund].concat());
    fails(&asked, 20, "transport", "unknown");
    let cancelled = desk.run(&[&["cancel"], &order[..]].concat());
    fails(&cancelled, 20, "refused", "unknown");
    assert_eq!(cancelled.object()["error"]["code"], "20000");
}

#[test]
fn a_cancel_that_nobody_answers_leaves_the_order_being_cancelled() {
    let desk = Desk::new(&["--fault", "closed:cancel:1"]);
    let sale = ["--amount", "1.00", "--subject", "tea"];
    desk.run(&[&["precreate", "--out-trade-no", "P1"], &sale[..]].concat());
    fails(&desk.run(&["cancel", "--out-trade-no", "P1"]), 20, "transport", "unknown");
    let open = desk.run(&["orders", "list"]).object()["result"]["orders"].clone();
    assert_eq!(open[0]["reason"], "cancelling");
    // It is cancelled again, until that is proven.
    let settled = desk.run(&["settle"]).object()["result"]["orders"][0].clone();
    assert_eq!(settled["requests"].as_array().unwrap()[..2], ["query", "cancel"]);
    assert_ne!(settled["outcome"], "paid");
    assert_eq!(desk.kept(), "0.00");
}

#[test]
fn where_nobody_listens_nothing_is_sent() {
    let keys = Keys::new();
    // Port 1 is nobody's.
    let to_nobody =
        |arguments: &[&str]| run(tool("http://127.0.0.1:1/gateway.do", &keys).args(arguments));
    let order = ["--out-trade-no", "A1_0"];
    for command in ["query", "cancel", "close"] {
        let ended = to_nobody(&[&[command], &order[..]].concat());
        let message = fails(&ended, 1, "transport", "not-sent");
        assert!(message.contains("check the network"), "{message}");
    }
    let by_trade_no = to_nobody(&["cancel", "--trade-no", "2026112922001400010001"]);
    assert!(fails(&by_trade_no, 1, "transport", "not-sent").contains("not cancelled"));
    let refund = ["--out-request-no", "R1", "--amount", "1.00"];
    let ended = to_nobody(&[&["refund"], &order[..], &refund].concat());
    assert!(fails(&ended, 1, "transport", "not-sent").contains("same out_request_no"));
    for kind in ["transport", "not-sent"] {
        // The second time the journal knows it.
        let message = fails(&to_nobody(&pay("A1_0", CODE)), 1, kind, "not-sent");
        assert!(message.contains("a new out_trade_no"), "{message}");
    }
    let list = to_nobody(&["orders", "list"]);
    ends(&list, 0, "orders list", &json!({ "orders": [] }));
}

#[test]
fn a_journal_that_cannot_be_used_has_nothing_sent() {
    let desk = Desk::new(&[]);
    let folder = desk.keys.path(".");
    let ended = desk.pay("A1_0", &["--journal", folder.to_str().unwrap()]);
    fails(&ended, 1, "journal", "not-sent");
    std::fs::write(desk.keys.path("text"), "this is no journal, but a text of some length")
        .unwrap();
    let ended = desk.pay("A1_0", &["--journal", desk.keys.path("text").to_str().unwrap()]);
    fails(&ended, 1, "journal", "not-sent");
    assert_eq!(desk.kept(), "0.00");
}

#[test]
fn a_journal_without_room_has_nothing_sent() {
    let desk = Desk::new(&[]);
    assert_eq!(desk.pay("A1_0", &[]).code, Some(0));
    // No file may grow beyond a block: what is written fails as on a full disk.
    let tool = desk.tool();
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]);
    limited.arg(tool.get_program()).args(tool.get_args());
    let ended = run(limited.args(pay("A2_0", "284612345678901235")));
    fails(&ended, 1, "journal", "not-sent");
    assert_eq!(desk.kept(), "10.25");
}
