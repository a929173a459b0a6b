//! The `till` example, as somebody with a fresh machine runs it, and as the power goes.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::gateway::alipay::OutTradeNo;
use m26_pay::gateway::journal::{Journal as _, Settled};
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxJournal, OutboxPolicy};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Gateway};
use m26_pay::sim::gateway::http::{RunningServer, Server};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::OsRng;
use support::example_run::{self, Said, run};
use support::real_time::pause;
use support::sigint;
use tempfile::TempDir;

fn till(arguments: &[&str]) -> Said {
    // Made by the first one, since to make keys takes longer than a sale.
    let keys = concat!(env!("CARGO_TARGET_TMPDIR"), "/till-keys");
    let given = ["--auth-code", CODE, "--built-in-keys", keys];
    let said = run("till", &[&given[..], arguments].concat());
    check(&said);
    said
}

/// What holds of every run, whatever happened.
fn check(said: &Said) {
    for text in [&said.out, &said.err] {
        assert!(!text.contains(CODE), "{text}");
    }
    let kept = |yuan: &str| said.out.contains(&format!("the merchant has {yuan} yuan"));
    if kept("10.25") || kept("0.00") {
        // The books of the built-in gateway are there.
        match said.code {
            Some(0) => assert!(kept("10.25"), "{}", said.out),
            Some(10) => assert!(kept("0.00"), "{}", said.out),
            _ => assert!(said.out.contains("Do not give the goods"), "{}", said.out),
        }
    }
}

/// Each with every kind of client.
fn each(cases: &[(&[&str], &[&str], i32)]) {
    thread::scope(|scope| {
        for (number, (arguments, says, status)) in cases.iter().enumerate() {
            scope.spawn(move || {
                let client = if number % 2 == 0 { &[][..] } else { &["--async"] };
                let said = till(&[*arguments, client].concat());
                said.says(says).ends(*status);
            });
        }
    });
}

#[test]
fn each_customer() {
    each(&[
        (&["--customer", "pays"], &["AT+ALIPAYSIGN", "PAID (pay", "Give the goods", "result 0"], 0),
        (
            &["--customer", "thinks", "--poll-every", "1"],
            &["the customer has to confirm", "PAID (query", "result 0"],
            0,
        ),
        (&["--customer", "refuses"], &["NOT PAID (refused", "result 2"], 10),
        (
            &["--customer", "leaves", "--poll-every", "0.5", "--poll-for", "2"],
            &["is cancelled", "NOT PAID (cancelled", "result 1"],
            10,
        ),
        (
            &["--customer", "pays-late", "--poll-every", "0.5", "--poll-for", "2"],
            &["is cancelled", "NOT PAID (refunded", "was given back", "result 1"],
            10,
        ),
    ]);
}

#[test]
fn each_fault() {
    let quick: &[&str] =
        &["--answer-timeout", "1", "--poll-every", "0.5", "--poll-for", "2", "--unknown-for", "3"];
    let asked: &[&str] = &["nobody knows whether it is paid", "asked: pay, query"];
    thread::scope(|scope| {
        for (number, fault) in FAULTS.iter().enumerate() {
            for seed in ["0", "1"] {
                scope.spawn(move || {
                    let client =
                        if (number % 2 == 0) == (seed == "0") { "--async" } else { "--port=sim" };
                    let with = ["--fault", fault, "--seed", seed, client];
                    let said = till(&[&with[..], quick].concat());
                    match *fault {
                        "gbk" => said.says(&["PAID (pay; asked: pay)"]).ends(0),
                        // Somebody else's trade has this number: nothing of it is touched.
                        "wrong-amount" => {
                            said.says(&[
                                "UNKNOWN (other-amount",
                                "waits until its order is settled",
                            ])
                            .ends(20);
                        }
                        _ => {
                            said.says(asked);
                            assert!(matches!(said.code, Some(0 | 10 | 20)), "{}", said.err);
                        }
                    }
                });
            }
        }
    });
}

#[test]
fn a_fault_of_another_call() {
    let quick = ["--customer", "thinks", "--poll-every", "1", "--answer-timeout", "1"];
    till(&[&["--fault", "closed:query:1"][..], &quick].concat())
        .says(&["query no. 1", "(fault: closed)", "PAID (query"])
        .ends(0);
}

