//! A run as a transcript (`m26_pay::transcript`) that can be played again: what passed on the
//! line, and in comments what the caller did and what the module knows.
//!
//! ```text
//! # chaos blocking seed 4711        which client, and where the run came from
//! # terms class=Lossy luat=no …     what may be expected of it
//! # act batch: echo 123456789 at 0  what the caller does next
//! > AT+ECHO=123456789\r
//! + 10
//! # module said 123456789           what the module did, whatever the line made of it
//! < \r\n+ECHO: 123456789\r\n
//! # due 15000                       when the far end looks at its clock next (async)
//! # line cut                        the line hangs up, and comes back
//! # line back
//! ```
//!
//! Nothing in it is secret: every number was drawn from the seed. They are not masked, because
//! they are what tells one answer from another.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use m26_pay::sim::{Chunk, Device, Order};
use m26_pay::transcript::{Transcript, TranscriptStep};

use crate::chaos::act::number;
use crate::chaos::module::{Fact, Ledger, Shared, lock};

/// What is written while a run goes on.
#[derive(Default)]
pub struct Tape {
    text: String,
    /// Whether it is written at all.
    on: bool,
    /// Whether it matters when the far end looks at its clock.
    dues: bool,
    due: Option<Duration>,
    last: Duration,
}

impl Tape {
    pub fn begin(client: &str, seed: u64, terms: &impl fmt::Display) -> Self {
        let text = format!("# chaos {client} seed {seed}\n# terms {terms}\n");
        Self { text, on: true, dues: client.starts_with("asynch"), ..Self::default() }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    fn fact(&mut self, fact: &Fact) {
        self.comment(format_args!("module {fact}"));
    }

    fn comment(&mut self, text: fmt::Arguments<'_>) {
        if self.on {
            self.text.push_str(&format!("# {text}\n"));
        }
    }

    fn step(&mut self, at: Duration, step: &TranscriptStep) {
        if self.on {
            self.reach(at);
            self.text.push_str(&format!("{step}\n"));
        }
    }

    fn reach(&mut self, at: Duration) {
        if at > self.last {
            self.text.push_str(&format!("{}\n", TranscriptStep::Pass(at - self.last)));
            self.last = at;
        }
    }

    fn due(&mut self, at: Duration, due: Duration) {
        if self.on && self.dues && self.due.replace(due) != Some(due) {
            self.reach(at);
            self.comment(format_args!("due {}", due.as_millis()));
        }
    }
}

/// The caller begins its next step. Whether it may: a client that has left the way of the recording
/// that it is played has nothing to do any more.
pub fn begin(act: &impl fmt::Display, ledger: &Shared<Ledger>, tape: &Shared<Tape>) -> bool {
    let mut ledger = lock(ledger);
    ledger.acts += 1;
    lock(tape).comment(format_args!("act {act}"));
    ledger.parted.is_none()
}

/// A far end of which all is written down. It keeps a clock ticking, in whole milliseconds, and
/// notices a client that runs in circles.
pub struct Recorded {
    device: Box<dyn Device + Send>,
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    start: Option<Instant>,
    now: Duration,
    calls: u64,
}

impl Recorded {
    pub fn new(
        device: Box<dyn Device + Send>,
        ledger: &Shared<Ledger>,
        tape: &Shared<Tape>,
    ) -> Self {
        let (ledger, tape) = (ledger.clone(), tape.clone());
        Self { device, ledger, tape, start: None, now: Duration::ZERO, calls: 0 }
    }

    fn call(&mut self, now: Instant) {
        self.now = now - *self.start.get_or_insert(now);
        assert_eq!(self.now.subsec_nanos() % 1_000_000, 0, "a time between two milliseconds");
        self.calls += 1;
        assert!(self.calls < CALLS, "no end of it");
    }

