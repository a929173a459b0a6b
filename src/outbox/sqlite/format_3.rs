//! Format 3 of the file, and how it becomes format 4.
//!
//! In format 3 the items that had ended were among the others, so that each start read every order that
//! was ever settled.

use rusqlite::Connection;

use super::{items, schema};
use crate::sqlite::StoreError;

/// Brings a file of format 3 to format 4. If something is damaged, that is the error, and nothing has
/// changed.
pub(super) fn bring_forward(connection: &Connection) -> Result<(), StoreError> {
    let stocks = items::check_all(connection)?;
    connection.execute_batch(schema::ENDED).map_err(StoreError::of)?;
    connection.execute_batch(MOVE).map_err(StoreError::of)?;
    for (kind, stock) in stocks {
        items::put_ended_count(connection, kind, stock.counts.held)?;
    }
    Ok(())
}

/// A row has the same columns in both tables, so its checksum stays right.
const MOVE: &str = "
INSERT INTO ended SELECT * FROM item WHERE state = 2;
DELETE FROM item WHERE state = 2;
";
