//! A technician's day: `m26 doctor` on set-ups that are broken, each in another way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::blocking::SerialPort;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::serial::SerialSettings;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::{CardState, Chunk, Device, NetworkState, Order};
use serde_json::Value;
use support::cli_tool::{Ended, m26, quick, text, tool};

use super::harm::other_terminal;
use support::real_time::now;
use support::session_line;

/// A module that can take payments.
fn healthy() -> ModemSettings {
    ModemSettings {
        config: Some(ModemConfig::sample()),
        clock: unix_time(),
        ..ModemSettings::default()
    }
}

/// What the doctor found.
struct Visit {
    ended: Ended,
    steps: Vec<Value>,
}

impl Visit {
    fn pay(port: &str, more: &[&str]) -> Self {
        Self::of(m26(&[&["--json", "--port", port, "doctor"], more].concat()))
    }

    fn of(ended: Ended) -> Self {
        let object = ended.object();
        assert_eq!(object["command"], "doctor");
        let steps: Vec<_> = object["result"]["steps"].as_array().unwrap().clone();
        let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
        assert_eq!(names, STEPS, "{object}");
        let failed = steps.iter().any(|step| step["state"] == "failed");
        assert_eq!((object["ok"] == false, ended.code), (failed, Some(i32::from(failed))));
        for step in &steps {
            assert_eq!(step["remedy"].is_string(), step["state"] == "failed", "{step}");
        }
        Self { ended, steps }
    }

    /// The only step that failed, and what is said of it.
    #[track_caller]
    fn failed_only(&self, name: &str, found: &str, remedy: &str) {
        let failed: Vec<_> = self.steps.iter().filter(|step| step["state"] == "failed").collect();
        assert_eq!(failed.len(), 1, "{failed:#?}");
        assert_eq!(failed[0]["step"], name, "{failed:#?}");
        assert!(failed[0]["found"].as_str().unwrap().contains(found), "{failed:#?}");
        assert!(failed[0]["remedy"].as_str().unwrap().contains(remedy), "{failed:#?}");
    }

    /// Nothing could be found out behind this step.
    #[track_caller]
    fn ends_at(&self, name: &str) {
        let at = STEPS.iter().position(|step| *step == name).unwrap();
        for (number, step) in self.steps.iter().enumerate() {
            let tried = step["state"] != "not-tried";
            assert_eq!(tried, number <= at, "{step}");
        }
    }

    fn state(&self, name: &str) -> &str {
        let at = STEPS.iter().position(|step| *step == name).unwrap();
        self.steps[at]["state"].as_str().unwrap()
    }
}

fn visit(settings: ModemSettings) -> Visit {
    let module = pty::spawn(Modem::new(quick(settings))).unwrap();
    Visit::pay(&text(module.path()), &[])
}

/// A device that answers what it hears, line by line.
struct Answering<F>(Vec<u8>, Vec<u8>, F);

impl<F: Fn(&[u8]) -> Vec<u8> + Send + 'static> Answering<F> {
    fn spawn(answer: F) -> (Running<Self>, String) {
        let device = pty::spawn(Self(Vec::new(), Vec::new(), answer)).unwrap();
        let path = text(device.path());
        (device, path)
    }
}

impl<F: Fn(&[u8]) -> Vec<u8> + Send> Device for Answering<F> {
    fn receive(&mut self, _: Instant, bytes: &[u8]) {
        self.0.extend(bytes);
        self.1.extend((self.2)(bytes));
    }

    fn poll_transmit(&mut self, _: Instant) -> Option<Chunk> {
        let said = std::mem::take(&mut self.1);
        (!said.is_empty()).then(|| Chunk::Bytes(said.into()))
    }

