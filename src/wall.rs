//! The wall clock of the host, for the drivers of both clients and for the decoder's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What it shows, in seconds since 1970; `None` if no number holds it.
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) fn unix_seconds() -> Option<i64> {
    match since_1970() {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => i64::try_from(before.as_secs()).ok().map(|seconds| -seconds),
    }
}

/// What it shows, in milliseconds since 1970; `None` if it shows a time before, or no number holds
/// it.
#[cfg(feature = "sdk")]
pub(crate) fn unix_millis() -> Option<u64> {
    since_1970().ok().and_then(|since| u64::try_from(since.as_millis()).ok())
}

/// The time since 1970, or the time until then.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
fn since_1970() -> Result<Duration, Duration> {
    SystemTime::now().duration_since(UNIX_EPOCH).map_err(|before| before.duration())
}
