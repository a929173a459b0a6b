//! [`Salvage`]: what can be read of a damaged file.

use std::path::Path;

use rusqlite::Connection;

use super::SqliteStore;
use super::line;
use super::reports::{COLUMNS_OF_WAITING, run};
use crate::alipay::Report;
use crate::outbox::Item;
use crate::sqlite::{self, StoreError};

/// What could be read of a damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Salvage {
    /// The reports that the module did not hold, in order. The checksum of each is right.
    pub reports: Vec<Item<Report>>,
    /// How many reports are there and cannot be read.
    pub damaged: u64,
    /// Whether the file could be read to its end. If not, there may be more.
    pub whole: bool,
}

impl SqliteStore {
    /// Reads what can be read of a damaged file, and leaves the file as it is. Everything that it finds
    /// has the right checksum; it cannot be known what is missing.
    ///
    /// [`append_all`](crate::outbox::Outbox::append_all) puts the reports into a new outbox. If the end
    /// of the log is damaged, a report that is pending in the file may have been taken by the module:
    /// it is delivered twice then.
    ///
    /// ```
    /// # use m26_pay::alipay::{Report, TradeResult};
    /// use m26_pay::outbox::{Outbox, OutboxPolicy, SqliteStore};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("till.db");
    /// # let outbox = Outbox::open(&path, OutboxPolicy::default())?;
    /// # outbox.append(&Report::of("1".parse()?, TradeResult::Unsupported, 1).build()?)?;
    /// # drop(outbox);
    /// let aside = SqliteStore::set_aside(&path)?;
    /// let salvage = SqliteStore::salvage(&aside)?;
    /// let reports: Vec<_> = salvage.reports.into_iter().map(|report| report.content).collect();
    /// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
    /// outbox.append_all(&reports)?;
    /// # assert_eq!((reports.len(), salvage.damaged, salvage.whole), (1, 0, true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it is in use, or nothing of it can be read.
    pub fn salvage(path: impl AsRef<Path>) -> Result<Salvage, StoreError> {
        read(&sqlite::inspect(path.as_ref())?)
    }
}

fn read(connection: &Connection) -> Result<Salvage, StoreError> {
    let mut salvage = Salvage { reports: Vec::new(), damaged: 0, whole: true };
    let text = format!("SELECT {COLUMNS_OF_WAITING} FROM waiting ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    loop {
        match rows.next() {
            Ok(Some(row)) => add(&mut salvage, row),
            Ok(None) => return Ok(salvage),
            Err(_) => {
                salvage.whole = false;
                return Ok(salvage);
            }
        }
    }
}

fn add(salvage: &mut Salvage, row: &rusqlite::Row<'_>) {
    let text = row.get_ref(4).ok().and_then(|text| text.as_str().ok());
    let (Ok(run), Some(text)) = (run(row), text) else {
        salvage.damaged += 1;
        return;
    };
    let mut scratch = Vec::new();
    for (id, line) in (run.first..).zip(text.split('\n')) {
        match line::read(line, run.place(id), &mut scratch) {
            Ok(report) => salvage.reports.push(report),
            Err(_) => salvage.damaged += 1,
        }
    }
}
