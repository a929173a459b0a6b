//! A journal that several hosts share.

mod failure;
mod pool;
mod row;
mod schema;
mod session;
mod settings;
mod statements;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use settings::{InvalidPostgresSettings, PostgresSettings};

use self::failure::Failure;
use self::pool::Pool;
use self::row::{Value, storable, value};
use self::session::Session;
use super::{Begun, Claim, Entry, EntryKey, Holder, Journal, JournalError, Pause};
use crate::gateway::alipay::{Identity, OutTradeNo};
use crate::unix_time::UnixMillis;

/// A [`Journal`] on a PostgreSQL server, which any number of hosts share.
///
/// Every change is one statement, which is on the server's disk when the call returns. Leases run by
/// the server's clock, so those of the hosts need not agree. Each program has a [`Holder`] of its
/// own.
///
/// # The tables
///
/// They are made at the first start, in the schema that comes first in the `search_path` of the
/// user, and brought forward by newer programs; an older program leaves the tables of a newer one
/// alone ([`JournalError::Newer`]). `\d+ m26_order` tells in `psql` what each column means. Nothing
/// in them is secret: no payment code, no key, no buyer. `docs/journal.md` has queries for the
/// administrator. PostgreSQL 12 or later is needed, and a database with the encoding UTF8.
///
/// # When the server is away
///
/// No call hangs: to connect takes no longer than
/// [`connect_timeout`](PostgresSettings::connect_timeout), to ask no longer than
/// [`statement_timeout`](PostgresSettings::statement_timeout) and a second, and a call does each at
/// most twice. Where the server cannot be reached, nothing was written:
/// [`JournalError::Unreachable`]. Where the connection breaks while a change is made, it may be
/// made: [`JournalError::Lost`]. The next call makes a new connection. What only reads, and a claim,
/// is repeated on it by itself.
///
/// ```no_run
/// use m26_pay::gateway::journal::{Journal, PostgresJournal, PostgresSettings};
///
/// let settings = PostgresSettings::new("postgres://till@db.example/shop")?;
/// let journal = PostgresJournal::open(settings)?;
/// assert!(journal.open_orders(None, 100)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresJournal {
    pool: Pool,
}

impl PostgresJournal {
    /// Connects to the server, and sees to the tables. It costs the same however many orders there
    /// are.
    ///
    /// # Errors
    /// If the server cannot be reached, does not let this user in, or has the tables of a newer
    /// program.
    pub fn open(settings: PostgresSettings) -> Result<Self, JournalError> {
        let pool = Pool::new(settings)?;
        pool.try_out()?;
        Ok(Self { pool })
    }

    fn read(&self, text: &'static str, values: Vec<Value>) -> Result<Vec<Entry>, JournalError> {
        let values = Arc::new(values);
        let read = self.pool.run(true, move |session| {
            let values = Arc::clone(&values);
            work(async move {
                let rows = session.query(text, &values).await?;
                rows.iter().map(row::read).collect()
            })
        });
        Ok(read?)
    }
}

impl Journal for PostgresJournal {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        let (values, key) = (row::values(entry, FIRST), row::key(&entry.key()));
        let (values, key) = (Arc::new(values), Arc::new(key));
        let begun = self.pool.run(false, move |session| {
            let (values, key) = (Arc::clone(&values), Arc::clone(&key));
            work(async move {
                if session.execute(statements::BEGIN, &values).await? == 1 {
                    return Ok(Begun::New(FIRST));
                }
                let there = find(&session, &key).await?;
                // No program removes an order.
                let there = there.ok_or(Failure::Wrong("an order that was there"))?;
                Ok(Begun::Exists(Box::new(there.entry)))
            })
        });
        Ok(begun?)
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        let version = entry.version.saturating_add(1);
        let (values, key) = (row::values(entry, version), row::key(&entry.key()));
        let (values, key) = (Arc::new(values), Arc::new(key));
        let updated = self.pool.run(false, move |session| {
            let (values, key) = (Arc::clone(&values), Arc::clone(&key));
            work(async move {
                if session.execute(statements::UPDATE, &values).await? == 1 {
                    return Ok(Some(true));
                }
                Ok(find(&session, &key).await?.map(|_| false))
            })
        });
        match updated? {
            Some(true) => Ok(version),
            Some(false) => Err(JournalError::Conflict),
            None => Err(JournalError::Missing),
        }
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        self.read(statements::NUMBERED, vec![value(out_trade_no.as_str().to_owned())])
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        let nothing = || (0..5).map(|_| value(None::<String>)).collect();
        let mut values = after.map_or_else(nothing, row::key);
        values.push(value(i64::try_from(limit).unwrap_or(i64::MAX)));
        self.read(statements::OPEN, values)
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        _: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        let mut values = row::key(key);
        values.extend(claimer(holder, lease));
        let (values, key) = (Arc::new(values), Arc::new(row::key(key)));
        let claimed = self.pool.run(true, move |session| {
            let (values, key) = (Arc::clone(&values), Arc::clone(&key));
            work(async move {
                loop {
                    if let Some(row) = session.query_opt(statements::CLAIM, &values).await? {
                        return Ok(Claim::Yours(Box::new(row::read(&row)?)));
                    }
                    let Some(Found { entry, held }) = find(&session, &key).await? else {
                        return Ok(Claim::Missing);
                    };
                    match entry.owner {
                        _ if entry.outcome.is_some() => {
                            return Ok(Claim::Settled(Box::new(entry)));
                        }
                        Some(owner) if held => return Ok(Claim::Held(owner)),
                        // It became free in between.
                        _ => {}
                    }
                }
            })
        });
        Ok(claimed?)
    }

    fn claim_due(
        &self,
        identity: &Identity,
        pause: Pause,
        holder: &Holder,
        _: UnixMillis,
        lease: Duration,
    ) -> Result<Option<Entry>, JournalError> {
        let mut values = row::identity(identity);
        values.extend([millis(pause.first), millis(pause.longest)]);
        values.extend(claimer(holder, lease));
        let values = Arc::new(values);
        // Not repeated: the first one may have been carried out, and another order be handed out
        // beside it.
        let claimed = self.pool.run(false, move |session| {
            let values = Arc::clone(&values);
            work(async move {
                let row = session.query_opt(statements::CLAIM_DUE, &values).await?;
                row.as_ref().map(row::read).transpose()
            })
        });
        Ok(claimed?)
    }
}

impl fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresJournal")
            .field("connections", &self.pool.open())
            .finish_non_exhaustive()
    }
}

/// An entry that was found, and whether somebody has it at the moment.
struct Found {
    entry: Entry,
    held: bool,
}

async fn find(session: &Session, key: &[Value]) -> Result<Option<Found>, Failure> {
    let Some(row) = session.query_opt(statements::FIND, key).await? else { return Ok(None) };
    let held: Option<bool> = row.try_get("held")?;
    Ok(Some(Found { entry: row::read(&row)?, held: held.unwrap_or(false) }))
}

/// The values of who claims, and for how long.
fn claimer(holder: &Holder, lease: Duration) -> [Value; 2] {
    [value(storable(holder.as_str())), millis(lease)]
}

/// Milliseconds of a time that the server adds to its own; at most a thousand years.
fn millis(time: Duration) -> Value {
    let most = Duration::from_secs(1000 * 365 * 24 * 3600);
    value(i64::try_from(time.min(most).as_millis()).unwrap_or(i64::MAX))
}

/// What a connection does.
type Work<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

fn work<T>(work: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Work<T> {
    Box::pin(work)
}

/// The version of an entry that was never changed.
const FIRST: u64 = 1;
