//! The journal that the options name, and this program's name in it.

use std::fs;
use std::path::Path;
use std::process;
use std::sync::Arc;

use m26_pay::gateway::journal::{Holder, Journal, MemoryJournal};
#[cfg(feature = "postgres")]
use m26_pay::gateway::journal::{PostgresJournal, PostgresSettings};
use m26_pay::outbox::OutboxJournal;
#[cfg(feature = "postgres")]
use m26_pay::secret::Secret;

use crate::args::Options;
#[cfg(feature = "postgres")]
use crate::files;
use crate::problem::Problem;
use crate::screen::note;

pub(crate) type Book = Arc<dyn Journal>;

/// The journal that the options name.
pub(crate) fn journal(options: &Options) -> Result<Book, Problem> {
    let Some(path) = &options.journal else { return Err(Problem::usage(NO_JOURNAL)) };
    if path.as_os_str() == "memory" {
        return Ok(Arc::new(MemoryJournal::new()));
    }
    if let Some(url) = server(path) {
        return on_server(url, options);
    }
    let is_new = !path.exists();
    // There is no module here that could send the reports of trades.
    let journal = OutboxJournal::open_without_reports(path)?;
    if is_new {
        // A wrong name would say that nothing is open.
        note(&format_args!("{} is a new journal: there was none", path.display()));
    }
    Ok(Arc::new(journal))
}

/// This program, in its journal. In a file, which it has for itself, the name stays the same, so that
/// it gets its own orders back at once. On a server nobody else may have it.
pub(crate) fn holder(options: &Options) -> Holder {
    match (&options.holder, options.journal.as_deref().and_then(server)) {
        (Some(name), _) => Holder::new(name),
        (None, None) => Holder::new("pay"),
        (None, Some(_)) => {
            let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
            Holder::new(&format!("pay@{}/{}", host.trim(), process::id()))
        }
    }
}

/// The address of a server, if it is one.
fn server(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.contains("://"))
}

#[cfg(feature = "postgres")]
fn on_server(url: &str, options: &Options) -> Result<Book, Problem> {
    let invalid = |error| Problem::usage(format_args!("--journal: {error}"));
    let mut settings = PostgresSettings::new(url).map_err(invalid)?;
    if let (false, Ok(password)) = (settings.has_password(), std::env::var("PGPASSWORD")) {
        settings = settings.password(&Secret::new(password));
    }
    if let Some(path) = &options.journal_ca {
        let pem = files::read("--journal-ca", path)?;
        let name = path.display();
        settings = settings
            .root_certificates(&pem)
            .map_err(|error| Problem::usage(format_args!("--journal-ca {name}: {error}")))?;
    }
    Ok(Arc::new(PostgresJournal::open(settings)?))
}

#[cfg(not(feature = "postgres"))]
fn on_server(_: &str, _: &Options) -> Result<Book, Problem> {
    Err(Problem::usage(NO_SERVER))
}

const NO_JOURNAL: &str = "--journal is missing: give a file that keeps what is not settled yet, or \
                          `memory` if a power cut may forget it";

#[cfg(not(feature = "postgres"))]
const NO_SERVER: &str = "--journal takes a FILE or `memory`: this program was built without the \
                         feature `postgres`";
