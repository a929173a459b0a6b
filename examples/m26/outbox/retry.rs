//! `outbox retry`.

use m26_pay::outbox::{Error, Outbox, RecordId, RecordState};

use super::args::Retry;
use super::{PAGE, START, open};
use crate::jobs::{Outcome, answer};
use crate::object::Object;

pub(super) fn retry(args: &Retry) -> Outcome {
    let outbox = open(&args.file.db)?;
    let ids = if args.all { aside(&outbox)? } else { checked(&outbox, &args.ids)? };
    for id in &ids {
        outbox.retry(*id)?;
    }
    let pending = outbox.summary().counts.due();
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
fn checked(outbox: &Outbox, ids: &[RecordId]) -> Result<Vec<RecordId>, Error> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        let record = outbox.record(*id)?.ok_or(Error::NoRecord(*id))?;
        if !ASIDE.contains(&record.state) {
            return Err(Error::State { id: *id, state: record.state });
        }
    }
    Ok(ids)
}

fn aside(outbox: &Outbox) -> Result<Vec<RecordId>, Error> {
    let mut ids = Vec::new();
    loop {
        let after = ids.last().copied().unwrap_or(START);
        let page = outbox.records(&ASIDE, after, PAGE)?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.iter().map(|record| record.id));
    }
}

const ASIDE: [RecordState; 2] = [RecordState::Parked, RecordState::Rejected];
