//! What the examples share: the module that `--port` names.

mod terminal;

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use m26_pay::at::profile::Profile;
use m26_pay::error::Error;
use m26_pay::serial::SerialHost;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty::{self, Running};

/// The name that stands for the built-in simulator in the place of a path.
pub(crate) const SIMULATOR: &str = "sim";

/// Where a module is, and the simulator behind it if there is one. The simulator serves until it
/// is dropped.
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) simulator: Option<Running<Modem>>,
}

#[allow(unused_imports, reason = "not every example opens its port again")]
pub(crate) use terminal::check;

/// The module at a path; or a simulated one, which is started on a pty.
pub(crate) fn find(port: &str, profile: &Profile) -> Result<Module, Error> {
    if port != SIMULATOR {
        let path = path_of(port)?;
        check(&path)?;
        return Ok(Module { path, simulator: None });
    }
    let simulator = pty::spawn(Modem::new(simulated(profile))).map_err(|source| Error::Io {
        doing: "the simulator gets no terminal from the system".into(),
        source,
    })?;
    let path = simulator.path().to_string_lossy().into_owned();
    Ok(Module { path, simulator: Some(simulator) })
}

/// A port as it is written on a command line: the empty name and half an adapter are wrong usage, before
/// anything is opened.
pub(crate) fn port(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("a port has a name, such as /dev/ttyUSB0".into());
    }
    match text.parse::<SerialHost>() {
        Ok(_) => Ok(text.into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Where the port is now that is named by a path, or by its adapter as `usb:VID:PID[:SERIAL]`.
pub(crate) fn path_of(port: &str) -> Result<String, Error> {
    let host = port.parse::<SerialHost>().map_err(|error| Error::Io {
        doing: error.to_string(),
        source: io::ErrorKind::InvalidInput.into(),
    })?;
    host.path()
}

/// A module with the manners that the profile expects, in the present.
fn simulated(profile: &Profile) -> ModemSettings {
    let settings =
        if profile.result_before_ok { ModemSettings::luat() } else { ModemSettings::default() };
    ModemSettings { clock: unix_time(), ..settings }
}

#[allow(clippy::disallowed_methods, reason = "the simulated module shows the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
