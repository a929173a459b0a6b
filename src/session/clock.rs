//! [`ClockWatch`]: whether the host's clock was set since it was compared with the module's.

use std::time::{Duration, Instant};

/// What the host's clock showed once. From then on it must go as the time does by which deadlines are
/// kept; NTP lets both go faster or slower alike (Linux, `adjtimex(2)`).
///
/// A host that slept looks as if its clock was set, since no deadline passes meanwhile. Then the two
/// clocks agree again, and nobody is warned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClockWatch {
    shown: Option<(Instant, i64)>,
    /// It was set, and the clocks were not compared yet.
    pub(super) was_set: bool,
}

impl ClockWatch {
    /// The host's clock shows `unix_seconds` now.
    pub(super) fn begin(now: Instant, unix_seconds: Option<i64>) -> Self {
        Self { shown: unix_seconds.map(|seconds| (now, seconds)), was_set: false }
    }

    /// Whether it was set by more than `bound`. It is said once.
    pub(super) fn look(
        &mut self,
        now: Instant,
        unix_seconds: Option<i64>,
        bound: Duration,
    ) -> bool {
        let (Some((at, then)), Some(shows)) = (self.shown, unix_seconds) else { return false };
        let passed = now.saturating_duration_since(at).as_secs();
        let set = shows.abs_diff(then.saturating_add_unsigned(passed)) > bound.as_secs();
        if set {
            *self = Self { shown: Some((now, shows)), was_set: true };
        }
        set
    }
}
