//! Settings, and the engine's own deadlines.

use std::borrow::Cow;
use std::time::Duration;

use crate::at::line::MIN_LIMIT;
use crate::at::profile::Profile;

/// The settings of an engine.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Settings {
    /// What the connection is called in the log: each of its lines stands in a span `module` with
    /// this name. Several modules of one program are told apart by it.
    pub name: Cow<'static, str>,
    /// The module's profile.
    pub profile: Profile,
    /// The longest line from the module that is read, in bytes; at least [`MIN_LIMIT`].
    pub line_limit: usize,
    /// How many commands may wait to begin: [`QUEUE_LIMIT`].
    pub queue_limit: usize,
    /// How many events a driver keeps for a reader who reads none: [`EVENT_LIMIT`].
    pub event_limit: usize,
    /// How many bytes these events may take together: [`EVENT_BYTES`]. One is kept, however large it is.
    pub event_bytes: usize,
    /// How many answers the blocking client keeps for callers who do not come for them:
    /// [`ANSWER_LIMIT`]. No command begins while there are as many.
    pub answer_limit: usize,
    /// How many fences without an answer make the module silent: [`FENCE_TRIES`].
    pub fence_tries: u32,
    /// How long a line may take to be written: [`TRANSMIT`].
    pub transmit: Duration,
    /// How long the answer to a fence may take: [`FENCE`].
    pub fence: Duration,
    /// How long announced data may take to come: [`PAYLOAD`].
    pub payload: Duration,
    /// How long the final result may take after the result line: [`FINAL_AFTER_RESULT`].
    pub final_after_result: Duration,
    /// How long at least the second answer to a command that was sent twice may still come, before
    /// another one of its kind may begin: [`SETTLE`].
    pub settle: Duration,
    /// How many answers more than one the first query of a fence asks for; `None` lets the driver
    /// choose one from 0 to 7 at random. Programs that follow each other at one port should differ
    /// in it, so that a late answer to the fence of one does not close the past of the next.
    pub first_fence: Option<usize>,
    /// The number of the first fence that has one; `None` lets the driver choose at random. No other
    /// client of the module should have it, or one near it, at any time. An engine of its own sends
    /// no fence with a number unless it is set.
    pub fence_number: Option<u32>,
    /// How long a command may wait to begin, before it fails as not sent: [`TURN`].
    pub turn: Duration,
    /// What is known of a program that was at this port before. A session has its own in its
    /// [`Plan`](crate::session::Plan::earlier), and needs none here.
    pub earlier: EarlierProgram,
    /// How long boot lines after the first one tell of the same boot: [`BOOT`].
    pub boot: Duration,
}

impl Settings {
    /// The defaults, for a profile.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            name: Cow::Borrowed(NAME),
            profile,
            line_limit: MIN_LIMIT,
            queue_limit: QUEUE_LIMIT,
            event_limit: EVENT_LIMIT,
            event_bytes: EVENT_BYTES,
            answer_limit: ANSWER_LIMIT,
            fence_tries: FENCE_TRIES,
            transmit: TRANSMIT,
            fence: FENCE,
            payload: PAYLOAD,
            final_after_result: FINAL_AFTER_RESULT,
            settle: SETTLE,
            first_fence: None,
            fence_number: None,
            turn: TURN,
            earlier: EarlierProgram::default(),
            boot: BOOT,
        }
    }
}

/// What is known of a program that was at this port before. It may have ended or died while the
/// module worked for it. What it asked for is then still answered, and would be taken for an answer to
/// this program: a signature for another customer, or a report that the module does not hold.
///
/// ```
/// use m26_pay::engine::{EarlierProgram, Settings};
///
/// // A till that knows that nothing was under way when it ended need not wait.
/// let settings = Settings { earlier: EarlierProgram::Ended, ..Settings::default() };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum EarlierProgram {
    /// Nothing is known. AT+ALIPAYOPEN tells: if it answers 0, the SDK was opened only now, and nothing is
    /// due but refusals. What succeeds is believed at once; a refusal that a closed SDK may give fails with
    /// [`ContradictionReason::Undated`](super::ContradictionReason::Undated) for [`SETTLE`] from the opening
    /// of the port. After a start of the module that is seen, nothing is due.
    ///
    /// If it answers 1, or is not sent, commands wait whose result could be another's. A signature
    /// waits for [`EARLIER`] from the opening of the port, and is then told from an earlier one by
    /// the module's clock (`flows::Signing`; a session does so by itself). A report waits for
    /// [`SETTLE`]. Every other command is sent at once.
    #[default]
    Unknown,
    /// It had all its answers, or there was none: nothing is waited for.
    Ended,
    /// What it asked for is answered within this time from the opening of the port, or never: for who
    /// knows when it ended, or how long this module takes at most.
    Within(Duration),
}

impl EarlierProgram {
    /// How long after the opening of the port what it asked for may take, if anything is due.
    pub(crate) fn answered_within(self) -> Option<Duration> {
        match self {
            Self::Ended => None,
            Self::Unknown => Some(EARLIER),
            Self::Within(time) => Some(time),
        }
    }

    /// How long after the opening of the port what has not come is taken for lost, if anything is due.
    pub(crate) fn lost_after(self, settle: Duration) -> Option<Duration> {
        let over = self.answered_within()?;
        Some(if self == Self::Unknown { over.max(settle) } else { over })
    }
}

#[cfg(any(feature = "async", feature = "blocking"))]
impl Settings {
    /// The span in which the connection logs.
    pub(crate) fn span(&self) -> crate::log::Span {
        crate::log::info_span!("module", name = %self.name)
    }

