//! Helpers for the tests of commands and flows: the bytes of a module, given to one command alone.

#[cfg(feature = "sim")]
mod readers;

use std::time::{Duration, Instant};

use crate::alipay::COUNTED;
use crate::at::command::{Command, DecodeError, Lines, Reply, Request};
use crate::at::line::{Frame, Line, LineSplitter};
use crate::at::profile::Profile;
use crate::at::result::FinalResult;
use crate::at::syntax::View;
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::{Context, Flow, Input, Step};

/// The line that a command sends, without its CR.
pub(crate) fn sent(command: &impl Command, profile: &Profile) -> String {
    text(&command.request(profile).unwrap())
}

fn text(request: &Request) -> String {
    let line = std::str::from_utf8(request.line()).unwrap();
    line.strip_suffix('\r').unwrap().to_string()
}

/// How `command` decodes these bytes.
pub(crate) fn answer<C: Command>(
    command: &C,
    profile: &Profile,
    bytes: &[u8],
) -> Result<C::Response, DecodeError> {
    command.decode(&reply(&command.request(profile).unwrap(), bytes))
}

/// These bytes, sorted as the request declares. They are not checked: that is the engine's work.
fn reply(request: &Request, bytes: &[u8]) -> Reply {
    let result = request.awaited();
    let mut reply = Reply { lines: Lines::NONE, result: None, final_result: None };
    let mut splitter = LineSplitter::new(0, COUNTED);
    let mut input = bytes;
    while let Some(frame) = splitter.next(&mut input) {
        let (Frame::Line(line) | Frame::Miscounted(line) | Frame::Overlong(line)) = frame;
        let awaited = |view: &View<'_>| {
            result.is_some_and(
                |result| matches!(view, View::Prefixed { prefix, args } if result.is(prefix, args)),
            )
        };
        match View::of(line) {
            View::Final(code) => reply.final_result = Some(code.into_owned()),
            view if awaited(&view) => reply.result = Some(Line::new(line)),
            _ => reply.lines.push(Line::new(line)),
        }
    }
    reply
}

/// How `command` decodes these bytes on the spec's profile.
pub(crate) fn quectel<C: Command>(command: &C, bytes: &[u8]) -> Result<C::Response, DecodeError> {
    answer(command, &Profile::quectel(), bytes)
}

/// How `command` decodes these bytes on Luat's profile.
pub(crate) fn luat<C: Command>(command: &C, bytes: &[u8]) -> Result<C::Response, DecodeError> {
    answer(command, &Profile::luat(), bytes)
}

/// Runs flows against a script: commands in order, each with its answer. A command without an
/// answer in the script runs into its deadline.
pub(crate) struct Rehearsal<'a> {
    profile: Profile,
    script: &'a [(&'a str, &'a [u8])],
    pub(crate) now: Instant,
    pub(crate) reports: Vec<String>,
}

impl<'a> Rehearsal<'a> {
    pub(crate) fn new(profile: Profile, script: &'a [(&'a str, &'a [u8])]) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the script begins at any instant")]
        let now = Instant::now();
        Self { profile, script, now, reports: Vec::new() }
    }

    /// The flow's end. The whole script must have been used.
    pub(crate) fn run<F: Flow<Output = Result<T, Error>>, T>(
        &mut self,
        mut flow: F,
    ) -> Result<T, Error> {
        let mut input = Input::Begin;
        loop {
            let cx = Context { now: self.now, profile: &self.profile };
            input = match flow.step(&cx, input) {
                Step::Send(request) => Input::Reply(self.exchange(&request)),
                Step::Wait(time) => {
                    self.now += time;
                    Input::Resume
                }
                Step::Report(progress) => {
                    self.reports.push(progress.to_string());
                    Input::Resume
                }
                Step::Done(output) => {
                    assert!(self.script.is_empty(), "not sent: {:?}", self.script);
                    return output;
                }
            }
        }
    }

    fn exchange(&mut self, request: &Request) -> Result<Reply, ExchangeError> {
        let sent = text(request);
        let ((expected, bytes), rest) = self.script.split_first().expect(&sent);
        assert_eq!(sent, *expected);
        self.script = rest;
        self.now += Duration::from_millis(10);
        let reply = reply(request, bytes);
        match reply.final_result {
            _ if bytes.is_empty() => {
                self.now += request.final_deadline.after;
                Err(ExchangeError::TimedOut {
                    deadline: request.final_deadline,
                    certainty: Certainty::Unknown,
                })
            }
            Some(FinalResult::Ok) | None => Ok(reply),
            Some(refusal) => Err(ExchangeError::Refused(refusal)),
        }
    }
}
