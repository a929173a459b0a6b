//! The line to the module: a serial port, or a simulated module on a pseudo-terminal.

use std::io;

use m26_pay::blocking::{SerialPort, SerialSettings};
use m26_pay::error::Error;
use m26_pay::profile::{Profile, Quoting};
use m26_pay::sim::modem::{Modem, Settings, Start};
use m26_pay::sim::pty::{self, Running};

use crate::till;

/// The port that is none.
pub const SIMULATED: &str = "sim";

/// Opens the port. The simulated module goes when the second value is dropped.
pub fn open(
    port: &str,
    baud: u32,
    profile: &Profile,
) -> Result<(SerialPort, Option<Running<Modem>>), Error> {
    let settings = SerialSettings { baud };
    if port != SIMULATED {
        till::print(&format!("A till with the module at {port} (profile {}).", profile.name));
        return Ok((SerialPort::open(port, &settings)?, None));
    }
    let simulation = pty::spawn(Modem::new(simulated(profile))).map_err(no_terminal)?;
    let path = simulation.path();
    till::print(&format!(
        "A till with a simulated module at {} (profile {}).",
        path.display(),
        profile.name
    ));
    let path = path.to_str().ok_or_else(|| no_terminal(io::ErrorKind::InvalidData.into()))?;
    Ok((SerialPort::open(path, &settings)?, Some(simulation)))
}

/// A module that was switched on just now.
fn simulated(profile: &Profile) -> Settings {
    let settings = match profile.quoting {
        Quoting::Quoted => Settings::default(),
        Quoting::Bare => Settings::luat(),
    };
    Settings { start: Start::Booting, ..settings }
}

fn no_terminal(source: io::Error) -> Error {
    Error::Io { doing: "no pseudo-terminal for the simulated module".into(), source }
}