#[test]
fn cash_and_agreements_are_reported_too() {
    run("till", &["--cash"]).says(&["Paid in cash", "result 6", "the module has it"]).ends(0);
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("till.db");
    run("till", &["--agreement", AGREEMENT, "--db", text(&db)]).says(&["PAID (pay"]).ends(0);
    let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    let report = outbox.newest::<Report>(&ItemState::ALL, 1).unwrap().pop().unwrap();
    assert_eq!(report.content.business_no().unwrap().expose(), AGREEMENT);
}

#[test]
fn wrong_usage() {
    for arguments in [
        &["--fault", "slow"][..],
        &["--customer", "sings"],
        &["--gateway", "http://127.0.0.1:1/gateway.do"],
        &["--gateway", "http://127.0.0.1:1/", "--customer", "pays"],
        &["--amount", "0.001"],
        &["--cash", "--agreement", "1"],
        &["--port", "usb:ffff"],
    ] {
        run("till", arguments).ends(2);
    }
}

#[test]
fn the_built_in_gateway_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let read = |name| fs::read(keys.join(name));
    let sale = || run("till", &["--built-in-keys", text(&keys)]);
    sale().says(&["PAID (pay"]).ends(0);
    let made = (read("app.der").unwrap(), read("alipay.der").unwrap());
    assert_ne!(made.0, made.1);
    sale().says(&["PAID (pay"]).ends(0);
    assert_eq!(made, (read("app.der").unwrap(), read("alipay.der").unwrap()));
    fs::write(keys.join("app.der"), "nonsense").unwrap();
    sale()
        .complains(&[&format!("till: --built-in-keys {}: ", text(&keys.join("app.der")))])
        .ends(1);
    let nowhere = run("till", &["--built-in-keys", "/proc/nowhere"]);
    nowhere.complains(&["till: --built-in-keys /proc/nowhere/app.der: "]).ends(1);
}

#[test]
fn no_message_repeats_a_payment_code() {
    let said = run("till", &["--auth-code", "2846 1234"]);
    assert!(!said.err.contains("1234"), "{}", said.err);
    said.complains(&["auth_code"]).ends(1);
}

#[test]
fn a_file_that_is_in_use_sells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("till.db");
    let outbox = Outbox::open(&db, OutboxPolicy::default()).unwrap();
    let said = till(&["--db", text(&db)]);
    said.complains(&["it is in use: only one program at a time can have it"]).ends(1);
    drop(outbox);
}

#[test]
fn the_cashier_stops() {
    sigint::end_children();
    thread::scope(|scope| {
        for client in ["--async", "--port=sim"] {
            scope.spawn(move || {
                let mut command = Command::new(example_run::path("till"));
                let child = command.args(["--customer", "leaves", client]).stdout(Stdio::piped());
                let mut child = child.spawn().unwrap();
                let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
                let mut lines = lines.by_ref().map_while(Result::ok);
                assert!(lines.any(|line| line.contains("the customer has to confirm")));
                sigint::interrupt(&child);
                let rest: Vec<_> = lines.collect();
                let rest = rest.join("\n");
                assert!(rest.contains("The cashier stops"), "{rest}");
                assert!(rest.contains("NOT PAID (cancelled"), "{rest}");
                assert_eq!(child.wait().unwrap().code(), Some(10), "{rest}");
            });
        }
    });
}

/// The built-in gateway dies with the till.
#[test]
fn after_a_power_cut_the_order_stays_open_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("till.db");
    till(&["--fault", "power-cut", "--db", text(&db)]).says(&["THE POWER GOES"]).ends(20);
    let again = till(&["--db", text(&db)]);
    again.says(&["is open at another gateway", "PAID (pay", "One order is open"]).ends(0);
}

