//! Format 1 of the file, and how it becomes format 2.
//!
//! In format 1 the payments had a table and states of their own, and the ledger held the last numbers.
//! The reports are the same in both formats.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::items::Attempts;
use super::row::Reader;
use super::{items, ledger, reports, schema};
use crate::alipay::Report;
use crate::outbox::queue::Queued as _;
use crate::outbox::store::{Ledger, Row};
use crate::outbox::{ItemState, Payment, UnixMillis};
use crate::sqlite::StoreError;

/// Brings a file of format 1 to format 2. If something is damaged, that is the error, and nothing has
/// changed.
pub(super) fn bring_forward(connection: &Connection) -> Result<(), StoreError> {
    // The reports do not change, but a file that is damaged must stay as it is.
    reports::check(connection, &mut BTreeMap::new())?;
    let ledger = read_ledger(connection)?;
    let payments = read_payments(connection)?;
    connection.execute_batch(CHANGES).map_err(StoreError::of)?;
    connection.execute_batch(schema::ITEMS).map_err(StoreError::of)?;
    for payment in &payments {
        items::insert(connection, items::ITEM, payment)?;
    }
    let Some((ledger, last_report, last_payment)) = ledger else { return Ok(()) };
    ledger::write(connection, &ledger)?;
    items::put_last_id(connection, Report::NUMBER, last_report)?;
    items::put_last_id(connection, Payment::NUMBER, last_payment)
}

/// The ledger, and the last numbers of reports and payments.
fn read_ledger(connection: &Connection) -> Result<Option<(Ledger, i64, i64)>, StoreError> {
    let mut statement = connection.prepare(LEDGER).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let Some(row) = rows.next().map_err(StoreError::of)? else { return Ok(None) };
    let mut reader = Reader::new(row, "ledger", LEDGER_COLUMNS)?;
    reader.number::<i64>("id")?;
    let last_report = reader.number("last_record")?;
    let last_payment = reader.number("last_payment")?;
    Ok(Some((ledger::rest(&mut reader)?, last_report, last_payment)))
}

fn read_payments(connection: &Connection) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare(PAYMENTS).map_err(StoreError::of)?;
    let mut rows = statement.query([]).map_err(StoreError::of)?;
    let mut payments = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::of)? {
        payments.push(read_payment(Reader::new(row, "payment", PAYMENT_COLUMNS)?)?);
    }
    Ok(payments)
}

fn read_payment(mut reader: Reader) -> Result<Row, StoreError> {
    let id = reader.number("id")?;
    let state: usize = reader.number("state")?;
    let state = STATES.get(state).copied().ok_or_else(|| reader.damaged("state"))?;
    let sent = items::read_attempts(&mut reader)?;
    let added = UnixMillis(reader.number("accepted")?);
    let due = Some(UnixMillis(reader.number("due")?));
    let last_moment = Some(UnixMillis(reader.number("last_moment")?));
    let (key, body) = items::read_contents(&mut reader)?;
    let Attempts { attempts, failures, first_failed, last } = sent;
    Ok(Row {
        kind: Payment::NUMBER,
        id,
        state,
        added,
        attempts,
        failures,
        first_failed,
        last,
        due,
        last_moment,
        key,
        body,
    })
}

/// The states of a payment by their numbers: waiting, handed, parked, refused, uploaded, expired.
const STATES: [ItemState; 6] = [
    ItemState::Pending,
    ItemState::Sending,
    ItemState::Parked,
    ItemState::Rejected,
    ItemState::Held,
    ItemState::Expired,
];

const LEDGER: &str = "SELECT id, last_record, last_payment, boot, closed, dropped, broadcasts, \
    scans, sending_broadcasts, sending_scans, usage_unknown, ram_broadcasts, ram_scans, \
    boot_broadcasts, boot_scans, reported, answered, answer, answer_code, crc FROM ledger";

/// How many columns there are without the checksum.
const LEDGER_COLUMNS: usize = 19;

const PAYMENTS: &str = "SELECT id, state, attempts, failures, first_failed, answered, answer, \
    accepted, due, last_moment, key, payload, crc FROM payment ORDER BY id";

/// How many columns there are without the checksum.
const PAYMENT_COLUMNS: usize = 12;

/// How the tables change.
const CHANGES: &str = "
DROP TABLE payment;
ALTER TABLE ledger DROP COLUMN last_record;
ALTER TABLE ledger DROP COLUMN last_payment;
";
