//! `outbox retry`.

use m26_pay::alipay::Report;
use m26_pay::outbox::{Id, ItemState, Kind as _, Outbox, OutboxError};

use super::args::Retry;
use super::{PAGE, START, missing_report, open};
use crate::jobs::{Outcome, answer};
use crate::object::Object;

pub(super) fn retry(args: &Retry) -> Outcome {
    let outbox = open(&args.file.db)?;
    let ids = if args.all { aside(&outbox)? } else { checked(&outbox, &args.ids)? };
    for id in &ids {
        outbox.retry(*id)?;
    }
    let pending = outbox.summary().reports.due();
    let numbers: Vec<_> = ids.iter().map(|id| id.get()).collect();
    let text = match numbers.len() {
        0 => "nothing is parked or rejected".to_string(),
        count => format!(
            "pending again: {count}, at their old places in the order; {pending} are pending in \
             all\nnothing was sent: the till does it when it runs next, or `outbox drain` now. What \
             failed with an unknown outcome may arrive twice",
        ),
    };
    answer(Object::new().with("retried", numbers).with("pending", pending), text)
}

/// All of these, if each can be tried again.
fn checked(outbox: &Outbox, ids: &[Id<Report>]) -> Result<Vec<Id<Report>>, OutboxError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        let report = outbox.get(*id)?.ok_or_else(|| missing_report(*id))?;
        if !ASIDE.contains(&report.state) {
            let (what, number, state) = (Report::NAME, id.get(), report.state);
            return Err(OutboxError::State { what, number, state });
        }
    }
    Ok(ids)
}

fn aside(outbox: &Outbox) -> Result<Vec<Id<Report>>, OutboxError> {
    let mut ids = Vec::new();
    loop {
        let after = ids.last().copied().unwrap_or(START);
        let page = outbox.list(&ASIDE, after, PAGE)?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.iter().map(|report| report.id));
    }
}

const ASIDE: [ItemState; 2] = [ItemState::Parked, ItemState::Rejected];
