//! `pos --db`: a till that is killed, and comes back.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::blocking::SerialPort;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::serial::SerialSettings;
use m26_pay::sim::Order;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::script::Scripted;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;
use support::example_run::{self, Said, run};
use support::real_time::{pause, wait_until};

type Module = Running<Scripted<Faulty<Modem>>>;

/// A shop: a till's file, and a module in another process than the till's.
struct Shop {
    folder: tempfile::TempDir,
    module: Module,
    client: &'static [&'static str],
}

impl Shop {
    fn new(client: &'static [&'static str], script: &str) -> Self {
        let settings =
            ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() };
        let modem = Faulty::new(Modem::new(settings), 0);
        let module = pty::spawn(Scripted::new(modem, script.parse().unwrap())).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), module, client }
    }

    fn db(&self) -> String {
        self.folder.path().join("till.db").into_os_string().into_string().unwrap()
    }

    /// The arguments of a run that leaves the module on.
    fn arguments(&self) -> Vec<String> {
        let port = self.module.path().into_os_string().into_string().unwrap();
        // This module answers within two seconds.
        let more = ["--db", &self.db(), "--port", &port, "--stay-open", "--earlier", "2"];
        self.client.iter().chain(&more).map(ToString::to_string).collect()
    }

    fn pos(&self, more: &[&str]) -> Said {
        let arguments = self.arguments();
        let arguments = arguments.iter().map(String::as_str).chain(more.iter().copied());
        pos(&arguments.collect::<Vec<_>>())
    }

    /// A run that will be killed.
    fn begin(&self) -> Till {
        Till::start(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What `m26 outbox list` says.
    fn list(&self) -> Value {
        list(&self.db())
    }

    /// What the module has taken, in order: the outcomes.
    fn outcomes(&self) -> Vec<i8> {
        self.taken(|report| report.trade_result)
    }

    fn taken<T>(&self, of: impl Fn(&modem::ReportedTrade) -> T) -> Vec<T> {
        self.module.with(|device| {
            let modem = device.inner().inner();
            modem.delivered().iter().chain(modem.queued()).map(of).collect()
        })
    }

    /// Waits until the module has taken so many.
    fn wait_for(&self, count: usize) {
        wait_until("the module gets them", || self.outcomes().len() >= count);
    }
}

/// A run of the till that does not come to its end.
struct Till {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: Option<String>,
}

impl Till {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(example_run::path("pos"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = arguments.iter().skip_while(|argument| **argument != "--port").nth(1);
        Self { child, lines, port: port.map(ToString::to_string) }
    }

    /// Kills it when it has said this.
    fn kill_after(mut self, line: &str) {
        let said = self.lines.by_ref().map(Result::unwrap).find(|said| said.contains(line));
        assert!(said.is_some(), "it has ended without saying {line}");
        self.kill();
    }

    /// Kills it with SIGKILL, which cannot be ignored, unlike SIGINT and SIGQUIT in the background.
    fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.signal() == Some(9) || status.success(), "{status}");
        // A port is free once its program has ended. The simulator, which holds it open, learns of that by
        // itself, and in its own time.
        if let Some(port) = self.port {
            let open = || SerialPort::open(&port, &SerialSettings::default());
            wait_until("the port is free", || open().is_ok());
        }
    }
}

fn pos(arguments: &[&str]) -> Said {
    let said = run("pos", arguments);
    for text in [&said.out, &said.err] {
        assert!(!text.contains(BUSINESS_NO), "{text}");
    }
    said
}

fn list(db: &str) -> Value {
    let said = run("m26", &["--json", "outbox", "list", "--db", db]);
    let object: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(object["ok"], true, "{object}");
    object["result"].clone()
}

/// How many are pending, and how many the module holds.
fn counts(list: &Value) -> (u64, u64) {
    (list["pending"].as_u64().unwrap(), list["held"].as_u64().unwrap())
}

/// Runs each step with the blocking client and with the async one, side by side.
fn with_both(test: impl Fn(&'static [&'static str]) + Sync) {
    std::thread::scope(|scope| {
        for client in [&[][..], &["--async"]] {
            let test = &test;
            scope.spawn(move || test(client));
        }
    });
}

