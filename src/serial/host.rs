//! [`SerialHost`]: the host of a session that only opens a serial port.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{InvalidUsbPort, Opening, SerialSettings, Tty, UsbPort};
use crate::error::Error;

/// The host of a session whose only work is to open the serial port of its module, each time that a
/// port is needed. A thread of its own opens it, so that an adapter that hangs keeps nobody else.
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
///
/// As people write it, a path or `usb:VID:PID[:SERIAL]`:
///
/// ```
/// use m26_pay::serial::SerialHost;
///
/// assert!("/dev/ttyUSB0".parse::<SerialHost>().is_ok());
/// assert!("usb:0403:6001:A50285BI".parse::<SerialHost>().is_ok());
/// assert!("usb:0403".parse::<SerialHost>().is_err());
/// ```
#[derive(Debug)]
pub struct SerialHost {
    place: Place,
    settings: SerialSettings,
    /// What is being opened, perhaps since an earlier try.
    opening: Option<Opening<Tty>>,
}

#[derive(Clone)]
enum Place {
    Path(String),
    Usb(UsbPort),
    Found(Arc<dyn Fn() -> Result<String, Error> + Send + Sync>),
}

impl SerialHost {
    /// The port at this path.
    #[must_use]
    pub fn at(path: impl Into<String>) -> Self {
        Self::of(Place::Path(path.into()))
    }

    /// The port of this adapter.
    #[must_use]
    pub fn usb(adapter: UsbPort) -> Self {
        Self::of(Place::Usb(adapter))
    }

    /// The port at the path that this finds, asked each time that the port is opened, and by the
    /// thread that opens it.
    #[must_use]
    pub fn found_by(find: impl Fn() -> Result<String, Error> + Send + Sync + 'static) -> Self {
        Self::of(Place::Found(Arc::new(find)))
    }

    /// The path of the port now.
    ///
    /// # Errors
    /// If the adapter is not there, or more than one is.
    pub fn path(&self) -> Result<String, Error> {
        self.place.path()
    }

    /// How the port is opened.
    #[must_use]
    pub fn settings(self, settings: SerialSettings) -> Self {
        Self { settings, ..self }
    }

    fn of(place: Place) -> Self {
        Self { place, settings: SerialSettings::default(), opening: None }
    }

    /// What is being opened, from now on or since an earlier try: one that hangs is not joined by a
    /// second.
    pub(crate) fn opening(&mut self) -> Result<&Opening<Tty>, Error> {
        let opening = match self.opening.take() {
            Some(opening) => opening,
            None => {
                let (place, settings) = (self.place.clone(), self.settings.clone());
                Opening::begin(move || Tty::open(&place.path()?, &settings))?
            }
        };
        Ok(self.opening.insert(opening))
    }

    /// It is open, or cannot be opened.
    pub(crate) fn opened(&mut self) {
        self.opening = None;
    }
}

impl Place {
    fn path(&self) -> Result<String, Error> {
        match self {
            Self::Path(path) => Ok(path.clone()),
            Self::Usb(adapter) => adapter.find(),
            Self::Found(find) => find(),
        }
    }
}

/// A path, or `usb:VID:PID[:SERIAL]` with the numbers in hexadecimal.
impl FromStr for SerialHost {
    type Err = InvalidUsbPort;

    fn from_str(text: &str) -> Result<Self, InvalidUsbPort> {
        match text.strip_prefix("usb:") {
            Some(adapter) => adapter.parse().map(Self::usb),
            None => Ok(Self::at(text)),
        }
    }
}

/// The same port, opened anew.
impl Clone for SerialHost {
    fn clone(&self) -> Self {
        Self { place: self.place.clone(), settings: self.settings.clone(), opening: None }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Usb(adapter) => f.debug_tuple("Usb").field(adapter).finish(),
            Self::Found(_) => f.write_str("Found"),
        }
    }
}
