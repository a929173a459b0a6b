//! The module's clock: reading it, and setting it from the network.

use std::fmt;

use crate::argument::string_argument;
use crate::at::command::{
    Answer, Awaited, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Release, Reply,
    Request, WhileClosed,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::codes::codes;

/// Reads the clock.
///
/// ```text
/// AT+CCLK?                       M26AT; 27.007 8.15
///
/// +CCLK: "yy/MM/dd,hh:mm:ss±zz"  zz: the zone in quarters of an hour
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::ReadClock;
///
/// let reply = Reply {
///     lines: [Line::new("+CCLK: \"19/01/30,09:29:37+32\"")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(ReadClock.decode(&reply)?.unix_seconds(), Some(1548811777));
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+CCLK")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadClock;

/// What the clock shows: the local time, and its offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ClockTime {
    /// The year. If the module sends two digits, 70 to 99 mean 1970 to 1999: a clock that was never
    /// set may show 1980.
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
    /// The time zone in quarters of an hour east of UTC (China: 32), if the module says it.
    pub zone: Option<i8>,
}

impl ClockTime {
    /// The time in seconds since 1970 in UTC, or `None` if the zone is not known.
    #[must_use]
    pub fn unix_seconds(self) -> Option<i64> {
        let zone = i64::from(self.zone?) * 15 * 60;
        let clock =
            (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second);
        Some(self.days() * 86_400 + clock - zone)
    }

    /// The days since 1970. The year begins in March here, so that a leap day ends it.
    fn days(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let before = year * 365 + year / 4 - year / 100 + year / 400;
        before + (153 * month + 2) / 5 + i64::from(self.day) - 1 - 719_468
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        match self.zone {
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                let zone = zone.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", zone / 4, zone % 4 * 15)
            }
            None => Ok(()),
        }
    }
}

impl Command for ReadClock {
    type Response = ClockTime;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read("+CCLK").finish(profile)?;
        Ok(Request::new(line).answer(Answer::Prefixed(&[("+CCLK", Shape::Any)])))
    }

    fn decode(&self, reply: &Reply) -> Result<ClockTime, DecodeError> {
        reply.parse_answer("+CCLK", |fields| {
            let error = fields.error("yy/MM/dd,hh:mm:ss±zz");
            let text = fields.rest("time")?.trim_ascii();
            // Some firmware omits the quotes.
            let bare = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
            read_time(bare.unwrap_or(text)).ok_or(error)
        })
    }
}

/// Reads `yy/MM/dd,hh:mm:ss±zz`. It accepts a blank after the comma, as in the manual (M26AT,
/// AT+CCLK), and a year of four digits, as some firmware sends it.
fn read_time(text: &[u8]) -> Option<ClockTime> {
    let (date, time) = text.split_at(text.iter().position(|byte| *byte == b',')?);
    let (time, zone) = time[1..].trim_ascii_start().split_at_checked(8)?;
    let mut date = date.trim_ascii().split(|byte| *byte == b'/');
    let mut time = time.split(|byte| *byte == b':');
    let year = date.next()?;
    let time = ClockTime {
        year: match (year.len(), number(year)?) {
            (2, year @ ..=69) => 2000 + year,
            (2, year) => 1900 + year,
            (4, year) => year,
            _ => return None,
        },
        month: two_digits(date.next()?)?,
        day: two_digits(date.next()?)?,
        hour: two_digits(time.next()?)?,
        minute: two_digits(time.next()?)?,
        second: two_digits(time.next()?)?,
        zone: match zone.trim_ascii() {
            [] => None,
            zone => Some(std::str::from_utf8(zone).ok()?.parse().ok()?),
        },
    };
    let valid = date.next().is_none()
        && time_is_valid(&time)
        && (1..=12).contains(&time.month)
        && (1..=31).contains(&time.day);
    valid.then_some(time)
}

fn time_is_valid(time: &ClockTime) -> bool {
    time.hour < 24 && time.minute < 60 && time.second <= 60
}

