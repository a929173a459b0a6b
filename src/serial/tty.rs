//! A terminal that is open as a serial port ([`Tty`]), and what the errors of one mean.

use std::fs::File;
use std::io;

use crate::log::debug;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};
use serialport::{
    DataBits, FlowControl, Parity, SerialPort as _, SerialPortBuilder, StopBits, TTYPort,
};

use super::SerialSettings;
use super::opening::{LOOK, is_closing, wait};
use super::usb::advise_of_missing;
use crate::error::Error;

/// A terminal that is open as a serial port, twice.
#[derive(Debug)]
pub(crate) struct Tty {
    /// Reads and writes without blocking.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "that driver reads it"))]
    pub(crate) io: File,
    /// Holds the settings and the lock.
    pub(crate) port: TTYPort,
}

impl Tty {
    /// Opens the port at `path`, 8N1 without flow control (M26AT: IFC=0,0 by default), for nobody
    /// else. DTR and RTS are raised if the port has them.
    ///
    /// # Errors
    /// If there is no such port, the user may not use it, somebody else does, it is no serial port,
    /// or it has not this rate; the message says what to do.
    pub(crate) fn open(path: &str, settings: &SerialSettings) -> Result<Self, Error> {
        // A driver sets its adapter up when nobody else has the port open. If this process still had
        // it, an adapter that has lost its rate would stay deaf.
        for _ in 0..LOOKS {
            if !is_closing(path) {
                break;
            }
            wait(LOOK);
        }
        // Held meanwhile, so that the port is not hung up between the two.
        let io = open_raw(path)?;
        let mut port = builder(path, settings)
            .open_native()
            .map_err(|error| explain_tty(path, settings, error))?;
        if let Err(error) = port.write_request_to_send(true) {
            debug!(path, %error, "the port has no RTS");
        }
        let rate = port.baud_rate().map_err(|error| explain_tty(path, settings, error))?;
        if !is_rate(settings.baud, rate) {
            let doing = format!("{path} does not support {} baud, and took {rate}", settings.baud);
            return Err(Error::Io { doing, source: io::ErrorKind::InvalidInput.into() });
        }
        Ok(Self { io, port })
    }
}

fn builder(path: &str, settings: &SerialSettings) -> SerialPortBuilder {
    serialport::new(path, settings.baud)
        .data_bits(DataBits::Eight)
        .parity(Parity::None)
        .stop_bits(StopBits::One)
        .flow_control(FlowControl::None)
        .exclusive(true)
        .dtr_on_open(true)
}

/// Whether a port that says it works at `actual` baud can talk at `wanted`. A driver says the rate
/// that its divisor makes, and a UART bears 2% easily (5% is where the tenth bit of 8N1 is lost).
fn is_rate(wanted: u32, actual: u32) -> bool {
    u64::from(wanted.abs_diff(actual)) * 50 <= u64::from(wanted)
}

/// Opens the terminal at `path` in raw mode, without waiting for a carrier.
///
/// # Errors
/// If it is no terminal, or another program has it for its exclusive use.
fn open_raw(path: &str) -> Result<File, Error> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let tty: File = as_anybody(|| rustix::fs::open(path, flags, Mode::empty()))
        .map_err(|error| explain(path, error.into()))?
        .into();
    let Ok(mut termios) = tcgetattr(&tty) else {
        let doing = format!("{path} is not a serial port");
        return Err(Error::Io { doing, source: io::ErrorKind::InvalidInput.into() });
    };
    // At once: until then Linux sends back to the module whatever it says.
    termios.make_raw();
    tcsetattr(&tty, OptionalActions::Now, &termios).map_err(|error| explain(path, error.into()))?;
    Ok(tty)
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

fn explain(path: &str, source: io::Error) -> Error {
    let path = if path.is_empty() { "port without a name" } else { path };
    let doing = match source.kind() {
        io::ErrorKind::NotFound => format!("there is no {path}: {}", advise_of_missing()),
        io::ErrorKind::PermissionDenied => format!(
            "no permission for {path}: add the user to the group that owns it (`ls -l {path}` shows it, often dialout) and log in again"
        ),
        io::ErrorKind::ResourceBusy => in_use(path),
        _ => format!("{path} cannot be opened"),
    };
    Error::Io { doing, source }
}

fn explain_tty(path: &str, settings: &SerialSettings, error: serialport::Error) -> Error {
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

/// 3 s, since a port that is closed may have 2 s to drain.
const LOOKS: u32 = 300;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::LocalModes;

    use super::super::opening::{Opening, close, drain};
    use super::*;

    /// A pseudo-terminal that nobody else has: the module's side, and the path of the port.
    fn pty() -> (std::os::fd::OwnedFd, String) {
        let module = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&module).unwrap();
        unlockpt(&module).unwrap();
        let path = ptsname(&module, Vec::new()).unwrap().into_string().unwrap();
        (module, path)
    }

    /// As root too.
    #[test]
    fn a_port_that_another_program_holds_for_itself_is_in_use_and_stays_its_own() {
        let (_module, path) = pty();
        let other = open_raw(&path).unwrap();
        assert!(open_raw(&path).is_ok(), "who shares it lets others in");
        let before = capabilities(None).unwrap();
        rustix::termios::ioctl_tiocexcl(&other).unwrap();
        for _ in 0..2 {
            // The first of them must not take the lock away.
            let error = Tty::open(&path, &SerialSettings::default()).unwrap_err();
            assert!(error.to_string().contains("is in use"), "{error}");
        }
        assert_eq!(capabilities(None).unwrap(), before);
    }

    /// Its driver would not set the adapter up, because the port is in use.
    #[test]
    #[cfg(feature = "blocking")]
    fn a_port_is_opened_when_this_process_has_closed_it() {
        struct Slow(Tty, Receiver<()>);
        impl Drop for Slow {
            fn drop(&mut self) {
                let _ = self.1.recv();
            }
        }
        let (_module, path) = pty();
        let open = Tty::open(&path, &SerialSettings::default()).unwrap();
        let (closed, closes) = channel();
        close(Slow(open, closes), Some(path.clone()), |slow| drain(&slow.0.port));
        let again = path.clone();
        let opening = Opening::begin(move || Tty::open(&again, &SerialSettings::default()));
        let opening = opening.unwrap();
        assert!(opening.wait(Duration::from_millis(5)).is_none());
        closed.send(()).unwrap();
        opening.wait(Duration::from_secs(60)).unwrap().unwrap();
        assert!(!is_closing(&path));
    }

    #[test]
    fn what_the_module_says_is_not_sent_back_to_it() {
        let (module, path) = pty();
        let echoes = || tcgetattr(&module).unwrap().local_modes.contains(LocalModes::ECHO);
        assert!(echoes());
        let _port = open_raw(&path).unwrap();
        assert!(!echoes());
    }

    #[test]
    fn a_rate_is_the_one_that_was_asked_for() {
        for (wanted, actual) in [(115_200, 115_200), (115_200, 115_384), (460_800, 461_538)] {
            assert!(is_rate(wanted, actual), "{wanted} {actual}");
        }
        for (wanted, actual) in [(115_200, 9_600), (460_800, 115_200), (9_600, 9_900), (9_600, 0)] {
            assert!(!is_rate(wanted, actual), "{wanted} {actual}");
        }
    }
}
