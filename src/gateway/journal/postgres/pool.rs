//! The connections, and the thread that they live on.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::failure::{Cause, Failure};
use super::session::{GRACE, Session};
use super::settings::PostgresSettings;

/// Some connections, which any number of threads share. They live on one thread of their own, so
/// that a caller may itself be a task of a runtime, and so that a connection which the server
/// closes is noticed at once.
pub(super) struct Pool {
    settings: Arc<PostgresSettings>,
    /// It is there until this is dropped.
    runtime: Option<Runtime>,
    sessions: Mutex<Sessions>,
    freed: Condvar,
}

#[derive(Default)]
struct Sessions {
    /// The one that was used last is used next, so that the others may rest.
    idle: Vec<Arc<Session>>,
    /// How many there are, idle or not.
    open: usize,
}

impl Pool {
    pub(super) fn new(settings: PostgresSettings) -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("m26-pay postgres")
            .enable_all()
            .build()
            .map_err(|error| Failure::NotAsked(Cause::Thread(error)))?;
        Ok(Self {
            settings: Arc::new(settings),
            runtime: Some(runtime),
            sessions: Mutex::default(),
            freed: Condvar::new(),
        })
    }

    /// Has one of the connections do this, and waits for it.
    ///
    /// It is done again on another connection where nothing was written and that may help, and, if
    /// it `may_repeat`, where it is not known what was.
    pub(super) fn run<T, F>(
        &self,
        may_repeat: bool,
        work: impl Fn(Arc<Session>) -> F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let mut tries = 0;
        loop {
            let session = self.take()?;
            let done = self.wait(self.limit(), work(Arc::clone(&session)));
            let well = done.as_ref().map_or_else(Failure::leaves_connection, |_| true);
            self.give_back(session, well);
            match done {
                Err(failure)
                    if tries < TRIES
                        && (failure.is_worth_repeating() || may_repeat && failure.is_lost()) =>
                {
                    tries += 1;
                    if !well {
                        // The others have most likely ended with it.
                        self.forget_closed();
                    }
                }
                done => return done,
            }
        }
    }

    /// Connects once, to see whether that can be done.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        let session = self.take()?;
        self.give_back(session, true);
        Ok(())
    }

    /// How many connections there are.
    pub(super) fn open(&self) -> usize {
        self.lock().open
    }

    /// How long one try may take.
    fn limit(&self) -> Duration {
        self.settings.statement_timeout.min(LONGEST) + GRACE
    }

    /// A connection that nobody uses; a new one if there is none and may be one more.
    fn take(&self) -> Result<Arc<Session>, Failure> {
        let patience = self.settings.connect_timeout.min(LONGEST) + self.limit();
        let until = now() + patience;
        let mut sessions = self.lock();
        loop {
            while let Some(session) = sessions.idle.pop() {
                if !session.is_closed() {
                    return Ok(session);
                }
                sessions.open -= 1;
            }
            if sessions.open < self.settings.connections.max(1) {
                sessions.open += 1;
                drop(sessions);
                return self.connect();
            }
            let left = until.saturating_duration_since(now());
            if left.is_zero() {
                return Err(Failure::NotAsked(Cause::Busy));
            }
            let waited = self.freed.wait_timeout(sessions, left);
            sessions = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn connect(&self) -> Result<Arc<Session>, Failure> {
        let settings = Arc::clone(&self.settings);
        let connect = async move { Session::connect(&settings).await };
        let connected = self.wait(self.settings.connect_timeout.min(LONGEST) + GRACE, connect);
        if connected.is_err() {
            self.lock().open -= 1;
            self.freed.notify_one();
        }
        match connected {
            Err(Failure::NoAnswer) => Err(Failure::NotAsked(Cause::Late)),
            connected => Ok(Arc::new(connected?)),
        }
    }

    fn give_back(&self, session: Arc<Session>, well: bool) {
        let mut sessions = self.lock();
        if well && !session.is_closed() {
            sessions.idle.push(session);
        } else {
            sessions.open -= 1;
        }
        drop(sessions);
        self.freed.notify_one();
    }

    fn forget_closed(&self) {
        let mut sessions = self.lock();
        let before = sessions.idle.len();
        sessions.idle.retain(|session| !session.is_closed());
        sessions.open -= before - sessions.idle.len();
    }

    /// Waits for what runs on the connections' thread.
    fn wait<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(runtime) = &self.runtime else { return Err(Failure::NoAnswer) };
        let (done, waits) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            let result = timeout(limit, work).await.unwrap_or(Err(Failure::NoAnswer));
            // Whoever asked has not gone: it waits below.
            drop(done.send(result));
        });
        // Its sender is gone only if the thread is.
        waits.recv().unwrap_or(Err(Failure::NoAnswer))
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        // Nothing in here panics half-way.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // To wait for its thread is not allowed in a task of another runtime, and nothing is
            // under way.
            runtime.shutdown_background();
        }
    }
}

/// How long somebody waits for a connection.
#[allow(clippy::disallowed_methods, reason = "it only bounds the wait of the caller's thread")]
fn now() -> Instant {
    Instant::now()
}

/// How often one request is repeated. Not specified; chosen because one new connection shows
/// whether the server is there again.
const TRIES: u32 = 1;

/// Not specified; chosen far above any time that somebody waits for a journal.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