/// Runs these side by side: most of their time they wait for a module.
fn side_by_side(stories: &[fn()]) {
    std::thread::scope(|scope| {
        for story in stories {
            scope.spawn(story);
        }
    });
}

#[test]
fn a_till_that_is_killed_comes_back_with_its_trades() {
    side_by_side(&[
        killed_while_a_payment_is_signed,
        killed_while_the_trade_is_reported,
        killed_before_the_report_has_left,
        killed_again_while_it_catches_up,
        killed_before_any_payment,
        killed_at_any_moment,
    ]);
}

#[test]
fn a_till_that_lives() {
    side_by_side(&[
        each_trade_goes_by_way_of_the_disk,
        a_payment_that_was_not_signed_is_no_trade,
        a_module_that_takes_nothing_does_not_keep_the_till_from_selling,
        a_module_that_restarts_meanwhile,
        what_a_restart_loses_is_sent_again,
        a_file_that_cannot_be_opened,
    ]);
}

fn each_trade_goes_by_way_of_the_disk() {
    with_both(|client| {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("till.db").into_os_string().into_string().unwrap();
        let arguments = [client, &["--db", &db]].concat();
        for run in 1..=2 {
            let said = pos(&arguments);
            assert_eq!(said.err, "");
            said.says(&[
                "an earlier run has left nothing to report",
                "6. Having a payment of 10.25 yuan signed",
                "The trade is on disk",
                "The signature has 369 bytes.",
                "7. Reporting the trade that was paid with Alipay",
                "The report is on disk.",
                "Reports that the module holds: 1",
                "8. Reporting a trade that was paid otherwise",
                "The report is on disk.",
                "Reports that the module holds: 1",
                "The SDK is closed.",
                "Nothing is left to report.",
                "Done.",
            ])
            .ends(0);
            assert_eq!(counts(&list(&db)), (0, 2 * run));
        }
    });
}

fn killed_while_a_payment_is_signed() {
    with_both(|client| {
        let shop = Shop::new(client, "");
        shop.begin().kill_after("The trade is on disk");
        let left = shop.list();
        assert_eq!(counts(&left), (1, 0));
        // Nobody knows whether there was a trade, and so it says.
        assert_eq!(left["records"][0]["report"]["trade_result"], -1);
        assert_eq!(left["records"][0]["report"]["amount_fen"], 1025);
        shop.pos(&[])
            .says(&[
                "has left 1 to report",
                "6. Reporting what an earlier run has left: 1",
                "Done.",
            ])
            .ends(0);
        assert_eq!(shop.outcomes(), [-1, 0, 6]);
        assert_eq!(counts(&shop.list()), (0, 3));
    });
}

fn killed_while_the_trade_is_reported() {
    with_both(|client| {
        // The module has the report, and the till never learns it.
        let shop = Shop::new(client, "on 1 AT+ALIPAYREP= missing-result");
        let till = shop.begin();
        shop.wait_for(1);
        till.kill();
        let left = shop.list();
        assert_eq!(counts(&left), (1, 0));
        assert_eq!(left["records"][0]["report"]["trade_result"], 0);
        assert_eq!(left["records"][0]["attempts"], 1);
        shop.pos(&[]).says(&["has left 1 to report", "Done."]).ends(0);
        // At least once: this one came twice, as the outcome of the first time is not known.
        assert_eq!(shop.outcomes(), [0, 0, 0, 6]);
        assert_eq!(counts(&shop.list()), (0, 3));
    });
}

fn killed_before_the_report_has_left() {
    with_both(|client| {
        let shop = Shop::new(client, "on 1 AT+ALIPAYREP= result 5");
        shop.begin().kill_after("report 1 is tried again");
        assert_eq!(counts(&shop.list()), (1, 0));
        assert!(shop.outcomes().is_empty());
        shop.pos(&[]).ends(0);
        assert_eq!(shop.outcomes(), [0, 0, 6]);
    });
}

