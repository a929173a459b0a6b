//! The clock of the host.

use std::time::{SystemTime, UNIX_EPOCH};

use m26_pay::unix_time::UnixMillis;

/// The wall clock.
#[allow(clippy::disallowed_methods, reason = "a tool is where the clock is read")]
pub(crate) fn wall() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::from_unsigned(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
