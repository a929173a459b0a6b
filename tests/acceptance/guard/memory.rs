//! The guard in memory.

use m26_pay::campus::guard::{Fingerprint, Guard, GuardError, MemoryGuard, TimeRules};

use crate::guard::rules::{self, Clocks, START, code};

fn memory() -> MemoryGuard {
    MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default())
}

#[test]
fn keeps_the_rules() {
    rules::a_code_is_handed_out_once(&memory());
    rules::both_keys_or_none(&memory());
    rules::what_is_given_back_can_be_claimed_again(&memory());
    rules::a_record_lives_as_long_as_its_code_may(&memory());
    rules::a_clock_that_goes_back_frees_no_code(&memory());
    rules::an_older_code_makes_no_newer_one_good_again(&memory());
}

#[test]
fn hands_a_code_to_one_of_many_threads() {
    rules::of_many_threads_one_gets_each_code(&memory(), 3_000);
}

#[test]
fn records_lapse_by_the_clock_that_nobody_sets() {
    let guard = memory();
    let mut clocks = Clocks::new();
    guard.claim(&code(1, START), clocks.now()).unwrap();
    // Set by an hour, and an hour back: nothing has lapsed.
    let later = clocks.set_wall(START + 3_600_000);
    guard.claim(&code(2, START + 3_600_000), later).unwrap();
    let back = clocks.set_wall(START);
    assert!(rules::is_used(guard.claim(&code(1, START), back)));
    assert_eq!(guard.len(), 2);
    clocks.pass(180_001);
    guard.claim(&code(3, START + 3_600_001), clocks.now()).unwrap();
    assert_eq!(guard.len(), 1);
}

#[test]
fn a_full_one_refuses_until_records_lapse() {
    let guard = MemoryGuard::new(3, TimeRules::default());
    let mut clocks = Clocks::new();
    for number in 0..3 {
        guard.claim(&code(number, START), clocks.now()).unwrap();
    }
    let full = guard.claim(&code(3, START), clocks.now());
    assert!(matches!(full, Err(GuardError::Full { capacity: 3 })));
    // What is known to be used is called so all the same.
    assert!(rules::is_used(guard.claim(&code(0, START), clocks.now())));
    let now = clocks.pass(180_001);
    guard.claim(&code(4, START + 180_000), now).unwrap();
    assert_eq!(guard.len(), 1);
}

#[test]
fn claims_that_were_given_back_do_not_fill_it() {
    let guard = MemoryGuard::new(2, TimeRules::default());
    let mut clocks = Clocks::new();
    for _ in 0..1000 {
        let now = clocks.pass(1);
        let claim = guard.claim(&code(1, START), now).unwrap();
        guard.release(claim, now).unwrap();
    }
    assert!(guard.is_empty());
}

#[test]
fn many_that_lapsed_are_dropped_a_few_at_a_time() {
    let guard = memory();
    let mut clocks = Clocks::new();
    for number in 0..1_000 {
        guard.claim(&code(number, START), clocks.now()).unwrap();
    }
    let now = clocks.pass(600_000);
    for number in 0..500 {
        guard.claim(&code(1_000 + number, START + 600_000), now).unwrap();
        assert!(guard.len() < 1_000);
    }
    assert_eq!(guard.len(), 500);
}

#[test]
fn what_was_recorded_is_claimed_again_after_a_restart() {
    let now = Clocks::new().now();
    let paid = code(1, START);
    memory().claim(&paid, now).unwrap();
    let kept: [u8; Fingerprint::LENGTH] = paid.to_bytes();
    let after = memory();
    after.claim(&Fingerprint::from_bytes(&kept), now).unwrap();
    assert!(rules::is_used(after.claim(&paid, now)));
}

#[test]
fn shows_nothing_of_a_code() {
    let guard = memory();
    let print = code(1, START);
    let claim = guard.claim(&print, Clocks::new().now()).unwrap();
    let shown = format!("{guard:?} {print:?} {claim:?}");
    let byte = format!("{}, {}", print.keys()[0][0], print.keys()[0][1]);
    assert!(!shown.contains("holder") && !shown.contains(&byte), "{shown}");
}
