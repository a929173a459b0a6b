//! Reports in an outbox whose disk may lose its power.

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::error::Error;
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxPolicy};

use super::Failure;

/// Appends reports, one after the other, and says the number of each that is on the disk.
///
/// # Errors
/// If the outbox cannot be opened or written.
pub fn append(path: &str) -> Result<(), Failure> {
    let outbox = Outbox::open(path, OutboxPolicy::default())?;
    let newest = outbox.newest::<Report>(&[ItemState::Pending], 1)?;
    let mut number = newest.last().map_or(0, |newest| newest.id.get());
    loop {
        number += 1;
        let id = outbox.append(&report(number)?)?.get();
        println!("appended {id}");
    }
}

/// Says how many reports there are, and which is the last. They are numbered from 1 on, and what each
/// says follows from its number.
///
/// # Errors
/// If the outbox cannot be opened or read, one of them is missing, or says something else.
pub fn list(path: &str) -> Result<(), Failure> {
    let outbox = Outbox::open(path, OutboxPolicy::default())?;
    let (mut last, mut after) = (0, Id::<Report>::START);
    loop {
        let items = outbox.list(&[ItemState::Pending], after, 1000)?;
        if items.is_empty() {
            println!("there are {last}");
            return Ok(());
        }
        for item in items {
            let id = item.id.get();
            if id != last + 1 {
                return Err(format!("after {last} comes {id}").into());
            }
            if item.content != report(id)? {
                return Err(format!("{id} is damaged").into());
            }
            (last, after) = (id, item.id);
        }
    }
}

fn report(number: i64) -> Result<Report, Error> {
    let report = Report::of("10.25".parse()?, TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(format!("{number:032}"))?)
        .time_consuming(2)
        .build()?;
    Ok(report)
}
