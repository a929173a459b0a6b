//! [`Replay`]: a module that says what another one was recorded to say.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Chunk, Device, Order};
use crate::transcript::{Transcript, TranscriptStep, mask};

/// Plays the module of a recording: to each line of the host it answers what was answered to that
/// line, as long after it as then.
///
/// It looks for the line behind the one that it answered last, then from the beginning. A recording
/// has no secrets in it, so lines are compared without theirs, and the answers have none either: a
/// signature is one of `x` and `0`, which no client takes for one. What the module echoed is echoed as
/// the host says it now. A fence, which asks the same several times in one line, is answered as often
/// as it asks. A line that was not recorded is answered with `ERROR` (V.250, 5.7.1), and
/// [told](Self::unknown); `AT+CMEE?` always has an answer. It obeys no [`Order`].
///
/// ```
/// # #[cfg(feature = "blocking")]
/// # {
/// use m26_pay::blocking::Client;
/// use m26_pay::engine::Settings;
/// use m26_pay::m26::ReadSignal;
/// use m26_pay::sim::replay::Replay;
/// use m26_pay::sim::virtual_port::VirtualPort;
/// use m26_pay::transcript::Transcript;
///
/// let recording: Transcript =
///     "> AT+CSQ\\r\n+ 20\n< \\r\\n+CSQ: 21,0\\r\\n\\r\\nOK\\r\\n".parse()?;
/// let port = VirtualPort::new(Replay::new(&recording));
/// let mut client = Client::connect(port, Settings::default());
/// assert_eq!(client.send(&ReadSignal)?.rssi, 21);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay {
    exchanges: Vec<Exchange>,
    /// Where the next line is looked for first.
    next: usize,
    /// Whether the module echoed the last line that it had.
    echo: bool,
    /// The line that the host has begun.
    line: Vec<u8>,
    /// What the module says before any line, until the time begins.
    greeting: Vec<Said>,
    due: VecDeque<(Instant, Bytes)>,
    unknown: Vec<String>,
}

/// A line of the host's, and what came until the next one.
#[derive(Debug)]
struct Exchange {
    /// The line without its secrets and its CR.
    line: Vec<u8>,
    answer: Vec<Said>,
}

/// How long after the line, and what.
#[derive(Clone, Debug)]
struct Said {
    after: Duration,
    bytes: Vec<u8>,
}

impl Replay {
    /// The module of this recording. What it said before the first line, it says at the start.
    #[must_use]
    pub fn new(transcript: &Transcript) -> Self {
        let (mut greeting, mut exchanges) = (Vec::new(), Vec::<Exchange>::new());
        let (mut line, mut after) = (Vec::new(), Duration::ZERO);
        for step in &transcript.steps {
            match step {
                TranscriptStep::Pass(time) => after = after.saturating_add(*time),
                TranscriptStep::FromModule(bytes) => {
                    let said = Said { after, bytes: bytes.clone() };
                    exchanges.last_mut().map_or(&mut greeting, |last| &mut last.answer).push(said);
                }
                TranscriptStep::ToModule(bytes) => {
                    for byte in bytes {
                        if *byte == b'\r' {
                            let line = mask(&std::mem::take(&mut line));
                            if !line.trim_ascii().is_empty() {
                                exchanges.push(Exchange { line, answer: Vec::new() });
                                after = Duration::ZERO;
                            }
                        } else {
                            line.push(*byte);
                        }
                    }
                }
            }
        }
        Self {
            exchanges,
            next: 0,
            echo: false,
            line: Vec::new(),
            greeting,
            due: VecDeque::new(),
            unknown: Vec::new(),
        }
    }

