//! The exchange state machine: one command on the wire, results awaited beside it, late answers
//! credited to nobody.
//!
//! Nothing in an AT answer says which command it answers. The engine keeps three kinds of input
//! apart, and each needs another proof that it belongs to a command.
//!
//! * **Final results and information lines** belong to the command that is on the wire. Where the
//!   module echoes, they lie between the echo of its line and that of the next; an echo that differs
//!   from the line shows that the module heard something else. Without an echo they belong to the
//!   command as long as every command before it came to a regular end.
//!   If one did not (a deadline passed, `OK` came without what was due before it, …), the *past is
//!   open*: its answer may still come. Nothing of the user's is sent until [fences](self) closed it.
//!   The first is a line with a number that no other line has, so that its echo is its own. The
//!   second is a harmless query that differs from all unanswered ones before it, so that its answer
//!   is its own. The module works on one command at a time, so what comes before belongs to the past.
//! * **Result lines** (`+ALIPAYSIGN: …`) belong to the slot of their prefix, which has at most one
//!   owner. Where one was missed the slot is tainted, and [`Release`] says who may use it next.
//! * **Everything else** is an unsolicited line (URC), or text of unknown meaning. It becomes an event
//!   at once.
//!
//! [`Release`]: crate::at::command::Release

#[cfg(any(feature = "async", feature = "blocking"))]
mod backlog;
mod earlier;
mod echo;
mod ending;
mod event;
mod exchange;
mod failure;
mod fence;
mod finals;
mod input;
mod input_errors;
mod past;
mod queue;
mod reset;
mod results;
mod said;
mod settings;
mod slot;
mod text;
mod timers;

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

#[cfg(feature = "blocking")]
pub(crate) use backlog::held_by;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use backlog::{Backlog, BacklogLimits, Kept};
pub use event::{Event, Output, Ticket, Timer};
pub use failure::{Certainty, ContradictionReason, ExchangeError, SubmitError};
pub use input_errors::InputErrors;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use settings::random;
pub use settings::{
    ANSWER_LIMIT, BOOT, EARLIER, EVENT_BYTES, EVENT_LIMIT, EarlierProgram, FENCE, FENCE_TRIES,
    FINAL_AFTER_RESULT, PAYLOAD, QUEUE_LIMIT, SETTLE, Settings, TRANSMIT, TURN,
};

use crate::at::command::Request;
use crate::at::line::LineSplitter;
use crate::at::profile::Profile;
use earlier::Earlier;
use echo::Echo;
use exchange::{Exchange, Wire};
use fence::Fences;
use finals::Doubled;
use input::own;
use past::Past;
use said::Said;
use slot::Slots;
use text::Text;
use timers::{TimerKind, Timers};

/// Carries out commands, without a port and without a clock.
///
/// # How to drive it
///
/// * **Commands** change what is to be done: [`submit`](Self::submit), [`cancel`](Self::cancel).
/// * **`handle_*`** say what happened: [`handle_input`](Self::handle_input),
///   [`handle_timeout`](Self::handle_timeout), [`transmitted`](Self::transmitted),
///   [`disconnected`](Self::disconnected).
/// * After any of these, call [`poll_output`](Self::poll_output) until it says
///   [`Output::Wait`], and write what [`transmit`](Self::transmit) holds. That is no part of the
///   output, because a driver that cannot write now must be able to wait, and because a line of
///   which no byte has left can still be taken back.
///
/// A driver hands in all input that has arrived before it lets a deadline fire.
///
/// ```
/// use std::time::Instant;
///
/// use m26_pay::at::command::{CommandLine, Request};
/// use m26_pay::engine::{Engine, Event, Output, Settings};
/// use m26_pay::at::profile::Profile;
///
/// let now = Instant::now();
/// let profile = Profile::quectel();
/// let mut engine = Engine::new(now, Settings::new(profile.clone()));
/// let ticket = engine.submit(now, Request::new(CommandLine::execute("").finish(&profile)?))?;
///
/// // What came before is not known, so a fence is sent first.
/// assert_eq!(engine.transmit(), b"AT+CMEE?\r");
/// engine.transmitted(now, 9);
/// engine.handle_input(now, b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
/// assert_eq!(engine.transmit(), b"AT\r");
/// engine.transmitted(now, 3);
/// engine.handle_input(now, b"\r\nOK\r\n");
/// let Output::Event(Event::Done { ticket: done, outcome }) = engine.poll_output() else { panic!() };
/// assert_eq!(done, ticket);
/// assert!(outcome.is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine {
    splitter: LineSplitter,
    core: Core,
}

