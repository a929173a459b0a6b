//! [`OutboxDuty`]: what a session does by itself with the outbox.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::log::{debug, warn};

use crate::alipay::ReportStatus;
use crate::flows::{Context, Flow, Input, Progress, Step};
use crate::outbox::sender::{Sender, Stop, Want};
use crate::outbox::{Outbox, OutboxError, ReportAnswer, StoreError, UsageReport, UsageReported};
use crate::session::{Duty, Notice, Standing, State, Unanswered};

/// What a session does by itself with the outbox: it sends the pending reports, reports the usage by
/// its schedule, and tells the outbox what happens to the module. Attach it before the session
/// begins.
///
/// An append does not wake the session by itself. Use [`Outbox::on_append`] for that, or let the
/// thread that owns a blocking session nudge it.
///
/// ```
/// use m26_pay::alipay::{Report, TradeResult};
/// use m26_pay::outbox::{Outbox, OutboxPolicy};
/// # use std::time::Duration;
/// # use m26_pay::blocking::Session;
/// # use m26_pay::engine::Settings;
/// # use m26_pay::error::Error;
/// # use m26_pay::session::Plan;
/// # use m26_pay::sim::modem::{self, ModemConfig, Modem};
/// # use m26_pay::sim::virtual_port::VirtualPort;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("till.db");
/// # let module = modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() };
/// # let mut module = Some(module);
/// # let open = move || Ok::<_, Error>(VirtualPort::new(Modem::new(module.take().unwrap())));
///
/// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
/// let mut session = Session::new(open, Plan::default(), Settings::default());
/// session.attach(outbox.duty());
/// session.wait_ready(Duration::from_secs(60))?;
///
/// outbox.append(&Report::of("10.25".parse()?, TradeResult::Unsupported, 1548811777).build()?)?;
/// session.nudge();
/// while session.next_event(Some(Duration::from_secs(1))).is_some() {}
/// assert_eq!(outbox.summary().reports.held, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OutboxDuty {
    sender: Sender,
    usage: Option<UsageReport>,
    /// How many reports of usage failed in a row, and when the next one may be sent.
    usage_failures: u32,
    usage_not_before: Option<Instant>,
    /// What happened to the module and is not in the store yet, in order.
    owed: VecDeque<Notice>,
    /// When to be called next, after the progress was told.
    then: Option<Option<Instant>>,
    /// How many commits the store had when it was looked, and when it may rest if there are no more.
    rest: Option<(u64, Instant)>,
}

