//! How the machine serves its duties.

use std::time::{Duration, Instant};

use crate::at::command::{Reply, Request};
use crate::engine::{Busy, Certainty, Failure};
use crate::flows::{self, Context, Input};
use crate::session::observe::status;
use crate::session::work::Job;
use crate::session::{Duty, Event, Machine, Notice, Pass, Standing, State};

/// The duties of a session.
#[derive(Debug, Default)]
pub(super) struct Duties {
    posts: Vec<Post>,
    /// Whose turn it is.
    next: usize,
    /// A caller is about to send something.
    held: bool,
    /// They know that the module was restarted since the SDK was open.
    told_restart: bool,
    unix_seconds: Option<i64>,
}

/// A duty, and how far it is.
#[derive(Debug)]
struct Post {
    duty: Box<dyn Duty>,
    stage: Stage,
    /// Commands in a row that could not be sent.
    failures: u32,
    /// Before that time nothing is sent for it.
    not_before: Option<Instant>,
    /// Since when its commands are refused because an earlier result has not come.
    kept_back: Option<Instant>,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a session has a handful of them")]
enum Stage {
    /// It is called with this when it is its turn.
    Due(Input),
    /// It has nothing to do until then.
    Resting(Option<Instant>),
    /// It waits, and then goes on.
    Waiting(Option<Instant>),
    /// This is to be sent.
    Asking(Request),
    /// Its command is under way.
    Sent(Pass),
}

impl Machine {
    /// Has the session do this by itself, from now on. Attached before the session begins, a duty
    /// misses nothing; later it is told at once if the session is ready.
    pub fn attach(&mut self, mut duty: Box<dyn Duty>) {
        if self.state == State::Ready {
            duty.notice(self.now, Notice::Ready);
        }
        let stage = Stage::Due(Input::Begin);
        let post = Post { duty, stage, failures: 0, not_before: None, kept_back: None };
        self.duties.posts.push(post);
        self.look_again();
    }

    /// There may be something to do for a duty: each that rests is asked at once, if the session is
    /// ready.
    pub fn nudge(&mut self) {
        for post in &mut self.duties.posts {
            if matches!(post.stage, Stage::Resting(_)) {
                post.stage = Stage::Due(Input::Begin);
            }
        }
        self.look_again();
    }

    /// While a caller is about to send something, no duty begins another command.
    pub fn hold_duties(&mut self, hold: bool) {
        let released = self.duties.held && !hold;
        self.duties.held = hold;
        if released && !self.duties.posts.is_empty() {
            self.look_again();
        }
    }

    /// What came of the command of [`Step::Entrust`](crate::session::Step::Entrust). It is due for
    /// each of them, once and before what happened after it: before the events of the engine that
    /// came later, and before the end of the port. `unix_seconds` is what the host's clock shows.
    pub fn entrusted(
        &mut self,
        cx: &Context<'_>,
        unix_seconds: Option<i64>,
        outcome: Result<Reply, Failure>,
    ) {
        self.duties.unix_seconds = unix_seconds;
        let is_sent = |post: &Post| matches!(post.stage, Stage::Sent(_));
        let Some(index) = self.duties.posts.iter().position(is_sent) else { return };
        let stage = std::mem::replace(&mut self.duties.posts[index].stage, Stage::Resting(None));
        if let Stage::Sent(pass) = stage {
            self.note(cx.now, &pass, &outcome);
            let code = outcome.as_ref().ok().and_then(status);
            if let Some(code) = code.filter(|code| !matches!(code, 0 | 7)) {
                let name = pass.demand.results().next().unwrap_or_default();
                self.health.counters.failures += 1;
                self.health.last_error = Some(format!("AT{name} of a duty answered {code}"));
            }
            self.judge(index, cx.now, &outcome);
        }
        self.reply(index, cx, outcome);
        if self.state != State::Ready {
            self.dismiss(cx);
        }
        self.look_again();
    }

