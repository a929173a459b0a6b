//! The guard that terminals share, against a real Redis server.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use m26_pay::campus::guard::{
    Guard, GuardError, InvalidRedisUrl, MemoryGuard, Now, RedisGuard, RedisSettings, TimeRules,
    Unreachable,
};
use m26_pay::session::Backoff;

use crate::guard::rules::{self, Clocks, START, code, code_with};
use support::own_process::{OwnProcess, ready};
use support::redis_server::Server;

type Terminal = RedisGuard<MemoryGuard>;

fn terminal(url: impl Into<String>, unreachable: Unreachable) -> Terminal {
    let mut settings = RedisSettings::new(url, unreachable);
    // A busy machine must not make an answer late.
    settings.connect_timeout = Duration::from_secs(20);
    settings.response_timeout = Duration::from_secs(20);
    with(settings).unwrap()
}

fn with(settings: RedisSettings) -> Result<Terminal, InvalidRedisUrl> {
    RedisGuard::new(MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default()), settings)
}

fn is_unreachable<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Unreachable { .. }))
}

/// Long enough for any back-off.
fn after_backoff(clocks: &mut Clocks) -> Now {
    clocks.pass(31_000)
}

#[test]
fn keeps_the_rules() {
    let Some(server) = Server::start(&[]) else { return };
    let fresh = || {
        server.ask("FLUSHALL");
        terminal(server.url(), Unreachable::Refuse)
    };
    rules::a_code_is_handed_out_once(&fresh());
    rules::both_keys_or_none(&fresh());
    rules::what_is_given_back_can_be_claimed_again(&fresh());
    rules::a_record_lives_as_long_as_its_code_may(&fresh());
    rules::a_clock_that_goes_back_frees_no_code(&fresh());
    rules::an_older_code_makes_no_newer_one_good_again(&fresh());
}

#[test]
fn hands_a_code_to_one_of_many_threads() {
    let Some(server) = Server::start(&[]) else { return };
    rules::of_many_threads_one_gets_each_code(&terminal(server.url(), Unreachable::Refuse), 2_000);
}

#[test]
fn one_terminal_refuses_what_another_one_took() {
    let Some(server) = Server::start(&[]) else { return };
    let now = Clocks::new().now();
    let [here, there] = [(); 2].map(|()| terminal(server.url(), Unreachable::Refuse));
    let claim = here.claim(&code(1, START), now).unwrap();
    assert!(!claim.is_alone());
    assert!(rules::is_used(there.claim(&code(1, START), now)));
    assert!(rules::is_used(there.claim(&code_with(1, START, b"\r"), now)));
    // The one that has it gives it back; the other one has been told that it is used.
    here.release(claim, now).unwrap();
    assert_eq!(server.keys(), Vec::<String>::new());
    let third = terminal(server.url(), Unreachable::Refuse);
    third.claim(&code(1, START), now).unwrap();
    assert!(rules::is_used(here.claim(&code(1, START), now)));
    assert!(rules::is_used(there.claim(&code(1, START), now)));
}

#[test]
fn a_restarted_terminal_is_another_one() {
    let Some(server) = Server::start(&[]) else { return };
    let now = Clocks::new().now();
    terminal(server.url(), Unreachable::Refuse).claim(&code(1, START), now).unwrap();
    let restarted = terminal(server.url(), Unreachable::Refuse);
    assert!(rules::is_used(restarted.claim(&code(1, START), now)));
}

