//! A session that works in a thread of its own, and its handles.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tracing::Span;

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
/// assert!(error.to_string().contains("disconnected"), "{error}");
/// handle.stop();
/// let session: Session = thread.join().expect("the thread ends");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SessionHandle {
    shared: Arc<Shared>,
    profile: Arc<Profile>,
    calls: Arc<AtomicU64>,
    span: Span,
    _alive: Arc<Alive>,
}

/// Works for the handles of a session: give it to a thread of its own.
#[must_use = "nothing happens unless it runs: spawn a thread"]
pub struct SessionDriver<H: Host = SerialHost> {
    session: Session<H>,
    alive: Weak<Alive>,
}

/// Nudges a session, as [`SessionHandle::nudge`] does, and does not keep it running.
#[derive(Clone)]
pub struct Nudger(Weak<Shared>);

/// The handles together: the driver ends with the last of them.
struct Alive(Arc<Shared>);

impl<H: Host> Session<H> {
    /// Has the session work in another thread, for handles in any number of threads.
    ///
    /// # Errors
    /// If the system has no descriptor left, two of which are needed.
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
            calls: Arc::default(),
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
    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.lock().machine.state()
    }

    /// How the session is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.lock().machine.health()
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Records what passes from now on, at every port, secrets replaced. The thread of the session
    /// writes it.
    pub fn record(&self, to: impl io::Write + Send + 'static) {
        let recorder = Recorder::new(to, now());
        self.shared.change(|inner| inner.recorder = Some(recorder));
    }

    /// Sends a command and waits for its answer: see [`Session::send`].
    ///
    /// # Errors
    /// As [`Session::send`].
    pub fn send<C: Command>(&self, command: &C) -> Result<C::Response, Error> {
        self.submit(command)?.wait()
    }

    /// Sends a command and waits for its answer, and for the session to be ready before, at most for
    /// `patience` together: see [`Session::send_within`].
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
    /// If the session does not let it through now, or it cannot be sent. Nothing was sent then.
    pub fn submit<C: Command>(&self, command: C) -> Result<Call<C>, Error> {
        let request = command.request(&self.profile)?;
        self.begin(command, request)
    }

    /// Waits until the session is ready, at most for so long.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] if it is not ready then, or has given up, with the reason.
    pub fn wait_ready(&self, within: Duration) -> Result<(), Error> {
        self.shared
            .wait(Some(within), |inner| (!inner.machine.state().is_recovering()).then_some(()));
        self.shared.lock().machine.ready()
    }

    /// The next thing that happened; `None` if nothing did for so long, or the session does not work
    /// any more. Without a time-out it waits for ever. Each event goes to one handle.
    #[must_use]
    pub fn next_event(&self, timeout: Option<Duration>) -> Option<SessionEvent> {
        self.shared.wait(timeout, Inner::take_event)
    }

    /// Waits until there is an event to take, at most for so long, and takes none. Whether there is
    /// one: `false` if there was none for so long, or the session does not work any more.
    ///
    /// So that a thread which prints events can lock the screen before it takes one, and another
    /// thread knows that none is on its way to the screen.
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

    /// Begins again after [`State::Failed`] or [`State::Shut`].
    pub fn resume(&self) {
        let _span = self.span.enter();
        self.shared.change(|inner| inner.machine.resume());
    }

    /// Has the session do this by itself, whenever nothing else is due.
    pub fn attach(&self, duty: impl Duty + 'static) {
        self.shared.change(|inner| inner.machine.attach(Box::new(duty)));
    }

    /// There may be something to do for a duty: the session looks at once. From any thread, but not
    /// from within a duty, which is called while the session is locked.
    pub fn nudge(&self) {
        self.shared.change(|inner| inner.machine.nudge());
    }

    /// Nudges the session without being a handle of it, for whoever must not keep it running, such
    /// as what a duty works on.
    #[must_use]
    pub fn nudger(&self) -> Nudger {
        Nudger(Arc::downgrade(&self.shared))
    }

    /// Ends [`SessionDriver::run`]. The module stays as it is.
    pub fn stop(&self) {
        self.shared.change(|inner| inner.stop = true);
    }

    fn begin<C: Command>(&self, command: C, mut request: Request) -> Result<Call<C>, Error> {
        let id = self.calls.fetch_add(1, Ordering::Relaxed);
        let (sender, outcome) = sync_channel(1);
        let pass = self.shared.change(|inner| {
            let pass = inner.machine.permit(now(), &mut request)?;
            // Where nobody works any more the caller is told so: the sender is dropped.
            if inner.bell.is_some() {
                inner.operations.push(Operation::Send {
                    id,
                    request: Box::new(request),
                    outcome: sender,
                });
            } else {
                let _ = sender.send((now(), Err(ExchangeError::Disconnected(Certainty::NotSent))));
            }
            Ok::<_, Error>(pass)
        })?;
        Ok(Call::new(command, id, outcome, Arc::clone(&self.shared), pass))
    }
}

impl Nudger {
    /// There may be something to do for a duty. Whether there still is a session.
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
