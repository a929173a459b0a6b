//! A cancel by hand. What the journal has of the order knows of it before it leaves.

use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::{Cancel, CancelAction, Content as _, OutTradeNo, Query, TradeRef};
use m26_pay::gateway::journal::{
    Claim, Entry, EntryKind, Journal, NotPaid, NotPaidBy, Settled, Stage,
};

use super::Outcome;
use super::ask::{done, ended, trade};
use crate::args::{Ask, Options};
use crate::book::{self, Book};
use crate::counter::Counter;
use crate::interrupt;
use crate::problem::Problem;
use crate::screen::{Screen, note};
use crate::trouble;
use crate::wall::wall;

pub(super) fn cancel(args: Ask, options: &Options, screen: Screen) -> Outcome {
    let trade = trade(args)?;
    let counter = Counter::new(options)?;
    let journal = book::journal(options)?;
    interrupt::handle(None, screen)?;
    let number = number(&counter, &trade)?;
    let entry = begin(&counter, &journal, &number, options)?;
    let answer = counter.ask(&Cancel::new(trade));
    if let Some(entry) = entry {
        let proof = match &answer {
            Ok((cancelled, _)) => match cancelled.action {
                Some(CancelAction::Close) => Some(NotPaidBy::Cancelled),
                Some(CancelAction::Refund) => Some(NotPaidBy::Refunded),
                _ => None,
            },
            Err(_) => None,
        };
        let trade_no = answer.as_ref().ok().and_then(|(cancelled, _)| cancelled.trade_no.clone());
        let proof = proof.map(|proof| Settled::NotPaid(NotPaid { trade_no, proof }));
        end(&journal, entry, proof);
    }
    let (cancelled, fields) = answer?;
    let text = match cancelled.action {
        Some(CancelAction::Close) => "cancelled: nobody had paid",
        Some(CancelAction::Refund) => "cancelled: the money was given back",
        _ => "not known: Alipay did not say what it did; ask with `query`",
    };
    Ok(ended(done(cancelled.effect()), &fields, text))
}

/// The merchant's number of the trade. Alipay is asked for it, since the journal has orders by it.
fn number(counter: &Counter, trade: &TradeRef) -> Result<OutTradeNo, Problem> {
    match trade {
        TradeRef::OutTradeNo(number) => Ok(number.clone()),
        TradeRef::TradeNo(_) => match counter.ask(&Query::new(trade.clone())) {
            Ok((found, _)) => Ok(found.out_trade_no),
            Err(problem) => Err(trouble::and(
                problem,
                Certainty::NotSent,
                "which order it is is not known: not cancelled",
            )),
        },
    }
}

/// Writes that the open order is being cancelled (rule C6). Gives nothing if no order of this number
/// is open.
fn begin(
    counter: &Counter,
    journal: &Book,
    number: &OutTradeNo,
    options: &Options,
) -> Result<Option<Entry>, Problem> {
    let identity = counter.merchant.identity();
    let entries = journal.numbered(number)?;
    let is_order = |entry: &&Entry| {
        *entry.identity == identity && !matches!(entry.kind, EntryKind::Refund { .. })
    };
    let Some(entry) = entries.iter().find(is_order) else { return Ok(None) };
    if let Some(Settled::Paid(_)) = entry.outcome {
        // C2: what is known as paid is never cancelled.
        return Err(Problem::usage(PAID));
    }
    let lease = options.policy().longest();
    match journal.claim(&entry.key(), &book::holder(options), wall(), lease)? {
        Claim::Yours(mut entry) => {
            entry.stage = Stage::Cancelling;
            entry.changed = wall();
            entry.version = journal.update(&entry)?;
            Ok(Some(*entry))
        }
        Claim::Held(owner) => Err(m26_pay::gateway::PaymentsError::Held(owner).into()),
        Claim::Settled(_) | Claim::Missing => Ok(None),
    }
}

/// Writes what is proven now, or that the order stays open.
fn end(journal: &Book, mut entry: Entry, proof: Option<Settled>) {
    entry.outcome = proof;
    entry.owner = None;
    entry.changed = wall();
    if let Err(error) = journal.update(&entry) {
        note(&format_args!(
            "the order is still open in the journal: {}",
            Problem::from(error).text()
        ));
    }
}

const PAID: &str = "the journal has this order as paid, and what is paid is not cancelled: give the \
                    money back with `refund`";
