//! What is done in each state.

use std::time::Instant;

use crate::alipay::{DeviceId, Open, ProductInfo, Shut};
use crate::at::command::Command;
use crate::error::Error;
use crate::flows::Synchronise;
use crate::flows::{self, BringUp, Configure, Context, Flow, Input, Progress};
use crate::m26::{HostClock, PowerOff, ReadErrorFormat, ReadNetworkStatus, Reset};
use crate::session::demand::{Demand, Verb};
use crate::session::machine::{Machine, Step};
use crate::session::{Event, Notice, Restart, State};

/// What is being done in a state.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one job is alive at a time")]
pub(super) enum Job {
    /// Nothing was begun.
    Idle,
    /// The session waits until then, and goes on with what stands here.
    Pausing(Instant, Box<Job>),
    /// The port is being opened, or the module restarted by the host.
    Host,
    Synchronise(Synchronise),
    BringUp(BringUp),
    Configure(Configure),
    Open,
    ToProductInfo(u32),
    ProductInfo(u32),
    DeviceId,
    /// The module is asked whether it stands as it should.
    Check,
    Status,
    ToShut,
    Shut,
    ToPowerOff,
    PowerOff,
    /// Results of the past are made known to the engine.
    Quarantine,
    ToRestart,
    /// The SDK is closed before the module is restarted.
    CloseFirst,
    Restart,
    Resting,
}

impl Machine {
    /// What is to be done, after what came of the last step. `unix_seconds` is what the host's
    /// clock shows, if it has one.
    pub fn step(&mut self, cx: &Context<'_>, unix_seconds: Option<i64>, input: Input) -> Step {
        self.see_clock(cx.now, unix_seconds);
        let mut input = input;
        loop {
            if self.state != State::Ready {
                self.dismiss(cx);
            }
            if matches!(input, Input::Begin) {
                self.begin(cx, unix_seconds);
            }
            match self.advance(cx, input) {
                Some(step) => return step,
                None => input = Input::Begin,
            }
        }
    }

    /// Begins the work of the state, unless it was chosen already.
    fn begin(&mut self, cx: &Context<'_>, unix_seconds: Option<i64>) {
        if !matches!(self.job, Job::Idle) {
            return;
        }
        if let Some(delay) = self.delay.take() {
            let until = cx.now.checked_add(delay).unwrap_or(cx.now);
            self.job = Job::Pausing(until, Box::new(Job::Idle));
            return;
        }
        if self.state == State::Disconnected {
            self.go(State::Connecting, "the port is opened");
        }
        self.job = match self.state {
            State::Disconnected | State::Connecting => Job::Host,
            State::Synchronising => {
                let attempts = self.plan.synchronise_attempts;
                Job::Synchronise(Synchronise::default().attempts(attempts))
            }
            State::BringingUp => {
                let mut bring_up = BringUp::default().synchronised();
                if let Some(access_point) = &self.plan.access_point {
                    bring_up = bring_up.access_point(access_point.clone());
                }
                if let Some(time_server) = &self.plan.time_server {
                    bring_up = bring_up.time_server(time_server.clone());
                }
                if let Some(unix_seconds) = unix_seconds {
                    let bound = self.plan.clock_bound;
                    bring_up = bring_up.host_clock(HostClock::new(cx.now, unix_seconds, bound));
                }
                Job::BringUp(bring_up)
            }
            State::Configuring => match &self.plan.config {
                Some(config) => Job::Configure(
                    Configure::new(config.clone())
                        .keep(!self.plan.force_config && !self.sdk.forced && !self.sdk.empty)
                        .tolerate(self.sdk.tolerated.clone()),
                ),
                None => Job::Idle,
            },
            State::Opening => {
                self.announce("SDK", "opening it", &Open, cx);
                Job::Open
            }
            State::Identifying => {
                if self.attempts == 0 {
                    self.announce("bizTid", "asking for it", &DeviceId, cx);
                }
                Job::DeviceId
            }
            State::Restarting { .. } => Job::ToRestart,
            State::Ready if self.doubt => Job::Check,
            State::ShuttingDown => Job::ToPowerOff,
            State::Ready | State::Shut | State::Failed => Job::Resting,
        };
    }

