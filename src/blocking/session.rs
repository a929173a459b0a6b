//! A session for the blocking client.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use tracing::debug;

use super::{Client, Host, Pending as Submission, push};
use crate::alipay::Config;
use crate::at::command::{Command, Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{Certainty, Failure, Settings};
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress};
use crate::serial::SerialHost;
use crate::session::{Duty, Event, Health, HeldReports, Machine, Plan, ShutDown, State, Step};
use crate::transcript::Recorder;

/// A module that is brought up, kept up and brought up again: see [`session`](crate::session).
///
/// It works while one of its methods runs. A till that has nothing else to do waits in
/// [`next_event`](Self::next_event), so that recovery and the keep-alive go on.
///
/// ```
/// # #[cfg(feature = "sim")]
/// # {
/// use std::time::Duration;
///
/// use m26_pay::alipay::{Sign, SignData, SignMode};
/// use m26_pay::blocking::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::session::Plan;
/// # use m26_pay::error::Error;
/// # use m26_pay::sim::modem::{self, ModemConfig, Modem};
/// # use m26_pay::sim::virtual_port::VirtualPort;
/// # let module = modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() };
/// # let mut module = Some(module);
/// # let open = move || Ok::<_, Error>(VirtualPort::new(Modem::new(module.take().unwrap())));
///
/// // With a real one: `|| SerialPort::open("/dev/ttyUSB0", &SerialSettings::default())`.
/// let mut session = Session::new(open, Plan::default(), Settings::default());
/// session.wait_ready(Duration::from_secs(60))?;
/// let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?);
/// let signed = session.send(&sign.amount("10.25".parse()?))?;
/// assert_eq!(signed.len(), 369);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session<H: Host = SerialHost> {
    host: H,
    settings: Settings,
    machine: Machine,
    client: Option<Client<H::Port>>,
    /// The recording, while there is no client that writes it.
    recorder: Option<Recorder>,
    /// How many ports were opened.
    opened: usize,
    pending: Pending,
    /// A command of a duty, beside the steps.
    entrusted: Option<Submission<()>>,
    epoch: u64,
    events: VecDeque<Event>,
    missed: u64,
}

/// What the last step of the machine waits for.
enum Pending {
    /// Nothing: the next step gets this.
    Step(Input),
    Exchange(Submission<()>),
    Rest(Option<Instant>),
}

impl<H: Host> Session<H> {
    /// A session that has not begun: nothing is opened and nothing is sent yet.
    #[must_use]
    pub fn new(host: H, plan: Plan, settings: Settings) -> Self {
        let machine = Machine::new(host.now(), plan);
        Self {
            host,
            settings,
            epoch: machine.epoch(),
            machine,
            client: None,
            recorder: None,
            opened: 0,
            pending: Pending::Step(Input::Begin),
            entrusted: None,
            events: VecDeque::new(),
            missed: 0,
        }
    }

