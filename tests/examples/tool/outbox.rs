//! `m26 outbox`, as a technician runs it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use m26_pay::alipay::{BusinessNo, Open, QrCode, Report, TradeResult};
use m26_pay::blocking::Client;
use m26_pay::engine::Settings;
use m26_pay::flows::Synchronise;
use m26_pay::outbox::{
    Id, NewPayment, Outbox, OutboxPolicy, Parking, Payload, PaymentKey, SqliteStore, Usage,
};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem, ModemConfig};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::script::Scripted;
use m26_pay::sim::virtual_port::VirtualPort;
use m26_pay::unix_time::UnixMillis;
use serde_json::{Value, json};
use support::cli_tool::{Ended, m26, m26_run, object, quick, text, tool};
use support::outbox_till::report;
use support::real_time::wait_until;
use support::sigint;
use tempfile::TempDir;

const BUSINESS_NO: &str = "2019012922001450181015731428";
const CODE: &str = "284612345678901234";

/// A till's file, in a folder of its own.
struct File {
    folder: TempDir,
    db: String,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = text(folder.path().join("till.db"));
        Self { folder, db }
    }

    fn open(&self) -> Outbox {
        Outbox::open(&self.db, OutboxPolicy::default()).unwrap()
    }

    /// The tool, asked about this file.
    fn m26(&self, arguments: &[&str]) -> Ended {
        m26(&[&["outbox"], arguments, &["--db", &self.db]].concat())
    }

    /// The result of a command that went well.
    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.m26(&[arguments, &["--json"]].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        let object = ended.object();
        assert_eq!(object["command"], format!("outbox {}", arguments[0]));
        assert_eq!(object["ok"], true);
        object["result"].clone()
    }

    /// The error of a command that failed, which is told to people as well.
    fn fails(&self, arguments: &[&str], kind: &str, message: &str) {
        let people = self.m26(arguments);
        assert_eq!((people.code, people.stdout.as_str()), (Some(1), ""), "{people:?}");
        assert!(people.stderr.contains(message), "{people:?}");
        let programs = self.m26(&[arguments, &["--json"]].concat());
        assert_eq!(programs.code, Some(1), "{programs:?}");
        let object = programs.object();
        assert_eq!(object["ok"], false);
        assert_eq!(object["error"]["kind"], kind, "{object}");
        assert!(object["error"]["message"].as_str().unwrap().contains(message), "{object}");
    }

    fn path(&self, name: &str) -> String {
        text(self.folder.path().join(name))
    }
}

/// A report with all that is secret in one.
fn secret_report() -> Report {
    Report::of("0.07".parse().unwrap(), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(BUSINESS_NO).unwrap())
        .qr_code(QrCode::new(CODE).unwrap())
        .time_consuming(2)
        .build()
        .unwrap()
}

/// Drains what is pending into a module that does what the script says.
fn drain(outbox: &Outbox, script: &str) {
    let settings = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        queue_size: 1000,
        ..modem::ModemSettings::default()
    };
    let device = Scripted::new(Faulty::new(Modem::new(settings), 0), script.parse().unwrap());
    let mut client = Client::connect(VirtualPort::new(device), Settings::default());
    client.run(Synchronise::default()).unwrap();
    outbox.module_opened(client.send(&Open).unwrap()).unwrap();
    client.run(outbox.drain()).unwrap();
}

/// One of each: record 1 rejected, 2 parked, 3 and 4 held, 5 in memory alone, 6 pending.
fn one_of_each() -> File {
    let file = File::new();
    let parking = Some(Parking { failures: 1, after: Duration::ZERO });
    let outbox =
        Outbox::open(&file.db, OutboxPolicy { parking, ..OutboxPolicy::default() }).unwrap();
    outbox.append_all(&[secret_report(), report(2), report(3), report(4), report(5)]).unwrap();
    // A 1 is asked about, and confirmed.
    let script = "
        on 1 AT+ALIPAYREP= result 1
        on 2 AT+ALIPAYREP= result 1
        on 3 AT+ALIPAYREP= result 4
        on 6 AT+ALIPAYREP= result 7
    ";
    drain(&outbox, script);
    outbox.append(&report(6)).unwrap();
    file
}

