//! A code's own time beside the host's clock.

use std::time::Duration;

/// How a code's `in_use_time` is judged.
///
/// ```
/// use m26_pay::campus::guard::{TimeRefused, TimeRules};
/// use std::time::Duration;
///
/// let rules = TimeRules::default();
/// let made = 1_763_712_000_000;
/// assert_eq!(rules.check(made, made + 120_000), Ok(()));
/// let late = TimeRefused::Expired { age: Duration::from_millis(120_001) };
/// assert_eq!(rules.check(made, made + 120_001), Err(late));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRules {
    /// How long a code is good. Two minutes (campus code integration, section 7: 双离线码2分钟后过期).
    pub valid_for: Duration,
    /// By how much a code's time may be ahead of the host's clock. Not specified; a minute by
    /// default, chosen because a terminal that asks a time server now and then does not lag by
    /// more, and each minute keeps records a minute longer.
    pub ahead: Duration,
    /// A host's clock that shows less, in milliseconds since 1970, was never set. Not specified;
    /// the beginning of 2020 by default, chosen because a clock without a battery starts in 1970
    /// or when its firmware was made, and the document is of 2020.
    pub earliest_ms: u64,
}

/// What the clocks have against a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeRefused {
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
    #[error("the terminal's clock was never set, it shows second {} of 1970: set it", .unix_ms / 1000)]
    ClockNotSet {
        /// What it shows.
        unix_ms: u64,
    },
    /// The code is too old.
    #[error("the code is {} s old and has expired: let the customer show a new one", .age.as_secs())]
    Expired {
        /// How old it is.
        age: Duration,
    },
}

impl TimeRules {
    /// Whether a code made at `in_use_time` is good when the host's clock shows `unix_ms`, both in
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// If it is not, or if the clock was never set.
    pub fn check(&self, in_use_time: u64, unix_ms: u64) -> Result<(), TimeRefused> {
        if unix_ms < self.earliest_ms {
            return Err(TimeRefused::ClockNotSet { unix_ms });
        }
        let age = Duration::from_millis(unix_ms.saturating_sub(in_use_time));
        let by = Duration::from_millis(in_use_time.saturating_sub(unix_ms));
        if by > self.ahead {
            Err(TimeRefused::Ahead { by, allowed: self.ahead })
        } else if age > self.valid_for {
            Err(TimeRefused::Expired { age })
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
            earliest_ms: YEAR_2020_MS,
        }
    }
}

const YEAR_2020_MS: u64 = 1_577_836_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: u64 = 1_763_712_000_000;

    #[test]
    fn the_bounds_are_met_to_the_millisecond() {
        let rules = TimeRules::default();
        assert_eq!(rules.check(MADE, MADE), Ok(()));
        assert_eq!(rules.check(MADE, MADE - 60_000), Ok(()));
        let by = Duration::from_millis(60_001);
        let ahead = TimeRefused::Ahead { by, allowed: Duration::from_secs(60) };
        assert_eq!(rules.check(MADE, MADE - 60_001), Err(ahead));
        assert_eq!(rules.check(MADE, MADE + 120_000), Ok(()));
        assert!(matches!(rules.check(MADE, MADE + 120_001), Err(TimeRefused::Expired { .. })));
        assert_eq!(rules.keep(), Duration::from_secs(180));
    }

    #[test]
    fn a_clock_that_was_never_set_is_named_before_anything_else() {
        let rules = TimeRules::default();
        for unix_ms in [0, 7_000, YEAR_2020_MS - 1] {
            let error = rules.check(MADE, unix_ms).unwrap_err();
            assert_eq!(error, TimeRefused::ClockNotSet { unix_ms });
            assert!(error.to_string().contains("never set"), "{error}");
        }
        assert!(rules.check(YEAR_2020_MS, YEAR_2020_MS).is_ok());
    }

    #[test]
    fn no_time_is_too_far_off_to_be_told() {
        let rules = TimeRules::default();
        assert!(matches!(rules.check(u64::MAX, MADE), Err(TimeRefused::Ahead { .. })));
        assert!(matches!(rules.check(0, u64::MAX), Err(TimeRefused::Expired { .. })));
        let endless = TimeRules { valid_for: Duration::MAX, ahead: Duration::MAX, ..rules };
        assert_eq!(endless.check(u64::MAX, MADE), Ok(()));
        assert_eq!(endless.keep(), Duration::MAX);
    }
}
