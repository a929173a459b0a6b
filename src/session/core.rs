//! What all phases of a session share.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::log::{info, warn};

use crate::at::command::{Command, Reply, Request};
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress};
use crate::session::bring_up::Again;
use crate::session::clock::ClockWatch;
use crate::session::phase::Turn;
use crate::session::sdk::Sdk;
use crate::session::shut_down::Closing;
use crate::session::{
    Health, MachineStep, Notice, Plan, SessionEvent, State, Transition, Unanswered, Warning,
};

/// What a session knows, whatever its state.
pub(super) struct Core {
    pub(super) plan: Plan,
    pub(super) state: State,
    /// How many times in a row it waited for another attempt.
    pub(super) attempts: u32,
    /// How long to wait before the work of the state begins.
    pub(super) delay: Option<Duration>,
    /// Restarts since the session was last ready.
    pub(super) restarts: u32,
    /// Bring-ups in a row that failed because there was no SIM or no network.
    pub(super) not_up: u32,
    /// What fell short in the last bring-up.
    pub(super) again: Again,
    pub(super) clock: ClockWatch,
    /// The module has a setting that it forgets when it starts: AT+CGREG=1.
    pub(super) marked: bool,
    pub(super) connected: bool,
    /// Whether a report of an earlier program may still be answered.
    pub(super) unanswered: Unanswered,
    /// When the module has first answered this session. It had begun by then on all that earlier programs
    /// asked for.
    pub(super) first_answered: Option<Instant>,
    pub(super) sdk: Sdk,
    pub(super) health: Health,
    pub(super) closing: Closing,
    /// When the module last said something, or was last asked.
    pub(super) heard: Instant,
    /// The module has to be asked at once whether it was restarted.
    pub(super) doubt: bool,
    /// The module has to be asked whether its SDK is open.
    pub(super) sdk_doubt: bool,
    /// Changes when the last step is no longer valid.
    pub(super) epoch: u64,
    /// Changes when the outcome of an earlier [`Pass`](super::Pass) no longer says anything of the
    /// module.
    pub(super) era: u64,
    /// The current work has ended: the next step begins the work of the state.
    pub(super) turned: bool,
    /// The time, as the driver last gave it.
    pub(super) now: Instant,
    /// The time by the host's clock, as the driver last gave it.
    pub(super) unix_seconds: Option<i64>,
    /// For the caller.
    pub(super) events: VecDeque<SessionEvent>,
    /// For the duties.
    pub(super) notices: VecDeque<Notice>,
}

/// `by` after `now`.
pub(super) fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by).unwrap_or(now)
}

impl Core {
    pub(super) fn new(now: Instant, plan: Plan) -> Self {
        Self {
            plan,
            state: State::default(),
            attempts: 0,
            delay: None,
            restarts: 0,
            not_up: 0,
            again: Again::default(),
            clock: ClockWatch::default(),
            marked: false,
            connected: false,
            unanswered: Unanswered::default(),
            first_answered: None,
            sdk: Sdk::default(),
            health: Health::new(),
            closing: Closing::default(),
            heard: now,
            doubt: false,
            sdk_doubt: false,
            epoch: 0,
            era: 0,
            turned: true,
            now,
            unix_seconds: None,
            events: VecDeque::new(),
            notices: VecDeque::new(),
        }
    }

    /// Changes the state. The work of the new one begins with the next step.
    pub(super) fn go(&mut self, to: State, reason: impl Into<Cow<'static, str>>) {
        let (from, reason) = (self.state, reason.into());
        info!(%from, %to, %reason, "state");
        self.turn();
        self.state = to;
        (self.doubt, self.sdk_doubt) = (false, false);
        if !to.is_open() {
            self.sdk.biz_tid = None;
        }
        if to == State::Failed {
            // A caller that asks later gets the reason.
            self.health.last_error = Some(reason.to_string());
        }
        if to == State::Ready {
            self.health.counters.ready += 1;
            self.restarts = 0;
            self.attempts = 0;
            self.sdk.suspect = false;
        }
        self.tell(SessionEvent::Transition(Transition { from, to, reason }));
        match (from, to) {
            (_, State::Ready) => self.notice(Notice::Ready),
            (State::Ready, _) => self.notice(Notice::Unready),
            _ => {}
        }
        let awaited = match to {
            State::Disconnected => "the port is opened again",
            State::Restarting { .. } => "the module is restarted",
            State::Synchronising => "the module is called",
            _ => return,
        };
        if self.delay.is_some() {
            self.progress("session", format!("{awaited} after a while"), self.delay);
        }
    }

