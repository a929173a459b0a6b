//! Asking for what is open.

use std::sync::Arc;

use m26_pay::engine::Certainty;
use m26_pay::gateway::Settlement;
use m26_pay::gateway::alipay::settle::{Settle, SettlePolicy};
use m26_pay::gateway::journal::Journal as _;

use super::payment::Running;
use super::{Outcome, payment};
use crate::account::Account;
use crate::args::Options;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Screen, Status, note};
use crate::trouble;

pub(super) fn settle(options: &Options, screen: Screen) -> Outcome {
    let Running { payments, identity, stop } = payment::open(options, screen)?;
    let mut settle = Settle::new(Arc::new(identity), SettlePolicy::default());
    // A journal that cannot be read at all has nothing asked for.
    payments.journal().open_orders(None, 1)?;
    let settlement = payments.settle_due(&mut settle, &stop);
    let settlement = settlement.map_err(|error| {
        trouble::and(Problem::from(error), Certainty::Unknown, "orders before it may be settled")
    })?;
    let left = settle.waiting() > 0;
    Ok(ended(&settlement, left))
}

/// Says what went wrong with those that are still open.
pub(super) fn warn(settlement: &Settlement) {
    for receipt in &settlement.payments {
        if let (true, Some(trouble)) = (receipt.entry.is_open(), &receipt.trouble) {
            note(&format_args!("{}: {trouble}", receipt.entry.out_trade_no));
        }
    }
}

/// What came of each order that was asked for, and of those that others have.
pub(super) fn accounts(settlement: &Settlement) -> Vec<Account> {
    let held = settlement.held.iter();
    let mut accounts: Vec<_> = settlement.payments.iter().map(Account::of_receipt).collect();
    accounts.extend(settlement.refunds.iter().map(Account::of_refund_receipt));
    accounts.extend(held.map(|entry| Account::of_other(entry, "held", Status::Unknown)));
    accounts
}

fn ended(settlement: &Settlement, left: bool) -> Ended {
    warn(settlement);
    let mut accounts = accounts(settlement);
    let elsewhere = settlement.elsewhere.iter();
    // They are not this merchant's at this gateway, so they decide nothing here.
    accounts.extend(elsewhere.map(|entry| Account::of_other(entry, "elsewhere", Status::Done)));
    if !settlement.elsewhere.is_empty() {
        note(&format_args!(
            "{} open orders are of another gateway, app or merchant: not asked for",
            settlement.elsewhere.len()
        ));
    }
    let worst = accounts.iter().map(|account| account.status).max().unwrap_or(Status::Done);
    let status = if left { Status::Unknown } else { worst };
    let (result, text) = list(&accounts);
    Ended { status, result, text }
}

/// Accounts as the result of a command.
pub(super) fn list(accounts: &[Account]) -> (Object, String) {
    let objects: Vec<_> = accounts.iter().map(|account| account.object.clone()).collect();
    let texts: Vec<_> = accounts.iter().map(|account| account.text.as_str()).collect();
    let text = if texts.is_empty() { "no order is open".into() } else { texts.join("\n\n") };
    (Object::new().list("orders", &objects), text)
}
