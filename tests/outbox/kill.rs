//! A till that is killed again and again, while it appends and while it drains.
//!
//! A child process appends reports and sends them to a simulated module that lives in this process
//! and keeps its own ledger. The child is killed with SIGKILL at random moments, and after each
//! kill its file is looked into, as it lies there:
//!
//! * every append that the child had acknowledged is in it, and what it calls held is in the
//!   module's ledger;
//! * no report is in the ledger twice unless its outcome was unknown in between: it was in the air
//!   at a kill, or its answer was lost;
//! * reports are in the ledger in the order in which they were appended.
//!
//! In the end all that was acknowledged has to be in the ledger.
//!
//! `OUTBOX_KILLS=500 cargo test --test outbox kill -- --nocapture` kills it 500 times for each of
//! the tests and prints the figures; `OUTBOX_SEED` chooses other moments.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use m26_pay::alipay::{BusinessNo, Open, Report, TradeResult};
use m26_pay::blocking::{Client, SerialPort, Session};
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::flows::{BringUp, Progress};
use m26_pay::m26::Reset;
use m26_pay::outbox::store::{Selection, Store};
use m26_pay::outbox::{Batch, End, Item, ItemState, Outbox, OutboxPolicy, SqliteStore};
use m26_pay::serial::SerialSettings;
use m26_pay::session::{Backoff, Plan};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Boot, Modem, ModemConfig};
use m26_pay::sim::pty::{self, Running};
use m26_pay::sim::script::Scripted;
use support::real_time::{now, pause};

type Module = Running<Scripted<Faulty<Modem>>>;

/// The number of a report: which life of the child appended it, and as which one.
type Number = u64;

#[test]
fn a_till_that_is_killed_loses_nothing() {
    tell_all("calm", "", 1);
}

#[test]
fn a_till_that_is_killed_loses_nothing_to_a_module_in_trouble() {
    let mut script = String::new();
    for (first, every, order) in [
        (20, 83, "missing-result"),
        (35, 97, "missing-ok"),
        (11, 41, "result 5"),
        (17, 61, "result 6"),
        (50, 131, "result -1"),
        (70, 211, "after 1ms reset"),
    ] {
        for number in (first..20_000).step_by(every) {
            script += &format!("on {number} AT+ALIPAYREP= {order}\n");
        }
    }
    tell_all("in trouble", &script, 2);
}

/// Some tills side by side, each with a module of its own, share the kills.
fn tell_all(name: &'static str, script: &str, salt: u64) {
    let kills: u64 = env::var("OUTBOX_KILLS").map_or(25, |kills| kills.parse().unwrap());
    thread::scope(|scope| {
        for till in 0..TILLS {
            let kills = (kills + till) / TILLS;
            scope.spawn(move || Story::new(name, script, salt + 10 * till).tell(kills));
        }
    });
}

/// What is known of one run of the test.
struct Story {
    name: &'static str,
    module: Module,
    folder: tempfile::TempDir,
    dice: Dice,
    /// What the child said is on disk.
    acknowledged: BTreeSet<Number>,
    /// How often the outcome of a report was unknown.
    doubts: BTreeMap<Number, usize>,
    /// The kills at which something was in the air.
    kills_in_the_air: usize,
}

impl Story {
    fn new(name: &'static str, script: &str, salt: u64) -> Self {
        let ms = Duration::from_millis;
        let latencies = modem::Latencies {
            usage: ms(1),
            command: ms(1),
            device_id: ms(1),
            ntp: ms(1),
            open: ms(1),
            product_info: ms(1),
            report: ms(1),
            shut: ms(1),
            sign: ms(1),
        };
        let settings = modem::ModemSettings {
            boot: Boot { rdy: ms(4), cfun: ms(5), cpin: ms(6), call_ready: ms(7) },
            config: Some(ModemConfig::sample()),
            drain_every: Duration::from_micros(200),
            latencies,
            queue_size: 1_000_000,
            register_after: ms(8),
            ..modem::ModemSettings::default()
        };
        let device = Scripted::new(Faulty::new(Modem::new(settings), 0), script.parse().unwrap());
        let seed: u64 = env::var("OUTBOX_SEED").map_or(1, |seed| seed.parse().unwrap());
        Self {
            name,
            module: pty::spawn(device).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            dice: Dice(seed.wrapping_mul(1_000_003).wrapping_add(salt)),
            acknowledged: BTreeSet::new(),
            doubts: BTreeMap::new(),
            kills_in_the_air: 0,
        }
    }

