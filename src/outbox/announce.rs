//! Announced reports: a trade is reported even if the host dies before it knows how the trade ended.

use crate::alipay::Report;
use crate::outbox::transaction::Transaction;
use crate::outbox::{Id, ItemState, Kind, Outbox, OutboxError};

impl Outbox {
    /// Keeps a report of a trade that is about to begin. It is on disk when this returns `Ok`, and is
    /// not sent yet. Later call [`complete`](Self::complete) with the outcome of the trade, or
    /// [`withdraw`](Self::withdraw) if the trade did not take place. If the host dies before that, the
    /// announced report is pending when the outbox is opened again.
    ///
    /// Every trade must be reported (spec V1.0, chapter 2). A host that dies between asking for the
    /// money and appending the report cannot know how the trade ended. So announce the report before
    /// the money is asked for, with the result
    /// [`TradeResult::Unavailable`](crate::alipay::TradeResult::Unavailable) (−1, 交易结果
    /// 无法获取). A host that can ask its server after a restart should first complete the reports that
    /// are pending and were never sent, and then drain the outbox.
    ///
    /// Other reports are sent before an announced one that is not complete.
    ///
    /// ```
    /// use m26_pay::alipay::{BusinessNo, Report, TradeResult};
    /// use m26_pay::outbox::{Outbox, OutboxPolicy};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("till.db");
    /// # fn ask_for_the_money() {}
    /// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
    /// let (amount, business_no) = ("10.25".parse()?, BusinessNo::new("2019012922001450181015731428")?);
    /// let report = |outcome| {
    ///     let report = Report::of(amount, outcome, 1548811777).business_no(business_no.clone());
    ///     report.time_consuming(2).build()
    /// };
    /// let id = outbox.announce(&report(TradeResult::Unavailable)?)?;
    /// ask_for_the_money(); // whatever happens in here, the trade will be reported
    /// outbox.complete(id, &report(TradeResult::Success)?)?;
    /// assert_eq!(outbox.summary().reports.pending, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::NotSafe`] or [`OutboxError::Limit`]: the report is not safe, and nothing else has changed.
    pub fn announce(&self, report: &Report) -> Result<Id<Report>, OutboxError> {
        self.transaction(Report::NAME, |changes| changes.announce(report.clone()))
    }

    /// Keeps the outcome of an announced trade: this report replaces the announced one, and is pending.
    /// It is on disk when this returns `Ok`. A report that is pending and was never sent can be
    /// completed as well, for example one that an earlier run announced.
    ///
    /// # Errors
    /// [`OutboxError::NotSafe`]: the outcome of the trade is not safe; the announced report still is.
    /// Otherwise there is no such report, it is in another state, or it cannot be read.
    pub fn complete(&self, id: Id<Report>, report: &Report) -> Result<(), OutboxError> {
        self.transaction(OUTCOME, |changes| changes.complete(id, report.clone()))?;
        self.wake();
        Ok(())
    }

    /// Removes the report of an announced trade that did not take place. The caller has to be sure of
    /// that.
    ///
    /// # Errors
    /// If there is no such report, it is in another state, or the store fails. The announced report is
    /// sent then.
    pub fn withdraw(&self, id: Id<Report>) -> Result<(), OutboxError> {
        self.transaction(OUTCOME, |changes| changes.withdraw(id))
    }
}

impl Transaction<'_> {
    /// Adds a report of a trade that is about to begin.
    pub(super) fn announce(&mut self, report: Report) -> Result<Id<Report>, OutboxError> {
        let now = self.book().now();
        self.add(report, now, ItemState::Announced)
    }

    /// Adds a report of a trade that is an order of the journal.
    #[cfg(feature = "gateway")]
    pub(super) fn order(&mut self, report: Report) -> Result<Id<Report>, OutboxError> {
        let now = self.book().now();
        self.add(report, now, ItemState::Ordered)
    }

    /// Replaces an announced report by one with the outcome of the trade.
    pub(super) fn complete(&mut self, id: Id<Report>, report: Report) -> Result<(), OutboxError> {
        let mut item = self.get(id)?;
        let before = item.state;
        match before {
            ItemState::Announced | ItemState::Ordered => {}
            ItemState::Pending if item.attempts == 0 => {}
            _ => return Err(OutboxError::wrong_state(&item)),
        }
        (item.state, item.content) = (ItemState::Pending, report);
        self.put(before, item);
        Ok(())
    }

    /// Removes an announced report.
    pub(super) fn withdraw(&mut self, id: Id<Report>) -> Result<(), OutboxError> {
        let item = self.get(id)?;
        if item.state != ItemState::Announced {
            return Err(OutboxError::wrong_state(&item));
        }
        self.remove(&item);
        Ok(())
    }
}

/// What is not safe, for a message.
const OUTCOME: &str = "outcome of the trade";
