//! The short examples, as their users run them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use support::example_run::{self, run};

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

/// A module with a product key, and its path.
fn module() -> (Running<Modem>, String) {
    let config = Some(ModemConfig::sample());
    let module = pty::spawn(Modem::new(ModemSettings { config, ..ModemSettings::default() }));
    let module = module.unwrap();
    let path = module.path().into_os_string().into_string().unwrap();
    (module, path)
}

#[test]
fn a_port_is_taken_as_an_argument() {
    let (module, path) = module();
    run("report", &[&path]).says(&["the module holds the report"]).ends(0);
    run("custom", &[&path]).says(&["the operator is"]).ends(0);
    let reports = module.with(|modem| modem.delivered().len() + modem.queued().count());
    assert_eq!(reports, 1);
}

/// The second program at a module waits for what the first one may be due, and does not stand there
/// without a word.
#[test]
fn who_waits_for_an_earlier_program_says_so() {
    let (_module, path) = module();
    run("sign", &[&path]).says(&["signed 10.25 yuan"]).ends(0);
    for (example, time) in [("sign", "40 s"), ("report", "two minutes")] {
        let mut child = Command::new(example_run::path(example))
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("open already") && line.contains(time), "{example}: {line}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
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

#[test]
fn a_session_tells_of_an_unplugged_port_a_brown_out_and_a_full_queue() {
    let said = run("watchdog", &[]);
    assert_eq!(said.err, "");
    said.says(&[
        "A session with a simulated module at ",
        "Switched on",
        "disconnected -> connecting: the port is opened",
        "connecting -> synchronising: the port is open",
        "synchronising -> bringing up: the module answers",
        "bringing up -> configuring: the module is in the network",
        "configuring -> opening: the module stays as it is configured",
        "opening -> identifying: the SDK is open",
        "identifying -> ready: the bizTid is known",
        "Somebody pulls the adapter out while a payment is being signed",
        "unknown: the port was disconnected",
        "not-sent: AT+ALIPAYSIGN was not sent: the session is disconnected",
        "-> disconnected: the port was lost",
        "the port cannot be opened: there is no ",
        "connecting -> synchronising: the port is open",
        "synchronising -> restarting (attempt 1): a signature is outstanding since the port was lost",
        "identifying -> ready",
        "signed again: 369 bytes",
        "A brown-out while a trade is being reported",
        "unknown: the module was reset",
        "ready -> synchronising: the module was restarted",
        "identifying -> ready",
        "reported again: Stored",
        "The queue of reports is full",
        "refused: AT+ALIPAYREP failed with result 6: the cache queue is full",
        "reported once there is room: Stored",
        "Closing time",
        "ready -> shutting down",
        "shutting down -> shut: the module is off",
        "not-sent: AT+ALIPAYREP was not sent: the Alipay SDK is shut",
        "For the technician",
        "module        Quectel_M26 M26FBR03A03-TTS",
        "signal        -91 dBm, 1 (registered in the home network)",
        "clocks        the module's clock",
        "ready         3 times",
        "port          opened 2, lost 1",
        "restarts      2 seen, 1 made",
        "commands      6 sent, 3 failed, 2 held back",
        "late answers  0",
        "last error    AT+ALIPAYREP failed with result 6",
    ])
    .ends(0);
    for secret in ["1234567890", "2019012922001450181015731428", "ALIPAY_BOX", "terminalType"] {
        assert!(!said.out.contains(secret), "{secret} shows: {}", said.out);
    }
}

#[test]
fn a_port_of_a_real_module_is_refused() {
    let said = run("watchdog", &["--port", "/dev/ttyUSB0"]);
    said.complains(&["error:", "--port"]).ends(2);
}
