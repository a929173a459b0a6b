//! [`Urc`]: unsolicited result codes, and results that come later.

use std::borrow::Cow;
use std::fmt;

use crate::alipay::{
    DeviceIdStatus, OpenStatus, ReportQueue, ReportStatus, SignStatus, device_id, open,
    product_info, report, shut, sign, usage,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::syntax::{Redacted, View, prefixed};
use crate::m26::clock;
use crate::m26::power;
use crate::m26::registration;
use crate::m26::sim;
use crate::m26::{NtpCommand, NtpStatus, Registration, SimState};
use crate::secret::Secret;

/// An unsolicited line or a late result, with its meaning.
///
/// It borrows from the line and allocates nothing. A line of no known type, or that cannot be read
/// as its type, is [`Unknown`](Self::Unknown) with all its bytes.
///
/// ```
/// use m26_pay::alipay::OpenStatus;
/// use m26_pay::urc::Urc;
///
/// assert_eq!(Urc::parse(b"+ALIPAYOPEN: 0"), Urc::AlipayOpen(OpenStatus::OPENED));
/// assert_eq!(Urc::parse(b"UNDER_VOLTAGE WARNING "), Urc::UnderVoltageWarning);
/// assert_eq!(Urc::parse(b"+NEW: 1").name(), "+NEW");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Urc<'a> {
    /// `+ALIPAYACT: <result>`
    AlipayUsage(ReportStatus),
    /// `+ALIPAYDID: <result>[,<bizTid>]`
    AlipayDeviceId {
        /// How the query went.
        status: DeviceIdStatus,
        /// The bizTid, if there is one.
        biz_tid: Option<Cow<'a, str>>,
    },
    /// `+ALIPAYOPEN: <result>`
    AlipayOpen(OpenStatus),
    /// `+ALIPAYPINFO: <result>`
    AlipayProductInfo(ReportStatus),
    /// `+ALIPAYREP: <result>,<max_record>`, the answer of the read form.
    AlipayQueue(ReportQueue),
    /// `+ALIPAYREP: <result>`
    AlipayReport(ReportStatus),
    /// `+ALIPAYSHUT OK`
    AlipayShut,
    /// `+ALIPAYSIGN: <result>[,<signed_length>,<signed_data>]`
    AlipaySign {
        /// How it went.
        status: SignStatus,
        /// What was signed, for a request that is not known any more: no payment may use it.
        signed_data: Option<Secret<Cow<'a, str>>>,
    },
    /// `Call Ready`
    CallReady,
    /// `+CFUN: <fun>`: the level of functionality, when the module starts.
    Functionality(u8),
    /// `+CGREG: <stat>[,"<lac>","<ci>"]`
    GprsRegistration(Registration),
    /// `+CREG: <stat>[,"<lac>","<ci>"]`
    GsmRegistration(Registration),
    /// `NORMAL POWER DOWN`
    NormalPowerDown,
    /// `+QNTP: <result>` or `+QNTTP: <result>`
    Ntp {
        /// The command that it belongs to.
        command: NtpCommand,
        /// How setting the clock went.
        status: NtpStatus,
    },
    /// `OVER_VOLTAGE POWER DOWN`
    OverVoltagePowerDown,
    /// `OVER_VOLTAGE WARNING`
    OverVoltageWarning,
    /// `+PDP DEACT`: the context for packet data is gone.
    PdpDeactivated,
    /// `RDY`: the module has just started.
    Ready,
    /// `+CPIN: <code>`
    Sim(SimState<'a>),
    /// `SMS Ready`
    SmsReady,
    /// `UNDER_VOLTAGE POWER DOWN`
    UnderVoltagePowerDown,
    /// `UNDER_VOLTAGE WARNING`
    UnderVoltageWarning,
    /// Anything else. It prints as redacted: it may be a damaged echo.
    Unknown {
        /// The line, without its line end.
        line: Cow<'a, [u8]>,
    },
}

impl<'a> Urc<'a> {
    /// Reads a line, given without its line end.
    #[inline]
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Self {
        match line {
            [b'+', ..] => Self::parse_prefixed(line),
            // Half of all lines are this, so it costs no call.
            b"OK" => Self::Unknown { line: Cow::Borrowed(line) },
            _ => Self::parse_text(line),
        }
    }

    /// Reads a line that begins with a `+`.
    fn parse_prefixed(line: &'a [u8]) -> Self {
        let known = match prefixed(line) {
            Some((prefix, args)) => Self::of_prefix(prefix, args),
            None => match View::of(line) {
                View::Final(_) => None,
                View::Prefixed { prefix, args } => Self::of_prefix(prefix, args),
                View::Text(text) => Self::of_text(text),
            },
        };
        if let Some(known) = known {
            return known;
        }
        Self::Unknown { line: Cow::Borrowed(line) }
    }

    /// Reads a line that begins with something else.
    fn parse_text(line: &'a [u8]) -> Self {
        let known = match View::of(line) {
            View::Text(text) => Self::of_text(text),
            View::Final(_) | View::Prefixed { .. } => None,
        };
        known.unwrap_or(Self::Unknown { line: Cow::Borrowed(line) })
    }

    /// The prefix or the text by which the line is known: `+ALIPAYOPEN`, `RDY`. For an unknown line
    /// it is the line's prefix, if it has one.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::AlipayUsage(_) => usage::PREFIX,
            Self::AlipayDeviceId { .. } => device_id::PREFIX,
            Self::AlipayOpen(_) => open::PREFIX,
            Self::AlipayProductInfo(_) => product_info::PREFIX,
            Self::AlipayQueue(_) | Self::AlipayReport(_) => report::PREFIX,
            Self::AlipaySign { .. } => sign::PREFIX,
            Self::Functionality(_) => power::FUNCTIONALITY,
            Self::GprsRegistration(_) => registration::GPRS,
            Self::GsmRegistration(_) => registration::GSM,
            Self::Ntp { command, .. } => command.prefix(),
            Self::Sim(_) => sim::PREFIX,
            Self::Unknown { line } => match View::of(line) {
                View::Prefixed { prefix, .. } => std::str::from_utf8(prefix).unwrap_or_default(),
                View::Final(_) | View::Text(_) => "",
            },
            text => TEXTS.iter().find(|(_, urc)| urc == text).map_or("", |(name, _)| name),
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Urc<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        match self {
            Self::AlipayUsage(status) => Urc::AlipayUsage(status),
            Self::AlipayDeviceId { status, biz_tid } => {
                Urc::AlipayDeviceId { status, biz_tid: biz_tid.map(own) }
            }
            Self::AlipayOpen(status) => Urc::AlipayOpen(status),
            Self::AlipayProductInfo(status) => Urc::AlipayProductInfo(status),
            Self::AlipayQueue(queue) => Urc::AlipayQueue(queue),
            Self::AlipayReport(status) => Urc::AlipayReport(status),
            Self::AlipayShut => Urc::AlipayShut,
            Self::AlipaySign { status, signed_data } => Urc::AlipaySign {
                status,
                signed_data: signed_data.map(|data| Secret::new(own(data.into_inner()))),
            },
            Self::CallReady => Urc::CallReady,
            Self::Functionality(level) => Urc::Functionality(level),
            Self::GprsRegistration(registration) => Urc::GprsRegistration(registration),
            Self::GsmRegistration(registration) => Urc::GsmRegistration(registration),
            Self::NormalPowerDown => Urc::NormalPowerDown,
            Self::Ntp { command, status } => Urc::Ntp { command, status },
            Self::OverVoltagePowerDown => Urc::OverVoltagePowerDown,
            Self::OverVoltageWarning => Urc::OverVoltageWarning,
            Self::PdpDeactivated => Urc::PdpDeactivated,
            Self::Ready => Urc::Ready,
            Self::Sim(state) => Urc::Sim(state.into_owned()),
            Self::SmsReady => Urc::SmsReady,
            Self::UnderVoltagePowerDown => Urc::UnderVoltagePowerDown,
            Self::UnderVoltageWarning => Urc::UnderVoltageWarning,
            Self::Unknown { line } => Urc::Unknown { line: Cow::Owned(line.into_owned()) },
        }
    }

    fn of_text(text: &[u8]) -> Option<Urc<'static>> {
        TEXTS.iter().find(|(name, _)| name.as_bytes() == text).map(|(_, urc)| urc.clone())
    }

    fn signed(status: SignStatus, data: Option<&'a str>) -> Self {
        Self::AlipaySign { status, signed_data: data.map(|data| Secret::new(Cow::Borrowed(data))) }
    }

    #[inline(always)]
    fn of_prefix(prefix: &[u8], args: &'a [u8]) -> Option<Self> {
        match prefix {
            prefix::USAGE => read(args, ReportStatus::parse).map(Self::AlipayUsage),
            prefix::DEVICE_ID => read(args, device_id::parse).map(|(status, biz_tid)| {
                Self::AlipayDeviceId { status, biz_tid: biz_tid.map(Cow::Borrowed) }
            }),
            prefix::OPEN => read(args, open::parse).map(Self::AlipayOpen),
            prefix::PRODUCT_INFO => read(args, ReportStatus::parse).map(Self::AlipayProductInfo),
            prefix::REPORT => read(args, ReportStatus::parse)
                .map(Self::AlipayReport)
                .or_else(|| read(args, report::parse_queue).map(Self::AlipayQueue)),
            prefix::SIGN => match sign::as_printed(args) {
                Some(data) => Some(Self::signed(SignStatus::SUCCESS, Some(data))),
                None => read(args, sign::parse).map(|(status, data)| Self::signed(status, data)),
            },
            prefix::FUNCTIONALITY => {
                read(args, |fields| fields.int("fun")).map(Self::Functionality)
            }
            prefix::GPRS => read_registration(args).map(Self::GprsRegistration),
            prefix::GSM => read_registration(args).map(Self::GsmRegistration),
            prefix::SIM => read(args, sim::parse).map(Self::Sim),
            prefix::QNTP => read(args, clock::parse)
                .map(|status| Self::Ntp { command: NtpCommand::Qntp, status }),
            prefix::QNTTP => read(args, clock::parse)
                .map(|status| Self::Ntp { command: NtpCommand::Qnttp, status }),
            _ => None,
        }
    }
}

