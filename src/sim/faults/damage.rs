//! [`Faults`]: random damage on the line.

use std::time::Duration;

use bytes::Bytes;

use crate::sim::Order;

/// How likely each kind of damage is, from 0 (never, the default) to 1 (always).
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// A byte towards the host is changed.
    pub corrupt: f64,
    /// A byte towards the module is changed.
    pub corrupt_input: f64,
    /// A chunk towards the host is delayed, and with it what follows.
    pub delay: f64,
    /// The longest such delay.
    pub delay_up_to: Duration,
    /// A byte towards the host is lost.
    pub drop: f64,
    /// A byte towards the module is lost.
    pub drop_input: f64,
    /// A byte towards the host comes twice.
    pub duplicate: f64,
    /// A chunk towards the host comes in pieces, a few milliseconds apart.
    pub split: f64,
    /// An unsolicited line comes before a chunk: before an echo, between an echo and its answer,
    /// between an answer and its OK.
    pub urc: f64,
    /// That line.
    pub urc_text: String,
}

/// The faults and the random numbers.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) faults: Faults,
    rng: fastrand::Rng,
}

impl Damage {
    pub(super) fn new(seed: u64, faults: Faults) -> Self {
        Self { faults, rng: fastrand::Rng::with_seed(seed) }
    }

    /// Takes an order that is about damage; any other is left alone.
    pub(super) fn command(&mut self, order: &Order) -> bool {
        let faults = &mut self.faults;
        match order {
            Order::Corrupt(chance) => faults.corrupt = *chance,
            Order::CorruptInput(chance) => faults.corrupt_input = *chance,
            Order::Delay { chance, up_to } => {
                (faults.delay, faults.delay_up_to) = (*chance, *up_to);
            }
            Order::Drop(chance) => faults.drop = *chance,
            Order::DropInput(chance) => faults.drop_input = *chance,
            Order::Duplicate(chance) => faults.duplicate = *chance,
            Order::Split(chance) => faults.split = *chance,
            Order::Urcs { chance, text } => {
                (faults.urc, faults.urc_text) = (*chance, text.clone());
            }
            _ => return false,
        }
        true
    }

    /// By chance, an unsolicited line.
    pub(super) fn urc(&mut self) -> Option<Bytes> {
        let due = self.happens(self.faults.urc);
        due.then(|| format!("\r\n{}\r\n", self.faults.urc_text).into())
    }

    /// How long a chunk is held up.
    pub(super) fn delay(&mut self) -> Duration {
        if !self.happens(self.faults.delay) {
            return Duration::ZERO;
        }
        self.faults.delay_up_to.mul_f64(self.rng.f64())
    }

    /// What the host gets of a frame: pieces, each with the gap before it.
    pub(super) fn damage_frame(&mut self, frame: &[u8]) -> Vec<(Duration, Bytes)> {
        let Faults { corrupt, drop, duplicate, split, .. } = self.faults;
        let mut damaged = self.bytes(frame, corrupt, drop);
        if duplicate > 0.0 {
            damaged = damaged
                .into_iter()
                .flat_map(|byte| {
                    std::iter::repeat_n(byte, 1 + usize::from(self.happens(duplicate)))
                })
                .collect();
        }
        let mut rest = Bytes::from(damaged);
        let mut pieces = Vec::new();
        if self.happens(split) {
            while rest.len() > 1 {
                let piece = rest.split_to(self.rng.usize(1..=rest.len().min(LONGEST_PIECE)));
                pieces.push((if pieces.is_empty() { Duration::ZERO } else { GAP }, piece));
            }
        }
        if !rest.is_empty() {
            pieces.push((if pieces.is_empty() { Duration::ZERO } else { GAP }, rest));
        }
        pieces
    }

    /// What the module gets of what the host sends.
    pub(super) fn damage_input(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Faults { corrupt_input, drop_input, .. } = self.faults;
        self.bytes(bytes, corrupt_input, drop_input)
    }

    fn bytes(&mut self, bytes: &[u8], corrupt: f64, drop: f64) -> Vec<u8> {
        let mut damaged = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.happens(drop) {
                continue;
            }
            let flip = if self.happens(corrupt) { self.rng.u8(1..) } else { 0 };
            damaged.push(byte ^ flip);
        }
        damaged
    }

    fn happens(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.rng.f64() < chance
    }
}

/// Not specified; chosen so that a split answer is several reads even at a high rate.
const GAP: Duration = Duration::from_millis(2);
const LONGEST_PIECE: usize = 16;
