//! A day by UnionPay's calendar.

use std::fmt;
use std::str::FromStr;

use crate::argument::{InvalidArgument, InvalidReason};

/// A day in Beijing, written `yyyyMMdd` (5.8.3, 5.8.4).
///
/// ```
/// use m26_pay::gateway::unionpay::Date;
///
/// let day = Date::new(2026, 11, 30)?;
/// assert_eq!(day.to_string(), "20261130");
/// assert_eq!("20261130".parse(), Ok(day));
/// assert!(Date::new(2026, 2, 29).is_err());
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// A day.
    ///
    /// # Errors
    /// If there is no such day, or its year has not four digits.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidArgument> {
        let date = || {
            let (month, day) = (month.try_into().ok()?, day.try_into().ok()?);
            jiff::civil::Date::new(i16::try_from(year).ok()?, month, day).ok()
        };
        let date = date().filter(|_| (1000..=9999).contains(&year));
        date.map(Self).ok_or(NO_SUCH_DAY)
    }
}

impl FromStr for Date {
    type Err = InvalidArgument;

    fn from_str(text: &str) -> Result<Self, InvalidArgument> {
        let other = text.bytes().enumerate().find(|(_, byte)| !byte.is_ascii_digit());
        if let Some((position, byte)) = other {
            let reason = InvalidReason::Byte { byte, position };
            return Err(InvalidArgument { field: "date", reason });
        }
        if text.len() != 8 {
            let reason = InvalidReason::Rule("must have 8 digits, yyyyMMdd");
            return Err(InvalidArgument { field: "date", reason });
        }
        let number = |range| text.get(range).unwrap_or_default();
        let day = || {
            let year = number(0..4).parse().ok()?;
            Some((year, number(4..6).parse().ok()?, number(6..8).parse().ok()?))
        };
        let (year, month, day) = day().ok_or(NO_SUCH_DAY)?;
        Self::new(year, month, day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

const NO_SUCH_DAY: InvalidArgument =
    InvalidArgument { field: "date", reason: InvalidReason::Rule("is no day of the calendar") };

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2026113", "202611300", "20260229", "20261301", "09991231", "2026-1-1"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(year in 0..12_000_u16, month in 0..20_u8, day in 0..40_u8) {
            let Ok(date) = Date::new(year, month, day) else { return Ok(()) };
            prop_assert_eq!(date.to_string(), format!("{year:04}{month:02}{day:02}"));
            prop_assert_eq!(date.to_string().parse(), Ok(date));
        }

        #[test]
        fn whatever_comes_does_no_harm(text in any::<String>()) {
            let _ = text.parse::<Date>();
        }
    }
}
