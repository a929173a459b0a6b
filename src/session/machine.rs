//! The session as a state machine: what happened goes in, what is to be done comes out.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use crate::alipay::{BizTid, Config};
use crate::at::command::Request;
use crate::error::Error;
use crate::flows::Progress;
use crate::session::demand::Demand;
use crate::session::duties::Duties;
use crate::session::sdk::Sdk;
use crate::session::work::Job;
use crate::session::{
    Event, Health, HeldReports, Notice, Plan, Restart, ShutDown, State, Transition, Warning,
};

/// What a session does next, without a port and without a clock.
///
/// # How to drive it
///
/// Call [`step`](Self::step) with [`flow::Input::Begin`](crate::flows::Input::Begin), do what the
/// answer asks for, and call it again with what came of it. Beside that:
///
/// * Hand every event of the engine to [`observe`](Self::observe), and say when the port is gone:
///   [`disconnected`](Self::disconnected).
/// * Ask [`permit`](Self::permit) before a command of a caller is sent, and give the [`Pass`] back
///   with what came of it: [`answered`](Self::answered), or [`ended`](Self::ended) where the reply
///   is understood elsewhere, or [`abandoned`](Self::abandoned).
/// * After any of these: if [`epoch`](Self::epoch) is another one, drop what the last step asked
///   for and begin again with [`flow::Input::Begin`](crate::flows::Input::Begin).
/// * Read [`poll_event`](Self::poll_event) until it is empty.
/// * A command of a [`Duty`](crate::session::Duty) goes beside the steps: [`Step::Entrust`].
pub struct Machine {
    pub(super) plan: Plan,
    pub(super) state: State,
    pub(super) job: Job,
    /// How many waits in a row there were.
    pub(super) attempts: u32,
    /// What to wait before the state's work begins.
    pub(super) delay: Option<Duration>,
    /// Restarts since the session was last ready.
    pub(super) restarts: u32,
    pub(super) connected: bool,
    pub(super) sdk: Sdk,
    pub(super) health: Health,
    /// When the module was last heard, or asked.
    pub(super) heard: Instant,
    /// Whether the module is to be asked at once whether it stands as it should.
    pub(super) doubt: bool,
    pub(super) closing: Closing,
    pub(super) epoch: u64,
    /// Changes when leave that was given before says nothing any more.
    pub(super) era: u64,
    pub(super) duties: Duties,
    /// The time, as far as somebody named it.
    pub(super) now: Instant,
    events: VecDeque<Event>,
}

/// The shut-down that the caller asked for.
#[derive(Debug, Default)]
pub(super) struct Closing {
    pub(super) power_off: bool,
    pub(super) outcome: Option<Result<(), Error>>,
}

/// What a [`Machine`] wants of its driver.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one step is alive at a time")]
#[must_use]
pub enum Step {
    /// Open the port, and say how it went: [`Machine::opened`].
    Open,
    /// Send this beside the other steps, whatever the [`epoch`](Machine::epoch) becomes, and say
    /// what came of it: [`Machine::entrusted`]. Come back at once with
    /// [`flow::Input::Begin`](crate::flows::Input::Begin). There is one of it at a time.
    Entrust(Request),
    /// Send this, and come back with the reply.
    Send(Request),
    /// Restart the module, if the host can, and say how it went: [`Machine::was_reset`].
    Reset,
    /// Nothing, until this time or until something changes; then come back with
    /// [`flow::Input::Resume`](crate::flows::Input::Resume).
    Rest(Option<Instant>),
}

/// The leave to send one command. It is given back with what came of the command, once.
#[derive(Debug)]
#[must_use = "tell the machine what came of the command"]
pub struct Pass {
    pub(super) era: u64,
    pub(super) demand: Demand,
    /// Whose answer it is.
    pub(super) biz_tid: Option<BizTid>,
}

