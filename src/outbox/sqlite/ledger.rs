//! The ledger as a row.

use rusqlite::{Connection, params_from_iter};

use super::answer;
use super::row::{Reader, Writer};
use crate::outbox::store::Ledger;
use crate::outbox::{UnixMillis, Usage, UsageStanding, UsageUnknown};
use crate::sqlite::StoreError;

pub(super) fn write(connection: &Connection, ledger: &Ledger) -> Result<(), StoreError> {
    let usage = &ledger.usage;
    let (kind, code) = answer::numbers(usage.last.map(|(_, answer)| answer));
    let row = Writer::new()
        .int(1)
        .int(ledger.boot)
        .int(ledger.closed)
        .count(ledger.dropped)
        .count(usage.unreported.broadcasts)
        .count(usage.unreported.scans)
        .maybe_int(usage.sending.map(|sending| signed(sending.broadcasts)))
        .maybe_int(usage.sending.map(|sending| signed(sending.scans)))
        .int(match ledger.usage_unknown {
            UsageUnknown::MayRepeat => MAY_REPEAT,
            UsageUnknown::MayLose => MAY_LOSE,
        })
        .count(usage.ram_only.broadcasts)
        .count(usage.ram_only.scans)
        .count(usage.this_boot.broadcasts)
        .count(usage.this_boot.scans)
        .maybe_int(usage.reported.map(|time| time.0))
        .maybe_int(usage.last.map(|(time, _)| time.0))
        .maybe_int(kind)
        .maybe_int(code);
    let mut statement = connection.prepare_cached(PUT).map_err(StoreError::of)?;
    statement.execute(params_from_iter(row.finish())).map(|_| ()).map_err(StoreError::of)
}

/// The ledger; the default as long as nothing was written.
pub(super) fn read(connection: &Connection) -> Result<Ledger, StoreError> {
    let mut statement = connection.prepare(SELECT).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let Some(row) = rows.next().map_err(StoreError::of)? else { return Ok(Ledger::default()) };
    let mut reader = Reader::new(row, "ledger", COLUMN_COUNT)?;
    reader.number::<i64>("id")?;
    rest(&mut reader)
}

/// The columns of the ledger from `boot` on.
pub(super) fn rest(reader: &mut Reader) -> Result<Ledger, StoreError> {
    let boot = reader.number("boot")?;
    let closed = reader.number::<i64>("closed")? != 0;
    let dropped = reader.number("dropped")?;
    let unreported = usage(reader)?;
    let broadcasts = reader.maybe_number("sending_broadcasts")?;
    let scans = reader.maybe_number("sending_scans")?;
    let sending = reader.both("sending_scans", broadcasts, scans)?;
    let sending = sending.map(|(broadcasts, scans)| Usage { broadcasts, scans });
    let usage_unknown = match reader.number::<i64>("usage_unknown")? {
        MAY_REPEAT => UsageUnknown::MayRepeat,
        MAY_LOSE => UsageUnknown::MayLose,
        _ => return Err(reader.damaged("usage_unknown")),
    };
    let ram_only = usage(reader)?;
    let this_boot = usage(reader)?;
    let reported = reader.maybe_number("reported")?.map(UnixMillis);
    let answered = reader.maybe_number("answered")?;
    let (kind, code) = (reader.maybe_number("answer")?, reader.maybe_number("answer_code")?);
    let last = answer::of(answered, kind, code).ok_or_else(|| reader.damaged("answer"))?;
    let usage = UsageStanding { unreported, sending, ram_only, this_boot, reported, last };
    Ok(Ledger { boot, closed, dropped, usage, usage_unknown })
}

fn usage(reader: &mut Reader) -> Result<Usage, StoreError> {
    Ok(Usage { broadcasts: reader.number("broadcasts")?, scans: reader.number("scans")? })
}

/// The greatest number of SQLite, if there are more.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

const MAY_REPEAT: i64 = 0;
const MAY_LOSE: i64 = 1;

const SELECT: &str = "SELECT id, boot, closed, dropped, broadcasts, \
    scans, sending_broadcasts, sending_scans, usage_unknown, ram_broadcasts, ram_scans, \
    boot_broadcasts, boot_scans, reported, answered, answer, answer_code, crc FROM ledger";

/// How many there are without the checksum.
const COLUMN_COUNT: usize = 17;

const PUT: &str = "INSERT OR REPLACE INTO ledger VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
