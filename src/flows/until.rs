//! Asking again and again until the answer is good.

use std::fmt;
use std::time::Duration;

use crate::at::command::{Command, Deadline};
use crate::engine::ExchangeError;
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress, Step};

/// What an answer means for who waits for a good one. The texts are for a screen and hold no
/// secret.
pub(crate) enum Verdict {
    /// It is good.
    Good(String),
    /// It may become so.
    NotYet(String),
    /// It may become so, and if it does not this is what to do.
    Denied {
        /// What it is.
        state: String,
        /// What to do.
        advice: &'static str,
    },
    /// It will not become so by itself.
    Hopeless {
        /// What it is.
        state: String,
        /// What to do.
        advice: &'static str,
    },
}

/// Sends a command every second until its answer is good. A refusal is an answer that may become
/// good; whatever else goes wrong ends it.
pub(crate) struct Until<C: Command> {
    step: &'static str,
    command: C,
    judge: fn(&C::Response) -> Verdict,
    attempts: u32,
    advice: &'static str,
    /// The codes of a refusal that is an answer; `None`: all of them.
    refused_as: Option<&'static [u16]>,
    /// How many answers in a row may say nothing, if such answers may at all.
    unclear_at_most: Option<u32>,
    unclear: u32,
    made: u32,
    /// How long one answer may take; `None`: as long as the command allows.
    answer: Option<Deadline>,
    /// How long the last one could take.
    within: Duration,
    stage: Stage<C::Response>,
}

enum Stage<T> {
    Asking,
    /// The answer was not good, and that was reported.
    Pausing,
    Paused,
    /// The answer was good, and that was reported.
    Good(T),
}

impl<C: Command> Until<C> {
    /// At most so many times; `advice` is for whom that did not help.
    pub(crate) fn new(
        step: &'static str,
        command: C,
        judge: fn(&C::Response) -> Verdict,
        attempts: u32,
        advice: &'static str,
    ) -> Self {
        Self {
            step,
            command,
            judge,
            attempts,
            advice,
            refused_as: None,
            unclear_at_most: None,
            unclear: 0,
            made: 0,
            answer: None,
            within: Duration::ZERO,
            stage: Stage::Asking,
        }
    }

    /// Only a refusal with one of these codes is an answer; any other ends it.
    pub(crate) fn refused_as(self, codes: &'static [u16]) -> Self {
        Self { refused_as: Some(codes), ..self }
    }

    /// Asks again where it was refused, or the answer was odd or did not come; so many of these in a
    /// row end it.
    pub(crate) fn unclear_at_most(self, count: u32) -> Self {
        Self { unclear_at_most: Some(count), ..self }
    }

    /// One answer may take so long, and not as long as the command allows.
    pub(crate) fn answer_within(self, deadline: Deadline) -> Self {
        Self { answer: Some(deadline), ..self }
    }

    /// Once: a refusal is an error.
    pub(crate) fn once(step: &'static str, command: C, judge: fn(&C::Response) -> Verdict) -> Self {
        Self::new(step, command, judge, 1, "")
    }

    fn report(
        &self,
        detail: String,
        remaining: Option<Duration>,
    ) -> Step<Result<C::Response, Error>> {
        Step::Report(Progress { step: self.step, detail, remaining })
    }

    fn take(&mut self, answer: Result<C::Response, Error>) -> Step<Result<C::Response, Error>> {
        self.made += 1;
        let answer = match (self.unclear_at_most, answer) {
            (Some(most), Err(error)) => {
                self.unclear += 1;
                return if is_unclear(&error) && self.unclear < most {
                    self.not_yet(&error.to_string())
                } else {
                    Step::Done(Err(error))
                };
            }
            (_, answer) => answer,
        };
        self.unclear = 0;
        let mut advice = self.advice;
        let (state, code) = match answer {
            Ok(answer) => match (self.judge)(&answer) {
                Verdict::Good(detail) => {
                    self.stage = Stage::Good(answer);
                    return self.report(detail, None);
                }
                Verdict::NotYet(state) => (state, None),
                Verdict::Denied { state, advice: denied } => {
                    advice = denied;
                    (state, None)
                }
                Verdict::Hopeless { state, advice } => {
                    let step = self.step;
                    return Step::Done(Err(Error::NotReady { step, state, code: None, advice }));
                }
            },
            Err(Error::Failed(ExchangeError::Refused(refusal)))
                if self.attempts > 1
                    && self.refused_as.is_none_or(|codes| {
                        refusal.code().is_some_and(|code| codes.contains(&code))
                    }) =>
            {
                (refusal.to_string(), refusal.code().map(i32::from))
            }
            Err(error) => return Step::Done(Err(error)),
        };
        if self.made >= self.attempts {
            let step = self.step;
            return Step::Done(Err(Error::NotReady { step, state, code, advice }));
        }
        self.not_yet(&state)
    }

    fn not_yet(&mut self, state: &str) -> Step<Result<C::Response, Error>> {
        self.stage = Stage::Pausing;
        let remaining = (INTERVAL + self.within) * (self.attempts - self.made);
        let detail = format!("{state}, asking again ({} of {})", self.made, self.attempts);
        self.report(detail, Some(remaining))
    }
}

impl<C: Command> Flow for Until<C> {
    type Output = Result<C::Response, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        match (std::mem::replace(&mut self.stage, Stage::Asking), input) {
            (Stage::Asking, Input::Reply(reply)) => {
                let answer = flows::decode(&self.command, reply);
                self.take(answer)
            }
            (Stage::Pausing, Input::Resume) => {
                self.stage = Stage::Paused;
                Step::Wait(INTERVAL)
            }
            (Stage::Good(answer), Input::Resume) => Step::Done(Ok(answer)),
            (Stage::Asking | Stage::Paused | Stage::Pausing | Stage::Good(_), _) => {
                let request = match self.command.request(cx.profile) {
                    Ok(request) => request,
                    Err(error) => return Step::Done(Err(error.into())),
                };
                let answer = self.answer.unwrap_or(request.final_deadline);
                self.within = answer.after;
                Step::Send(request.final_within(answer))
            }
        }
    }
}

impl<C: Command> fmt::Debug for Until<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until")
            .field("step", &self.step)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

/// Whether the module is there, and has not said what it was asked for.
fn is_unclear(error: &Error) -> bool {
    matches!(
        error,
        Error::Decode(_)
            | Error::Failed(
                ExchangeError::Contradicted(_)
                    | ExchangeError::Refused(_)
                    | ExchangeError::TimedOut { .. }
            )
    )
}

/// Not specified; chosen as RT-Thread's driver of the M26 has it.
const INTERVAL: Duration = Duration::from_secs(1);
