//! [`UnixMillis`]: a time by the host's wall clock.

use std::fmt;
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
    /// 2020-01-01T00:00:00Z. A host's clock that shows an earlier time was never set. Not specified;
    /// chosen because a clock without a battery starts in 1970, and this crate is of a later time.
    pub const EARLIEST: Self = Self(1_577_836_800_000);

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

    /// Whether the clock that showed this time had been set: not before [`EARLIEST`](Self::EARLIEST).
    ///
    /// ```
    /// use m26_pay::unix_time::UnixMillis;
    ///
    /// assert!(!UnixMillis(7_000).is_plausible(), "seven seconds after the power came");
    /// assert!(UnixMillis(1_600_000_000_000).is_plausible());
    /// ```
    #[must_use]
    pub fn is_plausible(self) -> bool {
        self >= Self::EARLIEST
    }

    /// How long after `earlier` it is; zero if it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl fmt::Display for UnixMillis {
    /// The time in UTC, to the millisecond, as RFC 3339 writes it: `2019-01-30T01:29:37.000Z`. A
    /// year that has not four digits has more, or a sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // The year begins in March here, so that a leap day ends it, and 400 years are an era.
        let days = days + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = match month {
            10.. => (era * 400 + year + 1, month - 9),
            _ => (era * 400 + year, month + 3),
        };
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
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
