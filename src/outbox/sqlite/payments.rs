//! Payments as rows.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::row::{Reader, Writer};
use crate::outbox::store::PaymentCounts;
use crate::outbox::{Payload, Payment, PaymentId, PaymentKey, PaymentState, UnixMillis, Upload};
use crate::sqlite::{StoreError, check_whole, is_small};

/// Reads every payment that was not uploaded, and counts all. The greatest number there is comes
/// with it.
pub(super) fn check(connection: &Connection) -> Result<(PaymentCounts, i64), StoreError> {
    // A file that is too large to be looked through was not; payments and their indexes are few.
    if !is_small(connection)? {
        check_whole(connection, "integrity_check(payment)")?;
    }
    let mut counts = PaymentCounts::default();
    let mut last = 0;
    let text = format!("SELECT {COLUMNS} FROM payment ORDER BY id");
    let mut statement = connection.prepare(&text).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        let payment = read(row)?;
        *counts.of_mut(payment.state) += 1;
        last = payment.id.get();
    }
    Ok((counts, last))
}

pub(super) fn put(connection: &Connection, payment: &Payment) -> Result<(), StoreError> {
    let row = Writer::new()
        .int(payment.id.get())
        .int(number(payment.state))
        .int(payment.attempts)
        .int(payment.failures)
        .maybe_int(payment.first_failed.map(|time| time.0))
        .maybe_int(payment.last.map(|(time, _)| time.0))
        .maybe_int(payment.last.map(|(_, upload)| upload_number(upload)))
        .int(payment.accepted.0)
        .int(payment.due.0)
        .int(payment.last_moment.0)
        .blob(payment.key.as_ref().map(PaymentKey::expose))
        .blob(payment.payload.as_ref().map(Payload::expose));
    // Not a replacement, which would also take another payment with the same key away.
    remove(connection, payment.id)?;
    let mut statement = connection.prepare_cached(PUT).map_err(StoreError::of)?;
    statement.execute(params_from_iter(row.finish())).map(|_| ()).map_err(StoreError::of)
}

pub(super) fn remove(connection: &Connection, id: PaymentId) -> Result<(), StoreError> {
    let text = "DELETE FROM payment WHERE id = ?1";
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    statement.execute([id.get()]).map(|_| ()).map_err(StoreError::of)
}

pub(super) fn find(
    connection: &Connection,
    key: &PaymentKey,
) -> Result<Option<PaymentId>, StoreError> {
    let text = "SELECT id FROM payment WHERE key = ?1";
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let found = statement.query_row([key.expose()], |row| row.get(0)).optional();
    Ok(found.map_err(StoreError::of)?.map(PaymentId::new))
}

pub(super) fn get(connection: &Connection, id: PaymentId) -> Result<Option<Payment>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM payment WHERE id = ?1");
    Ok(query(connection, &text, &[id.get().into()])?.pop())
}

pub(super) fn select(
    connection: &Connection,
    states: &[PaymentState],
    after: PaymentId,
    limit: usize,
) -> Result<Vec<Payment>, StoreError> {
    let list: Vec<_> = states.iter().map(|state| number(*state).to_string()).collect();
    let text = format!(
        "SELECT {COLUMNS} FROM payment WHERE id > ?1 AND state IN ({}) ORDER BY id LIMIT ?2",
        list.join(", ")
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(connection, &text, &[after.get().into(), limit.into()])
}

fn query(
    connection: &Connection,
    text: &str,
    places: &[Value],
) -> Result<Vec<Payment>, StoreError> {
    let mut statement = connection.prepare_cached(text).map_err(StoreError::of)?;
    let mut rows = statement.query(params_from_iter(places)).map_err(StoreError::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Payment, StoreError> {
    let mut reader = Reader::new(row, "payment", COLUMN_COUNT)?;
    let id = PaymentId::new(reader.number("id")?);
    let state: i64 = reader.number("state")?;
    let state = PaymentState::ALL.into_iter().find(|known| number(*known) == state);
    let state = state.ok_or_else(|| reader.damaged("state"))?;
    let attempts = reader.number("attempts")?;
    let failures = reader.number("failures")?;
    let first_failed = reader.maybe_number("first_failed")?.map(UnixMillis);
    let answered = reader.maybe_number("answered")?.map(UnixMillis);
    let answer: Option<i64> = reader.maybe_number("answer")?;
    let upload = answer
        .map(|answer| UPLOADS.into_iter().find(|known| upload_number(*known) == answer))
        .map(|upload| upload.ok_or_else(|| reader.damaged("answer")))
        .transpose()?;
    let accepted = UnixMillis(reader.number("accepted")?);
    let due = UnixMillis(reader.number("due")?);
    let last_moment = UnixMillis(reader.number("last_moment")?);
    let key = reader.blob("key")?.map(PaymentKey::new).transpose();
    let key = key.map_err(|_| reader.damaged("key"))?;
    let payload = reader.blob("payload")?.map(Payload::new).transpose();
    let payload = payload.map_err(|_| reader.damaged("payload"))?;
    Ok(Payment {
        id,
        key,
        payload,
        accepted,
        due,
        last_moment,
        state,
        attempts,
        failures,
        first_failed,
        last: answered.zip(upload),
    })
}

/// The number that stands for a state in the file.
fn number(state: PaymentState) -> i64 {
    match state {
        PaymentState::Waiting => 0,
        PaymentState::Handed => 1,
        PaymentState::Parked => 2,
        PaymentState::Refused => 3,
        PaymentState::Uploaded => 4,
        PaymentState::Expired => 5,
    }
}

fn upload_number(upload: Upload) -> i64 {
    match upload {
        Upload::Done => 0,
        Upload::Failed => 1,
        Upload::Refused => 2,
        Upload::Unknown => 3,
        Upload::Unreachable => 4,
    }
}

const UPLOADS: [Upload; 5] =
    [Upload::Done, Upload::Failed, Upload::Refused, Upload::Unknown, Upload::Unreachable];

const COLUMNS: &str = "id, state, attempts, failures, first_failed, answered, answer, accepted, \
    due, last_moment, key, payload, crc";

/// How many there are without the checksum.
const COLUMN_COUNT: usize = 12;

const PUT: &str = "INSERT INTO payment VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
