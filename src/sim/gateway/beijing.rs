//! Beijing's civil time, which the gateways write: UTC+8, without summer time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// The time in Beijing at so many seconds after 1970.
pub(super) fn civil(unix: u64) -> DateTime {
    let at = i64::try_from(unix).ok().and_then(|unix| Timestamp::from_second(unix).ok());
    Offset::constant(8).to_datetime(at.unwrap_or(Timestamp::MAX))
}

/// The day in Beijing as a number: 20261129.
pub(super) fn day(unix: u64) -> u32 {
    let date = civil(unix).date();
    let number =
        i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day());
    number.unsigned_abs()
}
