//! The host of a session: it opens the port, and may restart the module with a function of the program.

use std::ffi::c_void;
use std::io;
use std::time::Duration;

use m26_pay::blocking::{Host, SerialPort};
use m26_pay::error::Error;
use m26_pay::serial::SerialHost;
use m26_pay::session::HostRestart;

use super::m26pay_restart_host;

pub(crate) struct TerminalHost {
    serial: SerialHost,
    restart: m26pay_restart_host,
    user: *mut c_void,
}

// SAFETY: `user` is never followed here, only handed to the function that it belongs to, of which the header
// says that another thread calls it.
unsafe impl Send for TerminalHost {}

impl TerminalHost {
    /// # Safety
    /// `restart` may be called with `user`, from any thread.
    pub(crate) unsafe fn new(
        serial: SerialHost,
        restart: m26pay_restart_host,
        user: *mut c_void,
    ) -> Self {
        Self { serial, restart, user }
    }
}

impl Host for TerminalHost {
    type Port = SerialPort;

    fn open(&mut self, within: Duration) -> Option<Result<SerialPort, Error>> {
        self.serial.open(within)
    }

    fn restart(&mut self) -> Result<HostRestart, Error> {
        let Some(restart) = self.restart else { return Ok(HostRestart::NotPossible) };
        // SAFETY: `new` asks it of the caller.
        match unsafe { restart(self.user) } {
            0 => Ok(HostRestart::NotPossible),
            1 => Ok(HostRestart::Done),
            code => Err(Error::Io {
                doing: format!("restart_host returned {code}"),
                source: io::ErrorKind::Other.into(),
            }),
        }
    }
}
