//! [`Machine`]: the state machine of a session.

use std::fmt;
use std::time::{Duration, Instant};

use crate::alipay::{BizTid, Config};
use crate::at::command::{Command, Reply, Request};
use crate::engine::{self, Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::{Context, Input};
use crate::session::core::Core;
use crate::session::demand::Demand;
use crate::session::phase::{Phase, Turn};
use crate::session::scheduler::Scheduler;
use crate::session::{
    Duty, Health, HeldReports, HostRestart, NotAllowed, Plan, SessionEvent, ShutDown, State,
};

/// The state machine of a session: it is told what happened and says what to do next, without a port
/// and without a clock.
///
/// # How to drive it
///
/// Call [`step`](Self::step) with [`Input::Begin`], do what the answer asks for, and call it again
/// with the outcome. Besides that:
///
/// * Hand every event of the engine to [`observe`](Self::observe), and say when the port is gone:
///   [`disconnected`](Self::disconnected).
/// * Ask [`permit`](Self::permit) before a command of a caller is sent, and give the [`Pass`] back
///   with the outcome: [`answered`](Self::answered), or [`ended`](Self::ended) if somebody else
///   decodes the reply, or [`abandoned`](Self::abandoned).
/// * After any of these: if [`epoch`](Self::epoch) is another one, drop what the last step asked
///   for and begin again with [`Input::Begin`].
/// * Read [`poll_event`](Self::poll_event) until it is empty.
/// * A command of a [`Duty`] does not wait for the steps: [`MachineStep::Entrust`].
pub struct Machine {
    core: Core,
    phase: Phase,
    scheduler: Scheduler,
}

/// What a [`Machine`] asks of its driver.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one step is alive at a time")]
#[must_use]
pub enum MachineStep {
    /// Open the port, and say how it went: [`Machine::opened`].
    Open,
    /// Send this, and come back at once with [`Input::Begin`]. When it ends, say how:
    /// [`Machine::entrusted`]. A change of the [`epoch`](Machine::epoch) does not cancel it. There is
    /// one such command at a time.
    Entrust(Request),
    /// Send this, and come back with the reply.
    Send(Request),
    /// Restart the module, if the host can, and say how it went: [`Machine::was_restarted`].
    Restart,
    /// Wait until this time, or until something changes. Then come back with [`Input::Resume`].
    Rest(Option<Instant>),
}

/// The permission to send one command. It is given back once, with the outcome of the command.
#[derive(Debug)]
#[must_use = "tell the machine what came of the command"]
pub struct Pass {
    pub(super) era: u64,
    pub(super) demand: Demand,
    pub(super) request: Request,
    /// The bizTid of the device.
    pub(super) biz_tid: Option<BizTid>,
    /// A signature that was made before this, by the module's clock, is not the answer. Only set if
    /// the engine does not know all outstanding signatures.
    pub(super) asked_after: Option<i64>,
    /// Until when its result may come, even if the command waited before it was sent.
    pub(super) due: Instant,
    /// How long its result alone may take.
    pub(super) result_within: Duration,
}

/// Its state, and its events.
impl Machine {
    /// A session that begins at `now`.
    #[must_use]
    pub fn new(now: Instant, plan: Plan) -> Self {
        Self { core: Core::new(now, plan), phase: Phase::Idle, scheduler: Scheduler::default() }
    }

    /// The state of the session.
    #[must_use]
    pub fn state(&self) -> State {
        self.core.state
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.core.plan
    }

    /// The bizTid, once it is known in this boot of the module.
    #[must_use]
    pub fn biz_tid(&self) -> Option<&BizTid> {
        self.core.sdk.biz_tid.as_ref()
    }

    /// The health of the session.
    #[must_use]
    pub fn health(&self) -> Health {
        Health {
            state: self.core.state,
            identified: self.core.sdk.biz_tid.is_some(),
            may_hold_reports: !self.core.sdk.empty,
            ..self.core.health.clone()
        }
    }

    /// Whether the session is ready, and why not.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not.
    pub fn ready(&self) -> Result<(), Error> {
        self.core.ready()
    }

    /// Changes when what the last step asked for is no longer needed.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.core.epoch
    }

    /// The next thing to tell the caller.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        self.core.events.pop_front()
    }

    /// The driver dropped this many events of the session because nobody read them.
    pub fn missed(&mut self, count: u64) {
        self.core.health.counters.missed += count;
    }
}