    /// Where the fences at a port begin that a program opens after so many others: what the caller
    /// has chosen, and something else at each port; or anywhere.
    pub(crate) fn begin_fences(&mut self, opened: u32, random: impl FnOnce() -> u32) {
        if let (Some(first), Some(number)) = (self.first_fence, self.fence_number) {
            if opened == 0 {
                return;
            }
            self.first_fence = Some(first.wrapping_add(opened as usize) % FIRST_FENCES as usize);
            self.fence_number = Some(number.wrapping_add(opened.wrapping_mul(FENCES_A_PORT)));
            return;
        }
        let random = random();
        self.first_fence.get_or_insert((random % FIRST_FENCES) as usize);
        self.fence_number.get_or_insert(random);
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Profile::default())
    }
}

/// Most programs have one module.
const NAME: &str = "m26";

/// Not specified; chosen because 256 characters take 2.1 s at 1200 baud, the slowest rate at which
/// anyone runs a module, and flow control may hold them up a little.
pub const TRANSMIT: Duration = Duration::from_secs(5);

/// Not specified; chosen because a read command has 300 ms (M26AT 1.3), and the command before it
/// may have to end first.
pub const FENCE: Duration = Duration::from_secs(2);

/// Not specified; chosen because one may be lost on a bad line and three are not.
pub const FENCE_TRIES: u32 = 3;

/// Not specified; chosen because 2048 bytes take 2.1 s at 9600 baud.
pub const PAYLOAD: Duration = Duration::from_secs(3);

/// Not specified; chosen because `OK` follows a result at once where it follows it at all
/// (openLuat's `aLiPay.lua`), and its loss must not hold back what was paid for.
pub const FINAL_AFTER_RESULT: Duration = Duration::from_secs(2);

/// Not specified; chosen because `RDY`, `+CFUN: 1`, `+CPIN: READY` come within a few seconds of
/// each other (M26AT 3.6.1 asks for 3 to 5 s after power-on).
pub const BOOT: Duration = Duration::from_secs(10);

/// A number that no other client of the module has.
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) fn random() -> u32 {
    use rustix::rand::{GetRandomFlags, getrandom};

    let mut random = [0; size_of::<u32>()];
    // A machine that has just started may have no random numbers yet, and a till does not wait for
    // them; Linux before 3.17 has not this call.
    match getrandom(&mut random, GetRandomFlags::NONBLOCK) {
        Ok(length) if length == random.len() => u32::from_ne_bytes(random),
        _ => of_this_moment(),
    }
}

/// What differs from client to client where nothing is random. The process alone would not do, since
/// programs in containers all have the same id.
#[cfg(any(feature = "async", feature = "blocking"))]
#[allow(clippy::disallowed_methods, reason = "a driver asks, and no answer depends on the time")]
fn of_this_moment() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::SystemTime;

    static BEFORE: AtomicU32 = AtomicU32::new(0);
    let before = BEFORE.fetch_add(1, Ordering::Relaxed);
    let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let moment = (moment.as_secs() as u32).rotate_left(20) ^ moment.subsec_nanos();
    // An odd factor keeps the clients of one process apart within a moment too.
    moment ^ std::process::id().rotate_left(8) ^ before.wrapping_mul(0x9E37_79B9)
}

/// Two programs in a row hardly meet in eight, and a line has room for as many answers.
#[cfg(any(feature = "async", feature = "blocking"))]
const FIRST_FENCES: u32 = 8;

/// Not specified; chosen far more than the fences that one connection sends.
#[cfg(any(feature = "async", feature = "blocking"))]
const FENCES_A_PORT: u32 = 100_000;

/// Not specified; chosen because an echo comes as fast as the line is written, and an adapter and a
/// system hand it on within some 20 ms.
pub(super) const ECHO: Duration = Duration::from_millis(200);

/// Not specified; chosen longer than the command before it can take: 150 s (M26AT, AT+QIACT) and a
/// result of 30 s.
pub const TURN: Duration = Duration::from_secs(200);

/// The longest that a command of the SDK may take: its final result (10 s), and its result behind that
/// (30 s).
pub const EARLIER: Duration = Duration::from_secs(40);

/// openLuat's `aLiPay.lua` gives any command 120 s, so no answer is expected to be later.
pub const SETTLE: Duration = Duration::from_secs(120);

/// Not specified; chosen because no till has more to ask at once, and memory must be bounded.
pub const QUEUE_LIMIT: usize = 64;

/// Not specified; chosen because a module says some ten lines when it starts and few a day, and
/// memory must be bounded.
pub const EVENT_LIMIT: usize = 512;

/// Not specified; chosen because as many usual lines fit in ([`EVENT_LIMIT`]), and memory must be
/// bounded.
pub const EVENT_BYTES: usize = 64 * 1024;

/// Not specified; chosen because no more commands can wait ([`QUEUE_LIMIT`]), and memory must be
/// bounded.
pub const ANSWER_LIMIT: usize = 64;

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "async", feature = "blocking"))]
    #[test]
    fn no_two_clients_of_a_process_begin_alike() {
        use std::collections::HashSet;

        use super::Settings;

        // With random numbers, and where the system has none.
        for source in [super::random, super::of_this_moment] {
            let mut numbers = HashSet::new();
            let mut first = HashSet::new();
            for opened in 0..1000 {
                let mut settings = Settings::default();
                settings.begin_fences(0, source);
                numbers.extend(settings.fence_number);
                first.extend(settings.first_fence);
                let mut chosen =
                    Settings { first_fence: Some(1), fence_number: Some(7), ..Settings::default() };
                chosen.begin_fences(opened, source);
                numbers.extend(chosen.fence_number);
            }
            assert!(numbers.len() > 1990, "{}", numbers.len());
            assert_eq!(first, (0..8).collect());
        }
    }
}
