//! The outbox in an SQLite file.

mod answer;
mod ledger;
mod line;
mod payments;
mod records;
mod row;
mod runs;
mod salvage;
mod schema;

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use salvage::Salvage;

use self::runs::Directory;
use crate::outbox::store::{Change, Contents, Query, Store, StoreError};
use crate::outbox::{Payment, PaymentId, PaymentKey, PaymentState, Record, RecordId};
use crate::sqlite;

/// The outbox in an SQLite file, with a write-ahead log and full synchronisation.
///
/// What it promises is SQLite's: a commit is on disk when it returns, if the disk does what it says.
/// Beside the file lies its log, `-wal`; both belong together. It is open in one program at a time,
/// and only its owner may read it: it holds the customers' codes.
///
/// Every record carries a checksum, and a file is looked through when it is opened, so that a flipped
/// bit is told and never sent. What cannot be told is a log whose end is missing or damaged: that is
/// also what a power cut leaves, and what it should leave, of a commit that had not returned.
pub struct SqliteStore {
    connection: Connection,
    directory: Directory,
}

impl SqliteStore {
    /// Opens the file, and makes it if there is none.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if somebody has it open, [`StoreError::Newer`] if a newer program made
    /// it, [`StoreError::NotOurs`] if it is something else, [`StoreError::Damaged`] if it is
    /// damaged. The file is as it was then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let connection = sqlite::open(path.as_ref(), &schema::FORMAT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self { connection, directory: Directory::default() })
    }

    /// Renames a damaged file and its log, so that a new one can be begun under its name. Its new
    /// name.
    ///
    /// # Errors
    /// If the system does not let it.
    pub fn set_aside(path: impl AsRef<Path>) -> Result<PathBuf, StoreError> {
        sqlite::set_aside(path.as_ref())
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Contents, StoreError> {
        let ledger = ledger::read(&self.connection)?;
        let (directory, counts, last_record) = records::check(&self.connection)?;
        self.directory = directory;
        let (payments, last_payment) = payments::check(&self.connection)?;
        sqlite::trust(&self.connection)?;
        Ok(Contents { ledger, counts, payments, last_record, last_payment })
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction().map_err(StoreError::of)?;
        let moves = records::apply(&transaction, &self.directory, changes)?;
        for change in changes {
            match change {
                Change::Append { .. } | Change::Put(_) | Change::Remove(_) => {}
                Change::Ledger(ledger) => ledger::write(&transaction, ledger)?,
                Change::PutPayment(payment) => payments::put(&transaction, payment)?,
                Change::RemovePayment(id) => payments::remove(&transaction, *id)?,
            }
        }
        transaction.commit().map_err(StoreError::of)?;
        self.directory.apply(moves);
        Ok(())
    }

    fn record(&mut self, id: RecordId) -> Result<Option<Record>, StoreError> {
        records::get(&self.connection, &self.directory, id)
    }

    fn records(&mut self, query: &Query<'_>) -> Result<Vec<Record>, StoreError> {
        records::select(&self.connection, &self.directory, query)
    }

    fn payment_with(&mut self, key: &PaymentKey) -> Result<Option<PaymentId>, StoreError> {
        payments::find(&self.connection, key)
    }

    fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        payments::get(&self.connection, id)
    }

    fn payments(
        &mut self,
        states: &[PaymentState],
        after: PaymentId,
        limit: usize,
    ) -> Result<Vec<Payment>, StoreError> {
        payments::select(&self.connection, states, after, limit)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.connection.path()).finish_non_exhaustive()
    }
}

/// All that are used, so that none is compiled twice.
const STATEMENTS: usize = 32;