    fn tell(mut self, kills: u64) {
        for life in 1..=kills {
            self.live_and_die(life);
            self.look_into_it();
        }
        self.end();
        let mut delivered: BTreeMap<Number, usize> = BTreeMap::new();
        for number in self.ledger() {
            *delivered.entry(number).or_default() += 1;
        }
        println!(
            "{}: {kills} kills ({} with reports in the air), {} appends acknowledged, \
             {} reports delivered, {} of them twice or more, {} deliveries in all",
            self.name,
            self.kills_in_the_air,
            self.acknowledged.len(),
            delivered.len(),
            delivered.values().filter(|times| **times > 1).count(),
            delivered.values().sum::<usize>(),
        );
        assert!(self.acknowledged.iter().all(|number| delivered.contains_key(number)));
        assert!(self.acknowledged.len() >= kills as usize / 2, "the till has hardly worked");
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("till.db")
    }

    /// Starts the till, and kills it.
    fn live_and_die(&mut self, life: u64) {
        let port = self.module.path().into_os_string().into_string().unwrap();
        let mut till = Till::start(&self.db(), &port, life, self.dice.next());
        let wait = match self.dice.below(4) {
            // While it opens its file and its port.
            0 => self.dice.below(60),
            _ => {
                till.wait_for_drain();
                self.dice.below(120)
            }
        };
        pause(Duration::from_millis(wait));
        for word in till.kill() {
            match word {
                Word::Appended(numbers) => self.acknowledged.extend(numbers),
                Word::Doubt(number) => *self.doubts.entry(number).or_default() += 1,
                Word::Draining => {}
            }
        }
    }

    /// What the till has left, without touching it.
    fn look_into_it(&mut self) {
        let records = self.records();
        let stored: BTreeMap<_, _> =
            records.iter().map(|record| (number(record), record.state)).collect();
        for number in &self.acknowledged {
            assert!(stored.contains_key(number), "{number} was acknowledged, and is not there");
        }
        let ledger = self.ledger();
        let taken: BTreeSet<_> = ledger.iter().copied().collect();
        let mut in_the_air = false;
        for (number, state) in &stored {
            match state {
                ItemState::Held => {
                    assert!(taken.contains(number), "{number} is called held, and is not");
                }
                ItemState::Sending => {
                    in_the_air = true;
                    *self.doubts.entry(*number).or_default() += 1;
                }
                ItemState::Announced | ItemState::Pending => {}
                state => panic!("{number} is {state}"),
            }
        }
        self.kills_in_the_air += usize::from(in_the_air);
        self.check_ledger(&ledger);
    }

    fn check_ledger(&self, ledger: &[Number]) {
        let mut times: BTreeMap<Number, usize> = BTreeMap::new();
        let mut last = 0;
        for number in ledger {
            let times = times.entry(*number).or_default();
            *times += 1;
            if *times == 1 {
                assert!(*number > last, "{number} came after {last}");
                last = *number;
            }
            let doubts = self.doubts.get(number).copied().unwrap_or_default();
            assert!(
                *times <= 1 + doubts,
                "{number} came {times} times, and was in doubt {doubts} times"
            );
        }
    }

    /// All records in a copy of the file, as the till left them.
    fn records(&self) -> Vec<Item<Report>> {
        let copy = self.folder.path().join("copy.db");
        for part in ["", "-wal"] {
            let name = |path: &Path| format!("{}{part}", path.display());
            drop(fs::remove_file(name(&copy)));
            if Path::new(&name(&self.db())).exists() {
                fs::copy(name(&self.db()), name(&copy)).unwrap();
            }
        }
        if !copy.exists() {
            return Vec::new();
        }
        let mut store = SqliteStore::open(&copy).unwrap();
        store.load().unwrap();
        let all = Selection {
            states: &ItemState::ALL,
            boot: None,
            after: 0,
            limit: usize::MAX,
            newest: false,
        };
        store.reports(&all).unwrap()
    }

    /// What the module has taken, in order.
    fn ledger(&self) -> Vec<Number> {
        self.module.with(|device| {
            let modem = device.inner().inner();
            let reports = modem.delivered().iter().chain(modem.queued());
            reports.map(|report| report.business_no.parse().unwrap()).collect()
        })
    }

