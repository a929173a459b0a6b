//! [`SessionHandle`]: a blocking session that works in a thread of its own.

use std::fmt;
use std::io;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::log::Span;

use super::Session;
use super::call::Call;
use super::shared::{Inner, Operation, Shared, now};
use crate::alipay::Config;
use crate::at::command::{Command, Deadline, Request};
use crate::at::profile::Profile;
use crate::blocking::Host;
use crate::blocking::bell::bell;
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::serial::SerialHost;
use crate::session::{Duty, Health, HeldReports, SessionEvent, ShutDown, State, WHOLE_CALL};
use crate::transcript::Recorder;

/// A handle of a [`Session`] that works in a thread of its own. It is cloned freely, and sent to
/// other threads; commands of all handles are served in the order in which they come.
///
/// ```
/// use std::thread;
/// use std::time::Duration;
///
/// use m26_pay::Certainty;
/// use m26_pay::blocking::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::serial::SerialHost;
/// use m26_pay::session::Plan;
///
/// let host = SerialHost::at("/dev/there-is-no-such-port");
/// let session = Session::new(host, Plan::default(), Settings::default());
/// let (handle, driver) = session.into_driver()?;
/// let thread = thread::spawn(move || driver.run());
///
/// let error = handle.wait_ready(Duration::from_millis(10)).unwrap_err();
/// assert_eq!(error.certainty(), Certainty::NotSent);
/// handle.stop();
/// let session: Session = thread.join().expect("the thread ends");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SessionHandle {
    shared: Arc<Shared>,
    profile: Arc<Profile>,
    span: Span,
    _alive: Arc<Alive>,
}

/// Works for the handles of a session: give it to a thread of its own.
#[must_use = "nothing happens unless it runs: spawn a thread"]
pub struct SessionDriver<H: Host = SerialHost> {
    session: Session<H>,
    alive: Weak<Alive>,
}

/// Nudges a session, as [`SessionHandle::nudge`] does, without keeping it running.
#[derive(Clone)]
pub struct Nudger(Weak<Shared>);

/// The handles together: the driver ends with the last of them.
struct Alive(Arc<Shared>);

impl<H: Host> Session<H> {
    /// Makes a handle and a driver of the session: the driver works in a thread of its own, the
    /// handle is cloned for any number of threads.
    ///
    /// # Errors
    /// If the system has no descriptors left: two are needed.
    pub fn into_driver(mut self) -> io::Result<(SessionHandle, SessionDriver<H>)> {
        let (bell, ear) = bell()?;
        self.listen(Some(ear));
        let mut inner = self.shared.lock();
        (inner.bell, inner.stop) = (Some(bell), false);
        drop(inner);
        let alive = Arc::new(Alive(Arc::clone(&self.shared)));
        let weak = Arc::downgrade(&alive);
        let handle = SessionHandle {
            shared: Arc::clone(&self.shared),
            profile: Arc::new(self.settings.profile.clone()),
            span: self.span.clone(),
            _alive: alive,
        };
        Ok((handle, SessionDriver { session: self, alive: weak }))
    }
}

impl<H: Host> SessionDriver<H> {
    /// Works until a handle [stops](SessionHandle::stop) it or all of them are gone, and gives the
    /// session back. What is pending then is cancelled.
    pub fn run(mut self) -> Session<H> {
        let alive = self.alive;
        self.session.work(None, |inner| inner.stop || alive.strong_count() == 0);
        self.session.end_calls();
        self.session.listen(None);
        self.session
    }
}

impl SessionHandle {
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

    /// Records what passes from now on, at this port and at those opened later, without secrets. The
    /// driver's thread writes it.
    pub fn record(&self, to: impl io::Write + Send + 'static) {
        let recorder = Recorder::new(to, now());
        self.shared.change(|inner| inner.recorder = Some(Box::new(recorder)));
    }

    /// Sends a command and waits for its answer: see [`Session::send`].
    ///
    /// # Errors
    /// As [`Session::send`].
    pub fn send<C: Command>(&self, command: &C) -> Result<C::Response, Error> {
        self.submit(command)?.wait()
    }

    /// Waits until the session allows a command, sends it and waits for its answer, at most for
    /// `patience` in all: see [`Session::send_within`].
    ///
    /// # Errors
    /// As [`Session::send`].
    pub fn send_within<C: Command>(
        &self,
        command: &C,
        patience: Duration,
    ) -> Result<C::Response, Error> {
        let request = command.request(&self.profile)?;
        if patience.is_zero() {
            return self.begin(command, request)?.wait();
        }
        let until = now().checked_add(patience);
        self.shared.wait(Some(patience), |inner| inner.machine.is_settled(&request).then_some(()));
        let call = self.begin(command, request)?;
        let Some(until) = until else { return call.wait() };
        match call.wait_timeout(until.saturating_duration_since(now())) {
            Ok(answer) => answer,
            Err(call) => {
                let deadline = Deadline { name: WHOLE_CALL, after: patience };
                Err(ExchangeError::TimedOut { deadline, certainty: call.cancel() }.into())
            }
        }
    }

