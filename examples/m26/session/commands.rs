//! What a session is told to do.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
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
use super::stop::Stop;
use super::turn::Turn;
use super::{Input, advise, events, status};
use crate::args::{Command, Config, ConfigSet, Report};
use crate::connection::{Module, Target};
use crate::jobs::{self, Job, Outcome, answer, change, config, sdk};
use crate::lines::{self, Line};
use crate::object::Object;
use crate::problem::Problem;

/// Carries out commands, one after the other.
pub(super) struct Commands<'a> {
    pub(super) session: SessionHandle,
    pub(super) outbox: Option<Outbox>,
    pub(super) stop: Arc<Stop>,
    pub(super) turn: Turn<'a>,
    pub(super) target: &'a Target,
    /// How long a command waits until the module is ready.
    pub(super) patience: Duration,
    pub(super) show_secrets: bool,
    pub(super) json: bool,
    /// Whether a line without a line end is taken for a part of one.
    pub(super) may_be_torn: bool,
    /// Whether any command has failed.
    pub(super) failed: bool,
}

impl Commands<'_> {
    /// Carries out what comes until it ends. Whether all went well.
    pub(super) fn carry_out(mut self, inbox: &Receiver<Input>) -> io::Result<bool> {
        loop {
            let at_hand = inbox.try_recv().ok();
            let input = at_hand.or_else(|| {
                self.turn.give_up();
                inbox.recv().ok()
            });
            match input {
                _ if self.stop.is_stopped() => break,
                Some(Input::Line(line)) => self.line(&line)?,
                Some(Input::Unreadable(error)) => {
                    self.print("session", &Err(lines::unreadable(&error)))?;
                    break;
                }
                Some(Input::End | Input::Stop) | None => break,
            }
        }
        Ok(!self.failed)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let step: Step = match line.parse() {
            Ok(Some(step)) => step,
            Ok(None) => return Ok(()),
            Err((name, problem)) => return self.print(&name, &Err(problem)),
        };
        let name = step.name();
        let at_once = matches!(step, Step::Append(_));
        if self.may_be_torn && !line.is_whole() {
            let problem = Problem::invalid(
                "it has no line end and may be cut short, so it was not carried out",
            );
            return self.print(name, &Err(problem.on_line(line.number)));
        }
        if !at_once {
            self.turn.give_up();
        }
        let outcome = self.step(step).map_err(|problem| {
            let problem = problem.on_line(line.number);
            if self.stop.is_stopped() { problem.stopped() } else { problem }
        });
        if !at_once {
            // What came before the answer is printed before it.
            events::print_arrived(&self.session, self.turn.take())?;
        }
        self.print(name, &outcome)
    }

    fn step(&mut self, step: Step) -> Outcome {
        match step {
            Step::WaitReady { time } => self.wait_ready(time),
            Step::Status => status::status(&self.session.health(), self.outbox.as_ref()),
            Step::Sleep { time } => match self.stop.sleep(time) {
                true => answer(Object::new(), "the time is over"),
                false => Err(Problem::invalid("the time is not over")),
            },
            Step::Append(report) => self.append(report),
            Step::ShutDown { power_off } => self.shut_down(power_off),
            Step::Command(Command::Config(Config::Set(args))) => self.reconfigure(*args),
            Step::Command(command) => self.command(command),
        }
    }

    fn command(&mut self, command: Command) -> Outcome {
        let own = match &command {
            Command::BringUp(_) => Some("it brings the module up by itself: see `wait-ready`"),
            Command::Open => Some("it opens the Alipay SDK by itself: see `wait-ready`"),
            Command::Shut => Some("use `shut-down`, after which it does not open the SDK again"),
            _ => None,
        };
        if let Some(own) = own {
            return Err(Problem::invalid(format!("this is the session's own work; {own}")));
        }
        match jobs::prepare(command, &self.target.profile, self.show_secrets, self.json)? {
            Job::Alone(job) => job(),
            Job::Sending(job) => job(&mut Module::Session(&self.session, self.patience)),
            Job::Drain(_) | Job::Monitor | Job::Run(_) | Job::Session(_) | Job::Stepwise(_) => {
                Err(Problem::invalid("this command cannot be used in a session"))
            }
        }
    }

    fn wait_ready(&self, time: Duration) -> Outcome {
        if self.session.state() == State::Failed {
            self.session.resume();
        }
        self.session.wait_ready(time).map_err(|error| self.not_ready(error))?;
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

    fn print(&mut self, name: &str, outcome: &Outcome) -> io::Result<()> {
        let screen = self.turn.take();
        match outcome {
            Ok(answer) => screen.answer(name, answer),
            Err(problem) => {
                self.failed = true;
                screen.problem(name, problem)
            }
        }
    }
}
