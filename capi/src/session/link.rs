//! A session behind its handle: it works while a call lasts, or in a thread of its own.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

use m26_pay::blocking::{Session, SessionHandle};
use m26_pay::error::Error;
use m26_pay::flows::Progress;
use m26_pay::session::Duty;

use super::host::TerminalHost;
use super::reader::{Place, Reader};
use crate::event::Told;
use crate::failure::Failure;
use crate::module::ask::Ask;
use crate::module::steps::Steps;
use crate::module::{Link, in_use};
use crate::registry;
use crate::status::{M26PAY_WRONG_KIND, M26PAY_WRONG_THREAD};
use crate::worker::Worker;

pub(crate) struct SessionLink {
    /// The session, while it has no thread of its own.
    alone: Mutex<Option<Session<TerminalHost>>>,
    threaded: OnceLock<Threaded>,
    /// For how long a command may wait, in milliseconds; 0 is for as long as it takes.
    patience: AtomicU32,
    /// A duty has something to do, which the session learns when it works next.
    nudged: AtomicBool,
}

/// A session in a thread of its own.
pub(super) struct Threaded {
    pub(super) handle: SessionHandle,
    worker: Worker,
    pub(super) reader: Mutex<Place>,
}

/// Either kind, for a call.
pub(super) enum Working<'a> {
    Alone(&'a mut Session<TerminalHost>),
    Threaded(&'a Threaded),
}

impl SessionLink {
    pub(super) fn new(session: Session<TerminalHost>) -> Self {
        Self {
            alone: Mutex::new(Some(session)),
            threaded: OnceLock::new(),
            patience: AtomicU32::new(0),
            nudged: AtomicBool::new(false),
        }
    }

    /// Does something with the session: alone with it, if it has no thread of its own.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(Working<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(threaded) = self.threaded.get() {
            threaded.check_thread()?;
            return work(Working::Threaded(threaded));
        }
        let mut session = match self.alone.try_lock() {
            Ok(session) => session,
            Err(TryLockError::Poisoned(session)) => PoisonError::into_inner(session),
            Err(TryLockError::WouldBlock) => return Err(in_use()),
        };
        match (&mut *session, self.threaded.get()) {
            (Some(session), _) => {
                if self.nudged.swap(false, Ordering::AcqRel) {
                    session.nudge();
                }
                work(Working::Alone(session))
            }
            // It was started meanwhile.
            (None, Some(threaded)) => {
                threaded.check_thread()?;
                work(Working::Threaded(threaded))
            }
            (None, None) => Err(registry::stale()),
        }
    }

    /// Gives the session a thread of its own.
    pub(super) fn start(&self) -> Result<(), Failure> {
        let started = || Failure::misuse(M26PAY_WRONG_KIND, "the session was started already");
        if self.threaded.get().is_some() {
            return Err(started());
        }
        let mut alone = match self.alone.try_lock() {
            Ok(session) => session,
            Err(TryLockError::Poisoned(session)) => PoisonError::into_inner(session),
            Err(TryLockError::WouldBlock) => return Err(in_use()),
        };
        let Some(session) = alone.take() else {
            // By another thread, meanwhile; or it was freed.
            return Err(self.threaded.get().map_or_else(registry::stale, |_| started()));
        };
        let (handle, driver) = session.into_driver().map_err(no_thread)?;
        let worker = Worker::spawn("m26pay", move || drop(driver.run())).map_err(no_thread)?;
        let threaded = Threaded { handle, worker, reader: Mutex::new(Place::Empty) };
        // Nobody else can have set it: the session was there until now.
        let _ = self.threaded.set(threaded);
        self.pass_nudge();
        Ok(())
    }

    /// The thread of its own, for what needs one.
    pub(super) fn threaded(&self) -> Result<&Threaded, Failure> {
        let threaded = self.threaded.get().ok_or_else(|| {
            Failure::misuse(M26PAY_WRONG_KIND, "the session has no thread: m26pay_session_start")
        })?;
        threaded.check_thread()?;
        Ok(threaded)
    }

    /// The session, for one that uses it beside the others.
    #[cfg(feature = "payments")]
    pub(crate) fn handle(&self) -> Result<SessionHandle, Failure> {
        Ok(self.threaded()?.handle.clone())
    }

    /// Gives the session a duty.
    pub(crate) fn attach(&self, duty: impl Duty + 'static) -> Result<(), Failure> {
        self.with(|working| {
            match working {
                Working::Alone(session) => session.attach(duty),
                Working::Threaded(it) => it.handle.attach(duty),
            }
            Ok(())
        })
    }

    /// A duty has something to do.
    pub(crate) fn nudge(&self) {
        // A swap, not a store: it reads what a start has written, and then sees its thread.
        self.nudged.swap(true, Ordering::AcqRel);
        self.pass_nudge();
    }

    /// Whoever comes second, the nudge or the start, sees the other one.
    fn pass_nudge(&self) {
        if let Some(threaded) = self.threaded.get() {
            if self.nudged.swap(false, Ordering::AcqRel) {
                threaded.handle.nudge();
            }
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.patience.load(Ordering::Relaxed).into())
    }
}

