//! AT+ALIPAY…=?: whether the module has a command ([`TestCommand`]).

use crate::alipay::{VERBS, request};
use crate::at::command::{Command, CommandLine, DecodeError, InvalidCommand, Reply, Request};
use crate::at::profile::Profile;
use crate::at::verb::Verb;

/// Asks whether the module has one of the eight commands. A module without it answers with an
/// error.
///
/// ```text
/// AT+ALIPAYCFG=?                 Quectel M26 Alipay SDK 应用指导 V1.0, 3.1 to 3.8
///
/// OK
/// ```
///
/// ```
/// use m26_pay::alipay::TestCommand;
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// let request = TestCommand::SIGN.request(&Profile::quectel())?;
/// assert_eq!(request.line(), b"AT+ALIPAYSIGN=?\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+ALIPAYCFG")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TestCommand {
    verb: &'static str,
}

impl TestCommand {
    /// All eight, in the spec's order.
    pub fn all() -> impl Iterator<Item = Self> {
        VERBS.iter().filter(|verb| !verb.family).map(Self::of)
    }

    pub(super) const fn of(verb: &Verb) -> Self {
        Self { verb: verb.name }
    }

    /// The command, such as `+ALIPAYCFG`.
    #[must_use]
    pub fn verb(self) -> &'static str {
        self.verb
    }
}

impl Command for TestCommand {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(request(CommandLine::test(self.verb).finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    #[test]
    fn eight_test_forms() {
        let lines: Vec<_> =
            TestCommand::all().map(|test| sent(&test, &Profile::quectel())).collect();
        assert_eq!(
            lines,
            ["CFG", "OPEN", "PINFO", "SHUT", "DID", "SIGN", "REP", "ACT"]
                .map(|verb| format!("AT+ALIPAY{verb}=?"))
        );
        assert_eq!(quectel(&TestCommand::CONFIG, b"\r\nOK\r\n"), Ok(()));
    }
}
