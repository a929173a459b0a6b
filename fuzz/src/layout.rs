//! How a user data is laid out, as a text file.

use support::campus::check_text;

/// Every text is a layout, which is written as it was read, or there is a mistake at a place in it.
pub fn layout(data: &[u8]) {
    check_text(&String::from_utf8_lossy(data));
}
