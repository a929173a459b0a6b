//! The basic commands: whether the module answers, and in which form.

use crate::at::command::{
    Answer, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::Shape;
use crate::at::profile::Profile;

/// Asks whether a module answers.
///
/// ```text
/// AT                             M26AT 1.3
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::At;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(At.request(&Profile::quectel())?.line(), b"AT\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At;

impl Command for At {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::execute("").finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Makes the module send result codes, as words, and echo each line. `ATQ1`, `ATV0` or `ATE0` may
/// have been saved.
///
/// The echo shows which line an answer belongs to, and what the module received of it
/// ([`engine`](crate::engine)).
///
/// ```text
/// ATQ0V1E1                       M26AT, tables 3 to 6; V.250 6.2.4 to 6.2.6
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ResetResultFormat;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(ResetResultFormat.request(&Profile::quectel())?.line(), b"ATQ0V1E1\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "ATQ0V1E1")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetResultFormat;

impl Command for ResetResultFormat {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute("Q0V1E1").finish(profile)?;
        // It is a probe: with its echo and its answer, every earlier command is finished.
        Ok(Request::new(line).switches_echo_on().probe())
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Switches the echo of command lines on or off.
///
/// ```text
/// ATE0 | ATE1                    M26AT, tables 3 to 6; V.250 6.2.4
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::Echo;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(Echo(true).request(&Profile::quectel())?.line(), b"ATE1\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "ATE0")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo(pub bool);

impl Command for Echo {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let of = |name| Ok(Request::new(CommandLine::execute(name).finish(profile)?));
        match self.0 {
            true => of("E1").map(Request::switches_echo_on),
            false => of("E0").map(Request::switches_echo_off),
        }
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// How the module reports an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// 0: `ERROR` alone.
    Plain = 0,
    /// 1: `+CME ERROR: 10`. The module's default.
    Numeric = 1,
    /// 2: `+CME ERROR: SIM not inserted`.
    Text = 2,
}

/// Sets how the module reports an error.
///
/// ```text
/// AT+CMEE=<n>                    M26AT; 27.007 9.1
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::{ErrorFormat, SetErrorFormat};
/// use m26_pay::at::profile::Profile;
///
/// let set = SetErrorFormat(ErrorFormat::Numeric);
/// assert_eq!(set.request(&Profile::quectel())?.line(), b"AT+CMEE=1\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+CMEE")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetErrorFormat(pub ErrorFormat);

impl Command for SetErrorFormat {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::set("+CMEE").int(self.0 as u8).finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Asks how the module reports an error.
///
/// ```text
/// AT+CMEE?                       M26AT; 27.007 9.1
///
/// +CMEE: <n>
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ReadErrorFormat;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(ReadErrorFormat.request(&Profile::quectel())?.line(), b"AT+CMEE?\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+CMEE")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadErrorFormat;

impl Command for ReadErrorFormat {
    type Response = ErrorFormat;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read("+CMEE").finish(profile)?;
        Ok(Request::new(line).answer(Answer::Prefixed(&[("+CMEE", Shape::Any)])))
    }

    fn decode(&self, reply: &Reply) -> Result<ErrorFormat, DecodeError> {
        reply.parse_answer("+CMEE", |fields| {
            let error = fields.error("n from 0 to 2");
            match fields.int::<u8>("n")? {
                0 => Ok(ErrorFormat::Plain),
                1 => Ok(ErrorFormat::Numeric),
                2 => Ok(ErrorFormat::Text),
                _ => Err(error),
            }
        })
    }
}

/// The rate of the module's serial port, in bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct BaudRate(pub u32);

impl BaudRate {
    /// Autobauding, the default: the module finds the rate from the first `AT` (M26AT 3.6.1).
    /// Before that it sends no URC, so a reset may show none.
    pub const AUTOMATIC: Self = Self(0);
    /// The rate that Quectel advises to fix.
    pub const B115200: Self = Self(115_200);
}

/// Sets the rate of the serial port. The new rate is used after the `OK`, so the port must change
/// to it then. It is lost when the module is switched off, unless [`SaveProfile`] saves it.
///
/// ```text
/// AT+IPR=<rate>                  M26AT; V.250 6.2.10
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::{BaudRate, SetBaudRate};
/// use m26_pay::at::profile::Profile;
///
/// let set = SetBaudRate(BaudRate::B115200);
/// assert_eq!(set.request(&Profile::quectel())?.line(), b"AT+IPR=115200\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+IPR")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBaudRate(pub BaudRate);

impl Command for SetBaudRate {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::set("+IPR").int(self.0.0).finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Asks for the rate of the serial port.
///
/// ```text
/// AT+IPR?                        M26AT; V.250 6.2.10
///
/// +IPR: <rate>
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ReadBaudRate;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(ReadBaudRate.request(&Profile::quectel())?.line(), b"AT+IPR?\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+IPR")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBaudRate;

impl Command for ReadBaudRate {
    type Response = BaudRate;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read("+IPR").finish(profile)?;
        Ok(Request::new(line).answer(Answer::Prefixed(&[("+IPR", Shape::Any)])))
    }

    fn decode(&self, reply: &Reply) -> Result<BaudRate, DecodeError> {
        reply.parse_answer("+IPR", |fields| fields.int("rate").map(BaudRate))
    }
}

/// Saves the present settings, so that they survive a power cut.
///
/// ```text
/// AT&W                           M26AT; V.250 6.1.3
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::SaveProfile;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(SaveProfile.request(&Profile::quectel())?.line(), b"AT&W\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT&W")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaveProfile;

impl Command for SaveProfile {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute("&W").finish(profile)?;
        Ok(Request::new(line).final_within(SAVED))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Not specified; chosen longer than the usual three seconds, because it writes to flash memory.
const SAVED: Deadline = Deadline::millis("end of AT&W", 5_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::EchoChange;
    use crate::testing::{luat, quectel};

    #[test]
    fn what_is_read() {
        assert_eq!(quectel(&ReadErrorFormat, b"\r\n+CMEE: 2\r\n\r\nOK\r\n"), Ok(ErrorFormat::Text));
        assert!(quectel(&ReadErrorFormat, b"\r\n+CMEE: 3\r\n\r\nOK\r\n").is_err());
        let rate = luat(&ReadBaudRate, b"\r\n+IPR: 115200\r\n\r\nOK\r\n");
        assert_eq!(rate, Ok(BaudRate::B115200));
    }

    #[test]
    fn echo_is_followed() {
        let profile = Profile::quectel();
        assert_eq!(ResetResultFormat.request(&profile).unwrap().echo, Some(EchoChange::On));
        assert_eq!(Echo(true).request(&profile).unwrap().echo, Some(EchoChange::On));
        assert_eq!(At.request(&profile).unwrap().echo, None);
    }
}
