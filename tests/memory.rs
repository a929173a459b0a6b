//! What a connection keeps at most, whatever its module says and whoever does not listen: the
//! numbers that the guide of the crate states under "Memory and rest".

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};
use m26_pay::at::line::MIN_LIMIT;
use m26_pay::blocking::{self, Interest, Port};
use m26_pay::engine::{EVENT_BYTES, EVENT_LIMIT, QUEUE_LIMIT, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::m26::{Raw, ReadIdentity};
use m26_pay::session::Plan;
use m26_pay::{asynch, engine};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinSet;

const KIB: u64 = 1024;

/// What the guide states.
const IDLE: u64 = 4 * KIB;
const MOST: u64 = 320 * KIB;
/// With 129 callers of an async client that wait.
const MOST_WITH_CALLERS: u64 = 512 * KIB;
/// With those callers as well.
const MOST_WITH_16_EVENTS: u64 = 448 * KIB;

#[test]
fn an_idle_connection() {
    let idle = || blocking::Client::connect(Babbler::silent(), Settings::default());
    let blocking = measure(|| drop(idle()));
    let connect = async { drop(asynch::Client::connect(Babbler::silent(), Settings::default())) };
    let runtime = runtime();
    let asynch = measure(|| runtime.block_on(connect));
    for (name, found) in [("blocking", blocking), ("asynch", asynch)] {
        println!("idle, {name}: {} bytes", found.bytes_max);
        assert!(found.bytes_max <= IDLE, "{name}: {found:?}");
    }
}

#[test]
fn a_client_that_is_flooded_with_a_full_queue_and_unread_events() {
    let one = measure(|| blocking_clients(1, EVENT_LIMIT));
    check("blocking client", &one, MOST);
    let one = in_runtime(|| asynch_clients(1, EVENT_LIMIT));
    check("asynch client", &one, MOST_WITH_CALLERS);
}

#[test]
fn a_session_that_is_flooded_with_unread_events() {
    let one = measure(|| blocking_sessions(1, EVENT_LIMIT));
    check("blocking session", &one, MOST);
    let one = in_runtime(|| asynch_sessions(1, EVENT_LIMIT));
    check("asynch session", &one, MOST);
}

#[test]
fn blocking_clients_that_keep_fewer_events() {
    fewer("blocking client", [1, 64].map(|count| measure(|| blocking_clients(count, 16))));
}

#[test]
fn asynch_clients_that_keep_fewer_events() {
    fewer("asynch client", [1, 64].map(|count| in_runtime(|| asynch_clients(count, 16))));
}

#[test]
fn blocking_sessions_that_keep_fewer_events() {
    fewer("blocking session", [1, 64].map(|count| measure(|| blocking_sessions(count, 16))));
}

#[test]
fn asynch_sessions_that_keep_fewer_events() {
    fewer("asynch session", [1, 64].map(|count| in_runtime(|| asynch_sessions(count, 16))));
}

#[test]
fn answers_that_nobody_comes_for() {
    let one = measure(|| {
        let mut client = blocking::Client::connect(Talker::default(), settings(EVENT_LIMIT));
        assert_eq!(client.send(&Raw::new("AT+X")).unwrap().lines.len(), 40);
        let mut kept = Vec::new();
        let busy = loop {
            match client.submit(Raw::new("AT+X")) {
                Ok(pending) => kept.push(pending),
                Err(busy) => break busy,
            }
            // Until it is answered.
            while client.next_event(Some(Duration::from_secs(1))).unwrap().is_some() {}
        };
        assert_eq!((busy.kind(), kept.len()), (ErrorKind::Busy, 2));
        // It was only refused, and those that are kept are whole.
        let lines = kept.into_iter().map(|pending| client.wait(pending).unwrap().lines.len());
        assert_eq!(lines.collect::<Vec<_>>(), [40, 40]);
        assert!(client.submit(Raw::new("AT+X")).is_ok());
    });
    println!("unwanted answers: {} KiB", one.bytes_max / KIB);
    assert!(one.bytes_max <= MOST && one.bytes_max >= 2 * 40 * 700, "{one:?}");
}

#[track_caller]
fn check(name: &str, found: &AllocationInfo, most: u64) {
    println!("{name}: {} KiB", found.bytes_max / KIB);
    assert!(found.bytes_max <= most, "{name}: {found:?}");
    // It was flooded indeed.
    assert!(found.bytes_max >= EVENT_BYTES as u64, "{name}: {found:?}");
    assert_eq!(found.bytes_current, 0, "{name}: {found:?}");
}

/// With 16 events a connection keeps less, and 64 connections keep 64 times as much.
#[track_caller]
fn fewer(name: &str, [one, many]: [AllocationInfo; 2]) {
    let (one, many) = (one.bytes_max, many.bytes_max);
    println!("{name}, 16 events: {} KiB, 64: {} KiB", one / KIB, many / KIB);
    assert!(one <= MOST_WITH_16_EVENTS, "{name}: {one}");
    assert!(many <= 64 * one, "{name}: {many} for 64, {one} for one");
}

/// Measures on a runtime, which is measured as well.
fn in_runtime<F: Future<Output = ()>>(work: impl FnOnce() -> F) -> AllocationInfo {
    // What the first one on a thread leaves there.
    drop(runtime());
    measure(|| runtime().block_on(work()))
}

/// One thread, and paused time.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

fn settings(event_limit: usize) -> Settings {
    Settings { event_limit, first_fence: Some(0), ..Settings::default() }
}

/// The longest command there is.
fn longest() -> Raw {
    Raw::new(format!("AT+X={}", "1".repeat(240)))
}

fn blocking_clients(count: usize, event_limit: usize) {
    let clients: Vec<_> = (0..count)
        .map(|_| {
            let mut client =
                blocking::Client::connect(Babbler::new(event_limit), settings(event_limit));
            // Any line may be its answer.
            let first = client.submit(ReadIdentity).unwrap();
            let pending: Vec<_> = std::iter::from_fn(|| client.submit(longest()).ok()).collect();
            assert!(pending.len() >= QUEUE_LIMIT - 1, "{}", pending.len());
            assert_eq!(client.wait(first).unwrap_err().kind(), ErrorKind::TimedOut);
            (client, pending)
        })
        .collect();
    assert!(
        clients.into_iter().all(|(mut client, _)| {
            matches!(client.take_event(), Some(engine::Event::Missed(_)))
        })
    );
}

async fn asynch_clients(count: usize, event_limit: usize) {
    let mut callers = JoinSet::new();
    let mut unread = Vec::new();
    for _ in 0..count {
        let (client, events, driver) =
            asynch::Client::connect(Babbler::new(event_limit), settings(event_limit));
        unread.push(events);
        tokio::spawn(driver);
        let first = client.clone();
        callers.spawn(async move {
            assert_eq!(first.send(&ReadIdentity).await.unwrap_err().kind(), ErrorKind::TimedOut);
        });
        // As many again wait for room.
        for _ in 0..2 * QUEUE_LIMIT {
            let client = client.clone();
            callers.spawn(async move { drop(client.send(&longest()).await) });
        }
    }
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    for mut events in unread {
        assert!(matches!(events.next().await, Some(engine::Event::Missed(_))));
    }
}

/// One port is called for longer than anybody waits: another one would babble anew.
fn patient() -> Plan {
    Plan { synchronise_attempts: 200, ..Plan::default() }
}

fn blocking_sessions(count: usize, event_limit: usize) {
    let sessions: Vec<_> = (0..count)
        .map(|_| {
            let open = move || Ok::<_, Error>(Babbler::new(event_limit));
            let mut session = blocking::Session::new(open, patient(), settings(event_limit));
            assert!(session.wait_ready(Duration::from_secs(30)).is_err());
            session
        })
        .collect();
    assert!(sessions.iter().all(|session| session.health().counters.missed > 0));
}

async fn asynch_sessions(count: usize, event_limit: usize) {
    let mut sessions = Vec::new();
    for _ in 0..count {
        let open = move || Ok::<_, Error>(Babbler::new(event_limit));
        let (session, events, driver) =
            asynch::Session::new(open, patient(), settings(event_limit));
        tokio::spawn(driver);
        sessions.push((session, events));
    }
    // All in the same half minute.
    tokio::time::sleep(Duration::from_secs(30)).await;
    for (session, _) in &sessions {
        assert!(session.wait_ready(Duration::ZERO).await.is_err());
        assert!(session.health().counters.missed > 0);
    }
}

/// A module that answers anything but fences with forty lines of 700 bytes.
struct Talker {
    to_read: Vec<u8>,
    now: Instant,
}

impl Default for Talker {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn default() -> Self {
        Self { to_read: Vec::new(), now: Instant::now() }
    }
}

impl Port for Talker {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.to_read.len());
        buffer[..count].copy_from_slice(&self.to_read[..count]);
        self.to_read.drain(..count);
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match bytes {
            b"AT+X\r" => {
                for number in 0..40 {
                    let line = format!("+X: {number},{}\r\n", "x".repeat(700));
                    self.to_read.extend(line.as_bytes());
                }
                self.to_read.extend(b"OK\r\n");
            }
            // Queries of fences.
            _ if bytes.starts_with(b"AT+CMEE?") => {
                let count = bytes.split(|byte| *byte == b';').count();
                (0..count).for_each(|_| self.to_read.extend(b"\r\n+CMEE: 1\r\n"));
                self.to_read.extend(b"\r\nOK\r\n");
            }
            // The line with a number of its own, by which a fence begins, and other queries.
            _ => self.to_read.extend(b"\r\nERROR\r\n"),
        }
        Ok(bytes.len())
    }

    fn wait(&mut self, _: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        if !self.to_read.is_empty() {
            return Ok(true);
        }
        self.now += timeout.unwrap_or_default();
        Ok(false)
    }

    fn now(&self) -> Instant {
        self.now
    }
}

