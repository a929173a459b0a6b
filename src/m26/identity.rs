//! The identities of the module and of its SIM.

use crate::argument::string_argument;
use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Reply, Request, body,
};
use crate::at::profile::Profile;
use crate::at::syntax::View;
use crate::m26::find_text;

/// Asks for the manufacturer, the model and the firmware of the module.
///
/// ```text
/// ATI                            M26AT
///
/// Quectel_Ltd
/// Quectel_M26
/// Revision: M26FBR03A03-TTS
///
/// OK
/// ```
///
/// The echo of another program's command has been seen among the lines. It is left out.
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::ReadIdentity;
///
/// let reply = Reply {
///     lines: ["Quectel_Ltd", "Quectel_M26", "Revision: M26FBR03A03-TTS"].map(Line::new).into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// let identity = ReadIdentity.decode(&reply)?;
/// assert_eq!(identity.model, "Quectel_M26");
/// assert_eq!(identity.revision, "M26FBR03A03-TTS");
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "ATI")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadIdentity;

/// The manufacturer, the model and the firmware of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Identity {
    /// The manufacturer: `Quectel_Ltd`.
    pub manufacturer: String,
    /// The model: `Quectel_M26`.
    pub model: String,
    /// The revision of the firmware.
    pub revision: String,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.manufacturer, self.model, self.revision)
    }
}

impl Command for ReadIdentity {
    type Response = Identity;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::execute("I").finish(profile)?).answer(Answer::Text))
    }

    fn decode(&self, reply: &Reply) -> Result<Identity, DecodeError> {
        let revision = find_text(reply, "Revision", |text| {
            text.strip_prefix(REVISION).map(|revision| revision.trim().to_string())
        })?;
        let names = names(reply);
        let missing = |expected| DecodeError::Missing { expected };
        let [first, .., last] = &names[..] else {
            let expected = if names.is_empty() { "manufacturer" } else { "model" };
            return Err(missing(expected));
        };
        // Manufacturer and model begin alike, so they are found among other lines.
        let alike = |model: &str, name: &str| {
            name.get(..ALIKE).is_some_and(|start| model.starts_with(start))
        };
        let pair = (1..names.len()).rev().find_map(|at| {
            let maker = names[..at].iter().rev().find(|name| alike(names[at], name))?;
            Some((*maker, names[at]))
        });
        let (manufacturer, model) = pair.unwrap_or((first, last));
        Ok(Identity { manufacturer: manufacturer.into(), model: model.into(), revision })
    }
}

/// The lines that may be names: those before the revision, or all of them if the revision comes
/// first. A line with a blank, a colon, or bytes that are not text is not a name.
fn names(reply: &Reply) -> Vec<&str> {
    let is_name = |text: &&str| {
        body(text.as_bytes()).is_none()
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
    };
    let texts = reply.lines.iter().filter_map(|line| match line.view() {
        View::Text(text) => std::str::from_utf8(text).ok().map(str::trim),
        _ => None,
    });
    let before: Vec<&str> =
        texts.clone().take_while(|text| !text.starts_with(REVISION)).filter(is_name).collect();
    if before.len() >= 2 { before } else { texts.filter(is_name).collect() }
}

/// Asks for the serial number of the module.
///
/// ```text
/// AT+GSN                         M26AT; 27.007 5.4
///
/// 869336012345678
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ReadImei;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(ReadImei.request(&Profile::quectel())?.line(), b"AT+GSN\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+GSN")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadImei;

string_argument! {
    /// The serial number of the module: 15 digits.
    Imei, "IMEI", 15
}

impl Command for ReadImei {
    type Response = Imei;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::execute("+GSN").finish(profile)?).answer(Answer::Text))
    }

    fn decode(&self, reply: &Reply) -> Result<Imei, DecodeError> {
        find_text(reply, "IMEI of 15 digits", |text| {
            let text = unquoted(text);
            (text.len() == 15 && all_digits(text)).then(|| Imei::new(text).ok()).flatten()
        })
    }
}

/// Asks for the identity of the subscriber.
///
/// ```text
/// AT+CIMI                        M26AT; 27.007 5.6
///
/// 460001234567890
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ReadImsi;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(ReadImsi.request(&Profile::quectel())?.line(), b"AT+CIMI\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+CIMI")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadImsi;

string_argument! {
    /// The identity of the subscriber: 6 to 15 digits.
    secret Imsi, "IMSI", 15
}

impl Command for ReadImsi {
    type Response = Imsi;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ok(Request::new(CommandLine::execute("+CIMI").finish(profile)?).answer(Answer::Text))
    }

    fn decode(&self, reply: &Reply) -> Result<Imsi, DecodeError> {
        find_text(reply, "IMSI of 6 to 15 digits", |text| {
            let text = unquoted(text);
            ((6..=15).contains(&text.len()) && all_digits(text))
                .then(|| Imsi::new(text).ok())
                .flatten()
        })
    }
}

/// Asks for the number of the SIM card, with one of the two commands that firmwares have for it.
///
/// ```text
/// AT+CCID                        M26AT
///
/// +CCID: "898600220909A0206023"
///
/// OK
/// ```
///
/// `AT+QCCID` answers with the bare number or with `+QCCID: …`. All three forms are accepted from
/// both.
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::ReadIccid;
///
/// let reply = Reply {
///     lines: [Line::new("+CCID: \"898600220909A0206023\"")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(ReadIccid::Ccid.decode(&reply)?.expose(), "898600220909A0206023");
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+CCID")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadIccid {
    /// AT+CCID
    Ccid,
    /// AT+QCCID
    Qccid,
}

