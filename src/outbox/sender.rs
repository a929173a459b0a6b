//! [`Sender`]: sends the reports to the module, one after the other.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::log::{debug, warn};

use crate::alipay::{ReadQueue, ReportStatus};
use crate::at::command::{Command, DecodeError, Reply, Request};
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::{self, Context, Input, Progress};
use crate::m26::ReadNetworkStatus;
use crate::outbox::pace::Pace;
use crate::outbox::verdict::{Outcome, Verdict};
use crate::outbox::{Doubt, ItemState, Outbox, ReportAnswer, StoreError};

/// Sends the reports to the module, one after the other. A flow and a duty use it.
#[derive(Debug)]
pub(super) struct Sender {
    outbox: Outbox,
    /// Whether it has taken the drain over. Only one sender can have it.
    claimed: bool,
    stage: Stage,
    /// Why it stops, until it is called again.
    stop: Option<Stop>,
    pace: Pace,
    /// How many reports the next batch may have.
    limit: usize,
    /// After this nothing is begun.
    pub(super) deadline: Option<Instant>,
    /// The module was restarted, and the store does not know it yet.
    restarted: bool,
    /// What it has done so far.
    pub(super) tally: Tally,
    news: VecDeque<Progress>,
}

/// How many reports came to which end since the sender began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) held: u64,
    pub(super) ram_only: u64,
    pub(super) parked: u64,
    pub(super) rejected: u64,
}

/// What the sender waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    /// The answer to the current report. If the report was `questioned`, a second 1 rejects it.
    Sent {
        confirming: bool,
    },
    /// Whether the module is in the network: the current report was answered with 1.
    AskingNetwork,
    /// Whether the SDK is initialised: the current report was answered with 1.
    AskingQueue,
}

/// What the sender does next.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is alive at a time")]
pub(super) enum Want {
    Send(Request),
    Tell(Progress),
    Stop(Stop),
}

/// Why nothing is sent now.
#[derive(Debug)]
pub(super) enum Stop {
    /// The port is gone.
    Disconnected,
    /// Another sender drains this outbox.
    Draining,
    /// Nothing is pending.
    Empty,
    /// Its time is over.
    Late,
    /// The SDK has to be opened again first.
    NotInitialised,
    /// The store failed.
    Store(StoreError),
    /// Something failed, and is tried again at this time.
    Until(Instant),
}

