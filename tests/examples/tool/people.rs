//! What people see: numbers, cards, other makers' modules, help.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::io::Read as _;
use std::process::Stdio;
use std::time::Instant;

use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;
use m26_pay::sim::{CardState, Chunk, Device, Order};
use serde_json::json;
use support::cli_tool::{CONFIG_SET, m26, m26_run, quick, text, tool};

#[test]
fn a_mistyped_number_is_shown_and_a_payment_code_is_not() {
    let report = |amount: &str| {
        m26(&[
            "--port",
            "sim",
            "report",
            "--amount-fen",
            amount,
            "--outcome",
            "failed",
            "--timestamp",
            "1",
        ])
    };
    for (amount, shown) in
        [("10.25", true), ("-5", true), ("284612345678901234x", false), ("ALIPAY_BOX", false)]
    {
        let ended = report(amount);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert_eq!(ended.stderr.contains(&format!("'{amount}'")), shown, "{ended:?}");
        assert_eq!(ended.stderr.contains("[not shown]"), !shown, "{ended:?}");
    }
    let ended = m26(&["--port", "sim", "config", "set", "--env", "producton"]);
    assert!(ended.stderr.contains("'producton'"), "{ended:?}");
}

#[test]
fn amounts_are_in_yuan_or_in_fen_in_every_command() {
    let rest = "--outcome unsupported --timestamp 1548811777";
    let sign = "sign --mode withholding --data 1234567890";
    let lines = format!(
        "{CONFIG_SET}\nopen\ndevice-id\nreport --amount 10.25 {rest}\nreport --amount-fen 1025 {rest}\n\
         {sign} --amount 10.25\n{sign} --amount-fen 1025\n"
    );
    let module = pty::spawn(Modem::new(quick(ModemSettings::default()))).unwrap();
    let to = ["--json", "--port", &text(module.path()), "--earlier", "ended", "run", "-"];
    let ended = m26_run(&to, &lines);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let amounts = module.with(|module| {
        let reports = module.queued().chain(module.delivered()).map(|report| report.amount);
        reports.collect::<Vec<_>>()
    });
    assert_eq!(amounts, [1025, 1025]);
    let signature = Modem::expected_signature(4, "1234567890", "10.25");
    for signed in &ended.objects()[5..] {
        assert!(signed["result"]["signed_data"].as_str().unwrap().contains(&signature), "{signed}");
    }
    for both in ["report", "report --amount 1 --amount-fen 1"] {
        let ended = m26_run(&to, &format!("{both} {rest}"));
        assert_eq!(ended.object()["error"]["kind"], "invalid", "{ended:?}");
    }
}

#[test]
fn a_card_that_is_locked_says_so() {
    for (sim, words) in [(CardState::Pin, "locked, wants its PIN"), (CardState::Puk, "its PUK")] {
        let settings = ModemSettings { sim, ..quick(ModemSettings::default()) };
        let module = pty::spawn(Modem::new(settings)).unwrap();
        let port = text(module.path());
        let ended = m26(&["--port", &port, "info"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.stdout.matches(words).count(), 2, "{ended:?}");
        let result = m26(&["--json", "--port", &port, "info"]).object()["result"].clone();
        assert_eq!(result["imsi"], json!(null));
        assert!(result["sim"].as_str().unwrap().starts_with("SIM P"), "{result}");
    }
}

/// A modem that is none of Quectel's.
struct Other(Vec<u8>);

impl Device for Other {
    fn receive(&mut self, _: Instant, bytes: &[u8]) {
        for line in bytes.split_inclusive(|byte| *byte == b'\r') {
            let answer: &[u8] = match line {
                b"ATI\r" => b"\r\nSIM800 R14.18\r\n\r\nOK\r\n",
                b"AT\r" | b"ATQ0V1E1\r" | b"AT+CMEE=1\r" => b"\r\nOK\r\n",
                _ => b"\r\nERROR\r\n",
            };
            self.0.extend(line.iter().chain(answer));
        }
    }

    fn poll_transmit(&mut self, _: Instant) -> Option<Chunk> {
        let said = std::mem::take(&mut self.0);
        (!said.is_empty()).then(|| Chunk::Bytes(said.into()))
    }

    fn next_deadline(&self) -> Option<Instant> {
        None
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

#[test]
fn another_modem_is_shown_as_it_calls_itself() {
    let module = pty::spawn(Other(Vec::new())).unwrap();
    let port = text(module.path());
    let ended = m26(&["--port", &port, "info"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("identity      SIM800 R14.18\n"), "{ended:?}");
    let object = m26(&["--json", "--port", &port, "info"]).object();
    assert_eq!(object["result"]["identity"], json!(["SIM800 R14.18"]));
    assert_eq!(object["result"]["model"], json!(null));
}

#[test]
fn a_module_as_from_the_factory_says_so() {
    let ended = m26(&["--port", "sim", "config", "show"]);
    assert!(ended.stdout.starts_with("not configured"), "{ended:?}");
    let ended = m26_run(&["--port", "sim", "run", "-"], &format!("{CONFIG_SET}\nconfig show"));
    assert!(!ended.stdout.contains("not configured"), "{ended:?}");
}

#[test]
fn help_is_as_wide_as_a_terminal_and_lists_what_counts() {
    for command in ["info", "session", "doctor", "outbox", "config"] {
        let help = m26(&[command, "--help"]).stdout;
        let widest = help.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "{widest} in {help}");
    }
    for alone in [&["ports"][..], &["campus", "probe"], &["outbox", "list"], &["outbox", "backup"]]
    {
        let help = m26(&[alone, &["--help"]].concat()).stdout;
        assert!(help.contains("--json") && !help.contains("--baud"), "{help}");
        // Where it is said all the same, it does no harm.
        assert_ne!(m26(&[&["--baud", "9600"], alone, &["--help"]].concat()).code, Some(2));
    }
    assert!(m26(&["outbox", "drain", "--help"]).stdout.contains("--baud"));
}

#[test]
fn progress_stays_in_its_line_on_a_terminal() {
    let program = tool().get_program().to_str().unwrap().to_string();
    // `script` gives it a terminal.
    let output = std::process::Command::new("script")
        .args(["--quiet", "--command", &format!("{program} --port sim bring-up"), "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\r\x1b[Km26: registration"), "{said:?}");
    // And is gone when the answer is there.
    let answer = said.lines().last().unwrap();
    assert!(
        answer.starts_with("\r\x1b[Kthe module is up") || answer.contains("\x1b[Kthe module is up"),
        "{said:?}"
    );
    let piped = m26(&["--port", "sim", "bring-up"]).stderr;
    assert!(piped.contains("m26: registration") && !piped.contains('\x1b'), "{piped:?}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let mut child = tool()
        .args(["--port", "sim", "--json", "run", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"raw AT\nraw AT\n"));
    drop(child.stdin.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
