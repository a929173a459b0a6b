//! Format 3 of the file, and how it becomes format 4.
//!
//! There what has ended stood among the other items, so that a start read every order that was ever
//! settled.

use rusqlite::Connection;

use super::{items, schema};
use crate::sqlite::StoreError;

/// Brings a file of format 3 to format 4. What is damaged is told, and then nothing has changed.
pub(super) fn bring_forward(connection: &Connection) -> Result<(), StoreError> {
    let stocks = items::check_all(connection)?;
    connection.execute_batch(schema::ENDED).map_err(StoreError::of)?;
    connection.execute_batch(MOVE).map_err(StoreError::of)?;
    for (kind, stock) in stocks {
        items::put_ended_count(connection, kind, stock.counts.held)?;
    }
    Ok(())
}

/// A row says the same in both tables, so its checksum holds.
const MOVE: &str = "
INSERT INTO ended SELECT * FROM item WHERE state = 2;
DELETE FROM item WHERE state = 2;
";
