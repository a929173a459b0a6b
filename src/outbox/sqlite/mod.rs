//! The outbox in an SQLite file.

mod answer;
mod format_1;
mod format_2;
mod format_3;
mod items;
mod ledger;
mod line;
mod reports;
mod row;
mod runs;
mod salvage;
mod schema;
mod state;

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use salvage::Salvage;

use self::runs::Directory;
use crate::alipay::Report;
use crate::outbox::store::{Change, Contents, Row, Selection, Store, StoreError};
use crate::outbox::{Id, Item};
use crate::sqlite;

/// The outbox in an SQLite file, with a write-ahead log and full synchronisation.
///
/// What it promises is SQLite's: a commit is on disk when it returns, if the disk does what it says.
/// Beside the file lies its log, `-wal`; both belong together. It is open in one program at a time,
/// and only its owner may read it: it holds the customers' codes.
///
/// Every item carries a checksum, and a file is looked through when it is opened, so that a flipped
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
        let mut stocks = items::check(&self.connection)?;
        self.directory = reports::check(&self.connection, &mut stocks)?;
        sqlite::trust(&self.connection)?;
        Ok(Contents { ledger, stocks })
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction().map_err(StoreError::of)?;
        let moves = reports::apply(&transaction, &self.directory, changes)?;
        for change in changes {
            match change {
                Change::Append { .. } | Change::PutReport(_) | Change::RemoveReport(_) => {}
                Change::LastId { kind, id } => items::put_last_id(&transaction, *kind, *id)?,
                Change::Ledger(ledger) => ledger::write(&transaction, ledger)?,
                Change::PutRow(row) => items::put(&transaction, row)?,
                Change::RemoveRow { kind, id } => items::remove(&transaction, *kind, *id)?,
            }
        }
        transaction.commit().map_err(StoreError::of)?;
        self.directory.apply(moves);
        Ok(())
    }

    fn report(&mut self, id: Id<Report>) -> Result<Option<Item<Report>>, StoreError> {
        reports::get(&self.connection, &self.directory, id)
    }

    fn reports(&mut self, query: &Selection<'_>) -> Result<Vec<Item<Report>>, StoreError> {
        reports::select(&self.connection, &self.directory, query)
    }

    fn row(&mut self, kind: u8, id: i64) -> Result<Option<Row>, StoreError> {
        items::get(&self.connection, kind, id)
    }

    fn row_with(&mut self, kind: u8, key: &[u8]) -> Result<Option<Row>, StoreError> {
        items::find(&self.connection, kind, key)
    }

    fn rows_with(&mut self, kind: u8, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        items::find_all(&self.connection, kind, prefix)
    }

    fn rows(&mut self, kind: u8, query: &Selection<'_>) -> Result<Vec<Row>, StoreError> {
        items::select(&self.connection, kind, query)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.connection.path()).finish_non_exhaustive()
    }
}

/// All that are used, so that none is compiled twice.
const STATEMENTS: usize = 32;
