//! AT+CREG? and AT+CGREG?: whether the module is registered in the network.

use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::codes::codes;

/// Asks whether the module is registered.
///
/// ```text
/// AT+CREG?                       M26AT; 27.007 7.2 (AT+CGREG?: 27.007 10.1.20)
///
/// +CREG: <n>,<stat>[,"<lac>","<ci>"]
///
/// OK
/// ```
///
/// The URC has no `<n>`: `+CREG: <stat>[,"<lac>","<ci>"]`. The second field tells them apart.
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::ReadRegistration;
///
/// let reply = Reply {
///     lines: [Line::new("+CREG: 2,1,\"1806\",\"A10E\"")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// let registration = ReadRegistration::Gsm.decode(&reply)?;
/// assert!(registration.status.is_registered());
/// assert_eq!(registration.cell.map(|cell| cell.lac), Some(0x1806));
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+CREG")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadRegistration {
    /// In the network, AT+CREG?.
    Gsm,
    /// For packet data, AT+CGREG?.
    Gprs,
}

/// The registration of the module, and its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Registration {
    /// Whether it is registered.
    pub status: RegistrationStatus,
    /// The cell, if the module names it.
    pub cell: Option<Cell>,
}

/// The status, without the cell.
impl std::fmt::Display for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.status.fmt(f)
    }
}

/// A cell of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Cell {
    /// The location area code.
    pub lac: u32,
    /// The identity of the cell.
    pub ci: u32,
}

codes! {
    /// Whether the module is registered (27.007 7.2).
    RegistrationStatus(i32) {
        0 IDLE "not registered and not searching",
        1 HOME "registered in the home network",
        2 SEARCHING "searching",
        3 DENIED "registration denied",
        4 UNKNOWN "unknown",
        5 ROAMING "registered, roaming",
    }
}

impl Registration {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { status: RegistrationStatus::UNKNOWN, cell: None };
}

impl RegistrationStatus {
    /// Whether the module is registered, at home or roaming.
    #[must_use]
    pub fn is_registered(self) -> bool {
        matches!(self, Self::HOME | Self::ROAMING)
    }
}

impl Command for ReadRegistration {
    type Response = Registration;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read(self.prefix()).finish(profile)?;
        Ok(Request::new(line).answer(match self {
            Self::Gsm => Answer::Prefixed(&[(GSM, Shape::ReadForm)]),
            Self::Gprs => Answer::Prefixed(&[(GPRS, Shape::ReadForm)]),
        }))
    }

    fn decode(&self, reply: &Reply) -> Result<Registration, DecodeError> {
        reply.parse_answer(self.prefix(), |fields| {
            fields.int::<u8>("n")?;
            parse(fields)
        })
    }
}

impl ReadRegistration {
    fn prefix(self) -> &'static str {
        match self {
            Self::Gsm => GSM,
            Self::Gprs => GPRS,
        }
    }
}

/// The parameters of the URC: those of the read form without the first.
pub(crate) fn parse(fields: &mut Fields<'_>) -> Result<Registration, FieldError> {
    let status = fields.int("stat").map(RegistrationStatus)?;
    let cell = if fields.more() {
        let lac = hexadecimal(fields, "lac")?;
        // If the line ends with an empty lac, the ci may be missing.
        let ci = if fields.more() || lac.is_some() { hexadecimal(fields, "ci")? } else { None };
        // Newer firmwares add the access technology.
        if fields.more() {
            fields.rest("AcT")?;
        }
        lac.zip(ci).map(|(lac, ci)| Cell { lac, ci })
    } else {
        None
    };
    Ok(Registration { status, cell })
}

/// A field that may be empty.
fn hexadecimal(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<u32>, FieldError> {
    let error = fields.error(name);
    let text = fields.text(name)?;
    if text.is_empty() {
        return Ok(None);
    }
    // `from_str_radix` takes a sign.
    if text.starts_with('+') {
        return Err(error);
    }
    u32::from_str_radix(text, 16).map(Some).map_err(|_| error)
}

pub(crate) const GSM: &str = "+CREG";
pub(crate) const GPRS: &str = "+CGREG";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    #[test]
    fn both_networks() {
        assert_eq!(sent(&ReadRegistration::Gsm, &Profile::luat()), "AT+CREG?");
        assert_eq!(sent(&ReadRegistration::Gprs, &Profile::luat()), "AT+CGREG?");
        let bytes = b"\r\n+CGREG:0, 5\r\n\r\nOK\r\n";
        let registration = quectel(&ReadRegistration::Gprs, bytes).unwrap();
        assert_eq!(registration.status, RegistrationStatus::ROAMING);
        assert_eq!(registration.cell, None);
    }

    #[test]
    fn cells_and_unknown_codes() {
        let bytes = b"\r\n+CREG: 2,9,\"1806\",\"A10E\",0\r\n\r\nOK\r\n";
        let registration = quectel(&ReadRegistration::Gsm, bytes).unwrap();
        assert_eq!(registration.status, RegistrationStatus(9));
        assert_eq!(registration.cell, Some(Cell { lac: 0x1806, ci: 0xA10E }));
        for line in ["+CREG: 0,1,\"\",\"\"", "+CREG: 2,1,\"3421\",\"\"", "+CREG: 0,1,"] {
            let bytes = format!("\r\n{line}\r\n\r\nOK\r\n");
            let registration = quectel(&ReadRegistration::Gsm, bytes.as_bytes()).unwrap();
            assert_eq!(registration.status, RegistrationStatus::HOME, "{line}");
            assert_eq!(registration.cell, None, "{line}");
        }
        for line in ["+CREG: 2,1,\"xyz\",\"1\"", "+CREG: 2,1,\"1\"", "+CREG: 2,1,\"+1\",\"1\""] {
            let bytes = format!("\r\n{line}\r\n\r\nOK\r\n");
            assert!(quectel(&ReadRegistration::Gsm, bytes.as_bytes()).is_err(), "{line}");
        }
    }
}
