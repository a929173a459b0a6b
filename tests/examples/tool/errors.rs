//! What the tool says when something is wrong, and how it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use m26_pay::blocking::SerialPort;
use m26_pay::serial::SerialSettings;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::{CardState, Chunk, Device, Order, pty};
use m26_pay::transcript::Recording;
use serde_json::{Value, json};
use support::cli_tool::{CONFIG_SET, fed, m26, m26_run, quick, text, tool};

/// A module that does not hear what begins with `AT+ALIPAY`.
struct Deaf {
    modem: Modem,
    line: Vec<u8>,
}

impl Device for Deaf {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        for byte in bytes {
            self.line.push(*byte);
            if *byte == b'\r' {
                let line = std::mem::take(&mut self.line);
                if !line.starts_with(b"AT+ALIPAY") {
                    self.modem.receive(now, &line);
                }
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.modem.poll_transmit(now)
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.modem.next_deadline()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.modem.command(now, order);
    }
}

fn error_of(object: &Value) -> (&str, &str, &Value) {
    assert_eq!(object["ok"], false, "{object}");
    let error = &object["error"];
    assert!(!error["message"].as_str().unwrap().is_empty());
    (error["kind"].as_str().unwrap(), error["certainty"].as_str().unwrap(), &error["code"])
}

#[test]
fn the_advice_has_an_identifier_and_the_language_of_the_option() {
    let lost = ["--port", "/dev/no-such-port", "info"];
    let said = m26(&[&["--json"], &lost[..]].concat());
    assert_eq!(said.object()["error"]["advice"], "port-missing");
    let said = m26(&[&lost[..], &["--lang", "zh"]].concat());
    assert!(said.stderr.contains("没有该串口。"), "{}", said.stderr);
    assert!(!m26(&lost).stderr.contains("没有"));
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &[][..],
        &["--json"],
        &["--json", "frobnicate"],
        &["--json", "sign", "--mode", "face"],
        &["--json", "sign", "--mode", "nod", "--data", "1"],
        &["--json", "--timeout", "0", "info"],
        &["--json", "--timeout", "-1", "info"],
        &["--json", "--baud", "0", "info"],
        &["--json", "--profile", "other", "info"],
        &["--json", "report", "--amount-fen", "1.5", "--outcome", "success", "--timestamp", "1"],
        &["--json", "config", "set", "--product-key", "k", "--product-key-file", "f"],
        &["--json", "run"],
        &["--json", "info"],
    ] {
        let ended = m26(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?} {ended:?}");
        if arguments.is_empty() {
            assert_eq!(ended.stdout, "");
            assert_ne!(ended.stderr, "");
        } else {
            // Programs are told too, and people are told only once.
            assert_eq!(error_of(&ended.object()), ("invalid", "not-sent", &Value::Null));
            assert_eq!(ended.stderr, "", "{arguments:?}");
        }
    }
    assert_eq!(m26(&["--help"]).code, Some(0));
}

#[test]
fn a_wrong_number_is_named_by_its_option() {
    let report = ["report", "--outcome", "timeout", "--timestamp", "1", "--amount-fen"];
    for (arguments, option) in [
        (&[&report[..], &["-5"]].concat()[..], "--amount-fen"),
        (&["usage", "--scans", "1", "--broadcasts", "-1"], "--broadcasts"),
        (&["--timeout", "-1", "info"], "--timeout"),
        (&["--line-limit", "-1", "info"], "--line-limit"),
    ] {
        let ended = m26(arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(&format!("for '{option} <")), "{ended:?}");
    }
    assert!(m26(&[]).stderr.contains("Usage: m26"));
}

