//! What every store of tokens promises, of each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::gateway::unionpay::token::{
    Claimed, Fence, FetchedToken, InvalidRedisUrl, MemoryTokens, Next, RedisTokens,
    RedisTokensSettings, Token, TokenKind, TokenStore,
};
use support::redis_server::Server;

use super::hours::redis;
use super::{key, seconds, start};

const LEASE: Duration = seconds(30);

/// A rule, of a store that is empty.
type Rule = fn(&dyn TokenStore, Instant);

const RULES: &[(&str, Rule)] = &[
    ("one of many fetches", one_of_many_fetches),
    ("a late writer loses", a_late_writer_loses),
    ("a lease ends by itself", a_lease_ends_by_itself),
    ("a holder is given its lease anew", a_holder_is_given_its_lease_anew),
    ("a fetch that failed is followed by a pause", a_fetch_that_failed_is_followed_by_a_pause),
    ("a token that was refused is given to nobody", a_token_that_was_refused_is_not_given),
    ("a token is given until its end", a_token_is_given_until_its_end),
    ("keys are apart", keys_are_apart),
    ("requests are counted", requests_are_counted),
];

#[test]
fn memory_keeps_the_rules() {
    for (name, rule) in RULES {
        println!("{name}");
        rule(&MemoryTokens::new(), start());
    }
}

#[test]
fn redis_keeps_the_rules() {
    let Some(server) = Server::start(&[]) else { return };
    for (name, rule) in RULES {
        println!("{name}");
        server.ask("FLUSHALL");
        let now = start();
        rule(&redis(&server, "").counted_from(now), now);
    }
}

fn claim(store: &dyn TokenStore, holder: u64, now: Instant) -> Claimed {
    store.claim(&key(TokenKind::Backend), None, holder, LEASE, now).unwrap()
}

#[track_caller]
fn fence(claimed: &Claimed) -> Fence {
    match claimed.next {
        Next::Fetch { fence, .. } => fence,
        next => panic!("{next:?}"),
    }
}

fn fetched(text: &str) -> FetchedToken {
    FetchedToken { token: Token::new(text), expires_in: seconds(7_200) }
}

fn put(store: &dyn TokenStore, fence: Fence, text: &str, now: Instant) -> bool {
    store.put(&key(TokenKind::Backend), fence, &fetched(text), seconds(6_600), now).unwrap()
}

fn text(claimed: &Claimed) -> Option<&str> {
    claimed.held.as_ref().map(|held| held.token.expose())
}

fn one_of_many_fetches(store: &dyn TokenStore, now: Instant) {
    let first = fence(&claim(store, 1, now));
    for holder in 2..20 {
        let waits = claim(store, holder, now + seconds(1));
        assert_eq!((waits.held, waits.next), (None, Next::Wait(seconds(29))));
    }
    assert!(put(store, first, "a", now + seconds(2)));
    let kept = claim(store, 2, now + seconds(3));
    assert_eq!((text(&kept), kept.next), (Some("a"), Next::Keep));
    let held = kept.held.unwrap();
    assert_eq!((held.left, held.renew_in), (seconds(7_199), seconds(6_599)));
}

fn a_late_writer_loses(store: &dyn TokenStore, now: Instant) {
    let late = fence(&claim(store, 1, now));
    let newer = fence(&claim(store, 2, now + seconds(31)));
    assert!(newer.number > late.number);
    assert!(!put(store, late, "late", now + seconds(32)));
    assert!(put(store, newer, "newer", now + seconds(33)));
    assert!(!put(store, late, "late", now + seconds(34)));
    assert_eq!(text(&claim(store, 1, now + seconds(35))), Some("newer"));
    // Nor can it end what came after it.
    store.fail(&key(TokenKind::Backend), late, seconds(60), now + seconds(36)).unwrap();
    assert_eq!(claim(store, 3, now + seconds(37)).next, Next::Keep);
    // The same number under another name is another lease.
    let stranger = Fence { holder: 9, ..newer };
    assert!(!put(store, stranger, "stranger", now + seconds(38)));
}

fn a_lease_ends_by_itself(store: &dyn TokenStore, now: Instant) {
    let first = fence(&claim(store, 1, now));
    let just_before = now + LEASE - Duration::from_millis(1);
    assert_eq!(claim(store, 2, just_before).next, Next::Wait(Duration::from_millis(1)));
    // Late, and nobody was given another one: it counts.
    assert!(put(store, first, "a", now + seconds(100)));
    let due = now + seconds(100 + 6_600);
    let renewal = claim(store, 2, due);
    assert_eq!(text(&renewal), Some("a"));
    fence(&renewal);
    fence(&claim(store, 3, due + LEASE));
}

