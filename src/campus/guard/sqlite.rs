//! A guard on disk.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{Claim, Fingerprint, Guard, GuardError, Now, TimeRules};
use crate::sqlite::StoreError;
use crate::sqlite::{self, Format, file_time};

/// A [`Guard`] in an SQLite file: a claim is on disk when it returns, so a code stays used when the
/// terminal is switched off and on again within the window.
///
/// Each claim waits for the disk once, some milliseconds as a rule; a refusal writes nothing. The
/// file is open in one program at a time, and holds hashes and times, neither codes nor names.
///
/// Records lapse by the wall clock, which is all that is left of a clock after a restart. If that
/// clock is set back, those of the last minutes before stay until it has caught up. They do not
/// count towards the capacity, so they keep back no other code.
///
/// ```
/// use m26_pay::campus::guard::{Fingerprint, Guard, Now, GuardError, SqliteGuard, TimeRules};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("guard.db");
/// let guard = SqliteGuard::open(&path, SqliteGuard::CAPACITY, TimeRules::default())?;
/// let now = Now::read();
/// let code = Fingerprint::new(b"bytes from the scanner", b"user data", now.wall);
/// guard.claim(&code, now)?;
/// drop(guard); // a restart
///
/// let guard = SqliteGuard::open(&path, SqliteGuard::CAPACITY, TimeRules::default())?;
/// assert!(matches!(guard.claim(&code, now), Err(GuardError::Used)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqliteGuard {
    capacity: usize,
    rules: TimeRules,
    connection: Mutex<Connection>,
}

impl SqliteGuard {
    /// The capacity that suits one terminal, as that of a
    /// [`MemoryGuard`](super::MemoryGuard::CAPACITY).
    pub const CAPACITY: usize = 10_000;

    /// Opens the file, and makes it if there is none.
    ///
    /// # Errors
    /// If it is in use, damaged, of a newer format or another kind; it is as it was then.
    pub fn open(
        path: impl AsRef<Path>,
        capacity: usize,
        rules: TimeRules,
    ) -> Result<Self, StoreError> {
        let connection = sqlite::open(path.as_ref(), &FORMAT)?;
        sqlite::trust(&connection)?;
        Ok(Self { capacity, rules, connection: Mutex::new(connection) })
    }

    /// Renames a damaged file, so that a new one can be begun under its name, which knows of no
    /// code: wait for [`TimeRules::keep`] before the next one is accepted. Its new name.
    ///
    /// # Errors
    /// If the system does not let it.
    pub fn set_aside(path: impl AsRef<Path>) -> Result<PathBuf, StoreError> {
        sqlite::set_aside(path.as_ref())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that was not finished is taken back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_claim(&self, file: &Transaction<'_>, code: &Row<'_>) -> Result<i64, GuardError> {
        let used = "SELECT 1 FROM code WHERE code = ?1 OR decoded = ?2";
        let mut used = file.prepare_cached(used).map_err(refused)?;
        if used.exists(params![code.keys[0], code.keys[1]]).map_err(refused)? {
            return Err(GuardError::Used);
        }
        let dropped = self.drop_lapsed(file, code.claimed)?;
        if dropped.is_some_and(|dropped| code.in_use_time <= dropped) {
            return Err(GuardError::Outdated);
        }
        let count = "SELECT count(*) FROM code WHERE claimed <= ?1";
        let mut count = file.prepare_cached(count).map_err(refused)?;
        let count: i64 = count.query_row([code.claimed], |row| row.get(0)).map_err(refused)?;
        if usize::try_from(count).unwrap_or(usize::MAX) >= self.capacity {
            return Err(GuardError::Full { capacity: self.capacity });
        }
        let insert =
            "INSERT INTO code (code, decoded, in_use_time, claimed) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = file.prepare_cached(insert).map_err(refused)?;
        insert
            .insert(params![code.keys[0], code.keys[1], code.in_use_time, code.claimed])
            .map_err(refused)
    }

    /// Drops what has lapsed. The stamp of the newest code that was ever dropped.
    fn drop_lapsed(&self, file: &Transaction<'_>, now: i64) -> Result<Option<i64>, GuardError> {
        let lapsed = [now.saturating_sub(millis(self.rules.keep()))];
        let newest = "SELECT max(in_use_time) FROM code WHERE claimed < ?1";
        let mut newest = file.prepare_cached(newest).map_err(refused)?;
        let newest: Option<i64> = newest.query_row(lapsed, |row| row.get(0)).map_err(refused)?;
        if let Some(newest) = newest {
            let mut note = file.prepare_cached(NOTE_DROPPED).map_err(refused)?;
            note.execute([newest]).map_err(refused)?;
            let delete = "DELETE FROM code WHERE claimed < ?1";
            let mut delete = file.prepare_cached(delete).map_err(refused)?;
            delete.execute(lapsed).map_err(refused)?;
        }
        let dropped = "SELECT in_use_time FROM dropped";
        let mut dropped = file.prepare_cached(dropped).map_err(refused)?;
        dropped.query_row([], |row| row.get(0)).optional().map_err(refused)
    }
}

/// A code as the file has it.
struct Row<'a> {
    keys: &'a [super::Key; 2],
    in_use_time: i64,
    claimed: i64,
}

impl Guard for SqliteGuard {
    fn rules(&self) -> &TimeRules {
        &self.rules
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        let mut connection = self.lock();
        // SQLite brings a long log into the file on its own, and the clock may have been wrong.
        file_time::mend_open(&connection);
        let file = connection.transaction().map_err(refused)?;
        let (in_use_time, claimed) = (code.in_use_time().0, now.wall.0);
        // An error takes the transaction back, and writes nothing.
        let id = self.try_claim(&file, &Row { keys: code.keys(), in_use_time, claimed })?;
        file.commit().map_err(refused)?;
        Ok(Claim::new(*code, id.unsigned_abs()))
    }

    fn release(&self, claim: Claim, _now: Now) -> Result<(), GuardError> {
        let connection = self.lock();
        let delete = "DELETE FROM code WHERE id = ?1 AND code = ?2 AND decoded = ?3";
        let mut delete = connection.prepare_cached(delete).map_err(refused)?;
        let [code, decoded] = claim.code().keys();
        let id = i64::try_from(claim.id()).unwrap_or(i64::MAX);
        delete.execute(params![id, code, decoded]).map(|_| ()).map_err(refused)
    }
}

impl fmt::Debug for SqliteGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteGuard").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

fn refused(error: rusqlite::Error) -> GuardError {
    GuardError::Store(StoreError::of(error).into())
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// "M26g", and the formats so far.
const FORMAT: Format =
    Format { application_id: 0x4D32_3667, tables: &[TABLES], migrations: &[], marked_from: None };

const TABLES: &str = "
CREATE TABLE code (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                         -- never the same twice, see Claim
    code BLOB NOT NULL UNIQUE CHECK (length(code) = 32),           -- SHA-256, as the next
    decoded BLOB NOT NULL UNIQUE CHECK (length(decoded) = 32),
    in_use_time INTEGER NOT NULL,                                  -- Unix milliseconds, as the next
    claimed INTEGER NOT NULL
) STRICT;
CREATE TABLE dropped (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    in_use_time INTEGER NOT NULL
) STRICT;
";

const NOTE_DROPPED: &str = "
INSERT INTO dropped VALUES (1, ?1)
ON CONFLICT (id) DO UPDATE SET in_use_time = max(in_use_time, excluded.in_use_time)
";