    /// Tells of a command that may take long.
    fn announce<C: Command>(
        &mut self,
        step: &'static str,
        detail: &str,
        command: &C,
        cx: &Context<'_>,
    ) {
        let remaining = command.request(cx.profile).ok().map(|request| request.longest());
        self.tell(Event::Progress(Progress { step, detail: detail.to_string(), remaining }));
    }

    /// One step of the work; `None` if other work is to begin.
    fn advance(&mut self, cx: &Context<'_>, input: Input) -> Option<Step> {
        match std::mem::replace(&mut self.job, Job::Idle) {
            Job::Idle => {
                // Only a state without work of its own gets here.
                if self.state == State::Configuring {
                    self.go(State::Opening, "the module stays as it is configured");
                }
                None
            }
            Job::Pausing(until, next) if until <= cx.now => {
                self.job = *next;
                None
            }
            Job::Pausing(until, next) => {
                self.job = Job::Pausing(until, next);
                Some(Step::Rest(Some(until)))
            }
            Job::Host => {
                self.job = Job::Host;
                Some(match self.state {
                    State::Restarting { .. } => {
                        self.health.counters.restarts += 1;
                        Step::Reset
                    }
                    _ => Step::Open,
                })
            }
            Job::Synchronise(mut flow) => match self.drive(&mut flow, cx, input) {
                Ok(step) => {
                    self.job = Job::Synchronise(flow);
                    Some(step)
                }
                Err(outcome) => self.synchronised(outcome.map(|_| ())),
            },
            Job::BringUp(mut flow) => match self.drive(&mut flow, cx, input) {
                Ok(step) => {
                    self.job = Job::BringUp(flow);
                    Some(step)
                }
                Err(outcome) => self.brought_up(outcome),
            },
            Job::Configure(mut flow) => match self.drive(&mut flow, cx, input) {
                Ok(step) => {
                    self.job = Job::Configure(flow);
                    if let Step::Send(request) = &step {
                        if Demand::of(request).verbs.contains(&Verb::SetConfig) {
                            self.notice(Notice::CacheDiscarded);
                        }
                    }
                    Some(step)
                }
                Err(outcome) => self.configured(outcome),
            },
            Job::Open => self.exchange(&Open, Job::Open, cx, input, Self::sdk_opened),
            Job::ToProductInfo(tried) => {
                let Some(human_verify) = self.plan.human_verify.filter(|_| !self.sdk.told) else {
                    return self.identify();
                };
                match ProductInfo::new(human_verify) {
                    Ok(info) => self.begin_exchange(&info, Job::ProductInfo(tried), cx),
                    Err(error) => self.untold(&error.into()),
                }
            }
            Job::ProductInfo(tried) => self.told(cx, tried, input),
            Job::DeviceId => self.exchange(&DeviceId, Job::DeviceId, cx, input, Self::identified),
            Job::Check => self.exchange(&ReadErrorFormat, Job::Check, cx, input, Self::checked),
            Job::Status => {
                self.exchange(&ReadNetworkStatus, Job::Status, cx, input, |machine, outcome| {
                    if let Ok(status) = &outcome {
                        machine.health.network(status);
                    }
                    // Which of the two is missing is another matter: the module answers.
                    machine.job = Job::Resting;
                    None
                })
            }
            // What is under way ends before it is saved.
            job @ (Job::ToShut | Job::ToRestart) if self.is_serving() => {
                self.job = job;
                Some(Step::Rest(None))
            }
            Job::ToShut => self.begin_exchange(&Shut, Job::Shut, cx),
            Job::Shut => self.exchange(&Shut, Job::Shut, cx, input, |machine, outcome| {
                (machine.sdk.shut, machine.sdk.running) = (true, false);
                let failed = outcome.is_err();
                if !failed {
                    machine.notice(Notice::Closed);
                }
                machine.closing.outcome = Some(outcome);
                if failed || !machine.closing.power_off {
                    machine.is_shut();
                } else {
                    machine.job = Job::ToPowerOff;
                }
                None
            }),
            Job::ToPowerOff => self.begin_exchange(&PowerOff::Normal, Job::PowerOff, cx),
            Job::PowerOff => {
                let power_off = PowerOff::Normal;
                self.exchange(&power_off, Job::PowerOff, cx, input, |machine, outcome| {
                    machine.closing.outcome = Some(outcome);
                    machine.is_shut();
                    None
                })
            }
            Job::ToRestart => {
                // What the SDK holds in memory alone is saved when it is closed.
                if self.sdk.running {
                    return self.begin_exchange(&Shut, Job::CloseFirst, cx);
                }
                self.job = self.restart_job();
                self.advance(cx, Input::Begin)
            }
            Job::CloseFirst => {
                self.exchange(&Shut, Job::CloseFirst, cx, input, |machine, outcome| {
                    machine.sdk.running = false;
                    if outcome.is_ok() {
                        machine.notice(Notice::Closed);
                    }
                    machine.job = machine.restart_job();
                    None
                })
            }
            Job::Quarantine => self.quarantined(cx, input),
            Job::Restart => match input {
                Input::Reply(reply) => self.restarting(reply),
                _ => {
                    self.health.counters.restarts += 1;
                    match self.plan.restart {
                        Restart::PowerOff => {
                            self.begin_exchange(&PowerOff::Normal, Job::Restart, cx)
                        }
                        _ => self.begin_exchange(&Reset, Job::Restart, cx),
                    }
                }
            },
            Job::Resting => self.rest(cx),
        }
    }

