//! Whatever happens in whatever order: what must hold of an engine, for a property test and a
//! fuzzer alike. Who calls chooses the operations.

use std::collections::HashMap;
use std::time::Duration;

use m26_pay::at::command::Request;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Certainty, Event, ExchangeError, Settings, SubmitError, Ticket, Timer};

use crate::bench::Bench;
use crate::requests;

/// Something that happens to an engine.
#[derive(Clone, Debug)]
pub enum Op {
    /// A command of this [kind](request), perhaps with a deadline of its own in milliseconds.
    Submit(usize, Option<u64>),
    /// The caller of one of the commands so far leaves.
    Cancel(usize),
    /// The module answers the line that was written last as it should.
    Answer,
    /// The module sends this.
    Input(Vec<u8>),
    /// So many bytes are written.
    Write(usize),
    WriteAll,
    /// So many milliseconds pass.
    Pass(u64),
    Disconnect,
}

/// Carries the operations out three times, with the input whole, byte by byte and in pieces of
/// these sizes: no panic, no difference, and every command ends once and in time. Then nothing
/// comes any more, and lines are `written` or (a stuck port) not.
pub fn any_order(settings: &Settings, ops: &[Op], sizes: &[usize], written: bool) {
    let mut whole = Run::new(settings);
    let mut single = Run::new(settings);
    let mut cut = Run::new(settings);
    let mut sizes = sizes.iter().cycle();
    for op in ops {
        whole.step(op, &mut |all| all);
        single.step(op, &mut |_| 1);
        cut.step(op, &mut |all| sizes.next().copied().unwrap_or(all));
        assert_eq!(single.told, whole.told, "byte by byte");
        assert_eq!(cut.told, whole.told, "in pieces");
        assert_eq!(single.bench.engine.transmit(), whole.bench.engine.transmit());
        assert_eq!(single.bench.timer(), translated(&mut whole.bench, &single.bench));
    }
    whole.starve(written);
}

/// The timer of one bench in the time of another.
fn translated(bench: &mut Bench, to: &Bench) -> Option<Timer> {
    let began = bench.began;
    bench.timer().map(|timer| Timer { at: to.began + (timer.at - began), ..timer })
}

/// An engine to which things happen, and what it told.
pub struct Run {
    pub bench: Bench,
    /// Every event, in short.
    pub told: Vec<String>,
    profile: Profile,
    queue_limit: usize,
    tickets: Vec<Ticket>,
    /// How often each ended. One that was cancelled counts as ended by that.
    ended: HashMap<Ticket, usize>,
    /// What was written since the module answered last.
    written: String,
}

impl Run {
    pub fn new(settings: &Settings) -> Self {
        Self {
            bench: Bench::new(settings.clone()),
            told: Vec::new(),
            profile: settings.profile.clone(),
            queue_limit: settings.queue_limit,
            tickets: Vec::new(),
            ended: HashMap::new(),
            written: String::new(),
        }
    }

    /// Carries it out, the input cut by `cut`.
    pub fn step(&mut self, op: &Op, cut: &mut dyn FnMut(usize) -> usize) {
        match op {
            Op::Submit(kind, timeout) => self.submit(*kind, timeout.map(Duration::from_millis)),
            Op::Cancel(index) => {
                if let Some(index) = index.checked_rem(self.tickets.len()) {
                    let ticket = self.tickets[index];
                    self.listen();
                    self.bench.cancel(ticket);
                    self.ended.entry(ticket).or_insert(1);
                }
            }
            Op::Answer => {
                let line = std::mem::take(&mut self.written);
                if line.ends_with('\r') {
                    let line = line.trim_end().rsplit('\r').next().unwrap_or_default().to_string();
                    self.receive(&answer(&line), cut);
                }
            }
            Op::Input(bytes) => self.receive(bytes, cut),
            Op::Write(count) => self.write(*count),
            Op::WriteAll => self.write(usize::MAX),
            Op::Pass(millis) => {
                self.listen();
                self.bench.now += Duration::from_millis(*millis);
                self.fire();
            }
            Op::Disconnect => self.bench.engine.disconnected(self.bench.now),
        }
        self.listen();
    }