/// The engine without the splitter. It handles the splitter's frames.
struct Core {
    settings: Settings,
    /// Not many, and seldom any: a command begins at once where nothing is in its way.
    #[allow(clippy::vec_box, reason = "an exchange goes from here to the wire and further")]
    queue: Vec<Box<Exchange>>,
    wire: Wire,
    /// How many bytes at the end of the line on the wire are still to be written.
    unsent: usize,
    /// Commands that had their `OK` and wait for a result.
    #[allow(clippy::vec_box, reason = "an exchange goes from the queue to the wire and here")]
    waiting: Vec<Box<Exchange>>,
    /// The box of a command that has ended, for the next one.
    spare: Option<Box<Exchange>>,
    slots: Slots,
    fences: Fences,
    /// How many fences in a row had no answer.
    unanswered: u32,
    /// Whether an answer of the past may still come.
    past_open: bool,
    /// What was asked in the past that is open, as far as it is known.
    past: Vec<Past>,
    /// Whether the past was ever closed: until then, boot lines do not tell of a reset.
    synchronised: bool,
    echo: Echo,
    doubled: Doubled,
    /// The text of somebody else that goes on, such as a short message.
    text: Option<Text>,
    said: Said,
    /// How often in a row a command was taken back before it was written, because of an answer that
    /// nothing had asked for.
    stepped_back: u32,
    /// What an earlier program at this port was due, if that is not known.
    earlier: Option<Earlier>,
    timers: Timers,
    next_ticket: Ticket,
    events: VecDeque<Event>,
    gone: bool,
}

impl Engine {
    /// An engine for a port that was just opened. What the module was doing is not known, so the
    /// first command is preceded by a fence.
    #[must_use]
    pub fn new(now: Instant, settings: Settings) -> Self {
        let mut timers = Timers::new(now);
        timers.set(TimerKind::Boot, later(now, settings.boot));
        Self {
            splitter: LineSplitter::new(settings.line_limit, settings.profile.counted),
            core: Core {
                queue: Vec::new(),
                wire: Wire::Idle,
                unsent: 0,
                waiting: Vec::new(),
                spare: None,
                slots: Slots::default(),
                fences: Fences::after(
                    &settings.profile,
                    settings.first_fence.unwrap_or(0),
                    settings.fence_number,
                ),
                earlier: Earlier::of(now, &settings),
                timers,
                settings,
                unanswered: 0,
                past_open: true,
                past: Vec::new(),
                synchronised: false,
                echo: Echo::Unknown,
                doubled: Doubled::default(),
                text: None,
                said: Said::default(),
                stepped_back: 0,
                next_ticket: Ticket::first(),
                events: VecDeque::new(),
                gone: false,
            },
        }
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.core.settings.profile
    }

