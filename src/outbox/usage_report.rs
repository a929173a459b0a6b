//! [`UsageReport`]: how the device was used is reported with AT+ALIPAYACT.

use crate::log::debug;

use crate::alipay::{Held, Report, ReportUsage};
use crate::at::command::Command;
use crate::engine::ExchangeError;
use crate::flows::{Context, Flow, Input, Step};
use crate::outbox::book::{Book, Draft};
use crate::outbox::queue::Queued as _;
use crate::outbox::store::Ledger;
use crate::outbox::verdict::{Outcome, Verdict};
use crate::outbox::{
    Outbox, OutboxError, ReportAnswer, StoreError, UnixMillis, Usage, UsageUnknown,
};

/// A flow that reports the usage that was counted, with AT+ALIPAYACT: see [`Outbox::report_usage`].
#[derive(Debug)]
#[must_use = "it reports nothing unless a client runs it"]
pub struct UsageReport {
    outbox: Outbox,
    claimed: bool,
    /// What was sent.
    sent: Option<ReportUsage>,
}

/// What a [`UsageReport`] has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageReported {
    /// The module did not take it, or that is not known: the counts become as
    /// [`OutboxPolicy::usage_unknown`](crate::outbox::OutboxPolicy::usage_unknown) says.
    Failed(ReportAnswer),
    /// There was nothing to report.
    Nothing,
    /// It was not sent.
    NotSent(ExchangeError),
    /// The module holds these.
    Taken(Usage, Held),
}

/// The report of the usage that is under way.
#[derive(Debug, Default)]
pub(super) struct UsageFlight {
    claimed: bool,
    /// The outcome, if the store does not know it yet; an inner `None` means that it was not sent.
    unsettled: Option<Option<ReportAnswer>>,
}

impl Outbox {
    /// Counts usage of the device. It is on disk when this returns `Ok`.
    ///
    /// ```
    /// # use m26_pay::outbox::{Outbox, OutboxPolicy, Usage};
    /// # let folder = tempfile::tempdir()?;
    /// # let outbox = Outbox::open(folder.path().join("till.db"), OutboxPolicy::default())?;
    /// outbox.count_usage(Usage { broadcasts: 1, scans: 1 })?;
    /// outbox.count_usage(Usage { broadcasts: 0, scans: 1 })?;
    /// assert_eq!(outbox.summary().usage.unreported, Usage { broadcasts: 1, scans: 2 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::NotSafe`]: this usage is not counted, what was counted before is.
    pub fn count_usage(&self, usage: Usage) -> Result<(), OutboxError> {
        let counted = self.book().count_usage(usage);
        counted.map_err(|source| OutboxError::NotSafe { what: "usage", source })?;
        self.wake();
        Ok(())
    }

    /// A flow that reports what was counted so far, whatever the schedule says. A session's duty
    /// reports by the schedule of [`OutboxPolicy::usage_every`](crate::outbox::OutboxPolicy::usage_every).
    pub fn report_usage(&self) -> UsageReport {
        UsageReport { outbox: self.clone(), claimed: false, sent: None }
    }
}

impl Flow for UsageReport {
    type Output = Result<UsageReported, OutboxError>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        self.advance(cx, input).unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

impl UsageReport {
    fn advance(
        &mut self,
        cx: &Context<'_>,
        input: Input,
    ) -> Result<Step<Result<UsageReported, OutboxError>>, OutboxError> {
        if !self.claimed {
            self.claimed = self.outbox.book().claim_usage();
            if !self.claimed {
                return Err(OutboxError::Draining);
            }
        }
        let done = |reported| Ok(Step::Done(Ok(reported)));
        let reply = match (self.sent.take(), input) {
            (Some(sent), Input::Reply(reply)) => (sent, reply),
            (Some(_), _) => {
                self.outbox.book().settle_usage(Some(Report::stopped()))?;
                return done(UsageReported::Failed(Report::stopped()));
            }
            (None, _) => {
                let Some(usage) = self.outbox.book().begin_usage()? else {
                    return done(UsageReported::Nothing);
                };
                return Ok(match usage.request(cx.profile) {
                    Ok(request) => {
                        self.sent = Some(usage);
                        Step::Send(request)
                    }
                    Err(_) => {
                        self.outbox.book().settle_usage(Some(ReportAnswer::InvalidCommand))?;
                        Step::Done(Ok(UsageReported::Failed(ReportAnswer::InvalidCommand)))
                    }
                });
            }
        };
        let (sent, reply) = reply;
        match Outcome::of(&sent, reply) {
            Outcome::NotSent(failure) => {
                self.outbox.book().settle_usage(None)?;
                done(UsageReported::NotSent(failure))
            }
            Outcome::Answered(answer) => {
                debug!(%answer, "the report of usage was answered");
                self.outbox.book().settle_usage(Some(answer))?;
                done(match Verdict::from(answer) {
                    Verdict::Held(held) => {
                        let (broadcasts, scans) = (sent.broadcasts.into(), sent.scans.into());
                        UsageReported::Taken(Usage { broadcasts, scans }, held)
                    }
                    _ => UsageReported::Failed(answer),
                })
            }
        }
    }
}

impl Drop for UsageReport {
    fn drop(&mut self) {
        if self.claimed {
            let left = self.sent.is_some();
            self.outbox.book().release_usage(left);
        }
    }
}

impl Book {
    fn count_usage(&mut self, counted: Usage) -> Result<(), StoreError> {
        let mut ledger = self.ledger.clone();
        ledger.usage.unreported = ledger.usage.unreported.plus(counted);
        // The schedule begins with the first count.
        ledger.usage.reported.get_or_insert(self.now());
        self.write_ledger(ledger)
    }

