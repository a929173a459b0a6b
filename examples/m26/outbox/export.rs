//! `outbox export`.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use m26_pay::outbox::{Id, ItemState, Outbox, Payment};

use super::args::Export;
use super::view::Viewer;
use super::{PAGE, START, view};
use crate::jobs::{Outcome, answer};
use crate::object::Object;
use crate::problem::Problem;

pub(super) fn export(args: &Export, viewer: &Viewer) -> Outcome {
    let outbox = view(&args.file.db)?;
    let Some(out) = &args.out else {
        let mut bytes = Vec::new();
        write(&outbox, viewer, &mut bytes).map_err(|failure| failure.problem("it"))?;
        let text = String::from_utf8_lossy(&bytes).trim_end().to_string();
        return answer(Object::new(), text);
    };
    if is_part_of(out, &args.file.db) {
        return Err(Problem::invalid(format!(
            "{} belongs to the outbox itself: name another file",
            out.display()
        )));
    }
    if out.exists() && !args.force {
        return Err(Problem::invalid(format!(
            "{} is there already: --force overwrites it",
            out.display()
        )));
    }
    let lines = save(&outbox, viewer, out)
        .map_err(|failure| failure.problem(&out.display().to_string()))?;
    let secrets = if viewer.shows_secrets() { "secrets included" } else { "without secrets" };
    let text = format!("{lines} lines in {}, {secrets}", out.display());
    answer(Object::new().with("out", out.to_string_lossy()).with("lines", lines), text)
}

/// Reads everything there is.
pub(super) fn read_all(outbox: &Outbox) -> Result<(), Problem> {
    let read = write(outbox, &Viewer::new(false), &mut io::sink());
    read.map(|_| ()).map_err(|failure| failure.problem("it"))
}

/// Why it could not be exported.
enum Failure {
    Outbox(m26_pay::outbox::OutboxError),
    File(io::Error),
}

impl Failure {
    fn problem(self, name: &str) -> Problem {
        match self {
            Self::Outbox(error) => error.into(),
            Self::File(error) => Problem::io(&format!("{name} cannot be written"), &error),
        }
    }
}

impl From<m26_pay::outbox::OutboxError> for Failure {
    fn from(error: m26_pay::outbox::OutboxError) -> Self {
        Self::Outbox(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// Writes the file whole, or leaves what was there.
fn save(outbox: &Outbox, viewer: &Viewer, out: &Path) -> Result<u64, Failure> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let saved = write_part(outbox, viewer, &part).and_then(|lines| {
        fs::rename(&part, out)?;
        Ok(lines)
    });
    if saved.is_err() {
        drop(fs::remove_file(&part));
    }
    saved
}

fn write_part(outbox: &Outbox, viewer: &Viewer, part: &Path) -> Result<u64, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = BufWriter::new(options.open(part)?);
    let lines = write(outbox, viewer, &mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(lines)
}

/// The summary, then every report, then every payment. How many lines that are.
fn write(outbox: &Outbox, viewer: &Viewer, to: &mut impl Write) -> Result<u64, Failure> {
    let kind = |kind: &str, object: &Object| Object::new().with("kind", kind).nest(kind, object);
    let summary = outbox.summary();
    let object = viewer
        .counts(&summary)
        .with("ram_only", summary.reports.ram_only)
        .with("dropped", summary.dropped)
        .nest("counters", &viewer.usage(&summary))
        .nest("payments", &viewer.payment_counts(&summary));
    writeln!(to, "{}", kind("summary", &object))?;
    let mut lines = 1;
    let mut after = START;
    loop {
        let page = outbox.list(&ItemState::ALL, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for report in &page {
            writeln!(to, "{}", kind("record", &viewer.report(report)))?;
            lines += 1;
        }
    }
    let mut after = Id::<Payment>::START;
    loop {
        let page = outbox.list(&ItemState::ALL, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for payment in &page {
            writeln!(to, "{}", kind("payment", &viewer.payment(payment)))?;
            lines += 1;
        }
    }
    Ok(lines)
}

/// Whether a file is the outbox, or what lies beside it.
fn is_part_of(out: &Path, db: &Path) -> bool {
    let (Ok(db), Some(name)) = (fs::canonicalize(db), out.file_name()) else { return true };
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let out = fs::canonicalize(out).or_else(|_| {
        fs::canonicalize(folder.unwrap_or(Path::new("."))).map(|folder| folder.join(name))
    });
    let Ok(out) = out else { return false };
    let (out, db) = (out.to_string_lossy(), db.to_string_lossy());
    out.strip_prefix(&*db).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
