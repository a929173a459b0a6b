//! Pages, what comes back from them, and notifications.

use m26_pay::sim::gateway::unionpay::PageVisitor;
use serde_json::json;

use super::{Desk, bare, done, fails, open_id};

const APP: [&str; 3] = ["--json", "--app-id", "fb707efe000000000000000c3a9e06d8"];

const YES: PageVisitor = PageVisitor::Agrees { user: 0, mobile: true };

fn page(words: &[&str]) -> super::Ended {
    let back = ["--redirect-uri", "https://shop.example/back"];
    bare(&[&APP[..], &["page"], words, &back].concat())
}

#[test]
fn a_user_goes_to_a_page_and_comes_back() {
    let desk = Desk::new(|_| {});
    let now = desk.shop.server.now();
    for words in [
        &["oauth", "--scope", "upapi_mobile", "--state", "s1"][..],
        &["out-login", "--scope", "upapi_user", "--state", "s1"],
        &[
            "no-pwd",
            "--scope",
            "upapi_contract",
            "--state",
            "s1",
            "--plan-id",
            "9ca088374a8141ff95dca35a12d73240",
        ],
    ] {
        let url = done(&page(words), "page")["url"].as_str().unwrap().to_owned();
        let visit = |visitor| {
            desk.shop.server.with(|it| it.unionpay_mut().visit(now, &url, visitor)).unwrap()
        };
        let back = visit(YES);
        let (_, query) = back.split_once('?').unwrap();
        for text in [query, &back] {
            let came = bare(&["--json", "returned", "--state", "s1", text]);
            let came = done(&came, "returned");
            assert_eq!(came["state"], "s1");
            assert!(came["code"].as_str().unwrap().starts_with("+/"), "{came}");
        }
        let other = bare(&["--json", "returned", "--state", "s2", query]);
        fails(&other, 10, "rejected", "refused");
        let refused = visit(PageVisitor::Refuses);
        let refused = bare(&["--json", "returned", "--state", "s1", &refused]);
        assert_eq!(fails(&refused, 10, "refused", "refused").0, "user0001");
    }
}

#[test]
fn a_page_takes_its_own_scopes() {
    for words in [
        &["oauth", "--scope", "upapi_login"][..],
        &["oauth", "--scope", "upapi_base", "--plan-id", "1"],
        &["out-login", "--scope", "upapi_base"],
        &["no-pwd", "--scope", "upapi_contract"],
        &["no-pwd", "--scope", "upapi_base", "--plan-id", "1"],
        &["oauth", "--scope", "upapi_base", "--state", "s-1"],
        &["elsewhere", "--scope", "upapi_base"],
    ] {
        fails(&page(words), 2, "usage", "not-sent");
    }
}

#[test]
fn a_configuration_is_signed_for_a_page() {
    let given = [
        "config",
        "--url",
        "https://mobile.xxx.com?params=value#/home",
        "--front-token",
        "U72eJp21SkuzKRdUK+jyFw==",
        "--nonce",
        "Wm3WZYTPz0wzccnW",
        "--timestamp",
        "1764450007",
    ];
    let app = ["--json", "--app-id", "a5949221470c4059b9b0b45a90c81527"];
    let config = done(&bare(&[&app[..], &given].concat()), "config");
    // By `printf '…' | sha256sum`.
    let signature = "5d30bd32ab7b4904328ef5cbd7d06f0d2acca34059c9d867b93ea48e152eaa1b";
    assert_eq!(
        config,
        json!({
            "appId": "a5949221470c4059b9b0b45a90c81527", "timestamp": "1764450007",
            "nonceStr": "Wm3WZYTPz0wzccnW", "signature": signature,
        })
    );
    let desk = Desk::new(|_| {});
    let config = done(&desk.run(&["config", "--url", "https://shop.example/"]), "config");
    assert_eq!(config["signature"].as_str().unwrap().len(), 64);
    assert_eq!(desk.shop.truth().front_tokens, 1);
}

#[test]
fn a_notification_is_verified_in_each_form() {
    let desk = Desk::new(|_| {});
    let now = desk.shop.server.now();
    let notice =
        desk.shop.server.with(|it| it.unionpay_mut().remove_authorisation(now, &open_id()));
    let notice = notice.unwrap();
    let run = |content: &str, how: &[&str]| {
        std::fs::write(desk.file("notice"), content).unwrap();
        let file = desk.file("notice");
        let words = ["callback", "authorisation-removed"];
        desk.run(&[&words[..], how, &[file.to_str().unwrap()]].concat())
    };
    let form = ["--method", "POST", "--content-type", "application/x-www-form-urlencoded"];
    for (content, how) in [
        (notice.raw_query(), &["--method", "GET"][..]),
        (notice.query(), &["--method", "get"]),
        (format!("{}\n", notice.query()), &["--method", "GET"]),
        (notice.json(), &["--method", "POST", "--content-type", "application/json"]),
        (notice.json(), &["--method", "POST"]),
        (notice.form(), &form),
    ] {
        let read = done(&run(&content, how), "callback");
        assert_eq!(
            (&read["verified"], &read["event"]),
            (&json!(true), &json!("authorisation-removed"))
        );
        assert_eq!(
            (&read["openId"], &read["reply"]),
            (&json!(open_id()), &json!({ "resp": "00" }))
        );
        assert_eq!(read["timestamp"], notice.get("timestamp"));
    }
    let forged = run(&notice.forged("openId", "somebody").query(), &["--method", "GET"]);
    fails(&forged, 10, "rejected", "refused");
    let result = &forged.object()["result"];
    assert_eq!((&result["verified"], &result["reply"]), (&json!(false), &json!({ "resp": "01" })));
}
