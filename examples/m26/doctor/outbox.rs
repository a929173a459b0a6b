//! The outbox, if one is named.

use std::path::Path;

use m26_pay::error::ErrorKind;

use super::findings::{Findings, Step};
use crate::outbox::view;

/// Looks at the outbox; the till may have it open.
pub(super) fn examine(findings: &mut Findings, path: Option<&Path>) {
    let Some(path) = path else {
        return findings.not_tried(Step::Outbox, "only with --db");
    };
    let summary = match view(path) {
        Ok(outbox) => outbox.summary(),
        Err(problem) => {
            let remedy = match problem.kind() {
                ErrorKind::Malformed => {
                    "keep both files, till.db and till.db-wal, for support, and let the till begin a \
                     new one: `m26 outbox set-aside`"
                }
                ErrorKind::Busy => "try again",
                _ => "name the file that the till was given",
            };
            return findings.failed(Step::Outbox, problem.message(), remedy);
        }
    };
    let reports = summary.reports;
    let aside = reports.parked + reports.rejected;
    let found = format!(
        "{} pending, {} held by the module, {aside} stepped aside",
        reports.due() + reports.announced + reports.ordered,
        reports.held + reports.ram_only
    );
    match aside {
        0 => findings.well(Step::Outbox, found),
        _ => findings.failed(
            Step::Outbox,
            found,
            "see why with `m26 outbox list --state parked,rejected`, then `m26 outbox retry`",
        ),
    }
}
