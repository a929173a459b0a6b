//! What a session is told to do.

use std::sync::Arc;
use std::time::Duration;

use m26_pay::alipay::{ReadConfig, StoredConfig};
use m26_pay::blocking::SessionHandle;
use m26_pay::engine::Certainty;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::Configured;
use m26_pay::m26::PowerOff;
use m26_pay::outbox::Outbox;
use m26_pay::session::{HeldReports, ShutDown, State};

use super::args::Step;
use super::outlet::Outlet;
use super::stop::Stop;
use super::{advise, status};
use crate::args::{Command, Config, ConfigSet, Report};
use crate::connection::{Module, Target};
use crate::jobs::{self, Job, Outcome, answer, change, config, sdk};
use crate::lines::Line;
use crate::object::Object;
use crate::problem::Problem;

/// Carries out commands, for any number of clients at a time.
pub(super) struct Commands<'a> {
    pub(super) session: SessionHandle,
    pub(super) outbox: Option<Outbox>,
    pub(super) stop: Arc<Stop>,
    pub(super) target: &'a Target,
    /// How long a command waits until the module is ready.
    pub(super) patience: Duration,
    pub(super) show_secrets: bool,
}

/// A line that is a command.
pub(super) struct Task {
    step: Step,
    line: u64,
}

/// A line that was answered: the name of its command, and the answer.
pub(super) type Answered = (String, Outcome);

impl Task {
    /// What a line says; nothing if it is empty or a comment. Where a line without a line end
    /// `may_be_torn`, it may be a part of one.
    pub(super) fn read(line: &Line, may_be_torn: bool) -> Result<Option<Self>, Answered> {
        let step = match line.is("status") {
            // A screen asks for it all the time.
            true => Step::Status,
            false => match line.parse() {
                Ok(Some(step)) => step,
                Ok(None) => return Ok(None),
                Err((name, problem)) => return Err((name, Err(problem))),
            },
        };
        if may_be_torn && !line.is_whole() {
            let problem = Problem::invalid(
                "it has no line end and may be cut short, so it was not carried out",
            );
            return Err((step.name().into(), Err(problem.on_line(line.number))));
        }
        Ok(Some(Self { step, line: line.number }))
    }

    pub(super) fn name(&self) -> &'static str {
        self.step.name()
    }

    pub(super) fn is_shut_down(&self) -> bool {
        matches!(self.step, Step::ShutDown { .. })
    }

    /// Whether it is carried out without the module.
    pub(super) fn is_at_once(&self) -> bool {
        matches!(self.step, Step::Append(_))
    }
}

