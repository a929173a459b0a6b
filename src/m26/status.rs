//! The spec's one line that asks for the whole state of the network.

use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::Shape;
use crate::at::profile::Profile;
use crate::m26::registration::{GPRS, GSM};
use crate::m26::signal::PREFIX as SIGNAL;
use crate::m26::{ReadRegistration, ReadSignal, Registration, Signal};

/// Asks for both registrations and the signal.
///
/// ```text
/// AT+CREG?;+CGREG?;+CSQ          Quectel M26 Alipay SDK 应用指导 V1.0, chapter 4
///
/// +CREG: 0,1
///
/// +CGREG: 0,1
///
/// +CSQ: 11,0
///
/// OK
/// ```
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::ReadNetworkStatus;
/// use m26_pay::at::profile::Profile;
///
/// let request = ReadNetworkStatus.request(&Profile::quectel())?;
/// assert_eq!(request.line(), b"AT+CREG?;+CGREG?;+CSQ\r");
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[doc(alias = "AT+CREG")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadNetworkStatus;

/// The state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NetworkStatus {
    /// The registration in the network.
    pub gsm: Registration,
    /// The registration for packet data.
    pub gprs: Registration,
    /// The strength of the signal.
    pub signal: Signal,
}

impl std::fmt::Display for NetworkStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { gsm, gprs, signal } = self;
        write!(f, "network: {gsm}, packet data: {gprs}, {signal}")
    }
}

impl NetworkStatus {
    /// Whether the module is in the network for packet data, which is all that the SDK needs: a
    /// network may deny calls (`+CREG: 2,3`) and carry data (`+CGREG: 2,1`).
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.gprs.status.is_registered()
    }
}

impl Command for ReadNetworkStatus {
    type Response = NetworkStatus;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::raw("AT+CREG?;+CGREG?;+CSQ", profile)?;
        Ok(Request::new(line).answer(Answer::Prefixed(&[
            (GSM, Shape::ReadForm),
            (GPRS, Shape::ReadForm),
            (SIGNAL, Shape::Fields(2)),
        ])))
    }

    fn decode(&self, reply: &Reply) -> Result<NetworkStatus, DecodeError> {
        Ok(NetworkStatus {
            gsm: ReadRegistration::Gsm.decode(reply)?,
            gprs: ReadRegistration::Gprs.decode(reply)?,
            signal: ReadSignal.decode(reply)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::quectel;

    #[test]
    fn as_in_the_spec() {
        let bytes = b"\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n";
        let status = quectel(&ReadNetworkStatus, bytes).unwrap();
        assert!(status.is_registered());
        assert_eq!(status.signal.rssi, 11);
        let error = quectel(&ReadNetworkStatus, b"\r\n+CREG: 0,1\r\n\r\nOK\r\n");
        assert_eq!(error, Err(DecodeError::Missing { expected: "+CGREG" }));
    }
}