fn killed_again_while_it_catches_up() {
    with_both(|client| {
        let shop = Shop::new(client, "on 2 AT+ALIPAYREP= missing-result");
        let outbox = Outbox::open(shop.db(), OutboxPolicy::default()).unwrap();
        let amount = "10.25".parse().unwrap();
        let cash = Report::of(amount, TradeResult::Unsupported, 1_548_811_777).build().unwrap();
        outbox.append_all(&[cash.clone(), cash]).unwrap();
        drop(outbox);
        let till = shop.begin();
        shop.wait_for(2);
        till.kill();
        let (pending, held) = counts(&shop.list());
        assert!(pending > 0 && pending + held == 2, "{pending} pending, {held} held");
        shop.pos(&[]).says(&["Reporting what an earlier run has left", "Done."]).ends(0);
        let outcomes = shop.outcomes();
        assert!(outcomes.starts_with(&[6, 6]) && outcomes.ends_with(&[0, 6]), "{outcomes:?}");
        assert_eq!(counts(&shop.list()), (0, 4));
    });
}

fn killed_before_any_payment() {
    let shop = Shop::new(&[], "");
    shop.begin().kill_after("1. Bringing the module up");
    assert_eq!(counts(&shop.list()), (0, 0));
    shop.pos(&[]).says(&["has left nothing to report", "Done."]).ends(0);
    assert_eq!(shop.outcomes(), [0, 6]);
}

fn killed_at_any_moment() {
    // From the middle of the bring-up to the end, which takes about 4 s, with a module of its own.
    std::thread::scope(|scope| {
        for turn in 0..12 {
            scope.spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                let db = folder.path().join("till.db").into_os_string().into_string().unwrap();
                let till = Till::start(&["--db", &db]);
                pause(Duration::from_millis(2000 + 200 * turn));
                // One that was quicker has nothing left.
                till.kill();
                pos(&["--db", &db]).says(&["Nothing is left to report.", "Done."]).ends(0);
                let list = list(&db);
                assert_eq!(list["pending"], 0);
                let records = list["records"].as_array().unwrap();
                assert!(records.iter().all(|record| record["state"] == "held"), "{list}");
            });
        }
    });
}

fn a_payment_that_was_not_signed_is_no_trade() {
    with_both(|client| {
        let shop = Shop::new(client, "on 1 AT+ALIPAYSIGN= result 4");
        shop.pos(&[]).complains(&["Refused: the module signed nothing"]).ends(1);
        assert_eq!(counts(&shop.list()), (0, 0));
        shop.pos(&[]).ends(0);
        assert_eq!(shop.outcomes(), [0, 6]);
    });
}

fn a_module_that_takes_nothing_does_not_keep_the_till_from_selling() {
    with_both(|client| {
        let shop = Shop::new(client, "queue-full");
        shop.pos(&["--patience", "3"])
            .says(&[
                "report 1 is tried again: result 6 (the cache queue is full)",
                "The till goes on",
                "8. Reporting a trade that was paid otherwise",
                "The report is on disk.",
            ])
            .complains(&["reports are left: 2", "on disk: none is lost", "the same --db"])
            .ends(1);
        assert_eq!(counts(&shop.list()), (2, 0));
        shop.module.order(Order::QueueFree);
        shop.pos(&[]).says(&["Reporting what an earlier run has left: 2", "Done."]).ends(0);
        assert_eq!(shop.outcomes(), [0, 6, 0, 6]);
    });
}

fn a_module_that_restarts_meanwhile() {
    with_both(|client| {
        let shop = Shop::new(client, "on 1 AT+ALIPAYREP= after 20ms reset");
        shop.pos(&[]).complains(&["the module was reset", "on disk: none is lost"]).ends(1);
        assert_eq!(counts(&shop.list()), (1, 0));
        shop.pos(&[]).says(&["It is open.", "has left: 1", "Done."]).ends(0);
        assert_eq!(counts(&shop.list()), (0, 3));
    });
}

