//! What the module knows, whatever the line makes of it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use m26_pay::sim::modem::{Modem, ModemConfig, ReportedTrade};
use m26_pay::sim::{Chunk, Device, Order};
use support::ears::Ears;

use crate::model::run::LONGEST;

/// The truth of a run.
#[derive(Debug, Default)]
pub struct Truth {
    /// How often each line was heard.
    pub heard: HashMap<Vec<u8>, u32>,
    /// The reports that were ever held: number, amount and time.
    pub held: HashSet<(String, u64, u64)>,
    /// The signatures that were made.
    pub signed: HashSet<String>,
    /// The usage that was counted, command by command.
    pub counted: HashSet<(u64, u64)>,
    /// The configurations, each from when on.
    pub configs: Vec<(Instant, ModemConfig)>,
    /// When the SDK was seen open last.
    pub open: Option<Instant>,
    /// Since when a payment could be signed.
    pub able: Option<Instant>,
    /// When the line of a signature was written last.
    pub asked: Option<Instant>,
    /// When the module has last come to the end of a signature.
    pub made: Option<Instant>,
    /// When that was before the line of a signature was written last.
    pub made_before: Option<Instant>,
    /// When the line of any command of the SDK was written last.
    pub asked_sdk: Option<Instant>,
    /// When the last one of which something was lost, late or damaged has had all its time.
    pub lost_until: Option<Instant>,
    /// When the last one of an earlier program has had all its time.
    pub earlier_until: Option<Instant>,
    /// When the module hung last.
    pub hung: Option<Instant>,
    /// When bytes towards the host were changed last.
    pub garbled: Option<Instant>,
    /// When a failure became a success on its way to the host.
    pub forged: Option<Instant>,
    /// When the line or the module did last what it should not.
    pub struck: Option<Instant>,
}

impl Truth {
    /// The module hangs. What an earlier program asked for may begin only then.
    pub fn hang(&mut self, now: Instant, longest: Duration) {
        self.hung = Some(now);
        if self.earlier_until.is_some_and(|until| until > now) {
            self.earlier_until = Some(now + longest);
        }
    }

    /// Something of the last command of the SDK was lost, late or damaged: it may take `longest`.
    pub fn lose(&mut self, longest: Duration) {
        let until = self.asked_sdk.map(|asked| asked + longest);
        self.lost_until = self.lost_until.max(until);
    }

    /// Whether something of this kind happened at or after `since`.
    pub fn within(at: Option<Instant>, since: Instant) -> bool {
        at.is_some_and(|at| at >= since)
    }
}

pub type Known = Arc<Mutex<Truth>>;

pub fn lock(truth: &Mutex<Truth>) -> MutexGuard<'_, Truth> {
    truth.lock().unwrap()
}

/// A module of which everything is known.
pub struct Witness {
    modem: Modem,
    truth: Known,
    ears: Ears,
    frames: VecDeque<Bytes>,
    usage: (u64, u64),
    delivered: usize,
    /// The newest report that the module held when it was last looked at.
    newest: Option<ReportedTrade>,
    /// Whether AT+QSCLK lets the module sleep.
    sleeps: bool,
}

impl Witness {
    pub fn new(modem: Modem, truth: &Known) -> Self {
        Self {
            modem,
            truth: Arc::clone(truth),
            ears: Ears::default(),
            frames: VecDeque::new(),
            usage: (0, 0),
            delivered: 0,
            newest: None,
            sleeps: true,
        }
    }

    pub fn sleeps(&self) -> bool {
        self.sleeps
    }

    pub fn is_luat(&self) -> bool {
        self.modem.settings().dialect == m26_pay::sim::modem::Dialect::Luat
    }

    pub fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.advance(now);
        let (truth, sleeps) = (&self.truth, &mut self.sleeps);
        self.ears.hear(bytes, |line| {
            *sleeps &= line != b"AT+QSCLK=0";
            let truth = &mut *lock(truth);
            *truth.heard.entry(line.to_vec()).or_default() += 1;
            // Where a line has lost its end, the module begins on it only with the next one.
            if line.starts_with(b"AT+ALIPAYSIGN") && line.ends_with(b"?") {
                truth.lost_until = truth.lost_until.max(Some(now + LONGEST));
            }
        });
        self.modem.receive(now, bytes);
        self.look(now);
    }

    /// The next frame that the module says.
    pub fn frame(&mut self, now: Instant) -> Option<Bytes> {
        self.advance(now);
        self.frames.pop_front()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.modem.next_deadline()
    }

    pub fn order(&mut self, now: Instant, order: &Order) {
        self.advance(now);
        if *order == Order::Reset {
            self.ears.reset();
            self.frames.clear();
            self.sleeps = true;
        }
        self.modem.command(now, order);
        self.look(now);
    }

    /// Brings the module to `now`, one event at a time, so that none is overlooked.
    fn advance(&mut self, now: Instant) {
        loop {
            let due = self.modem.next_deadline().map_or(now, |due| due.min(now));
            let before = self.frames.len();
            while let Some(chunk) = self.modem.poll_transmit(due) {
                if let Chunk::Bytes(frame) = chunk {
                    self.hear_signature(&frame);
                    self.frames.push_back(frame);
                }
            }
            self.look(due);
            let again = self.modem.next_deadline().is_some_and(|due| due <= now);
            if !again && self.frames.len() == before {
                return;
            }
        }
    }

    fn hear_signature(&self, frame: &[u8]) {
        if let Some(signature) = std::str::from_utf8(frame).ok().and_then(signature_in) {
            lock(&self.truth).signed.insert(signature.to_owned());
        }
    }

    fn look(&mut self, now: Instant) {
        let truth = &mut *lock(&self.truth);
        let key =
            |trade: &ReportedTrade| (trade.business_no.clone(), trade.amount, trade.time_stamp);
        let delivered = self.modem.delivered();
        truth.held.extend(delivered[self.delivered..].iter().map(key));
        self.delivered = delivered.len();
        let newest = self.modem.queued().last();
        if newest != self.newest.as_ref() {
            truth.held.extend(self.modem.queued().map(key));
            self.newest = newest.cloned();
        }
        let usage = self.modem.usage();
        if usage != self.usage {
            let (broadcasts, scans) = self.usage;
            truth.counted.insert((usage.0 - broadcasts, usage.1 - scans));
            self.usage = usage;
        }
        if let Some(config) = self.modem.config() {
            if truth.configs.last().is_none_or(|(_, last)| last != config) {
                truth.configs.push((now, config.clone()));
            }
        }
        if self.modem.is_open() {
            truth.open = Some(now);
        }
        let able = self.modem.is_open() && self.modem.biz_tid().is_some();
        truth.able = able.then(|| truth.able.unwrap_or(now));
    }
}

/// The signature in a payload.
pub fn signature_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"signature\":\"")?;
    rest.split_once('"').map(|(signature, _)| signature)
}