fn a_holder_is_given_its_lease_anew(store: &dyn TokenStore, now: Instant) {
    let lost = fence(&claim(store, 1, now));
    let again = fence(&claim(store, 1, now + seconds(1)));
    assert!(again.number > lost.number);
    assert_eq!(claim(store, 2, now + seconds(2)).next, Next::Wait(seconds(29)));
    assert!(!put(store, lost, "lost", now + seconds(3)));
    assert!(put(store, again, "again", now + seconds(4)));
}

fn a_fetch_that_failed_is_followed_by_a_pause(store: &dyn TokenStore, now: Instant) {
    let key = key(TokenKind::Backend);
    let mut now = now;
    for expected in 0..3 {
        let claimed = claim(store, 1, now);
        let Next::Fetch { fence, failures } = claimed.next else { panic!("{claimed:?}") };
        assert_eq!(failures, expected);
        store.fail(&key, fence, seconds(5), now).unwrap();
        assert!(!put(store, fence, "a", now), "its lease is over");
        for holder in [1, 2] {
            assert_eq!(claim(store, holder, now + seconds(1)).next, Next::Paused(seconds(4)));
        }
        now += seconds(5);
    }
    let claimed = claim(store, 2, now);
    assert!(put(store, fence(&claimed), "a", now));
    let refused = store.claim(&key, Some(&Token::new("a")), 3, LEASE, now).unwrap();
    assert!(matches!(refused.next, Next::Fetch { failures: 0, .. }), "{refused:?}");
}

fn a_token_that_was_refused_is_not_given(store: &dyn TokenStore, now: Instant) {
    let ask = |holder, refused| {
        let refused = Token::new(refused);
        store.claim(&key(TokenKind::Backend), Some(&refused), holder, LEASE, now).unwrap()
    };
    assert!(put(store, fence(&claim(store, 1, now)), "a", now));
    // Of two that were refused the same token, one fetches.
    let first = ask(1, "a");
    assert_eq!(first.held, None);
    assert_eq!(ask(2, "a").next, Next::Wait(LEASE));
    assert!(put(store, fence(&first), "b", now));
    // Who was refused an older one is given the newer one, and fetches nothing.
    let later = ask(3, "a");
    assert_eq!((text(&later), later.next), (Some("b"), Next::Keep));
}

fn a_token_is_given_until_its_end(store: &dyn TokenStore, now: Instant) {
    assert!(put(store, fence(&claim(store, 1, now)), "a", now));
    assert_eq!(claim(store, 2, now + seconds(6_599)).next, Next::Keep);
    let renewal = claim(store, 2, now + seconds(6_600));
    assert_eq!(text(&renewal), Some("a"));
    let held = renewal.held.as_ref().unwrap();
    assert_eq!((held.left, held.renew_in), (seconds(600), Duration::ZERO));
    let meanwhile = claim(store, 3, now + seconds(6_601));
    assert_eq!((text(&meanwhile), meanwhile.next), (Some("a"), Next::Wait(seconds(29))));
    store
        .fail(&key(TokenKind::Backend), fence(&renewal), seconds(9), now + seconds(6_602))
        .unwrap();
    let paused = claim(store, 3, now + seconds(6_603));
    assert_eq!((text(&paused), paused.next), (Some("a"), Next::Paused(seconds(8))));
    assert_eq!(claim(store, 3, now + seconds(7_200)).held, None);
}

fn keys_are_apart(store: &dyn TokenStore, now: Instant) {
    assert!(put(store, fence(&claim(store, 1, now)), "a", now));
    let other = |change: fn(&mut m26_pay::gateway::unionpay::token::TokenKey)| {
        let mut key = key(TokenKind::Backend);
        change(&mut key);
        store.claim(&key, None, 1, LEASE, now).unwrap()
    };
    for claimed in [
        other(|key| key.kind = TokenKind::Front),
        other(|key| key.app_id = "app2".into()),
        other(|key| key.base = "http://127.0.0.1:1".into()),
    ] {
        assert_eq!(claimed.held, None);
        fence(&claimed);
    }
}

fn requests_are_counted(store: &dyn TokenStore, now: Instant) {
    let [backend, front] = [TokenKind::Backend, TokenKind::Front].map(key);
    let count = |key, after| store.count(key, 5, now + Duration::from_millis(after)).unwrap();
    for after in [0, 400, 900, 30_000] {
        assert_eq!(count(&backend, after), None);
    }
    // Both tokens are one application's.
    assert_eq!(count(&front, 30_000), None);
    for key in [&backend, &front] {
        assert_eq!(count(key, 30_500), Some(Duration::from_millis(30_500)));
    }
    assert_eq!(count(&backend, 60_999), Some(Duration::from_millis(1)));
    for after in [61_000, 61_100, 61_200] {
        assert_eq!(count(&backend, after), None);
    }
    assert_eq!(count(&backend, 61_300), Some(Duration::from_millis(29_700)));
}