impl Sender {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            claimed: false,
            stage: Stage::Idle,
            stop: None,
            pace: Pace::default(),
            limit: FIRST_BATCH,
            deadline: None,
            restarted: false,
            tally: Tally::default(),
            news: VecDeque::new(),
        }
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The next action. `ready` says whether the session is ready; `None` without a session.
    pub(super) fn advance(&mut self, cx: &Context<'_>, ready: Option<bool>, input: Input) -> Want {
        if !self.claimed {
            self.claimed = self.outbox.book().claim();
            if !self.claimed {
                return Want::Stop(Stop::Draining);
            }
        }
        match input {
            Input::Reply(reply) => {
                if let Some(request) = self.answered(cx, ready, reply) {
                    return Want::Send(request);
                }
            }
            Input::Begin if self.stage != Stage::Idle => {
                self.outbox.book().abandon();
                self.stage = Stage::Idle;
            }
            _ => {}
        }
        self.next(cx)
    }

    /// Takes a reply while nothing may be sent.
    pub(super) fn interrupt(&mut self, cx: &Context<'_>, reply: Result<Reply, ExchangeError>) {
        if let Stage::Sent { confirming } = &mut self.stage {
            // The report itself can be the cause of a 1 only while the session is ready.
            *confirming = false;
        }
        if self.answered(cx, Some(false), reply).is_some() {
            self.stage = Stage::Idle;
            self.conclude(cx, QUESTIONED, Verdict::Later);
        }
        if let Err(error) = self.outbox.book().settle() {
            warn!(%error, "the reports that were sent are not settled yet");
        }
    }

    /// The SDK was opened again: earlier failures no longer count.
    pub(super) fn refresh(&mut self) {
        self.pace.reset();
        self.stop = None;
    }

    fn next(&mut self, cx: &Context<'_>) -> Want {
        loop {
            if let Some(progress) = self.news.pop_front() {
                return Want::Tell(progress);
            }
            if std::mem::take(&mut self.restarted) {
                let settled = self.outbox.book().restarted();
                if let Err(error) = settled {
                    self.restarted = true;
                    return self.store_failed(cx, error);
                }
            }
            if let Some(stop) = self.stop.take() {
                return self.settle_and(cx, stop);
            }
            if let Some(until) = self.pace.until(cx.now) {
                return self.settle_and(cx, Stop::Until(until));
            }
            if self.deadline.is_some_and(|deadline| deadline <= cx.now) {
                return self.settle_and(cx, Stop::Late);
            }
            let request =
                self.outbox.book().next_of_batch(cx.now).map(|report| report.request(cx.profile));
            let Some(request) = request else {
                match self.begin_batch() {
                    Ok(true) => continue,
                    Ok(false) => return Want::Stop(Stop::Empty),
                    Err(error) => return self.store_failed(cx, error),
                }
            };
            match request {
                Ok(request) => {
                    self.stage = Stage::Sent { confirming: false };
                    return Want::Send(request);
                }
                Err(error) => {
                    debug!(%error, "a report cannot be sent");
                    self.conclude(
                        cx,
                        ReportAnswer::InvalidCommand,
                        Verdict::from(ReportAnswer::InvalidCommand),
                    );
                }
            }
        }
    }

    fn begin_batch(&mut self) -> Result<bool, StoreError> {
        let mut book = self.outbox.book();
        let most = book.policy.batch.reports.max(1);
        let count = self.limit.min(most);
        let begun = book.begin_batch(count)?;
        let left = book.reports.counts.due();
        drop(book);
        // After a failure a batch has one report: if there is still no room, more would be written as
        // being sent for nothing.
        self.limit = count.saturating_mul(2);
        if begun && left > most.min(FIRST_BATCH) as u64 {
            let taken = self.tally.held + self.tally.ram_only;
            self.tell(format!("{taken} reports were taken by the module, {left} are to go"), None);
        }
        Ok(begun)
    }

    fn settle_and(&mut self, cx: &Context<'_>, stop: Stop) -> Want {
        let settled = self.outbox.book().settle();
        match settled {
            Ok(()) => Want::Stop(stop),
            Err(error) => self.store_failed(cx, error),
        }
    }

    /// The store failed: nothing may be sent that cannot be written to it.
    fn store_failed(&mut self, cx: &Context<'_>, error: StoreError) -> Want {
        warn!(%error, "the outbox is not drained");
        self.back_off(cx, None);
        Want::Stop(Stop::Store(error))
    }

    /// Handles a reply. `Some` has to be sent now.
    fn answered(
        &mut self,
        cx: &Context<'_>,
        ready: Option<bool>,
        reply: Result<Reply, ExchangeError>,
    ) -> Option<Request> {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Idle => None,
            Stage::Sent { confirming } => {
                let outcome = Outcome::of(self.outbox.book().current()?, reply);
                match outcome {
                    Outcome::Answered(answer) => match Verdict::from(answer) {
                        Verdict::Questioned if confirming => {
                            self.conclude(cx, answer, Verdict::Rejected);
                            None
                        }
                        Verdict::Questioned => {
                            self.ask(cx, &ReadNetworkStatus, Stage::AskingNetwork)
                        }
                        verdict => {
                            self.conclude(cx, answer, verdict);
                            None
                        }
                    },
                    Outcome::NotSent(failure) => {
                        self.outbox.book().give_back();
                        self.hindered(cx, &failure);
                        None
                    }
                }
            }
            Stage::AskingNetwork => match flows::decode(&ReadNetworkStatus, reply) {
                Ok(status) if !status.is_registered() => {
                    self.conclude(cx, QUESTIONED, Verdict::Later);
                    None
                }
                Ok(_) => match ready {
                    Some(true) => self.confirm(cx),
                    Some(false) => {
                        self.conclude(cx, QUESTIONED, Verdict::NotInitialised);
                        None
                    }
                    None => self.ask(cx, &ReadQueue, Stage::AskingQueue),
                },
                Err(error) => self.unclear(cx, error),
            },
            Stage::AskingQueue => match flows::decode(&ReadQueue, reply) {
                Ok(_) => self.confirm(cx),
                Err(Error::Decode(DecodeError::Result { code, .. }))
                    if code == ReportStatus::NOT_INITIALISED.0 =>
                {
                    self.conclude(cx, QUESTIONED, Verdict::NotInitialised);
                    None
                }
                Err(error) => self.unclear(cx, error),
            },
        }
    }

    /// Sends the questioned report once more: the module is known to be in order.
    fn confirm(&mut self, cx: &Context<'_>) -> Option<Request> {
        let request = self.outbox.book().send_again()?.request(cx.profile).ok()?;
        self.stage = Stage::Sent { confirming: true };
        Some(request)
    }

    fn ask<C: Command>(&mut self, cx: &Context<'_>, command: &C, stage: Stage) -> Option<Request> {
        match command.request(cx.profile) {
            Ok(request) => {
                self.stage = stage;
                Some(request)
            }
            Err(error) => self.unclear(cx, error.into()),
        }
    }

    /// It is not known whether the report itself is the cause of the 1, because a check failed.
    fn unclear(&mut self, cx: &Context<'_>, error: Error) -> Option<Request> {
        match error {
            Error::Failed(failure) if failure.certainty() != Certainty::Refused => {
                self.conclude(cx, QUESTIONED, Verdict::Later);
                self.cut_off(&failure);
            }
            _ => self.conclude(cx, QUESTIONED, Verdict::Failed),
        }
        None
    }

    /// The current report got this answer.
    fn conclude(&mut self, cx: &Context<'_>, answer: ReportAnswer, verdict: Verdict) {
        let concluded = self.outbox.book().conclude(Some(cx.now), answer, verdict);
        let Some((id, state)) = concluded else { return };
        debug!(%id, %answer, %state, "a report was answered");
        match state {
            ItemState::Held => self.tally.held += 1,
            ItemState::RamOnly => self.tally.ram_only += 1,
            ItemState::Parked => {
                self.tally.parked += 1;
                // The reports behind it need not wait.
                self.pace.reset();
                self.step_aside(format!("report {id} failed for too long and is parked: {answer}"));
            }
            ItemState::Rejected => {
                self.tally.rejected += 1;
                self.step_aside(format!("report {id} is rejected: {answer}"));
            }
            ItemState::Announced
            | ItemState::Expired
            | ItemState::Ordered
            | ItemState::Pending
            | ItemState::Sending => {
                self.back_off(cx, Some(format!("report {id} is tried again: {answer}")));
            }
        }
        if state.is_held() {
            self.pace.quicken();
        }
        match (answer, verdict) {
            (_, Verdict::NotInitialised) => self.stop = Some(Stop::NotInitialised),
            (ReportAnswer::Unknown(Doubt::Disconnected), _) => self.stop = Some(Stop::Disconnected),
            (ReportAnswer::Unknown(Doubt::Interrupted), _) => self.interrupted(),
            _ => {}
        }
    }

    /// A command could not be sent.
    fn hindered(&mut self, cx: &Context<'_>, failure: &ExchangeError) {
        self.back_off(cx, Some(failure.to_string()));
        self.cut_off(failure);
    }

    fn cut_off(&mut self, failure: &ExchangeError) {
        match failure {
            ExchangeError::Disconnected(_) => self.stop = Some(Stop::Disconnected),
            ExchangeError::Interrupted(_) => self.interrupted(),
            _ => {}
        }
    }

    /// The module was restarted: the SDK is closed.
    fn interrupted(&mut self) {
        self.restarted = true;
        self.stop = Some(Stop::NotInitialised);
    }

    fn back_off(&mut self, cx: &Context<'_>, why: Option<String>) {
        let backoff = self.outbox.book().policy.backoff.clone();
        let wait = self.pace.slow(cx.now, &backoff);
        self.limit = 1;
        if let Some(why) = why {
            self.tell(why, Some(wait));
        }
    }

    fn step_aside(&mut self, detail: String) {
        warn!("{detail}");
        self.tell(detail, None);
    }

    fn tell(&mut self, detail: String, remaining: Option<Duration>) {
        self.news.push_back(Progress { step: "outbox", detail, remaining });
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if self.claimed {
            self.outbox.book().release();
        }
    }
}

/// Not specified; chosen because a module's queue has about this much room (12 to 30 were seen). If it
/// has more, the next batches are larger.
const FIRST_BATCH: usize = 16;

const QUESTIONED: ReportAnswer = ReportAnswer::Result(ReportStatus::PARAMETER);
