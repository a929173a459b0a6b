//! Recordings: made, shown and played again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use m26_pay::at::profile::Profile;
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty;
use serde_json::{Value, json};
use support::cli_tool::{m26, m26_run, quick, text};
use support::example_run;
use support::session_line::configured;

const LINES: &str = "open\ndevice-id\nraw AT+CSQ\n\
                     sign --mode payer-code --data 284612345678901234 --amount 10.25\n\
                     raw AT+NOPE\n";

/// A recording of some commands, in this folder.
fn recorded(folder: &Path) -> String {
    let module = pty::spawn(Modem::new(quick(configured(&Profile::quectel())))).unwrap();
    let (port, record) = (text(module.path()), text(folder.join("line.at")));
    let ended = m26_run(&["--json", "--port", &port, "--record", &record, "run", "-"], LINES);
    let ok: Vec<_> = ended.objects().iter().map(|object| object["ok"] == true).collect();
    assert_eq!(ok, [true, true, true, true, false], "{ended:?}");
    record
}

#[test]
fn what_is_made_of_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let record = recorded(folder.path());
    let ended = m26(&["--json", "replay", &record]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let objects = ended.objects();
    assert_eq!(objects[0]["result"]["recording"], 1);
    assert_eq!(objects[0]["result"]["header"]["firmware"], "M26FBR03A03-TTS");
    let answer = |line: &str| -> &Value {
        let found = objects.iter().find(|object| object["result"]["line"] == line);
        &found.unwrap_or_else(|| panic!("{line}: {ended:?}"))["result"]
    };
    let signal = answer("AT+CSQ");
    assert_eq!((&signal["lines"], &signal["final"]), (&json!(["+CSQ: 11,0"]), &json!("OK")));
    assert_eq!(answer("AT+NOPE")["error"]["kind"], "refused");
    let sign = answer("AT+ALIPAYSIGN=1,\"000000000000000000\",\"10.25\"");
    assert_eq!(sign["final"], "OK");
    // Its result comes behind the OK: for a raw line it is no answer.
    assert!(objects.iter().any(|object| object["urc"] == "+ALIPAYSIGN"), "{ended:?}");
    assert!(!ended.stdout.contains("2846123456"), "{ended:?}");

    let plain = m26(&["replay", &record]);
    for line in ["replay: recording 1", "firmware      M26FBR03A03-TTS", " s: AT+CSQ", "+CSQ: 11,0"]
    {
        assert!(plain.stdout.contains(line), "{line}: {plain:?}");
    }
}

#[test]
fn recordings_without_a_header_and_what_is_none() {
    let transcripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    for entry in fs::read_dir(transcripts).unwrap() {
        let path = text(entry.unwrap().path());
        let ended = m26(&["--json", "replay", &path]);
        assert_eq!(ended.code, Some(0), "{path}: {ended:?}");
        assert_eq!(ended.objects()[0]["result"], json!({"recording": 1, "header": {}}), "{path}");
    }
    let folder = tempfile::tempdir().unwrap();
    let none = text(folder.path().join("none"));
    for (contents, words) in
        [("# a comment\n", "nothing is recorded"), ("a letter\nof two", "line 1")]
    {
        fs::write(&none, contents).unwrap();
        let ended = m26(&["--json", "replay", &none]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let error = &ended.object()["error"];
        assert_eq!(error["kind"], "invalid");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
    let ended = m26(&["--json", "replay", "/nowhere/line.at"]);
    assert_eq!(ended.object()["error"]["kind"], "io");
}

/// The simulator plays it, and the tool finds the module that it knows.
#[test]
fn a_recorded_module_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let record = recorded(folder.path());
    let mut sim = Command::new(example_run::path("sim"))
        .args(["--replay", &record])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(sim.stdout.take().unwrap()).lines();
    let port = lines.next().unwrap().unwrap();
    let reader = std::thread::spawn(move || lines.for_each(drop));
    let ended = m26_run(
        &["--json", "--port", &port, "--earlier", "ended", "run", "-"],
        "raw AT+CSQ\ndevice-id\nraw AT+NOPE\nraw AT+UNHEARD\n",
    );
    let objects = ended.objects();
    assert_eq!(objects[0]["result"]["lines"], json!(["+CSQ: 11,0"]), "{ended:?}");
    let ok: Vec<_> = objects.iter().map(|object| object["ok"] == true).collect();
    assert_eq!(ok[2..], [false, false], "{ended:?}");
    sim.kill().unwrap();
    sim.wait().unwrap();
    reader.join().unwrap();

    for wrong in [&["--replay", "/nowhere/line.at"][..], &["--replay", &record, "--clock", "1"]] {
        let ended = Command::new(example_run::path("sim")).args(wrong).output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    }
}
