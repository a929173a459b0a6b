//! A port that hangs while it is opened, in both sessions, on virtual time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use m26_pay::asynch;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Host, Interest, Port, Session};
use m26_pay::engine::{Certainty, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::m26::ReadSignal;
use m26_pay::session::{SessionEvent, State};
use m26_pay::sim::Order;
use support::session_line::pipes::Pipes;
use support::session_line::{self, Desk, Line, Module, configured, module, plan, session};
use tokio::io::DuplexStream;
use tokio::time::{Sleep, sleep};

/// How long the port hangs. Linux gives up on an adapter that does not answer after 30 to 60 s.
const HANGS: Duration = Duration::from_secs(35);
const MINUTE: Duration = Duration::from_secs(60);

/// The line of `Desk`, whose port hangs at first.
struct Hanging {
    desk: Desk,
    until: Instant,
}

impl Host for Hanging {
    type Port = session_line::Socket;

    fn open(&mut self, within: Duration) -> Option<Result<Self::Port, Error>> {
        let left = self.until.saturating_duration_since(self.desk.now());
        self.desk.wait(left.min(within));
        if left > within { None } else { self.desk.open(within) }
    }

    fn now(&self) -> Instant {
        self.desk.now()
    }

    fn wait(&mut self, time: Duration) {
        self.desk.wait(time);
    }
}

#[test]
fn a_port_that_hangs_keeps_no_caller_of_a_blocking_session_past_his_limit() {
    let profile = Profile::quectel();
    let (never, line) = session(module(configured(&profile), ""), plan(), profile.clone());
    drop(never);
    let desk = Desk(line.clone());
    let until = desk.now() + HANGS;
    let mut session = Session::new(Hanging { desk, until }, plan(), Settings::new(profile));
    for limit in [0, 1, 15] {
        let (limit, began) = (Duration::from_secs(limit), line.passed());
        let error = session.send_within(&ReadSignal, limit).unwrap_err();
        assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
        let took = line.passed() - began;
        assert!(took <= limit + Duration::from_millis(100), "{took:?} of {limit:?}");
    }
    assert!(told(&session_line::story(&mut session).1));
    session.wait_ready(MINUTE).unwrap();
    assert!(session.send(&ReadSignal).is_ok());
}

/// As [`Hanging`].
struct HangingPipes {
    pipes: Pipes<Module>,
    hangs: Pin<Box<Sleep>>,
    over: bool,
}

impl asynch::Host for HangingPipes {
    type Port = DuplexStream;

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<DuplexStream, Error>> {
        if !self.over {
            ready!(self.hangs.as_mut().poll(cx));
            self.over = true;
        }
        self.pipes.poll_open(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_that_hangs_is_told_by_an_async_session_and_opened_in_the_end() {
    let profile = Profile::quectel();
    let pipes = Pipes::new(module(configured(&profile), ""), false);
    let host = HangingPipes { pipes, hangs: Box::pin(sleep(HANGS)), over: false };
    let (session, mut events, driver) = asynch::Session::new(host, plan(), Settings::new(profile));
    tokio::spawn(driver);
    let error = session.send_within(&ReadSignal, Duration::from_secs(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    session.wait_ready(Duration::from_secs(90)).await.unwrap();
    let mut texts = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::ZERO, events.next()).await {
        if let SessionEvent::Transition(transition) = event {
            texts.push(transition.to_string());
        }
    }
    assert!(told(&texts));
}

fn told(texts: &[String]) -> bool {
    let found = texts.iter().any(|text| text.contains("does not open within 10 s"));
    assert!(found, "{texts:?}");
    found
}

/// The line of `Desk`, whose port is deaf until it is opened anew: an adapter that has lost its
/// settings.
struct Deaf {
    desk: Desk,
    opened: Rc<Cell<u32>>,
}

struct DeafPort {
    socket: session_line::Socket,
    deaf: bool,
}

impl Host for Deaf {
    type Port = DeafPort;

    fn open(&mut self, within: Duration) -> Option<Result<DeafPort, Error>> {
        let deaf = self.opened.replace(self.opened.get() + 1) < 2;
        Some(self.desk.open(within)?.map(|socket| DeafPort { socket, deaf }))
    }

    fn now(&self) -> Instant {
        self.desk.now()
    }

    fn wait(&mut self, time: Duration) {
        self.desk.wait(time);
    }
}

impl Port for DeafPort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.read(buffer)?;
        if self.deaf { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.deaf { Ok(bytes.len()) } else { self.socket.write(bytes) }
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.socket.wait(interest, timeout)
    }

    fn now(&self) -> Instant {
        self.socket.now()
    }
}

#[test]
fn a_port_at_which_nothing_answers_is_opened_again() {
    let profile = Profile::quectel();
    let (never, line) = session(module(configured(&profile), ""), plan(), profile.clone());
    drop(never);
    let opened = Rc::new(Cell::new(0));
    let host = Deaf { desk: Desk(line.clone()), opened: Rc::clone(&opened) };
    let mut session = Session::new(host, plan(), Settings::new(profile));
    session.wait_ready(MINUTE).unwrap();
    assert_eq!(opened.get(), 3, "twice in vain");
    let (_, texts) = session_line::story(&mut session);
    assert!(texts.iter().any(|text| text.contains("the port is opened again")), "{texts:?}");
    // A port that works is left open.
    rest(&mut session, &line, Duration::from_secs(600));
    assert_eq!(opened.get(), 3);
}

#[test]
fn a_port_that_comes_back_is_found_in_seconds_and_at_once_after_a_nudge() {
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), ""), plan(), profile);
    session.wait_ready(MINUTE).unwrap();
    for nudged in [false, true] {
        line.order(Order::HangUp(Duration::from_secs(600)));
        rest(&mut session, &line, Duration::from_secs(600));
        assert_eq!(session.state(), State::Disconnected);
        if nudged {
            session.nudge();
        }
        let plugged = line.passed();
        while session.state() == State::Disconnected {
            rest(&mut session, &line, Duration::from_millis(10));
        }
        let took = line.passed() - plugged;
        let limit = Duration::from_millis(if nudged { 20 } else { 5000 });
        assert!(took <= limit, "{took:?}");
        session.wait_ready(MINUTE).unwrap();
    }
}

/// Has the session work for so long.
fn rest<H: Host>(session: &mut Session<H>, line: &Line<Module>, time: Duration) {
    let until = line.passed() + time;
    while line.passed() < until {
        let _ = session.next_event(Some(until - line.passed()));
    }
}
