//! [`HostClock`]: compares the host's clock with the module's.

use std::fmt;
use std::time::{Duration, Instant};

use crate::m26::ClockTime;
use crate::unix_time::UnixMillis;

/// What the host's clock showed at one moment. Nothing here reads a clock.
///
/// A terminal whose clock has no battery starts in 1970, and the `time_stamp` of a report comes
/// from the host's clock.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::m26::{ClockCheck, HostClock};
///
/// let module = "19/01/30,09:29:37+32"; // as AT+CCLK? shows it: 1548811777
/// # use m26_pay::at::command::{Command, Reply};
/// # use m26_pay::at::line::Line;
/// # use m26_pay::at::result::FinalResult;
/// # let reply = Reply {
/// #     lines: [Line::new(format!("+CCLK: \"{module}\""))].into(),
/// #     result: None,
/// #     final_result: Some(FinalResult::Ok),
/// # };
/// # let module = m26_pay::m26::ReadClock.decode(&reply)?;
/// let check = HostClock::compare(7, Some(module), Duration::from_secs(60));
/// assert_eq!(check, ClockCheck::HostUnset { unix_seconds: 7 });
/// assert!(check.is_warning());
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostClock {
    at: Instant,
    unix_seconds: i64,
    bound: Duration,
}

/// The result of comparing the two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ClockCheck {
    /// The clocks differ by no more than the bound.
    Agree {
        /// How far the module's clock is ahead of the host's, in seconds.
        module_ahead: i64,
    },
    /// The clocks differ by more than the bound.
    Differ {
        /// How far the module's clock is ahead of the host's, in seconds.
        module_ahead: i64,
    },
    /// The host's clock was never set: it shows a time before 2020.
    HostUnset {
        /// What it shows.
        unix_seconds: i64,
    },
    /// The module shows no time that can be compared: none, or one without its zone.
    ModuleUnknown,
    /// The module's clock was never set: it shows a time before 2018. Modules that were never told
    /// the time show 1970, 1980, 2000, 2004 or 2015, depending on the maker.
    ModuleUnset,
}

impl HostClock {
    /// The host's clock shows `unix_seconds` at `at`, and should not differ by more than `bound`
    /// from the module's.
    #[must_use]
    pub fn new(at: Instant, unix_seconds: i64, bound: Duration) -> Self {
        Self { at, unix_seconds, bound }
    }

    /// Compares, at `now`, with what the module shows.
    #[must_use]
    pub fn check(&self, now: Instant, module: Option<ClockTime>) -> ClockCheck {
        let passed = now.saturating_duration_since(self.at).as_secs();
        let host = self.unix_seconds.saturating_add_unsigned(passed);
        Self::compare(host, module, self.bound)
    }

    /// Compares two clocks that were read at the same time.
    #[must_use]
    pub fn compare(unix_seconds: i64, module: Option<ClockTime>, bound: Duration) -> ClockCheck {
        if unix_seconds < UnixMillis::EARLIEST.0 / 1000 {
            return ClockCheck::HostUnset { unix_seconds };
        }
        if module.is_some_and(|module| module.year < YEAR_OF_THE_SDK) {
            return ClockCheck::ModuleUnset;
        }
        let Some(module) = module.and_then(ClockTime::unix_seconds) else {
            return ClockCheck::ModuleUnknown;
        };
        let module_ahead = module.saturating_sub(unix_seconds);
        if module_ahead.unsigned_abs() > bound.as_secs() {
            ClockCheck::Differ { module_ahead }
        } else {
            ClockCheck::Agree { module_ahead }
        }
    }
}

impl ClockCheck {
    /// Whether a person should check the clocks before a report is made.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(self, Self::Agree { .. })
    }
}

impl fmt::Display for ClockCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agree { module_ahead } => Distance(*module_ahead).fmt(f),
            Self::Differ { module_ahead } => write!(
                f,
                "{}: set the host's clock, or name a time server for the module's",
                Distance(*module_ahead)
            ),
            Self::HostUnset { unix_seconds } => write!(
                f,
                "the host's clock shows a time before 2020 ({unix_seconds} s since 1970): set it before anything is reported"
            ),
            Self::ModuleUnknown => f.write_str("the module shows no time to compare with"),
            Self::ModuleUnset => {
                f.write_str("the module's clock was never set: name a time server for it")
            }
        }
    }
}

/// How far the module's clock is ahead, as text.
struct Distance(i64);

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs();
        match self.0 {
            0 => f.write_str("the module's clock and the host's agree"),
            1.. => write!(f, "the module's clock is {seconds} s ahead of the host's"),
            _ => write!(f, "the module's clock is {seconds} s behind the host's"),
        }
    }
}

/// How far the clocks may differ. Not specified; chosen because nobody needs a report's time to be
/// better than a minute, and a wrong zone is never less than 15.
pub const CLOCK_BOUND: Duration = Duration::from_secs(60);

/// The oldest files of Alipay's SDK for the M26 are of 2018, and the sample in the spec's chapter 4
/// is of January 2019: a module that shows less was never told the time.
const YEAR_OF_THE_SDK: u16 = 2018;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::m26::ReadClock;
    use crate::testing::quectel;

    #[test]
    fn the_time_that_passes_counts() {
        #[expect(clippy::disallowed_methods, reason = "any beginning will do")]
        let now = Instant::now();
        let bytes = b"\r\n+CCLK: \"20/02/14,08:00:00+32\"\r\n\r\nOK\r\n";
        let module = quectel(&ReadClock, bytes).unwrap();
        let seconds = module.unix_seconds().unwrap();
        let host = HostClock::new(now, seconds - 90, CLOCK_BOUND);
        assert_eq!(host.check(now, Some(module)), ClockCheck::Differ { module_ahead: 90 });
        let later = now + Duration::from_secs(30);
        assert_eq!(host.check(later, Some(module)), ClockCheck::Agree { module_ahead: 60 });
        assert_eq!(host.check(now, None), ClockCheck::ModuleUnknown);
        let bare = ClockTime { zone: None, ..module };
        assert_eq!(host.check(now, Some(bare)), ClockCheck::ModuleUnknown);
        let unset = ClockTime { year: 2004, ..module };
        assert_eq!(host.check(now, Some(unset)), ClockCheck::ModuleUnset);
        assert!(ClockCheck::ModuleUnset.to_string().contains("never set"));
        assert!(!ClockCheck::Agree { module_ahead: 0 }.is_warning());
        for (module_ahead, said) in [(-2, "2 s behind"), (0, "agree"), (90, "90 s ahead")] {
            for check in [ClockCheck::Agree { module_ahead }, ClockCheck::Differ { module_ahead }] {
                assert!(check.to_string().contains(said), "{check}");
            }
        }
    }
}
