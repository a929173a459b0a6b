//! Wrong usage.

use super::{CODE, bare, fails, pay};

#[test]
fn a_tool_that_moves_money_does_not_pretend() {
    let message = fails(
        &bare(&[&["--json", "--journal", "memory"], &pay("A1_0", CODE)[..]].concat()),
        2,
        "usage",
        "not-sent",
    );
    assert!(message.contains("--gateway is missing") && message.contains("`sim`"), "{message}");
}

#[test]
fn what_moves_money_demands_a_journal() {
    let order = ["--out-trade-no", "A1_0"];
    let sale = ["--amount", "1", "--subject", "tea"];
    for command in [
        pay("A1_0", CODE).to_vec(),
        [&["cancel"], &order[..]].concat(),
        [&["refund", "--out-request-no", "R1", "--amount", "1"], &order[..]].concat(),
        [&["precreate"], &order[..], &sale].concat(),
        vec!["settle"],
        vec!["orders", "list"],
        vec!["orders", "show", "A1_0"],
        vec!["orders", "give-up", "A1_0"],
    ] {
        let ended = bare(&[&["--json", "--gateway", "sim"], &command[..]].concat());
        let message = fails(&ended, 2, "usage", "not-sent");
        assert!(message.contains("--journal is missing"), "{message}");
        assert!(command.join(" ").starts_with(ended.object()["command"].as_str().unwrap()));
    }
    let server = ["--json", "--journal", "redis://u:s3cret@host/db", "orders", "list"];
    let message = fails(&bare(&server), 2, "usage", "not-sent");
    assert!(message.contains("postgres://user@host") && !message.contains("s3cret"), "{message}");
}

#[test]
fn usage_errors_are_objects_with_json_and_texts_without() {
    let sim = ["--gateway", "sim", "--journal", "memory"];
    let with = |more: &[&'static str]| [&sim[..], &pay("A1_0", CODE), more].concat();
    for (arguments, command, words) in [
        (vec![], None, "'pay' requires a subcommand"),
        (vec!["frobnicate"], None, "unrecognized subcommand"),
        (vec!["pay"], Some("pay"), "--out-trade-no"),
        (vec!["orders"], Some("orders"), "requires a subcommand"),
        (vec!["orders", "show"], Some("orders show"), "<N>"),
        (vec!["query"], Some("query"), "--out-trade-no"),
        (vec!["query", "--out-trade-no", "A", "--trade-no", "1"], Some("query"), "cannot be used"),
        (vec!["query", "--out-trade-no", "A.1"], Some("query"), "byte 0x2e at position 1"),
        (vec!["key"], Some("key"), "<FILE>"),
        (with(&["--scene", "wave-code"]), Some("pay"), "--scene"),
        (with(&["--timeout-express", "16d"]), Some("pay"), "1m to 15d"),
        (with(&["--store-id", "厦门"]), Some("pay"), "store_id holds byte"),
        (with(&["--poll-every", "0"]), Some("pay"), "longer than 0"),
        (with(&["--poll-for", "1e9"]), Some("pay"), "a day"),
        (with(&["--answer-timeout", "nan"]), Some("pay"), "a number of seconds"),
        (with(&["--gateway", "ftp://x"]), Some("pay"), "--gateway"),
    ] {
        let ended = bare(&[&["--json"], &arguments[..]].concat());
        let message = fails(&ended, 2, "usage", "not-sent");
        assert!(message.contains(words), "{message} for {arguments:?}");
        assert_eq!(ended.object()["command"].as_str(), command, "{ended:?}");
        assert_eq!(ended.stderr, "", "{arguments:?}");

        let ended = bare(&arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn amounts_and_texts_are_refused_by_position() {
    let with = |amount: &str, subject: &str| {
        let sale = ["--amount", amount, "--subject", subject, "--auth-code", CODE];
        let sim = ["--json", "--gateway", "sim", "--journal", "memory"];
        bare(&[&sim[..], &["pay", "--out-trade-no", "A1_0"], &sale].concat())
    };
    for (amount, subject, words) in [
        ("10.255", "lunch", "position 5"),
        ("-1", "lunch", "position 0"),
        ("0", "lunch", "at least 0.01"),
        ("100000000.01", "lunch", "amount is above"),
        ("1", "a/b", "byte 0x2f at position 1"),
        ("1", "", "subject is empty"),
    ] {
        let message = fails(&with(amount, subject), 2, "usage", "not-sent");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn it_helps() {
    let help = bare(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for word in ["--gateway", "--poll-every <S>", "[default: 5]", "refund-query", "Ctrl-C", "20  "]
    {
        assert!(help.stdout.contains(word), "{word}");
    }
    assert_eq!(bare(&["--json", "pay", "--help"]).code, Some(0));
}
