//! A program that drives the tool, and what the module says by itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::time::Duration;

use m26_pay::sim::Order;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty::{self, Pty, Running};
use serde_json::json;
use support::cli_tool::{CONFIG_SET, Driven, m26, object, quick, text};

fn module() -> (Running<Faulty<Modem>>, String) {
    let modem = Modem::new(quick(ModemSettings::default()));
    let module = pty::spawn(Faulty::new(modem, 0)).unwrap();
    let path = text(module.path());
    (module, path)
}

#[test]
fn each_line_is_answered_before_the_next_is_written() {
    let (_module, path) = module();
    let mut tool = Driven::start(&["--port", &path, "--json", "run", "-"]);
    tool.say("raw AT+CSQ");
    assert_eq!(object(&tool.hear())["command"], "raw");
    tool.say("signal");
    assert_eq!(object(&tool.hear())["result"]["rssi"], 11);
    tool.say("nonsense");
    assert_eq!(object(&tool.hear())["ok"], false);
    tool.say("info");
    assert_eq!(object(&tool.hear())["result"]["model"], "Quectel_M26");
    assert_eq!(tool.end(), (Vec::new(), Some(1)));
}

#[test]
fn urcs_are_printed_where_they_came() {
    let (module, path) = module();
    let mut tool = Driven::start(&["--port", &path, "--json", "run", "-", "--urcs"]);
    tool.say("raw AT");
    assert_eq!(object(&tool.hear())["command"], "raw");
    // Before a command, and inside its answer.
    module.order(Order::Urc("+CREG: 2".into()));
    module.order(Order::Urc("Call Ready".into()));
    tool.say("raw AT");
    assert_eq!(object(&tool.hear()), json!({"urc": "+CREG", "text": "+CREG: 2"}));
    assert_eq!(object(&tool.hear()), json!({"urc": "Call Ready", "text": "Call Ready"}));
    assert_eq!(object(&tool.hear())["command"], "raw");
    module.order(Order::Urcs { chance: 1.0, text: "Call Ready".into() });
    tool.say("raw AT+CSQ");
    let mut heard = Vec::new();
    while !heard.iter().any(|line: &serde_json::Value| line["command"] == "raw") {
        heard.push(object(&tool.hear()));
    }
    assert_eq!(heard[0], json!({"urc": "Call Ready", "text": "Call Ready"}), "{heard:?}");
    // And while no command is on its way.
    module.order(Order::Calm);
    tool.say("sleep 3600");
    module.order(Order::Urc("+CREG: 1".into()));
    while object(&tool.hear())["text"] != "+CREG: 1" {}
    tool.kill();
}

/// What looks like a damaged echo may hold a payment code.
#[test]
fn a_damaged_echo_is_shown_without_what_it_may_hold() {
    for option in [None, Some("--show-secrets")] {
        let (module, path) = module();
        let arguments = ["--port", &path, "--json", "run", "-", "--urcs"];
        let mut tool = Driven::start(&arguments.into_iter().chain(option).collect::<Vec<_>>());
        tool.say("raw AT");
        assert_eq!(object(&tool.hear())["command"], "raw");
        tool.say("sleep 3600");
        module.order(Order::Urc(ECHO.into()));
        let heard = object(&tool.hear());
        assert_eq!(heard["text"].as_str().unwrap().len(), ECHO.len());
        assert_eq!(heard["text"] == ECHO, option.is_some(), "{heard}");
        assert_eq!(heard["urc"] == ECHO, option.is_some(), "{heard}");
        tool.kill();
    }
}

const ECHO: &str = "T+ALIPAYSIGN=1,\"281234567890123456\"";

