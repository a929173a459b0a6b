//! What a run loop asks of the journal before a machine runs.

use std::sync::Arc;

use super::at_work::Working;
use super::desk::Desk;
use super::receipt::{PaymentsError, Receipt, RefundReceipt, Trouble};
use super::{now, wall};
use crate::amount::Amount;
use crate::argument::InvalidArgument;
use crate::gateway::alipay::notify::{Notification, SettleError, Taken};
use crate::gateway::alipay::payment::{Order, Outcome, Payment, PrecreatedOrder};
use crate::gateway::alipay::refunding::{RefundOutcome, Refunding};
use crate::gateway::alipay::settle::{Due, SettlePolicy};
use crate::gateway::alipay::{OutTradeNo, Pay, Precreate, Refund};
use crate::gateway::journal::{
    Claim, Entry, EntryKey, EntryKind, Journal, JournalError, Owner, Settled,
};

/// What the journal has of a number that is asked for again.
pub(crate) enum Known<R, M> {
    /// Its end.
    Over(R),
    /// An open order, which is gone on with.
    Run(M),
}

impl<T, J: Journal> Desk<T, J> {
    pub(crate) fn payment(&self, pay: Pay) -> Payment {
        let order = Order::new(Arc::clone(&self.identity), self.holder.clone(), pay, wall());
        Payment::new(now(), order, self.policy)
    }

    pub(crate) fn precreated(&self, precreate: Precreate) -> Payment {
        Payment::precreated(now(), self.precreated_order(precreate), self.policy)
    }

    pub(crate) fn offered(&self, precreate: Precreate) -> Payment {
        Payment::offered(now(), self.precreated_order(precreate), self.policy)
    }

    pub(crate) fn refunding(&self, refund: Refund) -> Result<Refunding, InvalidArgument> {
        let (identity, holder) = (Arc::clone(&self.identity), self.holder.clone());
        Refunding::new(now(), identity, holder, refund, wall(), self.policy)
    }

    /// Keeps other threads of this program off an order, until the result is dropped.
    pub(crate) fn work_on(&self, key: EntryKey) -> Result<Working, PaymentsError> {
        self.at_work.begin(key).ok_or_else(|| PaymentsError::Held(self.owner()))
    }

    /// P1: one number is one attempt. What the journal has of it is told, or gone on with.
    pub(crate) fn known(
        &self,
        there: Entry,
        kind: &EntryKind,
        amount: Amount,
    ) -> Result<Known<Receipt, Payment>, PaymentsError> {
        if there.kind != *kind || there.amount != amount {
            return Err(PaymentsError::NumberUsed(Box::new(there)));
        }
        Ok(match self.journal.claim(&there.key(), &self.holder, wall(), self.lease())? {
            Claim::Yours(entry) => Known::Run(Payment::resume(now(), *entry, self.policy)),
            Claim::Settled(entry) => {
                let settled = entry.outcome.as_ref();
                match settled.and_then(|settled| Outcome::of(settled, &entry.evidence)) {
                    Some(outcome) => Known::Over(Receipt {
                        outcome,
                        entry: *entry,
                        requests: Vec::new(),
                        trouble: None,
                    }),
                    None => return Err(PaymentsError::NumberUsed(entry)),
                }
            }
            Claim::Held(owner) => return Err(PaymentsError::Held(owner)),
            Claim::Missing => return Err(JournalError::Missing.into()),
        })
    }

    /// W2 speaks of this attempt alone: where its entry could not be written, the same number may be
    /// there from before, and paid.
    ///
    /// # Errors
    /// If the journal cannot be read either. Nothing was sent, and what was before is not known.
    pub(crate) fn not_written(
        &self,
        receipt: Receipt,
    ) -> Result<Known<Receipt, Payment>, PaymentsError> {
        match self.earlier(&receipt.entry)? {
            Some(there) => self.known(there, &receipt.entry.kind, receipt.entry.amount),
            None => Ok(Known::Over(receipt)),
        }
    }

    /// The same for a refund.
    pub(crate) fn refund_not_written(
        &self,
        receipt: RefundReceipt,
        refund: Refund,
    ) -> Result<Known<RefundReceipt, Refunding>, PaymentsError> {
        match self.earlier(&receipt.entry)? {
            Some(there) => self.again(there, refund),
            None => Ok(Known::Over(receipt)),
        }
    }

    /// What the journal has under the number of an entry that could not be begun.
    fn earlier(&self, entry: &Entry) -> Result<Option<Entry>, JournalError> {
        let there = self.journal.numbered(&entry.out_trade_no)?;
        let mut there = there.into_iter().filter(|there| there.key() == entry.key());
        // What failed may have been written all the same.
        Ok(there.find(|there| there.begun != entry.begun || !there.is_open()))
    }

