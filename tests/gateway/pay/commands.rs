//! What each command does and says.

use serde_json::{Value, json};

use super::{CODE, Desk, bare, ends, fails, pay};

#[test]
fn a_payment_is_taken_once_and_told_from_the_journal() {
    let desk = Desk::new(&[]);
    let first = desk.pay("A1_0", &[]);
    let trade_no = first.object()["result"]["trade_no"].clone();
    assert_eq!(trade_no.as_str().unwrap().len(), 28);
    let paid = |requests: Value| {
        json!({
            "outcome": "paid", "reason": "pay", "out_trade_no": "A1_0", "trade_no": trade_no,
            "total_amount": "10.25", "sub_code": null, "trade_result": 0, "requests": requests,
            "advice": "give-goods",
        })
    };
    ends(&first, 0, "pay", &paid(json!(["pay"])));
    ends(&desk.pay("A1_0", &[]), 0, "pay", &paid(json!([])));
    ends(&desk.run(&["orders", "show", "A1_0"]), 0, "orders show", &paid(json!([])));
    ends(&desk.run(&["orders", "list"]), 0, "orders list", &json!({ "orders": [] }));

    let other = ["--amount", "10.26", "--subject", "lunch", "--auth-code", CODE];
    let message = fails(
        &desk.run(&[&["pay", "--out-trade-no", "A1_0"], &other[..]].concat()),
        2,
        "usage",
        "not-sent",
    );
    assert!(message.contains("A1_0 was used before, for 10.25 yuan"), "{message}");
    assert_eq!(desk.kept(), "10.25");
}

#[test]
fn a_refusal_ends_with_10_and_says_why() {
    let desk = Desk::new(&["--customer", "refuses"]);
    let ended = desk.pay("A1_0", &[]);
    let result = &ended.object()["result"];
    assert_eq!(ended.code, Some(10), "{ended:?}");
    assert_eq!((&result["outcome"], &result["reason"]), (&json!("not-paid"), &json!("refused")));
    assert_eq!(result["trade_result"], 2);
    assert!(result["sub_code"].as_str().unwrap().starts_with("ACQ."), "{ended:?}");
    let again = desk.pay("A1_0", &[]);
    assert_eq!(again.code, Some(10), "{again:?}");
    assert_eq!(again.object()["result"]["requests"], json!([]));
}

#[test]
fn a_face_pays_and_a_file_that_is_not_there_sends_nothing() {
    let desk = Desk::new(&[]);
    let face = format!("fp{}", "0".repeat(33));
    let order = [&pay("A1_0", &face)[..], &["--scene", "security-code"]].concat();
    assert_eq!(desk.run(&order).code, Some(0));
    let none = desk.pay("A2_0", &["--terminal-params-file", "/nowhere"]);
    let message = fails(&none, 1, "io", "not-sent");
    assert!(message.starts_with("--terminal-params-file /nowhere: "), "{message}");
    assert_eq!(desk.kept(), "10.25");
}

#[test]
fn query_says_what_alipay_says() {
    let desk = Desk::new(&[]);
    let paid = desk.pay("A1_0", &[]).object();
    let trade_no = paid["result"]["trade_no"].as_str().unwrap().to_owned();
    for which in [["--out-trade-no", "A1_0"], ["--trade-no", &trade_no]] {
        let ended = desk.run(&[&["query"], &which[..]].concat());
        let result = &ended.object()["result"];
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(result["code"], "10000");
        assert_eq!(result["trade_status"], "TRADE_SUCCESS");
        assert_eq!(result["out_trade_no"], "A1_0");
        assert_eq!(result["trade_no"], trade_no.as_str());
        assert_eq!(result["total_amount"], "10.25");
    }
    // It may be on its way yet, so it is not known.
    let ended = desk.run(&["query", "--out-trade-no", "A9"]);
    fails(&ended, 20, "refused", "unknown");
    let error = &ended.object()["error"];
    assert_eq!(
        (&error["code"], &error["sub_code"]),
        (&json!("40004"), &json!("ACQ.TRADE_NOT_EXIST"))
    );
}

