//! One bench for all tests of the engine: virtual time, a module's side played by the test, and
//! events as short texts.

use std::time::{Duration, Instant};

use m26_pay::at::command::{Reply, Request};
use m26_pay::at::profile::Profile;
use m26_pay::engine::{
    Certainty, EarlierProgram, Engine, Event, ExchangeError, Output, Settings, SubmitError, Ticket,
    Timer,
};

use crate::requests;

/// The beginning of virtual time.
pub fn epoch() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
    Instant::now()
}

/// The profiles between which the engine's behaviour differs.
pub fn profiles() -> [Profile; 2] {
    [Profile::quectel(), Profile::luat()]
}

/// An engine and the time.
pub struct Bench {
    pub engine: Engine,
    pub now: Instant,
    pub began: Instant,
    tickets: Vec<Ticket>,
}

impl Bench {
    /// An engine that knows nothing of its module yet.
    pub fn new(settings: Settings) -> Self {
        Self::behind_another(Settings { earlier: EarlierProgram::Ended, ..settings })
    }

    /// An engine that knows of an earlier program what the settings say.
    pub fn behind_another(settings: Settings) -> Self {
        let now = epoch();
        Self { engine: Engine::new(now, settings), now, began: now, tickets: Vec::new() }
    }

    /// An engine whose past is closed, and that was not booted just now. The command that this
    /// took is number 0.
    pub fn ready(profile: Profile) -> Self {
        Self::ready_with(Settings::new(profile))
    }

    pub fn ready_with(settings: Settings) -> Self {
        Self::ready_behind_another(Settings { earlier: EarlierProgram::Ended, ..settings })
    }

    pub fn ready_behind_another(settings: Settings) -> Self {
        let numbered = settings.fence_number.is_some();
        let mut bench = Self::behind_another(settings);
        bench.submit(requests::at());
        if numbered {
            // A module that echoes.
            let line = bench.transmit();
            bench.exchange(&line, format!("{line}\r\nERROR\r\n").as_bytes());
            bench.exchange("AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
            bench.exchange("AT\r", b"AT\r\r\nOK\r\n");
        } else {
            bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
            bench.exchange("AT\r", b"\r\nOK\r\n");
        }
        bench.expect(&["#0: OK"]);
        bench.pass(Duration::from_secs(60));
        bench
    }

    /// Submits a command; its number is how many were submitted before.
    pub fn submit(&mut self, request: Request) -> Ticket {
        self.try_submit(request).expect("room in the queue")
    }

    /// As [`submit`](Self::submit), if the queue may be full.
    pub fn try_submit(&mut self, request: Request) -> Result<Ticket, SubmitError> {
        let ticket = self.engine.submit(self.now, request)?;
        self.tickets.push(ticket);
        Ok(ticket)
    }

    pub fn cancel(&mut self, ticket: Ticket) -> Certainty {
        self.engine.cancel(self.now, ticket)
    }

    /// What is to be written, as text.
    pub fn transmit(&self) -> String {
        String::from_utf8(self.engine.transmit().to_vec()).expect("command lines are text")
    }

    /// `line` is due, and is written.
    #[track_caller]
    pub fn expect_transmit(&mut self, line: &str) {
        assert_eq!(self.transmit(), line, "what is to be written");
        self.write(line.len());
    }

    /// Nothing is due to be written.
    #[track_caller]
    pub fn expect_quiet(&self) {
        assert_eq!(self.transmit(), "", "nothing is to be written");
    }

    /// So many bytes of what is due are written.
    pub fn write(&mut self, count: usize) {
        self.engine.transmitted(self.now, count);
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        self.engine.handle_input(self.now, bytes);
    }

    /// `line` is due, is written and answered.
    #[track_caller]
    pub fn exchange(&mut self, line: &str, answer: &[u8]) {
        self.expect_transmit(line);
        self.receive(answer);
    }

    /// The first fence since the past was closed comes and is answered.
    #[track_caller]
    pub fn fence(&mut self) {
        self.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    }

    /// Lets time pass; every deadline on the way fires at its own time. What the engine has to say
    /// stays to be read.
    pub fn pass(&mut self, time: Duration) -> Vec<String> {
        let until = self.now + time;
        let mut seen = self.events();
        for _ in 0..10_000 {
            match self.timer().filter(|timer| timer.at <= until) {
                Some(timer) => {
                    self.now = self.now.max(timer.at);
                    self.engine.handle_timeout(self.now);
                }
                None => {
                    self.now = until;
                    self.engine.handle_timeout(until);
                    seen.extend(self.events());
                    return seen;
                }
            }
            seen.extend(self.events());
        }
        panic!("deadlines without end: {:?}", self.engine)
    }

    /// Lets time pass up to the next deadline, which must have this name and be due after this
    /// time, counted from the last pass.
    #[track_caller]
    pub fn expect_deadline(&mut self, name: &str, after: Duration) {
        let timer = self.timer().expect("a deadline is due");
        assert_eq!((timer.name, timer.at - self.now), (name, after), "the next deadline");
        let before = timer.at - Duration::from_nanos(1);
        self.engine.handle_timeout(before);
        assert_eq!(self.events(), Vec::<String>::new(), "nothing happens before it");
        self.now = timer.at;
        self.engine.handle_timeout(self.now);
    }

    /// The next deadline. All events must have been read.
    #[track_caller]
    pub fn timer(&mut self) -> Option<Timer> {
        match self.engine.poll_output() {
            Output::Wait(timer) => timer,
            Output::Event(event) => panic!("an event nobody read: {}", self.describe(&event)),
        }
    }

    /// What the engine has to say.
    pub fn raw_events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Output::Event(event) = self.engine.poll_output() {
            events.push(event);
        }
        events
    }

