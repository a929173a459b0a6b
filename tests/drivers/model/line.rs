//! The line between host and module, with its faults.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use m26_pay::sim::{Chunk, Device, Order};

use crate::model::kind::Kind;
use crate::model::run::LONGEST;
use crate::model::truth::{Known, Witness, lock};

/// A module behind a line on which the faults of some kinds happen by chance.
pub struct Line {
    module: Witness,
    truth: Known,
    kinds: Vec<Kind>,
    rng: fastrand::Rng,
    start: Option<Instant>,
    now: Option<Instant>,
    /// On its way to the host, in order, each with the moment at which it arrives.
    out: VecDeque<(Instant, Chunk)>,
    /// Held back, each with the moment at which it is let go.
    held: Vec<(Instant, Bytes)>,
    /// Copies of results, each with the moment at which it comes.
    copies: Vec<(Instant, Bytes)>,
    /// What has arrived while the module hung.
    inbox: Vec<u8>,
    hung: Option<Instant>,
    /// When something passed last.
    passed: Option<Instant>,
    /// When the line is cut for a moment.
    cut: Option<Instant>,
    calls: u64,
    /// What passed, if it is to be told.
    story: Option<Vec<String>>,
}

impl Line {
    pub fn new(module: Witness, truth: &Known, kinds: Vec<Kind>, seed: u64, told: bool) -> Self {
        Self {
            module,
            truth: Known::clone(truth),
            kinds,
            rng: fastrand::Rng::with_seed(seed ^ 0x1ee7),
            start: None,
            now: None,
            out: VecDeque::new(),
            held: Vec::new(),
            copies: Vec::new(),
            inbox: Vec::new(),
            hung: None,
            passed: None,
            cut: None,
            calls: 0,
            story: told.then(Vec::new),
        }
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Ends all faults but those of the echo, which stay as they are. What was held back still comes.
    pub fn calm(&mut self) {
        self.kinds.retain(|kind| matches!(kind, Kind::EchoOff | Kind::EchoTwice));
    }

    /// Cuts the line for a moment, at this time.
    pub fn cut_at(&mut self, at: Instant) {
        self.cut = Some(at);
    }

    /// Another program begins, and nothing tells it what the one before has asked for.
    pub fn another_program(&mut self, now: Instant) {
        lock(&self.truth).earlier_until = Some(now + LONGEST);
    }

    pub fn take_story(&mut self) -> Vec<String> {
        self.story.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// A line of the story.
    pub fn tell(&mut self, text: impl FnOnce() -> String) {
        if let (Some(story), Some(start), Some(now)) = (&mut self.story, self.start, self.now) {
            story.push(format!("{:>9.3} {}", (now - start).as_secs_f64(), text()));
        }
    }

    fn happens(&mut self, kind: Kind, chance: f64) -> bool {
        self.has(kind) && self.rng.f64() < chance
    }

    fn strike(&mut self, now: Instant) {
        let truth = &mut *lock(&self.truth);
        truth.struck = Some(now);
        truth.lose(LONGEST);
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.rng.u64(from..to))
    }

    fn enter(&mut self, now: Instant) {
        self.start.get_or_insert(now);
        self.now = Some(now);
        self.calls += 1;
        assert!(self.calls < CALLS, "no end of it");
    }

    fn advance(&mut self, now: Instant) {
        if let Some(until) = self.hung {
            let last = now.min(until);
            self.strike(last);
            lock(&self.truth).hang(last, LONGEST);
            if now >= until {
                self.hung = None;
                let inbox = std::mem::take(&mut self.inbox);
                let frames: Vec<Bytes> = std::iter::from_fn(|| self.module.frame(now)).collect();
                // What was sent to a module that was starting is lost.
                let started = frames.iter().any(|frame| frame.trim_ascii() == b"RDY");
                for frame in frames {
                    self.say(now, frame);
                }
                if !started {
                    self.hear(now, &inbox);
                }
            }
        }
        if self.hung.is_none() {
            while let Some(frame) = self.module.frame(now) {
                self.say(now, frame);
            }
        }
        while let Some(at) = self.held.iter().position(|(at, _)| *at <= now) {
            let (_, frame) = self.held.swap_remove(at);
            self.strike(now);
            self.damage(now, frame);
        }
        while let Some(at) = self.copies.iter().position(|(at, _)| *at <= now) {
            let (_, frame) = self.copies.swap_remove(at);
            self.strike(now);
            self.damage(now, frame);
        }
        if self.cut.is_some_and(|at| at <= now) {
            self.cut = None;
            self.out.clear();
            self.out.extend([(now, Chunk::HangUp), (now, Chunk::Restore)]);
            self.strike(now);
            self.tell(|| "-- the line is cut".into());
        }
    }

    /// The module hears the host. What it has said before it does not say again behind an answer
    /// of the same kind.
    fn hear(&mut self, now: Instant, bytes: &[u8]) {
        self.module.receive(now, bytes);
        if !self.has(Kind::LineTwiceLater) {
            let asks = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
            self.copies.retain(|(_, frame)| !asks(name(frame)));
        }
    }

    /// A frame comes from the module.
    fn say(&mut self, now: Instant, frame: Bytes) {
        self.passed = Some(now);
        self.tell(|| format!("   module {}", shown(&frame)));
        let text = frame.trim_ascii();
        if text == b"RDY" {
            // A module that has restarted does not finish what it said before.
            self.held.clear();
            self.copies.clear();
        }
        if !frame.starts_with(b"\r\n") {
            return self.echo(now, frame);
        }
        if self.happens(Kind::Stranger, 0.15) {
            let text = STRANGERS[self.rng.usize(..STRANGERS.len())];
            self.tell(|| format!("   stranger {text:?}"));
            self.put(now, Bytes::from_static(text.as_bytes()));
        }
        let is_final = text == b"OK" || text == b"ERROR" || text.starts_with(b"+CME ERROR:");
        if text.starts_with(b"+ALIPAYSIGN: ") {
            lock(&self.truth).made = Some(now);
        }
        let is_result = text.starts_with(b"+ALIPAY") && !text.starts_with(b"+ALIPAYCFG");
        if is_final {
            if self.happens(Kind::LostFinal, 0.05) {
                return self.strike(now);
            }
            self.damage(now, frame.clone());
            if self.has(Kind::FinalTwice) {
                let later = self.millis(0, COPY);
                self.damage(now + later, frame);
            }
            return;
        }
        if !is_result {
            return self.damage(now, frame);
        }
        // Where OK alone is a success, a failure that is lost or late has not been.
        let decides = [&b"+ALIPAYREP"[..], b"+ALIPAYACT", b"+ALIPAYPINFO"];
        let must_come = self.module.is_luat() && decides.iter().any(|one| text.starts_with(one));
        if !must_come && self.happens(Kind::LostResult, 0.15) {
            return self.strike(now);
        }
        if !must_come && self.happens(Kind::LateResult, 0.2) {
            let at = now + self.millis(100, 60_000);
            self.strike(now);
            return self.held.push((at, frame));
        }
        self.damage(now, frame.clone());
        if self.happens(Kind::LineTwice, 0.4) || self.happens(Kind::LineTwiceLater, 0.4) {
            self.strike(now);
            match self.rng.bool() {
                true => {
                    let later = self.millis(0, COPY);
                    self.damage(now + later, frame);
                }
                false => {
                    let at = now + self.millis(1, 20_000);
                    self.copies.push((at, frame));
                }
            }
        }
        // Where OK alone is a success, one that nobody asked for is one.
        if !self.module.is_luat() && self.happens(Kind::OkOnBothSides, 0.5) {
            self.damage(now, Bytes::from_static(b"\r\nOK\r\n"));
        }
    }

    fn echo(&mut self, now: Instant, echo: Bytes) {
        if self.has(Kind::EchoOff) {
            return;
        }
        if !self.has(Kind::EchoTorn) {
            return self.damage(now, echo);
        }
        let at = self.rng.usize(..=echo.len());
        let mut pieces = [echo.slice(..at).to_vec(), echo.slice(at..).to_vec()];
        for piece in &mut pieces {
            if !piece.is_empty() && self.rng.f64() < 0.15 {
                let at = self.rng.usize(..piece.len());
                if self.rng.bool() {
                    piece.remove(at);
                } else {
                    piece[at] ^= self.rng.u8(1..);
                }
                self.strike(now);
            }
            let after = self.millis(0, 20);
            self.put(now + after, Bytes::from(std::mem::take(piece)));
        }
    }

    /// A frame passes, with what happens to its bytes.
    fn damage(&mut self, now: Instant, frame: Bytes) {
        let Some(damaged) = self.harm(&frame, Kind::LostToHost, Kind::FlippedToHost) else {
            return self.put(now, frame);
        };
        self.strike(now);
        let truth = &mut *lock(&self.truth);
        truth.garbled = Some(now);
        // No driver can tell a failure that has become a success, nor, where OK alone is one, a
        // failure that has become anything else.
        let is_failure =
            |frame: &[u8]| frame.starts_with(b"\r\n+ALIPAY") && !contains(frame, b": 0");
        if is_failure(&frame) && (self.module.is_luat() || !is_failure(&damaged)) {
            truth.forged = Some(now);
        }
        self.out.push_back((after(&self.out, now), Chunk::Bytes(damaged.into())));
    }

    fn harm(&mut self, bytes: &[u8], lost: Kind, flipped: Kind) -> Option<Vec<u8>> {
        if !self.has(lost) && !self.has(flipped) {
            return None;
        }
        let mut harmed = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.happens(lost, DAMAGE) {
                continue;
            }
            let flip = if self.happens(flipped, DAMAGE) { self.rng.u8(1..) } else { 0 };
            harmed.push(byte ^ flip);
        }
        (harmed != bytes).then_some(harmed)
    }