fn ids(result: &Value) -> Vec<i64> {
    result["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["id"].as_i64().unwrap())
        .collect()
}

#[test]
fn a_list_for_programs() {
    let file = File::new();
    drop(file.open());
    let ended = file.m26(&["list", "--json"]);
    let begins = r#"{"command":"outbox list","ok":true,"result":{"pending":0,"held":0,"parked":0,"rejected":0,"records":[]"#;
    assert!(ended.stdout.starts_with(begins), "{ended:?}");

    let file = one_of_each();
    let result = file.json(&["list"]);
    let counts = ["pending", "held", "parked", "rejected", "ram_only", "more", "dropped"];
    assert_eq!(counts.map(|name| result[name].as_u64().unwrap()), [1, 3, 1, 1, 1, 0, 0]);
    assert_eq!(ids(&result), [1, 2, 3, 4, 5, 6]);
    let states: Vec<_> =
        result["records"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["rejected", "parked", "held", "held", "ram-only", "pending"]);
    let first = &result["records"][0];
    assert_eq!(
        first["report"],
        json!({
            "business_no": "[redacted]", "qr_code": "[redacted]", "amount_fen": 7,
            "time_consuming": 2, "trade_result": 0, "meaning": "success",
            "time_stamp": 1_548_811_777,
        })
    );
    assert_eq!(first["attempts"], 2);
    assert_eq!(first["last"]["code"], 1);
    assert_eq!(first["last"]["meaning"], "result 1 (parameter error)");
    assert_eq!(result["records"][5]["last"], Value::Null);
}

#[test]
fn a_list_for_people() {
    let file = one_of_each();
    let ended = file.m26(&["list"]);
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "pending 1, held by the module 3 (1 of them in memory alone), parked 1, rejected 1"
    );
    assert!(lines[1].contains("state") && lines[1].contains("last answer"), "{}", ended.stdout);
    assert!(lines[2].trim_start().starts_with("1  rejected"), "{}", ended.stdout);
    assert!(
        lines[2].contains("0.07  success      result 1 (parameter error), "),
        "{}",
        ended.stdout
    );
    assert!(lines[3].contains("4 (memory allocation failed), "), "{}", ended.stdout);
    assert!(lines[3].ends_with(" s ago"), "{}", ended.stdout);
    assert!(lines[8].contains("`outbox retry`"), "{}", ended.stdout);
    assert_eq!(lines.len(), 9, "{}", ended.stdout);
}

#[test]
fn a_list_of_some() {
    let file = one_of_each();
    assert_eq!(ids(&file.json(&["list", "--state", "parked,rejected"])), [1, 2]);
    assert_eq!(ids(&file.json(&["list", "--state", "ram-only"])), [5]);
    // As for the counts, what is held in memory alone is held.
    let held = file.json(&["list", "--state", "held", "--limit", "2"]);
    assert_eq!((ids(&held), held["more"].as_u64()), (vec![4, 5], Some(1)));
    // What is not held comes first, and of what is held the newest.
    let some = file.json(&["list", "--limit", "4"]);
    assert_eq!((ids(&some), some["more"].as_u64()), (vec![1, 2, 5, 6], Some(2)));
    let none = file.json(&["list", "--limit", "0"]);
    assert_eq!((ids(&none), none["more"].as_u64()), (vec![], Some(6)));
    let ended = file.m26(&["list", "--state", "held", "--limit", "1"]);
    assert!(ended.stdout.contains("and 2 more: --limit"), "{ended:?}");
    for wrong in [&["list", "--state", "lost"][..], &["list", "--limit", "-1"], &["list", "x"]] {
        assert_eq!(file.m26(wrong).code, Some(2));
    }
}

#[test]
fn many_are_held_and_the_newest_are_shown() {
    let file = File::new();
    let outbox = file.open();
    outbox.append_all(&(0..2500).map(report).collect::<Vec<_>>()).unwrap();
    let settings = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        queue_size: 10_000,
        ..modem::ModemSettings::default()
    };
    let port = VirtualPort::new(Modem::new(quick(settings)));
    let mut client = Client::connect(port, Settings::default());
    client.run(Synchronise::default()).unwrap();
    outbox.module_opened(client.send(&Open).unwrap()).unwrap();
    assert_eq!(client.run(outbox.drain()).unwrap().held, 2500);
    drop((client, outbox));
    let result = file.json(&["list", "--limit", "3"]);
    assert_eq!((ids(&result), result["more"].as_u64()), (vec![2498, 2499, 2500], Some(2497)));
}

