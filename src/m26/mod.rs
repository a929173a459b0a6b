//! The module's own commands, as far as a terminal needs them around the ALIPAY commands.
//!
//! Sources: Quectel M26 AT命令手册 V1.1 ("M26AT"), Quectel M66 AT Commands Manual V1.0 ("M66AT", the
//! same platform), and the example in chapter 4 of Quectel M26 Alipay SDK 应用指导 V1.0 ("the spec").
//! Their string arguments are always in quotes: the quotes of a profile are about the ALIPAY
//! commands.

mod basic;
pub(crate) mod clock;
mod context;
mod host_clock;
mod identity;
pub(crate) mod power;
mod raw;
pub(crate) mod registration;
pub(crate) mod signal;
pub(crate) mod sim;
mod status;
mod verbs;

use crate::at::command::{DecodeError, Reply};
use crate::at::field::FieldError;
use crate::at::syntax::View;

pub use basic::{
    At, BaudRate, Echo, ErrorFormat, ReadBaudRate, ReadErrorFormat, ResetResultFormat, SaveProfile,
    SetBaudRate, SetErrorFormat,
};
pub(crate) use clock::NTP_DEADLINE;
pub use clock::{ClockTime, NtpCommand, NtpServer, NtpStatus, NtpSync, ReadClock};
pub use context::{Apn, Password, SelectContext, SetAccessPoint, User};
pub use host_clock::{CLOCK_BOUND, ClockCheck, HostClock};
pub use identity::{Iccid, Identity, Imei, Imsi, ReadIccid, ReadIdentity, ReadImei, ReadImsi};
pub use power::{PowerOff, Reset};
pub use raw::{Raw, RawAnswer};
pub use registration::{Cell, ReadRegistration, Registration, RegistrationStatus};
pub use signal::{ReadSignal, Signal};
pub use sim::{ReadSim, SimState};
pub use status::{NetworkStatus, ReadNetworkStatus};
pub(crate) use verbs::VERBS;

/// The first line of text that `read` understands.
fn find_text<'a, T>(
    reply: &'a Reply,
    expected: &'static str,
    read: impl Fn(&'a str) -> Option<T>,
) -> Result<T, DecodeError> {
    let mut texts = reply.lines.iter().filter_map(|line| match line.view() {
        View::Text(text) => Some((line, std::str::from_utf8(text).ok())),
        _ => None,
    });
    let first = texts.next().ok_or(DecodeError::Missing { expected })?;
    std::iter::once(first)
        .chain(texts)
        .find_map(|(_, text)| read(text?))
        .ok_or_else(|| DecodeError::malformed(first.0, FieldError { expected, position: 0 }))
}
