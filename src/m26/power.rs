//! AT+QPOWD and AT+CFUN: switching the module off, and restarting it.

use crate::at::command::{
    Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::profile::Profile;

/// Switches the module off. Close the Alipay SDK first
/// ([`Shut`](crate::alipay::Shut)).
///
/// ```text
/// AT+QPOWD=1                     M26AT
///
/// NORMAL POWER DOWN              and no OK; AT+QPOWD=0 answers OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::PowerOff;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(PowerOff::Normal.request(&Profile::quectel())?.line(), b"AT+QPOWD=1\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+QPOWD")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PowerOff {
    /// 0: at once, without leaving the network.
    Urgent = 0,
    /// 1: the module leaves the network and saves what it has to.
    Normal = 1,
}

impl Command for PowerOff {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::set(POWER_OFF).int(*self as u8).finish(profile)?;
        let request = Request::new(line);
        Ok(match self {
            Self::Urgent => request,
            Self::Normal => request.ends_with(OFF).final_within(LEFT),
        })
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Restarts the module. Close the Alipay SDK first, if it is open
/// ([`Shut`](crate::alipay::Shut)).
///
/// ```text
/// AT+CFUN=1,1                    27.007 8.2: full functionality, after a reset
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::Reset;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(Reset.request(&Profile::quectel())?.line(), b"AT+CFUN=1,1\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+CFUN")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reset;

impl Command for Reset {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::set(FUNCTIONALITY).int(1).int(1).finish(profile)?;
        Ok(Request::new(line).final_within(RESET))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// M26AT gives AT+CFUN 15 s.
const RESET: Deadline = Deadline::millis("answer to AT+CFUN", 15_000);

pub(crate) const POWER_OFF: &str = "+QPOWD";

pub(crate) const FUNCTIONALITY: &str = "+CFUN";

/// The line that ends AT+QPOWD=1 (M26AT).
pub(crate) const OFF: &str = "NORMAL POWER DOWN";

/// Not specified; chosen as long as M26AT gives AT+CFUN, which leaves the network as well.
const LEFT: Deadline = Deadline::millis("NORMAL POWER DOWN", 15_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    #[test]
    fn both_ways() {
        assert_eq!(sent(&PowerOff::Urgent, &Profile::luat()), "AT+QPOWD=0");
        assert_eq!(quectel(&PowerOff::Urgent, b"\r\nOK\r\n"), Ok(()));
        assert_eq!(quectel(&PowerOff::Normal, b"\r\nNORMAL POWER DOWN\r\n"), Ok(()));
        let request = PowerOff::Normal.request(&Profile::quectel()).unwrap();
        assert_eq!(request.last_line(), Some("NORMAL POWER DOWN"));
    }
}
