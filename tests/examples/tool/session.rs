//! `m26 session`, as a till's program and a technician use it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use m26_pay::at::profile::Profile;
use m26_pay::blocking::SerialPort;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::serial::SerialSettings;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::{Chunk, Device, Order};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use support::cli_tool::{CONFIG_SET, Driven, Ended, m26, m26_run, object, quick, text, tool};
use support::real_time::{now, wait_until};
use support::session_line::{self, Module, configured};

const SIGN: &str = "sign --mode payer-code --data 284612345678901234 --amount 10.25";
const REPORT: &str = "--amount-fen 1025 --outcome unsupported --timestamp 1548811777";

/// A module that was configured in the factory.
fn module(profile: &Profile, script: &str) -> (Running<Module>, String) {
    let module = pty::spawn(session_line::module(quick(configured(profile)), script)).unwrap();
    let path = text(module.path());
    (module, path)
}

fn quectel(script: &str) -> (Running<Module>, String) {
    module(&Profile::quectel(), script)
}

/// A session with these lines, to its end.
fn session(port: &str, more: &[&str], lines: &str) -> Ended {
    m26_run(&[&["--json", "--port", port, "session"], more].concat(), lines)
}

/// The objects that answer commands.
fn answers(ended: &Ended) -> Vec<Value> {
    ended.objects().into_iter().filter(|object| object.get("command").is_some()).collect()
}

fn error_of(object: &Value) -> (&str, &str) {
    assert_eq!(object["ok"], false, "{object}");
    let error = &object["error"];
    (error["kind"].as_str().unwrap(), error["certainty"].as_str().unwrap())
}

fn message(object: &Value) -> &str {
    object["error"]["message"].as_str().unwrap()
}

/// The next answer to a command. What comes before it is given to `see`.
fn answer(tool: &mut Driven, mut see: impl FnMut(Value)) -> Value {
    loop {
        let object = object(&tool.hear());
        if object.get("command").is_some() {
            return object;
        }
        see(object);
    }
}

fn until(tool: &mut Driven, wanted: &Value) {
    while object(&tool.hear()) != *wanted {}
}

fn everything(profile: &str) {
    let (module, port) =
        module(&if profile == "luat" { Profile::luat() } else { Profile::quectel() }, "");
    let lines = format!(
        "# a till's morning\n\nwait-ready 60\ndevice-id\n{SIGN}\nreport {REPORT}\nqueue\n\
         product-info --verify qr-code\nraw AT+CSQ\nsleep 0.01\nstatus\nshut-down\n{SIGN}\nstatus\n"
    );
    let ended = session(&port, &["--profile", profile, "--apn", "CMNET"], &lines);
    assert_eq!(ended.code, Some(1), "a payment after the end: {ended:?}");
    let objects = ended.objects();
    let names: Vec<_> = objects.iter().filter_map(|object| object["command"].as_str()).collect();
    let expected = [
        "wait-ready",
        "device-id",
        "sign",
        "report",
        "queue",
        "product-info",
        "raw",
        "sleep",
        "status",
        "shut-down",
        "sign",
        "status",
    ];
    assert_eq!(names, expected);

    let states: Vec<_> = objects
        .iter()
        .filter(|object| object["event"] == "state")
        .map(|object| (object["from"].as_str().unwrap(), object["to"].as_str().unwrap()))
        .collect();
    let steps = [
        "disconnected",
        "connecting",
        "synchronising",
        "bringing up",
        "configuring",
        "opening",
        "identifying",
        "ready",
        "shutting down",
        "shut",
    ];
    let expected: Vec<_> = steps.windows(2).map(|pair| (pair[0], pair[1])).collect();
    assert_eq!(states, expected);
    let place = |wanted: &dyn Fn(&Value) -> bool| objects.iter().position(wanted).unwrap();
    let ready = place(&|object| object["to"] == "ready");
    assert!(objects[ready]["reason"].is_string(), "{}", objects[ready]);
    assert!(ready < place(&|object| object["command"] == "wait-ready"), "{objects:?}");
    assert!(objects.iter().any(|object| object["event"] == "progress"), "{objects:?}");

    let answers = answers(&ended);
    let ok =
        |command: &str, result: Value| json!({"command": command, "ok": true, "result": result});
    assert_eq!(answers[0], ok("wait-ready", json!({"state": "ready"})));
    assert_eq!(answers[2]["result"]["signed_length"], 369);
    assert_eq!(answers[3], ok("report", json!({"code": 0, "ram_only": false})));
    assert_eq!(answers[6], ok("raw", json!({"lines": ["+CSQ: 11,0"], "final": "OK"})));
    assert_eq!(answers[7], ok("sleep", json!({})));
    let status = &answers[8]["result"];
    assert_eq!((&status["state"], &status["outbox"]), (&json!("ready"), &Value::Null), "{status}");
    assert_eq!(status["module"]["model"], "Quectel_M26");
    assert_eq!(status["registration"], json!({"registered": true, "creg": 1, "cgreg": 1}));
    assert_eq!(status["counters"]["ready"], 1);
    assert_eq!(answers[9], ok("shut-down", json!({"state": "shut"})));
    assert_eq!(error_of(&answers[10]), ("busy", "not-sent"));
    assert!(message(&answers[10]).starts_with("line 13: AT+ALIPAYSIGN was not sent"));
    assert_eq!(answers[11]["result"]["state"], "shut");
    assert!(!module.with(|module| module.inner().inner().is_open()));
}

