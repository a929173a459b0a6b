//! `run`: many commands over one connection.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use clap::{CommandFactory as _, Parser as _};

use crate::args::{Command, Line, Run, Step};
use crate::connection::{Connection, Target};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::screen::Screen;
use crate::usage;

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

/// What a line says.
enum Parsed {
    Command(Box<Command>),
    Nothing,
    Sleep(Duration),
}

/// Opens what the commands are read from.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, Problem> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let doing = || format!("the file {} cannot be read", path.display());
    let file = File::open(path).map_err(|error| Problem::io(&doing(), &error))?;
    Ok(Box::new(BufReader::new(file)))
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
    pub(crate) fn run(mut self, mut lines: Box<dyn BufRead>) -> io::Result<bool> {
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            match lines.read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) => self.line(number, &bytes)?,
                Err(error) => {
                    self.fail("run", &Problem::io("the commands cannot be read on", &error))?;
                    break;
                }
            }
        }
        self.print_arrived()?;
        Ok(!self.failed)
    }

    fn line(&mut self, number: u64, bytes: &[u8]) -> io::Result<()> {
        self.print_arrived()?;
        match parse(bytes) {
            Ok(Parsed::Nothing) => Ok(()),
            Ok(Parsed::Sleep(time)) => self.sleep(time),
            Ok(Parsed::Command(command)) => {
                let name = command.name();
                let outcome = self.carry_out(*command);
                // What came before the answer is printed before it.
                while let Some(event) = self.connection.client.take_event() {
                    self.event(&event)?;
                }
                match outcome {
                    Ok(answer) => self.screen.answer(name, &answer),
                    Err(problem) => self.fail(name, &problem.advise(name, false).on_line(number)),
                }
            }
            Err((name, why)) => {
                let problem = Problem::invalid(why).on_line(number);
                self.fail(name.as_deref().unwrap_or("?"), &problem)
            }
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<crate::screen::Answer, Problem> {
        match jobs::prepare(command, &self.target.profile, self.show_secrets, self.screen.json)? {
            Job::Alone(job) => job(),
            Job::Connected(job) => job(&mut self.connection),
            Job::Drain(_) | Job::Monitor | Job::Run(_) => {
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

/// Reads a line, or says what is wrong with it and which command it is, if that can be told.
fn parse(bytes: &[u8]) -> Result<Parsed, (Option<String>, String)> {
    let text = std::str::from_utf8(bytes).map_err(|_| (None, "it is no text in UTF-8".into()))?;
    // As editors for Windows write a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.trim_end_matches(['\r', '\n']);
    let words = shell_words::split(text).map_err(|error| {
        let words: Vec<_> = text.split_whitespace().collect();
        (usage::name_of(&words, &Line::command()), error.to_string())
    })?;
    if words.is_empty() {
        return Ok(Parsed::Nothing);
    }
    let line = Line::try_parse_from(&words).map_err(|error| {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        (usage::name_of(&words, &Line::command()), usage::in_short(error))
    })?;
    Ok(match line.step {
        Step::Sleep { time } => Parsed::Sleep(time),
        Step::Command(command) => Parsed::Command(Box::new(command)),
    })
}

#[allow(clippy::disallowed_methods, reason = "the tool waits in real time")]
fn now() -> Instant {
    Instant::now()
}
