//! What can be written after `session`, and on its lines.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use m26_pay::session;

use crate::args::{BringUp, Command, Report};
use crate::choices::seconds;

#[derive(Args)]
pub(crate) struct Session {
    /// The commands: a file, or `-` for standard input [default: -, with --listen none]. A last line of
    /// standard input that has no line end may be cut short and is not carried out.
    #[arg(value_name = "FILE|-")]
    pub(crate) file: Option<PathBuf>,
    /// Take commands over a Unix socket as well, one a line, from many clients at a time. It is made
    /// here, for the user alone who runs this. Each client gets the answers to its own commands and all
    /// events, one JSON object a line. Without FILE the session goes on until `shut-down` or a signal.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) listen: Option<PathBuf>,
    /// The outbox, made if there is none. What is in it is sent whenever nothing else is to do.
    #[arg(long, value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bring_up: BringUp,
    /// How the module may be restarted where nothing else helps.
    #[arg(long, value_enum, default_value = "reset")]
    pub(crate) restart: Restart,
    /// How long a command waits until the module is ready.
    // Not specified; chosen because a restart, the network and the SDK take half a minute.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    #[arg(allow_negative_numbers = true)]
    pub(crate) patience: Duration,
}

/// How the module may be restarted.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Restart {
    /// By a command that restarts a module which stays powered.
    Reset,
    /// By switching it off, on a board that switches it on again by itself.
    PowerOff,
    /// Not at all.
    Never,
}

/// What a line of a session can be.
#[derive(Subcommand)]
pub(crate) enum Step {
    /// Wait until payments can be signed. After the session has given up it tries again.
    WaitReady {
        /// How long at most, in seconds.
        #[arg(value_parser = seconds, allow_negative_numbers = true)]
        time: Duration,
    },
    /// How the session, the module and the outbox are.
    Status,
    /// Let time pass.
    Sleep {
        /// How many seconds.
        #[arg(value_parser = seconds, allow_negative_numbers = true)]
        time: Duration,
    },
    /// Add a report to the outbox, from which it is sent when the module takes it.
    Append(Report),
    /// Close the Alipay SDK in order.
    ShutDown {
        /// Then switch the module off.
        #[arg(long)]
        power_off: bool,
    },
    #[command(flatten)]
    Command(Command),
}

impl From<Restart> for session::Restart {
    fn from(restart: Restart) -> Self {
        match restart {
            Restart::Reset => Self::Reset,
            Restart::PowerOff => Self::PowerOff,
            Restart::Never => Self::Never,
        }
    }
}

impl Step {
    /// Its name, as it is written.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::WaitReady { .. } => "wait-ready",
            Self::Status => "status",
            Self::Sleep { .. } => "sleep",
            Self::Append(_) => "append",
            Self::ShutDown { .. } => "shut-down",
            Self::Command(command) => command.name(),
        }
    }
}
