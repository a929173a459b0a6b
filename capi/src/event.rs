//! What happened without being asked for.

use m26_pay::engine::Event;
use m26_pay::session::{SessionEvent, State};

use crate::boundary::give;
use crate::memory::{Texts, m26pay_memory};
use crate::module::{self, m26pay_module};
use crate::pointer::Out;
use crate::status::m26pay_status;
use crate::text::m26pay_str;
use crate::time::timeout;

/// What an event is. Later versions may add kinds.
pub type m26pay_event_kind = i32;

/// Of a kind that this version has no number for: the text says what it is.
pub const M26PAY_EVENT_OTHER: m26pay_event_kind = 0;
/// So many events, `count`, were dropped because nobody read them.
pub const M26PAY_EVENT_MISSED: m26pay_event_kind = 1;
/// A line that belongs to no command.
pub const M26PAY_EVENT_URC: m26pay_event_kind = 2;
/// The answer to a command that had ended before. It is given to no command.
pub const M26PAY_EVENT_LATE: m26pay_event_kind = 3;
/// A result that nothing asked for.
pub const M26PAY_EVENT_STRAY: m26pay_event_kind = 4;
/// A line that somebody else wrote, such as a short message: what it says means nothing.
pub const M26PAY_EVENT_TEXT: m26pay_event_kind = 5;
/// A line that cannot be read.
pub const M26PAY_EVENT_MALFORMED: m26pay_event_kind = 6;
/// The module was reset: the SDK is closed. A session makes it ready again.
pub const M26PAY_EVENT_RESET: m26pay_event_kind = 7;
/// The module answers nothing any more.
pub const M26PAY_EVENT_SILENT: m26pay_event_kind = 8;
/// Bytes from the module were lost or damaged on their way; the text says how many.
pub const M26PAY_EVENT_INPUT_ERRORS: m26pay_event_kind = 9;
/// How far a session is on its way to ready.
pub const M26PAY_EVENT_PROGRESS: m26pay_event_kind = 10;
/// A session went `from` one state `to` another.
pub const M26PAY_EVENT_TRANSITION: m26pay_event_kind = 11;
/// Somebody should look at it; the session goes on.
pub const M26PAY_EVENT_WARNING: m26pay_event_kind = 12;

/// Where a session stands. Later versions may add states.
pub type m26pay_session_state = i32;

/// There is no port; it is opened (again) after a while.
pub const M26PAY_STATE_DISCONNECTED: m26pay_session_state = 0;
/// The port is being opened.
pub const M26PAY_STATE_CONNECTING: m26pay_session_state = 1;
/// The module is called.
pub const M26PAY_STATE_SYNCHRONISING: m26pay_session_state = 2;
/// SIM, signal, network and clock are waited for.
pub const M26PAY_STATE_BRINGING_UP: m26pay_session_state = 3;
/// The SDK's configuration is read, and set if it may be.
pub const M26PAY_STATE_CONFIGURING: m26pay_session_state = 4;
/// The SDK is started.
pub const M26PAY_STATE_OPENING: m26pay_session_state = 5;
/// The SDK is open; the bizTid is waited for, or the result of an earlier signature.
pub const M26PAY_STATE_IDENTIFYING: m26pay_session_state = 6;
/// Payments can be signed and reported.
pub const M26PAY_STATE_READY: m26pay_session_state = 7;
/// The SDK is being closed, as the caller wanted.
pub const M26PAY_STATE_SHUTTING_DOWN: m26pay_session_state = 8;
/// The SDK is closed, as the caller wanted. Nothing happens by itself any more.
pub const M26PAY_STATE_SHUT: m26pay_session_state = 9;
/// The module is restarted.
pub const M26PAY_STATE_RESTARTING: m26pay_session_state = 10;
/// Given up. A restart of the module, a lost port or `m26pay_session_resume` leads out of it.
pub const M26PAY_STATE_FAILED: m26pay_session_state = 11;
/// A state that this version has no number for.
pub const M26PAY_STATE_OTHER: m26pay_session_state = 12;

/// For a time-out: for ever.
pub const M26PAY_FOREVER: u64 = u64::MAX;

/// Something that happened. `memory` is to be freed by `m26pay_memory_free`; in a callback it is not, and
/// the texts live as long as the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_event {
    /// What it is.
    pub kind: m26pay_event_kind,
    /// Of a transition: where the session stood.
    pub from: m26pay_session_state,
    /// Of a transition: where it stands now.
    pub to: m26pay_session_state,
    /// How many events were missed.
    pub count: u64,
    /// The event for a log. It holds no secret.
    pub text: m26pay_str,
    /// The line, as the module wrote it, which need not be UTF-8 and can hold personal data; (NULL, 0) if
    /// the event has none.
    pub line: m26pay_str,
    /// Where the texts live.
    pub memory: m26pay_memory,
}

