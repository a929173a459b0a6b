//! Serial ports, for both clients: their settings ([`SerialSettings`]), how they are found
//! ([`UsbPort`], [`SerialHost`]), and what their errors mean.

mod host;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};
use serialport::{
    DataBits, FlowControl, Parity, SerialPort, SerialPortBuilder, SerialPortInfo, SerialPortType,
    StopBits,
};
use tracing::debug;

pub use host::SerialHost;

use crate::error::Error;

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

impl SerialSettings {
    /// 8N1 without flow control (M26AT: IFC=0,0 by default), exclusive, with DTR raised.
    pub(crate) fn builder(&self, path: &str) -> SerialPortBuilder {
        serialport::new(path, self.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .exclusive(true)
            .dtr_on_open(true)
    }
}

/// The USB adapter of a module, for a port whose path may change when the adapter is plugged in
/// again. It identifies the adapter and never the module.
///
/// ```
/// use m26_pay::serial::UsbPort;
///
/// let adapter = UsbPort { vid: 0x067b, pid: 0x2303, serial: None };
/// assert_eq!(adapter.to_string(), "067b:2303");
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
        // serialport makes the list from this folder, and panics without it.
        if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
            return self.find_among(&[]);
        }
        let ports = serialport::available_ports().map_err(|error| Error::Io {
            doing: "the ports cannot be listed".to_string(),
            source: io::Error::other(error.description),
        })?;
        self.find_among(&ports)
    }

    fn find_among(&self, ports: &[SerialPortInfo]) -> Result<String, Error> {
        let mut found = ports.iter().filter(|port| self.is(&port.port_type));
        let error = |kind: io::ErrorKind, doing| Err(Error::Io { doing, source: kind.into() });
        match (found.next(), found.next()) {
            (Some(port), None) => Ok(port.port_name.clone()),
            (None, _) => error(
                io::ErrorKind::NotFound,
                format!("no port of a USB adapter {self}: is it plugged in?"),
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

impl fmt::Display for UsbPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vid, self.pid)?;
        match &self.serial {
            Some(serial) => write!(f, " {serial}"),
            None => Ok(()),
        }
    }
}

/// Opens the terminal at `path` without waiting for a carrier. It fails if the path is not a
/// terminal, or if another program has it for its exclusive use.
pub(crate) fn open_tty(path: &str) -> Result<File, Error> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let tty: File = as_anybody(|| rustix::fs::open(path, flags, Mode::empty()))
        .map_err(|error| explain(path, error.into()))?
        .into();
    if rustix::termios::isatty(&tty) {
        return Ok(tty);
    }
    let doing = format!("{path} is not a serial port");
    Err(Error::Io { doing, source: io::ErrorKind::InvalidInput.into() })
}

/// Does something without the right to open a terminal that another program has exclusively
/// (TIOCEXCL): Linux lets a thread with CAP_SYS_ADMIN open it, such as one of root. Only this
/// thread gives the right up, until it is done.
fn as_anybody<T>(act: impl FnOnce() -> T) -> T {
    let admin = CapabilitySet::SYS_ADMIN;
    let whole = capabilities(None).ok().filter(|sets| sets.effective.contains(admin));
    let without =
        |sets: CapabilitySets| CapabilitySets { effective: sets.effective - admin, ..sets };
    let whole = whole.filter(|whole| set_capabilities(None, without(*whole)).is_ok());
    let done = act();
    if let Some(whole) = whole {
        if let Err(error) = set_capabilities(None, whole) {
            debug!(%error, "this thread is left without CAP_SYS_ADMIN");
        }
    }
    done
}

/// Raises RTS, if the port has it.
pub(crate) fn raise_rts(path: &str, port: &mut impl SerialPort) {
    if let Err(error) = port.write_request_to_send(true) {
        debug!(path, %error, "the port has no RTS");
    }
}

fn explain(path: &str, source: io::Error) -> Error {
    let path = if path.is_empty() { "port without a name" } else { path };
    let doing = match source.kind() {
        io::ErrorKind::NotFound => format!(
            "there is no {path}: is the module plugged in? List the ports with `ls /dev/serial/by-id`"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "no permission for {path}: add the user to the group that owns it (`ls -l {path}` shows it, often dialout) and log in again"
        ),
        io::ErrorKind::ResourceBusy => in_use(path),
        _ => format!("{path} cannot be opened"),
    };
    Error::Io { doing, source }
}

pub(crate) fn explain_tty(
    path: &str,
    settings: &SerialSettings,
    error: serialport::Error,
) -> Error {
    let (kind, doing) = match error.kind {
        serialport::ErrorKind::Io(kind) => return explain(path, kind.into()),
        serialport::ErrorKind::NoDevice => (io::ErrorKind::ResourceBusy, in_use(path)),
        serialport::ErrorKind::InvalidInput => {
            (io::ErrorKind::InvalidInput, format!("{path} does not support {} baud", settings.baud))
        }
        serialport::ErrorKind::Unknown => {
            (io::ErrorKind::Other, format!("{path} cannot be set up as a serial port"))
        }
    };
    Error::Io { doing, source: io::Error::new(kind, error.description) }
}

fn in_use(path: &str) -> String {
    format!(
        "{path} is in use: `fuser {path}` shows by which program, and a udev rule keeps ModemManager away"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::UsbPortInfo;

    /// As root too.
    #[test]
    fn a_port_that_another_program_holds_for_itself_is_in_use() {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

        let module = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&module).unwrap();
        unlockpt(&module).unwrap();
        let path = ptsname(&module, Vec::new()).unwrap().into_string().unwrap();
        let other = open_tty(&path).unwrap();
        assert!(open_tty(&path).is_ok(), "who shares it lets others in");
        let before = capabilities(None).unwrap();
        rustix::termios::ioctl_tiocexcl(&other).unwrap();
        let error = open_tty(&path).unwrap_err();
        assert!(error.to_string().contains("is in use"), "{error}");
        assert_eq!(capabilities(None).unwrap(), before);
        drop(other);
    }

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

    #[test]
    fn the_adapter_is_found_wherever_it_is() {
        let ports = [
            SerialPortInfo { port_name: "/dev/ttyS0".into(), port_type: SerialPortType::Unknown },
            adapter("/dev/ttyUSB3", Some("A1")),
            adapter("/dev/ttyUSB4", Some("A2")),
        ];
        let wanted = |serial: Option<&str>| UsbPort {
            vid: 0x0403,
            pid: 0x6001,
            serial: serial.map(String::from),
        };
        assert_eq!(wanted(Some("A2")).find_among(&ports).unwrap(), "/dev/ttyUSB4");
        assert_eq!(wanted(None).find_among(&ports[..2]).unwrap(), "/dev/ttyUSB3");
        let error = wanted(None).find_among(&ports).unwrap_err();
        assert!(error.to_string().contains("more than one USB adapter 0403:6001"), "{error}");
        let error = wanted(Some("A3")).find_among(&ports).unwrap_err();
        assert!(error.to_string().contains("0403:6001 A3: is it plugged in"), "{error}");
    }
}
