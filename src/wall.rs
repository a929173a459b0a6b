//! The wall clock of the host, for the drivers of both clients.

use std::time::{SystemTime, UNIX_EPOCH};

/// What it shows, in seconds since 1970; `None` if no number holds it.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(crate) fn unix_seconds() -> Option<i64> {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs().try_into(),
        Err(before) => before.duration().as_secs().try_into().map(|seconds: i64| -seconds),
    };
    seconds.ok()
}