#[test]
fn a_power_cut_at_each_call_and_the_same_gateway() {
    let cases = [
        ("power-cut", Customer::Pays(Duration::ZERO), "was open: PAID (query"),
        ("power-cut:query:1", Customer::Pays(Duration::from_secs(1)), "was open: PAID (query"),
        ("power-cut", Customer::Refuses(Duration::ZERO), "was open: NOT PAID (closed"),
        ("power-cut", Customer::Leaves, "was open: NOT PAID (cancelled"),
        ("power-cut:cancel:1", Customer::Leaves, "was open: NOT PAID (closed"),
        ("power-cut:cancel:1", Customer::PaysLate(Duration::from_secs(9)), "was open: NOT PAID"),
    ];
    let keys = Keys::make();
    thread::scope(|scope| {
        for (number, (fault, customer, says)) in cases.into_iter().enumerate() {
            let keys = &keys;
            scope.spawn(move || {
                let shop = Shop::open(keys, customer);
                let client = if number % 2 == 0 { "--async" } else { "--port=sim" };
                let said = shop.till(&["--fault", fault, client]);
                said.says(&["THE POWER GOES"]).ends(20);
                if fault == "power-cut:query:1" {
                    pause(Duration::from_secs(1));
                }
                shop.till(&["--cash", client]).says(&[says, "Paid in cash"]).ends(0);
                shop.tells_the_truth();
            });
        }
    });
}

/// Killed at any point, and started again with the same file and the same gateway.
#[test]
fn killed_at_any_point_it_tells_the_truth() {
    let keys = Keys::make();
    let left_open = AtomicUsize::new(0);
    let customers = [
        Customer::Pays(Duration::ZERO),
        Customer::Pays(Duration::from_millis(700)),
        Customer::PaysLate(Duration::from_secs(9)),
        Customer::Leaves,
    ];
    thread::scope(|scope| {
        for number in 0..2 * customers.len() {
            let (keys, left_open) = (&keys, &left_open);
            scope.spawn(move || {
                let shop = Shop::open(keys, customers[number / 2]);
                let mut rng = fastrand::Rng::with_seed(number as u64);
                let client = if number % 2 == 0 { "--async" } else { "--port=sim" };
                for _ in 0..3 {
                    // Some are killed while they settle, most while they sell.
                    let line = if rng.u8(..5) == 0 { "Its orders" } else { "order and report" };
                    let after = Duration::from_millis(rng.u64(..1_500));
                    shop.till_killed_after(&[client], line, after);
                }
                shop.till(&["--cash", client]).ends(0);
                shop.tells_the_truth();
                left_open.fetch_add(shop.left_open.into_inner(), Ordering::Relaxed);
            });
        }
    });
    // Otherwise it was killed at no point that matters.
    let left_open = left_open.into_inner();
    assert!(left_open > 2, "{left_open}");
}

/// A till's file, and a gateway that outlives the till.
struct Shop<'a> {
    keys: &'a Keys,
    folder: TempDir,
    gateway: RunningServer<Gateway>,
    /// The numbers of all orders that were begun.
    numbers: Mutex<BTreeSet<String>>,
    /// How many orders were found open after a start.
    left_open: AtomicUsize,
}