/// The next event of a client or a session: waits at most so many milliseconds, or `M26PAY_FOREVER`.
/// `M26PAY_NOTHING` if there was none. `event->memory` is to be freed.
///
/// A client, and a session without a thread of its own, work while they wait; 0 takes what is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_next_event(
    module: m26pay_module,
    milliseconds: u64,
    event: *mut m26pay_event,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("event", event) }?;
        let told = module::get(module)?.next_event(timeout(milliseconds))?;
        Ok(told.map(|told| to.write(told.keep())))
    })
}

/// An event on its way to the caller.
pub(crate) struct Told {
    event: m26pay_event,
    texts: Texts,
    text: crate::memory::Place,
    line: Option<crate::memory::Place>,
}

impl Told {
    /// Keeps its texts until the caller frees them.
    pub(crate) fn keep(self) -> m26pay_event {
        let placed = self.texts.keep();
        m26pay_event {
            text: placed.get(self.text),
            line: placed.optional(self.line),
            memory: placed.memory,
            ..self.event
        }
    }

    /// Shows it while a call lasts.
    pub(crate) fn show(&self, to: impl FnOnce(&m26pay_event)) {
        to(&m26pay_event {
            text: self.texts.get(self.text),
            line: self.texts.optional(self.line),
            ..self.event
        });
    }

    fn new(kind: m26pay_event_kind, text: &str) -> Self {
        let mut texts = Texts::default();
        let text = texts.add(text);
        let event = m26pay_event {
            kind,
            from: M26PAY_STATE_OTHER,
            to: M26PAY_STATE_OTHER,
            count: 0,
            text: m26pay_str::NONE,
            line: m26pay_str::NONE,
            memory: m26pay_memory { id: 0 },
        };
        Self { event, texts, text, line: None }
    }
}

impl From<&Event> for Told {
    fn from(event: &Event) -> Self {
        let (kind, line) = match event {
            Event::Late(line) => (M26PAY_EVENT_LATE, Some(line)),
            Event::Malformed(line) => (M26PAY_EVENT_MALFORMED, Some(line)),
            Event::Stray(line) => (M26PAY_EVENT_STRAY, Some(line)),
            Event::Text(line) => (M26PAY_EVENT_TEXT, Some(line)),
            Event::Urc(line) => (M26PAY_EVENT_URC, Some(line)),
            Event::Missed(_) => (M26PAY_EVENT_MISSED, None),
            Event::InputErrors(_) => (M26PAY_EVENT_INPUT_ERRORS, None),
            Event::Reset => (M26PAY_EVENT_RESET, None),
            Event::Silent => (M26PAY_EVENT_SILENT, None),
            _ => (M26PAY_EVENT_OTHER, None),
        };
        let mut told = Self::new(kind, &event.to_string());
        if let Event::Missed(count) = event {
            told.event.count = *count;
        }
        told.line = line.map(|line| told.texts.add_bytes(line.as_bytes()));
        told
    }
}

impl From<&SessionEvent> for Told {
    fn from(event: &SessionEvent) -> Self {
        match event {
            SessionEvent::Module(event) => event.into(),
            SessionEvent::Missed(count) => {
                let mut told = Self::new(M26PAY_EVENT_MISSED, &event.to_string());
                told.event.count = *count;
                told
            }
            SessionEvent::Transition(transition) => {
                let mut told = Self::new(M26PAY_EVENT_TRANSITION, &event.to_string());
                (told.event.from, told.event.to) = (state(transition.from), state(transition.to));
                told
            }
            SessionEvent::Progress(_) => Self::new(M26PAY_EVENT_PROGRESS, &event.to_string()),
            SessionEvent::Warning(_) => Self::new(M26PAY_EVENT_WARNING, &event.to_string()),
            _ => Self::new(M26PAY_EVENT_OTHER, &event.to_string()),
        }
    }
}

/// The number of a state.
pub(crate) fn state(state: State) -> m26pay_session_state {
    match state {
        State::Disconnected => M26PAY_STATE_DISCONNECTED,
        State::Connecting => M26PAY_STATE_CONNECTING,
        State::Synchronising => M26PAY_STATE_SYNCHRONISING,
        State::BringingUp => M26PAY_STATE_BRINGING_UP,
        State::Configuring => M26PAY_STATE_CONFIGURING,
        State::Opening => M26PAY_STATE_OPENING,
        State::Identifying => M26PAY_STATE_IDENTIFYING,
        State::Ready => M26PAY_STATE_READY,
        State::ShuttingDown => M26PAY_STATE_SHUTTING_DOWN,
        State::Shut => M26PAY_STATE_SHUT,
        State::Restarting { .. } => M26PAY_STATE_RESTARTING,
        State::Failed => M26PAY_STATE_FAILED,
        _ => M26PAY_STATE_OTHER,
    }
}
