//! What the journal has. Nobody is asked.

use m26_pay::engine::Certainty;
use m26_pay::gateway::PaymentsError;
use m26_pay::gateway::alipay::OutTradeNo;
use m26_pay::gateway::journal::{Claim, Entry, EntryKind, Journal as _, JournalError};

use super::{Outcome, settle};
use crate::account::Account;
use crate::args::{Options, Where};
use crate::book::{self, Book};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Status};
use crate::wall::wall;

pub(super) fn list(options: &Options) -> Outcome {
    let journal = book::journal(options)?;
    let mut accounts = Vec::new();
    let mut after = None;
    loop {
        let page = journal.open_orders(after.as_ref(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        accounts.extend(page.iter().map(Account::of_listed));
    }
    let (result, text) = settle::list(&accounts);
    Ok(Ended { status: Status::Done, result, text })
}

pub(super) fn show(number: &OutTradeNo, options: &Options) -> Outcome {
    let entries = find(number, options)?;
    let is_refund = |entry: &&Entry| matches!(entry.kind, EntryKind::Refund { .. });
    let accounts = |refunds: bool| -> Vec<_> {
        let of_kind = entries.iter().filter(|entry| is_refund(entry) == refunds);
        of_kind.map(Account::of_listed).collect()
    };
    let (orders, refunds) = (accounts(false), accounts(true));
    let texts: Vec<_> =
        orders.iter().chain(&refunds).map(|account| account.text.as_str()).collect();
    let text = texts.join("\n\n");
    let result = one_or_list(&orders);
    let refunds: Vec<_> = refunds.into_iter().map(|account| account.object).collect();
    let result = if refunds.is_empty() { result } else { result.list("refunds", &refunds) };
    Ok(Ended { status: Status::Done, result, text })
}

pub(super) fn give_up(number: &OutTradeNo, options: &Options) -> Outcome {
    let journal = book::journal(options)?;
    let open: Vec<_> =
        numbered(&journal, number, options)?.into_iter().filter(Entry::is_open).collect();
    if open.iter().any(|entry| entry.identity != open[0].identity) {
        return Err(Problem::usage(SHARED));
    }
    let mut given_up = Vec::new();
    for entry in &open {
        match journal.give_up(&entry.key(), &book::holder(options), wall())? {
            Claim::Yours(entry) => given_up.push(Account::of_entry(&entry)),
            Claim::Held(owner) => return Err(PaymentsError::Held(owner).into()),
            Claim::Settled(_) | Claim::Missing => {}
        }
    }
    if given_up.is_empty() {
        return Err(Problem::new("missing", Certainty::NotSent, NOTHING_OPEN));
    }
    let text = settle::list(&given_up).1;
    Ok(Ended { status: Status::Done, result: one_or_list(&given_up), text })
}

/// One number is one order, but for its refunds and a journal that several merchants share.
fn one_or_list(accounts: &[Account]) -> Object {
    match accounts {
        [account] => account.object.clone(),
        _ => settle::list(accounts).0,
    }
}

fn find(number: &OutTradeNo, options: &Options) -> Result<Vec<Entry>, Problem> {
    let entries = numbered(&book::journal(options)?, number, options)?;
    if entries.is_empty() {
        return Err(Problem::new("missing", Certainty::NotSent, JournalError::Missing));
    }
    Ok(entries)
}

/// What the journal has of a number: of the gateway and the app that the options name, if they do.
fn numbered(journal: &Book, number: &OutTradeNo, options: &Options) -> Result<Vec<Entry>, Problem> {
    let mut entries = journal.numbered(number)?;
    if let Some(Where::At(gateway)) = &options.gateway {
        entries.retain(|entry| entry.identity.gateway == *gateway);
    }
    if let Some(app_id) = &options.app_id {
        entries.retain(|entry| entry.identity.app_id == *app_id);
    }
    Ok(entries)
}

const PAGE: usize = 256;

const NOTHING_OPEN: &str = "the journal has no open order of this number: nothing is given up";

const SHARED: &str = "orders of several merchants have this number: say which one is meant, with \
                      --gateway and --app-id";
