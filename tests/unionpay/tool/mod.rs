//! The tool `unionpay`, as its user runs it, against its own simulated platform and one on TCP.

mod calls;
mod forms;
mod pages;
mod secrets;
mod story;
mod tokens;
mod usage;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use m26_pay::sim::gateway::unionpay::UnionPaySettings;
use serde_json::{Value, json};
use support::cli_tool::{self, Ended};
use support::example_run::path;
use support::keys::Pair;
use tempfile::TempDir;

use crate::over_tcp::{Shop, present};

/// The tool with nothing but these.
fn bare(arguments: &[&str]) -> Ended {
    fed(arguments, "")
}

/// Runs the tool with this text on standard input.
fn fed(arguments: &[&str], input: &str) -> Ended {
    cli_tool::fed(Command::new(path("unionpay")).args(arguments), input)
}

/// At its own platform.
fn sim(arguments: &[&str]) -> Ended {
    bare(&[&["--base", "sim", "--json"], arguments].concat())
}

/// A platform on TCP, and the files of its app.
struct Desk {
    shop: Shop,
    folder: TempDir,
}

impl Desk {
    fn new(change: impl FnOnce(&mut UnionPaySettings)) -> Self {
        let shop = Shop::new(|settings| {
            settings.clock = present();
            change(settings);
        });
        let folder = tempfile::tempdir().unwrap();
        let settings = UnionPaySettings::default();
        for (name, content) in [
            ("secret", settings.secret.into_bytes()),
            ("key", format!("{}\n", settings.symmetric_key).into_bytes()),
            ("partner", Pair::app().private_pkcs8()),
            ("unionpay", Pair::alipay().public_spki()),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        Self { shop, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let app_id = UnionPaySettings::default().app_id;
        let files = ["secret", "key", "partner", "unionpay"].map(|name| self.file(name));
        let [secret, key, partner, unionpay] = files.each_ref().map(|file| file.to_str().unwrap());
        let mine = [
            "--json",
            "--base",
            &self.shop.base,
            "--app-id",
            &app_id,
            "--secret-file",
            secret,
            "--symmetric-key-file",
            key,
            "--partner-key",
            partner,
            "--unionpay-key",
            unionpay,
        ];
        bare(&[&mine[..], arguments].concat())
    }
}

fn open_id() -> String {
    UnionPaySettings::default().users[0].open_id.clone()
}

/// The result of a command that ended well.
#[track_caller]
fn done(ended: &Ended, command: &str) -> Value {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut object = ended.object();
    let result = object["result"].take();
    assert_eq!((&object["command"], &object["ok"]), (&json!(command), &json!(true)));
    result
}

/// It failed so; gives code and message.
#[track_caller]
fn fails(ended: &Ended, code: i32, kind: &str, certainty: &str) -> (Value, String) {
    let error = ended.fails(code, kind, certainty);
    (error["code"].clone(), error["message"].as_str().unwrap().to_owned())
}
