//! Requests: one command line and what it expects, as data.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Answer, Awaited, Encoded, Release, Spoken};
use crate::at::field::Shape;
use crate::at::result::FinalResult;
use crate::at::syntax;

/// One command line and what it expects, as data: the engine, which carries it out, knows no verb.
#[derive(Clone)]
pub struct Request {
    pub(crate) line: Encoded,
    pub(crate) answer: Answer,
    pub(crate) final_deadline: Deadline,
    pub(crate) timeout: Option<Duration>,
    pub(crate) group: Option<&'static str>,
    pub(crate) echo: Option<EchoChange>,
    pub(crate) overlaps: bool,
    pub(crate) probe: bool,
    /// The result comes before the final result, if it comes.
    pub(crate) result_first: bool,
    rest: Option<Arc<Rest>>,
}

/// What few requests have: apart it takes no room in the others, which are copied for each exchange.
#[derive(Clone, Default)]
struct Rest {
    awaited: Option<Awaited>,
    last_line: Option<&'static str>,
    finals: &'static [FinalResult<'static>],
    taints: Box<[(&'static str, Shape)]>,
    frees: &'static [&'static str],
    follows: Box<[Request]>,
    clock_for: &'static [&'static str],
    newer_than: Option<i64>,
    earlier_until: Option<Instant>,
}

impl Request {
    /// A request that expects a final result and nothing else.
    #[inline]
    #[must_use]
    pub fn new(line: Encoded) -> Self {
        Self {
            line,
            answer: Answer::None,
            final_deadline: FINAL,
            timeout: None,
            group: None,
            echo: None,
            overlaps: false,
            probe: false,
            result_first: false,
            rest: None,
        }
    }

    /// Information lines before the final result.
    #[inline]
    #[must_use]
    pub fn answer(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }

    /// A result line with a prefix of its own, before or after the final result.
    #[must_use]
    pub fn result(self, result: Awaited) -> Self {
        self.with(|rest| rest.awaited = Some(result))
    }

    /// A line of text that ends the command as `OK` does, and after which no `OK` is due.
    #[must_use]
    pub fn ends_with(self, line: &'static str) -> Self {
        self.with(|rest| rest.last_line = Some(line))
    }

