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
            ("+CCLK", _) => Err(Failure::NOT_SUPPORTED),
            (name, Form::Test) if name == ntp => Reply::ok(),
            (name, Form::Set(_)) if name == ntp => {
                let registered = self.network.registration.is_registered();
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
        let running =
            self.started.map_or(0, |started| at.saturating_duration_since(started).as_secs());
        self.settings.clock + running
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
