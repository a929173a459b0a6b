//! What can be written after `outbox`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use m26_pay::alipay;
use m26_pay::outbox::{Id, ItemState};

use crate::args;
use crate::choices::timeout;

#[derive(Subcommand)]
pub(crate) enum Outbox {
    /// How many reports there are and where they stand, the usage and the campus payments.
    ///
    /// What the module does not hold comes first where there is more than --limit, then the newest
    /// of what it holds. A report that is being sent is pending. The till may go on meanwhile.
    List(List),
    /// Add a report, which a till or `outbox drain` sends.
    ///
    /// The outbox is made if there is none. The report is on disk when the number is printed.
    Append(Append),
    /// Everything that is known of one report.
    Show(Show),
    /// Have reports sent again that were parked or rejected.
    ///
    /// Nothing is sent by this: the till does it when it runs next, or `outbox drain` now.
    Retry(Retry),
    /// Send what is pending to the module, and tell how far it is.
    ///
    /// The SDK is opened if it is not, and stays open. Ctrl-C ends it; what was not sent stays.
    Drain(Drain),
    /// Write everything as one JSON object a line, for support.
    Export(Export),
    /// Copy the outbox to a new file, which is whole by itself. The till may go on meanwhile.
    ///
    /// While a till runs, and after a power cut, an outbox is two files, such as till.db and
    /// till.db-wal: neither is whole without the other.
    Backup(Backup),
    /// Rename a damaged outbox, so that a till can begin a new one under its name.
    SetAside(File),
}

#[derive(Args)]
pub(crate) struct File {
    /// The outbox: the file that the till was given.
    #[arg(long, value_name = "PATH")]
    pub(crate) db: PathBuf,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) file: File,
    /// Only reports in these states, commas between them.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) state: Vec<State>,
    /// At most so many reports.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true)]
    pub(crate) limit: usize,
}

#[derive(Args)]
pub(crate) struct Append {
    #[command(flatten)]
    pub(crate) file: File,
    #[command(flatten)]
    pub(crate) report: args::Report,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The number of the report, as `list` shows it.
    #[arg(allow_negative_numbers = true)]
    pub(crate) id: Id<alipay::Report>,
    #[command(flatten)]
    pub(crate) file: File,
}

#[derive(Args)]
pub(crate) struct Retry {
    /// The numbers of the reports.
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    #[arg(allow_negative_numbers = true)]
    pub(crate) ids: Vec<Id<alipay::Report>>,
    #[command(flatten)]
    pub(crate) file: File,
    /// All that are parked or rejected.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct Drain {
    #[command(flatten)]
    pub(crate) file: File,
    /// Stop after so long, if something is pending still.
    #[arg(long, value_name = "SECONDS", value_parser = timeout, allow_negative_numbers = true)]
    pub(crate) patience: Option<Duration>,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) file: File,
    /// Write to this file, which only its owner can read then.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite that file.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Args)]
pub(crate) struct Backup {
    /// The new file, which only its owner can read.
    #[arg(value_name = "FILE")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) file: File,
}

/// Where a report stands.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum State {
    /// It waits to be sent.
    Pending,
    /// The module holds it.
    Held,
    /// The module holds it in memory alone.
    RamOnly,
    /// It failed for too long and stepped aside.
    Parked,
    /// The module found fault with it.
    Rejected,
}

impl Outbox {
    /// The command's name, as it is written.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Append(_) => "outbox append",
            Self::List(_) => "outbox list",
            Self::Show(_) => "outbox show",
            Self::Retry(_) => "outbox retry",
            Self::Drain(_) => "outbox drain",
            Self::Export(_) => "outbox export",
            Self::Backup(_) => "outbox backup",
            Self::SetAside(_) => "outbox set-aside",
        }
    }
}

impl State {
    /// The states that it stands for. As for the counts, what is held in memory alone is held.
    pub(crate) fn covers(self) -> &'static [ItemState] {
        match self {
            Self::Pending => {
                &[ItemState::Pending, ItemState::Sending, ItemState::Announced, ItemState::Ordered]
            }
            Self::Held => &[ItemState::Held, ItemState::RamOnly],
            Self::RamOnly => &[ItemState::RamOnly],
            Self::Parked => &[ItemState::Parked],
            Self::Rejected => &[ItemState::Rejected],
        }
    }
}