impl Machine {
    /// A session that begins at `now`.
    #[must_use]
    pub fn new(now: Instant, plan: Plan) -> Self {
        Self {
            attempts: 0,
            plan,
            state: State::default(),
            job: Job::Idle,
            delay: None,
            restarts: 0,
            connected: false,
            sdk: Sdk::default(),
            health: Health::new(),
            heard: now,
            doubt: false,
            closing: Closing::default(),
            epoch: 0,
            era: 0,
            duties: Duties::default(),
            now,
            events: VecDeque::new(),
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The bizTid, once it is known in this boot of the module.
    #[must_use]
    pub fn biz_tid(&self) -> Option<&BizTid> {
        self.sdk.biz_tid.as_ref()
    }

    /// How the session is.
    #[must_use]
    pub fn health(&self) -> Health {
        Health {
            state: self.state,
            identified: self.sdk.biz_tid.is_some(),
            may_hold_reports: !self.sdk.empty,
            ..self.health.clone()
        }
    }

    /// Changes when what the last step asked for is of no use any more.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The next thing to tell the caller.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// So many events of this session were dropped because nobody read them.
    pub fn missed(&mut self, count: u64) {
        self.health.counters.missed += count;
    }

    /// Closes the SDK in order, and switches the module off if that is wanted. The outcome is had
    /// by [`take_shut_down`](Self::take_shut_down) once the state is [`State::Shut`].
    pub fn shut_down(&mut self, how: ShutDown) {
        if matches!(self.state, State::Shut | State::ShuttingDown) {
            return;
        }
        let open = self.state.is_open();
        let power_off = how == ShutDown::PowerOff;
        self.closing = Closing { power_off, outcome: None };
        if self.connected && (open || power_off) {
            self.go(State::ShuttingDown, "the caller wants it");
            self.job = if open { Job::ToShut } else { Job::ToPowerOff };
        } else {
            self.go(State::Shut, "the caller wants it, and the SDK is not open");
        }
    }

    /// What came of the last [`shut_down`](Self::shut_down).
    pub fn take_shut_down(&mut self) -> Option<Result<(), Error>> {
        self.closing.outcome.take()
    }

    /// Another configuration, from now on.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if the module may hold reports that were not delivered and they are to
    /// be kept; or if the session is not open. Nothing is sent then.
    pub fn reconfigure(&mut self, config: Config, held: HeldReports) -> Result<(), Error> {
        let refuse = |reason: String, advice| {
            Err(Error::NotAllowed { command: "AT+ALIPAYCFG".to_string(), reason, advice })
        };
        if self.plan.config.as_ref() == Some(&config) {
            return Ok(());
        }
        if !self.state.is_open() && self.state != State::Failed {
            return refuse(self.why_not(), "wait until the session is ready");
        }
        if held == HeldReports::Keep && !self.sdk.empty {
            return refuse(
                "the module may hold reports that were not delivered, which a change discards"
                    .to_string(),
                "discard them once nothing can be lost",
            );
        }
        self.plan.config = Some(config);
        self.sdk.forced = true;
        self.sdk.tolerated.clear();
        self.go(State::Configuring, "the caller has another configuration");
        Ok(())
    }

    /// Begins again after [`State::Failed`] or [`State::Shut`]. A closed SDK needs a restart of
    /// the module first.
    pub fn resume(&mut self) {
        if !matches!(self.state, State::Failed | State::Shut) {
            return;
        }
        self.restarts = 0;
        self.attempts = 0;
        match self.connected {
            true => self.go(State::Synchronising, "the caller wants to go on"),
            false => self.go(State::Disconnected, "the caller wants to go on"),
        }
    }

    /// Whether the session is ready, and why not.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not.
    pub fn ready(&self) -> Result<(), Error> {
        match self.state {
            State::Ready => Ok(()),
            _ => {
                let (reason, advice) = self.not_ready();
                Err(Error::NotAllowed { command: "the next command".to_string(), reason, advice })
            }
        }
    }

    /// Whether waiting would not change what [`permit`](Self::permit) says of this command: it
    /// would be let through now, or the session does not work on getting ready.
    #[must_use]
    pub fn is_settled(&self, request: &Request) -> bool {
        self.state == State::Ready || !(self.state.is_recovering()) || self.would_permit(request)
    }

    /// Why there is no session now, for a message.
    pub(super) fn why_not(&self) -> String {
        match &self.health.last_error {
            Some(error) if self.state.is_recovering() || self.state == State::Failed => {
                format!("the session is {} (last error: {error})", self.state)
            }
            _ => format!("the session is {}", self.state),
        }
    }

    /// What the last step asked for is of no use any more.
    pub(super) fn turn(&mut self) {
        self.epoch += 1;
        self.era += 1;
        self.job = Job::Idle;
    }

    pub(super) fn go(&mut self, to: State, reason: impl Into<Cow<'static, str>>) {
        let (from, reason) = (self.state, reason.into());
        info!(%from, %to, %reason, "session");
        self.turn();
        self.state = to;
        self.doubt = false;
        if !to.is_open() {
            self.sdk.biz_tid = None;
        }
        if to == State::Ready {
            self.health.counters.ready += 1;
            self.restarts = 0;
            self.attempts = 0;
            self.sdk.suspect = false;
        }
        self.tell(Event::Transition(Transition { from, to, reason }));
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
            let detail = format!("{awaited} after a while");
            self.tell(Event::Progress(Progress { step: "session", detail, remaining: self.delay }));
        }
    }

    /// The module has to be restarted, if it may be.
    pub(super) fn restart(&mut self, reason: String) {
        if self.plan.restart == Restart::Never {
            self.go(
                State::Failed,
                format!("{reason}; restart the module: the plan does not let the session do it"),
            );
        } else if self.restarts >= self.plan.restart_limit {
            let reason =
                format!("{reason}; {} restarts did not help, so it gives up", self.restarts);
            self.go(State::Failed, reason);
        } else {
            self.restarts += 1;
            self.delay = Some(self.next_wait());
            self.go(State::Restarting { attempt: self.restarts }, reason);
        }
    }

    /// How long to wait before the next attempt.
    pub(super) fn next_wait(&mut self) -> Duration {
        let wait = self.plan.backoff.wait(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        wait
    }

    /// The module was restarted.
    pub(super) fn booted(&mut self) {
        self.sdk.boot();
        self.notice(Notice::Restarted);
    }

    pub(super) fn fail(&mut self, error: &Error) {
        warn!(%error, state = %self.state, "session");
        self.health.last_error = Some(error.to_string());
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        warn!(%warning, "session");
        self.tell(Event::Warning(warning));
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("state", &self.state)
            .field("epoch", &self.epoch)
            .field("restarts", &self.restarts)
            .finish_non_exhaustive()
    }
}
