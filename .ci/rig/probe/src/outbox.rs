//! Reports in an outbox whose disk may lose its power.

use std::thread;
use std::time::Duration;

use m26_pay::alipay::{BusinessNo, Report, TradeResult};
use m26_pay::blocking::Session;
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxPolicy};
use m26_pay::serial::SerialHost;

use super::{Failure, till};

/// Appends reports, one after the other, and says the number of each that is on the disk.
///
/// # Errors
/// If the outbox cannot be opened or written.
pub fn append(path: &str) -> Result<(), Failure> {
    go_on(&Outbox::open(path, OutboxPolicy::default())?, Duration::ZERO)
}

/// As [`append`], with a pause after each, while a session sends them to the module at this place.
///
/// # Errors
/// As [`append`], and if the place cannot be read.
pub fn send(path: &str, place: &str) -> Result<(), Failure> {
    let outbox = Outbox::open(path, OutboxPolicy::default())?;
    let session = Session::new(place.parse::<SerialHost>()?, till::plan()?, Settings::default());
    let (session, driver) = session.into_driver()?;
    session.attach(outbox.duty());
    let nudger = session.nudger();
    outbox.on_append(move || _ = nudger.nudge());
    thread::spawn(move || driver.run());
    go_on(&outbox, PAUSE)
}

fn go_on(outbox: &Outbox, pause: Duration) -> Result<(), Failure> {
    let newest = outbox.newest::<Report>(STATES, 1)?;
    let mut number = newest.last().map_or(0, |newest| newest.id.get());
    loop {
        number += 1;
        let id = outbox.append(&report(number)?)?.get();
        println!("appended {id}");
        thread::sleep(pause);
    }
}

/// Says how many reports there are, which is the last number, and which of them the module holds. They
/// are numbered from 1 on, and what each says follows from its number.
///
/// # Errors
/// If the outbox cannot be opened or read, one of them is missing, or says something else.
pub fn list(path: &str) -> Result<(), Failure> {
    let outbox = Outbox::open(path, OutboxPolicy::default())?;
    let (mut last, mut after, mut held) = (0, Id::<Report>::START, String::new());
    loop {
        let items = outbox.list(STATES, after, 1000)?;
        if items.is_empty() {
            println!("there are {last}");
            println!("the module has{held}");
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
            if matches!(item.state, ItemState::Held | ItemState::RamOnly) {
                held += &format!(" {id}");
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

/// Of reports that were appended, and that no module refuses.
const STATES: &[ItemState] =
    &[ItemState::Pending, ItemState::Sending, ItemState::Held, ItemState::RamOnly];

/// Between two sales.
const PAUSE: Duration = Duration::from_millis(50);
