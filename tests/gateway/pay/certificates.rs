//! `--app-cert`, `--alipay-cert` and `--root-cert`, against the example `gateway` in certificate mode.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use support::example_run::path;

use super::{CODE, bare, fails, pay, run};
use crate::certificates::Set;
use crate::started::{Keys, Started, text};

const NAMES: [&str; 3] = ["--app-cert", "--alipay-cert", "--root-cert"];

/// Keys and certificates in files.
struct Desk {
    keys: Keys,
}

impl Desk {
    fn new(set: &Set) -> Self {
        let desk = Self { keys: Keys::new() };
        for (name, file) in NAMES.iter().zip([&set.app, &set.alipay, &set.root]) {
            fs::write(desk.file(name), file).unwrap();
        }
        desk
    }

    fn file(&self, option: &str) -> PathBuf {
        self.keys.path(option.trim_start_matches('-'))
    }

    fn options(&self) -> Vec<String> {
        let pair = |name: &&str| [(*name).to_owned(), text(&self.file(name)).to_owned()];
        NAMES.iter().flat_map(pair).collect()
    }

    /// The tool at this gateway, without certificates.
    fn tool(&self, url: &str) -> Command {
        let mut tool = Command::new(path("pay"));
        tool.args(["--json", "--gateway", url, "--app-id", "2026000000000001"]);
        tool.args(["--journal", "memory", "--unknown-for", "0", "--cancel-for", "0"]);
        tool.args(["--key", text(&self.keys.path("app.key"))]);
        tool
    }
}

#[test]
fn a_merchant_with_certificates_pays() {
    let desk = Desk::new(&Set::new());
    let options = desk.options();
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let mut gateway = Started::new(&desk.keys, &options);
    let url = gateway.line().strip_prefix("listening on ").unwrap().to_owned();
    let ended = run(desk.tool(&url).args(&options).args(pay("A1_0", CODE)));
    let result = &ended.object()["result"];
    assert_eq!((ended.code, &result["outcome"]), (Some(0), &json!("paid")), "{ended:?}");

    // Who names no certificate is refused by this gateway.
    let key = desk.keys.path("alipay.pub");
    let query = ["query", "--out-trade-no", "A1_0"];
    let ended = run(desk.tool(&url).args(["--alipay-key", text(&key)]).args(query));
    assert_eq!(ended.object()["error"]["sub_code"], "isv.invalid-app-cert-sn", "{ended:?}");

    // Alipay has a newer certificate, of the same key: what is here has to be renewed.
    let newer = Desk::new(&Set::renewed());
    let options = newer.options();
    let ended = run(newer.tool(&url).args(&options).args(query));
    let message = fails(&ended, 20, "answer", "unknown");
    assert!(message.contains("download the newest one (支付宝公钥证书)"), "{message}");
}

#[test]
fn what_is_wrong_with_certificates_is_wrong_usage() {
    let desk = Desk::new(&Set::new());
    let options = desk.options();
    let query = ["query", "--out-trade-no", "A1_0"];
    let with = |options: &[String]| run(desk.tool("sim").args(options).args(query));
    for (left, missing) in [(2, "--alipay-cert"), (4, "--root-cert")] {
        let message = fails(&with(&options[..left]), 2, "usage", "not-sent");
        assert!(message.starts_with(&format!("{missing} is missing")), "{message}");
    }
    let key = text(&desk.keys.path("alipay.pub")).to_owned();
    let both = [&options[..], &["--alipay-key".to_owned(), key.clone()]].concat();
    let message = fails(&with(&both), 2, "usage", "not-sent");
    assert!(message.contains("leave --alipay-key out"), "{message}");
    for (place, file, words) in [
        (1, &key, "and no certificate"),
        (3, &options[1], "its issuer is in no file"),
        (5, &options[1], "its issuer is in no file"),
    ] {
        let mut wrong = options.clone();
        wrong[place].clone_from(file);
        let message = fails(&with(&wrong), 2, "usage", "not-sent");
        assert!(message.contains(words), "{message}");
    }
    // Without another gateway than none: an order string names the certificates too.
    let order = ["order-string", "--out-trade-no", "A1", "--amount", "9", "--subject", "s"];
    let mut tool = desk.tool("sim");
    let ended = run(tool.args(&options).args(order));
    let string = ended.object()["result"]["order_string"].as_str().unwrap().to_owned();
    assert!(string.starts_with("alipay_root_cert_sn=") && string.contains("&app_cert_sn="));
}

#[test]
fn a_certificate_is_told_where_it_belongs() {
    let desk = Desk::new(&Set::new());
    let told = bare(&["key", text(&desk.file("--app-cert"))]);
    assert!(told.stdout.contains("it belongs at --app-cert"), "{told:?}");
}