#[test]
fn one_record() {
    let file = one_of_each();
    let ended = file.m26(&["show", "2"]);
    for line in [
        "report        2",
        "state         parked: it failed for too long; `outbox retry` has it sent again",
        "attempts      1",
        "last answer   result 4 (memory allocation failed), ",
        "amount        10.25 yuan",
        "outcome       0 (success)",
        "time stamp    1548811777",
        "business no   [redacted]",
        "QR code       none",
    ] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
    }
    assert_eq!(file.json(&["show", "6"])["state"], "pending");
    file.fails(&["show", "7"], "invalid", "there is no report 7; `outbox list` shows");
    assert_eq!(file.m26(&["show", "seven"]).code, Some(2));
}

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let file = one_of_each();
    let outbox = file.open();
    let payload = Payload::new(*b"SAMPLEPAYLOAD").unwrap();
    let payment = NewPayment::new(payload).key(PaymentKey::new(*b"SAMPLEKEY").unwrap());
    outbox.add_payment(payment.accepted(UnixMillis(0))).unwrap();
    drop(outbox);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let secrets = [BUSINESS_NO.into(), CODE.into(), hex("SAMPLEPAYLOAD"), hex("SAMPLEKEY")];
    for arguments in [&["list"][..], &["list", "--json"], &["show", "1"], &["export"]] {
        let mut tool = tool();
        tool.arg("outbox").args(arguments).args(["--db", &file.db]).env("M26_LOG", "trace");
        let ended: Ended = tool.output().unwrap().into();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        for secret in &secrets {
            assert!(!format!("{ended:?}").contains(secret), "{arguments:?}: {ended:?}");
        }
    }
    let shown = file.m26(&["export", "--show-secrets"]).stdout;
    assert!(secrets.iter().all(|secret| shown.contains(secret)), "{shown}");
    let shown = file.m26(&["show", "1", "--show-secrets"]).stdout;
    assert!(shown.contains(BUSINESS_NO) && shown.contains(CODE), "{shown}");
}

#[test]
fn retry_has_them_sent_again() {
    let file = one_of_each();
    let message =
        "report 3 is held: this cannot be done in that state; only what is parked or rejected";
    file.fails(&["retry", "2", "3"], "invalid", message);
    file.fails(&["retry", "2", "99"], "invalid", "there is no report 99");
    assert_eq!(file.json(&["list"])["parked"], 1, "all of them or none");
    assert_eq!(file.json(&["retry", "2", "2"]), json!({"retried": [2], "pending": 2}));
    let ended = file.m26(&["retry", "--all"]);
    assert!(ended.stdout.contains("pending again: 1"), "{ended:?}");
    assert!(ended.stdout.contains("nothing was sent: the till does it"), "{ended:?}");
    assert!(ended.stdout.contains("may arrive twice"), "{ended:?}");
    let counts = file.json(&["list"]);
    assert_eq!(
        (&counts["pending"], &counts["parked"], &counts["rejected"]),
        (&json!(3), &json!(0), &json!(0))
    );
    assert_eq!(file.json(&["retry", "--all"]), json!({"retried": [], "pending": 3}));
    for wrong in [&["retry"][..], &["retry", "1", "--all"], &["retry", "one"]] {
        assert_eq!(file.m26(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn export_for_support() {
    let file = one_of_each();
    file.open().count_usage(Usage { broadcasts: 3, scans: 5 }).unwrap();
    let lines: Vec<_> = file.m26(&["export"]).stdout.lines().map(object).collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0]["kind"], "summary");
    assert_eq!(lines[0]["summary"]["counters"]["unreported"], json!({"broadcasts": 3, "scans": 5}));
    assert_eq!(lines[6]["record"]["state"], "pending");

    let out = file.path("for-support.jsonl");
    let result = file.json(&["export", "--out", &out]);
    assert_eq!(result, json!({"out": out, "lines": 7}));
    let saved: Vec<_> = fs::read_to_string(&out).unwrap().lines().map(object).collect();
    assert_eq!(saved, lines);
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

    fs::write(&out, "precious").unwrap();
    file.fails(&["export", "--out", &out], "invalid", "is there already: --force overwrites it");
    assert_eq!(fs::read_to_string(&out).unwrap(), "precious");
    file.json(&["export", "--out", &out, "--force"]);
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 7);
}

#[test]
fn export_does_not_harm_the_outbox() {
    let file = one_of_each();
    for part in ["", "-wal"] {
        let out = format!("{}{part}", file.db);
        file.fails(
            &["export", "--out", &out, "--force"],
            "invalid",
            "belongs to the outbox itself",
        );
    }
    let link = file.path("link");
    std::os::unix::fs::symlink(&file.db, &link).unwrap();
    file.fails(&["export", "--out", &link, "--force"], "invalid", "belongs to the outbox itself");
    file.fails(
        &["export", "--out", "/nonexistent/file"],
        "io",
        "/nonexistent/file cannot be written",
    );
    let ended = file.m26(&["export", "--json"]);
    assert_eq!((ended.code, &ended.object()["ok"]), (Some(1), &json!(false)));
    assert_eq!(file.json(&["list"])["held"], 3);
}

#[test]
fn counters_and_payments() {
    let file = File::new();
    let outbox = file.open();
    outbox.count_usage(Usage { broadcasts: 3, scans: 5 }).unwrap();
    let payment = |text: &str| NewPayment::new(Payload::new(text.as_bytes()).unwrap());
    outbox.add_payment(payment("long ago").accepted(UnixMillis(1_548_811_777_000))).unwrap();
    outbox.add_payment(payment("now")).unwrap();
    drop(outbox);
    let result = file.json(&["list"]);
    assert_eq!(result["counters"]["unreported"], json!({"broadcasts": 3, "scans": 5}));
    let payments = &result["payments"];
    assert_eq!((&payments["waiting"], &payments["expired"]), (&json!(1), &json!(1)));
    let late = &payments["past_last_moment"][0];
    assert_eq!(
        (&late["id"], &late["state"], &late["payload"]),
        (&json!(1), &json!("expired"), &json!("[redacted]"))
    );
    let ended = file.m26(&["list"]);
    let said = [
        "usage to be reported: 3 broadcasts, 5 scans; not reported yet",
        "campus payments: waiting 1, parked 0, refused 0, past their last moment 1, uploaded 0",
        "past their last moment, and not uploaded any more:",
        "     1  accepted ",
    ];
    assert!(said.iter().all(|line| ended.stdout.contains(line)), "{}", ended.stdout);
}

type Line = Scripted<Faulty<Modem>>;

/// A module that takes many reports.
fn module(settings: modem::ModemSettings, script: &str) -> Running<Line> {
    let settings = modem::ModemSettings { queue_size: 10_000, ..quick(settings) };
    let modem = Faulty::new(Modem::new(settings), 0);
    pty::spawn(Scripted::new(modem, script.parse().unwrap())).unwrap()
}

fn configured() -> modem::ModemSettings {
    modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() }
}

