//! An exchange of several steps, as a value: written once, run by any client.

mod bring_up;
mod configure;
mod signing;
mod sync_clock;
mod synchronise;
mod until;

use std::fmt;
use std::time::{Duration, Instant};

use crate::at::command::{Command, Reply, Request};
use crate::at::profile::Profile;
use crate::engine::ExchangeError;
use crate::error::Error;

pub(crate) use bring_up::Part;
pub use bring_up::{BringUp, BroughtUp, Shortfall};
pub use configure::{Configure, Configured};
pub use signing::Signing;
pub use sync_clock::SyncClock;
pub use synchronise::{Synchronise, Synchronised};

/// Several commands that belong together.
///
/// A client calls [`step`](Flow::step), first with [`Input::Begin`], does what the answer asks
/// for, and calls it again with what came of it, until it is [`Step::Done`]. A flow reads no clock
/// and touches no port.
///
/// ```
/// use m26_pay::at::command::{Reply, Request};
/// use m26_pay::error::Error;
/// use m26_pay::flows::{self, Context, Flow, Input, Step};
/// use m26_pay::m26::{ReadSignal, Signal};
///
/// /// Asks for the signal twice.
/// struct Twice(Option<Signal>);
///
/// impl Flow for Twice {
///     type Output = Result<(Signal, Signal), Error>;
///
///     fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
///         let Input::Reply(reply) = input else { return flows::send(&ReadSignal, cx) };
///         match (self.0, flows::decode(&ReadSignal, reply)) {
///             (None, Ok(signal)) => {
///                 self.0 = Some(signal);
///                 flows::send(&ReadSignal, cx)
///             }
///             (Some(first), Ok(second)) => Step::Done(Ok((first, second))),
///             (_, Err(error)) => Step::Done(Err(error)),
///         }
///     }
/// }
/// ```
pub trait Flow {
    /// What comes of it.
    type Output;

    /// Takes the next step.
    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output>;
}

/// What a flow may know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time.
    pub now: Instant,
    /// The module's profile.
    pub profile: &'a Profile,
}

/// What became of the last step.
#[derive(Debug)]
pub enum Input {
    /// There was none: the flow begins.
    Begin,
    /// The command that the flow sent has ended.
    Reply(Result<Reply, ExchangeError>),
    /// The time for which the flow waited is over, or its report was passed on.
    Resume,
}

/// What a flow wants next.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one step is alive at a time")]
pub enum Step<T> {
    /// Send this, and come back with the reply.
    Send(Request),
    /// Come back after this time.
    Wait(Duration),
    /// Tell the caller, and come back.
    Report(Progress),
    /// It is over.
    Done(T),
}

impl<T> Step<Result<T, Error>> {
    /// For a flow inside a flow: when it succeeded, `next` decides what comes then. Everything else
    /// it wants, and its error, is passed on.
    ///
    /// ```
    /// use m26_pay::error::Error;
    /// use m26_pay::flows::Step;
    ///
    /// let step: Step<Result<u8, Error>> = Step::Done(Ok(1));
    /// let step = step.and_then(|inner| Step::Done(Ok(inner + 1)));
    /// assert!(matches!(step, Step::Done(Ok(2))));
    /// ```
    pub fn and_then<U>(
        self,
        next: impl FnOnce(T) -> Step<Result<U, Error>>,
    ) -> Step<Result<U, Error>> {
        match self {
            Self::Send(request) => Step::Send(request),
            Self::Wait(time) => Step::Wait(time),
            Self::Report(progress) => Step::Report(progress),
            Self::Done(Ok(value)) => next(value),
            Self::Done(Err(error)) => Step::Done(Err(error)),
        }
    }
}

/// How far a flow is, for a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Progress {
    /// The step, such as `registration`.
    pub step: &'static str,
    /// What was found, or what is waited for. It holds no secret.
    pub detail: String,
    /// How long the step may still take, if that is known.
    pub remaining: Option<Duration>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.detail)?;
        match self.remaining {
            Some(remaining) if !remaining.is_zero() => {
                // Whole numbers: to print a float takes 17 kB of a program.
                let begun = u64::from(remaining.subsec_nanos() > 0);
                write!(f, " (at most {} s more)", remaining.as_secs().saturating_add(begun))
            }
            _ => Ok(()),
        }
    }
}

/// Sends a command as a step; where the profile cannot carry it, the flow is over.
pub fn send<C: Command, T>(command: &C, cx: &Context<'_>) -> Step<Result<T, Error>> {
    match command.request(cx.profile) {
        Ok(request) => Step::Send(request),
        Err(error) => Step::Done(Err(error.into())),
    }
}

/// Understands the reply to a command that [`send`] sent.
///
/// # Errors
/// If the exchange failed or the reply is no answer.
pub fn decode<C: Command>(
    command: &C,
    reply: Result<Reply, ExchangeError>,
) -> Result<C::Response, Error> {
    Ok(command.decode(&reply?)?)
}
