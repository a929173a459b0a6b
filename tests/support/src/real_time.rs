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

/// Waits until it is so, for two minutes at most: on a busy machine another program takes its time.
#[track_caller]
pub fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let began = now();
    while !so() {
        assert!(now() - began < Duration::from_secs(120), "for two minutes it was not so: {what}");
        pause(Duration::from_millis(5));
    }
}
