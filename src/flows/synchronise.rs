//! Synchronisation: finding the module at the other end of the line.

use std::time::{Duration, Instant};

use crate::at::command::{Command, CommandLine, Deadline, InvalidCommand, Request};
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress, Step};
use crate::m26::{At, ErrorFormat, ResetResultFormat, SetErrorFormat};

/// Sends `AT` until the module answers, and then has it answer as this crate expects.
///
/// A module that finds the rate by itself listens to nothing but `AT`, and sends nothing before
/// (M26AT 3.6.1). Every fourth time the line is `ATQ0V1`, because a module that was told to answer
/// with digits, or not at all, and to keep that, does not answer an `AT` with `OK`. Then come
/// `ATQ0V1E1` and `AT+CMEE=1`. A module that refuses to echo is asked for `ATQ0V1` alone.
///
/// ```
/// use m26_pay::flows::Synchronise;
///
/// let synchronise = Synchronise::default().attempts(60); // for the `run` of a client
/// ```
#[derive(Clone, Debug)]
pub struct Synchronise {
    attempts: u32,
    made: u32,
    /// When the last attempt may begin.
    until: Option<Instant>,
    stage: Stage,
}

/// The module answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Synchronised {
    /// How many times it was asked.
    pub attempts: u32,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Begun,
    Probing(Instant),
    /// That there was no answer was reported; so long until the next probe.
    Pausing(Duration),
    Formatting,
    /// It refused to echo.
    FormattingAlone,
    Numbering,
}

impl Default for Synchronise {
    fn default() -> Self {
        Self { attempts: ATTEMPTS, made: 0, until: None, stage: Stage::Begun }
    }
}

