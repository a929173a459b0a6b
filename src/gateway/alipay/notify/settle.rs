//! What a notification proves about the orders of a journal.

use super::event::{Event, Expected, NotifiedTrade};
use super::{Notification, NotificationError, Reply};
use crate::advice::Advice;
use crate::amount::Amount;
use crate::gateway::alipay::{Identity, OutRequestNo, TradeStatus};
use crate::gateway::journal::{
    Entry, EntryKind, Journal, JournalError, NotPaid, NotPaidBy, Paid, PaidBy, Settled, Stage,
};
use crate::unix_time::UnixMillis;

/// What became of a notification at a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// What it ended: the order, its refunds, or nothing, since that was known before or is not
    /// proven by it.
    pub settled: Vec<Entry>,
    /// What of this number is open all the same. It is asked for as any open order is.
    pub open: Vec<Entry>,
    /// How many entries of this number had their end before.
    pub known: usize,
}

impl Taken {
    /// Whether the journal has nothing of this number.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.settled.is_empty() && self.open.is_empty() && self.known == 0
    }

    /// What to answer: success, but for a number that the journal does not have (yet).
    #[must_use]
    pub fn reply(&self) -> Reply {
        if self.is_missing() { Reply::Fail } else { Reply::Success }
    }
}

/// Why a notification was not taken. Answer it with [`Reply::Fail`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It is not about this merchant's order: another application, seller or amount.
    #[error(transparent)]
    Notification(#[from] NotificationError),
}

impl SettleError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Journal(error) => error.advice(),
            Self::Notification(error) => error.advice(),
        }
    }
}

impl Notification {
    /// Ends the open order that this is about, and its open refund, if this proves their end: at
    /// `at`, by the host's clock.
    ///
    /// | it says | the order was | it is then |
    /// |---|---|---|
    /// | paid, the amount is the order's | begun, without a refund | paid |
    /// | paid | being cancelled | open: the cancel may still give the money back (rule C5) |
    /// | paid | begun, with a refund that may have been made | open: the notification may be older |
    /// | paid, `TRADE_FINISHED` | open | paid: nothing can be given back any more |
    /// | closed, or all of it given back | open | not paid |
    /// | a part given back, waiting, anything else | open | open |
    ///
    /// A refund is made if the notification names its number, and if all refunds that the journal has
    /// as made come to the sum that it names. What is open is asked for by
    /// [`Settle`](crate::gateway::alipay::settle::Settle), as if no notification had come.
    ///
    /// An entry changes by compare-and-set: who works on it meanwhile and wants to change it is told
    /// of the end ([`Input::Settled`](crate::gateway::alipay::payment::Input::Settled)), and a cancel
    /// that is written down first keeps a payment from being proven here. What is settled stays as
    /// it is, so the same notification again changes nothing and is answered the same.
    ///
    /// # Errors
    /// If it is about another merchant's order or another amount, or if the journal fails. Nothing
    /// was written then that is not proven.
    pub fn settle(
        &self,
        journal: &dyn Journal,
        identity: &Identity,
        at: UnixMillis,
    ) -> Result<Taken, SettleError> {
        let whose = Expected {
            app_id: Some(identity.app_id.clone()),
            seller_id: identity.seller_id.clone(),
            ..Expected::default()
        };
        self.event(&whose)?;
        let Some(trade) = self.trade() else {
            let (field, expected) = ("trade_status", "there");
            return Err(NotificationError::Field { field, expected }.into());
        };
        let mut settled = Vec::new();
        for _ in 0..TRIES {
            match trade.settle_once(journal, identity, at, &mut settled) {
                Err(SettleError::Journal(JournalError::Conflict)) => {}
                other => return Ok(Taken { settled, ..other? }),
            }
        }
        Err(JournalError::Conflict.into())
    }
}

impl NotifiedTrade {
    fn settle_once(
        &self,
        journal: &dyn Journal,
        identity: &Identity,
        at: UnixMillis,
        settled: &mut Vec<Entry>,
    ) -> Result<Taken, SettleError> {
        let mut entries = journal.numbered(&self.out_trade_no)?;
        entries.retain(|entry| *entry.identity == *identity);
        // M1: this is somebody else's trade with our number.
        let mut orders = entries.iter().filter(|entry| refund_of(entry).is_none());
        let differs = |order: &Entry| self.total_amount.is_some_and(|told| told != order.amount);
        if orders.any(differs) {
            return Err(NotificationError::Differs { field: "total_amount" }.into());
        }
        let mut taken = Taken::default();
        for entry in &entries {
            if !entry.is_open() {
                let before = settled.iter().all(|ended| ended.key() != entry.key());
                taken.known += usize::from(before);
                continue;
            }
            let mut entry = entry.clone();
            let Some(end) = self.proves(&entry, &entries) else {
                taken.open.push(entry);
                continue;
            };
            entry.evidence.trade_no = Some(self.trade_no.clone());
            entry.outcome = Some(end);
            entry.owner = None;
            entry.changed = at;
            entry.version = journal.update(&entry)?;
            settled.push(entry);
        }
        Ok(taken)
    }

    /// The end of an open entry, as far as this proves it. `all` is what the journal has of the
    /// number.
    fn proves(&self, entry: &Entry, all: &[Entry]) -> Option<Settled> {
        let trade_no = Some(self.trade_no.clone());
        if let Some(number) = refund_of(entry) {
            let refund = self.refund.as_ref().filter(|_| self.is_paid_or_closed())?;
            let others = all.iter().filter_map(|other| match other.outcome {
                Some(Settled::Refunded { amount }) => Some(amount),
                _ => None,
            });
            let together = Amount::checked_sum(others)?.checked_add(entry.amount);
            let is_it = refund.out_request_no.as_ref() == Some(number);
            return (is_it && together == Some(refund.fee))
                .then_some(Settled::Refunded { amount: entry.amount });
        }
        match self.event() {
            Event::Paid { finished } => {
                let may_be_gone = entry.stage != Stage::Begun || all.iter().any(may_be_refunded);
                let is_all_there = self.total_amount == Some(entry.amount);
                let proof = PaidBy::Notification;
                (is_all_there && (finished || !may_be_gone)).then_some(Settled::Paid(Paid {
                    trade_no,
                    amount: entry.amount,
                    proof,
                }))
            }
            Event::Refunded(refund) if Some(refund.fee) != self.total_amount => None,
            Event::Closed | Event::Refunded(_) if self.status == TradeStatus::TradeClosed => {
                Some(Settled::NotPaid(NotPaid { trade_no, proof: NotPaidBy::Closed }))
            }
            _ => None,
        }
    }

    fn is_paid_or_closed(&self) -> bool {
        matches!(
            self.status,
            TradeStatus::TradeSuccess | TradeStatus::TradeFinished | TradeStatus::TradeClosed
        )
    }
}

/// The number of a refund, if the entry is one.
fn refund_of(entry: &Entry) -> Option<&OutRequestNo> {
    match &entry.kind {
        EntryKind::Refund { out_request_no } => Some(out_request_no),
        EntryKind::Barcode | EntryKind::Precreated => None,
    }
}

/// Whether it is a refund that may have been made.
fn may_be_refunded(entry: &Entry) -> bool {
    refund_of(entry).is_some() && !matches!(entry.outcome, Some(Settled::NotRefunded(_)))
}

/// How often an entry is read anew that somebody else changes at the same time. Not specified; chosen
/// because a payment writes three or four times in all.
const TRIES: usize = 8;
