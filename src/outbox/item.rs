//! [`Item`]: something that has to be delivered, and what has become of it so far.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::outbox::policy::failing_since;
use crate::outbox::queue::Queued;
use crate::outbox::verdict::Verdict;
use crate::outbox::{OutboxPolicy, UnixMillis};

/// What an outbox can hold: a [`Report`](crate::alipay::Report), which a module takes, or a
/// [`Payment`](crate::outbox::Payment), which an uploader takes.
pub trait Kind: Queued + Clone + fmt::Debug + Eq {
    /// The outcome of an attempt to deliver one.
    type Answer: Copy + fmt::Debug + Eq;

    /// Its name in messages.
    const NAME: &'static str;
}

/// Something that has to be delivered, and what has become of it so far.
///
/// Its `Debug` hides what is secret or personal in the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<K: Kind> {
    /// Its number.
    pub id: Id<K>,
    /// What has to be delivered.
    pub content: K,
    /// Its state.
    pub state: ItemState,
    /// When it was added; for a payment, when it was accepted.
    pub added: UnixMillis,
    /// How often its delivery was tried, as far as is known. An attempt during which the host died
    /// counts.
    pub attempts: u32,
    /// How often in a row it failed for a reason that may be the item itself. See
    /// [`Parking`](crate::outbox::Parking).
    pub failures: u32,
    /// When the first of these failures was.
    pub first_failed: Option<UnixMillis>,
    /// The time and the outcome of the last attempt.
    pub last: Option<(UnixMillis, K::Answer)>,
    /// The boot in which the module took it, by the outbox's count. Only a report has one.
    pub boot: Option<i64>,
}

/// The number of an item: its place in the order in which items of its kind were added. It is never
/// given a second time.
pub struct Id<K>(i64, PhantomData<fn() -> K>);

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ItemState {
    /// It waits to be delivered.
    Pending,
    /// Its delivery is under way. If the host dies, it is not known whether the item was delivered, and
    /// it is pending again.
    Sending,
    /// It was delivered: the module holds the report (result 0), the server has the payment.
    Held,
    /// The module holds the report in memory alone (result 7), and the SDK was not shut in order since.
    RamOnly,
    /// It failed for too long and stepped aside.
    Parked,
    /// It was refused for good: the module rejected the report while it was ready and in the network,
    /// or the profile cannot carry it; or the server refused the payment.
    Rejected,
    /// The trade is under way, and its outcome is not known yet. If the host dies, it is pending.
    Announced,
    /// Its last moment passed before it was delivered.
    Expired,
    /// The trade is an open order of the journal, which will say how it ends. If the host dies, it
    /// stays so until the order is settled.
    Ordered,
}

impl<K: Kind> Item<K> {
    /// An item that was added at this time and was not tried yet.
    #[must_use]
    pub fn new(id: Id<K>, content: K, added: UnixMillis) -> Self {
        Self {
            id,
            content,
            state: ItemState::Pending,
            added,
            attempts: 0,
            failures: 0,
            first_failed: None,
            last: None,
            boot: None,
        }
    }

    /// Its delivery begins.
    pub(super) fn begin(&mut self) {
        self.state = ItemState::Sending;
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Its delivery did not begin after all.
    pub(super) fn take_back(&mut self) {
        self.state = ItemState::Pending;
        self.attempts = self.attempts.saturating_sub(1);
    }

    /// Its delivery got this answer, which leads to this verdict.
    pub(super) fn settle(
        &mut self,
        now: UnixMillis,
        answer: K::Answer,
        verdict: Verdict,
        policy: &OutboxPolicy,
    ) {
        self.last = Some((now, answer));
        self.state = match verdict {
            Verdict::Held(held) => {
                self.forget_failures();
                held.into()
            }
            Verdict::Failed => self.fail(now, policy),
            Verdict::Rejected => ItemState::Rejected,
            Verdict::Later | Verdict::NotInitialised | Verdict::Questioned => ItemState::Pending,
        };
    }

    pub(super) fn forget_failures(&mut self) {
        (self.failures, self.first_failed) = (0, None);
    }

    /// Counts a failure. Returns the state now.
    fn fail(&mut self, now: UnixMillis, policy: &OutboxPolicy) -> ItemState {
        self.failures = self.failures.saturating_add(1);
        let since = failing_since(self.first_failed, now);
        self.first_failed = Some(since);
        match policy.is_too_long(self.failures, now.since(since)) {
            true => ItemState::Parked,
            false => ItemState::Pending,
        }
    }
}

impl<K> Id<K> {
    /// The number before the first one: every item comes after it.
    pub const START: Self = Self::new(0);

    /// The item with this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number, PhantomData)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl ItemState {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Sending,
        Self::Held,
        Self::RamOnly,
        Self::Parked,
        Self::Rejected,
        Self::Announced,
        Self::Expired,
        Self::Ordered,
    ];

    /// The states of items that were not delivered.
    pub const WAITING: [Self; 7] = [
        Self::Pending,
        Self::Sending,
        Self::Parked,
        Self::Rejected,
        Self::Announced,
        Self::Expired,
        Self::Ordered,
    ];

    /// The states of items that stepped aside: they stay until somebody has them tried again or removes
    /// them.
    pub const ASIDE: [Self; 3] = [Self::Parked, Self::Rejected, Self::Expired];

    /// Whether the item was delivered.
    #[must_use]
    pub fn is_held(self) -> bool {
        matches!(self, Self::Held | Self::RamOnly)
    }

    /// Whether the item stepped aside.
    #[must_use]
    pub fn is_aside(self) -> bool {
        Self::ASIDE.contains(&self)
    }

    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Held => "held",
            Self::RamOnly => "ram-only",
            Self::Parked => "parked",
            Self::Rejected => "rejected",
            Self::Announced => "announced",
            Self::Expired => "expired",
            Self::Ordered => "ordered",
        }
    }
}

impl fmt::Display for ItemState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.0).finish()
    }
}

impl<K> FromStr for Id<K> {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}

// Derived ones would demand these traits of the kind as well.

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