impl Commands<'_> {
    /// Carries out a command. One that only waits ends where its client has gone.
    pub(super) fn carry_out(&self, task: Task, outlet: &Outlet) -> Outcome {
        self.step(task.step, outlet).map_err(|problem| {
            let problem = problem.on_line(task.line);
            if self.stop.is_stopped() { problem.stopped() } else { problem }
        })
    }

    /// Whether the SDK was shut down for good.
    pub(super) fn is_shut(&self) -> bool {
        self.session.state() == State::Shut
    }

    fn step(&self, step: Step, outlet: &Outlet) -> Outcome {
        match step {
            Step::WaitReady { time } => self.wait_ready(time, outlet),
            Step::Status => {
                let health = self.session.health();
                status::status(&health, self.outbox.as_ref(), outlet.is_json())
            }
            Step::Sleep { time } => match in_turns(time, outlet, |time| self.stop.sleep(time)) {
                true => answer(Object::new(), "the time is over"),
                false => Err(Problem::invalid("the time is not over")),
            },
            Step::Append(report) => self.append(report),
            Step::ShutDown { power_off } => self.shut_down(power_off),
            Step::Command(Command::Config(Config::Set(args))) => self.reconfigure(*args),
            Step::Command(command) => self.command(command, outlet.is_json()),
        }
    }

    fn command(&self, command: Command, json: bool) -> Outcome {
        let own = match &command {
            Command::BringUp(_) => Some("it brings the module up by itself: see `wait-ready`"),
            Command::Open => Some("it opens the Alipay SDK by itself: see `wait-ready`"),
            Command::Shut => Some("use `shut-down`, after which it does not open the SDK again"),
            _ => None,
        };
        if let Some(own) = own {
            return Err(Problem::invalid(format!("this is the session's own work; {own}")));
        }
        match jobs::prepare(command, &self.target.profile, self.show_secrets, json)? {
            Job::Alone(job) => job(),
            Job::Sending(job) => job(&mut Module::Session(&self.session, self.patience)),
            Job::Doctor(_)
            | Job::Drain(_)
            | Job::Monitor
            | Job::Replay(_)
            | Job::Run(_)
            | Job::Session(_)
            | Job::Stepwise(_) => Err(Problem::invalid("this command cannot be used in a session")),
        }
    }

    fn wait_ready(&self, time: Duration, outlet: &Outlet) -> Outcome {
        if self.session.state() == State::Failed {
            self.session.resume();
        }
        let mut ready = self.session.wait_ready(Duration::ZERO);
        in_turns(time, outlet, |time| {
            ready = self.session.wait_ready(time);
            let state = self.session.state();
            // It may have become ready just now.
            let may_be = state == State::Ready || state.is_recovering();
            ready.is_err() && may_be && !self.stop.is_stopped()
        });
        ready.map_err(|error| self.not_ready(error))?;
        answer(Object::new().with("state", State::Ready.name()), "payments can be signed")
    }

    /// In the words of who waits for the session and not for a command.
    fn not_ready(&self, error: Error) -> Problem {
        let state = self.session.state();
        let kind = match state {
            State::Failed => ErrorKind::Refused,
            _ if state.is_recovering() => ErrorKind::TimedOut,
            _ => ErrorKind::Busy,
        };
        match advise(error, state) {
            Error::NotAllowed { reason, advice, .. } => {
                Problem::new(kind, Certainty::NotSent, format!("{reason}; {advice}"))
            }
            error => error.into(),
        }
    }

    fn append(&self, report: Report) -> Outcome {
        let Some(outbox) = &self.outbox else {
            return Err(Problem::invalid("there is no outbox: begin the session with --db"));
        };
        let report = sdk::checked_report(report, &self.target.profile)?;
        let id = outbox.append(&report)?;
        let text = format!("the report is on disk, its number is {id}");
        answer(Object::new().with("id", id.get()), text)
    }

    fn shut_down(&self, power_off: bool) -> Outcome {
        let how = if power_off { ShutDown::PowerOff } else { ShutDown::CloseSdk };
        let before = self.session.state();
        match before {
            // The SDK was closed before, and the module is on still.
            State::Shut if power_off => drop(self.session.send(&PowerOff::Normal)?),
            _ => self.session.shut_down(how)?,
        }
        if matches!(before, State::Connecting | State::Disconnected) {
            let message = "the session has ended its work, but there is no port over which the \
                           module could be told to close its SDK";
            return Err(Problem::new(
                ErrorKind::Disconnected,
                Certainty::NotSent,
                message.to_string(),
            ));
        }
        let text = match how {
            ShutDown::CloseSdk => "the Alipay SDK is closed, and the module is on",
            ShutDown::PowerOff => "the module is off",
        };
        answer(Object::new().with("state", State::Shut.name()), text)
    }

    /// The session sets it, and opens the SDK again. What the module may hold is not discarded.
    fn reconfigure(&self, args: ConfigSet) -> Outcome {
        let discard = args.discard_reports;
        let config = config::checked(args, &self.target.profile)?;
        let before = match self.session.send_within(&ReadConfig, self.patience) {
            Ok(stored) => stored,
            // It may have given up for want of a configuration.
            Err(Error::NotAllowed { .. }) => StoredConfig::default(),
            Err(error) => return Err(error.into()),
        };
        let changed = before.differences(&config);
        if changed.is_empty() {
            return config::outcome(Configured::Unchanged);
        }
        change::permit(&before, &config, discard)?;
        // A module that was never configured holds nothing.
        let unset = before.is_unset() && self.session.state() != State::Failed;
        let held = if unset || discard { HeldReports::Discard } else { HeldReports::Keep };
        self.session.reconfigure(config.clone(), held)?;
        self.session.wait_ready(self.patience).map_err(|error| self.not_ready(error))?;
        let fields = self.session.send(&ReadConfig)?.differences(&config);
        config::outcome(match fields.is_empty() {
            true => Configured::Set { changed },
            false => Configured::Differs { fields },
        })
    }
}

/// Waits for so long, as long as there is a client that waits. `wait` waits for a part of the time, and
/// tells whether to go on. Whether the time is over.
fn in_turns(time: Duration, outlet: &Outlet, mut wait: impl FnMut(Duration) -> bool) -> bool {
    let mut left = time;
    while !outlet.is_gone() {
        let turn = left.min(LOOK);
        if !wait(turn) {
            return false;
        }
        left -= turn;
        if left.is_zero() {
            return true;
        }
    }
    false
}

/// Not specified; chosen because a client that has gone keeps others out for no longer.
const LOOK: Duration = Duration::from_secs(1);