    fn next_deadline(&self) -> Option<Instant> {
        None
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

#[test]
fn a_module_in_order_takes_five_seconds_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    drop(Outbox::open(&db, OutboxPolicy::default()).unwrap());
    let module = pty::spawn(Modem::new(healthy())).unwrap();
    let port = text(module.path());
    let began = now();
    let visit = Visit::pay(&port, &["--try", "--db", &db]);
    let took = now() - began;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(visit.steps.iter().all(|step| step["state"] == "ok"), "{:#?}", visit.steps);
    assert!(module.with(|module| module.is_open()));
    assert!(!visit.ended.stdout.contains("signature\":\""), "{:?}", visit.ended);
    // For people, one line each.
    let ended = m26(&["--port", &port, "--earlier", "ended", "doctor"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let marks: Vec<_> = ended.stdout.lines().map(|line| line.chars().next().unwrap()).collect();
    assert_eq!(marks.iter().filter(|mark| **mark == '✓').count(), 14, "{ended:?}");
    assert_eq!(marks.len(), STEPS.len(), "{ended:?}");
}

/// A module whose host is listened to.
struct Overheard(Vec<u8>, Modem);

impl Device for Overheard {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.0.extend(bytes);
        self.1.receive(now, bytes);
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.1.poll_transmit(now)
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.1.next_deadline()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.1.command(now, order);
    }
}

#[test]
fn nothing_is_changed_without_try() {
    let module = pty::spawn(Overheard(Vec::new(), Modem::new(quick(healthy())))).unwrap();
    let visit = Visit::pay(&text(module.path()), &[]);
    assert!(visit.steps.iter().all(|step| step["state"] != "failed"), "{:#?}", visit.steps);
    let heard = module.with(|module| String::from_utf8(module.0.clone()).unwrap());
    let lines: Vec<_> = heard.split_terminator('\r').collect();
    assert!(lines.contains(&"AT+ALIPAYCFG?"), "{lines:?}");
    for line in lines {
        let question =
            matches!(line, "AT" | "ATI" | "AT+CREG?;+CGREG?;+CSQ") || line.ends_with('?');
        assert!(question && !line.contains('='), "{line}");
    }
}

/// It says OK to everything, and answers nothing.
#[test]
fn a_device_that_only_says_ok_holds_nobody_up() {
    let (_device, port) = Answering::spawn(|bytes| match bytes {
        b"ATI\r" => b"\r\nQuectel_M26\r\n\r\nOK\r\n".to_vec(),
        _ => b"\r\nOK\r\n".to_vec(),
    });
    let began = now();
    let visit = Visit::pay(&port, &[]);
    assert!(now() - began < Duration::from_secs(21));
    assert_eq!(visit.state("answers"), "ok");
    assert_eq!(visit.state("firmware"), "failed");
    // Nobody asks a third time.
    assert_eq!(visit.state("sim"), "failed");
    visit.ends_at("sim");
}

#[test]
fn a_command_takes_as_long_as_the_user_waits() {
    let script = "on AT+ALIPAYCFG? missing-ok";
    let module = pty::spawn(session_line::module(quick(healthy()), script)).unwrap();
    let visit = Visit::pay(&text(module.path()), &["--timeout", "1"]);
    visit.failed_only("firmware", "within 1s", "try again");
}

#[test]
fn a_port_that_the_user_may_not_use() {
    let module = pty::spawn(Modem::new(healthy())).unwrap();
    let port = text(module.path());
    fs::set_permissions(&port, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let tool = tool();
    let mut command = if fs::metadata("/proc/self").unwrap().uid() == 0 {
        // Root may use everything, so that it must be somebody else, in a folder of everybody's.
        let shared = std::env::temp_dir().join(format!("m26-doctor-{}", std::process::id()));
        // By another program: what this one writes may be open in a child of another test for a moment,
        // and cannot be run then.
        let copied = Command::new("cp").arg(tool.get_program()).arg(&shared).status().unwrap();
        assert!(copied.success());
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(shared);
        command
    } else {
        tool
    };
    let output =
        command.args(["--json", "--port", &port, "doctor"]).stdin(Stdio::null()).output().unwrap();
    drop(fs::remove_file(std::env::temp_dir().join(format!("m26-doctor-{}", std::process::id()))));
    let visit = Visit::of(output.into());
    visit.failed_only("permission", "this user may not use", "group");
    visit.ends_at("permission");
}

#[test]
fn a_port_that_is_not_there() {
    let visit = Visit::pay("/nowhere/tty", &[]);
    visit.failed_only("permission", "there is no /nowhere/tty", "`m26 ports`");
    visit.ends_at("permission");
    assert_eq!(m26(&["doctor"]).code, Some(2));
}

#[test]
fn a_port_that_another_program_has() {
    let module = pty::spawn(Modem::new(healthy())).unwrap();
    let port = text(module.path());
    let _user = SerialPort::open(&port, &SerialSettings::default()).unwrap();
    let visit = Visit::pay(&port, &[]);
    let by = format!("(process {})", std::process::id());
    visit.failed_only("port", &by, "end that program");
    visit.ends_at("port");
}

#[test]
fn nobody_answers() {
    let (device, port) = Answering::spawn(|_| Vec::new());
    let visit = Visit::pay(&port, &[]);
    visit.failed_only("bytes", "nothing came back", "power");
    visit.ends_at("bytes");
    // It was asked at every rate.
    let asked = device.with(|device| device.0.windows(3).filter(|it| it == b"AT\r").count());
    assert!(asked >= 3 + 2 * 7, "{asked}");
}

/// A module at 9600 baud on a line where the rate counts.
#[test]
fn a_module_at_another_rate() {
    let (module, terminal) = other_terminal();
    let host = File::options().read(true).write(true).open(&terminal).unwrap();
    let mut raw = rustix::termios::tcgetattr(&host).unwrap();
    raw.make_raw();
    rustix::termios::tcsetattr(&host, rustix::termios::OptionalActions::Now, &raw).unwrap();
    let mut line = File::from(module);
    std::thread::spawn(move || {
        let mut modem = Modem::new(quick(healthy()));
        let mut heard = [0; 256];
        while let Ok(count @ 1..) = line.read(&mut heard) {
            let rate = rustix::termios::tcgetattr(&host).unwrap().output_speed();
            if rate != 9_600 {
                line.write_all(&[0x00, 0xF8, 0xE0]).unwrap();
                continue;
            }
            modem.receive(now(), &heard[..count]);
            let until = now() + LATER;
            while now() < until {
                std::thread::yield_now();
                while let Some(Chunk::Bytes(bytes)) = modem.poll_transmit(now()) {
                    line.write_all(&bytes).unwrap();
                }
            }
        }
    });
    let visit = Visit::pay(terminal.to_str().unwrap(), &[]);
    visit.failed_only("rate", "it answers at 9600 baud, and not at 115200", "--baud 9600");
    // And everything else is looked at, at that rate.
    assert_eq!(visit.state("environment"), "ok", "{:#?}", visit.steps);
    let right = Visit::of(m26(&[
        "--json",
        "--port",
        terminal.to_str().unwrap(),
        "--baud",
        "9600",
        "doctor",
    ]));
    assert!(right.steps.iter().all(|step| step["state"] != "failed"), "{:#?}", right.steps);
}

#[test]
fn a_line_without_ground() {
    let (_device, port) = Answering::spawn(|_| vec![0x00, 0xF8, 0xE0, 0xFF]);
    let visit = Visit::pay(&port, &[]);
    visit.failed_only("rate", "no text", "ground");
    visit.ends_at("rate");
}

#[test]
fn an_echo_and_nothing_else() {
    let (_device, port) = Answering::spawn(<[u8]>::to_vec);
    let visit = Visit::pay(&port, &[]);
    visit.failed_only("answers", "an echo", "TX and RX are joined");
    visit.ends_at("answers");
}

#[test]
fn the_console_of_a_computer() {
    for says in ["\r\nterminal login: ", "AT\r\n-sh: AT: not found\r\n# "] {
        let (_device, port) = Answering::spawn(|_| says.into());
        let visit = Visit::pay(&port, &[]);
        visit.failed_only("answers", "the console", "serial-getty");
        visit.ends_at("answers");
    }
}

#[test]
fn a_receipt_printer() {
    let (_device, port) = Answering::spawn(|bytes| match bytes {
        [0x10, 0x04, 0x01] => vec![0x16],
        _ => Vec::new(),
    });
    let visit = Visit::pay(&port, &[]);
    visit.failed_only("answers", "a receipt printer", "`m26 ports`");
    visit.ends_at("answers");
}

#[test]
fn another_modem() {
    let (_device, port) = Answering::spawn(|bytes| match bytes {
        b"ATI\r" => b"ATI\r\r\nSIM800 R14.18\r\n\r\nOK\r\n".to_vec(),
        _ => b"\r\nOK\r\n".to_vec(),
    });
    let visit = Visit::pay(&port, &[]);
    visit.failed_only("answers", "another modem: SIM800 R14.18", "`m26 ports`");
    visit.ends_at("answers");
}

#[test]
fn a_firmware_without_the_sdk() {
    let (_device, port) = Answering::spawn(|bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let answer = match text.trim_end() {
            "ATI" => "\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FAR03A06\r\n\r\nOK\r\n",
            "AT+CPIN?" => "\r\n+CPIN: READY\r\n\r\nOK\r\n",
            "AT+CREG?;+CGREG?;+CSQ" => {
                "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 21,0\r\n\r\nOK\r\n"
            }
            "AT" => "\r\nOK\r\n",
            _ => "\r\nERROR\r\n",
        };
        format!("{text}{answer}").into_bytes()
    });
    let visit = Visit::pay(&port, &[]);
    let failed = |name: &str| visit.state(name) == "failed";
    assert!(
        failed("firmware") && failed("clocks") && !failed("registration"),
        "{:#?}",
        visit.steps
    );
    let found = visit.steps[5]["found"].as_str().unwrap();
    assert_eq!(found, "without the Alipay SDK: M26FAR03A06");
    assert_eq!(visit.state("configured"), "not-tried");
}

#[test]
fn no_card_and_cards_that_are_locked() {
    for (sim, step, found, remedy) in [
        (CardState::Missing, "sim", "no SIM card", "contacts"),
        (CardState::Pin, "pin", "wants its PIN", "PIN off"),
        (CardState::Puk, "pin", "wants its PUK", "in a phone"),
    ] {
        let visit = visit(ModemSettings { sim, ..healthy() });
        let failed: Vec<_> = visit.steps.iter().filter(|step| step["state"] == "failed").collect();
        assert_eq!(failed[0]["step"], step, "{failed:#?}");
        assert!(failed[0]["found"].as_str().unwrap().contains(found), "{failed:#?}");
        assert!(failed[0]["remedy"].as_str().unwrap().contains(remedy), "{failed:#?}");
        assert_eq!(visit.state("registration"), "not-tried");
        assert_eq!(visit.state("configured"), "ok");
    }
}

#[test]
fn a_network_that_does_not_take_the_module() {
    for (registration, found, remedy) in [
        (NetworkState::Searching, "searching", "wait a minute"),
        (NetworkState::Denied, "denied", "ask the operator"),
        (NetworkState::Lost, "not registered", "bring-up"),
    ] {
        let visit = visit(ModemSettings { registration, ..healthy() });
        visit.failed_only("registration", found, remedy);
        assert_eq!(visit.state("packet-data"), "not-tried");
    }
}

#[test]
fn a_signal_that_is_not_there() {
    for (rssi, found) in [(99, "no signal"), (1, "too weak: -111 dBm")] {
        visit(ModemSettings { rssi, ..healthy() }).failed_only("signal", found, "antenna");
    }
}

#[test]
fn a_clock_of_another_day() {
    let clock = unix_time() - 86_400;
    let visit = visit(ModemSettings { clock, ..healthy() });
    visit.failed_only("clocks", "behind", "--ntp");
}

#[test]
fn a_module_as_from_the_factory() {
    let visit = visit(ModemSettings { config: None, ..healthy() });
    visit.failed_only("configured", "not configured", "`m26 config set`");
    assert_eq!(visit.state("environment"), "not-tried");
}

#[test]
fn an_environment_that_is_none() {
    let config = ModemConfig { env: 3, ..ModemConfig::sample() };
    let visit = visit(ModemSettings { config: Some(config), ..healthy() });
    visit.failed_only("environment", "3, which the document does not have", "--env production");
}

#[test]
fn an_outbox_that_is_damaged_or_has_something_aside() {
    let module = pty::spawn(Modem::new(quick(healthy()))).unwrap();
    let port = text(module.path());
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let visit = || Visit::pay(&port, &["--db", &db]);
    visit().failed_only("outbox", "there is no outbox", "the till was given");
    // The till has it open meanwhile.
    let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    let report = Report::of("1".parse().unwrap(), TradeResult::Unsupported, 1).build().unwrap();
    outbox.append(&report).unwrap();
    assert_eq!(visit().state("outbox"), "ok");
    let alone = text(folder.path().join("alone.db"));
    fs::copy(&db, &alone).unwrap();
    Visit::pay(&port, &["--db", &alone]).failed_only("outbox", "-wal, is missing", "set-aside");
    drop(outbox);
    let bytes = fs::read(&db).unwrap();
    fs::write(&db, &bytes[..bytes.len() / 2]).unwrap();
    visit().failed_only("outbox", "the file is damaged", "set-aside");
}

#[test]
fn a_bundle_can_be_mailed() {
    let mut config = ModemConfig::sample();
    config.product_key = "SECRETKEY7f3a".into();
    let module = pty::spawn(Modem::new(quick(ModemSettings { config: Some(config), ..healthy() })));
    let module = module.unwrap();
    let port = text(module.path());
    let folder = tempfile::tempdir().unwrap();
    let (bundle, record) =
        (text(folder.path().join("bundle")), text(folder.path().join("line.at")));
    let ended = m26(&[
        "--json", "--record", &record, "--port", &port, "doctor", "--try", "--bundle", &bundle,
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.object()["result"]["bundle"], bundle);
    let written = fs::read_to_string(&bundle).unwrap();
    for part in [
        "tool: m26-pay ",
        "system: Linux ",
        "adapter: ",
        "✓ signature",
        "kernel:",
        "> AT+ALIPAYOPEN",
        "Quectel_M26",
    ] {
        assert!(written.contains(part), "{part} in {written}");
    }
    assert!(fs::read_to_string(&record).unwrap().contains("> AT+ALIPAYOPEN"));
    let signature = Modem::expected_signature(1, "280000000000000000", "0.01");
    for secret in ["SECRETKEY7f3a", &signature, "001010123456789", "898600220909A0206023"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
    assert_eq!(fs::metadata(&bundle).unwrap().mode() & 0o777, 0o600);
    // It overwrites nothing.
    let ended = m26(&["--json", "--port", &port, "doctor", "--bundle", &bundle]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.object()["error"]["kind"], "io", "{ended:?}");
    assert_eq!(fs::read_to_string(&bundle).unwrap(), written);
}

fn unix_time() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "the doctor looks at the real clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// More than the quick module takes for an answer.
const LATER: Duration = Duration::from_millis(20);

const STEPS: [&str; 18] = [
    "permission",
    "port",
    "bytes",
    "rate",
    "answers",
    "firmware",
    "sim",
    "pin",
    "signal",
    "registration",
    "packet-data",
    "clocks",
    "configured",
    "environment",
    "outbox",
    "open",
    "biz-tid",
    "signature",
];
