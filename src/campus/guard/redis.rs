//! A guard that many terminals share.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::Cmd;

use super::{Claim, Fingerprint, Guard, GuardError, Now, TimeRules};
use crate::backoff::Backoff;
pub use crate::redis_link::InvalidRedisUrl;
use crate::redis_link::{Link, LinkSettings};
use crate::secret::Secret;

/// A [`Guard`] for several terminals that share a Redis server, in front of the terminal's own.
///
/// The terminal's own guard, `local`, is asked first, so that a code that is held to the same
/// reader twice costs no network. What it has not seen is claimed in Redis:
///
/// ```text
/// <prefix><key of the bytes>      = <instance>:<claim>     PX keep + clock_difference
/// <prefix><key of what was decoded> = <instance>:<claim>   PX keep + clock_difference
/// ```
///
/// Both keys are looked at and set by one Lua script, which Redis runs whole before it does
/// anything else. MSETNX sets all or none as well but with no time to live: a terminal that lost
/// its power before EXPIRE would leave keys for ever. MULTI with SET NX sets what it can, not all
/// or none. Records lapse by Redis' own clock, so the terminals' clocks need not agree for that.
///
/// # When no answer comes
///
/// What holds then is the policy, [`Unreachable`]. A claim whose answer was lost may stand in
/// Redis nevertheless: it names this guard, which may take it over when the code is presented here
/// again, and no other terminal may. A connection that turns out dead when it is used (Redis was
/// restarted) is made anew at once, and the claim is repeated once.
///
/// # How long it takes
///
/// A claim waits for its turn and for the connection no longer than
/// [`RedisSettings::connect_timeout`] and [`RedisSettings::response_timeout`] together, and for the
/// answer no longer than the latter, to be sent and to come: about a second in all with the
/// defaults. After a failure, claims do not wait at all until the back-off is over. The connection is
/// made on a thread of its own, since a name may take a resolver longer than any time-out here.
///
/// # What Redis must be
///
/// One server, or one master (a replica that becomes master may not have the last claims yet),
/// with `maxmemory-policy noeviction`, since an evicted record is a code that can be used again. A
/// restart without persistence forgets the records; each terminal's own guard still has its own.
/// The connection is not encrypted: use it in a network of your own, and a user whose ACL is
/// `~<prefix>* +eval +get +set +del`.
///
/// ```no_run
/// use m26_pay::campus::guard::{MemoryGuard, RedisGuard, RedisSettings, TimeRules, Unreachable};
///
/// let local = MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default());
/// let settings = RedisSettings::new("redis://canteen.example:6379/", Unreachable::Refuse);
/// let guard = RedisGuard::new(local, settings)?;
/// # Ok::<(), m26_pay::campus::guard::InvalidRedisUrl>(())
/// ```
pub struct RedisGuard<G> {
    local: G,
    /// Tells this guard's claims from all others', those of this terminal before a restart
    /// included.
    instance: String,
    prefix: String,
    time_to_live: u64,
    unreachable: Unreachable,
    link: Link,
}

/// How Redis is reached, and what holds when it is not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RedisSettings {
    /// `redis://user:password@host:port/database` or `unix:///path?db=database`.
    pub url: Secret<String>,
    /// What to do when Redis does not say whether a code was seen.
    pub unreachable: Unreachable,
    /// What every key begins with. All terminals need the same. The braces keep both keys of a code
    /// on one node of a Redis Cluster.
    pub prefix: String,
    /// How long a customer may wait for the connection. Not specified; half a second by default,
    /// chosen because it is once per outage, and a server on the same network answers in
    /// milliseconds.
    pub connect_timeout: Duration,
    /// How long Redis may take to answer. Not specified; 300 ms by default, chosen because a queue
    /// of customers does not notice it.
    pub response_timeout: Duration,
    /// How long no connection is attempted after one failed. By default 1 s, doubled up to 30 s.
    pub backoff: Backoff,
    /// By how much the clocks of two terminals may differ. A code that one terminal took when its
    /// clock was fast is good for longer at one whose clock is slow, so records live longer by
    /// this. Not specified; a minute by default, chosen as [`TimeRules::ahead`] is.
    pub clock_difference: Duration,
}