    fn submit(&mut self, kind: usize, timeout: Option<Duration>) {
        let request = request(&self.profile, kind, self.tickets.len()).timeout(timeout);
        match self.bench.try_submit(request) {
            Ok(ticket) => self.tickets.push(ticket),
            Err(busy) => {
                let full =
                    matches!(busy, SubmitError::Queue { waiting } if waiting >= self.queue_limit);
                assert!(full, "{busy}");
            }
        }
    }

    pub fn receive(&mut self, mut bytes: &[u8], cut: &mut dyn FnMut(usize) -> usize) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(cut(bytes.len()).clamp(1, bytes.len()));
            self.bench.receive(now);
            bytes = later;
        }
    }

    pub fn write(&mut self, count: usize) {
        let line = self.bench.transmit();
        let count = count.min(line.len());
        self.written.push_str(&line[..count]);
        self.bench.write(count);
    }

    /// What has passed has fired then.
    fn fire(&mut self) {
        self.bench.engine.handle_timeout(self.bench.now);
        self.listen();
        let timer = self.bench.timer();
        let passed = timer.is_some_and(|timer| timer.at <= self.bench.now);
        assert!(!passed, "{timer:?} has passed and did not fire: {:?}", self.bench.engine);
    }

    pub fn listen(&mut self) {
        for event in self.bench.raw_events() {
            if let Event::Done { ticket, outcome } = &event {
                *self.ended.entry(*ticket).or_default() += 1;
                if let Err(failure) = outcome {
                    let never = matches!(failure, ExchangeError::Busy(_) | ExchangeError::Silent);
                    assert!(!never || failure.certainty() == Certainty::NotSent);
                }
            }
            let told = self.bench.describe(&event);
            self.told.push(told);
        }
    }

    /// Nothing comes any more. Lines are written, or (a stuck port) not.
    fn starve(&mut self, written: bool) {
        let began = self.bench.now;
        for _ in 0..2_000 {
            if written {
                self.write(usize::MAX);
                self.listen();
            }
            match self.bench.timer() {
                Some(timer) => {
                    self.bench.now = self.bench.now.max(timer.at);
                    self.fire();
                }
                None if written && !self.bench.engine.transmit().is_empty() => {}
                None => break,
            }
        }
        assert_eq!(self.bench.timer(), None, "deadlines without end: {:?}", self.bench.engine);
        assert!(self.bench.now - began < BOUND, "{:?}", self.bench.now - began);
        let count = |ticket| self.ended.get(ticket).copied().unwrap_or_default();
        let wrong: Vec<_> = self.tickets.iter().filter(|ticket| count(ticket) != 1).collect();
        assert!(wrong.is_empty(), "{wrong:?} did not end exactly once: {:#?}", self.told);
        assert!(!written || self.bench.engine.is_idle(), "{:?}", self.bench.engine);
    }
}

/// As many kinds of requests as there are shapes of exchanges. `number` tells them apart.
pub fn request(profile: &Profile, kind: usize, number: usize) -> Request {
    let own = number.to_string();
    match kind % KINDS {
        0 => requests::at(),
        1 => requests::csq(),
        2 => requests::creg(),
        3 => requests::signal(),
        4 => requests::ati(),
        5 => requests::cfg_read(),
        6 => requests::did(profile),
        7 => requests::sign(profile, &own),
        8 => requests::report(profile, &own),
        9 => requests::report(profile, "same"),
        10 => requests::report_read(),
        11 => requests::open(profile),
        12 => requests::shut(),
        13 => requests::raw("AT+CREG?"),
        14 => requests::raw("AT+ALIPAYSIGN=1,\"raw\""),
        15 => requests::raw("AT+CMEE?;+IFC?"),
        16 => requests::ate(false),
        17 => requests::ate(true),
        _ => requests::power_down(),
    }
}

pub const KINDS: usize = 19;

