//! The context for packet data: selecting it, and its access point.

use crate::argument::string_argument;
use crate::at::command::{Command, CommandLine, DecodeError, InvalidCommand, Reply, Request};
use crate::at::profile::Profile;

/// Selects the context that the commands for packet data use.
///
/// ```text
/// AT+QIFGCNT=<id>                Quectel M26 Alipay SDK 应用指导 V1.0, chapter 4
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::SelectContext;
/// use m26_pay::at::profile::Profile;
///
/// let request = SelectContext::First.request(&Profile::quectel())?;
/// assert_eq!(request.line(), b"AT+QIFGCNT=0\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+QIFGCNT")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SelectContext {
    /// 0, as in the spec.
    First = 0,
    /// 1
    Second = 1,
}

impl Command for SelectContext {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::set("+QIFGCNT").int(*self as u8).finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Sets the access point for packet data over GPRS.
///
/// ```text
/// AT+QICSGP=1,<apn>[,<user>,<password>]   Quectel M26 Alipay SDK 应用指导 V1.0, chapter 4;
///                                         M66AT for user and password
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::SetAccessPoint;
/// use m26_pay::at::profile::Profile;
///
/// let set = SetAccessPoint::new("CMNET".parse()?);
/// assert_eq!(set.request(&Profile::quectel())?.line(), b"AT+QICSGP=1,\"CMNET\"\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "AT+QICSGP")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct SetAccessPoint {
    apn: Apn,
    account: Option<(User, Password)>,
}

string_argument! {
    /// The name of an access point. At most 100 bytes (23.003 9.1).
    Apn, "apn", 100
}
string_argument! {
    /// The name of an account at the access point. The limit is not specified; chosen so that the
    /// command line of a module that reads 256 characters has room for all three.
    User, "user", 64
}
string_argument! {
    /// The password of an account at the access point. Its limit is chosen as that of the name.
    secret Password, "password", 64
}

impl SetAccessPoint {
    /// An access point without an account.
    #[must_use]
    pub fn new(apn: Apn) -> Self {
        Self { apn, account: None }
    }

    /// The account at the access point.
    #[must_use]
    pub fn account(self, user: User, password: Password) -> Self {
        Self { account: Some((user, password)), ..self }
    }
}

impl Command for SetAccessPoint {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        // 1 is GPRS, 0 a data call.
        let mut line = CommandLine::set("+QICSGP").int(1).quoted(self.apn.as_str());
        if let Some((user, password)) = &self.account {
            line = line.quoted(user.as_str()).quoted(password.expose());
        }
        Ok(Request::new(line.finish(profile)?))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sent;

    #[test]
    fn quoted_on_every_profile() {
        let set = SetAccessPoint::new("CMNET".parse().unwrap());
        for profile in [Profile::quectel(), Profile::luat()] {
            assert_eq!(sent(&set, &profile), "AT+QICSGP=1,\"CMNET\"");
        }
        assert_eq!(sent(&SelectContext::Second, &Profile::luat()), "AT+QIFGCNT=1");
    }

    #[test]
    fn an_account_does_not_show_its_password() {
        let set = SetAccessPoint::new("CMNET".parse().unwrap())
            .account("card".parse().unwrap(), "hush".parse().unwrap());
        let line = "AT+QICSGP=1,\"CMNET\",\"card\",\"hush\"";
        assert_eq!(sent(&set, &Profile::quectel()), line);
        assert!(!format!("{set:?}").contains("hush"));
        assert!(Apn::new("a\";+QPOWD=1").is_err());
    }
}
