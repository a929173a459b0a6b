//! Seconds on the command line.

use std::time::Duration;

/// A time in seconds, fractions allowed.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "it is a number of seconds such as 2.5".into())
}

/// A duration greater than zero.
pub(crate) fn timeout(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("it is longer than 0 seconds".into()),
        timeout => Ok(timeout),
    }
}
