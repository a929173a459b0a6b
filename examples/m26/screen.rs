//! What is printed, and where: answers on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use m26_pay::at::line::Line;
use m26_pay::at::syntax::Redacted;
use m26_pay::at::syntax::View;
use m26_pay::engine::Event;
use m26_pay::transcript::mask;

use crate::object::Object;
use crate::problem::Problem;
use crate::wall::wall;

/// What a command found out.
pub(crate) struct Answer {
    pub(crate) result: Object,
    /// The answer as text for people.
    pub(crate) text: String,
}

/// What is shown, and where.
pub(crate) enum Shown {
    /// For who reads the answers.
    Line(String),
    /// For people: see [`note`].
    Note(String),
}

/// How answers are printed.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) json: bool,
    /// Whether there are many answers, so that each needs the name of its command.
    pub(crate) named: bool,
    /// Whether lines are printed that may be damaged echoes of commands with secrets in them.
    pub(crate) show_secrets: bool,
    /// Whether what is printed comes from a simulated module, which every object says.
    pub(crate) simulated: bool,
    /// Whether what comes from the module is printed with the time at which it came.
    pub(crate) stamped: bool,
}

impl Screen {
    /// Something that happened, with its time if that is wanted.
    pub(crate) fn happened(self, name: &str, message: &str) -> io::Result<()> {
        self.of_message(name, message).print()
    }

    /// As [`happened`](Self::happened); for people it is a note.
    fn of_happening(self, object: Object, message: &str) -> Shown {
        match self.json {
            true => Shown::Line(self.mark(self.stamp(object)).to_string()),
            false => Shown::Note(format!("{}{message}", self.time())),
        }
    }

    fn stamp(self, object: Object) -> Object {
        if self.stamped { object.with("at", wall().to_string()) } else { object }
    }

    /// The time in front of a line for people.
    fn time(self) -> String {
        if self.stamped { format!("{} ", wall()) } else { String::new() }
    }

    /// An object that says so where it comes from a simulated module.
    pub(crate) fn mark(self, object: Object) -> Object {
        if self.simulated { object.with("simulated", true) } else { object }
    }

    pub(crate) fn answer(self, command: &str, answer: &Answer) -> io::Result<()> {
        self.of_answer(command, answer).print()
    }

    pub(crate) fn of_answer(self, command: &str, answer: &Answer) -> Shown {
        Shown::Line(if self.json {
            let object = self.mark(Object::new().with("command", command).with("ok", true));
            object.nest("result", &answer.result).to_string()
        } else if self.named {
            format!("{command}: {}", answer.text.replace('\n', "\n    "))
        } else {
            answer.text.clone()
        })
    }

    /// What was found, well or not.
    pub(crate) fn findings(
        self,
        command: &str,
        well: bool,
        result: &Object,
        text: &str,
    ) -> io::Result<()> {
        if !self.json {
            return print(&text);
        }
        let object = self.mark(Object::new().with("command", command).with("ok", well));
        print(&object.nest("result", result))
    }