/// For the driver: what to do, and what happened.
impl Machine {
    /// The next step, after the outcome of the last one. `unix_seconds` is the time by the host's
    /// clock; `None` if it has none.
    pub fn step(
        &mut self,
        cx: &Context<'_>,
        unix_seconds: Option<i64>,
        input: Input,
    ) -> MachineStep {
        (self.core.now, self.core.unix_seconds) = (cx.now, unix_seconds);
        let mut input = input;
        loop {
            if self.core.state != State::Ready {
                self.scheduler.dismiss(&mut self.core, cx);
            }
            if self.core.turned {
                (self.phase, input) = (Phase::Idle, Input::Begin);
            }
            if matches!(self.phase, Phase::Idle) {
                self.phase = Phase::begin(&mut self.core, cx);
                self.core.turned = false;
            }
            if self.phase.waits_for_duties() && self.scheduler.is_serving() {
                return MachineStep::Rest(None);
            }
            if self.core.state == State::Opening {
                self.core.unanswered = self.scheduler.unanswered();
            }
            let turn = self.phase.step(&mut self.core, cx, input);
            self.deliver();
            match turn {
                Turn::Want(MachineStep::Rest(at)) => return self.rest(cx, at),
                Turn::Want(step) => return step,
                Turn::Over => (self.phase, input) = (Phase::Idle, Input::Begin),
            }
        }
    }

    /// Takes note of an event of the engine, and passes it on.
    pub fn observe(&mut self, now: Instant, event: &engine::Event) {
        self.core.now = now;
        self.core.observe(event);
        self.deliver();
    }

    /// The port is open, or cannot be opened.
    pub fn opened(&mut self, now: Instant, outcome: Result<(), &Error>) {
        self.core.now = now;
        self.core.opened(now, outcome);
    }

    /// The port is gone.
    pub fn disconnected(&mut self) {
        self.core.disconnected();
        self.deliver();
    }

    /// The outcome of [`MachineStep::Restart`].
    pub fn was_restarted(&mut self, outcome: Result<HostRestart, &Error>) {
        self.core.was_restarted(outcome);
        self.deliver();
    }

    /// The outcome of the command of [`MachineStep::Entrust`]. It must be given once for each, before the
    /// events of the engine that came later, and before [`disconnected`](Self::disconnected).
    /// `unix_seconds` is the time by the host's clock.
    pub fn entrusted(
        &mut self,
        cx: &Context<'_>,
        unix_seconds: Option<i64>,
        outcome: Result<Reply, ExchangeError>,
    ) {
        (self.core.now, self.core.unix_seconds) = (cx.now, unix_seconds);
        let Some((duty, pass)) = self.scheduler.take_sent() else { return };
        self.core.note(cx.now, &pass, &outcome);
        self.core.note_code(&pass, &outcome);
        self.deliver();
        let settle = self.core.plan.settle;
        if let Some(lost) = self.scheduler.kept_back(duty, cx.now, settle, &outcome) {
            if self.core.state == State::Ready {
                self.core.sdk.lost.push(lost);
                self.core.turn();
            }
        }
        self.scheduler.reply(duty, &mut self.core, cx, outcome);
        if self.core.state != State::Ready {
            self.scheduler.dismiss(&mut self.core, cx);
        }
        self.look_again();
    }

    /// Passes the notices on to the duties.
    fn deliver(&mut self) {
        while let Some(notice) = self.core.notices.pop_front() {
            self.scheduler.notice(self.core.now, notice);
        }
    }

    /// Makes the driver ask for the next step at once if it only waits.
    fn look_again(&mut self) {
        if self.phase.is_resting() {
            self.core.epoch += 1;
        }
    }

    /// The session has nothing to do until then, so the duties may send something.
    fn rest(&mut self, cx: &Context<'_>, at: Option<Instant>) -> MachineStep {
        if self.core.state != State::Ready || !self.phase.is_resting() {
            return MachineStep::Rest(at);
        }
        match self.scheduler.next(&mut self.core, cx) {
            Ok(request) => MachineStep::Entrust(request),
            Err(wake) => MachineStep::Rest([at, wake].into_iter().flatten().min()),
        }
    }
}