impl<'a> Shop<'a> {
    fn open(keys: &'a Keys, customer: Customer) -> Self {
        let settings = AlipaySettings { customer, ..AlipaySettings::default() };
        let alipay = SigningKey::read(&keys.alipay).unwrap();
        let app = VerifyingKey::read(&keys.app_public).unwrap();
        let gateway = Gateway::new(settings, Signing::Rsa2 { gateway: Box::new(alipay), app }, 0);
        let gateway = Server::bind("127.0.0.1:0").unwrap().spawn(gateway).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { keys, folder, gateway, numbers: Mutex::default(), left_open: AtomicUsize::new(0) }
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("till.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(example_run::path("till"));
        command.args(["--gateway", &format!("http://{}/gateway.do", self.gateway.address())]);
        command.arg("--key").arg(self.keys.folder.path().join("app.pem"));
        command.arg("--alipay-key").arg(self.keys.folder.path().join("alipay.pub"));
        command.arg("--db").arg(self.db());
        command.args(["--answer-timeout", "2", "--poll-every", "0.4", "--poll-for", "1.2"]);
        command.args(["--unknown-for", "2"]).args(arguments);
        command
    }

    fn till(&self, arguments: &[&str]) -> Said {
        self.said(self.command(arguments).output().unwrap())
    }

    /// Killed so long after it said this.
    fn till_killed_after(&self, arguments: &[&str], line: &str, time: Duration) {
        let mut command = self.command(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut out = Vec::new();
        while let Some(Ok(said)) = lines.next() {
            out.push(said);
            if out.last().unwrap().contains(line) {
                break;
            }
        }
        pause(time);
        drop(child.kill());
        out.extend(lines.map_while(Result::ok));
        let mut output = child.wait_with_output().unwrap();
        output.stdout = out.join("\n").into_bytes();
        let said = self.said(output);
        assert!(matches!(said.code, None | Some(0 | 10 | 20)), "{}\n{}", said.out, said.err);
    }

    fn said(&self, output: std::process::Output) -> Said {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let said =
            Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        let words = said.out.split_whitespace().filter(|word| word.starts_with("T1-"));
        let numbers = words.map(|word| word.trim_end_matches(':').to_owned());
        self.numbers.lock().unwrap().extend(numbers);
        self.left_open.fetch_add(said.out.matches("was open: ").count(), Ordering::Relaxed);
        said
    }

    /// What the journal and the reports say is what the gateway has in its books.
    fn tells_the_truth(&self) {
        let outbox = Outbox::open(self.db(), OutboxPolicy::default()).unwrap();
        let journal = OutboxJournal::new(&outbox);
        let mut open = 0;
        let (mut paid, mut all) = (0, 0);
        for number in &*self.numbers.lock().unwrap() {
            let entries = journal.numbered(&OutTradeNo::new(number).unwrap()).unwrap();
            let now = self.gateway.now();
            let truth = self.gateway.with(|gateway| gateway.alipay_mut().truth(now, number));
            assert!(truth.charges <= 1, "{number} was charged {} times", truth.charges);
            let Some(entry) = entries.first() else {
                // It was killed before the order was written, so nothing was sent.
                assert_eq!(truth.charges, 0, "{number}");
                continue;
            };
            all += 1;
            match &entry.outcome {
                None => open += 1,
                Some(Settled::Paid(_)) => {
                    paid += 1;
                    assert_eq!(truth.kept.0, entry.amount.fen(), "{number}");
                }
                Some(Settled::NotPaid(_)) => assert_eq!(truth.kept.0, 0, "{number}"),
                other => panic!("{number}: {other:?}"),
            }
        }
        let reports = outbox.list::<Report>(&ItemState::ALL, Id::START, usize::MAX).unwrap();
        let with =
            |result| reports.iter().filter(|item| item.content.trade_result() == result).count();
        let cash = with(TradeResult::Unsupported);
        assert_eq!(reports.len(), all + cash, "each order has one report");
        assert_eq!(with(TradeResult::Success), paid);
        let ordered = reports.iter().filter(|item| item.state == ItemState::Ordered).count();
        assert_eq!(ordered, open, "the report of an open order waits for it");
    }
}

/// The pairs of the app and of Alipay.
struct Keys {
    folder: TempDir,
    alipay: Vec<u8>,
    app_public: Vec<u8>,
}

impl Keys {
    fn make() -> Self {
        let pair = || RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        let (app, alipay) = (pair(), pair());
        let private = |key: &RsaPrivateKey| key.to_pkcs8_der().unwrap().as_bytes().to_vec();
        let public = |key: &RsaPrivateKey| {
            key.to_public_key().to_public_key_der().unwrap().as_bytes().to_vec()
        };
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.pem"), private(&app)).unwrap();
        fs::write(folder.path().join("alipay.pub"), public(&alipay)).unwrap();
        Self { folder, alipay: private(&alipay), app_public: public(&app) }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const FAULTS: [&str; 13] = [
    "lost",
    "late",
    "half-done",
    "system-error",
    "closed",
    "cut-off",
    "502",
    "html",
    "redirect",
    "gbk",
    "unsigned",
    "wrong-signature",
    "wrong-amount",
];

/// The payment code that the customers show.
const CODE: &str = "284612345678901234";

const AGREEMENT: &str = "20181110000000000001";
