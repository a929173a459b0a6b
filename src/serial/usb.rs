//! The USB adapter of a module ([`UsbPort`]), and which ports there are.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use serialport::{SerialPortInfo, SerialPortType};

use crate::advice::{self, Advice};
use crate::error::Error;

/// The USB adapter of a module, for a port whose path may change when the adapter is plugged in
/// again. It identifies the adapter and never the module.
///
/// ```
/// use m26_pay::serial::UsbPort;
///
/// let adapter = UsbPort { vid: 0x067b, pid: 0x2303, serial: None };
/// assert_eq!(adapter.to_string(), "067b:2303");
/// assert_eq!("067b:2303".parse(), Ok(adapter));
/// assert!("067b".parse::<UsbPort>().is_err());
/// ```
///
/// A session that finds its port again, wherever it is:
///
/// ```no_run
/// # #[cfg(feature = "blocking")]
/// # {
/// use m26_pay::blocking::Session;
/// use m26_pay::engine::Settings;
/// use m26_pay::serial::{SerialHost, UsbPort};
/// use m26_pay::session::Plan;
///
/// let adapter = UsbPort { vid: 0x0403, pid: 0x6001, serial: Some("A50285BI".into()) };
/// let session = Session::new(SerialHost::usb(adapter), Plan::default(), Settings::default());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct UsbPort {
    /// The vendor's number (VID).
    pub vid: u16,
    /// The product's number (PID).
    pub pid: u16,
    /// The serial number of the adapter, if it has one (cheap ones have not).
    pub serial: Option<String>,
}

impl UsbPort {
    /// The path of the adapter's port now.
    ///
    /// # Errors
    /// If there is none, or more than one. The crate does not try them in turn, since a probe can
    /// disturb a printer or a scale.
    pub fn find(&self) -> Result<String, Error> {
        self.find_among(&ports()?)
    }

    fn find_among(&self, ports: &[SerialPortInfo]) -> Result<String, Error> {
        let mut found = ports.iter().filter(|port| self.is(&port.port_type));
        let error = |kind: io::ErrorKind, doing| Err(Error::Io { doing, source: kind.into() });
        match (found.next(), found.next()) {
            (Some(port), None) => Ok(port.port_name.clone()),
            (None, _) => error(
                io::ErrorKind::NotFound,
                format!("there is no port of a USB adapter {self}: {}", advise(ports)),
            ),
            (Some(_), Some(_)) => error(
                io::ErrorKind::InvalidInput,
                format!(
                    "more than one USB adapter {self}: name the serial number, or a path in /dev/serial/by-path"
                ),
            ),
        }
    }

    fn is(&self, port: &SerialPortType) -> bool {
        let SerialPortType::UsbPort(port) = port else { return false };
        let serial = self.serial.is_none() || self.serial == port.serial_number;
        (port.vid, port.pid) == (self.vid, self.pid) && serial
    }
}

/// `VID:PID` or `VID:PID:SERIAL`, the numbers in hexadecimal.
impl fmt::Display for UsbPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vid, self.pid)?;
        match &self.serial {
            Some(serial) => write!(f, ":{serial}"),
            None => Ok(()),
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for UsbPort {
    type Err = InvalidUsbPort;

    fn from_str(text: &str) -> Result<Self, InvalidUsbPort> {
        let number = |digits: &str| {
            let hex = (1..=4).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
        };
        let mut parts = text.splitn(3, ':');
        let (vid, pid) = (parts.next().and_then(number), parts.next().and_then(number));
        let serial = parts.next();
        match (vid, pid) {
            (Some(vid), Some(pid)) if serial != Some("") => {
                Ok(Self { vid, pid, serial: serial.map(str::to_owned) })
            }
            _ => Err(InvalidUsbPort),
        }
    }
}

/// The text names no USB adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a USB adapter is VID:PID or VID:PID:SERIAL, such as 067b:2303")]
#[non_exhaustive]
pub struct InvalidUsbPort;

impl InvalidUsbPort {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::PORT_UNREADABLE
    }
}

/// What to do if a port is not there.
pub(super) fn advise_of_missing() -> String {
    advise(&ports().unwrap_or_default())
}

