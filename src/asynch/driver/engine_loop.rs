//! The loop between the engine and any port.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::log::{Span, warn};
use tokio::io::ReadBuf;
use tokio::sync::mpsc;

use super::alarm::Alarm;
use super::{Drive, Work};
use crate::asynch::call::Call;
use crate::asynch::events::Sender;
use crate::asynch::recording::Recording;
use crate::asynch::whole::Io;
use crate::at::line::MIN_LIMIT;
use crate::engine::{Certainty, Engine, Event, ExchangeError, Output, Settings, TRANSMIT, Ticket};
use crate::error::Error;
use crate::serial::Gauge;
use crate::transcript::{Direction, LineLog};

pub(in crate::asynch) fn work(
    settings: Settings,
    calls: mpsc::Receiver<Call>,
    events: Sender<Event>,
    recording: Recording,
    span: Span,
) -> Work {
    Box::new(Loop::new(settings, calls, events, recording, span))
}

/// Limits the events to what one read can bring, for a reader that reads after each.
pub(in crate::asynch) fn room_for_a_read(settings: Settings) -> Settings {
    let line = settings.line_limit.max(MIN_LIMIT);
    Settings {
        event_limit: LINES_AT_ONCE + OTHER_EVENTS,
        event_bytes: (LINES_AT_ONCE + OTHER_EVENTS) * size_of::<Event>() + line + BUFFER,
        ..settings
    }
}

/// The engine, the commands that it carries out, and what becomes of its events.
struct Loop {
    engine: Engine,
    calls: mpsc::Receiver<Call>,
    pending: Vec<(Ticket, Call)>,
    queue_limit: usize,
    /// How long a line can be.
    longest: usize,
    events: Sender<Event>,
    /// There once the port was first looked at.
    gauge: Option<Gauge>,
    recording: Recording,
    log: LineLog,
    span: Span,
    alarm: Alarm,
    /// When the driver ends even if a line is not written to its end: no handle is left.
    leaving: Option<Instant>,
}

impl Loop {
    fn new(
        settings: Settings,
        calls: mpsc::Receiver<Call>,
        events: Sender<Event>,
        recording: Recording,
        span: Span,
    ) -> Self {
        let now = tokio::time::Instant::now();
        Self {
            queue_limit: settings.queue_limit.max(1),
            longest: settings.line_limit.max(MIN_LIMIT),
            engine: Engine::new(now.into_std(), settings),
            calls,
            pending: Vec::new(),
            events,
            gauge: None,
            recording,
            log: LineLog::default(),
            span,
            alarm: Alarm::new(now),
            leaving: None,
        }
    }
}

impl Drive for Loop {
    fn poll(&mut self, io: &mut dyn Io, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let _span = self.span.clone().entered();
        self.gauge.get_or_insert_with(|| Gauge::new(io.input_errors()));
        loop {
            let now = tokio::time::Instant::now().into_std();
            // What has arrived counts before a new command, and before a deadline.
            if let Err(error) = self.read(io, now, cx) {
                return Poll::Ready(self.lose(now, &error));
            }
            let handles_left = self.accept(now, cx);
            self.cancel_dropped(now, cx);
            if let Err(error) = self.write(io, now, cx) {
                return Poll::Ready(self.lose(now, &error));
            }
            let full = self.is_full();
            let next = self.pass_on();
            if full && !self.is_full() {
                // There is room for commands that had to wait.
                continue;
            }
            if !handles_left && self.engine.is_idle() {
                return Poll::Ready(Ok(()));
            }
            let next = match next {
                // Only the rest of a line is left, and the port may never take it.
                None if !handles_left => {
                    let until = *self.leaving.get_or_insert(now + TRANSMIT);
                    if until <= now {
                        return Poll::Ready(Ok(()));
                    }
                    Some(until)
                }
                next => next,
            };
            let Some(at) = next else { return Poll::Pending };
            if self.alarm.poll(at.into(), cx).is_pending() {
                return Poll::Pending;
            }
            self.look_for_errors(io);
            self.engine.handle_timeout(now.max(at));
        }
    }

