//! [`Scheduler`]: which duty of a session may send its command.

use std::time::{Duration, Instant};

use crate::at::command::{Reply, Request};
use crate::engine::{Certainty, ExchangeError, SubmitError};
use crate::flows::{self, Context, Input};
use crate::session::core::Core;
use crate::session::{Duty, Notice, Pass, SessionEvent, Standing, State, Unanswered};

/// The duties of a session. They take turns, and only one command of all of them is under way at a
/// time.
#[derive(Debug, Default)]
pub(super) struct Scheduler {
    entries: Vec<Entry>,
    /// Whose turn it is.
    next: usize,
    /// A caller is about to send something.
    held: bool,
    /// The duties know that the module was restarted since the SDK was opened.
    told_restart: bool,
}

/// A duty, and what it waits for.
#[derive(Debug)]
struct Entry {
    duty: Box<dyn Duty>,
    stage: Stage,
    /// Commands in a row that could not be sent.
    failures: u32,
    /// Until this time nothing is sent for it.
    not_before: Option<Instant>,
    /// Since when its commands are refused because of an outstanding result.
    kept_back: Option<Instant>,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a session has a handful of them")]
enum Stage {
    /// Its next step is due, with this input.
    Due(Input),
    /// It has nothing to do until this time.
    Resting(Option<Instant>),
    /// It goes on at this time.
    Waiting(Option<Instant>),
    /// It wants to send this command.
    Asking(Request),
    /// Its command is under way.
    Sent(Pass),
}

impl Scheduler {
    pub(super) fn attach(&mut self, mut duty: Box<dyn Duty>, now: Instant, state: State) {
        if state == State::Ready {
            duty.notice(now, Notice::Ready);
        }
        let stage = Stage::Due(Input::Begin);
        self.entries.push(Entry { duty, stage, failures: 0, not_before: None, kept_back: None });
    }

    /// Each duty that rests is called.
    pub(super) fn nudge(&mut self) {
        for entry in &mut self.entries {
            if matches!(entry.stage, Stage::Resting(_)) {
                entry.stage = Stage::Due(Input::Begin);
            }
        }
    }

    /// From now on no duty begins another command.
    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    /// The duties go on. Whether one of them may have waited for that.
    pub(super) fn release(&mut self) -> bool {
        std::mem::take(&mut self.held) && !self.entries.is_empty()
    }

    /// Whether a report of an earlier program may still be answered. It is enough that one duty
    /// knows: there is one outbox.
    pub(super) fn unanswered(&self) -> Unanswered {
        let told = |what| self.entries.iter().any(|entry| entry.duty.unanswered() == what);
        [Unanswered::Something, Unanswered::Nothing]
            .into_iter()
            .find(|what| told(*what))
            .unwrap_or_default()
    }

    /// Tells all duties.
    pub(super) fn notice(&mut self, now: Instant, notice: Notice) {
        match notice {
            Notice::Restarted if std::mem::replace(&mut self.told_restart, true) => return,
            Notice::Opened { .. } => self.told_restart = false,
            _ => {}
        }
        for entry in &mut self.entries {
            entry.duty.notice(now, notice);
            if notice == Notice::Ready {
                (entry.failures, entry.not_before, entry.kept_back) = (0, None, None);
            }
        }
    }

