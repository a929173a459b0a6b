//! The clock of the platforms: China has one time zone, eight hours before UTC, and no summer time.

use jiff::civil::DateTime;
use jiff::tz::{self, Offset};

use crate::unix_time::UnixMillis;

/// Whether the clock of this host was ever set.
pub(crate) fn is_set(at: UnixMillis) -> bool {
    at >= BEFORE_ALL
}

/// `YYYY-MM-DD hh:mm:ss` in Beijing, whatever the time zone of this host is. `None` for a year that
/// has not four digits.
#[cfg(feature = "gateway")]
pub(crate) fn timestamp(at: UnixMillis) -> Option<String> {
    write(at, FORM)
}

/// `YYYYMMDDhhmmss` in Beijing, likewise.
#[cfg(feature = "unionpay")]
pub(crate) fn dense_timestamp(at: UnixMillis) -> Option<String> {
    write(at, DENSE_FORM)
}

/// The time that such a text names, with or without what separates its parts. Only UnionPay writes
/// the dense form.
pub(crate) fn parse(text: &str) -> Option<UnixMillis> {
    let dense = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = DateTime::strptime(if dense { DENSE_FORM } else { FORM }, text).ok()?;
    Some(UnixMillis(BEIJING.to_timestamp(time).ok()?.as_millisecond()))
}

fn write(at: UnixMillis, form: &str) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(at.0).ok()?;
    let time = BEIJING.to_datetime(time);
    (0..=9999).contains(&time.year()).then(|| time.strftime(form).to_string())
}

const BEIJING: Offset = tz::offset(8);

/// 2025-01-01 in UTC. Not specified; chosen before this crate was: no clock that is set shows less.
const BEFORE_ALL: UnixMillis = UnixMillis(1_735_689_600_000);

const FORM: &str = "%Y-%m-%d %H:%M:%S";

const DENSE_FORM: &str = "%Y%m%d%H%M%S";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_evening_in_london_is_tomorrow_in_beijing() {
        for (at, text) in [
            (1_709_136_000_000, "2024-02-29 00:00:00"),
            (1_709_135_999_999, "2024-02-28 23:59:59"),
            (1_709_222_400_000, "2024-03-01 00:00:00"),
            (1_772_294_400_000, "2026-03-01 00:00:00"),
            (1_772_294_399_000, "2026-02-28 23:59:59"),
            (1_798_732_799_000, "2026-12-31 23:59:59"),
            (1_798_732_800_000, "2027-01-01 00:00:00"),
            (0, "1970-01-01 08:00:00"),
        ] {
            assert_eq!(write(UnixMillis(at), FORM).as_deref(), Some(text));
        }
        assert_eq!(write(UnixMillis::MAX, FORM), None);
        assert_eq!(parse("2026-02-29 00:00:00"), None);
        assert_eq!(parse("2026-11-29T21:00:00"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0..253_402_243_200_i64) {
            let at = UnixMillis(seconds * 1000);
            for (form, length) in [(FORM, 19), (DENSE_FORM, 14)] {
                let text = write(at, form).unwrap();
                prop_assert_eq!(text.len(), length);
                prop_assert_eq!(parse(&text), Some(at));
            }
        }
    }
}