impl fmt::Debug for Urc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::AlipayUsage(status)
            | Self::AlipayProductInfo(status)
            | Self::AlipayReport(status) => write!(f, "{name}: {status}"),
            Self::AlipayDeviceId { status, biz_tid } => {
                write!(f, "{name}: {status}, {biz_tid:?}")
            }
            Self::AlipayOpen(status) => write!(f, "{name}: {status}"),
            Self::AlipayQueue(queue) => write!(f, "{name}: {}, {}", queue.status, queue.max_record),
            Self::AlipaySign { status, signed_data } => {
                write!(f, "{name}: {status}, {signed_data:?}")
            }
            Self::Functionality(level) => write!(f, "{name}: {level}"),
            Self::GprsRegistration(registration) | Self::GsmRegistration(registration) => {
                write!(f, "{name}: {}, {:?}", registration.status, registration.cell)
            }
            Self::Ntp { status, .. } => write!(f, "{name}: {status}"),
            Self::Sim(state) => write!(f, "{name}: {state}"),
            Self::Unknown { line } => write!(f, "unknown {}", Redacted(line)),
            _ => f.write_str(name),
        }
    }
}

#[inline(always)]
fn read<'a, T>(
    args: &'a [u8],
    parse: impl FnOnce(&mut Fields<'a>) -> Result<T, FieldError>,
) -> Option<T> {
    let mut fields = Fields::new(args);
    let value = parse(&mut fields).ok()?;
    fields.end().ok().map(|()| value)
}

