//! The `pos` example, as a technician runs it: its exit status, what it says, and what it does not.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use m26_pay::sim::Device;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::script::Scripted;
use support::example_run::{self, Said, run, run_in};
use support::sigint;

type Line = Scripted<Faulty<Modem>>;

fn pos(arguments: &[&str]) -> Said {
    let said = run("pos", arguments);
    for secret in SECRETS {
        for text in [&said.out, &said.err] {
            assert!(!text.contains(secret), "{secret} shows: {text}");
        }
    }
    said
}

/// A module that does what the script says.
fn module(settings: ModemSettings, script: &str) -> Running<Line> {
    let modem = Faulty::new(Modem::new(settings), 0);
    pty::spawn(Scripted::new(modem, script.parse().unwrap())).unwrap()
}

fn at<D: Device>(module: &Running<D>, client: &[&str], more: &[&str]) -> Said {
    let path = module.path();
    pos(&[client, &["--port", path.to_str().unwrap()], more].concat())
}

/// Runs each step with the blocking client and with the async one, side by side.
fn with_both(test: impl Fn(&[&str]) + Sync) {
    std::thread::scope(|scope| {
        for client in [&[][..], &["--async"]] {
            let test = &test;
            scope.spawn(move || test(client));
        }
    });
}

fn look<T>(module: &Running<Line>, look: impl FnOnce(&Modem) -> T) -> T {
    module.with(|line| look(line.inner().inner()))
}

/// A module that is configured as in the spec's example.
fn configured() -> ModemSettings {
    ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() }
}

fn whole_story(profile: &str, client: &[&str]) -> Said {
    let said = pos(&[client, &["--profile", profile]].concat());
    assert_eq!(said.err, "");
    said.says(&[
        &format!("(profile {profile})"),
        "1. Bringing the module up",
        "SIM:",
        "registered in the home network",
        "2. Configuring the Alipay SDK",
        "All is set, and reads back as it should.",
        "3. Opening the Alipay SDK",
        "It is open.",
        "4. Telling Alipay what this till is",
        "5. Asking for the identity that Alipay gave this device",
        "bizTid 010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw",
        "6. Having a payment of 10.25 yuan signed",
        "369 bytes",
        "covers authCode, totalAmount,",
        "7. Reporting the trade that was paid with Alipay",
        "holds the report",
        "8. Reporting a trade that was paid otherwise",
        "holds the report",
        "9. Closing the Alipay SDK and switching the module off",
        "The SDK is closed.",
        "The module is off.",
        "Done.",
    ])
    .ends(0);
    said
}

#[test]
fn chapter_4_of_the_spec() {
    let told = std::sync::Mutex::new(Vec::new());
    with_both(|client| told.lock().unwrap().push(whole_story("quectel", client).out));
    // Every word is the same, but for where the module is and what its clock shows.
    let same = |text: &String| {
        let lines = text.lines().filter(|line| !line.contains("clock:"));
        lines.skip(1).map(String::from).collect::<Vec<_>>()
    };
    let told = told.into_inner().unwrap();
    assert_eq!(same(&told[0]), same(&told[1]));
}

#[test]
fn chapter_4_as_luat_has_it() {
    with_both(|client| drop(whole_story("luat", client)));
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["--amount", "10.255"][..],
        &["--amount", "ten"],
        &["--baud", "0"],
        &["--profile", "other"],
        &["--apn", "a\"b"],
        &["--item-id", "2018070401748657"],
        &["--product-key-file", "/nonexistent"],
        &["--nonsense"],
        &["nonsense"],
    ] {
        let said = pos(arguments);
        assert_eq!(said.out, "", "{arguments:?}");
        said.complains(&["error:"]).ends(2);
    }
}

#[test]
fn a_port_that_is_none() {
    with_both(|client| {
        pos(&[client, &["--port", "/dev/no-such-port"]].concat())
            .complains(&[
                "there is no /dev/no-such-port",
                "Look in /dev/serial/by-id",
                "no payment was begun",
            ])
            .ends(1);
        pos(&[client, &["--port", "/dev/null"]].concat())
            .complains(&["/dev/null is not a serial port"])
            .ends(1);
    });
}

#[test]
fn a_missing_sim() {
    with_both(|client| {
        let module = module(configured(), "sim missing");
        at(&module, client, &[])
            .says(&["SIM: +CME ERROR: 10"])
            .complains(&["check that a SIM is inserted", "no payment was begun"])
            .ends(1);
    });
}

#[test]
fn the_advice_is_in_the_language_of_the_locale_or_the_option() {
    let chinese = ["收银程序已停止。", "款项：未发送：尚未发起任何收款。", "没有该串口。"];
    let lost = ["--port", "/dev/no-such-port"];
    run_in("zh_CN.UTF-8", "pos", &lost).complains(&chinese).ends(1);
    pos(&[&lost[..], &["--lang", "zh"]].concat()).complains(&chinese).ends(1);
    let english = ["The till has stopped.", "no payment was begun", "There is no such port."];
    let arguments = [&lost[..], &["--lang", "en"]].concat();
    run_in("zh_CN.UTF-8", "pos", &arguments).complains(&english).ends(1);
    pos(&["--lang", "de"]).complains(&["the language must be en or zh"]).ends(2);
}

