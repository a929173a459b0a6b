//! The blocking client: [`Engine`] and port in one short loop. The limits of a connection's memory
//! are in the [guide](crate#memory-and-rest).

mod bell;
mod host;
mod inbox;
mod pending;
mod port;
mod serial;
mod session;
#[cfg(feature = "sim")]
mod virtual_port;

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use crate::log::{Span, debug, warn};

pub use host::Host;
pub use pending::Pending;
pub use port::{Descriptor, Interest, Port};
pub use serial::SerialPort;
pub use session::{Call, Nudger, Session, SessionDriver, SessionHandle};

use crate::at::command::{Command, Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{
    BacklogLimits, Certainty, Engine, Event, ExchangeError, Output, Settings, SubmitError, Ticket,
};
use crate::error::Error;
use crate::flows::Synchronise;
use crate::flows::{Context, Flow, Input, Progress, Step};
use crate::serial::{Gauge, SerialSettings};
use crate::transcript::{Direction, LineLog, Record, Recorder};
use bell::Ear;
use inbox::Inbox;
use pending::Submitted;

/// A connection to a module, over any [`Port`].
///
/// The client works only while one of its methods runs. Between calls the system keeps what arrives. If
/// that was too much for it, or bytes were damaged on the line, the driver of a serial port counts it,
/// and the next event is [`Event::InputErrors`].
///
/// ```no_run
/// use m26_pay::blocking::Client;
/// use m26_pay::m26::ReadSignal;
///
/// let mut client = Client::open("/dev/ttyUSB0")?;
/// println!("{:?}", client.send(&ReadSignal)?.dbm());
/// # Ok::<(), m26_pay::error::Error>(())
/// ```
pub struct Client<P = SerialPort> {
    port: P,
    engine: Engine,
    timeout: Option<Duration>,
    inbox: Inbox,
    /// How many answers are kept for callers who do not come for them.
    answer_limit: usize,
    submitted: Submitted,
    /// How many bytes were read since a deadline has passed.
    overdue: usize,
    gone: bool,
    gauge: Gauge,
    recorder: Option<Box<dyn Record>>,
    log: LineLog,
    span: Span,
    /// Where the handles of a session are heard.
    ear: Option<Ear>,
}

impl Client<SerialPort> {
    /// Opens a serial port (115200 8N1, exclusive) and waits until the module answers.
    ///
    /// # Errors
    /// If the port cannot be opened, with what to do; or if nothing answers at it.
    pub fn open(path: &str) -> Result<Self, Error> {
        let port = SerialPort::open(path, &SerialSettings::default())?;
        let mut client = Self::connect(port, Settings::default());
        client.run(Synchronise::default())?;
        Ok(client)
    }
}

impl<P: Port> Client<P> {
    /// A client for a port. Nothing is sent: see [`Synchronise`].
    #[must_use]
    pub fn connect(port: P, settings: Settings) -> Self {
        let span = settings.span();
        Self::connect_within(port, settings, span)
    }

    fn connect_within(port: P, mut settings: Settings, span: Span) -> Self {
        settings.begin_fences(0, || port.random());
        let (inbox, answer_limit) =
            (Inbox::new(BacklogLimits::of(&settings)), settings.answer_limit);
        let engine = Engine::new(port.now(), settings);
        let gauge = Gauge::new(port.input_errors());
        Self {
            port,
            engine,
            timeout: None,
            inbox,
            answer_limit,
            submitted: Submitted::default(),
            overdue: 0,
            gone: false,
            gauge,
            recorder: None,
            log: LineLog::default(),
            span,
            ear: None,
        }
    }

    /// Sets how long each exchange may take, from its first byte sent to its last line, instead of the
    /// documented deadlines; `None` means those. The calls of [`Synchronise`] keep their own.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        self.engine.profile()
    }

    /// The engine, for its state.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Records what passes from now on, without secrets.
    pub fn record(&mut self, to: impl io::Write + Send + 'static) {
        self.recorder = Some(Box::new(Recorder::new(to, self.port.now())));
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// [`Error::certainty`] says whether the command was carried out.
    pub fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        let request = command.request(self.engine.profile())?;
        let reply = self.exchange(request)?;
        Ok(command.decode(&reply)?)
    }

    /// Submits a command without waiting for its answer. It is sent after those before it.
    ///
    /// # Errors
    /// If it cannot be sent, or too many wait already. Nothing was sent then.
    pub fn submit<C: Command>(&mut self, command: C) -> Result<Pending<C>, Error> {
        let request = command.request(self.engine.profile())?;
        let ticket = self.begin(request)?;
        Ok(self.submitted.add(ticket, command))
    }

    /// Waits for the answer to a command of this client.
    ///
    /// # Errors
    /// As [`send`](Self::send). For a command of another client it is
    /// [`ExchangeError::Disconnected`].
    pub fn wait<C: Command>(&mut self, pending: Pending<C>) -> Result<C::Response, Error> {
        let reply = self.wait_for(pending.ticket)?;
        Ok(pending.command.decode(&reply)?)
    }

    /// Cancels a command. If no byte of it was sent, none will be ([`Certainty::NotSent`]). Otherwise
    /// the module carries it out, and its answer goes to nobody ([`Certainty::Unknown`], even if the
    /// answer has come already).
    pub fn cancel<C>(&mut self, pending: Pending<C>) -> Certainty {
        let _span = self.span.clone().entered();
        // It may have ended.
        let _ = self.collect(None);
        self.submitted.take(pending.ticket);
        self.engine.cancel(self.port.now(), pending.ticket)
    }

    /// Runs a flow to its end.
    pub fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        self.run_with(flow, |progress| debug!("{progress}"))
    }

    /// Runs a flow to its end, and reports its progress.
    pub fn run_with<F: Flow>(
        &mut self,
        mut flow: F,
        mut report: impl FnMut(Progress),
    ) -> F::Output {
        let _span = self.span.clone().entered();
        let mut input = Input::Begin;
        loop {
            let cx = Context { now: self.port.now(), profile: self.engine.profile() };
            input = match flow.step(&cx, input) {
                Step::Send(request) => Input::Reply(self.exchange(request)),
                Step::Wait(time) => {
                    let until = self.port.now().checked_add(time);
                    while until.is_none_or(|until| self.port.now() < until) && !self.gone {
                        let timer = self.collect(None).err();
                        self.turn(timer.flatten(), until);
                    }
                    Input::Resume
                }
                Step::Report(progress) => {
                    report(progress);
                    Input::Resume
                }
                Step::Done(output) => return output,
            };
        }
    }

    /// Waits for the next event, at most for `timeout`; without a timeout it waits for ever. `None` if
    /// there was none.
    ///
    /// # Errors
    /// If the port is gone and all events have been read.
    pub fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<Event>, Error> {
        let until = timeout.and_then(|timeout| self.port.now().checked_add(timeout));
        let _span = self.span.clone().entered();
        self.read_all();
        loop {
            let timer = self.collect(None).err().flatten();
            if let Some(event) = self.take_event() {
                return Ok(Some(event));
            }
            if self.gone {
                return Err(ExchangeError::Disconnected(Certainty::NotSent).into());
            }
            if until.is_some_and(|until| until <= self.port.now()) {
                return Ok(None);
            }
            self.turn(timer, until);
        }
    }

    /// The next event that was read along with the answers so far. It does not read from the port, so
    /// right after an answer this is an event that came before the answer.
    pub fn take_event(&mut self) -> Option<Event> {
        self.inbox.take()
    }

    /// Gives the port back. What is pending is lost.
    #[must_use]
    pub fn into_port(self) -> P {
        self.port
    }

    /// Sends a request and waits for its reply: what all commands share, so that it is there once.
    #[inline(never)]
    fn exchange(&mut self, request: Request) -> Result<Reply, ExchangeError> {
        let ticket = self.begin(request)?;
        self.wait_for(ticket)
    }

    fn begin(&mut self, request: Request) -> Result<Ticket, ExchangeError> {
        let _span = self.span.clone().entered();
        let (waiting, bytes) = self.submitted.kept();
        if waiting >= self.answer_limit || bytes > ANSWER_BYTES {
            return Err(ExchangeError::Busy(SubmitError::Queue { waiting }));
        }
        // What came before this command must not be taken for its answer.
        self.read_all();
        let timeout = if request.probe { None } else { self.timeout };
        let request = request.timeout(timeout);
        let ticket = self.engine.submit(self.port.now(), request).map_err(ExchangeError::Busy)?;
        self.write();
        Ok(ticket)
    }

    fn wait_for(&mut self, ticket: Ticket) -> Result<Reply, ExchangeError> {
        if let Some(outcome) = self.submitted.take(ticket) {
            return outcome;
        }
        let _span = self.span.clone().entered();
        loop {
            match self.collect(Some(ticket)) {
                Ok(outcome) => return outcome,
                // It was submitted to another connection.
                Err(_) if !self.engine.is_pending(ticket) => {
                    return Err(ExchangeError::Disconnected(Certainty::Unknown));
                }
                Err(timer) => self.turn(timer, None),
            }
        }
    }

    /// Submits a request whose caller will ask whether it has ended.
    fn entrust(&mut self, request: Request) -> Result<Pending<()>, ExchangeError> {
        let ticket = self.begin(request)?;
        Ok(self.submitted.add(ticket, ()))
    }

    /// The outcome of a command that was entrusted, or until when to wait.
    #[allow(clippy::type_complexity, reason = "a private answer: over, or how long to wait")]
    fn poll(&mut self, ticket: Ticket) -> Result<Result<Reply, ExchangeError>, Option<Instant>> {
        if let Some(outcome) = self.submitted.take_ended(ticket) {
            return Ok(outcome);
        }
        let outcome = self.collect(Some(ticket))?;
        self.submitted.take(ticket);
        Ok(outcome)
    }

    /// The outcome of an entrusted command, if it has come.
    fn take_ended(&mut self, pending: &Pending<()>) -> Option<Result<Reply, ExchangeError>> {
        match self.submitted.take_ended(pending.ticket) {
            None if self.gone => Some(Err(ExchangeError::Disconnected(Certainty::Unknown))),
            outcome => outcome,
        }
    }

    fn now(&self) -> Instant {
        self.port.now()
    }

    /// Takes the events of the engine, up to the end of the command that is waited for, so that later
    /// events stay behind it. `Err` is until when to wait.
    #[allow(clippy::type_complexity, reason = "a private answer: over, or how long to wait")]
    fn collect(
        &mut self,
        wanted: Option<Ticket>,
    ) -> Result<Result<Reply, ExchangeError>, Option<Instant>> {
        loop {
            match self.engine.poll_output() {
                Output::Event(Event::Done { ticket, outcome }) => {
                    if wanted == Some(ticket) {
                        return Ok(outcome);
                    }
                    if let Some(line) = self.submitted.ended(ticket, outcome) {
                        self.keep(Event::Late(line));
                    }
                }
                Output::Event(event) => self.keep(event),
                Output::Wait(timer) => return Err(timer.map(|timer| timer.at)),
            }
        }
    }

    #[inline(never)]
    fn keep(&mut self, event: Event) {
        self.inbox.put(self.port.now(), event);
    }

    /// Waits once: for input, for room to write, or for the earlier of two times.
    fn turn(&mut self, timer: Option<Instant>, until: Option<Instant>) {
        let unsent = self.engine.transmit().len();
        let blocked = self.write();
        if self.gone || self.engine.transmit().len() != unsent {
            // There may be another deadline now.
            return;
        }
        let now = self.port.now();
        let deadline = [timer, until].into_iter().flatten().min();
        if timer.is_some_and(|timer| timer <= now) {
            // What has arrived counts before the deadline does.
            let count = self.read();
            self.overdue += count;
            if count < READ || self.overdue > READ_AT_ONCE {
                self.look_for_errors();
                self.overdue = 0;
                self.engine.handle_timeout(self.port.now());
            }
            return;
        }
        self.overdue = 0;
        let interest = if blocked { Interest::ReadOrWrite } else { Interest::Read };
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(now));
        let readable = match &self.ear {
            Some(ear) => self.port.wait_or_wake(interest, timeout, ear.as_fd()),
            None => self.port.wait(interest, timeout),
        };
        match readable {
            Ok(true) => {
                self.read();
            }
            Ok(false) => {}
            Err(error) => self.lose(&error),
        }
    }

    /// Writes what the engine wants to send. `true` if the port has no room for all of it.
    fn write(&mut self) -> bool {
        while !self.engine.transmit().is_empty() && !self.gone {
            match self.port.write(self.engine.transmit()) {
                Ok(0) => self.lose(&io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    let now = self.port.now();
                    let bytes = &self.engine.transmit()[..count];
                    self.log.pass(Direction::ToModule, bytes);
                    if let Some(recorder) = &mut self.recorder {
                        recorder.pass(now, Direction::ToModule, bytes);
                    }
                    self.engine.transmitted(now, count);
                }
                Err(error) if would_block(&error) => return true,
                Err(error) => self.lose(&error),
            }
        }
        false
    }

    /// Reads what is there, up to [`READ`] bytes. How many there were. The buffer is not kept: a
    /// connection at rest has nothing to read.
    fn read(&mut self) -> usize {
        let mut buffer = [0; READ];
        if self.gone {
            return 0;
        }
        match self.port.read(&mut buffer) {
            Ok(0) => self.lose(&io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.look_for_errors();
                let (now, bytes) = (self.port.now(), &buffer[..count]);
                self.log.pass(Direction::FromModule, bytes);
                if let Some(recorder) = &mut self.recorder {
                    recorder.pass(now, Direction::FromModule, bytes);
                }
                self.engine.handle_input(now, bytes);
                return count;
            }
            Err(error) if would_block(&error) => {}
            Err(error) => self.lose(&error),
        }
        0
    }

    /// Reads what arrived between calls.
    fn read_all(&mut self) {
        let mut total = 0;
        loop {
            let count = self.read();
            total += count;
            if count < READ || total > READ_AT_ONCE {
                break;
            }
            // After each read, so that the memory is bounded.
            let _ = self.collect(None);
        }
    }

    /// Looks whether bytes were lost or damaged. Before what was read is handed in, so that whoever
    /// gets it knows.
    fn look_for_errors(&mut self) {
        if let Some(errors) = self.gauge.look(|| self.port.input_errors()) {
            self.keep(Event::InputErrors(errors));
        }
    }

    fn lose(&mut self, error: &io::Error) {
        warn!(%error, "the port is gone");
        self.leave();
    }

    /// The port is of no use any more: whatever waits for an answer ends.
    fn leave(&mut self) {
        self.gone = true;
        self.engine.disconnected(self.port.now());
    }
}

impl<P: fmt::Debug> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("port", &self.port)
            .field("engine", &self.engine)
            .field("events", &self.inbox.len())
            .finish_non_exhaustive()
    }
}

fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// What nearly every answer fits in. Not specified; chosen because the room for it is cleared before
/// each read, and the events of what one read brings take memory before they are passed on.
const READ: usize = 512;

/// After this many bytes in a row a deadline gets its turn, however much the module sends.
const READ_AT_ONCE: usize = 64 * 1024;

/// No command begins while answers for which nobody came take more. Not specified; chosen because a
/// hundred usual ones fit in, and memory must be bounded.
const ANSWER_BYTES: usize = 32 * 1024;