    /// Where the session stands, as far as it has looked.
    #[must_use]
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// How the session is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.machine.health()
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.settings.profile
    }

    /// Records what passes from now on, at every port, secrets replaced.
    pub fn record(&mut self, to: impl io::Write + Send + 'static) {
        let recorder = Some(Recorder::new(to, self.now()));
        match &mut self.client {
            Some(client) => client.recorder = recorder,
            None => self.recorder = recorder,
        }
    }

    /// The host.
    pub fn host_mut(&mut self) -> &mut H {
        &mut self.host
    }

    /// Sends a command and waits for its answer. If the session does not let it through now, it
    /// says so at once. A signature must name the bizTid of this device.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if nothing was sent because of the session's state; else as
    /// [`Client::send`].
    pub fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        self.send_within(command, Duration::ZERO)
    }

    /// The same, but waits for the session to be ready first, at most for so long. If it is ready
    /// already, or would not let the command through then either, it does not wait.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_within<C: Command>(
        &mut self,
        command: &C,
        patience: Duration,
    ) -> Result<C::Response, Error> {
        let request = command.request(&self.settings.profile)?;
        self.wait_permitted(&request, patience);
        let pass = self.machine.permit(&request)?;
        let outcome = self.exchange(request);
        let now = self.now();
        let answer = self.machine.answered(now, pass, command, outcome);
        self.absorb();
        answer
    }

    /// Runs a flow to its end. What the session does not let through fails as
    /// [`Busy::NotAllowed`](crate::engine::Busy::NotAllowed).
    pub fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        self.run_with(flow, |progress| debug!("{progress}"))
    }

    /// Runs a flow to its end and passes on how far it is.
    pub fn run_with<F: Flow>(
        &mut self,
        mut flow: F,
        mut report: impl FnMut(Progress),
    ) -> F::Output {
        let mut input = Input::Begin;
        loop {
            let cx = Context { now: self.now(), profile: &self.settings.profile };
            input = match flow.step(&cx, input) {
                flows::Step::Send(request) => {
                    self.look();
                    Input::Reply(self.send_of_flow(request))
                }
                flows::Step::Wait(time) => {
                    let until = self.now().checked_add(time);
                    self.work(until, |_, _| false);
                    Input::Resume
                }
                flows::Step::Report(progress) => {
                    report(progress);
                    Input::Resume
                }
                flows::Step::Done(output) => return output,
            };
        }
    }

    /// Works until the session is ready, at most for so long.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not ready then, or has given up, with the reason.
    pub fn wait_ready(&mut self, within: Duration) -> Result<(), Error> {
        let until = self.now().checked_add(within);
        self.work(until, |machine, _| {
            machine.state() == State::Ready || !machine.state().is_recovering()
        });
        self.machine.ready()
    }

    /// The next thing that happened; `None` if nothing did for so long. Without a time-out it waits
    /// for ever.
    pub fn next_event(&mut self, timeout: Option<Duration>) -> Option<Event> {
        let until = timeout.and_then(|timeout| self.now().checked_add(timeout));
        self.work(until, |_, any| any);
        if self.missed > 0 {
            return Some(Event::Missed(std::mem::take(&mut self.missed)));
        }
        self.events.pop_front()
    }

    /// Closes the SDK in order and, with [`ShutDown::PowerOff`], switches the module off. Every ALIPAY command is
    /// refused from then on, until [`resume`](Self::resume).
    ///
    /// # Errors
    /// If the module did not confirm it. It is not switched off then, if the SDK was open.
    pub fn shut_down(&mut self, how: ShutDown) -> Result<(), Error> {
        self.look();
        self.machine.shut_down(how);
        self.work(None, |machine, _| machine.state() != State::ShuttingDown);
        self.machine.take_shut_down().unwrap_or(Ok(()))
    }

    /// Gives the module another configuration, and brings the session to ready again.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if the module may hold reports and they are to be kept; nothing
    /// was sent then.
    pub fn reconfigure(&mut self, config: Config, held: HeldReports) -> Result<(), Error> {
        self.look();
        self.machine.reconfigure(config, held)
    }

    /// Begins again after [`State::Failed`] or [`State::Shut`].
    pub fn resume(&mut self) {
        self.machine.resume();
    }

    /// Has the session do this by itself, whenever it works and nothing else is due. Best before it
    /// works for the first time: see [`Machine::attach`].
    pub fn attach(&mut self, duty: impl Duty + 'static) {
        self.machine.attach(Box::new(duty));
    }

    /// There may be something to do for a duty. It is done when the session works next.
    ///
    /// A session works in the thread that owns it, so another thread that has something to do for a
    /// duty has to tell that one; or the owner waits in [`next_event`](Self::next_event) with a
    /// time-out, and nudges each time.
    pub fn nudge(&mut self) {
        self.machine.nudge();
    }

    fn now(&self) -> Instant {
        self.client.as_ref().map_or_else(|| self.host.now(), Client::now)
    }

    /// Does what can be done without waiting.
    fn look(&mut self) {
        if let Some(client) = &mut self.client {
            client.read_all();
        }
        let now = self.now();
        self.work_held(Some(now), |_, _| false);
    }

    /// Works for a caller who is about to send something, and goes before the duties.
    fn work_held(&mut self, until: Option<Instant>, done: impl Fn(&Machine, bool) -> bool) {
        self.machine.hold_duties();
        self.work(until, done);
        self.machine.release_duties();
    }

    fn wait_permitted(&mut self, request: &Request, patience: Duration) {
        self.look();
        if !patience.is_zero() {
            let until = self.now().checked_add(patience);
            self.work_held(until, |machine, _| machine.is_settled(request));
        }
    }

    fn send_of_flow(&mut self, request: Request) -> Result<Reply, Failure> {
        let pass = self.machine.permit(&request)?;
        let outcome = self.exchange(request);
        let now = self.now();
        self.machine.ended(now, pass, &outcome);
        self.absorb();
        outcome
    }

    fn exchange(&mut self, request: Request) -> Result<Reply, Failure> {
        let client = self.client.as_mut().ok_or(Failure::Disconnected(Certainty::NotSent))?;
        let ticket = client.begin(request)?;
        client.wait_for(ticket)
    }

    /// Works until it is `done` (which sees whether an event is there), at most until that time.
    fn work(&mut self, until: Option<Instant>, done: impl Fn(&Machine, bool) -> bool) {
        loop {
            self.absorb();
            let any = self.missed > 0 || !self.events.is_empty();
            if done(&self.machine, any) {
                return;
            }
            let now = self.now();
            let over = until.is_some_and(|until| until <= now);
            match std::mem::replace(&mut self.pending, Pending::Rest(None)) {
                Pending::Step(input) => self.advance(now, input),
                Pending::Exchange(submission) => {
                    let Some(client) = &mut self.client else { continue };
                    match client.poll(submission.ticket) {
                        Ok(outcome) => self.pending = Pending::Step(Input::Reply(outcome)),
                        Err(timer) => {
                            self.pending = Pending::Exchange(submission);
                            if over {
                                return;
                            }
                            client.turn(timer, until);
                        }
                    }
                }
                Pending::Rest(Some(at)) if at <= now => {
                    self.pending = Pending::Step(Input::Resume);
                }
                Pending::Rest(at) => {
                    self.pending = Pending::Rest(at);
                    if over {
                        return;
                    }
                    let next = [at, until].into_iter().flatten().min();
                    match (&mut self.client, next) {
                        (Some(client), _) => {
                            let timer = client.collect(None).err().flatten();
                            if !client.has_events() {
                                client.turn(timer, next);
                            }
                        }
                        (None, Some(next)) => {
                            self.host.wait(next.saturating_duration_since(now));
                        }
                        // Without a port and without a plan nothing will ever happen.
                        (None, None) => return,
                    }
                }
            }
        }
    }

    /// One step of the machine.
    fn advance(&mut self, now: Instant, input: Input) {
        let cx = Context { now, profile: &self.settings.profile };
        let step = self.machine.step(&cx, self.host.unix_seconds(), input);
        // What the machine did to itself on the way is part of the step.
        self.epoch = self.machine.epoch();
        self.pending = match step {
            Step::Open => {
                self.open(now);
                Pending::Step(Input::Begin)
            }
            Step::Reset => {
                let outcome = self.host.reset();
                self.machine.was_reset(outcome.as_ref().copied());
                Pending::Step(Input::Begin)
            }
            Step::Send(request) => match self.entrust(request) {
                Ok(submission) => Pending::Exchange(submission),
                Err(failure) => Pending::Step(Input::Reply(Err(failure))),
            },
            Step::Entrust(request) => {
                match self.entrust(request) {
                    Ok(submission) => self.entrusted = Some(submission),
                    Err(failure) => self.hand_back(Err(failure)),
                }
                Pending::Step(Input::Begin)
            }
            Step::Rest(at) => Pending::Rest(at),
        };
    }

    fn entrust(&mut self, request: Request) -> Result<Submission<()>, Failure> {
        let gone = Failure::Disconnected(Certainty::NotSent);
        self.client.as_mut().map_or(Err(gone), |client| client.entrust(request))
    }

    /// What came of the command of a duty.
    fn hand_back(&mut self, outcome: Result<Reply, Failure>) {
        let cx = Context { now: self.now(), profile: &self.settings.profile };
        self.machine.entrusted(&cx, self.host.unix_seconds(), outcome);
    }

    fn open(&mut self, now: Instant) {
        match self.host.open() {
            Ok(port) => {
                let mut settings = self.settings.clone();
                // A late answer to a fence of the last port must not close the past of this one.
                let first = settings.first_fence.unwrap_or_else(|| super::Port::first_fence(&port));
                settings.first_fence = Some(crate::engine::first_fence_after(first, self.opened));
                self.opened += 1;
                let mut client = Client::connect(port, settings);
                client.recorder = self.recorder.take();
                self.client = Some(client);
                self.machine.opened(now, Ok(()));
            }
            Err(error) => self.machine.opened(now, Err(&error)),
        }
    }

    /// Hands back the command of a duty if it has ended: before the events, for what is said of it
    /// is of the time before them.
    fn absorb_entrusted(&mut self) {
        let (Some(client), Some(submission)) = (&mut self.client, &self.entrusted) else { return };
        let outcome = match client.submitted.take_ended(submission.ticket) {
            None if client.gone => Some(Err(Failure::Disconnected(Certainty::Unknown))),
            outcome => outcome,
        };
        if let Some(outcome) = outcome {
            self.entrusted = None;
            self.hand_back(outcome);
        }
    }

    /// Takes what the client and the machine have to say.
    fn absorb(&mut self) {
        if let Some(client) = &mut self.client {
            drop(client.collect(None));
        }
        self.absorb_entrusted();
        if let Some(client) = &mut self.client {
            let now = client.now();
            while let Some(event) = client.take_event() {
                self.machine.observe(now, &event);
            }
            if client.gone {
                self.recorder = client.recorder.take();
                self.client = None;
                self.machine.disconnected();
            }
        }
        while let Some(event) = self.machine.poll_event() {
            let missed = push(&mut self.events, self.settings.event_limit, event);
            self.missed += missed;
            self.machine.missed(missed);
        }
        if self.epoch != self.machine.epoch() {
            self.epoch = self.machine.epoch();
            let pending = std::mem::replace(&mut self.pending, Pending::Step(Input::Begin));
            if let (Pending::Exchange(submission), Some(client)) = (pending, &mut self.client) {
                client.cancel(submission);
            }
        }
    }
}

impl<H: Host> fmt::Debug for Session<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("machine", &self.machine).finish_non_exhaustive()
    }
}