#[test]
fn of_many_threads_one_fetches() {
    let Some(server) = Server::start(&[]) else { return };
    let (memory, redis) = (MemoryTokens::new(), redis(&server, ""));
    for store in [&memory as &dyn TokenStore, &redis] {
        let (now, fetches) = (start(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for holder in 0..32 {
                let fetches = &fetches;
                scope.spawn(move || {
                    if matches!(claim(store, holder, now).next, Next::Fetch { .. }) {
                        fetches.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(fetches.into_inner(), 1, "{store:?}");
    }
}

#[test]
fn a_server_that_is_gone_is_an_error() {
    let Some(mut server) = Server::start(&[]) else { return };
    let (store, now) = (redis(&server, ""), start());
    let lease = fence(&claim(&store, 1, now));
    server.kill();
    let key = key(TokenKind::Backend);
    assert!(store.put(&key, lease, &fetched("a"), seconds(6_600), now).is_err());
    assert!(store.claim(&key, None, 2, LEASE, now).is_err());
    assert!(store.fail(&key, lease, seconds(1), now).is_err());
    assert!(store.count(&key, 1_000, now).is_err());
    server.restart();
    // It has lost its memory, so the lease of before is none of its own.
    let now = now + seconds(60);
    assert!(!store.put(&key, lease, &fetched("a"), seconds(6_600), now).unwrap());
    fence(&claim(&store, 2, now));
}

#[test]
fn what_is_kept_in_redis_lapses_and_counts_by_its_clock() {
    let Some(server) = Server::start(&[]) else { return };
    let (here, there) = (redis(&server, ""), redis(&server, ""));
    // Two hosts, one of which was started an hour later.
    let now = start();
    let lease = fence(&claim(&here, 1, now));
    let waits = claim(&there, 2, now + seconds(3_600));
    assert!(matches!(waits.next, Next::Wait(left) if left <= LEASE), "{waits:?}");
    assert!(put(&here, lease, "a", now));
    let held = claim(&there, 2, now + seconds(3_600)).held.unwrap();
    assert!(held.left > seconds(7_100) && held.left <= seconds(7_200), "{held:?}");
    store_count(&here);
    let keys = server.keys();
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        assert!(key.starts_with("m26:unionpay:app1@https://open.example/1.0:"), "{key}");
        let millis: u64 = server.ask(&format!("PTTL {key}"))[1..].parse().unwrap();
        assert!(millis <= 7_200_000, "{key} {millis}");
    }
}

fn store_count(store: &RedisTokens) {
    assert_eq!(store.count(&key(TokenKind::Front), 1, start()).unwrap(), None);
    let wait = store.count(&key(TokenKind::Front), 1, start()).unwrap().unwrap();
    assert!(wait <= seconds(61), "{wait:?}");
}

#[test]
fn nothing_of_it_shows() {
    for url in ["", "sesame", "http://:sesame@host/", "rediss://:sesame@host/", "redis://"] {
        let error: InvalidRedisUrl = RedisTokens::new(RedisTokensSettings::new(url)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"));
    }
    let Some(server) = Server::start(&["--requirepass", "sesame"]) else { return };
    let (wrong, now) = (redis(&server, "?pass=wrong-one"), start());
    let key = key(TokenKind::Backend);
    let error = wrong.claim(&key, Some(&Token::new("t0k3n")), 1, LEASE, now).unwrap_err();
    let right = redis(&server, "?pass=sesame");
    assert!(put(&right, fence(&claim(&right, 1, now)), "t0k3n", now));
    let claimed = claim(&right, 1, now);
    let memory = MemoryTokens::new();
    assert!(put(&memory, fence(&claim(&memory, 1, now)), "t0k3n", now));
    let shown = format!("{error} {error:?} {wrong:?} {right:?} {claimed:?} {memory:?}");
    assert!(error.to_string().contains("authentication failed"), "{error}");
    for secret in ["sesame", "wrong-one", "t0k3n"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_rights_that_are_named_are_enough() {
    let Some(server) = Server::start(&[]) else { return };
    let user = "ACL SETUSER hosts on >sesame ~m26:unionpay:* +eval +hmget +hset +hincrby +hgetall \
                +hdel +pexpire +pttl +time";
    assert_eq!(server.ask(user), "+OK");
    for (name, rule) in RULES {
        println!("{name}");
        server.ask("FLUSHALL");
        let now = start();
        rule(&redis(&server, "?user=hosts&pass=sesame").counted_from(now), now);
    }
    let by_its_clock = redis(&server, "?user=hosts&pass=sesame");
    store_count(&by_its_clock);
}