    /// When the usage has to be reported, if there is anything to report.
    pub(super) fn usage_due(&self) -> Option<UnixMillis> {
        let usage = &self.ledger.usage;
        let last = usage.reported.unwrap_or_default();
        // A time in the future comes from a clock that was wrong.
        let last = if last > self.now() { UnixMillis::default() } else { last };
        (!usage.unreported.is_zero()).then(|| last.plus(self.policy.usage_every))
    }

    fn claim_usage(&mut self) -> bool {
        !std::mem::replace(&mut self.usage_flight.claimed, true)
    }

    fn release_usage(&mut self, left: bool) {
        self.usage_flight.claimed = false;
        if left {
            if let Err(error) = self.settle_usage(Some(Report::stopped())) {
                crate::log::warn!(%error, "the outcome of the report of usage is not written yet");
            }
        }
    }

    /// What has to be reported now. The store knows that it is being sent.
    fn begin_usage(&mut self) -> Result<Option<ReportUsage>, StoreError> {
        self.settle_owed_usage()?;
        let unreported = self.ledger.usage.unreported;
        let part = |count: u64| u32::try_from(count).unwrap_or(u32::MAX).min(MOST);
        let (broadcasts, scans) = (part(unreported.broadcasts), part(unreported.scans));
        if unreported.is_zero() {
            return Ok(None);
        }
        let mut ledger = self.ledger.clone();
        ledger.usage.sending = Some(Usage { broadcasts: broadcasts.into(), scans: scans.into() });
        ledger.usage_unknown = self.policy.usage_unknown;
        self.write_ledger(ledger)?;
        Ok(Some(ReportUsage { broadcasts, scans }))
    }

    /// Writes an answer that could not be written before.
    pub(super) fn settle_owed_usage(&mut self) -> Result<(), StoreError> {
        match self.usage_flight.unsettled {
            Some(answer) => self.settle_usage(answer),
            None => Ok(()),
        }
    }

    /// The report was answered, or not sent (`None`).
    fn settle_usage(&mut self, answer: Option<ReportAnswer>) -> Result<(), StoreError> {
        let ledger = match answer {
            Some(answer) => self.usage_settled(answer),
            None => {
                let mut ledger = self.ledger.clone();
                ledger.usage.sending = None;
                ledger
            }
        };
        self.usage_flight.unsettled = Some(answer);
        self.write_ledger(ledger)?;
        self.usage_flight.unsettled = None;
        Ok(())
    }

    /// The ledger after this answer.
    pub(super) fn usage_settled(&self, answer: ReportAnswer) -> Ledger {
        let mut ledger = self.ledger.clone();
        let now = self.now();
        let usage = &mut ledger.usage;
        usage.last = Some((now, answer));
        let Some(sent) = usage.sending.take() else { return ledger };
        let held = match Verdict::from(answer) {
            Verdict::Held(held) => Some(held),
            _ => None,
        };
        let unknown = matches!(answer, ReportAnswer::Unknown(_));
        if held.is_some() || unknown && ledger.usage_unknown == UsageUnknown::MayLose {
            usage.unreported = usage.unreported.minus(sent);
            usage.reported = Some(now);
        }
        if held.is_some() {
            usage.this_boot = usage.this_boot.plus(sent);
        }
        if held == Some(Held::RamOnly) {
            usage.ram_only = usage.ram_only.plus(sent);
        }
        ledger
    }

    fn write_ledger(&mut self, ledger: Ledger) -> Result<(), StoreError> {
        let mut draft = Draft { ledger: Some(ledger), ..Draft::default() };
        self.commit(&mut draft)
    }
}

/// Not specified; chosen because the spec calls the counts integers (整型) without a width, and that
/// means at least 32 bits with a sign. What is above this goes into the next report.
const MOST: u32 = i32::MAX as u32;