    fn put(&mut self, now: Instant, bytes: Bytes) {
        if !bytes.is_empty() {
            self.out.push_back((after(&self.out, now), Chunk::Bytes(bytes)));
        }
    }
}

impl Device for Line {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.enter(now);
        self.advance(now);
        self.tell(|| format!("host   {}", shown(bytes)));
        if bytes.starts_with(b"AT+ALIPAYSIGN") {
            let truth = &mut *lock(&self.truth);
            (truth.asked, truth.made_before) = (Some(now), truth.made);
        }
        if bytes.starts_with(b"AT+ALIPAY") {
            lock(&self.truth).asked_sdk = Some(now);
        }
        if self.happens(Kind::Hang, 0.05) {
            let time = self.millis(200, 12_000);
            self.hung = self.hung.max(Some(now + time));
            self.tell(|| format!("-- the module hangs for {time:?}"));
        }
        if self.has(Kind::EchoTwice) {
            let echo = self.harm(bytes, Kind::LostToHost, Kind::FlippedToHost);
            self.put(now, echo.unwrap_or_else(|| bytes.to_vec()).into());
        }
        let rested = self.passed.is_none_or(|passed| passed + REST <= now);
        let mut bytes = bytes.to_vec();
        if self.has(Kind::Sleeper) && rested && self.module.sleeps() {
            bytes.drain(..self.rng.usize(..=bytes.len()));
            self.strike(now);
        }
        self.passed = Some(now);
        if let Some(harmed) = self.harm(&bytes, Kind::LostToModule, Kind::FlippedToModule) {
            self.strike(now);
            bytes = harmed;
            self.tell(|| format!("-- the module gets {}", shown(&bytes)));
        }
        if self.hung.is_some() {
            self.inbox.extend(bytes);
        } else {
            self.hear(now, &bytes);
            self.advance(now);
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.enter(now);
        self.advance(now);
        let due = self.out.front().is_some_and(|(at, _)| *at <= now);
        let (_, chunk) = due.then(|| self.out.pop_front()).flatten()?;
        if let Chunk::Bytes(bytes) = &chunk {
            self.tell(|| format!("       {}", shown(bytes)));
        }
        Some(chunk)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let now = self.now?;
        let module = match self.hung {
            Some(until) => Some(until),
            None => self.module.next_deadline(),
        };
        let held = self.held.iter().chain(&self.copies).map(|(at, _)| *at).min();
        let out = self.out.front().map(|(at, _)| *at);
        // Something is always due, so that nobody waits for ever unseen.
        [module, held, out, self.cut, Some(now + TICK)].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.enter(now);
        self.advance(now);
        self.tell(|| format!("-- order {order:?}"));
        if matches!(order, Order::Reset | Order::PowerOff) {
            (self.hung, self.inbox) = (None, Vec::new());
            self.held.clear();
            self.copies.clear();
            self.strike(now);
        }
        self.module.order(now, order);
        self.advance(now);
    }
}

