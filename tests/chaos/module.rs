//! The module of a run: the simulated M26 with a few verbs of its own, behind a bad line.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::Modem;
use m26_pay::sim::script::Scripted;
use m26_pay::sim::{Chunk, Device, Order};
use m26_pay::transcript::{Direction, Recorder};

use crate::plan::Plan;

/// What the module knows of the run, whatever the line makes of it.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The lines that it has heard, and how often.
    pub heard: HashMap<Vec<u8>, usize>,
    /// The business numbers of the reports that it has ever held.
    pub held: HashSet<String>,
    /// The numbers that it has answered.
    pub said: HashSet<u64>,
    /// Whether the line is cut.
    pub down: bool,
}

pub type Shared<T> = Arc<Mutex<T>>;

pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap()
}

/// A run's whole far end.
pub type Stack = Watched<Scripted<Faulty<Tagging>>>;

pub fn stack(plan: &Plan, ledger: &Shared<Ledger>, transcript: Option<Shared<Vec<u8>>>) -> Stack {
    let tagging = Tagging {
        modem: Modem::new(plan.module.clone()),
        ledger: Arc::clone(ledger),
        rng: fastrand::Rng::with_seed(plan.seed),
        line: Vec::new(),
        asked: VecDeque::new(),
        later: Vec::new(),
        out: VecDeque::new(),
        off_until: None,
    };
    Watched {
        device: Scripted::new(Faulty::new(tagging, plan.seed), plan.script.clone()),
        ledger: Arc::clone(ledger),
        transcript: transcript.map(Text),
        recorder: None,
        now: None,
        steps: 0,
    }
}

/// A [`Modem`] that also answers AT+ECHO=n, AT+FAIL=n, AT+LATER=n and AT+TEXT=n. The modem works
/// on those lines as well, and refuses them: its refusal is replaced by the answer, so that echo,
/// order and time are the modem's own.
pub struct Tagging {
    modem: Modem,
    ledger: Shared<Ledger>,
    rng: fastrand::Rng,
    /// The line that is coming in.
    line: Vec<u8>,
    /// The lines whose final results have not come yet.
    asked: VecDeque<Vec<u8>>,
    later: Vec<(Instant, u64)>,
    out: VecDeque<Chunk>,
    /// When the module listens again after a reset.
    off_until: Option<Instant>,
}

impl Tagging {
    fn hear(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' | 0 if self.line.is_empty() => {}
                b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    if let Some(at) = line.windows(2).position(|two| two == b"AT" || two == b"at") {
                        *lock(&self.ledger).heard.entry(line[at..].to_vec()).or_default() += 1;
                        self.asked.push_back(line[at..].to_vec());
                    }
                }
                0x08 | 0x7f => {
                    self.line.pop();
                }
                _ => self.line.push(*byte),
            }
        }
    }

    fn pump(&mut self, now: Instant) {
        while let Some(chunk) = self.modem.poll_transmit(now) {
            match chunk {
                Chunk::Bytes(frame) if is_final(frame.trim_ascii()) => self.answer(now, frame),
                chunk => self.out.push_back(chunk),
            }
        }
        while let Some(due) = self.later.iter().position(|(at, _)| *at <= now) {
            let (_, number) = self.later.remove(due);
            self.say(&format!("+LATER: {number}"), Some(number));
        }
        let mut ledger = lock(&self.ledger);
        for report in self.modem.queued() {
            if !ledger.held.contains(&report.business_no) {
                ledger.held.insert(report.business_no.clone());
            }
        }
    }

    fn answer(&mut self, now: Instant, frame: Bytes) {
        let line = self.asked.pop_front().unwrap_or_default();
        let unknown = matches!(frame.trim_ascii(), b"+CME ERROR: 601" | b"ERROR");
        let text = std::str::from_utf8(&line).unwrap_or_default();
        let verb = text.get("AT".len()..).and_then(|text| text.split_once('='));
        let number = verb.and_then(|(_, number)| number.parse::<u64>().ok());
        let (Some((verb, _)), Some(number), true) = (verb, number, unknown) else {
            self.out.push_back(Chunk::Bytes(frame));
            return;
        };
        match verb {
            "+ECHO" => self.say(&format!("+ECHO: {number}"), Some(number)),
            "+TEXT" => self.say(&format!("T{number}"), Some(number)),
            "+LATER" => {
                let after = Duration::from_millis(self.rng.u64(1..2_000));
                self.later.push((now + after, number));
            }
            "+FAIL" => return self.say(&format!("+CME ERROR: {number}"), None),
            _ => return self.out.push_back(Chunk::Bytes(frame)),
        }
        self.say("OK", None);
    }

    fn say(&mut self, text: &str, number: Option<u64>) {
        lock(&self.ledger).said.extend(number);
        self.out.push_back(Chunk::Bytes(format!("\r\n{text}\r\n").into()));
    }
}

impl Device for Tagging {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.pump(now);
        if self.off_until.is_none_or(|until| until <= now) {
            self.off_until = None;
            self.hear(bytes);
        }
        self.modem.receive(now, bytes);
        self.pump(now);
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.pump(now);
        self.out.pop_front()
    }

    fn next_deadline(&self) -> Option<Instant> {
        let later = self.later.iter().map(|(at, _)| *at).min();
        [later, self.modem.next_deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.pump(now);
        if *order == Order::Reset {
            self.line.clear();
            self.asked.clear();
            self.later.clear();
            self.off_until = Some(now + self.modem.settings().boot.rdy);
        }
        self.modem.command(now, order);
    }
}

fn is_final(text: &[u8]) -> bool {
    matches!(text, b"OK" | b"ERROR" | b"0" | b"4" | b"+ALIPAYSHUT OK" | b"NORMAL POWER DOWN")
        || text.starts_with(b"+CME ERROR:")
}

/// Writes down what passes, keeps a clock ticking, and notices a client that runs in circles.
pub struct Watched<D> {
    device: D,
    ledger: Shared<Ledger>,
    transcript: Option<Text>,
    recorder: Option<Recorder>,
    now: Option<Instant>,
    steps: u64,
}

impl<D> Watched<D> {
    fn step(&mut self, now: Instant) {
        self.now = Some(now);
        self.steps += 1;
        assert!(self.steps < STEPS, "no end of it");
        if let Some(to) = self.transcript.take() {
            self.recorder = Some(Recorder::new(to, now));
        }
    }

    fn record(&mut self, now: Instant, direction: Direction, bytes: &[u8]) {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(now, direction, bytes);
        }
    }
}

impl<D: Device> Device for Watched<D> {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.step(now);
        self.record(now, Direction::ToModule, bytes);
        self.device.receive(now, bytes);
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.step(now);
        let chunk = self.device.poll_transmit(now)?;
        match &chunk {
            Chunk::Bytes(bytes) => self.record(now, Direction::FromModule, bytes),
            Chunk::HangUp => lock(&self.ledger).down = true,
            Chunk::Restore => lock(&self.ledger).down = false,
        }
        Some(chunk)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let tick = self.now.map(|now| now + TICK);
        [tick, self.device.next_deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.step(now);
        self.device.command(now, order);
    }
}

struct Text(Shared<Vec<u8>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line on which nothing happens is looked at as often.
const TICK: Duration = Duration::from_secs(30);

/// A run takes some ten thousand.
const STEPS: u64 = 3_000_000;
