//! An exchange through the engine, from the request to its reply.

use std::time::Instant;

use m26_pay::at::command::{Command, Reply, Request};
use m26_pay::at::profile::Profile;
use m26_pay::engine::{EarlierProgram, Engine, Event, Output, Settings};
use m26_pay::m26::{Echo, ReadSignal};

use crate::{Parser, Seen, stream};

/// An engine that has closed its past. What it reads is the answer to AT+CSQ, which it is told to
/// send before.
pub struct Exchange {
    engine: Engine,
    now: Instant,
}

impl Exchange {
    pub fn new() -> Self {
        #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
        let now = Instant::now();
        let settings = Settings { earlier: EarlierProgram::Ended, ..Settings::default() };
        let mut exchange = Self { engine: Engine::new(now, settings), now };
        // The fence is sent first, and the command behind it.
        exchange.submit(request());
        exchange.answer(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        exchange.answer(&stream::answer());
        assert!(exchange.reply().is_some());
        exchange
    }

    /// As `new`, with a module that echoes: its echo comes before each answer.
    pub fn echoing() -> Self {
        let mut exchange = Self::new();
        exchange.submit(Echo(true).request(&Profile::quectel()).expect("the profile carries it"));
        exchange.answer(b"ATE1\r\r\nOK\r\n");
        assert!(exchange.reply().is_some());
        exchange
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    pub fn submit(&mut self, request: Request) {
        let ticket = self.engine.submit(self.now, request);
        assert!(ticket.is_ok());
    }

    /// The line is written, and answered.
    pub fn answer(&mut self, bytes: &[u8]) {
        let count = self.engine.transmit().len();
        self.engine.transmitted(self.now, count);
        self.engine.handle_input(self.now, bytes);
    }

    pub fn reply(&mut self) -> Option<Reply> {
        let mut found = None;
        while let Output::Event(event) = self.engine.poll_output() {
            if let Event::Done { outcome: Ok(reply), .. } = event {
                found = Some(reply);
            }
        }
        found
    }
}

/// The exchange alone: the request is there, and the reply is not looked into.
pub struct Raw(pub Exchange, pub Request);

impl Parser for Raw {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        let Self(exchange, request) = self;
        if exchange.engine.is_idle() {
            exchange.submit(request.clone());
        }
        exchange.answer(bytes);
        seen.lines += exchange.reply().map_or(0, |reply| reply.lines.len());
    }
}

/// From the typed command to its typed answer.
pub struct Typed(pub Exchange);

impl Parser for Typed {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        let Self(exchange) = self;
        if exchange.engine.is_idle() {
            exchange.submit(request());
        }
        exchange.answer(bytes);
        let signal = exchange.reply().map(|reply| ReadSignal.decode(&reply));
        seen.rssi += signal.and_then(Result::ok).map_or(0, |signal| usize::from(signal.rssi));
    }
}

/// AT+CSQ.
pub fn request() -> Request {
    ReadSignal.request(&Profile::quectel()).expect("the profile carries it")
}