/// Names the first few ports, those of USB adapters before all others.
fn advise(ports: &[SerialPortInfo]) -> String {
    let mut text = "is the module plugged in? (".to_owned();
    text += if ports.is_empty() { "this system lists no serial port" } else { "the ports here: " };
    let is_usb = |port: &SerialPortInfo| matches!(port.port_type, SerialPortType::UsbPort(_));
    let mut shown = 0;
    for usb in [true, false] {
        for port in ports.iter().filter(|port| is_usb(port) == usb) {
            if shown < SHOWN {
                text += if shown > 0 { ", " } else { "" };
                add_name(&mut text, port);
            }
            shown += 1;
        }
    }
    text + if shown > SHOWN { ", …)" } else { ")" }
}

fn add_name(text: &mut String, port: &SerialPortInfo) {
    text.push_str(&port.port_name);
    if let SerialPortType::UsbPort(usb) = &port.port_type {
        text.push_str(&format!(" (usb:{:04x}:{:04x}", usb.vid, usb.pid));
        if let Some(serial) = &usb.serial_number {
            text.push(':');
            text.push_str(serial);
        }
        text.push(')');
    }
}

/// The ports that the system lists.
fn ports() -> Result<Vec<SerialPortInfo>, Error> {
    // serialport makes the list from this folder, and panics without it.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Ok(Vec::new());
    }
    serialport::available_ports().map_err(|error| Error::Io {
        doing: "the ports cannot be listed".to_string(),
        source: io::Error::other(error.description),
    })
}

/// Not specified; chosen because a line of a log has room for so many.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::UsbPortInfo;

    fn adapter(name: &str, serial: Option<&str>) -> SerialPortInfo {
        let info = UsbPortInfo {
            vid: 0x0403,
            pid: 0x6001,
            serial_number: serial.map(String::from),
            manufacturer: None,
            product: None,
        };
        SerialPortInfo { port_name: name.into(), port_type: SerialPortType::UsbPort(info) }
    }

    fn wanted(serial: Option<&str>) -> UsbPort {
        UsbPort { vid: 0x0403, pid: 0x6001, serial: serial.map(String::from) }
    }

    #[test]
    fn the_adapter_is_found_wherever_it_is() {
        let ports = [
            SerialPortInfo { port_name: "/dev/ttyS0".into(), port_type: SerialPortType::Unknown },
            adapter("/dev/ttyUSB3", Some("A1")),
            adapter("/dev/ttyUSB4", Some("A2")),
        ];
        assert_eq!(wanted(Some("A2")).find_among(&ports).unwrap(), "/dev/ttyUSB4");
        assert_eq!(wanted(None).find_among(&ports[..2]).unwrap(), "/dev/ttyUSB3");
        let error = wanted(None).find_among(&ports).unwrap_err();
        assert!(error.to_string().contains("more than one USB adapter 0403:6001"), "{error}");
    }

    #[test]
    fn who_finds_none_is_told_what_there_is() {
        let ports = [adapter("/dev/ttyUSB1", Some("A1")), adapter("/dev/ttyUSB2", None)];
        let error = wanted(Some("A3")).find_among(&ports).unwrap_err().to_string();
        assert!(error.contains("0403:6001:A3: is the module plugged in?"), "{error}");
        assert!(error.contains("/dev/ttyUSB1 (usb:0403:6001:A1), /dev/ttyUSB2"), "{error}");
        let error = wanted(None).find_among(&[]).unwrap_err().to_string();
        assert!(error.contains("lists no serial port"), "{error}");
    }

    #[test]
    fn an_adapter_is_read_as_it_is_written() {
        for adapter in [wanted(None), wanted(Some("A1")), wanted(Some("A:1 ü"))] {
            assert_eq!(adapter.to_string().parse(), Ok(adapter));
        }
        for text in ["", "0403", "0403:", ":6001", "0403:6001:", "0403:+600", "00403:6001", "x:1"] {
            assert_eq!(text.parse::<UsbPort>(), Err(InvalidUsbPort), "{text}");
        }
    }
}
