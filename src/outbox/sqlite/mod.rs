//! [`SqliteStore`]: the outbox in an SQLite file.

mod answer;
mod format_1;
mod format_2;
mod format_3;
mod format_4;
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

use crate::log::warn;
use rusqlite::Connection;

pub use salvage::Salvage;

use self::runs::Directory;
use crate::alipay::Report;
use crate::outbox::store::{Change, Contents, Row, Selection, Store, StoreError};
use crate::outbox::{Id, Item};
use crate::sqlite::mark::Keeper;
use crate::sqlite::{self, image};

/// The outbox in an SQLite file, with a write-ahead log and full synchronisation.
///
/// It guarantees what SQLite guarantees: a commit is on disk when it returns, if the disk does what it
/// says. Only one program at a time can open it, and only its owner may read it, because it holds
/// customers' codes.
///
/// # Two files
///
/// While a program has it open, and after a power cut, the outbox is two files: `till.db` and its
/// log, `till.db-wal`, which holds what was written last. Both belong together, and are copied
/// together. A file that was not closed in order is refused without its log, and so is a log of
/// another file or of another time. When the file is closed in order, and after some time in which
/// nothing was written, the log is written into the file. [`back_up`](Self::back_up) makes a copy that
/// is one file, and [`view`](Self::view) looks at the outbox, both even while another program has it
/// open.
///
/// # Damage
///
/// Every item has a checksum, and a file is checked when it is opened. So a flipped bit is an error,
/// and is never sent. A log whose end is missing or damaged cannot be noticed: after a power cut that
/// is the normal state of a commit that had not returned.
pub struct SqliteStore {
    connection: Connection,
    /// `None` for a copy in memory.
    keeper: Option<Keeper>,
    /// Whether it was looked through and is sound.
    sound: bool,
    directory: Directory,
}

impl SqliteStore {
    /// Opens the file. If there is none, it makes one.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if somebody has it open, [`StoreError::Newer`] if a newer program made
    /// it, [`StoreError::NotOurs`] if it is something else, [`StoreError::Damaged`] if it is
    /// damaged. The file is left as it was.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let connection = sqlite::open(path.as_ref(), &schema::FORMAT)?;
        let keeper = Keeper::new(path.as_ref(), &connection)?;
        Ok(Self::of(connection, Some(keeper)))
    }

    /// A copy in memory of what the file and its log hold now, also while another program has them
    /// open, and where they may not be written. Nothing on the disk changes, also when the copy does.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`StoreError::InUse`] only if another program writes without a
    /// pause.
    pub fn view(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self::of(image::open(path.as_ref(), &schema::FORMAT)?, None))
    }

    /// Copies what the file and its log hold now to a new file, which is whole without a log and which
    /// only its owner may read. Also while another program has them open.
    ///
    /// # Errors
    /// As [`view`](Self::view), and if there is a file of the new name, which is left as it is, or if
    /// it cannot be written.
    pub fn back_up(path: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), StoreError> {
        image::back_up(path.as_ref(), to.as_ref(), &schema::FORMAT)
    }

    fn of(connection: Connection, keeper: Option<Keeper>) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self { connection, keeper, sound: false, directory: Directory::default() }
    }

    /// Renames a damaged file and its log, so that a new one can be made under its name. Returns the
    /// new name.
    ///
    /// # Errors
    /// If the system refuses that.
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
        self.sound = true;
        Ok(Contents { ledger, stocks })
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        if let Some(keeper) = &mut self.keeper {
            keeper.begin(&mut self.connection)?;
        }
        let transaction = self.connection.transaction().map_err(StoreError::of)?;
        if let Some(keeper) = &self.keeper {
            keeper.mark(&transaction)?;
        }
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
        self.directory.apply(&moves);
        if let Some(keeper) = &mut self.keeper {
            keeper.committed(&self.connection);
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), StoreError> {
        match &mut self.keeper {
            Some(keeper) => keeper.rest(&self.connection),
            None => Ok(()),
        }
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

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper.as_mut().filter(|_| self.sound) {
            if let Err(error) = keeper.close(&mut self.connection) {
                warn!(%error, "the file needs its log, which stays beside it");
            }
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.connection.path()).finish_non_exhaustive()
    }
}

/// More than there are in use, so that none is compiled twice.
const STATEMENTS: usize = 32;
