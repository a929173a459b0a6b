//! Serial ports, for both clients: their settings ([`SerialSettings`]), and how they are found
//! ([`UsbPort`]) and opened ([`SerialHost`]).

mod gauge;
mod host;
mod icount;
mod opening;
mod tty;
mod usb;

pub(crate) use gauge::Gauge;
pub use host::SerialHost;
pub(crate) use icount::input_errors;
pub(crate) use opening::{Opening, close, drain, release};
pub(crate) use tty::Tty;
pub use usb::{InvalidUsbPort, UsbPort};

/// How a serial port is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SerialSettings {
    /// The rate, in baud. An M26 finds it out by itself, unless it was fixed by `AT+IPR`.
    pub baud: u32,
}

impl Default for SerialSettings {
    /// 115200 baud, as Quectel's FAQ advises for a fixed rate.
    fn default() -> Self {
        Self { baud: 115_200 }
    }
}
