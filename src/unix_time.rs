//! [`UnixMillis`]: a time by the host's wall clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time by a wall clock, in milliseconds since 1970-01-01T00:00:00Z.
///
/// It survives a restart of the host, and it is as wrong as the clock was. So nothing that must not
/// fail depends on it alone.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::unix_time::UnixMillis;
///
/// let accepted = UnixMillis(1_548_811_777_000);
/// let due = accepted.plus(Duration::from_secs(24 * 3600));
/// assert_eq!(due.since(accepted), Duration::from_secs(86_400));
/// assert_eq!(accepted.since(due), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// The latest time.
    pub const MAX: Self = Self(i64::MAX);

    /// This many milliseconds after 1970, or the latest time if the number is too great.
    #[must_use]
    pub fn from_unsigned(millis: u64) -> Self {
        i64::try_from(millis).map_or(Self::MAX, Self)
    }

    /// This much later, or the latest time if the number would be too great.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` it is; zero if it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl From<SystemTime> for UnixMillis {
    /// Too late or too early a time becomes the latest or the earliest.
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self::default().plus(since),
            Err(before) => {
                let millis = i64::try_from(before.duration().as_millis());
                Self(millis.map_or(i64::MIN, |millis| -millis))
            }
        }
    }
}

/// The host's time; `None` if no number holds it.
#[cfg(any(
    feature = "async",
    feature = "blocking",
    feature = "campus",
    feature = "gateway",
    feature = "outbox",
    feature = "unionpay"
))]
#[allow(clippy::disallowed_methods, reason = "a driver is where the clock is read")]
pub(crate) fn now() -> Option<UnixMillis> {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_millis().try_into(),
        Err(before) => before.duration().as_millis().try_into().map(|millis: i64| -millis),
    };
    millis.ok().map(UnixMillis)
}

/// The host's time in seconds since 1970.
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) fn unix_seconds() -> Option<i64> {
    now().map(|now| now.0.div_euclid(1000))
}