/// The name in a result line: the part before its colon.
fn name(frame: &[u8]) -> &[u8] {
    frame.trim_ascii().split(|byte| *byte == b':').next().unwrap_or_default()
}

/// A serial line keeps its order.
fn after(out: &VecDeque<(Instant, Chunk)>, now: Instant) -> Instant {
    out.back().map_or(now, |(at, _)| (*at).max(now))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn shown(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}

/// What others say, as a module brings it (M26 AT manual V1.1: +CMT with its text in the next line;
/// a network's message in quotes, over several lines).
const STRANGERS: &[&str] = &[
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\n+ALIPAYREP : 0\r\n",
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\n+ALIPAYREP: 0\r\n",
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\nOK\r\n",
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\nERROR\r\n",
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\n+ALIPAYSIGN: -1\r\n",
    "\r\n+CMT: \"+8613800000000\",,\"26/11/30,01:00:00+32\"\r\n+CME ERROR: 3\r\n",
    "\r\n+CUSD: 0,\"balance\r\nOK\r\n+ALIPAYREP: 0\r\nbye\",15\r\n",
    "\r\n+CUSD: 0,\"balance\r\nERROR\r\n\",15\r\n",
    "\r\nRING\r\n",
];

/// A byte in so many.
const DAMAGE: f64 = 1.0 / 700.0;

/// A copy that was said at once is read so many milliseconds later at most.
const COPY: u64 = 12;

/// Field report: AT+QSCLK=2 sleeps after five seconds.
const REST: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_secs(30);
/// A run takes some thousand.
const CALLS: u64 = 200_000;