    /// Whether a command of a duty is under way.
    pub(super) fn is_serving(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.stage, Stage::Sent(_)))
    }

    /// The command that is next, or when to look again.
    pub(super) fn next(
        &mut self,
        core: &mut Core,
        cx: &Context<'_>,
    ) -> Result<Request, Option<Instant>> {
        if self.held || self.is_serving() {
            return Err(None);
        }
        let mut wake: Option<Instant> = None;
        let count = self.entries.len();
        for offset in 0..count {
            let index = (self.next + offset) % count;
            match self.entries[index].next(core, cx) {
                Ok(request) => {
                    self.next = (index + 1) % count;
                    return Ok(request);
                }
                Err(at) => wake = [wake, at].into_iter().flatten().min(),
            }
        }
        Err(wake)
    }

    /// The command that was under way has ended: the index of its duty, and its pass.
    pub(super) fn take_sent(&mut self) -> Option<(usize, Pass)> {
        self.entries.iter_mut().enumerate().find_map(|(index, entry)| {
            match std::mem::replace(&mut entry.stage, Stage::Resting(None)) {
                Stage::Sent(pass) => Some((index, pass)),
                stage => {
                    entry.stage = stage;
                    None
                }
            }
        })
    }

    /// The prefix of an outstanding result that has blocked the commands of a duty for longer than
    /// `settle`. If a line typed by hand caused that result, the session learns of it only here, and
    /// without this it would block until the module is restarted.
    pub(super) fn kept_back(
        &mut self,
        index: usize,
        now: Instant,
        settle: Duration,
        outcome: &Result<Reply, ExchangeError>,
    ) -> Option<&'static str> {
        let kept_back = &mut self.entries[index].kept_back;
        let Err(ExchangeError::Busy(SubmitError::Outstanding { prefix, .. })) = outcome else {
            *kept_back = None;
            return None;
        };
        let since = *kept_back.get_or_insert(now);
        let lost = since.checked_add(settle).is_some_and(|lost| lost <= now);
        lost.then(|| {
            *kept_back = None;
            *prefix
        })
    }

    /// Gives a duty the outcome of its command.
    pub(super) fn reply(
        &mut self,
        index: usize,
        core: &mut Core,
        cx: &Context<'_>,
        outcome: Result<Reply, ExchangeError>,
    ) {
        self.entries[index].reply(core, cx, outcome);
    }

    /// The session is not ready: what the duties wanted is dropped, and each begins again when the
    /// session is ready. A command that is under way keeps its place until it ends.
    pub(super) fn dismiss(&mut self, core: &mut Core, cx: &Context<'_>) {
        for entry in &mut self.entries {
            match entry.stage {
                Stage::Sent(_) => continue,
                Stage::Asking(_) => {
                    let advice = core.not_ready().1;
                    entry.reply(
                        core,
                        cx,
                        Err(ExchangeError::Busy(SubmitError::NotAllowed { advice })),
                    );
                }
                _ => {}
            }
            entry.stage = Stage::Due(Input::Begin);
        }
    }
}

impl Entry {
    fn next(&mut self, core: &mut Core, cx: &Context<'_>) -> Result<Request, Option<Instant>> {
        let has_come = |at: &Option<Instant>| at.is_some_and(|at| at <= cx.now);
        loop {
            match std::mem::replace(&mut self.stage, Stage::Resting(None)) {
                Stage::Due(input) => self.call(core, cx, input),
                Stage::Resting(at) if has_come(&at) => self.call(core, cx, Input::Begin),
                Stage::Waiting(at) if has_come(&at) => self.call(core, cx, Input::Resume),
                Stage::Asking(mut request) if self.not_before.is_none_or(|at| at <= cx.now) => {
                    match core.permit(&mut request) {
                        Ok(pass) => {
                            self.stage = Stage::Sent(pass);
                            return Ok(request);
                        }
                        Err(refusal) => self.reply(core, cx, Err(refusal.into())),
                    }
                }
                stage => {
                    let at = match &stage {
                        Stage::Asking(_) => self.not_before,
                        Stage::Resting(at) | Stage::Waiting(at) => *at,
                        Stage::Due(_) | Stage::Sent(_) => None,
                    };
                    self.stage = stage;
                    return Err(at);
                }
            }
        }
    }

    /// Its command has ended.
    fn reply(&mut self, core: &mut Core, cx: &Context<'_>, outcome: Result<Reply, ExchangeError>) {
        let not_sent =
            outcome.as_ref().is_err_and(|failure| failure.certainty() == Certainty::NotSent);
        (self.failures, self.not_before) = if not_sent {
            let wait = core.plan.backoff.wait(self.failures).max(SHORTEST);
            (self.failures.saturating_add(1), Some(cx.now.checked_add(wait).unwrap_or(cx.now)))
        } else {
            (0, None)
        };
        self.call(core, cx, Input::Reply(outcome));
    }

    fn call(&mut self, core: &mut Core, cx: &Context<'_>, input: Input) {
        let standing = Standing {
            state: core.state,
            registered: core.health.is_registered(),
            unix_seconds: core.unix_seconds,
        };
        self.stage = match self.duty.step(cx, standing, input) {
            flows::Step::Send(request) => Stage::Asking(request),
            flows::Step::Wait(time) => Stage::Waiting(cx.now.checked_add(time.max(SHORTEST))),
            flows::Step::Report(progress) => {
                core.tell(SessionEvent::Progress(progress));
                Stage::Due(Input::Resume)
            }
            flows::Step::Done(until) => {
                let soonest = cx.now.checked_add(SHORTEST);
                Stage::Resting(
                    until.map(|until| soonest.map_or(until, |soonest| until.max(soonest))),
                )
            }
        };
    }
}

/// Not specified; chosen so that a duty which asks to be called again at once does not keep the
/// session busy.
const SHORTEST: Duration = Duration::from_millis(10);
