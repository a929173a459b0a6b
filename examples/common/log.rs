//! The log of the library, on standard error.

use std::{env, io};

use tracing_subscriber::filter::LevelFilter;

/// Sets the level of the log: that of `M26_LOG`, or else this one.
pub(crate) fn to_stderr(otherwise: LevelFilter) {
    let level = env::var("M26_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(otherwise))
        .with_writer(io::stderr)
        .init();
}