#[test]
fn a_till_s_morning_with_quectel() {
    everything("quectel");
}

#[test]
fn a_till_s_morning_with_luat() {
    everything("luat");
}

#[test]
fn plain_lines_for_people() {
    let (_module, port) = quectel("");
    let lines = "wait-ready 60\nstatus\nfrobnicate\n";
    let ended = m26_run(&["--port", &port, "session", "--apn", "CMNET", "-"], lines);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let mut printed = ended.stdout.lines();
    let printed = printed.by_ref().filter(|line| !line.starts_with("URC: "));
    let printed: Vec<_> = printed.take(3).collect();
    assert_eq!(printed[..2], ["wait-ready: payments can be signed", "status: ready"]);
    assert!(printed[2].starts_with("    module        Quectel_Ltd Quectel_M26"), "{printed:?}");
    for line in [
        "m26: identifying -> ready: ",
        "m26: SIM: READY",
        "m26: frobnicate: line 3: unrecognized subcommand 'frobnicate'",
    ] {
        assert!(ended.stderr.contains(line), "{line}: {}", ended.stderr);
    }
}

/// Nothing is written to it, and it finds its module again.
#[test]
fn the_session_lives_on_while_the_next_line_is_waited_for() {
    let (module, port) = quectel("");
    let mut tool = Driven::start(&["--port", &port, "--json", "session"]);
    tool.say("wait-ready 60");
    assert_eq!(answer(&mut tool, |_| ())["ok"], true);
    module.order(Order::Urc("+CREG: 2".into()));
    until(&mut tool, &json!({"urc": "+CREG", "text": "+CREG: 2"}));
    module.order(Order::Reset);
    until(&mut tool, &json!({"event": "reset", "message": "the module was reset"}));
    loop {
        let object = object(&tool.hear());
        if object["event"] == "state" && object["to"] == "ready" {
            break;
        }
    }
    tool.say(SIGN);
    assert_eq!(answer(&mut tool, |_| ())["result"]["signed_length"], 369);
    tool.say("nonsense");
    assert_eq!(error_of(&answer(&mut tool, |_| ())), ("invalid", "not-sent"));
    tool.say("status");
    let status = answer(&mut tool, |_| ());
    assert_eq!(status["result"]["counters"]["resets"], 1, "{status}");
    let (_, code) = tool.end();
    assert_eq!(code, Some(1), "a line was wrong");
}

