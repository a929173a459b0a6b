//! Tokens: one fetch for all threads and hosts.

mod clients;
mod hours;
mod memory;
mod processes;
mod stores;
mod world;

use std::time::{Duration, Instant};

use m26_pay::gateway::unionpay::keeper::{Errand, Input, Keeper, NoToken, Step};
use m26_pay::gateway::unionpay::token::{FetchedToken, Token, TokenKey, TokenKind, TokenStore};

/// Any time will do: only differences count.
#[allow(clippy::disallowed_methods, reason = "a test on virtual time has to begin somewhere")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn key(kind: TokenKind) -> TokenKey {
    TokenKey { base: "https://open.example/1.0".into(), app_id: "app1".into(), kind }
}

/// A platform that ends a token when it gives a new one (7.8 no. 14).
#[derive(Debug, Default)]
struct Platform {
    given: u32,
    ends: Option<Instant>,
}

impl Platform {
    const LIFE: Duration = seconds(7_200);

    fn give(&mut self, now: Instant) -> FetchedToken {
        self.given += 1;
        self.ends = Some(now + Self::LIFE);
        FetchedToken { token: self.newest(), expires_in: Self::LIFE }
    }

    fn newest(&self) -> Token {
        Token::new(&format!("token-{}", self.given))
    }

    fn takes(&self, token: &Token, now: Instant) -> bool {
        *token == self.newest() && self.ends.is_some_and(|ends| now < ends)
    }
}

/// Does what a step asks of a store; the others it gives back.
fn ask_store(
    store: &dyn TokenStore,
    errand: &Errand,
    step: Step,
    now: Instant,
) -> Result<Input, Step> {
    let key = key(errand.kind());
    let failed = |_| Input::StoreFailed;
    Ok(match step {
        Step::Claim { refused, holder, lease } => store
            .claim(&key, refused.as_ref(), holder, lease, now)
            .map_or_else(failed, Input::Claimed),
        Step::Put { fence, fetched, renew_in } => {
            store.put(&key, fence, &fetched, renew_in, now).map_or_else(failed, Input::Put)
        }
        Step::Fail { fence, pause } => {
            store.fail(&key, fence, pause, now).map_or_else(failed, |()| Input::Failed)
        }
        step => return Err(step),
    })
}

/// Runs an errand that need not rest.
fn run(
    keeper: &mut Keeper,
    store: &dyn TokenStore,
    platform: &mut Platform,
    kind: TokenKind,
    now: Instant,
) -> Result<Token, NoToken> {
    let mut errand = keeper.errand(kind, now);
    let mut input = Input::Begin;
    loop {
        let step = keeper.step(&mut errand, now, input);
        input = match ask_store(store, &errand, step, now) {
            Ok(input) => input,
            Err(Step::Fetch) => Input::Fetched(platform.give(now)),
            Err(Step::Done(outcome)) => return outcome,
            Err(step) => panic!("{step:?}"),
        };
    }
}
