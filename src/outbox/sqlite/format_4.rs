//! Format 4 of the file, and how it becomes format 5.
//!
//! There nothing tied a file to its log. A program that knows format 4 would begin logs without a
//! mark.

use rusqlite::Connection;

use crate::sqlite::{StoreError, mark};

/// Brings a file of format 4 to format 5: it gets a mark.
pub(super) fn bring_forward(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(mark::TABLE).map_err(StoreError::of)
}
