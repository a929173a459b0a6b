//! [`Session`] for the async client.

mod driver;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use crate::log::{Span, debug};
use tokio::sync::watch;
use tokio::time::Instant;

pub use driver::SessionDriver;

use super::events::{self, Events};
use super::leave::Leave;
use super::recording::Recording;
use super::{Client, Host};
use crate::alipay::Config;
use crate::at::command::{Command, Deadline, Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{BacklogLimits, Certainty, ExchangeError, Settings};
use crate::error::Error;
use crate::flows::{Flow, Progress};
use crate::session::{
    Duty, Health, HeldReports, Machine, NotAllowed, Pass, Plan, SessionEvent, ShutDown, State,
    WHOLE_CALL,
};

/// A module that is brought up, kept up and brought up again: see [`session`](crate::session).
///
/// This is a handle of the session. It is cloned freely; commands of all handles are served in the
/// order in which they come. A call can be dropped at any time, as with [`Client`].
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::Certainty;
/// use m26_pay::asynch::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::serial::SerialHost;
/// use m26_pay::session::Plan;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let host = SerialHost::at("/dev/there-is-no-such-port");
/// let (session, _events, driver) = Session::new(host, Plan::default(), Settings::default());
/// tokio::spawn(driver);
/// let error = session.wait_ready(Duration::from_millis(10)).await.unwrap_err();
/// assert_eq!(error.certainty(), Certainty::NotSent);
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    profile: Arc<Profile>,
    recording: Recording,
    alive: Arc<Alive>,
}

/// Nudges a session, as [`Session::nudge`] does, without keeping it running.
#[derive(Clone)]
pub struct Nudger(Weak<Shared>);

impl Nudger {
    /// Tells the session that a duty may have something to do. `false` if there is no session any
    /// more.
    pub fn nudge(&self) -> bool {
        let shared = self.0.upgrade().filter(|shared| !shared.lock().ended);
        shared.map(|shared| shared.change(Machine::nudge)).is_some()
    }
}

impl fmt::Debug for Nudger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nudger").finish_non_exhaustive()
    }
}

/// What handles and driver share. The lock is never held across an await.
struct Shared {
    inner: Mutex<Inner>,
    /// Held by the driver from when the connection works until the machine knows what came, so that no
    /// caller hears of its command's end before what happened before that.
    turn: Mutex<()>,
    /// The epoch of the machine when the driver last looked.
    seen: watch::Sender<u64>,
    /// The span of its log lines.
    span: Span,
}

struct Inner {
    machine: Machine,
    client: Option<Client>,
    /// The driver's.
    waker: Option<Waker>,
    ended: bool,
}

/// The handles together: the driver ends with the last of them.
struct Alive(Arc<Shared>);