    /// The same as [`known`](Self::known) for a refund: it may be asked for again, with the same number and amount.
    pub(crate) fn again(
        &self,
        there: Entry,
        refund: Refund,
    ) -> Result<Known<RefundReceipt, Refunding>, PaymentsError> {
        if there.amount != refund.amount() {
            return Err(PaymentsError::NumberUsed(Box::new(there)));
        }
        let claim = self.journal.claim(&there.key(), &self.holder, wall(), self.lease())?;
        let mut entry = match claim {
            Claim::Yours(entry) | Claim::Settled(entry) => *entry,
            Claim::Held(owner) => return Err(PaymentsError::Held(owner)),
            Claim::Missing => return Err(JournalError::Missing.into()),
        };
        match entry.outcome {
            Some(Settled::Refunded { amount }) => Ok(Known::Over(RefundReceipt {
                outcome: RefundOutcome::Refunded(amount),
                entry,
                answer: None,
                trouble: None,
            })),
            None | Some(Settled::NotRefunded(_)) => {
                entry.owner = Some(self.owner());
                Ok(Known::Run(Refunding::again(now(), entry, refund, self.policy)))
            }
            Some(_) => Err(PaymentsError::NumberUsed(Box::new(entry))),
        }
    }

    /// Every open order of the journal, of any identity.
    pub(crate) fn open_entries(&self) -> Result<Vec<Entry>, JournalError> {
        let mut entries = Vec::new();
        let mut after = None;
        loop {
            let page = self.journal.open_orders(after.as_ref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(entries) };
            after = Some(last.key());
            entries.extend(page);
        }
    }

    pub(crate) fn claim_due(&self, due: &Due) -> Result<Claim, JournalError> {
        self.journal.claim(&due.key, &self.holder, wall(), self.lease())
    }

    /// The open orders of this merchant that are under this holder's own lease.
    pub(crate) fn own_entries(&self) -> Result<Vec<Entry>, JournalError> {
        let mut entries = self.open_entries()?;
        entries.retain(|entry| {
            let owner = entry.owner.as_ref();
            entry.identity == self.identity
                && owner.is_some_and(|owner| owner.holder == self.holder)
        });
        Ok(entries)
    }

    /// The next order that the journal hands out.
    pub(crate) fn claim_next(&self, policy: SettlePolicy) -> Result<Option<Entry>, JournalError> {
        let (pause, lease) = (policy.pause(), self.lease());
        self.journal.claim_due(&self.identity, pause, &self.holder, wall(), lease)
    }

    /// The entry that somebody else holds.
    pub(crate) fn held(&self, due: &Due) -> Result<Option<Entry>, JournalError> {
        self.find(&due.key)
    }

    /// The entry, if it has its end: a notification may have proved that.
    pub(crate) fn end_of(&self, key: &EntryKey) -> Option<Box<Entry>> {
        let there = self.find(key).ok().flatten();
        there.filter(|entry| !entry.is_open()).map(Box::new)
    }

    fn find(&self, key: &EntryKey) -> Result<Option<Entry>, JournalError> {
        let entries = self.journal.numbered(&key.out_trade_no)?;
        Ok(entries.into_iter().find(|entry| entry.key() == *key))
    }

    /// Whether the journal has an order of this merchant with this number.
    #[cfg(all(feature = "outbox", any(feature = "async", feature = "blocking")))]
    pub(crate) fn has_order(&self, out_trade_no: OutTradeNo) -> Result<bool, PaymentsError> {
        let identity = Arc::clone(&self.identity);
        let key = EntryKey { identity, out_trade_no, out_request_no: None };
        Ok(self.find(&key)?.is_some())
    }

    /// What a notification proves about the journal's orders.
    pub(crate) fn notified(&self, notification: &Notification) -> Result<Taken, SettleError> {
        notification.settle(&self.journal, &self.identity, wall())
    }

    pub(crate) fn give_up(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, PaymentsError> {
        let entries = self.journal.numbered(out_trade_no)?;
        let mine = entries.into_iter().filter(|entry| *entry.identity == *self.identity);
        let mut given_up = Vec::new();
        for entry in mine.filter(Entry::is_open) {
            let _working = self.work_on(entry.key())?;
            match self.journal.give_up(&entry.key(), &self.holder, wall())? {
                Claim::Yours(entry) => given_up.push(*entry),
                Claim::Held(owner) => return Err(PaymentsError::Held(owner)),
                Claim::Settled(_) | Claim::Missing => {}
            }
        }
        if given_up.is_empty() { Err(JournalError::Missing.into()) } else { Ok(given_up) }
    }

    fn precreated_order(&self, precreate: Precreate) -> PrecreatedOrder {
        let identity = Arc::clone(&self.identity);
        PrecreatedOrder::new(identity, self.holder.clone(), precreate, wall())
    }

    fn owner(&self) -> Owner {
        Owner { holder: self.holder.clone(), until: wall().plus(self.lease()) }
    }
}

impl Receipt {
    pub(crate) fn of(outcome: Outcome, payment: &Payment, trouble: Option<Trouble>) -> Self {
        let entry = payment.entry().clone();
        Self { outcome, entry, requests: payment.requests().to_vec(), trouble }
    }
}

/// How many open orders are read at a time.
const PAGE: usize = 256;
