//! The connection to Redis: made on a thread of its own, lent to one caller at a time, and not
//! attempted again before the back-off is over.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use redis::{Client, Cmd, Connection, FromRedisValue, RedisError};

use crate::advice::{self, Advice};
use crate::backoff::Backoff;
use crate::secret::Secret;

/// The way to a Redis server, for any number of threads.
pub(crate) struct Link {
    client: Client,
    /// The address without user and password.
    address: String,
    settings: LinkSettings,
    shared: Arc<Shared>,
}

/// How the server is reached.
#[derive(Clone)]
pub(crate) struct LinkSettings {
    /// What asks it, for the log.
    pub(crate) service: &'static str,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) backoff: Backoff,
}

/// The address of Redis is not valid. It is not shown, since it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of Redis is not valid: redis://user:password@host:port/database or \
     unix:///path is expected, and TLS is not supported"
)]
pub struct InvalidRedisUrl;

impl InvalidRedisUrl {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::platform::REDIS
    }
}

struct Shared {
    service: &'static str,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    standing: Standing,
    /// Failures in a row. A connection that was made is no success yet: the server may hang.
    failures: u32,
    /// What went wrong last.
    reason: String,
}

enum Standing {
    Down {
        /// Not before this; `None`: at once.
        until: Option<Instant>,
    },
    Connecting {
        /// Whether somebody has waited for it in vain already.
        overdue: bool,
    },
    Lent,
    Up {
        connection: Connection,
        /// Whether it was made for this very question.
        fresh: bool,
    },
}

struct Lent {
    connection: Connection,
    fresh: bool,
}

impl Link {
    /// The connection is made when the first command comes.
    pub(crate) fn new(
        url: &Secret<String>,
        settings: LinkSettings,
    ) -> Result<Self, InvalidRedisUrl> {
        let client = Client::open(url.expose().as_str()).map_err(|_| InvalidRedisUrl)?;
        let state =
            State { standing: Standing::Down { until: None }, failures: 0, reason: String::new() };
        let service = settings.service;
        Ok(Self {
            address: client.get_connection_info().addr().to_string(),
            client,
            settings: LinkSettings {
                connect_timeout: settings.connect_timeout.max(SHORTEST),
                response_timeout: settings.response_timeout.max(SHORTEST),
                ..settings
            },
            shared: Arc::new(Shared { service, state: Mutex::new(state), changed: Condvar::new() }),
        })
    }

    /// Sends a command that may be repeated, and gives its answer, or why there is none.
    pub(crate) fn ask<T: FromRedisValue>(&self, command: &Cmd, now: Instant) -> Result<T, String> {
        let (answer, stale) = self.try_ask(command, now);
        if stale { self.try_ask(command, now).0 } else { answer }
    }

    /// It also finds out whether the connection was closed meanwhile, such as by a restart of Redis.
    fn try_ask<T: FromRedisValue>(&self, command: &Cmd, now: Instant) -> (Result<T, String>, bool) {
        let Lent { mut connection, fresh } = match self.lend(now) {
            Ok(lent) => lent,
            Err(reason) => return (Err(reason), false),
        };
        let error = match command.query(&mut connection) {
            Ok(answer) => {
                self.give_back(connection, true);
                return (Ok(answer), false);
            }
            Err(error) => error,
        };
        let reason = describe(&self.address, &error);
        let stale = !fresh && error.is_io_error() && !error.is_timeout();
        if error.code().is_some() {
            // An answer, though not the one that was asked for.
            crate::log::warn!(reason, service = self.settings.service, "Redis refused");
            self.give_back(connection, false);
        } else if stale {
            self.shared.down(None);
        } else {
            self.shared.fail(reason.clone(), now, &self.settings.backoff);
        }
        (Err(reason), stale)
    }

