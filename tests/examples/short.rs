//! The short examples, as their users run them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty;
use support::example_run::run;

#[test]
fn sign() {
    run("sign", &[]).says(&["signed 10.25 yuan: 369 bytes"]).ends(0);
}

#[test]
fn report() {
    run("report", &[]).says(&["the module holds the report"]).ends(0);
}

#[test]
fn custom() {
    run("custom", &[]).says(&["the operator is TEST NETWORK"]).ends(0);
}

#[test]
fn watch() {
    run("watch", &[])
        .says(&[
            "UNDER_VOLTAGE WARNING",
            "unknown +SOMETHING",
            "the module started again",
            "Call Ready",
        ])
        .ends(0);
}

#[test]
fn a_port_is_taken_as_an_argument() {
    let settings =
        ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() };
    let module = pty::spawn(Modem::new(settings)).unwrap();
    let path = module.path();
    let path = path.to_str().unwrap();
    run("report", &[path]).says(&["the module holds the report"]).ends(0);
    run("sign", &[path]).says(&["signed 10.25 yuan"]).ends(0);
    run("custom", &[path]).says(&["the operator is"]).ends(0);
    let reports = module.with(|modem| modem.delivered().len() + modem.queued().count());
    assert_eq!(reports, 1);
}

#[test]
fn no_sample_trade_goes_to_a_module_at_work() {
    let config = ModemConfig { env: 0, ..ModemConfig::sample() };
    let settings = ModemSettings { config: Some(config), ..ModemSettings::default() };
    let module = pty::spawn(Modem::new(settings)).unwrap();
    run("report", &[module.path().to_str().unwrap()]).complains(&["for tests"]).ends(1);
    assert_eq!(module.with(|modem| modem.delivered().len() + modem.queued().count()), 0);
}

#[test]
fn what_is_no_port() {
    for example in ["sign", "report", "watch", "custom"] {
        for arguments in [&["--nonsense"][..], &["--help"], &["/dev/one", "/dev/two"]] {
            run(example, arguments).complains(&["usage: [PORT]"]).ends(2);
        }
    }
}

#[test]
fn a_port_that_is_none() {
    for example in ["sign", "report", "watch", "custom"] {
        let complaint = format!("{example}: there is no /dev/no-such-port");
        run(example, &["/dev/no-such-port"]).complains(&[&complaint]).ends(1);
    }
}