    /// Further final results that end this command, such as [`FinalResult::NoCarrier`].
    #[must_use]
    pub fn finals(self, finals: &'static [FinalResult<'static>]) -> Self {
        self.with(|rest| rest.finals = finals)
    }

    /// How long the final result may take.
    #[must_use]
    pub fn final_within(self, final_deadline: Deadline) -> Self {
        Self { final_deadline, ..self }
    }

    /// How long the whole exchange may take, from the first byte sent to the last line expected,
    /// in the place of all other deadlines.
    #[must_use]
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        Self { timeout: timeout.or(self.timeout), ..self }
    }

    /// Commands of one group run one at a time, from the first byte to the result, unless the
    /// profile lets them overlap.
    #[must_use]
    pub fn group(self, group: &'static str) -> Self {
        Self { group: Some(group), ..self }
    }

    /// The command may begin while another one of its group waits for its result, whatever the
    /// profile says: for what cannot wait, such as a payment.
    #[must_use]
    pub fn overlaps(self) -> Self {
        Self { overlaps: true, ..self }
    }

    /// The command switches the echo on, once it ended with `OK`.
    #[must_use]
    pub fn switches_echo_on(self) -> Self {
        Self { echo: Some(EchoChange::On), ..self }
    }

    /// The command switches the echo off, once it ended with `OK`.
    #[must_use]
    pub fn switches_echo_off(self) -> Self {
        Self { echo: Some(EchoChange::Off), ..self }
    }

    /// The command may switch echo on or off, and which of the two is not known: answers to what
    /// follows are taken with and without an echo before them.
    #[must_use]
    pub fn forgets_echo(self) -> Self {
        Self { echo: Some(EchoChange::Unknown), ..self }
    }

    /// The results which the command may cause though nobody waits for them, by prefix and shape:
    /// until they come, no other command with the same prefix is answered by them.
    #[must_use]
    pub fn may_cause(self, taints: Vec<(&'static str, Shape)>) -> Self {
        self.with(|rest| rest.taints = taints.into())
    }

    /// Once it has ended well, no result with these prefixes that was missed before is due any more:
    /// who sends it has another proof of that, such as the time that has passed.
    #[must_use]
    pub fn frees(self, prefixes: &'static [&'static str]) -> Self {
        self.with(|rest| rest.frees = prefixes)
    }

    /// These were sent before, by somebody else or at a port that was lost, and their results may
    /// still come.
    #[must_use]
    pub(crate) fn follows(self, requests: Vec<Self>) -> Self {
        self.with(|rest| rest.follows = requests.into())
    }

    /// It reads the module's clock, so that a missed result with one of these prefixes can be told
    /// from the next one. It does not begin before each of these results has had all the time that
    /// it may take. Once it has ended well, a command may begin whose result is
    /// [newer than](Self::newer_than) the clock.
    #[must_use]
    pub fn clock_for(self, prefixes: &'static [&'static str]) -> Self {
        self.with(|rest| rest.clock_for = prefixes)
    }

    /// A result that was made before this, in Unix seconds by the module's clock, answers an earlier
    /// command. For a result that says when it was made: [`Awaited::made_at`].
    ///
    /// Such a command may begin though an earlier result is still due, if the module's clock was read
    /// since that was missed: see [`clock_for`](Self::clock_for).
    #[must_use]
    pub fn newer_than(self, unix_seconds: i64) -> Self {
        self.with(|rest| rest.newer_than = Some(unix_seconds))
    }

    /// An earlier program may have asked for something before this, and is answered until then. If the
    /// result of this line shows that nothing but refusals can be due, those are told apart.
    #[must_use]
    pub(crate) fn asked_earlier(self, until: Instant) -> Self {
        self.with(|rest| rest.earlier_until = Some(until))
    }

    /// A probe for a module that may not listen: it may be sent while what is past is not closed,
    /// and its answer proves no more than that somebody is there.
    #[must_use]
    pub(crate) fn probe(self) -> Self {
        Self { probe: true, ..self }
    }

    /// Whether lines with this prefix are part of the answer or the result.
    pub(crate) fn uses(&self, prefix: &str) -> bool {
        self.asks(prefix.as_bytes())
            || self.may_cause_any(prefix.as_bytes())
            || self.awaited().is_some_and(|awaited| awaited.has_prefix(prefix.as_bytes()))
    }

    /// Whether the result of the command is its own, and could not be that of another.
    pub(crate) fn owns_result(&self) -> bool {
        self.awaited().is_some_and(|result| result.release != Release::Any)
    }

    /// Whether it waits for a result that looks like this.
    #[inline]
    pub(crate) fn uses_result(&self, prefix: &[u8], args: &[u8]) -> bool {
        self.awaited().is_some_and(|awaited| awaited.is(prefix, args))
    }

    /// Whether it may cause a result with this prefix for which nobody waits.
    pub(crate) fn may_cause_any(&self, prefix: &[u8]) -> bool {
        self.taints().iter().any(|(taint, _)| taint.as_bytes() == prefix)
    }

    /// What it sends, and what else it has in memory of its own, is gone.
    pub(crate) fn forget(&mut self) {
        self.line.forget();
        self.rest = None;
    }

    fn with(mut self, set: impl FnOnce(&mut Rest)) -> Self {
        let rest = Arc::make_mut(self.rest.get_or_insert_default());
        set(rest);
        if rest.is_empty() {
            self.rest = None;
        }
        self
    }

    /// Whether an answer and a final result are all that can come of it: it has nothing of what few
    /// requests have.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.rest.is_none()
    }

    /// The result line that it waits for: [`result`](Self::result).
    #[inline]
    pub(crate) fn awaited(&self) -> Option<&Awaited> {
        self.rest.as_ref().and_then(|rest| rest.awaited.as_ref())
    }

    /// The line that [ends it](Self::ends_with) as `OK` does.
    #[inline]
    pub(crate) fn last_line(&self) -> Option<&'static str> {
        self.rest.as_ref().and_then(|rest| rest.last_line)
    }

    /// The further final results that end it: [`finals`](Self::finals).
    #[inline]
    pub(crate) fn ends(&self) -> &'static [FinalResult<'static>] {
        self.rest.as_ref().map_or(&[], |rest| rest.finals)
    }

    /// The results which it may cause though nobody waits for them: [`may_cause`](Self::may_cause).
    #[inline]
    pub(crate) fn taints(&self) -> &[(&'static str, Shape)] {
        self.rest.as_ref().map_or(&[], |rest| &rest.taints)
    }

    /// The prefixes that it [frees](Self::frees).
    #[inline]
    pub(crate) fn freed(&self) -> &'static [&'static str] {
        self.rest.as_ref().map_or(&[], |rest| rest.frees)
    }

    /// The requests that it [follows](Self::follows).
    #[inline]
    pub(crate) fn before(&self) -> &[Self] {
        self.rest.as_ref().map_or(&[], |rest| &rest.follows)
    }

    /// The prefixes [for which it reads the clock](Self::clock_for).
    #[inline]
    pub(crate) fn dates(&self) -> &'static [&'static str] {
        self.rest.as_ref().map_or(&[], |rest| rest.clock_for)
    }

    /// The time that its result must be [newer than](Self::newer_than).
    #[inline]
    pub(crate) fn made_after(&self) -> Option<i64> {
        self.rest.as_ref().and_then(|rest| rest.newer_than)
    }

    /// Until when [an earlier program](Self::asked_earlier) may be answered.
    #[inline]
    pub(crate) fn earlier_until(&self) -> Option<Instant> {
        self.rest.as_ref().and_then(|rest| rest.earlier_until)
    }

    /// Whether a line with this prefix may be information that it asks for: by its answer, or where
    /// only the text of the line is known (`AT+CREG?;+CSQ`), by the names of its commands.
    pub(crate) fn asks(&self, prefix: &[u8]) -> bool {
        match self.answer {
            Answer::Any => self.commands().iter().any(|command| *command.name == *prefix),
            answer => answer.names(prefix),
        }
    }

    /// How long it may take from its last byte to its end.
    #[must_use]
    pub(crate) fn longest(&self) -> Duration {
        let result = self.awaited().filter(|_| !self.result_first);
        let result = result.map(|awaited| awaited.deadline.after);
        self.final_deadline.after + result.unwrap_or_default()
    }

    /// The commands of the line, in order.
    #[must_use]
    pub fn commands(&self) -> Vec<Spoken<'_>> {
        self.line.commands()
    }

    /// The commands of the line without their arguments, for a message: `AT+CREG?;+CSQ`.
    #[must_use]
    pub fn summary(&self) -> String {
        self.line.summary()
    }

    /// The line as it is sent, with `AT` and CR.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }
}