/// What a module answers to a line.
pub fn answer(line: &str) -> Vec<u8> {
    let echo = format!("{}\r\r\n", line.trim_end());
    // No two signatures are equal.
    let data = line.trim_end().replace("AT+ALIPAYSIGN=", "").replace('"', "") + "\r\nOK\r\nb";
    let signed = format!("OK\r\n\r\n+ALIPAYSIGN: 0,{},\"{data}\"\r\n", data.len());
    let body = match line.trim_end() {
        "AT+CSQ" => "+CSQ: 30,0\r\n\r\nOK\r\n",
        "AT+CREG?" => "+CREG: 0,1\r\n\r\nOK\r\n",
        "AT+CREG?;+CGREG?;+CSQ" => "+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n",
        "AT+CGREG?" => "+CGREG: 0,1\r\n\r\nOK\r\n",
        "ATI" => "Quectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03\r\n\r\nOK\r\n",
        "AT+CPIN?" => "+CPIN: READY\r\n\r\nOK\r\n",
        "AT+IPR?" => "+IPR: 115200\r\n\r\nOK\r\n",
        "AT+ALIPAYCFG?" => "+ALIPAYCFG:\r\n\"env\": 4\r\n\r\nOK\r\n",
        "AT+ALIPAYDID" => "OK\r\n\r\n+ALIPAYDID: 0,\"1\"\r\n",
        "AT+ALIPAYREP?" => "+ALIPAYREP: 0,12\r\n\r\nOK\r\n",
        "AT+ALIPAYOPEN" => "OK\r\n\r\n+ALIPAYOPEN: 0\r\n",
        "AT+ALIPAYSHUT" => "+ALIPAYSHUT OK\r\n",
        "AT+QPOWD=1" => "NORMAL POWER DOWN\r\n",
        "AT+CMEE?" => "+CMEE: 1\r\n\r\nOK\r\n",
        "AT+IFC?" => "+IFC: 0,0\r\n\r\nOK\r\n",
        "AT+CCLK?" => "+CCLK: \"20/02/14,10:00:00+32\"\r\n\r\nOK\r\n",
        line if line.starts_with("AT+ALIPAYSIGN=") => &signed,
        line if line.starts_with("AT+ALIPAYREP=") => "OK\r\n\r\n+ALIPAYREP: 0\r\n",
        line if line.starts_with("AT+ALIPAYPINFO=") => "OK\r\n\r\n+ALIPAYPINFO: 0\r\n",
        line if line.starts_with("AT+ALIPAYACT=") => "OK\r\n\r\n+ALIPAYACT: 0\r\n",
        line if line.starts_with("AT+QNTTP=") => "OK\r\n\r\n+QNTTP: 0\r\n",
        _ => "OK\r\n",
    };
    format!("{echo}{body}").into_bytes()
}

/// Lines that a module might send at any time, and that mean something to some command.
pub const PLAUSIBLE: &[&str] = &[
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n+CME ERROR: 3\r\n",
    "\r\nBUSY\r\n",
    "\r\nRDY\r\n",
    "\r\n+CFUN: 1\r\n",
    "\r\n+CREG: 1\r\n",
    "\r\n+CREG: 1,\"1A2B\",\"0C3D\"\r\n",
    "\r\n+CREG: 0,1\r\n",
    "\r\n+CSQ: 5,0\r\n",
    "\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n",
    "\r\n+ALIPAYSIGN: 0,9,\"ab\r\nOK\r\n\"",
    "\r\n+ALIPAYSIGN: 99\r\n",
    "\r\n+ALIPAYSIGN:\r\n",
    "\r\n+ALIPAYREP: 0\r\n",
    "\r\n+ALIPAYREP: 0,12\r\n",
    "\r\n+ALIPAYDID: 0,\"1\"\r\n",
    "\r\n+ALIPAYOPEN: 1\r\n",
    "\r\n+ALIPAYSHUT OK\r\n",
    "\r\n+CMEE: 1\r\n",
    "\r\n+CMEE: 1\r\n\r\nOK\r\n",
    "\r\n+IFC: 0,0\r\n\r\nOK\r\n",
    "\r\n+CCLK: \"\"\r\n\r\nOK\r\n",
    "AT+CSQ\r",
    "AT\r",
    "\"env\": 4\r\n",
    "text\r\n",
];

/// Every command may take its longest deadlines, one after the other, and a fence each.
const BOUND: Duration = Duration::from_secs(60 * 200);