impl Threaded {
    /// The thread that works for the session cannot wait for itself.
    fn check_thread(&self) -> Result<(), Failure> {
        if self.worker.is_current() {
            return Err(wrong_thread());
        }
        Ok(())
    }

    fn end(&self) -> Result<(), Failure> {
        // One lock decides who ends it: a callback that tries it must not take it from another thread that
        // may. It is not held while the threads are waited for: a callback may be in a call of its own.
        let reader = match &mut *self.reader.lock().unwrap_or_else(PoisonError::into_inner) {
            Place::Taken(reader) if reader.is_current() => return Err(wrong_thread()),
            Place::Closed => return Err(registry::stale()),
            place => std::mem::replace(place, Place::Closed),
        };
        self.handle.stop();
        self.worker.join();
        if let Place::Taken(reader) = reader {
            Reader::end(reader);
        }
        Ok(())
    }
}

impl Link for SessionLink {
    fn send(&self, ask: &dyn Ask) -> Result<(), Failure> {
        let patience = self.patience();
        self.with(|working| match working {
            Working::Alone(session) => Ok(session.send_within(&ask, patience)?),
            Working::Threaded(it) => Ok(it.handle.send_within(&ask, patience)?),
        })
    }

    fn run(&self, flow: &mut dyn Steps, told: &mut dyn FnMut(Progress)) -> Result<(), Failure> {
        self.with(|working| match working {
            Working::Alone(session) => {
                session.run_with(flow, told);
                Ok(())
            }
            Working::Threaded(_) => Err(Failure::misuse(
                M26PAY_WRONG_KIND,
                "a session with a thread of its own does this by itself",
            )),
        })
    }

    fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Told>, Failure> {
        let event = self.with(|working| match working {
            Working::Alone(session) => Ok(session.next_event(timeout)),
            Working::Threaded(it) => {
                let event = it.handle.next_event(timeout);
                let reader = it.reader.lock().unwrap_or_else(PoisonError::into_inner);
                if let Place::Taken(reader) = &*reader {
                    reader.taken(|| it.handle.wait_event(Some(Duration::ZERO)));
                }
                Ok(event)
            }
        })?;
        Ok(event.as_ref().map(Told::from))
    }

    fn session(&self) -> Option<&SessionLink> {
        Some(self)
    }

    fn set_timeout(&self, timeout: Option<Duration>) -> Result<(), Failure> {
        // 49 days at most: not every terminal's processor has atomics of 64 bits.
        let patience =
            timeout.map_or(0, |timeout| u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
        self.patience.store(patience, Ordering::Relaxed);
        Ok(())
    }

    fn close(&self) -> Result<(), Failure> {
        if self.threaded.get().is_none() {
            let session = match self.alone.try_lock() {
                Ok(mut session) => session.take(),
                Err(TryLockError::Poisoned(session)) => session.into_inner().take(),
                Err(TryLockError::WouldBlock) => return Err(in_use()),
            };
            if session.is_some() {
                return Ok(());
            }
        }
        // It may have been started meanwhile.
        let Some(threaded) = self.threaded.get() else { return Ok(()) };
        threaded.check_thread()?;
        threaded.end()
    }
}

fn no_thread(source: std::io::Error) -> Failure {
    Error::Io { doing: "the system gives the session no thread".into(), source }.into()
}

#[cold]
pub(super) fn wrong_thread() -> Failure {
    Failure::misuse(
        M26PAY_WRONG_THREAD,
        "the call was made from within a callback, and would wait for it: call from another thread",
    )
}