    fn facts(&self) {
        let facts = std::mem::take(&mut lock(&self.ledger).news);
        let mut tape = lock(&self.tape);
        if tape.on && !facts.is_empty() {
            tape.reach(self.now);
            facts.iter().for_each(|fact| tape.fact(fact));
        }
    }
}

impl Device for Recorded {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.call(now);
        lock(&self.tape).step(self.now, &TranscriptStep::ToModule(bytes.to_vec()));
        self.device.receive(now, bytes);
        self.facts();
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.call(now);
        let chunk = self.device.poll_transmit(now);
        self.facts();
        let mut tape = lock(&self.tape);
        match chunk.as_ref()? {
            Chunk::Bytes(bytes) => tape.step(self.now, &TranscriptStep::FromModule(bytes.to_vec())),
            line => {
                let down = *line == Chunk::HangUp;
                lock(&self.ledger).down = down;
                if tape.on {
                    tape.reach(self.now);
                }
                tape.comment(format_args!("line {}", if down { "cut" } else { "back" }));
            }
        }
        chunk
    }

    fn next_deadline(&self) -> Option<Instant> {
        let start = self.start?;
        let ticks = self.now.as_millis() / TICK.as_millis() + 1;
        let tick = TICK * u32::try_from(ticks).unwrap();
        let due = self.device.next_deadline().map(|due| {
            let nanos = due.saturating_duration_since(start).as_nanos();
            Duration::from_millis(u64::try_from(nanos.div_ceil(1_000_000)).unwrap())
        });
        let due = due.map_or(tick, |due| due.min(tick)).max(self.now);
        lock(&self.tape).due(self.now, due);
        Some(start + due)
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.call(now);
        lock(&self.tape).comment(format_args!("order {order:?}"));
        self.device.command(now, order);
    }
}

/// A transcript of a run.
pub struct Recording {
    pub client: String,
    pub seed: u64,
    pub terms: String,
    pub acts: Vec<String>,
    line: VecDeque<(Duration, Entry)>,
}

/// What the far end did, or saw.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    /// The caller began this step, counted from 1.
    Act(usize),
    Due(Duration),
    Fact(Fact),
    FromModule(Vec<u8>),
    /// The line is cut, or back.
    Line {
        cut: bool,
    },
    ToModule(Vec<u8>),
}

impl FromStr for Recording {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut origin, mut terms) = (None, None);
        let (mut acts, mut line, mut at) = (Vec::new(), VecDeque::new(), Duration::ZERO);
        for text in text.lines() {
            let Some(comment) = text.strip_prefix("# ") else {
                // What else a test prints.
                if !["> ", "< ", "+ "].iter().any(|sign| text.starts_with(sign)) {
                    continue;
                }
                let steps = text.parse::<Transcript>().map_err(|error| error.to_string())?.steps;
                for step in steps {
                    match step {
                        TranscriptStep::FromModule(bytes) => {
                            line.push_back((at, Entry::FromModule(bytes)))
                        }
                        TranscriptStep::Pass(time) => at += time,
                        TranscriptStep::ToModule(bytes) => {
                            line.push_back((at, Entry::ToModule(bytes)))
                        }
                    }
                }
                continue;
            };
            // Any other comment is for people.
            match comment.split_once(' ') {
                Some(("act", act)) => {
                    acts.push(act.into());
                    line.push_back((at, Entry::Act(acts.len())));
                }
                Some(("chaos", from)) => origin = from.split_once(" seed "),
                Some(("due", due)) => {
                    let due = Duration::from_millis(number(due)?);
                    line.push_back((at, Entry::Due(due)));
                }
                Some(("line", state @ ("back" | "cut"))) => {
                    line.push_back((at, Entry::Line { cut: state == "cut" }));
                }
                Some(("module", fact)) => line.push_back((at, Entry::Fact(fact.parse()?))),
                Some(("terms", text)) => terms = Some(text.into()),
                _ => {}
            }
        }
        let (client, seed) = origin.ok_or("no line that begins with `# chaos`")?;
        let terms = terms.ok_or("no line that begins with `# terms`")?;
        Ok(Self { client: client.into(), seed: number(seed)?, terms, acts, line })
    }
}

