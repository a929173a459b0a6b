//! The connection to the module, and what is remembered of it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use m26_pay::alipay::{BizTid, Sign, SignedData};
use m26_pay::at::command::Command;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Client, Host, SerialPort, SessionHandle};
use m26_pay::engine::{Certainty, EarlierProgram, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::{Signing, Synchronise};
use m26_pay::m26::ReadIdentity;
use m26_pay::serial::{SerialHost, SerialSettings};
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty::Running;
use m26_pay::transcript::{RecordingFile, RecordingHeader};

use crate::again;
use crate::args::Options;
use crate::common;
use crate::problem::Problem;
use crate::screen::{self, note};
use crate::session;
use crate::wall::wall;

/// Where the module is and how it is spoken to.
pub(crate) struct Target {
    port: Option<String>,
    serial: SerialSettings,
    pub(crate) profile: Profile,
    timeout: Option<Duration>,
    /// What is known of an earlier program, if anything is.
    pub(crate) earlier: Option<EarlierProgram>,
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

/// What carries out a command.
pub(crate) enum Module<'a> {
    /// A client of the tool's.
    Client(&'a mut Connection),
    /// A session, which names the bizTid by itself. A command waits so long until it is ready.
    Session(&'a SessionHandle, Duration),
}

/// Opens the port of a module, each time a session needs it.
pub(crate) struct Opener {
    /// The port that was opened to see whether there is one.
    first: Option<SerialPort>,
    /// Opens it again, without keeping the clients of the session if the adapter hangs.
    again: SerialHost,
}

impl Host for Opener {
    type Port = SerialPort;

    fn open(&mut self, within: Duration) -> Option<Result<SerialPort, Error>> {
        match self.first.take() {
            Some(port) => Some(Ok(port)),
            None => self.again.open(within),
        }
    }
}

impl Target {
    pub(crate) fn new(options: Options) -> Self {
        let profile = options.profile.profile();
        let earlier = match options.port.as_deref() {
            // Nobody was at a simulated module before.
            Some(common::SIMULATOR) => Some(EarlierProgram::Ended),
            _ => options.earlier,
        };
        let line_limit = options.line_limit.unwrap_or(profile.line_limit);
        Self {
            port: options.port,
            serial: SerialSettings { baud: options.baud },
            profile: Profile { line_limit, ..profile },
            timeout: options.timeout,
            earlier,
            record: options.record,
        }
    }

    pub(crate) fn is_simulator(&self) -> bool {
        self.port.as_deref() == Some(common::SIMULATOR)
    }

    /// What a single command takes for known of an earlier program: a person who types the next command
    /// waits for the longest answer that the documents allow, and not for what they do not.
    pub(crate) fn earlier(&self) -> EarlierProgram {
        self.earlier.unwrap_or(EarlierProgram::Within(ANSWERED))
    }

    /// How long a command may take, if the user says so.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn baud(&self) -> u32 {
        self.serial.baud
    }

    /// Where the module is. Nothing is known of it yet. The simulator, if it is one, lives as long as
    /// what is given out.
    pub(crate) fn place(&self) -> Result<common::Module, Problem> {
        match self.port.as_deref() {
            Some(port) if port != common::SIMULATOR => {
                // Where there is none, whoever opens it says so.
                let path = common::path_of(port).unwrap_or_else(|_| port.into());
                Ok(common::Module { path, simulator: None })
            }
            _ => self.find(),
        }
    }

    /// For a session: opens the port each time it is needed, and now for the first time. The
    /// simulator, if it is one, lives as long as what is given out.
    pub(crate) fn host(&self) -> Result<(Opener, Option<Running<Modem>>), Problem> {
        if self.timeout.is_some() {
            return Err(Problem::invalid("a session goes without --timeout"));
        }
        let common::Module { path, simulator } = self.find()?;
        let port = match &simulator {
            Some(_) => path.clone(),
            None => self.port.clone().unwrap_or_default(),
        };
        let serial = self.serial.clone();
        let made = again::made(&path);
        let first = Some(SerialPort::open(&path, &serial)?);
        let again = SerialHost::found_by(move || {
            let path = common::path_of(&port)?;
            // The path may lead to something else by now.
            again::check_again(&path, made)?;
            Ok(path)
        });
        Ok((Opener { first, again: again.settings(serial) }, simulator))
    }

    /// What reports are given to must be a module, and not a simulated one.
    pub(crate) fn must_be_real(&self) -> Result<(), Problem> {
        if self.is_simulator() {
            return Err(Problem::invalid(
                "it needs the --port of a module: a simulated module would take the reports and \
                 forget them",
            ));
        }
        Ok(())
    }

    /// The file for what passes on the line, if it is to be recorded.
    pub(crate) fn record(&self) -> Result<Option<Record>, Problem> {
        let Some(path) = &self.record else { return Ok(None) };
        let header = RecordingHeader::new(wall())
            .port(self.port.as_deref().unwrap_or(common::SIMULATOR))
            .rate(self.serial.baud)
            .profile(&self.profile.name);
        let file = RecordingFile::open(path, &header).map_err(|error| {
            Problem::new(ErrorKind::Io, Certainty::NotSent, format!("--record: {error}"))
        })?;
        Ok(Some(Record(file)))
    }

    fn find(&self) -> Result<common::Module, Problem> {
        let port = self.port.as_deref().ok_or_else(|| Problem::invalid(NO_PORT))?;
        Ok(common::find(port, &self.profile)?)
    }

    /// Opens the port. Nobody may be there.
    pub(crate) fn open(&self) -> Result<(Client<SerialPort>, Option<Running<Modem>>), Problem> {
        let record = self.record()?;
        let common::Module { path, simulator } = self.find()?;
        let port = SerialPort::open(&path, &self.serial)?;
        let settings = Settings { earlier: self.earlier(), ..Settings::new(self.profile.clone()) };
        let mut client = Client::connect(port, settings);
        if let Some(record) = record {
            client.record(record);
        }
        Ok((client, simulator))
    }

    /// When the terminal was made that the port is, if it is a pseudo-terminal.
    pub(crate) fn made(&self) -> Option<again::Made> {
        self.port.as_deref().and_then(again::made)
    }

    /// Opens the port that was lost, if it is the one that it was.
    pub(crate) fn open_again(
        &self,
        made: Option<again::Made>,
    ) -> Result<(Client<SerialPort>, Option<Running<Modem>>), Problem> {
        if let Some(path) = self.port.as_deref() {
            again::check_again(path, made)?;
        }
        self.open()
    }

    /// Opens the port and waits until the module answers.
    pub(crate) fn connect(&self) -> Result<Connection, Problem> {
        let (mut client, simulator) = self.open()?;
        let recording = self.record.is_some();
        let mut calls = 0;
        client.run_with(Synchronise::default(), |progress| {
            // That the module is called is no news; that it does not answer is.
            calls += 1;
            if calls > 1 {
                screen::progress(&progress);
            }
        })?;
        client.set_timeout(self.timeout);
        if recording {
            // So that the recording says which firmware it is of. What is asked for tells any fault.
            drop(client.send(&ReadIdentity));
        }
        Ok(Connection { client, biz_tid: None, _simulator: simulator })
    }
}

impl Module<'_> {
    pub(crate) fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        match self {
            Self::Client(connection) => connection.client.send(command),
            Self::Session(session, patience) => session
                .send_within(command, *patience)
                .map_err(|error| session::advise(error, session.state())),
        }
    }

    /// Signs, whatever became of the signature before.
    pub(crate) fn sign(&mut self, sign: Sign) -> Result<SignedData, Error> {
        match self {
            Self::Client(connection) => connection.client.run(Signing::new(sign)),
            Self::Session(..) => self.send(&sign),
        }
    }

    /// The bizTid for a signature that does not get it by itself.
    pub(crate) fn biz_tid(&self) -> Option<BizTid> {
        match self {
            Self::Client(connection) => connection.biz_tid.clone(),
            Self::Session(..) => None,
        }
    }

    /// The bizTid that the module gave, or that it is not known any more.
    pub(crate) fn remember(&mut self, biz_tid: Option<BizTid>) {
        if let Self::Client(connection) = self {
            connection.biz_tid = biz_tid;
        }
    }
}

/// The file that the record goes to. The recording ends where it cannot be written, which the user
/// must know: the fault may not come a second time.
pub(crate) struct Record(RecordingFile);

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

/// What to do about a port that is not named.
pub(crate) const NO_PORT: &str = "--port is missing: name the serial port of the module, which \
                                  `m26 ports` lists, or `--port sim` for a simulated module";

/// A result may take 30 s (V1.0, 3.6 and 3.7), and the rest is for the line and for a slow module.
const ANSWERED: Duration = Duration::from_secs(40);
