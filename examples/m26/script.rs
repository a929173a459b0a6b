//! `run`: many commands over one connection.

use std::io;
use std::time::{Duration, Instant};

use crate::args::{Command, Run, Step};
use crate::connection::{Connection, Module, Target};
use crate::jobs::{self, Job, Outcome};
use crate::lines::{self, Line, Lines, Source};
use crate::problem::Problem;
use crate::screen::Screen;

/// A `run` on its way.
pub(crate) struct Script<'a> {
    target: &'a Target,
    connection: Connection,
    screen: Screen,
    show_secrets: bool,
    urcs: bool,
    /// Whether any command has failed.
    failed: bool,
}

impl<'a> Script<'a> {
    pub(crate) fn new(
        run: &Run,
        target: &'a Target,
        screen: Screen,
        show_secrets: bool,
    ) -> Result<Self, Problem> {
        let connection = target.connect()?;
        Ok(Self { target, connection, screen, show_secrets, urcs: run.urcs, failed: false })
    }

    /// Carries out every line. Whether all went well.
    pub(crate) fn run(mut self, source: Source) -> io::Result<bool> {
        let mut lines = Lines::new(source);
        loop {
            match lines.next() {
                Ok(Some(line)) => self.line(&line)?,
                Ok(None) => break,
                Err(error) => {
                    self.fail("run", &lines::unreadable(&error))?;
                    break;
                }
            }
        }
        self.print_arrived()?;
        Ok(!self.failed)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.print_arrived()?;
        match line.parse() {
            Ok(None) => Ok(()),
            Ok(Some(Step::Sleep { time })) => self.sleep(time),
            Ok(Some(Step::Command(command))) => {
                let name = command.name();
                let outcome = self.carry_out(command);
                // What came before the answer is printed before it.
                while let Some(event) = self.connection.client.take_event() {
                    self.event(&event)?;
                }
                match outcome {
                    Ok(answer) => self.screen.answer(name, &answer),
                    Err(problem) => {
                        self.fail(name, &problem.advise(name, false).on_line(line.number))
                    }
                }
            }
            Err((name, problem)) => self.fail(&name, &problem),
        }
    }

    fn carry_out(&mut self, command: Command) -> Outcome {
        match jobs::prepare(command, &self.target.profile, self.show_secrets, self.screen.json)? {
            Job::Alone(job) => job(),
            Job::Sending(job) => job(&mut Module::Client(&mut self.connection)),
            Job::Stepwise(job) => job(&mut self.connection),
            Job::Doctor(_)
            | Job::Drain(_)
            | Job::Monitor
            | Job::Replay(_)
            | Job::Run(_)
            | Job::Session(_) => {
                Err(Problem::invalid("this command cannot be used in a list of commands"))
            }
        }
    }

    /// Lets time pass, in which events may come.
    fn sleep(&mut self, time: Duration) -> io::Result<()> {
        let Some(until) = now().checked_add(time) else {
            return self.fail("sleep", &Problem::invalid("the time to sleep is too long"));
        };
        loop {
            let left = until.saturating_duration_since(now());
            match self.connection.client.next_event(Some(left)) {
                Ok(Some(event)) => self.event(&event)?,
                Ok(None) => return Ok(()),
                Err(error) => return self.fail("sleep", &error.into()),
            }
        }
    }

    /// Prints what has arrived by now.
    fn print_arrived(&mut self) -> io::Result<()> {
        // The next command reports a port that is lost.
        while let Ok(Some(event)) = self.connection.client.next_event(Some(Duration::ZERO)) {
            self.event(&event)?;
        }
        Ok(())
    }

    fn event(&self, event: &m26_pay::engine::Event) -> io::Result<()> {
        if self.urcs { self.screen.event(event) } else { Ok(()) }
    }

    fn fail(&mut self, name: &str, problem: &Problem) -> io::Result<()> {
        self.failed = true;
        self.screen.problem(name, problem)
    }
}

#[allow(clippy::disallowed_methods, reason = "the tool waits in real time")]
fn now() -> Instant {
    Instant::now()
}
