//! The module's clock.

use m26_pay::m26::{ClockTime, NtpCommand, NtpServer, NtpSync, ReadClock};

use crate::boundary::enter;
use crate::module::{ask, m26pay_module, send};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// What a clock shows: the local time, and its offset from UTC.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_clock {
    /// The year. A clock that was never set may show 1980.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
    /// Whether the module says its zone, so that `zone` and `unix_seconds` are known.
    pub has_zone: bool,
    /// Quarters of an hour east of UTC (China: 32).
    pub zone: i8,
    /// The time in seconds since 1970 in UTC.
    pub unix_seconds: i64,
}

/// AT+CCLK?: what the module's clock shows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_clock(
    module: m26pay_module,
    clock: *mut m26pay_clock,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "clock", clock, ReadClock, m26pay_clock::from) }
}

/// AT+QNTTP: sets the module's clock from a time server; without one (NULL, 0) the module takes its own.
/// It needs the network, and may take two minutes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_sync_clock(
    module: m26pay_module,
    server: m26pay_str,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let server = unsafe { text::optional("server", server) }?;
        let server = server.map(NtpServer::new).transpose()?;
        send(module, NtpSync { verb: NtpCommand::Qnttp, server, port: None })
    })
}

impl m26pay_clock {
    /// No clock.
    pub(crate) const NONE: Self = Self {
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        has_zone: false,
        zone: 0,
        unix_seconds: 0,
    };
}

impl From<ClockTime> for m26pay_clock {
    fn from(clock: ClockTime) -> Self {
        let ClockTime { year, month, day, hour, minute, second, zone } = clock;
        Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            has_zone: zone.is_some(),
            zone: zone.unwrap_or_default(),
            unix_seconds: clock.unix_seconds().unwrap_or_default(),
        }
    }
}