/// Commands of callers and flows.
impl Machine {
    /// Whether a command of a caller, a flow or a duty may be sent now. The request of a signature is
    /// changed so that an outstanding one is not taken for its answer.
    ///
    /// # Errors
    /// [`NotAllowed`], which says why not and what to do.
    pub fn permit(&mut self, now: Instant, request: &mut Request) -> Result<Pass, NotAllowed> {
        self.core.now = now;
        self.core.permit(request)
    }

    /// Whether there is nothing to wait for before [`permit`](Self::permit) is asked: the command is
    /// allowed now, or the session is not recovering.
    #[must_use]
    pub fn is_settled(&self, request: &Request) -> bool {
        match self.core.state {
            // The module is being asked whether it was restarted, which takes no longer than a command.
            State::Ready => !self.core.doubt,
            state => !state.is_recovering() || self.core.would_permit(request),
        }
    }

    /// Takes the outcome of a command, and gives the answer for its caller.
    ///
    /// # Errors
    /// If the exchange failed, the reply is no answer, or it is about another device.
    pub fn answered<C: Command>(
        &mut self,
        now: Instant,
        pass: Pass,
        command: &C,
        outcome: Result<Reply, ExchangeError>,
    ) -> Result<C::Response, Error> {
        let answer = self.core.answered(now, &pass, command, outcome);
        self.deliver();
        answer
    }

    /// Takes the outcome of a command whose reply is decoded elsewhere, such as in a flow.
    pub fn ended(&mut self, now: Instant, pass: Pass, outcome: &Result<Reply, ExchangeError>) {
        self.core.note(now, &pass, outcome);
        self.deliver();
    }

    /// The caller of a command no longer waits for the outcome. `certainty` is what
    /// [`Engine::cancel`](engine::Engine::cancel) says of it; `None` if the command had ended.
    pub fn abandoned(&mut self, pass: &Pass, certainty: Option<Certainty>) {
        self.core.abandoned(pass, certainty);
        self.deliver();
    }
}

/// For the caller.
impl Machine {
    /// Closes the SDK in order, and switches the module off if that is wanted. Once the state is
    /// [`State::Shut`], [`take_shut_down`](Self::take_shut_down) gives the outcome.
    pub fn shut_down(&mut self, how: ShutDown) {
        self.core.shut_down(how);
        self.deliver();
    }

    /// The outcome of the last [`shut_down`](Self::shut_down).
    pub fn take_shut_down(&mut self) -> Option<Result<(), Error>> {
        self.core.closing.outcome.take()
    }

    /// Changes the configuration of the plan, and sets it.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if the module may hold reports that were not delivered and they are to
    /// be kept; or if the session is not open. Nothing is sent then.
    pub fn reconfigure(&mut self, config: Config, held: HeldReports) -> Result<(), Error> {
        let outcome = self.core.reconfigure(config, held);
        self.deliver();
        outcome
    }

    /// Begins again after [`State::Failed`] or [`State::Shut`]. A closed SDK needs a restart of
    /// the module first.
    pub fn resume(&mut self) {
        let core = &mut self.core;
        if !matches!(core.state, State::Failed | State::Shut) {
            return;
        }
        core.restarts = 0;
        core.attempts = 0;
        let to = if core.connected { State::Synchronising } else { State::Disconnected };
        core.go(to, "the caller resumes the session");
    }

    /// Adds a duty. One that is attached before the session begins misses no notice; later, it is
    /// told at once if the session is ready.
    pub fn attach(&mut self, duty: Box<dyn Duty>) {
        self.scheduler.attach(duty, self.core.now, self.core.state);
        self.look_again();
    }

    /// Calls each resting duty at once if the session is ready: it may have something to do. A
    /// session without a port tries to open it at once.
    pub fn nudge(&mut self) {
        self.scheduler.nudge();
        if self.core.state == State::Disconnected {
            self.core.delay = None;
            self.core.turn();
        }
        self.look_again();
    }

    /// A caller is about to send something: until [`release_duties`](Self::release_duties) no duty
    /// begins another command.
    pub fn hold_duties(&mut self) {
        self.scheduler.hold();
    }

    /// The duties go on.
    pub fn release_duties(&mut self) {
        if self.scheduler.release() {
            self.look_again();
        }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("state", &self.core.state)
            .field("epoch", &self.core.epoch)
            .field("restarts", &self.core.restarts)
            .finish_non_exhaustive()
    }
}
