//! [`OutboxPolicy`]: what the outbox does where the spec leaves it open.

use std::time::Duration;

use crate::outbox::UnixMillis;
use crate::session::Backoff;

/// What the outbox does where the spec leaves it open.
///
/// ```
/// use m26_pay::outbox::{OutboxPolicy, Resend};
///
/// let policy = OutboxPolicy { resend: Resend::ThisBoot, ..OutboxPolicy::default() };
/// # assert!(policy.parking.is_some());
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct OutboxPolicy {
    /// How long to wait before something that failed is tried again: [`BACKOFF`]. A success shortens
    /// the next wait by one step only, so a queue that has room for one report at a time is asked
    /// about as often as it gets room. Give each terminal a [`seed`](Backoff::seed) of its own, or all
    /// have the same jitter.
    pub backoff: Backoff,
    /// How many reports are sent between two commits.
    pub batch: Batch,
    /// When an item is parked, so that the next ones go on; `None`: never.
    pub parking: Option<Parking>,
    /// What is sent again when the module may have lost it.
    pub resend: Resend,
    /// How many reports the module's queue has room for: [`MODULE_QUEUE`]. When the module's cache is
    /// discarded, that many of the newest are sent again, unless [`resend`](Self::resend) is
    /// [`Resend::Nothing`].
    pub module_queue: usize,
    /// How much is kept.
    pub limits: Limits,
    /// How often the usage is reported. [`USAGE_EVERY`].
    pub usage_every: Duration,
    /// What is done if the outcome of a report of usage is unknown.
    pub usage_unknown: UsageUnknown,
    /// How long after it was accepted a payment is due. [`PAYMENT_DUE`].
    pub payment_due: Duration,
    /// How long after it was accepted a payment is given up. [`PAYMENT_LAST_MOMENT`].
    pub payment_last_moment: Duration,
}

/// How many reports are sent between two commits. If the host dies, what was sent since the last
/// commit is in doubt and is sent again. The first batch is small; while all goes well, each is twice
/// as large as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Batch {
    /// How many at most: [`BATCH_REPORTS`].
    pub reports: usize,
    /// How long after its first answer a batch ends: [`BATCH_TIME`].
    pub time: Duration,
}

/// When an item is parked: both must hold.
///
/// A failure counts only if the item itself may be the cause: −1, 3, 4 and any code that the spec does
/// not list, a refused command, and an unknown outcome. A busy network and a full queue (5, 6), an SDK
/// that is not initialised (2) and a host that died do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Parking {
    /// How often in a row it has failed, at least: [`PARKING_FAILURES`].
    pub failures: u32,
    /// How long ago the first of these failures was, at least, by the wall clock: [`PARKING_AFTER`].
    pub after: Duration,
}

/// What is sent again after a restart of the module, or after its cache was discarded, if the SDK was
/// not shut in order before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Resend {
    /// Nothing.
    Nothing,
    /// What the module held in memory alone (result 7), which a restart is known to lose.
    #[default]
    RamOnly,
    /// Everything that the module took in this boot. Some of it was delivered already, and it is not
    /// known what.
    ThisBoot,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Limits {
    /// How many items of a kind may wait: those that were not delivered. [`WAITING`].
    pub waiting: Option<u64>,
    /// How old, by the wall clock, the oldest report that waits may be when another one is appended.
    /// The age of a report counts from a [plausible](UnixMillis::is_plausible) time only: one that
    /// was appended while the clock showed 1970 has no known age, and this limit does not reach it.
    pub age: Option<Duration>,
    /// What an append does when a limit is reached.
    pub reached: Reached,
    /// How many of the reports that the module holds, and that will not be sent again, are kept for a
    /// look; the oldest are removed first. `None` keeps all of them, about 150 bytes each.
    pub history: Option<u64>,
}

/// What an append does when a limit is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Reached {
    /// It fails, and nothing is dropped.
    #[default]
    Fail,
    /// The oldest reports that wait are dropped for good, and counted in
    /// [`Summary::dropped`](crate::outbox::Summary::dropped). Payments are never dropped.
    DropOldest,
}