string_argument! {
    /// The number of the SIM card: 18 to 22 digits, which may be hexadecimal.
    secret Iccid, "ICCID", 22
}

impl Command for ReadIccid {
    type Response = Iccid;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let verb = match self {
            Self::Ccid => "+CCID",
            Self::Qccid => "+QCCID",
        };
        let line = CommandLine::execute(verb).finish(profile)?;
        Ok(Request::new(line).answer(Answer::PrefixedOrText(ICCID_PREFIXES)))
    }

    fn decode(&self, reply: &Reply) -> Result<Iccid, DecodeError> {
        let read = |text: &str| {
            let text = unquoted(text);
            let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
            ((18..=22).contains(&text.len()) && hexadecimal)
                .then(|| Iccid::new(text).ok())
                .flatten()
        };
        for prefix in ICCID_PREFIXES {
            let found = reply.parse_answer(prefix, |fields| {
                let error = fields.error("ICCID of 18 to 22 digits");
                read(fields.text("ICCID")?).ok_or(error)
            });
            if !matches!(found, Err(DecodeError::Missing { .. })) {
                return found;
            }
        }
        find_text(reply, "ICCID of 18 to 22 digits", read)
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

const REVISION: &str = "Revision:";

/// `Quectel_Ltd` and `Quectel_M26`.
const ALIKE: usize = 3;

const ICCID_PREFIXES: &[&str] = &["+CCID", "+QCCID"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    #[test]
    fn what_the_module_is() {
        assert_eq!(sent(&ReadIdentity, &Profile::quectel()), "ATI");
        let plain = b"\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03-TTS\r\n\r\nOK\r\n";
        let identity = quectel(&ReadIdentity, plain).unwrap();
        assert_eq!(identity.manufacturer, "Quectel_Ltd");
        assert_eq!(identity.revision, "M26FBR03A03-TTS");
        let stray =
            b"\r\nQuectel_Ltd\r\nATH\r\nQuectel_M26\r\nRevision: M26FBR03A03-TTS\r\nATH\r\nOK\r\n";
        assert_eq!(luat(&ReadIdentity, stray), Ok(identity));
        assert_eq!(
            quectel(&ReadIdentity, b"\r\nRevision: 1\r\n\r\nOK\r\n"),
            Err(DecodeError::Missing { expected: "manufacturer" })
        );
    }

    /// Calls, the network's clock and noise come at any time, and are no names.
    #[test]
    fn what_is_no_name() {
        let others =
            ["RING", "DST: 1", "*PSUTTZ: 20,2,14,2,0,0,\"+32\",0", "\u{fffd}x", "NOISE", "a b"];
        let lines = ["Quectel_Ltd", "Quectel_M26", "Revision: M26FBR03A03-TTS"];
        for other in others {
            for place in 0..=lines.len() {
                let mut said = lines.to_vec();
                said.insert(place, other);
                let bytes = format!("\r\n{}\r\n\r\nOK\r\n", said.join("\r\n"));
                let identity = quectel(&ReadIdentity, bytes.as_bytes()).unwrap();
                assert_eq!(identity.manufacturer, "Quectel_Ltd", "{said:?}");
                assert_eq!(identity.model, "Quectel_M26", "{said:?}");
            }
            for line in ["+CCID: \"898600220909A0206023\"", "898600220909A0206023"] {
                let bytes = format!("\r\n{other}\r\n{line}\r\n\r\nOK\r\n");
                let iccid = quectel(&ReadIccid::Qccid, bytes.as_bytes()).unwrap();
                assert_eq!(iccid.expose(), "898600220909A0206023", "{other}");
            }
            let bytes = format!("\r\n{other}\r\n869336012345678\r\n\r\nOK\r\n");
            assert!(quectel(&ReadImei, bytes.as_bytes()).is_ok(), "{other}");
        }
    }

    #[test]
    fn serial_numbers() {
        let imei = quectel(&ReadImei, b"\r\n869336012345678\r\n\r\nOK\r\n").unwrap();
        assert_eq!(imei.to_string(), "869336012345678");
        for bytes in [&b"\r\n86933601234567\r\n\r\nOK\r\n"[..], b"\r\nOK\r\n"] {
            assert!(quectel(&ReadImei, bytes).is_err());
        }
        let imsi = quectel(&ReadImsi, b"\r\n460001234567890\r\n\r\nOK\r\n").unwrap();
        assert_eq!(imsi.expose(), "460001234567890");
        assert_eq!(format!("{imsi:?}"), "Imsi([redacted])");
    }

    #[test]
    fn three_forms_of_the_iccid() {
        for line in [
            "+CCID: \"898600220909A0206023\"",
            "898600220909A0206023",
            "+QCCID: 898600220909A0206023",
        ] {
            let bytes = format!("\r\n{line}\r\n\r\nOK\r\n");
            let iccid = quectel(&ReadIccid::Qccid, bytes.as_bytes()).unwrap();
            assert_eq!(iccid.expose(), "898600220909A0206023", "{line}");
        }
        assert!(quectel(&ReadIccid::Ccid, b"\r\n+CCID: \"12\"\r\n\r\nOK\r\n").is_err());
        assert_eq!(sent(&ReadIccid::Ccid, &Profile::quectel()), "AT+CCID");
        assert_eq!(sent(&ReadIccid::Qccid, &Profile::quectel()), "AT+QCCID");
    }
}
