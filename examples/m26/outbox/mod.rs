//! `outbox`: what a till has still to report.
//!
//! What is only looked at is a copy in memory, so that the till can go on. To change something, the
//! tool opens the file, and while it has it open the till cannot, and the other way round. Either
//! settles what the last program left: what was being sent, or announced, is pending again. So the
//! tool never sees a report in one of those states, and counts them as pending.

pub(crate) mod args;
mod backup;
mod drain;
mod export;
mod list;
mod retry;
mod view;

use std::fs;
use std::path::Path;

use m26_pay::alipay::Report;
use m26_pay::at::profile::Profile;
use m26_pay::engine::Certainty;
use m26_pay::error::ErrorKind;
use m26_pay::outbox::{Id, Kind, Outbox, OutboxError, OutboxPolicy, SqliteStore, StoreError};

use crate::jobs::{Job, Outcome, answer, sdk};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::printable;
use view::Viewer;

pub(crate) use drain::drain;

/// Checks a command.
pub(crate) fn prepare(
    command: args::Outbox,
    profile: &Profile,
    show_secrets: bool,
    json: bool,
) -> Result<Job, Problem> {
    let viewer = Viewer::new(show_secrets);
    Ok(match command {
        args::Outbox::Append(args) => {
            let report = sdk::checked_report(args.report, profile)?;
            alone(move || append(&args.file.db, &report))
        }
        args::Outbox::List(args) => alone(move || list::list(&args, &viewer)),
        args::Outbox::Show(args) => alone(move || show(&args, &viewer)),
        args::Outbox::Retry(args) => alone(move || retry::retry(&args)),
        args::Outbox::Drain(args) => Job::Drain(args),
        args::Outbox::Export(args) => {
            if json && args.out.is_none() {
                return Err(Problem::invalid(
                    "with --json standard output is for the answer: name a file with --out",
                ));
            }
            alone(move || export::export(&args, &viewer))
        }
        args::Outbox::Backup(args) => alone(move || backup::back_up(&args)),
        args::Outbox::SetAside(args) => alone(move || set_aside(&args.db)),
    })
}

fn alone(job: impl FnOnce() -> Outcome + 'static) -> Job {
    Job::Alone(Box::new(job))
}

/// Opens an outbox that is there.
fn open(path: &Path) -> Result<Outbox, Problem> {
    find(path)?;
    Ok(Outbox::open(path, OutboxPolicy::default())?)
}

/// A copy in memory of an outbox that is there, also while a till has it open.
pub(crate) fn view(path: &Path) -> Result<Outbox, Problem> {
    find(path)?;
    Ok(Outbox::view(path, OutboxPolicy::default())?)
}

/// Makes sure that there is an outbox. The file is not opened for that: where this program has it
/// open already, to close it would end its lock (POSIX, close()).
fn find(path: &Path) -> Result<(), Problem> {
    // The library would make a new one. Its log alone is a damage that it tells.
    let log = path.with_file_name(match path.file_name() {
        Some(name) => format!("{}-wal", name.to_string_lossy()),
        None => return Err(missing(path)),
    });
    match fs::metadata(path) {
        Ok(file) if !file.is_file() => {
            Err(Problem::invalid(format!("{} is no file", path.display())))
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Problem::io(&format!("the outbox {} cannot be read", path.display()), &error))
        }
        Err(_) if !log.exists() => Err(missing(path)),
        _ => Ok(()),
    }
}

fn missing(path: &Path) -> Problem {
    let message = format!(
        "there is no outbox {}, and none was made: name the file that the till was given",
        path.display()
    );
    Problem::new(ErrorKind::Io, Certainty::NotSent, message)
}

/// Adds a report, to a new outbox if there is none.
fn append(path: &Path, report: &Report) -> Outcome {
    let appended =
        Outbox::open(path, OutboxPolicy::default()).and_then(|outbox| outbox.append(report));
    let id = appended.map_err(|error| match &error {
        // The till has it, as a rule, and nothing is wrong with it.
        OutboxError::Open { source: StoreError::InUse, .. } => {
            Problem::new(ErrorKind::Io, Certainty::NotSent, format!("{error}; nothing was added"))
        }
        _ => error.into(),
    })?;
    let text =
        format!("the report is on disk, its number is {id}: a till or `outbox drain` sends it");
    answer(Object::new().with("id", id.get()), text)
}

fn show(args: &args::Show, viewer: &Viewer) -> Outcome {
    let report = view(&args.file.db)?.get(args.id)?.ok_or_else(|| missing_report(args.id))?;
    answer(viewer.report(&report), viewer.describe(&report))
}

fn set_aside(path: &Path) -> Outcome {
    // What the module holds is not read when a file is opened.
    let read = open(path).and_then(|outbox| export::read_all(&outbox));
    match read {
        Err(problem) if problem.kind() == ErrorKind::Malformed => {}
        Err(problem) => return Err(problem),
        Ok(()) => {
            return Err(Problem::invalid(format!(
                "{} is not damaged: it stays where it is",
                path.display()
            )));
        }
    }
    let aside = SqliteStore::set_aside(path)
        .map_err(|error| Problem::new(kind(&error), Certainty::NotSent, error.to_string()))?;
    let aside = aside.to_string_lossy();
    let text = format!(
        "it is {} now, with what belongs to it: keep it for support; the till begins a new one",
        printable(&aside)
    );
    answer(Object::new().with("set_aside", &*aside), text)
}

/// There is no such report.
fn missing_report(id: Id<Report>) -> OutboxError {
    OutboxError::Missing { what: <Report as Kind>::NAME, number: id.get() }
}

impl From<OutboxError> for Problem {
    fn from(error: OutboxError) -> Self {
        let kind = match &error {
            OutboxError::Draining => ErrorKind::Busy,
            OutboxError::NotSafe { source, .. }
            | OutboxError::Open { source, .. }
            | OutboxError::Store(source) => kind(source),
            _ => ErrorKind::Invalid,
        };
        let advice = match (&error, kind) {
            (OutboxError::Missing { .. }, _) => "; `outbox list` shows those that are there",
            (OutboxError::State { .. }, _) => {
                "; only what is parked or rejected can be sent again by hand"
            }
            (_, ErrorKind::Malformed) => "; `outbox set-aside` does both",
            _ => "",
        };
        Self::new(kind, Certainty::NotSent, format!("{error}{advice}")).advised(error.advice())
    }
}

fn kind(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::Damaged { .. } => ErrorKind::Malformed,
        StoreError::InUse => ErrorKind::Busy,
        StoreError::Newer { .. } | StoreError::NotOurs { .. } => ErrorKind::Mismatch,
        _ => ErrorKind::Io,
    }
}

/// How many rows are read at once.
const PAGE: usize = 1000;

/// Before the first.
const START: Id<Report> = Id::START;
