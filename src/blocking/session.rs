//! [`Session`] for the blocking client.

mod call;
mod handle;
mod shared;
mod work;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::log::{Span, debug};

pub use call::Call;
pub use handle::{Nudger, SessionDriver, SessionHandle};

use super::bell::Ear;
use super::{Client, Host, Pending as Submission};
use crate::alipay::Config;
use crate::at::command::Command;
use crate::at::profile::Profile;
use crate::engine::{BacklogLimits, Settings};
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress};
use crate::serial::SerialHost;
use crate::session::{
    Duty, Health, HeldReports, Machine, Pending, Plan, SessionEvent, ShutDown, State,
};
use crate::transcript::Recorder;
use shared::{Inner, Shared};
use work::Ongoing;

/// A module that is brought up, kept up and brought up again: see [`session`](crate::session).
///
/// It works only while one of its methods runs. So a till that has nothing else to do waits in
/// [`next_event`](Self::next_event), and recovery and keep-alive go on; or it gives the session a
/// thread of its own, with [`into_driver`](Self::into_driver).
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
    shared: Arc<Shared>,
    span: Span,
    client: Option<Client<H::Port>>,
    /// How many ports were opened.
    opened: u32,
    pending: Pending<Submission<()>>,
    /// A command of a duty, which does not wait for the steps.
    entrusted: Option<Submission<()>>,
    /// Commands of handles.
    calls: Vec<Ongoing>,
    /// Where handles are heard.
    ear: Option<Ear>,
    epoch: u64,
}

impl<H: Host> Session<H> {
    /// A session that has not begun: nothing is opened and nothing is sent yet.
    #[must_use]
    pub fn new(host: H, plan: Plan, settings: Settings) -> Self {
        let machine = Machine::new(host.now(), plan);
        Self {
            host,
            span: settings.span(),
            epoch: machine.epoch(),
            shared: Arc::new(Shared::new(machine, BacklogLimits::of(&settings))),
            settings,
            client: None,
            opened: 0,
            pending: Pending::Step(Input::Begin),
            entrusted: None,
            calls: Vec::new(),
            ear: None,
        }
    }

    /// The state of the session when it last worked.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.lock().machine.state()
    }

    /// The health of the session when it last worked.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.lock().machine.health()
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.settings.profile
    }

    /// Records what passes from now on, at this port and at those opened later, without secrets.
    pub fn record(&mut self, to: impl io::Write + Send + 'static) {
        let recorder = Recorder::new(to, self.now());
        self.shared.lock().recorder = Some(Box::new(recorder));
        self.hand_recorder();
    }

    /// The host.
    pub fn host_mut(&mut self) -> &mut H {
        &mut self.host
    }

    /// Sends a command and waits for its answer. If the session does not allow it now, it says so at
    /// once. A signature is accepted only with the bizTid of this device.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if nothing was sent because of the session's state; else as
    /// [`Client::send`].
    pub fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        self.send_within(command, Duration::ZERO)
    }

    /// Waits until the session allows a command, for instance until an earlier signature is no longer
    /// outstanding, then sends it and waits for its answer. The first wait is left out if the session
    /// is ready or has given up. All of it takes at most `patience`. If that is zero, it is
    /// [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send); and [`ExchangeError::TimedOut`](crate::engine::ExchangeError::TimedOut) when the
    /// time is over, which says whether the command was sent.
    pub fn send_within<C: Command>(
        &mut self,
        command: &C,
        patience: Duration,
    ) -> Result<C::Response, Error> {
        let _span = self.span.clone().entered();
        let mut request = command.request(&self.settings.profile)?;
        let until = self.now().checked_add(patience).filter(|_| !patience.is_zero());
        self.wait_permitted(&request, patience);
        let pass = self.shared.lock().machine.permit(self.now(), &mut request)?;
        let outcome = match until {
            Some(_) => self.exchange_until(request, until, patience),
            None => self.exchange(request),
        };
        let now = self.now();
        let answer = self.shared.lock().machine.answered(now, pass, command, outcome);
        self.absorb();
        answer
    }

    /// Runs a flow to its end. A command that the session does not allow fails as
    /// [`SubmitError::NotAllowed`](crate::engine::SubmitError::NotAllowed).
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
            let cx = Context { now: self.now(), profile: &self.settings.profile };
            input = match flow.step(&cx, input) {
                flows::Step::Send(request) => {
                    self.look();
                    Input::Reply(self.send_of_flow(request))
                }
                flows::Step::Wait(time) => {
                    let until = self.now().checked_add(time);
                    self.work(until, |_| false);
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

    /// Works until the session is ready, at most for `patience`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not ready then, or has given up, with the reason.
    pub fn wait_ready(&mut self, patience: Duration) -> Result<(), Error> {
        let until = self.now().checked_add(patience);
        self.work(until, |inner| !inner.machine.state().is_recovering());
        self.shared.lock().machine.ready()
    }

    /// Works until the next event, at most for `timeout`; without a timeout it waits for ever. `None`
    /// if there was none.
    pub fn next_event(&mut self, timeout: Option<Duration>) -> Option<SessionEvent> {
        let until = timeout.and_then(|timeout| self.now().checked_add(timeout));
        self.work(until, Inner::has_events);
        self.shared.lock().take_event()
    }

    /// Closes the SDK in order and, with [`ShutDown::PowerOff`], switches the module off. Every
    /// ALIPAY command is refused from then on, until [`resume`](Self::resume).
    ///
    /// # Errors
    /// If the module did not confirm it. It is not switched off then, if the SDK was open.
    pub fn shut_down(&mut self, how: ShutDown) -> Result<(), Error> {
        let _span = self.span.clone().entered();
        self.look();
        self.shared.lock().machine.shut_down(how);
        self.work(None, |inner| inner.machine.state() != State::ShuttingDown);
        self.shared.lock().machine.take_shut_down().unwrap_or(Ok(()))
    }

    /// Gives the module another configuration, and brings the session to ready again.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if the module may hold reports and they are to be kept; nothing
    /// was sent then.
    pub fn reconfigure(&mut self, config: Config, held: HeldReports) -> Result<(), Error> {
        let _span = self.span.clone().entered();
        self.look();
        self.shared.lock().machine.reconfigure(config, held)
    }

    /// Has the session begin again after [`State::Failed`] or [`State::Shut`].
    pub fn resume(&mut self) {
        let _span = self.span.enter();
        self.shared.lock().machine.resume();
    }

    /// Adds a [`Duty`]: work that the session does while it is ready and has nothing else to do. A
    /// duty misses no notice if it is attached before the session first works: see
    /// [`Machine::attach`].
    pub fn attach(&mut self, duty: impl Duty + 'static) {
        self.shared.lock().machine.attach(Box::new(duty));
    }

    /// Tells the session that a duty may have something to do. It is called when the session next
    /// works.
    ///
    /// Another thread needs a [`SessionHandle`] for this: see [`into_driver`](Self::into_driver).
    pub fn nudge(&mut self) {
        self.shared.lock().machine.nudge();
    }
}

impl<H: Host> fmt::Debug for Session<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("machine", &self.shared.lock().machine)
            .finish_non_exhaustive()
    }
}
