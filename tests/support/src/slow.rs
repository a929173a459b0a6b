//! A module that is slow, whose lines are lost and whose answers come late, that restarts in the
//! middle of its work, and that says in every answer which command it answers: whoever is told
//! anything must be told what was said to his own line. For a property test and a fuzzer alike; who
//! calls chooses the commands and the moods.

use std::collections::HashMap;
use std::time::Duration;

use m26_pay::at::command::{Answer, Reply, Request};
use m26_pay::at::field::Shape;
use m26_pay::at::line::Line;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Event, ExchangeError, Settings, Ticket};

use crate::bench::Bench;
use crate::requests::{self, FINAL, RESULT};

/// A command: its [kind](numbered), when it is submitted, in milliseconds after the one before, and
/// how long after that its caller leaves.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub kind: usize,
    pub gap: u64,
    pub leaves: Option<u64>,
}

/// What the module does with a line.
#[derive(Clone, Copy, Debug)]
pub struct Mood {
    /// How long it takes to answer, in milliseconds.
    pub answer: u64,
    /// How long after that the result comes.
    pub result: u64,
    /// Which of its lines are lost on the way: information or early result, final, late result.
    pub lost: [bool; 3],
    /// Whether it gives its result before its final result.
    pub early: bool,
    /// Whether it restarts instead of answering, and what it had to say is lost.
    pub resets: bool,
}

/// How many kinds of commands there are.
pub const KINDS: usize = 5;

/// Lets the module answer these commands in these moods (again from the first when there are no
/// more of them). Nobody is told of another's command, and everybody is told once.
pub fn nobody_is_told_of_another_command(profile: &Profile, asks: &[Ask], moods: &[Mood]) {
    // What is done with its OK has no line that could say whose it is.
    let profile = Profile { ok_alone: &[], ..profile.clone() };
    let mut bench = Bench::new(Settings::new(profile.clone()));
    let mut module = Slow::new(moods);
    let mut told = Told::default();
    let mut due = Duration::ZERO;
    let mut asks = asks.iter().peekable();
    for _ in 0..5_000 {
        let now = bench.now - bench.began;
        let line = bench.transmit();
        if !line.is_empty() {
            bench.write(line.len());
            module.read(now, &line);
        }
        for event in bench.raw_events() {
            told.log.push(bench.describe(&event));
            if let Event::Done { ticket, outcome } = &event {
                told.done(*ticket, outcome);
            }
        }
        if !bench.engine.transmit().is_empty() {
            continue;
        }
        // What comes next: a line, a deadline, a caller who leaves, or another command.
        let line = module.coming.iter().map(|(at, _)| *at).min();
        let timer = bench.timer().map(|timer| timer.at - bench.began);
        let command = asks.peek().map(|ask| due + Duration::from_millis(ask.gap));
        let leave = told.leaving.iter().map(|(at, _)| *at).min();
        let Some(next) = [line, timer, command, leave].into_iter().flatten().min() else { break };
        bench.now = bench.now.max(bench.began + next);
        if line == Some(next) {
            let index = module.coming.iter().position(|(at, _)| *at == next).unwrap_or(0);
            let (_, text) = module.coming.remove(index);
            bench.receive(text.as_bytes());
        } else if leave == Some(next) {
            let index = told.leaving.iter().position(|(at, _)| *at == next).unwrap_or(0);
            let (_, ticket) = told.leaving.remove(index);
            if bench.engine.is_pending(ticket) {
                bench.cancel(ticket);
                told.ended.insert(ticket, 1);
            }
        } else if command == Some(next) {
            due = next;
            if let Some(ask) = asks.next() {
                let number = told.asked.len();
                let ticket = bench.submit(numbered(&profile, ask.kind, number));
                told.asked.push((ticket, ask.kind % KINDS));
                let leaves = ask.leaves.map(|after| next + Duration::from_millis(after));
                told.leaving.extend(leaves.map(|at| (at, ticket)));
            }
        } else {
            bench.engine.handle_timeout(bench.now);
        }
    }
    assert!(bench.engine.is_idle());
    let wrong = told.asked.iter().any(|(ticket, _)| told.ended.get(ticket) != Some(&1));
    assert!(!wrong, "{:#?}", told.log);
}

/// Who was told what.
#[derive(Default)]
struct Told {
    /// Every command with its kind; its number is its place.
    asked: Vec<(Ticket, usize)>,
    /// How often each ended. One whose caller left has ended by that.
    ended: HashMap<Ticket, usize>,
    leaving: Vec<(Duration, Ticket)>,
    log: Vec<String>,
}