#[test]
fn a_backlog_is_drained_and_the_progress_told() {
    let file = File::new();
    file.open().append_all(&(0..200).map(report).collect::<Vec<_>>()).unwrap();
    let module = module(configured(), "");
    let port = text(module.path());
    let ended = file.m26(&["drain", "--port", &port]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stdout, "nothing is pending any more; the module took 200\n");
    for line in [
        "m26: pending: 200; Ctrl-C ends it",
        "m26: identifying -> ready",
        "m26: outbox: 0 reports were taken by the module, 200 are to go",
    ] {
        assert!(ended.stderr.contains(line), "{line}: {}", ended.stderr);
    }
    let told = ended.stderr.matches(" reports were taken by the module, ").count();
    assert!(told >= 3, "{}", ended.stderr);
    let (held, open) = module.with(|device| {
        let modem = device.inner().inner();
        (modem.delivered().len() + modem.queued().count(), modem.is_open())
    });
    assert_eq!((held, open), (200, true));
    let again = file.json(&["drain", "--port", &port]);
    assert_eq!(
        (&again["taken"], &again["pending"], &again["held"]),
        (&json!(0), &json!(0), &json!(200))
    );
}

#[test]
fn a_drain_that_does_not_get_far() {
    let file = File::new();
    file.open().append_all(&[report(1), report(2)]).unwrap();
    let at = |module: &Running<Line>, more: &[&str]| {
        let port = text(module.path());
        file.m26(&[&["drain", "--port", &port], more].concat())
    };
    // A queue that stays full.
    let ended = at(&module(configured(), "queue-full"), &["--patience", "5"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for line in
        ["result 6 (the cache queue is full)", "2 reports are pending still, since the time"]
    {
        assert!(ended.stderr.contains(line), "{line}: {}", ended.stderr);
    }
    // A module without a configuration, which is neither set nor restarted.
    let ended = at(&module(modem::ModemSettings::default(), ""), &["--json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.object()["error"]["kind"], "refused");
    assert_eq!(file.json(&["list"])["pending"], 2);
}

#[test]
fn ctrl_c_ends_a_drain_in_order() {
    let file = File::new();
    file.open().append_all(&[report(1), report(2)]).unwrap();
    let module = module(configured(), "on AT+ALIPAYREP= missing-result");
    let drain = tool()
        .args(["outbox", "drain", "--port", &text(module.path()), "--db", &file.db])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let sent = || module.with(|device| device.inner().inner().queued().count() > 0);
    wait_until("it sends something", sent);
    sigint::interrupt(&drain);
    let ended: Ended = drain.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("2 reports are pending still, since it was stopped"),
        "{ended:?}"
    );
}

#[test]
fn a_simulated_module_gets_no_reports() {
    let file = File::new();
    file.open().append(&report(1)).unwrap();
    file.fails(
        &["drain", "--port", "sim"],
        "invalid",
        "a simulated module would take the reports and forget them",
    );
    assert_eq!(file.m26(&["drain"]).code, Some(2));
    file.fails(&["drain", "--port", "/dev/no-such-port"], "io", "there is no /dev/no-such-port");
    let timeout = ["drain", "--port", "/dev/null", "--timeout", "5"];
    file.fails(&timeout, "invalid", "without --timeout");
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let file = File::new();
    for command in [&["list"][..], &["show", "1"], &["retry", "--all"], &["export"], &["set-aside"]]
    {
        if command[0] != "export" {
            file.fails(command, "io", "there is no outbox ");
        }
        assert_eq!(file.m26(command).code, Some(1), "{command:?}");
    }
    assert_eq!(fs::read_dir(file.folder.path()).unwrap().count(), 0);
    // Its log alone is no outbox either.
    fs::write(format!("{}-wal", file.db), "x").unwrap();
    file.fails(&["list"], "malformed", "the file is damaged (-wal is there, and the file is not)");
}

#[test]
fn a_file_that_is_in_use() {
    let file = File::new();
    let _till = file.open();
    file.fails(
        &["retry", "--all"],
        "busy",
        "it is in use: only one program at a time can have it, close the other one",
    );
    file.fails(&["set-aside"], "busy", "in use");
}

#[test]
fn a_report_is_added() {
    let file = File::new();
    let append = [&["append"][..], &REPORT].concat();
    assert_eq!(file.json(&append), json!({"id": 1}));
    let ended = file.m26(&append);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.starts_with("the report is on disk, its number is 2: "), "{ended:?}");
    let outbox = file.open();
    assert_eq!(outbox.summary().reports.pending, 2);
    let report = outbox.get(Id::<Report>::new(1)).unwrap().unwrap().content;
    assert_eq!((report.amount().fen(), report.time_consuming()), (1025, Some(2)));
    assert_eq!(report.business_no().unwrap().expose(), REPORT[1]);
    // While a program has it nothing is added.
    file.fails(&append, "io", "it is in use: only one program at a time can have it");
    assert_eq!(outbox.summary().reports.pending, 2);
}

#[test]
fn a_report_that_is_not_valid_makes_no_file() {
    let file = File::new();
    let mut append = [&["append"][..], &REPORT].concat();
    append[2] = "with/a\nline";
    file.fails(&append, "invalid", "business_no");
    append[2] = "1";
    append.retain(|word| !["--seconds", "2"].contains(word));
    file.fails(&append, "invalid", "time_consuming");
    assert_eq!(fs::read_dir(file.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_damaged_file_is_set_aside() {
    let file = one_of_each();
    file.fails(&["set-aside"], "invalid", "is not damaged: it stays where it is");
    let bytes = fs::read(&file.db).unwrap();
    fs::write(&file.db, &bytes[..bytes.len() / 2]).unwrap();
    file.fails(&["list"], "malformed", "was left as it is: set it aside to look into it");
    file.fails(&["list"], "malformed", "`outbox set-aside` does both");
    let result = file.json(&["set-aside"]);
    let aside = result["set_aside"].as_str().unwrap();
    assert_eq!(fs::read(aside).unwrap(), &bytes[..bytes.len() / 2]);
    file.fails(&["list"], "io", "there is no outbox");
    file.open().append(&report(1)).unwrap();
    assert_eq!(file.json(&["list"])["pending"], 1);
}

#[test]
fn a_flipped_bit_is_told_wherever_it_is() {
    let file = one_of_each();
    let bytes = fs::read(&file.db).unwrap();
    // The time stamp of each record, also of those that are not read when the file is opened.
    let needle = b"1548811777";
    let places = bytes.windows(needle.len()).enumerate().filter(|(_, window)| window == needle);
    let places: Vec<_> = places.map(|(at, _)| at).collect();
    assert!(places.len() >= 6, "{places:?}");
    for at in places {
        let mut flipped = bytes.clone();
        flipped[at + 2] ^= 0x01;
        fs::write(&file.db, &flipped).unwrap();
        let ended = file.m26(&["list", "--json"]);
        assert_eq!(ended.code, Some(1), "{at}: {ended:?}");
        assert_eq!(ended.object()["error"]["kind"], "malformed", "{at}: {ended:?}");
        assert_eq!(fs::read(&file.db).unwrap(), flipped, "it is left as it is");
    }
}

#[test]
fn files_of_other_kinds() {
    let file = File::new();
    fs::write(
        &file.db,
        "some text that is no database, and long enough to be looked at".repeat(99),
    )
    .unwrap();
    file.fails(&["list"], "mismatch", "it is a file of another kind");
    fs::write(&file.db, "").unwrap();
    file.fails(&["list"], "malformed", "it is empty, and was not made so");
    let folder = File { db: text(file.folder.path().to_path_buf()), ..file };
    folder.fails(&["list"], "invalid", "is no file");
}

#[test]
fn a_newer_format() {
    let file = File::new();
    drop(SqliteStore::open(&file.db).unwrap());
    // The user version of an SQLite file, at offset 60.
    let mut bytes = fs::read(&file.db).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&file.db, &bytes).unwrap();
    file.fails(&["list"], "mismatch", "its format is 99, and this program knows formats up to");
    assert_eq!(fs::read(&file.db).unwrap(), bytes);
}

#[test]
fn among_others_in_a_run() {
    let file = one_of_each();
    let lines = format!(
        "outbox list --db {db}\noutbox show 1 --db {db}\noutbox drain --db {db}\noutbox lost\n",
        db = file.db
    );
    let ended = m26_run(&["--port", "sim", "run", "-", "--json"], &lines);
    let objects = ended.objects();
    let ok: Vec<_> = objects.iter().map(|object| object["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, true, false, false], "{ended:?}");
    assert_eq!(objects[2]["command"], "outbox drain");
}

#[test]
fn the_tool_leaves_nothing_beside_the_file() {
    let file = one_of_each();
    file.json(&["list"]);
    let left: Vec<_> =
        fs::read_dir(file.folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(left, [Path::new(&file.db)]);
}

/// What is to be written for a report.
const REPORT: [&str; 10] = [
    "--business-no",
    "2019012922001450181015731428",
    "--amount-fen",
    "1025",
    "--seconds",
    "2",
    "--outcome",
    "success",
    "--timestamp",
    "1548811777",
];

/// The till has it open, here this program, and goes on.
#[test]
fn a_till_that_runs_is_looked_at_and_backed_up() {
    let file = File::new();
    let till = file.open();
    till.append(&report(1)).unwrap();
    assert_eq!(file.json(&["list"])["pending"], 1);
    assert_eq!(file.json(&["show", "1"])["id"], 1);
    let copy = file.path("copy.db");
    assert_eq!(file.json(&["backup", &copy]), json!({"out": copy, "reports": 1, "pending": 1}));
    file.fails(&["backup", &copy], "io", "is there already");
    till.append(&report(2)).unwrap();
    assert_eq!(file.json(&["list"])["pending"], 2);
    file.fails(&["retry", "--all"], "busy", "it is in use");
    let ended = m26(&["--json", "outbox", "list", "--db", &copy]);
    assert_eq!(ended.object()["result"]["pending"], 1);
}

#[test]
fn a_copy_without_its_log_is_told() {
    let file = File::new();
    let till = file.open();
    till.append(&report(1)).unwrap();
    let copy = file.path("copy.db");
    fs::copy(&file.db, &copy).unwrap();
    for command in [&["list"][..], &["retry", "--all"], &["backup", "/nowhere/copy"]] {
        let ended = m26(&[&["--json", "outbox"], command, &["--db", &copy]].concat());
        let error = &ended.object()["error"];
        assert_eq!(error["kind"], "malformed", "{ended:?}");
        assert!(
            error["message"].as_str().unwrap().contains("whose name ends in -wal"),
            "{ended:?}"
        );
    }
    drop(till);
}