/// What holds when Redis does not say whether a code was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unreachable {
    /// Accept what this terminal has not seen: business goes on, and a code may be used once at
    /// each terminal. [`Claim::is_alone`] tells.
    AcceptOnLocal,
    /// Refuse every code until Redis answers again.
    Refuse,
}

impl RedisSettings {
    /// The defaults for the Redis at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>, unreachable: Unreachable) -> Self {
        Self {
            url: Secret::new(url.into()),
            unreachable,
            prefix: "m26:{campus}:".to_string(),
            connect_timeout: Duration::from_millis(500),
            response_timeout: Duration::from_millis(300),
            backoff: Backoff { cap: Duration::from_secs(30), ..Backoff::default() },
            clock_difference: Duration::from_secs(60),
        }
    }
}

impl<G: Guard> RedisGuard<G> {
    /// A guard that asks `local` first, and has its rules. The connection is made when the first code comes.
    ///
    /// # Errors
    /// If the address is not valid.
    pub fn new(local: G, settings: RedisSettings) -> Result<Self, InvalidRedisUrl> {
        let RedisSettings { connect_timeout, response_timeout, backoff, .. } = &settings;
        let link = LinkSettings {
            service: "guard",
            connect_timeout: *connect_timeout,
            response_timeout: *response_timeout,
            backoff: backoff.clone(),
        };
        let keep = local.rules().keep().saturating_add(settings.clock_difference);
        Ok(Self {
            local,
            instance: format!("{:016x}{:016x}", random(), random()),
            prefix: settings.prefix.clone(),
            // Redis counts in 64 bits with a sign, from 1970.
            time_to_live: keep.as_millis().clamp(1, 1 << 50) as u64,
            unreachable: settings.unreachable,
            link: Link::new(&settings.url, link)?,
        })
    }

    /// The terminal's own guard.
    pub fn local(&self) -> &G {
        &self.local
    }

    fn command(&self, script: &str, code: &Fingerprint) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(code.keys().len());
        for key in code.keys() {
            command.arg(format!("{}{}", self.prefix, HEXLOWER.encode(key)));
        }
        command
    }
}

impl<G: Guard> Guard for RedisGuard<G> {
    fn rules(&self) -> &TimeRules {
        self.local.rules()
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        let mut claim = self.local.claim(code, now)?;
        let mut command = self.command(CLAIM, code);
        command.arg(&self.instance).arg(format!(":{}", claim.id())).arg(self.time_to_live);
        match self.link.ask::<i64>(&command, now.monotonic) {
            Ok(1) => Ok(claim),
            // It stays claimed here as well: it is known to be used, also when Redis is gone.
            Ok(_) => Err(GuardError::Used),
            Err(_) if self.unreachable == Unreachable::AcceptOnLocal => {
                claim.alone = true;
                Ok(claim)
            }
            Err(reason) => {
                self.local.release(claim, now)?;
                Err(GuardError::Unreachable { reason })
            }
        }
    }

    /// Gives the claim back in both. If Redis cannot be reached, the code can be presented again
    /// at this terminal only, until the record lapses.
    fn release(&self, claim: Claim, now: Now) -> Result<(), GuardError> {
        let mut command = self.command(RELEASE, claim.code());
        command.arg(format!("{}:{}", self.instance, claim.id()));
        // The link has said why, if it failed.
        drop(self.link.ask::<i64>(&command, now.monotonic));
        self.local.release(claim, now)
    }
}

impl<G: fmt::Debug> fmt::Debug for RedisGuard<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisGuard")
            .field("local", &self.local)
            .field("unreachable", &self.unreachable)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// The keys of a [`RandomState`] come from the system's random numbers.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// 1 if both keys are ours now. A claim of this instance is taken over: the local guard has let
/// the code pass, so the earlier one was released or its answer was lost.
const CLAIM: &str = "
for _, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if holder and string.sub(holder, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1] .. ARGV[2], 'PX', ARGV[3])
end
return 1
";

/// Only this very claim is given back: one that arrives late must not free a later one.
const RELEASE: &str = "
local freed = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then freed = freed + redis.call('DEL', key) end
end
return freed
";