    /// Drops what the last step asked for: the work of the state begins again.
    pub(super) fn turn(&mut self) {
        self.epoch += 1;
        self.era += 1;
        self.turned = true;
    }

    /// How long to wait before the module is asked again. Customers may wait as well, so this does not
    /// grow as the time between restarts does.
    pub(super) fn next_question(&mut self) -> Duration {
        self.next_wait().min(QUESTION)
    }

    /// How long to wait before the next attempt.
    pub(super) fn next_wait(&mut self) -> Duration {
        let wait = self.plan.backoff.wait(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        wait
    }

    /// Something failed.
    pub(super) fn fail(&mut self, error: &Error) {
        warn!(%error, state = %self.state, "failed");
        self.health.last_error = Some(error.to_string());
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        warn!(%warning, state = %self.state, "warning");
        self.tell(SessionEvent::Warning(warning));
    }

    pub(super) fn progress(
        &mut self,
        step: &'static str,
        detail: String,
        remaining: Option<Duration>,
    ) {
        self.tell(SessionEvent::Progress(Progress { step, detail, remaining }));
    }

    pub(super) fn tell(&mut self, event: SessionEvent) {
        self.events.push_back(event);
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.notices.push_back(notice);
    }

    /// Warns if the registration for packet data was lost. `was` says whether there was one.
    pub(super) fn registered(&mut self, was: bool) {
        let status = self.health.gprs.status;
        if was && !status.is_registered() && self.state == State::Ready {
            self.warn(Warning::NetworkLost { status });
        }
    }

    /// Reports the progress of a command that may take long.
    pub(super) fn announce<C: Command>(
        &mut self,
        step: &'static str,
        detail: &str,
        command: &C,
        cx: &Context<'_>,
    ) {
        let remaining = command.request(cx.profile).ok().map(|request| request.longest());
        self.progress(step, detail.to_string(), remaining);
    }

    /// Sends a command of the session itself. If the profile cannot carry it, the session fails.
    pub(super) fn ask<C: Command>(&mut self, command: &C, cx: &Context<'_>) -> Turn {
        self.ask_with(command, cx, |request| request)
    }

    /// As [`ask`](Self::ask), but `with` changes the request first.
    pub(super) fn ask_with<C: Command>(
        &mut self,
        command: &C,
        cx: &Context<'_>,
        with: impl FnOnce(Request) -> Request,
    ) -> Turn {
        match command.request(cx.profile) {
            Ok(request) => Turn::Want(MachineStep::Send(with(request))),
            Err(error) => {
                let error = Error::from(error);
                self.fail(&error);
                self.go(State::Failed, error.to_string());
                Turn::Over
            }
        }
    }

    /// The answer to a command that [`ask`](Self::ask) has sent.
    pub(super) fn answer<C: Command>(
        &mut self,
        command: &C,
        cx: &Context<'_>,
        reply: Result<Reply, ExchangeError>,
    ) -> Result<C::Response, Error> {
        let answer = flows::decode(command, reply);
        match &answer {
            Ok(_) => self.heard = cx.now,
            Err(error) => self.fail(error),
        }
        answer
    }

    /// Runs a flow inside the session. `Ok` is its next step, `Err` its output.
    pub(super) fn drive<F: Flow>(
        &mut self,
        flow: &mut F,
        cx: &Context<'_>,
        mut input: Input,
    ) -> Result<MachineStep, F::Output> {
        loop {
            match flow.step(cx, input) {
                flows::Step::Send(request) => return Ok(MachineStep::Send(request)),
                flows::Step::Wait(time) => return Ok(MachineStep::Rest(cx.now.checked_add(time))),
                flows::Step::Report(progress) => {
                    self.tell(SessionEvent::Progress(progress));
                    input = Input::Resume;
                }
                flows::Step::Done(output) => return Err(output),
            }
        }
    }
}

/// Not specified; chosen because a question costs nothing, and whatever was missing may be there by then.
const QUESTION: Duration = Duration::from_secs(4);
