//! [`Faulty`]: what goes wrong on real lines, in front of any device.
//!
//! It damages at random, from a seed, so that a run can be repeated. It also obeys the orders that
//! delay or swallow one answer, cut the line, or silence it.

mod answers;
mod damage;

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;

use super::{Chunk, Device, Order};
use answers::{Answers, Fate};
use damage::Damage;

pub use damage::Faults;

/// A device behind a bad line.
///
/// Put it directly in front of the module: it recognises a line within one chunk, and the module
/// sends one frame at a time.
#[derive(Debug)]
pub struct Faulty<D> {
    device: D,
    damage: Damage,
    answers: Answers,
    /// On its way to the host, in order, each with the moment it arrives.
    line: VecDeque<(Instant, Chunk)>,
    /// Held back, each with the moment it is let go.
    held: Vec<(Instant, Chunk)>,
    silent_until: Option<Instant>,
    down_until: Option<Instant>,
}

impl<D: Device> Faulty<D> {
    /// A line without faults, until some are ordered or set.
    pub fn new(device: D, seed: u64) -> Self {
        Self::with_faults(device, seed, Faults::default())
    }

    /// A line with random faults. Equal seeds and input give equal damage.
    pub fn with_faults(device: D, seed: u64, faults: Faults) -> Self {
        Self {
            device,
            damage: Damage::new(seed, faults),
            answers: Answers::default(),
            line: VecDeque::new(),
            held: Vec::new(),
            silent_until: None,
            down_until: None,
        }
    }

    /// The device behind the line.
    pub fn inner(&self) -> &D {
        &self.device
    }

    /// The device behind the line.
    pub fn inner_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// The random faults, to read or to change.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.damage.faults
    }

    fn is_dead(&self, now: Instant) -> bool {
        self.down_until.is_some() || self.silent_until.is_some_and(|until| now < until)
    }

    /// Brings the line to `now`.
    fn advance(&mut self, now: Instant) {
        if self.down_until.is_some_and(|until| until <= now) {
            self.down_until = None;
            self.line.push_back((now, Chunk::Restore));
        }
        while let Some(chunk) = self.device.poll_transmit(now) {
            match chunk {
                Chunk::Bytes(frame) => self.answer(now, frame),
                other => self.line.push_back((now, other)),
            }
        }
        while let Some(frame) = self.let_go(now) {
            self.transmit(now, frame);
        }
    }

    /// Takes a frame from the module. It may be delayed or swallowed.
    fn answer(&mut self, now: Instant, frame: Bytes) {
        if frame.as_ref() == b"\r\nRDY\r\n" {
            // A module that has restarted does not finish its earlier answers.
            self.held.clear();
        }
        match self.answers.fate(&frame) {
            Fate::Passes => self.transmit(now, frame),
            Fate::Late(by) => self.held.push((now + by, Chunk::Bytes(frame))),
            Fate::Missing => {}
        }
    }

    /// The frame that has been held longest beyond its time.
    fn let_go(&mut self, now: Instant) -> Option<Bytes> {
        let due = self.held.iter().enumerate().filter(|(_, (at, _))| *at <= now);
        let (first, _) = due.min_by_key(|(_, (at, _))| *at)?;
        match self.held.remove(first) {
            (_, Chunk::Bytes(frame)) => Some(frame),
            _ => None,
        }
    }

    /// Puts a frame on the line, with the damage that happens there.
    fn transmit(&mut self, now: Instant, frame: Bytes) {
        if self.is_dead(now) {
            return;
        }
        if let Some(urc) = self.damage.urc() {
            self.line.push_back((self.after_the_last(now), Chunk::Bytes(urc)));
        }
        let delayed = now + self.damage.delay();
        let mut at = self.after_the_last(delayed);
        for (gap, piece) in self.damage.damage_frame(&frame) {
            at += gap;
            self.line.push_back((at, Chunk::Bytes(piece)));
        }
    }

    /// A serial line keeps its order: what is delayed delays what follows.
    fn after_the_last(&self, now: Instant) -> Instant {
        self.line.back().map_or(now, |(at, _)| (*at).max(now))
    }

    fn hang_up(&mut self, now: Instant, until: Instant) {
        if self.down_until.is_none() {
            self.line.clear();
            self.line.push_back((now, Chunk::HangUp));
        }
        self.down_until = self.down_until.max(Some(until));
    }
}

impl<D: Device> Device for Faulty<D> {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.advance(now);
        if !self.is_dead(now) {
            let bytes = self.damage.damage_input(bytes);
            self.device.receive(now, &bytes);
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.advance(now);
        let due = self.line.front().is_some_and(|(at, _)| *at <= now);
        due.then(|| self.line.pop_front()).flatten().map(|(_, chunk)| chunk)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let line = self.line.front().map(|(at, _)| *at);
        let held = self.held.iter().map(|(at, _)| *at).min();
        [line, held, self.down_until, self.device.next_deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.advance(now);
        match order {
            Order::Calm => {
                self.damage.faults = Faults::default();
                self.silent_until = None;
            }
            Order::HangUp(outage) => self.hang_up(now, now + *outage),
            Order::PowerOff | Order::Reset => {
                // Answers that the module delayed are lost.
                self.held.clear();
                self.device.command(now, order);
            }
            Order::Silent(time) => self.silent_until = Some(now + *time),
            _ if self.answers.command(order) || self.damage.command(order) => {}
            _ => self.device.command(now, order),
        }
    }
}
