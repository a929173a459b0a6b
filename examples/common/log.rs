//! What the library tells, on standard error.

use std::{env, io};

use tracing_subscriber::filter::LevelFilter;

/// Has the library log as much as `M26_LOG` asks for, or as much as this.
pub(crate) fn to_stderr(otherwise: LevelFilter) {
    let level = env::var("M26_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(otherwise))
        .with_writer(io::stderr)
        .init();
}
