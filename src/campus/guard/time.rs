//! [`TimeRules`]: compares a code's time with the host's clock.

use std::time::Duration;

use crate::advice::{self, Advice};
use crate::unix_time::UnixMillis;

/// How a code's `in_use_time` is judged.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::campus::guard::{TimeError, TimeRules};
/// use m26_pay::unix_time::UnixMillis;
///
/// let rules = TimeRules::default();
/// let made = UnixMillis(1_589_760_000_000);
/// assert_eq!(rules.check(made, UnixMillis(made.0 + 120_000)), Ok(()));
/// let late = TimeError::Expired { age: Duration::from_millis(120_001) };
/// assert_eq!(rules.check(made, UnixMillis(made.0 + 120_001)), Err(late));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct TimeRules {
    /// How long a code is good. Two minutes (spec, 7: 双离线码2分钟后过期).
    pub valid_for: Duration,
    /// By how much a code's time may be ahead of the host's clock. Not specified; a minute by
    /// default, chosen because a terminal that asks a time server now and then does not lag by
    /// more, and each minute keeps records a minute longer.
    pub ahead: Duration,
    /// A host's clock that shows less was never set. Not specified; the beginning of 2020 by
    /// default, chosen because a clock without a battery starts in 1970, and the spec is of 2020.
    pub earliest: UnixMillis,
}

/// Why a code's time is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The code is from the future.
    #[error(
        "the code was made {} s after what the terminal's clock shows, at most {} s are allowed: \
         set the terminal's clock", .by.as_secs(), .allowed.as_secs()
    )]
    Ahead {
        /// By how much.
        by: Duration,
        /// How much is allowed.
        allowed: Duration,
    },
    /// The host's clock cannot be right, so nothing can be said of the code.
    #[error("the terminal's clock was never set, it shows {} s after 1970: set it", .wall.0 / 1000)]
    ClockNotSet {
        /// What it shows.
        wall: UnixMillis,
    },
    /// The code is too old.
    #[error("the code is {} s old and has expired: let the customer show a new one", .age.as_secs())]
    Expired {
        /// How old it is.
        age: Duration,
    },
}

impl TimeError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Ahead { .. } => advice::campus::CLOCK_AHEAD,
            Self::ClockNotSet { .. } => advice::campus::CLOCK_NOT_SET,
            Self::Expired { .. } => advice::campus::CODE_EXPIRED,
        }
    }
}

impl TimeRules {
    /// Whether a code made at `in_use_time` is good when the host's clock shows `wall`.
    ///
    /// # Errors
    /// If it is not, or if the clock was never set.
    pub fn check(&self, in_use_time: UnixMillis, wall: UnixMillis) -> Result<(), TimeError> {
        if wall < self.earliest {
            return Err(TimeError::ClockNotSet { wall });
        }
        let (age, by) = (wall.since(in_use_time), in_use_time.since(wall));
        if by > self.ahead {
            Err(TimeError::Ahead { by, allowed: self.ahead })
        } else if age > self.valid_for {
            Err(TimeError::Expired { age })
        } else {
            Ok(())
        }
    }

    /// How long a record of a code must be kept: as long as a code is good, and the bound for one
    /// that is ahead.
    #[must_use]
    pub fn keep(&self) -> Duration {
        self.valid_for.saturating_add(self.ahead)
    }
}

impl Default for TimeRules {
    fn default() -> Self {
        Self {
            valid_for: Duration::from_secs(120),
            ahead: Duration::from_secs(60),
            earliest: UnixMillis::EARLIEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: i64 = 1_589_760_000_000;

    fn check(made: i64, shown: i64) -> Result<(), TimeError> {
        TimeRules::default().check(UnixMillis(made), UnixMillis(shown))
    }

    #[test]
    fn the_bounds_are_met_to_the_millisecond() {
        assert_eq!(check(MADE, MADE), Ok(()));
        assert_eq!(check(MADE, MADE - 60_000), Ok(()));
        let by = Duration::from_millis(60_001);
        let ahead = TimeError::Ahead { by, allowed: Duration::from_secs(60) };
        assert_eq!(check(MADE, MADE - 60_001), Err(ahead));
        assert_eq!(check(MADE, MADE + 120_000), Ok(()));
        let age = Duration::from_millis(120_001);
        assert_eq!(check(MADE, MADE + 120_001), Err(TimeError::Expired { age }));
        assert_eq!(TimeRules::default().keep(), Duration::from_secs(180));
    }

    #[test]
    fn a_clock_that_was_never_set_is_named_before_anything_else() {
        for shown in [i64::MIN, -1, 0, 7_000, UnixMillis::EARLIEST.0 - 1] {
            let error = check(MADE, shown).unwrap_err();
            assert_eq!(error, TimeError::ClockNotSet { wall: UnixMillis(shown) });
            assert!(error.to_string().contains("never set"), "{error}");
        }
        assert!(check(UnixMillis::EARLIEST.0, UnixMillis::EARLIEST.0).is_ok());
        let rules = TimeRules { earliest: UnixMillis(MADE), ..TimeRules::default() };
        assert!(rules.check(UnixMillis(MADE), UnixMillis(MADE - 1)).is_err());
    }

    #[test]
    fn no_time_is_too_far_off_to_be_told() {
        assert!(matches!(check(i64::MAX, MADE), Err(TimeError::Ahead { .. })));
        assert!(matches!(check(i64::MIN, i64::MAX), Err(TimeError::Expired { .. })));
        let (valid_for, ahead) = (Duration::MAX, Duration::MAX);
        let endless = TimeRules { valid_for, ahead, ..TimeRules::default() };
        assert_eq!(endless.check(UnixMillis::MAX, UnixMillis(MADE)), Ok(()));
        assert_eq!(endless.keep(), Duration::MAX);
    }
}
