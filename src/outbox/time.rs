//! The wall clock, as it is kept on disk.

use std::time::Duration;

/// A time by the host's wall clock, in milliseconds since 1970.
///
/// It is what is kept through a restart of the host, and as wrong as the host's clock was. Nothing
/// that must not fail rests on it alone.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::outbox::UnixMillis;
///
/// let accepted = UnixMillis(1_548_811_777_000);
/// let due = accepted.plus(Duration::from_secs(24 * 3600));
/// assert_eq!(due.since(accepted), Duration::from_secs(86_400));
/// assert_eq!(accepted.since(due), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// So much later; the greatest time there is if no number holds it.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` it is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}