impl Session {
    /// A session that has not begun: nothing is opened and nothing is sent yet.
    ///
    /// Nothing is spawned: the caller spawns the [`SessionDriver`], which works as long as it is
    /// polled and a handle is left.
    pub fn new<H: Host>(
        host: H,
        plan: Plan,
        settings: Settings,
    ) -> (Self, Events<SessionEvent>, SessionDriver<H>) {
        let machine = Machine::new(Instant::now().into_std(), plan);
        let (seen, _) = watch::channel(machine.epoch());
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner { machine, client: None, waker: None, ended: false }),
            turn: Mutex::default(),
            seen,
            span: settings.span(),
        });
        let alive = Arc::new(Alive(Arc::clone(&shared)));
        let profile = Arc::new(settings.profile.clone());
        let recording = Recording::default();
        let (events, ring) = events::channel(BacklogLimits::of(&settings));
        let session = Self { shared, profile, recording: recording.clone(), alive };
        let driver = SessionDriver::new(host, settings, &session, ring);
        (session, events, driver)
    }

    /// Records what passes from now on, at this port and at those opened later, without secrets. The
    /// driver writes the recording, and works on nothing else during a write.
    pub fn record(&self, to: impl io::Write + Send + 'static) {
        self.recording.start(to);
    }

    /// The state of the session.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.lock().machine.state()
    }

    /// The health of the session.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.lock().machine.health()
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Sends a command and waits for its answer. If the session does not allow it now, it says so at
    /// once. A signature is accepted only with the bizTid of this device.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if nothing was sent because of the session's state; else as
    /// [`Client::send`].
    pub async fn send<C: Command>(&self, command: &C) -> Result<C::Response, Error> {
        self.send_within(command, Duration::ZERO).await
    }

    /// Waits until the session allows a command, for instance until an earlier signature is no longer
    /// outstanding, then sends it and waits for its answer. The first wait is left out if the session
    /// is ready or has given up. All of it takes at most `patience`. If that is zero, it is
    /// [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send); and [`ExchangeError::TimedOut`] when the time is over, with
    /// [`Certainty::Unknown`].
    pub async fn send_within<C: Command>(
        &self,
        command: &C,
        patience: Duration,
    ) -> Result<C::Response, Error> {
        let request = command.request(&self.profile)?;
        if patience.is_zero() {
            return self.send_now(command, request).await;
        }
        let until = Instant::now().checked_add(patience);
        self.wait_permitted(&request, patience).await;
        let send = self.send_now(command, request);
        let Some(until) = until else { return send.await };
        tokio::time::timeout_at(until, send).await.unwrap_or_else(|_| {
            // The call was dropped: the driver tells the machine what is known of the command.
            let deadline = Deadline { name: WHOLE_CALL, after: patience };
            let certainty = Certainty::Unknown;
            Err(ExchangeError::TimedOut { deadline, certainty }.into())
        })
    }

    async fn send_now<C: Command>(
        &self,
        command: &C,
        request: Request,
    ) -> Result<C::Response, Error> {
        let (pass, outcome) = self.exchange(request).await?;
        let now = Instant::now().into_std();
        match pass {
            Some(pass) => {
                self.shared.change(|machine| machine.answered(now, pass, command, outcome))
            }
            None => Ok(command.decode(&outcome?)?),
        }
    }

    /// Runs a flow to its end. A command that the session does not allow fails as
    /// [`SubmitError::NotAllowed`](crate::engine::SubmitError::NotAllowed).
    pub async fn run<F: Flow>(&self, flow: F) -> F::Output {
        self.run_with(flow, |progress| debug!("{progress}")).await
    }

    /// Runs a flow to its end, and reports its progress.
    pub async fn run_with<F: Flow>(&self, flow: F, report: impl FnMut(Progress)) -> F::Output {
        super::run(flow, &self.profile, report, |request| self.send_of_flow(request)).await
    }

    /// Waits until the session is ready, at most for `patience`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not ready then, or has given up, with the reason.
    pub async fn wait_ready(&self, patience: Duration) -> Result<(), Error> {
        self.wait(Some(patience), |inner| {
            inner.ended || inner.machine.state() == State::Ready || inner.has_given_up()
        })
        .await;
        self.shared.lock().machine.ready()
    }

    /// Closes the SDK in order and, with [`ShutDown::PowerOff`], switches the module off. From then on
    /// every ALIPAY command is refused, until [`resume`](Self::resume).
    ///
    /// # Errors
    /// If the module did not confirm it. It is not switched off then, if the SDK was open.
    pub async fn shut_down(&self, how: ShutDown) -> Result<(), Error> {
        self.shared.change(|machine| machine.shut_down(how));
        let over = |inner: &Inner| inner.ended || inner.machine.state() != State::ShuttingDown;
        self.wait(None, over).await;
        let mut inner = self.shared.lock();
        if inner.machine.state() == State::ShuttingDown {
            return Err(ExchangeError::Disconnected(Certainty::Unknown).into());
        }
        inner.machine.take_shut_down().unwrap_or(Ok(()))
    }

    /// Gives the module another configuration, and brings the session to ready again.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if the module may hold reports and they are to be kept; nothing
    /// was sent then.
    pub fn reconfigure(&self, config: Config, held: HeldReports) -> Result<(), Error> {
        self.shared.change(|machine| machine.reconfigure(config, held))
    }

    /// Has the session begin again after [`State::Failed`] or [`State::Shut`].
    pub fn resume(&self) {
        self.shared.change(Machine::resume);
    }

    /// Adds a [`Duty`]: work that the session does while it is ready and has nothing else to do. A
    /// duty misses no notice if it is attached before the driver is spawned: see
    /// [`Machine::attach`].
    pub fn attach(&self, duty: impl Duty + 'static) {
        self.shared.change(|machine| machine.attach(Box::new(duty)));
    }

    /// Tells the session that a duty may have something to do. It may be called from any thread, but
    /// not from a duty: duties are called while the session is locked.
    pub fn nudge(&self) {
        self.shared.change(Machine::nudge);
    }

    /// Gives something that can nudge the session, but does not keep it running as a handle does. The
    /// work of a duty holds one of these.
    #[must_use]
    pub fn nudger(&self) -> Nudger {
        Nudger(Arc::downgrade(&self.shared))
    }

    /// The outcome of a command, and its pass. If the caller leaves meanwhile, the machine gets the
    /// pass back.
    async fn exchange(
        &self,
        mut request: Request,
    ) -> Result<(Option<Pass>, Result<Reply, ExchangeError>), NotAllowed> {
        let now = Instant::now().into_std();
        let (pass, client) = {
            let mut inner = self.shared.lock();
            (inner.machine.permit(now, &mut request)?, inner.client())
        };
        let pass = Arc::new(Mutex::new(Some(pass)));
        let take =
            |pass: &Mutex<Option<Pass>>| pass.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outcome = match client {
            Ok(client) => {
                let (shared, pass) = (Arc::clone(&self.shared), Arc::clone(&pass));
                let leave = Leave::new(move |certainty| {
                    if let Some(pass) = take(&pass) {
                        shared.change(|machine| machine.abandoned(&pass, certainty));
                    }
                });
                let outcome = client.exchange_or_leave(request, leave).await;
                drop(self.shared.turn());
                outcome
            }
            Err(gone) => Err(gone),
        };
        Ok((take(&pass), outcome))
    }

    async fn send_of_flow(&self, request: Request) -> Result<Reply, ExchangeError> {
        let (pass, outcome) = self.exchange(request).await?;
        let now = Instant::now().into_std();
        if let Some(pass) = pass {
            self.shared.change(|machine| machine.ended(now, pass, &outcome));
        }
        outcome
    }

    async fn wait_permitted(&self, request: &Request, patience: Duration) {
        if !patience.is_zero() {
            let settled = |inner: &Inner| inner.ended || inner.machine.is_settled(request);
            self.wait(Some(patience), settled).await;
        }
    }

    /// Waits until `done` holds, at most for `patience`.
    async fn wait(&self, patience: Option<Duration>, done: impl Fn(&Inner) -> bool) {
        let mut seen = self.shared.seen.subscribe();
        let wait = async {
            while !done(&self.shared.lock()) {
                if seen.changed().await.is_err() {
                    return;
                }
            }
        };
        match patience {
            // After the wait the caller looks whether it is done.
            Some(patience) => drop(tokio::time::timeout(patience, wait).await),
            None => wait.await,
        }
    }
}

impl Shared {
    /// A thread that panicked with the lock held does not stop the others.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the driver's turn is over. The driver holds this, and is never asked for it in its
    /// own turn.
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the machine, and wakes the driver.
    fn change<T>(&self, change: impl FnOnce(&mut Machine) -> T) -> T {
        let _span = self.span.enter();
        let mut inner = self.lock();
        let result = change(&mut inner.machine);
        if let Some(waker) = inner.waker.take() {
            waker.wake();
        }
        result
    }
}

impl Inner {
    fn client(&self) -> Result<Client, ExchangeError> {
        let gone = ExchangeError::Disconnected(Certainty::NotSent);
        self.client.clone().filter(|_| !self.ended).ok_or(gone)
    }

    fn has_given_up(&self) -> bool {
        !self.machine.state().is_recovering()
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.change(|_| ());
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("machine", &self.shared.lock().machine).finish()
    }
}