fn what_a_restart_loses_is_sent_again() {
    let shop = Shop::new(&[], "on 2 AT+ALIPAYREP= result 7");
    shop.pos(&[]).says(&["holds in memory alone: 1. If a restart loses them", "Done."]).ends(0);
    shop.module.order(Order::Reset);
    shop.pos(&[]).says(&["Reports that are sent again: 1", "has left: 1", "Done."]).ends(0);
    let outcomes = shop.outcomes();
    assert!(outcomes.ends_with(&[6, 0, 6]), "{outcomes:?}");
}

fn a_file_that_cannot_be_opened() {
    with_both(|client| {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
        let refused = |db: &str, why: &str, what: &str| {
            let said = pos(&[client, &["--db", db]].concat());
            said.complains(&[why, "no payment was begun", what]).ends(1);
            assert_eq!(said.out, "");
        };
        std::fs::write(at("empty.db"), "").unwrap();
        refused(&at("empty.db"), "the file is damaged", "m26 outbox set-aside");
        std::fs::write(at("other.db"), "no database ".repeat(100)).unwrap();
        refused(
            &at("other.db"),
            "a file of another kind",
            "Nothing was changed: name another file",
        );
        refused("/nonexistent/till.db", "cannot be opened", "Check the disk");
        let outbox = Outbox::open(at("used.db"), Default::default()).unwrap();
        refused(&at("used.db"), "it is in use", "end the other");
        drop(outbox);
        assert_eq!(pos(&[client, &["--patience", "1"]].concat()).code, Some(2));
    });
}

/// Runs the till, and lets no file grow beyond so many blocks of 512 bytes, as on a full disk, once the
/// till has opened its outbox.
fn on_a_full_disk(db: &Path, blocks: u64) -> Said {
    let mut child = Command::new("sh")
        // The signal that comes with it would end the till.
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(example_run::path("pos"))
        .arg("--db")
        .arg(db)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    while !out.contains("Telling Alipay what this till is") {
        assert!(stdout.read_line(&mut out).unwrap() > 0, "it has ended: {out}");
    }
    let limit = Rlimit { current: Some(512 * blocks), maximum: Some(512 * blocks) };
    prlimit(Some(Pid::from_child(&child)), Resource::Fsize, limit).unwrap();
    stdout.read_to_string(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    Said { code: child.wait().unwrap().code(), out, err }
}

/// What the till said of the money, if it met a full disk.
fn fill_the_disk(db: &Path, blocks: u64) -> Option<usize> {
    // With an earlier day in it, so that something is written when the SDK is opened: the first commit
    // of a run writes to the file as well, the others to its log alone.
    pos(&["--db", db.to_str().unwrap()]).ends(0);
    let said = on_a_full_disk(db, blocks);
    if said.code == Some(0) {
        assert_eq!(said.err, "");
        return None;
    }
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains("the disk is full"), "{}", said.err);
    assert!(said.err.contains("Make room."), "{}", said.err);
    // With room again, what was stored is there, and the till works on.
    let again = pos(&["--db", db.to_str().unwrap()]);
    again.says(&["Nothing is left to report.", "Done."]).ends(0);
    let money = [
        "no payment was begun, since the till could not keep it",
        "NOT safe: all that is on disk is that there was a trade",
        "NOT safe: nothing of it is on disk",
        "none is lost",
    ];
    money.iter().position(|money| said.err.contains(money))
}

#[test]
fn a_disk_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    // So that there is room for nothing at all, for the announcement, and so on.
    let rooms = (0..12).map(|more| (folder.path().join(format!("till-{more}.db")), 1 + 9 * more));
    let ends: Vec<_> = std::thread::scope(|scope| {
        let runs = rooms.map(|(db, blocks)| scope.spawn(move || fill_the_disk(&db, blocks)));
        let runs: Vec<_> = runs.collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    // Each of them was met: the announcement, the outcome, the cash, and what became of a report.
    assert!((0..4).all(|end| ends.contains(&Some(end))), "{ends:?}");
}

const BUSINESS_NO: &str = "2019012922001450181015731428";
