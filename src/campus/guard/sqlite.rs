//! A guard on disk.

use std::fmt;
use std::ops::RangeInclusive;
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
/// A claim costs the same however many codes are held. Only opening the file counts them.
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
    file: Mutex<File>,
}

/// The file, which no other program changes.
struct File {
    connection: Connection,
    /// How many records it holds; unknown if it is not known whether a change is on disk.
    held: Option<usize>,
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
        let held = count(&connection).map_err(StoreError::of)?;
        sqlite::trust(&connection)?;
        let file = File { connection, held: Some(held) };
        Ok(Self { capacity, rules, file: Mutex::new(file) })
    }

    /// Renames a damaged file, so that a new one can be begun under its name, which knows of no
    /// code: wait for [`TimeRules::keep`] before the next one is accepted. Its new name.
    ///
    /// # Errors
    /// If the system does not let it.
    pub fn set_aside(path: impl AsRef<Path>) -> Result<PathBuf, StoreError> {
        sqlite::set_aside(path.as_ref())
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        // A transaction that was not finished is taken back.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the code into the file, of which `held` records are known. Its number, and how many
    /// records there are then.
    fn try_claim(
        &self,
        file: &Transaction<'_>,
        code: &Row<'_>,
        held: usize,
    ) -> Result<(i64, usize), GuardError> {
        let used = "SELECT 1 FROM code WHERE code = ?1 OR decoded = ?2";
        let mut used = file.prepare_cached(used).map_err(refused)?;
        if used.exists(params![code.keys[0], code.keys[1]]).map_err(refused)? {
            return Err(GuardError::Used);
        }
        let lapsed = code.claimed.saturating_sub(millis(self.rules.keep()));
        let held = held.saturating_sub(drop_lapsed(file, lapsed)?);
        let dropped = "SELECT in_use_time FROM dropped";
        let mut dropped = file.prepare_cached(dropped).map_err(refused)?;
        let dropped: Option<i64> =
            dropped.query_row([], |row| row.get(0)).optional().map_err(refused)?;
        if dropped.is_some_and(|dropped| code.in_use_time <= dropped) {
            return Err(GuardError::Outdated);
        }
        if held >= self.capacity && !spares(file, lapsed..=code.claimed, held - self.capacity)? {
            return Err(GuardError::Full { capacity: self.capacity });
        }
        let insert =
            "INSERT INTO code (code, decoded, in_use_time, claimed) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = file.prepare_cached(insert).map_err(refused)?;
        let id = insert
            .insert(params![code.keys[0], code.keys[1], code.in_use_time, code.claimed])
            .map_err(refused)?;
        Ok((id, held + 1))
    }
}

/// How many records there are.
fn count(connection: &Connection) -> rusqlite::Result<usize> {
    connection.query_row("SELECT count(*) FROM code", [], |row| row.get(0))
}

/// Drops records that were claimed before `lapsed`, a few at a time, so that the first customer after
/// a break waits no longer than the others, and notes the stamp of the newest. How many.
fn drop_lapsed(file: &Transaction<'_>, lapsed: i64) -> Result<usize, GuardError> {
    let mut delete = file.prepare_cached(DROP_LAPSED).map_err(refused)?;
    let rows = delete.query_map([lapsed], |row| row.get::<_, i64>(0));
    let stamps: Vec<i64> = rows.and_then(Iterator::collect).map_err(refused)?;
    if let Some(newest) = stamps.iter().max() {
        let mut note = file.prepare_cached(NOTE_DROPPED).map_err(refused)?;
        note.execute([newest]).map_err(refused)?;
    }
    Ok(stamps.len())
}

/// Whether more than `excess` records do not count towards the capacity: they have lapsed and were
/// not dropped yet, or are of a time that has not come, since the clock was set back.
fn spares(
    file: &Transaction<'_>,
    counts: RangeInclusive<i64>,
    excess: usize,
) -> Result<bool, GuardError> {
    let mut spared = file.prepare_cached(SPARED).map_err(refused)?;
    spared.exists(params![counts.start(), counts.end(), excess]).map_err(refused)
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
        let mut file = self.lock();
        let File { connection, held } = &mut *file;
        // SQLite brings a long log into the file on its own, and the clock may have been wrong.
        file_time::mend_open(connection);
        let transaction = connection.transaction().map_err(refused)?;
        let before = match *held {
            Some(held) => held,
            None => count(&transaction).map_err(refused)?,
        };
        let (in_use_time, claimed) = (code.in_use_time().0, now.wall.0);
        // An error takes the transaction back, and writes nothing.
        let row = Row { keys: code.keys(), in_use_time, claimed };
        let (id, after) = self.try_claim(&transaction, &row, before)?;
        *held = None;
        transaction.commit().map_err(refused)?;
        *held = Some(after);
        Ok(Claim::new(*code, id.unsigned_abs()))
    }

    fn release(&self, claim: Claim, _now: Now) -> Result<(), GuardError> {
        let mut file = self.lock();
        let held = file.held.take();
        let delete = "DELETE FROM code WHERE id = ?1 AND code = ?2 AND decoded = ?3";
        let mut delete = file.connection.prepare_cached(delete).map_err(refused)?;
        let [code, decoded] = claim.code().keys();
        let id = i64::try_from(claim.id()).unwrap_or(i64::MAX);
        let gone = delete.execute(params![id, code, decoded]).map_err(refused)?;
        drop(delete);
        file.held = held.and_then(|held| held.checked_sub(gone));
        Ok(())
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

/// "M26g". The formats so far: 1, in which a claim looked at every record; 2.
const FORMAT: Format = Format {
    application_id: 0x4D32_3667,
    tables: &[TABLES, BY_TIME],
    migrations: &[by_time],
    marked_from: None,
};

/// Brings a file of format 1 to format 2.
fn by_time(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(BY_TIME).map_err(StoreError::of)
}

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

const BY_TIME: &str = "CREATE INDEX code_claimed ON code (claimed)";

/// As many at a time as in memory. With a parameter for the limit, SQLite would compile it anew for
/// each claim.
const DROP_LAPSED: &str = "
DELETE FROM code
WHERE id IN (SELECT id FROM code WHERE claimed < ?1 ORDER BY claimed LIMIT 4)
RETURNING in_use_time
";

const NOTE_DROPPED: &str = "
INSERT INTO dropped VALUES (1, ?1)
ON CONFLICT (id) DO UPDATE SET in_use_time = max(in_use_time, excluded.in_use_time)
";

const SPARED: &str = "
SELECT 1 FROM (
    SELECT 1 FROM code WHERE claimed < ?1 UNION ALL SELECT 1 FROM code WHERE claimed > ?2
) LIMIT 1 OFFSET ?3
";