#[test]
fn what_is_paid_is_refunded_and_not_cancelled() {
    let desk = Desk::new(&[]);
    desk.pay("A1_0", &[]);
    let message = fails(&desk.run(&["cancel", "--out-trade-no", "A1_0"]), 2, "usage", "not-sent");
    assert!(message.contains("`refund`"), "{message}");
    let trade_no = desk.run(&["orders", "show", "A1_0"]).object()["result"]["trade_no"].clone();
    let by_trade_no = desk.run(&["cancel", "--trade-no", trade_no.as_str().unwrap()]);
    fails(&by_trade_no, 2, "usage", "not-sent");

    let order = ["--out-trade-no", "A1_0", "--out-request-no", "R1"];
    let refund = [&["refund", "--amount", "4.00", "--reason", "cold"], &order[..]].concat();
    let ended = desk.run(&refund);
    let result = &ended.object()["result"];
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!((&result["fund_change"], &result["refund_fee"]), (&json!("Y"), &json!("4.00")));
    assert_eq!(
        (&result["out_request_no"], &result["refund_amount"]),
        (&json!("R1"), &json!("4.00"))
    );
    let again = json!({ "out_trade_no": "A1_0", "out_request_no": "R1", "refund_amount": "4.00" });
    ends(&desk.run(&refund), 0, "refund", &again);
    let ended = desk.run(&[&["refund-query"], &order[..]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.object()["result"]["refund_status"], "REFUND_SUCCESS");

    let order = ["--out-trade-no", "A1_0", "--out-request-no", "R2"];
    let much = desk.run(&[&["refund", "--amount", "7.00"], &order[..]].concat());
    fails(&much, 10, "refused", "refused");
    assert_eq!(much.object()["error"]["code"], "40004");
    // Nobody knows of it, and it may be on its way.
    let ended = desk.run(&[&["refund-query"], &order[..]].concat());
    assert_eq!(ended.code, Some(20), "{ended:?}");
    let shown = desk.run(&["orders", "show", "A1_0"]).object();
    let refunds = shown["result"]["refunds"].as_array().unwrap();
    let outcomes: Vec<_> =
        refunds.iter().map(|refund| refund["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refunded", "not-refunded"]);
    assert_eq!(desk.kept(), "6.25");
}

#[test]
fn a_code_for_the_customer_is_left_open_or_waited_for() {
    let desk = Desk::new(&[]);
    let order = ["--amount", "1.00", "--subject", "tea"];
    let precreate = |number: &str, more: &[&str]| {
        desk.run(&[&["precreate", "--out-trade-no", number], &order[..], more].concat())
    };
    let offered = precreate("P1", &[]);
    let code = offered.object()["result"]["qr_code"].as_str().unwrap().to_owned();
    assert!(code.starts_with("https://qr."), "{code}");
    ends(&offered, 0, "precreate", &json!({ "out_trade_no": "P1", "qr_code": code }));
    let open = desk.run(&["orders", "list"]).object()["result"]["orders"].clone();
    assert_eq!((&open[0]["outcome"], &open[0]["out_trade_no"]), (&Value::Null, &json!("P1")));

    // Nobody has scanned it, and a cancel by hand withdraws it.
    let cancelled = desk.run(&["cancel", "--out-trade-no", "P1"]);
    assert_eq!(cancelled.code, Some(0), "{cancelled:?}");
    assert_eq!(cancelled.object()["result"]["action"], "close");
    let shown = desk.run(&["orders", "show", "P1"]).object();
    assert_eq!(shown["result"]["reason"], "cancelled");

    let waited = precreate("P2", &["--wait", "--poll-for", "30"]);
    let result = &waited.object()["result"];
    assert_eq!(waited.code, Some(0), "{waited:?}");
    assert_eq!((&result["outcome"], &result["reason"]), (&json!("paid"), &json!("query")));
    assert_eq!(result["requests"][0], "precreate");
    assert!(waited.stderr.contains("the customer scans https://qr."), "{waited:?}");
    assert_eq!(desk.kept(), "1.00");
}

#[test]
fn close_closes_what_waits_and_nothing_else() {
    let desk = Desk::new(&[]);
    desk.pay("A1_0", &[]);
    let ended = desk.run(&["close", "--out-trade-no", "A1_0"]);
    fails(&ended, 10, "refused", "refused");
    assert_eq!(ended.object()["error"]["sub_code"], "ACQ.TRADE_STATUS_ERROR");
    assert_eq!(desk.kept(), "10.25");
}

#[test]
fn settle_asks_for_what_is_open() {
    let desk = Desk::new(&["--fault", "late", "--fault", "502:query:1", "--fault", "502:cancel:1"]);
    // Nobody is patient enough here.
    let quick = ["--answer-timeout", "0.3", "--unknown-for", "0", "--pay-again-for", "0"];
    let quick = [&quick[..], &["--cancel-for", "0.01", "--cancel-every", "0.05"]].concat();
    let ended = desk.pay("A1_0", &quick);
    assert_eq!(ended.code, Some(20), "{ended:?}");
    let result = &ended.object()["result"];
    assert_eq!(
        (&result["outcome"], &result["advice"]),
        (&json!("unknown"), &json!("wait-cancelling"))
    );
    let open = desk.run(&["orders", "list"]).object()["result"]["orders"].clone();
    assert_eq!((&open[0]["outcome"], &open[0]["reason"]), (&Value::Null, &json!("cancelling")));

    // Another app at the same gateway leaves it alone, and says so.
    let other = desk.run(&["settle", "--app-id", "2026000000000009"]);
    assert_eq!(other.code, Some(0), "{other:?}");
    let orders = other.object()["result"]["orders"].clone();
    assert_eq!((&orders[0]["outcome"], &orders[0]["reason"]), (&Value::Null, &json!("elsewhere")));
    assert!(other.stderr.contains("of another gateway, app or merchant"), "{other:?}");

    // It was paid, and what is being cancelled is cancelled.
    let settled = desk.run(&["settle"]);
    let order = &settled.object()["result"]["orders"][0];
    assert_eq!((settled.code, &order["reason"]), (Some(10), &json!("refunded")), "{settled:?}");
    assert_eq!(order["requests"], json!(["query", "cancel"]));
    ends(&desk.run(&["settle"]), 0, "settle", &json!({ "orders": [] }));
    assert_eq!(desk.kept(), "0.00");
}

#[test]
fn a_person_gives_an_order_up() {
    let desk = Desk::new(&[]);
    desk.run(&["precreate", "--out-trade-no", "P1", "--amount", "1.00", "--subject", "tea"]);
    let given_up = desk.run(&["orders", "give-up", "P1"]);
    assert_eq!(given_up.code, Some(0), "{given_up:?}");
    assert_eq!(given_up.object()["result"]["reason"], "given-up");
    ends(&desk.run(&["settle"]), 0, "settle", &json!({ "orders": [] }));
    fails(&desk.run(&["orders", "give-up", "P1"]), 1, "missing", "not-sent");
    fails(&desk.run(&["orders", "show", "P2"]), 1, "missing", "not-sent");
    // The number stays used.
    let again =
        desk.run(&["precreate", "--out-trade-no", "P1", "--amount", "1.00", "--subject", "tea"]);
    assert_eq!((again.code, &again.object()["result"]["reason"]), (Some(20), &json!("given-up")));
    let paid = desk.run(&[
        "pay",
        "--out-trade-no",
        "P1",
        "--amount",
        "1.00",
        "--subject",
        "tea",
        "--auth-code",
        CODE,
    ]);
    fails(&paid, 2, "usage", "not-sent");
}

#[test]
fn the_simulated_gateway_says_that_it_is_one() {
    let sim = |arguments: &[&str]| {
        let ended =
            bare(&[&["--gateway", "sim", "--journal", "memory", "--json"], arguments].concat());
        assert_eq!(ended.object()["simulated"], true, "{ended:?}");
        ended
    };
    let order = ["--out-trade-no", "A1_0"];
    let paid = sim(&pay("A1_0", CODE));
    assert_eq!((paid.code, &paid.object()["result"]["outcome"]), (Some(0), &json!("paid")));
    assert_eq!(sim(&[&["query"], &order[..]].concat()).code, Some(20));
    // 10000 without an action proves nothing.
    assert_eq!(sim(&[&["cancel"], &order[..]].concat()).code, Some(20));
    assert_eq!(sim(&[&["close"], &order[..]].concat()).code, Some(10));
    let refund = ["--out-request-no", "R1"];
    assert_eq!(sim(&[&["refund-query"], &order[..], &refund].concat()).code, Some(20));
    let refunded = sim(&[&["refund", "--amount", "1"], &order[..], &refund].concat());
    assert_eq!(refunded.code, Some(10), "{refunded:?}");
    let sale = ["--amount", "1", "--subject", "tea"];
    assert_eq!(sim(&[&["precreate"], &order[..], &sale].concat()).code, Some(0));
    assert_eq!(sim(&["settle"]).code, Some(0));
    assert_eq!(sim(&["orders", "list"]).code, Some(0));
    assert_eq!(sim(&["pay"]).code, Some(2));
    assert_eq!(sim(&["key", "/nowhere"]).code, Some(1));
    // Its trades end with it, and the journal remembers what they were.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("till.db");
    let sim = ["--gateway", "sim", "--json", "--journal", file.to_str().unwrap()];
    for requests in [json!(["pay"]), json!([])] {
        let paid = bare(&[&sim[..], &pay("A1_0", CODE)].concat());
        assert_eq!((paid.code, &paid.object()["result"]["requests"]), (Some(0), &requests));
        assert_eq!(paid.stderr.contains("is a new journal"), requests == json!(["pay"]));
    }
    // People are told, too.
    let told =
        bare(&[&["--gateway", "sim", "--journal", "memory"], &pay("A1_0", CODE)[..]].concat());
    assert!(told.stdout.contains("Paid. Give the goods."), "{told:?}");
    assert!(told.stderr.contains("simulated: no money moves"), "{told:?}");
}
