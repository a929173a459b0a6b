//! Tokens for hosts that share a Redis server.

use std::fmt;
use std::time::{Duration, Instant};

use redis::Cmd;

use super::{Claimed, Fence, FetchedToken, Held, Next, StoreError, Token, TokenKey, TokenStore};
use crate::backoff::Backoff;
pub use crate::redis_link::InvalidRedisUrl;
use crate::redis_link::{Link, LinkSettings};
use crate::secret::Secret;

/// A [`TokenStore`] for hosts that share a Redis server.
///
/// ```text
/// <prefix><app>@<base>:<kind>  number     of the newest lease: the fencing number
///                              holder     who has it; nothing after a fetch that failed
///                              until      when it is over, or the pause
///                              failures   leases in a row that brought nothing
///                              token      the newest one
///                              ends       when it is good no more
///                              renew      when another one is due
/// <prefix><app>@<base>:sent    <second>   requests in this second
/// ```
///
/// Each step is one Lua script, which Redis runs whole before it does anything else. Times are
/// milliseconds by the server's clock, so the hosts' clocks need not agree. Records lapse by
/// themselves.
///
/// # What Redis must be
///
/// One server of version 5 or later, or one master. A replica that becomes master may not know the
/// newest lease or token: one fetch too many comes of it. The same holds for a server that was
/// restarted without persistence. Whoever can read the server can read the tokens, and the
/// connection is not encrypted: use it in a network of your own, and a user whose ACL is
/// `~<prefix>* +eval +hmget +hset +hincrby +hgetall +hdel +pexpire +pttl +time`.
///
/// ```no_run
/// use m26_pay::gateway::unionpay::token::{RedisTokens, RedisTokensSettings};
///
/// let tokens = RedisTokens::new(RedisTokensSettings::new("redis://shop.example:6379/"))?;
/// # Ok::<(), m26_pay::gateway::unionpay::token::InvalidRedisUrl>(())
/// ```
pub struct RedisTokens {
    prefix: String,
    origin: Option<Instant>,
    link: Link,
}

/// How Redis is reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RedisTokensSettings {
    /// `redis://user:password@host:port/database` or `unix:///path?db=database`.
    pub url: Secret<String>,
    /// What every key begins with. All hosts need the same.
    pub prefix: String,
    /// How long a caller may wait for the connection. Not specified; half a second by default,
    /// chosen because a server on the same network answers in milliseconds.
    pub connect_timeout: Duration,
    /// How long Redis may take to answer. Not specified; 300 ms by default, chosen because a caller
    /// waits for the platform for longer.
    pub response_timeout: Duration,
    /// How long no connection is attempted after one failed. By default 1 s, doubled up to 30 s.
    pub backoff: Backoff,
}

impl RedisTokensSettings {
    /// The defaults for the Redis at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url.into()),
            prefix: "m26:unionpay:".to_string(),
            connect_timeout: Duration::from_millis(500),
            response_timeout: Duration::from_millis(300),
            backoff: Backoff { cap: Duration::from_secs(30), ..Backoff::default() },
        }
    }
}

impl RedisTokens {
    /// The connection is made when the first token is asked for.
    ///
    /// # Errors
    /// If the address is not valid.
    pub fn new(settings: RedisTokensSettings) -> Result<Self, InvalidRedisUrl> {
        let RedisTokensSettings { url, prefix, connect_timeout, response_timeout, backoff } =
            settings;
        let link = LinkSettings { service: "tokens", connect_timeout, response_timeout, backoff };
        Ok(Self { prefix, origin: None, link: Link::new(&url, link)? })
    }

    /// Counts times from this instant of the callers instead of by the server's clock, for tests on
    /// virtual time: all callers are in one process then.
    #[must_use]
    pub fn counted_from(self, origin: Instant) -> Self {
        Self { origin: Some(origin), ..self }
    }

    fn command(&self, script: &str, key: &TokenKey, what: &str, now: Instant) -> Cmd {
        let TokenKey { base, app_id, .. } = key;
        let mut command = redis::cmd("EVAL");
        command.arg([NOW, script].concat()).arg(1);
        command.arg(format!("{}{app_id}@{base}:{what}", self.prefix));
        match self.origin {
            Some(origin) => command.arg(millis(now.saturating_duration_since(origin))),
            None => command.arg(""),
        };
        command
    }
}