    /// The lines of the host's that were not recorded, without their secrets. No more than a thousand
    /// are kept.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    fn greet(&mut self, now: Instant) {
        for said in std::mem::take(&mut self.greeting) {
            self.say(now, said.after, said.bytes);
        }
    }

    fn hear(&mut self, now: Instant, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let masked = mask(line);
        let (key, times) = asked(&masked);
        let behind = self.exchanges[self.next..].iter().position(|one| asked(&one.line).0 == key);
        let found = behind.map(|place| self.next + place);
        let found =
            found.or_else(|| self.exchanges.iter().position(|one| asked(&one.line).0 == key));
        let Some(place) = found else { return self.refuse(now, line, &masked) };
        self.next = place + 1;
        let exchange = &self.exchanges[place];
        self.echo =
            exchange.answer.first().is_some_and(|said| said.bytes.starts_with(&exchange.line));
        for said in exchange.answered(line, key, times) {
            self.say(now, said.after, said.bytes);
        }
    }

    /// By `AT+CMEE?`, which every module answers, clients find out where they stand: what is not
    /// recorded is the default (M26 AT manual V1.1, tables 3 to 6).
    fn refuse(&mut self, now: Instant, line: &[u8], masked: &[u8]) {
        let (key, times) = asked(masked);
        let fence = key.eq_ignore_ascii_case(b"+CMEE?");
        if !fence && self.unknown.len() < UNKNOWN {
            self.unknown.push(String::from_utf8_lossy(masked).into_owned());
        }
        if self.echo {
            self.say(now, Duration::ZERO, [line, b"\r"].concat());
        }
        let answer = match fence {
            true => [b"\r\n+CMEE: 1\r\n".repeat(times), b"\r\nOK\r\n".to_vec()].concat(),
            false => b"\r\nERROR\r\n".to_vec(),
        };
        self.say(now, Duration::ZERO, answer);
    }

    /// What is due at the same time is said in the order in which it came.
    fn say(&mut self, now: Instant, after: Duration, bytes: Vec<u8>) {
        let Some(at) = now.checked_add(after) else { return };
        let place = self.due.partition_point(|(due, _)| *due <= at);
        self.due.insert(place, (at, bytes.into()));
    }
}

impl Device for Replay {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.greet(now);
        for byte in bytes {
            if *byte == b'\r' {
                let line = std::mem::take(&mut self.line);
                self.hear(now, &line);
            } else if self.line.len() < LONGEST && *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.greet(now);
        let due = self.due.front().is_some_and(|(at, _)| *at <= now);
        due.then(|| self.due.pop_front()).flatten().map(|(_, bytes)| Chunk::Bytes(bytes))
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.due.front().map(|(at, _)| *at)
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

impl Exchange {
    /// The answer to a line that asks `key` so many times: its echo is as it is now, and each answer
    /// with a prefix comes as often as it is asked for.
    fn answered(&self, line: &[u8], key: &[u8], times: usize) -> Vec<Said> {
        let (_, recorded) = asked(&self.line);
        let prefix = (recorded != times).then(|| prefix(key)).flatten();
        let mut answered = Vec::new();
        let mut repeated = false;
        for said in &self.answer {
            let bytes = match said.bytes.strip_prefix(&self.line[..]) {
                Some(rest) if !self.line.is_empty() => [line, rest].concat(),
                _ => said.bytes.clone(),
            };
            let said = Said { bytes, ..said.clone() };
            match &prefix {
                Some(prefix) if said.bytes.trim_ascii_start().starts_with(prefix) => {
                    if !repeated {
                        answered.extend(vec![said; times]);
                    }
                    repeated = true;
                }
                _ => answered.push(said),
            }
        }
        answered
    }
}

/// What a line asks, and how often it asks the same: `AT+CMEE?;+CMEE?` asks `+CMEE?` twice.
fn asked(line: &[u8]) -> (&[u8], usize) {
    let line = line.trim_ascii();
    let Some(body) = line.get(2..).filter(|_| line[..2].eq_ignore_ascii_case(b"AT")) else {
        return (line, 1);
    };
    let mut parts = body.split(|byte| *byte == b';');
    let first = parts.next().unwrap_or_default();
    match parts.try_fold(1, |times, part| (part == first).then_some(times + 1)) {
        Some(times) => (first, times),
        None => (body, 1),
    }
}

/// How the answer to a read begins: `+CMEE: ` to `+CMEE?`.
fn prefix(key: &[u8]) -> Option<Vec<u8>> {
    let name = key.strip_suffix(b"?")?;
    Some([name, b":"].concat())
}

/// How much of a line is kept: more than any module reads (M66AT 1.2.1: 256 characters).
const LONGEST: usize = 4096;

/// How many unknown lines are kept.
const UNKNOWN: usize = 1000;