impl Told {
    fn done(&mut self, ticket: Ticket, outcome: &Result<Reply, ExchangeError>) {
        let number = self.asked.iter().position(|(known, _)| *known == ticket);
        let number = number.unwrap_or(usize::MAX);
        let kind = self.asked[number].1;
        *self.ended.entry(ticket).or_default() += 1;
        let own = match (kind, outcome) {
            (1, Ok(_)) => number % 2 == 0,
            (1, Err(ExchangeError::Refused(_))) => number % 2 == 1,
            (_, Err(ExchangeError::Refused(_))) => false,
            (0, Ok(reply)) => reply.lines == [line_of(format!("+X: {number}"))],
            (2, Ok(reply)) => {
                let length = number.to_string().len();
                reply.result == Some(line_of(format!("+ALIPAYSIGN: 0,{length},\"{number}\"")))
            }
            (3, Ok(reply)) => reply.result == Some(line_of(format!("+ALIPAYREP: {}", number / 4))),
            (_, Ok(reply)) => reply.result == Some(line_of(format!("+ALIPAYREP: {number}"))),
            (_, Err(_)) => true,
        };
        assert!(own, "#{number} of kind {kind}: {outcome:?} of {:#?}", self.log);
    }
}

/// A module that works on one line at a time, in order, however long it takes, and whose answers
/// tell which line they answer.
struct Slow<'a> {
    moods: &'a [Mood],
    read: Vec<String>,
    busy_until: Duration,
    /// When it restarts. What it hears before that it forgets.
    restarts: Duration,
    /// What is on its way, and when it arrives.
    coming: Vec<(Duration, String)>,
}

impl<'a> Slow<'a> {
    fn new(moods: &'a [Mood]) -> Self {
        let (busy_until, restarts) = (Duration::ZERO, Duration::ZERO);
        Self { moods, read: Vec::new(), busy_until, restarts, coming: Vec::new() }
    }

    fn read(&mut self, now: Duration, line: &str) {
        let mut mood = self.moods[self.read.len() % self.moods.len()];
        let again = self.read.iter().any(|read| read == line);
        if again || mood.answer >= FINAL.as_millis() as u64 {
            // Where the same line may be sent again, the second answer is taken for lost when it
            // has not come in time after the first: that it comes even later is not provided for.
            mood.result = mood.result.min(RESULT.as_millis() as u64 - 1);
        }
        self.read.push(line.to_string());
        if now < self.restarts {
            return;
        }
        let done = now.max(self.busy_until) + Duration::from_millis(mood.answer);
        self.busy_until = done;
        if mood.resets {
            self.restarts = done;
            self.coming.retain(|(at, _)| *at < done);
            self.coming.push((done, "\r\nRDY\r\n".to_string()));
            return;
        }
        let line = line.trim_end();
        let number = line.split(['"', '=']).rfind(|part| part.parse::<u32>().is_ok());
        let number = number.unwrap_or("0");
        let mut say = |lost: bool, at, text: String| {
            if !lost {
                self.coming.push((at, format!("\r\n{text}\r\n")));
            }
        };
        let [no_information, no_final, no_result] = mood.lost;
        let later = done + Duration::from_millis(mood.result);
        let result = match line {
            _ if line.starts_with("AT+ALIPAYSIGN=") => {
                Some(format!("+ALIPAYSIGN: 0,{},\"{number}\"", number.len()))
            }
            _ if line.starts_with("AT+ALIPAYREP=") => Some(format!("+ALIPAYREP: {number}")),
            _ => None,
        };
        match (&result, mood.early) {
            (Some(result), true) => say(no_information, done, result.clone()),
            (Some(_), false) => {}
            (None, _) if line.starts_with("AT+X=") => {
                say(no_information, done, format!("+X: {number}"));
            }
            (None, _) => {
                for question in line.trim_start_matches("AT").split(';') {
                    if let Some(prefix) = question.strip_suffix('?') {
                        say(no_information, done, format!("{prefix}: 1"));
                    }
                }
            }
        }
        let odd = line.starts_with("AT+Y=") && number.parse::<u32>().unwrap_or(0) % 2 == 1;
        say(no_final, done, if odd { "ERROR" } else { "OK" }.to_string());
        if let (Some(result), false) = (result, mood.early) {
            say(no_result, later, result);
        }
    }
}

fn numbered(profile: &Profile, kind: usize, number: usize) -> Request {
    match kind % KINDS {
        0 => requests::bare(&format!("AT+X={number}"))
            .answer(Answer::Prefixed(&[("+X", Shape::Fields(1))])),
        1 => requests::bare(&format!("AT+Y={number}")),
        2 => requests::sign(profile, &number.to_string()),
        // The same record is reported again and again.
        3 => requests::report_line(profile, &format!("AT+ALIPAYREP=\"{}\"", number / 4)),
        _ => requests::report_line(profile, &format!("AT+ALIPAYREP=\"{number}\"")),
    }
}

fn line_of(text: String) -> Line {
    Line::new(text.into_bytes())
}