#[test]
fn a_module_without_a_configuration() {
    let module = module(ModemSettings::default(), "");
    at(&module, &[], &[]).complains(&["no Alipay configuration", "pos --help"]).ends(1);
    assert!(!look(&module, Modem::is_open));
}

#[test]
fn a_module_at_work_is_left_alone() {
    let config = ModemConfig { env: 0, ..ModemConfig::sample() };
    let settings = ModemSettings { config: Some(config.clone()), ..ModemSettings::default() };
    let module = module(settings, "");
    let key = key_file();
    for arguments in [vec![], options(key.path().to_str().unwrap())] {
        at(&module, &[], &arguments)
            .complains(&["configured with env 0", "another module"])
            .ends(1);
    }
    assert!(look(&module, |modem| modem.config() == Some(&config) && !modem.is_open()));
}

#[test]
fn a_configuration_is_set_once_and_the_next_run_finds_all_open() {
    with_both(|client| {
        let module = module(
            ModemSettings { biz_tid_after: Duration::from_secs(2), ..ModemSettings::default() },
            "",
        );
        let key = key_file();
        let mut arguments = options(key.path().to_str().unwrap());
        // This module answers within two seconds.
        arguments.extend(["--stay-open", "--earlier", "2"]);
        at(&module, client, &arguments)
            .says(&[
                "All is set",
                "It is open.",
                "has not answered the module yet",
                "bizTid 0101",
                "Done.",
            ])
            .ends(0);
        let stored = look(&module, |modem| modem.config().cloned()).unwrap();
        assert_eq!((stored.product_key.as_str(), stored.env), (KEY, 4));

        arguments.extend(["--amount", "0.07"]);
        at(&module, client, &arguments)
            .says(&["nothing was set", "It was open already", "payment of 0.07 yuan", "Done."])
            .ends(0);
        let reports = look(&module, |modem| modem.delivered().len() + modem.queued().count());
        assert_eq!(reports, 4);
    });
}

#[test]
fn a_payment_that_is_not_signed() {
    with_both(|client| {
        let module = module(configured(), "result +ALIPAYSIGN 4");
        // Nobody was at the module before, so that the refusal is this till's own.
        at(&module, client, &["--earlier", "0"])
            .says(&["Having a payment", "Closing the Alipay SDK", "The module is off."])
            .complains(&[
                "AT+ALIPAYSIGN failed with result 4",
                "Refused: the module signed nothing",
            ])
            .ends(1);
    });
}

#[test]
fn a_restart_while_signing() {
    with_both(|client| {
        let module = module(configured(), "on AT+ALIPAYSIGN after 100ms reset");
        let said = at(&module, client, &[]);
        said.says(&["Having a payment", "restarted by itself"])
            .complains(&[
                "the module was reset",
                "Unknown whether the module signed",
                "power supply",
            ])
            .ends(1);
        assert!(!said.out.contains("Closing"), "{}", said.out);
    });
}

#[test]
fn a_full_queue_of_reports() {
    with_both(|client| {
        let module = module(configured(), "queue-full");
        at(&module, client, &[])
            .says(&["7. Reporting", "The SDK is closed."])
            .complains(&[
                "the cache queue is full",
                "the trade stands",
                "send the same record again",
            ])
            .ends(1);
    });
}

#[test]
fn a_line_that_breaks_while_reporting() {
    with_both(|client| {
        let module = module(configured(), "on AT+ALIPAYREP after 50ms hang-up for 1m");
        at(&module, client, &[])
            .complains(&[
                "disconnected",
                "Unknown whether the module holds the report",
                "Check the cable",
            ])
            .ends(1);
    });
}

#[test]
fn ctrl_c_ends_it_at_once() {
    sigint::end_children();
    with_both(|client| {
        let module = module(configured(), "registration searching");
        let path = module.path();
        let mut till = Command::new(example_run::path("pos"))
            .args(client)
            .args(["--port", path.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(till.stdout.take().unwrap()).lines();
        let waits = |line: &std::io::Result<String>| line.as_ref().unwrap().contains("searching");
        assert!(said.into_iter().any(|line| waits(&line)), "it waits for the network");
        sigint::interrupt(&till);
        assert_eq!(till.wait().unwrap().signal(), Some(2));
        assert!(!look(&module, Modem::is_open));
    });
}

/// All of the configuration, in the place of the spec's example.
fn options(key_file: &str) -> Vec<&str> {
    vec![
        "--device-supplier-no",
        "2018040500703640",
        "--merchant-user-id",
        "2018040500703640",
        "--item-id",
        "2018070401748657",
        "--terminal-id",
        "sample-0001",
        "--product-key-file",
        key_file,
    ]
}

fn key_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{KEY}\n")).unwrap();
    file
}

const KEY: &str = "SAMPLE_KEY";

/// The product keys, what is signed, the serial number of the trade, and the signed data.
const SECRETS: &[&str] =
    &["ALIPAY_BOX", KEY, "1234567890", "2019012922001450181015731428", "terminalType", "JHRc"];