    fn leave(&mut self, now: Instant) {
        self.engine.disconnected(now);
        self.pass_on();
        self.calls.close();
        while let Ok(call) = self.calls.try_recv() {
            call.end(Err(ExchangeError::Disconnected(Certainty::NotSent)), NOT_SENT);
        }
    }

    fn pending(&self) -> usize {
        self.pending.len()
    }
}

impl Loop {
    /// Hands everything that has arrived to the engine, and passes its events on.
    fn read(&mut self, io: &mut dyn Io, now: Instant, cx: &mut Context<'_>) -> io::Result<()> {
        let mut total = 0;
        while total <= READ_AT_ONCE {
            // Not kept: a connection at rest has nothing to read.
            let mut room = [const { MaybeUninit::uninit() }; BUFFER];
            let mut buffer = ReadBuf::uninit(&mut room);
            match Pin::new(&mut *io).poll_read(cx, &mut buffer) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Poll::Ready(Ok(())) => {
                    total += buffer.filled().len();
                    // Before what was read is handed in, so that whoever gets it knows.
                    self.look_for_errors(io);
                    self.log.pass(Direction::FromModule, buffer.filled());
                    self.recording.record(now, Direction::FromModule, buffer.filled());
                    self.engine.handle_input(now, buffer.filled());
                    self.pass_on();
                    if self.events.has_no_room_for(LINES_AT_ONCE, self.longest + BUFFER) {
                        break;
                    }
                }
            }
        }
        // The rest is read after the other tasks had their turn.
        cx.waker().wake_by_ref();
        Ok(())
    }

    /// Looks whether bytes were lost or damaged.
    fn look_for_errors(&mut self, io: &dyn Io) {
        let Some(gauge) = &mut self.gauge else { return };
        if let Some(errors) = gauge.look(|| io.input_errors()) {
            self.events.push(Event::InputErrors(errors));
        }
    }

    /// Writes what the engine wants to send, as far as there is room. It does not flush: a flush would
    /// block the executor until everything is sent.
    fn write(&mut self, io: &mut dyn Io, now: Instant, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.engine.transmit().is_empty() {
            match Pin::new(&mut *io).poll_write(cx, self.engine.transmit()) {
                Poll::Pending => break,
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => {
                    let sent = &self.engine.transmit()[..count];
                    self.log.pass(Direction::ToModule, sent);
                    self.recording.record(now, Direction::ToModule, sent);
                    self.engine.transmitted(now, count);
                }
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes commands while the engine has room. Whether any handle is left.
    fn accept(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        while !self.is_full() {
            let call = match self.calls.poll_recv(cx) {
                Poll::Pending => return true,
                Poll::Ready(None) => return false,
                Poll::Ready(Some(call)) => call,
            };
            let Some(request) = call.begin() else {
                call.left(NOT_SENT);
                continue;
            };
            match self.engine.submit(now, request) {
                Ok(ticket) => self.pending.push((ticket, call)),
                Err(busy) => call.end(Err(ExchangeError::Busy(busy)), NOT_SENT),
            }
        }
        true
    }

    fn is_full(&self) -> bool {
        self.pending.len() >= self.queue_limit
    }

    /// Cancels the commands whose callers have left.
    fn cancel_dropped(&mut self, now: Instant, cx: &mut Context<'_>) {
        let mut index = 0;
        while let Some((ticket, call)) = self.pending.get(index) {
            if call.has_left(cx) {
                let certainty = self.engine.cancel(now, *ticket);
                self.pending.remove(index).1.left(Some(certainty));
            } else {
                index += 1;
            }
        }
    }

    /// Passes on the events of the engine. Returns the next deadline.
    fn pass_on(&mut self) -> Option<Instant> {
        loop {
            match self.engine.poll_output() {
                Output::Wait(timer) => return timer.map(|timer| timer.at),
                Output::Event(Event::Done { ticket, outcome }) => {
                    let found = self.pending.iter().position(|(next, _)| *next == ticket);
                    if let Some(index) = found {
                        self.pending.swap_remove(index).1.end(outcome, None);
                    }
                }
                Output::Event(event) => {
                    self.events.push(event);
                }
            }
        }
    }

    /// The port is gone: everything pending ends.
    fn lose(&mut self, now: Instant, error: &io::Error) -> Result<(), Error> {
        warn!(%error, "the port is gone");
        self.leave(now);
        Err(ExchangeError::Disconnected(Certainty::Unknown).into())
    }
}

const NOT_SENT: Option<Certainty> = Some(Certainty::NotSent);

/// What nearly every answer fits in. Not specified; chosen because the events of what one read brings
/// take memory before they are passed on.
const BUFFER: usize = 512;

/// How many lines one read can bring at most: a line has at least two bytes.
const LINES_AT_ONCE: usize = BUFFER / 2;

/// How many events there can be beside those of the lines: of errors, resets and callers who left.
const OTHER_EVENTS: usize = 2 * crate::engine::QUEUE_LIMIT;

/// After this many bytes in a row, deadlines and other tasks get their turn, however much the module
/// sends.
const READ_AT_ONCE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::io::{AsyncRead, AsyncWrite};

    use super::*;
    use crate::asynch::{Client, Events};
    use crate::engine::InputErrors;
    use crate::m26::At;

    /// A line on which a module says something, and whose driver counts.
    #[derive(Default)]
    struct Line {
        says: &'static [u8],
        errors: Option<InputErrors>,
    }

    impl Io for Line {
        fn input_errors(&self) -> Option<InputErrors> {
            self.errors
        }
    }

    impl AsyncRead for Line {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let said = std::mem::take(&mut self.says);
            if said.is_empty() {
                return Poll::Pending;
            }
            buffer.put_slice(said);
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Line {
        fn poll_write(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn frames(frame: u32) -> InputErrors {
        InputErrors { frame, ..InputErrors::default() }
    }

    /// What the driver tells after one look at the line.
    async fn told(work: &mut Work, line: &mut Line, events: &mut Events) -> Vec<Event> {
        let over = poll_fn(|cx| Poll::Ready(work.poll(line, cx).is_ready())).await;
        assert!(!over);
        let mut told = Vec::new();
        while let Ok(Some(event)) = tokio::time::timeout(Duration::ZERO, events.next()).await {
            told.push(event);
        }
        told
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_port_counts_is_told_before_what_follows_it() {
        let (client, mut events, mut work) =
            Client::begin(Settings::default(), Recording::default(), Span::none());
        let mut line = Line { errors: Some(frames(7)), ..Line::default() };
        assert_eq!(told(&mut work, &mut line, &mut events).await, []);
        (line.says, line.errors) = (b"\r\nRDY\r\n", Some(frames(9)));
        let seen = told(&mut work, &mut line, &mut events).await;
        assert_eq!(seen[0], Event::InputErrors(frames(2)));
        assert!(seen.len() > 1 && !matches!(seen[1], Event::InputErrors(_)), "{seen:?}");
        // An answer of which nothing is left brings no byte: it is noticed when its time is over.
        line.errors = Some(frames(10));
        assert_eq!(told(&mut work, &mut line, &mut events).await, []);
        let asked = client.send(&At);
        let driven = poll_fn(|cx| work.poll(&mut line, cx));
        tokio::select! {
            answer = asked => assert!(answer.is_err()),
            _ = driven => panic!("the driver ended"),
        }
        let told = told(&mut work, &mut line, &mut events).await;
        assert!(told.contains(&Event::InputErrors(frames(1))), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_that_does_not_count_says_nothing() {
        let (_client, mut events, mut work) =
            Client::begin(Settings::default(), Recording::default(), Span::none());
        let mut line = Line { says: b"\r\n+CREG: 1\r\n", errors: None };
        let seen = told(&mut work, &mut line, &mut events).await;
        assert!(matches!(seen[..], [Event::Urc(_)]), "{seen:?}");
    }
}
