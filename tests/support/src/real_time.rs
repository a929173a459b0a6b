//! Real time, for tests of programs and servers. Everything else is tested on virtual time.

use std::time::{Duration, Instant};

/// The time.
#[allow(clippy::disallowed_methods, reason = "other programs run in real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits.
#[allow(clippy::disallowed_methods, reason = "other programs run in real time")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
