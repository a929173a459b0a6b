//! AT+ALIPAYSHUT: closing the SDK ([`Shut`]).

use crate::alipay::{TestCommand, action, verb};
use crate::at::command::{
    Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::profile::Profile;
use crate::at::verb::{Effect, Verb};

/// Closes the Alipay SDK, which flushes its cache. Send it only right before the module is switched
/// off or restarted. What happens on a module that keeps running is not specified.
///
/// ```text
/// AT+ALIPAYSHUT                  Quectel M26 Alipay SDK 应用指导 V1.0, 3.4
///
/// +ALIPAYSHUT OK                 and no OK after it; openLuat's driver expects a plain OK
/// ```
///
/// Either of the two ends the command, on every profile.
///
/// ```
/// use m26_pay::alipay::Shut;
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(Shut.request(&Profile::quectel())?.line(), b"AT+ALIPAYSHUT\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+ALIPAYSHUT")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shut;

impl TestCommand {
    /// AT+ALIPAYSHUT=?
    pub const SHUT: Self = Self::of(&VERB);
}

impl Command for Shut {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute(PREFIX).finish(profile)?;
        Ok(action(&VERB, line, profile).final_within(CLOSING))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

const PREFIX: &str = "+ALIPAYSHUT";

/// The entry of AT+ALIPAYSHUT in the table of verbs.
pub(crate) const VERB: Verb =
    Verb { effect: Effect::ClosesSdk, last_line: Some(CLOSED), ..verb(PREFIX) };

/// The line that ends the command (spec V1.0, 3.4).
pub(crate) const CLOSED: &str = "+ALIPAYSHUT OK";

/// Not specified; chosen as long as a result may take, because the SDK may send its cache first.
const CLOSING: Deadline = Deadline::millis("end of AT+ALIPAYSHUT", 30_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    #[test]
    fn both_ends() {
        assert_eq!(sent(&Shut, &Profile::quectel()), "AT+ALIPAYSHUT");
        assert_eq!(quectel(&Shut, b"\r\n+ALIPAYSHUT OK\r\n"), Ok(()));
        assert_eq!(luat(&Shut, b"\r\nOK\r\n"), Ok(()));
        for profile in [Profile::quectel(), Profile::luat()] {
            let request = Shut.request(&profile).unwrap();
            assert_eq!(request.last_line(), Some("+ALIPAYSHUT OK"));
        }
    }
}
