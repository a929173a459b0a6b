//! What is printed, and where: answers on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{self, Write as _};

use crate::TOOL;
use crate::object::Object;
use crate::problem::Problem;

/// The result of a command.
pub(crate) struct Ended {
    pub(crate) status: Status,
    pub(crate) result: Object,
    /// The result as text for people.
    pub(crate) text: String,
}

/// What is known in the end, in the order of how bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Done,
    /// Not paid, refused or rejected.
    NotDone,
    Unknown,
}

impl Status {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotDone => 10,
            Self::Unknown => 20,
        }
    }
}

/// How the answer of a command is printed.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    command: &'static str,
    pub(crate) json: bool,
    simulated: bool,
}

impl Screen {
    pub(crate) fn new(command: &'static str, json: bool, simulated: bool) -> Self {
        Self { command, json, simulated }
    }

    pub(crate) fn answer(self, ended: &Ended) -> io::Result<()> {
        if self.json {
            print(&head(Some(self.command), true, self.simulated).nest("result", &ended.result))
        } else {
            if self.simulated {
                note(&"the gateway is simulated: no money moves");
            }
            print(&ended.text)
        }
    }

    /// One of many answers of a command that goes on.
    #[allow(dead_code, reason = "not every tool has such a command")]
    pub(crate) fn part(self, result: &Object, text: &str) -> io::Result<()> {
        if self.json {
            print(&head(Some(self.command), true, self.simulated).nest("result", result))
        } else {
            print(&text)
        }
    }

    pub(crate) fn problem(self, problem: &Problem) -> io::Result<()> {
        if self.json {
            object_of(Some(self.command), self.simulated, problem)
        } else {
            note(&format_args!("{}: {}", self.command, problem.text()));
            Ok(())
        }
    }
}

/// Prints the object of a problem; there may be no command that it is about.
pub(crate) fn object_of(
    command: Option<&str>,
    simulated: bool,
    problem: &Problem,
) -> io::Result<()> {
    let object = head(command, false, simulated).nest("error", &problem.object());
    match &problem.result {
        Some(result) => print(&object.nest("result", result)),
        None => print(&object),
    }
}

/// Prints a note for people that is not an answer.
pub(crate) fn note(text: &dyn Display) {
    // A reader that has gone cannot be told.
    drop(writeln!(io::stderr(), "{TOOL}: {text}"));
}

fn head(command: Option<&str>, ok: bool, simulated: bool) -> Object {
    let object = Object::new().with("command", command).with("ok", ok);
    if simulated { object.with("simulated", true) } else { object }
}

fn print(text: &dyn Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}