    /// The connection, for as long as it is used. Waits for one that is being made, or lent.
    fn lend(&self, now: Instant) -> Result<Lent, String> {
        let mut state = self.shared.lock();
        if let Standing::Down { until } = state.standing {
            if until.is_some_and(|until| now < until) {
                return Err(state.reason.clone());
            }
            state.standing = Standing::Connecting { overdue: false };
            self.connect(&mut state, now);
        }
        let pending = |state: &mut State| {
            matches!(state.standing, Standing::Connecting { overdue: false } | Standing::Lent)
        };
        let patience = self.settings.connect_timeout + self.settings.response_timeout;
        let waited = self.shared.changed.wait_timeout_while(state, patience, pending);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut state.standing, Standing::Lent) {
            Standing::Up { connection, fresh } => Ok(Lent { connection, fresh }),
            Standing::Connecting { .. } => {
                state.standing = Standing::Connecting { overdue: true };
                state.reason = format!("Redis at {}: no connection in time", self.address);
                Err(state.reason.clone())
            }
            // It is lent for longer than an answer may take: the next one makes another.
            Standing::Lent => {
                state.standing = Standing::Down { until: None };
                Err(format!("Redis at {}: too many ask at once", self.address))
            }
            down @ Standing::Down { .. } => {
                state.standing = down;
                Err(state.reason.clone())
            }
        }
    }

    fn give_back(&self, connection: Connection, success: bool) {
        let mut state = self.shared.lock();
        if success && state.failures > 0 {
            let (address, service) = (&self.address, self.settings.service);
            crate::log::info!(address, service, "Redis answers again");
            state.failures = 0;
        }
        state.standing = Standing::Up { connection, fresh: false };
        self.shared.changed.notify_one();
    }

    fn connect(&self, state: &mut State, now: Instant) {
        let (client, shared) = (self.client.clone(), Arc::clone(&self.shared));
        let (connect, response) = (self.settings.connect_timeout, self.settings.response_timeout);
        let (backoff, address) = (self.settings.backoff.clone(), self.address.clone());
        let work = move || match open(&client, connect, response) {
            Ok(connection) => shared.up(connection),
            Err(error) => shared.fail(describe(&address, &error), now, &backoff),
        };
        let name = format!("{}-redis", self.settings.service);
        if let Err(error) = thread::Builder::new().name(name).spawn(work) {
            let reason = format!("no thread for the connection to Redis: {error}");
            state.fail(reason, now, &self.settings.backoff, self.settings.service);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a single assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up(&self, connection: Connection) {
        self.lock().standing = Standing::Up { connection, fresh: true };
        self.changed.notify_one();
    }

    fn down(&self, until: Option<Instant>) {
        self.lock().standing = Standing::Down { until };
        self.changed.notify_all();
    }

    fn fail(&self, reason: String, now: Instant, backoff: &Backoff) {
        self.lock().fail(reason, now, backoff, self.service);
        self.changed.notify_all();
    }
}

impl State {
    fn fail(&mut self, reason: String, now: Instant, backoff: &Backoff, service: &str) {
        if self.failures == 0 {
            crate::log::warn!(reason, service, "Redis cannot be reached");
        }
        let wait = backoff.wait(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.standing = Standing::Down { until: now.checked_add(wait) };
        self.reason = reason;
    }
}

fn open(client: &Client, connect: Duration, response: Duration) -> Result<Connection, RedisError> {
    let connection = client.get_connection_with_timeout(connect)?;
    connection.set_read_timeout(Some(response))?;
    connection.set_write_timeout(Some(response))?;
    Ok(connection)
}

/// What went wrong. What the server says in words is left out: it may repeat what was sent.
fn describe(address: &str, error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("Redis at {address} answered {code}"),
        None if error.is_timeout() => format!("Redis at {address} did not answer in time"),
        None if error.is_io_error() => format!("Redis at {address}: {error}"),
        None => format!("Redis at {address}: {}", error.category()),
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The system takes no time-out of nothing.
const SHORTEST: Duration = Duration::from_millis(1);
