//! What is printed, and what the cashier sees.

use std::error::Error;
use std::io::{self, Write as _};

use m26_pay::alipay::Report;
use m26_pay::error::with_causes;
use m26_pay::gateway::alipay::payment::{Outcome, Payment, Progress, WaitsFor};
use m26_pay::gateway::{PaymentsError, Receipt, Settlement};
use m26_pay::outbox::{Item, ItemState};
use m26_pay::till::{Doing, Sold, TillError};

use crate::language::language;

/// Prints what is new while the till works.
#[derive(Default)]
pub struct Screen {
    last: Option<WaitsFor>,
}

impl Screen {
    pub fn show(&mut self, doing: &Doing<'_>) {
        match doing {
            Doing::Settling => say("Alipay is asked for the open orders of the journal."),
            Doing::Signing => say("The module is asked for its signature (AT+ALIPAYSIGN)."),
            Doing::Paying { payment, now } => self.progress(payment, payment.progress(*now)),
            _ => {}
        }
    }

    fn progress(&mut self, payment: &Payment, Progress { waits_for, at_most, .. }: Progress) {
        if self.last == Some(waits_for) {
            return;
        }
        self.last = Some(waits_for);
        let what = match waits_for {
            WaitsFor::Journal if at_most.is_zero() => {
                "outcome and report are written to the journal"
            }
            WaitsFor::Journal => "order and report are written to the journal",
            WaitsFor::Alipay => "Alipay is asked for the money",
            WaitsFor::Customer => "the customer has to confirm on the phone",
            WaitsFor::Proof => "nobody knows whether it is paid: Alipay is asked",
            WaitsFor::Cancel => "the payment is cancelled",
            _ => return,
        };
        let number = &payment.entry().out_trade_no;
        let time = match at_most.as_secs() {
            0 => String::new(),
            seconds => format!(" (at most {seconds} s more)"),
        };
        say(&format!("Order {number}: {what}{time}."));
    }
}

/// Prints the outcome of orders that were open.
pub fn settled(settlement: &Settlement) {
    for receipt in &settlement.payments {
        let entry = &receipt.entry;
        say(&format!(
            "Order {} of {} yuan was open: {}.",
            entry.out_trade_no,
            entry.amount,
            outcome(receipt)
        ));
    }
    for entry in &settlement.elsewhere {
        say(&format!(
            "Order {} of {} yuan is open at another gateway, {}, and stays so: it is not asked for \
             here.",
            entry.out_trade_no, entry.amount, entry.identity.gateway
        ));
    }
    for entry in &settlement.held {
        say(&format!("Order {} is open, and another program works on it.", entry.out_trade_no));
    }
}

/// Prints the outcome of the sale. Returns the exit status.
pub fn sold(sold: &Result<Sold, TillError>) -> u8 {
    match sold {
        Ok(sold) => {
            let receipt = &sold.receipt;
            say(&format!("Order {}: {}.", receipt.entry.out_trade_no, outcome(receipt)));
            let advice = receipt.outcome.advice();
            cashier(advice.cashier(language()));
            say(&format!("  (for the technician: {})", advice.technician(language())));
            if let Some(trouble) = &receipt.trouble {
                say(&format!("  (what went wrong last: {})", with_causes(trouble)));
            }
            match receipt.outcome {
                Outcome::Paid(_) => 0,
                Outcome::NotPaid(_) => 10,
                Outcome::Unknown(_) => 20,
            }
        }
        Err(error) => {
            let advice = error.advice();
            cashier(advice.cashier(language()));
            say(&format!("  (for the technician: {})", advice.technician(language())));
            complain(error);
            match error {
                TillError::Pay(PaymentsError::Thread(_)) => 20,
                _ => 1,
            }
        }
    }
}

fn outcome(receipt: &Receipt) -> String {
    let requests: Vec<_> = receipt.requests.iter().map(|request| request.as_str()).collect();
    let outcome = &receipt.outcome;
    let name = outcome.as_str().to_uppercase().replace('-', " ");
    format!("{name} ({}; asked: {})", outcome.reason(), requests.join(", "))
}

pub fn cashier(line: &str) {
    say(&format!("+--\n| {line}\n+--"));
}

/// A report, and where it is.
pub fn report(item: &Item<Report>) {
    let where_it_is = match item.state {
        ItemState::Held | ItemState::RamOnly => "the module has it (AT+ALIPAYREP)",
        ItemState::Ordered => "it waits until its order is settled",
        ItemState::Parked | ItemState::Rejected => "the module does not take it",
        _ => "it waits until the module takes it",
    };
    let report = &item.content;
    say(&format!(
        "Report {}: {} yuan, result {}: {where_it_is}.",
        item.id,
        report.amount(),
        report.trade_result()
    ));
}

/// Prints a line. It is not an error if nobody reads it.
pub fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}

pub fn complain(error: &dyn Error) {
    drop(writeln!(io::stderr(), "till: {}", with_causes(error)));
}