/// Reads the URC. A late answer of the read form is not one.
fn read_registration(args: &[u8]) -> Option<Registration> {
    if Shape::ReadForm.fits(args) { None } else { read(args, registration::parse) }
}

/// The prefixes as byte patterns, so that one pass over a line finds the right one.
mod prefix {
    use super::{
        clock, device_id, open, power, product_info, registration, report, sign, sim, usage,
    };

    pub(super) const USAGE: &[u8] = usage::PREFIX.as_bytes();
    pub(super) const DEVICE_ID: &[u8] = device_id::PREFIX.as_bytes();
    pub(super) const FUNCTIONALITY: &[u8] = power::FUNCTIONALITY.as_bytes();
    pub(super) const GPRS: &[u8] = registration::GPRS.as_bytes();
    pub(super) const GSM: &[u8] = registration::GSM.as_bytes();
    pub(super) const OPEN: &[u8] = open::PREFIX.as_bytes();
    pub(super) const PRODUCT_INFO: &[u8] = product_info::PREFIX.as_bytes();
    pub(super) const QNTP: &[u8] = clock::QNTP.as_bytes();
    pub(super) const QNTTP: &[u8] = clock::QNTTP.as_bytes();
    pub(super) const REPORT: &[u8] = report::PREFIX.as_bytes();
    pub(super) const SIGN: &[u8] = sign::PREFIX.as_bytes();
    pub(super) const SIM: &[u8] = sim::PREFIX.as_bytes();
}

