//! The wall clock of the host, for the drivers.

use std::time::{SystemTime, UNIX_EPOCH};

/// What it shows, in seconds since 1970; `None` if no number holds it.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) fn unix_seconds() -> Option<i64> {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs().try_into(),
        Err(before) => before.duration().as_secs().try_into().map(|seconds: i64| -seconds),
    };
    seconds.ok()
}

/// What it shows, in milliseconds since 1970; 0 if it shows a time before that.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
#[cfg(feature = "campus")]
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}
