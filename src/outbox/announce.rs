//! Trades that are under way: reported even if the host dies before it knows how they end.

use crate::alipay::Report;
use crate::outbox::book::{Book, Draft};
use crate::outbox::{Error, Outbox, RecordId, RecordState, StoreError};

impl Outbox {
    /// Keeps a report of a trade that is about to begin. It is on disk when this returns `Ok`, and
    /// not sent: what came of the trade is told with [`complete`](Self::complete), or that it did
    /// not take place with [`withdraw`](Self::withdraw). Should the host die before, the outbox has
    /// it pending when it is opened again, as it was announced.
    ///
    /// Every trade must be reported (spec V1.0, chapter 2), and a host that dies between asking for
    /// the money and appending the report cannot know how the trade ended. So announce it before
    /// the money is asked for, with the outcome that holds if nobody learns another one:
    /// [`TradeResult::Unavailable`](crate::alipay::TradeResult::Unavailable) (−1, 交易结果
    /// 无法获取). A host that can ask its server after a restart completes what is pending and was
    /// never sent, before it drains.
    ///
    /// An announced record lets those behind it pass.
    ///
    /// ```
    /// use m26_pay::alipay::{BusinessNo, Report, TradeResult};
    /// use m26_pay::outbox::{Outbox, Policy};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("till.db");
    /// # fn ask_for_the_money() {}
    /// let outbox = Outbox::open(&path, Policy::default())?;
    /// let (amount, business_no) = ("10.25".parse()?, BusinessNo::new("2019012922001450181015731428")?);
    /// let report = |outcome| {
    ///     let report = Report::of(amount, outcome, 1548811777).business_no(business_no.clone());
    ///     report.time_consuming(2).build()
    /// };
    /// let id = outbox.announce(&report(TradeResult::Unavailable)?)?;
    /// ask_for_the_money(); // whatever happens in here, the trade will be reported
    /// outbox.complete(id, &report(TradeResult::Success)?)?;
    /// assert_eq!(outbox.summary().counts.pending, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotSafe`] or [`Error::Limit`]: the report is not safe, and nothing else has changed.
    pub fn announce(&self, report: &Report) -> Result<RecordId, Error> {
        self.book().announce(report)
    }

    /// Tells what came of an announced trade: this report takes the place of the one that was
    /// announced, and is pending. It is on disk when this returns `Ok`. A record that is pending
    /// and was never sent can be completed as well, such as one that an earlier run announced.
    ///
    /// # Errors
    /// [`Error::NotSafe`]: what came of the trade is not safe, the report that was announced is.
    /// Otherwise if there is no such record, it is in another state, or it cannot be read.
    pub fn complete(&self, id: RecordId, report: &Report) -> Result<(), Error> {
        self.book().complete(id, report)?;
        self.wake();
        Ok(())
    }

    /// Tells that an announced trade did not take place: the record is removed. It is up to the
    /// caller to be sure of that.
    ///
    /// # Errors
    /// If there is no such record, it is in another state, or the store fails: it will be reported
    /// as it was announced then.
    pub fn withdraw(&self, id: RecordId) -> Result<(), Error> {
        self.book().withdraw(id)
    }
}

impl Book {
    fn announce(&mut self, report: &Report) -> Result<RecordId, Error> {
        self.append(std::slice::from_ref(report), RecordState::Announced)
    }

    fn complete(&mut self, id: RecordId, report: &Report) -> Result<(), Error> {
        let mut record = self.store.record(id)?.ok_or(Error::NoRecord(id))?;
        match record.state {
            RecordState::Announced => {}
            RecordState::Pending if record.attempts == 0 => {}
            state => return Err(Error::State { id, state }),
        }
        let before = std::mem::replace(&mut record.state, RecordState::Pending);
        record.report = report.clone();
        let draft = Draft { put: vec![(before, record)], ..Draft::default() };
        self.commit(&draft).map_err(|source| Error::NotSafe { what: OUTCOME, source })
    }

    fn withdraw(&mut self, id: RecordId) -> Result<(), Error> {
        let record = self.store.record(id)?.ok_or(Error::NoRecord(id))?;
        match record.state {
            RecordState::Announced => {}
            state => return Err(Error::State { id, state }),
        }
        let draft = Draft { remove: vec![(record.state, id)], ..Draft::default() };
        Ok(self.commit(&draft)?)
    }

    /// What the last program had announced, and did not live to complete, is pending as it is.
    pub(super) fn resume_announced(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        if self.counts.announced == 0 {
            return Ok(());
        }
        for mut record in self.select(&[RecordState::Announced], usize::MAX)? {
            record.state = RecordState::Pending;
            draft.put.push((RecordState::Announced, record));
        }
        Ok(())
    }
}

/// What is not safe, for a message.
const OUTCOME: &str = "what came of the trade";
