//! Wrong usage, and secrets that stand on no command line.

use std::fs;

use serde_json::json;

use super::{bare, done, fails, fed, open_id, sim};

#[test]
fn usage_errors_are_objects_with_json_and_texts_without() {
    let sim = |words: &[&'static str]| [&["--base", "sim"], words].concat();
    let packet = |amount| {
        sim(&[
            "red-packet-give",
            "--ins-acct-id",
            "T00T00000000888527",
            "--trans-number",
            "1",
            "--mobile",
            "13800000001",
            "--point-at",
            amount,
        ])
    };
    for (arguments, command, words) in [
        (vec![], None, "requires a subcommand"),
        (vec!["frobnicate"], None, "unrecognized subcommand"),
        (vec!["user-mobile"], Some("user-mobile"), "--open-id"),
        (vec!["backend-token"], Some("backend-token"), "--base is missing"),
        (vec!["--base", "http://shop.example", "backend-token"], Some("backend-token"), "--base"),
        (vec!["--tokens", "mysql://x", "backend-token"], Some("backend-token"), "--tokens"),
        (
            vec!["--base", "http://127.0.0.1:1/", "backend-token"],
            Some("backend-token"),
            "--app-id is missing",
        ),
        (
            vec!["--base", "http://127.0.0.1:1/", "--app-id", "1", "front-token"],
            Some("front-token"),
            "--secret-file is missing",
        ),
        (vec!["encrypt", "1"], Some("encrypt"), "--symmetric-key-file is missing"),
        (vec!["story"], Some("story"), "--base sim"),
        (vec!["config", "--url", "https://a.example"], Some("config"), "--base is missing"),
        (sim(&["config", "--url", "http://a.example"]), Some("config"), "url"),
        (sim(&["token", "--code", "a b"]), Some("token"), "code holds byte 0x20 at position 1"),
        (sim(&["user-auth", "--open-id", "x", "--access-token", ""]), Some("user-auth"), "empty"),
        (packet("0"), Some("red-packet-give"), "at least"),
        (packet("-1"), Some("red-packet-give"), ""),
        (packet("1.5"), Some("red-packet-give"), "digit"),
        (
            sim(&[
                "red-packet-give",
                "--ins-acct-id",
                "T00T00000000888527",
                "--trans-number",
                "1",
                "--point-at",
                "1",
            ]),
            Some("red-packet-give"),
            "--open-id, --mobile or --pan",
        ),
        (
            sim(&["qual-select", "--qual-num", "1", "--qual-type", "name", "--qual-value", "x"]),
            Some("qual-select"),
            "--qual-type",
        ),
        (sim(&["decrypt", "AAAA"]), Some("decrypt"), ""),
        (vec!["--app-id", "1", "callback"], Some("callback"), "requires a subcommand"),
        (
            vec!["--app-id", "1", "callback", "password-verified", "--method", "PUT", "-"],
            Some("callback password-verified"),
            "--method",
        ),
        (
            vec!["--app-id", "1", "callback", "password-verified", "--method", "GET", "-"],
            Some("callback"),
            "--unionpay-key is missing",
        ),
    ] {
        let ended = bare(&[&["--json"], &arguments[..]].concat());
        let (code, message) = fails(&ended, 2, "usage", "not-sent");
        assert_eq!(code, json!(null));
        assert!(message.contains(words), "{message} for {arguments:?}");
        assert_eq!(ended.object()["command"].as_str(), command, "{ended:?}");
        assert_eq!(ended.stderr, "", "{arguments:?}");

        let ended = bare(&arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_secret_can_come_by_a_file_or_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("open-id");
    fs::write(&file, format!("{}\n", open_id())).unwrap();
    let at = format!("@{}", file.display());
    let user = ["--base", "sim", "--json", "user-mobile", "--access-token"];
    let ended = fed(&[&user[..], &["-", "--open-id", &at]].concat(), "upapi_mobile\r\n");
    assert_eq!(done(&ended, "user-mobile"), json!({ "mobile": "13800000001" }));
    let ended = fed(&[&user[..], &["-", "--open-id", "-"]].concat(), "upapi_mobile\n");
    assert!(fails(&ended, 2, "usage", "not-sent").1.contains("standard input"));
    let ended = fed(&[&user[..], &["upapi_mobile", "--open-id", "@/nowhere/x"]].concat(), "");
    fails(&ended, 1, "io", "not-sent");

    // The secret and the symmetric key too.
    let ended = fed(&["--base", "sim", "--json", "--secret-file", "-", "backend-token"], "s3\n");
    done(&ended, "backend-token");
    let key = folder.path().join("key");
    fs::write(&key, "1122334455667788aabbccddeeff00119988776655443322\n").unwrap();
    let keyed = ["--json", "--symmetric-key-file", key.to_str().unwrap()];
    let sealed =
        done(&fed(&[&keyed[..], &["encrypt", "-"]].concat(), "6200000000000000\n"), "encrypt");
    assert_eq!(sealed, json!({ "text": "t1K2uuCAGDIrGdo/gWjrEBwzT6ZcO8OE" }));
    let text = sealed["text"].as_str().unwrap();
    let opened = done(&bare(&[&keyed[..], &["decrypt", text]].concat()), "decrypt");
    assert_eq!(opened, json!({ "text": "6200000000000000" }));
}

#[test]
fn a_wrong_value_is_not_shown() {
    for arguments in [
        &["token", "--code", "s3cret code"][..],
        &["user-mobile", "--open-id", "s3cret id", "--access-token", "x"],
        &["--backend-token", "s3cret token", "contract-status", "--open-id", "x"],
        &["--tokens", "redis://:s3cret@host:port/", "backend-token"],
        &["s3cret-command"],
        &["qual-select", "--qual-num", "1", "--qual-type", "s3cret", "--qual-value", "1"],
    ] {
        let ended = sim(arguments);
        assert!(ended.code == Some(2), "{ended:?}");
        let said = format!("{}{}", ended.stdout, ended.stderr);
        let name = arguments[0] == "s3cret-command";
        assert!(name || !said.contains("s3cret"), "{said}");
    }
}

#[test]
fn it_helps() {
    let help = bare(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for word in ["--base", "redis://", "qual-reduce", "@FILE", "20  "] {
        assert!(help.stdout.contains(word), "{word}");
    }
    // Wherever the lines are wrapped.
    let words: Vec<&str> = help.stdout.split_whitespace().collect();
    assert!(words.join(" ").contains("--base sim"), "{}", help.stdout);
}