    /// Tells all duties.
    pub(super) fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Restarted if std::mem::replace(&mut self.duties.told_restart, true) => return,
            Notice::Opened { .. } => self.duties.told_restart = false,
            _ => {}
        }
        for post in &mut self.duties.posts {
            post.duty.notice(self.now, notice);
            if notice == Notice::Ready {
                (post.failures, post.not_before, post.kept_back) = (0, None, None);
            }
        }
    }

    /// Whether a command of a duty is under way.
    pub(super) fn is_serving(&self) -> bool {
        self.duties.posts.iter().any(|post| matches!(post.stage, Stage::Sent(_)))
    }

    pub(super) fn see_clock(&mut self, now: Instant, unix_seconds: Option<i64>) {
        self.now = now;
        self.duties.unix_seconds = unix_seconds;
    }

    /// The command that is next, or when to look again.
    pub(super) fn serve(&mut self, cx: &Context<'_>) -> Result<Request, Option<Instant>> {
        if self.duties.held || self.is_serving() {
            return Err(None);
        }
        let mut wake: Option<Instant> = None;
        let count = self.duties.posts.len();
        for offset in 0..count {
            let index = (self.duties.next + offset) % count;
            match self.serve_one(index, cx) {
                Ok(request) => {
                    self.duties.next = (index + 1) % count;
                    return Ok(request);
                }
                Err(at) => wake = [wake, at].into_iter().flatten().min(),
            }
        }
        Err(wake)
    }

    fn serve_one(&mut self, index: usize, cx: &Context<'_>) -> Result<Request, Option<Instant>> {
        let has_come = |at: &Option<Instant>| at.is_some_and(|at| at <= cx.now);
        loop {
            let post = &mut self.duties.posts[index];
            match std::mem::replace(&mut post.stage, Stage::Resting(None)) {
                Stage::Due(input) => self.call(index, cx, input),
                Stage::Resting(at) if has_come(&at) => self.call(index, cx, Input::Begin),
                Stage::Waiting(at) if has_come(&at) => self.call(index, cx, Input::Resume),
                Stage::Asking(request) if post.not_before.is_none_or(|at| at <= cx.now) => {
                    match self.permit(&request) {
                        Ok(pass) => {
                            self.duties.posts[index].stage = Stage::Sent(pass);
                            return Ok(request);
                        }
                        Err(refusal) => self.reply(index, cx, Err(refusal.into())),
                    }
                }
                stage => {
                    let at = match &stage {
                        Stage::Asking(_) => post.not_before,
                        Stage::Resting(at) | Stage::Waiting(at) => *at,
                        Stage::Due(_) | Stage::Sent(_) => None,
                    };
                    post.stage = stage;
                    return Err(at);
                }
            }
        }
    }

    /// The session is not ready: what the duties wanted of it is off, and each begins again when it
    /// is. A command that is under way has its end.
    pub(super) fn dismiss(&mut self, cx: &Context<'_>) {
        for index in 0..self.duties.posts.len() {
            match self.duties.posts[index].stage {
                Stage::Sent(_) => continue,
                Stage::Asking(_) => {
                    let advice = self.not_ready().1;
                    self.reply(index, cx, Err(Failure::Busy(Busy::NotAllowed { advice })));
                }
                _ => {}
            }
            self.duties.posts[index].stage = Stage::Due(Input::Begin);
        }
    }

    /// A result that does not come keeps others of its kind back until the module is restarted. One
    /// that was due to a line typed by hand is not known to the session otherwise.
    fn judge(&mut self, index: usize, now: Instant, outcome: &Result<Reply, Failure>) {
        let kept_back = &mut self.duties.posts[index].kept_back;
        let Err(Failure::Busy(Busy::Outstanding { prefix, .. })) = outcome else {
            *kept_back = None;
            return;
        };
        let since = *kept_back.get_or_insert(now);
        let lost = since.checked_add(self.plan.settle).is_some_and(|lost| lost <= now);
        if lost && self.state == State::Ready {
            *kept_back = None;
            self.never_came(vec![prefix]);
        }
    }

    /// Its command has ended.
    fn reply(&mut self, index: usize, cx: &Context<'_>, outcome: Result<Reply, Failure>) {
        let not_sent =
            outcome.as_ref().is_err_and(|failure| failure.certainty() == Certainty::NotSent);
        let post = &mut self.duties.posts[index];
        (post.failures, post.not_before) = if not_sent {
            let wait = self.plan.backoff.wait(post.failures).max(SHORTEST);
            (post.failures.saturating_add(1), Some(cx.now.checked_add(wait).unwrap_or(cx.now)))
        } else {
            (0, None)
        };
        self.call(index, cx, Input::Reply(outcome));
    }

    fn call(&mut self, index: usize, cx: &Context<'_>, input: Input) {
        let standing = Standing {
            state: self.state,
            registered: self.health.is_registered(),
            unix_seconds: self.duties.unix_seconds,
        };
        let stage = match self.duties.posts[index].duty.step(cx, standing, input) {
            flows::Step::Send(request) => Stage::Asking(request),
            flows::Step::Wait(time) => Stage::Waiting(cx.now.checked_add(time.max(SHORTEST))),
            flows::Step::Report(progress) => {
                self.tell(Event::Progress(progress));
                Stage::Due(Input::Resume)
            }
            flows::Step::Done(until) => {
                let soonest = cx.now.checked_add(SHORTEST);
                Stage::Resting(
                    until.map(|until| soonest.map_or(until, |soonest| until.max(soonest))),
                )
            }
        };
        self.duties.posts[index].stage = stage;
    }

    /// Has the driver come back at once, if it only waits.
    fn look_again(&mut self) {
        if matches!(self.job, Job::Resting | Job::ToRestart | Job::ToShut) {
            self.epoch += 1;
        }
    }
}

/// Not specified; chosen so that a duty which asks to be called again at once lets the time pass.
const SHORTEST: Duration = Duration::from_millis(10);