    /// The events of [`raw_events`](Self::raw_events), in short.
    pub fn events(&mut self) -> Vec<String> {
        let events = self.raw_events();
        events.iter().map(|event| self.describe(event)).collect()
    }

    #[track_caller]
    pub fn expect(&mut self, wanted: &[&str]) {
        assert_eq!(self.events(), wanted);
    }

    /// An event in short: `#1: +CSQ: 11,0 / OK`, `#1 timed-out (unknown) final result`,
    /// `late: OK`, `urc: RDY`.
    pub fn describe(&self, event: &Event) -> String {
        match event {
            Event::Done { ticket, outcome } => {
                let number = self.tickets.iter().position(|known| known == ticket);
                let number = number.map_or("?".into(), |number| number.to_string());
                match outcome {
                    Ok(reply) => format!("#{number}: {}", describe_reply(reply)),
                    Err(failure) => format!("#{number} {}", describe_failure(failure)),
                }
            }
            Event::Late(line) => format!("late: {}", line.to_text()),
            Event::Malformed(line) => format!("malformed: {}", line.to_text()),
            Event::Missed(count) => format!("missed {count}"),
            Event::InputErrors(errors) => format!("input errors: {errors}"),
            Event::Reset => "reset".into(),
            Event::Silent => "silent".into(),
            Event::Stray(line) => format!("stray: {}", line.to_text()),
            Event::Urc(line) => format!("urc: {}", line.to_text()),
            other => format!("{other:?}"),
        }
    }
}

fn describe_reply(reply: &Reply) -> String {
    let lines = reply.lines.iter().chain(&reply.result).map(|line| line.to_text());
    let last = reply.final_result.as_ref().map_or("no final".into(), ToString::to_string);
    lines.chain([last]).collect::<Vec<_>>().join(" / ")
}

fn describe_failure(failure: &ExchangeError) -> String {
    let certainty = failure.certainty();
    match failure {
        ExchangeError::Busy(SubmitError::Outstanding { prefix, same_line: true }) => {
            format!("outstanding {prefix}, or the same line")
        }
        ExchangeError::Busy(SubmitError::Outstanding { prefix, .. }) => {
            format!("outstanding {prefix}")
        }
        ExchangeError::Contradicted(what) => format!("contradicted: {what}"),
        ExchangeError::Disconnected(_) => format!("disconnected ({certainty})"),
        ExchangeError::Interrupted(_) => format!("interrupted ({certainty})"),
        ExchangeError::Refused(result) => format!("refused: {result}"),
        ExchangeError::Silent => "silent".into(),
        ExchangeError::TimedOut { deadline, .. } => {
            format!("timed-out ({certainty}) {}", deadline.name)
        }
        other => other.to_string(),
    }
}