impl OutboxDuty {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self {
            sender: Sender::new(outbox),
            usage: None,
            usage_failures: 0,
            usage_not_before: None,
            owed: VecDeque::new(),
            then: None,
            rest: None,
        }
    }

    fn tell(&mut self, notice: Notice) -> Result<(), StoreError> {
        let mut book = self.sender.outbox().book();
        match notice {
            Notice::CacheDiscarded => book.discarded().map(|_| ()),
            Notice::Closed => book.closed(),
            Notice::Opened { fresh } => book.opened(fresh).map(|_| ()),
            Notice::Restarted => book.restarted().map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Notes what the store has to know. Nothing is sent until the store knows it, so two notices of
    /// each kind are enough: the first decides what the module lost, the last says how it is now.
    fn owe(&mut self, notice: Notice) {
        let mut same = (0..self.owed.len()).filter(|at| self.owed[*at] == notice);
        if let (Some(_), Some(last)) = (same.next(), same.next()) {
            self.owed.remove(last);
        }
        self.owed.push_back(notice);
    }

    /// Writes into the store what it does not know yet.
    fn pay(&mut self) -> Result<(), StoreError> {
        while let Some(notice) = self.owed.front().copied() {
            self.tell(notice)?;
            self.owed.pop_front();
        }
        Ok(())
    }

    fn deliver(&mut self, cx: &Context<'_>, ready: bool, input: Input) -> Step<Option<Instant>> {
        match self.sender.advance(cx, Some(ready), input) {
            Want::Send(request) => Step::Send(request),
            Want::Tell(progress) => Step::Report(progress),
            Want::Stop(stop) => match stop {
                Stop::Empty => self.report_usage(cx, Input::Begin),
                Stop::Store(error) => self.store_failed(cx, &error),
                Stop::Until(until) => self.done(cx, Some(until)),
                // The session opens the SDK again, and says when it is ready.
                Stop::Disconnected | Stop::Draining | Stop::Late | Stop::NotInitialised => {
                    Step::Done(cx.now.checked_add(LOOK_AGAIN))
                }
            },
        }
    }

    fn report_usage(&mut self, cx: &Context<'_>, input: Input) -> Step<Option<Instant>> {
        let mut report = match self.usage.take() {
            Some(report) => report,
            None => {
                if let Err(due) = self.is_usage_due(cx.now) {
                    return self.done(cx, due);
                }
                self.sender.outbox().report_usage()
            }
        };
        match report.step(cx, input) {
            Step::Send(request) => {
                self.usage = Some(report);
                Step::Send(request)
            }
            Step::Done(Ok(reported)) => {
                self.usage_reported(cx.now, &reported);
                // There may be something else to do now.
                Step::Done(Some(cx.now))
            }
            Step::Done(Err(OutboxError::Store(error))) => self.store_failed(cx, &error),
            // Another flow is reporting it.
            Step::Done(Err(_)) | Step::Report(_) | Step::Wait(_) => {
                Step::Done(cx.now.checked_add(LOOK_AGAIN))
            }
        }
    }

    fn usage_reported(&mut self, now: Instant, reported: &UsageReported) {
        let policy = self.sender.outbox().policy();
        let wait = match reported {
            UsageReported::Taken(..) | UsageReported::Nothing => {
                (self.usage_failures, self.usage_not_before) = (0, None);
                return;
            }
            // The next answer will hardly be another one.
            UsageReported::Failed(
                ReportAnswer::Result(ReportStatus::PARAMETER)
                | ReportAnswer::Refused(_)
                | ReportAnswer::InvalidCommand,
            ) => policy.usage_every,
            UsageReported::Failed(_) | UsageReported::NotSent(_) => {
                policy.backoff.wait(self.usage_failures)
            }
        };
        self.usage_failures = self.usage_failures.saturating_add(1);
        self.usage_not_before = now.checked_add(wait);
    }

    /// `Err` says when it will be due, if there is anything to report.
    fn is_usage_due(&self, now: Instant) -> Result<(), Option<Instant>> {
        let book = self.sender.outbox().book();
        let Some(due) = book.usage_due() else { return Err(None) };
        let wait = due.since(book.now());
        drop(book);
        let at = if wait.is_zero() { Some(now) } else { now.checked_add(wait) };
        match at.max(self.usage_not_before) {
            Some(at) if at <= now => Ok(()),
            at => Err(at),
        }
    }

    /// Lets the store rest once nothing was written for a while. When to look again.
    fn rest(&mut self, now: Instant) -> Option<Instant> {
        let mut book = self.sender.outbox().book();
        let commits = book.restless;
        if commits == 0 {
            self.rest = None;
            return None;
        }
        match self.rest {
            Some((seen, at)) if seen == commits && at <= now => {
                if let Err(error) = book.rest() {
                    debug!(%error, "the store could not tidy up yet");
                    self.rest = None;
                    drop(book);
                    return now.checked_add(LOOK_AGAIN);
                }
                self.rest = None;
                None
            }
            Some((seen, at)) if seen == commits => Some(at),
            _ => {
                let at = now.checked_add(REST)?;
                self.rest = Some((commits, at));
                Some(at)
            }
        }
    }

    /// Nothing is sent now: the store may rest.
    fn done(&mut self, cx: &Context<'_>, until: Option<Instant>) -> Step<Option<Instant>> {
        let rest = self.rest(cx.now);
        Step::Done(until.into_iter().chain(rest).min())
    }

    /// Handles the reply to what was sent, and sends nothing: the session is not ready any more, or
    /// the store cannot be written.
    fn interrupt(&mut self, cx: &Context<'_>, input: Input) {
        let Input::Reply(reply) = input else { return };
        match self.usage.take() {
            Some(mut report) => {
                if let Step::Done(Err(error)) = report.step(cx, Input::Reply(reply)) {
                    warn!(%error, "the outcome of the report of usage is not written yet");
                }
            }
            None => self.sender.interrupt(cx, reply),
        }
    }

    fn store_failed(&mut self, cx: &Context<'_>, error: &StoreError) -> Step<Option<Instant>> {
        self.then = Some(cx.now.checked_add(LOOK_AGAIN));
        let detail = format!("nothing is sent: {error}");
        Step::Report(Progress { step: "outbox", detail, remaining: Some(LOOK_AGAIN) })
    }
}

impl Duty for OutboxDuty {
    /// The file knows: a report is [`ItemState::Sending`](crate::outbox::ItemState::Sending) in it
    /// before its first byte is sent.
    fn unanswered(&self) -> Unanswered {
        match self.sender.outbox().book().unanswered {
            true => Unanswered::Something,
            false => Unanswered::Nothing,
        }
    }

    fn notice(&mut self, _now: Instant, notice: Notice) {
        if notice == Notice::Ready {
            self.sender.refresh();
            (self.usage_failures, self.usage_not_before) = (0, None);
        }
        self.owe(notice);
        if let Err(error) = self.pay() {
            warn!(%error, ?notice, "the outbox does not know yet what happened to the module");
        }
    }

    fn step(
        &mut self,
        cx: &Context<'_>,
        standing: Standing,
        input: Input,
    ) -> Step<Option<Instant>> {
        let ready = standing.state == State::Ready;
        if let Some(until) = self.then.take() {
            if !matches!(input, Input::Reply(_)) {
                return Step::Done(until);
            }
        }
        if !ready {
            self.interrupt(cx, input);
            return self.done(cx, None);
        }
        if let Err(error) = self.pay() {
            self.interrupt(cx, input);
            return self.store_failed(cx, &error);
        }
        if self.usage.is_some() {
            return self.report_usage(cx, input);
        }
        self.deliver(cx, ready, input)
    }
}

/// Not specified; chosen longer than between two trades at a busy till, so that the disk is not
/// written twice for each.
const REST: Duration = Duration::from_secs(10);

/// Not specified; chosen because a disk stays full for a while, and a drain by hand takes a while.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