#[test]
fn a_command_waits_until_the_module_is_ready() {
    let (_module, port) = quectel("");
    let ended = session(&port, &["-"], &format!("{SIGN}\n"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(answers(&ended)[0]["result"]["signed_length"], 369);
    let began = now();
    let (_module, port) = quectel("at 0s sim missing");
    let lines = format!("{SIGN}\nwait-ready 0.2\n");
    let ended = session(&port, &["--patience", "0.2", "--restart", "never"], &lines);
    assert!(now() - began < Duration::from_secs(50), "the patience was over");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answers = answers(&ended);
    assert_eq!(error_of(&answers[0]), ("busy", "not-sent"));
    assert!(message(&answers[0]).ends_with("it goes on trying: wait for it with `wait-ready`"));
    assert_eq!(error_of(&answers[1]), ("timed-out", "not-sent"));
}

/// At the end the SDK is open as it was.
#[test]
fn the_module_stays_as_it_is() {
    let (module, port) = quectel("");
    let ended = session(&port, &[], "wait-ready 60\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // The SDK is open already, so a signature may be due to the program before, unless the user knows
    // better.
    let ended = session(&port, &[], "wait-ready 2\n");
    assert_eq!(error_of(&answers(&ended)[0]), ("timed-out", "not-sent"), "{ended:?}");
    let ended = session(&port, &["--earlier", "ended"], "wait-ready 60\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(module.with(|module| module.inner().inner().is_open()));
    // Without any line, as where standard input is closed.
    let ended = m26(&["--json", "--port", &port, "session"]);
    assert_eq!((ended.code, answers(&ended).len()), (Some(0), 0), "{ended:?}");
}

#[test]
fn a_module_is_switched_off_after_its_sdk_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    // At once, and in two steps.
    for lines in ["shut-down --power-off\n", "shut-down\nshut-down --power-off\n"] {
        let record = text(folder.path().join(lines.len().to_string()));
        let (module, port) = quectel("");
        let arguments = ["--json", "--port", &port, "--record", &record, "session"];
        let ended = m26_run(&arguments, &format!("wait-ready 60\n{lines}status\n"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let answers = answers(&ended);
        assert_eq!(answers[1]["result"], json!({"state": "shut"}));
        assert_eq!(answers.last().unwrap()["result"]["state"], "shut");
        assert!(!module.with(|module| module.inner().inner().is_open()));
        let record = fs::read_to_string(&record).unwrap();
        let place = |line: &str| record.find(line).unwrap_or_else(|| panic!("{line}: {record}"));
        assert!(place("> AT+ALIPAYSHUT") < place("> AT+QPOWD=1"), "{record}");
    }
}

#[test]
fn what_is_the_session_s_own_is_told() {
    let (_module, port) = quectel("");
    let lines = "open\nshut\nbring-up\nmonitor\nrun -\nsession\noutbox drain --db x\nconfig show\n";
    let ended = session(&port, &[], lines);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answers = answers(&ended);
    for (answer, words) in answers.iter().zip([
        "`wait-ready`",
        "`shut-down`",
        "`wait-ready`",
        "in a session",
        "in a session",
        "in a session",
        "in a session",
    ]) {
        assert_eq!(error_of(answer), ("invalid", "not-sent"), "{answer}");
        assert!(message(answer).contains(words), "{answer}");
    }
    assert_eq!(answers[7]["result"]["env"], 4, "the module's own");
}

#[test]
fn a_configuration_is_set_unless_something_could_be_lost() {
    let (_module, port) = quectel("");
    let other = CONFIG_SET.replace("1234567890abcdef", "another");
    let meant = format!("{other} --discard-reports");
    let lines = format!("config show\n{CONFIG_SET}\n{other}\n{SIGN}\n{meant}\n");
    let ended = session(&port, &[], &lines);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answers = answers(&ended);
    assert_eq!(answers[1]["result"], json!({"outcome": "unchanged", "fields": []}));
    assert_eq!(error_of(&answers[2]), ("mismatch", "not-sent"));
    let change = "terminal_id is 1234567890abcdef and would be another";
    assert!(message(&answers[2]).contains(change), "{}", answers[2]);
    assert_eq!(answers[3]["result"]["signed_length"], 369);
    assert_eq!(answers[4]["result"], json!({"outcome": "changed", "fields": ["terminal_id"]}));
}

#[test]
fn a_new_module_is_configured_in_a_session() {
    let settings = quick(ModemSettings::default());
    let module = pty::spawn(session_line::module(settings, "")).unwrap();
    let lines = format!("wait-ready 60\n{CONFIG_SET}\n{SIGN}\n");
    let ended = session(&text(module.path()), &[], &lines);
    let answers = answers(&ended);
    assert_eq!(error_of(&answers[0]), ("refused", "not-sent"));
    assert!(message(&answers[0]).contains("`m26 config set`"), "{}", answers[0]);
    assert_eq!(answers[1]["result"]["outcome"], "changed", "{}", answers[1]);
    assert_eq!(answers[2]["result"]["signed_length"], 369);
}

/// Somebody who never says a word.
struct Mute;

impl Device for Mute {
    fn receive(&mut self, _: Instant, _: &[u8]) {}

    fn poll_transmit(&mut self, _: Instant) -> Option<Chunk> {
        None
    }

    fn next_deadline(&self) -> Option<Instant> {
        None
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

/// A program that has read so many lines has so many reports on disk, whatever happens then.
#[test]
fn reports_are_on_disk_when_their_numbers_are_read() {
    let module = pty::spawn(Mute).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let lines = format!("append {REPORT}\n").repeat(5) + "sleep 3600\n";
    let file = folder.path().join("lines");
    fs::write(&file, lines).unwrap();
    let port = text(module.path());
    let file = text(file);
    let mut tool = Driven::start(&["--port", &port, "--json", "session", "--db", &db, &file]);
    for id in 1..=5 {
        let expected = json!({"command": "append", "ok": true, "result": {"id": id}});
        assert_eq!(object(&tool.hear()), expected);
    }
    tool.kill();
    let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    assert_eq!(outbox.summary().reports.pending, 5);
}

#[test]
fn reports_are_sent_when_the_module_takes_them() {
    let (module, port) = quectel("");
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let mut tool = Driven::start(&["--port", &port, "--json", "session", "--db", &db]);
    tool.say(&format!("append {REPORT}"));
    assert_eq!(answer(&mut tool, |_| ())["result"], json!({"id": 1}));
    tool.say("wait-ready 60");
    assert_eq!(answer(&mut tool, |_| ())["ok"], true);
    // The second one wakes the session, which has nothing to do.
    tool.say(&format!("append {}", REPORT.replace("1025", "1026")));
    assert_eq!(answer(&mut tool, |_| ())["result"], json!({"id": 2}));
    let began = now();
    loop {
        tool.say("status");
        let status = answer(&mut tool, |_| ());
        let outbox = &status["result"]["outbox"];
        if outbox["held"] == 2 {
            break;
        }
        assert!(now() - began < Duration::from_secs(60), "{status}");
        tool.say("sleep 0.05");
        assert_eq!(answer(&mut tool, |_| ())["ok"], true);
    }
    // The till has it.
    let append = [&["outbox", "append", "--db", &db][..], &words(REPORT)].concat();
    let ended = m26(&[&["--json"], &append[..]].concat());
    assert_eq!((ended.code, error_of(&ended.object())), (Some(1), ("io", "not-sent")));
    assert_eq!(tool.end().1, Some(0));
    let held = module.with(|module| {
        let modem = module.inner().inner();
        modem.delivered().len() + modem.queued().count()
    });
    assert_eq!(held, 2);
}

#[test]
fn an_append_that_has_nowhere_to_go() {
    let (_module, port) = quectel("");
    let bad = REPORT.replace("unsupported", "success");
    let ended = session(&port, &[], &format!("append {REPORT}\nappend {bad}\nappend\n"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answers = answers(&ended);
    for (answer, words) in answers.iter().zip(["--db", "--db", "required"]) {
        assert_eq!(error_of(answer), ("invalid", "not-sent"));
        assert!(message(answer).contains(words), "{answer}");
    }
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let ended = session(&port, &["--db", &db], &format!("append {bad}\nstatus\n"));
    assert!(message(&self::answers(&ended)[0]).contains("business_no"), "{ended:?}");
    assert_eq!(self::answers(&ended)[1]["result"]["outbox"]["pending"], 0);
    // A simulated module would forget them.
    let ended = session("sim", &["--db", &db], "");
    assert_eq!((ended.code, error_of(&ended.object())), (Some(1), ("invalid", "not-sent")));
}

#[test]
fn wrong_lines_are_told_and_the_session_goes_on() {
    let module = pty::spawn(Mute).unwrap();
    let port = text(module.path());
    let long = "x".repeat(1 << 20);
    let lines = [
        &b"# a comment\n"[..],
        b"frobnicate\n",
        b"sleep long\n",
        b"wait-ready\n",
        b"shut-down now\n",
        b"sign --mode face --data '1\n",
        b"\xff\xfe\n",
        long.as_bytes(),
        b"\n",
        b"session --listen x\n",
        b"sleep 0\r\n",
        b"status --x",
    ];
    let mut child = tool()
        .args(["--port", &port, "--json", "session"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&lines.concat()).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let mut answers = answers(&ended);
    let ok = answers.remove(8);
    assert_eq!(ok, json!({"command": "sleep", "ok": true, "result": {}}));
    let expected = [
        ("frobnicate", "line 2: unrecognized subcommand"),
        ("sleep", "line 3: invalid value"),
        ("wait-ready", "line 4: "),
        ("shut-down", "line 5: "),
        ("sign", "line 6: missing closing quote"),
        ("?", "line 7: it is no text in UTF-8"),
        ("?", "line 8: it is longer than 65536 bytes"),
        ("session", "line 9: this command cannot be used in a session"),
        ("status", "line 11: unexpected argument"),
    ];
    assert_eq!(answers.len(), expected.len(), "{answers:?}");
    for (answer, (name, words)) in answers.iter().zip(expected) {
        assert_eq!(answer["command"], name, "{answer}");
        assert_eq!(error_of(answer), ("invalid", "not-sent"));
        assert!(message(answer).starts_with(words), "{answer}");
        assert!(message(answer).len() < 200, "{answer}");
    }
}

/// A program that died in the middle of a line wanted something else.
#[test]
fn a_line_without_its_end_is_not_carried_out() {
    let module = pty::spawn(Mute).unwrap();
    let port = text(module.path());
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let torn = format!("append {REPORT}");
    let ended = session(&port, &["--db", &db], &torn);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(error_of(&answers(&ended)[0]), ("invalid", "not-sent"));
    assert!(message(&answers(&ended)[0]).starts_with("line 1: it has no line end"));
    // Of a file it is what an editor left out.
    let file = text(folder.path().join("lines"));
    fs::write(&file, &torn).unwrap();
    let ended = session(&port, &["--db", &db, &file], "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(answers(&ended)[0]["result"], json!({"id": 1}));
}

/// A session that is ready, on a module that signs nothing and says when it should.
fn ready(port: &str) -> Driven {
    let mut tool = Driven::start(&["--port", port, "--json", "session"]);
    tool.say("wait-ready 60");
    assert_eq!(answer(&mut tool, |_| ())["ok"], true);
    tool
}

/// What the tool said of a command when it was stopped, and its exit status.
fn stopped(tool: Driven) -> (Vec<Value>, Option<i32>) {
    tool.interrupt();
    let (rest, code) = tool.end();
    let rest = rest.iter().map(|line| object(line));
    (rest.filter(|object| object.get("command").is_some()).collect(), code)
}

#[test]
fn ctrl_c_ends_it_in_order() {
    // Each time with a module of its own: the SDK of a used one is open, and a signature of an earlier
    // program would be waited for.
    let (_module, port) = quectel("");
    // While it waits for a line.
    assert_eq!(stopped(ready(&port)), (Vec::new(), Some(0)));
    // While a signature is outstanding; the line behind it is not carried out any more.
    let script = "on AT+ALIPAYSIGN missing-result\non AT+ALIPAYSIGN urc \"+CREG: 5\"";
    let (_module, port) = quectel(script);
    let mut tool = ready(&port);
    tool.say(&format!("{SIGN}\nstatus"));
    until(&mut tool, &json!({"urc": "+CREG", "text": "+CREG: 5"}));
    let (answers, code) = stopped(tool);
    assert_eq!((answers.len(), code), (1, Some(1)), "{answers:?}");
    assert_eq!(error_of(&answers[0]), ("interrupted", "unknown"));
    assert!(message(&answers[0]).ends_with("; it was stopped"), "{}", answers[0]);
    // While it lets time pass, once it does.
    let interrupted = (0..10).any(|_| {
        let (_module, port) = quectel("");
        let mut tool = ready(&port);
        tool.say("sleep 0\nsleep 3600");
        assert_eq!(answer(&mut tool, |_| ())["ok"], true);
        let (answers, code) = stopped(tool);
        let Some(answer) = answers.first() else { return false };
        assert_eq!((error_of(answer), code), (("interrupted", "not-sent"), Some(1)));
        true
    });
    assert!(interrupted);
}

#[test]
fn what_it_cannot_begin_with() {
    let (_module, port) = quectel("");
    for (arguments, kind, words) in [
        (&["--port", "/nowhere/tty", "session"][..], "io", "there is no /nowhere/tty"),
        (&["--port", &port, "session", "/nowhere/file"], "io", "/nowhere/file cannot be read"),
        (&["--port", &port, "session", "--apn", ""], "invalid", "apn is empty"),
        (&["--port", &port, "session", "--ntp", "a\"b"], "invalid", "holds a quote"),
        (&["--port", &port, "--timeout", "5", "session"], "invalid", "without --timeout"),
        (&["--port", &port, "session", "--db", "/nowhere/till.db"], "io", "/nowhere/till.db"),
        (&["--port", &port, "--record", "/nowhere/line.at", "session"], "io", "/nowhere/line.at"),
    ] {
        let ended = m26(&[&["--json"], arguments].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let object = ended.object();
        assert_eq!((&object["command"], error_of(&object).0), (&json!("session"), kind));
        assert!(message(&object).contains(words), "{object}");
    }
    for wrong in [&["--restart", "always"][..], &["--patience", "-1"], &["--listen"]] {
        let ended = m26(&[&["--port", &port, "session"], wrong].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    }
    let user = SerialPort::open(&port, &SerialSettings::default()).unwrap();
    let ended = session(&port, &[], "");
    assert!(message(&ended.object()).contains("in use"), "{ended:?}");
    drop(user);
    let folder = tempfile::tempdir().unwrap();
    let db = text(folder.path().join("till.db"));
    let _outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    let ended = session(&port, &["--db", &db], "");
    assert!(message(&ended.object()).contains("in use"), "{ended:?}");
}

/// Who reads the answers has gone: nobody is left to work for.
#[test]
fn it_ends_when_nobody_reads_its_answers() {
    let (_module, port) = quectel("");
    let mut child = tool()
        .args(["--port", &port, "--json", "session"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let _stdin = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// Who does not read the answers holds nothing up: the module is made ready again.
#[test]
fn a_reader_that_does_not_read_holds_nothing_up() {
    let (module, port) = quectel("");
    let tool = ready(&port);
    // How many bytes fill a pipe depends on the pieces in which they are written. Its own end tells.
    let end = format!("/proc/self/fd/{}", tool.output().as_raw_fd());
    let end = fs::File::options().write(true).open(end).unwrap();
    wait_until("the pipe is full", || {
        module.order(Order::Raw("\r\n+CREG: 1,\"1806\",\"A10E\"\r\n".repeat(100).into()));
        let mut ends = [PollFd::new(&end, PollFlags::OUT)];
        poll(&mut ends, Some(&Timespec::default())).unwrap() == 0
    });
    drop(end);
    let is_open = || module.with(|module| module.inner().inner().is_open());
    module.order(Order::Reset);
    wait_until("the SDK is closed", || !is_open());
    wait_until("the SDK is open", is_open);
    tool.interrupt();
    assert_eq!(tool.end().1, Some(0));
}

#[test]
fn no_secret_is_logged_or_recorded() {
    const CODE: &str = "284612345678901234";
    let (_module, port) = quectel("");
    let folder = tempfile::tempdir().unwrap();
    let record = text(folder.path().join("line.at"));
    let mut child = tool()
        .args(["--port", &port, "--json", "--record", &record, "session"])
        .env("M26_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!("{SIGN}\nsign --mode face --data '{CODE}\n{CODE}\n{SIGN} {CODE}\n");
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    let signed = &answers(&ended)[0]["result"]["signed_data"];
    assert!(signed.as_str().unwrap().contains("signature"), "{ended:?}");
    let record = fs::read_to_string(&record).unwrap();
    assert!(record.contains("AT+ALIPAYSIGN=1,\"000000000000000000\""), "{record}");
    assert!(ended.stderr.contains("TRACE"), "the log is on");
    for text in [&record, &ended.stdout, &ended.stderr] {
        assert!(!text.contains(CODE), "{text}");
    }
}

#[test]
fn a_simulated_module_is_one_too() {
    let ended = m26_run(&["--port", "sim", "--json", "session"], "status\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(answers(&ended)[0]["command"], "status");
    for object in ended.objects() {
        assert_eq!(object["simulated"], true, "{object}");
    }
}

/// A module with another answer to the lines that begin so.
struct Odd {
    modem: Faulty<Modem>,
    begins: &'static str,
    instead: &'static str,
}

impl Odd {
    fn spawn(begins: &'static str, instead: &'static str) -> (Running<Self>, String) {
        let modem = Faulty::new(Modem::new(quick(ModemSettings::default())), 0);
        let module = pty::spawn(Self { modem, begins, instead }).unwrap();
        let path = text(module.path());
        (module, path)
    }
}

impl Device for Odd {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        if bytes.starts_with(self.begins.as_bytes()) {
            let answer = format!("{}\nOK\n", self.instead).replace('\n', "\r\n");
            self.modem.command(now, &Order::Raw([bytes, answer.as_bytes()].concat()));
        } else {
            self.modem.receive(now, bytes);
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

/// One odd part of what a module is does not take the others with it.
#[test]
fn what_can_be_read_of_a_module_is_shown() {
    for (begins, instead) in [
        ("AT+GSN", "\n2600SAMPLE00007\n"),
        ("AT+GSN", "\n123456789012347,PR29A1F08T\n"),
        ("ATI", "\nRevision only\n"),
    ] {
        let (_module, port) = Odd::spawn(begins, instead);
        let ended = m26(&["--json", "--port", &port, "info"]);
        assert_eq!(ended.code, Some(0), "{instead}: {ended:?}");
        let result = &ended.object()["result"];
        assert_eq!(result["iccid"], "898600220909A0206023");
        let (imei, model) = (&result["imei"], &result["model"]);
        if begins == "ATI" {
            assert_eq!((model, imei), (&Value::Null, &json!("123456789012347")));
        } else {
            assert_eq!((model, imei), (&json!("Quectel_M26"), &Value::Null));
        }
        assert!(ended.stderr.contains("a part is not known"), "{ended:?}");
        let plain = m26(&["--port", &port, "info"]);
        let words = match begins {
            "ATI" => "identity      Revision only",
            _ => "the module's answer cannot be read",
        };
        assert!(plain.stdout.contains(words), "{plain:?}");
    }
}

#[test]
fn packet_data_is_what_counts_as_registered() {
    for (gsm, gprs, registered) in [("0,3", "0,1", true), ("0,1", "0,3", false)] {
        let answer = format!("\n+CREG: {gsm}\n\n+CGREG: {gprs}\n\n+CSQ: 11,0\n");
        let (_module, port) = Odd::spawn("AT+CREG?", answer.leak());
        let ended = m26(&["--json", "--port", &port, "signal"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let object = ended.object();
        assert_eq!(object["result"]["registration"]["registered"], registered, "{object}");
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}
