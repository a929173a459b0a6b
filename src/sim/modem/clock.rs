//! The module's clock, and its synchronisation over the network.

use std::time::Instant;

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem, NtpSpelling};

impl Modem {
    pub(super) fn clock(&mut self, at: Instant, call: &Call<'_>) -> Option<Outcome> {
        let ntp = match self.settings.ntp {
            NtpSpelling::Example => "+QNTTP",
            NtpSpelling::Documented => "+QNTP",
        };
        Some(match (call.name.as_str(), &call.form) {
            ("+CCLK", Form::Read) => {
                Reply::text(format!("+CCLK: \"{}\"", china_time(self.unix_time(at))))
            }
            ("+CCLK", Form::Test) => Reply::ok(),
            ("+CCLK", Form::Set(values)) => match values.first().and_then(|text| unix_of(text)) {
                Some(unix) => {
                    self.clock_set = Some((at, unix));
                    Reply::ok()
                }
                None => Err(Failure::INVALID_PARAMETER),
            },
            ("+CCLK", _) => Err(Failure::NOT_SUPPORTED),
            (name, Form::Test) if name == ntp => Reply::ok(),
            (name, Form::Set(_)) if name == ntp => {
                let registered = self.network.packet().is_registered();
                if registered {
                    self.clock_set = None;
                }
                // It brings the data context up, too (the spec's section 4).
                self.network.context |= registered;
                // 5: the data context could not be activated (M66 AT manual V1.0, AT+QNTP).
                let code = if registered { 0 } else { 5 };
                let result = Event::Urc(format!("{ntp}: {code}"));
                Reply::then(self.settings.latencies.ntp, result)
            }
            (name, _) if name == ntp => Err(Failure::NOT_SUPPORTED),
            _ => return None,
        })
    }

    /// What the module's clock shows, in Unix seconds.
    pub(super) fn unix_time(&self, at: Instant) -> u64 {
        let started = self.started.map(|started| (started, self.settings.clock));
        let Some((since, then)) = self.clock_set.or(started) else { return self.settings.clock };
        then + at.saturating_duration_since(since).as_secs()
    }
}

/// `yy/MM/dd,hh:mm:ss+32`: local time in China, the offset in quarters of an hour (TS 27.007,
/// 8.15).
fn china_time(unix: u64) -> String {
    let local = unix + 8 * 3600;
    let (days, seconds) = (local / 86_400, local % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{:02}/{month:02}/{day:02},{:02}:{:02}:{:02}+32",
        year % 100,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// The Unix seconds of what AT+CCLK= sets, with or without an offset. Two digits are a year from 2000
/// on, as the clock shows it.
fn unix_of(text: &str) -> Option<u64> {
    let (time, offset) = match text.find(['+', '-']) {
        Some(sign) => text.split_at(sign),
        None => (text, "+32"),
    };
    let mut numbers = [0; 6];
    let mut parts = time.split(['/', ',', ':']);
    for number in &mut numbers {
        *number = parts.next()?.parse().ok()?;
    }
    let [year, month, day, hour, minute, second] = numbers;
    let valid = year < 100
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && parts.next().is_none();
    // TS 27.007, 8.15.
    let quarters: i64 = offset.parse().ok().filter(|quarters| (-47..=48).contains(quarters))?;
    if !valid {
        return None;
    }
    let local = days(2000 + year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    local.checked_add_signed(-quarters * 15 * 60)
}

/// The number of days from 1970 to a date, the inverse of [`civil`].
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970 in the Gregorian calendar. Years are counted
/// from March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
