//! A module that answers one line oddly.

use std::collections::VecDeque;
use std::time::Instant;

use m26_pay::at::profile::Profile;
use m26_pay::sim::{Chunk, Device, Order};
use support::session_line::{Module, configured, module};

/// A module that answers one line otherwise than it should.
pub struct Odd {
    module: Module,
    line: Vec<u8>,
    asked: &'static str,
    /// Nothing is no answer at all.
    answer: &'static [u8],
    /// It answers as it should from then on.
    until: Option<&'static str>,
    out: VecDeque<Chunk>,
    now: Option<Instant>,
}

pub fn odd(asked: &'static str, answer: &'static [u8], until: Option<&'static str>) -> Odd {
    let module = module(configured(&Profile::quectel()), "");
    let out = VecDeque::new();
    Odd { module, line: Vec::new(), asked, answer, until, out, now: None }
}

impl Device for Odd {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.now = Some(now);
        for byte in bytes {
            self.line.push(*byte);
            if *byte != b'\r' {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let text = std::str::from_utf8(&line).unwrap().trim_end();
            if self.until == Some(text) {
                self.asked = "nothing";
            }
            if text.starts_with(self.asked) {
                self.out.push_back(Chunk::Bytes(line.clone().into()));
                if !self.answer.is_empty() {
                    self.out.push_back(Chunk::Bytes(self.answer.into()));
                }
            } else {
                self.module.receive(now, &line);
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.out.pop_front().or_else(|| self.module.poll_transmit(now))
    }

    fn next_deadline(&self) -> Option<Instant> {
        if self.out.is_empty() { self.module.next_deadline() } else { self.now }
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.module.command(now, order);
    }
}