#[test]
fn a_late_signature_is_nobodys() {
    let (module, path) = module();
    let mut tool =
        Driven::start(&["--port", &path, "--json", "--timeout", "0.5", "run", "-", "--urcs"]);
    for line in CONFIG_SET.lines().chain(["open", "device-id"]) {
        tool.say(line);
        assert_eq!(object(&tool.hear())["ok"], true);
    }
    module.order(Order::MissingResult("+ALIPAYSIGN".into()));
    tool.say("sign --mode face --data 1 --amount 1");
    assert_eq!(object(&tool.hear())["error"]["kind"], "timed-out");
    module.order(Order::Urc("+ALIPAYSIGN: 4".into()));
    tool.say("raw AT");
    let late = object(&tool.hear());
    assert_eq!((&late["urc"], &late["late"]), (&json!("+ALIPAYSIGN"), &json!(true)));
    assert_eq!(object(&tool.hear())["command"], "raw");
    // Now the way is free.
    tool.say("sign --mode face --data 2 --amount 2");
    let signed = object(&tool.hear());
    let signature = Modem::expected_signature(2, "2", "2.00");
    assert!(signed["result"]["signed_data"].as_str().unwrap().contains(&signature), "{signed}");
    assert_eq!(tool.end(), (Vec::new(), Some(1)));
}

#[test]
fn a_port_that_goes_away() {
    let (module, path) = module();
    let mut tool = Driven::start(&["--port", &path, "--json", "run", "-"]);
    tool.say("raw AT");
    assert_eq!(object(&tool.hear())["ok"], true);
    module.order(Order::HangUp(Duration::from_secs(3600)));
    tool.say("sleep 3600");
    assert_eq!(object(&tool.hear())["error"]["kind"], "disconnected");
    tool.say("info");
    let gone = object(&tool.hear());
    assert_eq!(gone["error"]["certainty"], "not-sent", "{gone}");
    assert_eq!(tool.end(), (Vec::new(), Some(1)));
}

/// The next object with this event or URC, which has a time.
fn heard(tool: &mut Driven, name: &str) -> serde_json::Value {
    loop {
        let object = object(&tool.hear());
        assert_eq!(object["at"].as_str().unwrap().len(), "2026-11-30T01:29:37.000Z".len());
        if object["event"] == name || object["urc"] == name {
            return object;
        }
    }
}

#[test]
fn a_monitor_until_it_is_interrupted() {
    let text = "+CREG: 1,\"1806\",\"A10E\"";
    let (module, path) = module();
    let mut tool = Driven::start(&["--port", &path, "monitor", "--json"]);
    // What comes while the module is looked for is shown as well, so one is enough.
    module.order(Order::Urc(text.into()));
    assert_eq!(heard(&mut tool, "+CREG")["text"], text);
    // A stray result that nobody asked for.
    module.order(Order::Urc("+ALIPAYOPEN: 0".into()));
    heard(&mut tool, "+ALIPAYOPEN");
    // And what is no line.
    module.order(Order::Reset);
    heard(&mut tool, "reset");
    tool.interrupt();
    assert_eq!(tool.end().1, Some(0));

    let mut tool = Driven::start(&["--port", &path, "monitor"]);
    module.order(Order::Urc(text.into()));
    let line = loop {
        let line = tool.hear();
        if line.ends_with(text) {
            break line;
        }
    };
    assert_eq!(line.len(), "2026-11-30T01:29:37.000Z ".len() + text.len(), "{line}");
    tool.kill();
}

#[test]
fn a_monitor_waits_for_a_module_that_is_off() {
    let (module, path) = module();
    module.order(Order::PowerOff);
    let mut tool = Driven::start(&["--port", &path, "--json", "monitor"]);
    heard(&mut tool, "waiting");
    module.order(Order::PowerOn);
    heard(&mut tool, "listening");
    module.order(Order::Urc("+CREG: 1".into()));
    heard(&mut tool, "+CREG");
    tool.kill();
    // A port that was never there is a mistake.
    assert_eq!(m26(&["--port", "/nowhere/tty", "monitor"]).code, Some(1));
}

#[test]
fn a_monitor_waits_for_a_port_that_was_unplugged() {
    let folder = tempfile::tempdir().unwrap();
    let link = text(folder.path().join("m26"));
    let modem = Faulty::new(Modem::new(quick(ModemSettings::default())), 0);
    let module = Pty::open(Some(link.as_ref())).unwrap().spawn(modem, |_| {}).unwrap();
    let mut tool = Driven::start(&["--port", &link, "--json", "monitor"]);
    heard(&mut tool, "listening");
    module.order(Order::HangUp(Duration::from_millis(100)));
    heard(&mut tool, "disconnected");
    heard(&mut tool, "connected");
    heard(&mut tool, "listening");
    module.order(Order::Urc("+CREG: 1".into()));
    heard(&mut tool, "+CREG");
    tool.kill();
}
