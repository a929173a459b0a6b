//! `outbox list`.

use m26_pay::alipay::Report;
use m26_pay::outbox::{Item, ItemState, Outbox, OutboxError, Summary};

use super::args::{List, State};
use super::view::{HEADING, Viewer};
use super::{START, view};
use crate::jobs::{Outcome, answer};

pub(super) fn list(args: &List, viewer: &Viewer) -> Outcome {
    let outbox = view(&args.file.db)?;
    // Whose last moment has passed is found out by looking, and counted after that.
    let expired = outbox.expired_payments()?;
    let summary = outbox.summary();
    let states: Vec<_> = match &args.state[..] {
        [] => ItemState::ALL.to_vec(),
        some => some.iter().flat_map(|state: &State| state.covers()).copied().collect(),
    };
    let reports = select(&outbox, &states, args.limit)?;
    let all: u64 = ItemState::ALL
        .iter()
        .filter(|state| states.contains(state))
        .map(|state| summary.reports.of(*state))
        .sum();
    let more = all.saturating_sub(reports.len() as u64);

    let objects: Vec<_> = reports.iter().map(|report| viewer.report(report)).collect();
    let overdue: Vec<_> = expired.iter().map(|payment| viewer.payment(payment)).collect();
    let object = viewer
        .counts(&summary)
        .list("records", &objects)
        .with("more", more)
        .with("ram_only", summary.reports.ram_only)
        .with("dropped", summary.dropped)
        .nest("counters", &viewer.usage(&summary))
        .nest("payments", &viewer.payment_counts(&summary).list("past_last_moment", &overdue));

    let mut lines = vec![headline(&summary)];
    if !reports.is_empty() {
        lines.push(HEADING.into());
        lines.extend(reports.iter().map(|report| viewer.row(report)));
    }
    if more > 0 {
        lines.push(format!("        and {more} more: --limit and --state show others"));
    }
    if summary.reports.parked + summary.reports.rejected > 0 {
        lines.push(ASIDE.into());
    }
    if summary.dropped > 0 {
        lines.push(format!("given up because of a limit, ever: {}", summary.dropped));
    }
    lines.extend(usage(&summary, viewer));
    lines.extend(payments(&summary));
    if !expired.is_empty() {
        lines.push("past their last moment, and not uploaded any more:".into());
        lines.extend(expired.iter().map(|payment| viewer.payment_row(payment)));
    }
    answer(object, lines.join("\n"))
}

/// What is not held first, and of what is held the newest; in the order of their numbers.
fn select(
    outbox: &Outbox,
    states: &[ItemState],
    limit: usize,
) -> Result<Vec<Item<Report>>, OutboxError> {
    let (held, open): (Vec<_>, Vec<_>) = states.iter().partition(|state| state.is_held());
    let mut reports = outbox.list(&open, START, limit)?;
    reports.extend(outbox.newest(&held, limit - reports.len())?);
    reports.sort_unstable_by_key(|report| report.id);
    Ok(reports)
}

fn headline(summary: &Summary) -> String {
    let counts = summary.reports;
    let ram_only = match counts.ram_only {
        0 => String::new(),
        count => format!(" ({count} of them in memory alone)"),
    };
    format!(
        "pending {}, held by the module {}{ram_only}, parked {}, rejected {}",
        counts.due() + counts.announced + counts.ordered,
        counts.held + counts.ram_only,
        counts.parked,
        counts.rejected,
    )
}

fn usage(summary: &Summary, viewer: &Viewer) -> Option<String> {
    let usage = &summary.usage;
    if usage.unreported.is_zero() && usage.last.is_none() {
        return None;
    }
    let last = match viewer.answer(usage.last) {
        text if text.is_empty() => "not reported yet".to_string(),
        text => format!("last report: {text}"),
    };
    let (broadcasts, scans) = (usage.unreported.broadcasts, usage.unreported.scans);
    Some(format!("usage to be reported: {broadcasts} broadcasts, {scans} scans; {last}"))
}

fn payments(summary: &Summary) -> Option<String> {
    let counts = summary.payments;
    if counts.all() == 0 {
        return None;
    }
    Some(format!(
        "campus payments: waiting {}, parked {}, refused {}, past their last moment {}, uploaded {}",
        counts.due() + counts.announced,
        counts.parked,
        counts.rejected,
        counts.expired,
        counts.held,
    ))
}

const ASIDE: &str = "what is parked or rejected stays until `outbox retry` has it sent again";