    /// Whether nothing is on the wire, waits for a result or waits to begin.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let core = &self.core;
        matches!(core.wire, Wire::Idle) && core.waiting.is_empty() && core.queue.is_empty()
    }

    /// Whether the command has not ended, and somebody waits for its end.
    #[must_use]
    pub fn is_pending(&self, ticket: Ticket) -> bool {
        let core = &self.core;
        let wire = match &core.wire {
            Wire::Command(exchange) => exchange.owned && exchange.ticket == ticket,
            Wire::Fence(_) | Wire::Idle | Wire::Remainder(_) => false,
        };
        wire || core.waiting.iter().chain(&core.queue).any(|next| next.ticket == ticket)
    }

    /// Adds a command. It begins when those before it have let go of the wire, and ends with an
    /// [`Event::Done`].
    ///
    /// # Errors
    /// If too many wait already.
    pub fn submit(&mut self, now: Instant, request: Request) -> Result<Ticket, SubmitError> {
        let core = &mut self.core;
        if core.queue.len() >= core.settings.queue_limit {
            return Err(SubmitError::Queue { waiting: core.queue.len() });
        }
        let ticket = core.next_ticket.take();
        let exchange = core.exchange(ticket, request);
        if core.gone {
            let failure = ExchangeError::Disconnected(Certainty::NotSent);
            core.done(exchange, Err(failure));
            return Ok(ticket);
        }
        match core.begins_at_once(&exchange.request) {
            true => core.begin(now, exchange),
            false => core.enqueue(now, exchange),
        }
        Ok(ticket)
    }

    /// The caller of a command has left, and no [`Event::Done`] will follow. If no byte of it was
    /// sent it is taken back; otherwise it is carried out and its answer goes to nobody. Which of
    /// the two, is the answer: [`Certainty::NotSent`] or [`Certainty::Unknown`].
    pub fn cancel(&mut self, now: Instant, ticket: Ticket) -> Certainty {
        let certainty = self.core.cancel(now, ticket);
        self.core.begin_next(now);
        certainty
    }

    /// Takes bytes from the module.
    #[inline(never)]
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        let mut input = bytes;
        while let Some(frame) = self.splitter.next(&mut input) {
            self.core.timers.stop(TimerKind::Payload);
            self.core.handle_frame(now, frame);
            // At once, so that no split of the input makes a difference to what begins.
            self.core.begin_next(now);
        }
        let timers = &mut self.core.timers;
        if !self.splitter.awaiting_data() {
            timers.stop(TimerKind::Payload);
        } else if !timers.is_running(TimerKind::Payload) {
            timers.set(TimerKind::Payload, later(now, self.core.settings.payload));
        }
    }

    /// Lets the deadlines fire that have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.core.timers.is_due(TimerKind::Payload, now) {
            self.give_up_data(now);
        }
        self.core.handle_timeout(now);
        self.core.begin_next(now);
    }

    /// Announced data do not come: what came instead is split into lines.
    #[cold]
    fn give_up_data(&mut self, now: Instant) {
        self.splitter.give_up();
        self.handle_input(now, &[]);
    }

    /// What is to be written now. It stays until [`transmitted`](Self::transmitted) says that it
    /// was.
    #[must_use]
    pub fn transmit(&self) -> &[u8] {
        let line = self.core.wire.line();
        line.get(line.len().wrapping_sub(self.core.unsent)..).unwrap_or_default()
    }

    /// The first `count` bytes of [`transmit`](Self::transmit) were written.
    pub fn transmitted(&mut self, now: Instant, count: usize) {
        let count = count.min(self.core.unsent);
        if count > 0 {
            self.core.unsent -= count;
            self.core.transmitted(now, count);
            self.core.begin_next(now);
        }
    }

    /// The module was reset, as the caller found out by asking it. All that was pending ends, and
    /// [`Event::Reset`] follows.
    pub fn module_was_reset(&mut self, now: Instant) {
        self.core.reset_was_told(now);
    }

    /// The port went away. Everything pending ends, and nothing can be submitted any more.
    pub fn disconnected(&mut self, now: Instant) {
        if !self.core.gone {
            self.core.gone = true;
            self.core.abandon(now, ExchangeError::Disconnected);
        }
    }

    /// The next event, or how long to wait.
    pub fn poll_output(&mut self) -> Output {
        match self.core.events.pop_front() {
            Some(event) => Output::Event(event),
            None if self.core.timers.wake_nobody() => Output::Wait(None),
            None => Output::Wait(self.core.next_timer()),
        }
    }
}

/// `now` plus `by`, shortened to what a clock can show: a caller may set any deadline.
// There is more of it than of a call, and there are many.
#[inline(never)]
fn later(now: Instant, by: Duration) -> Instant {
    // By the whole seconds alone: it is asked for each line that is sent.
    now + if by.as_secs() < NEVER.as_secs() { by } else { NEVER }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = &self.core;
        f.debug_struct("Engine")
            .field("profile", &core.settings.profile.name)
            .field("wire", &core.wire)
            .field("waiting", &core.waiting.len())
            .field("queue", &core.queue.len())
            .field("past_open", &core.past_open)
            .finish_non_exhaustive()
    }
}

/// Longer than any terminal runs.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
