//! AT+CSQ: the strength of the signal.

use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;

/// Asks for the strength of the signal.
///
/// ```text
/// AT+CSQ                         M26AT; 27.007 8.5
///
/// +CSQ: <rssi>,<ber>
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::ReadSignal;
///
/// let reply = Reply {
///     lines: [Line::new("+CSQ: 11,0")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(ReadSignal.decode(&reply)?.dbm(), Some(-91));
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+CSQ")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSignal;

/// The strength of the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Signal {
    /// 0 to 31, or 99 if it is not known.
    pub rssi: u8,
    /// The bit error rate, 0 to 7, or 99 if it is not known.
    pub ber: u8,
}

/// In dBm.
impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.dbm() {
            Some(dbm) => write!(f, "{dbm} dBm"),
            None => f.write_str("signal not known"),
        }
    }
}

impl Signal {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { rssi: 99, ber: 99 };

    /// The strength in dBm, from −113 (or less) to −51 (or more).
    #[must_use]
    pub fn dbm(self) -> Option<i32> {
        (self.rssi <= 31).then(|| -113 + 2 * i32::from(self.rssi))
    }
}

impl Command for ReadSignal {
    type Response = Signal;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::execute(PREFIX).finish(profile)?;
        Ok(Request::new(line).answer(Answer::Prefixed(&[(PREFIX, Shape::Fields(2))])))
    }

    fn decode(&self, reply: &Reply) -> Result<Signal, DecodeError> {
        reply.parse_answer(PREFIX, parse)
    }
}

fn parse(fields: &mut Fields<'_>) -> Result<Signal, FieldError> {
    Ok(Signal { rssi: fields.int("rssi")?, ber: fields.int("ber")? })
}

pub(crate) const PREFIX: &str = "+CSQ";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    #[test]
    fn as_printed() {
        assert_eq!(sent(&ReadSignal, &Profile::luat()), "AT+CSQ");
        let signal = quectel(&ReadSignal, b"\r\n+CSQ: 30, 0\r\n\r\nOK\r\n").unwrap();
        assert_eq!((signal, signal.dbm()), (Signal { rssi: 30, ber: 0 }, Some(-53)));
        let signal = quectel(&ReadSignal, b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n").unwrap();
        assert_eq!(signal.dbm(), None);
        assert!(quectel(&ReadSignal, b"\r\n+CSQ: 11\r\n\r\nOK\r\n").is_err());
    }
}