    /// There may be no command that it is about.
    pub(crate) fn problem<'a>(
        self,
        command: impl Into<Option<&'a str>>,
        problem: &Problem,
    ) -> io::Result<()> {
        self.of_problem(command.into(), problem).print()
    }

    pub(crate) fn of_problem(self, command: Option<&str>, problem: &Problem) -> Shown {
        if self.json {
            let object = self.mark(Object::new().with("command", command).with("ok", false));
            Shown::Line(object.nest("error", &problem.object()).to_string())
        } else {
            Shown::Note(format!("{}: {}", command.unwrap_or("?"), problem.text()))
        }
    }

    /// What came from the module without being asked for.
    pub(crate) fn event(self, event: &Event) -> io::Result<()> {
        self.of_event(event).map_or(Ok(()), |shown| shown.print())
    }

    /// Nothing where no words are known for it.
    pub(crate) fn of_event(self, event: &Event) -> Option<Shown> {
        Some(match event {
            Event::Late(line) => self.line(line, self.text(line), Some("late")),
            // What a damaged signature holds is not handed out.
            Event::Malformed(line) => {
                self.line(line, Redacted(line.as_bytes()).to_string(), Some("malformed"))
            }
            // Somebody wrote it to somebody else.
            Event::Text(line) => {
                self.line(line, Redacted(line.as_bytes()).to_string(), Some("text"))
            }
            Event::Stray(line) | Event::Urc(line) => self.line(line, self.text(line), None),
            Event::Missed(count) => self.of_happening(
                Object::new().with("event", "missed").with("count", *count),
                &format!("{count} lines from the module were dropped"),
            ),
            Event::InputErrors(errors) => self.of_message(
                "input_errors",
                &format!("bytes from the module were lost or damaged: {errors}"),
            ),
            Event::Reset => {
                self.of_message("reset", "the module was reset: the Alipay SDK is closed")
            }
            Event::Silent => self.of_message("silent", "the module answers nothing any more"),
            _ => return None,
        })
    }

    fn of_message(self, name: &str, message: &str) -> Shown {
        self.of_happening(Object::new().with("event", name).with("message", message), message)
    }

    /// The whole line. What looks like a damaged echo, which has no prefix but arguments or a long
    /// number, may hold a product key or a payment code.
    fn text(self, line: &Line) -> String {
        let bytes = line.as_bytes();
        let digits = bytes.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() >= LONG);
        let echo = digits || bytes.iter().any(|byte| matches!(byte, b'=' | b'"' | b','));
        match line.view() {
            View::Text(_) if echo && !self.show_secrets => {
                String::from_utf8_lossy(&mask(bytes)).into_owned()
            }
            _ => line.to_text(),
        }
    }

    fn line(self, line: &Line, text: String, mark: Option<&str>) -> Shown {
        if self.json {
            let object = Object::new().with("urc", name_of(line, &text)).with("text", text);
            let object = mark.into_iter().fold(object, |object, mark| object.with(mark, true));
            return Shown::Line(self.mark(self.stamp(object)).to_string());
        }
        let text = printable(&text);
        let name = if self.named { "URC: " } else { "" };
        let name = format!("{}{name}", self.time());
        Shown::Line(match mark {
            Some(mark) => format!("{name}{text} ({mark})"),
            None => format!("{name}{text}"),
        })
    }
}

impl Shown {
    fn print(&self) -> io::Result<()> {
        match self {
            Self::Line(line) => print(line),
            Self::Note(text) => {
                note(text);
                Ok(())
            }
        }
    }
}

/// Tells people something that is no answer.
pub(crate) fn note(text: &dyn Display) {
    end_progress();
    // A reader that has gone cannot be told.
    drop(writeln!(io::stderr(), "m26: {text}"));
}

/// Tells people how far it is: on a terminal in the place of what was told before.
pub(crate) fn progress(text: &dyn Display) {
    let mut stderr = io::stderr();
    // As above.
    if stderr.is_terminal() {
        drop(write!(stderr, "{CLEARED}m26: {text}").and_then(|()| stderr.flush()));
        IN_PLACE.store(true, Ordering::Relaxed);
    } else {
        drop(writeln!(stderr, "m26: {text}"));
    }
}

/// Takes away what was told last of how far it is.
fn end_progress() {
    if IN_PLACE.swap(false, Ordering::Relaxed) {
        drop(write!(io::stderr(), "{CLEARED}"));
    }
}

/// What came from a line, without the control characters that a terminal obeys.
pub(crate) fn printable(text: &str) -> String {
    let show = |char: char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char };
    text.chars().map(show).collect()
}

/// A line of standard output.
pub(crate) fn print(text: &dyn Display) -> io::Result<()> {
    end_progress();
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    // A program that drives this tool waits for the line.
    stdout.flush()
}

/// What the line is called: its prefix if it has one, or all of it.
fn name_of(line: &Line, text: &str) -> String {
    let end = match line.view() {
        View::Prefixed { prefix, .. } => prefix.len(),
        View::Final(_) => text.find(':').unwrap_or(text.len()),
        View::Text(_) => {
            let name = text.strip_prefix('+').map(|name| {
                name.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(name.len()) + 1
            });
            name.unwrap_or(text.len())
        }
    };
    text.get(..end).unwrap_or(text).trim_end().to_string()
}

/// Whether a line of standard error stands that is to be replaced.
static IN_PLACE: AtomicBool = AtomicBool::new(false);

/// The beginning of the line, and nothing behind it (ECMA-48, EL).
const CLEARED: &str = "\r\x1b[K";

/// Payment codes have 16 digits and more; a part of one may be left.
const LONG: usize = 6;