/// Plays what the far end of a recording did, as long as the host does what it did then.
pub struct Player {
    line: VecDeque<(Duration, Entry)>,
    ledger: Shared<Ledger>,
    start: Option<Instant>,
    /// Whether the recording says when the far end looks at its clock.
    dues: bool,
    due: Option<Duration>,
}

impl Player {
    pub fn new(recording: &Recording, ledger: &Shared<Ledger>) -> Self {
        let line = recording.line.clone();
        let dues = line.iter().any(|(_, entry)| matches!(entry, Entry::Due(_)));
        Self { line, ledger: ledger.clone(), start: None, dues, due: None }
    }

    /// The time, and all up to it that passes unseen.
    fn reach(&mut self, now: Instant) -> Duration {
        let now = now - *self.start.get_or_insert(now);
        self.learn(now);
        now
    }

    fn learn(&mut self, now: Duration) {
        while let Some((_, entry)) = self.line.front().filter(|(at, _)| *at <= now) {
            match entry {
                Entry::Act(act) if *act <= lock(&self.ledger).acts => {}
                Entry::Due(due) => self.due = Some(*due),
                Entry::Fact(fact) => lock(&self.ledger).learn(fact.clone()),
                _ => return,
            }
            self.line.pop_front();
        }
    }

    /// The host does something else than it did: from here on the recording answers nothing.
    fn part(&mut self, now: Duration, what: String) {
        let mut ledger = lock(&self.ledger);
        ledger.parted.get_or_insert(format!("after {now:?} {what}"));
        ledger.down = false;
        // Nobody is left to wait for a line that was cut.
        self.line = [(now, Entry::Line { cut: false })].into();
        self.due = None;
    }
}

impl Device for Player {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        let now = self.reach(now);
        match self.line.front() {
            Some((at, Entry::ToModule(expected))) if *at == now && expected == bytes => {
                self.line.pop_front();
                self.learn(now);
            }
            front => {
                let was = match front {
                    Some((at, Entry::ToModule(bytes))) => {
                        format!("it had sent {:?} after {at:?}", String::from_utf8_lossy(bytes))
                    }
                    _ => "it had sent nothing then".into(),
                };
                let is = String::from_utf8_lossy(bytes).into_owned();
                self.part(now, format!("the client sends {is:?}, and {was}"));
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        let now = self.reach(now);
        let (at, entry) = self.line.front()?;
        if *at > now {
            return None;
        }
        let chunk = match entry {
            Entry::FromModule(bytes) => Chunk::Bytes(bytes.clone().into()),
            Entry::Line { cut: true } => Chunk::HangUp,
            Entry::Line { cut: false } => Chunk::Restore,
            Entry::ToModule(bytes) => {
                // At the same moment it may still come.
                if *at < now {
                    let was = String::from_utf8_lossy(bytes).into_owned();
                    self.part(now, format!("the client has not sent {was:?}, as it had"));
                }
                return None;
            }
            Entry::Act(_) | Entry::Due(_) | Entry::Fact(_) => return None,
        };
        self.line.pop_front();
        Some(chunk)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let acts = lock(&self.ledger).acts;
        let begun = |entry: &Entry| matches!(entry, Entry::Act(act) if *act <= acts);
        let due = match self.line.iter().find(|(_, entry)| !begun(entry)) {
            _ if self.dues => self.due,
            Some((_, Entry::Act(_) | Entry::ToModule(_))) | None => None,
            Some((at, _)) => Some(*at),
        };
        Some(self.start? + due?)
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

/// A line on which nothing happens is looked at as often.
const TICK: Duration = Duration::from_secs(30);

/// A run takes some ten thousand.
const CALLS: u64 = 3_000_000;
