//! `outbox list`.

use m26_pay::outbox::{Error, Outbox, Record, RecordState, Summary};

use super::args::{List, State};
use super::view::{HEADING, Viewer};
use super::{START, open};
use crate::jobs::{Outcome, answer};

pub(super) fn list(args: &List, viewer: &Viewer) -> Outcome {
    let outbox = open(&args.file.db)?;
    // Whose last moment has passed is found out by looking, and counted after that.
    let expired = outbox.expired_payments()?;
    let summary = outbox.summary();
    let states: Vec<_> = match &args.state[..] {
        [] => RecordState::ALL.to_vec(),
        some => some.iter().flat_map(|state: &State| state.covers()).copied().collect(),
    };
    let records = select(&outbox, &states, args.limit)?;
    let all: u64 = RecordState::ALL
        .iter()
        .filter(|state| states.contains(state))
        .map(|state| summary.counts.of(*state))
        .sum();
    let more = all.saturating_sub(records.len() as u64);

    let objects: Vec<_> = records.iter().map(|record| viewer.record(record)).collect();
    let overdue: Vec<_> = expired.iter().map(|payment| viewer.payment(payment)).collect();
    let object = viewer
        .counts(&summary)
        .list("records", &objects)
        .with("more", more)
        .with("ram_only", summary.counts.ram_only)
        .with("dropped", summary.dropped)
        .nest("counters", &viewer.counters(&summary))
        .nest("payments", &viewer.payment_counts(&summary).list("past_last_moment", &overdue));

    let mut lines = vec![headline(&summary)];
    if !records.is_empty() {
        lines.push(HEADING.into());
        lines.extend(records.iter().map(|record| viewer.row(record)));
    }
    if more > 0 {
        lines.push(format!("        and {more} more: --limit and --state show others"));
    }
    if summary.counts.parked + summary.counts.rejected > 0 {
        lines.push(ASIDE.into());
    }
    if summary.dropped > 0 {
        lines.push(format!("given up because of a limit, ever: {}", summary.dropped));
    }
    lines.extend(counters(&summary, viewer));
    lines.extend(payments(&summary));
    if !expired.is_empty() {
        lines.push("past their last moment, and not uploaded any more:".into());
        lines.extend(expired.iter().map(|payment| viewer.payment_row(payment)));
    }
    answer(object, lines.join("\n"))
}

/// What is not held first, and of what is held the newest; in the order of their numbers.
fn select(outbox: &Outbox, states: &[RecordState], limit: usize) -> Result<Vec<Record>, Error> {
    let (held, open): (Vec<_>, Vec<_>) = states.iter().partition(|state| state.is_held());
    let mut records = outbox.records(&open, START, limit)?;
    records.extend(outbox.newest(&held, limit - records.len())?);
    records.sort_unstable_by_key(|record| record.id);
    Ok(records)
}

fn headline(summary: &Summary) -> String {
    let counts = summary.counts;
    let ram_only = match counts.ram_only {
        0 => String::new(),
        count => format!(" ({count} of them in memory alone)"),
    };
    format!(
        "pending {}, held by the module {}{ram_only}, parked {}, rejected {}",
        counts.due() + counts.announced,
        counts.held + counts.ram_only,
        counts.parked,
        counts.rejected,
    )
}

fn counters(summary: &Summary, viewer: &Viewer) -> Option<String> {
    let usage = &summary.usage;
    if usage.unreported.is_zero() && usage.last.is_none() {
        return None;
    }
    let last = match viewer.answer(usage.last) {
        text if text.is_empty() => "not reported yet".to_string(),
        text => format!("last report: {text}"),
    };
    let (broadcasts, scans) = (usage.unreported.broadcasts, usage.unreported.scans);
    Some(format!("counters to be reported: {broadcasts} broadcasts, {scans} scans; {last}"))
}

fn payments(summary: &Summary) -> Option<String> {
    let counts = summary.payments;
    if counts.open() + counts.uploaded == 0 {
        return None;
    }
    Some(format!(
        "campus payments: waiting {}, parked {}, refused {}, past their last moment {}, uploaded {}",
        counts.waiting + counts.handed,
        counts.parked,
        counts.refused,
        counts.expired,
        counts.uploaded,
    ))
}

const ASIDE: &str = "what is parked or rejected stays until `outbox retry` has it sent again";
