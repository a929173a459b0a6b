//! What becomes of orders that a dead program left, or that ended as unknown.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::payment::later;
use crate::gateway::alipay::Identity;
use crate::gateway::journal::{Entry, EntryKey, Pause};

/// Says which open order of the journal is asked for next, and when.
///
/// It asks nobody itself: a driver finds the open orders, [claims](crate::gateway::journal::Journal::claim)
/// the one that is due, runs it ([`Payment::resume`](super::payment::Payment::resume), with
/// [`Due::known_since`]), and tells the end.
///
/// * At the start each order is due at once, before the first new sale.
/// * One that stays unknown is due again after a wait that doubles, from
///   [`SettlePolicy::first`] to [`SettlePolicy::longest`].
/// * After [`SettlePolicy::give_up_after`] it is left to a person:
///   [`for_a_person`](Self::for_a_person).
/// * One of another gateway, app or merchant is neither asked for nor settled:
///   [`elsewhere`](Self::elsewhere) has it.
///
/// Where many programs settle the orders of one journal, the journal hands out what is
/// [due](crate::gateway::journal::Journal::claim_due), and this only remembers since when an order is
/// known here: [`handed`](Self::handed).
#[derive(Debug)]
pub struct Settle {
    identity: Arc<Identity>,
    policy: SettlePolicy,
    /// In the order in which they are due.
    waiting: VecDeque<Waiting>,
    for_a_person: Vec<EntryKey>,
    elsewhere: Vec<EntryKey>,
    /// Those that the journal handed out, and since when they are known.
    handed: HashMap<EntryKey, Instant>,
}

/// When open orders are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlePolicy {
    /// The wait before the second time, a second at least. Default: 30 s. Not specified; chosen because a network
    /// that was away for a minute is often back after one more.
    pub first: Duration,
    /// The longest wait. Default: 1 h. Not specified; chosen so that an order that can be
    /// cancelled for a day is asked for some twenty times.
    pub longest: Duration,
    /// After how long an order is left to a person. Default: 24 h, after which Alipay cancels no
    /// more (facts/alipay-gateway.md 2.2).
    pub give_up_after: Duration,
}

/// An order that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub key: EntryKey,
    /// Since when it is known to be there.
    pub known_since: Instant,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Ask for this order, then [`Settle::ended`]. It waits for nothing until then.
    Ask(Due),
    /// Nothing before this time.
    Rest(Instant),
    /// Nothing at all.
    Nothing,
}

/// What has become of an order that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Its end is not known: it is due again later, or left to a person.
    Open,
    /// It has its end, or the journal does not have it any more.
    Settled,
}

impl OrderState {
    /// That of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        if entry.is_open() { Self::Open } else { Self::Settled }
    }
}

#[derive(Debug)]
struct Waiting {
    due: Instant,
    key: EntryKey,
    known_since: Instant,
    wait: Duration,
}

impl Settle {
    /// Nothing to settle yet, for a run with this identity.
    #[must_use]
    pub fn new(identity: Arc<Identity>, policy: SettlePolicy) -> Self {
        Self {
            identity,
            policy,
            waiting: VecDeque::new(),
            for_a_person: Vec::new(),
            elsewhere: Vec::new(),
            handed: HashMap::new(),
        }
    }

    /// An open order of the journal was found, at the start: it is due at once. One that is known
    /// already, or is not open, changes nothing.
    pub fn found(&mut self, now: Instant, entry: &Entry) {
        self.add(now, entry, now, self.policy.first);
    }

    /// A payment of this program ended as unknown: it is due after the first wait.
    pub fn unknown(&mut self, now: Instant, entry: &Entry) {
        self.add(later(now, self.policy.first), entry, now, self.policy.first.saturating_mul(2));
    }

    fn add(&mut self, due: Instant, entry: &Entry, known_since: Instant, wait: Duration) {
        if !entry.is_open() {
            return;
        }
        let key = entry.key();
        if *entry.identity != *self.identity {
            if !self.elsewhere.contains(&key) {
                self.elsewhere.push(key);
            }
            return;
        }
        let known = self.waiting.iter().any(|waiting| waiting.key == key);
        if !known && !self.for_a_person.contains(&key) {
            self.queue(Waiting { due, key, known_since, wait });
        }
    }

    fn queue(&mut self, order: Waiting) {
        let place = self.waiting.partition_point(|waiting| waiting.due <= order.due);
        self.waiting.insert(place, order);
    }

    /// What is to be done next.
    pub fn next(&mut self, now: Instant) -> Next {
        match self.waiting.front() {
            None => Next::Nothing,
            Some(order) if order.due > now => Next::Rest(order.due),
            Some(order) => {
                Next::Ask(Due { key: order.key.clone(), known_since: order.known_since })
            }
        }
    }

    /// The journal handed out an order as due: ask for it now, then [`ended`](Self::ended). Of one
    /// that was handed out before it knows since when.
    pub fn handed(&mut self, now: Instant, entry: &Entry) -> Due {
        if self.handed.len() >= MANY && self.handed.len() == self.handed.capacity() {
            // Others may have settled them meanwhile. What is left is looked through before it grows.
            let forget = self.policy.give_up_after;
            self.handed.retain(|_, since| now.saturating_duration_since(*since) < forget);
        }
        let key = entry.key();
        let known_since = *self.handed.entry(key.clone()).or_insert(now);
        Due { key, known_since }
    }

    /// When orders are asked for.
    #[must_use]
    pub fn policy(&self) -> SettlePolicy {
        self.policy
    }

    /// What became of the order that was due.
    pub fn ended(&mut self, now: Instant, key: &EntryKey, state: OrderState) {
        if state == OrderState::Settled {
            self.handed.remove(key);
        }
        let Some(place) = self.waiting.iter().position(|waiting| waiting.key == *key) else {
            return;
        };
        let Some(mut order) = self.waiting.remove(place) else { return };
        if state == OrderState::Settled {
            return;
        }
        if now.saturating_duration_since(order.known_since) >= self.policy.give_up_after {
            self.for_a_person.push(order.key);
            return;
        }
        order.due = later(now, order.wait.max(SHORTEST));
        order.wait = order.wait.saturating_mul(2).min(self.policy.longest);
        self.queue(order);
    }

    /// How many orders are still asked for.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The orders that were asked for long enough: a person has to look after them.
    #[must_use]
    pub fn for_a_person(&self) -> &[EntryKey] {
        &self.for_a_person
    }

    /// The open orders of other gateways, apps or merchants, which this run does not ask for.
    #[must_use]
    pub fn elsewhere(&self) -> &[EntryKey] {
        &self.elsewhere
    }
}

impl SettlePolicy {
    /// How long an order rests that a journal hands out.
    #[must_use]
    pub fn pause(&self) -> Pause {
        Pause { first: self.first.max(SHORTEST), longest: self.longest }
    }
}

impl Default for SettlePolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
            give_up_after: Duration::from_secs(24 * 3600),
        }
    }
}

/// The shortest wait, so that a policy without one does not ask without end. Not specified; chosen
/// because a gateway knows no more within a second.
const SHORTEST: Duration = Duration::from_secs(1);

/// How many orders are remembered before it is looked which of them are old. Not specified; chosen
/// because they take less than a megabyte.
const MANY: usize = 1024;