/// What is done if it is not known whether the module took a report of usage: the SDK adds up what it
/// takes. The choice at the time of sending holds, even if another program opens the outbox next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum UsageUnknown {
    /// The counts are reported again, so they may be counted twice.
    #[default]
    MayRepeat,
    /// The counts are taken for reported, so they may be lost.
    MayLose,
}

impl OutboxPolicy {
    /// Whether an item that has failed this often in a row, for this long, is parked.
    pub(super) fn is_too_long(&self, failures: u32, since: Duration) -> bool {
        self.parking.is_some_and(|parking| failures >= parking.failures && since >= parking.after)
    }
}

/// Since when an item has failed, if it fails now and first failed at `first`. A time in the future
/// comes from a clock that was wrong, and does not count.
pub(super) fn failing_since(first: Option<UnixMillis>, now: UnixMillis) -> UnixMillis {
    first.filter(|first| *first <= now).unwrap_or(now)
}

impl Default for OutboxPolicy {
    fn default() -> Self {
        Self {
            backoff: BACKOFF,
            batch: Batch::default(),
            parking: Some(Parking::default()),
            resend: Resend::default(),
            module_queue: MODULE_QUEUE,
            limits: Limits::default(),
            usage_every: USAGE_EVERY,
            usage_unknown: UsageUnknown::default(),
            payment_due: PAYMENT_DUE,
            payment_last_moment: PAYMENT_LAST_MOMENT,
        }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self { reports: BATCH_REPORTS, time: BATCH_TIME }
    }
}

impl Default for Parking {
    fn default() -> Self {
        Self { failures: PARKING_FAILURES, after: PARKING_AFTER }
    }
}

impl Default for Limits {
    /// Everything is kept, and an append beyond the limit fails.
    fn default() -> Self {
        Self { waiting: Some(WAITING), age: None, reached: Reached::Fail, history: None }
    }
}

/// Not specified; chosen because a module with a weak signal delivers a report within some seconds, and
/// one that is without a network for a weekend need not be asked more often than every five minutes.
pub const BACKOFF: Backoff = Backoff {
    initial: Duration::from_secs(2),
    factor: 2,
    cap: Duration::from_secs(300),
    jitter_percent: 25,
    seed: 0,
};

/// Not specified; chosen because a batch reaches [`BATCH_TIME`] first with most modules, and a commit
/// of 2048 reports costs less than sending them.
pub const BATCH_REPORTS: usize = 2048;

/// Not specified; chosen because a module takes some tenths of a second for a report. So a host that
/// dies leaves a handful in doubt, and a commit every two seconds costs nothing.
pub const BATCH_TIME: Duration = Duration::from_secs(2);

/// The longest queue that was seen. AT+ALIPAYREP? tells how long that of a module is.
pub const MODULE_QUEUE: usize = 30;

/// Not specified; chosen because a fault that passes by itself does so within fewer attempts.
pub const PARKING_FAILURES: u32 = 8;

/// Not specified; chosen because a lack of memory or a locked queue inside the module lasts minutes
/// at most, and the reports behind must not wait for hours.
pub const PARKING_AFTER: Duration = Duration::from_secs(600);

/// Not specified; chosen because no terminal makes this many trades in half a year, and a module that
/// takes nothing is noticed long before.
pub const WAITING: u64 = 100_000;

/// openLuat's `aLiPay.lua` says that three times a day are enough.
pub const USAGE_EVERY: Duration = Duration::from_secs(8 * 3600);

/// Campus codes: a payment is uploaded within 24 hours as a rule.
pub const PAYMENT_DUE: Duration = Duration::from_secs(24 * 3600);

/// Campus codes: a payment that is uploaded after 10 days fails.
pub const PAYMENT_LAST_MOMENT: Duration = Duration::from_secs(10 * 24 * 3600);