impl Rest {
    fn is_empty(&self) -> bool {
        let Self {
            awaited,
            last_line,
            finals,
            taints,
            frees,
            follows,
            clock_for,
            newer_than,
            earlier_until,
        } = self;
        awaited.is_none()
            && last_line.is_none()
            && finals.is_empty()
            && taints.is_empty()
            && frees.is_empty()
            && follows.is_empty()
            && clock_for.is_empty()
            && newer_than.is_none()
            && earlier_until.is_none()
    }
}

impl fmt::Debug for Request {
    /// The arguments of the line are not shown: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("line", &self.line)
            .field("answer", &self.answer)
            .field("result", &self.awaited())
            .field("final_deadline", &self.final_deadline)
            .finish_non_exhaustive()
    }
}

/// When a result was made that says so behind `key`: a number, in quotes or not. The rest of it may be
/// damaged.
pub(crate) fn made_at(data: &[u8], key: &str) -> Option<i64> {
    let at = syntax::find(data, key.as_bytes())?;
    let mut rest = &data[at + key.len()..];
    while let [b'"' | b':' | b' ', behind @ ..] = rest {
        rest = behind;
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// What a command does to the echo of command lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EchoChange {
    Off,
    On,
    Unknown,
}

/// How long something may take, and what it is called in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// What is waited for.
    pub name: &'static str,
    /// How long.
    pub after: Duration,
}

impl Deadline {
    /// A deadline of whole milliseconds.
    #[must_use]
    pub const fn millis(name: &'static str, millis: u64) -> Self {
        Self { name, after: Duration::from_millis(millis) }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {}", self.name, self.after.as_secs())?;
        match self.after.subsec_millis() {
            0 => f.write_str("s"),
            millis => write!(f, ".{millis:03}s"),
        }
    }
}

/// By [`Display`](fmt::Display): a [`Duration`] that shows itself would be 4 kB of each program.
impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deadline({self})")
    }
}

/// Final results of most commands. The manual says 300 ms (M26AT 1.3); chosen ten times that,
/// because adapters buffer and the Alipay SDK shares the module's processor.
pub const FINAL: Deadline = Deadline::millis("final result", 3_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::{CommandLine, WhileClosed};
    use crate::at::profile::Profile;

    #[test]
    fn when_a_result_was_made() {
        for (data, time) in [
            (&b"0,21,\"{\"time\":\"1546890790\"}\""[..], Some(1_546_890_790)),
            (b"0,21,\"{\"time\" : 1546890789}\"", Some(1_546_890_789)),
            (b"0,9,\"{\"time\":}\"", None),
            (b"0,9,\"{\"time\"", None),
            (b"0,30,\"{\"time\":\"99999999999999999999\"}\"", None),
            (b"4", None),
        ] {
            assert_eq!(made_at(data, "\"time\""), time, "{}", String::from_utf8_lossy(data));
        }
    }

    #[test]
    fn a_command_takes_as_long_as_all_it_waits_for() {
        let line = CommandLine::execute("+X").finish(&Profile::quectel()).unwrap();
        let request = Request::new(line).final_within(Deadline::millis("final", 2_000));
        assert_eq!(request.longest(), Duration::from_secs(2));
        let request = request.result(Awaited {
            prefix: "+X",
            alias: None,
            shape: Shape::Any,
            ok_alone: false,
            deadline: Deadline::millis("result", 5_000),
            release: Release::Any,
            made_at: None,
            begins: None,
            while_closed: WhileClosed::Same,
        });
        assert_eq!(request.longest(), Duration::from_secs(7));
    }
}
