//! [`SerialHost`]: the host of a session that only opens a serial port.

use super::{SerialSettings, UsbPort};
use crate::error::Error;

/// The host of a session whose only work is to open the serial port of its module, each time that a
/// port is needed.
///
/// ```no_run
/// # #[cfg(feature = "blocking")]
/// # {
/// use m26_pay::blocking::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::serial::{SerialHost, UsbPort};
/// use m26_pay::session::Plan;
///
/// struct Till {
///     session: Session,
/// }
///
/// let host = SerialHost::at("/dev/serial/by-id/…");
/// let till = Till { session: Session::new(host, Plan::default(), Settings::default()) };
///
/// // The port of an adapter, whatever path it has after it was plugged in again.
/// let adapter = UsbPort { vid: 0x067b, pid: 0x2303, serial: None };
/// let session = Session::new(SerialHost::usb(adapter), Plan::default(), Settings::default());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialHost {
    place: Place,
    settings: SerialSettings,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Path(String),
    Usb(UsbPort),
}

impl SerialHost {
    /// The port at this path.
    #[must_use]
    pub fn at(path: impl Into<String>) -> Self {
        Self { place: Place::Path(path.into()), settings: SerialSettings::default() }
    }

    /// The port of this adapter.
    #[must_use]
    pub fn usb(adapter: UsbPort) -> Self {
        Self { place: Place::Usb(adapter), settings: SerialSettings::default() }
    }

    /// How the port is opened.
    #[must_use]
    pub fn settings(self, settings: SerialSettings) -> Self {
        Self { settings, ..self }
    }

    /// Opens the port with the function of a client.
    pub(crate) fn open_with<P>(
        &self,
        open: impl FnOnce(&str, &SerialSettings) -> Result<P, Error>,
    ) -> Result<P, Error> {
        match &self.place {
            Place::Path(path) => open(path, &self.settings),
            Place::Usb(adapter) => open(&adapter.find()?, &self.settings),
        }
    }
}