/// A module that answers one fence and then babbles: lines as long as a line can be, lines of one
/// byte, and long ones again, none of which means anything.
struct Babbler {
    said: usize,
    /// Where its lines of one byte are.
    short: std::ops::Range<usize>,
    all: usize,
    fenced: bool,
    now: Instant,
}

impl Babbler {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn new(events: usize) -> Self {
        let short = ANSWER..ANSWER + 8192 + 64 * events;
        // Twice as many lines as are kept.
        let all = short.end + 2 * events * (MIN_LIMIT + 1);
        Self { said: 0, short, all, fenced: false, now: Instant::now() }
    }

    fn silent() -> Self {
        Self { all: 0, ..Self::new(0) }
    }

    fn has_more(&self) -> bool {
        self.fenced && self.said < self.all
    }

    fn babble(&mut self, buffer: &mut [u8]) -> usize {
        if !self.has_more() {
            return 0;
        }
        let from = self.said;
        let count = buffer.len().min(self.all - from);
        buffer[..count].fill(b'x');
        let line = if self.short.contains(&from) { 2 } else { MIN_LIMIT + 1 };
        let ends = (from.next_multiple_of(line)..from + count).step_by(line);
        ends.for_each(|end| buffer[end - from] = b'\n');
        let fence = FENCED.get(from..).unwrap_or_default();
        let part = fence.len().min(count);
        buffer[..part].copy_from_slice(&fence[..part]);
        self.said += count;
        count
    }
}

impl Port for Babbler {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.babble(buffer) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fenced = true;
        Ok(bytes.len())
    }

    fn wait(&mut self, _: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        if self.has_more() {
            return Ok(true);
        }
        self.now += timeout.unwrap_or_default();
        Ok(false)
    }

    fn now(&self) -> Instant {
        self.now
    }
}

impl AsyncRead for Babbler {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.babble(buffer.initialize_unfilled()) {
            0 => Poll::Pending,
            count => {
                buffer.advance(count);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Babbler {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.fenced = true;
        cx.waker().wake_by_ref();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The answer to the first fence.
const FENCED: &[u8] = b"\r\n+CMEE: 1\r\n\r\nOK\r\n";

/// More than the lines that are taken for the answer to one command.
const ANSWER: usize = 300_000;