    /// Nothing to do until the module has been quiet for too long, or a result has not come.
    fn rest(&mut self, cx: &Context<'_>) -> Option<Step> {
        // Where OK alone is success, a result that is missing blocks nothing.
        self.sdk.still_blocks(|prefix| !cx.profile.is_ok_alone(prefix));
        let lost = match self.sdk.blocked_since(cx.now) {
            Some(since) if self.state == State::Ready => since.checked_add(self.plan.settle),
            _ => None,
        };
        if lost.is_some_and(|lost| lost <= cx.now) {
            let results = self.sdk.take_blocking();
            self.never_came(results);
            return None;
        }
        let due = match self.plan.keep_alive {
            Some(quiet) if self.state == State::Ready => self.heard.checked_add(quiet),
            _ => None,
        };
        if due.is_some_and(|due| due <= cx.now) {
            self.heard = cx.now;
            self.job = Job::Check;
            return self.begin_exchange(&ReadErrorFormat, Job::Check, cx);
        }
        self.job = Job::Resting;
        if self.state != State::Ready {
            return Some(Step::Rest(due));
        }
        Some(match self.serve(cx) {
            Ok(request) => Step::Entrust(request),
            Err(wake) => Step::Rest([due, lost, wake].into_iter().flatten().min()),
        })
    }

    /// Runs a flow inside the session: `Ok` is what it wants, `Err` what came of it.
    fn drive<F: Flow>(
        &mut self,
        flow: &mut F,
        cx: &Context<'_>,
        mut input: Input,
    ) -> Result<Step, F::Output> {
        loop {
            match flow.step(cx, input) {
                flows::Step::Send(request) => return Ok(Step::Send(request)),
                flows::Step::Wait(time) => return Ok(Step::Rest(cx.now.checked_add(time))),
                flows::Step::Report(progress) => {
                    self.tell(Event::Progress(progress));
                    input = Input::Resume;
                }
                flows::Step::Done(output) => return Err(output),
            }
        }
    }

    /// Sends a command, or takes its reply.
    pub(super) fn exchange<C: Command>(
        &mut self,
        command: &C,
        job: Job,
        cx: &Context<'_>,
        input: Input,
        done: impl FnOnce(&mut Self, Result<C::Response, Error>) -> Option<Step>,
    ) -> Option<Step> {
        match input {
            Input::Reply(reply) => {
                let outcome = flows::decode(command, reply);
                if outcome.is_ok() {
                    self.heard = cx.now;
                }
                if let Err(error) = &outcome {
                    self.fail(error);
                }
                done(self, outcome)
            }
            _ => self.begin_exchange(command, job, cx),
        }
    }

    fn begin_exchange<C: Command>(
        &mut self,
        command: &C,
        job: Job,
        cx: &Context<'_>,
    ) -> Option<Step> {
        match command.request(cx.profile) {
            Ok(request) => {
                self.job = job;
                Some(Step::Send(request))
            }
            Err(error) => {
                let error = Error::from(error);
                self.fail(&error);
                self.go(State::Failed, error.to_string());
                None
            }
        }
    }
}
