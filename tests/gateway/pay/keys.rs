//! Key files, right and wrong.

use std::fs;

use serde_json::json;
use support::keys::Pair;

use super::{CODE, bare, ends, fails, pay, run, tool};
use crate::started::{Keys, text};

const NOBODY: &str = "http://127.0.0.1:1/gateway.do";

#[test]
fn a_wrong_key_is_named_with_what_belongs_there() {
    let keys = Keys::new();
    fs::write(keys.path("empty"), "").unwrap();
    for (option, file, words) in [
        ("--key", "app.pub", "a public RSA key (SubjectPublicKeyInfo) of 2048 bits"),
        ("--key", "empty", "this is nothing"),
        ("--alipay-key", "alipay.key", "a private RSA key (PKCS#8) of 2048 bits"),
        ("--alipay-key", "app.pub", "the application's own public key"),
    ] {
        for gateway in [NOBODY, "sim"] {
            let mut tool = tool(NOBODY, &keys);
            // The same option twice is not allowed, so this begins anew.
            tool = std::process::Command::new(tool.get_program());
            let file = keys.path(file);
            let both = [("--key", keys.path("app.key")), ("--alipay-key", keys.path("alipay.pub"))];
            tool.args(["--json", "--gateway", gateway, "--app-id", "2026000000000001"]);
            for (name, right) in &both {
                tool.args([name, text(if *name == option { &file } else { right })]);
            }
            let ended = run(tool.args(["--journal", "memory"]).args(pay("A1_0", CODE)));
            let message = fails(&ended, 2, "usage", "not-sent");
            assert!(message.starts_with(option) && message.contains(words), "{message}");
            assert!(message.contains("belongs"), "{message}");
        }
    }
}

#[test]
fn a_key_that_is_not_there() {
    let keys = Keys::new();
    let ended = bare(&[
        "--json",
        "--gateway",
        NOBODY,
        "--app-id",
        "1",
        "--key",
        "/nowhere",
        "--alipay-key",
        text(&keys.path("alipay.pub")),
        "query",
        "--out-trade-no",
        "A1",
    ]);
    let message = fails(&ended, 1, "io", "not-sent");
    assert!(message.starts_with("--key /nowhere: "), "{message}");
    for (left_out, rest) in [
        ("--app-id", &["--key", "k", "--alipay-key", "a"][..]),
        ("--gateway", &["--app-id", "1", "--key", "k", "--alipay-key", "a"]),
    ] {
        let mut arguments = vec!["--json"];
        if left_out != "--gateway" {
            arguments.extend(["--gateway", NOBODY]);
        }
        let ended = bare(&[&arguments, rest, &["query", "--out-trade-no", "A1"]].concat());
        let message = fails(&ended, 2, "usage", "not-sent");
        assert!(message.starts_with(&format!("{left_out} is missing")), "{message}");
    }
}

#[test]
fn what_key_is_this() {
    let keys = Keys::new();
    fs::write(keys.path("pkcs1"), Pair::app().private_pkcs1()).unwrap();
    fs::write(keys.path("other"), "not a key").unwrap();
    for (file, kind, bits, option, description) in [
        ("app.key", "rsa-private-pkcs8", json!(2048), json!("--key"), "a private RSA key (PKCS#8)"),
        ("pkcs1", "rsa-private-pkcs1", json!(2048), json!("--key"), "a private RSA key (PKCS#1)"),
        (
            "alipay.pub",
            "rsa-public-spki",
            json!(2048),
            json!("--alipay-key"),
            "a public RSA key (SubjectPublicKeyInfo)",
        ),
        ("other", "unknown", json!(null), json!(null), "something that is no key"),
    ] {
        let path = keys.path(file);
        let ended = bare(&["--json", "key", text(&path)]);
        let said = ended.object()["result"]["description"].clone();
        assert!(said.as_str().unwrap().starts_with(description), "{said}");
        let result = json!({ "kind": kind, "bits": bits, "option": option, "description": said });
        ends(&ended, 0, "key", &result);
        let told = bare(&["key", text(&path)]);
        assert!(told.stdout.starts_with(description), "{told:?}");
    }
    fails(&bare(&["--json", "key", "/nowhere"]), 1, "io", "not-sent");
}
