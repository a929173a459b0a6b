//! Records as rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::answer;
use super::row::{Reader, Writer};
use crate::alipay::report::{BusinessNo, QrCode, Report, TradeResult};
use crate::amount::Amount;
use crate::outbox::store::{Counts, Query};
use crate::outbox::{Record, RecordId, RecordState, UnixMillis};
use crate::sqlite::StoreError;
use crate::value::InvalidValue;

/// Reads every record that waits, and counts all. The greatest number there is comes with it.
pub(super) fn check(connection: &Connection) -> Result<(Counts, i64), StoreError> {
    let mut counts = Counts::default();
    let mut last = 0;
    let text = format!("SELECT {COLUMNS} FROM waiting ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let record = read(row, &RecordState::WAITING)?;
        *counts.of_mut(record.state) += 1;
        last = record.id.get();
    }
    let text = "SELECT state, count(*), max(id) FROM held GROUP BY state";
    let mut statement = connection.prepare(text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let (state, count, max): (i64, i64, i64) = row.try_into().map_err(StoreError::of)?;
        let state = HELD.into_iter().find(|held| number(*held) == state);
        let state = state.ok_or_else(|| StoreError::damaged("the state of a held record"))?;
        *counts.of_mut(state) = count.unsigned_abs();
        last = last.max(max);
    }
    Ok((counts, last))
}

pub(super) fn append(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    write(connection, record, INSERT_NEW)
}

pub(super) fn put(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    if record.state.is_held() {
        delete(connection, record.id, DELETE_WAITING)?;
        write(connection, record, PUT_HELD)
    } else {
        delete(connection, record.id, DELETE_HELD)?;
        write(connection, record, PUT_WAITING)
    }
}

pub(super) fn remove(connection: &Connection, id: RecordId) -> Result<(), StoreError> {
    delete(connection, id, DELETE_WAITING)?;
    delete(connection, id, DELETE_HELD)
}

