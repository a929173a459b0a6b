//! The calls, at a platform on TCP.

use m26_pay::advice::{Advice, Language};
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::unionpay::{CallName, UnionPaySettings};
use serde_json::{Value, json};
use support::real_time::wait_until;

use super::{Desk, bare, done, fails, open_id, sim};

const PLAN_ID: &str = "9ca088374a8141ff95dca35a12d73240";

#[test]
fn a_user_logs_in_and_signs_a_contract() {
    let desk = Desk::new(|_| {});
    let token = done(&desk.run(&["backend-token"]), "backend-token");
    assert_eq!(token["expiresIn"], 7200);
    let token = done(&desk.run(&["front-token"]), "front-token");
    assert_eq!(token["frontToken"].as_str().unwrap().len(), 24);

    let user = done(&desk.run(&["token", "--code", "upapi_auth"]), "token");
    let (open_id, access) =
        (user["openId"].as_str().unwrap(), user["accessToken"].as_str().unwrap());
    assert_eq!((&user["scope"], &user["expiresIn"]), (&json!("upapi_auth"), &json!(3600)));
    assert!(user["refreshToken"].is_string());
    let of_user = ["--open-id", open_id, "--access-token", access];
    let with = |words: &[&'static str]| [words, &of_user[..]].concat();
    let mobile = done(&desk.run(&with(&["user-mobile"])), "user-mobile");
    assert_eq!(mobile, json!({ "mobile": "13800000001" }));
    let auth = done(&desk.run(&with(&["user-auth"])), "user-auth");
    let expected = json!({ "realName": "测试1", "certTp": "01", "certId": "350200199001010001" });
    assert_eq!(auth, expected);
    let asked = desk.run(&with(&[
        "verify-pwd-seq-id",
        "--biz-order-id",
        "1",
        "--biz-type",
        "4a",
        "--merchant-id",
        "47",
        "--notify-url",
        "https://shop.example/p",
        "--client-ip",
        "192.168.8.104",
    ]));
    assert_eq!(done(&asked, "verify-pwd-seq-id")["transNo"].as_str().unwrap().len(), 32);

    let contract = ["--open-id", open_id, "--plan-id", PLAN_ID];
    let info = || done(&desk.run(&[&["contract-info"], &contract[..]].concat()), "contract-info");
    assert_eq!(info(), json!({ "contractId": null, "contractStatus": "" }));
    let code = ["--contract-code", "684916616616"];
    let apply = ["contract-apply", "--access-token", "upapi_contract"];
    let applied = done(&desk.run(&[&apply[..], &contract, &code].concat()), "contract-apply");
    let id = applied["contractId"].as_str().unwrap();
    assert_eq!(applied["operateTime"].as_str().unwrap().len(), 14);
    assert_eq!((&applied["planId"], &applied["openId"]), (&json!(PLAN_ID), &json!(open_id)));
    assert_eq!(info(), json!({ "contractId": id, "contractStatus": "1" }));
    let status = desk.run(&["contract-status", "--open-id", open_id]);
    assert_eq!(done(&status, "contract-status"), json!({ "enable": 0 }));
    let relieve = ["contract-relieve", "--contract-id", id];
    let relieved = done(&desk.run(&[&relieve[..], &contract, &code].concat()), "contract-relieve");
    assert_eq!(relieved["contractCode"], "684916616616");
    assert_eq!(info()["contractStatus"], "3");
}

#[test]
fn gifts_are_accepted_and_told_in_clear() {
    let desk = Desk::new(|_| {});
    let settings = UnionPaySettings::default();
    let open_id = open_id();
    let push = desk.run(&[
        "new-msg-push",
        "--open-id",
        &open_id,
        "--content",
        "推送的消息",
        "--url",
        "https://shop.example/m",
    ]);
    assert_eq!(done(&push, "new-msg-push")["resultCd"], "00");
    let refund = done(&desk.run(&["return-tax", "--refund-no", "1232144356436"]), "return-tax");
    assert_eq!((&refund["cardNo"], &refund["cardType"]), (&json!("6200000000000000"), &json!("1")));
    let card = desk.run(&[
        "put-industry-card",
        "--trans-tp",
        "01",
        "--open-id",
        &open_id,
        "--card-module-id",
        "2",
        "--buss-card-no",
        "3",
        "--card-sub-tp",
        "1",
        "--name",
        "测试",
        "--mobile-no",
        "13800000001",
    ]);
    assert_eq!(done(&card, "put-industry-card"), json!({ "resp": "00" }));

    let account = ["--ins-acct-id", &settings.ins_acct_id, "--trans-number", "7"];
    let give = ["red-packet-give", "--open-id", &open_id, "--point-at", "188"];
    let given = desk.run(&[&give[..], &account, &["--mobile", "13800000001"]].concat());
    assert_eq!(done(&given, "red-packet-give"), json!({ "resp": "00" }));
    let left = desk.run(&[&["red-packet-select"], &account[..]].concat());
    assert_eq!(done(&left, "red-packet-select")["acctBalance"], "99812");

    let pool =
        ["--qual-num", &settings.qual_num, "--qual-type", "mobile", "--qual-value", "13800000001"];
    let send = [
        "qual-send",
        "--count",
        "2",
        "--trans-number",
        "8",
        "--start-date",
        "20260101",
        "--end-date",
        "20991231",
    ];
    assert_eq!(done(&desk.run(&[&send[..], &pool].concat()), "qual-send"), json!({ "resp": "00" }));
    let select = || done(&desk.run(&[&["qual-select"], &pool[..]].concat()), "qual-select");
    assert_eq!(select(), json!({ "qualMap": { "20991231_20260101": 2 } }));
    let reduce = [
        "qual-reduce",
        "--activity-number",
        "1320190910000374",
        "--trans-number",
        "9",
        "--order-amount",
        "1",
    ];
    let drawn = done(&desk.run(&[&reduce[..], &pool].concat()), "qual-reduce");
    assert_eq!(
        (&drawn["awardInfo"]["awardValue"], &drawn["transNumber"]),
        (&json!(188), &json!("9"))
    );
    assert_eq!(select(), json!({ "qualMap": { "20991231_20260101": 1 } }));
    let truth = desk.shop.truth();
    assert_eq!((truth.packets, truth.given, truth.cards, truth.pushed), (2, Fen(376), 1, 1));
}

/// A fault of one call, and what the tool makes of it.
fn struck(fault: &str, arguments: &[&str]) -> (Desk, super::Ended) {
    let desk = Desk::new(|_| {});
    desk.shop.server.with(|gateway| gateway.plan(fault.parse().unwrap()));
    let ended = desk.run(arguments);
    (desk, ended)
}

#[test]
fn what_is_not_known_ends_with_20() {
    let (open_id, settings) = (open_id(), UnionPaySettings::default());
    let give = [
        "--answer-timeout",
        "0.2",
        "red-packet-give",
        "--open-id",
        &open_id,
        "--point-at",
        "188",
        "--ins-acct-id",
        &settings.ins_acct_id,
        "--trans-number",
        "7",
    ];
    for (fault, kind) in [
        ("lost", "transport"),
        ("late", "transport"),
        ("closed", "transport"),
        ("cut-off", "transport"),
        ("html", "answer"),
        ("502", "answer"),
        ("redirect", "answer"),
        ("wrong-signature", "refused"),
    ] {
        let (desk, ended) = struck(&format!("{fault}:red.packet.give"), &give);
        let (code, _) = fails(&ended, 20, kind, "unknown");
        assert_eq!(code, if kind == "refused" { json!("SIM001") } else { Value::Null });
        // Where nothing is awaited for long, the platform may hear of it only now.
        wait_until(fault, || desk.shop.calls(CallName::RedPacketGive) > 0);
        assert_eq!(desk.shop.calls(CallName::RedPacketGive), 1, "{fault}");
    }
}

#[test]
fn what_to_do_has_an_identifier_and_the_language_of_the_option() {
    let code = ["--base", "sim", "token", "--code", "no"];
    let said = bare(&[&["--json"][..], &code].concat()).object();
    let id = said["error"]["advice"].as_str().unwrap();
    let advice = Advice::all().find(|advice| advice.id() == id).unwrap();
    for (language, is_said) in [("en", false), ("zh", true)] {
        let said = bare(&[&["--lang", language][..], &code].concat()).stderr;
        let found = said.contains(advice.technician(Language::Chinese));
        assert_eq!(found, is_said, "{said}");
    }
}

#[test]
fn what_is_refused_ends_with_10() {
    let open_id = open_id();
    let desk = Desk::new(|_| {});
    for (command, access, code) in
        [("user-mobile", "upapi_base", "N62131"), ("user-auth", "upapi_mobile", "N62131")]
    {
        let arguments = [command, "--open-id", &open_id, "--access-token", access];
        assert_eq!(fails(&desk.run(&arguments), 10, "refused", "refused").0, code);
    }
    assert_eq!(fails(&desk.run(&["token", "--code", "no"]), 10, "refused", "refused").0, "a31");
    // What only reads has a refusal in whatever code.
    let refund = desk.run(&["return-tax", "--refund-no", "1"]);
    let (code, message) = fails(&refund, 10, "refused", "refused");
    assert_eq!(code, "SIM009");
    assert!(message.contains("gives nothing") && message.contains("SIM009"), "{message}");
}

#[test]
fn what_cannot_be_reached_ends_with_1() {
    let desk = Desk::new(|_| {});
    let open_id = open_id();
    let status = ["contract-status", "--open-id", &open_id];
    let base = ["--base", "http://127.0.0.1:1/open/access/1.0", "--backend-token", "t"];
    let app = ["--json", "--app-id", "1", "--secret-file"];
    let secret = desk.file("secret");
    let there = [secret.to_str().unwrap()];
    let ended = bare(&[&app[..], &there, &base, &status].concat());
    fails(&ended, 1, "transport", "not-sent");
    let ended = bare(&[&app[..], &["/nowhere/secret"], &base, &status].concat());
    let (_, message) = fails(&ended, 1, "io", "not-sent");
    assert!(message.contains("/nowhere/secret"), "{message}");
    let ended = bare(&[&app[..], &there, &base[..2], &status].concat());
    fails(&ended, 1, "token", "not-sent");
}

#[test]
fn a_backend_token_is_fetched_unless_it_is_given() {
    let desk = Desk::new(|_| {});
    let open_id = open_id();
    let status = ["contract-status", "--open-id", &open_id];
    let token = done(&desk.run(&["backend-token"]), "backend-token");
    let token = token["backendToken"].as_str().unwrap();
    let given = ["--backend-token", token];
    done(&desk.run(&[&status[..], &given].concat()), "contract-status");
    assert_eq!(desk.shop.truth().backend_tokens, 1);
    // Another run fetches one, which ends that of the first.
    done(&desk.run(&status), "contract-status");
    assert_eq!(desk.shop.truth().backend_tokens, 2);
    let ended = desk.run(&[&status[..], &given].concat());
    assert_eq!(fails(&ended, 10, "refused", "refused").0, "a10");
}

#[test]
fn its_own_platform_says_that_it_is_simulated() {
    let open_id = open_id();
    for arguments in [
        &["backend-token"][..],
        &["token", "--code", "upapi_login"],
        &["user-mobile", "--access-token", "upapi_user", "--open-id", &open_id],
        &["token", "--code", "no"],
        &["contract-status", "--open-id", "nobody"],
    ] {
        assert_eq!(sim(arguments).object()["simulated"], true, "{arguments:?}");
    }
}
