//! What can be written after `doctor`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct Doctor {
    /// Also start the Alipay SDK, ask for the bizTid and have a signature made. No money moves.
    #[arg(long = "try")]
    pub(crate) attempt: bool,
    /// Also look at this outbox.
    #[arg(long, value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,
    /// Write what was found and what passed on the line to a new file, to be mailed. Secrets and
    /// numbers of people are masked in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
}