fn two_digits(text: &[u8]) -> Option<u8> {
    number(text).filter(|_| text.len() == 2).and_then(|number| u8::try_from(number).ok())
}

/// A number of four digits at most, without a sign.
fn number(text: &[u8]) -> Option<u16> {
    let digits = (1..=4).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    digits.then(|| text.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

/// Sets the clock from a time server, with one of two verbs:
/// [`SyncClock`](crate::flows::SyncClock) chooses.
///
/// ```text
/// AT+QNTTP="ntp1.aliyun.com"     Quectel M26 Alipay SDK 应用指导 V1.0, chapter 4, and nowhere else
/// AT+QNTP["server"[,port]]       M26AT
///
/// OK
///
/// +QNTTP: <result>               0 is a success; +QNTP is accepted as well, of either verb
/// ```
///
/// The spec's example has it activate the network as well.
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::{NtpCommand, NtpSync};
/// use m26_pay::at::profile::Profile;
///
/// let sync = NtpSync { verb: NtpCommand::Qnttp, server: Some("ntp1.aliyun.com".parse()?), port: None };
/// assert_eq!(sync.request(&Profile::quectel())?.line(), b"AT+QNTTP=\"ntp1.aliyun.com\"\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "AT+QNTTP")]
#[doc(alias = "AT+QNTP")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NtpSync {
    /// The verb.
    pub verb: NtpCommand,
    /// The server; without it the module takes its own.
    pub server: Option<NtpServer>,
    /// The server's port, which is not sent without a server.
    pub port: Option<u16>,
}

/// The two verbs that set the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NtpCommand {
    /// AT+QNTP, which the manuals document.
    Qntp,
    /// AT+QNTTP, as printed in the spec.
    Qnttp,
}

string_argument! {
    /// A time server. At most 253 bytes, as a name in the DNS (RFC 1035 2.3.4); the command line
    /// is shorter than that.
    NtpServer, "server", 253
}

codes! {
    /// How setting the clock went (M26AT, AT+QNTP).
    NtpStatus(i32) {
        0 SUCCESS "success",
        1 UNKNOWN "unknown error",
        2 NO_ANSWER "the time server does not answer",
        3 BUSY "the network stack is busy",
        4 NOT_FOUND "the time server was not found",
        5 NO_CONTEXT "the PDP context could not be activated",
    }
}

impl Command for NtpSync {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let prefix = self.verb.prefix();
        let line = match (&self.server, self.port) {
            (None, _) => CommandLine::execute(prefix),
            (Some(server), None) => CommandLine::set(prefix).quoted(server.as_str()),
            (Some(server), Some(port)) => {
                CommandLine::set(prefix).quoted(server.as_str()).int(port)
            }
        };
        Ok(Request::new(line.finish(profile)?).result(Awaited {
            // Which prefix belongs to which verb is not known, so both are accepted.
            prefix: NtpCommand::Qntp.prefix(),
            alias: Some(NtpCommand::Qnttp.prefix()),
            shape: Shape::Any,
            ok_alone: false,
            deadline: NTP_DEADLINE,
            release: Release::Any,
            made_at: None,
            begins: None,
            while_closed: WhileClosed::Same,
        }))
    }

    fn decode(&self, reply: &Reply) -> Result<(), DecodeError> {
        let own = reply.parse_result(self.verb.prefix(), parse);
        let other = || reply.parse_result(self.verb.other().prefix(), parse);
        match own.or_else(|error| other().map_err(|_| error))? {
            NtpStatus::SUCCESS => Ok(()),
            status => Err(DecodeError::Result {
                command: match self.verb {
                    NtpCommand::Qntp => "AT+QNTP",
                    NtpCommand::Qnttp => "AT+QNTTP",
                },
                code: status.0,
                meaning: status.description().unwrap_or("unknown code"),
            }),
        }
    }
}

impl NtpCommand {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Qntp => QNTP,
            Self::Qnttp => QNTTP,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Qntp => Self::Qnttp,
            Self::Qnttp => Self::Qntp,
        }
    }
}