/// The lines that are known by their whole text.
const TEXTS: &[(&str, Urc<'static>)] = &[
    ("RDY", Urc::Ready),
    ("Call Ready", Urc::CallReady),
    ("SMS Ready", Urc::SmsReady),
    (shut::CLOSED, Urc::AlipayShut),
    ("+PDP DEACT", Urc::PdpDeactivated),
    (power::OFF, Urc::NormalPowerDown),
    ("UNDER_VOLTAGE WARNING", Urc::UnderVoltageWarning),
    ("UNDER_VOLTAGE POWER DOWN", Urc::UnderVoltagePowerDown),
    ("OVER_VOLTAGE WARNING", Urc::OverVoltageWarning),
    ("OVER_VOLTAGE POWER DOWN", Urc::OverVoltagePowerDown),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::profile::Profile;
    use crate::at::unsolicited::{Pattern, UrcName};
    use crate::m26::{Cell, RegistrationStatus};

    fn is_known(line: &[u8]) -> bool {
        Profile::quectel().urc(&View::of(line)).is_some()
    }

    /// Every URC of the profile's table is read here.
    #[test]
    fn every_name_of_the_profile_is_understood() {
        // URCs that the crate does not read have no type.
        let untyped =
            ["RING", "+CRING", "+CLIP", "+CMTI", "+CMT", "+CDS", "+CBM", "+CUSD", "+CTZV"];
        let untyped = |urc: &&UrcName| {
            untyped.contains(&urc.name()) || matches!(urc.pattern, Pattern::Start(_))
        };
        for urc in Profile::quectel().urcs.iter().filter(|urc| !untyped(urc)) {
            let args = match urc.name() {
                "+CPIN" => ": READY",
                name if name.starts_with('+') && !matches!(urc.pattern, Pattern::Text(_)) => ": 0",
                _ => "",
            };
            let line = format!("{}{args}", urc.name());
            let parsed = Urc::parse(line.as_bytes());
            assert!(!matches!(parsed, Urc::Unknown { .. }), "{line}");
            assert_eq!(parsed.name(), urc.name());
        }
    }

    #[test]
    fn lines_of_the_module() {
        for (text, urc) in TEXTS {
            assert_eq!(Urc::parse(text.as_bytes()), *urc);
            assert_eq!(Urc::parse(format!("{text} ").as_bytes()), *urc);
            assert_eq!(urc.name(), *text);
            assert_eq!(is_known(text.as_bytes()), *urc != Urc::AlipayShut, "{text}");
        }
        assert_eq!(Urc::parse(b"+CFUN: 1"), Urc::Functionality(1));
        assert_eq!(Urc::parse(b"+CPIN: READY"), Urc::Sim(SimState::Ready));
        let cell = Some(Cell { lac: 0x1806, ci: 0xA10E });
        let home = Registration { status: RegistrationStatus::HOME, cell };
        assert_eq!(Urc::parse(b"+CREG: 1,\"1806\",\"A10E\""), Urc::GsmRegistration(home));
        let lost = Registration { status: RegistrationStatus::IDLE, cell: None };
        assert_eq!(Urc::parse(b"+CGREG:0"), Urc::GprsRegistration(lost));
        let ntp = Urc::Ntp { command: NtpCommand::Qnttp, status: NtpStatus::SUCCESS };
        assert_eq!(Urc::parse(b"+QNTTP: 0"), ntp);
    }

    #[test]
    fn results_of_alipay_commands() {
        assert_eq!(Urc::parse(b"+ALIPAYREP : 7"), Urc::AlipayReport(ReportStatus(7)));
        let queue = ReportQueue { status: ReportStatus::SUCCESS, max_record: 20 };
        assert_eq!(Urc::parse(b"+ALIPAYREP: 0,20"), Urc::AlipayQueue(queue));
        let signed = Urc::parse(b"+ALIPAYSIGN: 0,2,\"{}\"");
        assert!(matches!(&signed, Urc::AlipaySign { signed_data: Some(data), .. }
            if data.expose() == "{}"));
        assert!(!format!("{signed:?}").contains("{}"));
        for line in [&b"+ALIPAYSIGN: 0,2,\"{}\""[..], b"+ALIPAYREP: 0", b"+ALIPAYDID: 0,\"1\""] {
            assert!(!is_known(line));
        }
    }

    /// Each line with its name, and what is printed of it: no identity, no signature, no cell.
    #[test]
    fn names_and_prints() {
        for (line, name, shown) in [
            ("+ALIPAYACT: 0", "+ALIPAYACT", "+ALIPAYACT: 0 (success)"),
            ("+ALIPAYDID: 0,\"0101\"", "+ALIPAYDID", "+ALIPAYDID: 0 (success), Some(\"0101\")"),
            ("+ALIPAYOPEN: 1", "+ALIPAYOPEN", "+ALIPAYOPEN: 1 (the Alipay SDK runs already)"),
            ("+ALIPAYPINFO: 1", "+ALIPAYPINFO", "+ALIPAYPINFO: 1 (parameter error)"),
            ("+ALIPAYREP: 0", "+ALIPAYREP", "+ALIPAYREP: 0 (success)"),
            ("+ALIPAYREP: 0,20", "+ALIPAYREP", "+ALIPAYREP: 0 (success), 20"),
            (
                "+ALIPAYSIGN: 0,3,\"KEY\"",
                "+ALIPAYSIGN",
                "+ALIPAYSIGN: 0 (success), Some([redacted])",
            ),
            ("+CFUN: 1", "+CFUN", "+CFUN: 1"),
            ("+CGREG: 2", "+CGREG", "+CGREG: 2 (searching), None"),
            (
                "+CREG: 1,\"1806\",\"A10E\"",
                "+CREG",
                "+CREG: 1 (registered in the home network), Some(Cell { lac: 6150, ci: 41230 })",
            ),
            ("+CPIN: READY", "+CPIN", "+CPIN: READY"),
            ("+CPIN: KEY", "+CPIN", "+CPIN: [redacted]"),
            ("+QNTP: 0", "+QNTP", "+QNTP: 0 (success)"),
            ("+QNTTP: 0", "+QNTTP", "+QNTTP: 0 (success)"),
            ("Call Ready", "Call Ready", "Call Ready"),
            ("+NEW: \"KEY\"", "+NEW", "unknown +NEW: [5 bytes]"),
            ("KEY", "", "unknown [3 bytes]"),
            ("OK", "", "unknown OK"),
        ] {
            let urc = Urc::parse(line.as_bytes());
            assert_eq!((urc.name(), format!("{urc:?}").as_str()), (name, shown));
            assert_eq!(urc.clone().into_owned(), urc);
        }
    }

    #[test]
    fn what_does_not_read_is_kept() {
        for line in [
            &b"+ALIPAYSIGN: 0,3,\"{}\""[..],
            b"+ALIPAYOPEN: yes",
            b"+CREG: 0,1",
            b"+CREG: 2,1,\"1806\"",
            b"+CFUN: 1,2",
            b"LIPAYCFG=\"2018\",\"KEY\"",
            b"+NEW: 1",
            b"OK",
            b"\xff\x00",
            b"",
        ] {
            let urc = Urc::parse(line);
            assert_eq!(urc, Urc::Unknown { line: Cow::Borrowed(line) });
            assert!(!format!("{urc:?}").contains("KEY"));
        }
        assert!(!is_known(b"+CREG: 0,1") && is_known(b"+CREG: 1"));
        assert!(!is_known(b"Quectel_M26") && !is_known(b"+CSQ: 1,2") && !is_known(b"OK"));
    }
}