    /// Sends a command without waiting.
    ///
    /// # Errors
    /// If the session does not allow it now, or it cannot be sent. Nothing was sent then.
    pub fn submit<C: Command>(&self, command: C) -> Result<Call<C>, Error> {
        let request = command.request(&self.profile)?;
        self.begin(command, request)
    }

    /// Waits until the session is ready, at most for `patience`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not ready then, or has given up, with the reason.
    pub fn wait_ready(&self, patience: Duration) -> Result<(), Error> {
        self.shared
            .wait(Some(patience), |inner| (!inner.machine.state().is_recovering()).then_some(()));
        self.shared.lock().machine.ready()
    }

    /// Waits for the next event, at most for `timeout`; without a timeout it waits for ever. `None`
    /// if there was none, or the driver has ended. Each event goes to one handle.
    #[must_use]
    pub fn next_event(&self, timeout: Option<Duration>) -> Option<SessionEvent> {
        self.shared.wait(timeout, Inner::take_event)
    }

    /// Waits until there is an event, at most for `timeout`, and does not take it. `false` if there
    /// was none, or the driver has ended.
    ///
    /// With this a thread that prints events can lock the screen before it takes one. Another thread
    /// that locks the screen then knows that no event is about to be printed.
    #[must_use]
    pub fn wait_event(&self, timeout: Option<Duration>) -> bool {
        let found = self.shared.wait(timeout, |inner| {
            inner.absorb_events();
            inner.has_events().then_some(())
        });
        found.is_some()
    }

    /// Closes the SDK in order and, with [`ShutDown::PowerOff`], switches the module off: see
    /// [`Session::shut_down`].
    ///
    /// # Errors
    /// As [`Session::shut_down`].
    pub fn shut_down(&self, how: ShutDown) -> Result<(), Error> {
        let _span = self.span.enter();
        self.shared.change(|inner| inner.machine.shut_down(how));
        let over = self.shared.wait(None, |inner| {
            let over = inner.machine.state() != State::ShuttingDown;
            over.then(|| inner.machine.take_shut_down().unwrap_or(Ok(())))
        });
        over.unwrap_or_else(|| Err(ExchangeError::Disconnected(Certainty::Unknown).into()))
    }

    /// Gives the module another configuration: see [`Session::reconfigure`].
    ///
    /// # Errors
    /// As [`Session::reconfigure`].
    pub fn reconfigure(&self, config: Config, held: HeldReports) -> Result<(), Error> {
        let _span = self.span.enter();
        self.shared.change(|inner| inner.machine.reconfigure(config, held))
    }

    /// Has the session begin again after [`State::Failed`] or [`State::Shut`].
    pub fn resume(&self) {
        let _span = self.span.enter();
        self.shared.change(|inner| inner.machine.resume());
    }

    /// Adds a [`Duty`]: work that the session does while it is ready and has nothing else to do. See
    /// [`Machine::attach`](crate::session::Machine::attach).
    pub fn attach(&self, duty: impl Duty + 'static) {
        self.shared.change(|inner| inner.machine.attach(Box::new(duty)));
    }

    /// Tells the session that a duty may have something to do. It may be called from any thread, but
    /// not from a duty: duties are called while the session is locked.
    pub fn nudge(&self) {
        self.shared.change(|inner| inner.machine.nudge());
    }

    /// Gives something that can nudge the session, but does not keep it running as a handle does. The
    /// work of a duty holds one of these.
    #[must_use]
    pub fn nudger(&self) -> Nudger {
        Nudger(Arc::downgrade(&self.shared))
    }

    /// Ends [`SessionDriver::run`]. The module stays as it is.
    pub fn stop(&self) {
        self.shared.change(|inner| inner.stop = true);
    }

    fn begin<C: Command>(&self, command: C, mut request: Request) -> Result<Call<C>, Error> {
        let (sender, outcome) = sync_channel(1);
        let (id, pass) = self.shared.change(|inner| {
            let pass = inner.machine.permit(now(), &mut request)?;
            inner.calls += 1;
            let id = inner.calls;
            // If the driver has ended, the caller is told so.
            if inner.bell.is_some() {
                inner.operations.push(Operation::Send {
                    id,
                    request: Box::new(request),
                    outcome: sender,
                });
            } else {
                let _ = sender.send((now(), Err(ExchangeError::Disconnected(Certainty::NotSent))));
            }
            Ok::<_, Error>((id, pass))
        })?;
        Ok(Call::new(command, id, outcome, Arc::clone(&self.shared), pass))
    }
}

impl Nudger {
    /// Tells the session that a duty may have something to do. `false` if there is no session any
    /// more.
    pub fn nudge(&self) -> bool {
        let shared = self.0.upgrade();
        shared.map(|shared| shared.change(|inner| inner.machine.nudge())).is_some()
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.change(|_| ());
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle")
            .field("machine", &self.shared.lock().machine)
            .finish_non_exhaustive()
    }
}

impl<H: Host> fmt::Debug for SessionDriver<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDriver").field("session", &self.session).finish_non_exhaustive()
    }
}

impl fmt::Debug for Nudger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nudger").finish_non_exhaustive()
    }
}
