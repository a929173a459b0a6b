//! What must not be printed, logged or kept.

use std::fs;

use data_encoding::BASE64;
use support::cli_tool::Ended;
use support::keys::Pair;

use super::{CODE, Desk, bare, pay, run};

/// Whatever is secret: the payment code, the key, what the module signed, and who the buyer is.
fn shows_nothing(ended: &Ended, kept: &[u8]) {
    let key = BASE64.encode(&Pair::app().private_pkcs8());
    let kept = String::from_utf8_lossy(kept).into_owned();
    let all = format!("{}{}{kept}", ended.stdout, ended.stderr);
    for secret in [CODE, &CODE[..12], &key[40..80], "SIGNEDBYTHEMODULE", "159****", "sign="] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn nothing_secret_is_printed_logged_or_kept() {
    for more in
        [&[][..], &["--customer", "refuses"], &["--fault", "html"], &["--fault", "unsigned"]]
    {
        let desk = Desk::new(more);
        let signed = desk.keys.path("signed");
        fs::write(&signed, "{\"signature\":\"SIGNEDBYTHEMODULE\"}").unwrap();
        let file = ["--terminal-params-file", signed.to_str().unwrap()];
        for arguments in [
            [&pay("A1_0", CODE)[..], &file].concat(),
            vec!["query", "--out-trade-no", "A1_0"],
            vec!["refund", "--out-trade-no", "A1_0", "--out-request-no", "R", "--amount", "1"],
            vec!["orders", "show", "A1_0"],
        ] {
            let ended = run(desk.tool().args(arguments).env("M26_LOG", "trace"));
            shows_nothing(&ended, &fs::read(desk.keys.path("till.db")).unwrap());
        }
    }
}

#[test]
fn the_buyer_is_redacted_and_the_rest_is_as_it_came() {
    let desk = Desk::new(&[]);
    desk.pay("A1_0", &[]);
    let result = desk.run(&["query", "--out-trade-no", "A1_0"]).object()["result"].clone();
    assert_eq!(result["buyer_logon_id"], "[redacted]");
    assert_eq!(result["buyer_pay_amount"], "10.25");
}

#[test]
fn no_usage_error_repeats_a_value() {
    let sim = ["--json", "--gateway", "sim", "--journal", "memory"];
    for wrong in [
        vec!["pay", CODE],
        vec!["pay", "--auth-kode", CODE],
        vec![CODE],
        vec!["pay", "--out-trade-no", "284612345678901234.", "--auth-code", CODE],
        vec!["query", "--trade-no", "284612345678901234."],
        vec!["pay", "--scene", CODE],
        vec!["pay", "--amount", CODE],
        vec!["--journal", CODE, "pay"],
    ] {
        for json in [true, false] {
            let ended = bare(&[if json { &sim[..] } else { &sim[1..] }, &wrong[..]].concat());
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(!format!("{ended:?}").contains(CODE), "{ended:?}");
        }
    }
}

#[test]
fn an_odd_code_is_warned_of_and_sent() {
    let sim = ["--json", "--gateway", "sim", "--journal", "memory"];
    let ended = bare(&[&sim[..], &pay("A1_0", "12345")].concat());
    assert!(ended.stderr.contains("WARN") && !ended.stderr.contains("12345"), "{ended:?}");
    assert!(ended.object()["result"]["requests"][0] == "pay", "{ended:?}");
}