#[test]
fn of_many_threads_at_several_terminals_one_gets_each_code() {
    const CODES: usize = 500;
    let Some(server) = Server::start(&[]) else { return };
    let now = Clocks::new().now();
    let terminals: [_; 4] = [(); 4].map(|()| terminal(server.url(), Unreachable::Refuse));
    let claimed: Vec<_> = (0..CODES).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for terminal in terminals.iter().cycle().take(32) {
            let claimed = &claimed;
            scope.spawn(move || {
                for (number, count) in claimed.iter().enumerate() {
                    match terminal.claim(&code(number, START), now) {
                        Ok(_) => count.fetch_add(1, Ordering::Relaxed),
                        Err(GuardError::Used) => 0,
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    let counts: Vec<_> = claimed.into_iter().map(AtomicUsize::into_inner).collect();
    assert_eq!(counts, vec![1; CODES]);
}

#[test]
fn of_two_processes_one_gets_each_code() {
    let Some(server) = Server::start(&[]) else { return };
    let test = "guard::shared::a_process_of_its_own";
    let mut children = [(); 2].map(|()| OwnProcess::start(test, &[(URL, &server.url())]));
    children.iter_mut().for_each(OwnProcess::await_ready);
    children.iter_mut().for_each(OwnProcess::go);
    let mut got = vec![0; CODES];
    let mut each = Vec::new();
    for child in children {
        let numbers: Vec<usize> =
            child.finish().iter().map(|number| number.parse().unwrap()).collect();
        numbers.iter().for_each(|number| got[*number] += 1);
        each.push(numbers.len());
    }
    assert_eq!(got, vec![1; CODES]);
    assert_eq!(each.iter().sum::<usize>(), CODES);
}

/// The other end of [`OwnProcess`]: a terminal in a process of its own.
#[test]
#[ignore = "the other end of of_two_processes_one_gets_each_code"]
fn a_process_of_its_own() {
    let terminal = terminal(std::env::var(URL).unwrap(), Unreachable::Refuse);
    let now = Clocks::new().now();
    let first_of_its_own = usize::MAX - usize::try_from(std::process::id()).unwrap();
    terminal.claim(&code(first_of_its_own, START), now).unwrap();
    ready();
    for number in 0..CODES {
        match terminal.claim(&code(number, START), now) {
            Ok(_) => println!("got {number}"),
            Err(GuardError::Used) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// How many codes the two are given.
const CODES: usize = 2_000;
const URL: &str = "M26_TEST_REDIS_URL";

#[test]
fn a_killed_server_refuses_everything_if_the_policy_is_so() {
    let Some(mut server) = Server::start(&[]) else { return };
    let mut clocks = Clocks::new();
    let terminal = terminal(server.url(), Unreachable::Refuse);
    terminal.claim(&code(1, START), clocks.now()).unwrap();
    server.kill();
    let refused = terminal.claim(&code(2, START), clocks.now());
    assert!(is_unreachable(&refused), "{refused:?}");
    assert!(rules::is_used(terminal.claim(&code(1, START), clocks.now())));
    server.restart();
    // Nobody tries again before the time.
    assert!(is_unreachable(&terminal.claim(&code(2, START), clocks.now())));
    let now = after_backoff(&mut clocks);
    assert!(!terminal.claim(&code(2, START), now).unwrap().is_alone());
    assert!(rules::is_used(terminal.claim(&code(1, START), now)), "the terminal knows its own");
}

#[test]
fn a_server_that_answered_again_is_asked_soon_after_the_next_failure() {
    let Some(mut server) = Server::start(&[]) else { return };
    let mut clocks = Clocks::new();
    let mut settings = RedisSettings::new(server.url(), Unreachable::Refuse);
    settings.connect_timeout = Duration::from_secs(20);
    settings.response_timeout = Duration::from_secs(20);
    settings.backoff = Backoff { jitter_percent: 0, ..Backoff::default() };
    let terminal = with(settings).unwrap();
    terminal.claim(&code(1, START), clocks.now()).unwrap();
    server.kill();
    for wait in [1_000, 2_000, 4_000] {
        assert!(is_unreachable(&terminal.claim(&code(2, START), clocks.now())));
        clocks.pass(wait);
    }
    server.restart();
    terminal.claim(&code(2, START), clocks.now()).unwrap();
    server.kill();
    assert!(is_unreachable(&terminal.claim(&code(3, START), clocks.now())));
    server.restart();
    assert!(is_unreachable(&terminal.claim(&code(3, START), clocks.pass(999))));
    terminal.claim(&code(3, START), clocks.pass(1)).unwrap();
}

#[test]
fn a_killed_server_leaves_the_local_guard_if_the_policy_is_so() {
    let Some(mut server) = Server::start(&[]) else { return };
    let mut clocks = Clocks::new();
    let terminal = terminal(server.url(), Unreachable::AcceptOnLocal);
    assert!(!terminal.claim(&code(1, START), clocks.now()).unwrap().is_alone());
    server.kill();
    let alone = terminal.claim(&code(2, START), clocks.now()).unwrap();
    assert!(alone.is_alone());
    assert!(rules::is_used(terminal.claim(&code(2, START), clocks.now())));
    terminal.release(alone, clocks.now()).unwrap();
    assert!(terminal.claim(&code(2, START), clocks.now()).unwrap().is_alone());
    server.restart();
    let now = after_backoff(&mut clocks);
    assert!(!terminal.claim(&code(3, START), now).unwrap().is_alone());
}

#[test]
fn a_server_that_was_restarted_between_two_customers_costs_nobody_a_refusal() {
    let Some(mut server) = Server::start(&[]) else { return };
    let now = Clocks::new().now();
    let terminal = terminal(server.url(), Unreachable::Refuse);
    for number in 0..5 {
        let claim = terminal.claim(&code(number, START), now).unwrap();
        assert!(!claim.is_alone());
        server.kill();
        server.restart();
    }
}

#[test]
fn a_claim_whose_answer_was_lost_can_be_made_again_here_and_nowhere_else() {
    let Some(server) = Server::start(&[]) else { return };
    let mut clocks = Clocks::new();
    let mut settings = RedisSettings::new(server.url(), Unreachable::Refuse);
    settings.connect_timeout = Duration::from_secs(20);
    settings.response_timeout = Duration::from_secs(3);
    let here = with(settings).unwrap();
    here.claim(&code(1, START), clocks.now()).unwrap();

    server.signal("STOP");
    let lost = here.claim(&code(2, START), clocks.now());
    server.signal("CONT");
    assert!(is_unreachable(&lost), "{lost:?}");
    // The server carries out what it had received.
    assert!((0..100_000).any(|_| server.keys().len() == 4));

    let now = after_backoff(&mut clocks);
    let there = terminal(server.url(), Unreachable::Refuse);
    assert!(rules::is_used(there.claim(&code(2, START), now)));
    here.claim(&code(2, START), now).unwrap();
    assert!(rules::is_used(here.claim(&code(2, START), now)));
}

#[test]
fn who_waits_for_a_silent_server_waits_once_and_not_for_long() {
    // It accepts connections, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let mut settings = RedisSettings::new(url, Unreachable::AcceptOnLocal);
    settings.connect_timeout = Duration::from_millis(100);
    // Of the test's own machine: each attempt is over when the claim returns.
    settings.response_timeout = Duration::from_secs(20);
    settings.backoff = Backoff { jitter_percent: 0, ..Backoff::default() };
    let guard = with(settings).unwrap();
    let mut clocks = Clocks::new();
    let began = Now::read().monotonic;
    for number in 0..1_000 {
        assert!(guard.claim(&code(number, START), clocks.now()).unwrap().is_alone());
    }
    let waited = Now::read().monotonic - began;
    assert!(waited < Duration::from_secs(10), "a wait for each would be 100 s");
    listener.set_nonblocking(true).unwrap();
    let attempts = std::iter::from_fn(|| listener.accept().ok()).count();
    assert_eq!(attempts, 1);
    // Each of the next attempts waits twice as long for the one after it.
    for (pass, expected) in [(999, 0), (1, 1), (1_999, 0), (1, 1), (3_999, 0), (1, 1)] {
        clocks.pass(pass);
        let number = 10_000 + usize::try_from(clocks.now().wall.0 - START).unwrap();
        assert!(guard.claim(&code(number, START), clocks.now()).unwrap().is_alone());
        let attempts = std::iter::from_fn(|| listener.accept().ok()).count();
        assert_eq!(attempts, expected, "after {pass} ms");
    }
}

#[test]
fn records_in_redis_lapse_by_themselves_and_hold_no_code() {
    let Some(server) = Server::start(&[]) else { return };
    let now = Clocks::new().now();
    let guard = terminal(server.url(), Unreachable::Refuse);
    let paid = code(1, START);
    guard.claim(&paid, now).unwrap();
    let keys = server.keys();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert!(key.starts_with("m26:{campus}:") && key.len() == 13 + 64, "{key}");
        let millis: u64 = server.ask(&format!("PTTL {key}"))[1..].parse().unwrap();
        // Three minutes, and one for the difference of the terminals' clocks.
        assert!((180_001..=240_000).contains(&millis), "{millis}");
    }
}

#[test]
fn what_redis_refuses_is_told_without_the_password() {
    let Some(server) = Server::start(&["--requirepass", "sesame"]) else { return };
    let now = Clocks::new().now();
    let url = |password: &str| server.url() + "?pass=" + password;
    terminal(url("sesame"), Unreachable::Refuse).claim(&code(1, START), now).unwrap();
    for (url, expected) in [(url("wrong-one"), "authentication failed"), (server.url(), "NOAUTH")] {
        let guard = terminal(url, Unreachable::Refuse);
        let error = guard.claim(&code(2, START), now).unwrap_err();
        let shown = format!("{error} {error:?} {guard:?}");
        assert!(!shown.contains("wrong-one"), "{shown}");
        assert!(shown.contains(expected), "{shown}");
    }
    let settings = RedisSettings::new(url("sesame"), Unreachable::Refuse);
    assert!(!format!("{settings:?}").contains("sesame"));
}

#[test]
fn an_address_that_is_none_is_told_without_the_address() {
    for url in ["", "sesame", "http://:sesame@host/", "rediss://:sesame@host/", "redis://"] {
        let settings = RedisSettings::new(url, Unreachable::Refuse);
        let error = with(settings).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"));
    }
}