#[test]
fn an_invalid_argument_is_named_and_nothing_is_sent() {
    let long = "1".repeat(129);
    for (arguments, words) in [
        (
            &["sign", "--mode", "face", "--data", "a\"b"][..],
            "need_sign_data holds a quote at position 1",
        ),
        (&["sign", "--mode", "face", "--data", &long], "at most 128 are allowed (position 128)"),
        (&["sign", "--mode", "face", "--data", ""], "need_sign_data is empty"),
        (&["sign", "--mode", "face", "--data", "1", "--amount", "1.005"], "position 4"),
        (&["sign", "--mode", "face", "--data", "1", "--amount", "-1"], "position 0"),
        (
            &["report", "--amount-fen", "1", "--outcome", "success", "--timestamp", "1"],
            "business_no is needed when trade_result is 0",
        ),
        (
            &["report", "--amount-fen", "99999999999", "--outcome", "failed", "--timestamp", "1"],
            "amount is above",
        ),
        (
            &["report", "--amount-fen", "1", "--outcome", "failed", "--timestamp", "-1"],
            "time_stamp is before 1970",
        ),
        (&["raw", "AT+CSQ\rAT+X"], "byte 0x0d at position 6"),
        (&["raw", "CSQ"], "begins with AT"),
        (&["bring-up", "--apn", ""], "apn is empty"),
        (&["--line-limit", "20", "sign", "--mode", "face", "--data", "12345"], "at most 20"),
        (
            &["--profile", "luat", "sign", "--mode", "face", "--data", "1,2"],
            "need_sign_data holds ',' at position 1",
        ),
    ] {
        // There is no such port, and it is not even tried.
        let ended = m26(&[&["--json", "--port", "/nowhere"], arguments].concat());
        assert_eq!(ended.code, Some(1), "{arguments:?}");
        let object = ended.object();
        assert_eq!(error_of(&object), ("invalid", "not-sent", &Value::Null), "{arguments:?}");
        let message = object["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn ports_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = text(folder.path().join("file"));
    fs::write(&file, "").unwrap();
    for (port, words) in
        [("/nowhere/tty", "there is no /nowhere/tty"), (&file, "is not a serial port")]
    {
        let ended = m26(&["--json", "--port", port, "info"]);
        assert_eq!(ended.code, Some(1));
        let object = ended.object();
        assert_eq!(object["command"], "info");
        assert_eq!(error_of(&object), ("io", "not-sent", &Value::Null));
        assert!(object["error"]["message"].as_str().unwrap().contains(words), "{object}");
        let plain = m26(&["--port", port, "info"]);
        assert_eq!((plain.code, plain.stdout.as_str()), (Some(1), ""));
        assert!(plain.stderr.contains(words), "{plain:?}");
    }
}

#[test]
fn an_adapter_that_is_not_there_or_cannot_be_read() {
    for (port, code, says) in [
        ("usb:ffff:ffff:NONE", 1, "there is no port of a USB adapter ffff:ffff:NONE"),
        ("usb:ffff", 2, "a USB adapter is VID:PID or VID:PID:SERIAL"),
        ("usb:", 2, "a USB adapter is VID:PID or VID:PID:SERIAL"),
        ("", 2, "a port has a name"),
    ] {
        let said = m26(&["--json", "--port", port, "info"]);
        let object = said.object();
        assert_eq!(said.code, Some(code), "{object}");
        assert!(object["error"]["message"].as_str().unwrap().contains(says), "{object}");
    }
}

#[test]
fn a_port_in_use() {
    let module = pty::spawn(Modem::new(ModemSettings::default())).unwrap();
    let path = text(module.path());
    let _user = SerialPort::open(&path, &SerialSettings::default()).unwrap();
    let ended = m26(&["--json", "--port", &path, "info"]);
    assert_eq!(ended.code, Some(1));
    let object = ended.object();
    assert_eq!(error_of(&object), ("io", "not-sent", &Value::Null));
    assert!(object["error"]["message"].as_str().unwrap().contains("is in use"), "{object}");
}

#[test]
fn files_that_cannot_be_used() {
    for arguments in [
        &["run", "/nowhere/file"][..],
        &["--record", "/nowhere/file", "info"],
        &[
            "config",
            "set",
            "--device-supplier-no",
            "1",
            "--merchant-user-id",
            "2",
            "--item-id",
            "3",
            "--product-key-file",
            "/nowhere/file",
            "--env",
            "0",
            "--terminal-id",
            "4",
        ],
    ] {
        let ended = m26(&[&["--json", "--port", "sim"], arguments].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let object = ended.object();
        assert_eq!(error_of(&object), ("io", "not-sent", &Value::Null));
        assert!(object["error"]["message"].as_str().unwrap().contains("/nowhere/file"));
    }
}

/// The disk is full, here by a limit: the command goes on.
#[test]
fn a_record_that_cannot_be_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = text(folder.path().join("line.at"));
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let mut limited = Command::new("sh");
    limited.args(["-c", script]).arg(tool().get_program());
    limited.args(["--json", "--port", "sim", "--record", &path, "run", "-"]);
    let ended = fed(&mut limited, &"raw AT+CREG?;+CGREG?;+CSQ\n".repeat(20));
    assert_eq!((ended.objects().len(), ended.code), (20, Some(0)), "{ended:?}");
    assert!(ended.objects().iter().all(|object| object["ok"] == true), "{ended:?}");
    assert!(ended.stderr.contains("the record cannot be written any more"), "{ended:?}");
}

/// A recording is never lost by making another one, nor is anything else.
#[test]
fn a_record_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = text(folder.path().join("line.at"));
    for times in 1..=2 {
        let ended = m26(&["--json", "--port", "sim", "--record", &path, "raw", "AT+CSQ"]);
        assert_eq!(ended.object()["ok"], true);
        let recordings = Recording::all(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(recordings.len(), times);
        for recording in recordings {
            let header = recording.header.unwrap();
            assert_eq!(header.get("port"), Some("sim"));
            assert_eq!(
                (header.get("rate"), header.get("profile")),
                (Some("115200"), Some("quectel"))
            );
            assert!(header.get("firmware").is_some_and(|firmware| firmware.starts_with("M26")));
            assert!(header.get("date").is_some_and(|date| date.ends_with('Z')));
        }
    }
    let outbox = text(folder.path().join("till.db"));
    fs::write(&outbox, "SQLite format 3\0").unwrap();
    for other in [&outbox, "/dev/null"] {
        let ended = m26(&["--json", "--port", "sim", "--record", other, "info"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert_eq!(error_of(&ended.object()), ("io", "not-sent", &Value::Null));
        let object = ended.object();
        assert!(object["error"]["message"].as_str().unwrap().contains("is left as it is"));
    }
    assert_eq!(fs::read_to_string(&outbox).unwrap(), "SQLite format 3\0");
}

#[test]
fn a_module_that_does_not_answer() {
    let module =
        pty::spawn(Deaf { modem: Modem::new(quick(ModemSettings::default())), line: Vec::new() });
    let module = module.unwrap();
    let path = text(module.path());
    let ended = m26(&["--json", "--port", &path, "--timeout", "0.05", "open"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(error_of(&ended.object()), ("timed-out", "unknown", &Value::Null));
}

#[test]
fn a_result_that_does_not_come_leaves_the_port_usable() {
    let module = Faulty::new(Modem::new(quick(ModemSettings::default())), 0);
    let module = pty::spawn(module).unwrap();
    let path = text(module.path());
    let to = ["--json", "--port", &path, "--earlier", "ended"];
    let arguments = [&to[..], &["--timeout", "0.5", "run", "-"]].concat();
    let ended = m26_run(&arguments, &format!("{CONFIG_SET}\nopen\ndevice-id"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    module.order(Order::MissingResult("+ALIPAYREP".into()));
    let report = |fen| format!("report --amount-fen {fen} --outcome unsupported --timestamp 1\n");
    let ended = m26_run(&arguments, &(report(1) + &report(2) + "raw AT+CSQ\n"));
    assert_eq!(ended.code, Some(1));
    let objects = ended.objects();
    assert_eq!(error_of(&objects[0]), ("timed-out", "unknown", &Value::Null));
    // It might be answered by the first one's result.
    assert_eq!(error_of(&objects[1]), ("busy", "not-sent", &Value::Null));
    assert_eq!(objects[2]["ok"], true);
}

#[test]
fn commands_in_the_wrong_state() {
    let commands = "open\ndevice-id\nsign --mode face --data 1\nqueue\nshut\n\
        product-info --verify face\nusage --broadcasts 1 --scans 1\n\
        report --amount-fen 1 --outcome unsupported --timestamp 1\n";
    for profile in ["quectel", "luat"] {
        let ended =
            m26_run(&["--json", "--port", "sim", "--profile", profile, "run", "-"], commands);
        assert_eq!(ended.code, Some(1));
        let objects = ended.objects();
        let errors: Vec<_> = objects.iter().map(error_of).collect();
        let (refused, not_open, failed) = (json!(3), json!(2), json!(-1));
        let expected = [
            ("refused", "refused", &refused),
            ("result", "refused", &failed),
            ("result", "refused", &failed),
            ("result", "refused", &not_open),
            ("refused", "refused", &refused),
            ("result", "refused", &not_open),
            ("result", "refused", &not_open),
            ("result", "refused", &not_open),
        ];
        assert_eq!(errors, expected);
        // Each says what to do.
        for (object, words) in objects.iter().zip(["config set"].iter().chain([&"`open`"; 7])) {
            assert!(object["error"]["message"].as_str().unwrap().contains(words), "{object}");
        }
    }
    // One command alone, against a simulated module that is new each time.
    let ended = m26(&["--port", "sim", "--json", "queue"]);
    assert!(ended.object()["error"]["message"].as_str().unwrap().contains("`run`"));
}

#[test]
fn a_sim_that_is_missing() {
    let settings = ModemSettings { sim: CardState::Missing, ..quick(ModemSettings::default()) };
    let module = pty::spawn(Modem::new(settings)).unwrap();
    let ended = m26(&["--json", "--port", &text(module.path()), "info"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.object()["result"]["imsi"], Value::Null);
}

#[test]
fn soft_successes_and_results_that_are_none() {
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let path = text(module.path());
    let arguments = ["--json", "--port", &path, "--earlier", "ended", "run", "-"];
    let ended = m26_run(&arguments, &format!("{CONFIG_SET}\nopen"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = "report --amount-fen 1 --outcome unsupported --timestamp 1";
    module.order(Order::Result { prefix: "+ALIPAYREP".into(), code: 7 });
    let object = m26_run(&arguments, report).object();
    assert_eq!(object["result"], json!({"code": 7, "ram_only": true}));
    module.order(Order::QueueFull);
    let ended = m26_run(&arguments, report);
    assert_eq!(ended.code, Some(1));
    assert_eq!(error_of(&ended.object()), ("result", "refused", &json!(6)));
}

#[test]
fn a_biz_tid_that_is_not_there_yet() {
    let settings = quick(ModemSettings::default());
    let settings = ModemSettings { biz_tid_after: Duration::from_secs(3600), ..settings };
    let module = pty::spawn(Modem::new(settings)).unwrap();
    let path = text(module.path());
    let commands = format!("{CONFIG_SET}\nopen\ndevice-id\n");
    let ended = m26_run(&["--json", "--port", &path, "run", "-"], &commands);
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.objects()[2]["result"], json!({"code": 0, "biz_tid": ""}));
    let plain = m26(&["--port", &path, "device-id"]);
    assert!(plain.stdout.contains("no bizTid yet"), "{plain:?}");
}

#[test]
fn a_run_file_from_windows() {
    let ended = m26_run(
        &["--port", "sim", "--json", "run", "-"],
        "\u{feff}raw AT\r\n# a comment\r\n\r\nraw AT+CSQ\r",
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.objects().len(), 2);
}

#[test]
fn lines_of_a_run_that_do_not_parse() {
    let commands = "# a comment\n\nfrobnicate\nsign --mode face --data '1\nsign --mode face\n\
        raw AT+CSQ --json\nsleep long\nsleep\nmonitor\nrun -\nconfig\n--help\nhelp\nraw AT+CSQ";
    let ended = m26_run(&["--port", "sim", "--json", "run", "-"], commands);
    assert_eq!(ended.code, Some(1));
    let mut objects = ended.objects();
    assert_eq!(objects.pop().unwrap()["result"]["final"], "OK");
    let commands: Vec<_> =
        objects.iter().map(|object| object["command"].as_str().unwrap()).collect();
    let expected = [
        "frobnicate",
        "sign",
        "sign",
        "raw",
        "sleep",
        "sleep",
        "monitor",
        "run",
        "config",
        "?",
        "help",
    ];
    assert_eq!(commands, expected);
    for object in &objects {
        assert_eq!(error_of(object), ("invalid", "not-sent", &Value::Null));
    }
    assert!(objects[0]["error"]["message"].as_str().unwrap().starts_with("line 3: "));
}
