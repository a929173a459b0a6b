//! What must not be printed, and the record of what passed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::process::Stdio;

use m26_pay::alipay::COUNTED;
use m26_pay::at::line::{Frame, LineSplitter};
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;
use m26_pay::transcript::{Transcript, TranscriptStep};
use support::cli_tool::{Ended, m26, m26_run, quick, text, tool};

const KEY: &str = "SECRETKEY7f3a";

fn config_set(key: &[&str]) -> Vec<String> {
    let start = "config set --device-supplier-no 1 --merchant-user-id 2 --item-id 3 --env 4 \
        --terminal-id 5";
    let words = start.split_whitespace().chain(key.iter().copied());
    words.map(str::to_string).collect()
}

fn logged(port: &str, arguments: &[&str]) -> Ended {
    let mut tool = tool();
    tool.args(["--port", port]).args(arguments).env("M26_LOG", "trace");
    tool.stdin(Stdio::null()).output().unwrap().into()
}

#[test]
fn a_product_key_is_shown_to_who_asks_for_it() {
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let port = text(module.path());
    let folder = tempfile::tempdir().unwrap();
    let file = text(folder.path().join("key"));
    fs::write(&file, format!("{KEY}\n")).unwrap();
    for (key, outcome) in
        [(&["--product-key", KEY][..], "changed"), (&["--product-key-file", &file], "unchanged")]
    {
        let arguments = config_set(key);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        for more in [&[][..], &["--json"]] {
            let ended = logged(&port, &[more, &arguments].concat());
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(more.is_empty() || ended.object()["command"] == "config set");
            assert!(!more.is_empty() || ended.stdout.contains("stored"), "{outcome} {ended:?}");
            assert!(ended.stderr.contains("TRACE"), "the log is on");
            assert!(!format!("{ended:?}").contains(KEY), "{ended:?}");
        }
    }
    for more in [&[][..], &["--json"]] {
        let hidden = logged(&port, &[more, &["config", "show"]].concat());
        assert!(hidden.stdout.contains("[redacted]"), "{hidden:?}");
        assert!(!format!("{hidden:?}").contains(KEY), "{hidden:?}");
        let shown = logged(&port, &[more, &["--show-secrets", "config", "show"]].concat());
        assert!(shown.stdout.contains(KEY), "{shown:?}");
        assert!(!shown.stderr.contains(KEY), "{shown:?}");
    }
}

#[test]
fn no_message_repeats_a_value() {
    let bad = format!("{KEY}\"");
    let long = KEY.repeat(10);
    let twice = [KEY, KEY];
    let mut wrong: Vec<Vec<String>> = vec![
        config_set(&["--product-key", &bad]),
        config_set(&["--product-key", &long]),
        config_set(&["--product-key", KEY, KEY]),
        config_set(&["--product-key", KEY, "--product-key-file", "/nowhere"]),
        config_set(&["--product-kee", KEY]),
        config_set(&["--product-key", "--SECRETKEY7f3a", "x"]),
    ];
    for line in [
        "sign --mode SECRETKEY7f3a --data 1",
        "sign --mode face --data 1 SECRETKEY7f3a",
        "sign --mode face --data 1 --amount SECRETKEY7f3a",
        "report --amount-fen SECRETKEY7f3a --outcome success --timestamp 1",
        "report --amount-fen 1 --outcome SECRETKEY7f3a --timestamp 1",
        "report --amount-fen 1 --outcome success --timestamp SECRETKEY7f3a",
        "product-info --verify face,SECRETKEY7f3a",
        "raw SECRETKEY7f3a",
        "raw AT --SECRETKEY7f3a",
        "sign --mode face --data --SECRETKEY7f3a",
        "SECRETKEY7f3a",
    ] {
        wrong.push(line.split(' ').map(str::to_string).collect());
    }
    wrong.push([&["raw", "AT"][..], &twice].concat().iter().map(ToString::to_string).collect());
    for arguments in &wrong {
        let words: Vec<_> = arguments.iter().map(String::as_str).collect();
        let ended = m26(&[&["--port", "/nowhere", "--json"], &words[..]].concat());
        assert!(matches!(ended.code, Some(1 | 2)), "{ended:?}");
        assert!(!format!("{ended:?}").contains("SECRETKEY"), "{ended:?}");
    }
    let lines: Vec<_> = wrong.iter().map(shell_words::join).collect();
    // A line that is broken in the middle of a value, too.
    let lines = lines.join("\n") + "\nconfig set --product-key 'SECRETKEY7f3a\nSECRETKEY7f3a'\n";
    let ended = m26_run(&["--port", "sim", "--json", "run", "-"], &lines);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.objects().len(), wrong.len() + 2);
    assert!(!format!("{ended:?}").contains("SECRETKEY"), "{ended:?}");
}

#[test]
fn a_record_holds_no_secrets_and_replays() {
    const CODE: &str = "288412345678901234";
    let folder = tempfile::tempdir().unwrap();
    let file = text(folder.path().join("record.at"));
    let settings = quick(ModemSettings::default());
    let biz_tid = settings.biz_tid.clone();
    let module = pty::spawn(Modem::new(settings)).unwrap();
    let set = shell_words::join(config_set(&["--product-key", KEY]));
    let report = "report --business-no 20190129220 --qr-code 288499 --amount-fen 1025 --seconds 2 \
        --outcome success --timestamp 1548811777";
    let commands = format!(
        "{set}\nopen\ndevice-id\nsign --mode payer-code --data {CODE} --amount 10.25\n{report}\n"
    );
    let port = text(module.path());
    let ended = m26_run(&["--port", &port, "--record", &file, "--json", "run", "-"], &commands);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let signed = ended.objects()[3]["result"]["signed_data"].as_str().unwrap().to_string();
    let signature = Modem::expected_signature(1, CODE, "10.25");
    assert!(signed.contains(&signature) && signed.contains(&biz_tid), "{signed}");

    let record = fs::read_to_string(&file).unwrap();
    for secret in [KEY, CODE, "20190129220", "288499", &signature] {
        assert!(!record.contains(secret), "{secret} in {record}");
    }
    let transcript: Transcript = record.parse().unwrap();
    let said = |line: &str| {
        transcript
            .steps
            .iter()
            .any(|step| matches!(step, TranscriptStep::ToModule(bytes) if bytes == line.as_bytes()))
    };
    assert!(said("AT+ALIPAYCFG=\"0\",\"0\",\"0\",\"xxxxxxxxx0x0x\",4,\"0\"\r"), "{record}");
    assert!(said("AT+ALIPAYSIGN=1,\"000000000000000000\",\"10.25\"\r"), "{record}");

    let shown = r#"< "product_key": "xxxxxxxxx0x0x"\r\n"#;
    assert!(record.lines().any(|line| line == shown), "{record}");

    // The lengths fit still, so that the signature is read by its length.
    let heard = transcript.steps.iter().filter_map(|step| match step {
        TranscriptStep::FromModule(bytes) => Some(&bytes[..]),
        _ => None,
    });
    let heard = heard.collect::<Vec<_>>().concat();
    let mut input = &heard[..];
    let mut splitter = LineSplitter::new(4096, COUNTED);
    let mut signatures = 0;
    while let Some(frame) = splitter.next(&mut input) {
        let Frame::Line(line) = frame else { panic!("{frame:?}") };
        if line.starts_with(b"+ALIPAYSIGN: 0,369,\"") {
            assert_eq!(line.len(), "+ALIPAYSIGN: 0,369,\"\"".len() + 369);
            signatures += 1;
        }
    }
    assert_eq!(signatures, 1);
}
