//! The connection to the module, and what is remembered of it.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use m26_pay::alipay::BizTid;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Client, SerialPort};
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::flows::Synchronise;
use m26_pay::serial::SerialSettings;
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty::Running;

use crate::args::Options;
use crate::common;
use crate::problem::Problem;
use crate::screen::note;

/// Where the module is and how it is spoken to.
pub(crate) struct Target {
    port: Option<String>,
    serial: SerialSettings,
    pub(crate) profile: Profile,
    timeout: Option<Duration>,
    record: Option<PathBuf>,
}

/// A module that answers.
pub(crate) struct Connection {
    pub(crate) client: Client<SerialPort>,
    /// The bizTid that the module gave last: a signature must name it.
    pub(crate) biz_tid: Option<BizTid>,
    /// The simulator lives as long as the connection.
    _simulator: Option<Running<Modem>>,
}

impl Target {
    pub(crate) fn new(options: Options) -> Self {
        let profile = options.profile.profile();
        let line_limit = options.line_limit.unwrap_or(profile.line_limit);
        Self {
            port: options.port,
            serial: SerialSettings { baud: options.baud },
            profile: Profile { line_limit, ..profile },
            timeout: options.timeout,
            record: options.record,
        }
    }

    pub(crate) fn is_simulator(&self) -> bool {
        self.port.as_deref().is_none_or(|port| port == common::SIMULATOR)
    }

    /// For a session: opens the port each time it is needed, and now for the first time. A simulated
    /// module will not do, and `why` not.
    pub(crate) fn host(
        &self,
        why: &str,
    ) -> Result<impl FnMut() -> Result<SerialPort, Error> + use<>, Problem> {
        let path = match &self.port {
            Some(path) if path != common::SIMULATOR => path.clone(),
            _ => return Err(Problem::invalid(format!("it needs the --port of a module: {why}"))),
        };
        if self.record.is_some() || self.timeout.is_some() {
            return Err(Problem::invalid("it goes without --record and --timeout"));
        }
        let serial = self.serial.clone();
        let mut first = Some(SerialPort::open(&path, &serial)?);
        Ok(move || first.take().map_or_else(|| SerialPort::open(&path, &serial), Ok))
    }

    /// Opens the port and waits until the module answers.
    pub(crate) fn connect(&self) -> Result<Connection, Problem> {
        let record = match &self.record {
            Some(path) => Some(File::create(path).map_err(|error| {
                Problem::io(&format!("the record {} cannot be written", path.display()), &error)
            })?),
            None => None,
        };
        if self.port.is_none() {
            note(&"no --port was given: this is a simulated module");
        }
        let port = self.port.as_deref().unwrap_or(common::SIMULATOR);
        let common::Module { path, simulator } = common::find(port, &self.profile)?;
        let port = SerialPort::open(&path, &self.serial)?;
        let mut client = Client::connect(port, Settings::new(self.profile.clone()));
        if let Some(file) = record {
            client.record(Record(file));
        }
        let mut calls = 0;
        client.run_with(Synchronise::default(), |progress| {
            // That the module is called is no news; that it does not answer is.
            calls += 1;
            if calls > 1 {
                note(&progress);
            }
        })?;
        client.set_timeout(self.timeout);
        Ok(Connection { client, biz_tid: None, _simulator: simulator })
    }
}

/// The file that the record goes to. The recording ends where it cannot be written, which the user
/// must know: the fault may not come a second time.
struct Record(File);

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(|error| {
            note(&format_args!("the record cannot be written any more: {error}"));
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
