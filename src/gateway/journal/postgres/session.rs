//! One connection, ready to be used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::log::warn;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::failure::{Cause, Failure};
use super::row::Value;
use super::schema;
use super::settings::PostgresSettings;

/// One connection, ready to be used. Its other half runs in a task, which ends with it.
pub(super) struct Session {
    client: Client,
    /// What the server has read already.
    prepared: Mutex<HashMap<&'static str, Statement>>,
}

impl Session {
    /// Connects, within the time for it, and sees to the tables.
    pub(super) async fn connect(settings: &PostgresSettings) -> Result<Self, Failure> {
        match timeout(settings.connect_timeout, Self::open(settings)).await {
            Ok(Ok(session)) => Ok(session),
            // Whatever it was, nothing was asked for yet.
            Ok(Err(Failure::Said(error))) => Err(Failure::NotAsked(Cause::Server(error))),
            Ok(Err(Failure::NoAnswer)) | Err(_) => Err(Failure::NotAsked(Cause::Late)),
            Ok(Err(other)) => Err(other),
        }
    }

    async fn open(settings: &PostgresSettings) -> Result<Self, Failure> {
        let tls = settings.tls().map_err(|error| Failure::NotAsked(Cause::Tls(error)))?;
        let (mut client, connection) = settings.config().connect(tls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                crate::log::debug!(%error, "a connection to the journal's server ended");
            }
        });
        let limit = settings.statement_timeout.as_millis().clamp(1, LONGEST).to_string();
        let row = client.query_one(BEGINNING, &[&limit]).await?;
        if !row.try_get::<_, bool>(0)? {
            warn!("the journal's server has fsync off: a power cut loses what it has written");
        }
        schema::bring_forward(&mut client).await?;
        Ok(Self { client, prepared: Mutex::default() })
    }

    /// Whether the server has closed it.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The rows that a statement gives.
    pub(super) async fn query(
        &self,
        text: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, Failure> {
        let statement = self.prepared(text).await?;
        Ok(self.client.query(&statement, &references(values)).await?)
    }

    /// The row that a statement gives, if it gives one.
    pub(super) async fn query_opt(
        &self,
        text: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, Failure> {
        Ok(self.query(text, values).await?.pop())
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(
        &self,
        text: &'static str,
        values: &[Value],
    ) -> Result<u64, Failure> {
        let statement = self.prepared(text).await?;
        Ok(self.client.execute(&statement, &references(values)).await?)
    }

    async fn prepared(&self, text: &'static str) -> Result<Statement, Failure> {
        // Nothing in here panics half-way.
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.insert(text, statement.clone());
        Ok(statement)
    }
}

fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

/// The time beyond that of a statement until its connection is given up: the server speaks first.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// What a connection begins with. A commit is on the server's disk when it returns, whatever is set
/// for the database; where more is asked for, such as a standby's disk, it stays so.
const BEGINNING: &str = "SELECT current_setting('fsync')::boolean, \
    set_config('statement_timeout', $1, false), \
    set_config('lock_timeout', $1, false), \
    set_config('idle_in_transaction_session_timeout', $1, false), \
    CASE WHEN current_setting('synchronous_commit') = 'off' \
    THEN set_config('synchronous_commit', 'on', false) END";

/// The longest statement_timeout that the server takes, in milliseconds.
const LONGEST: u128 = 2_147_483_647;
