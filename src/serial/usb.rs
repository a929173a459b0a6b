//! The USB adapter of a module ([`UsbPort`]), and which ports there are.

use std::fmt;
use std::fs;
use std::io;
use std::str::FromStr;

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
        self.find_among(&ports(CLASS, FILES))
    }

    fn find_among(&self, ports: &[Listed]) -> Result<String, Error> {
        let mut found = ports.iter().filter(|port| self.is(port));
        let error = |kind: io::ErrorKind, doing| Err(Error::Io { doing, source: kind.into() });
        match (found.next(), found.next()) {
            (Some(port), None) => Ok(port.path.clone()),
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

    fn is(&self, port: &Listed) -> bool {
        let Some(port) = &port.adapter else { return false };
        let serial = self.serial.is_none() || self.serial == port.serial;
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
    advise(&ports(CLASS, FILES))
}

/// Names the first few ports, those of USB adapters before all others.
fn advise(ports: &[Listed]) -> String {
    let mut text = "is the module plugged in? (".to_owned();
    text += if ports.is_empty() { "this system lists no serial port" } else { "the ports here: " };
    let mut shown = 0;
    for usb in [true, false] {
        for port in ports.iter().filter(|port| port.adapter.is_some() == usb) {
            if shown < SHOWN {
                text += if shown > 0 { ", " } else { "" };
                text += &port.path;
                if let Some(adapter) = &port.adapter {
                    text += &format!(" (usb:{adapter})");
                }
            }
            shown += 1;
        }
    }
    text + if shown > SHOWN { ", …)" } else { ")" }
}

/// A port that the system lists.
struct Listed {
    path: String,
    /// There for the port of a USB adapter.
    adapter: Option<UsbPort>,
}

/// The ports in `class`, a folder of sysfs, of which there are `files`.
///
/// `serialport::available_ports` finds the same, panics where there is no sysfs, and is 6 kB more of
/// each program that opens a port, since the message of a failed open names them.
fn ports(class: &str, files: &str) -> Vec<Listed> {
    let mut ports = Vec::new();
    for entry in fs::read_dir(class).into_iter().flatten().flatten() {
        ports.extend(entry.file_name().to_str().and_then(|name| port(class, files, name)));
    }
    ports
}

/// The port of this name, unless it is a terminal of another kind: a console, or one without a UART.
fn port(class: &str, files: &str, name: &str) -> Option<Listed> {
    let device = format!("{class}/{name}/device");
    let subsystem = fs::read_link(format!("{device}/subsystem"));
    let above = match subsystem.as_ref().ok().and_then(|link| link.file_name()?.to_str()) {
        // The device is that of the port, in an interface of the adapter.
        Some("usb-serial") => Some("/../.."),
        // The device is the interface (`ttyACM0`).
        Some("usb") => Some("/.."),
        // A Raspberry Pi, a card, a PC, and what Linux 6.6 and newer calls them all.
        Some("amba" | "pci" | "pnp" | "serial-base") => None,
        _ if name.starts_with("rfcomm") => None,
        _ => return None,
    };
    let adapter = match above {
        Some(above) => Some(adapter(&(device + above))?),
        None => None,
    };
    let path = format!("{files}/{name}");
    fs::metadata(&path).ok()?;
    Some(Listed { path, adapter })
}

/// The USB adapter whose folder of sysfs this is.
fn adapter(folder: &str) -> Option<UsbPort> {
    let read = |file| {
        let text = fs::read_to_string(format!("{folder}/{file}")).ok()?;
        Some(text.trim().to_owned())
    };
    let number = |file| u16::from_str_radix(&read(file)?, 16).ok();
    Some(UsbPort { vid: number("idVendor")?, pid: number("idProduct")?, serial: read("serial") })
}

/// Where Linux lists terminals, and where their files are.
const CLASS: &str = "/sys/class/tty";
const FILES: &str = "/dev";

/// Not specified; chosen because a line of a log has room for so many.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    fn adapter(path: &str, serial: Option<&str>) -> Listed {
        Listed { path: path.into(), adapter: Some(wanted(serial)) }
    }

    fn wanted(serial: Option<&str>) -> UsbPort {
        UsbPort { vid: 0x0403, pid: 0x6001, serial: serial.map(String::from) }
    }

    #[test]
    fn the_adapter_is_found_wherever_it_is() {
        let ports = [
            Listed { path: "/dev/ttyS0".into(), adapter: None },
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

    /// A folder as Linux makes it for a device, whose file is there as well.
    fn plug_in(root: &Path, name: &str, device: &str, subsystem: &str) {
        let device = root.join("devices").join(device);
        fs::create_dir_all(&device).unwrap();
        symlink(Path::new("/sys/bus").join(subsystem), device.join("subsystem")).unwrap();
        fs::create_dir_all(root.join("class").join(name)).unwrap();
        symlink(&device, root.join("class").join(name).join("device")).unwrap();
        fs::write(root.join("dev").join(name), "").unwrap();
    }

    #[test]
    fn the_ports_are_those_of_sysfs() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let listed = || {
            let folder = |name| root.join(name).into_os_string().into_string().unwrap();
            let mut ports = ports(&folder("class"), &folder("dev"));
            ports.sort_by(|one, other| one.path.cmp(&other.path));
            let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let shown = ports.iter().map(|port| {
                let adapter = port.adapter.as_ref().map(ToString::to_string);
                (name(&port.path), adapter.unwrap_or_default())
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(listed(), []);

        fs::create_dir(root.join("dev")).unwrap();
        plug_in(root, "ttyUSB0", "usb1/1-1/1-1:1.0/ttyUSB0", "usb-serial");
        plug_in(root, "ttyACM0", "usb1/1-2/1-2:1.0", "usb");
        plug_in(root, "ttyS0", "pnp0/00:00", "pnp");
        plug_in(root, "ttyS1", "serial8250", "platform");
        plug_in(root, "ttyAMA0", "uart", "amba");
        fs::remove_file(root.join("dev/ttyAMA0")).unwrap();
        fs::create_dir_all(root.join("class/tty0")).unwrap();
        fs::create_dir_all(root.join("class/rfcomm0")).unwrap();
        fs::write(root.join("dev/rfcomm0"), "").unwrap();
        // An adapter of which nothing can be read, as one has it that is just being unplugged.
        plug_in(root, "ttyUSB1", "usb1/1-3/1-3:1.0/ttyUSB1", "usb-serial");
        for (file, text) in [
            ("1-1/idVendor", "067b\n"),
            ("1-1/idProduct", "2303\n"),
            ("1-2/idVendor", "0403\n"),
            ("1-2/idProduct", "6001\n"),
            ("1-2/serial", "A5 1\n"),
        ] {
            fs::write(root.join("devices/usb1").join(file), text).unwrap();
        }
        let expected = [
            ("rfcomm0", ""),
            ("ttyACM0", "0403:6001:A5 1"),
            ("ttyS0", ""),
            ("ttyUSB0", "067b:2303"),
        ];
        assert_eq!(listed(), expected.map(|(name, usb)| (name.to_owned(), usb.to_owned())));
    }

    #[test]
    fn the_ports_of_this_machine_are_those_that_serialport_finds() {
        if !Path::new(CLASS).is_dir() {
            return;
        }
        let mut ours: Vec<_> = ports(CLASS, FILES).into_iter().map(|port| port.path).collect();
        let theirs = serialport::available_ports().unwrap();
        let mut theirs: Vec<_> = theirs.into_iter().map(|port| port.port_name).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
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
