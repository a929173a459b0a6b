//! What the client library's errors say about what was written.

use std::fmt;

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::gateway::journal::JournalError;

/// Why a request to the server failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// There was no connection to ask by, so nothing was written.
    NotAsked(Cause),
    /// The server, or the library, said so.
    Said(tokio_postgres::Error),
    /// No answer came in time, or the connection ended.
    NoAnswer,
    /// Something in the tables that this program did not write.
    Wrong(&'static str),
    /// A newer program made the tables.
    Newer,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("{}", Said(.0))]
    Server(tokio_postgres::Error),
    #[error("no connection within the time for it")]
    Late,
    #[error("all connections of this program are busy: let it have more")]
    Busy,
    #[error("the system gives no thread: {0}")]
    Thread(std::io::Error),
    #[error("TLS cannot be used: {0}")]
    Tls(rustls::Error),
    #[error("the database has the encoding {0}, and UTF8 is needed")]
    Encoding(String),
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("no answer within the time for it")]
struct Late;

/// What the tables hold is not what was written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct SaidError(String);

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Said(error)
    }
}

impl Failure {
    /// Whether the connection can be used again.
    pub(super) fn leaves_connection(&self) -> bool {
        match self {
            Self::Said(error) => error.as_db_error().is_some_and(is_of_statement),
            Self::Wrong(_) => true,
            Self::NotAsked(_) | Self::NoAnswer | Self::Newer => false,
        }
    }

    /// Whether nothing was written, and another connection may have more luck: the server became a
    /// standby, or gave way to another transaction.
    pub(super) fn is_worth_repeating(&self) -> bool {
        let Self::Said(error) = self else { return false };
        error
            .as_db_error()
            .is_some_and(|error| is_of_statement(error) && REPEATED.contains(error.code()))
    }

    /// Whether it is not known what the server did.
    pub(super) fn is_lost(&self) -> bool {
        matches!(kind(self), Kind::Lost)
    }
}

/// What an error means to the caller.
enum Kind {
    Full,
    Newer,
    Damaged,
    Unreachable,
    Lost,
    Failed,
}

fn kind(failure: &Failure) -> Kind {
    let error = match failure {
        Failure::NotAsked(_) => return Kind::Unreachable,
        Failure::NoAnswer => return Kind::Lost,
        Failure::Wrong(_) => return Kind::Damaged,
        Failure::Newer => return Kind::Newer,
        Failure::Said(error) => error,
    };
    match error.as_db_error() {
        None if is_reading(error) => Kind::Damaged,
        None => Kind::Lost,
        // It ends the connection, perhaps behind a commit.
        Some(said) if !is_of_statement(said) => Kind::Lost,
        Some(said) => match said.code() {
            code if *code == SqlState::DISK_FULL => Kind::Full,
            code if is_damage(code) => Kind::Damaged,
            code if REPEATED.contains(code) || is_passing(code) => Kind::Unreachable,
            _ => Kind::Failed,
        },
    }
}

impl From<Failure> for JournalError {
    fn from(failure: Failure) -> Self {
        let kind = kind(&failure);
        let source: Box<dyn std::error::Error + Send + Sync> = match failure {
            Failure::NotAsked(cause) => Box::new(cause),
            Failure::Said(error) => Box::new(SaidError(Said(&error).to_string())),
            Failure::NoAnswer => Box::new(Late),
            Failure::Wrong(what) => {
                crate::log::error!(what, "the journal on PostgreSQL holds what was not written so");
                return Self::Damaged;
            }
            Failure::Newer => return Self::Newer,
        };
        match kind {
            Kind::Full => Self::Full,
            Kind::Newer => Self::Newer,
            Kind::Damaged => {
                crate::log::error!(%source, "the tables of the journal are not what they should be");
                Self::Damaged
            }
            Kind::Unreachable => Self::Unreachable(source),
            Kind::Lost => Self::Lost(source),
            Kind::Failed => Self::Failed(source),
        }
    }
}

/// What is said of an error, without the values that its detail may quote.
struct Said<'a>(&'a tokio_postgres::Error);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(said) = self.0.as_db_error() {
            return write!(f, "{} (SQLSTATE {})", said.message(), said.code().code());
        }
        write!(f, "{}", self.0)?;
        match std::error::Error::source(self.0) {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

/// Whether an error ends its statement alone, and with it the transaction; the others end the
/// connection.
fn is_of_statement(error: &DbError) -> bool {
    error.parsed_severity() == Some(Severity::Error)
}

/// Whether an answer came and could not be read.
fn is_reading(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    text.starts_with("error deserializing column") || text.starts_with("invalid column")
}

/// A table or a column is not there.
fn is_damage(code: &SqlState) -> bool {
    [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::DATA_CORRUPTED].contains(code)
}

/// The server cannot do it now, or did not get it done in time: the statement was rolled back.
fn is_passing(code: &SqlState) -> bool {
    let passing = [
        SqlState::QUERY_CANCELED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::OUT_OF_MEMORY,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::CANNOT_CONNECT_NOW,
    ];
    passing.contains(code)
}

/// The transaction was rolled back, and may be tried again at once.
const REPEATED: &[SqlState] = &[
    SqlState::READ_ONLY_SQL_TRANSACTION,
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
];