    /// A last run, which is not killed.
    fn end(&mut self) {
        let outbox = Outbox::open(self.db(), policy()).unwrap();
        let mut client = client(self.module.path().to_str().unwrap());
        let doubts = &mut self.doubts;
        deliver(&outbox, &mut client, |number| *doubts.entry(number).or_default() += 1);
        assert_eq!(outbox.summary().reports.due(), 0);
        let ledger = self.ledger();
        self.check_ledger(&ledger);
    }
}

/// The child, as its killer sees it.
struct Till {
    child: Child,
    words: Receiver<Word>,
    listener: JoinHandle<()>,
    heard: Vec<Word>,
}

/// What the child says.
enum Word {
    /// These are on disk.
    Appended(std::ops::RangeInclusive<Number>),
    /// Whether the module has this one is not known.
    Doubt(Number),
    /// It begins to drain.
    Draining,
}

impl Till {
    fn start(db: &Path, port: &str, life: u64, seed: u64) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--ignored", "--nocapture"])
            .env(CHILD, format!("{port}\n{life}\n{seed}\n{}", db.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, words) = mpsc::channel();
        let listener = thread::spawn(move || {
            for line in lines {
                // The listener of the test that has failed is gone.
                drop(sender.send(Word::parse(&line.unwrap())));
            }
        });
        Self { child, words, listener, heard: Vec::new() }
    }

    fn wait_for_drain(&mut self) {
        loop {
            let word = self.words.recv_timeout(Duration::from_secs(20)).unwrap();
            let draining = matches!(word, Word::Draining);
            self.heard.push(word);
            if draining {
                return;
            }
        }
    }

    /// All that it said. What was written to the pipe before its end is in there.
    fn kill(mut self) -> Vec<Word> {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it has ended by itself");
        self.listener.join().unwrap();
        self.heard.extend(self.words.try_iter());
        self.heard
    }
}

impl Word {
    fn parse(line: &str) -> Self {
        let mut words = line.split(' ');
        let name = words.next();
        let mut number = || words.next().and_then(|word| word.parse().ok());
        match name {
            Some("appended") => Self::Appended(number().unwrap()..=number().unwrap()),
            Some("doubt") => Self::Doubt(number().unwrap()),
            Some("draining") => Self::Draining,
            _ => panic!("the till says: {line}"),
        }
    }
}

/// The till: it appends in one thread and drains in another, until it is killed.
#[test]
#[ignore = "the others start it in a process of its own, to be killed"]
fn child() {
    let Ok(order) = env::var(CHILD) else { return };
    let mut order = order.splitn(4, '\n');
    let mut next = || order.next().unwrap();
    let port = next().to_string();
    let (life, seed): (u64, u64) = (next().parse().unwrap(), next().parse().unwrap());
    let outbox = Outbox::open(next(), policy()).unwrap();
    let mut dice = Dice(seed);
    if dice.below(4) == 0 {
        work_in_session(&outbox, &port, life, dice);
    }
    let appending = outbox.clone();
    thread::spawn(move || append(&appending, life, dice));
    let mut client = client(&port);
    tell("draining");
    loop {
        deliver(&outbox, &mut client, |number| tell(&format!("doubt {number}")));
        client.next_event(Some(Duration::from_millis(2))).unwrap();
    }
}

/// Appends and sends by way of a session's duty.
fn work_in_session(outbox: &Outbox, port: &str, life: u64, dice: Dice) -> ! {
    let port = port.to_string();
    let host = move || SerialPort::open(&port, &SerialSettings::default());
    let backoff = policy().backoff;
    let plan = Plan { backoff, human_verify: None, ..Plan::default() };
    let mut session = Session::new(host, plan, settings());
    session.attach(outbox.duty());
    let appending = outbox.clone();
    thread::spawn(move || append(&appending, life, dice));
    tell("draining");
    loop {
        let event = session.next_event(Some(Duration::from_millis(2)));
        if let Some(m26_pay::session::SessionEvent::Progress(progress)) = event {
            doubt(outbox, &progress, |number| tell(&format!("doubt {number}")));
        }
        session.nudge();
    }
}