impl TokenStore for RedisTokens {
    fn claim(
        &self,
        key: &TokenKey,
        refused: Option<&Token>,
        holder: u64,
        lease: Duration,
        now: Instant,
    ) -> Result<Claimed, StoreError> {
        let mut command = self.command(CLAIM, key, key.kind.name(), now);
        command.arg(refused.map_or("", Token::expose)).arg(hex(holder)).arg(millis(lease));
        let answer: (String, u64, u64, u8, u64, u32) = self.ask(&command, now)?;
        let (token, left, renew_in, what, number, failures) = answer;
        let [left, renew_in] = [left, renew_in].map(Duration::from_millis);
        let held = (!token.is_empty()).then(|| Held { token: Token::new(&token), left, renew_in });
        let next = match what {
            0 => Next::Keep,
            1 => Next::Fetch { fence: Fence { number, holder }, failures },
            2 => Next::Wait(Duration::from_millis(number)),
            _ => Next::Paused(Duration::from_millis(number)),
        };
        Ok(Claimed { held, next })
    }

    fn put(
        &self,
        key: &TokenKey,
        fence: Fence,
        fetched: &FetchedToken,
        renew_in: Duration,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut command = self.command(PUT, key, key.kind.name(), now);
        command.arg(fence.number).arg(hex(fence.holder)).arg(fetched.token.expose());
        command.arg(millis(fetched.expires_in)).arg(millis(renew_in));
        self.ask(&command, now)
    }

    fn fail(
        &self,
        key: &TokenKey,
        fence: Fence,
        pause: Duration,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut command = self.command(FAIL, key, key.kind.name(), now);
        command.arg(fence.number).arg(hex(fence.holder)).arg(millis(pause));
        self.ask::<bool>(&command, now).map(drop)
    }

    fn count(
        &self,
        key: &TokenKey,
        limit: u16,
        now: Instant,
    ) -> Result<Option<Duration>, StoreError> {
        let mut command = self.command(COUNT, key, "sent", now);
        command.arg(limit);
        let wait: u64 = self.ask(&command, now)?;
        Ok((wait > 0).then(|| Duration::from_millis(wait)))
    }
}

impl RedisTokens {
    fn ask<T: redis::FromRedisValue>(&self, command: &Cmd, now: Instant) -> Result<T, StoreError> {
        self.link.ask(command, now).map_err(|reason| StoreError { reason })
    }
}

impl fmt::Debug for RedisTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTokens").field("link", &self.link).finish_non_exhaustive()
    }
}

fn hex(holder: u64) -> String {
    format!("{holder:016x}")
}

/// At most a year: Lua's numbers hold it exactly.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).min(YEAR)
}

const YEAR: u64 = 366 * 24 * 3600 * 1000;

/// The time, by whose clock it may be; and how long a record is kept at least.
const NOW: &str = "
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function keep(millis)
  redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), millis))
end
";

/// The rules are those of `Record::claim`. A lease of the holder's own is given anew: its answer was
/// lost, or its errand was abandoned.
const CLAIM: &str = "
local got = redis.call('HMGET', KEYS[1],
  'number', 'holder', 'until', 'failures', 'token', 'ends', 'renew')
local open, failures = tonumber(got[3] or 0), tonumber(got[4] or 0)
local token, left, renew = got[5] or '', tonumber(got[6] or 0) - now, tonumber(got[7] or 0) - now
if left <= 0 or token == ARGV[2] then token, left, renew = '', 0, 0 end
renew = math.max(renew, 0)
if token ~= '' and renew > 0 then return {token, left, renew, 0, 0, 0} end
if now < open and got[2] ~= ARGV[3] then
  return {token, left, renew, got[2] == '' and 3 or 2, open - now, 0}
end
local number = redis.call('HINCRBY', KEYS[1], 'number', 1)
redis.call('HSET', KEYS[1], 'holder', ARGV[3], 'until', now + ARGV[4])
keep(ARGV[4] + 120000)
return {token, left, renew, 1, number, failures}
";

const PUT: &str = "
local got = redis.call('HMGET', KEYS[1], 'number', 'holder')
if got[1] ~= ARGV[2] or got[2] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'holder', '', 'until', 0, 'failures', 0,
  'token', ARGV[4], 'ends', now + ARGV[5], 'renew', now + ARGV[6])
keep(ARGV[5] + 0)
return 1
";

const FAIL: &str = "
local got = redis.call('HMGET', KEYS[1], 'number', 'holder')
if got[1] ~= ARGV[2] or got[2] ~= ARGV[3] then return 0 end
redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HSET', KEYS[1], 'holder', '', 'until', now + ARGV[4])
keep(ARGV[4] + 120000)
return 1
";

/// The rules are those of `Pace::count`.
const COUNT: &str = "
local second, sent, oldest = math.floor(now / 1000), 0, nil
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local at = tonumber(all[index])
  if at <= second - 61 then
    redis.call('HDEL', KEYS[1], all[index])
  else
    sent = sent + all[index + 1]
    oldest = math.min(oldest or at, at)
  end
end
if sent >= tonumber(ARGV[2]) then return ((oldest or second) + 61) * 1000 - now end
redis.call('HINCRBY', KEYS[1], second, 1)
keep(120000)
return 0
";
