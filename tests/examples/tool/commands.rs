//! Every command of the tool, against a simulated module of both kinds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;

use serde_json::{Value, json};
use support::cli_tool::{CONFIG_SET, Ended, m26, m26_run};

const BIZ_TID: &str = "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw";

/// A whole day of a terminal.
fn day() -> String {
    format!(
        r#"# the spec's chapter 4, and what is around it
info
signal
bring-up --apn CMNET --ntp ntp1.aliyun.com

config show
{CONFIG_SET}
{CONFIG_SET}   # again
config show
open
open
product-info --verify qr-code,nfc
device-id
sign --mode withholding --data '1234567890' --amount 10.25
sign --mode payer-code --data "288412345678901234"
report --business-no 2019012922001450181015731428 --amount-fen 1025 --seconds 2 --outcome success --timestamp 1548811777
report --amount-fen 1025 --outcome unsupported --timestamp 1548811777
queue
usage --broadcasts 3 --scans 5
sleep 0.01
raw "AT+CSQ"
shut
"#
    )
}

fn ok(command: &str, result: Value) -> Value {
    json!({"command": command, "ok": true, "simulated": true, "result": result})
}

fn everything(profile: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day");
    fs::write(&file, day()).unwrap();
    let ended =
        m26(&["--port", "sim", "--json", "--profile", profile, "run", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut objects = ended.objects();

    // What depends on the time.
    let clock = objects[2]["result"]["clock"].take();
    assert_eq!(clock.as_str().unwrap().len(), "2019-01-30 09:29:37+08:00".len());
    for (index, amount) in [(11, true), (12, false)] {
        let data = objects[index]["result"]["signed_data"].take();
        let length = objects[index]["result"]["signed_length"].take();
        assert_eq!(length, data.as_str().unwrap().len());
        let payload: Value = serde_json::from_str(data.as_str().unwrap()).unwrap();
        assert_eq!(payload["bizTid"], BIZ_TID);
        assert_eq!(payload["signedKeys"].as_str().unwrap().contains("totalAmount"), amount);
    }

    let registration = json!({"registered": true, "creg": 1, "cgreg": 1});
    let empty = json!({
        "module_supplier_no": "201901220900654009", "device_supplier_no": "",
        "merchant_user_id": "", "item_id": "", "product_key": "[redacted]", "env": 0,
        "terminal_id": "", "configured": false,
    });
    let stored = json!({
        "module_supplier_no": "201901220900654009", "device_supplier_no": "2018040500703640",
        "merchant_user_id": "2018040500703640", "item_id": "2018070401748657",
        "product_key": "[redacted]", "env": 4, "terminal_id": "1234567890abcdef",
        "configured": true,
    });
    let all =
        ["device_supplier_no", "merchant_user_id", "item_id", "product_key", "env", "terminal_id"];
    let held = json!({"code": 0, "ram_only": false});
    let signed = json!({"code": 0, "signed_length": null, "signed_data": null});
    let expected = [
        ok(
            "info",
            json!({
                "manufacturer": "Quectel_Ltd", "model": "Quectel_M26",
                "revision": "M26FBR03A03-TTS", "imei": "123456789012347",
                "imsi": "001010123456789", "iccid": "898600220909A0206023",
            }),
        ),
        ok("signal", json!({"rssi": 11, "ber": 0, "dbm": -91, "registration": registration})),
        ok(
            "bring-up",
            json!({
                "model": "Quectel_M26", "revision": "M26FBR03A03-TTS", "rssi": 11, "ber": 0,
                "dbm": -91, "registration": registration, "clock": null,
            }),
        ),
        ok("config show", empty),
        ok("config set", json!({"outcome": "changed", "fields": all})),
        ok("config set", json!({"outcome": "unchanged", "fields": []})),
        ok("config show", stored),
        ok("open", json!({"code": 0, "already_open": false})),
        ok("open", json!({"code": 1, "already_open": true})),
        ok("product-info", held.clone()),
        ok("device-id", json!({"code": 0, "biz_tid": BIZ_TID})),
        ok("sign", signed.clone()),
        ok("sign", signed),
        ok("report", held.clone()),
        ok("report", held.clone()),
        ok("queue", json!({"code": 0, "max_record": 12})),
        ok("usage", held),
        ok("raw", json!({"lines": ["+CSQ: 11,0"], "final": "OK"})),
        ok("shut", json!({})),
    ];
    for (object, expected) in objects.iter().zip(&expected) {
        assert_eq!(object, expected);
    }
    assert_eq!(objects.len(), expected.len());
}

#[test]
fn a_day_with_quectel() {
    everything("quectel");
}

#[test]
fn a_day_with_luat() {
    everything("luat");
}

#[test]
fn plain_lines_for_people() {
    let ended = m26_run(&["--port", "sim", "run", "-"], &day());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for line in [
        "signal: signal        -91 dBm (rssi 11)",
        "open: the Alipay SDK is open",
        "open: the Alipay SDK was open already",
        &format!("device-id: the bizTid is {BIZ_TID}"),
        "sign: signed, 369 bytes:",
    ] {
        assert!(ended.stdout.lines().any(|printed| printed == line), "{line}\n{}", ended.stdout);
    }
    assert!(ended.stderr.contains("the module is simulated"), "{}", ended.stderr);
    assert!(ended.stderr.contains("m26: registration: 1"), "{}", ended.stderr);
}

#[test]
fn one_command_alone() {
    for profile in ["quectel", "luat"] {
        let ended = m26(&["--port", "sim", "--profile", profile, "--json", "raw", "AT+CSQ"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let expected = ok("raw", json!({"lines": ["+CSQ: 11,0"], "final": "OK"}));
        assert_eq!(ended.object(), expected);
        assert_eq!(ended.stderr, "");
    }
    // The options may come behind the command as well.
    let ended = m26(&["signal", "--json", "--port", "sim"]);
    assert_eq!(ended.object()["command"], "signal");
}

#[test]
fn a_command_without_a_final_result() {
    let ended = m26(&["--port", "sim", "--json", "raw", "AT+QPOWD=1"]);
    assert_eq!(ended.object(), ok("raw", json!({"lines": ["NORMAL POWER DOWN"], "final": null})));
    assert_eq!(m26(&["--port", "sim", "raw", "AT+QPOWD=1"]).stdout, "NORMAL POWER DOWN\n");
}

#[test]
fn ports_are_listed_and_none_is_opened() {
    let ended = m26(&["--json", "--port", "/nowhere", "ports"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.object()["result"]["ports"].is_array());
    let Ended { code, stdout, .. } = m26(&["ports"]);
    assert_eq!(code, Some(0));
    assert!(!stdout.is_empty());
}

#[test]
fn the_manual_has_every_command_and_each_shell() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("manual");
    let said = m26(&["--json", "manual", folder.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    for command in ["m26", "m26-doctor", "m26-config-set", "m26-outbox-list", "m26-session"] {
        assert!(read(&format!("{command}.1")).contains(".SH NAME"), "{command}");
    }
    for completions in ["m26.bash", "m26.fish", "_m26"] {
        assert!(read(completions).contains("bring-up"), "{completions}");
    }
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(said.object()["result"]["files"], files);
}