impl Synchronise {
    /// At most so many times, and once at least; and no attempt begins later than 500 ms times as
    /// many.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    fn report(&self, detail: String) -> Step<Result<Synchronised, Error>> {
        let remaining = Some(INTERVAL * self.attempts.saturating_sub(self.made));
        Step::Report(Progress { step: "synchronisation", detail, remaining })
    }

    fn probe(&mut self, cx: &Context<'_>) -> Step<Result<Synchronised, Error>> {
        self.made += 1;
        self.stage = Stage::Probing(cx.now);
        let request = if self.made % 4 == 0 { Self::format(cx) } else { At.request(cx.profile) };
        match request {
            Ok(request) => Step::Send(request.probe().final_within(PROBE)),
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    /// Result codes, as words.
    fn format(cx: &Context<'_>) -> Result<Request, InvalidCommand> {
        CommandLine::execute("Q0V1").finish(cx.profile).map(Request::new)
    }

    fn send_format(cx: &Context<'_>) -> Step<Result<Synchronised, Error>> {
        match Self::format(cx) {
            Ok(request) => Step::Send(request),
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    /// The module was not understood, or was just starting: ask again.
    fn again(
        &mut self,
        cx: &Context<'_>,
        failure: ExchangeError,
    ) -> Step<Result<Synchronised, Error>> {
        match failure {
            ExchangeError::Contradicted(_)
            | ExchangeError::Interrupted(_)
            | ExchangeError::Refused(_)
            | ExchangeError::Silent
            | ExchangeError::TimedOut { .. } => {}
            // No byte of anything that was asked of the module has left.
            ExchangeError::Disconnected(_) => {
                let failure = ExchangeError::Disconnected(Certainty::NotSent);
                return Step::Done(Err(failure.into()));
            }
            fatal => return Step::Done(Err(fatal.into())),
        }
        // A module that answers `AT` and nothing else takes longer for each attempt, and gets no more
        // time in all.
        if self.made >= self.attempts || self.until.is_some_and(|until| until <= cx.now) {
            return Step::Done(Err(ExchangeError::Silent.into()));
        }
        let spent = match self.stage {
            Stage::Probing(since) => cx.now.saturating_duration_since(since),
            _ => Duration::ZERO,
        };
        self.stage = Stage::Pausing(INTERVAL.saturating_sub(spent));
        self.report(format!("no answer yet ({} of {})", self.made, self.attempts))
    }
}

impl Flow for Synchronise {
    type Output = Result<Synchronised, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match (self.stage, input) {
            (_, Input::Begin) => {
                self.made = 0;
                self.until = cx.now.checked_add(INTERVAL.saturating_mul(self.attempts));
                self.stage = Stage::Pausing(Duration::ZERO);
                self.report("calling the module".to_string())
            }
            (Stage::Pausing(time), _) if !time.is_zero() => {
                self.stage = Stage::Pausing(Duration::ZERO);
                Step::Wait(time)
            }
            (Stage::Probing(_), Input::Reply(Ok(_))) => {
                self.stage = Stage::Formatting;
                flows::send(&ResetResultFormat, cx)
            }
            (Stage::Formatting, Input::Reply(Err(ExchangeError::Refused(_)))) => {
                self.stage = Stage::FormattingAlone;
                Self::send_format(cx)
            }
            (Stage::Formatting | Stage::FormattingAlone, Input::Reply(Ok(_))) => {
                self.stage = Stage::Numbering;
                flows::send(&SetErrorFormat(ErrorFormat::Numeric), cx)
            }
            (Stage::Numbering, Input::Reply(Ok(_))) => {
                Step::Done(Ok(Synchronised { attempts: self.made }))
            }
            (
                Stage::FormattingAlone | Stage::Numbering,
                Input::Reply(Err(failure @ ExchangeError::Refused(_))),
            ) => Step::Done(Err(failure.into())),
            (_, Input::Reply(Err(failure))) => self.again(cx, failure),
            (_, Input::Resume | Input::Reply(Ok(_))) => self.probe(cx),
        }
    }
}

/// oFono asks up to 20 times, 500 ms apart.
const ATTEMPTS: u32 = 20;

/// See [`ATTEMPTS`].
const INTERVAL: Duration = Duration::from_millis(500);

/// As long as the time between two of them: a module that listens answers within 300 ms (M26AT 1.3).
const PROBE: Deadline = Deadline::millis("answer to AT", 500);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::profile::Profile;
    use crate::error::ErrorKind;
    use crate::testing::Rehearsal;

    const OK: &[u8] = b"\r\nOK\r\n";
    const NOTHING: &[u8] = b"";

    #[test]
    fn a_module_that_listens() {
        let script: &[(&str, &[u8])] = &[("AT", OK), ("ATQ0V1E1", OK), ("AT+CMEE=1", OK)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let found = rehearsal.run(Synchronise::default()).unwrap();
        assert_eq!(found.attempts, 1);
    }

    #[test]
    fn a_module_that_was_told_to_be_quiet() {
        let script: &[(&str, &[u8])] = &[
            ("AT", NOTHING),
            ("AT", b"\r\nERROR\r\n"),
            ("AT", NOTHING),
            ("ATQ0V1", OK),
            ("ATQ0V1E1", NOTHING),
            ("AT", OK),
            ("ATQ0V1E1", OK),
            ("AT+CMEE=1", OK),
        ];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let begun = rehearsal.now;
        let found = rehearsal.run(Synchronise::default()).unwrap();
        assert_eq!(found.attempts, 5);
        // A refusal comes early, and is no reason to hurry.
        assert!(rehearsal.now - begun >= INTERVAL * 3);
        assert_eq!(rehearsal.reports.len(), 5);
    }

    #[test]
    fn nobody_there() {
        let script = &[("AT", NOTHING), ("AT", NOTHING)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let error = rehearsal.run(Synchronise::default().attempts(2)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_port_that_is_lost_meanwhile() {
        let mut flow = Synchronise::default();
        let rehearsal = Rehearsal::new(Profile::quectel(), &[]);
        let cx = Context { now: rehearsal.now, profile: &Profile::quectel() };
        assert!(matches!(flow.step(&cx, Input::Begin), Step::Report(_)));
        assert!(matches!(flow.step(&cx, Input::Resume), Step::Send(_)));
        let gone = ExchangeError::Disconnected(Certainty::Unknown);
        let Step::Done(Err(error)) = flow.step(&cx, Input::Reply(Err(gone))) else { panic!() };
        assert_eq!(
            (error.kind(), error.certainty()),
            (ErrorKind::Disconnected, Certainty::NotSent)
        );
    }

    #[test]
    fn somebody_else_there() {
        // Answers AT and no more.
        let script: &[(&str, &[u8])] = &[
            ("AT", OK),
            ("ATQ0V1E1", NOTHING),
            ("AT", OK),
            ("ATQ0V1E1", NOTHING),
            ("AT", OK),
            ("ATQ0V1E1", NOTHING),
        ];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let begun = rehearsal.now;
        let error = rehearsal.run(Synchronise::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(rehearsal.now - begun < INTERVAL * 30);
    }

    #[test]
    fn a_module_that_refuses_to_echo() {
        let error: &[u8] = b"\r\nERROR\r\n";
        let script: &[(&str, &[u8])] =
            &[("AT", OK), ("ATQ0V1E1", error), ("ATQ0V1", OK), ("AT+CMEE=1", OK)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        assert_eq!(rehearsal.run(Synchronise::default()).unwrap().attempts, 1);
    }

    #[test]
    fn a_format_that_is_refused_is_an_error() {
        let error: &[u8] = b"\r\nERROR\r\n";
        let script: &[(&str, &[u8])] = &[("AT", OK), ("ATQ0V1E1", error), ("ATQ0V1", error)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let error = rehearsal.run(Synchronise::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
    }
}
