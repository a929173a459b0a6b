//! Settling all the time, as one of any number of hosts.

use std::sync::Arc;
use std::time::Duration;

use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::settle::{Settle, SettlePolicy};
use m26_pay::gateway::journal::JournalError;
use m26_pay::gateway::{PaymentsError, Receipt, Settlement, Trouble};

use super::payment::Running;
use super::{Outcome, payment, settle};
use crate::args::Options;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Screen, Status, note};
use crate::trouble;

/// Asks for what is due until it is stopped, and looks `every` so often what that is.
pub(super) fn run(every: Duration, options: &Options, screen: Screen) -> Outcome {
    let stopped = "stopping: the order that is asked for now is finished";
    let Running { payments, identity, stop } = payment::open_for(options, screen, stopped)?;
    let policy = SettlePolicy { first: every, ..SettlePolicy::default() };
    let mut settle = Settle::new(Arc::new(identity), policy);
    // What it had when it ended comes first, if it has the name that it had.
    let mut counts = Counts::default();
    let (mut began, mut well) = (false, true);
    while !stop.is_pressed() {
        let asked = if began {
            payments.settle_next(&mut settle, &stop)
        } else {
            payments.settle_own(&mut settle, &stop).map(Some)
        };
        match asked {
            Ok(settlement) => {
                well = true;
                began = true;
                let Some(settlement) = settlement else {
                    let _ = stop.wait(every);
                    continue;
                };
                // What could not be written is open, and still its own.
                began = !settlement.payments.iter().any(is_unwritten);
                counts.add(&settlement);
                tell(&settlement, screen)?;
            }
            Err(error) => {
                let passes = passes(&error);
                let problem = Problem::from(error);
                if !passes {
                    return Err(trouble::and(
                        problem,
                        Certainty::Unknown,
                        "orders before it may be settled",
                    ));
                }
                // What was handed out may not have arrived.
                began = false;
                // A server that is away is told once, and asked again.
                if std::mem::replace(&mut well, false) {
                    note(&problem.text());
                }
                let _ = stop.wait(every);
            }
        }
    }
    Ok(counts.ended())
}

/// Whether the journal does not have what came of an order.
fn is_unwritten(receipt: &Receipt) -> bool {
    matches!(receipt.trouble, Some(Trouble::Journal(_)))
}

/// Whether it may be better later without anybody's help.
fn passes(error: &PaymentsError) -> bool {
    let PaymentsError::Journal(error) = error else { return false };
    matches!(error, JournalError::Full | JournalError::Lost(_) | JournalError::Unreachable(_))
}

/// One line for each order.
fn tell(settlement: &Settlement, screen: Screen) -> Result<(), Problem> {
    settle::warn(settlement);
    for account in settle::accounts(settlement) {
        let text = account.text.lines().next().unwrap_or_default();
        let printed = screen.part(&account.object, text);
        printed.map_err(|error| Problem::io(format_args!("standard output: {error}")))?;
    }
    Ok(())
}

/// What was asked for.
#[derive(Default)]
struct Counts {
    settled: u64,
    asked: u64,
}

impl Counts {
    fn add(&mut self, settlement: &Settlement) {
        let open = settlement.open() as u64;
        let all = settlement.payments.len() + settlement.refunds.len() + settlement.held.len();
        self.asked += all as u64;
        self.settled += all as u64 - open;
    }

    fn ended(&self) -> Ended {
        let Self { settled, asked } = self;
        Ended {
            status: Status::Done,
            result: Object::new().with("asked", *asked).with("settled", *settled),
            text: format!("asked {asked} times, and settled {settled} orders"),
        }
    }
}