pub(super) fn get(connection: &Connection, id: RecordId) -> Result<Option<Record>, StoreError> {
    for (table, states) in TABLES {
        let text = format!("SELECT {COLUMNS} FROM {table} WHERE id = ?1");
        let mut found = query(connection, &text, &[id.get().into()], states)?;
        if let Some(record) = found.pop() {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

pub(super) fn select(
    connection: &Connection,
    wanted: &Query<'_>,
) -> Result<Vec<Record>, StoreError> {
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    for (table, states) in TABLES {
        let states: Vec<_> =
            states.iter().copied().filter(|state| wanted.states.contains(state)).collect();
        if states.is_empty() {
            continue;
        }
        let list: Vec<_> = states.iter().map(|state| number(*state).to_string()).collect();
        let boot = if wanted.boot.is_some() { "AND boot = ?3" } else { "AND ?3 IS NULL" };
        let order = if wanted.newest { "DESC" } else { "ASC" };
        let text = format!(
            "SELECT {COLUMNS} FROM {table} \
             WHERE id > ?1 AND state IN ({}) {boot} ORDER BY id {order} LIMIT ?2",
            list.join(", ")
        );
        let boot = wanted.boot.map_or(Value::Null, Value::Integer);
        let places = [wanted.after.get().into(), limit.into(), boot];
        found.extend(query(connection, &text, &places, &states)?);
    }
    found.sort_unstable_by_key(|record| record.id);
    if wanted.newest {
        found.reverse();
    }
    found.truncate(wanted.limit);
    Ok(found)
}

fn query(
    connection: &Connection,
    text: &str,
    places: &[Value],
    states: &[RecordState],
) -> Result<Vec<Record>, StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let mut rows = statement.query(params_from_iter(places)).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        found.push(read(row, states)?);
    }
    Ok(found)
}

fn delete(connection: &Connection, id: RecordId, text: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    statement.execute([id.get()]).map(|_| ()).map_err(StoreError::of)
}

fn write(connection: &Connection, record: &Record, text: &str) -> Result<(), StoreError> {
    let report = &record.report;
    let row = Writer::new()
        .int(record.id.get())
        .int(number(record.state))
        .int(record.attempts)
        .int(record.failures)
        .maybe_int(record.first_failed.map(|time| time.0));
    let row = answer::write(row, record.last)
        .int(record.appended.0)
        .maybe_int(record.boot)
        .text(report.business_no().map(BusinessNo::expose))
        .text(report.qr_code().map(QrCode::expose))
        .int(report.amount().fen())
        .maybe_int(report.time_consuming())
        .int(report.trade_result().code())
        .int(report.time_stamp());
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    statement.execute(params_from_iter(row.finish())).map(|_| ()).map_err(StoreError::of)
}

/// The record of a row, which is in one of these states.
fn read(row: &rusqlite::Row<'_>, states: &[RecordState]) -> Result<Record, StoreError> {
    let mut reader = Reader::new(row, "record", COLUMN_COUNT)?;
    let id = RecordId::new(reader.number("id")?);
    let state: i64 = reader.number("state")?;
    let state = states.iter().copied().find(|known| number(*known) == state);
    let state = state.ok_or_else(|| reader.damaged("state"))?;
    let attempts = reader.number("attempts")?;
    let failures = reader.number("failures")?;
    let first_failed = reader.maybe_number("first_failed")?.map(UnixMillis);
    let last = answer::read(&mut reader)?;
    let appended = UnixMillis(reader.number("appended")?);
    let boot = reader.maybe_number("boot")?;
    let report = report(&mut reader)?;
    Ok(Record { id, report, state, attempts, failures, first_failed, last, appended, boot })
}

fn report(reader: &mut Reader) -> Result<Report, StoreError> {
    // The name of the argument is all that may show.
    let invalid = |error: InvalidValue| error.field;
    let business_no = reader.text("business_no")?.map(BusinessNo::new).transpose();
    let business_no = business_no.map_err(|error| reader.damaged(invalid(error)))?;
    let qr_code = reader.text("qr_code")?.map(QrCode::new).transpose();
    let qr_code = qr_code.map_err(|error| reader.damaged(invalid(error)))?;
    let amount = Amount::from_fen(reader.number("amount")?);
    let amount = amount.map_err(|_| reader.damaged("amount"))?;
    let time_consuming: Option<u32> = reader.maybe_number("time_consuming")?;
    let trade_result = TradeResult::from_code(reader.number("trade_result")?);
    let trade_result = trade_result.ok_or_else(|| reader.damaged("trade_result"))?;
    let mut report = Report::of(amount, trade_result, reader.number("time_stamp")?);
    if let Some(business_no) = business_no {
        report = report.business_no(business_no);
    }
    if let Some(qr_code) = qr_code {
        report = report.qr_code(qr_code);
    }
    if let Some(time_consuming) = time_consuming {
        report = report.time_consuming(time_consuming);
    }
    report.build().map_err(|error| reader.damaged(invalid(error)))
}

/// The number that stands for a state in the file.
fn number(state: RecordState) -> i64 {
    match state {
        RecordState::Pending => 0,
        RecordState::Sending => 1,
        RecordState::Held => 2,
        RecordState::RamOnly => 3,
        RecordState::Parked => 4,
        RecordState::Rejected => 5,
        RecordState::Announced => 6,
    }
}

const HELD: [RecordState; 2] = [RecordState::Held, RecordState::RamOnly];

/// The tables, with the states of the records that are in them.
const TABLES: [(&str, &[RecordState]); 2] = [("waiting", &RecordState::WAITING), ("held", &HELD)];

const COLUMNS: &str = "id, state, attempts, failures, first_failed, answered, answer, \
    answer_code, appended, boot, business_no, qr_code, amount, time_consuming, trade_result, \
    time_stamp, crc";

/// How many there are without the checksum.
const COLUMN_COUNT: usize = 16;

const INSERT_NEW: &str = "INSERT INTO waiting VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
const PUT_WAITING: &str = "INSERT OR REPLACE INTO waiting VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
const PUT_HELD: &str = "INSERT OR REPLACE INTO held VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
const DELETE_WAITING: &str = "DELETE FROM waiting WHERE id = ?1";
const DELETE_HELD: &str = "DELETE FROM held WHERE id = ?1";