/// The parameters of the result line.
pub(crate) fn parse(fields: &mut Fields<'_>) -> Result<NtpStatus, FieldError> {
    let status = fields.int("result").map(NtpStatus)?;
    // Some firmware appends the time: +QNTP: 0,"2017/10/30,10:25:44".
    if fields.more() {
        fields.rest("time")?;
    }
    Ok(status)
}

pub(crate) const QNTP: &str = "+QNTP";

pub(crate) const QNTTP: &str = "+QNTTP";

/// M26AT: AT+QNTP takes up to 120 s.
pub(crate) const NTP_DEADLINE: Deadline = Deadline::millis("time from the network", 120_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    fn server() -> Option<NtpServer> {
        Some("ntp1.aliyun.com".parse().unwrap())
    }

    #[test]
    fn what_the_clock_shows() {
        let read = |text: &str| {
            quectel(&ReadClock, format!("\r\n+CCLK: \"{text}\"\r\n\r\nOK\r\n").as_bytes())
        };
        let time = read("19/01/30,09:29:37+32").unwrap();
        assert_eq!(time.to_string(), "2019-01-30 09:29:37+08:00");
        assert_eq!(time.unix_seconds(), Some(1_548_811_777));
        assert_eq!(read("00/03/01,00:00:00+00").unwrap().unix_seconds(), Some(951_868_800));
        assert_eq!(read("24/02/29,23:45:00-01").unwrap().unix_seconds(), Some(1_709_251_200));
        assert_eq!(read("04/01/01,00:00:00").unwrap().unix_seconds(), None);
        // M26AT, the example of AT+CCLK; and what other firmware sends.
        let blank = read("15/03/11, 09:29:31+00").unwrap();
        assert_eq!(blank.to_string(), "2015-03-11 09:29:31+00:00");
        let long = read("2017/10/30,10:25:44").unwrap();
        assert_eq!(long.to_string(), "2017-10-30 10:25:44");
        let bare = quectel(&ReadClock, b"\r\n+CCLK: 19/01/30, 09:29:37+32\r\n\r\nOK\r\n");
        assert_eq!(bare, Ok(time));
        assert_eq!(read("80/01/06,00:00:40+00").unwrap().year, 1980);
        for bad in [
            "19/13/30,09:29:37+32",
            "19-01-30,09:29:37+32",
            "19/01/30",
            "",
            "19/01/30,09:29:37+x",
            "19/01/30/1,09:29:37+32",
            "019/01/30,09:29:37+32",
            "19/1/30,09:29:37+32",
            "19/01/30,9:029:37+32",
            "00/00/00,00:00:00+00",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_time_behind_a_result_changes_nothing() {
        let sync = NtpSync { verb: NtpCommand::Qntp, server: server(), port: None };
        let bytes = b"\r\nOK\r\n\r\n+QNTP: 0,\"2017/10/30,10:25:44\"\r\n";
        assert_eq!(quectel(&sync, bytes), Ok(()));
    }

    #[test]
    fn as_in_the_spec() {
        let sync = NtpSync { verb: NtpCommand::Qnttp, server: server(), port: None };
        assert_eq!(sent(&sync, &Profile::luat()), "AT+QNTTP=\"ntp1.aliyun.com\"");
        assert_eq!(quectel(&sync, b"\r\nOK\r\n\r\n+QNTTP: 0\r\n"), Ok(()));
        assert_eq!(quectel(&sync, b"\r\nOK\r\n\r\n+QNTP: 0\r\n"), Ok(()));
        let error = quectel(&sync, b"\r\nOK\r\n\r\n+QNTTP: 5\r\n");
        assert!(matches!(error, Err(DecodeError::Result { code: 5, .. })));
        let documented = NtpSync { verb: NtpCommand::Qntp, server: server(), port: Some(123) };
        assert_eq!(sent(&documented, &Profile::quectel()), "AT+QNTP=\"ntp1.aliyun.com\",123");
        let own = NtpSync { verb: NtpCommand::Qntp, server: None, port: Some(123) };
        assert_eq!(sent(&own, &Profile::quectel()), "AT+QNTP");
    }
}
