//! `outbox backup`.

use m26_pay::engine::Certainty;
use m26_pay::outbox::SqliteStore;

use super::args::Backup;
use super::{find, kind, view};
use crate::jobs::{Outcome, answer};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::printable;

pub(super) fn back_up(args: &Backup) -> Outcome {
    find(&args.file.db)?;
    let to = args.to.display().to_string();
    SqliteStore::back_up(&args.file.db, &args.to).map_err(|error| {
        Problem::new(kind(&error), Certainty::NotSent, format!("no backup {to} was made: {error}"))
    })?;
    // What was copied is what is told.
    let reports = view(&args.to)?.summary().reports;
    let (all, pending) = (reports.all(), reports.due());
    let text = format!(
        "{} is whole by itself: {all} reports, {pending} of them pending; it holds customers' codes",
        printable(&to)
    );
    answer(Object::new().with("out", to).with("reports", all).with("pending", pending), text)
}
