//! The wall clock of the host, for what is a driver or works with the disk.

use std::time::{SystemTime, UNIX_EPOCH};

/// What it shows, in seconds since 1970; `None` if no number holds it.
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) fn unix_seconds() -> Option<i64> {
    unix_millis().map(|millis| millis.div_euclid(1000))
}

/// The same in milliseconds.
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(crate) fn unix_millis() -> Option<i64> {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_millis().try_into(),
        Err(before) => before.duration().as_millis().try_into().map(|millis: i64| -millis),
    };
    millis.ok()
}

/// The same, for what counts from 1970 onwards; `None` if it shows a time before.
#[cfg(feature = "campus")]
pub(crate) fn millis_since_1970() -> Option<u64> {
    unix_millis().and_then(|millis| millis.try_into().ok())
}