/// Appends for ever: single reports, several with one commit, and trades that are announced first.
fn append(outbox: &Outbox, life: u64, mut dice: Dice) {
    let mut next = life * PER_LIFE;
    loop {
        let count = if dice.below(6) == 0 { 1 + dice.below(20) } else { 1 };
        let (first, last) = (next, next + count - 1);
        next += count;
        if count > 1 {
            let reports: Vec<_> =
                (first..=last).map(|number| report(number, TradeResult::Success)).collect();
            outbox.append_all(&reports).unwrap();
        } else if dice.below(3) == 0 {
            let id = outbox.announce(&report(first, TradeResult::Unavailable)).unwrap();
            tell(&format!("appended {first} {last}"));
            outbox.complete(id, &report(first, TradeResult::Success)).unwrap();
        } else {
            outbox.append(&report(first, TradeResult::Success)).unwrap();
        }
        tell(&format!("appended {first} {last}"));
        pause(Duration::from_micros(dice.below(6_000)));
    }
}

/// Sends all that is pending, whatever happens to the module.
fn deliver(outbox: &Outbox, client: &mut Client<SerialPort>, mut in_doubt: impl FnMut(Number)) {
    let mut moved = now();
    let mut open = false;
    loop {
        assert!(now() - moved < Duration::from_secs(60), "it does not get on");
        if !open {
            // A boot takes its time, and a module that could not open its SDK needs another one.
            if client.run(BringUp::default()).is_err() {
                continue;
            }
            let Ok(opened) = client.send(&Open) else {
                drop(client.send(&Reset));
                continue;
            };
            outbox.module_opened(opened).unwrap();
            open = true;
        }
        let mut stuck = false;
        let drain = outbox.drain().patience(Duration::from_millis(50));
        let drained = client.run_with(drain, |progress| {
            stuck = progress.detail.contains("is still due");
            doubt(outbox, &progress, &mut in_doubt);
        });
        let drained = drained.unwrap();
        if drained.held > 0 {
            moved = now();
        }
        match drained.end {
            End::Empty => return,
            End::NotInitialised => open = false,
            End::OutOfPatience => {
                if stuck {
                    // An answer is missing that could be taken for the next one's: as a session does.
                    drop(client.send(&Reset));
                    open = false;
                }
            }
            end => panic!("the drain ended with {end:?}"),
        }
    }
}

/// Looks in what the drain tells for a record of which it does not know what became of it.
fn doubt(outbox: &Outbox, progress: &Progress, mut in_doubt: impl FnMut(Number)) {
    let words: Vec<_> = progress.detail.split(' ').collect();
    if let ["report", id, "is", "tried", "again:", "not", "known:", ..] = words[..] {
        let record = outbox.get(id.parse().unwrap()).unwrap().unwrap();
        in_doubt(number(&record));
    }
}

/// The simulated module lets go of a line within a turn of its thread after a till was killed that
/// had it to itself. A real one does when the process ends.
fn open(port: &str) -> SerialPort {
    let began = now();
    loop {
        match SerialPort::open(port, &SerialSettings::default()) {
            Ok(port) => return port,
            Err(error) => {
                let busy = error.kind() == ErrorKind::Busy;
                assert!(busy && now() - began < Duration::from_secs(10), "{error}");
                pause(Duration::from_millis(5));
            }
        }
    }
}

fn client(port: &str) -> Client<SerialPort> {
    let port = open(port);
    let mut client = Client::connect(port, settings());
    client.set_timeout(Some(Duration::from_millis(200)));
    client
}

/// What is late comes within milliseconds here, be it for a till that was killed.
fn settings() -> Settings {
    let while_late = Duration::from_millis(60);
    let earlier = EarlierProgram::Within(while_late);
    Settings { earlier, settle: while_late, ..Settings::default() }
}

fn policy() -> OutboxPolicy {
    let ms = Duration::from_millis;
    let backoff = Backoff { initial: ms(2), cap: ms(20), ..OutboxPolicy::default().backoff };
    let batch = Batch { reports: 20, time: ms(100) };
    // What was meant for trouble of hours is not to get in the way of milliseconds.
    OutboxPolicy { backoff, batch, parking: None, ..OutboxPolicy::default() }
}

fn report(number: Number, outcome: TradeResult) -> Report {
    Report::of("10.25".parse().unwrap(), outcome, 1_548_811_777)
        .business_no(BusinessNo::new(number.to_string()).unwrap())
        .time_consuming(2)
        .build()
        .unwrap()
}

fn number(record: &Item<Report>) -> Number {
    record.content.business_no().unwrap().expose().parse().unwrap()
}

/// One write, so that a line is there whole or not at all.
fn tell(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Random numbers that are the same at every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What tells the child what to do.
/// How many tills a story is told of.
const TILLS: u64 = 3;

const CHILD: &str = "OUTBOX_KILL_CHILD";

/// More than a life has room for.
const PER_LIFE: Number = 100_000;
